package importer_test

import "testing"

// A code of characters that no SKU has is an unknown SKU, not a failed import: no slip of a byte may be looked for in it.
func TestCodesBeyondASCII(t *testing.T) {
	h := newHouse(t).work()
	ctx := h.as("zhoumin")
	u := h.checked(ctx, "sales", "SKU,仓库,日期,销量\n🍼MR-204817,JX-01,2026-11-20,1\n牙胶,JX-01,2026-11-20,1\nſMR-1,JX-01,2026-11-20,1\nＭＲ－２０４８１７,JX-01,2026-11-20,1\n"+
		"'; drop table forecast.sale;--,JX-01,2026-11-20,1\n")
	if u.Good != 1 || u.Bad != 4 {
		t.Errorf("%+v", u)
	}
}
