package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/dbtest"
	"milkrun/internal/dbtest/cluster"
	"milkrun/internal/e2e"
	"milkrun/warehouse"
	"milkrun/web"
)

// envCommand makes the test program be the program itself, with these arguments: a process of its own that a test may kill.
const envCommand = "MILKRUN_TEST_COMMAND"

func TestMain(m *testing.M) {
	if args := os.Getenv(envCommand); args != "" {
		os.Unsetenv(envCommand)
		os.Args = append([]string{"milkrun"}, strings.Split(args, "\n")...)
		main()
		os.Exit(0)
	}
	// The commands of the tests share a key and leave none in the package's folder.
	key, err := warehouse.NewSealKey()
	if err != nil {
		panic(err)
	}
	os.Setenv("MILKRUN_SEAL_KEY", key)
	code := m.Run()
	e2e.Close()
	for _, end := range slices.Backward(sample.ends) {
		end()
	}
	os.Exit(code)
}

// sample is the demo business with its first forecast and plan, loaded once for the package. Tests work on copies of it.
var sample struct {
	once  sync.Once
	url   string
	key   string // API key of the demo's integrator
	today calendar.Day
	ends  []func() // run after the last test, the last one first

	reading *served // see readers
}

// lasting lets what one test makes outlive it, until the package's tests have ended.
type lasting struct{ testing.TB }

func (l lasting) Cleanup(end func()) { sample.ends = append(sample.ends, end) }

func (l lasting) Errorf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// demoCopy gives the connection string of a copy of the demo business that is the test's own, or an owner's that lives longer.
func demoCopy(t testing.TB, owner ...testing.TB) string {
	t.Helper()
	own := append(owner, t)[0]
	sample.once.Do(func() { sample.url = dbtest.EmptyURL(lasting{t}); loadSample(t) })
	if sample.url == "" || sample.key == "" {
		t.Fatal("the demo business could not be loaded; see the first failure")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	admin, err := pgx.Connect(ctx, withDatabase(t, sample.url, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(ctx)
	name := cluster.CloneName()
	from := pgx.Identifier{nameOf(t, sample.url)}.Sanitize()
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" TEMPLATE "+from+" STRATEGY FILE_COPY"); err != nil {
		t.Fatalf("copy the demo business: %v", err)
	}
	server := withDatabase(t, sample.url, "postgres")
	own.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		admin, err := pgx.Connect(ctx, server)
		if err == nil {
			defer admin.Close(ctx)
			err = cluster.Drop(ctx, admin, name)
		}
		if err != nil {
			own.Errorf("drop the copy: %v", err)
		}
	})
	return withDatabase(t, sample.url, name)
}

var apiKey = regexp.MustCompile(`API key of integrator: (mk_\S+)`)

// loadSample loads the demo business, forecasts and plans, and leaves nothing running.
func loadSample(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	h, err := openHouse(ctx, testConfig(sample.url), quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	var said bytes.Buffer
	sample.today = h.today()
	if err := h.loadDemo(ctx, sample.today, &said); err != nil {
		t.Fatal(err)
	}
	if err := h.startJobs(ctx); err != nil {
		t.Fatal(err)
	}
	defer h.stopJobs()
	settle(t, h, func() bool {
		runs, err := h.Plan.Runs(h.asSystem(ctx), 1)
		return err == nil && len(runs) > 0 && runs[0].State == "done"
	})
	if _, err := h.db.Pool.Exec(ctx, "ANALYZE"); err != nil {
		t.Fatal(err)
	}
	found := apiKey.FindStringSubmatch(said.String())
	if found == nil {
		t.Fatalf("the demo shows no API key:\n%s", said.String())
	}
	sample.key = found[1]
	t.Logf("\n%s", said.String())
}

// settle waits until the condition holds and no job waits or works.
func settle(t testing.TB, h *house, reached func() bool) {
	t.Helper()
	deadline := time.Now().Add(4 * time.Minute)
	for quietFor := 0; quietFor < 2; {
		var n int
		if err := h.db.Pool.QueryRow(context.Background(),
			`SELECT count(*) FROM river_job WHERE state IN ('available', 'running', 'retryable')`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if quietFor++; n > 0 || !reached() {
			quietFor = 0
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d jobs are still open: %s", n, openJobs(h))
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// openJobs says which jobs wait or work, with their last fault.
func openJobs(h *house) string {
	var b bytes.Buffer
	rows, err := h.db.Pool.Query(context.Background(), `
		SELECT kind, state::text, attempt::int, coalesce(errors[array_upper(errors, 1)]->>'error', '')
		FROM river_job WHERE state IN ('available', 'running', 'retryable') ORDER BY id LIMIT 20`)
	if err != nil {
		return err.Error()
	}
	defer rows.Close()
	for rows.Next() {
		var kind, state, fault string
		var attempt int
		if err := rows.Scan(&kind, &state, &attempt, &fault); err != nil {
			return err.Error()
		}
		fmt.Fprintf(&b, "\n  %s %s, attempt %d: %s", kind, state, attempt, fault)
	}
	return b.String()
}

func testConfig(database string) *Config {
	return &Config{DatabaseURL: database, LogLevel: "error", LogFormat: "text", TimeZone: "Asia/Shanghai", SealKey: os.Getenv("MILKRUN_SEAL_KEY")}
}

func quiet() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
}

// served is a house that serves on a free port.
type served struct {
	*house
	web  *web.Server
	base string
	// stop asks it to end, as a signal does, and gives what it ended with. Later calls give the same.
	stop func() error
}

// serve starts the house as `milkrun serve` does. It ends with the test, or earlier by stop.
func serve(t testing.TB, database string, change ...func(*Config, *ServeCmd)) *served {
	t.Helper()
	cfg := testConfig(database)
	up := make(chan *served, 1)
	cmd := &ServeCmd{Listen: "127.0.0.1:0"}
	cmd.serving = func(h *house, s *web.Server, l net.Listener) {
		up <- &served{house: h, web: s, base: "http://" + l.Addr().String()}
	}
	for _, c := range change {
		c(cfg, cmd)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Run(ctx, cfg) }()
	stop := sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-ended:
			return err
		case <-time.After(time.Minute):
			return fmt.Errorf("serve has not ended a minute after it was told to")
		}
	})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	select {
	case s := <-up:
		s.stop = stop
		return s
	case err := <-ended:
		ended <- err
		t.Fatalf("serve: %v", err)
	case <-time.After(4 * time.Minute):
		t.Fatal("serve: does not answer")
	}
	return nil
}

// readers gives the house that all tests share which change nothing but preferences. It works off no jobs.
func readers(t testing.TB) *served {
	t.Helper()
	if sample.reading == nil {
		database := demoCopy(t, lasting{t})
		sample.reading = serve(lasting{t}, database, func(_ *Config, c *ServeCmd) { c.NoJobs = true })
	}
	return sample.reading
}

func withDatabase(t testing.TB, address, name string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func nameOf(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Path[1:]
}
