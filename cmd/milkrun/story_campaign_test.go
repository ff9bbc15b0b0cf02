package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/internal/calendar"
	"milkrun/internal/demo"
	"milkrun/internal/e2e"
	"milkrun/web/api"
)

// maker plays the campaign's story: the buyer in a browser, communities by API, two factories at the portal.
type maker struct {
	*e2e.Page
	t        *testing.T
	h        *served
	pictures *int
	api      caller
	proposal string
	number   string // of the campaign
	today    calendar.Day
	orders   []string // numbers of the factory orders, the earlier lot's first
}

// The goods of the story, the two factories, and the usual factory of the goods.
const (
	storyGoods  = "MR-720003"
	earlyMaker  = demo.StorySupplier
	cheapMaker  = "S-0101"
	storyMember = 300
	storyQuota  = 280
	firstLot    = 120 // at the early factory's price by quantity: dearer by a piece than 80 at the full price, but cheaper in all
)

// TestStoryOfTheCampaign: members vote, the winner becomes a campaign, 300 members pledge and pay, it succeeds, is split over two factories
// by a choice of date and cost, ordered by sheets, confirmed by sheet and portal, and every pledge knows its lot and day; a lot comes late,
// and the members hear of it.
func TestStoryOfTheCampaign(t *testing.T) {
	h := serve(t, demoCopy(t))
	m := &maker{Page: e2e.Open(t, 1440, 900), t: t, h: h, pictures: new(int), api: caller{t, visitor(t, h.base)}, today: calendar.Of(time.Now(), h.cfg.zone())}
	m.Allow("422")
	m.Goto(h.base + "/login?back=/proposals")
	m.Press("zhoumin\t" + demo.Password + "\r")
	m.Until(`location.pathname === "/proposals"`)
	m.vote()
	m.adopt()
	m.publish()
	m.onThePhone("public-open")
	m.quotations()
	m.pledges()
	m.succeed()
	m.onThePhone("public-won")
	m.choose()
	for i := range m.orders {
		m.send(i)
	}
	m.confirmBySheet(m.orders[0])
	m.confirmOnline(m.orders[1])
	m.served()
	m.late()
}

// seen takes a picture of the page and asks for faults of accessibility.
func (m *maker) seen(name string) {
	m.t.Helper()
	m.picture(m.Page, name)
	m.Axe()
}

func (m *maker) picture(p *e2e.Page, name string) {
	m.t.Helper()
	p.Until(`!document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")`)
	*m.pictures++
	p.Screenshot(fmt.Sprintf("campaign-story-%02d-%s", *m.pictures, name))
}

// fill puts values into the fields of the page's form, as names and values in turn.
func (m *maker) fill(form string, pairs ...string) {
	m.t.Helper()
	m.Wait(form)
	for i := 0; i+1 < len(pairs); i += 2 {
		m.Eval(fmt.Sprintf(`(() => { const f = document.querySelector(%q).elements.namedItem(%q); f.value = %q; f.dispatchEvent(new Event("change", {bubbles: true})) })()`, form, pairs[i], pairs[i+1]))
	}
}

func (m *maker) ask(to any, sql string, args ...any) {
	m.t.Helper()
	if err := m.h.db.Pool.QueryRow(m.t.Context(), sql, args...).Scan(to); err != nil {
		m.t.Fatalf("%s: %v", sql, err)
	}
}

func (m *maker) count(sql string, args ...any) (n int) {
	m.t.Helper()
	m.ask(&n, sql, args...)
	return n
}

// until waits for the database to say so.
func (m *maker) until(what, sql string, args ...any) {
	m.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		var ok bool
		m.ask(&ok, sql, args...)
		if ok {
			return
		}
		if time.Now().After(end) {
			m.t.Fatalf("%s: not within a minute", what)
		}
	}
}

// said is the answer of the API to one call among many.
type said struct {
	Status int
	Body   []byte
}

// crowd sends n requests to the API, a dozen at a time, and gives the answers in the order of the requests.
func (m *maker) crowd(n int, path string, request func(i int) (key string, body any)) []said {
	m.t.Helper()
	out, faults := make([]said, n), make([]error, n)
	var wg sync.WaitGroup
	turn := make(chan struct{}, 12)
	for i := range n {
		turn <- struct{}{}
		wg.Go(func() {
			defer func() { <-turn }()
			key, body := request(i)
			out[i], faults[i] = m.call(m.t.Context(), path, key, body)
		})
	}
	wg.Wait()
	for i, err := range faults {
		if err != nil {
			m.t.Fatalf("request %d: %v", i, err)
		}
	}
	return out
}

func (m *maker) call(ctx context.Context, path, key string, body any) (said, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return said{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.h.base+api.Prefix+path, strings.NewReader(string(text)))
	if err != nil {
		return said{}, err
	}
	r.Header.Set("Authorization", "Bearer "+sample.key)
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return said{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return said{res.StatusCode, b}, err
}

// vote opens a proposal; members of three ages vote by API, a dozen of them on one device; the buyer looks and closes.
func (m *maker) vote() {
	m.t.Helper()
	const form = `form[action="/proposals"]`
	m.fill(form, "name_zh", "恒温睡袋 Air", "name_en", "Sleeping bag Air", "features", "颜色：云朵白，豆沙粉，鼠尾草绿\n面料：精梳棉，竹纤维")
	m.Click(form + ` button`)
	m.Until(`/^\/proposals\/VP-/.test(location.pathname)`)
	m.proposal = strings.TrimPrefix(e2e.Eval[string](m.Page, "location.pathname"), "/proposals/")
	m.Click(`form[action$="/open"] button`)
	m.WaitText("h1 ~ *, .mk-head", "投票中")
	ages := []string{"0–6 月", "7–12 月", "1–3 岁"}
	colours := [][]string{{"o2", "o1", "o3"}, {"o2", "o3", "o1"}, {"o1", "o2", "o3"}, {"o2", "o1", "o3"}, {"o3", "o2", "o1"}}
	ballot := func(i int) (string, any) {
		b := map[string]any{"member": fmt.Sprintf("v%03d", i), "community": "小红书宝妈群", "segment": ages[i%3], "device": fmt.Sprintf("d%03d", i), "would_buy": i%4 != 0,
			"choices": map[string]any{"f1": map[string]any{"ranks": colours[i%5]}, "f2": map[string]any{"ranks": [][]string{{"o1", "o2"}, {"o2", "o1"}}[i%4/3]}}}
		if i >= 80 {
			b["device"], b["choices"] = "d-shared", map[string]any{"f1": map[string]any{"ranks": []string{"o3"}}, "f2": map[string]any{"ranks": []string{"o2"}}}
		}
		return "", b
	}
	for i, x := range m.crowd(92, "/proposals/"+m.proposal+"/votes", ballot) {
		if x.Status >= 300 {
			m.t.Fatalf("ballot %d: %d %s", i, x.Status, x.Body)
		}
	}
	again := m.crowd(1, "/proposals/"+m.proposal+"/votes", func(int) (string, any) { return ballot(7) })
	if !strings.Contains(string(again[0].Body), `"changed":true`) {
		m.t.Errorf("a second ballot of a member: %s", again[0].Body)
	}
	m.Goto(m.h.base + "/proposals/" + m.proposal)
	m.WaitText("main", "胜出")
	m.WaitText("main", "同一设备")
	for _, age := range ages {
		m.WaitText("main", age)
	}
	m.seen("votes")
	m.Click(`form[action$="/close"] button`)
	m.WaitText(".mk-head", "已结束")
}

// adopt makes a campaign of the winner.
func (m *maker) adopt() {
	m.t.Helper()
	m.Click(`form[action$="/adopt"] button`)
	m.Until(`/^\/campaigns\/CP-/.test(location.pathname)`)
	m.number = strings.TrimPrefix(e2e.Eval[string](m.Page, "location.pathname"), "/campaigns/")
	m.WaitText("#waits", "草稿还差")
	m.WaitText("main", "颜色 豆沙粉；面料 精梳棉")
	m.seen("draft")
}

// publish fills the draft in: first with an early bird that is dearer than it may be, then right.
func (m *maker) publish() {
	m.t.Helper()
	m.Click(`#waits a[href$="/edit?check=1"]`)
	m.Wait("#draft [aria-invalid=true]")
	m.seen("draft-faults")
	zone := m.h.cfg.zone()
	minute := func(t time.Time) string { return t.In(zone).Format("2006-01-02T15:04") }
	now := time.Now()
	m.fill("#draft", "sku", storyGoods, "site", "FS", "story_zh", "妈妈们投票选出来的颜色和面料，先认购、后生产。", "story_en", "Colour and fabric that parents voted for. Pledged first, made after.",
		"goal", "200", "quota", fmt.Sprint(storyQuota), "per_member", "2", "moq", "100", "start", minute(now.Add(-time.Minute)), "deadline", minute(now.Add(2*time.Hour)),
		"t0_name", "早鸟", "t0_name_en", "Early bird", "t0_price", "269", "t0_quota", "60", "t1_name", "标准", "t1_name_en", "Standard", "t1_price", "299", "t1_b1_from", "250", "t1_b1_price", "309")
	m.Click(`#draft button[value="publish"]`)
	m.WaitText("#draft", "先后或高低不对")
	m.picture(m.Page, "publish-refused")
	m.fill("#draft", "t1_b1_price", "289")
	m.Click(`#draft button[value="publish"]`)
	m.Until(`location.pathname === "/campaigns/` + m.number + `"`)
	m.WaitText(".mk-head", "进行中")
	m.seen("published")
}

// onThePhone looks at the public page as a shopper does.
func (m *maker) onThePhone(name string) {
	m.t.Helper()
	p := e2e.Open(m.t, 360, 780)
	p.Goto(m.h.base + "/c/" + m.number)
	p.WaitText("main", "恒温睡袋 Air")
	p.WaitText("main", "早鸟")
	if wide := e2e.Eval[int](p, "document.documentElement.scrollWidth"); wide > 360 {
		m.t.Errorf("the public page is %d pixels wide", wide)
	}
	m.picture(p, name)
	p.Axe()
	p.Goto(m.h.base + "/c/" + m.number + "?lang=en")
	p.WaitText("main", "Sleeping bag Air")
	p.Axe()
}

// quotations enters what three factories offer: one that is early and dear, two that need each other.
func (m *maker) quotations() {
	m.t.Helper()
	var usual string
	m.ask(&usual, `select s.code from catalog.term t join catalog.sku k on k.id = t.sku_id join catalog.supplier s on s.id = t.supplier_id where k.code = $1 and s.code not in ($2, $3) order by s.id limit 1`,
		storyGoods, earlyMaker, cheapMaker)
	for _, q := range [][]string{
		{"factory", earlyMaker, "price", "90", "moq", "50", "capacity", "160", "lead_days", "12", "grade", "2", "b1_from", "120", "b1_price", "87"},
		{"factory", cheapMaker, "price", "84", "setup", "500", "moq", "50", "capacity", "200", "lead_days", "20", "grade", "1", "note", "面料客供", "materials", "2.50"},
		{"factory", usual, "price", "120", "moq", "280", "capacity", "900", "lead_days", "9", "grade", "1"}} {
		m.Goto(m.h.base + "/campaigns/" + m.number + "/offers")
		m.fill(`#offer form`, q...)
		m.Click(`#offer form button[type=submit], #offer form button:not([type])`)
		m.WaitText("main", q[1]+" 的报价已存")
	}
	m.seen("offers")
}

// pledges lets 300 members pledge by API: some twice, some for more than they may, the last ones on the waitlist; the sandbox takes the money.
func (m *maker) pledges() {
	m.t.Helper()
	path := "/campaigns/" + m.number + "/pledges"
	pledge := func(i int) (string, any) {
		tier := "t2"
		if i%5 == 0 {
			tier = "t1"
		}
		return fmt.Sprintf("story-%03d", i), map[string]any{"member": fmt.Sprintf("member%03d", i), "tier": tier, "units": 1}
	}
	states := map[string]int{}
	for i, x := range m.crowd(storyMember, path, pledge) {
		var p api.PledgeOut
		if err := json.Unmarshal(x.Body, &p); err != nil || x.Status != http.StatusCreated {
			m.t.Fatalf("pledge %d: %d %s", i, x.Status, x.Body)
		}
		states[p.State]++
	}
	if states["accepted"] != storyQuota || states["waiting"] != storyMember-storyQuota {
		m.t.Errorf("%v", states)
	}
	for _, x := range m.crowd(20, path, pledge) { // the shop heard nothing and asks again
		var p api.PledgeOut
		if err := json.Unmarshal(x.Body, &p); err != nil || !p.Repeated {
			m.t.Errorf("the same key: %d %s", x.Status, x.Body)
		}
	}
	for i, x := range m.crowd(5, path, func(i int) (string, any) {
		return fmt.Sprintf("many-%d", i), map[string]any{"member": fmt.Sprintf("many%d", i), "tier": "t2", "units": 3}
	}) {
		if x.Status != http.StatusUnprocessableEntity || !strings.Contains(string(x.Body), "a member may have 2") {
			m.t.Errorf("over the limit, %d: %d %s", i, x.Status, x.Body)
		}
	}
	for i, x := range m.crowd(5, path, func(i int) (string, any) {
		return fmt.Sprintf("second-%d", i), map[string]any{"member": fmt.Sprintf("member%03d", i), "tier": "t2", "units": 1}
	}) {
		if x.Status != http.StatusConflict || !strings.Contains(string(x.Body), "second_pledge") {
			m.t.Errorf("a second pledge, %d: %d %s", i, x.Status, x.Body)
		}
	}
	if n := m.count(`select count(*) from c2m.pledge p join c2m.campaign c on c.id = p.campaign_id where c.number = $1`, m.number); n != storyMember {
		m.t.Errorf("%d pledges are stored", n)
	}
	if _, err := m.h.Campaigns.SendPayments(m.h.asSystem(m.t.Context())); err != nil {
		m.t.Fatal(err)
	}
	m.until("the payments", `select count(*) = $2 from c2m.payment p join c2m.campaign c on c.id = p.campaign_id where c.number = $1 and p.state = 'done'`, m.number, storyQuota)
	m.Goto(m.h.base + "/campaigns/" + m.number)
	m.WaitText("main", "候补 20")
	m.WaitText("main", "280")
	m.seen("running")
}

// succeed lets the deadline pass: the house's clock is set ahead for its own work alone.
func (m *maker) succeed() {
	m.t.Helper()
	ctx := m.h.asSystem(m.t.Context())
	later := m.h.campaignsAt(func() time.Time { return time.Now().Add(3 * time.Hour) })
	if _, err := later.Tick(ctx); err != nil {
		m.t.Fatal(err)
	}
	if _, err := later.SendPayments(ctx); err != nil {
		m.t.Fatal(err)
	}
	m.Goto(m.h.base + "/campaigns/" + m.number)
	m.WaitText(".mk-head", "已成功")
	m.WaitText("#waits", "可以下厂了")
	m.seen("won")
	if n := m.count(`select count(*) from c2m.pledge p join c2m.campaign c on c.id = p.campaign_id where c.number = $1 and p.state = 'confirmed' and p.refunded_fen = 1000`, m.number); n == 0 {
		m.t.Error("nobody got the difference to the price of 250 pieces back")
	}
}

// choose looks at the early and dear point of the chart, then takes the one that two factories share, and orders.
func (m *maker) choose() {
	m.t.Helper()
	m.Click(`#waits a[href$="/plan"]`)
	m.Wait(".cp-frontier a")
	m.Click(`.cp-frontier a[href*="days=9"] circle`)
	m.Until(`location.search.includes("days=9")`)
	m.WaitText("#choice", "9 天方案")
	m.picture(m.Page, "plan-early")
	m.Click(`.cp-frontier a[href*="days=20"] circle`)
	m.Until(`location.search.includes("days=20")`)
	m.WaitText("#choice", "20 天方案")
	m.WaitText("#choice", "2 张订单草稿")
	m.seen("plan")
	m.Click(`#choice form button`)
	m.Until(`location.pathname.endsWith("/lots")`)
	m.WaitText("main", "2 张工厂订单草稿已生成")
	m.seen("lots-drafted")
	rows, err := m.h.db.Pool.Query(m.t.Context(), `select o.number from c2m.campaign_lot l join c2m.campaign c on c.id = l.campaign_id join c2m.factory_order o on o.id = l.order_id where c.number = $1 order by l.no`, m.number)
	if err != nil {
		m.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var number string
		if err := rows.Scan(&number); err != nil {
			m.t.Fatal(err)
		}
		m.orders = append(m.orders, number)
	}
	if len(m.orders) != 2 || m.orders[0] == m.orders[1] {
		m.t.Fatalf("orders %v", m.orders)
	}
}

// send approves a draft: its sheet goes out.
func (m *maker) send(i int) {
	m.t.Helper()
	m.Goto(m.h.base + "/orders/" + m.orders[i])
	m.WaitText("#order", storyGoods)
	if i == 0 {
		m.seen("order-draft")
	}
	m.Press("a")
	m.Wait("#send-form")
	m.Press("a")
	m.Gone("#send-form")
	m.WaitText(".mk-head", "已发")
}

// factory signs a factory in at a browser of its own and opens an order.
func (m *maker) factory(login, number string) *maker {
	m.t.Helper()
	f := *m
	f.Page = e2e.Open(m.t, 1280, 800)
	f.Goto(m.h.base + "/login?back=/portal/orders/" + number)
	f.Press(login + "\t" + demo.Password + "\r")
	f.Until(`location.pathname === "/portal/orders/` + number + `"`)
	f.WaitText("h1", number)
	return &f
}

// confirmBySheet takes the workbook, looks at it as a clerk does, fills it in and sends it back.
func (m *maker) confirmBySheet(number string) {
	m.t.Helper()
	f := m.factory("beili", number)
	b := unfold(m.t, download(m.t, f.Page, m.h.base, "/portal/orders/"+number+"/sheet?lang=zh"), chinese.page, chinese.qty)
	row := b.rowOf(chinese.sku, storyGoods)
	for heading, want := range map[string]string{chinese.asked: fmt.Sprint(firstLot), chinese.unitPrice: "87.00"} {
		if got := b.get(row, heading); got != want {
			m.t.Errorf("%s is %s, want %s", heading, got, want)
		}
	}
	for heading, locked := range map[string]bool{chinese.asked: true, chinese.unitPrice: true, chinese.qty: false, chinese.day: false} {
		if b.locked(row, heading) != locked {
			m.t.Errorf("column %s: locked %v", heading, !locked)
		}
	}
	b.set(row, chinese.qty, firstLot)
	b.set(row, chinese.day, m.today.AddDays(12).String())
	f.Upload("input[type=file][name=file]", b.save("confirm.xlsx"))
	f.Until(`location.pathname.startsWith("/portal/uploads/")`)
	f.WaitText("#main", chinese.taken)
	m.picture(f.Page, "portal-sheet")
	f.Axe()
}

// confirmOnline confirms on the portal's page.
func (m *maker) confirmOnline(number string) {
	m.t.Helper()
	f := m.factory("muhe", number)
	m.picture(f.Page, "portal-order")
	f.Click(`form[action$="/answer"] button[type=submit], form[action$="/answer"] button:not([type])`)
	f.WaitText(".po-head", chinese.confirmed)
	f.Axe()
}

// given is what a pledge was told by API.
type given struct {
	Pledge  int64
	State   string
	Lot     int
	Promise string
}

// fetched reads all pledges that are to be delivered by API, in the order in which they came.
func (m *maker) fetched() []given {
	m.t.Helper()
	var out []given
	for after := int64(0); ; {
		var page struct {
			Pledges []given
			Next    int64
		}
		if status := m.api.ask("GET", fmt.Sprintf("/campaigns/%s/pledges?state=confirmed&after=%d", m.number, after), "", &page); status != http.StatusOK {
			m.t.Fatalf("status %d", status)
		}
		out = append(out, page.Pledges...)
		if after = page.Next; after == 0 {
			return out
		}
	}
}

// served looks at lots and promises: every pledge has its lot, the earlier pledges the earlier lot.
func (m *maker) served() {
	m.t.Helper()
	m.Goto(m.h.base + "/campaigns/" + m.number + "/lots")
	m.WaitText("#lot-1", "已确认")
	m.WaitText("#lot-2", "已确认")
	m.seen("lots")
	all := m.fetched()
	if len(all) != storyQuota {
		m.t.Errorf("%d pledges are to be delivered", len(all))
	}
	first, second := m.today.AddDays(12).String(), m.today.AddDays(20).String()
	lots := map[int]int{}
	for i, p := range all {
		lots[p.Lot]++
		if want := map[bool]string{true: first, false: second}[p.Lot == 1]; p.Lot == 0 || p.Promise != want {
			m.t.Fatalf("pledge %+v, want %s", p, want)
		}
		if i > 0 && (all[i-1].Pledge >= p.Pledge || all[i-1].Lot > p.Lot) {
			m.t.Fatalf("%+v after %+v", p, all[i-1])
		}
	}
	if lots[1] != firstLot || lots[2] != storyQuota-firstLot {
		m.t.Errorf("lots serve %v", lots)
	}
	m.Goto(m.h.base + "/campaigns/" + m.number + "/messages")
	m.WaitText("#drafts", "280 条")
	m.Click(`form[action$="/tell"] button`)
	m.WaitText("main", "280 条消息已放行")
}

// late lets the buyer report the first lot five days late: promises move, and the members hear of it.
func (m *maker) late() {
	m.t.Helper()
	m.Goto(m.h.base + "/campaigns/" + m.number + "/lots")
	m.Click(`#lot-1 .cp-report summary`)
	day := m.today.AddDays(17).String()
	m.fill(`#lot-1 form[action$="/report"]`, "day", day)
	m.Click(`#lot-1 form[action$="/report"] button`)
	m.Wait("#lot-1 [aria-invalid=true]") // a reason is needed
	m.fill(`#lot-1 form[action$="/report"]`, "day", day, "reason", "面料晚到五天")
	m.picture(m.Page, "report")
	m.Click(`#lot-1 form[action$="/report"] button`)
	m.Until(`location.pathname.endsWith("/lots")`)
	m.WaitText("#lot-1", "晚 5 天")
	m.seen("lots-late")
	moved := 0
	for _, p := range m.fetched() {
		switch {
		case p.Lot == 1 && p.Promise == day:
			moved++
		case p.Lot != 2 || p.Promise != m.today.AddDays(20).String():
			m.t.Fatalf("%+v", p)
		}
	}
	if moved != firstLot {
		m.t.Errorf("%d promises moved", moved)
	}
	m.Goto(m.h.base + "/campaigns/" + m.number)
	m.WaitText("#waits", "比承诺晚 5 天")
	m.WaitText("#waits", fmt.Sprintf("%d 条", firstLot))
	m.seen("late")
	m.Goto(m.h.base + "/campaigns/" + m.number + "/messages")
	m.WaitText("#drafts", "推迟")
	m.seen("messages")
	m.Click(`form[action$="/tell"] button`)
	m.WaitText("main", fmt.Sprintf("%d 条消息已放行", firstLot))
	later := 0
	for after := int64(0); ; {
		var told struct {
			Messages []struct {
				ID                  int64
				Kind, Promise, Text string
			}
		}
		if status := m.api.ask("GET", fmt.Sprintf("/campaigns/%s/messages?after=%d", m.number, after), "", &told); status != http.StatusOK {
			m.t.Fatalf("status %d", status)
		}
		if len(told.Messages) == 0 {
			break
		}
		for _, x := range told.Messages {
			after = x.ID
			if x.Kind == string(campaign.Later) && x.Promise == day && strings.Contains(x.Text, "推迟") {
				later++
			}
		}
	}
	if later != firstLot {
		m.t.Errorf("communities are told of %d moved promises", later)
	}
}
