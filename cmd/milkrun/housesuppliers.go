package main

import (
	"context"
	"time"

	"milkrun/c2m/financeops"
	supplierport "milkrun/c2m/financeops/payport"
	"milkrun/c2m/statementops"
	"milkrun/c2m/supplierops"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse/warehousedb"
)

// accountsAt makes the use cases of judging suppliers, accounting with them and lending to them, with a clock of their own.
func (h *house) accountsAt(clock func() time.Time) (*supplierops.Ops, *statementops.Ops, *financeops.Ops) {
	pool, zone := h.db.Pool, h.cfg.zone()
	var port financeops.Port = supplierport.Sandbox{}
	if p := h.cfg.Payment; p.URL != "" {
		port = supplierport.Webhook{URL: p.URL, Secret: []byte(p.Secret), Clock: time.Now}
	}
	suppliers := supplierops.New(supplierops.Deps{Pool: pool, Clock: clock, Log: h.log, Zone: zone})
	finance := financeops.New(financeops.Deps{Pool: pool, Clock: clock, Log: h.log, Zone: zone, Suppliers: suppliers, Stock: housedGoods{}, Payments: port,
		Secret: []byte(h.cfg.Payment.Secret)})
	statements := statementops.New(statementops.Deps{Pool: pool, Clock: clock, Log: h.log, Zone: zone, Dock: warehousedb.Inbound{}, Settler: finance})
	return suppliers, statements, finance
}

// housedGoods tells what stands in the house of goods, over all sites.
type housedGoods struct{}

func (housedGoods) OnHand(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) (map[catalog.SKUID]quantity.Pieces, error) {
	all, err := warehousedb.Stock(ctx, q, skus, today)
	out := map[catalog.SKUID]quantity.Pieces{}
	for _, s := range all {
		out[s.SKU] += s.OnHand
	}
	return out, err
}
