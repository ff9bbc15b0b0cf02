package catalogdb

import (
	"context"
	"fmt"
	"slices"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

const sqlUpsertCategories = `with saved as (
		insert into catalog.category as c (code, name_zh, name_en, updated_at)
		select code, name_zh, name_en, clock_timestamp() from unnest($1::text[], $2::text[], $3::text[]) as d (code, name_zh, name_en)
		on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, updated_at = excluded.updated_at
		where (c.name_zh, c.name_en) is distinct from (excluded.name_zh, excluded.name_en)
		returning (xmax = 0) as made)
	select count(*) filter (where made)::int, count(*) filter (where not made)::int from saved`

const sqlSetParents = `update catalog.category c set parent_id = p.id, updated_at = clock_timestamp()
	from unnest($1::text[], $2::text[]) as d (code, parent) left join catalog.category p on p.code = d.parent
	where c.code = d.code and c.parent_id is distinct from p.id`

// A ring of categories has no top.
const sqlRings = `with recursive up as (
		select id, parent_id, array[id] as path, false as ring from catalog.category where parent_id is not null
		union all
		select u.id, c.parent_id, u.path || c.id, c.id = any(u.path) from up u join catalog.category c on c.id = u.parent_id
		where not u.ring)
	select c.code from catalog.category c where c.id in (select id from up where ring) order by c.code limit 1`

// UpsertCategories writes categories by their codes; a parent may come in the same list, in any order. The drafts must have
// passed catalog.Check. It answers *catalog.BadRows for unknown parents, and Faults for a ring.
func UpsertCategories(ctx context.Context, q pgdb.Querier, rows []catalog.CategoryDraft) (catalog.Saved, error) {
	type d = catalog.CategoryDraft
	parents, err := refer(ctx, q, rows, "parent", sqlKnownCategories, func(d d) string { return d.Parent })
	if err != nil {
		return catalog.Saved{}, err
	}
	for _, r := range rows {
		parents.known[r.Code] = true
	}
	if err := resolve(rows, parents); err != nil {
		return catalog.Saved{}, err
	}
	codes := column(rows, func(d d) string { return d.Code })
	s, err := upsert(ctx, q, "categories", sqlUpsertCategories, len(rows), codes,
		column(rows, func(d d) string { return d.Name.ZH }), column(rows, func(d d) string { return d.Name.EN }))
	if err != nil {
		return s, err
	}
	if _, err := q.Exec(ctx, sqlSetParents, codes, column(rows, func(d d) string { return d.Parent })); err != nil {
		return s, fmt.Errorf("catalogdb: save parents of categories: %w", err)
	}
	type ring struct{ Code string }
	rings, err := collect[ring](ctx, q, "rings of categories", sqlRings)
	if err != nil {
		return s, err
	}
	if len(rings) > 0 {
		return s, fmt.Errorf("catalogdb: save categories: %w", catalog.Faults{{Field: "parent", Problem: catalog.OutOfOrder, Value: rings[0].Code}})
	}
	return s, nil
}

const sqlUpsertSites = `with saved as (
		insert into catalog.site as s (code, name_zh, name_en, city_zh, city_en, tier, lat, lon, time_zone, active, updated_at)
		select d.*, clock_timestamp()
		from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::float8[], $9::text[], $10::boolean[]) as d
		on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, city_zh = excluded.city_zh,
			city_en = excluded.city_en, tier = excluded.tier, lat = excluded.lat, lon = excluded.lon, time_zone = excluded.time_zone,
			active = excluded.active, updated_at = excluded.updated_at
		where (s.name_zh, s.name_en, s.city_zh, s.city_en, s.tier, s.lat, s.lon, s.time_zone, s.active) is distinct from
			(excluded.name_zh, excluded.name_en, excluded.city_zh, excluded.city_en, excluded.tier, excluded.lat, excluded.lon,
			excluded.time_zone, excluded.active)
		returning (xmax = 0) as made)
	select count(*) filter (where made)::int, count(*) filter (where not made)::int from saved`

// UpsertSites writes sites by their codes. They must have passed catalog.Check.
func UpsertSites(ctx context.Context, q pgdb.Querier, rows []catalog.Site) (catalog.Saved, error) {
	type d = catalog.Site
	return upsert(ctx, q, "sites", sqlUpsertSites, len(rows),
		column(rows, func(d d) string { return d.Code }),
		column(rows, func(d d) string { return d.Name.ZH }), column(rows, func(d d) string { return d.Name.EN }),
		column(rows, func(d d) string { return d.City.ZH }), column(rows, func(d d) string { return d.City.EN }),
		column(rows, func(d d) string { return string(d.Tier) }),
		column(rows, func(d d) float64 { return d.Lat }), column(rows, func(d d) float64 { return d.Lon }),
		column(rows, func(d d) string { return d.TimeZone }), column(rows, func(d d) bool { return d.Active }))
}

const sqlUpsertLanes = `with saved as (
		insert into catalog.lane as l (from_site, to_site, lead_mean_days, lead_sd_days, priority, cost_fen_kg, updated_at)
		select f.id, t.id, d.mean, d.sd, d.priority, d.cost, clock_timestamp()
		from unnest($1::text[], $2::text[], $3::real[], $4::real[], $5::int[], $6::bigint[]) as d (origin, target, mean, sd, priority, cost)
		join catalog.site f on f.code = d.origin join catalog.site t on t.code = d.target
		on conflict (from_site, to_site) do update set lead_mean_days = excluded.lead_mean_days, lead_sd_days = excluded.lead_sd_days,
			priority = excluded.priority, cost_fen_kg = excluded.cost_fen_kg, updated_at = excluded.updated_at
		where (l.lead_mean_days, l.lead_sd_days, l.priority, l.cost_fen_kg) is distinct from
			(excluded.lead_mean_days, excluded.lead_sd_days, excluded.priority, excluded.cost_fen_kg)
		returning (xmax = 0) as made)
	select count(*) filter (where made)::int, count(*) filter (where not made)::int from saved`

// UpsertLanes writes lanes by the codes of their ends. They must have passed catalog.Check. It answers *catalog.BadRows for
// unknown sites.
func UpsertLanes(ctx context.Context, q pgdb.Querier, rows []catalog.LaneDraft) (catalog.Saved, error) {
	type d = catalog.LaneDraft
	from, err := refer(ctx, q, rows, "from", sqlKnownSites, func(d d) string { return d.FromCode })
	if err != nil {
		return catalog.Saved{}, err
	}
	to, err := refer(ctx, q, rows, "to", sqlKnownSites, func(d d) string { return d.ToCode })
	if err != nil {
		return catalog.Saved{}, err
	}
	if err := resolve(rows, from, to); err != nil {
		return catalog.Saved{}, err
	}
	return upsert(ctx, q, "lanes", sqlUpsertLanes, len(rows),
		column(rows, func(d d) string { return d.FromCode }), column(rows, func(d d) string { return d.ToCode }),
		column(rows, func(d d) float32 { return float32(d.LeadMean) }), column(rows, func(d d) float32 { return float32(d.LeadSD) }),
		column(rows, func(d d) int32 { return int32(d.Priority) }), column(rows, func(d d) int64 { return int64(d.CostFen) }))
}

const sqlUpsertTopics = `with saved as (
		insert into catalog.topic as t (code, name_zh, name_en, kind, updated_at)
		select d.*, clock_timestamp() from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as d
		on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, kind = excluded.kind,
			updated_at = excluded.updated_at
		where (t.name_zh, t.name_en, t.kind) is distinct from (excluded.name_zh, excluded.name_en, excluded.kind)
		returning (xmax = 0) as made)
	select count(*) filter (where made)::int, count(*) filter (where not made)::int from saved`

// UpsertTopics writes topics by their codes. They must have passed catalog.Check.
func UpsertTopics(ctx context.Context, q pgdb.Querier, rows []catalog.Topic) (catalog.Saved, error) {
	type d = catalog.Topic
	return upsert(ctx, q, "topics", sqlUpsertTopics, len(rows),
		column(rows, func(d d) string { return d.Code }), column(rows, func(d d) string { return d.Name.ZH }),
		column(rows, func(d d) string { return d.Name.EN }), column(rows, func(d d) string { return string(d.Kind) }))
}

const sqlUpsertWeights = `with saved as (
		insert into catalog.topic_sku as x (topic_id, sku_id, weight)
		select t.id, s.id, d.weight from unnest($1::text[], $2::text[], $3::real[]) as d (topic, sku, weight)
		join catalog.topic t on t.code = d.topic join catalog.sku s on s.code = d.sku
		on conflict (topic_id, sku_id) do update set weight = excluded.weight where x.weight is distinct from excluded.weight
		returning (xmax = 0) as made)
	select count(*) filter (where made)::int, count(*) filter (where not made)::int from saved`

// UpsertWeights writes what topics mean for SKUs. The drafts must have passed catalog.Check. It answers *catalog.BadRows for
// unknown topics and SKUs.
func UpsertWeights(ctx context.Context, q pgdb.Querier, rows []catalog.TopicSKUDraft) (catalog.Saved, error) {
	type d = catalog.TopicSKUDraft
	var total catalog.Saved
	topics, err := refer(ctx, q, rows, "topic", sqlKnownTopics, func(d d) string { return d.TopicCode })
	if err != nil {
		return total, err
	}
	skus, err := refer(ctx, q, rows, "sku", sqlKnownSKUs, func(d d) string { return d.SKUCode })
	if err != nil {
		return total, err
	}
	if err := resolve(rows, topics, skus); err != nil {
		return total, err
	}
	for part := range slices.Chunk(rows, batch) {
		s, err := upsert(ctx, q, "weights", sqlUpsertWeights, len(part), column(part, func(d d) string { return d.TopicCode }),
			column(part, func(d d) string { return d.SKUCode }), column(part, func(d d) float32 { return float32(d.Weight) }))
		if err != nil {
			return total, err
		}
		total = total.Add(s)
	}
	return total, nil
}
