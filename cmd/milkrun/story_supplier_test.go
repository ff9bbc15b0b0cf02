package main

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"milkrun/internal/calendar"
	"milkrun/internal/demo"
)

const second = "MR-204833" // the goods that the buyer adds to the order

// portal signs the supplier in and finds the order on its first page.
func (s *teller) portal(number string) {
	s.t.Helper()
	s.enter("beili")
	s.Until(`location.pathname === "/portal"`)
	if s.language == "en" && s.spoken() != "en" {
		s.Click(`button[name=language]`)
		s.Until(`document.documentElement.lang === "en"`)
	}
	s.WaitText("#main", number)
	s.seen("portal")
	s.Click(`#main a[href="/portal/orders/` + number + `"]`)
	s.WaitText("h1", number)
	s.seen("portal-order")
}

// orderSheet downloads the order's workbook and looks at it as a clerk does.
func (s *teller) orderSheet(number string) *paper {
	s.t.Helper()
	b := unfold(s.t, download(s.t, s.Page, s.h.base, "/portal/orders/"+number+"/sheet?lang="+s.language), s.page, s.qty)
	row := b.rowOf(s.sku, demo.StorySKU)
	if got := b.get(row, s.asked); got != strconv.Itoa(wanted) {
		s.t.Errorf("%s pieces are asked for", got)
	}
	if got := b.get(row, s.unitPrice); got != "12.80" {
		s.t.Errorf("the unit price is %s", got)
	}
	for heading, locked := range map[string]bool{s.sku: true, s.asked: true, s.unitPrice: true, s.qty: false, s.day: false, s.qty2: false, s.price: false, s.reason: false} {
		if b.locked(row, heading) != locked {
			s.t.Errorf("column %s: locked %v", heading, !locked)
		}
	}
	rules, err := b.book.GetDataValidations(s.page)
	if err != nil || len(rules) < 3 {
		s.t.Errorf("%d rules for what may be typed, %v", len(rules), err)
	}
	if list := b.book.GetSheetList(); len(list) < 4 {
		s.t.Errorf("worksheets %v", list)
	}
	return b
}

// upload sends a file by choosing it, and waits for what became of it.
func (s *teller) upload(path string) {
	s.t.Helper()
	before := s.here()
	s.Upload("input[type=file][name=file]", path)
	s.Until(`location.pathname.startsWith("/portal/uploads/") && location.pathname !== ` + strconv.Quote(before) + ` && document.readyState === "complete"`)
}

// answer fills the order sheet in: the first line split over two days, the second dearer; sends it, sends it again, and a spoiled one.
func (s *teller) answer(number string) {
	s.t.Helper()
	b := s.orderSheet(number)
	first, other := b.rowOf(s.sku, demo.StorySKU), b.rowOf(s.sku, second)
	due := calendar.Of(time.Now(), s.h.cfg.zone()).AddDays(9)
	b.set(first, s.qty, 2400)
	b.set(first, s.day, due.String())
	b.set(first, s.qty2, "1,600件")
	b.set(first, s.day2, strings.ReplaceAll(due.AddDays(7).String(), "-", "."))
	asked := b.get(other, s.asked)
	b.set(other, s.qty, asked)
	b.set(other, s.day, due.String())
	b.set(other, s.price, 11.2)
	b.set(other, s.reason, s.dear)
	path := b.save("answer.xlsx")
	s.upload(path)
	s.WaitText("#main", number)
	s.seen("portal-taken")
	s.WaitText("#main", s.taken)

	s.Goto(s.h.base + "/portal")
	s.upload(path)
	s.WaitText("#main", s.repeated)
	s.seen("portal-repeated")

	b.set(first, s.qty, "约 2400 左右")
	b.set(other, s.day, "13月45日")
	s.Goto(s.h.base + "/portal")
	s.upload(b.save("spoiled.xlsx"))
	s.WaitText("#main", s.refused)
	s.Wait("[data-mk-bad]")
	s.seen("portal-refused")
	if text := s.Text("#main"); !strings.Contains(text, "2400") || !strings.Contains(text, "13月45日") {
		s.t.Errorf("the page does not show what was typed:\n%s", text)
	}
	annotated := download(s.t, s.Page, s.h.base, s.href(`#main a[href^="/portal/files/"]`))
	book, err := excelize.OpenReader(bytes.NewReader(annotated))
	if err != nil {
		s.t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows(s.page)
	if err != nil || first > len(rows) || !strings.Contains(strings.Join(rows[first-1], "\n"), s.wrong) {
		s.t.Errorf("the annotated sheet does not say %q in row %d: %v", s.wrong, first, err)
	}
	for _, row := range []int{first, other} {
		if !marked(s.t, book, s.page, row) {
			s.t.Errorf("row %d is not marked", row)
		}
	}
}

// differences looks at what the answer changes.
func (s *teller) differences(number string) {
	s.t.Helper()
	s.Until(`location.pathname === "/today"`)
	s.Click(`#today-todo a[href="/orders/` + number + `"]`)
	s.WaitText("h1", number)
	s.WaitText(".mk-head", s.answered)
	s.seen("differences")
	text := s.Text("#order")
	for _, want := range []string{"2,400", "1,600", "11.20"} {
		if !strings.Contains(text, want) {
			s.t.Errorf("the page does not show %s", want)
		}
	}
}

// acceptAll takes the answer as it is, by one key.
func (s *teller) acceptAll() {
	s.t.Helper()
	s.Press("a")
	s.WaitText(".mk-head", s.confirmed)
}

// haggle accepts the first line, turns the price of the second down and sends the next version.
func (s *teller) haggle(number string) {
	s.t.Helper()
	s.Click(`#order form[hx-post$="/accept"] button`)
	s.Until(`document.querySelectorAll('#order form[hx-post$="/accept"]').length === 1`)
	s.picture("first-accepted")
	s.Click(`#order a[href*="counter"]`)
	s.Wait("#counter-form")
	s.seen("counter")
	s.Click(".mk-drawer footer button")
	s.Until(`document.activeElement.id === "d-reason"`) // a reason is needed
	s.Type("#d-price", "10.50")
	s.Type("#d-reason", s.why)
	s.Click(".mk-drawer footer button")
	s.Gone("#counter-form")
	s.seen("countered")
	s.Press("a")
	s.Wait("#send-form #d-reason")
	s.Type("#d-reason", s.why)
	s.seen("send-again")
	s.Click(".mk-drawer footer button")
	s.Gone("#send-form")
	s.WaitText(".mk-head", s.version2)
	s.picture("sent-again")
}

// agree takes the new version on the page, without a sheet.
func (s *teller) agree(number string) {
	s.t.Helper()
	s.Goto(s.h.base + "/portal/orders/" + number)
	s.WaitText("h1", number)
	s.seen("portal-version-2")
	s.Click(`form[action$="/answer"] button[type=submit], form[action$="/answer"] button:not([type])`)
	s.WaitText(".po-head", s.confirmed)
	s.seen("portal-agreed")
}

// agreed is the order once both sides agree.
func (s *teller) agreed(number string) {
	s.t.Helper()
	s.Goto(s.h.base + "/orders/" + number)
	s.WaitText(".mk-head", s.confirmed)
	s.seen("confirmed")
}

// deliver fills the delivery note in and uploads it.
func (s *teller) deliver(number string) {
	s.t.Helper()
	s.Goto(s.h.base + "/portal/orders/" + number)
	b := unfold(s.t, download(s.t, s.Page, s.h.base, "/portal/orders/"+number+"/delivery-note?lang="+s.language), s.note, s.asn)
	today := calendar.Of(time.Now(), s.h.cfg.zone())
	for i, sku := range []string{demo.StorySKU, second} {
		row := b.rowOf(s.sku, sku)
		if i == 0 {
			b.set(row, s.asn, "SH-"+strings.ReplaceAll(today.String(), "-", "")+"-01")
			b.set(row, s.arrival, today.AddDays(9).String())
		}
		b.set(row, s.lot, "L2611"+strconv.Itoa(i+1))
		b.set(row, s.produced, today.AddDays(-3).String())
		b.set(row, s.number, []int{2400, 1080}[i])
		b.set(row, s.cartons, []int{40, 18}[i])
		b.set(row, s.perCarton, 60)
	}
	s.upload(b.save("delivery.xlsx"))
	s.WaitText("#main", s.taken)
	s.seen("portal-delivered")
	s.Goto(s.h.base + "/portal/deliveries")
	s.WaitText("#main", "SH-")
	s.seen("portal-deliveries")
	s.Goto(s.h.base + "/portal/forecast")
	s.seen("portal-forecast")
}

// onItsWay: the page that the buyer has left open says so by itself.
func (s *teller) onItsWay(number string) {
	s.t.Helper()
	s.Wait(".or-news-note")
	s.seen("news")
	s.Click(".or-news-note a")
	s.WaitText(".mk-head", s.shipped)
	s.WaitText("#order", "SH-")
	s.seen("shipped")
}
