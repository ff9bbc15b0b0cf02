package console_test

import (
	"regexp"
	"testing"

	"milkrun/internal/access"
)

var withdrawPath = regexp.MustCompile(`action="(/demand/changes/\d+/withdraw)"`)

// workbench walks the planner's pages of the forecast: what is measured, a change by hand made, shown, refused and withdrawn, births.
func (s *shop) workbench(t *testing.T) {
	planner, buyer := s.desk(access.Planner), s.desk(access.Buyer)
	page := buyer.get("/demand/workbench", 200)
	whole(t, page)
	holds(t, page, "预测工作台", "热度怎样带动销量", "出牙")
	holds(t, s.english(access.Buyer).get("/demand/workbench", 200), "Forecast workbench", "Placebo p")
	whole(t, buyer.get("/demand/warnings", 200))
	whole(t, buyer.get("/demand/warnings?state=acknowledged&kind=hole", 200))
	holds(t, buyer.get("/demand/changes", 200), "还没有人工调整")
	holds(t, buyer.get("/demand/cohorts", 200), "还没有出生人数")

	code := shopCode(0)
	buyer.get("/demand/changes/new?sku="+code, 403)
	holds(t, planner.get("/demand/changes/new?sku="+code, 200), "改预测", "按百分比")
	planner.get("/demand/changes/new?sku=NOTHING", 404)
	holds(t, planner.post("/demand/changes/new", 422, "sku", code, "from", "2026-11-24", "to", "2026-11-20", "value", "x", "reason", ""), "结束日早于开始日", "不是数字", "必须填")
	holds(t, planner.post("/demand/changes/new", 422, "sku", code, "from", "2028-11-24", "to", "2028-11-25", "value", "30", "reason", "团购"), "预测期之内")
	buyer.post("/demand/changes/new", 403, "sku", code, "from", "2026-11-24", "to", "2026-11-30", "value", "30", "reason", "团购")
	planner.post("/demand/changes/new", 303, "sku", code, "from", "2026-11-24", "to", "2026-11-30", "value", "+30", "reason", "隔壁商场停业", "kind", "factor")
	page = planner.get("/demand/"+code, 200)
	holds(t, page, "人工调整", "×1.30", "隔壁商场停业", "28 天预测是怎么来的")
	page = planner.get("/demand/changes", 200)
	holds(t, page, "隔壁商场停业", "撤回")
	m := withdrawPath.FindStringSubmatch(page)
	if m == nil {
		t.Fatal("the change cannot be withdrawn")
	}
	buyer.post(m[1], 403)
	planner.post(m[1], 303)
	planner.post(m[1], 409)
	holds(t, planner.get("/demand/changes", 200), "已撤回")
	planner.post("/demand/warnings/999/seen", 409)
	planner.post("/demand/cohorts/site", 303, "site", "JX", "region", "华东")
	planner.post("/demand/cohorts/site", 404, "site", "NOWHERE", "region", "华东")
	buyer.post("/demand/cohorts/site", 403, "site", "JX", "region", "华东")
}
