package console_test

import (
	"reflect"
	"strings"
	"testing"

	"milkrun/internal/catalog"
	"milkrun/replenishment"
)

// asShown gives every number of the policy as its form shows it.
func asShown(t *testing.T, page string) []string {
	t.Helper()
	pairs := []string{"measure", "cycle"}
	for _, tag := range inputs.FindAllString(page, -1) {
		of := map[string]string{}
		for _, m := range values.FindAllStringSubmatch(tag, -1) {
			of[m[1]] = m[2]
		}
		if of["name"] != "" && of["name"] != "back" {
			pairs = append(pairs, of["name"], of["value"])
		}
	}
	return pairs
}

func changed(pairs []string, change ...string) []string {
	out := append([]string{}, pairs...)
	for i := 0; i+1 < len(change); i += 2 {
		for j := 0; j+1 < len(out); j += 2 {
			if out[j] == change[i] {
				out[j+1] = change[i+1]
			}
		}
	}
	return out
}

// A preset fills the form and saves nothing; what is then saved is the preset, with the targets of shelves and lonely sites.
func TestPolicyPreset(t *testing.T) {
	o := openOffice(t)
	d := o.desk("planner")
	before, err := o.Plan.Settings(o.system())
	if err != nil {
		t.Fatal(err)
	}
	page := d.get("/system/policy?preset=weekly", 200)
	holds(t, page, "已填入“按周节奏、货留上级仓”，还没有保存")
	if now, err := o.Plan.Settings(o.system()); err != nil || !reflect.DeepEqual(now, before) {
		t.Fatalf("looking changed the settings: %+v, %v", now, err)
	}
	d.post("/system/policy", 303, asShown(t, page)...)
	got, err := o.Plan.Settings(o.system())
	if want := replenishment.WeeklySettings(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("saved %+v, want %+v, %v", got, want, err)
	}
	d.post("/system/policy", 303, changed(asShown(t, d.get("/system/policy?preset=daily", 200)), "shelf_service.core", "0", "lonely_service.slow", "99.5")...)
	if got, err = o.Plan.Settings(o.system()); err != nil || got.ShelfService[replenishment.ClassCore] != 0 || got.ShelfService[replenishment.ClassHot] != 0.9 || got.LonelyService[replenishment.ClassSlow] != 0.995 {
		t.Errorf("%+v, %v", got, err)
	}
	holds(t, d.post("/system/policy", 422, changed(asShown(t, d.get("/system/policy", 200)), "shelf_service.core", "100")...), "要在 0 到 99.9", "有 1 格要改")
}

func TestPolicyForm(t *testing.T) {
	o := openOffice(t)
	d := o.desk("planner")
	page := d.get("/system/policy", 200)
	holds(t, page, "服务水平", "各层仓的节奏与上下限", "马上用新策略重算全部 SKU")
	form := asShown(t, page)

	// Sending the form as it is changes nothing, whatever its decimals.
	d.post("/system/policy", 303, form...)
	holds(t, d.get("/system/policy", 200), "没有改动，没有重算", "还没有改动")

	for change, want := range map[[2]string]string{
		{"service.core", "100"}: "要大于 0、小于 100 %", {"service.hot", "约 95"}: "“约 95”不是数字", {"review_days.front", "400"}: "要在 0 到 365 天之间",
		{"cover.front.max", "0.5"}: "“0.5”不是整数", {"order_cost", "-5"}: "要在 0 到 1,000,000 元之间", {"error_correlation", "1.5"}: "要在 0 到 1 之间", {"freeze.rejected_days", ""}: "必须填",
	} {
		bad := d.post("/system/policy", 422, changed(form, change[0], change[1])...)
		holds(t, bad, want, "有 1 格要改")
	}
	holds(t, d.post("/system/policy", 422, changed(form, "cover.front.min", "40", "cover.front.max", "30")...), "上限要不小于下限 40 天")
	holds(t, d.post("/system/policy", 422, changed(form, "measure", "luck")...), "超出范围")

	d.post("/system/policy", 303, changed(form, "service.core", "９９.2", "cover.front.max", "28", "order_cost", "￥150.50")...)
	saved := d.get("/system/policy", 200)
	holds(t, saved, "已保存，正在用新策略重算全部 SKU", "陈嘉禾 改计划策略", "备货上下限 · 前置仓上限 原来 30 28", "采购单固定成本 原来 ¥120.00 ¥150.50", "服务水平 · 必备品 原来 0.99 0.992")
	s, err := o.Plan.Settings(o.system())
	if err != nil || s.Service[replenishment.ClassCore] != 0.992 || s.Cover[catalog.Front].MaxDays != 28 || s.OrderCost != 15050 || s.Service[replenishment.ClassHot] != 0.99 {
		t.Errorf("%+v, %v", s, err)
	}
	var jobs int
	if err := o.pool.QueryRow(t.Context(), `select count(*) from river_job where kind = 'replenish.start' or kind like '%plan%' or args::text like '%settings%'`).Scan(&jobs); err != nil || jobs == 0 {
		t.Errorf("no plan was asked for: %d, %v", jobs, err)
	}
	// Who still has the old page is told, and keeps what was typed.
	lost := o.desk("admin").post("/system/policy", 409, changed(form, "service.slow", "88")...)
	holds(t, lost, "陈嘉禾 在 11-23 10:00 改过")
	if !strings.Contains(lost, `value="88"`) {
		t.Error("what was typed is gone")
	}
	look := o.desk("zhoumin").get("/system/policy", 200)
	holds(t, look, "只有计划和管理员能改")
	o.desk("zhoumin").post("/system/policy", 403, form...)
	o.desk("warehouse").get("/system/policy", 403)
}
