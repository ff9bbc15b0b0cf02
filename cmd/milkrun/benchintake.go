package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"milkrun/internal/access"
	"milkrun/web/api"
)

// intakeFigures are the times in which single orders were answered by API while allocation ran.
type intakeFigures struct {
	Orders      int
	Median, P99 time.Duration
}

// intake loads a further Zipf mix, lets the product allocate it, and meanwhile sends single orders by HTTP at the rate asked
// for. A time counts from when the order was due to be sent, so that a stalled server does not hide the orders behind it.
func (b *allocateBench) intake(ctx context.Context) (intakeFigures, error) {
	var out intakeFigures
	if b.cmd.Intake <= 0 {
		return out, nil
	}
	load := newBenchLoad("intake", max(b.cmd.Orders/2, 100), 1)
	if err := load.store(ctx, b.h.db.Pool); err != nil {
		return out, err
	}
	if err := load.queue(ctx, b.h.db.Pool, 0); err != nil {
		return out, err
	}
	door, err := b.openDoor(ctx)
	if err != nil {
		return out, err
	}
	defer door.close()
	for i := range 20 { // connections, prepared statements
		if _, err := door.send(ctx, fmt.Sprintf("warm-%d", i), "intake-K1"); err != nil {
			return out, err
		}
	}
	if err := b.wake(ctx, load.sites); err != nil {
		return out, err
	}
	busy, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- load.drained(ctx, b.h.db.Pool); stop() }()
	times, err := door.sendEvery(busy, time.Second/time.Duration(b.cmd.Intake))
	if err2 := <-done; err == nil {
		err = err2
	}
	if err != nil || len(times) == 0 {
		return out, err
	}
	slices.Sort(times)
	out.Orders, out.Median, out.P99 = len(times), times[len(times)/2], times[min(len(times)-1, len(times)*99/100)]
	fmt.Fprintf(b.say, "intake: %d orders sent while %d lines were allocated\n", out.Orders, len(load.lines))
	return out, nil
}

// apiDoor is the house's own server with a key to its API.
type apiDoor struct {
	base, key string
	client    *http.Client
	close     func()
}

func (b *allocateBench) openDoor(ctx context.Context) (*apiDoor, error) {
	server, err := b.h.webServer(ctx, &ServeCmd{})
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	serving, stop := context.WithCancel(ctx)
	go func() { _ = server.Serve(serving, l) }()
	system := b.h.asSystem(ctx)
	account, err := b.h.Access.AddUser(system, access.User{Login: "bench-api", Name: "压测", Role: access.Integrator, Language: "zh"}, "")
	if err != nil {
		stop()
		return nil, err
	}
	key, _, err := b.h.Access.AddKey(system, account.ID, "bench")
	if err != nil {
		stop()
		return nil, err
	}
	door := newDoor("http://"+l.Addr().String(), key)
	door.close = stop
	return door, nil
}

// orderBody is an order of two lines.
func orderBody(number, sku, beside string) string {
	return fmt.Sprintf(`{"channel":"bench","number":%q,"promise":"next_day","consignee":{"name":"王小明","phone":"13812341234","province":"上海市","city":"上海市",
		"district":"徐汇区","street":"漕溪北路 1 号","lat":31.19,"lon":121.43},"lines":[{"sku":%q,"pieces":1,"amount_fen":2990},{"sku":%q,"pieces":1,"amount_fen":990}]}`, number, sku, beside)
}

// send sends an order that must be new, and gives how long the answer took.
func (d *apiDoor) send(ctx context.Context, number, sku string) (time.Duration, error) {
	body := orderBody(number, sku, "intake-K7")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.base+api.Prefix+"/orders", strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+d.key)
	req.Header.Set("Content-Type", "application/json")
	at := time.Now()
	res, err := d.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusCreated {
		err = fmt.Errorf("the intake answered %s: %.300s", res.Status, text)
	}
	return time.Since(at), err
}

// sendEvery sends an order each time the interval has passed, whether or not those before have been answered, until ctx ends.
func (d *apiDoor) sendEvery(ctx context.Context, every time.Duration) ([]time.Duration, error) {
	var mu sync.Mutex
	var times []time.Duration
	var fault error
	var wg sync.WaitGroup
	tick := time.NewTicker(every)
	defer tick.Stop()
	begin := time.Now()
	for i := 1; ; i++ {
		select {
		case <-ctx.Done():
			wg.Wait()
			return times, fault
		case <-tick.C:
		}
		due := begin.Add(time.Duration(i) * every)
		wg.Go(func() {
			_, err := d.send(context.WithoutCancel(ctx), fmt.Sprintf("in-%d", i), fmt.Sprintf("intake-K%d", 1+i%500))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				fault = err
				return
			}
			times = append(times, max(0, time.Since(due)))
		})
	}
}
