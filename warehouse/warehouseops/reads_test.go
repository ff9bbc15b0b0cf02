package warehouseops_test

import (
	"errors"
	"testing"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/warehouse"
	"milkrun/warehouse/allocation"
	"milkrun/warehouse/warehouseops"
)

func TestListsAndPagesOfOrders(t *testing.T) {
	d := openDesk(t)
	d.stock(t, "XH", "RING", "L9", 0, 3)
	d.place(t, order("A-1", line("RING", 2, 600)), order("A-2", line("BIB", 1, 100)))
	d.pass(time.Hour)
	other := order("B_1", line("RING", 1, 300))
	other.Consignee.Phone, other.Channel = "13900005678", "douyin"
	d.place(t, other)
	d.settle(t)
	count := func(q warehouse.OutboundQuery, want int) warehouse.OutboundPage {
		t.Helper()
		p, err := d.ops.Outbounds(d.ctx, q)
		if err != nil || len(p.Rows) != want || p.Total != want {
			t.Errorf("%+v: %d rows of %d, want %d: %v", q, len(p.Rows), p.Total, want, err)
		}
		return p
	}
	count(warehouse.OutboundQuery{}, 3)
	count(warehouse.OutboundQuery{States: []warehouse.OutboundState{warehouse.OutboundAllocated}}, 2)
	count(warehouse.OutboundQuery{States: []warehouse.OutboundState{warehouse.OutboundWaiting}}, 1)
	count(warehouse.OutboundQuery{States: []warehouse.OutboundState{warehouse.OutboundShipped}}, 0)
	count(warehouse.OutboundQuery{Search: "1234"}, 2)
	count(warehouse.OutboundQuery{Search: "A-"}, 2)
	count(warehouse.OutboundQuery{Search: "B_"}, 1)
	count(warehouse.OutboundQuery{Search: "%"}, 0)
	count(warehouse.OutboundQuery{Channel: "douyin", Site: d.sites["XH"]}, 1)
	count(warehouse.OutboundQuery{Short: true}, 1)
	count(warehouse.OutboundQuery{Older: d.clock().Add(-time.Minute)}, 2)
	count(warehouse.OutboundQuery{SKU: d.skus["BIB"]}, 1)
	first, err := d.ops.Outbounds(d.ctx, warehouse.OutboundQuery{Limit: 2})
	if err != nil || len(first.Rows) != 2 || first.Next == 0 || first.Total != 3 || first.Rows[0].Number != "B_1" {
		t.Fatalf("%+v, %v", first, err)
	}
	if rest, err := d.ops.Outbounds(d.ctx, warehouse.OutboundQuery{Limit: 2, After: first.Next}); err != nil || len(rest.Rows) != 1 || rest.Rows[0].Number != "A-1" || rest.Next != 0 {
		t.Errorf("%+v, %v", rest, err)
	}
	d.pass(40 * time.Hour)
	count(warehouse.OutboundQuery{Late: true}, 3)
	detail, err := d.ops.Outbound(d.ctx, d.id(t, "A-1"))
	if err != nil || detail.State != warehouse.OutboundAllocated || detail.Items[0].Lots[0].Lot != "L9" || detail.Sourcing.Parcels[0].Site != "XH" || len(detail.Timeline) != 2 || detail.Consignee != "王**" {
		t.Errorf("%+v, %v", detail, err)
	}
	elsewhere := access.WithUser(t.Context(), access.User{Role: access.Lead, Sites: []catalog.SiteID{d.sites["JX"]}})
	if _, err := d.ops.Outbound(elsewhere, detail.ID); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("another site's order is shown: %v", err)
	}
	if _, err := d.ops.Outbound(d.ctx, 99999); !errors.Is(err, warehouse.ErrNoOutbound) {
		t.Errorf("no such order: %v", err)
	}
	short, err := d.ops.Shortages(d.ctx, 0, 10)
	if err != nil || len(short) != 1 || short[0].Code != "BIB" || short[0].Pieces != 1 || short[0].Elsewhere != 0 {
		t.Errorf("%+v, %v", short, err)
	}
	f, err := d.ops.OrderFigures(d.ctx, 0, d.today().AddDays(-3), d.today())
	if err != nil || f.Received != 3 || f.Lines != 3 || f.Filled != 2 || f.Open[warehouse.OutboundAllocated] != 2 || f.Ages[3] != 3 || f.Late != 3 || f.ShortLines != 1 || f.Promised != 3 || f.OnTime != 0 {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestRulesAreDataOfTheLead(t *testing.T) {
	d := openDesk(t)
	d.stock(t, "XH", "RING", "", 0, 50)
	d.stock(t, "PD", "RING", "", 0, 50)
	d.place(t, order("R1", line("RING", 1, 1)), order("R2", line("RING", 1, 1)))
	d.settle(t)
	if got := d.lineStates(t, "R1"); got != "RING 1 allocated XH" {
		t.Errorf("%s", got)
	}
	rules := warehouse.DefaultSourcing()
	rules.Rules = append(rules.Rules, allocation.Rule{Name: catalog.Name{ZH: "徐汇盘点"}, When: allocation.Condition{Sites: []string{"XH"}}, Then: allocation.Effect{Exclude: true}})
	d.pass(24 * time.Hour)
	p, err := d.ops.PreviewSourcing(d.ctx, rules)
	if err != nil || p.Orders != 2 || p.Changed != 2 || p.Then.BySite["PD"] != 2 || p.Now.BySite["XH"] != 2 {
		t.Errorf("%+v, %v", p, err)
	}
	if v, err := d.ops.SetSourcingRules(d.ctx, 0, rules, "盘点"); err != nil || v != 1 {
		t.Fatal(v, err)
	}
	if _, err := d.ops.SetSourcingRules(d.ctx, 0, rules, "again"); !errors.Is(err, warehouseops.ErrRulesStale) {
		t.Errorf("replaced rules that were not read: %v", err)
	}
	var fault *allocation.RuleError
	bad := rules
	bad.Carriers = []warehouse.CarrierRule{{Carrier: "X", Cutoff: "25:00"}}
	if _, err := d.ops.SetSourcingRules(d.ctx, 1, bad, ""); !errors.As(err, &fault) || fault.Field != "carriers" {
		t.Errorf("a cut-off at 25:00: %v", err)
	}
	if _, err := d.ops.SetSourcingRules(access.WithUser(t.Context(), access.User{Role: access.Warehouse}), 1, rules, ""); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a worker sets the rules: %v", err)
	}
	d.place(t, order("R3", line("RING", 1, 1)))
	d.settle(t)
	if got := d.lineStates(t, "R3"); got != "RING 1 allocated PD" {
		t.Errorf("%s", got)
	}
	// No site may serve: the order waits for other rules and is looked at again.
	none := rules
	none.Rules = []allocation.Rule{{Name: catalog.Name{ZH: "停发"}, Then: allocation.Effect{Exclude: true}}}
	if _, err := d.ops.SetSourcingRules(d.ctx, 1, none, ""); err != nil {
		t.Fatal(err)
	}
	d.place(t, order("R4", line("RING", 1, 1)))
	d.settle(t)
	if got := d.lineStates(t, "R4"); got != "RING 1 new" {
		t.Errorf("%s", got)
	}
	if _, err := d.ops.SetSourcingRules(d.ctx, 2, rules, ""); err != nil {
		t.Fatal(err)
	}
	d.settle(t)
	if got := d.lineStates(t, "R4"); got != "RING 1 allocated PD" {
		t.Errorf("after the rules were mended: %s", got)
	}
}
