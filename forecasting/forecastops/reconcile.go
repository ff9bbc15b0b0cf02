package forecastops

import (
	"context"
	"fmt"
	"math"
	"slices"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/models"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// Settings of the reconciliation.
const (
	leastTotalDays = 182   // days of a total's history below which its forecast is not asked
	mostCells      = 2_000 // sites × top categories above which only sites, categories, regions and the whole are forecast
	dayCorrelation = .25   // of the errors of the days of a stretch of the sum of single forecasts
	mostLift       = 1.4   // bound of a factor and its inverse: more than that is no rounding between levels but a fault of one of them
)

// reconcile gives the lifts of a run: the factors that make the single forecasts agree with those of the totals by weighted least
// squares. The sums of the shards are the bottom, a site and top category each; what they have in common is lifted alike, so that a
// few hundred figures reconcile half a million series. Totals know neither heat nor planners' changes: those come on top.
func (o *Ops) reconcile(ctx context.Context, run forecasting.Run) (forecastdb.Lifts, error) {
	sums, err := forecastdb.ShardTotals(ctx, o.Pool, run.ID)
	if err != nil || len(sums) == 0 {
		return nil, err
	}
	h := hierarchy{ops: o, run: run, sums: sums}
	if h.past, err = o.totalSeries(ctx, run); err != nil {
		return nil, err
	}
	if h.regions, err = forecastdb.Regions(ctx, o.Pool); err != nil {
		return nil, err
	}
	if h.engine, err = o.houseEngine(ctx, run.ID); err != nil {
		return nil, err
	}
	for k := range sums {
		h.keys = append(h.keys, k)
	}
	slices.SortFunc(h.keys, func(a, b forecastdb.TotalKey) int {
		if a.Site != b.Site {
			return int(a.Site - b.Site)
		}
		return int(a.Category - b.Category)
	})
	return h.solve(ctx)
}

// houseEngine gives the engine of the whole house without the global model, which has learnt from single series.
func (o *Ops) houseEngine(ctx context.Context, run int64) (*models.Engine, error) {
	f := &forecaster{base: o.Engine}
	if err := f.readEngines(ctx, o.Pool, run); err != nil {
		return nil, err
	}
	return f.engines[0], nil
}

// totalSeries gives the sales of each site and top category as series; a day that the site has not reported is unknown.
func (o *Ops) totalSeries(ctx context.Context, run forecasting.Run) (map[forecastdb.TotalKey]forecasting.Series, error) {
	from := run.Origin.AddDays(-forecastdb.HistoryDays)
	days, err := forecastdb.TopDays(ctx, o.Pool, from, run.Origin)
	if err != nil {
		return nil, err
	}
	known, err := o.reported(ctx, o.Pool, run.Origin, nil)
	if err != nil {
		return nil, err
	}
	out := map[forecastdb.TotalKey]forecasting.Series{}
	for part := range chunksBy(days, func(d forecastdb.TopDay) forecastdb.TotalKey { return d.TotalKey }) {
		k := part[0].TotalKey
		s := forecasting.Series{Key: forecasting.Key{Site: k.Site}, Start: part[0].Day, Sales: make([]float64, run.Origin.Sub(part[0].Day))}
		for i := range s.Sales {
			if !known.Known(k.Site, s.Day(i)) {
				s.Sales[i] = math.NaN()
			}
		}
		for _, d := range part {
			s.Sales[d.Day.Sub(s.Start)] = float64(d.Pieces)
		}
		out[k] = s
	}
	return out, nil
}

// hierarchy holds what the reconciliation of a run needs.
type hierarchy struct {
	ops     *Ops
	run     forecasting.Run
	engine  *models.Engine
	sums    forecastdb.Totals
	keys    []forecastdb.TotalKey
	past    map[forecastdb.TotalKey]forecasting.Series
	regions map[catalog.SiteID]string
}

// total is one sum of the hierarchy with its own forecast.
type total struct {
	members []int // of keys
	f       *forecasting.Forecast
	hidden  float64 // demand over sales
}

func (h *hierarchy) solve(ctx context.Context) (forecastdb.Lifts, error) {
	n := len(h.keys)
	cells := make([]total, n)
	for i := range cells {
		if n <= mostCells {
			cells[i] = h.total(i)
		}
	}
	var uppers []total
	for _, members := range h.groups() {
		if len(members) > 1 {
			uppers = append(uppers, h.total(members...))
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	lifts := forecastdb.Lifts{}
	for block := range forecasting.Blocks(h.run.Horizon) {
		if err := h.block(block, cells, uppers, lifts); err != nil {
			return nil, fmt.Errorf("reconcile run %d: %w", h.run.ID, err)
		}
	}
	return lifts, nil
}

// groups gives the members of each site, top category, region, and of the whole.
func (h *hierarchy) groups() [][]int {
	type level struct {
		kind forecasting.HierarchyLevel
		id   int32
		name string
	}
	at := map[level]int{}
	var out [][]int
	add := func(l level, i int) {
		k, ok := at[l]
		if !ok {
			k = len(out)
			at[l] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], i)
	}
	for i, k := range h.keys {
		add(level{kind: forecasting.LevelTotal}, i)
		add(level{kind: forecasting.LevelSite, id: int32(k.Site)}, i)
		add(level{kind: forecasting.LevelCategory, id: int32(k.Category)}, i)
		if r := h.regions[k.Site]; r != "" {
			add(level{kind: forecasting.LevelRegion, name: r}, i)
		}
	}
	return out
}

// total forecasts the sum of the members; without a forecast where the past is too short.
func (h *hierarchy) total(members ...int) total {
	t := total{members: members, hidden: 1}
	var sold, hidden float64
	var parts []forecasting.Series
	for _, i := range members {
		b := h.sums[h.keys[i]]
		sold += b.Sold
		hidden += b.Hidden
		if s, ok := h.past[h.keys[i]]; ok {
			parts = append(parts, s)
		}
	}
	if sold > 0 {
		t.hidden = 1 + hidden/sold
	}
	s := sumSeries(parts, h.run.Origin)
	if known(s.Sales) < leastTotalDays {
		return t
	}
	f, err := h.engine.Forecast(s, forecasting.Future{}, nil, h.run.Horizon)
	if err == nil && f.Sum(h.run.Horizon) > 0 {
		t.f = &f
	}
	return t
}

// sumSeries adds series up. A day on which one of them is unknown is unknown, as far as that leaves most of the days; else what is
// known is the sum.
func sumSeries(parts []forecasting.Series, end calendar.Day) forecasting.Series {
	if len(parts) == 0 {
		return forecasting.Series{Start: end}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	start := end
	for _, p := range parts {
		start = min(start, p.Start)
	}
	s := forecasting.Series{Start: start, Sales: make([]float64, end.Sub(start))}
	holes := make([]bool, len(s.Sales))
	n := 0
	for _, p := range parts {
		shift := p.Start.Sub(start)
		for i, v := range p.Sales {
			if v != v {
				if !holes[i+shift] {
					holes[i+shift] = true
					n++
				}
				continue
			}
			s.Sales[i+shift] += v
		}
	}
	if 5*n < len(s.Sales) {
		for i, hole := range holes {
			if hole {
				s.Sales[i] = math.NaN()
			}
		}
	}
	return s
}

// block reconciles one stretch of the horizon and adds its factors to the lifts.
func (h *hierarchy) block(block int, cells, uppers []total, lifts forecastdb.Lifts) error {
	from := block * forecasting.BlockDays
	days := min(forecasting.BlockDays, h.run.Horizon-from)
	bottom, variance := make([]float64, len(h.keys)), make([]float64, len(h.keys))
	sums := make([]float64, len(h.keys))
	for i, k := range h.keys {
		b := h.sums[k]
		sums[i] = b.Calm[block]
		mean, v := sums[i], blockVariance(b, from, days)
		// A total with one member is a second measurement of it: both together have the precision of the two.
		if f := cells[i].f; f != nil && mean > 0 {
			top, sd := f.Span(from, days)
			top, sd = top*cells[i].hidden, max(sd*cells[i].hidden, 1e-6)
			w := v / (v + sd*sd)
			mean, v = (1-w)*mean+w*top, v*(1-w)
		}
		bottom[i], variance[i] = mean, max(v, 1e-9)
		if sums[i] <= 0 {
			variance[i] = 0 // what nobody expects to sell stays so
		}
	}
	var totals []models.Total
	for _, t := range uppers {
		if t.f == nil {
			continue
		}
		mean, sd := t.f.Span(from, days)
		totals = append(totals, models.Total{Members: t.members, Mean: mean * t.hidden, Var: max(sd*sd*t.hidden*t.hidden, 1e-6)})
	}
	agreed, err := models.Reconcile(bottom, variance, totals)
	if err != nil {
		return err
	}
	for i, k := range h.keys {
		factor := 1.0
		if sums[i] > 0 {
			factor = min(max(agreed[i]/sums[i], 1/mostLift), mostLift)
		}
		l := lifts[k]
		l.Factor = append(l.Factor, float32(factor))
		if block == 0 {
			l.Bottom, l.Agreed = sums[i], sums[i]*factor
			if f := cells[i].f; f != nil {
				l.Top, _ = f.Span(from, days)
				l.Top *= cells[i].hidden
			}
		}
		lifts[k] = l
	}
	return nil
}

// blockVariance gives the variance of the error of a stretch of a sum: of a day as the band of the sum has it, of the stretch with days
// whose errors go together.
func blockVariance(b *forecasting.Band, from, days int) float64 {
	const z = 1.2815515655446004 // 0.9 quantile of the normal distribution
	var sum, sd float64
	for i := from; i < min(from+days, len(b.Mean)); i++ {
		low, high := b.Bounds(i, forecasting.SKUCorrelation)
		s := (high - low) / (2 * z)
		sum += s * s
		sd += s
	}
	return (1-dayCorrelation)*sum + dayCorrelation*sd*sd
}
