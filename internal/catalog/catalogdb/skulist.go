package catalogdb

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// The filters of the list of SKUs. Each is left out when it is not asked for, so that the planner sees what counts.
const (
	whereText        = ` and s.search @> $%d`
	whereCategory    = ` and s.category_id = any($%d)`
	whereCore        = ` and s.core = $%d`
	whereTemperature = ` and s.temperature = $%d`
	whereSupplier    = ` and exists (select from catalog.term t where t.sku_id = s.id and t.supplier_id = $%d)`
	whereTopic       = ` and exists (select from catalog.topic_sku t where t.sku_id = s.id and t.topic_id = $%d)`
	whereSelling     = ` and coalesce(s.launched, date '0001-01-01') <= $%[1]d and (s.retired is null or s.retired > $%[1]d)`
	whereNewborn     = ` and coalesce(s.launched, date '0001-01-01') > $%[1]d::date - 60`
	whereEnding      = ` and s.retired > $%d`
	whereRetired     = ` and s.retired <= $%d`
)

// skuSorts gives the expression of a sort, in the very words of its index, and the type of its value.
var skuSorts = map[catalog.SKUSort]struct{ by, kind string }{
	catalog.ByCode:     {"s.code", "text"},
	catalog.ByPrice:    {"s.price_fen", "bigint"},
	catalog.ByLaunched: {"coalesce(s.launched, date '0001-01-01')", "date"},
	catalog.ByUpdated:  {"s.updated_at", "timestamptz"},
}

// skuFilter puts the conditions of a query together. categories are those of the query's category and below.
func skuFilter(d catalog.SKUQuery, categories []catalog.CategoryID, today calendar.Day) (where string, args []any) {
	add := func(part string, v any) {
		args = append(args, v)
		where += fmt.Sprintf(part, len(args))
	}
	if terms := catalog.QueryTerms(d.Text); len(terms) > 0 {
		add(whereText, terms)
	} else if d.Text != "" {
		where += " and false" // nothing but punctuation is found nowhere
	}
	if d.Category != 0 {
		add(whereCategory, categories)
	}
	if d.Core != nil {
		add(whereCore, *d.Core)
	}
	if d.Temperature != "" {
		add(whereTemperature, d.Temperature)
	}
	if d.Supplier != 0 {
		add(whereSupplier, d.Supplier)
	}
	if d.Topic != 0 {
		add(whereTopic, d.Topic)
	}
	switch d.Life {
	case catalog.Selling:
		add(whereSelling, today)
	case catalog.Newborn:
		add(whereNewborn, today)
	case catalog.Ending:
		add(whereEnding, today)
	case catalog.Retired:
		add(whereRetired, today)
	}
	return where, args
}

// SKUPage gives a page of the SKUs and the place of the next one. d.Sort and d.Limit must be set. catalog.ErrPlace for a
// d.Sort or d.After that is not of this list.
func SKUPage(ctx context.Context, q pgdb.Querier, d catalog.SKUQuery, categories []catalog.CategoryID, today calendar.Day) ([]catalog.SKURecord, string, error) {
	sort, ok := skuSorts[d.Sort]
	if !ok {
		return nil, "", fmt.Errorf("catalogdb: list of SKUs: %w: sort %q", catalog.ErrPlace, d.Sort)
	}
	where, args := skuFilter(d, categories, today)
	than, order := ">", ""
	if d.Down {
		than, order = "<", " desc"
	}
	if d.After != "" {
		value, id, err := parsePlace(d)
		if err != nil {
			return nil, "", err
		}
		args = append(args, value, id)
		where += fmt.Sprintf(" and (%s, s.id) %s ($%d::text::%s, $%d)", sort.by, than, len(args)-1, sort.kind, len(args))
	}
	args = append(args, d.Limit+1)
	by := fmt.Sprintf(" order by %s%s, s.id%s", sort.by, order, order)
	// The page is cut before anything is joined to it.
	sql := `select ` + skuFields + ` from (select s.* from catalog.sku s where true` + where + by +
		fmt.Sprintf(" limit $%d", len(args)) + `) s` + skuJoins + by
	list, err := collect[skuRow](ctx, q, "list of SKUs", sql, append([]any{fresh}, args...)...)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(list) > d.Limit {
		list = list[:d.Limit]
		next = place(d, list[len(list)-1])
	}
	return mapped(list, skuRow.record), next, nil
}

// CountSKUs counts the SKUs of a query, at most limit of them.
func CountSKUs(ctx context.Context, q pgdb.Querier, d catalog.SKUQuery, categories []catalog.CategoryID, today calendar.Day, limit int) (int, error) {
	where, args := skuFilter(d, categories, today)
	args = append(args, limit)
	sql := `select count(*)::int from (select from catalog.sku s where true` + where + fmt.Sprintf(" limit $%d) x", len(args))
	var n int
	if err := q.QueryRow(ctx, sql, append([]any{fresh}, args...)...).Scan(&n); err != nil {
		return 0, fmt.Errorf("catalogdb: count SKUs: %w", err)
	}
	return n, nil
}

// place gives where the list stands after the row, as "sort direction value id" parted by underscores.
func place(d catalog.SKUQuery, r skuRow) string {
	var value string
	switch d.Sort {
	case catalog.ByCode:
		value = r.Code
	case catalog.ByPrice:
		value = strconv.FormatInt(int64(r.PriceFen), 10)
	case catalog.ByLaunched:
		value = "0001-01-01"
		if r.Launched != nil {
			value = r.Launched.String()
		}
	case catalog.ByUpdated:
		value = r.UpdatedAt.UTC().Format(time.RFC3339Nano)
	}
	return direction(d) + "_" + strconv.Itoa(int(r.ID)) + "_" + value
}

func direction(d catalog.SKUQuery) string {
	if d.Down {
		return string(d.Sort) + "-"
	}
	return string(d.Sort)
}

func parsePlace(d catalog.SKUQuery) (value string, id int32, err error) {
	bad := fmt.Errorf("catalogdb: list of SKUs: %w: %q", catalog.ErrPlace, d.After)
	parts := strings.SplitN(d.After, "_", 3)
	if len(parts) != 3 || parts[0] != direction(d) {
		return "", 0, bad
	}
	n, err := strconv.ParseInt(parts[1], 10, 32)
	if err != nil {
		return "", 0, bad
	}
	value = parts[2]
	switch d.Sort {
	case catalog.ByPrice:
		_, err = strconv.ParseInt(value, 10, 64)
	case catalog.ByLaunched:
		_, err = calendar.ParseDay(value)
	case catalog.ByUpdated:
		_, err = time.Parse(time.RFC3339Nano, value)
	}
	if err != nil {
		return "", 0, bad
	}
	return value, int32(n), nil
}
