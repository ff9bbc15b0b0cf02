package campaigns_test

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/internal/calendar"
	"milkrun/internal/e2e"
)

// draft is a whole draft as it is typed.
var draft = fields("name_zh", "恒温睡袋 Pro", "name_en", "Sleeping bag Pro", "story_zh", "先认购，后生产", "sku", "MR-300001", "site", "FS", "mode", "all_or_nothing", "charge", "at_pledge", "goal", "200",
	"start", "2026-11-20T10:00", "deadline", "2026-11-25T20:00", "extensions", "1", "pay_hours", "24", "moq", "100", "threshold", "250", "rows", "3",
	"t0_name", "早鸟", "t0_name_en", "Early bird", "t0_price", "269.00", "t0_pieces", "1", "t0_b1_from", "250", "t0_b1_price", "259")

func (h *house) only() *campaign.Campaign {
	h.t.Helper()
	all, err := campaigndb.List(h.t.Context(), h.pool, nil, 0, "", 10)
	if err != nil || len(all) != 1 {
		h.t.Fatalf("%d campaigns, %v", len(all), err)
	}
	return all[0]
}

func TestADraftIsWrittenChangedAndPublished(t *testing.T) {
	h := open(t)
	buyer, planner := h.as("zhoumin"), h.as("planner")
	buyer.sees("/campaigns/new", "新活动", "满件")
	if status, _ := planner.get("/campaigns/new"); status != http.StatusForbidden {
		t.Errorf("a planner writes a campaign: %d", status)
	}
	buyer.sends("/campaigns", with(draft, "t0_price", "一百", "goal", "twenty", "t0_b1_price", ""), 422, "一百", "twenty", "要填")
	buyer.sends("/campaigns", with(draft, "deadline", "2026-11-19T20:00", "sku", "MR-9"), 422, "先后或高低不对", "没有这个货品")
	buyer.sends("/campaigns", with(draft, "t0_b1_price", "299"), 422, "先后或高低不对")
	buyer.sends("/campaigns", fields("name_zh", "半成品", "mode", "group_buy", "charge", "at_pledge", "start", "2026-11-21T10:00", "deadline", "2026-11-25T20:00"), 200, "草稿已存", "草稿还差", "档位")
	c := h.only()
	at := "/campaigns/" + c.Number
	buyer.sees(at+"/edit?check=1", "半成品", "要改", "f-goal-error", "f-t0_price-error")
	buyer.sends(at+"/publish", fields("revision", strconv.FormatInt(c.Revision, 10)), 422, "还不能发布", "goal", "tiers")
	stale := with(draft, "revision", strconv.FormatInt(c.Revision, 10))
	buyer.sends(at+"/edit", with(stale, "do", "publish", "goal", ""), 422, "f-goal-error")
	buyer.sends(at+"/edit", with(stale, "mode", "deposit_balance", "deposit", "50", "balance_deadline", "2026-11-28T20:00", "forfeit", "1"), 200, "草稿已改")
	if c = h.only(); c.Mode != campaign.DepositBalance || c.Deposit != 5000 || !c.Forfeit || c.Double || c.Terms.Tiers[0].Breaks[1].Price != 25900 {
		t.Fatalf("%+v", c.Terms)
	}
	buyer.sees(at+"/edit", "259.00", "50.00", "早鸟", "2026-11-28T20:00")
	if status, body := buyer.post(at+"/edit", stale); status != http.StatusConflict || !strings.Contains(body, "别人") && !strings.Contains(body, "刚") {
		t.Errorf("a form from before another's change: %d", status)
	}
	buyer.sends(at+"/edit", with(draft, "revision", strconv.FormatInt(c.Revision, 10), "do", "publish"), 200, "已发布", "进行中")
	if status, body := buyer.get(at + "/edit"); status != http.StatusConflict || !strings.Contains(body, "规则不能再改") {
		t.Errorf("published terms are changed: %d", status)
	}
	h.as("admin").sees(at, "改草稿", "发布", "zhoumin") // the history
	buyer.sends(at+"/goods", fields("sku", "MR-300001", "site", "FS", "spec", "云朵白", "promise", "2026-12-20", "revision", strconv.FormatInt(h.only().Revision, 10)), 200, "货品和收货仓已定")
	buyer.sends(at+"/goods", fields("sku", "nope", "site", "", "promise", "2026-01-20"), 422, "没有这个货品", "请选一个", "已经过去")
}

func picture(t *testing.T, name string, content []byte) (*bytes.Buffer, string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("picture", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return &b, form.FormDataContentType()
}

func TestPicturesReachThePublicPage(t *testing.T) {
	h := open(t)
	buyer := h.as("zhoumin")
	buyer.sends("/campaigns", draft, 200, "草稿已存")
	c := h.only()
	var img bytes.Buffer
	if err := png.Encode(&img, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	send := func(content []byte) (int, string) {
		body, kind := picture(t, "p.png", content)
		r, _ := http.NewRequest(http.MethodPost, buyer.base+"/campaigns/"+c.Number+"/pictures", body)
		r.Header.Set("Content-Type", kind)
		return buyer.do(r)
	}
	if status, body := send([]byte("<svg/>")); status != 422 || !strings.Contains(body, "JPEG") {
		t.Errorf("a drawing is taken: %d", status)
	}
	if status, body := send(img.Bytes()); status != 200 || !strings.Contains(body, "图片已加上") {
		t.Errorf("%d", status)
	}
	ids, err := campaigndb.Pictures(t.Context(), h.pool, c.ID)
	if err != nil || len(ids) != 1 {
		t.Fatal(ids, err)
	}
	id := strconv.FormatInt(ids[0], 10)
	anybody := &visitor{t, h.http.URL, &http.Client{}}
	if status, _ := anybody.get("/c/" + c.Number + "/pictures/" + id); status != http.StatusNotFound {
		t.Errorf("a draft's picture is public: %d", status)
	}
	if status, body := buyer.get("/campaigns/" + c.Number + "/pictures/" + id); status != 200 || body != img.String() {
		t.Errorf("the buyer's own look: %d", status)
	}
	buyer.sends("/campaigns/"+c.Number+"/publish", fields(), 200, "已发布")
	anybody.sees("/c/"+c.Number, "/c/"+c.Number+"/pictures/"+id, "恒温睡袋 Pro", "首批发货", "满 250 件")
	anybody.sees("/c/"+c.Number+"?lang=en", "Sleeping bag Pro", "Early bird")
	if status, body := anybody.get("/c/" + c.Number + "/pictures/" + id); status != 200 || body != img.String() {
		t.Errorf("%d", status)
	}
	buyer.sends("/campaigns/"+c.Number+"/pictures/"+id+"/remove", fields(), 200, "图片已拿掉")
}

var offer = fields("factory", "s-0101", "currency", "CNY", "price", "90.00", "setup", "500", "moq", "100", "capacity", "200", "lead_days", "12", "grade", "2", "b1_from", "150", "b1_price", "88", "materials", "1.50", "note", "面料客供")

func TestFromOffersToLotsThatAreLate(t *testing.T) {
	h := open(t)
	buyer, planner := h.as("zhoumin"), h.as("planner")
	buyer.sends("/campaigns", with(draft, "do", "publish"), 200, "已发布")
	c := h.only()
	at := "/campaigns/" + c.Number
	buyer.sees(at+"/offers", "还没有报价", "登记报价")
	buyer.sends(at+"/offers", with(offer, "factory", "S-9"), 422, "没有这个供应商编码")
	buyer.sends(at+"/offers", with(offer, "lead_days", "0", "b1_price", "95", "capacity", "50", "currency", "EUR"), 422, "太小", "先后或高低不对", "还没有汇率")
	buyer.sends(at+"/offers", with(offer, "b1_price", ""), 422, "要填")
	buyer.sends(at+"/offers", offer, 200, "S-0101 的报价已存", "满 150 件 88.00", "另加料 1.50")
	buyer.sends(at+"/offers", fields("factory", "S-0102", "currency", "USD", "price", "13.38", "moq", "50", "capacity", "2000", "lead_days", "20", "setup", "30"), 200, "USD 13.38", "95.00")
	if status, _ := planner.post(at+"/offers", offer); status != http.StatusForbidden {
		t.Errorf("a planner enters an offer: %d", status)
	}
	planner.sees(at+"/offers", "南通睡袋厂", "绍兴睡袋厂")
	if body := buyer.sees(at+"/offers?factory=S-0102", "13.38"); !strings.Contains(body, "改 S-0102 的报价") {
		t.Error("the form is not that of the offer")
	}
	buyer.sends(at+"/bill", fields("rows", "2", "m0_code", "M-COTTON", "m0_name", "精梳棉", "m0_unit", "m", "m0_per", "1.8", "m0_scrap", "6", "m1_code", "M-COTTON", "m1_name", "x", "m1_unit", "", "m1_per", "0"), 422, "重复了", "要填", "太小")
	buyer.sends(at+"/bill", fields("rows", "2", "m0_code", "M-COTTON", "m0_name", "精梳棉", "m0_unit", "m", "m0_per", "1.8", "m0_scrap", "6", "m0_on_hand", "100", "m0_pack", "50", "m0_moq", "100"), 200, "物料清单已存", "300 m")

	if status, body := buyer.get(at + "/plan"); status != http.StatusConflict || !strings.Contains(body, "还不能下厂") {
		t.Errorf("a plan before the goal: %d", status)
	}
	h.pledge(c.ID, 300)
	body := buyer.sees(at+"/plan", "20 天", "南通睡袋厂 200 + 绍兴睡袋厂 100", "为什么这样分", "精梳棉")
	if !strings.Contains(body, "生成 2 张订单草稿") {
		t.Error("the button does not say how many orders it makes")
	}
	buyer.sends(at+"/lots", fields("days", "20", "cost", "1"), http.StatusConflict, "方案和您看到的不一样")
	if status, _ := buyer.get(at + "/plan?extra=-1&within=0"); status != 422 {
		t.Errorf("a plan of nothing: %d", status)
	}
	h.pass(6 * 24 * time.Hour)
	if c = h.only(); c.State != campaign.Succeeded {
		t.Fatalf("%s", c.State)
	}
	buyer.sees(at, "等您办的", "可以下厂了")
	if status, _ := planner.post(at+"/lots", fields("days", "20")); status != http.StatusForbidden {
		t.Errorf("a planner orders: %d", status)
	}
	buyer.sends(at+"/lots", fields("days", "20", "revision", strconv.FormatInt(c.Revision, 10)), 200, "2 张工厂订单草稿", "订单还是草稿", "谁在哪天拿到")
	if status, _ := buyer.post(at+"/lots", fields("days", "20")); status != 422 {
		t.Errorf("ordered twice: %d", status)
	}
	buyer.sends(at+"/lots/1/report", fields("what", "late", "day", "2026-12-20", "reason", "面料晚到"), 422, "工厂还没有确认")
	h.confirm(c.ID)
	h.late(buyer, at)
}

// late reports a lot late, short and failed, and orders the rest.
func (h *house) late(buyer *visitor, at string) {
	h.t.Helper()
	c := h.only()
	buyer.sends(at+"/tell", fields(), 200, "300 条消息已放行", "已放行")
	buyer.sends(at+"/lots/1/report", fields("what", "late", "day", "", "reason", ""), 422, "请写原因", "要填")
	buyer.sends(at+"/lots/1/report", fields("what", "late", "day", "2026-11-01", "reason", "x"), 422, "日期不能早于今天")
	buyer.sends(at+"/lots/1/report", fields("what", "short", "pieces", "200", "reason", "x"), 422, "1 到 199 件")
	today := calendar.Of(h.now, zone)
	buyer.sends(at+"/lots/1/report", fields("what", "late", "day", today.AddDays(15).String(), "reason", "面料晚到"), 200, "200 人推迟", "比原定")
	buyer.sees(at, "比承诺晚 3 天", "200 条给认购者的消息")
	buyer.sees(at+"/messages", "推迟", "200 人")
	buyer.sends(at+"/messages/hold", fields(), 422, "请写原因")
	buyer.sends(at+"/messages/hold", fields("reason", "先和工厂核实"), 200, "200 条消息先不发")
	buyer.sees(at+"/messages?view=held", "先和工厂核实", "全部放行")
	buyer.sends(at+"/messages/free", fields(), 200, "200 条消息已放行")
	if status, _ := buyer.post(at+"/messages/1/anew", fields()); status != http.StatusNotFound {
		h.t.Errorf("a message without a channel is sent anew: %d", status)
	}
	buyer.sends(at+"/lots/2/report", fields("what", "failed", "reason", "停产"), 200, "100 人暂时没有批次", "补下一批", "做不出来")
	buyer.sees(at+"/plan", "已下厂 200 件", "还要生产 100 件")
	buyer.sends(at+"/lots", fields("days", "20", "revision", strconv.FormatInt(h.only().Revision, 10)), 200, "1 张工厂订单草稿")
	lots, err := campaigndb.Lots(h.t.Context(), h.pool, c.ID)
	if err != nil || len(lots) != 3 || lots[2].Pledged != 100 {
		h.t.Errorf("%+v, %v", lots, err)
	}
	h.as("admin").sees(at, "重排承诺日", "下厂", "放行消息")
}

func TestALaterLotIsLetGoByHand(t *testing.T) {
	h := open(t)
	buyer := h.as("zhoumin")
	buyer.sends("/campaigns", with(draft, "do", "publish"), 200, "已发布")
	c := h.only()
	at := "/campaigns/" + c.Number
	buyer.sends(at+"/offers", fields("factory", "S-0102", "price", "90", "currency", "JPY", "moq", "50", "capacity", "2000", "lead_days", "20"), 200, "JPY 90")
	h.pledge(c.ID, 300)
	h.pass(6 * 24 * time.Hour)
	buyer.sees(at+"/plan?extra=700&first=60", "售到 70% 再放")
	buyer.sends(at+"/lots", fields("days", "20", "extra", "700", "first", "60"), 200, "1 张工厂订单草稿", "等动销", "提前放行")
	buyer.sends(at+"/rule", fields("sell_through", "170", "gap_days", "0"), 422, "0 到 100", "1 到 365 天")
	buyer.sends(at+"/rule", fields("sell_through", "80", "gap_days", "5", "automatic", "1"), 200, "放量规则已存")
	buyer.sends(at+"/lots/2/release", fields(), 422, "提前放行要写原因")
	buyer.sends(at+"/lots/2/release", fields("reason", "旺季"), 200, "批 2 已放行")
	if status, _ := buyer.post(at+"/lots/9/release", fields("reason", "x")); status != http.StatusNotFound {
		t.Errorf("a lot that is not there: %d", status)
	}
}

// The pages pass axe, and are photographed where a browser is at hand.
func TestPagesInABrowser(t *testing.T) {
	h := open(t)
	buyer := h.as("zhoumin")
	buyer.sends("/campaigns", with(draft, "do", "publish"), 200)
	c := h.only()
	at := "/campaigns/" + c.Number
	buyer.sends(at+"/offers", offer, 200)
	buyer.sends(at+"/offers", fields("factory", "S-0102", "currency", "USD", "price", "13.38", "moq", "50", "capacity", "2000", "lead_days", "20"), 200)
	h.pledge(c.ID, 300)
	h.pass(6 * 24 * time.Hour)
	p := e2e.Open(t, 1440, 900)
	p.Allow("404") // nobody tells news here
	p.Goto(h.http.URL + "/enter/" + strconv.FormatInt(int64(h.ids["zhoumin"]), 10))
	look := func(pages ...string) {
		for _, path := range pages {
			p.Goto(h.http.URL + path)
			p.Wait("main")
			p.Axe()
		}
	}
	look("/campaigns", "/campaigns/new", at, at+"/offers", at+"/bill", at+"/plan", at+"/goods", at+"/lots", "/proposals")
	buyer.sends(at+"/lots", fields("days", "20"), 200)
	h.confirm(c.ID)
	look(at, at+"/lots", at+"/messages", at+"/pledges")
	p.Resize(360, 640)
	look("/c/"+c.Number, "/c/"+c.Number+"?lang=en")
}

func TestChannelsOfMessages(t *testing.T) {
	h := open(t)
	buyer, planner := h.as("zhoumin"), h.as("planner")
	buyer.sees("/message-channels", "还没有通道", "新通道")
	buyer.sends("/message-channels", fields("code", "Moms!", "name", "", "url", "ftp://x", "secret", "short", "login", "nobody"), 422, "小写字母", "要填", "https", "16–200", "没有这个接口账号")
	whole := fields("code", "moms", "name", "宝妈群", "url", "https://example.org/hook", "secret", "0123456789abcdef", "active", "1")
	if status, _ := planner.post("/message-channels", whole); status != http.StatusForbidden {
		t.Errorf("a planner saves a channel: %d", status)
	}
	if body := buyer.sends("/message-channels", whole, 200, "通道 moms 已存", "其余所有"); strings.Contains(body, "0123456789abcdef") {
		t.Error("the secret is shown")
	}
	buyer.sends("/message-channels", with(whole, "secret", "", "name", "宝妈一群", "changing", "moms"), 200, "宝妈一群")
	buyer.sees("/message-channels?channel=moms", "改通道 moms", "https://example.org/hook")
}

func TestAProposalIsWritten(t *testing.T) {
	h := open(t)
	buyer := h.as("zhoumin")
	whole := fields("name_zh", "恒温睡袋", "name_en", "Sleeping bag", "features", "颜色/Colour：云朵白/Cloud white #f3efe6，豆沙粉\n面料：精梳棉、竹纤维", "method", "ranked", "opens", "2026-11-20T09:00", "closes", "2026-12-01T20:00")
	buyer.sends("/proposals", with(whole, "name_zh", "", "features", "颜色：云朵白", "closes", "2026-11-01T20:00"), 422, "要填", "第 1 行看不懂", "先后或高低不对", "Sleeping bag")
	buyer.sends("/proposals", whole, 200, "提案已存", "云朵白", "#f3efe6", "精梳棉")
	if status, _ := h.as("planner").post("/proposals", whole); status != http.StatusForbidden {
		t.Errorf("a planner proposes: %d", status)
	}
	all, err := h.ops.Proposals(h.buyer)
	if err != nil || len(all) != 1 || all[0].Features[0].Options[0].Name.EN != "Cloud white" || len(all[0].Features[1].Options) != 2 {
		t.Errorf("%+v, %v", all, err)
	}
}
