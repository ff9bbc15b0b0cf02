package console_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"milkrun/internal/access"
	"milkrun/replenishment/replenishops"
)

func TestAnEmptyHouseSaysWhatComesNext(t *testing.T) {
	s := openShop(t)
	buyer, planner, warehouse := s.desk(access.Buyer), s.desk(access.Planner), s.desk(access.Warehouse)
	holds(t, buyer.get("/today", 200), "还没有销量", "去导入", "还没有热度数据", "还没有算水位", "没有等你决定的事")
	holds(t, buyer.get("/demand", 200), "还没有预测", "去导入")
	holds(t, buyer.get("/stock", 200), "还没有算水位", "去导入")
	holds(t, buyer.get("/runs", 200), "还没有跑过预测", "还没有算过建议", "还没有可比的预测")
	holds(t, buyer.get("/demand/topics", 200), "还没有热度数据")
	holds(t, buyer.get("/demand/"+shopCode(0), 200), "还没有销量", "现在不用补货", "没有库存也没有需求")
	holds(t, warehouse.get("/today", 200), "还没有算水位")
	lacks(t, warehouse.get("/today", 200), "还没有销量", "话题热度")
	// Without sales there is nothing to forecast: the answer says so and leads to the import.
	holds(t, planner.post("/runs/forecast", 409), "还没有销量", "去导入销量")
	buyer.post("/runs/forecast", 403)
	holds(t, planner.part("/runs/forecast", 200), "没有任务在跑")
	s.sell()
	holds(t, planner.get("/today", 200), "有销量，还没有预测", "现在预测")
	lacks(t, buyer.get("/today", 200), "现在预测")
	holds(t, s.english(access.Buyer).get("/today", 200), "There are sales but no forecast", "Hot topics", "Waiting for you")
}

// TestOverview shows one small house on all its pages of overview.
func TestOverview(t *testing.T) {
	s := openShop(t)
	s.sell()
	s.store()
	s.forecast()
	t.Run("today", s.today)
	t.Run("demand", s.demand)
	t.Run("sku", s.skuPage)
	t.Run("topics", s.topics)
	t.Run("stock", s.stock)
	t.Run("runs", s.runs)
	t.Run("search", s.search)
	t.Run("bounds", s.bounds)
	t.Run("workbench", s.workbench)
	t.Run("decisions", s.decisions) // changes what the others read
}

func (s *shop) today(t *testing.T) {
	buyer := s.desk(access.Buyer)
	page := buyer.get("/today", 200)
	whole(t, page)
	waiting, err := s.Plan.List(s.system(), replenishops.Filter{View: "open", Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, x := range waiting.Tallies {
		n += x.Count
	}
	if n == 0 {
		t.Fatal("the plan suggests nothing: the test would prove little")
	}
	holds(t, page, "周敏", "11 月 23 日 周一", "距双12还有 19 天", "昨日销量 "+strconv.Itoa(s.sold)+" 件", "热度 1 个话题突增", "1 个质量预警", "七天误差", strconv.Itoa(n)+" 条待审",
		"0 单在制", "有货率", "话题热度", "出牙", "小红书", "可售天数", "喂养", "寝居", "嘉兴区域", "等你决定", "“红屁屁”投诉突增")
	for _, want := range []string{`id="house-chart"`, `"mean":[`, `href="/demand/topics/rash"`, `href="/demand/topics/teething"`, `href="/stock?site=JX&amp;category=`, `data-mk-live="heat suggestions orders"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	lacks(t, page, "today.", "demand.", "status.") // words that are not written show their id
	for _, path := range []string{"/today/line", "/today/todo"} {
		partial(t, buyer.part(path, 200))
	}
	// The chart of one category says so and sums less.
	one := buyer.get("/today?category=3", 200)
	if !strings.Contains(one, `aria-current="true"`) || one == page {
		t.Error("the chart of one category is that of all")
	}
	holds(t, s.desk(access.Warehouse).get("/today", 200), "库存", "到货", "可售天数", "库存状态")
	lacks(t, s.desk(access.Warehouse).get("/today", 200), "话题热度", "待审", "七天误差")
	english := s.english(access.Planner).get("/today", 200)
	holds(t, english, "23 Nov", "Double 12 in 19 days", "to review", "Days of cover", "“Rash”: complaints leap")
	s.desk(access.Courier).get("/today", 403)
}

// bounds: a user of one site sees that site alone, and so does who has picked one.
func (s *shop) bounds(t *testing.T) {
	lead := s.deskOf(100)
	page := lead.get("/today", 200)
	holds(t, page, "嘉兴区域")
	if strings.Contains(page, `title="佛山区域"`) {
		t.Error("a user of one site sees another")
	}
	holds(t, lead.get("/demand", 200), "嘉兴区域仓")
	lead.get("/stock?site=FS", 200) // a site that is not theirs is not known to them: their own is shown
	holds(t, lead.get("/stock?site=FS", 200), "嘉兴区域仓")
	buyer := s.desk(access.Buyer)
	buyer.post("/preferences", 303, "site", "XH", "back", "/today")
	holds(t, buyer.get("/today", 200), "上海徐汇")
	if page := buyer.get("/today", 200); strings.Contains(page, `title="佛山区域"`) {
		t.Error("another site than the picked one is shown")
	}
	holds(t, buyer.get("/demand", 200), "12 个 SKU · 上海徐汇前置仓")
	holds(t, buyer.get("/demand?site=", 200), "12 个 SKU · 从 11-23 起的预测")
	page = buyer.get("/demand/"+shopCode(0), 200)
	holds(t, page, "上海徐汇")
	lacks(t, page, "佛山 ")
}

func (s *shop) search(t *testing.T) {
	buyer := s.desk(access.Buyer)
	box := buyer.box("牙胶")
	partial(t, box)
	holds(t, box, "商品", "牙胶 0", shopCode(0), "看“牙胶”的全部结果")
	page := buyer.get("/search?q=%E7%89%99%E8%83%B6", 200)
	whole(t, page)
	holds(t, page, "牙胶 0", "牙胶 10")
	holds(t, buyer.box("出牙"), "话题", "出牙", "8 个 SKU")
	holds(t, buyer.box("贝栗"), "供应商", "S-0113")
	holds(t, buyer.box("没有这东西"), "没有找到“没有这东西”")
	if got := buyer.box("  "); strings.TrimSpace(got) != "" {
		t.Errorf("blanks find %q", got)
	}
	holds(t, buyer.get("/search", 200), "想找什么？")
	hands := s.desk(access.Warehouse).box(shopCode(3))
	if !strings.Contains(hands, "/stock?open="+shopCode(3)) || strings.Contains(hands, "/demand/") {
		t.Errorf("the warehouse is led where it may not go: %s", hands)
	}
	buyer.get("/search?q="+strings.Repeat("%E7%89%99", 500), 200)
	buyer.get("/search?q=%00%ff'%25", 200)
}

// box is the list under the search field.
func (d *desk) box(text string) string {
	d.t.Helper()
	r, err := http.NewRequest(http.MethodGet, d.base+"/search", nil)
	if err != nil {
		d.t.Fatal(err)
	}
	q := r.URL.Query()
	q.Set("q", text)
	r.URL.RawQuery = q.Encode()
	r.Header.Set("HX-Request", "true")
	r.Header.Set("HX-Target", "search-results")
	return d.send(r, 200)
}

// book reads the first sheet of a workbook that the address gives.
func (d *desk) book(path string) [][]string {
	d.t.Helper()
	f, err := excelize.OpenReader(strings.NewReader(d.get(path, 200)))
	if err != nil {
		d.t.Fatalf("%s: %v", path, err)
	}
	defer f.Close()
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		d.t.Fatal(err)
	}
	return rows
}
