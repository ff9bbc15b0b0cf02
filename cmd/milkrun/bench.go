package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/demo"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// BenchCmd measures this machine, in a private database of its own that is thrown away.
type BenchCmd struct {
	SKUs     BenchSKUsCmd     `cmd:"" name:"skus" help:"Open the lists of a catalog of so many SKUs."`
	Forecast BenchForecastCmd `cmd:"" help:"Forecast a large range for two nights, and one SKU by itself."`
	Plan     BenchPlanCmd     `cmd:"" help:"Plan a large range for a night, and one SKU by itself."`
	Import   BenchImportCmd   `cmd:"" help:"Import so many sales rows from .csv and .xlsx."`
	Allocate BenchAllocateCmd `cmd:"" help:"Allocate so many orders, beside the raw limit of the database."`
	Kill     BenchKillCmd     `cmd:"" help:"Kill the web server, a worker and PostgreSQL under load, and count what is left."`
	Scan     BenchScanCmd     `cmd:"" help:"Let so many handhelds pick at the same time."`
	Pledge   BenchPledgeCmd   `cmd:"" help:"Take pledges in the last minute of a hot campaign."`
	Route    BenchRouteCmd    `cmd:"" help:"Solve the published sets of routing instances and print the gaps."`
	SameDay  BenchSameDayCmd  `cmd:"" name:"sameday" help:"Play published instances with release times as days on which orders come in."`
}

// benchHouse opens a house in a folder of its own, and gives how to leave and remove it.
func benchHouse(ctx context.Context, cfg *Config) (*house, func(), error) {
	dir, err := os.MkdirTemp("", "milkrun-bench-")
	if err != nil {
		return nil, nil, err
	}
	// The server runs as another account where we are root: it must be able to pass through.
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, nil, err
	}
	own := *cfg
	own.Data, own.DatabaseURL, own.Embedded, own.LogLevel = dir, "", true, "warn"
	h, err := openHouse(ctx, &own, own.logger())
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return h, func() { h.close(); _ = os.RemoveAll(dir) }, nil
}

// BenchSKUsCmd opens lists of a large catalog.
type BenchSKUsCmd struct {
	N     int `help:"SKUs." default:"500000"`
	Times int `help:"How often each page is opened." default:"40"`
}

// Run fills the catalog, gives a tenth of it a few sales, forecasts and plans, and opens the lists as a browser would.
func (c *BenchSKUsCmd) Run(ctx context.Context, cfg *Config) error {
	h, leave, err := benchHouse(ctx, cfg)
	if err != nil {
		return err
	}
	defer leave()
	if err := h.loadDemo(ctx, h.today(), io.Discard); err != nil {
		return err
	}
	took := stopwatch()
	if _, err := h.Catalog.Fill(h.asSystem(ctx), demo.Tail(c.N), nil); err != nil {
		return err
	}
	took("%d SKUs stored", c.N)
	if err := c.sell(ctx, h); err != nil {
		return err
	}
	took("their sales stored")
	if err := h.startJobs(ctx); err != nil {
		return err
	}
	defer h.stopJobs()
	run, err := h.Forecasts.StartRun(h.asSystem(ctx), forecasting.Manual, h.today(), 0)
	var running *forecasting.RunningError
	if errors.As(err, &running) {
		run.ID = running.Run
	} else if err != nil {
		return err
	}
	if run, err = h.awaitForecast(ctx, run.ID); err != nil {
		return err
	}
	took("%d series forecast", run.Series)
	if err := h.awaitPlan(ctx); err != nil {
		return err
	}
	took("planned")
	if _, err := h.db.Pool.Exec(ctx, "analyze"); err != nil {
		return err
	}
	return c.open(ctx, h)
}

// stopwatch prints what took how long since the last call.
func stopwatch() func(format string, args ...any) {
	at := time.Now()
	return func(format string, args ...any) {
		fmt.Printf("%-40s %7.1f s\n", fmt.Sprintf(format, args...), time.Since(at).Seconds())
		at = time.Now()
	}
}

// sell gives a tenth of the tail, as in a large range, three days of sales each at one site in the past four weeks.
func (c *BenchSKUsCmd) sell(ctx context.Context, h *house) error {
	ids, err := catalogdb.SKUCodes(ctx, h.db.Pool, nil)
	if err != nil {
		return err
	}
	sites, err := h.Catalog.Sites(h.asSystem(ctx))
	if err != nil {
		return err
	}
	today := h.today()
	rows := func() iter.Seq2[forecasting.Sale, error] {
		return func(yield func(forecasting.Sale, error) bool) {
			i := 0
			for s := range demo.Tail(c.N) {
				if i++; i%10 != 0 {
					continue
				}
				key := forecasting.Key{SKU: ids[s.Code], Site: sites[i/10%len(sites)].ID}
				for _, ago := range []int{21 + i%5, 11 + i%7, 1 + i%9} {
					if !yield(forecasting.Sale{Key: key, Day: today.AddDays(-ago), Pieces: quantity.Pieces(1 + i%13), Price: s.Price}, nil) {
						return
					}
				}
			}
		}
	}
	return pgdb.InTx(ctx, h.db.Pool, func(tx pgx.Tx) error {
		_, err := h.Forecasts.MergeSales(ctx, tx, rows())
		return err
	})
}

// open signs in and opens each page so often; it prints the median and the 95th percentile of the server's answers.
func (c *BenchSKUsCmd) open(ctx context.Context, h *house) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	server, err := h.webServer(ctx, &ServeCmd{})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() { _ = server.Serve(ctx, l) }()
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	client := &http.Client{Jar: jar, Timeout: time.Minute}
	base := "http://" + l.Addr().String()
	res, err := client.PostForm(base+"/login", url.Values{"login": {"planner"}, "password": {demo.Password}})
	if err != nil {
		return err
	}
	res.Body.Close()
	fmt.Printf("\n%-52s %8s %8s %8s\n", "page", "median", "p95", "bytes")
	for _, page := range benchPages {
		var times []time.Duration
		var size int64
		for i := range c.Times {
			path := strings.ReplaceAll(page, "{i}", fmt.Sprint(2_000_000+i*c.N/c.Times))
			at := time.Now()
			res, err := client.Get(base + path)
			if err != nil {
				return err
			}
			size, err = io.Copy(io.Discard, res.Body)
			res.Body.Close()
			if err != nil {
				return err
			}
			if res.StatusCode != http.StatusOK {
				return fmt.Errorf("%s answered %s", path, res.Status)
			}
			times = append(times, time.Since(at))
		}
		slices.Sort(times)
		fmt.Printf("%-52s %5.1f ms %5.1f ms %8d\n", page, ms(times[len(times)/2]), ms(times[len(times)*95/100]), size)
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// benchPages are the lists as people open them; {i} becomes another number each time.
var benchPages = []string{
	"/demand", "/demand?sort=-forecast", "/demand?sort=-growth", "/demand?sort=-heat", "/demand?q=" + url.QueryEscape("奶粉 3 段"),
	"/demand?q=MR-{i}", "/stock", "/stock?sort=cover", "/stock?sort=-value", "/products", "/products?q=" + url.QueryEscape("牙胶"), "/search?q=MR-{i}",
	"/search?q=" + url.QueryEscape("纸尿裤"),
}
