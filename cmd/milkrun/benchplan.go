package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/pprof"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/demo"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// BenchPlanCmd plans a large range for a night.
type BenchPlanCmd struct {
	SKUs  []int `name:"skus" help:"SKUs; several sizes are measured one after another." default:"10000,50000,500000"`
	Sites int   `help:"Sites that may sell them. A tenth of all pairs of SKU and site has sales." default:"12"`
	// Profile is for those who make it faster.
	Profile string `help:"Write a CPU profile of the program's nights to this file." type:"path"`
}

// Run measures each size in a database of its own and prints pairs a second and the peak of the memory.
func (c *BenchPlanCmd) Run(ctx context.Context, cfg *Config) error {
	if c.Sites < 1 || c.Sites > 14 {
		return fmt.Errorf("--sites %d: want 1 to 14", c.Sites)
	}
	for _, n := range c.SKUs {
		if n < 100 || n > 5_000_000 {
			return fmt.Errorf("--skus %d: want 100 to 5000000", n)
		}
	}
	for _, n := range c.SKUs {
		if err := c.measure(ctx, cfg, n); err != nil {
			return fmt.Errorf("%d SKUs: %w", n, err)
		}
	}
	return nil
}

// measure makes n SKUs with sales, forecasts them, and plans: the whole range, and one SKU by itself.
func (c *BenchPlanCmd) measure(ctx context.Context, cfg *Config, n int) error {
	h, leave, err := benchHouse(ctx, cfg)
	if err != nil {
		return err
	}
	defer leave()
	fmt.Printf("\n%d SKUs at %d sites\n", n, c.Sites)
	took := stopwatch()
	system := h.asSystem(ctx)
	if _, err := h.demoCatalog(system, demo.Generate(h.today(), demoSeed)); err != nil {
		return err
	}
	if _, err := h.Catalog.Fill(system, demo.Tail(n), nil); err != nil {
		return err
	}
	if err := c.terms(system, h, n); err != nil {
		return err
	}
	took("stored with their terms")
	sold, series, err := c.forecast(ctx, h, n)
	if err != nil {
		return err
	}
	took("%d forecasts stored", series)
	if err := h.startJobs(ctx); err != nil {
		return err
	}
	defer h.stopJobs()
	if _, err := h.db.Pool.Exec(ctx, "analyze"); err != nil {
		return err
	}
	stop, err := c.profile()
	if err != nil {
		return err
	}
	defer stop()
	for _, night := range []string{"first night, every need is new", "second night, every need is known"} {
		resetPeak()
		server, err := newCPUClock(ctx, h.db.Pool)
		if err != nil {
			return err
		}
		began, own := time.Now(), cpuSeconds()
		if _, err := h.Plan.PlanNow(system); err != nil {
			return err
		}
		if err := h.awaitPlan(ctx); err != nil {
			return err
		}
		seconds := time.Since(began).Seconds()
		fmt.Printf("%s: %.1f s (processors: program %.1f s, database %.1f s), %.0f SKUs/s, %.0f pairs/s, %.0f selling pairs/s, memory %d MB at its peak\n",
			night, seconds, cpuSeconds()-own, server.spent(), float64(n)/seconds, float64(n*c.Sites)/seconds, float64(series)/seconds, peakMB())
	}
	stop()
	return c.one(system, h, sold)
}

// profile begins to write a profile where one is asked for, and gives how to end it; ending it twice is once.
func (c *BenchPlanCmd) profile() (stop func(), err error) {
	if c.Profile == "" {
		return func() {}, nil
	}
	f, err := os.Create(c.Profile)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return sync.OnceFunc(func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}), nil
}

// one plans single SKUs by themselves, as after a spike.
func (c *BenchPlanCmd) one(ctx context.Context, h *house, skus []catalog.SKUID) error {
	var times []time.Duration
	for i := range 40 {
		at := time.Now()
		if err := h.Plan.Replan(ctx, skus[i*len(skus)/40]); err != nil {
			return err
		}
		times = append(times, time.Since(at))
	}
	slices.Sort(times)
	fmt.Printf("one SKU planned anew: median %.1f ms, p95 %.1f ms\n", ms(times[20]), ms(times[37]))
	return nil
}

// termsBatch is how many terms are stored in one transaction.
const termsBatch = 5000

// terms gives every SKU of the tail a supplier of the demo.
func (c *BenchPlanCmd) terms(ctx context.Context, h *house, n int) error {
	suppliers := demo.Generate(h.today(), demoSeed).Suppliers
	var part []catalog.TermDraft
	i := 0
	flush := func() error {
		if len(part) == 0 {
			return nil
		}
		_, err := h.Catalog.Load(ctx, "bench", catalogops.Master{Terms: part})
		part = part[:0]
		return err
	}
	for s := range demo.Tail(n) {
		d := catalog.TermDraft{SKUCode: s.Code, SupplierCode: suppliers[i%len(suppliers)].Code}
		d.MOQ, d.Pack, d.LeadMean, d.LeadSD = quantity.Pieces(12*(1+i%10)), 12, float64(5+i%20), 2
		d.CapacityDay = 2000
		d.Breaks = []catalog.PriceBreak{{From: 1, Price: max(s.Price*6/10, money.Fen(1))}}
		i++
		if part = append(part, d); len(part) == termsBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// saveBatch is how many SKUs' forecasts are stored at a time.
const saveBatch = 2000

// forecast stores a run with a forecast of thirteen weeks for a tenth of the pairs. It answers their SKUs and how many pairs.
func (c *BenchPlanCmd) forecast(ctx context.Context, h *house, n int) (sold []catalog.SKUID, series int, err error) {
	ids, err := catalogdb.SKUCodes(ctx, h.db.Pool, nil)
	if err != nil {
		return nil, 0, err
	}
	sites, err := h.Catalog.Sites(h.asSystem(ctx))
	if err != nil {
		return nil, 0, err
	}
	var list []forecastdb.Result
	err = pgdb.InTx(ctx, h.db.Pool, func(tx pgx.Tx) error {
		now := time.Now()
		run, err := forecastdb.InsertRun(ctx, tx, forecasting.Run{Kind: forecasting.Manual, Origin: h.today(), Horizon: 91, Actor: "bench", AskedAt: now}, 0)
		if err != nil {
			return err
		}
		if err := forecastdb.OpenResult(ctx, tx, run); err != nil {
			return err
		}
		flush := func() error {
			err := forecastdb.SaveResults(ctx, tx, run, forecastdb.SpanOf(sold[max(len(sold)-saveBatch, 0):]), list, now)
			list = list[:0]
			return err
		}
		i := 0
		for s := range demo.Tail(n) {
			for k := range c.Sites {
				if (i+7*k)%10 != 0 {
					continue
				}
				if series++; len(sold) == 0 || sold[len(sold)-1] != ids[s.Code] {
					if len(sold) > 0 && len(sold)%saveBatch == 0 {
						if err := flush(); err != nil {
							return err
						}
					}
					sold = append(sold, ids[s.Code])
				}
				list = append(list, forecastdb.Result{Forecast: flat(forecasting.Key{SKU: ids[s.Code], Site: sites[k%len(sites)].ID}, h.today(), i)})
			}
			i++
		}
		if err := flush(); err != nil {
			return err
		}
		return forecastdb.Publish(ctx, tx, run, forecasting.RunSummary{Series: series}, now)
	})
	return sold, series, err
}

// flat is the forecast of a series that sells a few pieces a day, by the number of its SKU.
func flat(key forecasting.Key, origin calendar.Day, i int) forecasting.Forecast {
	const horizon = 91
	f := forecasting.Forecast{Key: key, Origin: origin, Class: forecasting.ClassSmooth, Model: "ETS"}
	for _, series := range []*[]float32{&f.Mean, &f.Q10, &f.Q50, &f.Q90, &f.Q95, &f.CumSD} {
		*series = make([]float32, horizon)
	}
	mean := 0.2 + float64(i%97)/20
	for d := range horizon {
		m := mean * (1 + 0.2*math.Sin(2*math.Pi*float64(d)/7))
		f.Mean[d], f.Q50[d], f.Q10[d], f.Q90[d], f.Q95[d] = float32(m), float32(m), float32(m/3), float32(2*m), float32(2.5*m)
		f.CumSD[d] = float32(math.Sqrt(mean*float64(d+1)) + 0.15*mean*float64(d+1))
	}
	return f
}
