package books

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"milkrun/c2m/finance"
	"milkrun/c2m/financeops"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// AdvanceMarks are icon and tone of an advance's state.
func AdvanceMarks(s finance.State) (ui.Tone, string) {
	switch s {
	case finance.Applied:
		return ui.Act, "hourglass"
	case finance.Endorsed:
		return ui.Act, "signature"
	case finance.Approved:
		return ui.OK, "check"
	case finance.Drawn:
		return ui.Forecast, "cash"
	case finance.Repaid:
		return ui.OK, "checks"
	}
	return ui.Plain, "x"
}

// credit is a supplier's limit, what it may lend on and its advances.
type credit struct {
	Frame
	financeops.Facility
}

func (d Desk) credit(f Frame, w http.ResponseWriter, r *http.Request) error {
	v := credit{Frame: f}
	var err error
	if v.Facility, err = d.Finance.Facility(r.Context(), f.Supplier); err != nil {
		return err
	}
	return f.page(w, r, "credit", creditBody(v))
}

// Supplier stands in both embedded parts; the frame's is meant.
func (d Desk) apply(f Frame, w http.ResponseWriter, r *http.Request) error {
	amount, err := yuan(r, "amount")
	if err != nil {
		return err
	}
	base, document, _ := strings.Cut(r.PostFormValue("on"), "|")
	x := financeops.Application{Supplier: f.Supplier, Base: finance.Base(base), Document: document, Note: text(r, "note")}
	if amount != nil {
		x.Amount = *amount
	}
	a, err := d.Finance.Apply(r.Context(), x)
	if err != nil {
		return err
	}
	return f.done(w, r, "/credit/"+a.Number, "books.applied", "Number", a.Number)
}

// advance is one advance with all that happened to it.
type advance struct {
	Frame
	financeops.Detail
}

func (d Desk) advance(f Frame, w http.ResponseWriter, r *http.Request) error {
	v := advance{Frame: f}
	var err error
	if v.Detail, err = d.Finance.Advance(r.Context(), route.Param(r, "number")); err != nil {
		return err
	}
	if v.Detail.Advance.Supplier != f.Supplier {
		return finance.ErrUnknown
	}
	return f.page(w, r, "credit", advanceBody(v))
}

func (d Desk) draw(f Frame, w http.ResponseWriter, r *http.Request) error {
	number := route.Param(r, "number")
	fen, err := yuan(r, "amount")
	if err != nil {
		return err
	}
	if fen == nil {
		return finance.ErrAmount
	}
	if _, err := d.Finance.Draw(r.Context(), number, *fen, text(r, "key")); err != nil {
		return err
	}
	return f.done(w, r, "/credit/"+number, "books.draw_asked", "Money", ui.Yuan(*fen))
}

func (d Desk) withdrawAdvance(f Frame, w http.ResponseWriter, r *http.Request) error {
	number := route.Param(r, "number")
	if _, err := d.Finance.Withdraw(r.Context(), number, text(r, "reason")); err != nil {
		return err
	}
	return f.done(w, r, "/credit/"+number, "books.advance_withdrawn")
}

func (d Desk) approve(f Frame, w http.ResponseWriter, r *http.Request) error {
	number := route.Param(r, "number")
	a, err := d.Finance.Approve(r.Context(), number, revision(r), text(r, "note"))
	if err != nil {
		return err
	}
	if a.State == finance.Endorsed {
		return f.done(w, r, "/credit/"+number, "books.endorsed")
	}
	return f.done(w, r, "/credit/"+number, "books.approved")
}

func (d Desk) reject(f Frame, w http.ResponseWriter, r *http.Request) error {
	number := route.Param(r, "number")
	if _, err := d.Finance.Reject(r.Context(), number, revision(r), text(r, "reason")); err != nil {
		return err
	}
	return f.done(w, r, "/credit/"+number, "books.rejected")
}

func (d Desk) repaid(f Frame, w http.ResponseWriter, r *http.Request) error {
	number := route.Param(r, "number")
	fen, err := yuan(r, "amount")
	if err != nil {
		return err
	}
	if fen == nil {
		return finance.ErrAmount
	}
	if _, err := d.Finance.RecordRepayment(r.Context(), number, *fen, text(r, "reference")); err != nil {
		return err
	}
	return f.done(w, r, "/credit/"+number, "books.repayment_booked")
}

func (d Desk) retryPayment(f Frame, w http.ResponseWriter, r *http.Request) error {
	if err := d.Finance.RetryPayment(r.Context(), r.PostFormValue("key")); err != nil {
		return err
	}
	return f.done(w, r, "/credit", "books.retried")
}

// limitRows explain the limit, piece by piece.
func limitRows(ctx context.Context, l finance.Limit) []ui.WhyRow {
	percent := func(n int) string { return strconv.Itoa(n) + "%" }
	return []ui.WhyRow{
		{Label: ui.T(ctx, "books.l_year"), Note: ui.T(ctx, "books.l_year_note"), Value: ui.YuanRound(l.Year)},
		{Op: "×", Label: ui.T(ctx, "books.l_part"), Value: percent(l.TurnoverPart)},
		{Op: "×", Label: ui.T(ctx, "books.l_score"), Note: ui.T(ctx, "books.l_score_note", "Score", ui.Decimal(l.Score, 1)), Value: percent(l.ScorePart)},
		{Op: "×", Label: ui.T(ctx, "books.l_tier"), Note: ui.T(ctx, "books.tier_"+string(l.Tier)), Value: percent(l.TierPart)},
		{Op: "×", Label: ui.T(ctx, "books.l_late"), Note: ui.T(ctx, "books.l_late_note", ui.Count, l.Late), Value: percent(l.LatePart)},
		{Op: "×", Label: ui.T(ctx, "books.l_card"), Value: percent(l.CardPart)},
		{Op: "=", Label: ui.T(ctx, "books.limit"), Note: ui.T(ctx, "books.l_most", "Most", ui.YuanRound(l.Most)), Value: ui.YuanRound(l.Limit), Sum: true},
	}
}

// creditFigures are the numbers on top.
func creditFigures(ctx context.Context, v credit) []ui.Figure {
	out := []ui.Figure{
		{Label: ui.T(ctx, "books.limit"), Value: ui.YuanRound(v.Limit.Limit)},
		{Label: ui.T(ctx, "books.used"), Value: ui.YuanRound(v.Used()), Small: true},
		{Label: ui.T(ctx, "books.left"), Value: ui.YuanRound(v.Left()), Small: true},
		{Label: ui.T(ctx, "books.out"), Value: ui.YuanRound(v.Out()), Small: true},
	}
	if v.House {
		loss := ui.Figure{Label: ui.T(ctx, "books.loss"), Value: ui.YuanRound(v.Loss), Small: true}
		if v.Loss > 0 {
			loss.Tone = ui.Watch
		}
		out = append(out, loss)
	}
	return out
}

// grounds are the choices of an application.
func grounds(ctx context.Context, v credit) []ui.Choice {
	var out []ui.Choice
	for _, g := range v.Grounds {
		if most := min(g.Most(v.Rules), v.Left()); most > 0 {
			out = append(out, ui.Choice{Value: string(g.Base) + "|" + g.Document, Text: ui.T(ctx, "books.ground", "Base", groundName(ctx, g), "Most", ui.Yuan(most))})
		}
	}
	return out
}

func groundName(ctx context.Context, g finance.Ground) string {
	return strings.TrimSpace(ui.T(ctx, "books.base_"+string(g.Base)) + " " + g.Document)
}

// AdvanceOn names what an advance stands on.
func AdvanceOn(ctx context.Context, a *finance.Advance) string {
	return groundName(ctx, finance.Ground{Base: a.Base, Document: a.Document})
}

// Age names a bucket of days late.
func Age(ctx context.Context, b finance.Bucket) string {
	switch {
	case b.From == 0:
		return ui.T(ctx, "books.in_time")
	case b.To == 0:
		return ui.T(ctx, "books.age_over", "From", b.From)
	}
	return ui.T(ctx, "books.age", "From", b.From, "To", b.To)
}

// drawKey makes a drawing's button ask once, however often it is pressed.
func drawKey(a *finance.Advance) string { return "d" + strconv.FormatInt(a.Revision, 10) }

func advanceStops(ctx context.Context, v advance) []ui.Stop {
	a := v.Detail.Advance
	at := func(t *finance.Sign) string {
		if t == nil {
			return ""
		}
		return t.Name + " " + ui.Moment(ctx, t.At)
	}
	applied := a.Applied
	stops := []ui.Stop{{Name: ui.T(ctx, "books.ad_applied"), Note: a.AppliedBy + " " + ui.Moment(ctx, applied), State: ui.Done}, {Name: ui.T(ctx, "books.ad_endorsed"), Note: at(a.First)},
		{Name: ui.T(ctx, "books.ad_approved"), Note: at(a.Second)}, {Name: ui.T(ctx, "books.ad_drawn")}, {Name: ui.T(ctx, "books.ad_repaid")}}
	if a.DrawnOn != 0 {
		stops[3].Note, stops[4].Note = ui.DayWhole(a.DrawnOn), ui.T(ctx, "books.due_on", "Day", a.Due)
	}
	reach := map[finance.State]int{finance.Applied: 1, finance.Endorsed: 2, finance.Approved: 3, finance.Drawn: 4, finance.Repaid: 5}[a.State]
	for i := range stops {
		switch {
		case i < reach:
			stops[i].State = ui.Done
		case i == reach:
			stops[i].State = ui.Now
		}
	}
	if v.Late > 0 {
		stops[4].State = ui.Late
	}
	return stops
}

func moment(ctx context.Context, t *time.Time) string {
	if t == nil {
		return ui.Nothing
	}
	return ui.Moment(ctx, *t)
}
