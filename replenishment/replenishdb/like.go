package replenishdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
)

// Goods are likened by the catalogue for so long around their launch, to so many others of their category with demand.
const (
	likeBefore = 120
	likeAfter  = 28
	likeMost   = 5
)

// What a buyer said goes before what the SKU takes over from, and that before its likes in the category by price.
const sqlLikes = `with naked as (select k.id, k.category_id, k.price_fen, k.launched from unnest($1::int[]) u join catalog.sku k on k.id = u)
	select n.id, coalesce(b.like_id, p.id, c.id), coalesce(b.ratio, 1)::float8, b.like_id is not null
	from naked n
	left join replenish.likeness b on b.sku_id = n.id
	left join lateral (select o.id from catalog.sku o where b.like_id is null and o.successor_id = n.id
		order by o.retired desc nulls first, o.id limit 1) p on true
	left join lateral (select o.id from catalog.sku o join replenish.sku_stat t on t.sku_id = o.id
		where b.like_id is null and p.id is null and n.launched between $2::date - $4::int and $2::date + $3::int
			and o.category_id = n.category_id and o.id <> n.id and t.per_day > 0
		order by abs(ln(1 + o.price_fen) - ln(1 + n.price_fen)), o.id limit $5) c on true
	where coalesce(b.like_id, p.id, c.id) is not null order by 1, 2`

// Likes gives the goods that SKUs without a past are likened to: what a buyer has said; else the SKU that names it as its
// successor; else, around its launch, up to five of its category that sell and are nearest in price.
func Likes(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) (map[catalog.SKUID][]replenishment.Likeness, error) {
	rows, err := q.Query(ctx, sqlLikes, skuNumbers(skus), today, likeBefore, likeAfter, likeMost)
	if err != nil {
		return nil, fmt.Errorf("replenishdb: likes: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[replenishment.Likeness])
	if err != nil {
		return nil, fmt.Errorf("replenishdb: likes: %w", err)
	}
	out := map[catalog.SKUID][]replenishment.Likeness{}
	for _, l := range list {
		out[l.SKU] = append(out[l.SKU], l)
	}
	return out, nil
}

const (
	sqlLiken = `insert into replenish.likeness (sku_id, like_id, ratio, by_id, at) values ($1, $2, $3, $4, $5)
	on conflict (sku_id) do update set like_id = excluded.like_id, ratio = excluded.ratio, by_id = excluded.by_id, at = excluded.at`
	sqlUnlike = `delete from replenish.likeness where sku_id = $1`
)

// Liken stores what a buyer says a SKU will sell like; Like 0 takes it back.
func Liken(ctx context.Context, tx pgx.Tx, l replenishment.Likeness, by int64, at time.Time) (err error) {
	if l.Like == 0 {
		_, err = tx.Exec(ctx, sqlUnlike, l.SKU)
	} else {
		_, err = tx.Exec(ctx, sqlLiken, l.SKU, l.Like, l.Ratio, by, at)
	}
	if err != nil {
		return fmt.Errorf("replenishdb: liken sku %d: %w", l.SKU, err)
	}
	return nil
}
