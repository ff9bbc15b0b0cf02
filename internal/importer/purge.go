package importer

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"milkrun/internal/importer/importerdb"
)

// PurgeArgs asks for old files to be taken out.
type PurgeArgs struct{}

// Kind names the job.
func (PurgeArgs) Kind() string { return "import.purge" }

type purgeWorker struct {
	river.WorkerDefaults[PurgeArgs]
	ops *Ops
}

// Timeout leaves time for the deletion of many large files.
func (*purgeWorker) Timeout(*river.Job[PurgeArgs]) time.Duration { return 30 * time.Minute }

func (w *purgeWorker) Work(ctx context.Context, _ *river.Job[PurgeArgs]) error {
	for {
		now := w.ops.Clock()
		n, err := importerdb.Purge(ctx, w.ops.Pool, now.Add(-w.ops.Keep), now)
		if err != nil || n == 0 {
			return err
		}
		w.ops.Log.InfoContext(ctx, "took old uploads out", "uploads", n)
	}
}
