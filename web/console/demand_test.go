package console_test

import (
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
)

var (
	rowCode  = regexp.MustCompile(`data-mk-row="(MR-\d+)"`)
	nextPage = regexp.MustCompile(`href="([^"]+)" rel="next"`)
)

// codes gives the SKUs of a list in their order.
func codes(page string) []string {
	var out []string
	for _, m := range rowCode.FindAllStringSubmatch(page, -1) {
		out = append(out, m[1])
	}
	return out
}

func (s *shop) demand(t *testing.T) {
	buyer := s.desk(access.Buyer)
	page := buyer.get("/demand", 200)
	holds(t, page, "12 个 SKU", "近 28 天销量", "未来 28 天", "牙胶 0", "平稳", "×")
	lacks(t, page, "demand.", "status.")
	all := codes(page)
	if len(all) != shopGoods || all[0] != shopCode(shopGoods-1) { // the goods sell the more the higher their number
		t.Errorf("sorted by sales: %v", all)
	}
	up := codes(buyer.get("/demand?sort=sold", 200))
	slices.Reverse(up)
	if !slices.Equal(all, up) {
		t.Errorf("turned around: %v against %v", up, all)
	}
	for _, sort := range []string{"forecast", "-forecast", "growth", "-growth", "heat", "-heat", "sold_out", "-sold_out", "nonsense"} {
		if got := codes(buyer.get("/demand?sort="+sort, 200)); len(got) != shopGoods {
			t.Errorf("sort %s: %d rows", sort, len(got))
		}
	}
	if got := codes(buyer.get("/demand?sort=-sold_out", 200)); got[0] != shopCode(1) {
		t.Errorf("the one that was sold out is not first: %v", got)
	}
	for query, want := range map[string]int{"q=%E7%9D%A1%E8%A2%8B": 4, "topic=teething": 8, "topic=rash&q=" + shopCode(2): 1, "class=dead": 0, "class=nonsense": shopGoods, "category=1": 8, "category=4": 4, "category=99": shopGoods, "site=XH": shopGoods} {
		page := buyer.part("/demand?"+query, 200)
		if got := codes(page); len(got) != want {
			t.Errorf("%s: %d rows, want %d", query, len(got), want)
		}
		if want == 0 {
			holds(t, page, "没有符合条件的商品", "清除筛选")
		}
	}
	holds(t, buyer.get("/demand?topic=teething&class=smooth", 200), "话题 出牙", "全部去掉")
	buyer.get("/demand?after=1~sold_x_y", 422)
	buyer.get("/demand?after=nonsense", 200)
	rows := buyer.book("/demand.xlsx?topic=teething")
	if len(rows) < 9 || !slices.Contains(rows[len(rows)-1], "牙胶") {
		t.Errorf("the workbook has %d rows, the last %v", len(rows), rows[len(rows)-1])
	}
	s.desk(access.Warehouse).get("/demand", 403)
}

func TestDemandPagesLeadForthAndBack(t *testing.T) {
	s := openShop(t)
	// A list of 120 rows, without the work of forecasting them.
	for _, sql := range []string{
		`insert into catalog.sku (code, name_zh, category_id, search) select 'MR-9' || lpad(g::text, 5, '0'), '货 ' || g, 2, '{货}' from generate_series(1, 120) g`,
		`insert into forecast.run (kind, state, origin, horizon, asked_at, published_at) values ('manual', 'published', '2026-11-23', 35, now(), now())`,
		`insert into forecast.current (run_id, switched_at) values (1, now())`,
		`create table forecast.sku_stat_1 partition of forecast.sku_stat for values in (1)`,
		`insert into forecast.sku_stat select 1, 0, id, category_id, 1, 'smooth', id % 7, 1, 0, 1, 1, 0 from catalog.sku where code like 'MR-9%'`,
	} {
		if _, err := s.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	buyer := s.desk(access.Buyer)
	var seenCodes, pages []string
	path := "/demand"
	for len(pages) < 10 {
		page := buyer.get(path, 200)
		pages = append(pages, page)
		seenCodes = append(seenCodes, codes(page)...)
		next := nextPage.FindStringSubmatch(page)
		if next == nil {
			break
		}
		path = html.UnescapeString(next[1])
	}
	if len(pages) != 3 || len(seenCodes) != 120 {
		t.Fatalf("%d pages with %d rows", len(pages), len(seenCodes))
	}
	slices.Sort(seenCodes)
	if len(slices.Compact(seenCodes)) != 120 {
		t.Error("a row comes twice")
	}
	holds(t, pages[2], "101–120 / 120")
	back := regexp.MustCompile(`href="([^"]+)" rel="prev"`).FindStringSubmatch(pages[2])
	if back == nil {
		t.Fatal("no way back")
	}
	if got := codes(buyer.get(html.UnescapeString(back[1]), 200)); !slices.Equal(got, codes(pages[1])) {
		t.Errorf("the way back leads to %v", got)
	}
	if strings.Contains(pages[0], `rel="prev"`) {
		t.Error("there is a page before the first")
	}
}

func (s *shop) stock(t *testing.T) {
	buyer := s.desk(access.Buyer)
	page := buyer.get("/stock", 200)
	holds(t, page, "件 · 成本 ¥", "断货", "偏低", "牙胶 0", "在手对水位")
	lacks(t, page, "stock.", "status.")
	all := codes(page)
	if len(all) != shopGoods || all[0] != shopCode(shopGoods-1) { // nothing is left of the last one
		t.Errorf("the most urgent first: %v", all)
	}
	sum := 0
	for rank := range 5 {
		page := buyer.get("/stock?rank="+strconv.Itoa(rank), 200)
		sum += len(codes(page))
	}
	if sum != shopGoods {
		t.Errorf("%d rows in all ranks", sum)
	}
	for query, want := range map[string]int{"category=1": 8, "category=3": 4, "category=1&site=JX": 8, "q=%E7%9D%A1%E8%A2%8B&sort=-value": 4, "rank=9": shopGoods, "rank=x": shopGoods, "site=nowhere": shopGoods, "sort=-per_day&site=JX": shopGoods} {
		if got := codes(buyer.part("/stock?"+query, 200)); len(got) != want {
			t.Errorf("%s: %d rows, want %d", query, len(got), want)
		}
	}
	buyer.get("/stock?after=1~cover_1_2", 422)
	if to := buyer.get("/stock/"+shopCode(0), 303); to != "/stock?open="+shopCode(0) {
		t.Errorf("without scripts the drawer leads to %s", to)
	}
	drawer := buyer.part("/stock/"+shopCode(0), 200)
	holds(t, drawer, "牙胶 0", "嘉兴区域仓", "L2600", "A01-01", "2026-12-23", "剩 6%", "在手 20", "保质期 540 天")
	holds(t, buyer.part("/stock/"+shopCode(shopGoods-1), 200), "睡袋 11", "断货")
	buyer.part("/stock/MR-000000", 404)
	hands := s.desk(access.Warehouse).part("/stock/"+shopCode(0), 200)
	holds(t, hands, "L2600")
	lacks(t, hands, "看需求与预测")
	if page := buyer.get("/stock?open=%22%3E%3Cscript%3E", 200); strings.Contains(page, "<script>&") || strings.Contains(page, "/stock/\"") {
		t.Error("the address gets into the page")
	}
	rows := buyer.book("/stock.xlsx")
	if len(rows) < shopGoods+1 {
		t.Errorf("the workbook has %d rows", len(rows))
	}
}

func (s *shop) topics(t *testing.T) {
	buyer := s.desk(access.Buyer)
	page := buyer.get("/demand/topics", 200)
	holds(t, page, "需求话题 1", "投诉话题 1", "出牙", "小红书", "11-19 起突增", "质量预警：“红屁屁”投诉")
	lacks(t, page, "topics.", "today.")
	holds(t, buyer.get("/demand/topics?kind=complaint&sort=name", 200), "红屁屁")
	one := buyer.get("/demand/topics/teething", 200)
	holds(t, one, "出牙", "两年热度", "正在突增", "11-19 起", "涉及的商品", "牙胶 0", "看过之后的处理", "热度怎样变成销量")
	buyer.get("/demand/topics/nonsense", 404)
	long := buyer.post("/demand/topics/rash/seen", 422, "remark", strings.Repeat("看", 501))
	holds(t, long, "太长了，500 个字以内")
	if !strings.Contains(long, strings.Repeat("看", 501)) {
		t.Error("what was typed is gone")
	}
	if to := buyer.post("/demand/topics/rash/seen", 303, "remark", "已联系供应商"); to != "/demand/topics/rash" {
		t.Errorf("after the note: %s", to)
	}
	holds(t, buyer.get("/demand/topics/rash", 200), "周敏", "已看", "已联系供应商")
	holds(t, buyer.get("/demand/topics", 200), "质量预警“红屁屁”", "已看")
	lacks(t, buyer.get("/today", 200), "“红屁屁”投诉突增") // what is noted no longer waits
	if _, err := s.pool.Exec(t.Context(), `update forecast.spike set state = 'ended', ended_at = now() where topic_id = $1`, catalog.TopicID(2)); err != nil {
		t.Fatal(err)
	}
	holds(t, buyer.post("/demand/topics/rash/seen", 409, "remark", "x"), "已经结束")
}
