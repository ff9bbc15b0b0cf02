package warehousedb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// ClosedParcel is a packed parcel with what a rider needs to know of its order.
type ClosedParcel struct {
	Number                    string
	SiteID                    catalog.SiteID
	ShipmentID                int64
	Channel, OrderNumber      string
	Lat, Lon                  *float64
	Consignee, Phone, Address string // masked
	Sealed                    []byte
	Carrier                   string
	PackedAt                  time.Time
	PromiseAt                 *time.Time
	CutoffAt                  *time.Time
	WeightGrams               int64
	Cold                      bool
}

const sqlClosedParcels = `select p.number, p.site_id, p.shipment_id, o.channel, o.number as order_number, o.lat, o.lon, o.consignee, o.phone, o.address, o.sealed,
		s.carrier, p.packed_at, o.promise_at, s.cutoff_at, greatest(p.weight_grams, p.expected_grams) as weight_grams, s.cold
	from warehouse.parcel p join warehouse.shipment s on s.id = p.shipment_id join warehouse.outbound o on o.id = s.outbound_id
	where p.shipment_id = any($1) and p.state in ('packed','loaded') and o.kind = 'sale' and o.state <> 'cancelled' and o.lat is not null and o.promise = 'minutes30'
	order by p.id`

// ClosedParcels gives the packed parcels of shipments that riders bring: those promised within the half hour, with a place.
func ClosedParcels(ctx context.Context, q pgdb.Querier, shipments []int64) ([]ClosedParcel, error) {
	rows, err := q.Query(ctx, sqlClosedParcels, shipments)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: closed parcels: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[ClosedParcel])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: closed parcels: %w", err)
	}
	return list, nil
}

const sqlConsigneesOf = `select s.id as shipment_id, o.channel, o.number as order_number, o.sealed from warehouse.shipment s
	join warehouse.outbound o on o.id = s.outbound_id where s.id = any($1) and o.sealed is not null`

// SealedOf is the encrypted consignee of a shipment's order.
type SealedOf struct {
	ShipmentID           int64
	Channel, OrderNumber string
	Sealed               []byte
}

// SealedConsignees gives the encrypted consignees of shipments; an erased one is not among them.
func SealedConsignees(ctx context.Context, q pgdb.Querier, shipments []int64) ([]SealedOf, error) {
	rows, err := q.Query(ctx, sqlConsigneesOf, shipments)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: consignees: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[SealedOf])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: consignees: %w", err)
	}
	return list, nil
}

const sqlCancelledShipments = `select s.id from warehouse.shipment s join warehouse.outbound o on o.id = s.outbound_id
	where s.outbound_id = any($1) and (o.state = 'cancelled' or s.state = 'cancelled')`

// CancelledShipments gives the shipments of the orders that must not leave any more.
func CancelledShipments(ctx context.Context, q pgdb.Querier, outbounds []int64) ([]int64, error) {
	rows, err := q.Query(ctx, sqlCancelledShipments, outbounds)
	if err != nil {
		return nil, fmt.Errorf("warehousedb: cancelled shipments: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("warehousedb: cancelled shipments: %w", err)
	}
	return list, nil
}
