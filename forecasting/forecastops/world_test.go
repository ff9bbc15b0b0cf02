package forecastops_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/dbtest"
	"milkrun/internal/events"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// today is the business day of the test worlds: a Monday, at ten in Shanghai.
var (
	today = calendar.Date(2026, time.November, 23)
	now   = time.Date(2026, time.November, 23, 2, 0, 0, 0, time.UTC)
)

// world is a small house with sales and heat: SKUs × sites, every fourth SKU of the topic "teething" (id 1), and one
// topic of complaints (id 2).
type world struct {
	facts facts
	t     testing.TB
	pool  *pgxpool.Pool
	bus   *events.Bus
	ops   *forecastops.Ops
	clock time.Time
	skus  int
	sites int
}

// shape says how large a world is.
type shape struct {
	skus, sites, days int
	// lag is the number of days from heat to demand, 0 for heat that means nothing.
	lag int
}

func system() context.Context { return access.WithUser(context.Background(), access.TheSystem()) }

func as(role access.Role, sites ...catalog.SiteID) context.Context {
	return access.WithUser(context.Background(), access.User{ID: 0, Login: string(role), Name: string(role), Role: role, Sites: sites})
}

func newWorld(t testing.TB, s shape) *world {
	t.Helper()
	w := &world{t: t, pool: dbtest.Pool(t), bus: events.NewBus(), clock: now, skus: s.skus, sites: s.sites}
	w.ops = forecastops.New(forecastops.Deps{
		Pool: w.pool, Bus: w.bus, Clock: func() time.Time { return w.clock },
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Horizon: 42,
	})
	w.listen()
	w.bus.Bind(w.client(false))
	w.exec(`insert into catalog.category (code, name_zh) values ('top', '母婴'), ('other', '寝居')`)
	w.exec(`insert into catalog.category (code, name_zh, parent_id) values ('feed', '喂养', 1), ('sleep', '睡袋', 2)`)
	w.exec(`insert into catalog.sku (code, name_zh, name_en, category_id, price_fen, search)
		select 'MR-' || lpad(g::text, 6, '0'), '牙胶 ' || g, 'Teether ' || g, 3 + g % 2, 2990, array['牙', '牙胶', '胶', 'mr'] from generate_series(1, $1) g`, s.skus)
	w.exec(`insert into catalog.site (code, name_zh, tier, lat, lon) select 'W' || g, '仓' || g, 'front', 30, 120 from generate_series(1, $1) g`, s.sites)
	w.exec(`insert into catalog.topic (code, name_zh, kind) values ('teething', '出牙', 'demand'), ('rash', '红疹', 'complaint')`)
	w.exec(`insert into catalog.topic_sku select 1, g, 1 from generate_series(4, $1, 4) g`, s.skus)
	w.exec(`insert into catalog.topic_sku select 2, g, 1 from generate_series(1, $1, 4) g`, s.skus)
	heat := w.pastHeat(s.days)
	w.putHeat(1, today.AddDays(-s.days), heat)
	w.putHeat(2, today.AddDays(-s.days), noise(rand.New(rand.NewPCG(9, 9)), s.days, 60))
	w.putSales(s, heat)
	return w
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.pool.Exec(context.Background(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) tx(f func(tx pgx.Tx) error) {
	w.t.Helper()
	if err := pgdb.InTx(context.Background(), w.pool, f); err != nil {
		w.t.Fatal(err)
	}
}

// noise gives heat around a level with nothing to see in it.
func noise(rng *rand.Rand, days int, level float64) []float64 {
	out := make([]float64, days)
	for i := range out {
		out[i] = level * math.Exp(0.1*rng.NormFloat64())
	}
	return out
}

// pastHeat gives heat with a surge every seven weeks or so, that has died down by today.
func (w *world) pastHeat(days int) []float64 {
	rng := rand.New(rand.NewPCG(7, 7))
	out := noise(rng, days, 100)
	for at := 30; at+40 < days; at += 40 + rng.IntN(20) {
		top := 2 + 5*rng.Float64()
		for i := at; i < days; i++ {
			out[i] *= 1 + top*math.Exp(-float64(i-at)/5)
		}
	}
	return out
}

func (w *world) putHeat(topic catalog.TopicID, from calendar.Day, values []float64) {
	w.t.Helper()
	w.tx(func(tx pgx.Tx) error {
		_, err := w.ops.MergeHeat(context.Background(), tx, func(yield func(forecasting.HeatPoint, error) bool) {
			for i, v := range values {
				if !yield(forecasting.HeatPoint{Topic: topic, Source: "xiaohongshu", Day: from.AddDays(i), Value: math.Round(v)}, nil) {
					return
				}
			}
		})
		return err
	})
}

func (w *world) putSales(s shape, heat []float64) {
	w.t.Helper()
	from := today.AddDays(-s.days)
	w.tx(func(tx pgx.Tx) error {
		_, err := w.ops.MergeSales(context.Background(), tx, func(yield func(forecasting.Sale, error) bool) {
			for k := 1; k <= s.skus; k++ {
				for site := 1; site <= s.sites; site++ {
					rng := rand.New(rand.NewPCG(uint64(k), uint64(site)))
					level := 2 + 10*rng.Float64()
					for i := range s.days {
						mean := level * []float64{1, .9, .9, 1, 1.1, 1.4, 1.3}[(int(from)+i+3)%7]
						if s.lag > 0 && k%4 == 0 && i >= s.lag {
							mean *= math.Pow(heat[i-s.lag]/100, .6)
						}
						n := poisson(rng, mean)
						sale := forecasting.Sale{
							Key: forecasting.Key{SKU: catalog.SKUID(k), Site: catalog.SiteID(site)}, Day: from.AddDays(i),
							Pieces: quantity.Pieces(n), Price: money.Fen(2990), SoldOut: rng.IntN(60) == 0,
						}
						if (n > 0 || sale.SoldOut) && !yield(sale, nil) {
							return
						}
					}
				}
			}
		})
		return err
	})
}

func poisson(rng *rand.Rand, mean float64) int {
	n, p, limit := 0, rng.Float64(), math.Exp(-mean)
	for p > limit && n < 1000 {
		n++
		p *= rng.Float64()
	}
	return n
}

// client gives a River client on the world's database; one with workers does the jobs of the domain.
func (w *world) client(works bool, periodic ...*river.PeriodicJob) *river.Client[pgx.Tx] {
	w.t.Helper()
	cfg := &river.Config{Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), TestOnly: true}
	if works {
		cfg.Workers = river.NewWorkers()
		w.ops.Register(cfg.Workers)
		cfg.Queues = map[string]river.QueueConfig{
			river.QueueDefault:     {MaxWorkers: 4},
			forecastops.QueueHeavy: {MaxWorkers: 2},
		}
		cfg.PeriodicJobs = periodic
		cfg.RetryPolicy = atOnce{}
		cfg.FetchPollInterval = 50 * time.Millisecond
		cfg.FetchCooldown = 10 * time.Millisecond
	}
	c, err := river.NewClient(riverpgxv5.New(w.pool), cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// atOnce lets jobs that broke off be tried again without a pause.
type atOnce struct{}

func (atOnce) NextRetry(*rivertype.JobRow) time.Time { return time.Now() }

// work starts a worker process and gives the function that stops it, cancelling what it is at.
func (w *world) work() (stop func()) {
	w.t.Helper()
	c := w.client(true)
	if err := c.Start(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := c.StopAndCancel(ctx); err != nil {
			w.t.Errorf("stop the workers: %v", err)
		}
	}
	w.t.Cleanup(stop)
	return stop
}

// start starts a run as the house.
func (w *world) start() forecasting.Run {
	w.t.Helper()
	r, err := w.ops.StartRun(system(), forecasting.Manual, 0, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// await polls until the condition holds.
func (w *world) await(what string, ok func() bool) {
	w.t.Helper()
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	w.t.Fatalf("waited in vain for: %s\n%s", what, w.state())
}

// state describes runs and jobs, for a test that waits in vain.
func (w *world) state() string {
	out := ""
	rows, _ := w.pool.Query(context.Background(), `select 'run ' || id || ' ' || state || ' ' || error from forecast.run
		union all select kind || ' ' || state || ' ' || coalesce(errors[array_length(errors, 1)]::text, '') from river_job where state <> 'completed'`)
	lines, _ := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, l := range lines {
		out += l + "\n"
	}
	return out
}

func (w *world) run(id int64) forecasting.Run {
	w.t.Helper()
	d, err := w.ops.Run(system(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return d.Run
}

func (w *world) awaitPublished(id int64) forecasting.Run {
	w.t.Helper()
	w.await(fmt.Sprintf("run %d published", id), func() bool {
		r := w.run(id)
		if r.State == forecasting.RunFailed {
			w.t.Fatalf("run failed: %s", r.Error)
		}
		return r.State == forecasting.RunPublished
	})
	return w.run(id)
}

// idle waits until no job is left to do.
func (w *world) idle() {
	w.t.Helper()
	w.await("no job left", func() bool {
		var n int
		if err := w.pool.QueryRow(context.Background(), `select count(*) from river_job where state in ('available','running','retryable','scheduled','pending')`).Scan(&n); err != nil {
			w.t.Fatal(err)
		}
		return n == 0
	})
}

// facts are what the domain has published.
type facts struct {
	sync.Mutex
	published  []forecasting.Published
	spiked     []forecasting.HeatSpiked
	refreshed  []forecasting.Refreshed
	complaints []forecasting.ComplaintSpiked
}

// listen gathers the facts. (A fact of a transaction that is rolled back would be gathered too; none is in these tests.)
func (w *world) listen() {
	events.Subscribe(w.bus, func(f forecasting.Published) []river.InsertManyParams {
		w.facts.Lock()
		defer w.facts.Unlock()
		w.facts.published = append(w.facts.published, f)
		return nil
	})
	events.Subscribe(w.bus, func(f forecasting.HeatSpiked) []river.InsertManyParams {
		w.facts.Lock()
		defer w.facts.Unlock()
		w.facts.spiked = append(w.facts.spiked, f)
		return nil
	})
	events.Subscribe(w.bus, func(f forecasting.Refreshed) []river.InsertManyParams {
		w.facts.Lock()
		defer w.facts.Unlock()
		w.facts.refreshed = append(w.facts.refreshed, f)
		return nil
	})
	events.Subscribe(w.bus, func(f forecasting.ComplaintSpiked) []river.InsertManyParams {
		w.facts.Lock()
		defer w.facts.Unlock()
		w.facts.complaints = append(w.facts.complaints, f)
		return nil
	})
}

// outlooks gives the forecasts in force, by series.
func (w *world) outlooks() map[forecasting.Key]forecasting.Outlook {
	w.t.Helper()
	list, err := forecastdb.Reader{}.OutlookRange(context.Background(), w.pool, 0, math.MaxInt32)
	if err != nil {
		w.t.Fatal(err)
	}
	m := map[forecasting.Key]forecasting.Outlook{}
	for _, o := range list {
		m[o.Key] = o
	}
	return m
}

// sum gives the expected pieces of all forecasts of SKUs with or without the topic, over the whole horizon.
func sum(m map[forecasting.Key]forecasting.Outlook, topic bool) float64 {
	total := 0.0
	for k, o := range m {
		if (k.SKU%4 == 0) == topic {
			for _, v := range o.Mean {
				total += float64(v)
			}
		}
	}
	return total
}
