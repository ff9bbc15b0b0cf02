package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/web/api"
)

// killLoad sends orders as channels do: each again and again until it is answered, and cancels every tenth.
type killLoad struct {
	door    *apiDoor
	senders int
	wg      sync.WaitGroup
	mu      sync.Mutex
	taken   map[string]bool // numbers that were acknowledged; true for those cancelled
}

func newKillLoad(door *apiDoor, senders int) *killLoad {
	return &killLoad{door: door, senders: senders, taken: map[string]bool{"first": false}}
}

func (l *killLoad) start(ctx context.Context) {
	for s := range l.senders {
		l.wg.Go(func() {
			for i := 1; ctx.Err() == nil; i++ {
				number := fmt.Sprintf("k%d-%d", s, i)
				// An order that was begun is told to its end, whatever dies meanwhile.
				l.until(func(ctx context.Context) error {
					return l.door.sendAgain(ctx, number, fmt.Sprintf("kill-K%d", 1+(i*7+s)%200))
				})
				cancelled := i%10 == 0
				if cancelled {
					l.until(func(ctx context.Context) error { return l.door.cancel(ctx, number) })
				}
				l.mu.Lock()
				l.taken[number] = cancelled
				l.mu.Unlock()
			}
		})
	}
}

// until repeats a call until it succeeds, for two minutes at most.
func (l *killLoad) until(call func(context.Context) error) bool {
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		err := call(ctx)
		cancel()
		if err == nil {
			return true
		}
		time.Sleep(30 * time.Millisecond)
	}
	return false
}

func (l *killLoad) wait() { l.wg.Wait() }

func newDoor(base, key string) *apiDoor {
	return &apiDoor{base: base, key: key, close: func() {}, client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
}

// sendAgain sends an order that may be there already.
func (d *apiDoor) sendAgain(ctx context.Context, number, sku string) error {
	return d.call(ctx, "/orders", orderBody(number, sku, "kill-K7"), http.StatusCreated, http.StatusOK)
}

func (d *apiDoor) cancel(ctx context.Context, number string) error {
	return d.call(ctx, "/orders/bench/"+number+"/cancel", `{"reason":"kill"}`, http.StatusOK)
}

func (d *apiDoor) call(ctx context.Context, path, body string, good ...int) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.base+api.Prefix+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+d.key)
	req.Header.Set("Content-Type", "application/json")
	res, err := d.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	for _, status := range good {
		if res.StatusCode == status {
			return nil
		}
	}
	return fmt.Errorf("%s answered %s", path, res.Status)
}

const (
	sqlKillBusy = `select exists (select from warehouse.outbound where state = 'new') or exists (select from warehouse.shipment where queue_rank is not null)
		or exists (select from river_job where kind like 'warehouse.%' and state in ('available', 'running', 'retryable') and attempted_at > now() - interval '5 seconds')`
	sqlKillStored = `select number, state = 'cancelled' from warehouse.outbound where channel = 'bench' and number not like 'warm%'`
	sqlKillLines  = `select count(*)::int, count(*) filter (where state = 'allocated')::int, count(*) filter (where state = 'short')::int,
		count(*) filter (where state in ('new', 'queued'))::int from warehouse.outbound_line`
	sqlKillSold = `select coalesce(sum(greatest(reserved - on_hand, 0)), 0)::int from warehouse.position`
)

// settle waits until everything is decided by the house's own jobs, and proves the books.
func (r *killRig) settle(ctx context.Context, load *killLoad, out *killResult) error {
	h, err := openHouse(ctx, &r.cfg, r.cfg.logger())
	if err != nil {
		return err
	}
	defer h.close()
	at := time.Now()
	for deadline := at.Add(2 * time.Minute); ; {
		var busy bool
		if err := h.db.Pool.QueryRow(ctx, sqlKillBusy).Scan(&busy); err != nil {
			return err
		}
		if !busy || time.Now().After(deadline) {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	out.SettledSec = time.Since(at).Seconds()
	if err := load.compare(ctx, h.db.Pool, out); err != nil {
		return err
	}
	if err := h.db.Pool.QueryRow(ctx, sqlKillLines).Scan(&out.Lines, &out.Allocated, &out.Short, &out.Undecided); err != nil {
		return err
	}
	if err := h.db.Pool.QueryRow(ctx, sqlKillSold).Scan(&out.Oversold); err != nil {
		return err
	}
	faults, err := h.Stock.Check(h.asSystem(ctx))
	out.Faults = len(faults)
	return err
}

// compare counts the acknowledged orders among the stored ones.
func (l *killLoad) compare(ctx context.Context, pool *pgxpool.Pool, out *killResult) error {
	rows, err := pool.Query(ctx, sqlKillStored)
	if err != nil {
		return err
	}
	defer rows.Close()
	stored := map[string]bool{}
	for rows.Next() {
		var number string
		var cancelled bool
		if err := rows.Scan(&number, &cancelled); err != nil {
			return err
		}
		if _, twice := stored[number]; twice {
			out.Twice++
		}
		stored[number] = cancelled
		out.Stored++
		if cancelled {
			out.Cancelled++
		}
	}
	out.Sent = len(l.taken)
	for number, cancelled := range l.taken {
		if was, there := stored[number]; !there || was != cancelled {
			out.Missing++
		}
	}
	return rows.Err()
}
