package replenishops

import (
	"context"
	"sync"
	"time"

	"milkrun/internal/access"
	"milkrun/replenishment/replenishdb"
)

// figures remembers sums over the whole range. In a small house they are added up at every look; where that takes long, the
// last sum is shown at once and added up anew beside it, so that no page waits for half a million SKUs.
type figures struct {
	mu   sync.Mutex
	sums map[string]*sum
}

// sum is one remembered figure.
type sum struct {
	mu    sync.Mutex // held while it is added up for the first time
	value any
	at    time.Time // when it was added up
	took  time.Duration
	busy  bool
}

const (
	// quick is how long adding up may take for a page to wait for it every time.
	quick = 40 * time.Millisecond
	// share bounds the work: a sum that took a second is added up at most every share seconds.
	share = 20
)

func (f *figures) of(key string) *sum {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sums == nil {
		f.sums = map[string]*sum{}
	}
	if f.sums[key] == nil {
		f.sums[key] = &sum{}
	}
	return f.sums[key]
}

// remember gives a sum: added up now, or as it was when adding up takes long.
func remember[T any](ctx context.Context, o *Ops, key string, add func(context.Context) (T, error)) (T, error) {
	s := o.figures.of(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.value == nil || s.took <= quick {
		start := time.Now()
		v, err := add(ctx)
		if err == nil {
			s.value, s.at, s.took = v, time.Now(), time.Since(start)
		}
		return v, err
	}
	if !s.busy && time.Since(s.at) > share*s.took {
		s.busy = true
		go refresh(context.WithoutCancel(ctx), o, key, s, add)
	}
	return s.value.(T), nil
}

// refresh adds a sum up beside the pages that show the old one.
func refresh[T any](ctx context.Context, o *Ops, key string, s *sum, add func(context.Context) (T, error)) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	start := time.Now()
	v, err := add(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy = false; err != nil {
		o.Log.WarnContext(ctx, "a sum over the stock was not added up anew", "sum", key, "error", err)
		s.at = time.Now() // not again at once
		return
	}
	s.value, s.at, s.took = v, time.Now(), time.Since(start)
}

// Waiting counts the suggestions that wait for a decision at the sites that the user may see.
func (o *Ops) Waiting(ctx context.Context) (int, error) {
	u, err := access.Require(ctx, access.ViewSuggestions)
	if err != nil {
		return 0, err
	}
	return replenishdb.Waiting(ctx, o.Pool, u.Sites)
}

// WaitingTallies counts the suggestions that wait for a decision at the sites that the user may see, by kind, with their money.
func (o *Ops) WaitingTallies(ctx context.Context) ([]Tally, error) {
	u, err := access.Require(ctx, access.ViewSuggestions)
	if err != nil {
		return nil, err
	}
	return replenishdb.WaitingTallies(ctx, o.Pool, u.Sites)
}
