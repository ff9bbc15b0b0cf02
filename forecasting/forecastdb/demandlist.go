package forecastdb

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// The rows of a page are chosen and sorted before the catalog is asked for their names.
const (
	sqlDemandColumns = `select t.sku_id as sku, k.code, k.name_zh, k.name_en, k.unit_zh, k.unit_en, t.category_id as category, k.core,
		t.class, t.series, t.sold_28, t.sold_before_28, t.sold_out_28, t.forecast_28::float8 as forecast_28, t.growth, t.heat from (`
	sqlDemandNames = `) t join catalog.sku k on k.id = t.sku_id`
)

// The parts of a WHERE, numbered as they are added. Each is left out when its filter is, so that the planner sees only
// what counts.
const (
	sqlDemandWhere    = ` where t.run_id = $1 and t.site_id = $2`
	sqlDemandCategory = ` and t.category_id = any($%d)`
	sqlDemandFound    = ` and t.sku_id = any($%d)`
	sqlDemandSearch   = ` and k.search @> $%d`
	sqlDemandTopic    = ` and exists (select from catalog.topic_sku x where x.sku_id = t.sku_id and x.topic_id = $%d)`
	sqlDemandClass    = ` and t.class = $%d`
)

const sqlDemandFind = `select id from catalog.sku where search @> $1 and ($2::int[] is null or category_id = any($2)) limit $3`

// manyFound is how many SKUs a search may find to be looked up in the list one by one, which takes about 10 µs each. Of
// more than that (one in sixty of half a million) walking down the sorted list soon finds a page.
const manyFound = 8_000

// find gives the SKUs of the catalog that a search finds, in the categories (nil for all), at most as many as are
// counted and one. Both conditions are on one table, where PostgreSQL can intersect its indexes.
func find(ctx context.Context, q pgdb.Querier, terms []string, categories []catalog.CategoryID) ([]catalog.SKUID, error) {
	rows, err := q.Query(ctx, sqlDemandFind, terms, categories, forecasting.MaxCount+1)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[catalog.SKUID])
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return list, nil
}

const sqlDemandTopicSKUs = `select sku_id from catalog.topic_sku where topic_id = $1 limit $2`

// ofTopic gives the SKUs of a topic, at most manyFound and one.
func ofTopic(ctx context.Context, q pgdb.Querier, topic catalog.TopicID) ([]catalog.SKUID, error) {
	rows, err := q.Query(ctx, sqlDemandTopicSKUs, topic, manyFound+1)
	if err != nil {
		return nil, fmt.Errorf("skus of topic %d: %w", topic, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[catalog.SKUID])
}

// demandSorts gives the column of a sort. All are compared together with the SKU's id, in the same direction.
var demandSorts = map[forecasting.DemandSort]string{
	forecasting.BySold: "t.sold_28", forecasting.ByForecast: "t.forecast_28", forecasting.ByGrowth: "t.growth",
	forecasting.ByHeat: "t.heat", forecasting.BySoldOut: "t.sold_out_28",
}

// demandRow is a row of the list, with the sort value for the place of the next page.
type demandRow struct {
	SKU                             catalog.SKUID
	Code                            string
	NameZH, NameEN, UnitZH, UnitEN  string
	Category                        catalog.CategoryID
	Core                            bool
	Class                           forecasting.Class
	Series                          int
	Sold28, SoldBefore28, SoldOut28 int
	Forecast28                      float64
	Growth, Heat                    float32
}

func (r demandRow) row() forecasting.DemandRow {
	return forecasting.DemandRow{
		SKU: r.SKU, Code: r.Code, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN}, Unit: catalog.Name{ZH: r.UnitZH, EN: r.UnitEN},
		Category: r.Category, Core: r.Core, Class: r.Class, Series: r.Series, Sold28: r.Sold28, SoldBefore28: r.SoldBefore28,
		SoldOut28: r.SoldOut28, Forecast28: r.Forecast28, Growth: float64(r.Growth), Heat: float64(r.Heat),
	}
}

// place gives where the list stands after the row.
func (r demandRow) place(sort forecasting.DemandSort) string {
	v := float32(0)
	switch sort {
	case forecasting.BySold:
		v = float32(r.Sold28)
	case forecasting.ByForecast:
		v = float32(r.Forecast28)
	case forecasting.ByGrowth:
		v = r.Growth
	case forecasting.ByHeat:
		v = r.Heat
	case forecasting.BySoldOut:
		v = float32(r.SoldOut28)
	}
	text := strconv.FormatFloat(float64(v), 'g', -1, 32)
	if sort == forecasting.BySold {
		text = strconv.Itoa(r.Sold28)
	}
	return string(sort) + "_" + text + "_" + strconv.Itoa(int(r.SKU))
}

// demandFilter is the WHERE of a query with its arguments.
type demandFilter struct {
	where  string
	args   []any
	search bool // the condition on the search column of catalog.sku is among them
	found  int  // SKUs that the search has found in the catalog
}

func (f *demandFilter) add(part string, v any) {
	f.args = append(f.args, v)
	f.where += fmt.Sprintf(part, len(f.args))
}

const (
	sqlDemandFrom     = ` from forecast.sku_stat t`
	sqlDemandFromBoth = ` from forecast.sku_stat t join catalog.sku k on k.id = t.sku_id`
)

// from gives the FROM and WHERE.
func (f demandFilter) from() string {
	if f.search {
		return sqlDemandFromBoth + f.where
	}
	return sqlDemandFrom + f.where
}

func newDemandFilter(ctx context.Context, q pgdb.Querier, run int64, d forecasting.DemandQuery, categories []catalog.CategoryID) (*demandFilter, error) {
	f := &demandFilter{where: sqlDemandWhere, args: []any{run, d.Site}}
	terms := catalog.QueryTerms(d.Search)
	if len(terms) > 0 {
		found, err := find(ctx, q, terms, categories)
		if err != nil {
			return nil, err
		}
		f.found = len(found)
		if f.search = f.found > manyFound; f.search {
			f.add(sqlDemandSearch, terms)
		} else {
			f.add(sqlDemandFound, found)
		}
	}
	if d.Category != 0 && (f.search || len(terms) == 0) {
		f.add(sqlDemandCategory, categories)
	}
	if d.Topic != 0 {
		list, err := ofTopic(ctx, q, d.Topic)
		if err != nil {
			return nil, err
		}
		if len(list) > manyFound {
			f.add(sqlDemandTopic, d.Topic)
		} else {
			f.add(sqlDemandFound, list)
		}
	}
	if d.Class != "" {
		f.add(sqlDemandClass, d.Class)
	}
	return f, nil
}

// DemandPage gives one page of the demand list of a run, the place of the next one, and the number of rows that fit, as
// far as forecasting.MaxCount and one. d.Sort and d.Limit must be set; categories are those of d.Category and below, nil for
// all. forecasting.ErrPlace for a d.After that is not of this list.
func DemandPage(ctx context.Context, q pgdb.Querier, run int64, d forecasting.DemandQuery, categories []catalog.CategoryID) (list []forecasting.DemandRow, next string, total int, err error) {
	if _, ok := demandSorts[d.Sort]; !ok {
		return nil, "", 0, fmt.Errorf("demand list: %w: sort %q", forecasting.ErrPlace, d.Sort)
	}
	f, err := newDemandFilter(ctx, q, run, d, categories)
	if err != nil {
		return nil, "", 0, fmt.Errorf("demand list: %w", err)
	}
	if total, err = f.count(ctx, q, d); err != nil {
		return nil, "", 0, fmt.Errorf("count the demand list: %w", err)
	}
	rows, err := f.page(ctx, q, d)
	if err != nil {
		return nil, "", 0, fmt.Errorf("demand list: %w", err)
	}
	if len(rows) > d.Limit {
		rows = rows[:d.Limit]
		next = rows[len(rows)-1].place(d.Sort)
	}
	list = make([]forecasting.DemandRow, len(rows))
	for i, r := range rows {
		list[i] = r.row()
	}
	return list, next, total, nil
}

// page gives one row more than the page holds, if there is one.
func (f demandFilter) page(ctx context.Context, q pgdb.Querier, d forecasting.DemandQuery) ([]demandRow, error) {
	column := demandSorts[d.Sort]
	than, order := "<", " desc"
	if d.Up {
		than, order = ">", ""
	}
	if d.After != "" {
		value, sku, err := parsePlace(d.Sort, d.After)
		if err != nil {
			return nil, err
		}
		f.args = append(f.args, value, sku)
		f.where += fmt.Sprintf(" and (%s, t.sku_id) %s ($%d::text::%s, $%d)", column, than, len(f.args)-1, columnType(d.Sort), len(f.args))
	}
	f.args = append(f.args, d.Limit+1)
	sorted := fmt.Sprintf(" order by %s%s, t.sku_id%s", column, order, order)
	sql := sqlDemandColumns + "select t.*" + f.from() + fmt.Sprintf("%s limit $%d", sorted, len(f.args)) + sqlDemandNames + sorted
	rows, err := q.Query(ctx, sql, f.args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[demandRow])
}

func columnType(s forecasting.DemandSort) string {
	if s == forecasting.BySold || s == forecasting.BySoldOut {
		return "int"
	}
	return "real"
}

// parsePlace reads what place has written.
func parsePlace(sort forecasting.DemandSort, after string) (value string, sku int, err error) {
	rest, ok := strings.CutPrefix(after, string(sort)+"_")
	cut := strings.LastIndexByte(rest, '_')
	if !ok || cut < 0 {
		return "", 0, fmt.Errorf("%w: %q", forecasting.ErrPlace, after)
	}
	value = rest[:cut]
	sku, err = strconv.Atoi(rest[cut+1:])
	if err == nil && columnType(sort) == "int" {
		_, err = strconv.ParseInt(value, 10, 32)
	} else if err == nil {
		_, err = strconv.ParseFloat(value, 32)
	}
	if err != nil || sku < 0 {
		return "", 0, fmt.Errorf("%w: %q", forecasting.ErrPlace, after)
	}
	return value, sku, nil
}

const sqlDemandCount = `select count(*)::int from (select`

// count counts the rows that fit.
func (f demandFilter) count(ctx context.Context, q pgdb.Querier, d forecasting.DemandQuery) (int, error) {
	if f.search && d.Site == 0 && d.Topic == 0 && d.Class == "" {
		return f.found, nil // every SKU of the catalog is in the list of all sites
	}
	f.args = append(f.args, forecasting.MaxCount+1)
	sql := sqlDemandCount + f.from() + fmt.Sprintf(" limit $%d) c", len(f.args))
	var n int
	err := q.QueryRow(ctx, sql, f.args...).Scan(&n)
	return n, err
}
