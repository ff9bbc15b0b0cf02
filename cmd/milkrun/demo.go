package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/demo"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// demoSeed makes the demo business the same on every machine.
const demoSeed = 20261123

// DemoCmd loads the demo business.
type DemoCmd struct {
	Today string `help:"Day on which the demo business stands; the present one by default." placeholder:"YYYY-MM-DD"`
}

// Run loads the demo business into an empty database.
func (c *DemoCmd) Run(ctx context.Context, cfg *Config) error {
	h, err := openHouse(ctx, cfg, cfg.logger())
	if err != nil {
		return err
	}
	defer h.close()
	today := h.today()
	if c.Today != "" {
		if today, err = calendar.ParseDay(c.Today); err != nil {
			return fmt.Errorf("--today: %w", err)
		}
	}
	empty, err := h.empty(ctx)
	if err != nil {
		return err
	}
	if !empty {
		return fmt.Errorf("the database holds goods already: the demo business needs an empty one (another --data folder, or another database)")
	}
	return h.loadDemo(ctx, today, os.Stdout)
}

// empty tells whether the catalog holds no SKU.
func (h *house) empty(ctx context.Context) (bool, error) {
	page, err := h.Catalog.SKUs(h.asSystem(ctx), catalog.SKUQuery{Limit: 1})
	if err != nil {
		return false, err
	}
	return len(page.Rows) == 0, nil
}

// loadDemo plays the demo business through the house's own verbs, and tells w what it does.
func (h *house) loadDemo(ctx context.Context, today calendar.Day, w io.Writer) error {
	ctx = h.asSystem(ctx)
	began := time.Now()
	step := func(what string, f func() (string, error)) error {
		at := time.Now()
		done, err := f()
		if err != nil {
			return fmt.Errorf("demo: %s: %w", what, err)
		}
		fmt.Fprintf(w, "  %-14s %-46s %6.1f s\n", what, done, time.Since(at).Seconds())
		return nil
	}
	fmt.Fprintf(w, "Loading the demo business as of %s …\n", today)
	world := demo.Generate(today, demoSeed)
	for _, s := range []struct {
		what string
		f    func() (string, error)
	}{
		{"catalog", func() (string, error) { return h.demoCatalog(ctx, world) }},
		{"sales", func() (string, error) { return h.demoSales(ctx, world) }},
		{"heat", func() (string, error) { return h.demoHeat(ctx, world) }},
		{"births", func() (string, error) { return h.demoCohorts(ctx, world) }},
		{"bins", func() (string, error) { return h.demoBins(ctx, world) }},
		{"stock", func() (string, error) { return h.demoStock(ctx, world) }},
		{"people", func() (string, error) { return h.demoUsers(ctx, world) }},
		{"factory orders", func() (string, error) { return h.demoOrders(ctx, world) }},
		{"rounds", func() (string, error) { return h.demoRounds(ctx, world) }},
		{"floor", func() (string, error) { return h.demoFloor(ctx, world) }},
		{"orders", func() (string, error) { return h.demoOutbound(ctx, world) }},
		{"campaigns", func() (string, error) { return h.demoCampaigns(ctx, world) }},
		{"suppliers", func() (string, error) { return h.demoPartners(ctx, world) }},
		{"overrides", func() (string, error) { return h.demoOverrides(ctx, world) }},
		{"statistics", func() (string, error) { return h.analyze(ctx) }},
		{"forecast", func() (string, error) { return h.firstForecast(ctx, today) }},
	} {
		if err := step(s.what, s.f); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "Loaded in %.0f s. The first forecast and plan run behind the pages; the dashboard shows how far they are.\n", time.Since(began).Seconds())
	return nil
}

// analyze lets PostgreSQL look at what was loaded: until it has, it plans queries for empty tables.
func (h *house) analyze(ctx context.Context) (string, error) {
	_, err := h.db.Pool.Exec(ctx, "analyze")
	return "gathered for the query planner", err
}

// firstForecast asks for the first run, which works off behind the pages.
func (h *house) firstForecast(ctx context.Context, today calendar.Day) (string, error) {
	_, err := h.Forecasts.StartRun(ctx, forecasting.Manual, today, 0)
	return "queued, with its plan", err
}

func (h *house) demoCatalog(ctx context.Context, world *demo.World) (string, error) {
	_, err := h.Catalog.Load(ctx, "demo", catalogops.Master{Categories: world.Categories, Sites: world.Sites, Lanes: world.Lanes,
		Suppliers: world.Suppliers, SKUs: world.SKUs, Terms: world.Terms, Topics: world.Topics, Weights: world.Weights})
	return fmt.Sprintf("%d SKUs, %d sites, %d suppliers, %d terms", len(world.SKUs), len(world.Sites), len(world.Suppliers), len(world.Terms)), err
}

// codes gives the ids of the demo's SKUs, sites and topics.
type codes struct {
	skus   map[string]catalog.SKUID
	sites  map[string]catalog.SiteID
	topics map[string]catalog.TopicID
}

func (h *house) demoCodes(ctx context.Context, world *demo.World) (codes, error) {
	var c codes
	var skus, sites, topics []string
	for _, s := range world.SKUs {
		skus = append(skus, s.Code)
	}
	for _, s := range world.Sites {
		sites = append(sites, s.Code)
	}
	for _, t := range world.Topics {
		topics = append(topics, t.Code)
	}
	var err error
	if c.skus, err = catalogdb.SKUCodes(ctx, h.db.Pool, skus); err != nil {
		return c, err
	}
	if c.sites, err = catalogdb.SiteCodes(ctx, h.db.Pool, sites); err != nil {
		return c, err
	}
	c.topics, err = catalogdb.TopicCodes(ctx, h.db.Pool, topics)
	return c, err
}

func (h *house) demoSales(ctx context.Context, world *demo.World) (string, error) {
	ids, err := h.demoCodes(ctx, world)
	if err != nil {
		return "", err
	}
	var merged forecasting.Merged
	err = pgdb.InTx(ctx, h.db.Pool, func(tx pgx.Tx) error {
		merged, err = h.Forecasts.MergeSales(ctx, tx, salesRows(world, ids))
		return err
	})
	return fmt.Sprintf("%d rows over two years", merged.Inserted), err
}

// tills are the sites whose tills know how long a shelf was empty.
var tills = map[string]bool{"SH-XH": true, "SH-PD": true}

func salesRows(world *demo.World, ids codes) iter.Seq2[forecasting.Sale, error] {
	return func(yield func(forecasting.Sale, error) bool) {
		for s := range world.Sales() {
			key := forecasting.Key{SKU: ids.skus[s.SKU], Site: ids.sites[s.Site]}
			for i, d := range s.Days {
				row := forecasting.Sale{Key: key, Day: d.Day, Pieces: quantity.Pieces(d.Pieces), Price: d.Price, PromoBP: int(d.PromoBP), SoldOut: d.SoldOut}
				if d.SoldOut && tills[s.Site] {
					row.OutMinutes = emptyMinutes(s, i)
				}
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

func (h *house) demoHeat(ctx context.Context, world *demo.World) (string, error) {
	ids, err := h.demoCodes(ctx, world)
	if err != nil {
		return "", err
	}
	var merged forecasting.Merged
	err = pgdb.InTx(ctx, h.db.Pool, func(tx pgx.Tx) error {
		merged, err = h.Forecasts.MergeHeat(ctx, tx, func(yield func(forecasting.HeatPoint, error) bool) {
			for _, s := range world.HeatSeries() {
				for i, v := range s.Values {
					p := forecasting.HeatPoint{Topic: ids.topics[s.Topic], Source: s.Source, Day: s.Start.AddDays(i), Value: v}
					if !math.IsNaN(v) && !yield(p, nil) {
						return
					}
				}
			}
		})
		return err
	})
	return fmt.Sprintf("%d values of %d topics", merged.Inserted, len(world.Topics)), err
}

// demoBins builds the racks of every site.
func (h *house) demoBins(ctx context.Context, world *demo.World) (string, error) {
	ids, err := h.demoCodes(ctx, world)
	if err != nil {
		return "", err
	}
	var drafts []warehouse.BinDraft
	for _, b := range world.Bins() {
		b.Bin.Site = ids.sites[b.Site]
		drafts = append(drafts, warehouse.DraftOf(b.Bin))
	}
	err = pgdb.InTx(ctx, h.db.Pool, func(tx pgx.Tx) error {
		_, err := h.Stock.LoadBins(ctx, tx, uuid.New(), "demo", drafts)
		return err
	})
	return fmt.Sprintf("%d bins at %d sites", len(drafts), len(world.Sites)), err
}

func (h *house) demoStock(ctx context.Context, world *demo.World) (string, error) {
	ids, err := h.demoCodes(ctx, world)
	if err != nil {
		return "", err
	}
	var counts []warehouse.Count
	for l := range world.Stock() {
		if l.Pieces == 0 {
			continue
		}
		c := warehouse.Count{Place: warehouse.Place{Site: ids.sites[l.Site], Bin: l.Bin, SKU: ids.skus[l.SKU], Lot: l.Code, Status: warehouse.Available},
			Produced: l.Made, Expiry: l.Expires, Pieces: quantity.Pieces(l.Pieces)}
		if l.Held {
			c.Status = warehouse.Held
		}
		counts = append(counts, c)
	}
	// A name-based id: loading the same demo again is the same operation.
	operation := uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "milkrun:demo:%s:%d", world.Today, world.Seed))
	n, err := h.Stock.Opening(ctx, operation, "demo", counts)
	return fmt.Sprintf("%d positions", n), err
}

// demoUser gives a context in which the demo's user of that login acts.
func (h *house) demoUser(ctx context.Context, login string) (context.Context, error) {
	u, err := h.userByLogin(ctx, login)
	if err != nil {
		return nil, fmt.Errorf("user %s: %w", login, err)
	}
	return access.WithUser(ctx, u), nil
}
