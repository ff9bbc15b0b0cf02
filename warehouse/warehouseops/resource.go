package warehouseops

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/allocation"
	"milkrun/warehouse/warehousedb"
)

const (
	// stuckBatch is how many short lines one transaction looks at, stuckPages how many times a run does so.
	stuckBatch = 400
	stuckPages = 50
)

// moveShortArgs asks to look for other sites that could send what lines are short of.
type moveShortArgs struct{}

// Kind names the job.
func (moveShortArgs) Kind() string { return "warehouse.move_short" }

// InsertOpts names the queue.
func (moveShortArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: QueueAllocation} }

func (o *Ops) registerMoves(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, _ *river.Job[moveShortArgs]) error {
		_, err := o.MoveShort(ctx)
		return err
	}))
}

// subscribeMoves looks anew where pieces have come: lines of other sites may wait for them.
func subscribeMoves(b *events.Bus) {
	look := []river.InsertManyParams{events.Job(moveShortArgs{})}
	events.Subscribe(b, func(warehouse.Freed) []river.InsertManyParams { return look })
	events.Subscribe(b, func(warehouse.Received) []river.InsertManyParams { return look })
}

func periodicMoves() []*river.PeriodicJob {
	return []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(sweepEvery),
		func() (river.JobArgs, *river.InsertOpts) { return moveShortArgs{}, nil }, nil)}
}

// MoveShort sends lines that stay short at their site from another where the rules allow it: one that keeps the order's promise, or
// else the next one below it. Earlier orders choose first, those that can be served where they wait among them; a line moves when
// all that it misses can be had. It takes its place in the other site's queue by its age, so that it comes before later orders.
// Stock is promised by the allocation alone, under its locks. The answer is how many lines moved.
func (o *Ops) MoveShort(ctx context.Context) (int, error) {
	total := 0
	_, rules, err := rulesInForce(ctx, o.Pool)
	if err != nil || rules.MoveShort.Off {
		return 0, err
	}
	before := o.Clock().Add(-time.Duration(rules.MoveShort.Minutes) * time.Minute)
	skus, err := warehousedb.MovableSKUs(ctx, o.Pool, before)
	if err != nil {
		return 0, err
	}
	var after *warehousedb.StuckLine
	kept := map[siteSKU]quantity.Pieces{}
	for page := 0; page < stuckPages && len(skus) > 0 && ctx.Err() == nil; page++ {
		var r moveRun
		if err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
			r = moveRun{sourcing: sourcing{ops: o}, tx: tx, given: maps.Clone(kept), kept: maps.Clone(kept)}
			return r.batch(ctx, before, skus, after)
		}); err != nil {
			return total, fmt.Errorf("warehouseops: move short lines: %w", err)
		}
		total += len(r.moved)
		if r.last == nil {
			break
		}
		after, skus, kept = r.last, r.left, r.kept
	}
	return total, ctx.Err()
}

// moveRun is one batch of short lines that look for another site.
type moveRun struct {
	sourcing
	tx    pgx.Tx
	given map[siteSKU]quantity.Pieces // what lines take, of those before them
	kept  map[siteSKU]quantity.Pieces // the part of it that allocation gives to lines where they wait
	sends map[warehouse.OutboundID][]warehousedb.Sends
	out   warehousedb.Sourced
	moved []warehousedb.StuckLine
	// last is the end of the page where there may be more; left are the SKUs of which a site still has free pieces.
	last *warehousedb.StuckLine
	left []int32
}

func (r *moveRun) batch(ctx context.Context, before time.Time, skus []int32, after *warehousedb.StuckLine) error {
	// Two that look at once would both count on the same free pieces.
	if alone, err := warehousedb.Alone(ctx, r.tx, "warehouse.move_short"); err != nil || !alone {
		return err
	}
	lines, err := warehousedb.ClaimStuck(ctx, r.tx, before, skus, after, stuckBatch)
	if err != nil || len(lines) == 0 {
		return err
	}
	if err := r.look(ctx, skus); err != nil {
		return err
	}
	lots, err := warehousedb.SiteLots(ctx, r.tx, skus)
	if err != nil {
		return err
	}
	here := map[siteSKU][]warehousedb.SiteLot{}
	for _, l := range lots {
		k := siteSKU{l.Site, l.SKU}
		here[k] = append(here[k], l)
	}
	if err := r.read(ctx, lines); err != nil {
		return err
	}
	now := r.ops.Clock()
	for at := 0; at < len(lines); { // the lines of an order come together: they have one rank
		end := at + 1
		for end < len(lines) && lines[end].ID == lines[at].ID {
			end++
		}
		if err := r.order(ctx, lines[at:end], here, now); err != nil {
			return err
		}
		at = end
	}
	if len(lines) == stuckBatch {
		r.last, r.left = &lines[len(lines)-1], r.stillFree(skus, here)
	}
	if len(r.moved) == 0 {
		return nil
	}
	if err := warehousedb.WriteMoves(ctx, r.tx, &r.out, r.moved, r.version, now); err != nil {
		return err
	}
	return r.ops.wakeSites(ctx, r.tx, r.out.Sites())
}

// look reads rules, sites and what is queued. What is short itself stands in the batch, in its order.
func (r *moveRun) look(ctx context.Context, skus []int32) (err error) {
	if r.version, r.rules, err = rulesInForce(ctx, r.tx); err != nil {
		return err
	}
	if r.senders, err = warehousedb.Senders(ctx, r.tx); err != nil {
		return err
	}
	queued, err := warehousedb.Queued(ctx, r.tx, skus)
	r.promise = map[siteSKU]quantity.Pieces{}
	for _, q := range queued {
		r.promise[siteSKU{q.Site, q.SKU}] += q.Pieces
	}
	return err
}

func (r *moveRun) read(ctx context.Context, lines []warehousedb.StuckLine) error {
	ids := map[int64]struct{}{}
	for _, l := range lines {
		ids[int64(l.ID)] = struct{}{}
	}
	sends, err := warehousedb.SendingSites(ctx, r.tx, slices.Collect(maps.Keys(ids)))
	r.sends = map[warehouse.OutboundID][]warehousedb.Sends{}
	for _, s := range sends {
		r.sends[s.Outbound] = append(r.sends[s.Outbound], s)
	}
	return err
}

// stillFree gives the SKUs of which any site has pieces that nobody waits for.
func (r *moveRun) stillFree(skus []int32, here map[siteSKU][]warehousedb.SiteLot) []int32 {
	return slices.DeleteFunc(slices.Clone(skus), func(id int32) bool {
		for _, s := range r.senders {
			k := siteSKU{s.ID, catalog.SKUID(id)}
			free := -r.promise[k] - r.given[k]
			for _, l := range here[k] {
				free += l.Free
			}
			if free > 0 {
				return false
			}
		}
		return true
	})
}

// order looks for other sites for the short lines of one order.
func (r *moveRun) order(ctx context.Context, lines []warehousedb.StuckLine, here map[siteSKU][]warehousedb.SiteLot, now time.Time) error {
	open := r.waiting(lines, here)
	promise := lines[0].Promise
	ships := map[catalog.SiteID]newParcel{}
	for _, p := range []warehouse.Promise{promise, promise.Below()} {
		if len(open) == 0 || p == "" {
			break
		}
		o := lines[0].NewOrder
		o.Promise = p
		rest, err := r.place(ctx, &o, open, here, p == promise, ships, now)
		if err != nil {
			return err
		}
		open = open[:0:0]
		for i := range rest { // what they cannot have together, one may have alone
			left, err := r.place(ctx, &o, rest[i:i+1], here, p == promise, ships, now)
			if err != nil {
				return err
			}
			open = append(open, left...)
		}
	}
	for _, site := range slices.Sorted(maps.Keys(ships)) {
		n, s := ships[site], r.senders[slices.IndexFunc(r.senders, func(s warehousedb.Sender) bool { return s.ID == site })]
		carrier, cutoff := r.rules.Carrier(n.promise, s.Tier, now, s.Zone)
		r.out.Shipment(lines[0].ID, site, lines[0].Rank, carrier, cutoff, n.cold, false)
	}
	return nil
}

// waiting gives the lines that may move: not those that the allocation can serve where they are, nor those that have only just come
// to be short.
func (r *moveRun) waiting(lines []warehousedb.StuckLine, here map[siteSKU][]warehousedb.SiteLot) (out []warehousedb.StuckLine) {
	for _, l := range lines {
		k := siteSKU{l.Site, l.SKU}
		i := slices.IndexFunc(r.senders, func(s warehousedb.Sender) bool { return s.ID == l.Site })
		free := -r.promise[k] - r.given[k]
		for _, lot := range here[k] {
			if i < 0 || allocation.Sellable(lot.Expiry, calendar.Of(r.ops.Clock(), r.senders[i].Zone), l.MinRemainingDays, warehouse.NearExpiryDays(l.ShelfLifeDays)) {
				free += lot.Free
			}
		}
		take := min(max(0, free), l.Missing)
		if l.Whole && take < l.Missing {
			take = 0
		}
		r.given[k] += take
		r.kept[k] += take
		if take == 0 && l.Ripe {
			out = append(out, l)
		}
	}
	return out
}

// place finds places for lines, notes those that have one and gives the others.
func (r *moveRun) place(ctx context.Context, o *warehousedb.NewOrder, lines []warehousedb.StuckLine, here map[siteSKU][]warehousedb.SiteLot, inTime bool,
	ships map[catalog.SiteID]newParcel, now time.Time,
) (rest []warehousedb.StuckLine, err error) {
	if len(lines) == 0 {
		return nil, nil
	}
	parts := r.find(o, lines, here)
	for i := range lines {
		if parts[i] == nil {
			rest = append(rest, lines[i])
			continue
		}
		if err := r.move(ctx, &lines[i], parts[i], inTime, ships, now); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// newParcel is what a site comes to send of an order.
type newParcel struct {
	promise warehouse.Promise
	cold    bool
}

// find gives where each of the lines could go in time, nil for one that stays.
func (r *moveRun) find(o *warehousedb.NewOrder, lines []warehousedb.StuckLine, here map[siteSKU][]warehousedb.SiteLot) [][]sitePart {
	wanted := make([]warehousedb.WantedLine, len(lines))
	lots := maps.Clone(here)
	for i, l := range lines {
		wanted[i] = warehousedb.WantedLine{Outbound: l.ID, No: l.No, SKU: l.SKU, Pieces: l.Missing, MinRemainingDays: l.MinRemainingDays, ShelfLifeDays: l.ShelfLifeDays, Temperature: l.Temperature}
		delete(lots, siteSKU{l.Site, l.SKU}) // what it can have there, it gets without moving
	}
	order, sites := r.offers(o, wanted, lots, r.given)
	rules := r.rules.RuleSet
	sends := r.sends[o.ID]
	sending := func(id catalog.SiteID) bool {
		return slices.ContainsFunc(sends, func(s warehousedb.Sends) bool { return s.Site == id && s.Open })
	}
	for i := range sites {
		if sending(sites[i].ID) {
			sites[i].ParcelFen = 0 // it goes into a parcel that is sent anyway
		}
	}
	if rules.MaxParcels > 0 {
		if rules.MaxParcels -= len(sends); rules.MaxParcels <= 0 {
			rules.MaxParcels = 1
			sites = slices.DeleteFunc(sites, func(s allocation.Site) bool { return !sending(s.ID) })
		}
	}
	choice := allocation.Source(order, sites, rules)
	parts, got := make([][]sitePart, len(lines)), make([]quantity.Pieces, len(lines))
	for _, p := range choice.Parcels {
		if !p.OnTime {
			continue
		}
		for _, q := range p.Portions {
			parts[q.Need] = append(parts[q.Need], sitePart{sites[p.Site].ID, q.Pieces})
			got[q.Need] += q.Pieces
		}
	}
	for i := range parts {
		if got[i] < lines[i].Missing {
			parts[i] = nil
		}
	}
	return parts
}

// move notes a line's new places and tells the order's time line. A parcel that cannot keep the half hour goes as those of the next day.
func (r *moveRun) move(ctx context.Context, l *warehousedb.StuckLine, parts []sitePart, inTime bool, ships map[catalog.SiteID]newParcel, now time.Time) error {
	promise := l.Promise
	if !inTime {
		promise = promise.Below()
	}
	for k, p := range parts {
		i := slices.IndexFunc(r.senders, func(s warehousedb.Sender) bool { return s.ID == p.site })
		if k == 0 && l.Allocated == 0 {
			r.out.Line(l.ID, l.No, p.site, p.pieces)
		} else {
			r.out.Part(l.ID, l.No, p.site, p.pieces)
		}
		n, seen := ships[p.site]
		if !seen {
			n.promise = promise
		}
		n.cold = n.cold || l.Temperature != catalog.Ambient
		ships[p.site] = n
		r.given[siteSKU{p.site, l.SKU}] += p.pieces
		detail := map[string]any{"line": l.No, "sku": l.Code, "pieces": p.pieces, "from": l.SiteCode, "to": r.senders[i].Code, "in_time": inTime, "rules": r.version,
			"reason": fmt.Sprintf("%s × %d, %s → %s", l.Code, p.pieces, l.SiteCode, r.senders[i].Code)}
		if err := warehousedb.AddEvent(ctx, r.tx, l.ID, now, "moved", "", detail); err != nil {
			return err
		}
	}
	r.moved = append(r.moved, *l)
	return nil
}
