package campaigndb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/campaign"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// A refused lot is of the receipt of its supplier and goods that lies nearest in time: inspection and receipt are of the same day, in either
// order. So it counts to one order line alone.
const sqlRefusedOf = `select coalesce(sum(x.pieces), 0)::bigint from (
		select lr.pieces, (select r.id from c2m.receipt r join c2m.order_line l on l.order_id = r.order_id and l.no = r.line join c2m.factory_order o on o.id = r.order_id
			where o.supplier_id = lr.supplier_id and l.sku_id = lr.sku_id order by abs(extract(epoch from r.at - lr.at)), r.id limit 1) as receipt
		from c2m.order_line m join c2m.factory_order f on f.id = m.order_id
		join c2m.lot_result lr on lr.supplier_id = f.supplier_id and lr.sku_id = m.sku_id and lr.what = 'refused' and not lr.void
		where m.order_id = $1 and m.no = $2) x
	join c2m.receipt r on r.id = x.receipt and r.order_id = $1 and r.line = $2`

// RefusedOf gives the pieces of an order line that inspection has refused.
func RefusedOf(ctx context.Context, q pgdb.Querier, order int64, line int) (n quantity.Pieces, err error) {
	err = q.QueryRow(ctx, sqlRefusedOf, order, line).Scan(&n)
	return n, wrap(err, "campaigndb: refused pieces")
}

const sqlFinishOf = `select max(finish) from c2m.progress where order_id = $1 and line = $2`

// FinishOf gives the latest finish that a factory reports for an order line, 0 for none.
func FinishOf(ctx context.Context, q pgdb.Querier, order int64, line int) (calendar.Day, error) {
	var d *calendar.Day
	if err := q.QueryRow(ctx, sqlFinishOf, order, line).Scan(&d); err != nil || d == nil {
		return 0, wrap(err, "campaigndb: reported finish")
	}
	return *d, nil
}

const sqlOverdue = `select distinct c.id from c2m.campaign c join c2m.campaign_lot t on t.campaign_id = c.id and t.state = 'ordered'
		join c2m.factory_order o on o.id = t.order_id join c2m.order_line l on l.order_id = t.order_id and l.no = t.line
	where c.state not in ('delivered','failed','cancelled') and (
		o.state not in ('received','closed','cancelled') and l.came < t.pieces and (t.promise < $1 or t.promise < (select max(g.finish) from c2m.progress g where g.order_id = t.order_id and g.line = t.line))
		or exists (select from c2m.lot_result r where r.supplier_id = t.supplier_id and r.sku_id = l.sku_id and r.what = 'refused' and r.at > $2))
	order by 1`

// Overdue gives the campaigns with a lot whose promise has passed, whose factory reports a later finish, or of whose goods inspection refused
// something since a moment.
func Overdue(ctx context.Context, q pgdb.Querier, today calendar.Day, since time.Time) ([]campaign.ID, error) {
	rows, err := q.Query(ctx, sqlOverdue, today, since)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: overdue lots: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[campaign.ID])
	return out, wrap(err, "campaigndb: overdue lots")
}

const (
	sqlBookSurplus = `insert into c2m.surplus (campaign_id, lot, sku_id, site_id, pieces, price_fen, owner, at) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (campaign_id, lot) do update set pieces = excluded.pieces, owner = excluded.owner, at = excluded.at where surplus.pieces <> excluded.pieces`
	sqlSurplus = `select c.id as campaign_id, c.number, s.lot, s.sku_id as sku, k.code, s.site_id as site, s.pieces, s.price_fen as price, s.owner, s.at from c2m.surplus s
		join c2m.campaign c on c.id = s.campaign_id join catalog.sku k on k.id = s.sku_id
		where s.pieces > 0 and ($1::bigint = 0 or s.campaign_id = $1) and ($2 = '' or s.owner = $2) order by s.at desc, c.id, s.lot limit 500`
)

// BookSurplus queues what came of a lot beyond its pledges to be booked to its owner. Booked again it replaces what was booked.
func BookSurplus(b *pgx.Batch, c *campaign.Campaign, l campaign.Lot, pieces quantity.Pieces, now time.Time) {
	b.Queue(sqlBookSurplus, c.ID, l.No, int32(c.SKU), int32(c.ShipTo), pieces, l.Price, l.Owner, now)
}

// Surplus is what of a lot came and nobody had pledged for: stock of the site, which its owner answers for.
type Surplus struct {
	CampaignID campaign.ID
	Number     string
	Lot        int
	SKU        catalog.SKUID
	Code       string
	Site       catalog.SiteID
	Pieces     quantity.Pieces
	Price      money.Fen
	Owner      string
	At         time.Time
}

// Value gives what it cost.
func (s Surplus) Value() money.Fen { return s.Price * money.Fen(s.Pieces) }

// SurplusOf gives what a campaign (or, for 0, any) left as stock, of an owner or of all (""), the newest first.
func SurplusOf(ctx context.Context, q pgdb.Querier, id campaign.ID, owner string) ([]Surplus, error) {
	rows, err := q.Query(ctx, sqlSurplus, id, owner)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: surplus: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Surplus])
	return out, wrap(err, "campaigndb: surplus")
}
