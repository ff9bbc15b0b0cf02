package forecastops_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// results gives the forecasts of a run, in the order of SKU and site.
func (w *world) results(id int64) []forecastdb.Result {
	w.t.Helper()
	list, err := forecastdb.Results(context.Background(), w.pool, w.run(id), forecastdb.Span{To: 1 << 30}, 0, true)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// mustEqual fails unless both runs hold the same forecasts.
func (w *world) mustEqual(a, b int64) {
	w.t.Helper()
	x, y := w.results(a), w.results(b)
	if len(x) != len(y) || len(x) == 0 {
		w.t.Fatalf("runs %d and %d hold %d and %d forecasts", a, b, len(x), len(y))
	}
	for i := range x {
		if x[i].Key != y[i].Key || x[i].Model != y[i].Model || !slices.Equal(x[i].Mean, y[i].Mean) || !slices.Equal(x[i].CumSD, y[i].CumSD) {
			w.t.Fatalf("%s: %s and %s differ", x[i].Key, x[i].Model, y[i].Model)
		}
	}
}

func TestRunComesIntoForce(t *testing.T) {
	w := newWorld(t, shape{skus: 100, sites: 3, days: 430, lag: 5})
	w.exec(`update catalog.sku set retired = $1 where id = 7`, today.AddDays(-1))
	w.exec(`insert into catalog.sku (code, name_zh, category_id) values ('MR-NEW', '新品', 3)`)
	r := w.start()
	if r.State != forecasting.RunQueued || r.Kind != forecasting.Manual || r.Origin != today || r.Horizon != 42 {
		t.Errorf("started: %+v", r)
	}
	var running *forecasting.RunningError
	if _, err := w.ops.StartRun(system(), forecasting.Manual, 0, 0); !errors.As(err, &running) || running.Run != r.ID {
		t.Errorf("started twice: %v", err)
	}
	w.work()
	r = w.awaitPublished(r.ID)
	if r.Series != 297 || r.SeriesDone != 297 || r.Shards < 2 || r.ShardsDone != r.Shards || r.Problems != 0 || !r.Current {
		t.Errorf("published: %+v", r)
	}
	if s := r.Summary; s == nil || s.Series != 297 || s.New != 297 || s.Previous != 0 || s.Empty != 0 {
		t.Errorf("summary: %+v", s)
	}
	if p := w.facts.published; len(p) != 1 || p[0] != (forecasting.Published{Run: r.ID, Origin: today, Horizon: 42, Series: 297}) {
		t.Errorf("facts: %+v", p)
	}
	list := w.results(r.ID)
	if len(list) != 297 || len(list[0].Mean) != 42 || list[0].Sold28 == 0 || list[0].Explanation.HistoryDays < 400 {
		t.Errorf("%d results, the first: %+v", len(list), list[0])
	}
	w.idle()
	w.checkAccuracy(r.ID)
	w.checkSecondRun(r.ID)
}

func (w *world) checkAccuracy(id int64) {
	w.t.Helper()
	a := w.run(id).Accuracy
	if a == nil || a.Through != today.AddDays(-1) || len(a.Weeks) != 8 || a.Total.Series != 297 || len(a.Classes) == 0 {
		w.t.Fatalf("accuracy: %+v", a)
	}
	// The sales are Poisson around a weekly pattern that the seasonal naive forecast repeats with its noise.
	if a.Total.WAPE <= 0 || a.Total.WAPE >= a.Total.Naive || a.Total.FVA() <= 0 || a.Total.Inside < 70 || a.Total.Inside > 97 {
		w.t.Errorf("accuracy: %+v", a.Total)
	}
	for _, k := range a.Weeks {
		if k.Actual <= 0 || k.WAPE <= 0 || k.WAPE > 60 {
			w.t.Errorf("week %+v", k)
		}
	}
}

// checkSecondRun: on unchanged data a second run equals the first, and after enough of them the oldest is pruned.
func (w *world) checkSecondRun(first int64) {
	w.t.Helper()
	second := w.awaitPublished(w.start().ID)
	w.mustEqual(first, second.ID)
	s := second.Summary
	if s.Previous != first || s.New != 0 || s.Gone != 0 || s.Jumped != 0 || s.Shift() != 0 || s.Sum <= 0 {
		w.t.Errorf("second summary: %+v", s)
	}
	if w.run(first).Current {
		w.t.Error("two runs in force")
	}
	w.awaitPublished(w.start().ID)
	w.awaitPublished(w.start().ID)
	w.idle()
	var left int
	if err := w.pool.QueryRow(context.Background(), `select count(distinct run_id) from forecast.result`).Scan(&left); err != nil || left != 3 {
		w.t.Errorf("%d runs keep their forecasts, %v", left, err)
	}
	var tables int
	if err := w.pool.QueryRow(context.Background(), `select count(*) from pg_class where relname ~ '^(result|sku_stat)_[0-9]+$'`).Scan(&tables); err != nil || tables != 6 {
		w.t.Errorf("%d partitions left, %v", tables, err)
	}
}

// TestRunSurvivesItsWorkers: workers are stopped in the middle of a run, one of them leaves a shard behind as a killed
// process does; others finish the run, and the forecasts are those of an undisturbed run.
func TestRunSurvivesItsWorkers(t *testing.T) {
	w := newWorld(t, shape{skus: 120, sites: 4, days: 400, lag: 5})
	stop := w.work()
	whole := w.awaitPublished(w.start().ID)
	w.idle()

	r := w.start()
	w.await("a shard done", func() bool { return w.run(r.ID).ShardsDone > 0 })
	// Nothing more can be finished from here on, until the workers are stopped.
	held, err := w.pool.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := forecastdb.LockRun(context.Background(), held, r.ID); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := held.Rollback(context.Background()); err != nil {
		t.Fatal(err)
	}
	broken := w.run(r.ID)
	if broken.State != forecasting.RunShards || broken.ShardsDone == broken.Shards {
		t.Fatalf("the run was over before it could be stopped: %+v", broken)
	}
	var attempts int
	if err := w.pool.QueryRow(context.Background(), `select coalesce(max(attempt), 0) from river_job where state in ('available', 'retryable', 'scheduled')
		and kind = 'forecast.shard'`).Scan(&attempts); err != nil || attempts != 0 {
		t.Errorf("being stopped has cost %d attempts, %v", attempts, err)
	}
	// One of the jobs is made that of a process that was killed: it says "running" for ever.
	w.exec(`update river_job set state = 'running', attempted_at = now() where id = (
		select min(id) from river_job where kind = 'forecast.shard' and state in ('available', 'retryable', 'scheduled'))`)
	w.exec(`update forecast.shard s set state = 'running', beat_at = $1 where phase = 'forecast' and run_id = $2 and no = (
		select (args ->> 'no')::int from river_job where kind = 'forecast.shard' and state = 'running')`, w.clock, r.ID)
	w.work()
	w.await("all but the one shard", func() bool { x := w.run(r.ID); return x.ShardsDone == x.Shards-1 })
	if err := w.ops.Watch(context.Background()); err != nil {
		t.Fatal(err)
	}
	if x := w.run(r.ID); x.State != forecasting.RunShards {
		t.Errorf("taken up too early: %+v", x)
	}
	w.clock = w.clock.Add(3 * time.Minute)
	if err := w.ops.Watch(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.awaitPublished(r.ID)
	w.mustEqual(whole.ID, r.ID)
}

// TestManyWorkers: three worker processes share a run; every shard is computed, and one of them ends the run.
func TestManyWorkers(t *testing.T) {
	w := newWorld(t, shape{skus: 100, sites: 4, days: 300})
	for range 3 {
		w.work()
	}
	r := w.awaitPublished(w.start().ID)
	w.idle()
	if n := len(w.facts.published); n != 1 {
		t.Errorf("published %d times", n)
	}
	var odd string
	if err := w.pool.QueryRow(context.Background(), `select coalesce(string_agg(concat_ws(' ', phase, no, state, 'attempts', attempts, 'epoch', epoch,
			(select j.errors::text from river_job j where j.args ->> 'no' = no::text and j.errors is not null limit 1)), '; '), '')
		from forecast.shard where attempts <> 1 or epoch <> 1`).Scan(&odd); err != nil || odd != "" {
		t.Errorf("not computed once: %s, %v", odd, err)
	}
	if got := len(w.results(r.ID)); got != 400 {
		t.Errorf("%d forecasts", got)
	}
}

// TestFailedShard: a shard that cannot be stored fails the run with its reason; the run in force stays in force, and
// once the cause is gone the run is resumed and computes that shard alone.
func TestFailedShard(t *testing.T) {
	w := newWorld(t, shape{skus: 100, sites: 4, days: 300})
	w.exec(`alter table forecast.shard_total add constraint full_disk check (no <> 2)`)
	r := w.start()
	w.work()
	w.await("the run failed", func() bool { return w.run(r.ID).State == forecasting.RunFailed })
	w.idle()
	r = w.run(r.ID)
	if !strings.Contains(r.Error, "shard 2") || !strings.Contains(r.Error, "full_disk") || r.ShardsDone != r.Shards-1 {
		t.Fatalf("failed: %+v", r)
	}
	if err := r.Resumable(r.ID + 1); !errors.Is(err, forecasting.ErrSuperseded) {
		t.Errorf("resumable after a newer run: %v", err)
	}
	if _, err := w.ops.ResumeRun(as(access.Buyer), r.ID); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("resumed by a buyer: %v", err)
	}
	w.exec(`alter table forecast.shard_total drop constraint full_disk`)
	if _, err := w.ops.ResumeRun(as(access.Planner), r.ID); err != nil {
		t.Fatal(err)
	}
	w.awaitPublished(r.ID)
	var again int
	if err := w.pool.QueryRow(context.Background(), `select count(*) from forecast.shard where phase = 'forecast' and epoch > 1`).Scan(&again); err != nil || again != 1 {
		t.Errorf("%d shards were computed again, %v", again, err)
	}
	if _, err := w.ops.ResumeRun(as(access.Planner), r.ID); !errors.Is(err, forecasting.ErrNotFailed) {
		t.Errorf("resumed a published run: %v", err)
	}
	var audited int
	if err := w.pool.QueryRow(context.Background(), `select count(*) from audit.entry where verb = 'run.resume'`).Scan(&audited); err != nil || audited != 1 {
		t.Errorf("%d audit entries, %v", audited, err)
	}
}

// TestRaceToStart: of many who start a run at once one succeeds, and the others are told which run it is.
func TestRaceToStart(t *testing.T) {
	w := newWorld(t, shape{skus: 4, sites: 1, days: 40})
	var group sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		group.Go(func() { _, errs[i] = w.ops.StartRun(as(access.Planner), forecasting.Manual, 0, 0) })
	}
	group.Wait()
	won := 0
	for _, err := range errs {
		var running *forecasting.RunningError
		switch {
		case err == nil:
			won++
		case !errors.As(err, &running) || running.Run == 0:
			t.Errorf("%v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d runs were started", won)
	}
}

func TestStartRefusals(t *testing.T) {
	w := newWorld(t, shape{skus: 4, sites: 1, days: 40})
	for name, c := range map[string]struct {
		ctx     context.Context
		origin  int
		horizon int
		want    error
	}{
		"nobody":     {context.Background(), 0, 0, access.ErrSignedOut},
		"a buyer":    {as(access.Buyer), 0, 0, access.ErrForbidden},
		"tomorrow":   {as(access.Planner), int(today) + 1, 0, forecasting.ErrOrigin},
		"too far":    {as(access.Planner), 0, forecasting.MaxHorizon + 1, forecasting.ErrHorizon},
		"backwards":  {as(access.Planner), 0, -1, forecasting.ErrHorizon},
		"before all": {as(access.Planner), int(today) - 400, 0, forecasting.ErrNoSales},
	} {
		if _, err := w.ops.StartRun(c.ctx, forecasting.Manual, calendar.Day(c.origin), c.horizon); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.ops.Run(as(access.Buyer), 99); !errors.Is(err, forecasting.ErrNoRun) {
		t.Errorf("run 99: %v", err)
	}
	if _, err := w.ops.RunProgress(as(access.Buyer)); !errors.Is(err, forecasting.ErrNoRun) {
		t.Errorf("progress before the first run: %v", err)
	}
	if _, err := w.ops.RunProgress(as(access.Supplier)); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("progress for a supplier: %v", err)
	}
}

// TestRefreshKeepsTheTotals: after a refresh of some SKUs the sums of the run are still those of its forecasts.
func TestRefreshKeepsTheTotals(t *testing.T) {
	w := newWorld(t, shape{skus: 40, sites: 3, days: 300})
	w.work()
	r := w.awaitPublished(w.start().ID)
	w.idle()
	w.exec(`update forecast.sale set pieces = pieces * 3 where sku_id in (3, 5) and day >= $1`, today.AddDays(-40))
	if err := w.ops.Refresh(context.Background(), []catalog.SKUID{5, 3}); err != nil {
		t.Fatal(err)
	}
	band, err := forecastdb.RunBand(context.Background(), w.pool, r.ID, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var want forecasting.Band
	for _, x := range w.results(r.ID) {
		want.Add(x.Forecast, 1)
	}
	for i := range want.Mean {
		if d := band.Mean[i] - want.Mean[i]; d > 0.01 || d < -0.01 || band.Series != want.Series {
			t.Fatalf("day %d: the total is %g, the forecasts add up to %g", i, band.Mean[i], want.Mean[i])
		}
	}
	page, err := w.ops.Demand(as(access.Buyer), forecasting.DemandQuery{Limit: 100})
	if err != nil || len(page.Rows) != 40 {
		t.Fatalf("%d rows, %v", len(page.Rows), err)
	}
	for _, row := range page.Rows {
		sum := 0.0
		for _, x := range w.results(r.ID) {
			if x.SKU == row.SKU {
				sum += float64(x.Sum(28))
			}
		}
		if d := row.Forecast28 - sum; d > 0.1 || d < -0.1 {
			t.Errorf("sku %d: the list says %g, the forecasts %g", row.SKU, row.Forecast28, sum)
		}
	}
	if f := w.facts.refreshed; len(f) != 1 || !slices.Equal(f[0].SKUs, []catalog.SKUID{3, 5}) || f[0].Run != r.ID {
		t.Errorf("facts: %+v", f)
	}
}

// TestCancelledJob: a shard whose job somebody cancels fails the run, which says so and can be resumed.
func TestCancelledJob(t *testing.T) {
	w := newWorld(t, shape{skus: 60, sites: 2, days: 200})
	ctx := context.Background()
	r := w.start()
	held, err := w.pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	// No shard can be stored for now.
	if _, err := held.Exec(ctx, `lock table forecast.shard_total in share mode`); err != nil {
		t.Fatal(err)
	}
	w.work()
	var id int64
	w.await("a shard under way", func() bool {
		return w.pool.QueryRow(ctx, `select min(id) from river_job where kind = 'forecast.shard' and state = 'running'`).Scan(&id) == nil && id != 0
	})
	if _, err := w.client(false).JobCancel(ctx, id); err != nil {
		t.Fatal(err)
	}
	w.await("its job cancelled", func() bool {
		var left string
		return w.pool.QueryRow(ctx, `select state from forecast.shard where phase = 'forecast' and state = 'failed'`).Scan(&left) == nil
	})
	if err := held.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	w.await("the run failed", func() bool { return w.run(r.ID).State == forecasting.RunFailed })
	if x := w.run(r.ID); !strings.Contains(x.Error, "cancelled by hand") {
		t.Errorf("%s", x.Error)
	}
	w.idle()
	if _, err := w.ops.ResumeRun(as(access.Planner), r.ID); err != nil {
		t.Fatal(err)
	}
	w.awaitPublished(r.ID)
}
