package console_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
)

var chartData = regexp.MustCompile(`(?s)<script id="sku-chart-data"[^>]*>(.*?)</script>`)

// drawn is what the chart of a SKU's page is drawn from.
type drawn struct {
	Days  []int32
	Step  int
	Sales []*float64
	Mean  []*float64
	Heat  []*float64
}

func chartOf(t testing.TB, page string) (d drawn) {
	t.Helper()
	m := chartData.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no chart on the page:\n%.500s", seen(page))
	}
	if err := json.Unmarshal([]byte(m[1]), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func known(v []*float64) (n int) {
	for _, x := range v {
		if x != nil {
			n++
		}
	}
	return n
}

func (s *shop) skuPage(t *testing.T) {
	buyer := s.desk(access.Buyer)
	path := "/demand/" + shopCode(0)
	page := buyer.get(path, 200)
	holds(t, page, "牙胶 0", shopCode(0), "箱规 60", "售价 ¥29.90", "“出牙”突增", "为什么是", "批准", "改数量", "驳回", "各仓库存", "嘉兴区域", "佛山区域", "上海徐汇", "全国合计", "这个预测准不准", "近 8 周误差",
		"预测怎么来的", "基准", "一周的规律", "相关话题", "全国 嘉兴 佛山")
	lacks(t, page, "sku.", "why.", "today.", "runs.", "topics.")
	for span, want := range map[string]struct{ step, past, ahead int }{"": {7, 20, 5}, "26w": {7, 20, 5}, "60d": {1, 60, 28}} {
		c := chartOf(t, buyer.get(path+"?span="+span, 200))
		if c.Step != want.step || known(c.Sales) != want.past || known(c.Mean) != want.ahead || known(c.Heat) == 0 || len(c.Days) != len(c.Sales) || len(c.Days) != len(c.Mean) {
			t.Errorf("span %q: step %d, %d points sold, %d expected, %d with heat, %d days", span, c.Step, known(c.Sales), known(c.Mean), known(c.Heat), len(c.Days))
		}
	}
	all, jiaxing := chartOf(t, page), buyer.get(path+"?at=JX", 200)
	if a, b := *all.Sales[5], *chartOf(t, jiaxing).Sales[5]; !(b > 0 && b < a) {
		t.Errorf("a region sells %v of %v", b, a)
	}
	holds(t, jiaxing, "嘉兴合计", "上海徐汇") // the front site is fed from there
	if !strings.Contains(jiaxing, `data-mk-row="XH"`) || strings.Contains(jiaxing, `data-mk-row="FS"`) {
		t.Error("the table is not of the region")
	}
	holds(t, buyer.get("/demand/"+shopCode(1), 200), "缺货还原")
	buyer.get("/demand/MR-000000", 404)
	history := buyer.part(path+"/history", 200)
	partial(t, history)
	holds(t, history, "记录")
	if to := buyer.get(path+"/history", 303); to != path {
		t.Errorf("without scripts the history leads to %s", to)
	}
	rows := buyer.book(path + "/days.xlsx")
	if len(rows) < shopDays+20 {
		t.Errorf("the workbook of days has %d rows", len(rows))
	}
	lead := s.desk(access.Lead).get(path, 200)
	holds(t, lead, "为什么是")
	if strings.Contains(lead, "/approve") || strings.Contains(lead, "edit=change") {
		t.Error("one who may not decide is asked to")
	}
	s.desk(access.Warehouse).get(path, 403)
	holds(t, s.english(access.Buyer).get(path, 200), "Why", "Stock by site", "Is this forecast any good?", "How the forecast comes about", "Pattern of the week")
}

// waiting gives a SKU with exactly the suggestion that a test decides on.
func (s *shop) waiting(t testing.TB) (code string, g replenishment.Suggestion) {
	t.Helper()
	for i := range shopGoods {
		all, err := s.Plan.Of(s.system(), s.sku[shopCode(i)])
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range all {
			if x.Kind == replenishment.Buy && x.State == replenishment.StateOpen {
				return shopCode(i), x
			}
		}
	}
	t.Fatal("nothing to buy")
	return "", g
}

func (s *shop) decisions(t *testing.T) {
	code, g := s.waiting(t)
	buyer := s.desk(access.Buyer)
	page, post := "/demand/"+code, "/demand/"+code+"/suggestions/"+strconv.FormatInt(int64(g.ID), 10)
	which := "s=" + strconv.FormatInt(int64(g.ID), 10)
	holds(t, buyer.part(page+"/why?edit=change&"+which, 200), "改数原因", "不改了")
	if form := buyer.part(page+"/why?edit=change&"+which, 200); strings.Contains(form, "data-mk-live") {
		t.Error("the card would draw itself again under the hands of who types in it")
	}
	if card := buyer.part(page+"/why?"+which, 200); !strings.Contains(card, `data-mk-live="suggestions"`) {
		t.Error("the card does not follow the house")
	}
	// What is wrong is said beside the field, and what was typed stays.
	bad := buyer.ask(post+"/change", 422, "pieces", "约 800", "reason", "预算", "s", strconv.FormatInt(int64(g.ID), 10))
	holds(t, bad, "数量要是 1 以上的整数")
	if !strings.Contains(bad, `value="约 800"`) || !strings.Contains(bad, `value="预算"`) {
		t.Error("what was typed is gone")
	}
	holds(t, buyer.ask(post+"/change", 422, "pieces", "４，０００", "reason", " "), "请写原因")
	holds(t, buyer.ask(post+"/reject", 422, "reason", ""), "请写原因")
	holds(t, buyer.post(post+"/reject", 422, "reason", ""), "请写原因", "回到商品页") // without scripts
	holds(t, buyer.ask(post+"/change", 200, "pieces", "４，０００", "reason", "预算", "s", strconv.FormatInt(int64(g.ID), 10)), "改为 4,000：预算", "批准 4,000 件")
	holds(t, buyer.ask(post+"/approve", 200), "已批准 4,000 件", "撤销")
	if d, err := s.Plan.Get(s.system(), g.ID); err != nil || d.State != replenishment.StateApproved || d.Quantity() != 4000 {
		t.Fatalf("the suggestion is %s at %d: %v", d.State, d.Quantity(), err)
	}
	holds(t, buyer.ask(post+"/approve", 409), "已经处理过了") // a second buyer comes too late
	buyer.ask(post+"/undo", 200)
	if to := buyer.post(post+"/reject", 303, "reason", "将换代"); to != page {
		t.Errorf("after the rejection: %s", to)
	}
	holds(t, buyer.part(page+"/history", 200), "驳回", "撤销", "批准", "改数", "4,000 · 预算", "将换代")
	// A suggestion of another SKU is not to be found here, and who may not decide is refused.
	other := shopCode(0)
	if other == code {
		other = shopCode(1)
	}
	buyer.ask("/demand/"+other+"/suggestions/"+strconv.FormatInt(int64(g.ID), 10)+"/approve", 404)
	buyer.ask(page+"/suggestions/999999/approve", 404)
	s.desk(access.Lead).ask(post+"/approve", 403)
	// With nothing left to decide the card says why, and what was decided last.
	all, err := s.Plan.List(s.system(), replenishops.Filter{View: "open", SKU: s.sku[code], Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range all.Lines {
		if _, err := s.Plan.Reject(s.system(), "测试", x.ID); err != nil {
			t.Fatal(err)
		}
	}
	holds(t, buyer.get(page, 200), "现在不用补货", "够卖", "驳回")
}

// ask sends a form as htmx does.
func (d *desk) ask(path string, status int, pairs ...string) string {
	d.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, d.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("HX-Request", "true")
	return d.send(r, status)
}

func (s *shop) runs(t *testing.T) {
	buyer, planner := s.desk(access.Buyer), s.desk(access.Planner)
	page := buyer.get("/runs", 200)
	holds(t, page, "预测准不准", "照抄上周", "增值", "平稳", "逐周", "F-1", "手动", "生效中", "完成", "建议重算", "新预测")
	lacks(t, page, "runs.", "现在预测")
	holds(t, buyer.get("/runs/forecast/1", 200), "预测运行 F-1", "全部序列都预测了")
	buyer.get("/runs/forecast/99", 404)
	holds(t, planner.get("/runs", 200), "现在预测", "重算建议")
	done := planner.part("/runs/forecast", 200)
	partial(t, done)
	holds(t, done, "预测完成：36 条序列", "看结果")
	holds(t, planner.part("/runs/plan", 200), "建议算完：12 个 SKU")
	if to := planner.get("/runs/plan", 303); to != "/runs" {
		t.Errorf("the bar alone leads to %s", to)
	}
	// A run under way cannot be started again; one that failed can be resumed.
	if _, err := s.pool.Exec(t.Context(), `insert into forecast.run (kind, state, origin, horizon, series, asked_at) values ('manual', 'queued', '2026-11-23', 35, 0, now())`); err != nil {
		t.Fatal(err)
	}
	holds(t, planner.post("/runs/forecast", 409), "F-2 正在跑", "看运行记录")
	bar := planner.part("/runs/forecast", 200)
	holds(t, bar, "预测排队中")
	if !strings.Contains(bar, `data-mk-live="forecast-run"`) || !strings.Contains(bar, `hx-get="/runs/forecast"`) {
		t.Error("the bar does not follow the run")
	}
	holds(t, buyer.get("/today", 200), "预测排队中")
	if _, err := s.pool.Exec(t.Context(), `update forecast.run set state = 'failed', error = 'the disk is full' where id = 2`); err != nil {
		t.Fatal(err)
	}
	holds(t, planner.part("/runs/forecast", 200), "预测没有跑完")
	holds(t, planner.get("/runs", 200), "失败", "接着跑")
	holds(t, planner.get("/runs/forecast/2", 200), "the disk is full", "接着跑")
	holds(t, planner.get("/today", 200), "的预测没有跑完", "处理")
	holds(t, planner.post("/runs/forecast/1/resume", 409), "只有没跑完的运行才能接着跑")
	buyer.post("/runs/forecast/2/resume", 403)
	if to := planner.post("/runs/forecast/2/resume", 303); to != "/runs" {
		t.Errorf("after the resumption: %s", to)
	}
	s.await("the resumed run", func() bool {
		d, err := s.Forecasts.Run(s.system(), 2)
		if err != nil || d.State == forecasting.RunFailed {
			t.Fatalf("the resumed run: %s, %v", d.Error, err)
		}
		return d.State == forecasting.RunPublished
	})
	s.idle()
	if to := planner.post("/runs/plan", 303); to != "/runs" {
		t.Errorf("after the start of a plan: %s", to)
	}
	s.idle()
}
