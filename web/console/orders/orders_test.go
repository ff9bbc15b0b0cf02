package orders

import (
	"context"
	"math"
	"net/url"
	"testing"
	"time"

	"pgregory.net/rapid"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/web/ui"
)

func orderDay(s string) calendar.Day {
	d, err := calendar.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// orderContext is a buyer who reads Chinese on the morning of the story.
func orderContext() context.Context {
	zone := time.FixedZone("Asia/Shanghai", 8*60*60)
	ctx := access.WithUser(context.Background(), access.User{ID: 1, Name: "周敏", Role: access.Buyer, Language: "zh"})
	return ui.WithView(ctx, &ui.View{Language: ui.Chinese, Keys: true, Zone: zone, Now: time.Date(2026, 11, 22, 10, 18, 0, 0, zone), URL: &url.URL{Path: "/orders/FO-2611-0412"}})
}

// answeredOrder is an order of one line that the supplier has answered with these splits.
func answeredOrder(asked c2m.Line, splits ...c2m.Split) (orderPage, c2mops.Pair) {
	answer := &c2m.AnswerLine{Line: asked.No, Splits: splits}
	o := &c2m.FactoryOrder{ID: 1, Number: "FO-2611-0412", State: c2m.StateAnswered, ShipTo: 3, Current: &c2m.Version{No: 1, Lines: []c2m.Line{asked}}, Lines: []c2m.Line{asked},
		Answer: &c2m.Answer{Version: 1, Lines: []c2m.AnswerLine{*answer}}}
	pair := c2mops.Pair{Line: asked, SKU: catalog.SKU{ID: 7, Code: "MR-204817-B", Name: catalog.Name{ZH: "小雪糕牙胶 蓝"}, Unit: catalog.Name{ZH: "件"}, Price: 2990}, Answer: answer}
	return orderPage{Detail: c2mops.Detail{Order: o, Pairs: []c2mops.Pair{pair}}, Today: orderDay("2026-11-22"), Suggestions: map[int]replenishment.Suggestion{}}, pair
}

var blueLine = c2m.Line{No: 2, SKU: 7, Pieces: 1800, Due: orderDay("2026-12-02"), Price: 1280}

func TestOnlyDifferencesAreTinted(t *testing.T) {
	ctx := orderContext()
	for what, c := range map[string]struct {
		splits             []c2m.Split
		pieces, day, price ui.Cell
	}{
		"as asked": {[]c2m.Split{{Pieces: 1800, Day: blueLine.Due, Price: 1280}}, ui.Cell{Value: "1,800"}, ui.Cell{Value: "12-02"}, ui.Cell{Value: "12.80"}},
		"in two parts": {[]c2m.Split{{Pieces: 1200, Day: blueLine.Due, Price: 1280}, {Pieces: 600, Day: blueLine.Due + 7, Price: 1280}},
			ui.Cell{Value: "1,200 + 600", Note: "分 2 批", Tone: ui.Watch, Diff: true}, ui.Cell{Value: "12-02 / 12-09", Note: "600 件晚 7 天", Tone: ui.Risk, Diff: true}, ui.Cell{Value: "12.80"}},
		"later and dearer": {[]c2m.Split{{Pieces: 1800, Day: blueLine.Due + 3, Price: 1310}}, ui.Cell{Value: "1,800"}, ui.Cell{Value: "12-05", Note: "晚 3 天", Tone: ui.Risk, Diff: true},
			ui.Cell{Value: "13.10", Note: "+0.30", Tone: ui.Risk, Diff: true}},
		"earlier and cheaper": {[]c2m.Split{{Pieces: 1800, Day: blueLine.Due - 2, Price: 1200}}, ui.Cell{Value: "1,800"}, ui.Cell{Value: "11-30", Note: "早 2 天", Tone: ui.OK, Diff: true},
			ui.Cell{Value: "12.00", Note: "−0.80", Tone: ui.OK, Diff: true}},
		"nothing": {[]c2m.Split{{Pieces: 0, Day: blueLine.Due + 18, Price: 1280}}, ui.Cell{Value: "0", Note: "−1,800", Tone: ui.Risk, Diff: true}, ui.Cell{Value: ui.Nothing}, ui.Cell{Value: "12.80"}},
		"more":    {[]c2m.Split{{Pieces: 2000, Day: blueLine.Due, Price: 1280}}, ui.Cell{Value: "2,000", Note: "+200", Tone: ui.Watch, Diff: true}, ui.Cell{Value: "12-02"}, ui.Cell{Value: "12.80"}},
	} {
		p, pair := answeredOrder(blueLine, c.splits...)
		got := pairCells(ctx, p, pair)
		if got.Pieces != c.pieces || got.Day != c.day || got.Price != c.price {
			t.Errorf("%s:\n got %+v %+v %+v\nwant %+v %+v %+v", what, got.Pieces, got.Day, got.Price, c.pieces, c.day, c.price)
		}
	}
}

func TestALineThatWasAgreedIsComparedWithTheAgreement(t *testing.T) {
	p, pair := answeredOrder(blueLine, c2m.Split{Pieces: 1800, Day: blueLine.Due + 9, Price: 1280})
	pair.Agreed = &c2m.Agreement{Line: 2, Version: 1, Splits: []c2m.Split{{Pieces: 1800, Day: blueLine.Due + 7, Price: 1280}}}
	pair.Deviations = []c2m.Deviation{{Line: 2, Kind: c2m.DeviationDay, Decision: c2m.DecisionOpen}}
	got := pairCells(orderContext(), p, pair)
	if got.AskedDay != "12-09" || got.Day.Note != "晚 2 天" {
		t.Errorf("%+v", got)
	}
	// An agreement on nothing must not break the page.
	pair.Agreed.Splits = nil
	if got := pairCells(orderContext(), p, pair); got.AskedPieces != "0" {
		t.Errorf("%+v", got)
	}
}

// The blue teether of the pictures: 180 a day, 1,900 at hand on 11-22, 1,800 asked for 12-02; the answer brings 600 of them a week late.
func TestGapOfALateHalf(t *testing.T) {
	p, pair := answeredOrder(blueLine, c2m.Split{Pieces: 1200, Day: blueLine.Due, Price: 1280}, c2m.Split{Pieces: 600, Day: blueLine.Due + 9, Price: 1280})
	level := replenishment.WaterLevel{SKU: 7, Site: 3, PerDay: 180, Echelon: replenishment.Echelon{Available: 1900}}
	// 1,900 last until 12-02 (10 days use 1,800, 100 are left); with 1,200 more there are 1,300 on 12-02: 7 days of 180 leave 40 for 12-09,
	// which lacks 140; 12-10 lacks all 180, and on 12-11 the 600 come. The ask would have lasted beyond.
	g, ok := gapOf(p, pair, level, nil)
	if !ok || g.Lost != 320 || g.From != orderDay("2026-12-09") || g.To != orderDay("2026-12-10") || g.Money != 320*2990 {
		t.Errorf("%+v, %v", g, ok)
	}
	// Another order that comes in between closes the gap; this order's own line is not counted twice.
	supply := []c2m.Supply{{Order: 9, Line: 1, SKU: 7, Site: 3, Pieces: 400, Day: orderDay("2026-12-08")}, {Order: 1, Line: 2, SKU: 7, Site: 3, Pieces: 5000, Day: orderDay("2026-12-01")},
		{Order: 8, Line: 1, SKU: 7, Site: 4, Pieces: 5000, Day: orderDay("2026-12-01")}}
	if g, ok := gapOf(p, pair, level, supply); ok {
		t.Errorf("with 400 more: %+v", g)
	}
	level.PerDay = 0
	if g, ok := gapOf(p, pair, level, nil); ok {
		t.Errorf("nobody buys it: %+v", g)
	}
}

func TestTheSuggestionsDemandCountsWhereItIsKnown(t *testing.T) {
	p, pair := answeredOrder(blueLine)
	p.Suggestions[2] = replenishment.Suggestion{Explanation: replenishment.Explanation{Projection: replenishment.Projection{Start: p.Today - 1, Demand: []float64{1, 2, 3}}}}
	demand := demandOf(p, pair, replenishment.WaterLevel{PerDay: 50})
	for i, want := range []float64{2, 3, 50, 50} {
		if got := demand(i); got != want {
			t.Errorf("day %d: %v, want %v", i, got, want)
		}
	}
}

func TestUnmetDemand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stock := quantity.Pieces(rapid.Int64Range(-50, 500).Draw(t, "stock"))
		days := rapid.IntRange(1, 40).Draw(t, "days")
		perDay := rapid.Float64Range(0, 60).Draw(t, "per day")
		from := orderDay("2026-11-22")
		var ours []c2m.Split
		var all quantity.Pieces
		for range rapid.IntRange(0, 3).Draw(t, "splits") {
			s := c2m.Split{Pieces: quantity.Pieces(rapid.Int64Range(0, 400).Draw(t, "pieces")), Day: from.AddDays(rapid.IntRange(-2, 45).Draw(t, "day"))}
			ours = append(ours, s)
			if s.Day < from.AddDays(days) {
				all += s.Pieces
			}
		}
		lost := 0.0
		for i, v := range unmet(stock, from, days, func(int) float64 { return perDay }, nil, ours) {
			if v < 0 || v > perDay+1e-9 {
				t.Fatalf("day %d: %v of %v", i, v, perDay)
			}
			lost += v
		}
		// What is sold is at most what there is, and everything is sold or left.
		have := max(0, float64(stock)) + float64(all)
		if sold := perDay*float64(days) - lost; sold > have+1e-6 {
			t.Fatalf("%v sold of %v", sold, have)
		}
		more := append(append([]c2m.Split{}, ours...), c2m.Split{Pieces: 100, Day: from})
		better := 0.0
		for _, v := range unmet(stock, from, days, func(int) float64 { return perDay }, nil, more) {
			better += v
		}
		if better > lost+1e-6 {
			t.Fatalf("100 more pieces lose %v instead of %v", better, lost)
		}
	})
}

func TestShift(t *testing.T) {
	due := orderDay("2026-12-02")
	for _, c := range []struct {
		splits []c2m.Split
		days   int
		moved  quantity.Pieces
	}{
		{nil, 0, 0},
		{[]c2m.Split{{Pieces: 5, Day: due}}, 0, 0},
		{[]c2m.Split{{Pieces: 5, Day: due - 3}}, -3, 5},
		{[]c2m.Split{{Pieces: 5, Day: due - 3}, {Pieces: 2, Day: due + 1}, {Pieces: 4, Day: due + 6}}, 6, 6},
		{[]c2m.Split{{Pieces: 0, Day: due + 30}}, 0, 0},
	} {
		if days, moved := shiftOf(c.splits, due); days != c.days || moved != c.moved {
			t.Errorf("%v: %d days, %d pieces", c.splits, days, moved)
		}
	}
}

func TestArrivals(t *testing.T) {
	ctx := orderContext()
	p, pair := answeredOrder(blueLine, c2m.Split{Pieces: 1200, Day: blueLine.Due, Price: 1280}, c2m.Split{Pieces: 600, Day: blueLine.Due + 7, Price: 1280})
	pair.Supply = []c2m.Supply{{Pieces: 1200, Day: blueLine.Due}, {Pieces: 600, Day: blueLine.Due + 7}}
	p.Terms = map[catalog.SKUID]catalog.Term{7: {CapacityDay: 600}}
	none := pair
	none.Line.No, none.Supply, none.Answer = 4, nil, &c2m.AnswerLine{Line: 4, Reason: c2m.ReasonMaterial, Splits: []c2m.Split{{Day: blueLine.Due + 18}}}
	p.Pairs = []c2mops.Pair{pair, none}
	c := arrivals(ctx, p)
	if len(c.Rows) != 2 || len(c.Rows[0].Parts) != 2 {
		t.Fatalf("%+v", c.Rows)
	}
	first, second := c.Rows[0].Parts[0], c.Rows[0].Parts[1]
	if first.Kind != arrivalPlanned || first.From != blueLine.Due-2 || second.Kind != arrivalLate || second.Words != "600 件，12-09 到，晚于要求" {
		t.Errorf("%+v\n%+v", first, second)
	}
	if x := c.Rows[1].Parts[0]; x.Kind != arrivalNone || x.Text != "缺料，12-20 后可供" {
		t.Errorf("%+v", x)
	}
	for i, d := range c.Ticks {
		if x := c.at(d); x <= 0 || x >= 1 || math.IsNaN(x) {
			t.Errorf("tick %s at %v", d, x)
		}
		if i > 0 && c.at(d)-c.at(c.Ticks[i-1]) < 0.09 {
			t.Errorf("ticks %s and %s touch", c.Ticks[i-1], d)
		}
	}
}

func TestOrderPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := c2mops.Cursor{Key: rapid.Int64().Draw(t, "key"), ID: c2m.OrderID(rapid.Int64().Draw(t, "id"))}
		got, err := readOrderPlace(orderPlace(&c))
		if err != nil || *got != c {
			t.Fatalf("%+v, %v", got, err)
		}
	})
	for _, s := range []string{"", ".", "1.", ".1", "x.1", "1.2.3", "1", "99999999999999999999.1"} {
		if c, err := readOrderPlace(s); err == nil {
			t.Errorf("%q is read as %+v", s, c)
		}
	}
}

func TestEveryWordOfAnOrderIsWritten(t *testing.T) {
	ids := []string{}
	for _, v := range orderViews[1:] {
		if v == "waiting" || v == "over" {
			ids = append(ids, "orders.view_"+v)
		} else {
			ids = append(ids, "status.order."+v)
		}
	}
	for _, s := range orderSorts {
		ids = append(ids, "orders.sort_"+trimSort(s))
	}
	for _, st := range c2m.States() {
		ids = append(ids, "status.order."+string(st))
	}
	for _, k := range []c2m.Field{c2m.FieldSKU, c2m.FieldPieces, c2m.FieldPrice, c2m.FieldTax, c2m.FieldDue, c2m.FieldShelfLife, c2m.FieldSpec, c2m.FieldNote} {
		ids = append(ids, "order.field."+string(k))
	}
	for _, verb := range []string{"create", "suggestions", "line_add", "line_change", "line_remove", "conditions", "discard", "send", "answer", "accept", "refuse", "reschedule", "produce",
		"dispatch", "receive", "message", "cancel", "close"} {
		ids = append(ids, "order.deed."+verb)
	}
	ids = append(ids, "order.arrival.title_answered", "order.arrival.title_agreed", "order.arrival.title_asked", "order.arrival.plan", "order.arrival.late", "order.arrival.road",
		"order.arrival.came", "order.effect.title_accept", "order.effect.title_facts", "order.end.cancel", "order.end.close", "order.end.cancel_note", "order.end.close_note",
		"order.ended.cancelled", "order.ended.closed", "order.send.prices_terms", "order.send.prices_keep", "order.col.answered", "order.col.agreed", "order.col.decision", "order.col.progress",
		"order.accept", "order.accept_none", "order.accept_offer", "order.refuse", "order.refuse_none", "order.refuse_offer", "orders.none_waiting", "orders.none_draft", "orders.none_late",
		"orders.sum_late", "orders.sum_waiting", "orders.agreed_partly", "orders.agreed_split", "order.trail.sent", "order.trail.reply", "order.trail.line", "order.trail.all", "order.trail.pieces",
		"order.trail.price", "order.trail.due", "order.trail.pieces_is", "order.trail.price_is", "order.trail.due_is", "order.trail.answered")
	for _, f := range []string{"asked", "agreed", "road", "came", "short", "next", "reply"} {
		ids = append(ids, "order.fact."+f)
	}
	for _, k := range []c2m.DeviationKind{c2m.DeviationPieces, c2m.DeviationDay, c2m.DeviationPrice, c2m.DeviationPack, c2m.DeviationUnknown, c2m.DeviationUnanswered, "moq"} {
		ids = append(ids, "order.dev."+string(k))
	}
	for _, lang := range []ui.Language{ui.Chinese, ui.English} {
		ctx := ui.WithView(context.Background(), &ui.View{Language: lang})
		for _, id := range ids {
			if w := ui.T(ctx, id); w == id || w == "" {
				t.Errorf("%s: %s is not written", lang, id)
			}
		}
	}
}

func trimSort(s string) string {
	if s[0] == '-' {
		return s[1:]
	}
	return s
}

func TestMarginOfADearerPrice(t *testing.T) {
	_, pair := answeredOrder(blueLine)
	pair.SKU.Price = 1590
	pair.Deviations = []c2m.Deviation{{Line: 2, Kind: c2m.DeviationPrice, AskedPrice: money.Fen(890), Price: 920, Decision: c2m.DecisionOpen}}
	var e orderEffects
	e.price(pair)
	if len(e.Margins) != 1 || marginText(orderContext(), e.Margins[0]) != "小雪糕牙胶 蓝 单价 +3.4%，毛利率 44.0% → 42.1%" {
		t.Errorf("%+v", e.Margins)
	}
}
