package forecastops

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// ScoreArgs asks for the measuring of one shard: how the forecasts of the past eight weeks came out.
type ScoreArgs struct {
	Run   int64 `json:"run"`
	No    int   `json:"no"`
	Epoch int   `json:"epoch"`
}

// Kind names the job.
func (ScoreArgs) Kind() string { return "forecast.score" }

// InsertOpts puts the job on the heavy queue behind everything that somebody waits for.
func (ScoreArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueHeavy, MaxAttempts: 3, Priority: 4, UniqueOpts: river.UniqueOpts{ByArgs: true}}
}

type scoreWorker struct {
	river.WorkerDefaults[ScoreArgs]
	ops *Ops
}

// Timeout gives none: the shard notes its progress, and the watch looks after it.
func (*scoreWorker) Timeout(*river.Job[ScoreArgs]) time.Duration { return -1 }

func (w *scoreWorker) Work(ctx context.Context, job *river.Job[ScoreArgs]) error {
	return w.ops.workShard(ctx, job.JobRow, forecastdb.PhaseScore, job.Args.Run, job.Args.No, job.Args.Epoch, w.ops.scoreShard)
}

// scoreShard keeps the start of the new forecasts, works out what would have been forecast where no past forecast was
// kept (as on the first day of a house), and measures the past eight weeks.
func (o *Ops) scoreShard(ctx context.Context, s forecastdb.Shard) error {
	run, err := forecastdb.Run(ctx, o.Pool, s.Run)
	if err != nil {
		return err
	}
	span := forecastdb.Span{From: s.From, To: s.To, Origin: run.Origin}
	f, err := o.newForecaster(ctx, o.Pool, run.ID, span)
	if err != nil {
		return err
	}
	series, err := readSeries(ctx, o.Pool, f, span)
	if err != nil {
		return err
	}
	kept, err := forecastdb.Vintages(ctx, o.Pool, span, run.Origin.AddDays(-scoreDays-forecastdb.VintageDays-7))
	if err != nil {
		return err
	}
	results, err := forecastdb.Results(ctx, o.Pool, run, span, 0, false)
	if err != nil {
		return err
	}
	class := make(map[forecasting.Key]forecasting.Class, len(results))
	var fresh []forecastdb.Vintage
	for _, r := range results {
		class[r.Key] = r.Class
		if due(kept[r.Key], run.Origin) {
			fresh = append(fresh, vintage(r.Forecast, false))
		}
	}
	chosen := backtested(series, run)
	t := newTally(run.Origin)
	var found []forecastdb.Finding
	p := progress{ops: o, shard: s, last: time.Now()}
	for i := range series {
		if err := ctx.Err(); err != nil {
			return err
		}
		var made []forecastdb.Vintage
		if chosen == nil || chosen[series[i].SKU] {
			made = f.backtest(series[i], kept[series[i].Key], run.Origin)
		}
		fresh = append(fresh, made...)
		vintages := append(made, kept[series[i].Key]...)
		t.add(series[i], vintages, class[series[i].Key], f.top(series[i].SKU))
		found = append(found, findings(series[i], vintages, run.Origin)...)
		if err := p.step(ctx); err != nil {
			return err
		}
	}
	t.flush()
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return o.saveScore(ctx, tx, run, s, &p, fresh, found, t) })
}

// Settings of the backtest of the first weeks of a house, in which no past forecast is kept yet: to work all of them out would cost
// twice what the forecasts of the run do.
const (
	backtestMost  = 600 // series
	backtestShare = 50  // one in so many where that is more
)

// backtested gives the SKUs of a shard whose past forecasts are worked out where none is kept, nil for all of them: half of the sample are
// the busiest, the rest is drawn by their ids, the same each night. The sites of a SKU stay together.
func backtested(series []forecasting.Series, run forecasting.Run) map[catalog.SKUID]bool {
	most := max(backtestMost, run.Series/backtestShare)
	if run.Series <= most {
		return nil
	}
	sold := map[catalog.SKUID]float64{}
	for _, s := range series {
		sum := 0.0
		for _, v := range s.Sales[max(s.Len()-scoreDays, 0):] {
			if v == v {
				sum += v
			}
		}
		sold[s.SKU] += sum
	}
	skus := slices.SortedFunc(maps.Keys(sold), func(a, b catalog.SKUID) int { return cmp.Or(cmp.Compare(sold[b], sold[a]), cmp.Compare(a, b)) })
	out := map[catalog.SKUID]bool{}
	share := float64(most) / float64(run.Series) / 2
	for i, sku := range skus {
		const spread = 2654435761 // of Knuth's multiplicative hashing
		out[sku] = float64(i) < share*float64(len(skus)) || float64(uint32(sku)*spread) < share*math.MaxUint32
	}
	return out
}

// due tells whether it is a week since a forecast that was in force was kept.
func due(kept []forecastdb.Vintage, origin calendar.Day) bool {
	return !slices.ContainsFunc(kept, func(v forecastdb.Vintage) bool { return !v.Backtest && v.Origin > origin.AddDays(-7) })
}

func vintage(f forecasting.Forecast, backtest bool) forecastdb.Vintage {
	n := min(forecastdb.VintageDays, f.Horizon())
	return forecastdb.Vintage{Key: f.Key, Origin: f.Origin, Backtest: backtest, Mean: f.Mean[:n], Q10: f.Q10[:n], Q90: f.Q90[:n]}
}

// backtest makes the forecasts of eight and of four weeks ago from what was known then, as far as none is kept that
// covers the four weeks after. What topics and categories have in common is taken as it was found now: with dozens of series
// behind each figure, one series knows next to nothing of its own future by it.
func (f *forecaster) backtest(s forecasting.Series, kept []forecastdb.Vintage, origin calendar.Day) []forecastdb.Vintage {
	const least = 28 // known days without which there was nothing to forecast from
	var made []forecastdb.Vintage
	for _, at := range []calendar.Day{origin.AddDays(-scoreDays), origin.AddDays(-scoreDays / 2)} {
		if slices.ContainsFunc(kept, func(v forecastdb.Vintage) bool { return v.Origin <= at && at < v.Origin.AddDays(len(v.Mean)) }) {
			continue
		}
		past := s.Before(at)
		if known(past.Sales) < least {
			continue
		}
		// A series that cannot be forecast has told so in the run itself.
		if fc, err := f.plain(past, forecastdb.VintageDays); err == nil {
			made = append(made, vintage(fc, true))
		}
	}
	return made
}

func known(v []float64) int {
	n := 0
	for _, x := range v {
		if !math.IsNaN(x) {
			n++
		}
	}
	return n
}

func (o *Ops) saveScore(ctx context.Context, tx pgx.Tx, run forecasting.Run, s forecastdb.Shard, p *progress, fresh []forecastdb.Vintage, found []forecastdb.Finding,
	t *tally,
) error {
	if err := s.SaveVintages(ctx, tx, fresh, run.Origin.AddDays(-scoreDays-2*forecastdb.VintageDays)); err != nil {
		return err
	}
	if err := forecastdb.SaveAlarms(ctx, tx, run.ID, found, o.Clock()); err != nil {
		return err
	}
	if err := s.SaveTally(ctx, tx, t); err != nil {
		return err
	}
	left, mine, err := s.Done(ctx, tx, p.done, p.problems, o.Clock())
	if err != nil {
		return err
	}
	if !mine {
		return errReplaced
	}
	if left > 0 {
		return nil
	}
	holes, err := o.siteHoles(ctx, run)
	if err != nil {
		return err
	}
	if err := forecastdb.SaveAlarms(ctx, tx, run.ID, holes, o.Clock()); err != nil {
		return err
	}
	if err := forecastdb.EndAlarms(ctx, tx, run.ID, o.Clock()); err != nil {
		return err
	}
	list, err := forecastdb.Tallies[tally](ctx, tx, run.ID)
	if err != nil {
		return err
	}
	sum := newTally(run.Origin)
	for i := range list {
		sum.merge(&list[i])
	}
	if err := forecastdb.SetAccuracy(ctx, tx, run.ID, sum.accuracy()); err != nil {
		return err
	}
	return o.tellRun(ctx, tx, run.ID)
}
