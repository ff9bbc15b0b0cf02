package replenishdb

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// ErrPlace is the refusal of a sort that the stock list does not have, or of a place that it has not given out.
var ErrPlace = errors.New("replenishdb: not a place in this stock list")

// StockSort is what the stock list is sorted by; the SKU's id decides between equals.
type StockSort string

// The sorts of the stock list. That of one site knows the first two.
const (
	ByUrgency StockSort = "urgency" // rank, then cover
	ByCover   StockSort = "cover"
	ByOnHand  StockSort = "on_hand"
	ByValue   StockSort = "value"
	ByPerDay  StockSort = "per_day"
)

// StockQuery asks for a page of the stock list. Zero fields do not narrow.
type StockQuery struct {
	Site     catalog.SiteID // 0 = all sites together
	Rank     *int16         // 0 out, 1 running out, 2 low, 3 too much, 4 enough
	Category catalog.CategoryID
	Search   string
	Sort     StockSort // ByUrgency when empty
	Desc     bool
	After    string // the place behind the page before; empty for the first
	Limit    int
}

// MostStock is how far the stock list is counted.
const MostStock = 10_000

// A site's level stands for a row of the list: its status is the rank, what it can still sell its stock, and it has no value
// of its own.
const (
	stockAll = `select t.sku_id, k.code, k.name_zh, k.name_en, k.unit_zh, k.unit_en, k.category_id, k.core, t.rank, t.on_hand, t.on_order,
			t.safety, t.per_day, t.cover_days, t.stockout_day, t.value_fen, t.sites, t.short_sites,
			(select count(*) from replenish.suggestion g where g.sku_id = t.sku_id and g.state in ('open','changed')) as waiting
		from replenish.sku_stat t join catalog.sku k on k.id = t.sku_id where true`
	stockSite = `select t.sku_id, k.code, k.name_zh, k.name_en, k.unit_zh, k.unit_en, k.category_id, k.core, ` + levelRank + `::smallint as rank, t.available as on_hand, t.on_order,
			t.safety_pieces as safety, t.per_day, t.cover_days, t.stockout_day, 0::bigint as value_fen, 1::smallint as sites,
			case when t.status in ('low','running_out','out') then 1 else 0 end::smallint as short_sites,
			(select count(*) from replenish.suggestion g where g.sku_id = t.sku_id and g.state in ('open','changed')
				and (g.site_id = t.site_id or g.from_id = t.site_id)) as waiting
		from replenish.level t join catalog.sku k on k.id = t.sku_id where t.site_id = $1 and (t.on_hand > 0 or t.per_day > 0 or t.on_order > 0)`
	levelRank = `array_position(array['out','running_out','low','too_much','enough'], t.status) - 1`
)

var stockStatuses = [5]string{"out", "running_out", "low", "too_much", "enough"}

// order gives the columns that a sort goes by and their types.
func (d StockQuery) order() (columns, types []string, err error) {
	switch {
	case d.Sort == ByUrgency && d.Site == 0:
		return []string{"t.rank", "t.cover_days"}, []string{"smallint", "real"}, nil
	case d.Sort == ByCover, d.Sort == ByUrgency:
		return []string{"t.cover_days"}, []string{"real"}, nil
	case d.Site != 0:
	case d.Sort == ByOnHand:
		return []string{"t.on_hand"}, []string{"bigint"}, nil
	case d.Sort == ByValue:
		return []string{"t.value_fen"}, []string{"bigint"}, nil
	case d.Sort == ByPerDay:
		return []string{"t.per_day"}, []string{"real"}, nil
	}
	return nil, nil, fmt.Errorf("%w: sort %q", ErrPlace, d.Sort)
}

func (d StockQuery) place(r stockRow) string {
	real32 := func(v float32) string { return strconv.FormatFloat(float64(v), 'g', -1, 32) }
	var values []string
	switch {
	case d.Sort == ByUrgency && d.Site == 0:
		values = []string{strconv.Itoa(int(r.Rank)), real32(r.CoverDays)}
	case d.Sort == ByCover, d.Sort == ByUrgency:
		values = []string{real32(r.CoverDays)}
	case d.Sort == ByOnHand:
		values = []string{strconv.FormatInt(r.OnHand, 10)}
	case d.Sort == ByValue:
		values = []string{strconv.FormatInt(r.ValueFen, 10)}
	case d.Sort == ByPerDay:
		values = []string{real32(r.PerDay)}
	}
	return string(d.Sort) + "_" + strings.Join(append(values, strconv.Itoa(int(r.SKUID))), "_")
}

// parse reads what place has written: the values of the columns and the SKU.
func (d StockQuery) parse(types []string) ([]any, error) {
	rest, ok := strings.CutPrefix(d.After, string(d.Sort)+"_")
	parts := strings.Split(rest, "_")
	if !ok || len(parts) != len(types)+1 {
		return nil, fmt.Errorf("%w: %q", ErrPlace, d.After)
	}
	out := make([]any, len(parts))
	for i, p := range parts {
		var err error
		if i < len(types) && types[i] == "real" {
			var v float64
			v, err = strconv.ParseFloat(p, 32)
			out[i] = float32(v)
		} else {
			bits := 64
			if i == len(types) || types[i] == "smallint" {
				bits = 32
			}
			out[i], err = strconv.ParseInt(p, 10, bits)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %q", ErrPlace, d.After)
		}
	}
	return out, nil
}

// filter gives the FROM and WHERE with their arguments; categories are those of d.Category and below.
func (d StockQuery) filter(categories []catalog.CategoryID) (where string, args []any) {
	add := func(part string, v any) {
		args = append(args, v)
		where += fmt.Sprintf(part, len(args))
	}
	if d.Site != 0 {
		args = append(args, d.Site)
	}
	switch {
	case d.Rank == nil:
	case d.Site == 0:
		add(" and t.rank = $%d", *d.Rank)
	case *d.Rank >= 0 && int(*d.Rank) < len(stockStatuses):
		add(" and t.status = $%d", stockStatuses[*d.Rank])
	}
	if d.Category != 0 {
		add(" and k.category_id = any($%d)", categories)
	}
	if terms := catalog.QueryTerms(d.Search); len(terms) > 0 {
		add(" and k.search @> $%d", terms)
	}
	return where, args
}

func (d StockQuery) from() string {
	if d.Site == 0 {
		return stockAll
	}
	return stockSite
}

// StockPage gives a page of the stock list and the place behind it, empty at the end. ErrPlace for a sort or place that is
// not of this list.
func StockPage(ctx context.Context, q pgdb.Querier, d StockQuery, categories []catalog.CategoryID) ([]StockLine, string, error) {
	columns, types, err := d.order()
	if err != nil {
		return nil, "", err
	}
	where, args := d.filter(categories)
	than, direction := ">", ""
	if d.Desc {
		than, direction = "<", " desc"
	}
	if d.After != "" {
		values, err := d.parse(types)
		if err != nil {
			return nil, "", err
		}
		var marks []string
		for i, v := range values {
			args = append(args, v)
			kind := "int"
			if i < len(types) {
				kind = types[i]
			}
			marks = append(marks, fmt.Sprintf("$%d::%s", len(args), kind))
		}
		where += fmt.Sprintf(" and (%s, t.sku_id) %s (%s)", strings.Join(columns, ", "), than, strings.Join(marks, ", "))
	}
	args = append(args, d.Limit+1)
	order := strings.Join(append(columns, "t.sku_id"), direction+", ") + direction
	rows, err := q.Query(ctx, d.from()+where+fmt.Sprintf(" order by %s limit $%d", order, len(args)), args...)
	if err != nil {
		return nil, "", fmt.Errorf("replenishdb: stock page: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[stockRow])
	if err != nil {
		return nil, "", fmt.Errorf("replenishdb: stock page: %w", err)
	}
	next := ""
	if len(stored) > d.Limit {
		stored = stored[:d.Limit]
		next = d.place(stored[d.Limit-1])
	}
	out := make([]StockLine, len(stored))
	for i, r := range stored {
		out[i] = r.line()
	}
	return out, next, nil
}

// StockCount counts the rows of the stock list, up to MostStock and one.
func StockCount(ctx context.Context, q pgdb.Querier, d StockQuery, categories []catalog.CategoryID) (int, error) {
	where, args := d.filter(categories)
	from := `replenish.sku_stat t`
	if d.Site != 0 {
		from, where = `replenish.level t`, " and t.site_id = $1 and (t.on_hand > 0 or t.per_day > 0 or t.on_order > 0)"+where
	}
	if d.Category != 0 || d.Search != "" {
		from += ` join catalog.sku k on k.id = t.sku_id`
	}
	args = append(args, MostStock+1)
	var n int
	sql := fmt.Sprintf("select count(*)::int from (select from %s where true%s limit $%d) c", from, where, len(args))
	if err := q.QueryRow(ctx, sql, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("replenishdb: count stock: %w", err)
	}
	return n, nil
}

const sqlSiteRanks = `select (` + levelRank + `)::smallint as rank, count(*)::int, 0::bigint from replenish.level t
	where t.site_id = $1 and (t.on_hand > 0 or t.per_day > 0 or t.on_order > 0) group by 1 order by 1`

// SiteRankCounts counts the SKUs of one site by the rank of their stock there.
func SiteRankCounts(ctx context.Context, q pgdb.Querier, site catalog.SiteID) ([]RankCount, error) {
	rows, err := q.Query(ctx, sqlSiteRanks, site)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: rank counts of site %d: %w", site, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[RankCount])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: rank counts of site %d: %w", site, err)
	}
	return out, nil
}
