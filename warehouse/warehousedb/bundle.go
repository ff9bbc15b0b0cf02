package warehousedb

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

const sqlBundleCodes = `select s.code from catalog.sku s where exists (select from catalog.bundle_component b where b.bundle_id = s.id)
		and ($1 = '' or s.code ilike $2 or s.name_zh ilike $2 or s.name_en ilike $2
			or exists (select from catalog.bundle_component b join catalog.sku k on k.id = b.component_id where b.bundle_id = s.id and (k.code ilike $2 or k.name_zh ilike $2 or k.name_en ilike $2)))
	order by s.code`

// BundleCodes gives the codes of the bundles in which a text occurs, in them or in their components; the empty text gives all.
func BundleCodes(ctx context.Context, q pgdb.Querier, find string) ([]string, error) {
	rows, err := q.Query(ctx, sqlBundleCodes, find, "%"+likely(find)+"%")
	if err != nil {
		return nil, fmt.Errorf("warehousedb: bundles: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: bundles: %w", err)
	}
	return out, nil
}

const sqlBundles = `select s.id, s.code, s.name_zh, s.name_en, s.price_fen, k.id, k.code, k.name_zh, k.name_en, b.pieces, b.share_bp, k.price_fen,
		coalesce((select sum(p.on_hand - p.reserved) from warehouse.position p where p.sku_id = k.id and p.status = 'available' and p.owner = '' and p.on_hand > p.reserved), 0)::bigint
	from catalog.sku s join catalog.bundle_component b on b.bundle_id = s.id join catalog.sku k on k.id = b.component_id
	where s.code = any($1) order by s.code, k.code`

// Bundles gives the bundles of the codes, by code.
func Bundles(ctx context.Context, q pgdb.Querier, codes []string) ([]warehouse.Bundle, error) {
	rows, err := q.Query(ctx, sqlBundles, codes)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: bundles: %w", err)
	}
	var out []warehouse.Bundle
	var b warehouse.Bundle
	var c warehouse.BundleComponent
	if _, err := pgx.ForEachRow(rows, []any{(*int32)(&b.SKU), &b.Code, &b.Name.ZH, &b.Name.EN, (*int64)(&b.Price), (*int32)(&c.SKU), &c.Code, &c.Name.ZH, &c.Name.EN,
		(*int64)(&c.Pieces), &c.ShareBP, (*int64)(&c.Price), (*int64)(&c.Free)}, func() error {
		if n := len(out); n == 0 || out[n-1].SKU != b.SKU {
			out = append(out, b)
		}
		last := &out[len(out)-1]
		last.Components = append(last.Components, c)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("warehousedb: bundles: %w", err)
	}
	return out, nil
}

// BundleSKU is what has to be known of a SKU that is to be a bundle or a component.
type BundleSKU struct {
	ID        catalog.SKUID
	Code      string
	Name      catalog.Name
	Bundle    bool            // it has components
	Component bool            // it is one
	Stock     quantity.Pieces // that stand in the house as itself
	Open      int64           // open lines of orders that ask for it as itself
}

const sqlBundleSKUs = `select s.id, s.code, s.name_zh, s.name_en, exists (select from catalog.bundle_component b where b.bundle_id = s.id),
		exists (select from catalog.bundle_component b where b.component_id = s.id),
		coalesce((select sum(p.on_hand) from warehouse.position p where p.sku_id = s.id and p.on_hand > 0), 0)::bigint,
		(select count(*) from warehouse.outbound_line l join warehouse.outbound o on o.id = l.outbound_id
			where l.sku_id = s.id and l.state in ('new','queued','short','allocated') and o.state not in ('shipped','delivered','cancelled','returned'))
	from catalog.sku s where s.code = any($1)`

// BundleSKUs gives what is known of the SKUs of the codes; unknown ones are absent.
func BundleSKUs(ctx context.Context, q pgdb.Querier, codes []string) (map[string]BundleSKU, error) {
	rows, err := q.Query(ctx, sqlBundleSKUs, codes)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: bundles: %w", err)
	}
	out := map[string]BundleSKU{}
	var s BundleSKU
	if _, err := pgx.ForEachRow(rows, []any{(*int32)(&s.ID), &s.Code, &s.Name.ZH, &s.Name.EN, &s.Bundle, &s.Component, (*int64)(&s.Stock), &s.Open},
		func() error { out[s.Code] = s; return nil }); err != nil {
		return nil, fmt.Errorf("warehousedb: bundles: %w", err)
	}
	return out, nil
}

// Two who write at once could make a bundle of bundles between them. Orders read on.
const sqlLockBundles = `lock table catalog.bundle_component in share row exclusive mode`

// LockBundles lets nobody else write bundles before the transaction ends.
func LockBundles(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, sqlLockBundles); err != nil {
		return fmt.Errorf("warehousedb: lock bundles: %w", err)
	}
	return nil
}

const (
	sqlDropComponents = `delete from catalog.bundle_component where bundle_id = any($1)`
	sqlAddComponents  = `insert into catalog.bundle_component (bundle_id, component_id, pieces, share_bp)
		select * from unnest($1::int[], $2::int[], $3::bigint[], $4::int[])`
)

// SetComponents replaces the components of bundles. LockBundles has been called.
func SetComponents(ctx context.Context, tx pgx.Tx, bundles map[catalog.SKUID][]warehouse.Component) error {
	var ids, of, parts, shares []int32
	var pieces []int64
	for id, list := range bundles {
		ids = append(ids, int32(id))
		for _, c := range list {
			of, parts, pieces, shares = append(of, int32(id)), append(parts, int32(c.SKU)), append(pieces, int64(c.Pieces)), append(shares, int32(c.ShareBP))
		}
	}
	if _, err := tx.Exec(ctx, sqlDropComponents, ids); err != nil {
		return fmt.Errorf("warehousedb: store bundles: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlAddComponents, of, parts, pieces, shares); err != nil {
		return fmt.Errorf("warehousedb: store bundles: %w", err)
	}
	return nil
}

// likely takes the meaning off the signs that like reads.
func likely(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}
