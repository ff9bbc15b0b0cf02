package forecastops

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// RefreshArgs asks for new forecasts, within the run in force, of the SKUs that a topic concerns. Spike is the spike
// because of which it is asked, 0 when one is over.
type RefreshArgs struct {
	Topic catalog.TopicID `json:"topic"`
	Spike int64           `json:"spike,omitempty"`
}

// Kind names the job.
func (RefreshArgs) Kind() string { return "forecast.refresh" }

// InsertOpts keeps the job off the heavy queue, where it would wait for the shards of a run.
func (RefreshArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Priority: 1, MaxAttempts: 5}
}

type refreshWorker struct {
	river.WorkerDefaults[RefreshArgs]
	ops *Ops
}

// Timeout gives half an hour: a topic may concern thousands of SKUs.
func (*refreshWorker) Timeout(*river.Job[RefreshArgs]) time.Duration { return 30 * time.Minute }

func (w *refreshWorker) Work(ctx context.Context, job *river.Job[RefreshArgs]) error {
	return w.ops.attempt(ctx, job.JobRow, func(ctx context.Context) error {
		return w.ops.refreshTopic(ctx, job.Args.Topic, job.Args.Spike)
	}, nil)
}

// errSwitched tells that another run came into force during a refresh.
var errSwitched = errors.New("forecasting: another run has come into force meanwhile")

// refreshChunk is how many SKUs are forecast and stored at once.
const refreshChunk = 50

// Refresh makes the forecasts of the SKUs anew from all sales and heat known by now, stores them in the run in force and
// publishes forecasting.Refreshed. forecasting.ErrNoRun when there is none.
func (o *Ops) Refresh(ctx context.Context, skus []catalog.SKUID) error {
	run, err := forecastdb.CurrentRun(ctx, o.Pool)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(skus, refreshChunk) {
		r, err := o.newRefresh(ctx, run, part, nil)
		if err != nil {
			return err
		}
		if err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return r.save(ctx, tx) }); err != nil {
			return err
		}
	}
	return nil
}

// refreshTopic makes the forecasts of a topic's SKUs anew and, when the spike stands, works out and publishes what it adds.
func (o *Ops) refreshTopic(ctx context.Context, topic catalog.TopicID, spikeID int64) error {
	run, err := forecastdb.CurrentRun(ctx, o.Pool)
	if errors.Is(err, forecasting.ErrNoRun) {
		return nil // the first run looks at all topics when it is done
	}
	if err != nil {
		return err
	}
	weights, err := forecastdb.TopicSKUs(ctx, o.Pool, topic)
	if err != nil {
		return err
	}
	var skus []catalog.SKUID
	for _, w := range weights {
		skus = append(skus, w.SKU)
	}
	sums := additions{run: run}
	if spikeID != 0 {
		if sums.spike, err = forecastdb.Spike(ctx, o.Pool, spikeID); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(skus, refreshChunk) {
		r, err := o.newRefresh(ctx, run, part, &sums)
		if err != nil {
			return err
		}
		if err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return r.save(ctx, tx) }); err != nil {
			return err
		}
	}
	if spikeID == 0 {
		return events.Tell(ctx, o.Pool, liveHeat, "")
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return o.publishSpike(ctx, tx, topic, &sums) })
}

// publishSpike stores what the spike adds and publishes it once.
func (o *Ops) publishSpike(ctx context.Context, tx pgx.Tx, topic catalog.TopicID, sums *additions) error {
	r, open, err := forecastdb.LockOpenSpike(ctx, tx, topic)
	if err != nil || !open || r.ID != sums.spike.ID || !r.Proven || r.Effect == nil {
		return err // over meanwhile, or not proven any more
	}
	sums.fill(&r)
	if _, err := forecastdb.SaveSpike(ctx, tx, r, o.Clock()); err != nil {
		return err
	}
	if len(r.SKUs) == 0 {
		return events.Tell(ctx, tx, liveHeat, "")
	}
	first, err := forecastdb.PublishSpike(ctx, tx, r.ID, o.Clock())
	if err != nil {
		return err
	}
	if first {
		fact := forecasting.HeatSpiked{
			Topic: topic, Source: r.Spike.Source, Day: r.Spike.Day, Spike: r.Spike, Effect: *r.Effect, Pieces: r.Pieces, From: *r.From, To: *r.To,
		}
		for _, k := range r.SKUs {
			fact.SKUs = append(fact.SKUs, k.SKU)
		}
		if err := o.Bus.Publish(ctx, tx, fact); err != nil {
			return err
		}
	}
	return events.Tell(ctx, tx, liveHeat, "")
}

// refresh is a chunk of SKUs that has been forecast anew and is to be stored.
type refresh struct {
	ops  *Ops
	run  forecasting.Run
	span forecastdb.Span
	f    *forecaster
	out  []forecastdb.Result
	kept []forecastdb.Result // as they were, changes included: they could not be forecast anew
	// changes are the planners', by SKU.
	changes map[catalog.SKUID][]forecasting.OverrideRecord
}

// newRefresh forecasts the series of some SKUs, without holding a transaction.
// Those of a topic (sums not nil) begin as late as makes use of all its heat.
func (o *Ops) newRefresh(ctx context.Context, run forecasting.Run, skus []catalog.SKUID, sums *additions) (*refresh, error) {
	span := forecastdb.SpanOf(skus)
	span.Origin = run.Origin
	f, err := o.newForecaster(ctx, o.Pool, run.ID, span)
	if err != nil {
		return nil, err
	}
	if err := o.readHandovers(ctx, o.Pool, run.ID, f, run.Horizon); err != nil {
		return nil, err
	}
	series, err := readSeries(ctx, o.Pool, f, span)
	if err != nil {
		return nil, err
	}
	old, err := forecastdb.Results(ctx, o.Pool, run, span, 0, true)
	if err != nil {
		return nil, err
	}
	before := make(map[forecasting.Key]forecastdb.Result, len(old))
	for _, r := range old {
		before[r.Key] = r
	}
	lifts, err := forecastdb.LiftsOf(ctx, o.Pool, run.ID)
	if err != nil {
		return nil, err
	}
	changes, err := forecastdb.ActiveOverrides(ctx, o.Pool, run.Origin, span.SKUs)
	if err != nil {
		return nil, err
	}
	r := &refresh{ops: o, run: run, span: span, f: f, changes: map[catalog.SKUID][]forecasting.OverrideRecord{}}
	for _, c := range changes {
		r.changes[c.SKU] = append(r.changes[c.SKU], c)
	}
	since, now, err := o.sinceOrigin(ctx, f, span, old, sums != nil)
	if err != nil {
		return nil, err
	}
	var fresh []forecasting.Forecast
	for _, s := range series {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		late := f.late(s.SKU, run.Origin)
		was, ok := before[s.Key]
		if !ok || sums == nil || len(r.changes[s.SKU]) > 0 {
			late = 0 // nothing to begin with, or what it would begin with holds a change that may be gone
		}
		known := s
		if late > 0 {
			known = now.upToNow(s, since, was.Forecast, late)
		}
		fc, err := f.forecast(known, run.Horizon-late)
		if err != nil {
			o.Log.WarnContext(ctx, "series could not be refreshed, its forecast stays", "series", s.Key, "error", err)
			if ok {
				r.kept = append(r.kept, was)
			}
			continue
		}
		fresh = append(fresh, fc)
		top := f.top(s.SKU)
		one := forecastdb.Result{Forecast: fc}.Lifted(lifts[forecastdb.TotalKey{Site: s.Site, Category: top}].Factor)
		res := forecastdb.NewResult(after(was, one.Forecast, late), s)
		res.Top, res.Final = top, true
		r.out = append(r.out, res)
	}
	if sums != nil {
		sums.add(f, fresh)
	}
	return r, nil
}

// sinceOrigin reads what has been sold since the origin of the run, the running day included; wanted false gives nothing.
func (o *Ops) sinceOrigin(ctx context.Context, f *forecaster, span forecastdb.Span, old []forecastdb.Result, wanted bool) (map[forecasting.Key]forecasting.Series, running, error) {
	if !wanted || len(old) == 0 {
		return nil, running{}, nil
	}
	span.Origin = span.Origin.AddDays(forecasting.HeatDelay)
	var sites []catalog.SiteID
	keys := make([]forecasting.Key, len(old))
	for i, r := range old {
		keys[i] = r.Key
		if !slices.Contains(sites, r.Site) {
			sites = append(sites, r.Site)
		}
	}
	known, err := o.reported(ctx, o.Pool, span.Origin, sites)
	if err != nil {
		return nil, running{}, err
	}
	since := map[forecasting.Key]forecasting.Series{}
	for s, err := range forecastdb.Histories(ctx, o.Pool, span, f.members, known) {
		if err != nil {
			return nil, running{}, err
		}
		since[s.Key] = s
	}
	now, err := o.running(ctx, o.Pool, keys)
	return since, now, err
}

// late gives by how many days a forecast of the SKU must begin after the origin to make use of all heat known: the
// newest value is HeatDelay days before the first day forecast.
func (f *forecaster) late(sku catalog.SKUID, origin calendar.Day) int {
	late := 0
	for _, w := range f.weights[sku] {
		if h, ok := f.heat[w.Topic]; ok && f.effects[w.Topic].Gate {
			late = max(late, h.End().AddDays(forecasting.HeatDelay-1).Sub(origin))
		}
	}
	return min(late, forecasting.HeatDelay)
}

// unknownDays gives the series with n unknown days at its end.
func unknownDays(s forecasting.Series, n int) forecasting.Series {
	if n == 0 {
		return s
	}
	for range n {
		s.Sales = append(s.Sales, math.NaN())
		if s.SoldOut != nil {
			s.SoldOut = append(s.SoldOut, false)
		}
		if s.OutShare != nil {
			s.OutShare = append(s.OutShare, math.NaN())
		}
		if s.Promo != nil {
			s.Promo = append(s.Promo, 0)
		}
		if s.Price != nil {
			s.Price = append(s.Price, math.NaN())
		}
	}
	return s
}

// after gives the forecast that consists of the first n days of an earlier one and of a later one. The errors of the two
// totals are taken as independent.
func after(was forecastdb.Result, f forecasting.Forecast, n int) forecasting.Forecast {
	if n == 0 {
		return f
	}
	f.Origin = was.Origin
	join := func(a, b []float32) []float32 { return append(slices.Clone(a[:n]), b...) }
	f.Mean, f.Q10, f.Q50 = join(was.Mean, f.Mean), join(was.Q10, f.Q10), join(was.Q50, f.Q50)
	f.Q90, f.Q95 = join(was.Q90, f.Q90), join(was.Q95, f.Q95)
	first := float64(was.CumSD[n-1])
	cum := slices.Clone(was.CumSD[:n])
	for _, v := range f.CumSD {
		cum = append(cum, float32(math.Sqrt(first*first+float64(v)*float64(v))))
	}
	f.CumSD = cum
	x := f.Explanation
	x.Yearly = lead(x.Yearly, was.Explanation.Yearly, n)
	x.Heat = slices.Clone(x.Heat)
	for i := range x.Heat {
		var path []float64
		for _, old := range was.Explanation.Heat {
			if old.Topic == x.Heat[i].Topic {
				path = old.Multiplier
			}
		}
		x.Heat[i].Multiplier = lead(x.Heat[i].Multiplier, path, n)
	}
	if x.Cohort != nil {
		c := *x.Cohort
		var path []float64
		if was.Explanation.Cohort != nil {
			path = was.Explanation.Cohort.Multiplier
		}
		c.Multiplier = lead(c.Multiplier, path, n)
		x.Cohort = &c
	}
	if x.Promotion != nil {
		p := *x.Promotion
		var path []float64
		if was.Explanation.Promotion != nil {
			path = was.Explanation.Promotion.Multiplier
		}
		p.Multiplier = lead(p.Multiplier, path, n)
		x.Promotion = &p
	}
	f.Explanation = x
	return f
}

// lead puts the first n multipliers of an earlier path before a later one, 1 where there was none.
func lead(path, was []float64, n int) []float64 {
	if path == nil {
		return nil
	}
	out := make([]float64, 0, n+len(path))
	for i := range n {
		if i < len(was) {
			out = append(out, was[i])
		} else {
			out = append(out, 1)
		}
	}
	return append(out, path...)
}

// save stores the chunk in the run in force. errSwitched when that is another by now.
func (r *refresh) save(ctx context.Context, tx pgx.Tx) error {
	held, err := forecastdb.HoldCurrent(ctx, tx)
	if err != nil {
		return err
	}
	if held != r.run.ID {
		return errSwitched
	}
	old, err := forecastdb.Results(ctx, tx, r.run, r.span, 0, false)
	if err != nil {
		return err
	}
	slices.SortStableFunc(r.out, func(a, b forecastdb.Result) int { return int(a.SKU - b.SKU) })
	for part := range chunksBy(r.out, func(x forecastdb.Result) catalog.SKUID { return x.SKU }) {
		if err := override(ctx, tx, part, r.changes[part[0].SKU]); err != nil {
			return err
		}
	}
	r.out = append(r.out, r.kept...)
	totals := forecastdb.Totals{}
	for _, was := range old {
		totals.Add(was.Forecast, r.f.top(was.SKU), -1)
	}
	for _, now := range r.out {
		totals.Add(now.Forecast, r.f.top(now.SKU), 1)
	}
	if err := forecastdb.SaveResults(ctx, tx, r.run.ID, r.span, r.out, r.ops.Clock()); err != nil {
		return err
	}
	if err := forecastdb.MoveTotals(ctx, tx, r.run.ID, totals); err != nil {
		return err
	}
	if err := forecastdb.RefreshStats(ctx, tx, r.run.ID, r.span.SKUs); err != nil {
		return err
	}
	return r.ops.Bus.Publish(ctx, tx, forecasting.Refreshed{Run: r.run.ID, SKUs: r.span.SKUs})
}
