package warehouseops

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// onFloor lets a worker of the site through.
func onFloor(ctx context.Context, site catalog.SiteID) (access.User, error) {
	u, err := access.Require(ctx, access.WorkFloor)
	if err != nil {
		return u, err
	}
	return u, within(u, site)
}

// leads lets a lead of the site through.
func leads(ctx context.Context, site catalog.SiteID) (access.User, error) {
	u, err := access.Require(ctx, access.LeadFloor)
	if err != nil {
		return u, err
	}
	return u, within(u, site)
}

// floorOp is the operation of a device's command. MadeAt is kept where the command came late.
func (o *Ops) floorOp(u access.User, cmd warehouse.Command, cause string, reverses *uuid.UUID) warehousedb.Operation {
	op := warehousedb.Operation{ID: cmd.Op, Cause: cause, At: o.Clock(), Account: account(u), Actor: u.Name, Device: cmd.Device, Reverses: reverses}
	if !cmd.MadeAt.IsZero() {
		op.MadeAt = &cmd.MadeAt
	}
	return op
}

// beginFloor records the operation of a device's command; false means that it was done before.
func (o *Ops) beginFloor(ctx context.Context, tx pgx.Tx, u access.User, cmd warehouse.Command, cause string) (bool, error) {
	if err := cmd.Check(); err != nil {
		return false, err
	}
	fresh, err := warehousedb.Begin(ctx, tx, o.floorOp(u, cmd, cause, nil))
	if err != nil {
		return false, fmt.Errorf("warehouseops: %s: %w", cause, err)
	}
	return fresh, nil
}

// todayAt gives the business day of the house's sites. All of them that pick are in one zone.
func (o *Ops) todayAt() calendar.Day { return calendar.Of(o.Clock(), beijing) }

var beijing = time.FixedZone("Asia/Shanghai", 8*60*60)
