package campaignops_test

import (
	"fmt"
	"testing"
	"time"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/lotplan"
	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
)

// drafts counts the drafts of a kind.
func (f *factory) drafts(id campaign.ID, kind campaign.NoticeKind) (n int) {
	f.t.Helper()
	all, err := f.ops.MessagesOf(f.buyer, campaignops.MessageFilter{Campaign: id, State: "draft", Limit: 1000})
	if err != nil {
		f.t.Fatal(err)
	}
	for _, m := range all {
		if m.Kind == string(kind) {
			n++
		}
	}
	return n
}

func (f *factory) exec(sql string, args ...any) {
	f.t.Helper()
	if _, err := f.pool.Exec(f.t.Context(), sql, args...); err != nil {
		f.t.Fatal(err)
	}
}

// come receives pieces of a lot's order.
func (f *factory) come(l campaign.Lot, pieces quantity.Pieces) {
	f.t.Helper()
	if _, err := f.orders.Receive(f.buyer, c2m.OrderID(l.Order), c2mops.Receiving{Pieces: map[int]quantity.Pieces{l.Line: pieces}}); err != nil {
		f.t.Fatal(err)
	}
}

func TestTheClockMovesPromisesOfLateAndRefusedLots(t *testing.T) {
	f := newFactory(t)
	c, lots := f.ordered()
	if _, err := f.ops.ReleaseMessages(f.buyer, c.ID); err != nil {
		t.Fatal(err)
	}
	first := lots[0].Promise
	f.tick()
	if f.lots(c.ID)[0].Promise != first || f.drafts(c.ID, campaign.Later) != 0 {
		t.Fatal("something moved without news")
	}
	// The factory reports a later finish on its own page.
	f.exec(`insert into c2m.progress (order_id, line, stage, done, finish, reason, by_name, at) values ($1, $2, 'production', 40, $3, '缺模', '厂', $4)`, lots[0].Order, lots[0].Line, first.AddDays(5), f.clock())
	f.tick()
	if l := f.lots(c.ID)[0]; l.Promise != first.AddDays(5) || l.Late() != 5 || f.drafts(c.ID, campaign.Later) != 200 {
		t.Fatalf("%+v, %d told", l, f.drafts(c.ID, campaign.Later))
	}
	if _, err := f.ops.ReleaseMessages(f.buyer, c.ID); err != nil {
		t.Fatal(err)
	}
	// The day passes and nobody says a word: the promise moves by a week, once in that week.
	f.pass(18 * 24 * time.Hour)
	today := calendar.Of(f.clock(), zone)
	for range 3 {
		f.tick()
		if l := f.lots(c.ID)[0]; l.Promise != today.AddDays(7) {
			t.Fatalf("%+v on %s", l, today)
		}
		f.pass(24 * time.Hour)
	}
	if n := f.drafts(c.ID, campaign.Later); n != 300 { // the second lot comes first now, and serves the first pledges; all wait longer than they were told
		t.Errorf("%d told", n)
	}
	if _, err := f.ops.ReleaseMessages(f.buyer, c.ID); err != nil {
		t.Fatal(err)
	}
	// It comes, and inspection refuses 30 pieces: the last 30 pledges of the lot have none.
	f.come(lots[0], 200)
	f.exec(`insert into c2m.lot_result (supplier_id, sku_id, inspection_id, lot, what, at, pieces) values ($1, $2, 1, 'L1', 'refused', $3, 30)`, lots[0].Supplier, f.sku, f.clock())
	f.tick()
	all := f.lots(c.ID)
	if all[0].Pieces != 170 || all[0].Pledged != 170 || all[1].Pledged != 100 || f.drafts(c.ID, campaign.Short) != 30 {
		t.Fatalf("%+v, %d short", all, f.drafts(c.ID, campaign.Short))
	}
	plan, err := f.ops.PlanLots(f.buyer, c.ID, campaignops.Making{DueDays: 40})
	if err != nil || plan.Open() != 30 {
		t.Errorf("%+v, %v", plan, err)
	}
	// After an appeal the refusal is struck: all are served again.
	f.exec(`update c2m.lot_result set void = true`)
	if moved, err := f.ops.Replan(f.house, c.ID); err != nil || !moved || f.lots(c.ID)[0].Pledged != 200 {
		t.Errorf("%v, %v, %+v", moved, err, f.lots(c.ID))
	}
	f.proved(c.ID)
}

// A buyer's threshold lets lots be ordered while pledges still come. Those that come after get what is left, a win makes the campaign one that
// is being made, and when the house calls it off everything that comes is stock of the lot's owner.
func TestLotsOrderedPastTheThreshold(t *testing.T) {
	f := newFactory(t)
	terms := f.terms(campaign.AllOrNothing)
	terms.Goal, terms.Quota, terms.MOQ, terms.Threshold, terms.Tiers = 20, 0, 1, 10, []campaign.Tier{{Code: "std", Pieces: 1, Breaks: price(campaign.Break{From: 0, Price: 29900})}}
	c, err := f.ops.Create(f.buyer, campaign.About{SKU: f.sku, ShipTo: f.site}, terms)
	if err == nil {
		c, err = f.ops.Publish(f.buyer, c.ID, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := f.ops.Quote(f.buyer, c.ID, campaign.Quotation{Supplier: f.suppliers[0], MOQ: 5, Capacity: 40, Price: 9000, LeadDays: 12}); err != nil {
		t.Fatal(err)
	}
	m := campaignops.Making{Extra: 6, DueDays: 40, Release: lotplan.Release{FirstShare: 100}}
	for i := range 9 {
		f.pledge(c.ID, fmt.Sprintf("m%02d", i), "std", 1)
	}
	_, err = f.ops.OrderLots(f.buyer, c.ID, 0, m)
	is(t, err, campaign.ErrState) // a pledge is missing
	f.pledge(c.ID, "m09", "std", 1)
	if c, err = f.ops.OrderLots(f.buyer, c.ID, 0, m); err != nil || c.State != campaign.Open {
		t.Fatalf("%+v, %v", c, err)
	}
	if l := f.lots(c.ID); len(l) != 1 || l[0].Pieces != 16 || l[0].Pledged != 10 || l[0].Surplus() != 6 {
		t.Fatalf("%+v", l)
	}
	for i := 10; i < 24; i++ {
		f.pledge(c.ID, fmt.Sprintf("m%02d", i), "std", 1)
	}
	f.pay()
	f.tick()
	if l := f.lots(c.ID); l[0].Pledged != 16 || f.of(c.ID, 16).Lot != 1 || f.of(c.ID, 17).Lot != 0 {
		t.Fatalf("late pledges get what is left: %+v", l)
	}
	f.pass(25 * time.Hour)
	f.tick()
	if c = f.get(c.ID); c.State != campaign.Producing || c.ToDeliver != 24 {
		t.Fatalf("%s, %d to deliver", c.State, c.ToDeliver)
	}
	if c, err = f.ops.OrderLots(f.buyer, c.ID, 0, campaignops.Making{DueDays: 40, Release: lotplan.Release{FirstShare: 100}}); err != nil {
		t.Fatal(err)
	}
	lots := f.lots(c.ID)
	if len(lots) != 2 || lots[1].Pieces != 8 || lots[1].Pledged != 8 || f.of(c.ID, 24).Lot != 2 {
		t.Fatalf("%+v", lots)
	}
	f.confirm(lots[0])
	f.come(lots[0], 16)
	if _, err := f.ops.Replan(f.house, c.ID); err != nil {
		t.Fatal(err)
	}
	if all, err := f.ops.Surplus(f.buyer, ""); err != nil || len(all) != 0 {
		t.Errorf("stock though all is pledged: %+v, %v", all, err)
	}
	if _, err := f.ops.Cancel(f.buyer, c.ID, 0, "面料断供"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.ops.Replan(f.house, c.ID); err != nil {
		t.Fatal(err)
	}
	if l := f.lots(c.ID); l[0].Pledged != 0 || l[1].Pledged != 0 {
		t.Errorf("%+v", l)
	}
	all, err := f.ops.Surplus(f.buyer, "周敏")
	if err != nil || len(all) != 1 || all[0].Pieces != 16 || all[0].Owner != "周敏" || all[0].Site != f.site || all[0].Value() != 16*9000 {
		t.Errorf("%+v, %v", all, err)
	}
	if all, err = campaigndb.SurplusOf(t.Context(), f.pool, c.ID, "别人"); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
	f.pay()
	f.proved(c.ID)
}
