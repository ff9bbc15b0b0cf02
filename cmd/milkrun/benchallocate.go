package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/migrations"
	"milkrun/warehouse/warehousedb"
	"milkrun/warehouse/warehouseops"
)

// BenchAllocateCmd measures allocation against what the same cluster can write at all.
type BenchAllocateCmd struct {
	Orders int  `help:"Orders in the Zipf mix; the flash sale has half as many." default:"200000"`
	Rounds int  `help:"Rounds in which product and raw statement take turns." default:"5"`
	Intake int  `help:"Orders a second that come in by API during the last round." default:"50"`
	JSON   bool `name:"json" help:"Print one line of JSON."`
}

// benchMix is what one mix of orders came to.
type benchMix struct {
	Name      string
	Lines     int
	Took, Raw time.Duration
	// CPU is what the database's processes took, Client what this process took, in seconds; Raw for the raw statement.
	CPU, RawCPU, Client float64
	Allocated, Refused  int
	Oversold, Lost      int
}

func (m benchMix) rate() float64    { return float64(m.Lines) / m.Took.Seconds() }
func (m benchMix) rawRate() float64 { return float64(m.Lines) / m.Raw.Seconds() }

// Run loads the orders twice on one cluster, lets the product and the raw statement take turns, and prints both.
func (c *BenchAllocateCmd) Run(ctx context.Context, cfg *Config) error {
	if c.Orders < 100 || c.Rounds < 1 {
		return fmt.Errorf("--orders %d --rounds %d: want at least 100 orders and one round", c.Orders, c.Rounds)
	}
	h, leave, err := benchHouse(ctx, cfg)
	if err != nil {
		return err
	}
	defer leave()
	rawPool, closeRaw, err := rawDatabase(ctx, h)
	if err != nil {
		return err
	}
	defer closeRaw()
	b := &allocateBench{cmd: c, h: h, raw: rawPool, say: os.Stdout}
	if c.JSON {
		b.say = os.Stderr
	}
	if err := h.startJobs(ctx); err != nil {
		return err
	}
	defer h.stopJobs()
	zipf, err := b.mix(ctx, "zipf", c.Orders)
	if err != nil {
		return err
	}
	flash, err := b.mix(ctx, "flash", max(c.Orders/2, 100))
	if err != nil {
		return err
	}
	intake, err := b.intake(ctx)
	if err != nil {
		return err
	}
	return b.report(zipf, flash, intake)
}

// rawDatabase makes a second, migrated database on the house's cluster.
func rawDatabase(ctx context.Context, h *house) (*pgxpool.Pool, func(), error) {
	if _, err := h.db.Pool.Exec(ctx, "create database raw"); err != nil {
		return nil, nil, err
	}
	cfg := h.db.Pool.Config()
	cfg.ConnConfig.Database = "raw"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, nil, err
	}
	if err := migrations.Up(ctx, pool); err != nil {
		pool.Close()
		return nil, nil, err
	}
	return pool, pool.Close, nil
}

// mix loads one mix into both databases and measures it in rounds.
func (b *allocateBench) mix(ctx context.Context, name string, orders int) (benchMix, error) {
	m := benchMix{Name: name}
	load := newBenchLoad(name, orders, b.cmd.Rounds)
	at := time.Now()
	for _, pool := range []*pgxpool.Pool{b.h.db.Pool, b.raw} {
		if err := load.store(ctx, pool); err != nil {
			return m, fmt.Errorf("load the %s mix: %w", name, err)
		}
	}
	// The raw statement decides nothing: it must find enough everywhere.
	if _, err := b.raw.Exec(ctx, `update warehouse.position set on_hand = 1000000000`); err != nil {
		return m, err
	}
	for _, pool := range []*pgxpool.Pool{b.h.db.Pool, b.raw} {
		if _, err := pool.Exec(ctx, `vacuum (analyze) warehouse.outbound, warehouse.outbound_line, warehouse.shipment, warehouse.position, warehouse.allocation, warehouse.shortage`); err != nil {
			return m, err
		}
	}
	fmt.Fprintf(b.say, "%s: %d orders with %d lines loaded twice in %.1f s\n", name, orders, len(load.lines), time.Since(at).Seconds())
	m.Lines = len(load.lines)
	for r := range b.cmd.Rounds {
		for _, pool := range []*pgxpool.Pool{b.h.db.Pool, b.raw} {
			if err := load.queue(ctx, pool, r); err != nil {
				return m, err
			}
		}
		// Who goes first changes, so that neither always finds the caches warm.
		steps := []func(context.Context, *benchLoad, *benchMix) error{b.product, b.rawRound}
		if r%2 == 1 {
			steps[0], steps[1] = steps[1], steps[0]
		}
		for _, step := range steps {
			if err := step(ctx, load, &m); err != nil {
				return m, err
			}
		}
		fmt.Fprintf(b.say, "  round %d: %.0f lines/s so far, raw %.0f\n", r+1, float64(m.Lines)*float64(r+1)/float64(b.cmd.Rounds)/m.Took.Seconds(),
			float64(m.Lines)*float64(r+1)/float64(b.cmd.Rounds)/m.Raw.Seconds())
	}
	return m, load.audit(ctx, b.h.db.Pool, &m)
}

// product wakes the jobs of the sites, as sourcing does, and waits until they have emptied the queues.
func (b *allocateBench) product(ctx context.Context, load *benchLoad, m *benchMix) error {
	clock, err := newCPUClock(ctx, b.h.db.Pool)
	if err != nil {
		return err
	}
	own, at := processCPU(), time.Now()
	if err := b.wake(ctx, load.sites); err != nil {
		return err
	}
	if err := load.drained(ctx, b.h.db.Pool); err != nil {
		return err
	}
	m.Took += time.Since(at)
	m.CPU += clock.spent()
	m.Client += processCPU() - own
	return nil
}

func (b *allocateBench) wake(ctx context.Context, sites []catalog.SiteID) error {
	return pgdb.InTx(ctx, b.h.db.Pool, func(tx pgx.Tx) error {
		if err := warehousedb.MarkDirty(ctx, tx, sites); err != nil {
			return err
		}
		for _, s := range sites {
			if err := b.h.bus.Enqueue(ctx, tx, events.Job(warehouseops.AllocateArgs{Site: s})); err != nil {
				return err
			}
		}
		return nil
	})
}

// report prints the figures: the Zipf mix first, because most days look like it.
func (b *allocateBench) report(zipf, flash benchMix, in intakeFigures) error {
	cpu := func(m benchMix) float64 { return m.CPU / float64(m.Lines) * 1000 }
	if !b.cmd.JSON {
		fmt.Printf("\n%-34s %12s %12s\n", "", "zipf", "flash sale")
		row := func(name, form string, f func(benchMix) any) {
			fmt.Printf("%-34s %12s %12s\n", name, fmt.Sprintf(form, f(zipf)), fmt.Sprintf(form, f(flash)))
		}
		row("lines", "%d", func(m benchMix) any { return m.Lines })
		row("lines/s", "%.0f", func(m benchMix) any { return m.rate() })
		row("raw lines/s", "%.0f", func(m benchMix) any { return m.rawRate() })
		row("ratio to raw", "%.2f", func(m benchMix) any { return m.rate() / m.rawRate() })
		row("server CPU, ms a line", "%.4f", func(m benchMix) any { return cpu(m) })
		row("raw server CPU, ms a line", "%.4f", func(m benchMix) any { return m.RawCPU / float64(m.Lines) * 1000 })
		row("program CPU, ms a line", "%.4f", func(m benchMix) any { return m.Client / float64(m.Lines) * 1000 })
		row("allocated", "%d", func(m benchMix) any { return m.Allocated })
		row("refused for want of stock", "%d", func(m benchMix) any { return m.Refused })
		row("lines not accounted for", "%d", func(m benchMix) any { return m.Lost })
		row("oversold", "%d", func(m benchMix) any { return m.Oversold })
		fmt.Printf("intake by API while it runs: %d orders, median %.1f ms, p99 %.1f ms\n", in.Orders, ms(in.Median), ms(in.P99))
		return b.verdict(zipf, flash)
	}
	line, err := json.Marshal(map[string]any{
		"lines_per_s": round1(zipf.rate()), "raw_lines_per_s": round1(zipf.rawRate()), "ratio_to_raw": round3(zipf.rate() / zipf.rawRate()),
		"cpu_ms_per_line": round4(cpu(zipf)), "oversold": zipf.Oversold + flash.Oversold, "refused": zipf.Refused + flash.Refused,
		"lines": zipf.Lines, "allocated": zipf.Allocated + flash.Allocated, "unaccounted": zipf.Lost + flash.Lost,
		"flash_lines": flash.Lines, "flash_lines_per_s": round1(flash.rate()), "flash_raw_lines_per_s": round1(flash.rawRate()),
		"flash_ratio_to_raw": round3(flash.rate() / flash.rawRate()), "flash_cpu_ms_per_line": round4(cpu(flash)),
		"intake_orders": in.Orders, "intake_p50_ms": round3(ms(in.Median)), "intake_p99_ms": round3(ms(in.P99)),
	})
	if err != nil {
		return err
	}
	fmt.Println(string(line))
	return b.verdict(zipf, flash)
}

// verdict fails where stock was promised twice or a line got lost: no speed makes up for that.
func (b *allocateBench) verdict(all ...benchMix) error {
	for _, m := range all {
		if m.Oversold != 0 || m.Lost != 0 {
			return fmt.Errorf("%s mix: %d pieces oversold, %d lines not accounted for", m.Name, m.Oversold, m.Lost)
		}
	}
	return nil
}
