package console_test

import (
	"strings"
	"testing"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
)

func catalogFen(n int64) money.Fen { return money.Fen(n) }

func TestSuppliersListFiltersSortsAndExports(t *testing.T) {
	o := openOffice(t)
	d := o.desk("zhoumin")
	page := d.get("/suppliers", 200)
	holds(t, page, "2 家可下单，0 家停止下单", "温岭贝栗婴童用品厂", "牧禾乳业")
	holds(t, d.get("/suppliers?q=温岭", 200), "温岭贝栗婴童用品厂")
	lacks(t, d.get("/suppliers?q=温岭", 200), "牧禾乳业")
	by := seen(d.get("/suppliers?sort=code", 200))
	if strings.Index(by, "牧禾") > strings.Index(by, "温岭贝栗") {
		t.Error("not sorted by code")
	}
	if down := seen(d.get("/suppliers?sort=-code", 200)); strings.Index(down, "牧禾") < strings.Index(down, "温岭贝栗") {
		t.Error("not sorted by code from the last")
	}
	holds(t, d.get("/suppliers?view=banned", 200), "没有符合的供应商")
	if part := d.part("/suppliers?q=牧禾", 200); !strings.Contains(part, "<html") {
		t.Error("without a target the whole page comes")
	}
	rows := d.rows("/suppliers.xlsx?sort=code")
	if len(rows) != 3 || rows[0][0] != "编码" || rows[1][0] != "S-0101" || rows[2][1] != "温岭贝栗婴童用品厂" {
		t.Errorf("the workbook: %q", rows)
	}
	holds(t, d.english().get("/suppliers", 200), "Suppliers", "2 usable, 0 stopped", "Beili")
}

func TestOneSupplier(t *testing.T) {
	o := openOffice(t)
	d := o.desk("zhoumin")
	page := d.get("/suppliers/S-0113", 200)
	holds(t, page, "温岭贝栗婴童用品厂", "林阿珍", "orders@beili.example", "MR-204817", "¥12.80", "1,200", "9.0 ± 1.4", "beili", "90 天内没有到期的承诺")
	d.get("/suppliers/S-9999", 404)
	o.desk("warehouse").get("/suppliers/S-0113", 403)

	// A wrong field says so and keeps what was typed.
	version := hidden(t, d.part("/suppliers/S-0113/edit", 200), "version")
	bad := d.post("/suppliers/S-0113", 422, "version", version, "name_zh", "", "name_en", "", "email", "not-an-address", "active", "1")
	holds(t, bad, "必须填", "“not-an-address”的格式不对")
	if hidden(t, bad, "email") != "not-an-address" {
		t.Error("what was typed is gone")
	}
	d.post("/suppliers/S-0113", 303, "version", version, "name_zh", "贝栗", "name_en", "Beili", "city_zh", "温岭", "contact", "林阿珍", "active", "1")
	holds(t, d.get("/suppliers/S-0113", 200), "已保存 贝栗", "周敏", "改供应商", "中文名称", "温岭贝栗婴童用品厂")

	// Saving it as it is writes nothing.
	now := hidden(t, d.part("/suppliers/S-0113/edit", 200), "version")
	d.post("/suppliers/S-0113", 303, "version", now, "name_zh", "贝栗", "name_en", "Beili", "city_zh", "温岭", "contact", "林阿珍", "active", "1")
	if page := d.get("/suppliers/S-0113", 200); hidden(t, page, "version") != now || !strings.Contains(page, "没有改动") {
		t.Error("saving nothing made a new version")
	}

	// The second of two who began from the same version hears who was first and what changed, and may insist.
	lost := o.desk("admin").post("/suppliers/S-0113", 409, "version", version, "name_zh", "贝栗婴童", "active", "1")
	holds(t, lost, "周敏 在 11-23 10:00 改过，你的改动还没有存", "贝栗", "再点一次保存就以你的为准")
	if hidden(t, lost, "name_zh") != "贝栗婴童" {
		t.Error("what was typed is gone")
	}
	o.desk("admin").post("/suppliers/S-0113", 303, "version", hidden(t, lost, "version"), "name_zh", "贝栗婴童", "active", "1")
	holds(t, d.get("/suppliers/S-0113", 200), "贝栗婴童")
}

func TestBanNeedsAReason(t *testing.T) {
	o := openOffice(t)
	d := o.desk("zhoumin")
	version := hidden(t, d.get("/suppliers/S-0113", 200), "version")
	holds(t, d.post("/suppliers/S-0113/ban", 422, "version", version, "reason", " "), "要写明原因")
	d.post("/suppliers/S-0113/ban", 303, "version", version, "reason", "质检两次不合格")
	page := d.get("/suppliers/S-0113", 200)
	holds(t, page, "已停止下单：质检两次不合格", "停止下单", "停止下单的原因")
	holds(t, d.get("/suppliers?view=banned", 200), "温岭贝栗婴童用品厂")
	holds(t, d.post("/suppliers/S-0113/unban", 409, "version", version), "你的改动还没有存")
	d.post("/suppliers/S-0113/unban", 303, "version", hidden(t, page, "version"))
	lacks(t, d.get("/suppliers/S-0113", 200), "已停止下单")
}

func TestTermsAreEditedAddedAndRemoved(t *testing.T) {
	o := openOffice(t)
	d := o.desk("zhoumin")
	panel := d.part("/suppliers/S-0113/terms/MR-204817", 200)
	version := hidden(t, panel, "version")
	term := []string{"version", version, "moq", "1,200", "pack", "６０", "lead_days", "8.5", "lead_sd_days", "1.4", "capacity_day", "", "part_no", "B-17", "backup", "1", "ships_to", "JX"}
	bad := d.post("/suppliers/S-0113/terms/MR-204817", 422, append(term, "break_from", "1200", "break_price", "12.8", "break_from", "600", "break_price", "十二块")...)
	holds(t, bad, "“十二块”不是金额")
	holds(t, d.post("/suppliers/S-0113/terms/MR-204817", 422, append(term, "break_from", "5000", "break_price", "12.80")...), "和别的格子矛盾")
	d.post("/suppliers/S-0113/terms/MR-204817", 303, append(term, "break_from", "1,200", "break_price", "￥12.60", "break_from", "", "break_price", "")...)
	sku, err := o.Catalog.SKUByCode(o.system(), "MR-204817")
	if err != nil {
		t.Fatal(err)
	}
	got := sku.Terms[0]
	if got.MOQ != 1200 || got.Pack != 60 || got.LeadMean != 8.5 || got.CapacityDay != 0 || !got.Backup || got.ShipsToCode != "JX" || len(got.Breaks) != 1 || got.Breaks[0].Price != 1260 {
		t.Errorf("stored: %+v", got)
	}
	holds(t, d.part("/suppliers/S-0113/terms/MR-204817", 200), "改供货条件", "1,200 件起 ¥12.80、6,000 件起 ¥12.16", "1,200 件起 ¥12.60")
	lost := d.post("/suppliers/S-0113/terms/MR-204817", 409, append(term, "break_from", "1200", "break_price", "12.70")...)
	holds(t, lost, "周敏 在")

	// A new one, and the same again.
	fresh := []string{"moq", "240", "pack", "60", "lead_days", "9", "lead_sd_days", "1", "break_from", "240", "break_price", "14.30"}
	holds(t, d.post("/suppliers/S-0113/terms/-", 422, append(fresh, "sku", "MR-000000")...), "没有“MR-000000”")
	d.post("/suppliers/S-0113/terms/-", 303, append(fresh, "sku", "MR-204001")...)
	holds(t, d.post("/suppliers/S-0113/terms/-", 409, append(fresh, "sku", "MR-204001")...), "已经有供货条件")
	rows := d.rows("/suppliers/S-0113/terms.xlsx")
	prices := map[string]string{}
	for _, r := range rows[1:] {
		prices[r[1]] = r[7]
	}
	if len(rows) != 3 || prices["MR-204817"] != "12.60" || prices["MR-204001"] != "14.30" {
		t.Errorf("the workbook: %q", rows)
	}
	made := hidden(t, d.part("/suppliers/S-0113/terms/MR-204001", 200), "version")
	holds(t, d.post("/suppliers/S-0113/terms/MR-204001/remove", 409, "version", version), "周敏 在")
	d.post("/suppliers/S-0113/terms/MR-204001/remove", 303, "version", made)
	d.part("/suppliers/S-0113/terms/MR-204001", 404)
	// Who may only look sees the form and cannot send it.
	if page := o.desk("planner").part("/suppliers/S-0113/terms/MR-204817", 200); !strings.Contains(page, "disabled") || strings.Contains(page, `form="term-form"`) {
		t.Error("a planner is offered to save terms")
	}
	o.desk("planner").post("/suppliers/S-0113/terms/MR-204817", 403, term...)
}

func TestNewSupplier(t *testing.T) {
	o := openOffice(t)
	d := o.desk("zhoumin")
	holds(t, d.post("/suppliers", 422, "code", "S-0113", "name_zh", "又一家"), "“S-0113”已被使用")
	to := d.post("/suppliers", 303, "code", "S/0 200", "name_zh", "斜杠工厂", "active", "1")
	holds(t, d.get(to, 200), "已新建 斜杠工厂", "S/0 200")
	list, err := o.Catalog.Suppliers(o.system(), catalog.SupplierQuery{Text: "斜杠"})
	if err != nil || len(list) != 1 || list[0].Code != "S/0 200" || !list[0].Active {
		t.Errorf("%+v, %v", list, err)
	}
}
