package orders

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

// orderDone is an entry of an order's history in words.
type orderDone struct{ Who, What, When, More string }

// orderTrail is what an entry of the trail may say, of whatever verb.
type orderTrail struct {
	Version   int              `json:"version"`
	Pieces    json.RawMessage  `json:"pieces"`
	Line      int              `json:"line"`
	Undecided int              `json:"undecided"`
	Reason    string           `json:"reason"`
	ReplyBy   *time.Time       `json:"reply_by"`
	Amount    money.Fen        `json:"amount_fen"`
	Day       *calendar.Day    `json:"day"`
	Note      string           `json:"note"`
	Notes     []string         `json:"notes"`
	Left      []int            `json:"left"`
	Value     *json.RawMessage `json:"value"`
	Sheet     string           `json:"sheet"`
}

// orderTrailLine is a line in the trail.
type orderTrailLine struct {
	No     int             `json:"no"`
	Line   int             `json:"line"` // of an agreement
	Pieces quantity.Pieces `json:"pieces"`
	Price  money.Fen       `json:"price"`
	Due    calendar.Day    `json:"due"`
	Splits []struct {
		Pieces quantity.Pieces `json:"pieces"`
		Day    calendar.Day    `json:"day"`
	} `json:"Splits"`
}

// deedOf says an entry: who did what, and what there is to know of it.
func deedOf(ctx context.Context, p orderPage, e audit.Entry) orderDone {
	d := orderDone{Who: e.Actor, What: deedWord(ctx, e.Verb), When: ui.Moment(ctx, e.At)}
	var t orderTrail
	_ = json.Unmarshal(e.After, &t) // a list, or a text, has none of these fields
	var parts []string
	say := func(id string, args ...any) { parts = append(parts, ui.T(ctx, "order.trail."+id, args...)) }
	switch e.Verb {
	case "order.send":
		var pieces quantity.Pieces
		_ = json.Unmarshal(t.Pieces, &pieces)
		say("sent", "Version", t.Version, "Pieces", pieces, "Money", ui.Yuan(t.Amount))
		if t.ReplyBy != nil {
			say("reply", "Moment", ui.Moment(ctx, *t.ReplyBy))
		}
	case "order.answer":
		say("answered", "Version", t.Version, ui.Count, t.Undecided)
		if t.Sheet != "" {
			parts = append(parts, t.Sheet)
		}
	case "order.line.add", "order.line.change", "order.line.remove", "order.refuse", "order.reschedule":
		parts = append(parts, lineDeed(ctx, p, e)...)
	case "order.accept":
		if t.Line != 0 {
			say("line", "Line", t.Line, "Goods", lineGoods(ctx, p, t.Line))
		} else {
			say("all")
		}
	case "order.receive":
		parts = append(parts, receivedDeed(ctx, p, t)...)
	case "order.message":
		var text string
		_ = json.Unmarshal(e.After, &text)
		parts = append(parts, desk.CutText(text))
	case "order.dispatch":
		parts = append(parts, strings.Join(t.Notes, ", "))
	}
	if t.Reason != "" {
		parts = append(parts, t.Reason)
	}
	d.More = strings.Join(parts, " · ")
	return d
}

func deedWord(ctx context.Context, verb string) string {
	id := "order.deed." + strings.ReplaceAll(strings.TrimPrefix(verb, "order."), ".", "_")
	if w := ui.T(ctx, id); w != id {
		return w
	}
	return verb
}

// lineDeed says what a change of a line was: its goods, and each value that moved.
func lineDeed(ctx context.Context, p orderPage, e audit.Entry) []string {
	was, is := trailLine(e.Before), trailLine(e.After)
	no := max(was.No, is.No, was.Line, is.Line)
	var parts []string
	if no > 0 {
		parts = append(parts, ui.T(ctx, "order.trail.line", "Line", no, "Goods", lineGoods(ctx, p, no)))
	}
	move := func(id, a, b string) {
		switch {
		case a == b:
		case e.Verb == "order.line.add":
			parts = append(parts, ui.T(ctx, "order.trail."+id+"_is", "Is", b))
		case e.Verb != "order.line.remove":
			parts = append(parts, ui.T(ctx, "order.trail."+id, "Was", a, "Is", b))
		}
	}
	if e.Verb == "order.reschedule" {
		return append(parts, splitsDeed(ctx, was)+" → "+splitsDeed(ctx, is))
	}
	move("pieces", ui.Pieces(was.Pieces), ui.Pieces(is.Pieces))
	move("price", ui.Amount(was.Price), ui.Amount(is.Price))
	move("due", ui.Day(ctx, was.Due), ui.Day(ctx, is.Due))
	return parts
}

func splitsDeed(ctx context.Context, l orderTrailLine) string {
	var parts []string
	for _, s := range l.Splits {
		parts = append(parts, ui.Pieces(s.Pieces)+" "+ui.Day(ctx, s.Day))
	}
	return strings.Join(parts, " + ")
}

// trailLine reads a line, alone or with a reason beside it.
func trailLine(doc json.RawMessage) orderTrailLine {
	var wrapped struct {
		Value *orderTrailLine `json:"value"`
	}
	var l orderTrailLine
	if json.Unmarshal(doc, &wrapped) == nil && wrapped.Value != nil {
		return *wrapped.Value
	}
	_ = json.Unmarshal(doc, &l)
	return l
}

func receivedDeed(ctx context.Context, p orderPage, t orderTrail) []string {
	var came map[int]quantity.Pieces
	_ = json.Unmarshal(t.Pieces, &came)
	var parts []string
	for _, pair := range p.Pairs {
		if n := came[pair.Line.No]; n > 0 {
			parts = append(parts, ui.Name(ctx, pair.SKU.Name)+" "+ui.Quantity(ctx, n, pair.SKU.Unit))
		}
	}
	if t.Day != nil {
		parts = append(parts, ui.Day(ctx, *t.Day))
	}
	if t.Note != "" {
		parts = append(parts, t.Note)
	}
	return parts
}
