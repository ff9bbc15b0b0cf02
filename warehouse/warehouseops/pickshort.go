package warehouseops

import (
	"context"
	"slices"

	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/picking"
	"milkrun/warehouse/warehousedb"
)

// ShortScans is what a picker found where less stood than wanted: Taken pieces are in the tote, the rest was not there, or is
// damaged.
type ShortScans struct {
	PickScans
	Taken  quantity.Pieces       `json:"taken"`
	Reason warehouse.ShortReason `json:"reason"`
}

// ShortPick takes what was found, promises the rest from other bins and lots of the site at once and puts them on the picker's
// way. What stock does not cover waits in the fair queue again. The bin is put on the list of those to count, and its free
// pieces are held until then; damaged pieces are set apart where they stand.
func (o *Ops) ShortPick(ctx context.Context, cmd warehouse.Command, in ShortScans) (warehouse.PickTask, error) {
	return o.picking(ctx, cmd, in.Task, "pick", func(p *pickRun) error {
		if !in.Reason.Known() || in.Taken < 0 {
			return errNotPicked
		}
		stops, err := p.shortStops(ctx, in)
		if err != nil {
			return err
		}
		first := stops[0]
		places := []warehouse.Place{first.At, asStatus(first.At, warehouse.Held), asStatus(first.At, warehouse.Damaged)}
		if in.Taken > 0 {
			inTote := first.At
			if inTote.Bin, err = tote(first, in.Tote); err != nil {
				return err
			}
			places = append(places, inTote)
		}
		if err := warehousedb.LockGoods(ctx, p.tx, first.At.Site, first.At.SKU, places); err != nil {
			return err
		}
		missing, err := p.cut(ctx, stops, in.Taken, in.Tote)
		if err != nil {
			return err
		}
		if err := p.setApart(ctx, missing, in.Reason); err != nil {
			return err
		}
		if err := warehousedb.Doubt(ctx, p.tx, first.At, in.Reason, sumOf(missing), cmd.Op, p.now, p.u.Name); err != nil {
			return err
		}
		for _, s := range missing {
			if err := p.replace(ctx, s, in.Reason); err != nil {
				return err
			}
		}
		return p.order(ctx)
	})
}

// shortStops checks the stops of a short pick. The goods need not be scanned where none were found.
func (p *pickRun) shortStops(ctx context.Context, in ShortScans) ([]warehousedb.StopLock, error) {
	scans := in.PickScans
	if err := working(p.task, p.u, p.now); err != nil {
		return nil, err
	}
	if in.Taken > 0 {
		stops, err := p.stops(ctx, scans)
		if err == nil && in.Taken >= sumOf(stops) {
			err = errNotPicked
		}
		return stops, err
	}
	if err := warehousedb.LockStops(ctx, p.tx, p.task.ID, scans.Stops); err != nil {
		return nil, err
	}
	stops, err := warehousedb.Stops(ctx, p.tx, p.task.ID, scans.Stops)
	if err != nil {
		return nil, err
	}
	if len(stops) == 0 || len(stops) != len(scans.Stops) {
		return nil, warehouse.ErrTaskGone
	}
	for _, s := range stops {
		switch {
		case s.State != warehouse.StopOpen:
			return nil, warehouse.ErrTaskGone
		case s.Cancelled || s.AllocState != "reserved":
			return nil, &warehouse.PutBackError{Stop: s.ID, Order: s.Order, Bin: s.Bin}
		case s.At != stops[0].At:
			return nil, warehouse.ErrTaskGone
		}
	}
	if bin := warehouse.CleanCode(in.Bin); bin != stops[0].At.Bin {
		return nil, &warehouse.ScanError{Fault: warehouse.FaultBin, Scanned: bin, Wanted: stops[0].At.Bin}
	}
	return stops, nil
}

func asStatus(p warehouse.Place, s warehouse.Status) warehouse.Place {
	p.Status = s
	return p
}

// cut picks the first pieces of the stops and gives what is left as stops of their own.
func (p *pickRun) cut(ctx context.Context, stops []warehousedb.StopLock, taken quantity.Pieces, scanned string) (missing []warehousedb.StopLock, err error) {
	var whole []warehousedb.StopLock
	for _, s := range stops {
		switch {
		case taken >= s.Pieces:
			taken -= s.Pieces
			whole = append(whole, s)
		case taken == 0:
			missing = append(missing, s)
		default:
			rest := s
			rest.Pieces = s.Pieces - taken
			if rest.Allocation, err = warehousedb.SplitAllocation(ctx, p.tx, s.Allocation, rest.Pieces); err != nil {
				return nil, err
			}
			if err := warehousedb.ShrinkStop(ctx, p.tx, s.ID, rest.Pieces); err != nil {
				return nil, err
			}
			if rest.ID, err = warehousedb.AddStop(ctx, p.tx, s.ID, rest.Allocation, warehouse.StopOpen, nil, nil); err != nil {
				return nil, err
			}
			s.Pieces, taken = taken, 0
			whole, missing = append(whole, s), append(missing, rest)
		}
	}
	if len(whole) == 0 {
		return missing, nil
	}
	return missing, p.take(ctx, whole, scanned)
}

// setApart moves what is missing out of what may be promised: damaged pieces as such; where pieces were not found, the rest of
// the book's pieces too, until somebody counts the bin.
func (p *pickRun) setApart(ctx context.Context, missing []warehousedb.StopLock, reason warehouse.ShortReason) error {
	at := missing[0].At
	to := asStatus(at, warehouse.Held)
	if reason == warehouse.ReasonDamaged {
		to = asStatus(at, warehouse.Damaged)
	}
	if to == at { // held goods that were to go back to their supplier: the bin is counted, the rest stays held
		return warehousedb.Reserve(ctx, p.tx, missing[0].Position, -sumOf(missing))
	}
	moves := []warehouse.Move{{From: &at, To: &to, Pieces: sumOf(missing), FromReserved: true}}
	if reason != warehouse.ReasonDamaged {
		free, err := warehousedb.FreeAt(ctx, p.tx, missing[0].Position)
		if err != nil {
			return err
		}
		if free > 0 {
			moves = append(moves, warehouse.Move{From: &at, To: &to, Pieces: free})
		}
	}
	_, err := warehousedb.Post(ctx, p.tx, p.cmd.Op, moves)
	return err
}

// replace ends the promise of a missing stop and promises other stock, as far as there is any.
func (p *pickRun) replace(ctx context.Context, s warehousedb.StopLock, reason warehouse.ShortReason) error {
	if err := warehousedb.ReleaseAllocations(ctx, p.tx, []int64{s.Allocation}); err != nil {
		return err
	}
	state := warehouse.StopShort
	if reason == warehouse.ReasonDamaged {
		state = warehouse.StopDamaged
	}
	if err := warehousedb.SetStops(ctx, p.tx, []int64{s.ID}, state, &p.cmd.Op, &p.now); err != nil {
		return err
	}
	if s.Kind == string(warehouse.SupplierReturn) { // nothing else goes in its place
		if err := warehousedb.LineReleased(ctx, p.tx, s.Outbound, s.LineNo, s.Pieces); err != nil {
			return err
		}
		return warehousedb.SendBackLess(ctx, p.tx, s.Outbound, s.LineNo, s.Pieces)
	}
	goodUntil := p.o.todayAt() + calendar.Day(max(1, s.MinDays, warehouse.NearExpiryDays(s.ShelfLife)))
	lots, err := warehousedb.FreeLots(ctx, p.tx, s.At, goodUntil)
	if err != nil {
		return err
	}
	left := s.Pieces
	for _, lot := range lots {
		if left == 0 {
			break
		}
		n := min(left, quantity.Pieces(lot.Free))
		id, err := warehousedb.Promise(ctx, p.tx, s.Allocation, lot.Position, n, p.now)
		if err != nil {
			return err
		}
		if err := warehousedb.Reserve(ctx, p.tx, lot.Position, n); err != nil {
			return err
		}
		stop, err := warehousedb.AddStop(ctx, p.tx, s.ID, id, warehouse.StopOpen, nil, nil)
		if err != nil {
			return err
		}
		p.further = append(p.further, stop)
		left -= n
	}
	if left == 0 {
		return nil
	}
	return warehousedb.LineShort(ctx, p.tx, s, left, p.now)
}

// order puts the further stops of the task on what is left of the picker's way, where they make it the least longer.
func (p *pickRun) order(ctx context.Context) error {
	stops, err := warehousedb.OpenStops(ctx, p.tx, p.task.ID)
	if err != nil {
		return err
	}
	slices.SortStableFunc(stops, func(a, b warehousedb.OpenStop) int {
		return boolean(slices.Contains(p.further, a.ID)) - boolean(slices.Contains(p.further, b.ID))
	})
	content := make([]warehousedb.ToPick, len(stops))
	for i, s := range stops {
		content[i] = s.ToPick
	}
	area, kept := areaOf(content), 0
	places := make([]picking.Place, len(stops))
	for i, s := range stops {
		places[i] = area.place(s.ToPick)
		if !slices.Contains(p.further, s.ID) {
			kept++
		}
	}
	ids := make([]int64, len(stops))
	for i, k := range picking.Join(area.layout, nil, places[:kept], places[kept:]) {
		ids[i] = stops[k].ID
	}
	return warehousedb.OrderStops(ctx, p.tx, ids)
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}
