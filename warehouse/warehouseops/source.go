package warehouseops

import (
	"context"

	"github.com/riverqueue/river"
)

// sourceArgs asks to give new orders to sites.
type sourceArgs struct{}

// Kind names the job.
func (sourceArgs) Kind() string { return "warehouse.source" }

// InsertOpts names the queue.
func (sourceArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: QueueAllocation} }

// SourceNew gives the new orders to sites and answers how many it did.
func (o *Ops) SourceNew(ctx context.Context) (int, error) { return 0, nil }
