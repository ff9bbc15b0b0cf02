package main

import (
	"context"
	"math"
	"time"

	"milkrun/c2m/c2mdb"
	"milkrun/c2m/supplier"
	"milkrun/c2m/supplierdb"
	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/warehouse/warehousedb"
)

// planCatalog gives the planner its master data.
type planCatalog struct{}

func (planCatalog) Network(ctx context.Context, q pgdb.Querier) (replenishops.Network, error) {
	sites, err := catalogdb.Sites(ctx, q)
	if err != nil {
		return replenishops.Network{}, err
	}
	lanes, err := catalogdb.Lanes(ctx, q)
	return replenishops.Network{Sites: sites, Lanes: lanes}, err
}

func (planCatalog) Goods(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID) (map[catalog.SKUID]replenishops.Goods, error) {
	records, err := catalogdb.SKUs(ctx, q, skus)
	if err != nil {
		return nil, err
	}
	terms, err := catalogdb.Terms(ctx, q, skus)
	if err != nil {
		return nil, err
	}
	today := calendar.Of(time.Now(), time.Local)
	cells, err := supplierdb.CellsOf(ctx, q, skus, today, today.AddDays(capacityWindow-1))
	if err != nil {
		return nil, err
	}
	quotas, err := supplierdb.Quotas(ctx, q, skus, time.Now().AddDate(0, 0, -quotaDays))
	if err != nil {
		return nil, err
	}
	type holder struct {
		sku      catalog.SKUID
		supplier catalog.SupplierID
	}
	quotaOf := make(map[holder]supplierdb.Quota, len(quotas))
	for _, x := range quotas {
		quotaOf[holder{x.SKU, x.Supplier}] = x
	}
	out := make(map[catalog.SKUID]replenishops.Goods, len(records))
	for id, r := range records {
		g := replenishops.Goods{SKU: r.SKU, Class: replenishment.ClassNormal}
		if r.Core {
			g.Class = replenishment.ClassCore
		}
		for _, t := range terms[id] {
			t.CapacityDay = calendarCapacity(t.CapacityDay, cells[t.Supplier][id], today)
			if t.Active || t.Banned != "" {
				x := quotaOf[holder{id, t.Supplier}]
				g.Sources = append(g.Sources, replenishment.Source{Term: t.Term, Code: t.SupplierCode, Name: t.SupplierName, Banned: t.Banned, ShareBP: x.ShareBP, Given: x.Given})
			}
		}
		out[id] = g
	}
	return out, nil
}

// quotaDays is how far back orders count towards the suppliers' shares.
const quotaDays = 180

// capacityWindow is how many days of the capacity calendar the planner's capacity a day is the mean of.
const capacityWindow = 28

// calendarCapacity gives the capacity a day of the next weeks: the supplier's calendar where it says something, else the terms'. For terms that
// know no capacity only the weeks of the calendar count. A calendar of nothing leaves one piece a day: 0 would mean that nothing bounds it.
func calendarCapacity(perDay quantity.Pieces, cells []supplier.Capacity, today calendar.Day) quantity.Pieces {
	if len(cells) == 0 {
		return perDay
	}
	if perDay == 0 {
		for _, c := range cells {
			perDay += c.Pieces
		}
		return max(1, perDay/quantity.Pieces(7*len(cells)))
	}
	return max(1, supplier.Within(cells, perDay, today, today.AddDays(capacityWindow-1))/capacityWindow)
}

// planDemand gives the planner the forecasts in force, in its own words.
type planDemand struct{ forecastdb.Reader }

func (p planDemand) Demand(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) (map[catalog.SKUID][]replenishment.Demand, error) {
	outlooks, err := p.Outlooks(ctx, q, skus)
	if err != nil {
		return nil, err
	}
	out := map[catalog.SKUID][]replenishment.Demand{}
	for _, o := range outlooks {
		out[o.SKU] = append(out[o.SKU], demand(o, today))
	}
	return out, nil
}

// hotRatio is how far heat must lift the demand on some day for the goods to be planned as hot.
const hotRatio = 1.3

// demand turns a forecast into the planner's words, from today on: days before today are dropped.
func demand(o forecasting.Outlook, today calendar.Day) replenishment.Demand {
	skip := min(max(today.Sub(o.Origin), 0), len(o.Mean))
	d := replenishment.Demand{Site: o.Site, Topic: o.TopicName, TopicRatio: o.TopicRatio, Model: o.Model}
	var gone float64
	if skip > 0 {
		gone = float64(o.CumSD[skip-1])
	}
	peak := 1.0
	for i := skip; i < len(o.Mean); i++ {
		d.Mean = append(d.Mean, float64(o.Mean[i]))
		// What is left of the total's error when the days gone by are taken out as if they were independent: on the safe side.
		d.CumSD = append(d.CumSD, math.Sqrt(max(float64(o.CumSD[i])*float64(o.CumSD[i])-gone*gone, 0)))
		if o.Heat != nil {
			d.Heat = append(d.Heat, float64(o.Heat[i]))
			peak = max(peak, float64(o.Heat[i]))
		}
	}
	for _, e := range o.Explanation.Events {
		d.Events = append(d.Events, replenishment.Event{Name: forecasting.EventName(e.Code), From: e.From, To: e.To, Multiplier: e.Multiplier})
	}
	switch {
	case peak >= hotRatio:
		d.Class = replenishment.ClassHot
	case o.Class == forecasting.ClassLumpy || o.Class == forecasting.ClassIntermittent || o.Class == forecasting.ClassDead:
		d.Class = replenishment.ClassSlow
	}
	return d
}

// planStock gives the planner what stands where.
type planStock struct{}

func (planStock) Positions(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) (map[catalog.SKUID][]replenishment.Position, error) {
	stock, err := warehousedb.Stock(ctx, q, skus, today)
	if err != nil {
		return nil, err
	}
	dated, err := warehousedb.Dated(ctx, q, skus)
	if err != nil {
		return nil, err
	}
	type place struct {
		sku  catalog.SKUID
		site catalog.SiteID
	}
	lots := map[place][]replenishment.Expiring{}
	for _, l := range dated {
		p := place{l.SKU, l.Site}
		lots[p] = append(lots[p], replenishment.Expiring{Pieces: l.Pieces, LastDay: l.LastDay})
	}
	out := map[catalog.SKUID][]replenishment.Position{}
	for _, s := range stock {
		out[s.SKU] = append(out[s.SKU], replenishment.Position{Site: s.Site, OnHand: s.OnHand + s.Held, Reserved: s.Reserved, Held: s.Held,
			Expiring: lots[place{s.SKU, s.Site}]})
	}
	return out, nil
}

// planSupply gives the planner what is to come: factory orders, and transfers between sites.
type planSupply struct{ c2mdb.Orders }

func (p planSupply) Supply(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) (map[catalog.SKUID][]replenishment.Supply, error) {
	out, err := p.Orders.Supply(ctx, q, skus, today)
	if err != nil || len(skus) == 0 {
		return out, err
	}
	moves, err := warehousedb.TransferSupply(ctx, q, skus, today)
	if err != nil {
		return nil, err
	}
	for _, m := range moves {
		out[m.SKU] = append(out[m.SKU], replenishment.Supply{Kind: replenishment.SupplyTransfer, Ref: m.Number, Site: m.Site, From: m.From, Pieces: m.Pieces,
			Arrives: m.Arrives, Shipped: m.Shipped, Suggestion: replenishment.SuggestionID(m.Suggestion)})
	}
	return out, nil
}
