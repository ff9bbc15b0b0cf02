package warehouseops

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// PickJobs gives the picking tasks that the user may take up at a site: those already taken by the user first.
func (o *Ops) PickJobs(ctx context.Context, site catalog.SiteID, limit int) ([]warehouse.PickJob, error) {
	u, err := onFloor(ctx, site)
	if err != nil {
		return nil, err
	}
	return warehousedb.PickJobs(ctx, o.Pool, site, int64(u.ID), o.Clock(), limit)
}

// PickTask gives a picking task as it stands.
func (o *Ops) PickTask(ctx context.Context, id int64) (warehouse.PickTask, error) {
	t, err := warehousedb.PickTask(ctx, o.Pool, id)
	if err != nil {
		return t, err
	}
	_, err = onFloor(ctx, catalog.SiteID(t.Site))
	return t, err
}

// PickTaskOfTote gives the task whose cart a tote stands on; warehouse.ErrNoWork for none.
func (o *Ops) PickTaskOfTote(ctx context.Context, site catalog.SiteID, tote string) (warehouse.PickTask, error) {
	if _, err := onFloor(ctx, site); err != nil {
		return warehouse.PickTask{}, err
	}
	id, err := warehousedb.TaskOfTote(ctx, o.Pool, site, warehouse.CleanCode(tote))
	if err == nil && id == 0 {
		err = warehouse.ErrNoWork
	}
	if err != nil {
		return warehouse.PickTask{}, err
	}
	return warehousedb.PickTask(ctx, o.Pool, id)
}

// TakePick leases a task to the user's device: nobody else may take it, or what it has reserved, before the lease ends. Taking
// one's own task again moves it to the device at hand.
func (o *Ops) TakePick(ctx context.Context, cmd warehouse.Command, task int64) (warehouse.PickTask, error) {
	return o.onTask(ctx, cmd, task, func(tx pgx.Tx, u access.User, t warehousedb.TaskLock, now time.Time) error {
		switch {
		case t.State == "done" || t.State == "cancelled":
			return warehouse.ErrTaskGone
		case t.State == "taken" && !mine(t, u) && t.Until != nil && t.Until.After(now):
			return &warehouse.TakenError{Task: t.ID, By: t.Actor, Until: *t.Until}
		}
		rule, err := warehousedb.WaveRule(ctx, tx, t.Site)
		if err != nil {
			return err
		}
		until := now.Add(time.Duration(rule.LeaseMinutes) * time.Minute)
		return warehousedb.TakeTask(ctx, tx, t.ID, account(u), u.Name, cmd.Device, until, now)
	})
}

// DropPick gives a task back, before or in the middle of it: who takes it next goes on where it stands. A lead may take it from
// a device that is lost.
func (o *Ops) DropPick(ctx context.Context, cmd warehouse.Command, task int64) (warehouse.PickTask, error) {
	return o.onTask(ctx, cmd, task, func(tx pgx.Tx, u access.User, t warehousedb.TaskLock, _ time.Time) error {
		switch {
		case t.State == "open":
			return nil
		case t.State != "taken":
			return warehouse.ErrTaskGone
		case !mine(t, u) && !access.Can(u, access.LeadFloor):
			return &warehouse.TakenError{Task: t.ID, By: t.Actor, Until: until(t)}
		}
		return warehousedb.DropTask(ctx, tx, t.ID)
	})
}

// PlaceTote puts an empty tote on a place of the task's cart, counted from 1. *warehouse.ScanError for a tote that the site
// does not have, that holds something, or that stands on another cart.
func (o *Ops) PlaceTote(ctx context.Context, cmd warehouse.Command, task int64, place int, code string) (warehouse.PickTask, error) {
	tote := warehouse.CleanCode(code)
	return o.onTask(ctx, cmd, task, func(tx pgx.Tx, u access.User, t warehousedb.TaskLock, now time.Time) error {
		if err := working(t, u, now); err != nil {
			return err
		}
		if err := emptyTote(ctx, tx, t, place, tote); err != nil {
			return err
		}
		return warehousedb.SetTote(ctx, tx, task, place, tote, t.Mode)
	})
}

func emptyTote(ctx context.Context, tx pgx.Tx, t warehousedb.TaskLock, place int, tote string) error {
	b, err := warehousedb.LockBins(ctx, tx, []catalog.SiteID{t.Site}, []string{tote})
	if err != nil {
		return err
	}
	if len(b) == 0 || !b[0].Active {
		return &warehouse.ScanError{Fault: warehouse.FaultToteNone, Scanned: tote}
	}
	if b[0].Kind != warehouse.BinTote {
		return &warehouse.ScanError{Fault: warehouse.FaultKind, Scanned: tote}
	}
	twice, err := warehousedb.ToteTwice(ctx, tx, t.ID, place, tote)
	if err != nil {
		return err
	}
	busy, err := warehousedb.ToteBusy(ctx, tx, t.Site, tote, t.ID, place)
	if err != nil {
		return err
	}
	if busy || twice {
		return &warehouse.ScanError{Fault: warehouse.FaultToteUsed, Scanned: tote}
	}
	return nil
}

// onTask runs a deed on a locked task that moves no stock, and answers the task as it stands after. Such deeds are the same done
// twice.
func (o *Ops) onTask(ctx context.Context, cmd warehouse.Command, task int64, do func(pgx.Tx, access.User, warehousedb.TaskLock, time.Time) error) (warehouse.PickTask, error) {
	u, err := access.Require(ctx, access.WorkFloor)
	if err != nil {
		return warehouse.PickTask{}, err
	}
	if err := cmd.Check(); err != nil {
		return warehouse.PickTask{}, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		t, err := warehousedb.LockTask(ctx, tx, task)
		if err != nil {
			return err
		}
		if err := within(u, t.Site); err != nil {
			return err
		}
		return do(tx, u, t, o.Clock())
	})
	if err != nil {
		return warehouse.PickTask{}, err
	}
	return warehousedb.PickTask(ctx, o.Pool, task)
}

func mine(t warehousedb.TaskLock, u access.User) bool {
	return t.Account != nil && *t.Account == int64(u.ID)
}

func until(t warehousedb.TaskLock) time.Time {
	if t.Until == nil {
		return time.Time{}
	}
	return *t.Until
}

// working tells whether the user may go on with the task: its own lease holds it even when it has run out and nobody else has
// taken the task since.
func working(t warehousedb.TaskLock, u access.User, now time.Time) error {
	switch {
	case t.State == "done" || t.State == "cancelled":
		return warehouse.ErrTaskGone
	case t.State == "taken" && !mine(t, u):
		return &warehouse.TakenError{Task: t.ID, By: t.Actor, Until: until(t)}
	}
	return nil
}

// EndLeases gives back the tasks of devices that were not heard of for as long as their lease. It is what the periodic job does.
func (o *Ops) EndLeases(ctx context.Context) (n int, err error) {
	if _, err := access.Require(ctx, access.LeadFloor); err != nil {
		return 0, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		ids, err := warehousedb.ExpiredTasks(ctx, tx, o.Clock())
		if err != nil {
			return fmt.Errorf("warehouseops: leases: %w", err)
		}
		for _, id := range ids {
			if err := warehousedb.DropTask(ctx, tx, id); err != nil {
				return err
			}
		}
		n = len(ids)
		return nil
	})
	return n, err
}
