package c2mops_test

import (
	"strings"
	"testing"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
)

// A sheet with another supplier's orders is refused with the row and the reason, and nothing of it is taken.
func TestSheetsOfAnotherSupplierAreRefused(t *testing.T) {
	w := newWorld(t)
	o := w.confirmed()
	before := w.detail(o.ID)
	note := c2mops.Uploading{Name: "asn.csv", Content: []byte("送货单号,订单号,行号,数量,计划到货\nX1," + o.Number + ",1,60,2026-12-02\n")}
	u, err := w.ops.UploadASN(w.other, note)
	if err != nil || u.Outcome != c2mops.Refused || len(u.Problems) != 1 || !strings.Contains(u.Problems[0].Reason.ZH, "没有给贵司的订单") || u.Problems[0].Reason.EN == "" || u.Problems[0].Remedy.ZH == "" {
		t.Errorf("a delivery note: %+v, %v", u, err)
	}
	note.Order = o.ID
	_, err = w.ops.UploadASN(w.other, note)
	wantErr(t, "on the order's own page", err, c2m.ErrUnknown)
	rows, err := w.ops.PortalForecast(w.beili, 0)
	if err != nil || len(rows) == 0 {
		t.Fatal(rows, err)
	}
	week := rows[0].Weeks[1].Monday
	forecast := c2mops.Uploading{Name: "forecast.csv", Content: []byte("SKU,周,承诺数量\n" + rows[0].SKU.Code + "," + week.String() + ",700\n")}
	if u, err = w.ops.UploadForecast(w.other, forecast); err != nil || u.Outcome != c2mops.Refused || len(u.Problems) == 0 || u.Problems[0].Reason.ZH == "" {
		t.Errorf("a forecast: %+v, %v", u, err)
	}
	if p := u.Problems; len(p) > 0 && !strings.Contains(p[0].Reason.ZH, "没有给贵司发过") {
		t.Errorf("%+v", p[0])
	}
	own := c2mops.Uploading{Name: "forecast.csv", Content: []byte("供应商编码,SKU,周,承诺数量\nS-OTHER," + rows[0].SKU.Code + "," + week.String() + ",700\n")}
	if u, err = w.ops.UploadForecast(w.beili, own); err != nil || u.Outcome != c2mops.Refused || len(u.Problems) != 1 || !strings.Contains(u.Problems[0].Reason.ZH, "供应商 S-OTHER 的预测") || u.Problems[0].Header != "供应商编码" {
		t.Errorf("a forecast made for another: %+v, %v", u, err)
	}
	after := w.detail(o.ID)
	if len(after.ASNs) != len(before.ASNs) || after.Order.Lines[0].Shipped != before.Order.Lines[0].Shipped || after.Order.Revision != before.Order.Revision {
		t.Errorf("something was taken: %+v", after.Order.Lines)
	}
	if rows, err = w.ops.PortalForecast(w.beili, 0); err != nil || rows[0].Weeks[1].Committed != nil {
		t.Errorf("something was committed: %+v, %v", rows[0].Weeks[1], err)
	}
	// Both attempts stand in the suppliers' histories of sheets, so that nobody wonders.
	if all, err := w.ops.Uploads(w.other, 0, 10); err != nil || len(all) != 2 || all[0].Outcome != c2mops.Refused {
		t.Errorf("%+v, %v", all, err)
	}
}
