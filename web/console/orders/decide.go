package orders

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"milkrun/c2m"
	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// accept agrees to the answer of a line, or of every line.
func (s Pages) accept(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, here, err := s.find(r)
	if err != nil {
		return err
	}
	sel := c2m.Select{}
	if text := r.FormValue("line"); text != "" {
		if sel.Line, err = strconv.Atoi(text); err != nil {
			return route.Invalid("error.form").Because(err)
		}
	}
	o, left, err := s.Ops.Accept(ctx, id, orderRevision(r), sel, r.FormValue("why"))
	if errors.Is(err, c2m.ErrDecided) && len(left) > 0 {
		return route.Conflict("order.err.onebyone", "Lines", lineNames(ctx, left)).With("order.next.look", here).Because(err)
	}
	if err != nil {
		return refused(err, here)
	}
	if sel.Line == 0 {
		note := ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "order.done.accepted")}
		switch {
		case len(left) > 0:
			note = ui.Flash{Tone: ui.Watch, Text: ui.T(ctx, "order.err.onebyone", "Lines", lineNames(ctx, left))}
		case o.State == c2m.StateAnswered:
			note = ui.Flash{Tone: ui.Act, Text: ui.T(ctx, "order.done.accepted_send", "Version", o.Version()+1)}
		}
		route.Tell(ctx, note)
		return route.See(w, r, here)
	}
	return s.show(w, r, id, here)
}

// lineNames lists lines: 第 2、3 行. An offer of other goods has no number.
func lineNames(ctx context.Context, lines []int) string {
	var parts []string
	for _, n := range lines {
		if n > 0 {
			parts = append(parts, strconv.Itoa(n))
		} else {
			parts = append(parts, ui.T(ctx, "order.offer"))
		}
	}
	return strings.Join(parts, ui.T(ctx, "order.list_and"))
}

func (s Pages) counterForm(w http.ResponseWriter, r *http.Request) error {
	f, err := s.line(r)
	if err != nil {
		return err
	}
	if to, leave := drawer(r, f.Here, "lines/"+strconv.Itoa(f.Pair.Line.No)+"/counter"); leave {
		return route.See(w, r, to)
	}
	return route.Render(w, r, orderCounterDrawer(f))
}

// counter turns down what was ticked and puts the counter-offer into the next version.
func (s Pages) counter(w http.ResponseWriter, r *http.Request) error {
	f, err := s.line(r)
	if err != nil {
		return err
	}
	if f.Form, err = desk.ReadPosted(r); err != nil {
		return err
	}
	again := func() error { return route.RenderStatus(w, r, http.StatusUnprocessableEntity, orderCounterDrawer(f)) }
	sel := c2m.Select{Line: f.Pair.Line.No}
	for _, k := range f.Form.Form["kind"] {
		sel.Kinds = append(sel.Kinds, c2m.DeviationKind(k))
	}
	if len(sel.Kinds) == 0 {
		f.Form.Bad("kind", "order.counter.tick")
	}
	var c c2m.Counter
	if f.Pair.Line.No > 0 {
		c = readCounter(f)
	}
	if f.Form.Text("reason") == "" {
		f.Form.Bad("reason", "order.err.reason")
	}
	if !f.Form.OK() {
		return again()
	}
	if _, err := s.Ops.Refuse(r.Context(), f.Order.ID, orderRevision(r), sel, c, f.Form.Text("reason")); err != nil {
		if lineFault(f.Form, err, "") {
			return again()
		}
		return refused(err, f.Here)
	}
	return route.See(w, r, f.Here)
}

// readCounter reads what is asked for instead; a value left as the working copy has it is no counter-offer.
func readCounter(f orderLine) (c c2m.Counter) {
	if n := f.Form.Pieces("pieces"); n != f.Line.Pieces {
		c.Pieces = &n
	}
	if d := f.Form.Day("due"); d != nil && *d != f.Line.Due {
		c.Due = d
	}
	if p := f.Form.Yuan("price"); p != f.Line.Price && f.Form.Text("price") != "" {
		c.Price = &p
	}
	return c
}

// promiseRows is how many deliveries the form of a line's promises offers.
const promiseRows = 3

func (s Pages) promiseForm(w http.ResponseWriter, r *http.Request) error {
	f, err := s.line(r)
	if err != nil {
		return err
	}
	if to, leave := drawer(r, f.Here, "lines/"+strconv.Itoa(f.Pair.Line.No)+"/promise"); leave {
		return route.See(w, r, to)
	}
	return route.Render(w, r, orderPromiseDrawer(f))
}

// promise changes the schedule that was agreed for a line, after a talk with the supplier.
func (s Pages) promise(w http.ResponseWriter, r *http.Request) error {
	f, err := s.line(r)
	if err != nil {
		return err
	}
	if f.Form, err = desk.ReadPosted(r); err != nil {
		return err
	}
	again := func() error { return route.RenderStatus(w, r, http.StatusUnprocessableEntity, orderPromiseDrawer(f)) }
	splits := readSplits(f.Form, promisedPrice(f))
	if f.Form.Text("reason") == "" {
		f.Form.Bad("reason", "order.err.reason")
	}
	if !f.Form.OK() {
		return again()
	}
	if _, err := s.Ops.Reschedule(r.Context(), f.Order.ID, orderRevision(r), f.Line.No, splits, f.Form.Text("reason")); err != nil {
		if lineFault(f.Form, err, "-1") {
			return again()
		}
		return refused(err, f.Here)
	}
	return route.See(w, r, f.Here)
}

func promisedPrice(f orderLine) money.Fen { return f.Order.PromisedPrice(f.Line) }

// readSplits reads deliveries: quantity and day of each row in which either stands.
func readSplits(form *desk.Posted, price money.Fen) []c2m.Split {
	var out []c2m.Split
	for i := range promiseRows {
		suffix := "-" + strconv.Itoa(i+1)
		if form.Text("pieces"+suffix) == "" && (form.Text("due"+suffix) == "" || i > 0) {
			continue
		}
		n, day := form.Pieces("pieces"+suffix), form.Day("due"+suffix)
		if n < 1 {
			form.Bad("pieces"+suffix, "order.err.pieces")
		}
		if day == nil {
			form.Bad("due"+suffix, "order.err.day")
			continue
		}
		out = append(out, c2m.Split{Pieces: n, Day: *day, Price: price})
	}
	if len(out) == 0 && form.OK() {
		form.Bad("pieces-1", "order.err.pieces")
	}
	return out
}

// promiseTexts are the rows of the promises' form as they stand.
func promiseTexts(f orderLine) [][2]string {
	rows := make([][2]string, promiseRows)
	if f.Pair.Agreed == nil {
		return rows
	}
	splits := f.Pair.Agreed.Splits
	for len(splits) > len(rows) {
		rows = append(rows, [2]string{})
	}
	for i, sp := range splits {
		rows[i] = [2]string{ui.Pieces(sp.Pieces), sp.Day.String()}
	}
	return rows
}

// openDeviations are those of a line that wait for a decision.
func openDeviations(ds []c2m.Deviation) []c2m.Deviation {
	var out []c2m.Deviation
	for _, d := range ds {
		if d.Decision == c2m.DecisionOpen {
			out = append(out, d)
		}
	}
	return out
}

// deviationText says in what an answer differs: 数量 1,200 → 0.
func deviationText(ctx context.Context, d c2m.Deviation) string {
	say := func(word string, args ...any) string { return ui.T(ctx, "order.dev."+word, args...) }
	switch d.Kind {
	case c2m.DeviationPieces:
		return say("pieces", "Asked", d.AskedPieces, "Pieces", d.Pieces)
	case c2m.DeviationDay:
		return say("day", "Asked", d.AskedDay, "Day", d.Day)
	case c2m.DeviationPrice:
		return say("price", "Asked", ui.Amount(d.AskedPrice), "Price", ui.Amount(d.Price))
	case c2m.DeviationPack:
		if d.BelowMOQ {
			return say("moq", "Unit", d.Unit)
		}
		return say("pack", "Unit", d.Unit)
	case c2m.DeviationUnknown:
		return say("unknown", "Pieces", d.Pieces, "Day", d.Day, "Price", ui.Amount(d.Price))
	}
	return say("unanswered")
}

// shiftWord says by how much a delivery moves: 晚 3 天, 600 件晚 7 天.
func shiftWord(ctx context.Context, days int, moved, of quantity.Pieces) (string, ui.Tone) {
	switch {
	case days > 0 && moved < of:
		return ui.T(ctx, "order.shift.part_late", "Pieces", moved, ui.Count, days), ui.Risk
	case days > 0:
		return ui.T(ctx, "order.shift.late", ui.Count, days), ui.Risk
	case moved < of:
		return ui.T(ctx, "order.shift.part_early", "Pieces", moved, ui.Count, -days), ui.OK
	}
	return ui.T(ctx, "order.shift.early", ui.Count, -days), ui.OK
}

// shiftOf gives by how many days the latest part of a schedule misses the day asked for, and how many pieces do; without late parts the
// same of the early ones.
func shiftOf(splits []c2m.Split, due calendar.Day) (days int, moved quantity.Pieces) {
	var late, early quantity.Pieces
	worst, soonest := 0, 0
	for _, s := range splits {
		switch d := s.Day.Sub(due); {
		case s.Pieces == 0:
		case d > 0:
			late, worst = late+s.Pieces, max(worst, d)
		case d < 0:
			early, soonest = early+s.Pieces, min(soonest, d)
		}
	}
	if late > 0 {
		return worst, late
	}
	return soonest, early
}
