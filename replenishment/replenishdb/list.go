package replenishdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

// Filter narrows the list of suggestions. Zero fields do not narrow.
type Filter struct {
	// View is "waiting" (open, changed, and what was decided within the last day), "open", or a state.
	View     string
	Kind     replenishment.Kind
	Reason   replenishment.Reason
	Site     catalog.SiteID
	Supplier catalog.SupplierID
	SKU      catalog.SKUID
	Terms    []string // catalog.QueryTerms of the search text
	Sites    []catalog.SiteID
	Sort     string // "lost" (default), "money", "stockout", "pieces", "sku"
	Since    time.Time
	Limit    int
	Offset   int
}

// Line is a suggestion as the list shows it, with the names of its things.
type Line struct {
	ID           replenishment.SuggestionID
	SKU          catalog.SKUID
	SKUCode      string
	SKUName      catalog.Name
	Unit         catalog.Name // of a piece
	Category     catalog.CategoryID
	Kind         replenishment.Kind
	Site         catalog.SiteID
	SiteName     catalog.Name
	From         catalog.SiteID
	FromName     catalog.Name
	Supplier     catalog.SupplierID
	SupplierName catalog.Name
	Reason       replenishment.Reason
	Backup       bool
	Pieces       quantity.Pieces
	Decided      quantity.Pieces
	Pack         quantity.Pieces
	UnitPrice    money.Fen
	Money        money.Fen // at the number that counts
	OrderBy      calendar.Day
	ArriveBy     calendar.Day
	StockoutDay  *calendar.Day
	LostPieces   quantity.Pieces
	LostMoney    money.Fen
	State        replenishment.State
	Note         string
	At           *time.Time
	OrderRef     string
	Topic        catalog.Name
	TopicRatio   float64
	Event        catalog.Name
	BelowDays    float64
	Warnings     int
	// RetailPrice is the price of a piece when the plan was made.
	RetailPrice money.Fen
}

// Quantity is the number that counts: the buyer's where there is one.
func (l Line) Quantity() quantity.Pieces {
	if l.Decided > 0 {
		return l.Decided
	}
	return l.Pieces
}

type lineRow struct {
	ID                                   int64
	SKUID                                int32
	Code, NameZH, NameEN, UnitZH, UnitEN string
	CategoryID                           int32
	Kind                                 string
	SiteID                               int32
	SiteZH, SiteEN                       string
	FromID                               int32
	FromZH, FromEN                       string
	SupplierID                           int32
	SupplierZH, SupplierEN               string
	Reason                               string
	Backup                               bool
	Pieces, Decided, Pack, UnitFen       int64
	OrderBy, ArriveBy                    calendar.Day
	StockoutDay                          *calendar.Day
	LostPieces, LostFen                  int64
	State, Note                          string
	At                                   *time.Time
	OrderRef                             string
	TopicZH, TopicEN                     string
	TopicRatio                           float64
	EventZH, EventEN                     string
	BelowDays                            float64
	WarningCount                         int
	RetailFen                            int64
}

const suggestionFrom = `
	from replenish.suggestion g
	join catalog.sku k on k.id = g.sku_id
	join catalog.site s on s.id = g.site_id
	left join catalog.site f on f.id = g.from_id
	left join catalog.supplier u on u.id = g.supplier_id
	where case $1 when 'waiting' then g.state in ('open','changed') or (g.state in ('approved','rejected','ordered') and g.at > $2)
			when 'open' then g.state in ('open','changed') when '' then true else g.state = $1 end
		and ($3 = '' or g.kind = $3) and ($4 = '' or g.reason = $4)
		and ($5 = 0 or g.site_id = $5 or g.from_id = $5) and ($6 = 0 or g.supplier_id = $6) and ($7 = 0 or g.sku_id = $7)
		and (cardinality($8::text[]) = 0 or k.search @> $8)
		and (cardinality($9::int[]) = 0 or g.site_id = any($9) or g.from_id = any($9))`

const sqlLines = `select g.id, g.sku_id, k.code, k.name_zh, k.name_en, k.unit_zh, k.unit_en, k.category_id, g.kind, g.site_id,
		s.name_zh as site_zh, s.name_en as site_en, g.from_id, coalesce(f.name_zh, '') as from_zh, coalesce(f.name_en, '') as from_en,
		g.supplier_id, coalesce(u.name_zh, '') as supplier_zh, coalesce(u.name_en, '') as supplier_en,
		g.reason, g.backup, g.pieces, g.decided, g.pack, g.unit_fen, g.order_by, g.arrive_by, g.stockout_day, g.lost_pieces, g.lost_fen,
		g.state, g.note, g.at, g.order_ref,
		coalesce(g.explanation->'inputs'->'topic'->>'zh', '') as topic_zh, coalesce(g.explanation->'inputs'->'topic'->>'en', '') as topic_en,
		coalesce((g.explanation->'inputs'->>'topic_ratio')::float8, 0) as topic_ratio,
		coalesce(g.explanation->'inputs'->'event'->>'zh', '') as event_zh, coalesce(g.explanation->'inputs'->'event'->>'en', '') as event_en,
		coalesce((g.explanation->'inputs'->>'below_days')::float8, 0) as below_days, jsonb_array_length(g.warnings) as warning_count,
		coalesce((g.explanation->'inputs'->>'price')::int8, 0) as retail_fen` +
	suggestionFrom + `
	order by case $10 when 'money' then -(g.unit_fen * case when g.decided > 0 then g.decided else g.pieces end)::float8
			when 'stockout' then coalesce(g.stockout_day - date '1970-01-01', 1000000)::float8
			when 'pieces' then -g.pieces::float8 when 'sku' then 0 else -g.lost_fen::float8 end,
		case when $10 = 'sku' then k.code end, g.stockout_day nulls last, g.id
	limit $11 offset $12`

func (f Filter) args() []any {
	sites := make([]int32, len(f.Sites))
	for i, s := range f.Sites {
		sites[i] = int32(s)
	}
	terms := f.Terms
	if terms == nil {
		terms = []string{}
	}
	return []any{f.View, f.Since, string(f.Kind), string(f.Reason), int32(f.Site), int32(f.Supplier), int32(f.SKU), terms, sites}
}

// Lines gives the suggestions of the filter, in its order.
func Lines(ctx context.Context, q pgdb.Querier, f Filter) ([]Line, error) {
	rows, err := q.Query(ctx, sqlLines, append(f.args(), f.Sort, f.Limit, f.Offset)...)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: list: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[lineRow])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: list: %w", err)
	}
	out := make([]Line, len(stored))
	for i, r := range stored {
		out[i] = Line{
			ID: replenishment.SuggestionID(r.ID), SKU: catalog.SKUID(r.SKUID), SKUCode: r.Code, SKUName: catalog.Name{ZH: r.NameZH, EN: r.NameEN},
			Unit: catalog.Name{ZH: r.UnitZH, EN: r.UnitEN}, Category: catalog.CategoryID(r.CategoryID), Kind: replenishment.Kind(r.Kind),
			Site: catalog.SiteID(r.SiteID), SiteName: catalog.Name{ZH: r.SiteZH, EN: r.SiteEN},
			From: catalog.SiteID(r.FromID), FromName: catalog.Name{ZH: r.FromZH, EN: r.FromEN},
			Supplier: catalog.SupplierID(r.SupplierID), SupplierName: catalog.Name{ZH: r.SupplierZH, EN: r.SupplierEN},
			Reason: replenishment.Reason(r.Reason), Backup: r.Backup, Pieces: quantity.Pieces(r.Pieces), Decided: quantity.Pieces(r.Decided),
			Pack: quantity.Pieces(r.Pack), UnitPrice: money.Fen(r.UnitFen), OrderBy: r.OrderBy, ArriveBy: r.ArriveBy, StockoutDay: r.StockoutDay,
			LostPieces: quantity.Pieces(r.LostPieces), LostMoney: money.Fen(r.LostFen), State: replenishment.State(r.State), Note: r.Note, At: r.At,
			OrderRef: r.OrderRef, Topic: catalog.Name{ZH: r.TopicZH, EN: r.TopicEN}, TopicRatio: r.TopicRatio,
			Event: catalog.Name{ZH: r.EventZH, EN: r.EventEN}, BelowDays: r.BelowDays, Warnings: r.WarningCount,
			RetailPrice: money.Fen(r.RetailFen),
		}
		if out[i].Kind != replenishment.Transfer {
			out[i].Money = money.Fen(r.UnitFen) * money.Fen(out[i].Quantity())
		}
	}
	return out, nil
}

// Tally counts the suggestions of one kind and adds up their money.
type Tally struct {
	Kind  replenishment.Kind
	Count int
	Money money.Fen
}

const sqlTallies = `select g.kind, count(*)::int,
		coalesce(sum(case when g.kind = 'transfer' then 0 else g.unit_fen * case when g.decided > 0 then g.decided else g.pieces end end), 0)::bigint` +
	suggestionFrom + ` group by g.kind order by g.kind`

// Tallies counts the suggestions of the filter by kind.
func Tallies(ctx context.Context, q pgdb.Querier, f Filter) ([]Tally, error) {
	rows, err := q.Query(ctx, sqlTallies, f.args()...)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: count: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Tally])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: count: %w", err)
	}
	return out, nil
}

const sqlThreatened = `select count(distinct sku_id)::int from replenish.suggestion
	where state in ('open','changed') and kind in ('buy','transfer') and stockout_day <= $1`

// Threatened counts the SKUs with a waiting suggestion that run out on or before the day.
func Threatened(ctx context.Context, q pgdb.Querier, day calendar.Day) (int, error) {
	var n int
	if err := q.QueryRow(ctx, sqlThreatened, day).Scan(&n); err != nil {
		return 0, fmt.Errorf("replenishdb: threatened: %w", err)
	}
	return n, nil
}
