package warehouseops

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/importer"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousexlsx"
)

// Imports gives the sheets of the domain that can be imported.
func (o *Ops) Imports() []importer.Kind {
	return []importer.Kind{warehousexlsx.Opening(o.SetOpening), warehousexlsx.Bins(o.loadBins), warehousexlsx.Bundles(o.lookBundles, o.loadBundles)}
}

func (o *Ops) loadBins(ctx context.Context, tx pgx.Tx, operation uuid.UUID, note string, drafts []warehouse.BinDraft) (importer.Outcome, error) {
	done, err := o.LoadBins(ctx, tx, operation, note, drafts)
	return importer.Outcome{Inserted: done.New, Changed: done.Changed, Unchanged: done.Same}, err
}
