package warehouseops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// Freezing is what a lead commands about a lot.
type Freezing struct {
	Key    warehouse.LotKey
	Status warehouse.Status // Held or Recalled
	Reason string
	// Drill rehearses: everything is found and listed, nothing is moved.
	Drill bool
}

// Freeze holds or recalls a lot in the whole house in one action: its pieces cannot be promised any more wherever they stand, what
// nobody has picked yet is taken back from its orders (which look for other lots), pickers' stops are struck, and picked pieces
// can neither be packed nor handed over. What arrives of the lot later is held too. The report lists places and orders. Any lead
// may do it, at all sites: goods that may harm a child do not wait for whoever leads them.
// warehouse.ErrReason, ErrNoLot, ErrFrozen when it is frozen already.
func (o *Ops) Freeze(ctx context.Context, c warehouse.Command, in Freezing) (warehouse.FreezeReport, error) {
	cause := map[warehouse.Status]string{warehouse.Held: "hold", warehouse.Recalled: "recall"}[in.Status]
	if cause == "" {
		return warehouse.FreezeReport{}, warehouse.ErrSettlement
	}
	id, err := once(ctx, o, access.LeadFloor, c, "lot.freeze", cause, func(ctx context.Context, x *deed) (int64, error) {
		if in.Reason = strings.TrimSpace(in.Reason); in.Reason == "" {
			return 0, warehouse.ErrReason
		}
		if _, err := warehousedb.Lot(ctx, x.tx, in.Key); err != nil {
			return 0, err
		}
		f := &warehouse.Freeze{Key: in.Key, Status: in.Status, Reason: in.Reason, Drill: in.Drill}
		if err := warehousedb.InsertFreeze(ctx, x.tx, f, x.op); err != nil {
			return 0, err
		}
		if err := o.freeze(ctx, x, f); err != nil {
			return 0, err
		}
		if err := warehousedb.SaveFreeze(ctx, x.tx, f); err != nil {
			return 0, err
		}
		verb := "lot." + cause
		if f.Drill {
			verb = "lot.drill"
		}
		err := audit.Write(ctx, x.tx, x.now, audit.Change{Verb: verb, Thing: lotThing(in.Key),
			After: map[string]any{"reason": in.Reason, "pieces": f.Pieces, "positions": f.Positions, "released": f.Released, "orders": f.Orders, "shipped": f.Shipped}})
		if err != nil {
			return 0, err
		}
		return f.ID, events.Tell(ctx, x.tx, "stock", "")
	})
	if err != nil {
		return warehouse.FreezeReport{}, err
	}
	return o.FreezeReport(ctx, id)
}

func lotThing(k warehouse.LotKey) audit.Thing {
	return audit.Thing{Kind: "lot", ID: fmt.Sprintf("%d/%s", k.SKU, k.Code)}
}

// freezable are the statuses that a freeze changes; pieces in transit are held when they arrive.
var freezable = []warehouse.Status{warehouse.Available, warehouse.Returned}

func (o *Ops) freeze(ctx context.Context, x *deed, f *warehouse.Freeze) error {
	shipped, err := warehousedb.LotShipments(ctx, x.tx, f.Key, 1_000_000, "shipped")
	if err != nil {
		return err
	}
	for _, s := range shipped {
		f.Orders++
		f.Shipped += s.Pieces
	}
	if f.Drill {
		places, err := warehousedb.LockLot(ctx, x.tx, 0, f.Key.SKU, f.Key.Code, freezable...)
		for _, p := range places {
			f.Positions, f.Pieces = f.Positions+1, f.Pieces+p.OnHand
		}
		return err
	}
	released, tasks, err := warehousedb.CallOff(ctx, x.tx, f.Key, x.now)
	if err != nil {
		return err
	}
	f.Released = released
	slices.Sort(tasks)
	for _, task := range slices.Compact(tasks) {
		if err := warehousedb.SettleTask(ctx, x.tx, task, x.now); err != nil {
			return err
		}
	}
	statuses := freezable
	if f.Status == warehouse.Recalled {
		statuses = append(slices.Clone(freezable), warehouse.Held)
	}
	places, err := warehousedb.LockLot(ctx, x.tx, 0, f.Key.SKU, f.Key.Code, statuses...)
	if err != nil {
		return err
	}
	sites, err := o.setFrozen(ctx, x, f, places)
	if err != nil {
		return err
	}
	if released == 0 {
		return nil
	}
	for _, site := range sites { // the orders look for other lots
		if err := o.freed(ctx, x, site, []catalog.SKUID{f.Key.SKU}); err != nil {
			return err
		}
	}
	return nil
}

// setFrozen gives the pieces their status where they stand; picked ones keep their promise until somebody pulls them.
func (o *Ops) setFrozen(ctx context.Context, x *deed, f *warehouse.Freeze, places []warehousedb.LotPosition) (sites []catalog.SiteID, err error) {
	var moves []warehouse.Move
	var picked []int // of moves
	var from []int64
	for _, p := range places {
		to := p.Place
		to.Status = f.Status
		if n := p.Free(); n > 0 {
			moves = append(moves, warehouse.Move{From: &p.Place, To: &to, Pieces: n})
		}
		if p.Reserved > 0 {
			picked, from = append(picked, len(moves)), append(from, p.ID)
			moves = append(moves, warehouse.Move{From: &p.Place, To: &to, Pieces: p.Reserved, FromReserved: true, ToReserved: true})
		}
		f.Positions, f.Pieces = f.Positions+1, f.Pieces+p.OnHand
		if !slices.Contains(sites, p.Place.Site) {
			sites = append(sites, p.Place.Site)
		}
	}
	posted, err := warehousedb.Post(ctx, x.tx, x.op.ID, moves)
	if err != nil {
		return nil, err
	}
	for i, m := range picked {
		if err := warehousedb.CarryPicked(ctx, x.tx, from[i], posted[m].To); err != nil {
			return nil, err
		}
	}
	return sites, nil
}

// Lift ends a freeze: the pieces may be promised again, but those that wait for an inspection or a lead. warehouse.ErrReason,
// ErrNotFrozen.
func (o *Ops) Lift(ctx context.Context, c warehouse.Command, id int64, reason string) (warehouse.FreezeReport, error) {
	_, err := once(ctx, o, access.LeadFloor, c, "lot.lift", "release", func(ctx context.Context, x *deed) (int64, error) {
		if reason = strings.TrimSpace(reason); reason == "" {
			return 0, warehouse.ErrReason
		}
		f, err := warehousedb.Freeze(ctx, x.tx, id, true)
		if err != nil {
			return 0, err
		}
		if f.Lifted != nil || f.Drill {
			return 0, warehouse.ErrNotFrozen
		}
		if err := warehousedb.LiftFreeze(ctx, x.tx, id, x.op, reason); err != nil {
			return 0, err
		}
		if err := o.thaw(ctx, x, f); err != nil {
			return 0, err
		}
		return id, audit.Write(ctx, x.tx, x.now, audit.Change{Verb: "lot.lift", Thing: lotThing(f.Key), After: reason})
	})
	if err != nil {
		return warehouse.FreezeReport{}, err
	}
	return o.FreezeReport(ctx, id)
}

func (o *Ops) thaw(ctx context.Context, x *deed, f *warehouse.Freeze) error {
	places, err := warehousedb.LockLot(ctx, x.tx, 0, f.Key.SKU, f.Key.Code, f.Status)
	if err != nil {
		return err
	}
	waits := map[catalog.SiteID]quantity.Pieces{} // pieces that wait for their inspection at a site
	var moves []warehouse.Move
	var picked []int
	var from []int64
	var sites []catalog.SiteID
	for _, p := range places {
		if err := within(x.user, p.Place.Site); err != nil { // what was frozen everywhere is lifted by who leads everywhere
			return err
		}
		if _, known := waits[p.Place.Site]; !known {
			if waits[p.Place.Site], err = warehousedb.WaitingPieces(ctx, x.tx, p.Place); err != nil {
				return err
			}
		}
		to, free := p.Place, p.Free()
		to.Status = warehouse.Available
		keep := min(free, waits[p.Place.Site])
		waits[p.Place.Site] -= keep
		if keep > 0 && f.Status == warehouse.Recalled {
			held := p.Place
			held.Status = warehouse.Held
			moves = append(moves, warehouse.Move{From: &p.Place, To: &held, Pieces: keep})
		}
		if free > keep {
			moves = append(moves, warehouse.Move{From: &p.Place, To: &to, Pieces: free - keep})
			sites = append(sites, p.Place.Site)
		}
		if p.Reserved > 0 {
			picked, from = append(picked, len(moves)), append(from, p.ID)
			moves = append(moves, warehouse.Move{From: &p.Place, To: &to, Pieces: p.Reserved, FromReserved: true, ToReserved: true})
		}
	}
	posted, err := warehousedb.PostThawed(ctx, x.tx, x.op.ID, moves)
	if err != nil {
		return err
	}
	for i, m := range picked {
		if err := warehousedb.CarryPicked(ctx, x.tx, from[i], posted[m].To); err != nil {
			return err
		}
	}
	slices.Sort(sites)
	for _, site := range slices.Compact(sites) {
		if err := o.freed(ctx, x, site, []catalog.SKUID{f.Key.SKU}); err != nil {
			return err
		}
	}
	return nil
}

// ErrPacked refuses to pull pieces out of a parcel that is closed: it must be opened first.
var ErrPacked = errors.New("warehouse: the pieces are in a closed parcel; open it first")

// PullFrozen takes picked pieces of a frozen lot out of a tote into another bin: their orders wait for other lots. ErrPacked for
// pieces in a closed parcel, *warehouse.ShortError when none are there.
func (o *Ops) PullFrozen(ctx context.Context, c warehouse.Command, t Taking, to string) (warehouse.Carried, error) {
	return once(ctx, o, access.WorkFloor, c, "lot.pull", "move", func(ctx context.Context, x *deed) (warehouse.Carried, error) {
		if err := within(x.user, t.Site); err != nil {
			return warehouse.Carried{}, err
		}
		if t.Status != warehouse.Recalled && t.Status != warehouse.Held {
			return warehouse.Carried{}, warehouse.ErrNotFrozen
		}
		bin, err := o.activeBin(ctx, x, t.Site, to)
		if err != nil {
			return warehouse.Carried{}, err
		}
		if bin.Kind.Stores() || bin.Kind == warehouse.BinTote {
			return warehouse.Carried{}, &warehouse.BinRefusal{Bin: bin.Code, Against: "kind", Has: string(bin.Kind)}
		}
		from := t.place()
		id, err := warehousedb.PositionOf(ctx, x.tx, from)
		if err != nil {
			return warehouse.Carried{}, err
		}
		n, packed, err := warehousedb.PullPicked(ctx, x.tx, id, x.now)
		if err != nil {
			return warehouse.Carried{}, err
		}
		if packed {
			return warehouse.Carried{}, ErrPacked
		}
		if n == 0 {
			return warehouse.Carried{}, &warehouse.ShortError{Place: from, Want: max(1, t.Pieces), Reserved: true}
		}
		target := from
		target.Bin = bin.Code
		if _, err := warehousedb.PostThawed(ctx, x.tx, x.op.ID, []warehouse.Move{{From: &from, To: &target, Pieces: n, FromReserved: true}}); err != nil {
			return warehouse.Carried{}, err
		}
		return warehouse.Carried{From: from.Bin, To: target.Bin, SKU: t.SKU, Lot: t.Lot, Pieces: n}, o.freed(ctx, x, t.Site, []catalog.SKUID{t.SKU})
	})
}

// Freezes lists freezes, the open ones first.
func (o *Ops) Freezes(ctx context.Context, openOnly bool) ([]warehouse.Freeze, error) {
	if _, err := access.RequireAny(ctx, access.ViewStock, access.WorkFloor); err != nil {
		return nil, err
	}
	return warehousedb.Freezes(ctx, o.Pool, openOnly, 500)
}

// FreezeReport lists where a frozen lot stands, which orders hold it and which have gone out with it, with the balance of its pieces.
// warehouse.ErrNotFrozen.
func (o *Ops) FreezeReport(ctx context.Context, id int64) (r warehouse.FreezeReport, err error) {
	if _, err := access.RequireAny(ctx, access.ViewStock, access.LeadFloor); err != nil {
		return r, err
	}
	f, err := warehousedb.Freeze(ctx, o.Pool, id, false)
	if err != nil {
		return r, err
	}
	r.Freeze = *f
	all, err := warehousedb.Lots(ctx, o.Pool, f.Key.SKU)
	if err != nil {
		return r, err
	}
	for _, l := range all {
		if l.Lot == f.Key.Code {
			r.Places = append(r.Places, l)
		}
	}
	if r.Shipped, err = warehousedb.LotShipments(ctx, o.Pool, f.Key, 10_000, "shipped"); err != nil {
		return r, err
	}
	if r.OnFloor, err = warehousedb.LotShipments(ctx, o.Pool, f.Key, 10_000, "reserved", "picked", "packed"); err != nil {
		return r, err
	}
	return r, warehousedb.LotBalance(ctx, o.Pool, f.Key, &r)
}

// LotList lists lots that stand somewhere, first to expire first.
func (o *Ops) LotList(ctx context.Context, q warehouse.LotQuery) ([]warehouse.LotLine, error) {
	u, err := access.RequireAny(ctx, access.ViewStock, access.WorkFloor)
	if err != nil {
		return nil, err
	}
	if q.Site != 0 {
		if err := within(u, q.Site); err != nil {
			return nil, err
		}
	}
	if q.Limit <= 0 {
		q.Limit = 200
	}
	q.Limit = min(q.Limit, 2000)
	return warehousedb.LotList(ctx, o.Pool, q)
}

// Ledger gives what moved, the newest first: of a SKU, a lot, a bin or a site.
func (o *Ops) Ledger(ctx context.Context, q warehouse.LedgerQuery) ([]warehouse.LedgerLine, error) {
	u, err := access.RequireAny(ctx, access.ViewStock, access.WorkFloor)
	if err != nil {
		return nil, err
	}
	if q.Site != 0 {
		if err := within(u, q.Site); err != nil {
			return nil, err
		}
	}
	if q.Site == 0 && q.SKU == 0 && q.Lot == nil {
		return nil, warehouse.ErrNoLot // the whole house is no page
	}
	if q.Limit <= 0 {
		q.Limit = 100
	}
	q.Limit = min(q.Limit, 1000)
	return warehousedb.Ledger(ctx, o.Pool, q)
}

// Scrap writes free pieces off, with a reason. *warehouse.ShortError, warehouse.ErrReason, ErrNoPieces.
func (o *Ops) Scrap(ctx context.Context, c warehouse.Command, t Taking, reason string) (warehouse.Carried, error) {
	return o.reclass(ctx, access.LeadFloor, c, "stock.scrap", "scrap", t, "", reason)
}

// Reclass gives free pieces another status where they stand: a worker may set pieces apart as damaged or held, a lead anything but
// recalled, which Freeze does for the whole lot. *warehouse.ShortError, ErrReason, ErrNoPieces, ErrSettlement.
func (o *Ops) Reclass(ctx context.Context, c warehouse.Command, t Taking, to warehouse.Status, reason string) (warehouse.Carried, error) {
	p, cause := access.LeadFloor, "release"
	switch to {
	case warehouse.Damaged, warehouse.Held:
		p, cause = access.WorkFloor, "hold"
	case warehouse.Available, warehouse.Returned:
	default:
		return warehouse.Carried{}, warehouse.ErrSettlement
	}
	return o.reclass(ctx, p, c, "stock.reclass", cause, t, to, reason)
}

func (o *Ops) reclass(ctx context.Context, p access.Permission, c warehouse.Command, verb, cause string, t Taking, to warehouse.Status, reason string) (warehouse.Carried, error) {
	return once(ctx, o, p, c, verb, cause, func(ctx context.Context, x *deed) (warehouse.Carried, error) {
		from := t.place()
		reason = strings.TrimSpace(reason)
		switch {
		case reason == "":
			return warehouse.Carried{}, warehouse.ErrReason
		case t.Pieces < 1 || t.Pieces > warehouse.MaxArrival:
			return warehouse.Carried{}, warehouse.ErrNoPieces
		case from.Status == to || from.Status == warehouse.Recalled && to == warehouse.Available:
			return warehouse.Carried{}, warehouse.ErrSettlement
		}
		if err := within(x.user, t.Site); err != nil {
			return warehouse.Carried{}, err
		}
		have, err := warehousedb.LockFree(ctx, x.tx, from)
		if err != nil {
			return warehouse.Carried{}, err
		}
		if have < t.Pieces {
			return warehouse.Carried{}, &warehouse.ShortError{Place: from, Want: t.Pieces, Have: have}
		}
		m := warehouse.Move{From: &from, Pieces: t.Pieces}
		if to != "" {
			place := from
			place.Status = to
			m.To = &place
		}
		if err := x.post(ctx, m); err != nil {
			return warehouse.Carried{}, err
		}
		err = audit.Write(ctx, x.tx, x.now, audit.Change{Verb: verb, Thing: lotThing(warehouse.LotKey{SKU: t.SKU, Code: t.Lot}),
			After: map[string]any{"site": t.Site, "bin": from.Bin, "pieces": t.Pieces, "from": from.Status, "to": to, "reason": reason}})
		if err != nil {
			return warehouse.Carried{}, err
		}
		done := warehouse.Carried{From: from.Bin, To: from.Bin, SKU: t.SKU, Lot: t.Lot, Pieces: t.Pieces, Left: have - t.Pieces}
		if to != warehouse.Available {
			return done, nil
		}
		return done, o.freed(ctx, x, t.Site, []catalog.SKUID{t.SKU})
	})
}
