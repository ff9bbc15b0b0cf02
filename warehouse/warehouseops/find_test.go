package warehouseops_test

import (
	"fmt"
	"testing"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/warehouse"
)

func TestFindByTheBeginningOfANumber(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "MH260815", 10)
	h.sent(t, "MH260815", 4)
	for _, sql := range []string{
		`update warehouse.outbound set number = 'TM20261123001', channel = 'tmall'`,
		`insert into warehouse.delivery (kind, number, site_id, tracking, state, expected_at) select 'blind', 'BR-2611-0007', id, 'SF99887766', 'expected', now() from catalog.site where code = 'JX'`,
		`insert into warehouse.parcel (number, shipment_id, site_id, bin, op, packed_at, packed_by) select '6971002360000017', id, site_id, 'S-01', gen_random_uuid(), now(), 'test' from warehouse.shipment limit 1`,
	} {
		if _, err := h.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	find := func(text string) string {
		t.Helper()
		found, err := h.ops.Find(h.lead, text, 6)
		if err != nil {
			t.Fatal(err)
		}
		out := ""
		for _, x := range found {
			out += fmt.Sprint(x.Kind, " ", x.Code, " ", x.Site, x.SKU, ";")
		}
		return out
	}
	for text, want := range map[string]string{"TM2026": "order TM20261123001 JX;", "69710": "parcel 6971002360000017 JX;", "mh2608": "lot MH260815 MR-1;", "BR-26": "delivery BR-2611-0007 JX;", "SF998": "delivery BR-2611-0007 JX;",
		"a01-01-4": "bin A01-01-4 JX;bin A01-01-4 SH-XH;", "%": "", "_": "", "T": "", "": ""} {
		if got := find(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	bound := access.WithUser(t.Context(), access.User{ID: 7, Role: access.Warehouse, Sites: []catalog.SiteID{h.xh}})
	if found, err := h.ops.Find(bound, "A01-01-4", 6); err != nil || len(found) != 1 || found[0].Site != "SH-XH" {
		t.Errorf("another's site: %+v, %v", found, err)
	}
	if found, err := h.ops.Find(bound, "TM2026", 6); err != nil || len(found) != 0 {
		t.Errorf("another's order: %+v, %v", found, err)
	}
	sheet, err := h.ops.LotSheet(h.lead, "MR-1", "MH260815")
	if err != nil || len(sheet.Places) != 1 || sheet.Places[0].OnHand != 6 || sheet.Shipped != 4 || sheet.Orders != 1 || sheet.Places[0].Status != warehouse.Available {
		t.Errorf("%+v, %v", sheet, err)
	}
}

// What lies in a device's queue is booked under who made it.
func TestSignsNameWhoMadeACommand(t *testing.T) {
	h := openHouse(t)
	sign, err := h.ops.MakerSign(h.worker)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := h.ops.MakerSign(h.worker); err != nil || again != sign {
		t.Errorf("another sign on the same day: %v, %v", again, err)
	}
	if other, err := h.ops.MakerSign(h.second); err != nil || other == sign {
		t.Errorf("%v, %v", other, err)
	}
	u, _ := access.Require(h.worker, access.WorkFloor)
	if id, err := h.ops.Maker(h.second, sign); err != nil || id != u.ID {
		t.Errorf("%v, %v", id, err)
	}
	if id, err := h.ops.Maker(h.second, h.command().Op); err != nil || id != 0 {
		t.Errorf("a sign that nobody has: %v, %v", id, err)
	}
	h.pass(32 * 24 * 3600 * 1e9)
	if id, err := h.ops.Maker(h.second, sign); err != nil || id != 0 {
		t.Errorf("a sign of last month: %v, %v", id, err)
	}
}
