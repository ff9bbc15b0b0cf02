package replenishops_test

import (
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/dbtest"
	"milkrun/internal/events"
	"milkrun/replenishment/replenishops"
)

// Of several who have seen the same settings, one replaces them and the others hear of it.
func TestOneOfManyReplacesTheSettings(t *testing.T) {
	pool, bus := dbtest.Pool(t), events.NewBus()
	o := replenishops.New(replenishops.Deps{Pool: pool, Bus: bus, Clock: time.Now, Log: slog.New(slog.DiscardHandler), Zone: time.UTC})
	workers := river.NewWorkers()
	o.Register(workers)
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Workers: workers, Logger: slog.New(slog.DiscardHandler), TestOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	bus.Bind(client)
	ctx := access.WithUser(t.Context(), access.TheSystem())
	seen, err := o.Settings(ctx)
	if err != nil {
		t.Fatal(err)
	}
	const rivals = 6
	results := make([]error, rivals)
	var all sync.WaitGroup
	for i := range rivals {
		all.Go(func() {
			mine := seen
			mine.PresellGapDays = 10 + i
			results[i] = o.ReplaceSettings(ctx, seen, mine)
		})
	}
	all.Wait()
	won := -1
	for i, err := range results {
		switch {
		case err == nil && won < 0:
			won = i
		case err == nil:
			t.Errorf("%d and %d both replaced the settings", won, i)
		case !errors.Is(err, catalog.ErrStale):
			t.Error(err)
		}
	}
	now, err := o.Settings(ctx)
	if err != nil || won < 0 || now.PresellGapDays != 10+won {
		t.Fatalf("%d won, stored are %d days, %v", won, now.PresellGapDays, err)
	}
	if err := o.ReplaceSettings(ctx, now, seen); err != nil {
		t.Error(err)
	}
	if err := o.SetSettings(ctx, now); err != nil {
		t.Error(err)
	}
}
