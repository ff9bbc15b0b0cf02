package main

import (
	"context"
	"strings"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/pgdb"
	"milkrun/routing"
	"milkrun/routing/roadops"
	"milkrun/routing/routingops"
	"milkrun/routing/solver"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// roundSites gives the last mile its sites.
type roundSites struct{}

func (roundSites) Sites(ctx context.Context, q pgdb.Querier) ([]catalog.Site, error) {
	return catalogdb.Sites(ctx, q)
}

// roundTransfers gives vans what the warehouses have to send to each other.
type roundTransfers struct{}

func (roundTransfers) ToCarry(ctx context.Context, q pgdb.Querier, from catalog.SiteID, ids []int64) ([]routing.Load, error) {
	list, err := warehousedb.TransfersToCarry(ctx, q, from, ids)
	out := make([]routing.Load, len(list))
	for i, t := range list {
		out[i] = routing.Load{Outbound: t.OutboundID, Number: t.Number, From: t.FromSite, To: t.ToSite, Pieces: t.Pieces, Grams: t.Grams, Millilitre: t.Millilitre,
			Cold: t.Cold, State: t.State}
		if t.DueAt != nil {
			out[i].Due = *t.DueAt
		}
	}
	return out, err
}

// roads gives the road network's server, nil without one.
func (h *house) roads() (routingops.Roads, error) {
	if h.cfg.RoadServer == "" {
		return nil, nil
	}
	s := routingops.DefaultRules
	return roadops.New(roadops.Settings{Address: h.cfg.RoadServer, Profiles: h.cfg.RoadProfile, Log: h.log, Straight: solver.StraightRoads{
		"bike": {Detour: s.Detour, KmH: s.Kmh}, "van": {Detour: routingops.VanDetour, KmH: routingops.VanKmh}}})
}

// roundShipments gives the last mile what the warehouse has packed, and opens addresses for riders.
type roundShipments struct{ seal *warehouse.Seal }

// rideTime is the promise of a parcel whose order has none: from packing to the door.
const rideTime = 30 * time.Minute

func (s roundShipments) Packed(ctx context.Context, q pgdb.Querier, shipments []int64) ([]routingops.PackedParcel, error) {
	closed, err := warehousedb.ClosedParcels(ctx, q, shipments)
	out := make([]routingops.PackedParcel, len(closed))
	for i, p := range closed {
		out[i] = routingops.PackedParcel{Number: p.Number, Order: p.Channel + " " + p.OrderNumber, Site: p.SiteID, Shipment: p.ShipmentID,
			Address: p.Address, Consignee: p.Consignee, Phone: p.Phone, Packed: p.PackedAt, Due: p.PackedAt.Add(rideTime), Grams: p.WeightGrams, Cold: p.Cold,
			Door: routing.Place{Lat: *p.Lat, Lon: *p.Lon}}
		if p.PromiseAt != nil {
			out[i].Due = *p.PromiseAt
		}
		// The open columns hold a rounded place; the rider needs the door.
		if c, err := s.seal.Open(p.Channel, p.OrderNumber, p.Sealed); err == nil && c.Lat != nil && c.Lon != nil {
			out[i].Door = routing.Place{Lat: *c.Lat, Lon: *c.Lon}
		}
	}
	return out, err
}

func (roundShipments) Cancelled(ctx context.Context, q pgdb.Querier, outbounds []int64) ([]int64, error) {
	return warehousedb.CancelledShipments(ctx, q, outbounds)
}

func (s roundShipments) Consignees(ctx context.Context, q pgdb.Querier, shipments []int64) (map[int64]routingops.Consignee, error) {
	sealed, err := warehousedb.SealedConsignees(ctx, q, shipments)
	out := make(map[int64]routingops.Consignee, len(sealed))
	for _, x := range sealed {
		// Data that no key opens any more stay masked; the rider still has the masked address.
		if c, err := s.seal.Open(x.Channel, x.OrderNumber, x.Sealed); err == nil {
			out[x.ShipmentID] = routingops.Consignee{Name: c.Name, Phone: c.Phone, Address: strings.Join(compact(c.City, c.District, c.Street), " ")}
		}
	}
	return out, err
}

func compact(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}
