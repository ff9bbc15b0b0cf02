package warehouseops

import (
	"milkrun/internal/importer"
	"milkrun/warehouse/warehousexlsx"
)

// Imports gives the sheets of the domain that can be imported.
func (o *Ops) Imports() []importer.Kind {
	return []importer.Kind{warehousexlsx.Opening(o.SetOpening)}
}
