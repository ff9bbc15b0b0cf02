package warehousedb

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
)

// Each is a walk along the beginning of an index; $1 is the beginning as like reads it, $2 the sites or null, $3 how many.
const (
	sqlFindOrders = `select 'order' as kind, o.id, o.number as code, '' as name_zh, '' as name_en, '' as sku,
			coalesce((select string_agg(distinct w.code, ' ') from warehouse.shipment s join catalog.site w on w.id = s.site_id where s.outbound_id = o.id), '') as site, ` + shownState + ` as state, o.channel as note
		from warehouse.outbound o where o.number like $1
			and ($2::int[] is null or exists (select from warehouse.shipment s where s.outbound_id = o.id and s.site_id = any($2))) order by o.number limit $3`
	sqlFindParcels = `select 'parcel' as kind, s.outbound_id as id, p.number as code, '' as name_zh, '' as name_en, '' as sku, w.code as site, p.state, o.number as note
		from warehouse.parcel p join warehouse.shipment s on s.id = p.shipment_id join warehouse.outbound o on o.id = s.outbound_id join catalog.site w on w.id = p.site_id
		where p.number like $1 and ($2::int[] is null or p.site_id = any($2)) order by p.number limit $3`
	sqlFindLots = `select 'lot' as kind, l.id, l.code, k.name_zh, k.name_en, k.code as sku, '' as site, '' as state, coalesce(to_char(l.expiry, 'YYYY-MM-DD'), '') as note
		from warehouse.lot l join catalog.sku k on k.id = l.sku_id where l.code like $1 and l.code <> ''
			and ($2::int[] is null or exists (select from warehouse.position p where p.lot_id = l.id and p.site_id = any($2))) order by l.code, l.id limit $3`
	sqlFindBins = `select 'bin' as kind, 0::bigint as id, b.code, w.name_zh, w.name_en, '' as sku, w.code as site, b.kind as state, '' as note
		from warehouse.bin b join catalog.site w on w.id = b.site_id where b.code like $1 and ($2::int[] is null or b.site_id = any($2)) order by b.code, w.code limit $3`
	sqlFindDeliveries = `select 'delivery' as kind, d.id, d.number as code, coalesce(s.name_zh, f.name_zh, '') as name_zh, coalesce(s.name_en, f.name_en, '') as name_en, '' as sku, w.code as site, d.state, d.tracking as note
		from (select id from warehouse.delivery where number like $1 union select id from warehouse.delivery where tracking like $1 and tracking <> '') x
		join warehouse.delivery d on d.id = x.id join catalog.site w on w.id = d.site_id left join catalog.supplier s on s.id = d.supplier_id left join catalog.site f on f.id = d.from_site
		where $2::int[] is null or d.site_id = any($2) order by d.number limit $3`
)

// Find gives what of the kinds begins with the text, at most limit of each; nil sites are all.
func Find(ctx context.Context, q pgdb.Querier, text string, sites []catalog.SiteID, kinds []warehouse.HitKind, limit int) ([]warehouse.Hit, error) {
	sql := map[warehouse.HitKind]string{warehouse.OrderHit: sqlFindOrders, warehouse.ParcelHit: sqlFindParcels, warehouse.LotHit: sqlFindLots, warehouse.BinHit: sqlFindBins, warehouse.DeliveryHit: sqlFindDeliveries}
	var out []warehouse.Hit
	for _, kind := range kinds {
		rows, err := q.Query(ctx, sql[kind], likely(text)+"%", siteIDs(sites), limit)
		if err != nil {
			return nil, fmt.Errorf("warehousedb: find %s: %w", kind, err)
		}
		var h warehouse.Hit
		if _, err := pgx.ForEachRow(rows, []any{(*string)(&h.Kind), &h.ID, &h.Code, &h.Name.ZH, &h.Name.EN, &h.SKU, &h.Site, &h.State, &h.Note}, func() error { out = append(out, h); return nil }); err != nil {
			return nil, fmt.Errorf("warehousedb: find %s: %w", kind, err)
		}
	}
	return out, nil
}

const sqlLotSheet = `select k.id, k.code, k.name_zh, k.name_en, l.code, l.produced, l.expiry,
		(select count(distinct a.outbound_id) from warehouse.position p join warehouse.allocation a on a.position_id = p.id and a.state = 'shipped' where p.lot_id = l.id)::int,
		(select coalesce(sum(a.pieces), 0) from warehouse.position p join warehouse.allocation a on a.position_id = p.id and a.state = 'shipped' where p.lot_id = l.id)::bigint
	from warehouse.lot l join catalog.sku k on k.id = l.sku_id where k.code = $1 and l.code = $2`

const sqlLotPlaces = `select w.code, w.name_zh, w.name_en, p.bin, p.status, p.owner, p.on_hand, p.reserved
	from warehouse.position p join warehouse.lot l on l.id = p.lot_id join catalog.sku k on k.id = p.sku_id join catalog.site w on w.id = p.site_id
	where k.code = $1 and l.code = $2 and p.on_hand > 0 and ($3::int[] is null or p.site_id = any($3)) order by w.code, p.bin, p.status`

// LotSheet gives a lot and where it stands. warehouse.ErrNoLot.
func LotSheet(ctx context.Context, q pgdb.Querier, sku, code string, sites []catalog.SiteID) (s warehouse.LotSheet, err error) {
	err = q.QueryRow(ctx, sqlLotSheet, sku, code).Scan((*int32)(&s.SKU), &s.SKUCode, &s.Name.ZH, &s.Name.EN, &s.Code, &s.Produced, &s.Expiry, &s.Orders, (*int64)(&s.Shipped))
	if errors.Is(err, pgx.ErrNoRows) {
		return s, warehouse.ErrNoLot
	}
	if err != nil {
		return s, fmt.Errorf("warehousedb: lot %q: %w", code, err)
	}
	rows, err := q.Query(ctx, sqlLotPlaces, sku, code, siteIDs(sites))
	if err != nil {
		return s, fmt.Errorf("warehousedb: lot %q: %w", code, err)
	}
	var p warehouse.LotPlace
	if _, err := pgx.ForEachRow(rows, []any{&p.Site, &p.SiteName.ZH, &p.SiteName.EN, &p.Bin, (*string)(&p.Status), &p.Owner, (*int64)(&p.OnHand), (*int64)(&p.Reserved)},
		func() error { s.Places = append(s.Places, p); return nil }); err != nil {
		return s, fmt.Errorf("warehousedb: lot %q: %w", code, err)
	}
	return s, nil
}
