package warehouseops

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// PickScans is what a picker scanned at a bin: Stops of one bin, lot and tote. Code is the raw scan of the goods, Lot that of a
// lot beside it, Tote that of the tote where the cart has several.
type PickScans struct {
	Task  int64   `json:"task"`
	Stops []int64 `json:"stops"`
	Bin   string  `json:"bin"`
	Code  string  `json:"code"`
	Lot   string  `json:"lot"`
	Tote  string  `json:"tote"`
}

// Pick moves the pieces of the stops from the bin to their tote and answers the task as it stands. *warehouse.ScanError for a
// scan that is not what was wanted, *warehouse.PutBackError where the order was cancelled meanwhile.
func (o *Ops) Pick(ctx context.Context, cmd warehouse.Command, in PickScans) (warehouse.PickTask, error) {
	return o.picking(ctx, cmd, in.Task, "pick", func(p *pickRun) error {
		stops, err := p.stops(ctx, in)
		if err != nil {
			return err
		}
		return p.take(ctx, stops, in.Tote)
	})
}

// pickRun is a deed on a task within its transaction.
type pickRun struct {
	o    *Ops
	tx   pgx.Tx
	u    access.User
	cmd  warehouse.Command
	task warehousedb.TaskLock
	now  time.Time
	free map[catalog.SKUID]bool // what became available
	// further are the stops added in the place of what was missing.
	further []int64
}

// picking runs a deed that moves stock of a task, once for an operation id, settles the task and answers it.
func (o *Ops) picking(ctx context.Context, cmd warehouse.Command, task int64, cause string, do func(*pickRun) error) (warehouse.PickTask, error) {
	u, err := access.Require(ctx, access.WorkFloor)
	if err != nil {
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
		fresh, err := o.beginFloor(ctx, tx, u, cmd, cause)
		if err != nil || !fresh {
			return err
		}
		p := &pickRun{o: o, tx: tx, u: u, cmd: cmd, task: t, now: o.Clock(), free: map[catalog.SKUID]bool{}}
		if err := do(p); err != nil {
			return err
		}
		return p.settle(ctx)
	})
	if err != nil {
		return warehouse.PickTask{}, err
	}
	return warehousedb.PickTask(ctx, o.Pool, task)
}

func (p *pickRun) settle(ctx context.Context) error {
	rule, err := warehousedb.WaveRule(ctx, p.tx, p.task.Site)
	if err != nil {
		return err
	}
	if err := warehousedb.RenewTask(ctx, p.tx, p.task.ID, p.now.Add(time.Duration(rule.LeaseMinutes)*time.Minute)); err != nil {
		return err
	}
	if err := warehousedb.SettleTask(ctx, p.tx, p.task.ID, p.now); err != nil {
		return err
	}
	if len(p.free) == 0 {
		return nil
	}
	freed := warehouse.Freed{Site: p.task.Site}
	for sku := range p.free {
		freed.SKUs = append(freed.SKUs, sku)
	}
	return p.o.Bus.Publish(ctx, p.tx, freed)
}

// stops locks the stops of a scan and checks that they are to be picked and that the scans say so.
func (p *pickRun) stops(ctx context.Context, in PickScans) ([]warehousedb.StopLock, error) {
	if err := working(p.task, p.u, p.now); err != nil {
		return nil, err
	}
	if err := warehousedb.LockStops(ctx, p.tx, p.task.ID, in.Stops); err != nil {
		return nil, err
	}
	stops, err := warehousedb.Stops(ctx, p.tx, p.task.ID, in.Stops)
	if err != nil {
		return nil, err
	}
	if len(stops) == 0 || len(stops) != len(in.Stops) {
		return nil, fmt.Errorf("warehouseops: stops %v of task %d: %w", in.Stops, p.task.ID, catalog.ErrUnknown)
	}
	for _, s := range stops {
		if s.State != warehouse.StopOpen {
			return nil, warehouse.ErrTaskGone
		}
		if s.Cancelled || s.AllocState != "reserved" {
			return nil, &warehouse.PutBackError{Stop: s.ID, Order: s.Order, Bin: s.Bin, Pieces: s.Pieces}
		}
		if s.At != stops[0].At || s.Place != stops[0].Place {
			return nil, fmt.Errorf("warehouseops: stops %v are not of one bin: %w", in.Stops, catalog.ErrUnknown)
		}
	}
	return stops, p.scanned(in, stops[0])
}

func (p *pickRun) scanned(in PickScans, s warehousedb.StopLock) error {
	if bin := warehouse.CleanCode(in.Bin); bin != s.At.Bin {
		return &warehouse.ScanError{Fault: warehouse.FaultBin, Scanned: bin, Wanted: s.At.Bin}
	}
	today := p.o.todayAt()
	want := warehouse.WantedItem{Goods: s.Goods, Lot: s.At.Lot, Expiry: s.Expiry, LotNeeded: s.Mixed, MinRemainingDays: s.MinDays, ShelfLifeDays: s.ShelfLife}
	if s.Kind == "sale" {
		want.Today = &today
	}
	return warehouse.CheckItem(in.Code, in.Lot, want, today)
}

// tote gives the tote of a place, and refuses another one that was scanned for it.
func tote(s warehousedb.StopLock, scanned string) (string, error) {
	code := warehouse.CleanCode(scanned)
	if s.Tote == "" || code != "" && code != s.Tote {
		return "", &warehouse.ScanError{Fault: warehouse.FaultTote, Scanned: code, Wanted: s.Tote}
	}
	return s.Tote, nil
}

// take moves the whole of the stops into the tote.
func (p *pickRun) take(ctx context.Context, stops []warehousedb.StopLock, scanned string) error {
	into, err := tote(stops[0], scanned)
	if err != nil {
		return err
	}
	var moves []warehouse.Move
	var allocations, ids []int64
	for _, s := range stops {
		from, to := s.At, s.At
		to.Bin = into
		moves = append(moves, warehouse.Move{From: &from, To: &to, Pieces: s.Pieces, FromReserved: true, ToReserved: true})
		allocations, ids = append(allocations, s.Allocation), append(ids, s.ID)
	}
	if err := p.follow(ctx, moves, allocations, "picked"); err != nil {
		return err
	}
	return warehousedb.SetStops(ctx, p.tx, ids, warehouse.StopPicked, &p.cmd.Op, &p.now)
}

// follow posts the moves and lets the allocations go with them.
func (p *pickRun) follow(ctx context.Context, moves []warehouse.Move, allocations []int64, state string) error {
	posted, err := warehousedb.Post(ctx, p.tx, p.cmd.Op, moves)
	if err != nil {
		return err
	}
	at := make([]int64, len(posted))
	for i, x := range posted {
		at[i] = x.To
	}
	return warehousedb.MoveAllocations(ctx, p.tx, allocations, at, state)
}

// UndoPick takes a pick back, also when the task was done since, until its parcel is packed: the pieces return to their bin and
// the stops are open again. warehouse.ErrNothingToUndo where it was undone or packed before.
func (o *Ops) UndoPick(ctx context.Context, cmd warehouse.Command, task int64, of uuid.UUID) (warehouse.PickTask, error) {
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
		if t.State == "taken" && !mine(t, u) && !access.Can(u, access.LeadFloor) {
			return &warehouse.TakenError{Task: t.ID, By: t.Actor, Until: until(t)}
		}
		fresh, err := warehousedb.Begin(ctx, tx, o.floorOp(u, cmd, "unpick", &of))
		if err != nil || !fresh {
			return err
		}
		p := &pickRun{o: o, tx: tx, u: u, cmd: cmd, task: t, now: o.Clock()}
		return p.undo(ctx, of)
	})
	if err != nil {
		return warehouse.PickTask{}, err
	}
	return warehousedb.PickTask(ctx, o.Pool, task)
}

func (p *pickRun) undo(ctx context.Context, of uuid.UUID) error {
	found, err := warehousedb.StopsOf(ctx, p.tx, of)
	if err != nil {
		return err
	}
	var ids []int64
	for _, s := range found {
		if s.State == warehouse.StopPicked {
			ids = append(ids, s.ID)
		}
	}
	if len(ids) == 0 {
		return warehouse.ErrNothingToUndo
	}
	if err := warehousedb.LockStops(ctx, p.tx, p.task.ID, ids); err != nil {
		return err
	}
	stops, err := warehousedb.Stops(ctx, p.tx, p.task.ID, ids)
	if err != nil {
		return err
	}
	var moves []warehouse.Move
	var allocations, shipments []int64
	for _, s := range stops {
		if s.AllocState != "picked" {
			return warehouse.ErrNothingToUndo
		}
		from, to := s.At, s.At
		to.Bin = s.Bin
		moves = append(moves, warehouse.Move{From: &from, To: &to, Pieces: s.Pieces, FromReserved: true, ToReserved: true})
		allocations, shipments = append(allocations, s.Allocation), append(shipments, s.Shipment)
	}
	if err := p.follow(ctx, moves, allocations, "reserved"); err != nil {
		return err
	}
	if err := warehousedb.SetStops(ctx, p.tx, ids, warehouse.StopOpen, nil, nil); err != nil {
		return err
	}
	return warehousedb.ReopenTask(ctx, p.tx, p.task.ID, shipments)
}

// PutBack returns the pieces of cancelled orders from the tote to the bin that was scanned.
func (o *Ops) PutBack(ctx context.Context, cmd warehouse.Command, task int64, ids []int64, bin string) (warehouse.PickTask, error) {
	return o.picking(ctx, cmd, task, "unpick", func(p *pickRun) error {
		if err := warehousedb.LockStops(ctx, p.tx, task, ids); err != nil {
			return err
		}
		stops, err := warehousedb.Stops(ctx, p.tx, task, ids)
		if err != nil {
			return err
		}
		var moves []warehouse.Move
		for _, s := range stops {
			if s.State != warehouse.StopPicked || s.AllocState != "picked" || !s.Cancelled {
				return warehouse.ErrTaskGone
			}
			if code := warehouse.CleanCode(bin); code != s.Bin {
				return &warehouse.ScanError{Fault: warehouse.FaultBin, Scanned: code, Wanted: s.Bin}
			}
			from, to := s.At, s.At
			to.Bin = s.Bin
			moves = append(moves, warehouse.Move{From: &from, To: &to, Pieces: s.Pieces, FromReserved: true})
			p.free[s.At.SKU] = true
		}
		if len(stops) == 0 {
			return fmt.Errorf("warehouseops: stops %v: %w", ids, catalog.ErrUnknown)
		}
		if _, err := warehousedb.Post(ctx, p.tx, cmd.Op, moves); err != nil {
			return err
		}
		if err := p.released(ctx, stops); err != nil {
			return err
		}
		return warehousedb.SetStops(ctx, p.tx, ids, warehouse.StopReturned, &cmd.Op, &p.now)
	})
}

// released ends the allocations of cancelled stops and takes them off their lines.
func (p *pickRun) released(ctx context.Context, stops []warehousedb.StopLock) error {
	for _, s := range stops {
		if err := warehousedb.ReleaseAllocations(ctx, p.tx, []int64{s.Allocation}); err != nil {
			return err
		}
		if _, err := warehousedb.PutBackDone(ctx, p.tx, []int64{s.Allocation}, p.now, p.cmd.Op); err != nil {
			return err
		}
		if err := warehousedb.LineReleased(ctx, p.tx, s.Outbound, s.LineNo, s.Pieces); err != nil {
			return err
		}
	}
	return nil
}

// ClearCancelled lets a task forget the stops whose orders were cancelled and of which nothing is picked: what was reserved for
// them is free again. It answers the task.
func (o *Ops) ClearCancelled(ctx context.Context, cmd warehouse.Command, task int64) (warehouse.PickTask, error) {
	return o.picking(ctx, cmd, task, "release", func(p *pickRun) error { return p.clearCancelled(ctx) })
}

func (p *pickRun) clearCancelled(ctx context.Context) error {
	ids, err := warehousedb.OpenCancelled(ctx, p.tx, p.task.ID)
	if err != nil || len(ids) == 0 {
		return err
	}
	if err := warehousedb.LockStops(ctx, p.tx, p.task.ID, ids); err != nil {
		return err
	}
	stops, err := warehousedb.Stops(ctx, p.tx, p.task.ID, ids)
	if err != nil {
		return err
	}
	for _, s := range stops {
		if s.AllocState != "reserved" {
			continue
		}
		if err := warehousedb.LockGoods(ctx, p.tx, s.At.Site, s.At.SKU, []warehouse.Place{s.At}); err != nil {
			return err
		}
		if err := warehousedb.Reserve(ctx, p.tx, s.Position, -s.Pieces); err != nil {
			return err
		}
		if err := p.released(ctx, []warehousedb.StopLock{s}); err != nil {
			return err
		}
		p.free[s.At.SKU] = true
	}
	return warehousedb.SetStops(ctx, p.tx, ids, warehouse.StopCancelled, &p.cmd.Op, &p.now)
}

// sumOf adds up stops.
func sumOf(stops []warehousedb.StopLock) (n quantity.Pieces) {
	for _, s := range stops {
		n += s.Pieces
	}
	return n
}

var errNotPicked = errors.New("warehouseops: more pieces than the stops hold")
