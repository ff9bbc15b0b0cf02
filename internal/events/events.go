// Package events carries facts from the domain that states them to the domains that act on them: publishing a fact
// inserts the subscribers' jobs in the transaction that made it true. Delivery is at least once and unordered.
package events

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// ErrUnbound is the answer of a bus that no queue has been bound to.
var ErrUnbound = errors.New("events: no job queue is bound to the bus")

// Bus maps facts to jobs. Subscriptions are made while the program is put together; Publish is safe for concurrent use after that.
type Bus struct {
	subscribers map[reflect.Type][]func(any) []river.InsertManyParams
	client      *river.Client[pgx.Tx]
}

// NewBus gives a bus without subscribers and without a queue.
func NewBus() *Bus {
	return &Bus{subscribers: map[reflect.Type][]func(any) []river.InsertManyParams{}}
}

// Bind gives the bus the queue that its jobs go to. A client without workers will do.
func (b *Bus) Bind(client *river.Client[pgx.Tx]) { b.client = client }

// Subscribe lets f turn each published fact of type F into jobs.
func Subscribe[F any](b *Bus, f func(F) []river.InsertManyParams) {
	t := reflect.TypeFor[F]()
	b.subscribers[t] = append(b.subscribers[t], func(fact any) []river.InsertManyParams { return f(fact.(F)) })
}

// Publish inserts the jobs of every subscriber of the fact's type, within tx. A fact without subscribers does nothing.
func (b *Bus) Publish(ctx context.Context, tx pgx.Tx, fact any) error {
	var jobs []river.InsertManyParams
	for _, f := range b.subscribers[reflect.TypeOf(fact)] {
		jobs = append(jobs, f(fact)...)
	}
	if err := b.Enqueue(ctx, tx, jobs...); err != nil {
		return fmt.Errorf("events: publish %T: %w", fact, err)
	}
	return nil
}

// Enqueue inserts jobs within tx.
func (b *Bus) Enqueue(ctx context.Context, tx pgx.Tx, jobs ...river.InsertManyParams) error {
	if len(jobs) == 0 {
		return nil
	}
	if b.client == nil {
		return ErrUnbound
	}
	if _, err := b.client.InsertManyTx(ctx, tx, jobs); err != nil {
		return fmt.Errorf("events: enqueue: %w", err)
	}
	return nil
}

// Job is short for the insertion of args with the default options of its worker.
func Job(args river.JobArgs) river.InsertManyParams { return river.InsertManyParams{Args: args} }
