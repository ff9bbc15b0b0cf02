package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/warehouse"
)

// BenchScanCmd measures scans: so many handhelds pick at the same time, through the whole server.
type BenchScanCmd struct {
	Handhelds int           `help:"Handhelds at work." default:"200"`
	Every     time.Duration `help:"Mean time between two scans of a worker." default:"3s"`
	For       time.Duration `name:"for" help:"How long they work." default:"60s"`
	Most      time.Duration `help:"What the 99th percentile of the server's time may be." default:"50ms"`
	JSON      bool          `name:"json" help:"Print one line of JSON."`
}

// scanFigures is what the handhelds came to. Times are of the server, from the first byte of the request to the last of the
// answer, in milliseconds.
type scanFigures struct {
	Handhelds  int     `json:"handhelds"`
	Scans      int     `json:"scans"`
	ScansPerS  float64 `json:"scans_per_s"`
	Picks      int     `json:"picks"`
	Refused    int     `json:"refused"`
	Failed     int     `json:"failed"`
	P50        float64 `json:"p50_ms"`
	P95        float64 `json:"p95_ms"`
	P99        float64 `json:"p99_ms"`
	Max        float64 `json:"max_ms"`
	CPUPerScan float64 `json:"db_cpu_ms_per_scan"`
	Faults     int     `json:"ledger_faults"`
	Unproved   int     `json:"reservation_faults"`
	Picked     int     `json:"pieces_picked"`
}

// Run loads a warehouse with work, lets the handhelds pick, and fails where the 99th percentile is above the bound or the books
// do not agree afterwards.
func (c *BenchScanCmd) Run(ctx context.Context, cfg *Config) error {
	if c.Handhelds < 1 || c.Every <= 0 || c.For <= 0 {
		return errors.New("--handhelds, --every and --for must be above zero")
	}
	h, leave, err := benchHouse(ctx, cfg)
	if err != nil {
		return err
	}
	defer leave()
	say := io.Writer(os.Stdout)
	if c.JSON {
		say = os.Stderr
	}
	b := &scanBench{cmd: c, h: h, say: say}
	if err := b.load(ctx); err != nil {
		return fmt.Errorf("load the warehouse: %w", err)
	}
	if err := b.work(ctx); err != nil {
		return err
	}
	return b.report(ctx)
}

// scanBench holds the warehouse and what is measured.
type scanBench struct {
	cmd    *BenchScanCmd
	h      *house
	say    io.Writer
	site   catalog.SiteID
	badges []string
	cpu    cpuClock
	spent  float64
	took   time.Duration

	mu    sync.Mutex
	times []time.Duration
	fig   scanFigures
}

// benchHand is one of them: its cookies, the device's name, what it waits between scans.
type benchHand struct {
	b      *scanBench
	client *http.Client
	base   string
	device string
	rand   *rand.Rand
}

// work lets every handheld pick until the time is over.
func (b *scanBench) work(ctx context.Context) error {
	base, stop, err := b.serve(ctx)
	if err != nil {
		return err
	}
	defer stop()
	hands := make([]*benchHand, b.cmd.Handhelds)
	for i := range hands {
		jar, _ := cookiejar.New(nil) // its only error is of a public suffix list, and there is none
		hands[i] = &benchHand{b: b, base: base, device: fmt.Sprintf("BENCH-%03d", i+1), rand: rand.New(rand.NewPCG(7, uint64(i))),
			client: &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 2}}}
		if err := hands[i].signIn(ctx, b.badges[i]); err != nil {
			return fmt.Errorf("handheld %d: %w", i+1, err)
		}
	}
	fmt.Fprintf(b.say, "%d handhelds signed in; they pick for %s, a scan every %s in the mean …\n", len(hands), b.cmd.For, b.cmd.Every)
	b.mu.Lock()
	b.times = nil // signing in is not scanning
	b.mu.Unlock()
	if b.cpu, err = newCPUClock(ctx, b.h.db.Pool); err != nil {
		return err
	}
	began := time.Now()
	working, cancel := context.WithTimeout(ctx, b.cmd.For)
	defer cancel()
	var wg sync.WaitGroup
	for _, x := range hands {
		wg.Go(func() {
			if err := x.shift(working); err != nil && working.Err() == nil {
				b.mu.Lock()
				b.fig.Failed++
				b.mu.Unlock()
				fmt.Fprintf(b.say, "%s: %v\n", x.device, err)
			}
		})
	}
	wg.Wait()
	b.took, b.spent = time.Since(began), b.cpu.spent()
	return ctx.Err()
}

// serve answers on an address of its own and notes the server's time of every batch of commands.
func (b *scanBench) serve(ctx context.Context) (string, func(), error) {
	server, err := b.h.webServer(ctx, &ServeCmd{})
	if err != nil {
		return "", nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	timed := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		server.ServeHTTP(w, r)
		if r.URL.Path == "/scan/commands" {
			b.mu.Lock()
			b.times = append(b.times, time.Since(began))
			b.mu.Unlock()
		}
	})}
	go func() { _ = timed.Serve(l) }()
	return "http://" + l.Addr().String(), func() { _ = timed.Close() }, nil
}

func (x *benchHand) post(ctx context.Context, path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, x.base+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	res, err := x.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 500))
		return fmt.Errorf("%s: %s: %s", path, res.Status, text)
	}
	return json.NewDecoder(res.Body).Decode(into)
}

func (x *benchHand) signIn(ctx context.Context, badge string) error {
	var got struct {
		User    any `json:"user"`
		Refusal any `json:"refusal"`
	}
	if err := x.post(ctx, "/scan/login", map[string]string{"badge": badge}, &got); err != nil {
		return err
	}
	if got.User == nil {
		return fmt.Errorf("the badge is refused: %v", got.Refusal)
	}
	return nil
}

// told sends one command, as a handheld does with the network, and gives the task that is the answer.
func (x *benchHand) told(ctx context.Context, kind, verdict string, body any) (*warehouse.PickTask, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	batch := map[string]any{"device": x.device, "site": x.b.site, "sent_at": now, "commands": []map[string]any{{"op": uuid.New(), "kind": kind, "made_at": now,
		"screen": "pick", "verdict": verdict, "local_ms": 4, "body": json.RawMessage(text)}}}
	var got struct {
		Answers []struct {
			State   string              `json:"state"`
			Result  *warehouse.PickTask `json:"result"`
			Refusal *struct {
				Code string `json:"code"`
			} `json:"refusal"`
		} `json:"answers"`
	}
	if err := x.post(ctx, "/scan/commands", batch, &got); err != nil {
		return nil, err
	}
	if len(got.Answers) != 1 {
		return nil, fmt.Errorf("%s: %d answers", kind, len(got.Answers))
	}
	a := got.Answers[0]
	x.b.mu.Lock()
	defer x.b.mu.Unlock()
	switch {
	case a.State == "refused":
		x.b.fig.Refused++
		return nil, fmt.Errorf("%s refused: %s", kind, a.Refusal.Code)
	case a.State != "done":
		return nil, fmt.Errorf("%s: %s", kind, a.State)
	case kind == "pick":
		x.b.fig.Picks++
	}
	return a.Result, nil
}

// pause waits as long as a worker does between two scans: some time around the mean.
func (x *benchHand) pause(ctx context.Context) error {
	d := time.Duration(float64(x.b.cmd.Every) * (.4 + 1.2*x.rand.Float64()))
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// shift takes one task after the other.
func (x *benchHand) shift(ctx context.Context) error {
	if err := x.pause(ctx); err != nil { // not all in the same second
		return err
	}
	for {
		jobs, err := x.b.h.Stock.PickJobs(x.b.h.asSystem(ctx), x.b.site, 400)
		if err != nil {
			return err
		}
		slices.Reverse(jobs)
		var task *warehouse.PickTask
		for _, j := range jobs[x.rand.IntN(max(1, len(jobs)/2)):] {
			if task, err = x.told(ctx, "pick.take", "", map[string]any{"task": j.ID}); err == nil {
				break
			}
		}
		if task == nil {
			return nil // all is picked
		}
		if err := x.pick(ctx, task); err != nil {
			return err
		}
	}
}

// pick does a task: totes, then bin and goods of every stop, and the tote behind each.
func (x *benchHand) pick(ctx context.Context, t *warehouse.PickTask) (err error) {
	for _, p := range t.Totes {
		if p.Tote != "" {
			continue
		}
		if err := x.pause(ctx); err != nil {
			return err
		}
		if t, err = x.told(ctx, "pick.tote", "right", map[string]any{"task": t.ID, "place": p.Place, "tote": fmt.Sprintf("T-%d-%d", t.ID, p.Place)}); err != nil {
			return err
		}
	}
	for _, s := range t.Stops {
		if s.State != warehouse.StopOpen {
			continue
		}
		if err := x.pause(ctx); err != nil {
			return err
		}
		if _, err := x.told(ctx, "scan", "right", map[string]any{"raw": s.Bin}); err != nil {
			return err
		}
		if err := x.pause(ctx); err != nil {
			return err
		}
		code := "]C101" + s.Goods.GTIN + "10" + s.Lot
		if _, err := x.told(ctx, "pick", "right", map[string]any{"task": t.ID, "stops": []int64{s.ID}, "bin": s.Bin, "code": code, "tote": totes(t, s.Place)}); err != nil {
			return err
		}
	}
	return nil
}

func totes(t *warehouse.PickTask, place int) string {
	for _, p := range t.Totes {
		if p.Place == place {
			return p.Tote
		}
	}
	return ""
}

// report prints the figures and judges them.
func (b *scanBench) report(ctx context.Context) error {
	f := b.fig
	slices.Sort(b.times)
	at := func(q float64) float64 {
		if len(b.times) == 0 {
			return 0
		}
		return float64(b.times[min(len(b.times)-1, int(q*float64(len(b.times))))].Microseconds()) / 1000
	}
	f.Handhelds, f.Scans = b.cmd.Handhelds, len(b.times)
	f.ScansPerS = float64(f.Scans) / b.took.Seconds()
	f.P50, f.P95, f.P99, f.Max = at(.5), at(.95), at(.99), at(1)
	if f.Scans > 0 {
		f.CPUPerScan = b.spent * 1000 / float64(f.Scans)
	}
	faults, err := b.h.Stock.Check(access.WithUser(ctx, access.TheSystem()))
	if err != nil {
		return err
	}
	f.Faults = len(faults)
	if f.Unproved, f.Picked, err = b.proof(ctx); err != nil {
		return err
	}
	if b.cmd.JSON {
		if err := json.NewEncoder(os.Stdout).Encode(f); err != nil {
			return err
		}
	} else {
		fmt.Printf("%d scans by %d handhelds, %.0f a second, %d picks\n", f.Scans, f.Handhelds, f.ScansPerS, f.Picks)
		fmt.Printf("server time of a scan: median %.1f ms, p95 %.1f ms, p99 %.1f ms, longest %.1f ms; database CPU %.2f ms a scan\n", f.P50, f.P95, f.P99, f.Max, f.CPUPerScan)
		fmt.Printf("refused %d (tasks that two wanted), failed %d; ledger faults %d, reservation faults %d, pieces in totes %d\n", f.Refused, f.Failed, f.Faults, f.Unproved, f.Picked)
	}
	switch {
	case f.Faults+f.Unproved+f.Failed > 0:
		return fmt.Errorf("the books do not agree after the scans: %d and %d faults, %d handhelds failed", f.Faults, f.Unproved, f.Failed)
	case f.P99 > float64(b.cmd.Most.Microseconds())/1000:
		return fmt.Errorf("the 99th percentile of a scan is %.1f ms, above %s", f.P99, b.cmd.Most)
	}
	return nil
}
