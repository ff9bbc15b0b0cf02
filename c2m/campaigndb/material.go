package campaigndb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/campaign"
	"milkrun/c2m/lotplan"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

const (
	// What is there of each material for a campaign: the stock without what came for this campaign itself, what is still to come for the others,
	// less what the others need. A campaign that is over needs nothing; what was ordered for it still comes.
	sqlAvailable = `select m.id, (m.on_hand_milli - coalesce((select p.received_milli from c2m.material_purchase p where p.material_id = m.id and p.campaign_id = $1), 0)
			+ coalesce((select sum(case when c.state in ('delivered','failed','cancelled') then p.ordered_milli else greatest(p.buy_milli, p.ordered_milli) end - p.received_milli
				- case when c.state in ('delivered','failed','cancelled') then 0 else p.gross_milli end)
				from c2m.material_purchase p join c2m.campaign c on c.id = p.campaign_id where p.material_id = m.id and p.campaign_id <> $1), 0))::bigint as milli
		from c2m.material m where m.id = any($2) order by m.id for update of m`
	sqlBuy = `insert into c2m.material_purchase (campaign_id, material_id, pieces, gross_milli, net_milli, buy_milli, at) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (campaign_id, material_id) do update set pieces = excluded.pieces, gross_milli = excluded.gross_milli, net_milli = excluded.net_milli,
			buy_milli = excluded.buy_milli, at = excluded.at`
	sqlBought = `select m.code, m.name_zh, m.name_en, m.unit, p.pieces, p.gross_milli, p.net_milli, p.buy_milli, p.ordered_milli, p.received_milli, p.reference, p.ordered_at, p.ordered_by
		from c2m.material_purchase p join c2m.material m on m.id = p.material_id where p.campaign_id = $1 order by m.code`
	sqlOrderMaterials = `update c2m.material_purchase set ordered_milli = buy_milli, reference = $2, ordered_at = $3, ordered_by = $4
		where campaign_id = $1 and buy_milli > ordered_milli`
	sqlReceiveMaterial = `update c2m.material_purchase p set received_milli = received_milli + $3 from c2m.material m
		where m.id = p.material_id and p.campaign_id = $1 and m.code = $2 and received_milli + $3 <= ordered_milli returning m.id`
	sqlStockMaterial = `update c2m.material set on_hand_milli = on_hand_milli + $2 where id = $1`
	sqlUseMaterials  = `update c2m.material m set on_hand_milli = greatest(0, m.on_hand_milli - p.gross_milli) from c2m.material_purchase p where p.material_id = m.id and p.campaign_id = $1`
)

// Available gives what there is of the materials of a bill for a campaign, in thousandths of their units, by material: not below 0. Others that
// reckon with the same materials wait for the transaction to end.
func Available(ctx context.Context, tx pgx.Tx, id campaign.ID, bill []BillLine) (map[int32]int64, error) {
	rows, err := tx.Query(ctx, sqlAvailable, id, column(bill, func(l BillLine) int32 { return l.ID }))
	if err != nil {
		return nil, fmt.Errorf("campaigndb: available materials: %w", err)
	}
	out := map[int32]int64{}
	var material int32
	var milli int64
	_, err = pgx.ForEachRow(rows, []any{&material, &milli}, func() error {
		out[material] = max(0, milli)
		return nil
	})
	return out, wrap(err, "campaigndb: available materials")
}

// Purchase is a material as it is bought for a campaign. BuyMilli is what is to be bought in all, OrderedMilli what was ordered of it,
// ReceivedMilli what came.
type Purchase struct {
	Code, NameZH, NameEN, Unit     string
	Pieces                         quantity.Pieces
	GrossMilli, NetMilli, BuyMilli int64
	OrderedMilli, ReceivedMilli    int64
	Reference                      string
	OrderedAt                      *time.Time
	OrderedBy                      string
}

// OpenMilli gives what is still to be ordered.
func (p Purchase) OpenMilli() int64 { return max(0, p.BuyMilli-p.OrderedMilli) }

// Buy queues what is bought of the materials of a bill, line by line.
func Buy(b *pgx.Batch, id campaign.ID, pieces quantity.Pieces, bill []BillLine, all []lotplan.Purchase, now time.Time) {
	for i, p := range all {
		b.Queue(sqlBuy, id, bill[i].ID, pieces, p.Gross, p.Net, p.Buy, now)
	}
}

// Purchases gives the materials bought for a campaign.
func Purchases(ctx context.Context, q pgdb.Querier, id campaign.ID) ([]Purchase, error) {
	rows, err := q.Query(ctx, sqlBought, id)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: purchases: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Purchase])
	return out, wrap(err, "campaigndb: purchases")
}

// OrderMaterials notes that what is open of a campaign's materials was ordered under a reference, and tells how many materials that were.
func OrderMaterials(ctx context.Context, tx pgx.Tx, id campaign.ID, reference, by string, now time.Time) (int, error) {
	tag, err := tx.Exec(ctx, sqlOrderMaterials, id, reference, now, by)
	return int(tag.RowsAffected()), wrap(err, "campaigndb: order materials")
}

// ReceiveMaterial puts what came of a material to its stock, and tells whether so much was awaited.
func ReceiveMaterial(ctx context.Context, tx pgx.Tx, id campaign.ID, code string, milli int64) (bool, error) {
	rows, err := tx.Query(ctx, sqlReceiveMaterial, id, code, milli)
	if err != nil {
		return false, fmt.Errorf("campaigndb: receive material: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	if err != nil || len(ids) == 0 {
		return false, wrap(err, "campaigndb: receive material")
	}
	_, err = tx.Exec(ctx, sqlStockMaterial, ids[0], milli)
	return err == nil, wrap(err, "campaigndb: receive material")
}

// UseMaterials takes what the goods of a campaign were made of out of the stock.
func UseMaterials(b *pgx.Batch, id campaign.ID) { b.Queue(sqlUseMaterials, id) }
