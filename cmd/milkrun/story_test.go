package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"milkrun/internal/demo"
	"milkrun/internal/e2e"
)

// script is the story's words in a language.
type script struct {
	language, buyer                     string
	dark                                bool   // whether the buyer works in the dark
	counter                             bool   // whether the buyer turns the higher price down, or takes the answer as it is
	topic, why, approve, approved       string // the topic's name; the reason of the change; what stands on and after the button
	notPack                             string // begins the warning of a number that is not a multiple of the carton
	page, note                          string // names of the worksheets
	sku, asked, unitPrice               string // headings of the order sheet
	qty, day, qty2, day2, price, reason string
	dear                                string // why the price is higher
	taken, repeated, refused            string
	wrong                               string // what the annotated sheet says of a quantity that is none
	version2                            string
	answered, confirmed, shipped        string
	asn, lot, produced, number, cartons string // headings of the delivery note
	perCarton, arrival                  string
}

var chinese = script{
	language: "zh", buyer: "zhoumin", counter: true,
	topic: "出牙", why: "供应商这周只做得出这些", approve: "批准 ", approved: "已批准 ", notPack: "不是整箱",
	page: "采购单", note: "送货单", sku: "SKU", asked: "数量", unitPrice: "含税单价（元）",
	qty: "确认数量", day: "确认交期", qty2: "第 2 批数量", day2: "第 2 批交期", price: "确认单价（含税，元）", reason: "原因", dear: "成本上涨",
	taken: "已收下", repeated: "没有重复生效", refused: "没有收下", wrong: "不是数字", version2: "第 2 版",
	answered: "已答复", confirmed: "已确认", shipped: "已发运",
	asn: "送货单号", lot: "批号", produced: "生产日期", number: "本次数量", cartons: "箱数", perCarton: "每箱件数", arrival: "计划到货",
}

var english = script{
	language: "en", buyer: "buyer.en", dark: true,
	topic: "Teething", why: "All they can make this week", approve: "Approve ", approved: "Approved ", notPack: "Not whole packs",
	page: "Order", note: "ASN", sku: "SKU", asked: "Quantity", unitPrice: "Price incl. tax (CNY)",
	qty: "Confirmed qty", day: "Confirmed date", qty2: "2nd delivery qty", day2: "2nd delivery date", price: "Confirmed price (incl. tax, CNY)", reason: "Reason", dear: "costs",
	taken: "taken", repeated: "Nothing was done twice", refused: "not taken", wrong: "not a number", version2: "Version 2",
	answered: "Answered", confirmed: "Confirmed", shipped: "Shipped",
	asn: "ASN no.", lot: "Lot", produced: "Production date", number: "Quantity", cartons: "Cartons", perCarton: "Units per carton", arrival: "Planned arrival",
}

// teller plays the story in a browser and takes a numbered picture of each step.
type teller struct {
	script
	*e2e.Page
	t        *testing.T
	h        *served
	pictures *int
}

// seen takes a picture of the page and asks for faults of accessibility.
func (s *teller) seen(name string) {
	s.t.Helper()
	s.picture(name)
	s.Axe()
}

func (s *teller) picture(name string) {
	s.t.Helper()
	s.Until(`!document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")`)
	*s.pictures++
	s.Screenshot(fmt.Sprintf("story-%s-%02d-%s", s.language, *s.pictures, name))
}

// pieces reads the first number of a text: 4200 of "批准 4,200 件".
func pieces(t testing.TB, text string) int {
	t.Helper()
	found := regexp.MustCompile(`\d[\d,]*`).FindString(text)
	n, err := strconv.Atoi(strings.ReplaceAll(found, ",", ""))
	if err != nil {
		t.Fatalf("no number in %q", text)
	}
	return n
}

func TestStoryZH(t *testing.T) { tell(t, chinese) }

func TestStoryEN(t *testing.T) { tell(t, english) }

// tell plays the whole story: a topic heats up, the buyer looks, changes, approves, orders; the supplier answers, and sends.
func tell(t *testing.T, sc script) {
	h := serve(t, demoCopy(t), func(c *Config, _ *ServeCmd) { c.UndoSeconds = 4 })
	pictures := 0
	open := func() *teller {
		s := &teller{script: sc, Page: e2e.Open(t, 1440, 900), t: t, h: h, pictures: &pictures}
		s.Allow("422") // a missing reason is part of the story
		return s
	}
	buyer := open()
	buyer.enter(sc.buyer)
	if sc.dark {
		buyer.darken()
	}
	buyer.today()
	buyer.change(buyer.suggestion())
	order := buyer.approveAndTakeBack()
	buyer.order(order)
	buyer.leave()

	supplier := open()
	supplier.portal(order)
	supplier.answer(order)

	buyer.enter(sc.buyer)
	buyer.differences(order)
	if sc.counter {
		buyer.haggle(order)
		supplier.agree(order)
	} else {
		buyer.acceptAll()
	}
	buyer.agreed(order)
	supplier.deliver(order)
	buyer.onItsWay(order)
}

// leave signs out by the menu.
func (s *teller) leave() {
	s.t.Helper()
	s.Click(".mk-user")
	s.Click(`form[action="/logout"] button`)
	s.Until(`location.pathname === "/login"`)
}

// spoken gives the language of the page.
func (s *teller) spoken() string {
	return e2e.Eval[string](s.Page, "document.documentElement.lang")
}

func (s *teller) here() string { return e2e.Eval[string](s.Page, "location.pathname") }

func (s *teller) href(selector string) string {
	s.t.Helper()
	return e2e.Eval[string](s.Page, fmt.Sprintf("document.querySelector(%q)?.getAttribute('href') || ''", selector))
}

// enter signs in with the keyboard alone.
func (s *teller) enter(login string) {
	s.t.Helper()
	s.Goto(s.h.base + "/")
	if s.language == "en" && s.spoken() != "en" {
		s.Click(`button[name=language][value=en]`)
		s.Until(`document.documentElement.lang === "en"`)
	}
	s.seen("login")
	s.Press(login + "\t" + demo.Password + "\r")
	s.Until(`location.pathname !== "/login"`)
}

// darken switches to the dark theme by the menu.
func (s *teller) darken() {
	s.t.Helper()
	s.Click(".mk-user")
	s.seen("menu")
	s.Click("button[name=theme][value=dark]")
	s.Until(`document.documentElement.dataset.bsTheme === "dark"`)
	s.Press("\x1b")
}

// today shows what heats up.
func (s *teller) today() {
	s.t.Helper()
	s.Until(`location.pathname === "/today"`)
	s.WaitText("#main", s.topic)
	s.Until(`!!document.querySelector(".uplot canvas, .mk-chart canvas")`)
	s.seen("today")
	row := s.Text(`a[href="/demand/topics/` + demo.StoryTopic + `"]`)
	if !strings.Contains(row, s.topic) {
		s.t.Errorf("the topic is called %q", row)
	}
}

// suggestion opens the suggestion of the story from the list, with the keyboard, and gives its number once the sum adds up.
func (s *teller) suggestion() int {
	s.t.Helper()
	s.Click("#today-todo li:first-child a")
	s.Until(`location.pathname === "/suggestions"`)
	s.WaitText("#suggestion-list", demo.StorySKU)
	s.seen("suggestions")
	s.Type(".is-find", demo.StorySKU)
	s.Until(`document.querySelectorAll("#suggestion-list [data-mk-row]").length > 0 && [...document.querySelectorAll("#suggestion-list [data-mk-row]")].every(r => r.innerText.includes("` + demo.StorySKU + `"))`)
	s.Press("\x1b")
	s.Until(`document.querySelector(".is-find").value === "` + demo.StorySKU + `"`) // leaving the box does not empty it
	s.Press("j\r")
	s.Wait(".mk-drawer .mk-why")
	s.seen("why")
	type step struct{ Op, Value string }
	steps := e2e.Eval[[]step](s.Page, `[...document.querySelectorAll(".mk-drawer .mk-why > div")].map(d => ({Op: d.dataset.op, Value: d.querySelector("dd").innerText}))`)
	sum := 0
	for i, x := range steps {
		n := pieces(s.t, x.Value)
		switch {
		case i == len(steps)-1:
			if x.Op != "=" || sum != n {
				s.t.Errorf("the steps give %d, the suggestion says %s %d: %v", sum, x.Op, n, steps)
			}
			if foot := pieces(s.t, s.Text(".mk-drawer footer")); foot != n {
				s.t.Errorf("%d on the button, %d in the sum", foot, n)
			}
			return n
		case x.Op == "+":
			sum += n
		case x.Op == "−":
			sum -= n
		default:
			s.t.Errorf("step %d has the sign %q", i, x.Op)
		}
	}
	s.t.Fatalf("no steps")
	return 0
}

const wanted = 4000

// change puts another number in the place of the planner's.
func (s *teller) change(suggested int) {
	s.t.Helper()
	if suggested == wanted || suggested < 1200 || suggested%60 != 0 {
		s.t.Errorf("%d pieces are suggested", suggested)
	}
	s.Press("e" + strconv.Itoa(wanted))
	s.WaitText("#review", s.notPack)
	s.WaitText("#review", "3,960")
	s.WaitText("#review", "4,020")
	s.Wait("#approve button:disabled") // what is typed is not what it would approve
	s.picture("review")
	s.Press("\r")
	s.Wait(".mk-drawer [aria-invalid=true]")
	s.Until(`document.activeElement.name === "reason"`)
	s.seen("no-reason")
	s.Type("#change [name=reason]", s.why)
	s.Press("\r")
	s.WaitText(".mk-drawer footer", s.approve+"4,000")
	s.WaitText(".mk-drawer", s.why)
	s.picture("changed")
}

// approveAndTakeBack approves by the key A, undoes it once, approves again, and gives the number of the order.
func (s *teller) approveAndTakeBack() string {
	s.t.Helper()
	s.Press("a")
	s.WaitText(".mk-drawer", s.approved+"4,000")
	s.seen("approved")
	s.Press("u")
	s.WaitText(".mk-drawer footer", s.approve+"4,000")
	s.picture("undone")
	s.Press("a")
	s.WaitText(".mk-drawer", s.approved+"4,000")
	s.Until(`[...document.querySelectorAll("#suggestion-list a")].some(a => a.innerText.startsWith("FO-"))`)
	s.seen("ordered")
	return e2e.Eval[string](s.Page, `document.querySelector('.mk-drawer a[href^="/orders/FO-"]').href.split("/").pop()`)
}

// order looks at the draft, adds another of the supplier's goods and sends it.
func (s *teller) order(number string) {
	s.t.Helper()
	s.Click(`.mk-drawer a[href="/orders/` + number + `"]`)
	s.WaitText("h1", number)
	s.seen("draft")
	s.Press("e")
	s.Wait("#d-q")
	s.Type("#d-q", "MR-204833")
	s.Until(`document.querySelectorAll("#goods-found a").length === 1 && document.querySelector("#goods-found").innerText.includes("MR-204833")`)
	s.picture("add-search")
	s.Click("#goods-found a")
	s.Wait("#add-form")
	s.picture("add")
	s.Press("\x1b")
	s.Press("a")
	s.WaitText("#lines", "MR-204833")
	s.seen("draft-two-lines")
	s.Press("a")
	s.Wait("#send-form")
	s.seen("send")
	s.Press("a")
	s.Gone("#send-form")
	s.seen("sent")
}
