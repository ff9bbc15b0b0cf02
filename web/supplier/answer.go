package supplier

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// parts is how many deliveries of a line the form offers, as the sheet does.
const parts = 3

// fault is what is wrong with a field of the form.
type fault struct{ Text, Remedy string }

// answerForm is the answer as it was typed: what was typed stays, and beside it stands what is wrong.
type answerForm struct {
	ctx     context.Context
	typed   url.Values
	replies []c2m.Reply
	lines   []int            // of the replies
	faults  map[string]fault // by the field's name
	whole   []fault
}

// field names a field of a line: "p1-2" is the quantity of the first delivery of line 2.
func field(name string, line int) string { return name + "-" + strconv.Itoa(line) }

// readAnswer reads the form. A line in which nothing stands is no answer.
func readAnswer(r *http.Request, v orderPage) *answerForm {
	f := &answerForm{ctx: r.Context(), faults: map[string]fault{}}
	if err := r.ParseForm(); err != nil {
		f.whole = append(f.whole, fault{Text: ui.T(f.ctx, "error.form")})
		return f
	}
	f.typed = r.PostForm
	for _, p := range v.Pairs {
		if p.Line.No > 0 && p.Line.Pieces > 0 {
			f.replies = append(f.replies, f.reply(p))
			f.lines = append(f.lines, p.Line.No)
		}
	}
	return f
}

func (f *answerForm) text(name string) string { return strings.TrimSpace(f.typed.Get(name)) }

func (f *answerForm) reply(p c2mops.Pair) c2m.Reply {
	no := p.Line.No
	out := c2m.Reply{Line: no, SKU: p.SKU.ID, Note: f.text(field("note", no))}
	for i := range parts {
		out.Batches = append(out.Batches, f.batch(i+1, no))
	}
	if s := f.text(field("price", no)); s != "" {
		price, err := money.ParseYuan(s)
		if err != nil {
			f.bad(field("price", no), "portal.bad_price", "Value", s)
		}
		// A price left as it is asked says nothing.
		if price != p.Line.Price {
			out.Price = &price
		}
	}
	if reason, ok := c2m.ParseReason(f.text(field("reason", no))); ok {
		out.Reason = reason
	}
	return out
}

func (f *answerForm) batch(i, no int) (b c2m.ReplyBatch) {
	name := "p" + strconv.Itoa(i)
	if s := f.text(field(name, no)); s != "" {
		n, ok := route.Pieces(s)
		if !ok {
			f.bad(field(name, no), "portal.bad_pieces", "Value", s)
		}
		b.Pieces = &n
	}
	name = "d" + strconv.Itoa(i)
	if s := f.text(field(name, no)); s != "" {
		d, err := calendar.ParseDay(s)
		if err != nil {
			f.bad(field(name, no), "portal.bad_day", "Value", s)
		}
		b.Day = &d
	}
	// A second or third delivery of nothing is none.
	if i > 1 && b.Pieces != nil && *b.Pieces == 0 {
		b = c2m.ReplyBatch{}
	}
	return b
}

func (f *answerForm) bad(name, word string, args ...any) {
	f.faults[name] = fault{Text: ui.T(f.ctx, word, args...)}
}

// keyFields are the form's fields of what the rules object to.
var keyFields = map[string]string{c2m.KeyPieces: "p1", c2m.KeyDay: "d1", c2m.KeyPrice: "price", c2m.KeyReason: "reason", c2m.KeyNote: "note"}

// take puts the objections of the rules beside their fields.
func (f *answerForm) take(ctx context.Context, problems []c2m.Problem) {
	for _, p := range problems {
		said := fault{Text: ui.Name(ctx, p.Reason), Remedy: ui.Name(ctx, p.Remedy)}
		if p.Row < 0 || p.Row >= len(f.lines) {
			f.whole = append(f.whole, said)
			continue
		}
		name, ok := keyFields[p.Field]
		if !ok {
			name = "p1"
		}
		f.faults[field(name, f.lines[p.Row])] = said
	}
}

// values are what the form shows of a line: what was typed, else the last answer or what was agreed, else what is asked.
func (f *answerForm) value(name string, no int, stored string) string {
	if f != nil && f.typed != nil {
		if _, typed := f.typed[field(name, no)]; typed {
			return f.typed.Get(field(name, no))
		}
	}
	return stored
}

func (f *answerForm) fault(name string, no int) (fault, bool) {
	if f == nil {
		return fault{}, false
	}
	x, ok := f.faults[field(name, no)]
	return x, ok
}

func (f *answerForm) wholeFaults() []fault {
	if f == nil {
		return nil
	}
	return f.whole
}

// lineFaults are the objections to a line that stand at none of its fields.
func (f *answerForm) ofLine(no int) []fault {
	var out []fault
	for _, name := range []string{"p1", "d1", "p2", "d2", "p3", "d3", "price", "reason", "note"} {
		if x, ok := f.fault(name, no); ok {
			out = append(out, x)
		}
	}
	return out
}

// splitsOf gives what the form begins with: the last answer, what was agreed, or what is asked.
func splitsOf(p c2mops.Pair) []c2m.Split {
	switch {
	case p.Answer != nil:
		return p.Answer.Splits
	case p.Agreed != nil && len(p.Agreed.Splits) > 0:
		return p.Agreed.Splits
	case p.Agreed != nil:
		return []c2m.Split{{Day: p.Line.Due, Price: p.Line.Price}}
	}
	return []c2m.Split{{Pieces: p.Line.Pieces, Day: p.Line.Due, Price: p.Line.Price}}
}

// partText gives quantity and day of the i-th delivery, from 0.
func partText(p c2mops.Pair, i int) (pieces, day string) {
	all := splitsOf(p)
	if i >= len(all) {
		return "", ""
	}
	return ui.Pieces(all[i].Pieces), all[i].Day.String()
}

// manyParts tells whether a line's answer has more than one delivery, so that the form shows the others at once.
func manyParts(f *answerForm, p c2mops.Pair) bool {
	if len(splitsOf(p)) > 1 {
		return true
	}
	for i := 2; i <= parts; i++ {
		if f.value("p"+strconv.Itoa(i), p.Line.No, "") != "" {
			return true
		}
	}
	return false
}

func priceText(p c2mops.Pair) string {
	price := p.Line.Price
	for _, s := range splitsOf(p) {
		if s.Pieces > 0 {
			price = s.Price
		}
	}
	return ui.Amount(price)
}

func reasonOf(p c2mops.Pair) string {
	if p.Answer == nil {
		return ""
	}
	return string(p.Answer.Reason)
}

func noteOf(p c2mops.Pair) string {
	if p.Answer == nil {
		return ""
	}
	return p.Answer.Note
}

// reasonChoices are the reasons that a supplier may give.
func reasonChoices(ctx context.Context) []ui.Choice {
	out := []ui.Choice{{Text: ui.T(ctx, "portal.no_reason")}}
	for _, r := range c2m.Reasons() {
		out = append(out, ui.Choice{Value: string(r), Text: ui.Name(ctx, r.Name())})
	}
	return out
}
