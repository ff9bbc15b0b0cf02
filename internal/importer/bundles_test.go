package importer_test

import (
	"strings"
	"testing"

	"milkrun/internal/importer"
)

// A bundle goes in whole or not at all, and each of its rows says what keeps it out.
func TestBundlesFromASheet(t *testing.T) {
	h := newHouse(t).work()
	h.exec(`insert into catalog.sku (code, name_zh, category_id, price_fen) values ('SET-1', '新生儿礼盒', 1, 39900), ('SET-2', '双支装', 1, 9900), ('SET-3', '套中套', 1, 100)`)
	ctx := h.as("planner")
	u := h.checked(ctx, "bundles", strings.Join([]string{"套装,组件 SKU,条码,每套件数,价格占比",
		"SET-1,MR-204817,,1,20%", "SET-1,,96385074,2,80%", // by barcode
		"SET-2,mr-720014,,2,", // small letters
		"SET-3,SET-1,,1,", "SET-9,MR-204817,,1,", "SET-3,MR-204817,,x,"}, "\n"))
	expect(t, h.preview(ctx, u.ID),
		"2 good", "3 good", "4 mended ~组件 SKU 读作 MR-720014",
		"5 bad !套装 套装 SET-3 的第 7 行有错，整套都不会导入", "6 bad !套装 没有 SKU SET-9", "7 bad !每套件数 “x”不是数字")
	if got := h.imported(ctx, u); got.State != importer.Done || got.Outcome != (importer.Outcome{Inserted: 2}) {
		t.Fatalf("%s %+v %s %s", got.State, got.Outcome, got.Refusal.Full("zh"), got.Fault)
	}
	if n := h.number(`select count(*)::int from catalog.bundle_component b join catalog.sku s on s.id = b.bundle_id join catalog.sku k on k.id = b.component_id
		where (s.code, k.code, b.pieces, b.share_bp) in (('SET-1', 'MR-204817', 1, 2000), ('SET-1', 'MR-100236', 2, 8000), ('SET-2', 'MR-720014', 2, 0))`); n != 3 {
		t.Errorf("%d of 3 components", n)
	}
	h.good("planner", "bundles", "套装,组件,每套件数,价格占比\nSET-1,MR-204817,1,20\nSET-1,MR-100236,2,80\n", importer.Outcome{Unchanged: 1})
	h.good("planner", "bundles", "bundle,component,qty\nSET-1,MR-204817,3\n", importer.Outcome{Changed: 1})
	if n := h.number(`select sum(pieces)::int from catalog.bundle_component b join catalog.sku s on s.id = b.bundle_id where s.code = 'SET-1'`); n != 3 {
		t.Errorf("the components are not those of the sheet: %d pieces", n)
	}
	u = h.checked(ctx, "bundles", "套装,组件,每套件数,价格占比\nSET-3,MR-204817,1,30%\nSET-3,MR-100236,1,60%\nSET-2,SET-1,1,\nMR-720014,MR-204817,1,\nSET-1,SET-1,1,\n")
	expect(t, h.preview(ctx, u.ID),
		"2 bad !套装 套装 SET-3 的价格占比合计 90.00%，要么都不填，要么合计 100%", "3 bad !套装 套装 SET-3 的价格占比合计 90.00%，要么都不填，要么合计 100%",
		"4 bad !组件 SET-1 已经是套装或别的套装的组件，套装不能套套装", "5 bad !套装 MR-720014 已经是套装或别的套装的组件，套装不能套套装",
		"6 bad !组件 套装 SET-1 不能包含自己")
}
