package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/forecastops"
	"milkrun/forecasting/models"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/catalog/catalogops"
	"milkrun/internal/demo"
	"milkrun/internal/events"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// BenchForecastCmd forecasts a large range for two nights.
type BenchForecastCmd struct {
	Series []int `help:"Series (SKU × site with sales); several sizes are measured one after another." default:"10000,100000,600000"`
	Sites  int   `help:"Sites that may sell a SKU. A tenth of all pairs sells." default:"12"`
	Days   int   `help:"Days of history." default:"730"`
	Nights int   `help:"Nights. The first has no past forecasts to measure and works them out; the others are as every night." default:"2"`
}

// Run measures each size in a database of its own: series a second, CPU of the program and the database, peak memory.
func (c *BenchForecastCmd) Run(ctx context.Context, cfg *Config) error {
	switch {
	case c.Sites < 1 || c.Sites > 14:
		return fmt.Errorf("--sites %d: want 1 to 14", c.Sites)
	case c.Days < 60 || c.Days > forecastdb.HistoryDays:
		return fmt.Errorf("--days %d: want 60 to %d", c.Days, forecastdb.HistoryDays)
	case c.Nights < 1 || c.Nights > 10:
		return fmt.Errorf("--nights %d: want 1 to 10", c.Nights)
	}
	for _, n := range c.Series {
		if n < 1000 || n > 5_000_000 {
			return fmt.Errorf("--series %d: want 1000 to 5000000", n)
		}
	}
	for _, n := range c.Series {
		if err := c.measure(ctx, cfg, n); err != nil {
			return fmt.Errorf("%d series: %w", n, err)
		}
	}
	return nil
}

func (c *BenchForecastCmd) measure(ctx context.Context, cfg *Config, n int) error {
	h, leave, err := benchHouse(ctx, cfg)
	if err != nil {
		return err
	}
	defer leave()
	skus := n * 10 / c.Sites
	fmt.Printf("\n%d series: %d SKUs at %d sites, a tenth of the pairs sells, %d days\n", n, skus, c.Sites, c.Days)
	took := stopwatch()
	if err := c.fill(ctx, h, skus); err != nil {
		return err
	}
	took("made and stored")
	b := forecastBench{h: h}
	if err := b.start(ctx); err != nil {
		return err
	}
	defer b.stop()
	for night := range c.Nights {
		if err := b.night(ctx, night); err != nil {
			return err
		}
	}
	if err := b.single(ctx); err != nil {
		return err
	}
	return b.shard(ctx)
}

// fill makes the catalog, two years of sales and the heat of topics that every twentieth SKU belongs to.
func (c *BenchForecastCmd) fill(ctx context.Context, h *house, skus int) error {
	system := h.asSystem(ctx)
	world := demo.Generate(h.today(), demoSeed)
	if _, err := h.demoCatalog(system, world); err != nil {
		return err
	}
	if _, err := h.demoHeat(system, world); err != nil {
		return err
	}
	if _, err := h.Catalog.Fill(system, demo.Tail(skus), nil); err != nil {
		return err
	}
	var weights []catalog.TopicSKUDraft
	i := 0
	for s := range demo.Tail(skus) {
		if i++; i%20 == 0 {
			weights = append(weights, catalog.TopicSKUDraft{TopicCode: world.Topics[i/20%len(world.Topics)].Code, SKUCode: s.Code, Weight: .5})
		}
	}
	for part := range slices.Chunk(weights, termsBatch) {
		if _, err := h.Catalog.Load(system, "bench", catalogops.Master{Weights: part}); err != nil {
			return err
		}
	}
	ids, err := catalogdb.SKUCodes(ctx, h.db.Pool, nil)
	if err != nil {
		return err
	}
	sites, err := h.Catalog.Sites(system)
	if err != nil {
		return err
	}
	var rows int64
	err = pgdb.InTx(ctx, h.db.Pool, func(tx pgx.Tx) error {
		rows, err = forecastdb.FillSales(ctx, tx, c.sales(h.today(), skus, ids, sites))
		return err
	})
	if err != nil {
		return err
	}
	fmt.Printf("%d rows of sales\n", rows)
	_, err = h.db.Pool.Exec(ctx, "vacuum analyze")
	return err
}

// sales gives the history of a tenth of the pairs: most of them slow, some fast, with weeks, a season, price cuts and empty shelves.
func (c *BenchForecastCmd) sales(today calendar.Day, skus int, ids map[string]catalog.SKUID, sites []catalog.SiteRecord) iter.Seq2[forecasting.Sale, error] {
	week := [7]float64{.9, .85, .9, .95, 1.05, 1.2, 1.15}
	return func(yield func(forecasting.Sale, error) bool) {
		i := -1
		for s := range demo.Tail(skus) {
			i++
			for k := range c.Sites {
				if (i+7*k)%10 != 0 {
					continue
				}
				rng := rand.New(rand.NewPCG(uint64(i), uint64(k)))
				level := math.Exp(-1.2 + 1.2*rng.NormFloat64())
				phase := 2 * math.Pi * rng.Float64()
				key := forecasting.Key{SKU: ids[s.Code], Site: sites[k%len(sites)].ID}
				price := max(s.Price, 100)
				promo, out := 0, 0
				for d := range c.Days {
					day := today.AddDays(d - c.Days)
					mean := level * week[(int(day)+3)%7] * (1 + .3*math.Sin(phase+2*math.Pi*float64(d)/365))
					if promo == 0 && rng.IntN(90) == 0 {
						promo = 7
					}
					sale := forecasting.Sale{Key: key, Day: day, Price: price}
					if promo > 0 {
						promo--
						mean *= 1.8
						sale.PromoBP, sale.Price = 2000, money.Fen(float64(price)*.8)
					}
					if out == 0 && rng.IntN(150) == 0 {
						out = 1 + rng.IntN(4)
					}
					n := poissonOf(rng, mean)
					if out > 0 {
						out--
						n, sale.SoldOut = n/2, true
					}
					if sale.Pieces = quantity.Pieces(n); n == 0 && !sale.SoldOut {
						continue
					}
					if !yield(sale, nil) {
						return
					}
				}
			}
		}
	}
}

// poissonOf draws a number of pieces with the mean.
func poissonOf(rng *rand.Rand, mean float64) int {
	n, p, limit := 0, rng.Float64(), math.Exp(-min(mean, 500))
	for p > limit {
		n++
		p *= rng.Float64()
	}
	return n
}

// forecastBench runs the forecast alone: no plan follows it.
type forecastBench struct {
	h      *house
	ops    *forecastops.Ops
	client *river.Client[pgx.Tx]
}

func (b *forecastBench) start(ctx context.Context) error {
	bus := events.NewBus()
	b.ops = forecastops.New(forecastops.Deps{Pool: b.h.db.Pool, Bus: bus, Clock: time.Now, Log: b.h.log})
	workers := river.NewWorkers()
	b.ops.Register(workers)
	var err error
	b.client, err = river.NewClient(riverpgxv5.New(b.h.db.Pool), &river.Config{
		Logger: quieter(b.h.log), Workers: workers, JobTimeout: -1,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}, forecastops.QueueHeavy: {MaxWorkers: b.h.cfg.workers()}},
	})
	if err != nil {
		return err
	}
	bus.Bind(b.client)
	return b.client.Start(context.WithoutCancel(ctx))
}

func (b *forecastBench) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_ = b.client.StopAndCancel(ctx)
}

// night runs the forecast and what follows it, and prints what each part took.
func (b *forecastBench) night(ctx context.Context, night int) error {
	resetPeak()
	server, err := newCPUClock(ctx, b.h.db.Pool)
	if err != nil {
		return err
	}
	began, own := time.Now(), processCPU()
	print := func(what string, series int) {
		seconds, program, database := time.Since(began).Seconds(), processCPU()-own, server.spent()
		fmt.Printf("night %d, %-28s %7.1f s, %6.0f series/s; CPU of 1,000 series %5.2f s (program %5.2f, database %5.2f), memory %d MB at its peak\n",
			night+1, what, seconds, float64(series)/seconds, 1000*(program+database)/float64(series), 1000*program/float64(series), 1000*database/float64(series), peakMB())
	}
	run, err := b.ops.StartRun(b.h.asSystem(ctx), forecasting.Manual, 0, 0)
	if err != nil {
		return err
	}
	begun := false
	for run.Open() {
		time.Sleep(100 * time.Millisecond)
		d, err := b.ops.Run(b.h.asSystem(ctx), run.ID)
		if err != nil {
			return err
		}
		run = d.Run
		if !begun && run.SeriesDone > 0 {
			begun = true
			print("topics, groups, global model", run.Series)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if run.State != forecasting.RunPublished {
		return errors.New(run.Error)
	}
	print("in force", run.Series)
	for run.Accuracy == nil {
		time.Sleep(100 * time.Millisecond)
		d, err := b.ops.Run(b.h.asSystem(ctx), run.ID)
		if err != nil {
			return err
		}
		run = d.Run
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	print("and measured", run.Series)
	fmt.Printf("WAPE of the weeks %.1f %% against %.1f %% naive, %d problems\n", run.Accuracy.Total.WAPE, run.Accuracy.Total.Naive, run.Summary.Problems)
	return nil
}

// single forecasts single SKUs anew, as after a spike.
func (b *forecastBench) single(ctx context.Context) error {
	keys, err := forecastdb.Panel(ctx, b.h.db.Pool, b.h.today(), 40)
	if err != nil {
		return err
	}
	var times []time.Duration
	for _, k := range keys {
		at := time.Now()
		if err := b.ops.Refresh(ctx, []catalog.SKUID{k.SKU}); err != nil {
			return err
		}
		times = append(times, time.Since(at))
	}
	slices.Sort(times)
	if n := len(times); n > 0 {
		fmt.Printf("one SKU forecast anew: median %.0f ms, p95 %.0f ms\n", ms(times[n/2]), ms(times[n*95/100]))
	}
	return nil
}

// shardsRead is how many shards are read and fitted once more, each by itself.
const shardsRead = 3

// shard prints what reading the histories of a shard costs beside fitting them.
func (b *forecastBench) shard(ctx context.Context) error {
	b.stop() // nothing else is to run meanwhile
	pool, origin := b.h.db.Pool, b.h.today()
	ids, err := catalogdb.SKUCodes(ctx, pool, nil)
	if err != nil {
		return err
	}
	skus := slices.Sorted(maps.Values(ids))
	var series, rows int
	var reading, fitting float64
	for k := range shardsRead {
		from := len(skus) * (k + 1) / (shardsRead + 1)
		span := forecastdb.Span{From: skus[from], To: skus[min(from+1200, len(skus)-1)], Origin: origin}
		server, err := newCPUClock(ctx, pool)
		if err != nil {
			return err
		}
		own := processCPU()
		list, err := readSpan(ctx, pool, span)
		if err != nil {
			return err
		}
		reading += processCPU() - own + server.spent()
		own = processCPU()
		engine := models.New(models.Options{})
		for _, s := range list {
			if _, err := engine.Forecast(s, forecasting.Future{}, nil, forecastops.DefaultHorizon); err != nil {
				return err
			}
			rows += s.Len()
		}
		fitting += processCPU() - own
		series += len(list)
	}
	n := float64(max(series, 1)) / 1000
	fmt.Printf("a shard by itself, %d series of %d days: reading %.2f CPU s of 1,000 series (database included), fitting %.2f: reading is %.0f %% of fitting\n",
		series, rows/max(series, 1), reading/n, fitting/n, 100*reading/fitting)
	return nil
}

// readSpan reads the histories of a span as a shard does.
func readSpan(ctx context.Context, q pgdb.Querier, span forecastdb.Span) ([]forecasting.Series, error) {
	members, err := forecastdb.Members(ctx, q, span)
	if err != nil {
		return nil, err
	}
	known, err := forecastdb.LoadReported(ctx, q, span.Origin.AddDays(-forecastdb.HistoryDays), nil)
	if err != nil {
		return nil, err
	}
	var list []forecasting.Series
	for s, err := range forecastdb.Histories(ctx, q, span, members, known) {
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}
