package forecastops

import (
	"milkrun/forecasting/forecastxlsx"
	"milkrun/internal/importer"
)

// Imports gives the sheets of the domain that can be imported.
func (o *Ops) Imports() []importer.Kind {
	return []importer.Kind{forecastxlsx.Sales(o.MergeSales), forecastxlsx.Heat(o.MergeHeat), forecastxlsx.Cohorts(o.MergeCohorts), forecastxlsx.Stages(o.MergeStages)}
}
