package warehouseops

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// Told gives what a device told under an operation id before; nil for nothing.
func (o *Ops) Told(ctx context.Context, op uuid.UUID) (*warehouse.Telling, error) {
	if _, err := access.Require(ctx, access.WorkFloor); err != nil {
		return nil, err
	}
	return warehousedb.Told(ctx, o.Pool, op)
}

// Tell keeps what a device told, once for each operation id. A refused command that was done on the floor is listed in stuck and
// waits for a person.
func (o *Ops) Tell(ctx context.Context, all []warehouse.Telling, stuck []uuid.UUID) error {
	u, err := access.Require(ctx, access.WorkFloor)
	if err != nil || len(all) == 0 {
		return err
	}
	for i := range all {
		if all[i].At = o.Clock(); all[i].Account == nil {
			all[i].Account, all[i].Actor = account(u), u.Name
		}
		if all[i].Site != nil && !u.MayTouchSite(*all[i].Site) {
			all[i].Site = nil
		}
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return warehousedb.Tell(ctx, tx, all, stuck) })
}

// Stuck gives the commands of the sites that wait for a decision; decided ones too where all is set.
func (o *Ops) Stuck(ctx context.Context, sites []catalog.SiteID, all bool, limit int) ([]warehouse.StuckCommand, error) {
	u, err := access.Require(ctx, access.WorkFloor)
	if err != nil {
		return nil, err
	}
	return warehousedb.Stuck(ctx, o.Pool, bounded(u, sites), all, limit)
}

func bounded(u access.User, sites []catalog.SiteID) []catalog.SiteID {
	seen := []catalog.SiteID{}
	for _, s := range sites {
		if u.MayTouchSite(s) {
			seen = append(seen, s)
		}
	}
	return seen
}

// DecideStuck ends a command that waited: who decided what is kept. The worker of the device decides what it was told, a lead
// anything. warehouse.ErrNothingToUndo where it was decided before.
func (o *Ops) DecideStuck(ctx context.Context, op uuid.UUID, decision string) error {
	u, err := access.Require(ctx, access.WorkFloor)
	if err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		site, err := warehousedb.Decide(ctx, tx, op, o.Clock(), u.Name, decision)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // decided before, or never stuck: the same decision twice is one
		}
		if err != nil {
			return fmt.Errorf("warehouseops: decide: %w", err)
		}
		if site != nil {
			if err := within(u, *site); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "command.decide", Thing: audit.Thing{Kind: "operation", ID: op.String()},
			After: map[string]any{"decision": decision}})
	})
}

// ScanFigures gives how scans went by screen in a span of time: how many, how many wrong, how fast.
func (o *Ops) ScanFigures(ctx context.Context, sites []catalog.SiteID, from, to time.Time) ([]warehouse.ScanFigure, error) {
	u, err := access.Require(ctx, access.ViewStock)
	if err != nil {
		return nil, err
	}
	return warehousedb.ScanFigures(ctx, o.Pool, bounded(u, sites), from, to)
}

// Misscans gives the wrong scans behind a figure; screen "" is every screen.
func (o *Ops) Misscans(ctx context.Context, sites []catalog.SiteID, from, to time.Time, screen string, limit int) ([]warehouse.Telling, error) {
	u, err := access.Require(ctx, access.ViewStock)
	if err != nil {
		return nil, err
	}
	return warehousedb.Misscans(ctx, o.Pool, bounded(u, sites), from, to, screen, limit)
}

// PickRates gives what each picker did in a span of time.
func (o *Ops) PickRates(ctx context.Context, sites []catalog.SiteID, from, to time.Time) ([]warehouse.PickRate, error) {
	u, err := access.Require(ctx, access.ViewStock)
	if err != nil {
		return nil, err
	}
	return warehousedb.PickRates(ctx, o.Pool, bounded(u, sites), from, to)
}
