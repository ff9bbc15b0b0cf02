package warehouseops

import (
	"context"
	"encoding/json"
	"errors"
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

// sourceArgs asks to give new orders to sites.
type sourceArgs struct{}

// Kind names the job.
func (sourceArgs) Kind() string { return "warehouse.source" }

// InsertOpts names the queue.
func (sourceArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: QueueAllocation} }

const (
	// sourceBatch is how many orders one transaction gives to sites.
	sourceBatch = 400
	// backlogAge is how old the picture of the queues may be that sourcing takes off the free stock.
	backlogAge = 2 * time.Second
	// longQueue is how many waiting lines make a picture that the next run uses too: a few orders at a time come in while a day's
	// worth waits, and reading all of it for each of them would take the machine from those who work it off.
	longQueue = 10_000
)

// SourceNew gives the new orders to sites, in the order in which they came, and answers how many it did.
func (o *Ops) SourceNew(ctx context.Context) (int, error) {
	total, s := 0, o.picture.Swap(nil)
	if s == nil {
		s = &sourcing{ops: o}
	}
	defer func() {
		if s.waiting >= longQueue {
			o.picture.Store(s)
		}
	}()
	for ctx.Err() == nil {
		n, err := s.batch(ctx)
		if err != nil {
			return total, fmt.Errorf("warehouseops: source orders: %w", err)
		}
		if total += n; n < sourceBatch {
			return total, nil
		}
	}
	return total, ctx.Err()
}

type siteSKU struct {
	site catalog.SiteID
	sku  catalog.SKUID
}

// sourcing is one run over new orders: what it has given away counts against the free stock before allocation has reserved it.
type sourcing struct {
	ops     *Ops
	version int
	rules   warehouse.SourcingRules
	senders []warehousedb.Sender
	promise map[siteSKU]quantity.Pieces
	waiting int // lines in the queues
	seen    time.Time
}

// look reads the rules, and sites and queues anew when what it has of them is old.
func (s *sourcing) look(ctx context.Context, q pgdb.Querier) error {
	var err error
	if s.version, s.rules, err = rulesInForce(ctx, q); err != nil {
		return err
	}
	if s.senders != nil && s.ops.Clock().Sub(s.seen) < backlogAge {
		return nil
	}
	if s.senders, err = warehousedb.Senders(ctx, q); err != nil {
		return err
	}
	backlog, err := warehousedb.Backlog(ctx, q)
	if err != nil {
		return err
	}
	s.promise, s.waiting = make(map[siteSKU]quantity.Pieces, len(backlog)), 0
	for _, b := range backlog {
		s.promise[siteSKU{b.Site, b.SKU}] += b.Pieces
		s.waiting += b.Lines
	}
	s.seen = s.ops.Clock()
	return nil
}

func rulesInForce(ctx context.Context, q pgdb.Querier) (int, warehouse.SourcingRules, error) {
	v, err := warehousedb.SourcingRules(ctx, q, 1)
	if err != nil {
		return 0, warehouse.SourcingRules{}, err
	}
	if len(v) == 0 {
		return 0, warehouse.DefaultSourcing(), nil
	}
	return v[0].Version, v[0].Rules, nil
}

func (s *sourcing) batch(ctx context.Context) (n int, err error) {
	given := map[siteSKU]quantity.Pieces{}
	err = pgdb.InTx(ctx, s.ops.Pool, func(tx pgx.Tx) error {
		clear(given)
		orders, err := warehousedb.ClaimNew(ctx, tx, sourceBatch)
		if n = len(orders); err != nil || n == 0 {
			return err
		}
		if err := s.look(ctx, tx); err != nil {
			return err
		}
		batch, err := s.read(ctx, tx, orders, false)
		if err != nil {
			return err
		}
		var out warehousedb.Sourced
		now := s.ops.Clock()
		for i := range orders {
			if err := s.order(&out, &orders[i], batch, given, now); err != nil {
				return err
			}
		}
		if err := out.Write(ctx, tx, s.version, now); err != nil {
			return err
		}
		return s.ops.wakeSites(ctx, tx, out.Sites())
	})
	if err == nil {
		for k, v := range given {
			s.promise[k] += v
		}
	}
	return n, err
}

// wakeSites marks the queues of the sites and asks for the jobs that work them off.
func (o *Ops) wakeSites(ctx context.Context, tx pgx.Tx, sites []catalog.SiteID) error {
	if len(sites) == 0 {
		return nil
	}
	if err := warehousedb.MarkDirty(ctx, tx, sites); err != nil {
		return err
	}
	slices.Sort(sites)
	jobs := make([]river.InsertManyParams, len(sites))
	for i, site := range sites {
		jobs[i] = events.Job(AllocateArgs{Site: site})
	}
	return o.enqueue(ctx, tx, jobs...)
}

// enqueue queues jobs; a house without a queue (tools, tests) does its work when it is asked to.
func (o *Ops) enqueue(ctx context.Context, tx pgx.Tx, jobs ...river.InsertManyParams) error {
	if err := o.Bus.Enqueue(ctx, tx, jobs...); err != nil && !errors.Is(err, events.ErrUnbound) {
		return err
	}
	return nil
}

// sourceInput is what a batch of orders wants and what the sites have of it.
type sourceInput struct {
	lines map[warehouse.OutboundID][]warehousedb.WantedLine
	lots  map[siteSKU][]warehousedb.SiteLot
}

func (s *sourcing) read(ctx context.Context, q pgdb.Querier, orders []warehousedb.NewOrder, all bool) (sourceInput, error) {
	in := sourceInput{lines: map[warehouse.OutboundID][]warehousedb.WantedLine{}, lots: map[siteSKU][]warehousedb.SiteLot{}}
	ids := make([]int64, len(orders))
	for i, o := range orders {
		ids[i] = int64(o.ID)
	}
	lines, err := warehousedb.WantedLines(ctx, q, ids, all)
	if err != nil {
		return in, err
	}
	skus := map[int32]struct{}{}
	for _, l := range lines {
		in.lines[l.Outbound] = append(in.lines[l.Outbound], l)
		skus[int32(l.SKU)] = struct{}{}
	}
	lots, err := warehousedb.SiteLots(ctx, q, slices.Collect(maps.Keys(skus)))
	for _, l := range lots {
		k := siteSKU{l.Site, l.SKU}
		in.lots[k] = append(in.lots[k], l)
	}
	return in, err
}

// order chooses the sites of one order and adds it to out; what it takes counts in given.
func (s *sourcing) order(out *warehousedb.Sourced, o *warehousedb.NewOrder, in sourceInput, given map[siteSKU]quantity.Pieces, now time.Time) error {
	lines := in.lines[o.ID]
	choice, sites := s.choose(o, lines, in.lots, given)
	at := map[catalog.SiteID]bool{} // the sites that send, with whether they send cold goods
	parts := portionsByLine(choice, sites, len(lines))
	for i, l := range lines {
		for k, p := range parts[i] {
			at[p.site] = at[p.site] || l.Temperature != catalog.Ambient
			given[siteSKU{p.site, l.SKU}] += p.pieces
			if k == 0 {
				out.Line(o.ID, l.No, p.site, p.pieces)
			} else {
				out.Part(o.ID, l.No, p.site, p.pieces)
			}
		}
	}
	zone := s.ops.Zone
	for i, site := range sites {
		cold, sends := at[site.ID]
		if !sends {
			continue
		}
		sender := s.senders[i]
		zone = sender.Zone
		promise := warehouse.Promise(site.Promise)
		if o.Promise != warehouse.Minutes30 {
			promise = o.Promise
		}
		carrier, cutoff := s.rules.Carrier(promise, site.Tier, now, sender.Zone)
		priority := o.Priority
		if o.Promise == warehouse.Minutes30 {
			priority += warehouse.MaxPriority + 1 // half an hour does not wait behind tomorrow
		}
		out.Shipment(o.ID, site.ID, warehouse.Rank(o.ReceivedAt, priority), carrier, cutoff, cold, false)
	}
	report, err := json.Marshal(warehouse.Report(s.version, choice, sites, s.rules.RuleSet))
	if err != nil {
		return err
	}
	out.Order(o.ID, report, warehouse.PromisedAt(o.Promise, o.ReceivedAt, o.LotDay, zone))
	return nil
}

// choose weighs the sites for the order.
func (s *sourcing) choose(o *warehousedb.NewOrder, lines []warehousedb.WantedLine, lots map[siteSKU][]warehousedb.SiteLot, given map[siteSKU]quantity.Pieces,
) (allocation.Sourcing, []allocation.Site) {
	order, sites := s.offers(o, lines, lots, given)
	return allocation.Source(order, sites, s.rules.RuleSet), sites
}

// offers gives what the order needs, and the sites, in the order of s.senders, with what each could promise of it.
func (s *sourcing) offers(o *warehousedb.NewOrder, lines []warehousedb.WantedLine, lots map[siteSKU][]warehousedb.SiteLot, given map[siteSKU]quantity.Pieces,
) (allocation.Order, []allocation.Site) {
	order := allocation.Order{Channel: o.Channel, Promise: allocation.Promise(o.Promise), Amount: o.Amount}
	good := map[catalog.SKUID]int{} // days that must be left of a SKU
	for _, l := range lines {
		order.Needs = append(order.Needs, allocation.Need{SKU: l.SKU, Pieces: l.Pieces})
		if !slices.Contains(order.Classes, l.Temperature) {
			order.Classes = append(order.Classes, l.Temperature)
		}
		good[l.SKU] = max(good[l.SKU], l.MinRemainingDays, warehouse.NearExpiryDays(l.ShelfLifeDays))
	}
	sites := make([]allocation.Site, len(s.senders))
	for i := range s.senders {
		sites[i] = s.site(o, &s.senders[i])
		today := calendar.Of(s.ops.Clock(), s.senders[i].Zone)
		for sku, days := range good {
			k := siteSKU{sites[i].ID, sku}
			free := -s.promise[k] - given[k]
			for _, l := range lots[k] {
				if allocation.Sellable(l.Expiry, today, days, 0) {
					free += l.Free
				}
			}
			if free > 0 {
				sites[i].Free[sku] = free
			}
		}
	}
	return order, sites
}

func (s *sourcing) site(o *warehousedb.NewOrder, sender *warehousedb.Sender) allocation.Site {
	km := warehouse.Distance(sender.Site, o.Lat, o.Lon, o.Area)
	var lat, lon float64
	located := o.Lat != nil && o.Lon != nil
	if located {
		lat, lon = *o.Lat, *o.Lon
	}
	site := allocation.Site{ID: sender.ID, Code: sender.Code, Tier: sender.Tier, KM: km, ParcelFen: s.rules.CarriageTo(km),
		Promise: allocation.Promise(s.rules.Quickest(sender.Site, km, lat, lon, located)), Free: map[catalog.SKUID]quantity.Pieces{}}
	if most := s.rules.DailyOrders[sender.Code]; most > 0 {
		site.LoadPercent = 100 * float64(sender.Open) / float64(most)
	}
	return site
}

type sitePart struct {
	site   catalog.SiteID
	pieces quantity.Pieces
}

// portionsByLine gives the parts of each line by site: none for a line that no site may serve.
func portionsByLine(c allocation.Sourcing, sites []allocation.Site, lines int) [][]sitePart {
	out := make([][]sitePart, lines)
	add := func(need int, site catalog.SiteID, n quantity.Pieces) {
		for i := range out[need] {
			if out[need][i].site == site {
				out[need][i].pieces += n
				return
			}
		}
		out[need] = append(out[need], sitePart{site, n})
	}
	for _, p := range c.Parcels {
		for _, q := range p.Portions {
			add(q.Need, sites[p.Site].ID, q.Pieces)
		}
	}
	if c.WaitAt >= 0 {
		for _, w := range c.Waiting {
			add(w.Need, sites[c.WaitAt].ID, w.Pieces)
		}
	}
	return out
}
