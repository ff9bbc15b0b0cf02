package warehousedb

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

type dockRow struct {
	deliveryRow
	SupplierCode string
	SupplierZH   string
	SupplierEN   string
	FromZH       string
	FromEN       string
	LineCount    int
	Announced    quantity.Pieces
	Came         quantity.Pieces
	Damaged      quantity.Pieces
	Refused      quantity.Pieces
	Cold         bool
	NameZH       string
	NameEN       string
	Waiting      int
	AtDock       quantity.Pieces
}

const sqlDocks = `select d.*, coalesce(u.code, '') as supplier_code, coalesce(u.name_zh, '') as supplier_zh, coalesce(u.name_en, '') as supplier_en,
		coalesce(f.name_zh, '') as from_zh, coalesce(f.name_en, '') as from_en, l.line_count, l.announced, l.came, l.damaged, l.refused, l.cold, l.name_zh, l.name_en,
		(select count(*)::int from warehouse.inspection i where i.delivery_id = d.id and i.state = 'waiting') as waiting,
		coalesce((select sum(p.on_hand)::bigint from warehouse.position p where d.dock <> '' and p.site_id = d.site_id and p.bin = d.dock and p.on_hand > 0
			and p.sku_id in (select sku_id from warehouse.delivery_line x where x.delivery_id = d.id)), 0) as at_dock
	from (select` + deliveryColumns + ` from warehouse.delivery where site_id = $1 and state = any($2) and ($3::date is null or closed_at >= $3::date)
			and ($4 = '' or number ilike '%' || $4 || '%')
		order by case when state = 'receiving' then 0 else 1 end, arrives nulls first, id limit $5) d
	left join catalog.supplier u on u.id = d.supplier_id left join catalog.site f on f.id = d.from_site
	cross join lateral (select count(*)::int as line_count, coalesce(sum(x.pieces), 0)::bigint as announced, coalesce(sum(x.good + x.damaged), 0)::bigint as came,
			coalesce(sum(x.damaged), 0)::bigint as damaged, coalesce(sum(x.refused), 0)::bigint as refused, coalesce(bool_or(s.temperature <> 'ambient'), false) as cold,
			coalesce((array_agg(s.name_zh order by x.no))[1], '') as name_zh, coalesce((array_agg(s.name_en order by x.no))[1], '') as name_en
		from warehouse.delivery_line x join catalog.sku s on s.id = x.sku_id where x.delivery_id = d.id) l`

// Docks gives the deliveries of a site: those being received first, then by the day of arrival.
func Docks(ctx context.Context, q pgdb.Querier, d warehouse.DockQuery) ([]warehouse.Dock, error) {
	rows, err := q.Query(ctx, sqlDocks, d.Site, texts(d.State), d.Since, d.Find, d.Limit)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: deliveries of site %d: %w", d.Site, err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (warehouse.Dock, error) {
		r, err := pgx.RowToStructByName[dockRow](row)
		return warehouse.Dock{Delivery: r.delivery(), SupplierCode: r.SupplierCode, SupplierName: catalog.Name{ZH: r.SupplierZH, EN: r.SupplierEN},
			FromName: catalog.Name{ZH: r.FromZH, EN: r.FromEN}, LineCount: r.LineCount, Announced: r.Announced, Came: r.Came, Damaged: r.Damaged, Refused: r.Refused,
			Cold: r.Cold, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN}, Waiting: r.Waiting, AtDock: r.AtDock}, err
	})
}

type wareRow struct {
	ID               catalog.SKUID
	Code             string
	GTIN             string
	NameZH           string
	NameEN           string
	UnitZH           string
	UnitEN           string
	CategoryID       catalog.CategoryID
	Category         string
	ShelfLifeDays    int
	MinRemainingDays int
	Temperature      catalog.Temperature
	CartonPieces     quantity.Pieces
	WeightGrams      int64
	VolumeML         int64
}

const wareColumns = ` s.id, s.code, s.gtin, s.name_zh, s.name_en, s.unit_zh, s.unit_en, s.category_id, c.code as category, s.shelf_life_days, s.min_remaining_days,
	s.temperature, s.carton_pieces, s.weight_grams::bigint, s.volume_ml::bigint from catalog.sku s join catalog.category c on c.id = s.category_id`

const sqlWares = `select` + wareColumns + ` where s.id = any($1)`

// Wares gives what the floor has to know of SKUs.
func Wares(ctx context.Context, q pgdb.Querier, skus ...catalog.SKUID) (map[catalog.SKUID]warehouse.Ware, error) {
	found, err := wares(ctx, q, sqlWares, ids(skus))
	out := make(map[catalog.SKUID]warehouse.Ware, len(found))
	for _, w := range found {
		out[w.SKU] = w
	}
	return out, err
}

const sqlWareNamed = `select` + wareColumns + ` where s.gtin = any($1) or upper(s.code) = upper($2) order by upper(s.code) = upper($2) desc limit 2`

// WareNamed gives the SKU of one of the GTINs or of the code; nil when there is none.
func WareNamed(ctx context.Context, q pgdb.Querier, gtins []string, code string) (*warehouse.Ware, error) {
	if gtins == nil {
		gtins = []string{}
	}
	found, err := wares(ctx, q, sqlWareNamed, gtins, code)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

func wares(ctx context.Context, q pgdb.Querier, sql string, args ...any) ([]warehouse.Ware, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: goods: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (warehouse.Ware, error) {
		r, err := pgx.RowToStructByName[wareRow](row)
		return warehouse.Ware{SKU: r.ID, Code: r.Code, GTIN: r.GTIN, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN}, Unit: catalog.Name{ZH: r.UnitZH, EN: r.UnitEN},
			Category: r.CategoryID, CategoryCode: r.Category, GoodsLife: warehouse.GoodsLife{ShelfLifeDays: r.ShelfLifeDays, MinRemainingDays: r.MinRemainingDays},
			Temperature: r.Temperature, Carton: r.CartonPieces, Grams: r.WeightGrams, ML: r.VolumeML}, err
	})
}

const sqlSupplierName = `select name_zh, name_en from catalog.supplier where id = $1`

// SupplierName gives a supplier's name; an empty one for nobody known.
func SupplierName(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) (catalog.Name, error) {
	return nameOf(ctx, q, sqlSupplierName, int32(id))
}

const sqlSiteName = `select name_zh, name_en from catalog.site where id = $1`

// SiteName gives a site's name.
func SiteName(ctx context.Context, q pgdb.Querier, id catalog.SiteID) (catalog.Name, error) {
	return nameOf(ctx, q, sqlSiteName, int32(id))
}

func nameOf(ctx context.Context, q pgdb.Querier, sql string, id int32) (n catalog.Name, err error) {
	err = q.QueryRow(ctx, sql, id).Scan(&n.ZH, &n.EN)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return n, fmt.Errorf("warehousedb: a name: %w", err)
	}
	return n, nil
}
