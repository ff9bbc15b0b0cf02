package campaignops

import (
	"context"
	"errors"
	"sync"
	"time"

	"milkrun/c2m/campaign"
)

// ErrBusy refuses what comes while too much waits already; it can be sent again.
var ErrBusy = errors.New("campaignops: too many requests wait for this campaign, try again")

// Bounds of what is gathered. A batch is one transaction; what waits beyond the queue is refused at once instead of late.
const (
	maxBatch = 400
	maxQueue = 20_000
	maxTime  = 30 * time.Second
)

// collector gathers what comes for a campaign while its last batch is decided, and decides it in one go. One batch of a campaign runs at
// a time in this process; across processes the lock on the campaign's row orders them.
type collector[T any] struct {
	run    func(ctx context.Context, id campaign.ID, batch []T)
	mu     sync.Mutex
	queues map[campaign.ID][]T // an entry stands while a goroutine works for the campaign
}

func newCollector[T any](run func(context.Context, campaign.ID, []T)) *collector[T] {
	return &collector[T]{run: run, queues: map[campaign.ID][]T{}}
}

// put hands something in. run answers for it later.
func (c *collector[T]) put(ctx context.Context, id campaign.ID, x T) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	waiting, working := c.queues[id]
	if len(waiting) >= maxQueue {
		return ErrBusy
	}
	c.queues[id] = append(waiting, x)
	if !working {
		go c.work(context.WithoutCancel(ctx), id) // a batch serves many; the first one's leaving must not end it
	}
	return nil
}

// work decides batches until nothing waits.
func (c *collector[T]) work(ctx context.Context, id campaign.ID) {
	for {
		c.mu.Lock()
		waiting := c.queues[id]
		n := min(len(waiting), maxBatch)
		if n == 0 {
			delete(c.queues, id)
			c.mu.Unlock()
			return
		}
		batch := waiting[:n:n]
		c.queues[id] = waiting[n:]
		c.mu.Unlock()
		c.once(ctx, id, batch)
	}
}

func (c *collector[T]) once(ctx context.Context, id campaign.ID, batch []T) {
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	c.run(ctx, id, batch)
}
