package warehouseops

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// poke makes one call of many: at once after a quiet time, else at the end of the present one. The zero value is ready.
type poke struct {
	mu    sync.Mutex
	set   bool
	ended time.Time
}

// poke calls f soon, in a goroutine of its own, no more than once in every.
func (p *poke) poke(every time.Duration, f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.set {
		return
	}
	p.set = true
	time.AfterFunc(max(0, every-time.Since(p.ended)), func() {
		p.mu.Lock()
		p.set, p.ended = false, time.Now()
		p.mu.Unlock()
		f()
	})
}

// enqueueLater queues a job outside of any transaction. When that fails, the clock's job finds the work.
func (o *Ops) enqueueLater(args river.JobArgs) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return o.Bus.Enqueue(ctx, tx, events.Job(args)) })
	if err != nil && !errors.Is(err, events.ErrUnbound) {
		o.Log.WarnContext(ctx, "a job could not be queued; the next round finds its work", "kind", args.Kind(), "error", err)
	}
}

// publish states a fact; a house without a queue has nobody who hears it.
func (o *Ops) publish(ctx context.Context, tx pgx.Tx, fact any) error {
	if err := o.Bus.Publish(ctx, tx, fact); err != nil && !errors.Is(err, events.ErrUnbound) {
		return err
	}
	return nil
}
