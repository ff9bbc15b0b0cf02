package main

import (
	"context"
	"time"

	"milkrun/c2m/c2mdb"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
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

// planLeads gives planning how suppliers have delivered.
type planLeads struct{}

// Leads gives how suppliers have delivered a SKU since a moment.
func (planLeads) Leads(ctx context.Context, q pgdb.Querier, sku catalog.SKUID, since time.Time) (map[catalog.SupplierID]replenishops.LeadRecord, error) {
	all, err := c2mdb.LeadRecords(ctx, q, sku, since)
	if err != nil {
		return nil, err
	}
	out := make(map[catalog.SupplierID]replenishops.LeadRecord, len(all))
	for _, r := range all {
		out[r.Supplier] = replenishops.LeadRecord{Lines: r.Lines, Mean: r.Mean, SD: r.SD}
	}
	return out, nil
}
