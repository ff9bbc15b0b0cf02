package catalogdb

import (
	"context"
	"slices"
	"strings"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

const sqlUpsertSuppliers = `with saved as (
		insert into catalog.supplier as s (code, name_zh, name_en, city_zh, city_en, contact, phone, email, active, banned, search, updated_at)
		select d.code, d.name_zh, d.name_en, d.city_zh, d.city_en, d.contact, d.phone, d.email, d.active, d.banned,
			string_to_array(d.search, ' '), clock_timestamp()
		from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::boolean[],
			$10::text[], $11::text[]) as d (code, name_zh, name_en, city_zh, city_en, contact, phone, email, active, banned, search)
		on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, city_zh = excluded.city_zh,
			city_en = excluded.city_en, contact = excluded.contact, phone = excluded.phone, email = excluded.email,
			active = excluded.active, banned = excluded.banned, search = excluded.search, updated_at = excluded.updated_at
		where (s.name_zh, s.name_en, s.city_zh, s.city_en, s.contact, s.phone, s.email, s.active, s.banned) is distinct from
			(excluded.name_zh, excluded.name_en, excluded.city_zh, excluded.city_en, excluded.contact, excluded.phone,
			excluded.email, excluded.active, excluded.banned)
		returning (xmax = 0) as made)
	select count(*) filter (where made)::int, count(*) filter (where not made)::int from saved`

// UpsertSuppliers writes suppliers by their codes. They must have passed catalog.Check.
func UpsertSuppliers(ctx context.Context, q pgdb.Querier, rows []catalog.Supplier) (catalog.Saved, error) {
	type d = catalog.Supplier
	return upsert(ctx, q, "suppliers", sqlUpsertSuppliers, len(rows),
		column(rows, func(d d) string { return d.Code }),
		column(rows, func(d d) string { return d.Name.ZH }), column(rows, func(d d) string { return d.Name.EN }),
		column(rows, func(d d) string { return d.City.ZH }), column(rows, func(d d) string { return d.City.EN }),
		column(rows, func(d d) string { return d.Contact.Person }), column(rows, func(d d) string { return d.Contact.Phone }),
		column(rows, func(d d) string { return d.Contact.Email }), column(rows, func(d d) bool { return d.Active }),
		column(rows, func(d d) string { return d.Banned }),
		column(rows, func(d d) string { return strings.Join(supplierTerms(d), " ") }))
}

const sqlUpsertTerms = `with saved as (
		insert into catalog.term as t (supplier_id, sku_id, part_no, moq, pack, lead_mean_days, lead_sd_days, capacity_day, backup,
			ships_to, breaks, updated_at)
		select s.id, k.id, d.part_no, d.moq, d.pack, d.mean, d.sd, d.capacity, d.backup, w.id, d.breaks::jsonb, clock_timestamp()
		from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::real[], $7::real[], $8::bigint[],
			$9::boolean[], $10::text[], $11::text[])
			as d (supplier, sku, part_no, moq, pack, mean, sd, capacity, backup, ships_to, breaks)
		join catalog.supplier s on s.code = d.supplier join catalog.sku k on k.code = d.sku
		left join catalog.site w on w.code = d.ships_to
		on conflict (sku_id, supplier_id) do update set part_no = excluded.part_no, moq = excluded.moq, pack = excluded.pack,
			lead_mean_days = excluded.lead_mean_days, lead_sd_days = excluded.lead_sd_days, capacity_day = excluded.capacity_day,
			backup = excluded.backup, ships_to = excluded.ships_to, breaks = excluded.breaks, updated_at = excluded.updated_at
		where (t.part_no, t.moq, t.pack, t.lead_mean_days, t.lead_sd_days, t.capacity_day, t.backup, t.ships_to, t.breaks) is distinct from
			(excluded.part_no, excluded.moq, excluded.pack, excluded.lead_mean_days, excluded.lead_sd_days, excluded.capacity_day,
			excluded.backup, excluded.ships_to, excluded.breaks)
		returning (xmax = 0) as made)
	select count(*) filter (where made)::int, count(*) filter (where not made)::int from saved`

// UpsertTerms writes terms by the codes of supplier and SKU. The drafts must have passed catalog.Check. It answers
// *catalog.BadRows for unknown suppliers, SKUs and sites.
func UpsertTerms(ctx context.Context, q pgdb.Querier, rows []catalog.TermDraft) (catalog.Saved, error) {
	type d = catalog.TermDraft
	var total catalog.Saved
	var refs []reference[d]
	for _, r := range []struct {
		field, sql string
		code       func(d) string
	}{
		{"supplier", sqlKnownSuppliers, func(d d) string { return d.SupplierCode }},
		{"sku", sqlKnownSKUs, func(d d) string { return d.SKUCode }},
		{"ships_to", sqlKnownSites, func(d d) string { return d.ShipsToCode }},
	} {
		ref, err := refer(ctx, q, rows, r.field, r.sql, r.code)
		if err != nil {
			return total, err
		}
		refs = append(refs, ref)
	}
	if err := resolve(rows, refs...); err != nil {
		return total, err
	}
	for part := range slices.Chunk(rows, batch) {
		s, err := upsertTerms(ctx, q, part)
		if err != nil {
			return total, err
		}
		total = total.Add(s)
	}
	return total, nil
}

func upsertTerms(ctx context.Context, q pgdb.Querier, rows []catalog.TermDraft) (catalog.Saved, error) {
	type d = catalog.TermDraft
	return upsert(ctx, q, "terms", sqlUpsertTerms, len(rows),
		column(rows, func(d d) string { return d.SupplierCode }), column(rows, func(d d) string { return d.SKUCode }),
		column(rows, func(d d) string { return d.PartNo }), column(rows, func(d d) int64 { return int64(d.MOQ) }),
		column(rows, func(d d) int64 { return int64(d.Pack) }), column(rows, func(d d) float32 { return float32(d.LeadMean) }),
		column(rows, func(d d) float32 { return float32(d.LeadSD) }), column(rows, func(d d) int64 { return int64(d.CapacityDay) }),
		column(rows, func(d d) bool { return d.Backup }), column(rows, func(d d) string { return d.ShipsToCode }),
		column(rows, func(d d) string { return breaksJSON(d.Breaks) }))
}
