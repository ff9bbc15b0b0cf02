package supplier_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

func TestANewDraftFromTheFirstFormToTheSentOrder(t *testing.T) {
	h := open(t)
	b := h.as(h.zhoumin)
	status, page := b.post("/orders", url.Values{"note": {"急"}})
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, ">急<") {
		t.Error(status, "what was typed is gone")
	}
	says(t, page, "请选一家供应商", "请选收货仓")
	status, page = b.post("/orders", url.Values{"supplier": {"S-0107"}, "site": {"JX"}, "contract": {"HT-1"}, "payment": {"月结 30 天"}})
	if status != http.StatusOK {
		t.Fatal(status, words(page))
	}
	says(t, page, "FO-2611-0001 草稿", "还没有商品", "HT-1", "建了草稿")
	here := "/orders/FO-2611-0001"
	_, page = b.part("/orders/new?supplier=S-0107", "drafts")
	says(t, page, "这家供应商已有 1 张草稿", "FO-2611-0001 嘉兴区域仓")

	// Goods: a search of what the supplier makes, the terms of the chosen ones, what is wrong with the numbers.
	_, page = b.part(here+"/lines/new?q=牙胶", "goods-found")
	says(t, page, "小雪糕牙胶 粉", "MR-204817-B", "牙胶收纳盒")
	if strings.Contains(page, "咬咬袋") {
		t.Error("the search finds everything")
	}
	_, page = b.part(here+"/lines/new?q=不存在的", "goods-found")
	says(t, page, "这家供应商没有符合的商品")
	_, page = b.part(here+"/lines/new?sku=MR-204817-P", "drawer")
	says(t, page, "起订量 1,200 件", "10 ± 1.0 天", "日产能 600 件")
	line := url.Values{"sku": {"MR-204817-P"}, "pieces": {"四千"}, "due": {"2020-01-01"}}
	status, page = b.post(here+"/lines/new", line)
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, `value="四千"`) {
		t.Error(status)
	}
	line.Set("pieces", "4,000")
	status, page = b.post(here+"/lines/new", line)
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	says(t, page, "日期已过或太远")
	line.Set("due", "2026-11-25")
	_, page = b.post(here+"/lines/new", line)
	says(t, page, "不是整包 60：可改 3,960 或 4,020", "比通常交期早，最早约 11-30", "日产能 600，要做 7 天，最早 11-27", "51,200.00", "加了一行", "第 1 行 小雪糕牙胶 粉 · 4,000 件")
	b.post(here+"/lines/new", url.Values{"sku": {"MR-204833"}, "pieces": {"1000"}, "due": {"2026-12-10"}})

	// The table: a price needs a reason, and what was typed stays; a stale form is told.
	_, page = b.get(here)
	rev := revisionOf(t, page)
	form := url.Values{"revision": {rev}, "pieces-1": {"4,020"}, "price-1": {"12.80"}, "due-1": {"2026-12-05"}, "pieces-2": {"1,200"}, "price-2": {"8.50"}, "due-2": {"2026-12-10"}}
	status, page = b.post(here+"/lines", form)
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, `value="8.50"`) {
		t.Error(status)
	}
	says(t, page, "请写原因，日后好查", "51,456.00") // the first line is saved
	status, page = b.post(here+"/lines", form)
	if status != http.StatusConflict {
		t.Error(status)
	}
	says(t, page, "刚有人改过这张单")
	_, page = b.get(here)
	form.Set("revision", revisionOf(t, page))
	form.Set("reason", "量大")
	form.Set("then", "send")
	status, page = b.post(here+"/lines", form)
	if status != http.StatusOK || !strings.Contains(page, here+"/send") {
		t.Error(status, "saving and sending does not open the sending")
	}
	says(t, page, "10,200.00", "单价 8.90 → 8.50")

	h.sendMovedPrices(b, here)
}

// sendMovedPrices changes the terms under the draft, so that its prices are not theirs any more, and sends it.
func (h *house) sendMovedPrices(b *visitor, here string) {
	t := h.t
	t.Helper()
	if _, err := h.pool.Exec(t.Context(), `update catalog.term set breaks = '[{"from": 1, "price": 1310}]' where sku_id = $1`, h.skus[0]); err != nil {
		t.Fatal(err)
	}
	_, page := b.part(here+"/send", "drawer")
	says(t, page, "发第 1 版", "件 5,220", "¥61,656.00", "1 行单价和条件不一样", "12.80 13.10", "按条件里的新价发")
	form := url.Values{"reply": {"2026-11-19T18:00"}, "prices": {"keep"}}
	status, page := b.post(here+"/send", form)
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	says(t, page, "答复期限要晚于现在")
	form.Set("reply", "2026-11-24T18:00")
	form.Del("prices")
	status, page = b.post(here+"/send", form)
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	says(t, page, "请选按哪个价发")
	form.Set("prices", "terms")
	_, page = b.post(here+"/send", form)
	says(t, page, "第 1 版已发给温岭贝栗婴童用品厂，请 11-24 18:00 前答复", "13.10", "发给供应商", "第 1 版 · 5,220 件 · ¥62,862.00 · 11-24 18:00 前答复")
	// A change after sending waits for the next version and can be discarded.
	form = url.Values{"pieces": {"6,000"}, "price": {"13.10"}, "due": {"2026-12-05"}, "tax": {"13"}}
	status, page = b.post(here+"/lines/1", form)
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	says(t, page, "请写原因", "改动会等到第 2 版一起发给供应商")
	form.Set("reason", "热度又涨")
	_, page = b.post(here+"/lines/1", form)
	says(t, page, "有改动还没发给供应商，发出后是第 2 版", "原来 4,020 6,000", "热度又涨")
	_, page = b.post(here+"/discard", nil)
	says(t, page, "改动已撤回，回到第 1 版")
	status, page = b.post(here+"/cancel", nil)
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	_, page = b.post(here+"/cancel", url.Values{"reason": {"不做了"}})
	says(t, page, "FO-2611-0001 已取消。", "订单已取消：不做了")
	status, page = b.post(here+"/send", url.Values{"reason": {"x"}})
	if status != http.StatusConflict {
		t.Error(status)
	}
	says(t, page, "FO-2611-0001 的货已经在路上，或订单已结束，不能再发新版")
}

func TestTheListOfOrders(t *testing.T) {
	h := open(t)
	o := h.story()
	h.pass(42 * time.Hour)
	replies := []c2m.Reply{{Line: 1, Batches: []c2m.ReplyBatch{{Pieces: ptr(quantity.Pieces(5))}}}}
	if _, _, _, err := h.ops.AnswerOnline(h.buyer, o.ID, 1, replies); err != nil {
		t.Fatal(err)
	}
	for i := range 60 {
		n := c2mops.NewOrder{Supplier: h.supplier, ShipTo: h.site, Lines: []c2mops.NewLine{{SKU: h.skus[i%4], Pieces: quantity.Pieces(1200 + i)}}}
		if i%2 == 1 {
			n.ShipTo = h.far
		}
		d, err := h.ops.CreateDraft(h.buyer, n)
		if err != nil {
			t.Fatal(err)
		}
		if i == 59 {
			if _, err := h.ops.Send(h.buyer, d.ID, c2mops.Sending{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.pass(4 * 24 * time.Hour) // the answer to the sent one is overdue
	b := h.as(h.zhoumin)
	_, page := b.get("/orders")
	says(t, page, "全部 61", "待决定 1", "草稿 59", "已发 1", "已答复 1", "延误 1", "61 单", "1–50 / 61", "牙胶收纳盒")
	next := strings.ReplaceAll(regexp.MustCompile(`href="(/orders\?after=[^"]+)"`).FindStringSubmatch(page)[1], "&amp;", "&")
	_, page = b.get(next)
	says(t, page, "51–61 / 61", o.Number, "4 行 · 小雪糕牙胶 粉", "5 处不同")
	numbers := regexp.MustCompile(`data-mk-row="(FO-[0-9-]+)"`)
	if got := len(numbers.FindAllString(page, -1)); got != 11 {
		t.Errorf("the second page holds %d", got)
	}
	for query, want := range map[string]int{
		"?state=draft&site=FS": 29, "?state=waiting": 1, "?state=late": 1, "?state=sent": 1, "?state=over": 0, "?q=果蔬": 16, "?q=" + o.Number: 1, "?supplier=S-0203": 0,
		"?supplier=" + fmt.Sprint(h.supplier) + "&state=answered": 1, "?mine=1&state=answered": 1, "?q=没有的": 0, "?sku=" + fmt.Sprint(h.skus[0]): 16, "?state=nonsense&site=JX": 31,
	} {
		_, page := b.get("/orders" + query)
		if got := len(numbers.FindAllString(page, -1)); got != want {
			t.Errorf("%s: %d orders, want %d", query, got, want)
		}
	}
	_, page = b.get("/orders?sort=-amount&state=draft")
	if first := numbers.FindStringSubmatch(page)[1]; first != "FO-2611-0059" { // 1,257 pieces at 12.80
		t.Errorf("the dearest is %s", first)
	}
	_, page = b.part("/orders?q=果蔬&sort=due", "order-list")
	if strings.Contains(page, "<html") || !strings.Contains(page, "sort=due") {
		t.Errorf("the part: %.300s", page)
	}
	if status, _ := b.get("/orders?after=1~x"); status != http.StatusNotFound {
		t.Errorf("a place that was not given: %d", status)
	}
	book := cellsOf(t, b.workbook("/orders.xlsx?state=draft"), "工厂订单")
	if n := strings.Count(book, "草稿"); n != 59 || !strings.Contains(book, "含税金额（元）") {
		t.Errorf("%d drafts in the workbook:\n%.600s", n, book)
	}
	// Those who may only look see no verbs, and the verbs are closed to them.
	lead := h.as(h.lead)
	_, page = lead.get("/orders")
	if strings.Contains(page, "/orders/new") {
		t.Error("the lead is offered a new order")
	}
	_, page = lead.get("/orders/" + o.Number)
	if text := words(page); strings.Contains(text, "全部接受") || strings.Contains(text, "还价…") || !strings.Contains(text, "等采购决定") {
		t.Errorf("%.2000s", text)
	}
	if status, _ := lead.post("/orders/"+o.Number+"/accept", nil); status != http.StatusForbidden {
		t.Errorf("the lead accepts: %d", status)
	}
}

func TestAddressesOfAnOrder(t *testing.T) {
	h := open(t)
	o := h.story()
	b := h.as(h.zhoumin)
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for path, want := range map[string]string{
		"/orders/" + fmt.Sprint(int64(o.ID)):                 "/orders/" + o.Number,
		"/orders/fo26110001":                                 "/orders/" + o.Number,
		"/orders/" + o.Number + "/send":                      "/orders/" + o.Number + "?open=send",
		"/orders/" + o.Number + "/lines/2":                   "/orders/" + o.Number + "?open=lines%2F2",
		"/orders/" + o.Number + "/lines/2/promise?from=mail": "/orders/" + o.Number + "?open=lines%2F2%2Fpromise",
	} {
		r := b.request(http.MethodGet, path, nil)
		r.Header.Set("Accept", "text/html")
		res, err := b.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if got := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || got != want {
			t.Errorf("%s: %d to %q, want %q", path, res.StatusCode, got, want)
		}
	}
	for _, path := range []string{"/orders/999", "/orders/FO-2611-0999", "/orders/nonsense", "/orders/" + o.Number + "/lines/9", "/orders/" + o.Number + "/lines/x", "/orders/files/999",
		"/orders/" + o.Number + "/news?seen=x"} {
		if status, page := b.get(path); status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, status, words(page))
		}
	}
	// What stands in the address is never taken for a part of the page that it is not.
	_, page := b.get("/orders/" + o.Number + "?open=../../evil")
	if strings.Contains(page, `hx-trigger="load"`) {
		t.Error("the page asks for what the address says")
	}
	_, page = b.part("/orders/"+o.Number+"/news?seen=0", "")
	says(t, page, "周敏刚改了这张单，现在是“已发”", "看最新")
	_, page = b.part("/orders/"+o.Number+"/news?seen=999", "")
	if strings.TrimSpace(page) != "" {
		t.Errorf("news where there are none: %q", page)
	}
}

func TestAnsweredOtherwise(t *testing.T) {
	h := open(t)
	o := h.story()
	s, b := h.as(h.beili), h.as(h.zhoumin)
	here := "/orders/" + o.Number
	// Line 1 with less than whole packs, line 2 silent, goods of another kind offered.
	if _, err := h.pool.Exec(t.Context(), `update catalog.sku set name_zh = '牙胶礼盒' where id = $1`, h.skus[3]); err != nil {
		t.Fatal(err)
	}
	csv := "订单号,行号,SKU,答复数量,确认交期,答复单价\n" + o.Number + ",1,,2390,,\n" + o.Number + ",3,,2400,,\n" + o.Number + ",4,,1200,,\n" + o.Number + ",,MR-204817-X,60,2026-12-02,9.9\n"
	var extra catalog.SKUID
	h.scan(&extra, `insert into catalog.sku (code, name_zh, category_id, carton_pieces, price_fen, search) select 'MR-204817-X', '小雪糕牙胶 绿', category_id, 60, 2990, '{}' from catalog.sku where id = $1 returning id`, h.skus[0])
	_, page := s.upload("/portal/upload", "答复.csv", []byte(csv), nil)
	says(t, page, "订单答复已收下，共 4 行")
	_, page = b.get(here)
	says(t, page, "没有答复", "另外报的货", "小雪糕牙胶 绿", "不要了", "收下", "再要…", "−10")
	_, page = b.post(here+"/accept", nil)
	says(t, page, "2、另外报的货 没有答复或是另外报的货，请逐行决定")
	status, page := b.post(here+"/accept", nil)
	if status != http.StatusConflict {
		t.Error(status)
	}
	says(t, page, "2、另外报的货 没有答复或是另外报的货，请逐行决定")
	_, page = b.post(here+"/accept", url.Values{"line": {"2"}})
	says(t, page, "0 −1,800", "收下")
	_, page = b.part(here+"/lines/-1/counter", "drawer")
	says(t, page, "另外报：60 件，12-02 到，单价 9.90")
	_, page = b.post(here+"/lines/-1/counter", url.Values{"kind": {"unknown"}, "reason": {"不卖绿色"}})
	says(t, page, "已确认", "部分确认")
	_, page = b.part(here+"/lines/1/promise", "drawer")
	says(t, page, "改约定的交期", "不能少于已在途或已到的 0 件")
	form := url.Values{"pieces-1": {"2,390"}, "due-1": {"2026-12-04"}}
	status, page = b.post(here+"/lines/1/promise", form)
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	says(t, page, "请写原因")
	form.Set("reason", "电话里谈妥")
	_, page = b.post(here+"/lines/1/promise", form)
	says(t, page, "12-04 晚 2 天", "改了约定的交期", "2,390 12-02 → 2,390 12-04", "电话里谈妥")
}

func ptr[T any](v T) *T { return &v }
