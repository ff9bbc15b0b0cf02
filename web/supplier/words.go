package supplier

import (
	"context"
	"strings"
	"time"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/web/ui"
)

// homeSum says what waits for whom: 1 单请您答复，1 单等采购.
func homeSum(ctx context.Context, h home) string {
	var parts []string
	for _, st := range []c2m.State{c2m.StateSent, c2m.StateAnswered} {
		if n := h.Page.Total(st).Orders; n > 0 {
			parts = append(parts, ui.T(ctx, "portal.sum_"+string(st), ui.Count, n))
		}
	}
	if len(parts) == 0 {
		return ui.T(ctx, "portal.sum_none")
	}
	return strings.Join(parts, ui.T(ctx, "portal.and"))
}

// soon is from when on a deadline presses.
const soon = 24 * time.Hour

func deadlineTone(ctx context.Context, until time.Time) ui.Tone {
	switch left := until.Sub(ui.From(ctx).Now); {
	case left < 0:
		return ui.Risk
	case left < soon:
		return ui.Watch
	}
	return ui.Act
}

func askedFacts(ctx context.Context, o *c2mops.Row) string {
	day := o.Due
	if o.NextDay != nil {
		day = o.NextDay
	}
	return ui.T(ctx, "portal.asked_facts", "Day", ui.DayOr(ctx, day), "Site", ui.Name(ctx, o.Site()), "Pieces", o.Pieces, "Money", ui.Yuan(o.AmountFen))
}

// askedStops are the steps from the sheet that came to the goods that go.
func askedStops(ctx context.Context, o *c2mops.Row) []ui.Stop {
	step := func(id string) string { return ui.T(ctx, "portal.step_"+id) }
	stops := []ui.Stop{{Name: step("got"), State: ui.Done}, {Name: step("fill"), Note: step("fill_note")}, {Name: step("back")}, {Name: step("note"), Note: step("note_when")}}
	if o.SentAt != nil {
		stops[0].Note = ui.Moment(ctx, *o.SentAt)
	}
	if o.State == c2m.StateSent {
		stops[1].State = ui.Now
		if o.ReplyBy != nil {
			stops[2].Note = ui.T(ctx, "portal.before", "Moment", ui.Moment(ctx, *o.ReplyBy))
			if o.Late {
				stops[2].State = ui.Late
			}
		}
		return stops
	}
	stops[1].State, stops[1].Note, stops[2].State, stops[3].State = ui.Done, "", ui.Done, ui.Now
	if o.AnsweredAt != nil {
		stops[2].Note = ui.Moment(ctx, *o.AnsweredAt)
	}
	return stops
}

// sheetPath is the sheet that the next step needs: the order's, or the form for delivery notes.
func sheetPath(o *c2mops.Row) string {
	if o.State == c2m.StateSent {
		return orderHref(o.Number) + "/sheet"
	}
	return orderHref(o.Number) + "/delivery-note"
}

func sheetWord(path string) string {
	if strings.HasSuffix(path, "delivery-note") {
		return "note_form"
	}
	return "sheet"
}

func viewLinks(ctx context.Context, h home) []ui.Link {
	var out []ui.Link
	for _, v := range views {
		n := h.Page.Total(viewStates(v)...).Orders
		if n == 0 && v != "" && v != h.View {
			continue
		}
		out = append(out, ui.Link{Text: ui.T(ctx, "portal.view_"+viewWord(v)), Href: ui.With(ctx, "state", v), Current: v == h.View, Count: n})
	}
	return out
}

func viewWord(view string) string {
	if view == "" {
		return "all"
	}
	return view
}

func pager(ctx context.Context, h home) ui.Pager {
	p := ui.Pager{First: 1, Last: int64(len(h.Page.Rows)), Total: int64(h.Page.Total(viewStates(h.View)...).Orders), Prev: h.Back}
	if h.Back != "" { // how many stand before is not known: places are kept by their key
		p.Total = -1
	}
	if h.Next != "" {
		p.Next = ui.With(ctx, "after", h.Next)
	}
	return p
}

// scoreClass lets the figures take the whole row where there is no forecast beside them.
func scoreClass(h home) string {
	if h.Rolling == nil {
		return "is-wide"
	}
	return ""
}

// scoreFigures are how the supplier has kept its word.
func scoreFigures(ctx context.Context, s c2m.Score) []ui.Figure {
	share := func(label string, v float64, known bool, note string) ui.Figure {
		f := ui.Figure{Label: ui.T(ctx, "portal.score_"+label), Value: ui.Nothing, Note: ui.T(ctx, "order.score.unknown"), Small: true}
		if known {
			f.Value, f.Note = ui.Percent(v, 0), note
			if v < 0.9 {
				f.Tone = ui.Watch
			}
			if v < 0.7 {
				f.Tone = ui.Risk
			}
		}
		return f
	}
	onTime, known1 := s.OnTimeShare()
	whole, known2 := s.QuantityShare()
	answers, known3 := s.AnswerShare()
	return []ui.Figure{
		share("ontime", onTime, known1, ui.T(ctx, "order.score.of", "Part", s.OnTime, "Whole", s.Promised)),
		share("quantity", whole, known2, ui.T(ctx, "order.score.of", "Part", s.Came, "Whole", s.Promised)),
		share("answers", answers, known3, ui.T(ctx, "order.score.of_answers", "Part", s.AnswersInTime, ui.Count, s.Answers)),
	}
}

func againTitle(ctx context.Context, u c2mops.Upload) string {
	if u.Outcome == c2mops.Refused {
		return ui.T(ctx, "portal.again")
	}
	return ui.T(ctx, "portal.another")
}
