package warehouseops

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/picking"
	"milkrun/warehouse/warehousedb"
)

type goodsKey struct {
	sku   catalog.SKUID
	lot   string
	owner string
}

// CountBin books a blind count of a bin: what stands there, and nothing else does. A count that agrees, or differs within the
// tolerance, settles the bin; a larger difference is counted again by another person, and booked when two counts agree, or waits
// for a lead when it is worth much. Promises beyond what is there look for other stock.
// warehouse.ErrNoCount, ErrTaskTaken, ErrSamePerson, ErrCountGoods.
func (o *Ops) CountBin(ctx context.Context, c warehouse.Command, id int64, counted []warehouse.CountedGoods) (warehouse.CountResult, error) {
	return once(ctx, o, access.WorkFloor, c, "count.bin", "count", func(ctx context.Context, x *deed) (warehouse.CountResult, error) {
		t, err := o.lockCount(ctx, x.tx, x.user, id)
		if err != nil {
			return warehouse.CountResult{}, err
		}
		round, prices, err := o.round(ctx, x, t, counted)
		if err != nil {
			return warehouse.CountResult{}, err
		}
		if err := warehousedb.InsertCountEntries(ctx, x.tx, t.ID, round, account(x.user)); err != nil {
			return warehouse.CountResult{}, err
		}
		rule, err := warehousedb.CountRule(ctx, x.tx, t.Site)
		if err != nil {
			return warehouse.CountResult{}, err
		}
		all, err := warehousedb.CountEntries(ctx, x.tx, t.ID)
		if err != nil {
			return warehouse.CountResult{}, err
		}
		decision := decideCount(t, all, rule)
		t.Difference, t.Value = worth(round, prices)
		switch {
		case decision == picking.CountAgain && t.Round < maxRounds:
			t.State, t.Round = warehouse.CountRecount, t.Round+1
			return o.countSaved(ctx, x, t, nil)
		case decision == picking.CountAgain, decision == picking.CountBook && t.Value > rule.LeadFen && !access.Can(x.user, access.LeadFloor):
			t.State = warehouse.CountReview
			return o.countSaved(ctx, x, t, nil)
		}
		return o.settleCount(ctx, x, t, round)
	})
}

// maxRounds is how often a bin is counted before a lead decides.
const maxRounds = 3

// round gives the entries of a count: what was counted, and nothing of what the book has beside it.
func (o *Ops) round(ctx context.Context, x *deed, t *warehouse.CountTask, counted []warehouse.CountedGoods) ([]warehouse.CountEntry, map[catalog.SKUID]money.Fen, error) {
	booked, err := warehousedb.BookedIn(ctx, x.tx, t.Site, t.Bin)
	if err != nil {
		return nil, nil, err
	}
	at := map[goodsKey]int{}
	prices := map[catalog.SKUID]money.Fen{}
	var out []warehouse.CountEntry
	for _, b := range booked {
		at[goodsKey{b.SKU, b.Lot.Code, b.Owner}] = len(out)
		prices[b.SKU] = b.Price
		out = append(out, warehouse.CountEntry{Round: t.Round, SKU: b.SKU, Lot: b.Lot, Owner: b.Owner, Booked: b.Pieces, At: x.now, By: x.user.Name})
	}
	seen := map[goodsKey]bool{}
	var skus []catalog.SKUID
	for _, g := range counted {
		g.Lot = strings.TrimSpace(g.Lot)
		k := goodsKey{g.SKU, g.Lot, g.Owner}
		if g.Pieces < 0 || g.Pieces > warehouse.MaxArrival || seen[k] || g.Produced != nil && g.Expiry != nil && *g.Expiry < *g.Produced {
			return nil, nil, warehouse.ErrCountGoods
		}
		seen[k] = true
		i, known := at[k]
		if !known {
			i = len(out)
			out = append(out, warehouse.CountEntry{Round: t.Round, SKU: g.SKU, Lot: warehouse.Lot{Code: g.Lot, Produced: g.Produced, Expiry: g.Expiry}, Owner: g.Owner, At: x.now, By: x.user.Name})
			skus = append(skus, g.SKU)
		}
		out[i].Counted = g.Pieces
	}
	known, err := warehousedb.Prices(ctx, x.tx, skus)
	if err != nil {
		return nil, nil, err
	}
	for _, sku := range skus {
		p, ok := known[sku]
		if !ok {
			return nil, nil, warehouse.ErrCountGoods
		}
		prices[sku] = p
	}
	return out, prices, nil
}

// decideCount decides over all lots of the bin: again when one of them asks for it, book when one of them differs. Differences are
// compared, not counts: pieces may have been picked between two rounds.
func decideCount(t *warehouse.CountTask, all []warehouse.CountEntry, rule warehouse.CountRule) picking.CountDecision {
	byKey := map[goodsKey][]warehouse.CountEntry{}
	for _, e := range all {
		k := goodsKey{e.SKU, e.Lot.Code, e.Owner}
		byKey[k] = append(byKey[k], e)
	}
	out := picking.CountAgrees
	for _, entries := range byKey {
		last := entries[len(entries)-1]
		if last.Round != t.Round { // gone from the book since, and nobody saw it this time
			continue
		}
		var differences []int64
		for _, e := range entries {
			differences = append(differences, int64(e.Difference()))
		}
		for range t.Round - len(entries) { // a lot that only this round has seen: the others counted none
			differences = append([]int64{0}, differences...)
		}
		switch picking.JudgeCounts(0, differences, rule.Tolerance(last.Booked)) {
		case picking.CountAgain:
			return picking.CountAgain
		case picking.CountBook:
			out = picking.CountBook
		}
	}
	return out
}

// worth adds up the pieces by which a round differs, and what they are worth, missing and surplus alike.
func worth(round []warehouse.CountEntry, prices map[catalog.SKUID]money.Fen) (net quantity.Pieces, value money.Fen) {
	for _, e := range round {
		d := e.Difference()
		net += d
		value += money.Fen(max(d, -d)) * prices[e.SKU]
	}
	return net, value
}

func (o *Ops) countSaved(ctx context.Context, x *deed, t *warehouse.CountTask, op *warehousedb.Operation) (warehouse.CountResult, error) {
	if err := warehousedb.SaveCount(ctx, x.tx, t, op); err != nil {
		return warehouse.CountResult{}, err
	}
	r := warehouse.CountResult{Task: t.ID, State: t.State, Difference: t.Difference}
	if t.State != warehouse.CountDone {
		r.Difference = 0 // who counts again must not know
	}
	return r, events.Tell(ctx, x.tx, "floor", fmt.Sprint(t.Site))
}

// settleCount books the differences of a round and ends the count.
func (o *Ops) settleCount(ctx context.Context, x *deed, t *warehouse.CountTask, round []warehouse.CountEntry) (warehouse.CountResult, error) {
	var released, left quantity.Pieces
	var touched []catalog.SKUID
	for _, e := range round {
		r, l, changed, err := o.bookCount(ctx, x, t, e)
		if err != nil {
			return warehouse.CountResult{}, err
		}
		released, left = released+r, left+l
		if changed {
			touched = append(touched, e.SKU)
		}
	}
	t.State, t.Decided, t.DecidedBy = warehouse.CountDone, &x.now, x.user.Name
	if err := warehousedb.BinCounted(ctx, x.tx, t.Site, t.Bin, x.now); err != nil {
		return warehouse.CountResult{}, err
	}
	out, err := o.countSaved(ctx, x, t, &x.op)
	if err != nil {
		return out, err
	}
	out.Released, out.Left = released, left
	if left > 0 { // what pickers still have on their list is counted once they have been there
		next := warehouse.CountTask{Site: t.Site, Bin: t.Bin, Reason: "doubt", Day: t.Day, At: x.now, By: x.user.Name}
		if _, err := warehousedb.InsertCount(ctx, x.tx, next); err != nil {
			return out, err
		}
	}
	if len(touched) == 0 {
		return out, nil
	}
	slices.Sort(touched)
	touched = slices.Compact(touched)
	err = audit.Write(ctx, x.tx, x.now, audit.Change{Verb: "count.book", Thing: audit.Thing{Kind: "count", ID: fmt.Sprint(t.ID)},
		After: map[string]any{"bin": t.Bin, "difference": t.Difference, "value": t.Value, "cause": t.Cause, "released": released}})
	if err != nil {
		return out, err
	}
	if err := o.Bus.Publish(ctx, x.tx, warehouse.Counted{SKUs: touched}); err != nil {
		return out, err
	}
	return out, o.freed(ctx, x, t.Site, touched)
}

// bookCount brings the positions of a lot in line with its difference. Missing pieces come off what a picker could not find, then
// off free ones, then off other statuses, then off promises that no wave has taken up. left are pieces that only a wave holds.
func (o *Ops) bookCount(ctx context.Context, x *deed, t *warehouse.CountTask, e warehouse.CountEntry) (released, left quantity.Pieces, changed bool, err error) {
	at := warehouse.Place{Site: t.Site, Bin: t.Bin, SKU: e.SKU, Lot: e.Lot.Code, Owner: e.Owner}
	reason, err := warehousedb.HeldForReason(ctx, x.tx, at)
	if err != nil {
		return 0, 0, false, err
	}
	missing := max(0, -e.Difference())
	if missing > 0 {
		if released, err = o.loosen(ctx, x, at, missing); err != nil {
			return 0, 0, false, err
		}
	}
	places, err := warehousedb.PlacesOf(ctx, x.tx, at, true)
	if err != nil {
		return 0, 0, false, err
	}
	rank := map[warehouse.Status]int{warehouse.Available: 1, warehouse.Held: 2, warehouse.Returned: 3, warehouse.Damaged: 4, warehouse.Recalled: 5}
	if !reason {
		rank[warehouse.Held] = 0
	}
	slices.SortFunc(places, func(a, b warehousedb.LotPosition) int { return rank[a.Place.Status] - rank[b.Place.Status] })
	var moves []warehouse.Move
	left = missing
	for _, p := range places {
		n := min(left, p.Free())
		if n > 0 {
			moves = append(moves, warehouse.Move{From: &p.Place, Pieces: n})
			left -= n
		}
		// What a picker could not find, and the counter did: it may be promised again.
		if found := p.Free() - n; found > 0 && p.Place.Status == warehouse.Held && !reason {
			to := p.Place
			to.Status = warehouse.Available
			moves = append(moves, warehouse.Move{From: &p.Place, To: &to, Pieces: found})
		}
	}
	if d := e.Difference(); d > 0 {
		to := at
		to.Status = warehouse.Available
		if reason {
			to.Status = warehouse.Held
		}
		moves = append(moves, warehouse.Move{To: &to, Pieces: d, Produced: e.Lot.Produced, Expiry: e.Lot.Expiry})
	}
	return released, left, len(moves) > 0, x.post(ctx, moves...)
}

// loosen ends promises on a lot in a bin as far as its free pieces do not cover what is missing.
func (o *Ops) loosen(ctx context.Context, x *deed, at warehouse.Place, missing quantity.Pieces) (quantity.Pieces, error) {
	places, err := warehousedb.PlacesOf(ctx, x.tx, at, false)
	if err != nil {
		return 0, err
	}
	var free quantity.Pieces
	var position int64
	for _, p := range places {
		free += p.Free()
		if p.Place.Status == warehouse.Available {
			position = p.ID
		}
	}
	if free >= missing || position == 0 {
		return 0, nil
	}
	return warehousedb.Unpromise(ctx, x.tx, []int64{position}, map[int64]quantity.Pieces{position: missing - free}, x.now)
}
