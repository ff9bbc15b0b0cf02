package warehousedb

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

const sqlMarkDirty = `insert into warehouse.site_queue as q (site_id, dirty_seq)
	select s, 1 from unnest($1::int[]) as s order by s
	on conflict (site_id) do update set dirty_seq = q.dirty_seq + 1`

// MarkDirty tells that the queues of the sites have work that no job has seen.
func MarkDirty(ctx context.Context, tx pgx.Tx, sites []catalog.SiteID) error {
	ids := make([]int32, len(sites))
	for i, s := range sites {
		ids[i] = int32(s)
	}
	if _, err := tx.Exec(ctx, sqlMarkDirty, ids); err != nil {
		return fmt.Errorf("warehousedb: mark queues: %w", err)
	}
	return nil
}

const sqlQueueMarks = `select dirty_seq, done_seq from warehouse.site_queue where site_id = $1`

// QueueMarks gives the watermarks of the site's queue: there is work that no job has seen while dirty is above done.
func QueueMarks(ctx context.Context, q pgdb.Querier, site catalog.SiteID) (dirty, done int64, err error) {
	err = q.QueryRow(ctx, sqlQueueMarks, int32(site)).Scan(&dirty, &done)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, fmt.Errorf("warehousedb: marks of the queue: %w", err)
	}
	return dirty, done, nil
}

const sqlQueueDone = `update warehouse.site_queue set done_seq = $2 where site_id = $1 and done_seq < $2`

// QueueDone tells that all work that was marked up to seq has been done.
func QueueDone(ctx context.Context, q pgdb.Querier, site catalog.SiteID, seq int64) error {
	if _, err := q.Exec(ctx, sqlQueueDone, int32(site), seq); err != nil {
		return fmt.Errorf("warehousedb: mark the queue done: %w", err)
	}
	return nil
}

const sqlStaleQueues = `select s.id from catalog.site s
	where exists (select from warehouse.shipment h where h.site_id = s.id and h.queue_rank is not null)
		or exists (select from warehouse.shortage x where x.site_id = s.id)
	order by s.id`

// StaleQueues gives the sites that have shipments in the queue or lines that wait for stock.
func StaleQueues(ctx context.Context, q pgdb.Querier) ([]catalog.SiteID, error) {
	rows, err := q.Query(ctx, sqlStaleQueues)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: queues: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[catalog.SiteID])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: queues: %w", err)
	}
	return out, nil
}
