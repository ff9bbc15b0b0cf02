package catalogdb

import (
	"context"
	"strings"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

type hitRow struct {
	ID             int32
	Code           string
	NameZH, NameEN string
	Place          int
	Over           bool
}

func (r hitRow) hit(kind catalog.HitKind) catalog.Hit {
	return catalog.Hit{Kind: kind, ID: r.ID, Code: r.Code, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN}, Exact: r.Place == 0, Over: r.Over}
}

// What is meant exactly comes first, then codes that begin so, then whatever holds the text. The last is cut before it is
// sorted, for a text that fits thousands is too short to rank them, and left out when the others fill the answer: the pairs
// of a code are common to most codes.
const sqlFindSKUs = `with named as materialized (
		(select id, 0 as place from catalog.sku where code = $1 or (gtin <> '' and gtin = $2) limit 5)
		union all (select id, 1 from catalog.sku where code like $3 order by code limit $5)
	), hits as (
		select id, place from named
		union all (select id, 2 from catalog.sku where search @> $4::text[] and (select count(distinct id) < $5 from named) limit 200)
	), best as (select id, min(place) as place from hits group by id)
	select s.id, s.code, s.name_zh, s.name_en, b.place, coalesce(s.retired <= $6, false) as over
	from best b join catalog.sku s on s.id = b.id
	order by b.place, over, s.core desc, s.code limit $5`

// FindSKUs gives up to limit SKUs that the text means, the likeliest first.
func FindSKUs(ctx context.Context, q pgdb.Querier, text string, today calendar.Day, limit int) ([]catalog.Hit, error) {
	code, prefix, terms := needle(text)
	if len(terms) == 0 {
		return nil, nil
	}
	rows, err := collect[hitRow](ctx, q, "find SKUs", sqlFindSKUs, fresh, code, code, prefix, terms, limit, today)
	if err != nil {
		return nil, err
	}
	return mapped(rows, func(r hitRow) catalog.Hit { return r.hit(catalog.SKUHit) }), nil
}

const sqlFindSuppliers = `select s.id, s.code, s.name_zh, s.name_en, case when s.code = $1 then 0 when s.code like $2 then 1 else 2 end as place,
	(not s.active or s.banned <> '') as over
	from catalog.supplier s where s.code like $2 or s.search @> $3::text[] order by place, over, s.code limit $4`

// FindSuppliers gives up to limit suppliers that the text means, the likeliest first.
func FindSuppliers(ctx context.Context, q pgdb.Querier, text string, limit int) ([]catalog.Hit, error) {
	code, prefix, terms := needle(text)
	if len(terms) == 0 {
		return nil, nil
	}
	rows, err := collect[hitRow](ctx, q, "find suppliers", sqlFindSuppliers, fresh, code, prefix, terms, limit)
	if err != nil {
		return nil, err
	}
	return mapped(rows, func(r hitRow) catalog.Hit { return r.hit(catalog.SupplierHit) }), nil
}

// needle gives a text as a code (codes are written in capitals), as the beginning of one, and as search terms.
func needle(text string) (code, prefix string, terms []string) {
	code = strings.ToUpper(strings.TrimSpace(storable(text)))
	prefix = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(code) + "%"
	return code, prefix, catalog.QueryTerms(text)
}

// storable takes out what PostgreSQL keeps in no text: zero bytes and what is not UTF-8.
func storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}
