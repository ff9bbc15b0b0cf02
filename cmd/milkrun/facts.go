package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/web/console/records"
)

// started is when this process began.
var started = time.Now()

const (
	sqlServer = `select current_setting('server_version'), pg_database_size(current_database()),
		(select count(*) from public.sessions where expiry > now())`
	// Partitions count with the table that they are part of.
	sqlLargest = `select replace(coalesce(p.inhparent, c.oid)::regclass::text, '"', ''), sum(greatest(c.reltuples, 0))::bigint, sum(pg_total_relation_size(c.oid))::bigint
		from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_inherits p on p.inhrelid = c.oid
		where c.relkind in ('r','m') and n.nspname not in ('pg_catalog','information_schema','pg_toast')
		group by 1 order by 3 desc limit 8`
	sqlQueues = `select queue, count(*) filter (where state in ('available','scheduled','pending'))::int, count(*) filter (where state = 'running')::int,
		count(*) filter (where state = 'retryable')::int, count(*) filter (where state = 'discarded' and finalized_at > now() - interval '7 days')::int,
		min(scheduled_at) filter (where state = 'available')
		from public.river_job where state in ('available','scheduled','pending','running','retryable','discarded') group by queue order by queue`
)

// facts tells how the house stands, for the page of the system.
func (h *house) facts(ctx context.Context) (records.SystemFacts, error) {
	f := records.SystemFacts{Version: version(), Go: runtime.Version(), Started: started}
	if err := h.db.Pool.QueryRow(ctx, sqlServer).Scan(&f.Database, &f.Bytes, &f.Sessions); err != nil {
		return f, fmt.Errorf("database: %w", err)
	}
	rows, err := h.db.Pool.Query(ctx, sqlLargest)
	if err != nil {
		return f, fmt.Errorf("tables: %w", err)
	}
	if f.Largest, err = pgx.CollectRows(rows, pgx.RowToStructByPos[records.TableSize]); err != nil {
		return f, fmt.Errorf("tables: %w", err)
	}
	if rows, err = h.db.Pool.Query(ctx, sqlQueues); err != nil {
		return f, fmt.Errorf("queues: %w", err)
	}
	if f.Queues, err = pgx.CollectRows(rows, pgx.RowToStructByPos[records.QueueCount]); err != nil {
		return f, fmt.Errorf("queues: %w", err)
	}
	return f, nil
}

// version gives the revision that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(12, len(s.Value))]
		}
	}
	return info.Main.Version
}
