package supplier_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/access"
	"milkrun/internal/quantity"
)

// workbook downloads a sheet as a visitor.
func (v *visitor) workbook(path string) []byte {
	v.t.Helper()
	status, body := v.get(path)
	if status != http.StatusOK || !strings.HasPrefix(body, "PK") {
		v.t.Fatalf("%s: %d, %.40q", path, status, body)
	}
	return []byte(body)
}

func TestTheSheetGoesOutAndComesBack(t *testing.T) {
	h := open(t)
	o := h.story()
	s := h.as(h.beili)
	status, page := s.get("/portal")
	if status != http.StatusOK {
		t.Fatal(status)
	}
	says(t, page, "1 单请您答复", o.Number, "剩 2 天 1 小时", "12-02 到嘉兴区域仓 · 7,800 件 · ¥80,520.00", "11-22 18:00 前", "把填好的表拖到这里", "还没有传过表", "W48")
	sheet := s.workbook("/portal/orders/" + o.Number + "/sheet")
	h.pass(42 * time.Hour)

	// A bad sheet: every bad row is named with cell, reason and remedy, and nothing is taken.
	bad := storyCells()
	bad["O11"], bad["N13"] = "2026-02-30", "约 800"
	status, page = s.upload("/portal/upload", `C:\表\答复.xlsx`, filled(t, sheet, "采购单", bad), nil)
	if status != http.StatusOK {
		t.Fatal(status, words(page))
	}
	says(t, page, "订单答复没有收下：2 行有错", "第 11 行", "采购单 O11", "确认交期：没有 2026-02-30 这一天", "第 13 行", "“约 800”", "带批注的表", "改好后再传")
	annotated := regexp.MustCompile(`/portal/files/\d+`).FindString(page)
	if copied := cellsOf(t, s.workbook(annotated), "采购单"); !strings.Contains(copied, "2026-02-30") || !strings.Contains(copied, "检查月和日") {
		t.Errorf("the annotated copy says %.400s", copied)
	}
	if d, err := h.ops.Detail(h.buyer, o.ID); err != nil || d.Order.State != c2m.StateSent || d.Order.Answer != nil {
		t.Errorf("%v, %+v", err, d.Order)
	}
	_, page = s.get("/portal")
	says(t, page, "上次上传 2 行有错", "答复.xlsx")

	// The good one, told by its content; a second time it is said to be the same.
	good := filled(t, sheet, "采购单", storyCells())
	_, page = s.upload("/portal/upload", "答复_v1.xlsx", good, nil)
	says(t, page, "订单答复已收下，共 4 行", o.Number+" 等采购决定", "3 行和订单不同，等采购决定")
	_, page = s.upload("/portal/upload", "答复_v1.xlsx", good, nil)
	says(t, page, "没有重复生效，什么都没有改")
	_, page = s.get("/portal/orders/" + o.Number)
	says(t, page, "答复已收到，3 行和订单不同", "您答 1,200 + 600 12-02 / 12-09 ¥12.80", "改答复")
	_, page = s.get("/portal")
	says(t, page, "1 单等采购", "4 处不同", "现在没有要您做的事")
}

func TestTheBuyerDecidesAndTheSupplierDelivers(t *testing.T) {
	h := open(t)
	o := h.story()
	here := "/orders/" + o.Number
	s, b := h.as(h.beili), h.as(h.zhoumin)
	old := s.workbook("/portal" + here + "/sheet")
	h.pass(42 * time.Hour)
	s.upload("/portal/upload", "答复.xlsx", filled(t, old, "采购单", storyCells()), nil)

	status, page := b.get(here)
	if status != http.StatusOK {
		t.Fatal(status)
	}
	says(t, page, "我们要的，他们答的", "4 行，3 行不同", "1,200 + 600 分 2 批", "600 件晚 7 天", "晚 3 天", "9.20 +0.30", "0 −1,200", "蓝色母料 12-05 到", "成本上涨：网兜涨价，丝印排期",
		"照答复走，货几时到", "缺料，12-20 后可供", "小雪糕牙胶 蓝 12-07 至 12-08 约缺 340 件，少卖 ¥10,166", "可调 420 件 小雪糕牙胶 蓝补缺口", "单价 +3.4%", "全部接受", "答复原表", "80,520.00 75,840.00")
	_, only := b.get(here + "?only=diff")
	if text := words(only); strings.Contains(text, "MR-204817-P") || !strings.Contains(text, "MR-204817-B") || !strings.Contains(text, "看全部") {
		t.Errorf("only the differences: %.3000s", text)
	}
	answer := regexp.MustCompile(`/orders/files/\d+`).FindString(page)
	if got := b.workbook(answer); len(got) == 0 {
		t.Error("the answer as it came")
	}
	// One line is accepted, one countered without a reason, then with one.
	rev := revisionOf(t, page)
	if status, page = b.post(here+"/accept", url.Values{"line": {"2"}, "revision": {rev}}); status != http.StatusOK {
		t.Fatal(status, words(page))
	}
	says(t, page, "已接受")
	status, page = b.post(here+"/accept", url.Values{"line": {"4"}, "revision": {rev}})
	if status != http.StatusConflict {
		t.Error(status)
	}
	says(t, page, "刚有人改过这张单，你的改动没有存", "看最新")
	counter := url.Values{"kind": {"price"}, "pieces": {"2,400"}, "due": {"2026-12-03"}, "price": {"9.00"}}
	status, page = b.post(here+"/lines/3/counter", counter)
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, `value="9.00"`) {
		t.Error(status, "what was typed is gone")
	}
	says(t, page, "请写原因")
	counter.Set("reason", "涨幅太大")
	if status, page = b.post(here+"/lines/3/counter", counter); status != http.StatusOK {
		t.Fatal(status, words(page))
	}
	_, page = b.post(here+"/accept", nil)
	says(t, page, "已接受。还价的行要发第 2 版给供应商", "有改动还没发给供应商，发出后是第 2 版", "原来 8.90 9.00 9.20 +0.30", "小雪糕牙胶 蓝 MR-204817-B 1,800 1,200 + 600 分 2 批 12-02 12-02 / 12-09 600 件晚 7 天 12.80 12.80 蓝色母料 12-05 到 已接受")
	_, page = b.part(here+"/diff", "drawer")
	says(t, page, "单价 原来 8.90 9.00")
	status, page = b.post(here+"/send", url.Values{"reply": {"2026-11-24T18:00"}})
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	says(t, page, "请写原因")
	_, page = b.post(here+"/send", url.Values{"reply": {"2026-11-24T18:00"}, "reason": {"还价"}})
	says(t, page, "第 2 版已发给温岭贝栗婴童用品厂，请 11-24 18:00 前答复")

	// The supplier sees what changed; the sheet of the first version is refused with what to do.
	_, page = s.get("/portal" + here)
	says(t, page, "第 2 版改了什么", "还价", "第 3 行 果蔬咬咬袋：单价 8.90 → 9.00、要求到货 12-03 → 12-06") // the accepted day came along
	_, page = s.upload("/portal/upload", "答复.xlsx", filled(t, old, "采购单", storyCells()), nil)
	says(t, page, "这是第 1 版，"+o.Number+" 现在是第 2 版", "请下载最新的订单表再填")
	_, page = s.post("/portal"+here+"/answer", url.Values{"version": {"2"}, "p1-1": {"2400"}, "d1-1": {"2026-12-02"}, "p1-2": {"1200"}, "d1-2": {"2026-12-02"}, "p2-2": {"600"}, "d2-2": {"2026-12-09"},
		"p1-3": {"2,400"}, "d1-3": {"2026-12-06"}, "price-3": {"9.00"}, "p1-4": {"0"}, "d1-4": {"2026-12-20"}})
	says(t, page, "答复已提交，和订单一致的行已确认", "双方已确认")

	h.deliver(s, b, o.Number, here)
}

// deliver takes the story from the confirmed order to the closed one.
func (h *house) deliver(s, b *visitor, number, here string) {
	t := h.t
	t.Helper()
	h.pass(9 * 24 * time.Hour) // 12-01
	_, page := b.get(here)
	says(t, page, "我们要的，定下来的", "部分确认", "货几时到", "未发 1,800", "改期…", "收货")
	_, page = s.post("/portal"+here+"/produce", nil)
	says(t, page, "生产中")
	note := "送货单号,订单号,行号,批号,生产日期,本次数量,计划到货,车牌\nSH-1," + number + ",1,A1,2026-11-20,2400,2026-12-02,浙A1\nSH-1," + number + ",2,A2,2026-11-20,9999,2026-12-02,浙A1\n"
	_, page = s.upload("/portal/upload", "送货.csv", []byte(note), nil)
	says(t, page, "送货单没有收下：1 行有错", "只剩 1800 件可送")
	_, page = s.upload("/portal/upload", "送货.csv", []byte(strings.Replace(note, "9999", "1200", 1)), nil)
	says(t, page, "送货单已收下，共 2 行", "已发运")
	_, page = s.get("/portal/deliveries")
	says(t, page, "SH-1", "A2", "1,200", "浙A1")
	_, page = b.get(here)
	says(t, page, "SH-1", "在途 2,400 / 2,400", "1 张")
	h.pass(24 * time.Hour)
	_, page = b.part(here+"/receive", "drawer")
	operation := regexp.MustCompile(`name="operation" value="([^"]+)"`).FindStringSubmatch(page)[1]
	form := url.Values{"operation": {operation}, "day": {"2026-12-02"}, "pieces-1": {"2,401"}}
	status, page := b.post(here+"/receive", form)
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	says(t, page, "第 1 行只差 2,400 件，不能收 2,401 件")
	form.Set("pieces-1", "2,400")
	for range 2 { // sent twice, it happens once
		if status, page = b.post(here+"/receive", form); status != http.StatusOK {
			t.Fatal(status, words(page))
		}
	}
	says(t, page, "已到 2,400 / 2,400", "收货记录")
	status, page = b.post(here+"/close", nil)
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	says(t, page, "还差 4,200 件没到")
	_, page = b.post(here+"/close", url.Values{"reason": {"余数不再补"}})
	says(t, page, number+" 已关闭。", "订单已关闭：余数不再补", "关闭了订单")
}

func TestOtherSuppliersOrdersDoNotExist(t *testing.T) {
	h := open(t)
	o := h.story()
	h.pass(42 * time.Hour)
	own, other, buyer := h.as(h.beili), h.as(h.others), h.as(h.zhoumin)
	own.upload("/portal/upload", "x.csv", []byte("a,b\n1,2\n"), url.Values{"order": {o.Number}})
	draft, err := h.ops.CreateDraft(h.buyer, c2mops.NewOrder{Supplier: h.supplier, ShipTo: h.site})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/portal/orders/" + o.Number, "/portal/orders/" + o.Number + "/sheet", "/portal/orders/" + o.Number + "/delivery-note", "/portal/orders/" + o.Number + "/news?seen=0",
		"/portal/uploads/1", "/portal/files/1", "/portal/orders/FO-2611-9999", "/portal/orders/nonsense"} {
		if status, page := other.get(path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		} else if strings.Contains(page, "小雪糕") {
			t.Errorf("%s tells of another's goods", path)
		}
	}
	for _, path := range []string{"/answer", "/produce", "/messages"} {
		if status, _ := other.post("/portal/orders/"+o.Number+path, url.Values{"version": {"1"}, "text": {"x"}}); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, _ := other.upload("/portal/upload", "x.csv", []byte("a\n1\n"), url.Values{"order": {o.Number}}); status != http.StatusNotFound {
		t.Errorf("upload to another's order: %d", status)
	}
	if status, _ := own.get("/portal/orders/" + draft.Number); status != http.StatusNotFound {
		t.Errorf("a draft is the buyer's own business: %d", status)
	}
	_, page := other.get("/portal")
	says(t, page, "现在没有要您做的事", "这里没有订单")
	if strings.Contains(page, o.Number) {
		t.Error("another's order stands in the list")
	}
	for path, v := range map[string]*visitor{"/portal": buyer, "/orders": own, "/orders/" + o.Number: own} {
		if status, _ := v.get(path); status != http.StatusForbidden {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestTheOnlineAnswerKeepsWhatWasTyped(t *testing.T) {
	h := open(t)
	o := h.story()
	s := h.as(h.beili)
	here := "/portal/orders/" + o.Number
	form := url.Values{"version": {"1"}, "p1-1": {"约 800"}, "d1-1": {"明天"}, "price-1": {"12.805"}, "note-1": {"等通知"}}
	status, page := s.post(here+"/answer", form)
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, `value="约 800"`) || !strings.Contains(page, `value="等通知"`) {
		t.Errorf("%d: what was typed is gone", status)
	}
	says(t, page, "“约 800”不是整数", "“明天”不是日期", "“12.805”不是金额")
	// The rules of the sheet: a day that has passed, half of a second delivery.
	status, page = s.post(here+"/answer", url.Values{"version": {"1"}, "p1-1": {"2400"}, "d1-1": {"2026-11-01"}, "p1-2": {"1200"}, "p2-2": {"600"}})
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	says(t, page, "确认交期 2026-11-01 已过或太远", "第 2 批只填了数量或交期中的一个", "数量和交期请都填，或都留空")
	status, page = s.post(here+"/answer", url.Values{"version": {"7"}, "p1-1": {"2400"}})
	if status != http.StatusConflict {
		t.Error(status)
	}
	says(t, page, "现在是第 1 版，答复的是第 7 版", "看订单")
	status, page = s.post(here+"/answer", url.Values{"version": {"1"}})
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	says(t, page, "没有填任何答复")
	whole := url.Values{"version": {"1"}}
	for i, n := range []quantity.Pieces{2400, 1800, 2400, 1200} {
		whole.Set("p1-"+strconv.Itoa(i+1), strconv.Itoa(int(n)))
	}
	_, page = s.post(here+"/answer", whole)
	says(t, page, "答复已提交，和订单一致的行已确认", "已确认")
	_, page = s.post(here+"/answer", whole)
	says(t, page, "和上次的答复一样，没有重复提交")
	_, page = s.post(here+"/messages", url.Values{"text": {"网兜下周到 <b>急</b>"}})
	says(t, page, "网兜下周到 &lt;b&gt;急&lt;/b&gt;")
	_, page = h.as(h.zhoumin).get("/orders/" + o.Number)
	says(t, page, "网兜下周到", "贝栗 王姐")
}

func TestForecastAndCommitments(t *testing.T) {
	h := open(t)
	h.story()
	s := h.as(h.beili)
	_, page := s.get("/portal/forecast")
	says(t, page, "滚动预测", "小雪糕牙胶 粉", "W48", "4,200", "确定", "暂定", "贵厂周产能 4,200")
	week := strconv.Itoa(int(day("2026-11-23")))
	form := url.Values{"sku": {"MR-204817-P"}, "committed-" + week: {"四千"}, "capacity-" + week: {"3,600"}}
	status, page := s.post("/portal/forecast", form)
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, `value="四千"`) {
		t.Error(status)
	}
	says(t, page, "“四千”不是整数")
	form.Set("committed-"+week, "4,000")
	_, page = s.post("/portal/forecast", form)
	says(t, page, "已更新 1 周的承诺", "贵厂周产能 3,600")
	_, page = s.post("/portal/forecast", form)
	says(t, page, "和以前的承诺一样，没有改动")
	if status, _ := s.post("/portal/forecast", url.Values{"sku": {"MR-1"}}); status != http.StatusNotFound {
		t.Error(status)
	}
	// The sheet goes out and comes back, told by its content.
	for lang, name := range map[string]string{"zh": "滚动预测", "en": "Forecast"} {
		book := s.workbook("/portal/forecast.xlsx?lang=" + lang)
		cells := map[string]any{"G3": 3000, "H3": 3600}
		if lang == "en" {
			cells["G3"] = 3100
		}
		_, page = s.upload("/portal/upload", "forecast.xlsx", filled(t, book, name, cells), nil)
		says(t, page, "预测承诺已收下")
	}
	rows, err := h.ops.PortalForecast(h.buyer, h.supplier)
	if err != nil || rows[0].Weeks[0].Committed == nil || *rows[0].Weeks[0].Committed != 4000 || rows[0].Weeks[1].Committed == nil {
		t.Errorf("%v, %+v", err, rows)
	}
	_, page = h.as(h.others).get("/portal/forecast")
	says(t, page, "还没有给您的预测")
}

func TestFilesThatAreNoneAreSaidSo(t *testing.T) {
	h := open(t)
	o := h.story()
	s := h.as(h.beili)
	status, page := s.upload("/portal/upload", "空.xlsx", nil, nil)
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	says(t, page, "空.xlsx 是空文件")
	status, page = s.post("/portal/upload", url.Values{})
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	says(t, page, "没有收到文件")
	_, page = s.upload("/portal/upload", "picture.png", []byte("\x89PNG\r\n\x1a\n0000"), nil)
	says(t, page, "没有收下", "整份文件")
	_, page = s.upload("/portal/upload", "别的.csv", []byte("姓名,电话\n王,1\n"), url.Values{"kind": {"asn"}})
	says(t, page, "送货单没有收下", "送货单号")
	status, _ = s.upload("/portal/upload", "big.csv", make([]byte, 25<<20), nil)
	if status != http.StatusRequestEntityTooLarge {
		t.Errorf("25 MB: %d", status)
	}
	// A sheet of two orders is taken on the first page; on the page of one of them the other's rows are refused.
	other, err := h.ops.CreateDraft(h.buyer, c2mops.NewOrder{Supplier: h.supplier, ShipTo: h.site, Lines: []c2mops.NewLine{{SKU: h.skus[0], Pieces: 1200}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.ops.Send(h.buyer, other.ID, c2mops.Sending{}); err != nil {
		t.Fatal(err)
	}
	two := "订单号,行号,答复数量\n" + o.Number + ",1,2400\n" + other.Number + ",1,1200\n"
	_, page = s.upload("/portal/upload", "两张.csv", []byte(two), url.Values{"order": {o.Number}})
	says(t, page, "这一行是另一张订单 "+other.Number+" 的")
	_, page = s.upload("/portal/upload", "两张.csv", []byte(two), nil)
	says(t, page, "订单答复已收下，共 2 行", o.Number, other.Number+" 已确认")
}

func TestThePortalInEnglish(t *testing.T) {
	h := open(t)
	o := h.story()
	s := h.as(h.beili)
	s.post("/preferences", url.Values{"language": {"en"}})
	for path, wanted := range map[string][]string{
		"/portal":                      {"1 order waits for your answer", "Please answer", "Wenling Beili"},
		"/portal/orders/" + o.Number:   {"The order", "Ice-cream teether, pink", "Answer here", "2,400 pcs"},
		"/portal/forecast":             {"Rolling forecast", "Firm", "Your capacity 4,200 a week"},
		"/portal/deliveries":           {"No delivery notes yet"},
		"/portal/orders/" + "FO-1-1":   {"There is no such order or file", "See all orders"},
		"/portal/uploads/" + "9999999": {"There is no such order or file"},
	} {
		_, page := s.get(path)
		says(t, page, wanted...)
		if han := regexp.MustCompile(`\p{Han}{2,}`).FindAllString(strings.NewReplacer("中文", "", "周敏", "", "月结", "", "天", "").Replace(words(page)), -1); len(han) > 0 {
			t.Errorf("%s: Chinese on an English page: %v", path, han)
		}
	}
	if book := cellsOf(t, s.workbook("/portal/orders/"+o.Number+"/sheet"), "Order"); !strings.Contains(book, "Confirmed qty") {
		t.Error("the sheet is not English")
	}
}

func TestEveryRouteAsksForItsPermission(t *testing.T) {
	h := open(t)
	for _, r := range h.srv.Routes() {
		if strings.HasPrefix(r.Pattern, "/portal") && r.Permission != access.UsePortal {
			t.Errorf("%s %s: %s", r.Method, r.Pattern, r.Permission)
		}
		if strings.HasPrefix(r.Pattern, "/orders") && r.Method == http.MethodPost && r.Permission != access.EditOrders {
			t.Errorf("%s %s: %s", r.Method, r.Pattern, r.Permission)
		}
	}
}
