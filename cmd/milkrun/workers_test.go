package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/forecasting"
)

// process starts the program in a process of its own.
func process(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envCommand+"="+strings.Join(append([]string{"--log-level=error"}, args...), "\n"))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_, _ = cmd.Process.Wait()
	})
	return cmd
}

// shardJob is a job of a forecast run and the River client that took it last.
type shardJob struct {
	ID     int64
	No     int
	State  string
	Client string
}

func shardJobs(t testing.TB, pool *pgxpool.Pool, run int64) []shardJob {
	t.Helper()
	rows, err := pool.Query(context.Background(), `
		SELECT id, (args->>'no')::int AS no, state::text, coalesce(attempted_by[array_upper(attempted_by, 1)], '') AS client
		FROM river_job WHERE kind = 'forecast.shard' AND (args->>'run')::bigint = $1 ORDER BY id`, run)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[shardJob])
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// count tells how many of the jobs a client, or any but it, has in a state.
func count(jobs []shardJob, state, client string, own bool) (n int) {
	for _, j := range jobs {
		if j.State == state && (j.Client == client) == own {
			n++
		}
	}
	return n
}

func await(t testing.TB, what string, reached func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !reached(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// Two processes share a forecast run. One is killed in the middle, the other is told to stop and finishes what it is at; a
// third brings the run to its end, and no series is lost or done twice.
func TestForecastRunOutlivesItsWorkers(t *testing.T) {
	database := demoCopy(t)
	one := func(c *Config, _ *ServeCmd) { c.Workers = 1 }
	a := serve(t, database, one)
	b := process(t, "--database-url="+database, "--workers=1", "work")
	ctx := a.asSystem(t.Context())
	before, err := a.Forecasts.RunProgress(ctx)
	if err != nil || before.State != forecasting.RunPublished {
		t.Fatalf("the demo's run: %+v, %v", before.State, err)
	}
	run, err := a.Forecasts.StartRun(ctx, forecasting.Manual, a.today(), 28)
	if err != nil {
		t.Fatal(err)
	}
	var jobs []shardJob
	mine := a.jobs.ID()
	await(t, "both processes work on the run", func() bool {
		jobs = shardJobs(t, a.db.Pool, run.ID)
		return count(jobs, "completed", mine, false) > 0 && count(jobs, "running", mine, false) > 0 && count(jobs, "running", mine, true) > 0
	})
	if err := b.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	jobs = shardJobs(t, a.db.Pool, run.ID)
	if err := a.stop(); err != nil {
		t.Error(err)
	}

	c := serve(t, database, one)
	after := shardJobs(t, c.db.Pool, run.ID)
	for _, j := range jobs {
		if j.State == "running" && j.Client == mine {
			for _, now := range after {
				if now.ID == j.ID && now.State != "completed" {
					t.Errorf("shard %d was worked on when the stop came, and is %s", j.No, now.State)
				}
			}
		}
	}
	// The look that comes each minute finds the killed process silent for two minutes; the test lets that time pass at once.
	for _, j := range after {
		if j.State == "running" && j.Client != mine && j.Client != c.jobs.ID() {
			if _, err := c.db.Pool.Exec(t.Context(), `UPDATE forecast.shard SET beat_at = beat_at - interval '1 hour' WHERE run_id = $1 AND no = $2 AND phase = 'forecast'`, run.ID, j.No); err != nil {
				t.Fatal(err)
			}
		}
	}
	ctx = c.asSystem(t.Context())
	if err := c.Forecasts.Watch(ctx); err != nil {
		t.Fatal(err)
	}
	await(t, "the run is published", func() bool {
		d, err := c.Forecasts.Run(ctx, run.ID)
		if err != nil || d.State == forecasting.RunFailed {
			t.Fatalf("%v %s", err, d.Error)
		}
		return d.State == forecasting.RunPublished
	})
	after = shardJobs(t, c.db.Pool, run.ID)
	if count(after, "completed", c.jobs.ID(), true) == 0 {
		t.Error("the third process did nothing")
	}
	var series, distinct, undone int
	if err := c.db.Pool.QueryRow(t.Context(), `SELECT count(*), count(DISTINCT (sku_id, site_id)) FROM forecast.result WHERE run_id = $1`, run.ID).Scan(&series, &distinct); err != nil {
		t.Fatal(err)
	}
	if err := c.db.Pool.QueryRow(t.Context(), `SELECT count(*) FROM forecast.shard WHERE run_id = $1 AND phase = 'forecast' AND state <> 'done'`, run.ID).Scan(&undone); err != nil {
		t.Fatal(err)
	}
	d, err := c.Forecasts.Run(ctx, run.ID)
	if err != nil || d.Series < before.Series || // launches that votes and campaigns have announced since come on top
		d.SeriesDone != d.Series || d.Problems != before.Problems || series != d.Series-d.Problems || distinct != series || undone != 0 {
		t.Errorf("%d of %d series, %d problems, %d rows for %d series, %d shards undone; undisturbed it is %d series, %d problems; %v",
			d.SeriesDone, d.Series, d.Problems, series, distinct, undone, before.Series, before.Problems, err)
	}
	await(t, "the plan of the new forecast", func() bool {
		runs, err := c.Plan.Runs(ctx, 1)
		return err == nil && len(runs) > 0 && runs[0].State == "done" && runs[0].StartedAt.After(*d.PublishedAt)
	})
}

// A child of the test program is the program itself.
func TestChildIsTheProgram(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envCommand+"=--help")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Operations system") {
		t.Errorf("%v\n%s", err, out)
	}
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envCommand+"=--log-level=loud\ncheck")
	if out, err = cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "milkrun: --log-level") {
		t.Errorf("a fault is not said: %v\n%s", err, out)
	}
}
