package main

import (
	"context"
	"time"

	"milkrun/c2m/c2mdb"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
	"milkrun/warehouse/warehousedb"
)

// planRecords gives planning the record of suppliers, lanes and sites.
type planRecords struct{}

// Since gives the suppliers' inspections, the lanes' moves since a moment and the room in use now. The lanes come without
// their statistics.
func (planRecords) Since(ctx context.Context, q pgdb.Querier, since time.Time) (replenishment.House, error) {
	var h replenishment.House
	lots, err := c2mdb.LotRecords(ctx, q, since)
	if err != nil {
		return h, err
	}
	for _, l := range lots {
		h.Suppliers = append(h.Suppliers, replenishment.SupplierRecord(l))
	}
	times, err := warehousedb.LaneTimes(ctx, q, since)
	if err != nil {
		return h, err
	}
	for _, t := range times {
		l := replenishment.LaneRecord{Moves: t.Moves, Mean: t.Days}
		l.From, l.To = t.From, t.To
		h.Lanes = append(h.Lanes, l)
	}
	uses, err := warehousedb.SiteUses(ctx, q)
	if err != nil {
		return h, err
	}
	for _, u := range uses {
		h.Sites = append(h.Sites, replenishment.SiteRecord(u))
	}
	return h, nil
}
