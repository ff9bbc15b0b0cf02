package warehouseops

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/picking"
	"milkrun/warehouse/warehousedb"
)

// PutTasks gives the goods of a site that wait to be put away, those that orders wait for first.
func (o *Ops) PutTasks(ctx context.Context, site catalog.SiteID, limit int) ([]warehouse.PutTask, error) {
	if err := o.maySee(ctx, site); err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = 200
	}
	tasks, err := warehousedb.ToPutAway(ctx, o.Pool, site, min(limit, 1000))
	if err != nil {
		return nil, err
	}
	var skus []catalog.SKUID
	for _, t := range tasks {
		skus = append(skus, t.Ware.SKU)
	}
	wares, err := warehousedb.Wares(ctx, o.Pool, skus...)
	for i := range tasks {
		tasks[i].Ware = wares[tasks[i].Ware.SKU]
	}
	return tasks, err
}

// Taking names pieces at a place. Owner "" is the house, Status "" is available.
type Taking struct {
	Site   catalog.SiteID
	From   string
	SKU    catalog.SKUID
	Lot    string
	Owner  string
	Status warehouse.Status
	Pieces quantity.Pieces
}

func (t Taking) place() warehouse.Place {
	if t.Status == "" {
		t.Status = warehouse.Available
	}
	return warehouse.Place{Site: t.Site, Bin: warehouse.CleanBinCode(t.From), SKU: t.SKU, Lot: t.Lot, Owner: t.Owner, Status: t.Status}
}

// PutAdvice gives where goods may go, the best bin first, with the reasons: their own lot's bin, their pick face while it has room,
// the walking class, room and way. Goods of another temperature, other goods where they may not mix and full bins are left out.
func (o *Ops) PutAdvice(ctx context.Context, t Taking, limit int) ([]warehouse.BinAdvice, error) {
	if err := o.maySee(ctx, t.Site); err != nil {
		return nil, err
	}
	wares, err := warehousedb.Wares(ctx, o.Pool, t.SKU)
	if err != nil {
		return nil, err
	}
	ware, known := wares[t.SKU]
	if !known {
		return nil, &warehouse.UnknownGoodsError{Scanned: fmt.Sprint(t.SKU)}
	}
	if s := t.place().Status; s != warehouse.Available {
		return o.setAside(ctx, t)
	}
	class, err := warehousedb.ClassOf(ctx, o.Pool, t.Site, t.SKU)
	if err != nil {
		return nil, err
	}
	found, err := warehousedb.Shelves(ctx, o.Pool, t.Site, t.SKU, ware.Temperature, class)
	if err != nil {
		return nil, err
	}
	faces, err := warehousedb.FacesOf(ctx, o.Pool, t.Site, t.SKU)
	if err != nil {
		return nil, err
	}
	return advise(ware, t, picking.Class(class), found, faces, limit), nil
}

// setAside advises for goods that are not for sale: the quarantine, or the place where scrap waits.
func (o *Ops) setAside(ctx context.Context, t Taking) ([]warehouse.BinAdvice, error) {
	found, err := warehousedb.BinsOfKind(ctx, o.Pool, t.Site, warehouse.BinQuarantine, warehouse.BinScrap)
	if err != nil {
		return nil, err
	}
	var out []warehouse.BinAdvice
	for _, b := range found {
		out = append(out, warehouse.BinAdvice{Bin: b.Code, Zone: b.Zone, Kind: b.Kind, Pieces: t.Pieces})
	}
	slices.SortStableFunc(out, func(a, b warehouse.BinAdvice) int { return cmp.Compare(a.Kind, b.Kind) })
	return out, nil
}

// pointsFace is what the goods' own pick face has over a bin that only holds the lot.
const pointsFace = 60

func advise(w warehouse.Ware, t Taking, class picking.Class, found []warehousedb.Shelf, faces map[string]warehouse.PickFace, limit int) []warehouse.BinAdvice {
	shelves, places := make([]picking.Shelf, len(found)), make([]picking.Place, len(found))
	for i, s := range found {
		shelves[i] = shelfOf(s)
		places[i] = shelves[i].Place
	}
	goods := picking.Goods{SKU: t.SKU, Lot: t.Lot, Temperature: w.Temperature, Class: class, Pieces: t.Pieces, Grams: w.Grams, ML: w.ML}
	advice, _ := picking.PutAway(picking.Around(places), goods, shelves)
	var out []warehouse.BinAdvice
	for _, a := range advice {
		b := found[a.Index].Bin
		x := warehouse.BinAdvice{Bin: b.Code, Zone: b.Zone, Aisle: b.Aisle, Bay: b.Bay, Level: b.Level, Kind: b.Kind, Pieces: a.Pieces, Score: a.Score}
		for _, r := range a.Reasons {
			x.Reasons = append(x.Reasons, warehouse.BinReason{Why: string(r.For), Points: r.Points})
		}
		if f, is := faces[b.Code]; is {
			var stands quantity.Pieces
			for _, n := range found[a.Index].Pieces {
				stands += n
			}
			x.Pieces = min(x.Pieces, f.Max-stands)
			if x.Pieces <= 0 {
				continue
			}
			x.Score += pointsFace
			x.Reasons = append(x.Reasons, warehouse.BinReason{Why: "pick_face", Points: pointsFace})
		}
		slices.SortStableFunc(x.Reasons, func(a, b warehouse.BinReason) int { return cmp.Compare(b.Points, a.Points) })
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(a, b warehouse.BinAdvice) int { return cmp.Compare(b.Score, a.Score) })
	if limit <= 0 {
		limit = 5
	}
	return out[:min(len(out), limit)]
}

func shelfOf(s warehousedb.Shelf) picking.Shelf {
	b := s.Bin
	out := picking.Shelf{Bin: b.Code, Place: picking.Place{Aisle: b.Aisle, Bay: b.Bay, Level: b.Level, Side: b.Side}, Pick: b.Kind == warehouse.BinPick,
		Temperature: b.Temperature, Class: picking.Class(b.Velocity), FreeGrams: -1, FreeML: -1, MixedSKUs: b.MixedSKUs, MixedLots: b.MixedLots,
		Inactive: !b.Active, Quarantined: b.Kind == warehouse.BinQuarantine}
	if b.CapacityML > 0 {
		out.FreeML = max(0, b.CapacityML-s.UsedML)
	}
	if b.CapacityGrams > 0 {
		out.FreeGrams = max(0, b.CapacityGrams-s.UsedGrams)
	}
	for i := range s.SKUs {
		out.Content = append(out.Content, picking.Content{SKU: s.SKUs[i], Lot: s.Lots[i], Pieces: s.Pieces[i]})
	}
	return out
}

// PutAway brings pieces into a bin, all of them or a part: the bin was scanned. Pieces that orders wait for take their promises
// along. *warehouse.BinRefusal for a bin of another temperature, one that may not mix, or one without room (force overrules the
// room alone: the worker sees that they fit), *warehouse.UnknownBinError, *warehouse.ShortError, *warehouse.InPickingError.
func (o *Ops) PutAway(ctx context.Context, c warehouse.Command, t Taking, to string, force bool) (warehouse.Carried, error) {
	return once(ctx, o, access.WorkFloor, c, "floor.putaway", "putaway", func(ctx context.Context, x *deed) (warehouse.Carried, error) {
		return o.carry(ctx, x, t, to, true, force)
	})
}

// Move brings pieces from one bin to another: see PutAway. Bins that are in no rack (docks, benches, quarantine) take anything.
func (o *Ops) Move(ctx context.Context, c warehouse.Command, t Taking, to string, force bool) (warehouse.Carried, error) {
	return once(ctx, o, access.WorkFloor, c, "floor.move", "move", func(ctx context.Context, x *deed) (warehouse.Carried, error) {
		return o.carry(ctx, x, t, to, false, force)
	})
}

func (o *Ops) carry(ctx context.Context, x *deed, t Taking, to string, store, force bool) (done warehouse.Carried, err error) {
	from := t.place()
	switch {
	case t.Pieces < 1 || t.Pieces > warehouse.MaxArrival:
		return done, warehouse.ErrNoPieces
	default:
		err = within(x.user, t.Site)
	}
	if err != nil {
		return done, err
	}
	target := from
	target.Bin = warehouse.CleanBinCode(to)
	if target.Bin == from.Bin {
		return done, warehouse.ErrNoMove
	}
	have, err := warehousedb.Standing(ctx, x.tx, from)
	if err != nil {
		return done, err
	}
	if have < t.Pieces {
		return done, &warehouse.ShortError{Place: from, Want: t.Pieces, Have: have}
	}
	if err := o.fits(ctx, x, t, target, store, force); err != nil {
		return done, err
	}
	promised, err := warehousedb.Carry(ctx, x.tx, x.op.ID, from, target, t.Pieces)
	if err != nil {
		return done, err
	}
	done = warehouse.Carried{From: from.Bin, To: target.Bin, SKU: t.SKU, Lot: t.Lot, Pieces: t.Pieces, Reserved: promised, Left: have - t.Pieces}
	if err := o.becomesTakeable(ctx, x, from, target); err != nil {
		return done, err
	}
	return done, events.Tell(ctx, x.tx, "floor", fmt.Sprint(t.Site))
}

// becomesTakeable says that pieces can be promised from where they stand now, which they could not before: goods at the dock or
// in the racks can, those on benches, in quarantine or under inspection cannot.
func (o *Ops) becomesTakeable(ctx context.Context, x *deed, from, to warehouse.Place) error {
	if from.Status != warehouse.Available {
		return nil
	}
	was, err := warehousedb.Takeable(ctx, x.tx, from.Site, from.Bin)
	if err != nil || was {
		return err
	}
	is, err := warehousedb.Takeable(ctx, x.tx, to.Site, to.Bin)
	if err != nil || !is {
		return err
	}
	return o.freed(ctx, x, to.Site, []catalog.SKUID{to.SKU})
}

// fits refuses a bin that may not take the goods. The bin's row is locked, so that two do not fill the same room.
func (o *Ops) fits(ctx context.Context, x *deed, t Taking, to warehouse.Place, store, force bool) error {
	b, err := warehousedb.LockBin(ctx, x.tx, to.Site, to.Bin)
	if err != nil {
		return err
	}
	if !b.Active {
		return &warehouse.UnknownBinError{Site: to.Site, Code: to.Bin, Inactive: true}
	}
	if b.Kind == warehouse.BinTote || store && to.Status == warehouse.Available && !b.Kind.Stores() {
		return &warehouse.BinRefusal{Bin: b.Code, Against: "kind", Has: string(b.Kind)}
	}
	if !b.Kind.Stores() {
		return nil
	}
	if to.Status != warehouse.Available && to.Status != warehouse.Held {
		return &warehouse.BinRefusal{Bin: b.Code, Against: "closed", Has: string(b.Kind), Wanted: string(to.Status)}
	}
	s, err := warehousedb.ShelfOf(ctx, x.tx, to.Site, to.Bin)
	if err != nil {
		return err
	}
	wares, err := warehousedb.Wares(ctx, x.tx, append(slices.Clone(s.SKUs), t.SKU)...)
	if err != nil {
		return err
	}
	w := wares[t.SKU]
	goods := picking.Goods{SKU: t.SKU, Lot: t.Lot, Temperature: w.Temperature, Pieces: t.Pieces, Grams: w.Grams, ML: w.ML}
	shelf := shelfOf(s)
	advice, against := picking.PutAway(picking.Around([]picking.Place{shelf.Place}), goods, []picking.Shelf{shelf})
	if len(against) > 0 && (against[0].Against != picking.AgainstRoom || !force) {
		return refusalOf(b.Bin, w, t, s, wares, against[0].Against)
	}
	if len(advice) > 0 && advice[0].Pieces < t.Pieces && !force {
		return &warehouse.BinRefusal{Bin: b.Code, Against: string(picking.AgainstRoom), Fits: advice[0].Pieces, Want: t.Pieces}
	}
	return nil
}

func refusalOf(b warehouse.Bin, w warehouse.Ware, t Taking, s warehousedb.Shelf, wares map[catalog.SKUID]warehouse.Ware, why picking.Against) error {
	r := &warehouse.BinRefusal{Bin: b.Code, Against: string(why), Want: t.Pieces}
	switch why {
	case picking.AgainstTemperature:
		r.Wanted, r.Has = string(w.Temperature), string(b.Temperature)
	case picking.AgainstSKU:
		r.Wanted = w.Code
		for _, sku := range s.SKUs {
			if sku != t.SKU {
				r.Has = wares[sku].Code
			}
		}
	case picking.AgainstLot:
		r.Wanted = t.Lot
		for i, sku := range s.SKUs {
			if sku == t.SKU && s.Lots[i] != t.Lot {
				r.Has = s.Lots[i]
			}
		}
	}
	return r
}
