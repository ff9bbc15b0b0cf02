package campaignops_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/campaignops/payport"
	"milkrun/c2m/lotplan"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/quantity"
)

// factory is a world with goods, a site and two factories.
type factory struct {
	*world
	orders    *c2mops.Ops
	sku       catalog.SKUID
	site      catalog.SiteID
	suppliers []catalog.SupplierID
	opsWith   func(campaignops.Messenger) *campaignops.Ops
}

func newFactory(t *testing.T) *factory {
	f := &factory{world: newWorld(t)}
	one := func(to any, sql string, args ...any) {
		t.Helper()
		if err := f.pool.QueryRow(t.Context(), sql, args...).Scan(to); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	one(&f.site, `insert into catalog.site (code, name_zh, tier, lat, lon) values ('FS', '佛山区域仓', 'regional', 23, 113.1) returning id`)
	var category int
	one(&category, `insert into catalog.category (code, name_zh) values ('S', '睡眠') returning id`)
	one(&f.sku, `insert into catalog.sku (code, name_zh, category_id, shelf_life_days, min_remaining_days, carton_pieces, price_fen) values ('MR-300001', '恒温睡袋', $1, 0, 0, 20, 29900) returning id`, category)
	for i, name := range []string{"南通睡袋厂", "绍兴睡袋厂"} {
		var s catalog.SupplierID
		one(&s, `insert into catalog.supplier (code, name_zh) values ($1, $2) returning id`, fmt.Sprintf("S-%d", i), name)
		f.suppliers = append(f.suppliers, s)
	}
	bus := events.NewBus()
	client, err := river.NewClient(riverpgxv5.New(f.pool), &river.Config{Logger: slog.New(slog.DiscardHandler), TestOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	bus.Bind(client)
	f.orders = c2mops.New(c2mops.Deps{Pool: f.pool, Bus: bus, Clock: f.clock, Log: slog.New(slog.DiscardHandler), Zone: zone})
	f.opsWith = func(m campaignops.Messenger) *campaignops.Ops {
		return campaignops.New(campaignops.Deps{Pool: f.pool, Bus: bus, Clock: f.clock, Log: slog.New(slog.DiscardHandler), Payments: payport.Sandbox{},
			Orders: f.orders, Secret: []byte("secret"), Zone: zone, Messenger: m})
	}
	f.ops = f.opsWith(nil)
	return f
}

// won plays a campaign of 300 pledges to its success.
func (f *factory) won() *campaign.Campaign {
	f.t.Helper()
	terms := f.terms(campaign.AllOrNothing)
	terms.Goal, terms.Quota, terms.MOQ, terms.Tiers = 200, 0, 100, []campaign.Tier{{Code: "std", Pieces: 1, Breaks: price(campaign.Break{From: 0, Price: 29900})}}
	c, err := f.ops.Create(f.buyer, campaign.About{Name: catalog.Name{ZH: "恒温睡袋", EN: "Sleeping bag"}, SKU: f.sku, ShipTo: f.site}, terms)
	if err == nil {
		c, err = f.ops.Publish(f.buyer, c.ID, 0)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	for i := range 300 {
		f.pledge(c.ID, fmt.Sprintf("m%03d", i), "std", 1)
	}
	f.pay()
	f.pass(25 * time.Hour)
	f.tick()
	return f.get(c.ID)
}

func TestPledgesBecomeLotsOfTwoFactories(t *testing.T) {
	f := newFactory(t)
	c := f.won()
	m := campaignops.Making{Extra: 60, DueDays: 40, Surplus: 500, Release: lotplan.Release{FirstShare: 100}}
	if _, err := f.ops.PlanLots(f.buyer, c.ID, m); err == nil {
		t.Error("planned without a factory")
	}
	is(t, f.ops.Quote(f.buyer, c.ID, campaign.Quotation{Supplier: f.suppliers[0], MOQ: 300, Capacity: 200, Price: 9000, LeadDays: 12}), campaign.ErrQuotation)
	for i, q := range []campaign.Quotation{{MOQ: 100, Capacity: 200, Price: 9000, LeadDays: 12}, {MOQ: 100, Capacity: 2000, Price: 9500, Setup: 20000, LeadDays: 20}} {
		q.Supplier = f.suppliers[i]
		if err := f.ops.Quote(f.buyer, c.ID, q); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.ops.SaveBill(f.buyer, f.sku, []campaigndb.BillLine{{Code: "M-COTTON", NameZH: "精梳棉", Unit: "m", PerUnitMilli: 1800, ScrapPermille: 100, OnHandMilli: 100_000, PackMilli: 50_000, MOQMilli: 200_000}}); err != nil {
		t.Fatal(err)
	}
	plan, err := f.ops.PlanLots(f.buyer, c.ID, m)
	if err != nil || plan.Need != 360 || len(plan.Frontier) != 1 || plan.Frontier[0].Cost != 200*9000+160*9500+20000 {
		t.Fatalf("%+v, %v", plan, err)
	}
	c, err = f.ops.OrderLots(f.buyer, c.ID, c.Revision, m)
	if err != nil || c.State != campaign.Producing {
		t.Fatalf("%+v, %v", c, err)
	}
	page, err := f.ops.Open(f.buyer, c.Number)
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Lots) != 2 || page.Lots[0].Pledged != 200 || page.Lots[1].Pledged != 100 || page.Lots[1].Surplus() != 60 || page.Lots[0].Order == page.Lots[1].Order || page.Lots[1].Owner != "周敏" {
		t.Fatalf("%+v", page.Lots)
	}
	if got := page.Materials; len(got) != 1 || got[0].GrossMilli != 720_000 || got[0].BuyMilli != 650_000 {
		t.Errorf("%+v", got)
	}
	today := calendar.Of(f.clock(), zone)
	if p := f.of(c.ID, 200); p.Lot != 1 || *p.Promise != today.AddDays(12) {
		t.Errorf("%+v", p)
	}
	if p := f.of(c.ID, 201); p.Lot != 2 || *p.Promise != today.AddDays(20) || page.Drafts != 300 {
		t.Errorf("%+v, %d drafts", p, page.Drafts)
	}
	_, err = f.ops.OrderLots(f.buyer, c.ID, 0, m)
	is(t, err, campaign.ErrLots)
	if n, err := f.ops.ReleaseMessages(f.buyer, c.ID); err != nil || n != 300 {
		t.Errorf("%d, %v", n, err)
	}
	f.late(c, page.Lots[0], today.AddDays(25))
}

// late lets the first factory answer later and with fewer pieces, and looks at what became of the promises.
func (f *factory) late(c *campaign.Campaign, lot campaign.Lot, day calendar.Day) {
	t := f.t
	order, err := f.orders.Detail(f.buyer, c2m.OrderID(lot.Order))
	if err != nil {
		t.Fatal(err)
	}
	sent, err := f.orders.Send(f.buyer, order.Order.ID, c2mops.Sending{Revision: order.Order.Revision, Prices: c2mops.KeepPrices})
	if err != nil {
		t.Fatal(err)
	}
	supplier := access.WithUser(t.Context(), access.User{Name: "厂", Role: access.Supplier, Supplier: lot.Supplier, Language: "zh"})
	fewer := quantity.Pieces(150)
	_, _, problems, err := f.orders.AnswerOnline(supplier, sent.ID, sent.Version(), []c2m.Reply{{Line: lot.Line, SKU: f.sku, Reason: c2m.ReasonCapacity,
		Batches: []c2m.ReplyBatch{{Pieces: &fewer, Day: &day}}}})
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	answered, err := f.orders.Detail(f.buyer, sent.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.orders.Accept(f.buyer, sent.ID, answered.Order.Revision, c2m.Select{}, "按答复走"); err != nil {
		t.Fatal(err)
	}
	if err := f.ops.Follow(f.house, f.site, []catalog.SKUID{f.sku}); err != nil {
		t.Fatal(err)
	}
	lots, err := campaigndb.Lots(t.Context(), f.pool, c.ID)
	if err != nil || lots[0].Pieces != 150 || lots[0].Late() != 13 || lots[0].Pledged+lots[1].Pledged != 300 {
		t.Fatalf("%+v, %v", lots, err)
	}
	first, last := f.of(c.ID, 1), f.of(c.ID, 300)
	if first.Lot != 2 || last.Lot != 1 || *last.Promise != day {
		t.Errorf("the earliest pledges get what now comes first: %+v, %+v", first, last)
	}
	drafts, err := campaigndb.Messages(t.Context(), f.pool, campaigndb.MessageFilter{Campaign: c.ID, State: "draft", Limit: 1000})
	if err != nil || len(drafts) == 0 || drafts[0].Kind != string(campaign.Later) {
		t.Errorf("%d drafts, %v", len(drafts), err)
	}
	if moved, err := f.ops.Replan(f.house, c.ID); err != nil || moved {
		t.Errorf("following again moved %v, %v", moved, err)
	}
}

// The suppliers' shares, which follow their scores, steer the split as far as the buyer lets them cost, and the plan tells so.
func TestSharesSteerTheSplit(t *testing.T) {
	f := newFactory(t)
	c := f.won()
	for i, q := range []campaign.Quotation{{MOQ: 50, Capacity: 2000, Price: 9000, LeadDays: 12}, {MOQ: 50, Capacity: 2000, Price: 9090, LeadDays: 12}} {
		q.Supplier = f.suppliers[i]
		if err := f.ops.Quote(f.buyer, c.ID, q); err != nil {
			t.Fatal(err)
		}
		if _, err := f.pool.Exec(t.Context(), `insert into c2m.share (sku_id, supplier_id, share_bp, at, by_name) values ($1, $2, 5000, now(), '周敏')`, f.sku, q.Supplier); err != nil {
			t.Fatal(err)
		}
	}
	m := campaignops.Making{DueDays: 40, Release: lotplan.Release{FirstShare: 100}}
	plan, err := f.ops.PlanLots(f.buyer, c.ID, m)
	if err != nil || len(plan.Frontier[0].Parts) != 1 || plan.Why[0].Why != lotplan.WhyCheapest || plan.Why[1].Why != lotplan.WhyDear || plan.Why[1].ShareBP != 5000 {
		t.Fatalf("%+v, %v", plan, err)
	}
	m.ShareSlackBP = 50 // half a percent: 13,500 fen, which buys 150 pieces at 90 fen more
	if plan, err = f.ops.PlanLots(f.buyer, c.ID, m); err != nil || plan.Frontier[0].Extra != 13_500 || plan.Why[0].Why != lotplan.WhyShare || plan.Why[1].Pieces != 150 || plan.Why[1].MadeBP != 5000 {
		t.Fatalf("%+v, %v", plan, err)
	}
	if _, err := f.ops.OrderLots(f.buyer, c.ID, 0, m); err != nil {
		t.Fatal(err)
	}
	lots, err := campaigndb.Lots(t.Context(), f.pool, c.ID)
	if err != nil || len(lots) != 2 || lots[0].Pieces != 150 || lots[1].Pieces != 150 || lots[0].Supplier == lots[1].Supplier {
		t.Errorf("%+v, %v", lots, err)
	}
}

func TestAHeldLotWaitsForSales(t *testing.T) {
	f := newFactory(t)
	c := f.won()
	if err := f.ops.Quote(f.buyer, c.ID, campaign.Quotation{Supplier: f.suppliers[0], MOQ: 100, Capacity: 2000, Price: 9000, LeadDays: 12}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.ops.OrderLots(f.buyer, c.ID, 0, campaignops.Making{Extra: 500, DueDays: 40}); err != nil {
		t.Fatal(err)
	}
	lots, err := campaigndb.Lots(t.Context(), f.pool, c.ID)
	if err != nil || len(lots) != 2 || lots[0].Pieces != 300 || lots[1].State != campaign.LotHeld || lots[1].Order != 0 {
		t.Fatalf("a small first lot for the pledges, the rest held: %+v, %v", lots, err)
	}
	_, err = f.ops.ReleaseLot(f.buyer, c.ID, 2, 209, lotplan.DefaultRelease)
	is(t, err, campaign.ErrState)
	if _, err := f.ops.ReleaseLot(f.buyer, c.ID, 2, 210, lotplan.DefaultRelease); err != nil {
		t.Fatal(err)
	}
	if lots, err = campaigndb.Lots(t.Context(), f.pool, c.ID); err != nil || lots[1].Order == 0 || lots[1].Surplus() != 500 {
		t.Errorf("%+v, %v", lots, err)
	}
}
