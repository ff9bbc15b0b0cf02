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
