package events_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"milkrun/internal/dbtest"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

type fact struct{ N int }

type factArgs struct {
	N int `json:"n"`
}

func (factArgs) Kind() string { return "test.fact" }

func bus(t *testing.T) (*events.Bus, context.Context, func() int) {
	pool := dbtest.Pool(t)
	b := events.NewBus()
	events.Subscribe(b, func(f fact) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(factArgs(f)), events.Job(factArgs{-f.N})}
	})
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	b.Bind(client)
	ctx := context.WithValue(t.Context(), poolKey{}, pool)
	return b, ctx, func() int {
		var n int
		if err := pool.QueryRow(t.Context(), `select count(*) from river_job where kind = 'test.fact'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
}

type poolKey struct{}

func inTx(ctx context.Context, f func(pgx.Tx) error) error {
	return pgdb.InTx(ctx, ctx.Value(poolKey{}).(pgdb.Beginner), f)
}

func TestFactsBecomeJobsWithTheTransaction(t *testing.T) {
	b, ctx, jobs := bus(t)
	gone := errors.New("gone")
	if err := inTx(ctx, func(tx pgx.Tx) error { return errors.Join(b.Publish(ctx, tx, fact{1}), gone) }); !errors.Is(err, gone) {
		t.Fatal(err)
	}
	if n := jobs(); n != 0 {
		t.Errorf("%d jobs of a fact that never came true", n)
	}
	if err := inTx(ctx, func(tx pgx.Tx) error { return b.Publish(ctx, tx, fact{2}) }); err != nil {
		t.Fatal(err)
	}
	if n := jobs(); n != 2 {
		t.Errorf("%d jobs, want one for each subscriber's", n)
	}
	if err := inTx(ctx, func(tx pgx.Tx) error { return b.Publish(ctx, tx, struct{}{}) }); err != nil {
		t.Errorf("a fact that nobody hears: %v", err)
	}
}

func TestUnboundBusRefuses(t *testing.T) {
	b := events.NewBus()
	if err := b.Enqueue(t.Context(), nil, events.Job(factArgs{1})); !errors.Is(err, events.ErrUnbound) {
		t.Errorf("enqueue on no queue: %v", err)
	}
	if err := b.Enqueue(t.Context(), nil); err != nil {
		t.Errorf("nothing to enqueue: %v", err)
	}
}

func TestLiveHearsWhatIsCommitted(t *testing.T) {
	pool := dbtest.Pool(t)
	live := events.NewLive(pool, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { live.Run(ctx); close(done) }()
	defer func() { cancel(); <-done }()
	heard, leave := live.Listen("order/7")
	defer leave()
	// The listener connects on its own time: tell until it hears.
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			err := pgdb.InTx(ctx, pool, func(tx pgx.Tx) error {
				return errors.Join(events.Tell(ctx, tx, "order/8", "other"), events.Tell(ctx, tx, "order/7", "sent by 周敏"))
			})
			if err != nil {
				t.Fatal(err)
			}
		case body := <-heard:
			if body != "sent by 周敏" {
				t.Errorf("heard %q", body)
			}
			return
		case <-deadline:
			t.Fatal("heard nothing")
		}
	}
}
