package forecastdb

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/pgdb"
)

// The partitions of a run. Attaching a table that stands takes a lock which readers of other partitions do not
// notice, and makes the indexes of the parent; creating it as a partition, or dropping one, would make them wait.
const (
	ddlResultCreate = `create table if not exists forecast.result_%[1]d
		(like forecast.result including defaults including constraints, check (run_id = %[1]d))`
	ddlResultAttach = `alter table forecast.result attach partition forecast.result_%[1]d for values in (%[1]d)`
	ddlStatCreate   = `create table if not exists forecast.sku_stat_%[1]d
		(like forecast.sku_stat including defaults including constraints, check (run_id = %[1]d))`
	ddlStatAttach = `alter table forecast.sku_stat attach partition forecast.sku_stat_%[1]d for values in (%[1]d)`
	ddlDetach     = `alter table forecast.%[1]s detach partition forecast.%[1]s_%[2]d concurrently`
	ddlFinalize   = `alter table forecast.%[1]s detach partition forecast.%[1]s_%[2]d finalize`
	ddlDrop       = `drop table if exists forecast.%[1]s_%[2]d`
)

const sqlPartition = `select i.inhdetachpending from pg_inherits i
	where i.inhrelid = to_regclass('forecast.' || $1::text || '_' || $2::bigint) and i.inhparent = to_regclass('forecast.' || $1::text)`

// partition tells whether the run's partition of a table is attached, and whether its detaching was broken off.
func partition(ctx context.Context, q pgdb.Querier, table string, run int64) (attached, pending bool, err error) {
	err = q.QueryRow(ctx, sqlPartition, table, run).Scan(&pending)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("partition %s of run %d: %w", table, run, err)
	}
	return true, pending, nil
}

// OpenResult makes the partition that the run's forecasts go to. Done twice it changes nothing. q must be a transaction
// that holds the run (LockRun).
func OpenResult(ctx context.Context, q pgdb.Querier, run int64) error {
	return openPartition(ctx, q, "result", ddlResultCreate, ddlResultAttach, run)
}

func openPartition(ctx context.Context, q pgdb.Querier, table, create, attach string, run int64) error {
	there, _, err := partition(ctx, q, table, run)
	if err != nil || there {
		return err
	}
	for _, ddl := range []string{create, attach} {
		if _, err := q.Exec(ctx, fmt.Sprintf(ddl, run)); err != nil {
			return fmt.Errorf("make partition %s of run %d: %w", table, run, err)
		}
	}
	return nil
}

const sqlPrunable = `select id from forecast.run where not pruned and state in ('published','failed')
	and id not in (select run_id from forecast.current)
	and id not in (select id from forecast.run where state = 'published' order by id desc limit $1)
	and id < (select coalesce(max(run_id), 0) from forecast.current)
	order by id`

// Prunable gives the finished runs older than the one in force of which neither the forecasts nor the lists are to be
// kept, when those of the newest keep published runs are.
func Prunable(ctx context.Context, q pgdb.Querier, keep int) ([]int64, error) {
	rows, err := q.Query(ctx, sqlPrunable, keep)
	if err != nil {
		return nil, fmt.Errorf("runs to prune: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("runs to prune: %w", err)
	}
	return ids, nil
}

const (
	sqlPruneEffects  = `delete from forecast.topic_effect where run_id = $1`
	sqlPrunePriors   = `delete from forecast.prior where run_id = $1`
	sqlPruneShards   = `delete from forecast.shard_total where run_id = $1`
	sqlPruneGlobal   = `delete from forecast.global where run_id = $1`
	sqlPruneLaunches = `delete from forecast.launch where run_id = $1`
	sqlPruneLifts    = `delete from forecast.lift where run_id = $1`
	sqlPruneProblems = `delete from forecast.problem where run_id = $1`
	sqlPruned        = `update forecast.run set pruned = true where id = $1`
)

// Prune drops the partitions of a run and what else hangs on it, but for the row of the run and its shards. q must not be a
// transaction: readers of other runs are not made to wait, so it waits for them. Broken off, it can be called again.
func Prune(ctx context.Context, q pgdb.Querier, run int64) error {
	for _, table := range []string{"result", "sku_stat"} {
		attached, pending, err := partition(ctx, q, table, run)
		if err != nil {
			return err
		}
		ddl := ddlDetach
		if pending {
			ddl = ddlFinalize
		}
		if attached {
			if _, err := q.Exec(ctx, fmt.Sprintf(ddl, table, run)); err != nil {
				return fmt.Errorf("prune run %d: detach %s: %w", run, table, err)
			}
		}
		if _, err := q.Exec(ctx, fmt.Sprintf(ddlDrop, table, run)); err != nil {
			return fmt.Errorf("prune run %d: drop %s: %w", run, table, err)
		}
	}
	for _, sql := range []string{sqlPruneEffects, sqlPrunePriors, sqlPruneGlobal, sqlPruneLaunches, sqlPruneLifts, sqlPruneShards, sqlPruneProblems, sqlPruned} {
		if _, err := q.Exec(ctx, sql, run); err != nil {
			return fmt.Errorf("prune run %d: %w", run, err)
		}
	}
	return nil
}
