package demo

import (
	"cmp"
	"math"
	"slices"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// OrderState is how far a factory order of the past weeks has come. Each state includes what comes before it.
type OrderState string

// The states, in order: being written, sent, answered by the supplier but not yet decided on, confirmed, on its way.
const (
	OrderDraft     OrderState = "draft"
	OrderSent      OrderState = "sent"
	OrderAnswered  OrderState = "answered"
	OrderConfirmed OrderState = "confirmed"
	OrderShipped   OrderState = "shipped"
)

// Order is a factory order that the demonstration plays through the program's own verbs.
type Order struct {
	Supplier, ShipTo string // codes
	Buyer            string // login
	State            OrderState
	Created          calendar.Day
	Sent             calendar.Day // Created or later; not read for a draft
	Answered         calendar.Day // not read before OrderAnswered
	Confirmed        calendar.Day // not read before OrderConfirmed
	Shipped          calendar.Day // not read before OrderShipped
	Lines            []OrderLine
	Note             string
}

// OrderLine is what was asked and, from OrderAnswered on, what the supplier answered.
type OrderLine struct {
	SKU    string
	Pieces quantity.Pieces
	Price  money.Fen
	Due    calendar.Day
	Answer []OrderPart // one part a delivery; a single part of 0 pieces is a refusal
	Price2 money.Fen   // the answered unit price
	Remark string
}

// OrderPart is one delivery of a line.
type OrderPart struct {
	Pieces quantity.Pieces
	Day    calendar.Day
}

// plan of the orders: days ago of creation, and how late the answer is (0 = as asked).
var orderPlan = []struct {
	supplier, shipTo string
	state            OrderState
	ago              int
	lines            int
	late             int
	note             string
}{
	{"S-0101", "JX", OrderConfirmed, 19, 3, 0, ""},
	{"S-0203", "RTM", OrderConfirmed, 13, 3, 4, ""},
	{"S-0104", "NGB", OrderConfirmed, 24, 2, 0, ""},
	{"S-0105", "JX", OrderShipped, 11, 4, 0, ""},
	{"S-0109", "FS", OrderShipped, 8, 3, 0, ""},
	{"S-0123", "JX", OrderConfirmed, 12, 4, 5, ""},
	{"S-0106", "CD", OrderConfirmed, 7, 3, 0, ""},
	{"S-0118", "JX", OrderSent, 3, 3, 0, ""},
	{"S-0110", "JX", OrderSent, 1, 4, 0, "双12 备货，请优先排产"},
	{"S-0114", "FS", OrderAnswered, 4, 3, 6, ""},
	{"S-0205", "NSA", OrderSent, 2, 2, 0, ""},
	{"S-0127", "JX", OrderDraft, 0, 2, 0, ""},
}

// orders makes the factory orders that are open today: one plan line each, and the two of the story's supplier.
func (w *World) orders() []Order {
	var out []Order
	for _, p := range orderPlan {
		o := w.dated(Order{Supplier: p.supplier, ShipTo: p.shipTo, Buyer: "zhoumin", State: p.state, Note: p.note}, p.ago)
		lead := int(math.Round(firmOf(p.supplier).lead))
		rng := w.random("order " + p.supplier)
		for i, t := range w.bestOf(p.supplier, p.lines) {
			n := max(quantity.Pieces(w.find(t.SKUCode).rate*w.localShare(t.SKUCode, p.shipTo)*10), t.MOQ).CeilTo(t.Pack)
			line := OrderLine{SKU: t.SKUCode, Pieces: n, Price: t.PriceAt(n), Due: o.Created.AddDays(lead)}
			line.Price2 = line.Price
			late := 0
			if i == 0 || rng.chance(.3) {
				late = p.late
			}
			line.Answer = []OrderPart{{n, line.Due.AddDays(late)}}
			if late > 0 {
				line.Remark = "排产已满，顺延"
			}
			o.Lines = append(o.Lines, line)
		}
		out = append(out, o)
	}
	out = append(out, w.inbound(), w.disputed())
	slices.SortStableFunc(out, func(a, b Order) int { return int(a.Created) - int(b.Created) })
	return out
}

// dated gives an order its days: what has happened lies between its creation and today.
func (w *World) dated(o Order, ago int) Order {
	step := func(n int) calendar.Day { return min(w.Today.AddDays(-ago+n), w.Today) }
	o.Created, o.Sent, o.Answered, o.Confirmed = step(0), step(0), step(2), step(3)
	o.Shipped = w.Today.AddDays(-1)
	return o
}

// inbound is the earlier order of the story's SKU that is still to arrive.
func (w *World) inbound() Order {
	o := w.dated(Order{Supplier: StorySupplier, ShipTo: StorySite, Buyer: "zhoumin", State: OrderConfirmed}, 6)
	due := w.Today.AddDays(storyInboundDays)
	o.Lines = []OrderLine{{
		SKU: StorySKU, Pieces: storyInbound, Price: storyCost, Due: due,
		Answer: []OrderPart{{storyInbound, due}}, Price2: storyCost, Remark: "一致",
	}}
	o.Note = "小单补货，按起订量以下协商"
	return o
}

// disputed is an answered order of the story's supplier: two lines as asked, one parted, one dearer and late.
func (w *World) disputed() Order {
	o := w.dated(Order{Supplier: StorySupplier, ShipTo: StorySite, Buyer: "zhoumin", State: OrderAnswered}, 3)
	due := w.Today.AddDays(9)
	for _, t := range w.bestOf(StorySupplier, 6) {
		if t.SKUCode == StorySKU || t.SKUCode == "MR-204833" || len(o.Lines) == 4 {
			continue
		}
		n := max(t.MOQ, quantity.Pieces(w.find(t.SKUCode).rate*10)).CeilTo(t.Pack)
		line := OrderLine{SKU: t.SKUCode, Pieces: n, Price: t.PriceAt(n), Due: due, Price2: t.PriceAt(n), Remark: "一致"}
		line.Answer = []OrderPart{{n, due}}
		first := (n * 2 / 3).FloorTo(t.Pack)
		switch {
		case len(o.Lines) == 1 && first > 0 && first < n:
			line.Answer = []OrderPart{{first, due}, {n - first, due.AddDays(7)}}
			line.Remark = "色母料晚到，余数晚 7 天"
		case len(o.Lines) == 2:
			line.Answer[0].Day = due.AddDays(3)
			line.Price2 += max(line.Price*3/100, 10)
			line.Remark = "网兜涨价，丝印排期"
		case len(o.Lines) == 3:
			line.Answer = []OrderPart{{0, due}}
			line.Remark = "缺料（PP 粒子），本单不供"
		}
		o.Lines = append(o.Lines, line)
	}
	return o
}

// bestOf gives the n main terms of a supplier whose SKUs sell best and are not on their way out.
func (w *World) bestOf(supplier string, n int) []catalog.TermDraft {
	var out []catalog.TermDraft
	for _, t := range w.Terms {
		if it := w.find(t.SKUCode); t.SupplierCode == supplier && !t.Backup && it.Retired == nil && !isPinnedCode(t.SKUCode) {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b catalog.TermDraft) int {
		return cmp.Compare(w.find(b.SKUCode).rate, w.find(a.SKUCode).rate)
	})
	return out[:min(n, len(out))]
}

// isPinnedCode keeps the SKUs of the story out of other orders, so that its numbers stay what they are.
func isPinnedCode(code string) bool {
	for _, p := range pinned {
		if code == "MR-"+digits(p[0], 6) {
			return true
		}
	}
	return false
}

// localShare gives the part of a SKU's demand that a ship-to site serves, itself and what it feeds.
func (w *World) localShare(sku, site string) float64 {
	sum := 0.0
	for _, s := range w.find(sku).sites {
		if p := places[s.place]; p.Code == site || p.from == site {
			sum += s.part
		}
	}
	return max(sum, .1)
}
