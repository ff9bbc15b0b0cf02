package catalogops

import (
	"context"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
)

// SetBan writes, within tx, why nothing is ordered from a supplier; "" ends the ban. It tells whether that changed anything.
func (o *Ops) SetBan(ctx context.Context, tx pgx.Tx, id catalog.SupplierID, reason string) (bool, error) {
	if _, err := access.RequireAny(ctx, access.EditSuppliers, access.LeadFloor); err != nil {
		return false, err
	}
	before, err := catalogdb.LockSupplier(ctx, tx, id)
	if err != nil || before.Banned == reason {
		return false, err
	}
	after := before
	after.Banned = reason
	if after.UpdatedAt, err = catalogdb.UpdateSupplier(ctx, tx, after.Supplier); err != nil {
		return false, err
	}
	if err := o.trace(ctx, tx, "supplier.edit", "supplier", number(id), before, after); err != nil {
		return false, err
	}
	return true, o.changedBySupplier(ctx, tx, id)
}

// Lane gives a lane, locked to the end of the transaction. catalog.ErrUnknown.
func (o *Ops) Lane(ctx context.Context, tx pgx.Tx, from, to catalog.SiteID) (catalog.Lane, error) {
	l, err := catalogdb.LockLane(ctx, tx, from, to)
	return l.Lane, err
}

// ObserveLane writes, within tx, the lead time that so many journeys have shown in place of the one in use.
func (o *Ops) ObserveLane(ctx context.Context, tx pgx.Tx, from, to catalog.SiteID, mean, sd float64, journeys int) error {
	if _, err := access.RequireAny(ctx, access.EditCatalog, access.LeadFloor); err != nil {
		return err
	}
	before, err := catalogdb.LockLane(ctx, tx, from, to)
	if err != nil {
		return err
	}
	d := catalog.LaneDraft{Lane: before.Lane, FromCode: before.FromCode, ToCode: before.ToCode}
	d.LeadMean, d.LeadSD = mean, sd
	if _, err := catalogdb.UpsertLanes(ctx, tx, []catalog.LaneDraft{d}); err != nil {
		return single(err)
	}
	after := map[string]any{"from": before.FromCode, "to": before.ToCode, "lead_mean": mean, "lead_sd": sd, "journeys": journeys}
	was := map[string]any{"lead_mean": before.LeadMean, "lead_sd": before.LeadSD}
	if err := o.trace(ctx, tx, "lane.observe", "site", number(to), was, after); err != nil {
		return err
	}
	return o.changed(ctx, tx)
}
