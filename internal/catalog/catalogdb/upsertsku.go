package catalogdb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// Rows that stay as they are are not written: loading the same sheet again costs a comparison.
const sqlUpsertSKUs = `with saved as (
		insert into catalog.sku as s (code, gtin, name_zh, name_en, category_id, unit_zh, unit_en, core, shelf_life_days,
			min_remaining_days, temperature, carton_pieces, weight_grams, volume_ml, price_fen, launched, retired, search, updated_at)
		select d.code, d.gtin, d.name_zh, d.name_en, c.id, d.unit_zh, d.unit_en, d.core, d.shelf, d.remaining, d.temperature,
			d.carton, d.grams, d.ml, d.price, date '1970-01-01' + d.launched, date '1970-01-01' + d.retired,
			string_to_array(d.search, ' '), clock_timestamp()
		from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[], $9::int[],
			$10::int[], $11::text[], $12::bigint[], $13::int[], $14::int[], $15::bigint[], $16::int[], $17::int[], $18::text[])
			as d (code, gtin, name_zh, name_en, category, unit_zh, unit_en, core, shelf, remaining, temperature, carton, grams, ml,
				price, launched, retired, search)
		join catalog.category c on c.code = d.category
		on conflict (code) do update set gtin = excluded.gtin, name_zh = excluded.name_zh, name_en = excluded.name_en,
			category_id = excluded.category_id, unit_zh = excluded.unit_zh, unit_en = excluded.unit_en, core = excluded.core,
			shelf_life_days = excluded.shelf_life_days, min_remaining_days = excluded.min_remaining_days,
			temperature = excluded.temperature, carton_pieces = excluded.carton_pieces, weight_grams = excluded.weight_grams,
			volume_ml = excluded.volume_ml, price_fen = excluded.price_fen, launched = excluded.launched, retired = excluded.retired,
			search = excluded.search, updated_at = excluded.updated_at
		where (s.gtin, s.name_zh, s.name_en, s.category_id, s.unit_zh, s.unit_en, s.core, s.shelf_life_days, s.min_remaining_days,
			s.temperature, s.carton_pieces, s.weight_grams, s.volume_ml, s.price_fen, s.launched, s.retired)
			is distinct from (excluded.gtin, excluded.name_zh, excluded.name_en, excluded.category_id, excluded.unit_zh,
			excluded.unit_en, excluded.core, excluded.shelf_life_days, excluded.min_remaining_days, excluded.temperature,
			excluded.carton_pieces, excluded.weight_grams, excluded.volume_ml, excluded.price_fen, excluded.launched, excluded.retired)
		returning (xmax = 0) as made)
	select count(*) filter (where made)::int, count(*) filter (where not made)::int from saved`

const sqlSetSuccessors = `update catalog.sku s set successor_id = n.id, updated_at = clock_timestamp()
	from unnest($1::text[], $2::text[]) as d (code, successor) left join catalog.sku n on n.code = d.successor
	where s.code = d.code and s.successor_id is distinct from n.id`

// UpsertSKUs writes SKUs by their codes: new ones are made, known ones become what the draft says. The drafts must have
// passed catalog.Check. It answers *catalog.BadRows, and writes nothing, when a category or successor is not known.
func UpsertSKUs(ctx context.Context, q pgdb.Querier, rows []catalog.SKUDraft) (catalog.Saved, error) {
	var total catalog.Saved
	categories, err := refer(ctx, q, rows, "category", sqlKnownCategories, func(d catalog.SKUDraft) string { return d.CategoryCode })
	if err != nil {
		return total, err
	}
	successors, err := refer(ctx, q, rows, "successor", sqlKnownSKUs, func(d catalog.SKUDraft) string { return d.SuccessorCode })
	if err != nil {
		return total, err
	}
	for _, d := range rows {
		successors.known[d.Code] = true // a successor may come in the same list
	}
	if err := resolve(rows, categories, successors); err != nil {
		return total, err
	}
	for part := range slices.Chunk(rows, batch) {
		s, err := upsertSKUs(ctx, q, part)
		if err != nil {
			return total, err
		}
		total = total.Add(s)
	}
	for part := range slices.Chunk(rows, batch) {
		code := func(d catalog.SKUDraft) string { return d.Code }
		next := func(d catalog.SKUDraft) string { return d.SuccessorCode }
		if _, err := q.Exec(ctx, sqlSetSuccessors, column(part, code), column(part, next)); err != nil {
			return total, fmt.Errorf("catalogdb: save successors: %w", err)
		}
	}
	return total, nil
}

func upsertSKUs(ctx context.Context, q pgdb.Querier, rows []catalog.SKUDraft) (catalog.Saved, error) {
	type d = catalog.SKUDraft
	return upsert(ctx, q, "SKUs", sqlUpsertSKUs, len(rows),
		column(rows, func(d d) string { return d.Code }),
		column(rows, func(d d) string { return d.GTIN }),
		column(rows, func(d d) string { return d.Name.ZH }),
		column(rows, func(d d) string { return d.Name.EN }),
		column(rows, func(d d) string { return d.CategoryCode }),
		column(rows, func(d d) string { return d.Unit.ZH }),
		column(rows, func(d d) string { return d.Unit.EN }),
		column(rows, func(d d) bool { return d.Core }),
		column(rows, func(d d) int32 { return int32(d.ShelfLifeDays) }),
		column(rows, func(d d) int32 { return int32(d.MinRemainingDays) }),
		column(rows, func(d d) string { return string(d.Temperature) }),
		column(rows, func(d d) int64 { return int64(d.CartonPieces) }),
		column(rows, func(d d) int32 { return int32(d.WeightGrams) }),
		column(rows, func(d d) int32 { return int32(d.VolumeML) }),
		column(rows, func(d d) int64 { return int64(d.Price) }),
		column(rows, func(d d) *int32 { return sinceEpoch(d.Launched) }),
		column(rows, func(d d) *int32 { return sinceEpoch(d.Retired) }),
		column(rows, func(d d) string { return strings.Join(skuTerms(d.SKU), " ") }),
	)
}

func sinceEpoch(d *calendar.Day) *int32 {
	if d == nil {
		return nil
	}
	n := int32(*d)
	return &n
}

const sqlUpdateSKU = `update catalog.sku set gtin = $2, name_zh = $3, name_en = $4, category_id = $5, unit_zh = $6, unit_en = $7,
	core = $8, shelf_life_days = $9, min_remaining_days = $10, temperature = $11, carton_pieces = $12, weight_grams = $13,
	volume_ml = $14, price_fen = $15, launched = $16, retired = $17, successor_id = nullif($18::int, 0), search = $19,
	updated_at = clock_timestamp() where id = $1 returning updated_at`

// UpdateSKU stores a SKU that is locked, all but its code.
func UpdateSKU(ctx context.Context, q pgdb.Querier, s catalog.SKU) (time.Time, error) {
	var at time.Time
	err := q.QueryRow(ctx, sqlUpdateSKU, s.ID, s.GTIN, s.Name.ZH, s.Name.EN, s.Category, s.Unit.ZH, s.Unit.EN, s.Core, s.ShelfLifeDays,
		s.MinRemainingDays, s.Temperature, s.CartonPieces, s.WeightGrams, s.VolumeML, s.Price, s.Launched, s.Retired, s.Successor,
		skuTerms(s)).Scan(&at)
	if err != nil {
		return at, fmt.Errorf("catalogdb: save SKU %s: %w", s.Code, refused(err))
	}
	return at, nil
}
