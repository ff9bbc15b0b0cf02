package simulation

import (
	"context"
	"math"
	"runtime"
	"sync"
)

// Run plays the policy against the world. The same world and policy give the same metrics to the last digit.
// A cancelled context answers its error.
func Run(ctx context.Context, w *World, p Policy) (Metrics, error) {
	if err := w.Check(); err != nil {
		return Metrics{}, err
	}
	var stats [Lanes][]LeadStats
	for l := range stats {
		stats[l] = statistics(w.Lead[l], w.WarmDays, w.Days())
	}
	tallies := make([]tally, len(w.SKUs))
	next := make(chan int)
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(w.SKUs)) {
		wait.Go(func() {
			for i := range next {
				d := newDesk(w, i, &stats)
				for d.day = w.WarmDays; d.day < w.Days() && ctx.Err() == nil; d.day++ {
					d.play(p)
				}
				tallies[i] = d.tally
			}
		})
	}
	for i := range w.SKUs {
		next <- i
	}
	close(next)
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return Metrics{}, err
	}
	return w.measure(tallies), nil
}

// Days of demand that each tier holds at the start.
const (
	startFront, startRegion, startOverseas = 10, 18, 35
	startWindow                            = 28
)

// newDesk sets up a SKU as it stands when the play begins.
func newDesk(w *World, i int, stats *[Lanes][]LeadStats) *Desk {
	d := &Desk{w: w, sku: &w.SKUs[i], index: i, day: w.WarmDays, stats: stats}
	days := w.SimDays - w.SkipDays
	d.tally.stock, d.tally.slow = make([]float64, days), make([]float64, days)
	expiry := w.WarmDays + d.sku.ShelfLife
	var mu [Fronts]float64
	for f := range Fronts {
		d.sales[f] = append(make([]int, 0, w.Days()), w.Demand[i][f][:w.WarmDays]...)
		d.empty[f] = make([]bool, w.WarmDays, w.Days())
		mu[f] = float64(total(d.sales[f][w.WarmDays-startWindow:])) / startWindow
	}
	d.cleared = make([]bool, w.WarmDays, w.Days())
	start := func(l Loc, days float64) int {
		sum := 0.0
		for _, f := range FrontsOf(l) {
			sum += mu[f]
		}
		return int(math.Floor(days * sum))
	}
	for f := range Fronts {
		d.shelves[Front(f)].put(batch{start(Front(f), startFront) + 1, expiry})
	}
	for _, r := range []Loc{REG1, REG2} {
		if n := start(r, startRegion); n > 0 {
			d.shelves[r].put(batch{n, expiry})
		}
	}
	if n := start(OVS, startOverseas); n > 0 && d.sku.Imported == 1 {
		d.shelves[OVS].put(batch{n, expiry})
	}
	return d
}

func total(days []int) int {
	n := 0
	for _, v := range days {
		n += v
	}
	return n
}

// play goes through one day.
func (d *Desk) play(p Policy) {
	counted := d.day >= d.w.WarmDays+d.w.SkipDays
	rest := d.coming[:0]
	for _, s := range d.coming {
		if s.arrives <= d.day {
			d.shelves[s.to].put(s.batch)
		} else {
			rest = append(rest, s)
		}
	}
	d.coming = rest
	for l := range d.shelves {
		if n := d.shelves[l].drop(d.day, d.sku.MinRemaining); counted {
			d.tally.writeOff += float64(n) * d.sku.Value
		}
	}
	for f := range Fronts {
		d.sell(f, counted)
	}
	d.cleared = append(d.cleared, d.clearing)
	p.Act(d)
	if counted {
		d.evening()
	}
}

// Factors of a clearance: demand grows, and the retail price is so much above the value.
const (
	clearanceDemand = 1.6
	retailOverValue = 1.35
)

// sell serves a day's demand at a front.
func (d *Desk) sell(f int, counted bool) {
	demand, shelf := d.w.Demand[d.index][f][d.day], &d.shelves[Front(f)]
	if d.clearing {
		demand = int(math.RoundToEven(clearanceDemand * float64(demand)))
	}
	before := shelf.total()
	sold := min(demand, before)
	shelf.take(sold)
	d.sales[f] = append(d.sales[f], sold)
	d.empty[f] = append(d.empty[f], sold == before)
	if counted {
		d.tally.serve(d, f, demand, before)
	}
	d.tally.outage(d, f, before < demand || before == 0, counted)
}
