package campaigndb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/campaign"
	"milkrun/c2m/lotplan"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

const sqlQuotations = `select supplier_id as supplier, moq, capacity, price_fen as price, setup_fen as setup, lead_days, grade, breaks, materials_fen as materials, said, note, terms,
		coalesce((select h.share_bp from c2m.share h where h.sku_id = $2 and h.supplier_id = x.supplier_id), 0) as share_bp from (
		select supplier_id, moq, capacity, price_fen, setup_fen, lead_days, grade, breaks, materials_fen, said, note, false as terms from c2m.quotation where campaign_id = $1
		union all
		select t.supplier_id, t.moq, coalesce(c2m.capacity_within(t.supplier_id, t.sku_id, current_date, ceil(t.lead_mean_days)::int, t.capacity_day),
				case when t.capacity_day > 0 then greatest(t.moq, ceil(t.capacity_day * t.lead_mean_days)::bigint) else 10000000 end),
			coalesce((select (b ->> 'price')::bigint from jsonb_array_elements(t.breaks) b where (b ->> 'from')::bigint <= t.moq order by (b ->> 'from')::bigint desc limit 1),
				(t.breaks -> 0 ->> 'price')::bigint), 0, least(365, ceil(t.lead_mean_days + t.lead_sd_days))::int, case when t.backup then -1 else 0 end,
			(select coalesce(jsonb_agg(b order by (b ->> 'from')::bigint), '[]') from jsonb_array_elements(t.breaks) b where (b ->> 'from')::bigint > greatest(t.moq, 1)),
			0, '{}', '', true
		from catalog.term t where t.sku_id = $2 and jsonb_array_length(t.breaks) > 0
			and not exists (select from c2m.quotation q where q.campaign_id = $1 and q.supplier_id = t.supplier_id)) x
	where exists (select from catalog.supplier s where s.id = x.supplier_id and s.active and s.banned = '') order by price_fen, supplier_id`

// Quotations gives what factories offer for a campaign: their quotations, and for the others their terms of the SKU. Factories that
// nothing may be ordered from are left out.
func Quotations(ctx context.Context, q pgdb.Querier, id campaign.ID, sku catalog.SKUID) ([]campaign.Quotation, error) {
	rows, err := q.Query(ctx, sqlQuotations, id, int32(sku))
	if err != nil {
		return nil, fmt.Errorf("campaigndb: quotations: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[campaign.Quotation])
	return out, wrap(err, "campaigndb: quotations")
}

const (
	sqlQuote = `insert into c2m.quotation (campaign_id, supplier_id, moq, capacity, price_fen, setup_fen, lead_days, grade, at, breaks, materials_fen, said, note)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (campaign_id, supplier_id) do update set moq = excluded.moq, capacity = excluded.capacity,
			price_fen = excluded.price_fen, setup_fen = excluded.setup_fen, lead_days = excluded.lead_days, grade = excluded.grade, at = excluded.at,
			breaks = excluded.breaks, materials_fen = excluded.materials_fen, said = excluded.said, note = excluded.note`
	sqlUnquote = `delete from c2m.quotation where campaign_id = $1 and supplier_id = $2`
)

// Quote stores a factory's offer in place of its last one.
func Quote(ctx context.Context, tx pgx.Tx, id campaign.ID, x campaign.Quotation, now time.Time) error {
	breaks := x.Breaks
	if breaks == nil {
		breaks = []campaign.Break{}
	}
	_, err := tx.Exec(ctx, sqlQuote, id, x.Supplier, x.MOQ, x.Capacity, x.Price, x.Setup, x.LeadDays, x.Grade, now, breaks, x.Materials, x.Said, x.Note)
	return wrap(err, "campaigndb: quote")
}

// Unquote takes a factory's offer back and tells whether there was one.
func Unquote(ctx context.Context, tx pgx.Tx, id campaign.ID, supplier catalog.SupplierID) (bool, error) {
	tag, err := tx.Exec(ctx, sqlUnquote, id, supplier)
	return tag.RowsAffected() > 0, wrap(err, "campaigndb: unquote")
}

const sqlLots = `select no, supplier_id as supplier, asked, pieces, pledged, price_fen as price, setup_fen as setup, first_promise as first, promise, state, owner,
	coalesce(order_id, 0) as "order", coalesce(line, 0) as line from c2m.campaign_lot where campaign_id = $1 order by no`

// Lots gives the lots of a campaign.
func Lots(ctx context.Context, q pgdb.Querier, id campaign.ID) ([]campaign.Lot, error) {
	rows, err := q.Query(ctx, sqlLots, id)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: lots: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[campaign.Lot])
	return out, wrap(err, "campaigndb: lots")
}

const sqlSaveLot = `insert into c2m.campaign_lot (campaign_id, no, supplier_id, asked, pieces, pledged, price_fen, setup_fen, first_promise, promise, state, owner, order_id, line)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, nullif($13::bigint, 0), nullif($14::int, 0))
	on conflict (campaign_id, no) do update set pieces = excluded.pieces, pledged = excluded.pledged, promise = excluded.promise, state = excluded.state,
		order_id = excluded.order_id, line = excluded.line`

// SaveLots queues lots to be stored.
func SaveLots(b *pgx.Batch, id campaign.ID, lots []campaign.Lot) {
	for _, l := range lots {
		b.Queue(sqlSaveLot, id, l.No, l.Supplier, l.Asked, l.Pieces, l.Pledged, l.Price, l.Setup, l.First, l.Promise, l.State, l.Owner, l.Order, l.Line)
	}
}

const sqlMaking = `select c.id from c2m.campaign c where c.sku_id = any($2) and c.ship_to = $1 and c.state not in ('delivered','failed','cancelled')
	and exists (select from c2m.campaign_lot l where l.campaign_id = c.id and l.order_id is not null) order by c.id`

// Making gives the campaigns whose lots bring one of these SKUs to a site.
func Making(ctx context.Context, q pgdb.Querier, site catalog.SiteID, skus []catalog.SKUID) ([]campaign.ID, error) {
	rows, err := q.Query(ctx, sqlMaking, site, column(skus, func(s catalog.SKUID) int32 { return int32(s) }))
	if err != nil {
		return nil, fmt.Errorf("campaigndb: making: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[campaign.ID])
	return ids, wrap(err, "campaigndb: making")
}

const sqlBill = `select m.id, m.code, m.name_zh, m.name_en, m.unit, b.per_unit_milli, b.scrap_permille, m.on_hand_milli, m.pack_milli, m.moq_milli
	from c2m.bill b join c2m.material m on m.id = b.material_id where b.sku_id = $1 order by m.code`

// BillLine is a line of a SKU's bill of materials.
type BillLine struct {
	ID                                                            int32
	Code, NameZH, NameEN, Unit                                    string
	PerUnitMilli, ScrapPermille, OnHandMilli, PackMilli, MOQMilli int64
}

// Material gives the line for the mathematics.
func (l BillLine) Material() lotplan.Material {
	return lotplan.Material{Code: l.Code, PerUnit: l.PerUnitMilli, ScrapPermille: l.ScrapPermille, OnHand: l.OnHandMilli, Pack: l.PackMilli, MOQ: l.MOQMilli}
}

// Bill gives the materials of a SKU.
func Bill(ctx context.Context, q pgdb.Querier, sku catalog.SKUID) ([]BillLine, error) {
	rows, err := q.Query(ctx, sqlBill, int32(sku))
	if err != nil {
		return nil, fmt.Errorf("campaigndb: bill: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[BillLine])
	return out, wrap(err, "campaigndb: bill")
}

const (
	sqlSaveMaterial = `insert into c2m.material (code, name_zh, name_en, unit, on_hand_milli, pack_milli, moq_milli) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, unit = excluded.unit, on_hand_milli = excluded.on_hand_milli,
			pack_milli = excluded.pack_milli, moq_milli = excluded.moq_milli returning id`
	sqlSaveBill = `insert into c2m.bill (sku_id, material_id, per_unit_milli, scrap_permille) values ($1, $2, $3, $4)
		on conflict (sku_id, material_id) do update set per_unit_milli = excluded.per_unit_milli, scrap_permille = excluded.scrap_permille`
	sqlClearBill = `delete from c2m.bill where sku_id = $1`
)

// SaveBill replaces the bill of materials of a SKU.
func SaveBill(ctx context.Context, tx pgx.Tx, sku catalog.SKUID, lines []BillLine) error {
	if _, err := tx.Exec(ctx, sqlClearBill, int32(sku)); err != nil {
		return fmt.Errorf("campaigndb: save bill: %w", err)
	}
	for _, l := range lines {
		var id int32
		if err := tx.QueryRow(ctx, sqlSaveMaterial, l.Code, l.NameZH, l.NameEN, l.Unit, l.OnHandMilli, l.PackMilli, l.MOQMilli).Scan(&id); err != nil {
			return fmt.Errorf("campaigndb: save material %s: %w", l.Code, err)
		}
		if _, err := tx.Exec(ctx, sqlSaveBill, int32(sku), id, l.PerUnitMilli, l.ScrapPermille); err != nil {
			return fmt.Errorf("campaigndb: save bill: %w", err)
		}
	}
	return nil
}
