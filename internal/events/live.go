package events

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/internal/pgdb"
)

// channel is the one PostgreSQL notification channel of the house; the payload is "topic" or "topic body".
const channel = "milkrun_live"

// Tell lets every process of the house know, at commit when q is a transaction, that something changed under the topic
// ("run/12", "import/7", "suggestions"). body is a short text (below 7,000 bytes) for the listeners, often empty:
// a listener reads the state anew. Screens listen through Live.
func Tell(ctx context.Context, q pgdb.Querier, topic, body string) error {
	if _, err := q.Exec(ctx, `select pg_notify($1, $2)`, channel, topic+" "+body); err != nil {
		return fmt.Errorf("events: tell %s: %w", topic, err)
	}
	return nil
}

// Live hands the notifications of all processes to the listeners of this one.
type Live struct {
	pool *pgxpool.Pool
	log  *slog.Logger
	mu   sync.Mutex
	subs map[string]map[chan string]struct{}
}

// NewLive gives a Live that hears nothing until Run.
func NewLive(pool *pgxpool.Pool, log *slog.Logger) *Live {
	return &Live{pool: pool, log: log, subs: map[string]map[chan string]struct{}{}}
}

// Listen gives the bodies told under a topic from now on, until the returned function is called. A slow listener
// misses bodies in between but always gets a later one.
func (l *Live) Listen(topic string) (<-chan string, func()) {
	ch := make(chan string, 8)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.subs[topic] == nil {
		l.subs[topic] = map[chan string]struct{}{}
	}
	l.subs[topic][ch] = struct{}{}
	return ch, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.subs[topic], ch)
		if len(l.subs[topic]) == 0 {
			delete(l.subs, topic)
		}
	}
}

// Run hears until ctx ends, and connects again when the connection breaks.
func (l *Live) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := l.hear(ctx); err != nil && ctx.Err() == nil {
			l.log.WarnContext(ctx, "live notifications broke off, listening again", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

func (l *Live) hear(ctx context.Context) error {
	conn, err := l.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	// A connection that listens must not go back to the pool.
	raw := conn.Hijack()
	defer raw.Close(context.WithoutCancel(ctx))
	if _, err := raw.Exec(ctx, "listen "+channel); err != nil {
		return err
	}
	for {
		n, err := raw.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		topic, body, _ := strings.Cut(n.Payload, " ")
		l.hand(topic, body)
	}
}

func (l *Live) hand(topic, body string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ch := range l.subs[topic] {
		select {
		case ch <- body:
		default: // Make room: the newest state matters, not each step on the way.
			select {
			case <-ch:
			default:
			}
			select {
			case ch <- body:
			default:
			}
		}
	}
}
