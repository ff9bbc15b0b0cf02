package console_test

import (
	"strings"
	"testing"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
)

func TestAuditSaysWhoDidWhat(t *testing.T) {
	o := openOffice(t)
	d := o.desk("zhoumin")
	version := hidden(t, d.part("/suppliers/S-0113/edit", 200), "version")
	d.post("/suppliers/S-0113", 303, "version", version, "name_zh", "贝栗", "name_en", "Beili", "city_zh", "温岭", "city_en", "Wenling", "contact", "林阿珍", "email", "orders@beili.example")
	o.desk("admin").post("/system/keys", 200, "account", "6", "name", "ERP")
	page := d.get("/system/audit", 200)
	holds(t, page, "周敏 改供应商 供应商 贝栗", "中文名称 原来 温岭贝栗婴童用品厂 贝栗", "启用 原来 是 否", "系统管理员 生成接口密钥 用户 商城接口")
	lacks(t, page, "UpdatedAt", "{\"")
	holds(t, d.get("/system/audit?kind=supplier", 200), "改供应商")
	lacks(t, d.get("/system/audit?kind=supplier", 200), "生成接口密钥")
	lacks(t, d.get("/system/audit?who="+hiddenID(o, "admin"), 200), "改供应商")
	holds(t, d.get("/system/audit?who=-1", 200), "载入主数据", "SKU · 新增 2")
	holds(t, d.get("/system/audit?kind=supplier&id=1", 200), "供应商 贝栗")
	holds(t, d.get("/system/audit?from=2026-11-24", 200), "没有符合的改动")
	holds(t, d.get("/system/audit?until=2026-11-23", 200), "改供应商")
	d.get("/system/audit?after=1~x", 404)
	rows := d.rows("/system/audit.xlsx?kind=supplier")
	if len(rows) < 3 || rows[1][1] != "周敏" || rows[1][2] != "改供应商" || rows[1][4] != "贝栗" {
		t.Errorf("the workbook: %q", rows)
	}
	o.desk("warehouse").get("/system/audit", 403)
	english := d.english().get("/system/audit", 200)
	holds(t, english, "changed the supplier", "Chinese name was 温岭贝栗婴童用品厂 贝栗")
}

func hiddenID(o *office, login string) string {
	return strings.TrimPrefix(o.userPath(login), "/system/users/")
}

// Pages of the record follow one another without gap.
func TestAuditIsPagedByKeys(t *testing.T) {
	o := openOffice(t)
	ctx := access.WithUser(o.system(), access.User{ID: o.ids["planner"], Name: "陈嘉禾", Role: access.Planner})
	topics, err := o.Catalog.Topics(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 60 {
		if err := o.Catalog.SetWeight(ctx, topics[0].ID, catalog.SKUID(1), float64(i%9+1)/10); err != nil {
			t.Fatal(err)
		}
	}
	d := o.desk("planner")
	page := d.get("/system/audit?kind=topic", 200)
	if n := strings.Count(page, "data-mk-row="); n != 50 {
		t.Fatalf("%d rows on the first page", n)
	}
	i := strings.LastIndex(page[:strings.Index(page, `rel="next"`)], `href="`)
	href := page[i+len(`href="`):]
	href = strings.ReplaceAll(href[:strings.Index(href, `"`)], "&amp;", "&")
	if n := strings.Count(d.get(href, 200), "data-mk-row="); n != 10 {
		t.Errorf("%d rows on the second page", n)
	}
}
