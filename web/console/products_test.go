package console_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"milkrun/internal/catalog"
)

// Paging by keys shows every SKU once, forwards, and leads back the same way.
func TestProductsArePagedByKeys(t *testing.T) {
	o := openOffice(t)
	var drafts []catalog.SKUDraft
	for i := range 130 {
		code := fmt.Sprintf("T~%03d", i) // the mark that parts the places of a way back
		drafts = append(drafts, catalog.SKUDraft{SKU: catalog.SKU{Code: code, Name: catalog.Name{ZH: "测试 " + code}, Temperature: catalog.Ambient, CartonPieces: 1, Price: catalogFen(int64(100 + i%3))}, CategoryCode: "teether"})
	}
	for _, draft := range drafts {
		if _, err := o.Catalog.AddSKU(o.system(), draft); err != nil {
			t.Fatal(err)
		}
	}
	d := o.desk("planner")
	link := func(page, rel string) string {
		m := regexp.MustCompile(`<a class="mk-btn is-s" href="([^"]*)" rel="` + rel + `"`).FindStringSubmatch(page)
		if m == nil {
			return ""
		}
		return strings.ReplaceAll(m[1], "&amp;", "&")
	}
	rows := regexp.MustCompile(`data-mk-row="([^"]*)"`)
	for _, sort := range []string{"", "?sort=-code", "?sort=price", "?sort=-price", "?sort=-updated", "?sort=launched"} {
		met := map[string]bool{}
		var pages []string
		at := "/products" + sort
		for at != "" {
			page := d.get(at, 200)
			pages = append(pages, page)
			for _, m := range rows.FindAllStringSubmatch(page, -1) {
				if met[m[1]] {
					t.Fatalf("%s: %s comes twice", sort, m[1])
				}
				met[m[1]] = true
			}
			at = link(page, "next")
		}
		if len(met) != 132 || len(pages) != 3 {
			t.Fatalf("%s: %d SKUs on %d pages", sort, len(met), len(pages))
		}
		back := link(pages[2], "prev")
		if got := rows.FindAllString(d.get(back, 200), -1); strings.Join(got, "") != strings.Join(rows.FindAllString(pages[1], -1), "") {
			t.Errorf("%s: the way back leads elsewhere", sort)
		}
		holds(t, pages[1], "51–100 / 132")
	}
	d.get("/products?after=1~nonsense", 404)
	if got := d.rows("/products.xlsx?q=测试"); len(got) != 131 {
		t.Errorf("the workbook has %d rows", len(got))
	}
}

func TestProductsAreFiltered(t *testing.T) {
	o := openOffice(t)
	d := o.desk("planner")
	holds(t, d.get("/products?q=香蕉", 200), "MR-204001", "香蕉")
	lacks(t, d.get("/products?q=香蕉", 200), "MR-204817")
	holds(t, d.get("/products?core=yes&life=retired", 200), "没有符合的商品", "只看必备品", "已退市")
	holds(t, d.get("/products?category=999", 200), "MR-204001") // a category that has gone filters nothing
	holds(t, d.get("/products?temperature=frozen", 200), "没有符合的商品", "冷冻")
	if part := d.part("/products/-/codes?successor=雪糕", 200); !strings.Contains(part, `value="MR-204817"`) {
		t.Errorf("codes: %s", part)
	}
	o.desk("beili").get("/products", 403)
}

func TestProductForm(t *testing.T) {
	o := openOffice(t)
	d := o.desk("planner")
	page := d.get("/products/MR-204817", 200)
	holds(t, page, "贝栗 硅胶牙胶 小雪糕款", "喂养 › 牙胶", "温岭贝栗婴童用品厂", "出牙")
	version := hidden(t, page, "version")
	form := func(change ...string) []string {
		base := []string{"version", version, "name_zh", "贝栗 硅胶牙胶", "name_en", "Teether", "category", "teether", "unit_zh", "件", "unit_en", "pc", "temperature", "ambient",
			"carton_pieces", "60", "price", "29.90", "core", "1", "shelf_life_days", "", "min_remaining_days", "", "weight_grams", "", "volume_ml", "", "launched", "2024-02-04", "retired", "", "successor", "", "gtin", ""}
		for i := 0; i+1 < len(change); i += 2 {
			for j := 0; j < len(base); j += 2 {
				if base[j] == change[i] {
					base[j+1] = change[i+1]
				}
			}
		}
		return base
	}
	for field, want := range map[[2]string]string{
		{"gtin", "6972048170030"}: "不是有效的条形码", {"price", "十元"}: "“十元”不是金额", {"carton_pieces", "0"}: "要大于 0", {"successor", "MR-9"}: "没有“MR-9”",
		{"successor", "MR-204817"}: "次序反了", {"launched", "昨天"}: "“昨天”不是日期", {"retired", "2023-01-01"}: "次序反了", {"category", "nope"}: "必须填", {"weight_grams", "9999999999"}: "超出范围",
		{"min_remaining_days", "30"}: "次序反了", {"temperature", "hot"}: "不在可选范围内",
	} {
		bad := d.post("/products/MR-204817", 422, form(field[0], field[1])...)
		holds(t, bad, want)
	}
	d.post("/products/MR-204817", 303, form("price", "￥31.50", "successor", "MR-204001")...)
	saved := d.get("/products/MR-204817", 200)
	holds(t, saved, "已保存 MR-204817", "陈嘉禾 改商品", "价格", "¥29.90", "¥31.50", "必备品 原来 否 是", "换代商品", "MR-204001")
	d.post("/products/MR-204817", 303, append(form("price", "31.50", "successor", "MR-204001"), "version", hidden(t, saved, "version"))[2:]...)
	holds(t, d.get("/products/MR-204817", 200), "没有改动")
	holds(t, o.desk("admin").post("/products/MR-204817", 409, form("price", "40")...), "陈嘉禾 在 11-23 10:00 改过", "¥31.50")
	// A successor that leads back is refused.
	other := hidden(t, d.get("/products/MR-204001", 200), "version")
	holds(t, d.post("/products/MR-204001", 422, form("version", other, "successor", "MR-204817")...), "次序反了")
	// A buyer sees it all and changes nothing.
	if look := o.desk("zhoumin").get("/products/MR-204817", 200); strings.Contains(look, "保存商品") {
		t.Error("a buyer is offered to save")
	}
	o.desk("zhoumin").post("/products/MR-204817", 403, form()...)
	d.get("/products/NONE", 404)
	d.get("/products/-/new", 200)
	holds(t, d.post("/products", 422, append(form("version", ""), "code", "MR-204817")...), "“MR-204817”已被使用")
	to := d.post("/products", 303, append(form("version", ""), "code", "NEW 1")...)
	holds(t, d.get(to, 200), "已新建 NEW 1")
}

func TestTopicsAndWeights(t *testing.T) {
	o := openOffice(t)
	d := o.desk("planner")
	holds(t, d.get("/topics", 200), "出牙", "teething", "需求")
	holds(t, d.get("/topics/teething", 200), "MR-204817", "1 个 SKU")
	holds(t, d.post("/topics/teething/weight", 422, "sku", "MR-204001", "weight", "1.5"), "超出范围")
	holds(t, d.post("/topics/teething/weight", 422, "sku", "none", "weight", "1"), "没有“none”")
	d.post("/topics/teething/weight", 303, "sku", "MR-204001", "weight", "0.81")
	page := d.get("/topics/teething", 200)
	holds(t, page, "2 个 SKU", "改话题权重", "权重已保存")
	if got := d.rows("/topics/teething/skus.xlsx"); len(got) != 3 || got[2][3] != "0.81" {
		t.Errorf("the workbook: %q", got)
	}
	d.post("/products/MR-204001/weight", 303, "topic", "1", "weight", "0")
	holds(t, d.get("/products/MR-204001", 200), "没有话题影响它")
	holds(t, d.post("/products/MR-204001/weight", 422, "topic", "", "weight", "1"), "必须填")
	version := hidden(t, d.get("/topics/teething", 200), "version")
	d.post("/topics/teething", 303, "version", version, "name_zh", "宝宝出牙", "kind", "demand")
	holds(t, d.post("/topics/teething", 409, "version", version, "name_zh", "牙", "kind", "complaint"), "陈嘉禾 在")
	holds(t, d.post("/topics", 422, "code", "teething", "name_zh", "x", "kind", "demand"), "已被使用")
	holds(t, d.get(d.post("/topics", 303, "code", "rash", "name_zh", "红屁股", "kind", "complaint"), 200), "红屁股", "还没有相关商品", "投诉")
	d.get("/topics/none", 404)
}
