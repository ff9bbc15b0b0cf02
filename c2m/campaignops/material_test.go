package campaignops_test

import (
	"testing"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/lotplan"
)

// Two campaigns need the same cotton: the stock is counted once, what is ordered for one is not taken for the other, and what comes goes to the
// stock until the goods are made of it.
func TestMaterialsAreOrderedAndCountedOnce(t *testing.T) {
	f := newFactory(t)
	bill := campaigndb.BillLine{Code: "M-COTTON", NameZH: "精梳棉", Unit: "m", PerUnitMilli: 1000, OnHandMilli: 350_000, PackMilli: 50_000}
	if err := f.ops.SaveBill(f.buyer, f.sku, []campaigndb.BillLine{bill}); err != nil {
		t.Fatal(err)
	}
	order := func() *campaign.Campaign {
		t.Helper()
		c := f.won()
		if err := f.ops.Quote(f.buyer, c.ID, campaign.Quotation{Supplier: f.suppliers[0], MOQ: 100, Capacity: 2000, Price: 9000, LeadDays: 12}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.ops.OrderLots(f.buyer, c.ID, 0, campaignops.Making{DueDays: 40, Release: lotplan.Release{FirstShare: 100}}); err != nil {
			t.Fatal(err)
		}
		return f.get(c.ID)
	}
	bought := func(c *campaign.Campaign) campaigndb.Purchase {
		t.Helper()
		page, err := f.ops.Open(f.buyer, c.Number)
		if err != nil || len(page.Materials) != 1 {
			t.Fatalf("%+v, %v", page, err)
		}
		return page.Materials[0]
	}
	stock := func() (milli int64) {
		t.Helper()
		if err := f.pool.QueryRow(t.Context(), `select on_hand_milli from c2m.material`).Scan(&milli); err != nil {
			t.Fatal(err)
		}
		return milli
	}
	first := order() // 300 m of 350 m
	if p := bought(first); p.NetMilli != 0 || p.BuyMilli != 0 {
		t.Fatalf("%+v", p)
	}
	_, err := f.ops.OrderMaterials(f.buyer, first.ID, "PO-1")
	is(t, err, campaignops.ErrNoMaterial)
	second := order() // 50 m are left of the stock: 250 m are bought
	if p := bought(second); p.GrossMilli != 300_000 || p.BuyMilli != 250_000 || p.OpenMilli() != 250_000 {
		t.Fatalf("the stock was counted twice: %+v", p)
	}
	_, err = f.ops.OrderMaterials(f.buyer, second.ID, " ")
	is(t, err, campaignops.ErrReference)
	_, err = f.ops.OrderMaterials(f.shop, second.ID, "PO-2")
	if err == nil {
		t.Error("a shop ordered materials")
	}
	if n, err := f.ops.OrderMaterials(f.buyer, second.ID, "PO-2"); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if p := bought(second); p.OrderedMilli != 250_000 || p.OpenMilli() != 0 || p.Reference != "PO-2" || p.OrderedBy != "周敏" || p.OrderedAt == nil {
		t.Errorf("%+v", p)
	}
	is(t, f.ops.ReceiveMaterial(f.buyer, second.ID, "M-COTTON", 250_001), campaignops.ErrMaterial)
	is(t, f.ops.ReceiveMaterial(f.buyer, second.ID, "M-SILK", 1), campaignops.ErrMaterial)
	if err := f.ops.ReceiveMaterial(f.buyer, second.ID, "M-COTTON", 250_000); err != nil || stock() != 600_000 {
		t.Fatal(err, stock())
	}
	is(t, f.ops.ReceiveMaterial(f.buyer, second.ID, "M-COTTON", 1), campaignops.ErrMaterial)
	third := order() // everything there is, is needed
	if p := bought(third); p.BuyMilli != 300_000 {
		t.Errorf("%+v", p)
	}
	if _, err := f.ops.DeliverAll(f.buyer, first.ID); err != nil || stock() != 300_000 {
		t.Errorf("%v, %d left", err, stock())
	}
	if _, err := f.ops.Cancel(f.buyer, second.ID, 0, "取消"); err != nil { // its 300 m are free
		t.Fatal(err)
	}
	fourth := order()
	if p := bought(fourth); p.BuyMilli != 0 { // 300 m there, 300 m to come for the third, which needs them
		t.Errorf("%+v", p)
	}
}
