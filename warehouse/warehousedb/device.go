package warehousedb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
)

const sqlTold = `select op, kind, site_id as site, device, account_id as account, actor, made_at, at, screen, verdict, local_ms, server_us, body, refusal
	from warehouse.command where op = $1`

// Told gives what was told under an operation id before; nil for nothing.
func Told(ctx context.Context, q pgdb.Querier, op uuid.UUID) (*warehouse.Telling, error) {
	rows, err := q.Query(ctx, sqlTold, op)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: told: %w", err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[warehouse.Telling])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return t, err
}

const sqlTell = `insert into warehouse.command (op, kind, site_id, device, account_id, actor, made_at, at, screen, verdict, local_ms, server_us, body, refusal)
	select * from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::bigint[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::text[], $10::text[],
		$11::int[], $12::int[], $13::jsonb[], $14::jsonb[]) on conflict (op) do nothing`

const sqlStick = `insert into warehouse.stuck_command (op, site_id, at) select op, site_id, at from warehouse.command
	where op = any($1) on conflict (op) do nothing`

// Tell keeps what devices told. Those of stuck wait for a person.
func Tell(ctx context.Context, tx pgx.Tx, all []warehouse.Telling, stuck []uuid.UUID) error {
	_, err := tx.Exec(ctx, sqlTell, column(all, func(t warehouse.Telling) uuid.UUID { return t.Op }), column(all, func(t warehouse.Telling) string { return t.Kind }),
		column(all, func(t warehouse.Telling) *int32 { return siteOf(t.Site) }), column(all, func(t warehouse.Telling) string { return t.Device }),
		column(all, func(t warehouse.Telling) *int64 { return t.Account }), column(all, func(t warehouse.Telling) string { return t.Actor }),
		column(all, func(t warehouse.Telling) time.Time { return t.MadeAt }), column(all, func(t warehouse.Telling) time.Time { return t.At }),
		column(all, func(t warehouse.Telling) string { return t.Screen }), column(all, func(t warehouse.Telling) string { return t.Verdict }),
		column(all, func(t warehouse.Telling) int32 { return t.LocalMS }), column(all, func(t warehouse.Telling) int32 { return t.ServerUS }),
		column(all, func(t warehouse.Telling) *string { return jsonOf(t.Body) }), column(all, func(t warehouse.Telling) *string { return jsonOf(t.Refusal) }))
	if err != nil {
		return fmt.Errorf("warehousedb: tell: %w", err)
	}
	if len(stuck) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, sqlStick, stuck); err != nil {
		return fmt.Errorf("warehousedb: stick: %w", err)
	}
	return nil
}

func siteOf(s *catalog.SiteID) *int32 {
	if s == nil {
		return nil
	}
	n := int32(*s)
	return &n
}

func jsonOf(b json.RawMessage) *string {
	if len(b) == 0 {
		return nil
	}
	s := string(b)
	return &s
}

const sqlStuck = `select c.op, c.kind, s.site_id as site, c.device, c.actor, c.made_at, c.at, c.body, c.refusal, s.decided_at, s.decided_by, s.decision
	from warehouse.stuck_command s join warehouse.command c on c.op = s.op
	where s.site_id = any($1) and ($2 or s.decided_at is null) order by s.decided_at nulls first, s.at desc limit $3`

// Stuck gives the commands that wait for a decision; decided ones too where all is set.
func Stuck(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID, all bool, limit int) ([]warehouse.StuckCommand, error) {
	rows, err := q.Query(ctx, sqlStuck, sites, all, limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: stuck commands: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[warehouse.StuckCommand])
}

const sqlDecide = `update warehouse.stuck_command set decided_at = $2, decided_by = $3, decision = $4 where op = $1 and decided_at is null returning site_id`

// Decide ends a stuck command. It answers its site, and pgx.ErrNoRows where it was decided before.
func Decide(ctx context.Context, tx pgx.Tx, op uuid.UUID, at time.Time, by, decision string) (site *catalog.SiteID, err error) {
	err = tx.QueryRow(ctx, sqlDecide, op, at, by, decision).Scan(&site)
	return site, err
}

// The server's time is that of commands that did something; a scan that only the device judged has none.
const sqlScanFigures = `select c.screen, count(*) as scans, count(*) filter (where c.verdict not in ('right','')) as wrong,
		coalesce(percentile_disc(0.5) within group (order by c.local_ms), 0)::int as local_p50, coalesce(percentile_disc(0.99) within group (order by c.local_ms), 0)::int as local_p99,
		coalesce(percentile_disc(0.5) within group (order by c.server_us) filter (where c.server_us > 0), 0)::int as server_p50,
		coalesce(percentile_disc(0.99) within group (order by c.server_us) filter (where c.server_us > 0), 0)::int as server_p99,
		count(distinct c.device) as devices, count(*) filter (where c.at - c.made_at > interval '30 seconds') as late
	from warehouse.command c where c.site_id = any($1) and c.at >= $2 and c.at < $3 and c.screen <> '' and c.verdict <> '' group by c.screen order by count(*) desc`

// ScanFigures gives how many scans each screen saw, how many were wrong, and how fast the answers were.
func ScanFigures(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID, from, to time.Time) ([]warehouse.ScanFigure, error) {
	rows, err := q.Query(ctx, sqlScanFigures, sites, from, to)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: scan figures: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[warehouse.ScanFigure])
}

const sqlMisscans = `select c.op, c.kind, c.site_id as site, c.device, c.account_id as account, c.actor, c.made_at, c.at, c.screen, c.verdict, c.local_ms, c.server_us, c.body, c.refusal
	from warehouse.command c where c.site_id = any($1) and c.at >= $2 and c.at < $3 and c.verdict not in ('right','') and ($4 = '' or c.screen = $4)
	order by c.at desc limit $5`

// Misscans gives the wrong scans behind a figure, the latest first; screen "" is every screen.
func Misscans(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID, from, to time.Time, screen string, limit int) ([]warehouse.Telling, error) {
	rows, err := q.Query(ctx, sqlMisscans, sites, from, to, screen, limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: mis-scans: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[warehouse.Telling])
}

// Hours are those between a task's taking and its end.
const sqlPickRates = `select k.actor, count(distinct k.id) as tasks, coalesce(sum(n.stops), 0)::bigint as stops, coalesce(sum(n.pieces), 0)::bigint as pieces,
		coalesce(sum(n.short), 0)::bigint as short, sum(extract(epoch from k.done_at - k.taken_at))::bigint as seconds
	from warehouse.pick_task k cross join lateral (select count(*) filter (where st.state = 'picked') as stops, sum(st.pieces) filter (where st.state = 'picked') as pieces,
		count(*) filter (where st.state in ('short','damaged')) as short from warehouse.pick_stop st where st.task_id = k.id) n
	where k.site_id = any($1) and k.state = 'done' and k.done_at >= $2 and k.done_at < $3 group by k.actor order by sum(n.stops) desc`

// PickRates gives what each picker did in a span of time.
func PickRates(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID, from, to time.Time) ([]warehouse.PickRate, error) {
	rows, err := q.Query(ctx, sqlPickRates, sites, from, to)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: pick rates: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[warehouse.PickRate])
}
