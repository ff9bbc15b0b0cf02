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

const sqlDemandColumns = `select t.sku_id as sku, k.code, k.name_zh, k.name_en, k.unit_zh, k.unit_en, t.category_id as category, k.core,
	t.class, t.series, t.sold_28, t.sold_before_28, t.sold_out_28, t.forecast_28::float8 as forecast_28, t.growth, t.heat
	from forecast.sku_stat t join catalog.sku k on k.id = t.sku_id`

// The parts of a WHERE, numbered as demandArgs gives them. Each is left out when its filter is, so that the planner
// sees only what counts.
const (
	sqlDemandWhere    = ` where t.run_id = $1 and t.site_id = $2`
	sqlDemandCategory = ` and t.category_id = any($%d)`
	sqlDemandSearch   = ` and k.search @> $%d`
	sqlDemandTopic    = ` and exists (select from catalog.topic_sku x where x.sku_id = t.sku_id and x.topic_id = $%d)`
	sqlDemandClass    = ` and t.class = $%d`
)

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

// demandFilter gives the FROM and WHERE of a query with its arguments.
func demandFilter(run int64, d forecasting.DemandQuery, categories []catalog.CategoryID) (string, []any) {
	args := []any{run, d.Site}
	where := sqlDemandWhere
	add := func(part string, v any) {
		args = append(args, v)
		where += fmt.Sprintf(part, len(args))
	}
	if d.Category != 0 {
		add(sqlDemandCategory, categories)
	}
	if terms := catalog.QueryTerms(d.Search); len(terms) > 0 {
		add(sqlDemandSearch, terms)
	}
	if d.Topic != 0 {
		add(sqlDemandTopic, d.Topic)
	}
	if d.Class != "" {
		add(sqlDemandClass, d.Class)
	}
	return where, args
}

// DemandPage gives one page of the demand list of a run. d.Sort and d.Limit must be set; categories are those of
// d.Category and below. forecasting.ErrPlace for a d.After that is not of this list.
func DemandPage(ctx context.Context, q pgdb.Querier, run int64, d forecasting.DemandQuery, categories []catalog.CategoryID) ([]forecasting.DemandRow, string, error) {
	column, ok := demandSorts[d.Sort]
	if !ok {
		return nil, "", fmt.Errorf("demand list: %w: sort %q", forecasting.ErrPlace, d.Sort)
	}
	where, args := demandFilter(run, d, categories)
	than, order := "<", " desc"
	if d.Up {
		than, order = ">", ""
	}
	if d.After != "" {
		value, sku, err := parsePlace(d.Sort, d.After)
		if err != nil {
			return nil, "", err
		}
		args = append(args, value, sku)
		where += fmt.Sprintf(" and (%s, t.sku_id) %s ($%d::text::%s, $%d)", column, than, len(args)-1, columnType(d.Sort), len(args))
	}
	args = append(args, d.Limit+1)
	sql := sqlDemandColumns + where + fmt.Sprintf(" order by %s%s, t.sku_id%s limit $%d", column, order, order, len(args))
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, "", fmt.Errorf("demand list: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[demandRow])
	if err != nil {
		return nil, "", fmt.Errorf("demand list: %w", err)
	}
	next := ""
	if len(list) > d.Limit {
		list = list[:d.Limit]
		next = list[len(list)-1].place(d.Sort)
	}
	out := make([]forecasting.DemandRow, len(list))
	for i, r := range list {
		out[i] = r.row()
	}
	return out, next, nil
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

const demandCountHead = `select count(*)::int from (select from forecast.sku_stat t`

const sqlDemandCountSKU = ` join catalog.sku k on k.id = t.sku_id`

// DemandCount counts the rows that fit the query, as far as forecasting.MaxCount and one.
func DemandCount(ctx context.Context, q pgdb.Querier, run int64, d forecasting.DemandQuery, categories []catalog.CategoryID) (int, error) {
	where, args := demandFilter(run, d, categories)
	sql := demandCountHead
	if d.Search != "" {
		sql += sqlDemandCountSKU
	}
	args = append(args, forecasting.MaxCount+1)
	sql += where + fmt.Sprintf(" limit $%d) c", len(args))
	var n int
	if err := q.QueryRow(ctx, sql, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the demand list: %w", err)
	}
	return n, nil
}
