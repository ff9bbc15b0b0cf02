package forecastops

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"golang.org/x/sync/errgroup"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// BeginArgs asks for the first part of a run: what topics do to demand, what the series of a category have in common,
// and the shards.
type BeginArgs struct {
	Run int64 `json:"run"`
}

// Kind names the job.
func (BeginArgs) Kind() string { return "forecast.effects" }

// InsertOpts puts the job on the heavy queue.
func (BeginArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueHeavy, MaxAttempts: 3, Priority: 2}
}

type beginWorker struct {
	river.WorkerDefaults[BeginArgs]
	ops *Ops
}

// Timeout gives none: the job notes its progress, and the watch looks after it.
func (*beginWorker) Timeout(*river.Job[BeginArgs]) time.Duration { return -1 }

func (w *beginWorker) Work(ctx context.Context, job *river.Job[BeginArgs]) error {
	return w.ops.attempt(ctx, job.JobRow, func(ctx context.Context) error { return w.ops.begin(ctx, job.Args.Run) },
		func(why error) error { return w.ops.fail(ctx, job.Args.Run, why) })
}

// The sizes of the samples that effects and priors are learnt from, in series.
const (
	effectMembers = 20
	priorMembers  = 40
)

// begin is idempotent: what an earlier attempt has stored is not computed again.
func (o *Ops) begin(ctx context.Context, id int64) error {
	var run forecasting.Run
	open := false
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		state, err := forecastdb.LockRun(ctx, tx, id)
		if err != nil {
			return err
		}
		if open = state == forecasting.RunQueued || state == forecasting.RunEffects; !open {
			return nil
		}
		if err := forecastdb.SetRunState(ctx, tx, id, forecasting.RunEffects, "", o.Clock()); err != nil {
			return err
		}
		if err := forecastdb.OpenResult(ctx, tx, id); err != nil {
			return err
		}
		if run, err = forecastdb.Run(ctx, tx, id); err != nil {
			return err
		}
		return o.tellRun(ctx, tx, id)
	})
	if err != nil || !open {
		return err
	}
	if err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return forecastdb.Recategorise(ctx, tx) }); err != nil {
		return err
	}
	if err := o.scoreOverrides(ctx, run); err != nil {
		return err
	}
	if err := o.planLaunches(ctx, run); err != nil {
		return err
	}
	if run, err = forecastdb.Run(ctx, o.Pool, id); err != nil {
		return err
	}
	if err := o.estimateEffects(ctx, run); err != nil {
		return err
	}
	if err := o.poolPriors(ctx, run); err != nil {
		return err
	}
	if err := o.trainGlobal(ctx, run); err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return o.queueShards(ctx, tx, run) })
}

// queueShards ends the first part of the run, once.
func (o *Ops) queueShards(ctx context.Context, tx pgx.Tx, run forecasting.Run) error {
	state, err := forecastdb.LockRun(ctx, tx, run.ID)
	if err != nil || state != forecasting.RunEffects {
		return err
	}
	list, err := forecastdb.Unfinished(ctx, tx, run.ID, forecastdb.PhaseForecast)
	if err != nil {
		return err
	}
	next, jobs := forecasting.RunShards, shardJobs(list)
	if len(list) == 0 {
		next, jobs = forecasting.RunFinishing, []river.InsertManyParams{events.Job(FinishArgs{Run: run.ID})}
	}
	if err := forecastdb.SetRunState(ctx, tx, run.ID, next, "", o.Clock()); err != nil {
		return err
	}
	if err := forecastdb.SetBegun(ctx, tx, run.ID, o.Clock()); err != nil {
		return err
	}
	if err := o.Bus.Enqueue(ctx, tx, jobs...); err != nil {
		return err
	}
	return o.tellRun(ctx, tx, run.ID)
}

// estimateEffects finds what each demand topic does to demand, over a sample of its series, and stores it. Topics of
// complaints are left alone: they never enter a forecast.
func (o *Ops) estimateEffects(ctx context.Context, run forecasting.Run) error {
	topics, err := forecastdb.Topics(ctx, o.Pool)
	if err != nil {
		return err
	}
	if err := forecastdb.KeepEffects(ctx, o.Pool, run.ID, run.Origin); err != nil {
		return err
	}
	done, err := forecastdb.Effects(ctx, o.Pool, run.ID)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, t := range topics {
		if _, ok := done[t.ID]; ok || t.Kind != catalog.DemandTopic {
			continue
		}
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			e, ok, err := o.estimate(ctx, run, t.ID)
			if err != nil || !ok {
				return err
			}
			if err := forecastdb.SaveEffect(ctx, o.Pool, run.ID, e, run.Origin); err != nil {
				return err
			}
			return forecastdb.BeatRun(ctx, o.Pool, run.ID, o.Clock())
		})
	}
	return group.Wait()
}

// estimate gives the effect of a topic's heat, combined over its sources. false when the topic has no heat or no SKU
// with sales.
func (o *Ops) estimate(ctx context.Context, run forecasting.Run, topic catalog.TopicID) (best forecasting.TopicEffect, ok bool, err error) {
	heat, err := forecastdb.HeatSeries(ctx, o.Pool, []catalog.TopicID{topic}, run.Origin.AddDays(-forecastdb.HistoryDays), run.Origin)
	if err != nil || len(heat) == 0 {
		return best, false, err
	}
	keys, err := forecastdb.Largest(ctx, o.Pool, topic, run.Origin, effectMembers)
	if err != nil || len(keys) == 0 {
		return best, false, err
	}
	span := spanOfKeys(keys, run)
	sites, err := forecastdb.SitesOf(ctx, o.Pool, span.SKUs)
	if err != nil {
		return best, false, err
	}
	known, err := o.reported(ctx, o.Pool, run.Origin, sites)
	if err != nil {
		return best, false, err
	}
	series, err := o.seriesOf(ctx, keys, span, known)
	if err != nil || len(series) == 0 {
		return best, false, err
	}
	list, err := forecastdb.TopicSKUs(ctx, o.Pool, topic)
	if err != nil {
		return best, false, err
	}
	bySKU := map[catalog.SKUID]float64{}
	for _, w := range list {
		bySKU[w.SKU] = w.Weight
	}
	weights := make([]float64, len(series))
	for i, s := range series {
		weights[i] = bySKU[s.SKU]
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("effect of topic %d: broke off: %v", topic, p)
		}
	}()
	return bestEffect(o.Engine, heat, series, weights), true, nil
}

// seriesOf reads the histories of single series.
func (o *Ops) seriesOf(ctx context.Context, keys []forecasting.Key, span forecastdb.Span, known forecastdb.Reported) ([]forecasting.Series, error) {
	members, err := forecastdb.Members(ctx, o.Pool, span)
	if err != nil {
		return nil, err
	}
	wanted := make(map[forecasting.Key]bool, len(keys))
	for _, k := range keys {
		wanted[k] = true
	}
	var list []forecasting.Series
	for s, err := range forecastdb.Histories(ctx, o.Pool, span, members, known) {
		if err != nil {
			return nil, err
		}
		if wanted[s.Key] {
			list = append(list, s)
		}
	}
	return list, nil
}

func spanOfKeys(keys []forecasting.Key, run forecasting.Run) forecastdb.Span {
	skus := make([]catalog.SKUID, 0, len(keys))
	for _, k := range keys {
		skus = append(skus, k.SKU)
	}
	span := forecastdb.SpanOf(skus)
	span.Origin = run.Origin
	return span
}

// poolPriors learns what the series of each category have in common, over a sample, and stores it.
func (o *Ops) poolPriors(ctx context.Context, run forecasting.Run) error {
	categories, err := forecastdb.SeriesCategories(ctx, o.Pool)
	if err != nil {
		return err
	}
	done, err := forecastdb.Priors(ctx, o.Pool, run.ID)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, c := range categories {
		if _, ok := done[c]; ok {
			continue
		}
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			keys, err := forecastdb.Sample(ctx, o.Pool, c, run.Origin, priorMembers)
			if err != nil || len(keys) == 0 {
				return err
			}
			return o.poolPrior(ctx, run, c, keys)
		})
	}
	return group.Wait()
}

func (o *Ops) poolPrior(ctx context.Context, run forecasting.Run, c catalog.CategoryID, keys []forecasting.Key) (err error) {
	f, err := o.newForecaster(ctx, o.Pool, run.ID, spanOfKeys(keys, run))
	if err != nil {
		return err
	}
	series, err := o.seriesOf(ctx, keys, f.span, f.known)
	if err != nil {
		return err
	}
	heat := make([][]forecasting.HeatDriver, len(series))
	for i, s := range series {
		m := f.member(s, 0)
		series[i], heat[i] = m.Series, m.Heat
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("prior of category %d: broke off: %v", c, p)
		}
	}()
	text, err := json.Marshal(o.Engine.Pool(series, heat))
	if err != nil {
		return fmt.Errorf("prior of category %d: %w", c, err)
	}
	if err := forecastdb.SavePrior(ctx, o.Pool, run.ID, c, text); err != nil {
		return err
	}
	return forecastdb.BeatRun(ctx, o.Pool, run.ID, o.Clock())
}
