package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/demo"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

// demoOrdersToday is how many customers' orders the demo's day has so far.
const demoOrdersToday = 520

// demoOutbound plays the customers' orders of the last hours through the intake: most find their stock, some wait for it, a few
// are cancelled.
func (h *house) demoOutbound(ctx context.Context, world *demo.World) (string, error) {
	p := &shopper{world: world, rng: rand.New(rand.NewPCG(demoSeed, 520)), price: map[string]money.Fen{}}
	p.look()
	if len(p.sold) == 0 {
		return "no stock to order from", nil
	}
	deps := h.Stock.Deps
	var now time.Time
	deps.Clock = func() time.Time { return now }
	ops := warehouseops.New(deps)
	const rounds = 4
	var placed []warehouseops.Placed
	for r := range rounds {
		// The last ones have just come in.
		now = time.Now().Add(-time.Duration(rounds-1-r) * 75 * time.Minute)
		drafts := make([]warehouse.OutboundDraft, demoOrdersToday/rounds)
		for i := range drafts {
			drafts[i] = p.order(r*len(drafts)+i, now)
		}
		done, err := ops.PlaceOrders(ctx, drafts)
		if err != nil {
			return "", err
		}
		for _, d := range done {
			if d.Outcome == warehouseops.Refused {
				return "", fmt.Errorf("order %s %s: %v", d.Channel, d.Number, d.Faults)
			}
		}
		placed = append(placed, done...)
		if err := settleOrders(ctx, h, ops); err != nil {
			return "", err
		}
	}
	now = time.Now()
	for i := 7; i < len(placed); i += 43 {
		if _, err := ops.CancelOrder(ctx, placed[i].ID, "买家申请退款"); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d customers' orders of today", len(placed)), nil
}

// settleOrders does what the jobs would: sites for orders, stock for lines.
func settleOrders(ctx context.Context, h *house, ops *warehouseops.Ops) error {
	if _, err := ops.SourceNew(ctx); err != nil {
		return err
	}
	sites, err := names{h.db.Pool}.Sites(ctx)
	if err != nil {
		return err
	}
	for _, s := range sites {
		if _, err := ops.AllocateSite(ctx, s.ID, nil); err != nil {
			return err
		}
	}
	return nil
}

// shopper makes up customers and what they order.
type shopper struct {
	world *demo.World
	rng   *rand.Rand
	sites []demoSite
	sold  map[string][]string // SKUs that stand at a site, by its code
	price map[string]money.Fen
}

type demoSite struct {
	code, city string
	tier       catalog.Tier
	lat, lon   float64
}

// look notes what stands where.
func (p *shopper) look() {
	p.sold = map[string][]string{}
	for _, s := range p.world.SKUs {
		p.price[s.Code] = s.Price
	}
	for l := range p.world.Stock() {
		if l.Pieces >= 4 && !l.Held && l.SKU != demo.StorySKU && !slices.Contains(p.sold[l.Site], l.SKU) {
			p.sold[l.Site] = append(p.sold[l.Site], l.SKU)
		}
	}
	for _, s := range p.world.Sites {
		if (s.Tier == catalog.Front || s.Tier == catalog.Regional) && len(p.sold[s.Code]) > 0 {
			p.sites = append(p.sites, demoSite{s.Code, s.City.ZH, s.Tier, s.Lat, s.Lon})
		}
	}
}

var (
	shopperNames   = []string{"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林"}
	shopperStreets = []string{"漕溪北路", "中山南路", "解放路", "人民路", "建设路", "滨江大道", "天府大道", "季华路"}
	shopChannels   = []string{"tmall", "douyin", "miniapp"}
)

// order makes up one order: three in five within half an hour of a front site, the others for the next day.
func (p *shopper) order(no int, now time.Time) warehouse.OutboundDraft {
	site := p.sites[p.rng.IntN(len(p.sites))]
	channel := shopChannels[p.rng.IntN(len(shopChannels))]
	lat, lon := site.lat+p.rng.Float64()*.03-.015, site.lon+p.rng.Float64()*.03-.015
	d := warehouse.OutboundDraft{Channel: channel, Number: fmt.Sprintf("%s%06d", now.Format("060102"), 410_000+no*7), PlacedAt: now.Add(-time.Duration(10+p.rng.IntN(90)) * time.Second).Truncate(time.Second),
		Promise: warehouse.NextDay, Consignee: warehouse.Consignee{Name: shopperNames[p.rng.IntN(len(shopperNames))] + "女士",
			Phone: fmt.Sprintf("1%d%d%08d", 3+p.rng.IntN(7), p.rng.IntN(10), p.rng.IntN(100_000_000)), City: site.city + "市",
			Street: fmt.Sprintf("%s %d 号", shopperStreets[p.rng.IntN(len(shopperStreets))], 1+p.rng.IntN(900)), Lat: &lat, Lon: &lon}}
	if site.tier == catalog.Front && p.rng.IntN(5) < 3 {
		d.Promise = warehouse.Minutes30
	}
	goods, seen := p.sold[site.code], map[string]bool{}
	for range 1 + min(p.rng.IntN(4), p.rng.IntN(4)) {
		sku := goods[min(p.rng.IntN(len(goods)), p.rng.IntN(len(goods)))]
		if seen[sku] {
			continue
		}
		seen[sku] = true
		n := quantity.Pieces(1 + p.rng.IntN(2)*p.rng.IntN(3))
		if no%60 == 59 {
			n = 20_000 // a buyer for a chain of nurseries: more than stands anywhere
		}
		d.Lines = append(d.Lines, warehouse.DraftLine{SKU: sku, Pieces: n, Amount: p.price[sku] * money.Fen(n)})
	}
	return d
}
