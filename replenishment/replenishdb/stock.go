package replenishdb

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

const sqlLevels = `select l.detail from replenish.level l join catalog.site s on s.id = l.site_id
	where l.sku_id = any($1)
	order by l.sku_id, array_position(array['overseas','bonded','regional','front','station'], s.tier), s.code`

// Levels gives the water levels of the SKUs, site by site from far to near.
func Levels(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID) ([]replenishment.WaterLevel, error) {
	rows, err := q.Query(ctx, sqlLevels, skuNumbers(skus))
	if err != nil {
		return nil, fmt.Errorf("replenishdb: levels: %w", err)
	}
	details, err := pgx.CollectRows(rows, pgx.RowTo[json.RawMessage])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: levels: %w", err)
	}
	out := make([]replenishment.WaterLevel, len(details))
	for i, d := range details {
		if err := json.Unmarshal(d, &out[i]); err != nil {
			return nil, fmt.Errorf("replenishdb: level: %w", err)
		}
	}
	return out, nil
}

// StockFilter narrows the stock list. Zero fields do not narrow.
type StockFilter struct {
	Rank     *int16 // 0 out, 1 running out, 2 low, 3 too much, 4 enough
	Category catalog.CategoryID
	Terms    []string
	Sort     string // "rank" (default), "cover", "on_hand", "value", "per_day"
	Desc     bool   // turns the order of Sort around
	Limit    int
	Offset   int
}

// StockLine is the stock of one SKU over all sites.
type StockLine struct {
	SKU                        catalog.SKUID
	Code                       string
	Name                       catalog.Name
	Unit                       catalog.Name
	Category                   catalog.CategoryID
	Core                       bool
	Rank                       int16
	OnHand, OnOrder, Safety    quantity.Pieces
	PerDay, CoverDays          float64
	StockoutDay                *calendar.Day
	Value                      money.Fen
	Sites, ShortSites, Waiting int
}

type stockRow struct {
	SKUID                                int32
	Code, NameZH, NameEN, UnitZH, UnitEN string
	CategoryID                           int32
	Core                                 bool
	Rank                                 int16
	OnHand, OnOrder, Safety              int64
	PerDay, CoverDays                    float32
	StockoutDay                          *calendar.Day
	ValueFen                             int64
	Sites, ShortSites                    int16
	Waiting                              int64
}

func (r stockRow) line() StockLine {
	return StockLine{SKU: catalog.SKUID(r.SKUID), Code: r.Code, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN},
		Unit: catalog.Name{ZH: r.UnitZH, EN: r.UnitEN}, Category: catalog.CategoryID(r.CategoryID), Core: r.Core, Rank: r.Rank,
		OnHand: quantity.Pieces(r.OnHand), OnOrder: quantity.Pieces(r.OnOrder), Safety: quantity.Pieces(r.Safety),
		PerDay: float64(r.PerDay), CoverDays: float64(r.CoverDays), StockoutDay: r.StockoutDay, Value: money.Fen(r.ValueFen),
		Sites: int(r.Sites), ShortSites: int(r.ShortSites), Waiting: int(r.Waiting)}
}

// One statement for each order, so that each can walk its own index: an order by a case expression cannot.
const (
	stockSelect = `select t.sku_id, k.code, k.name_zh, k.name_en, k.unit_zh, k.unit_en, k.category_id, k.core, t.rank, t.on_hand, t.on_order,
			t.safety, t.per_day, t.cover_days, t.stockout_day, t.value_fen, t.sites, t.short_sites,
			(select count(*) from replenish.suggestion g where g.sku_id = t.sku_id and g.state in ('open','changed')) as waiting
		from replenish.sku_stat t join catalog.sku k on k.id = t.sku_id
		where ($1::smallint is null or t.rank = $1) and ($2 = 0 or k.category_id = $2)
			and (cardinality($3::text[]) = 0 or k.search @> $3) order by `
	sqlStockByRank       = stockSelect + `t.rank, t.sku_id limit $4 offset $5`
	sqlStockByRankDesc   = stockSelect + `t.rank desc, t.sku_id desc limit $4 offset $5`
	sqlStockByCover      = stockSelect + `t.cover_days, t.sku_id limit $4 offset $5`
	sqlStockByCoverDesc  = stockSelect + `t.cover_days desc, t.sku_id desc limit $4 offset $5`
	sqlStockByHand       = stockSelect + `t.on_hand, t.sku_id desc limit $4 offset $5`
	sqlStockByHandDesc   = stockSelect + `t.on_hand desc, t.sku_id limit $4 offset $5`
	sqlStockByValue      = stockSelect + `t.value_fen, t.sku_id desc limit $4 offset $5`
	sqlStockByValueDesc  = stockSelect + `t.value_fen desc, t.sku_id limit $4 offset $5`
	sqlStockByPerDay     = stockSelect + `t.per_day, t.sku_id desc limit $4 offset $5`
	sqlStockByPerDayDesc = stockSelect + `t.per_day desc, t.sku_id limit $4 offset $5`
)

var stockOrders = map[string][2]string{
	"rank": {sqlStockByRank, sqlStockByRankDesc}, "cover": {sqlStockByCover, sqlStockByCoverDesc},
	"on_hand": {sqlStockByHand, sqlStockByHandDesc}, "value": {sqlStockByValue, sqlStockByValueDesc},
	"per_day": {sqlStockByPerDay, sqlStockByPerDayDesc},
}

// Stock gives the stock list of the filter, in its order; an unknown order is that of rank.
func Stock(ctx context.Context, q pgdb.Querier, f StockFilter) ([]StockLine, error) {
	orders, ok := stockOrders[f.Sort]
	if !ok {
		orders = stockOrders["rank"]
	}
	sql := orders[0]
	if f.Desc {
		sql = orders[1]
	}
	if f.Terms == nil {
		f.Terms = []string{}
	}
	rows, err := q.Query(ctx, sql, f.Rank, int32(f.Category), f.Terms, f.Limit, f.Offset)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: stock list: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[stockRow])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: stock list: %w", err)
	}
	out := make([]StockLine, len(stored))
	for i, r := range stored {
		out[i] = r.line()
	}
	return out, nil
}

// RankCount counts the SKUs of one rank.
type RankCount struct {
	Rank  int16
	Count int
	Value money.Fen
}

const sqlRankCounts = `select rank, count(*)::int, coalesce(sum(value_fen), 0)::bigint from replenish.sku_stat group by rank order by rank`

// RankCounts counts the SKUs of each rank.
func RankCounts(ctx context.Context, q pgdb.Querier) ([]RankCount, error) {
	rows, err := q.Query(ctx, sqlRankCounts)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: rank counts: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[RankCount])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: rank counts: %w", err)
	}
	return out, nil
}

// CoverCell is the cover of one top category at one site.
type CoverCell struct {
	Site     catalog.SiteID
	Category catalog.CategoryID
	// CoverDays is available stock over the demand that leaves the site a day; ShortDays and OutDays are that of the SKUs in Short and
	// in Out alone, for plenty of one helps no other.
	CoverDays, ShortDays, OutDays float64
	Pieces                        quantity.Pieces
	SKUs                          int
	Short                         int // SKUs low, running out or out
	Out                           int // SKUs running out or out
	TooMuch                       int
}

const sqlCover = `with recursive top as (
		select id, id as root from catalog.category where parent_id is null
		union all
		select c.id, top.root from catalog.category c join top on c.parent_id = top.id)
	select l.site_id, top.root,
		coalesce(least(sum(l.available) / nullif(sum(l.per_day), 0), 999), 999)::float8,
		coalesce(least(sum(l.available) filter (where l.status in ('low','running_out','out'))
			/ nullif(sum(l.per_day) filter (where l.status in ('low','running_out','out')), 0), 999), 0)::float8,
		coalesce(least(sum(l.available) filter (where l.status in ('running_out','out'))
			/ nullif(sum(l.per_day) filter (where l.status in ('running_out','out')), 0), 999), 0)::float8,
		sum(l.available)::bigint, count(*)::int,
		count(*) filter (where l.status in ('low','running_out','out'))::int,
		count(*) filter (where l.status in ('running_out','out'))::int,
		count(*) filter (where l.status = 'too_much')::int
	from replenish.level l join catalog.sku k on k.id = l.sku_id join top on top.id = k.category_id
	where l.on_hand > 0 or l.per_day > 0
	group by l.site_id, top.root order by l.site_id, top.root`

// Cover gives the matrix of cover by site and top category.
func Cover(ctx context.Context, q pgdb.Querier) ([]CoverCell, error) {
	rows, err := q.Query(ctx, sqlCover)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: cover: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[CoverCell])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: cover: %w", err)
	}
	return out, nil
}

const sqlTotals = `select coalesce(sum(value_fen), 0)::bigint, coalesce(sum(on_hand), 0)::bigint,
		count(*) filter (where rank = 0)::int, count(*) filter (where rank <= 1)::int, count(*) filter (where rank <= 2)::int,
		count(*)::int from replenish.sku_stat where sites > 0`

// Totals are the figures of the whole stock.
type Totals struct {
	Value                      money.Fen
	Pieces                     quantity.Pieces
	Out, RunningOut, Low, SKUs int // each includes those before it
}

// StockTotals gives the figures of the whole stock.
func StockTotals(ctx context.Context, q pgdb.Querier) (Totals, error) {
	var t Totals
	err := q.QueryRow(ctx, sqlTotals).Scan(&t.Value, &t.Pieces, &t.Out, &t.RunningOut, &t.Low, &t.SKUs)
	if err != nil {
		return t, fmt.Errorf("replenishdb: stock totals: %w", err)
	}
	return t, nil
}
