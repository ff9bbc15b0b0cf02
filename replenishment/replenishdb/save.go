package replenishdb

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
)

// Plan is the plan of one SKU as it is to be stored.
type Plan struct {
	SKU catalog.SKUID
	replenishment.Result
	// Cost values the stock, fen a piece.
	Cost money.Fen
	// MinMaxes are the bounds for suppliers who keep the stock up by themselves.
	MinMaxes []replenishment.MinMax
}

const sqlClaim = `insert into replenish.sku_plan (sku_id, seen_at, run_id, warnings)
	select s, $2, nullif($3::bigint, 0), w from unnest($1::int[], $4::jsonb[]) as t (s, w) order by s
	on conflict (sku_id) do update set seen_at = excluded.seen_at, run_id = excluded.run_id, warnings = excluded.warnings
	where sku_plan.seen_at < excluded.seen_at
	returning sku_id`

// Claim notes that the SKUs are planned from a snapshot taken at seen, and keeps others from saving plans of them until the
// transaction ends. It answers those for which no newer plan is stored: the plans of the others must be thrown away.
func Claim(ctx context.Context, tx pgx.Tx, plans []Plan, seen time.Time, run int64) (map[catalog.SKUID]bool, error) {
	skus, warnings := make([]int32, len(plans)), make([]string, len(plans))
	for i, p := range plans {
		b, err := json.Marshal(nonNil(p.Warnings))
		if err != nil {
			return nil, fmt.Errorf("replenishdb: warnings of sku %d: %w", p.SKU, err)
		}
		skus[i], warnings[i] = int32(p.SKU), string(b)
	}
	rows, err := tx.Query(ctx, sqlClaim, skus, seen, run, warnings)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: claim: %w", err)
	}
	claimed, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: claim: %w", err)
	}
	out := make(map[catalog.SKUID]bool, len(claimed))
	for _, s := range claimed {
		out[catalog.SKUID(s)] = true
	}
	return out, nil
}

const sqlDropLevels = `delete from replenish.level where sku_id = any($1)`

var levelColumns = []string{"sku_id", "site_id", "status", "on_hand", "reserved", "available", "on_order", "position",
	"safety_pieces", "safety_days", "reorder_point", "order_up_to", "per_day", "own_per_day", "protection_days", "cover_days",
	"stockout_day", "detail"}

// SaveLevels puts the water levels of the plans in place of those stored for the same SKUs.
func SaveLevels(ctx context.Context, tx pgx.Tx, plans []Plan) error {
	skus, rows := make([]int32, 0, len(plans)), [][]any{}
	for _, p := range plans {
		skus = append(skus, int32(p.SKU))
		for _, l := range p.Levels {
			if l.OnHand == 0 && l.OnOrder == 0 && l.PerDay == 0 {
				continue // a site that neither has nor wants the SKU: in a long range these would be most of the rows
			}
			detail, err := json.Marshal(l)
			if err != nil {
				return fmt.Errorf("replenishdb: level of sku %d at site %d: %w", l.SKU, l.Site, err)
			}
			rows = append(rows, []any{int32(l.SKU), int32(l.Site), string(l.Status), int64(l.OnHand), int64(l.Reserved), int64(l.Available),
				int64(l.OnOrder), int64(l.Position), int64(l.SafetyPieces), float32(l.SafetyDays), int64(l.ReorderPoint), int64(l.OrderUpTo),
				float32(l.PerDay), float32(l.OwnPerDay), float32(l.ProtectionDays), float32(l.CoverDays), date(l.StockoutDay), detail})
		}
	}
	if _, err := tx.Exec(ctx, sqlDropLevels, skus); err != nil {
		return fmt.Errorf("replenishdb: levels: %w", err)
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"replenish", "level"}, levelColumns, pgx.CopyFromRows(rows)); err != nil {
		return fmt.Errorf("replenishdb: levels: %w", err)
	}
	return saveStats(ctx, tx, plans)
}

const sqlSaveStats = `insert into replenish.sku_stat
		(sku_id, rank, on_hand, on_order, safety, per_day, cover_days, stockout_day, value_fen, sites, short_sites)
	select * from unnest($1::int[], $2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::real[], $7::real[], $8::date[],
		$9::bigint[], $10::smallint[], $11::smallint[])
	on conflict (sku_id) do update set rank = excluded.rank, on_hand = excluded.on_hand, on_order = excluded.on_order,
		safety = excluded.safety, per_day = excluded.per_day, cover_days = excluded.cover_days, stockout_day = excluded.stockout_day,
		value_fen = excluded.value_fen, sites = excluded.sites, short_sites = excluded.short_sites`

// ranks orders the statuses from urgent to calm.
var ranks = map[replenishment.Status]int16{replenishment.Out: 0, replenishment.RunningOut: 1, replenishment.Low: 2,
	replenishment.TooMuch: 3, replenishment.Enough: 4}

func saveStats(ctx context.Context, tx pgx.Tx, plans []Plan) error {
	var ids []int32
	var rank, sites, short []int16
	var onHand, onOrder, safety, value []int64
	var perDay, cover []float32
	var stockout []*time.Time
	for _, p := range plans {
		s := sum(p)
		ids, rank, sites, short = append(ids, int32(p.SKU)), append(rank, s.rank), append(sites, s.sites), append(short, s.short)
		onHand, onOrder, safety = append(onHand, s.onHand), append(onOrder, s.onOrder), append(safety, s.safety)
		value, perDay, cover = append(value, s.value), append(perDay, float32(s.perDay)), append(cover, float32(s.cover))
		stockout = append(stockout, date(s.stockout))
	}
	_, err := tx.Exec(ctx, sqlSaveStats, ids, rank, onHand, onOrder, safety, perDay, cover, stockout, value, sites, short)
	if err != nil {
		return fmt.Errorf("replenishdb: stock figures: %w", err)
	}
	return nil
}

type stat struct {
	rank, sites, short      int16
	onHand, onOrder, safety int64
	value                   int64
	perDay, cover           float64
	stockout                *calendar.Day
}

// sum adds the sites of a plan up to the line of the stock list. Only sites that sell or hold stock count.
func sum(p Plan) stat {
	s := stat{rank: ranks[replenishment.Enough], cover: replenishment.CoverForever}
	for _, l := range p.Levels {
		if l.OnHand == 0 && l.PerDay == 0 {
			continue
		}
		s.sites++
		s.onHand, s.onOrder, s.safety = s.onHand+int64(l.OnHand), s.onOrder+int64(l.OnOrder), s.safety+int64(l.SafetyPieces)
		s.perDay += l.OwnPerDay
		s.rank = min(s.rank, ranks[l.Status])
		if l.Status == replenishment.Out || l.Status == replenishment.RunningOut || l.Status == replenishment.Low {
			s.short++
		}
		if l.StockoutDay != nil && (s.stockout == nil || *l.StockoutDay < *s.stockout) {
			s.stockout = l.StockoutDay
		}
	}
	s.value = s.onHand * int64(p.Cost)
	if s.perDay > 0 {
		s.cover = math.Min(float64(s.onHand)/s.perDay, replenishment.CoverForever)
	}
	return s
}

const sqlInsertSuggestion = `insert into replenish.suggestion (sku_id, kind, site_id, from_id, supplier_id, reason, backup, pieces,
		need, pack, unit_fen, money_fen, planned_on, order_by, arrive_by, stockout_day, lost_pieces, lost_fen, explanation, warnings, opened_at)
	select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21
	where not exists (select from replenish.suggestion d where d.sku_id = $1 and d.kind = $2 and d.site_id = $3 and d.from_id = $4
		and d.supplier_id = $5 and d.state in ('approved','rejected','ordered') and d.touched_at > $22)
	on conflict (sku_id, kind, site_id, from_id, supplier_id) where state in ('open','changed') do update set
		reason = excluded.reason, backup = excluded.backup, pieces = excluded.pieces, need = excluded.need, pack = excluded.pack,
		unit_fen = excluded.unit_fen, money_fen = excluded.money_fen, planned_on = excluded.planned_on, order_by = excluded.order_by,
		arrive_by = excluded.arrive_by, stockout_day = excluded.stockout_day, lost_pieces = excluded.lost_pieces,
		lost_fen = excluded.lost_fen, explanation = excluded.explanation, warnings = excluded.warnings, version = suggestion.version + 1`

const sqlExpire = `update replenish.suggestion set state = 'expired', by_id = 0, at = $2, version = version + 1
	where id = any($1) and state = 'open'`

// SaveSuggestions stores what the plans suggest: a need that waits already is brought up to date under its old id and keeps the
// buyer's own number; a need that is gone expires unless a buyer has put a number on it. What a buyer decided after the
// snapshot was seen stands, and is not suggested again by a plan that did not know of it.
func SaveSuggestions(ctx context.Context, tx pgx.Tx, plans []Plan, seen, now time.Time) (int, error) {
	batch, gone, n := &pgx.Batch{}, []int64{}, 0
	for _, p := range plans {
		for _, id := range p.Withdrawn {
			gone = append(gone, int64(id))
		}
	}
	batch.Queue(sqlExpire, gone, now)
	for _, p := range plans {
		for _, s := range p.Suggestions {
			explanation, err := json.Marshal(s.Explanation)
			if err != nil {
				return 0, fmt.Errorf("replenishdb: explanation for sku %d: %w", s.SKU, err)
			}
			warnings, err := json.Marshal(nonNil(s.Warnings))
			if err != nil {
				return 0, fmt.Errorf("replenishdb: warnings for sku %d: %w", s.SKU, err)
			}
			batch.Queue(sqlInsertSuggestion, int32(s.SKU), string(s.Kind), int32(s.Site), int32(s.From), int32(s.Supplier), string(s.Reason),
				s.Backup, int64(s.Pieces), int64(s.Need), int64(s.Pack), int64(s.Unit), int64(s.Money), s.PlannedOn, s.OrderBy, s.ArriveBy,
				date(s.StockoutDay), int64(s.LostPieces), int64(s.LostMoney), explanation, warnings, now, seen)
			n++
		}
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return 0, fmt.Errorf("replenishdb: save suggestions: %w", err)
	}
	return n, nil
}

const sqlNow = `select clock_timestamp()`

// Now gives the database's clock, by which the snapshots of all processes are compared.
func Now(ctx context.Context, q pgdb.Querier) (time.Time, error) {
	var t time.Time
	if err := q.QueryRow(ctx, sqlNow).Scan(&t); err != nil {
		return t, fmt.Errorf("replenishdb: clock: %w", err)
	}
	return t, nil
}

func date(d *calendar.Day) *time.Time {
	if d == nil {
		return nil
	}
	t := d.Time()
	return &t
}

func nonNil(w []replenishment.Warning) []replenishment.Warning {
	if w == nil {
		return []replenishment.Warning{}
	}
	return w
}
