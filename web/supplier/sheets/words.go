package sheets

import (
	"context"
	"strconv"
	"strings"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
	"milkrun/web/ui"
)

func outcomeMark(u c2mops.Upload) ui.Mark {
	switch u.Outcome {
	case c2mops.Taken:
		return ui.Mark{Icon: "check", Tone: ui.OK}
	case c2mops.Repeated:
		return ui.Mark{Icon: "copy", Tone: ui.Act}
	}
	return ui.Mark{Icon: "x", Tone: ui.Risk}
}

// outcomeLive tells screen readers at once of what was refused.
func outcomeLive(u c2mops.Upload) string {
	if u.Outcome == c2mops.Refused {
		return "alert"
	}
	return "status"
}

// OutcomeText says what became of an upload, in a sentence.
func OutcomeText(ctx context.Context, u c2mops.Upload) string {
	kind := KindWord(ctx, u.Kind)
	switch u.Outcome {
	case c2mops.Taken:
		return ui.T(ctx, "order.upload.taken_text", "Kind", kind, ui.Count, u.RowCount)
	case c2mops.Repeated:
		return ui.T(ctx, "order.upload.repeated_text", "Kind", kind)
	}
	return ui.T(ctx, "order.upload.refused_text", "Kind", kind, ui.Count, BadRows(u))
}

// BadRows counts the rows of an upload in which something is wrong; at least one when it was refused as a whole.
func BadRows(u c2mops.Upload) int {
	rows := map[string]bool{}
	for _, p := range u.Problems {
		rows[p.Sheet+"/"+strconv.Itoa(p.Row)] = true
	}
	return len(rows)
}

// placeText says where a problem stands: row and column.
func placeText(ctx context.Context, p c2mops.UploadProblem) string {
	if p.Row == 0 {
		return ui.T(ctx, "order.upload.whole")
	}
	return ui.T(ctx, "order.upload.row", "Row", strconv.Itoa(p.Row))
}

func cellText(p c2mops.UploadProblem) string {
	if p.Sheet == "" {
		return p.Cell
	}
	return p.Sheet + " " + p.Cell
}

// problemText says what is wrong: the column, what stands there, and why it cannot be.
func problemText(ctx context.Context, p c2mops.UploadProblem) string {
	reason := ui.Name(ctx, p.Reason)
	if p.Header == "" {
		return reason
	}
	// Most reasons name the value themselves.
	if p.Value == "" || strings.Contains(reason, p.Value) {
		return ui.T(ctx, "order.upload.in_column", "Column", p.Header, "Reason", reason)
	}
	return ui.T(ctx, "order.upload.in_cell", "Column", p.Header, "Value", p.Value, "Reason", reason)
}

// wholeCame tells whether everything on a delivery note has been received.
func wholeCame(n c2m.ASN) bool {
	for _, l := range n.Lines {
		if l.Came < l.Pieces {
			return false
		}
	}
	return len(n.Lines) > 0
}

// noteFacts are carrier, number plate and arrival of a delivery note.
func noteFacts(ctx context.Context, n c2m.ASN) string {
	var facts []string
	for _, f := range []string{n.Carrier, n.Tracking} {
		if f != "" {
			facts = append(facts, f)
		}
	}
	arrival := ui.T(ctx, "order.asn.arrives", "Day", n.Arrives)
	if n.Slot != "" {
		arrival += " " + n.Slot
	}
	return strings.Join(append(facts, arrival), " · ")
}

// cartonText writes cartons and pieces in each: 20 × 60.
func cartonText(l c2m.ASNLine) string {
	if l.Cartons == 0 {
		return ui.Nothing
	}
	return ui.Int(int64(l.Cartons)) + " × " + ui.Pieces(l.PerCarton)
}

func wholeDay(d *calendar.Day) string {
	if d == nil {
		return ui.Nothing
	}
	return ui.DayWhole(*d)
}

func orNothing(s string) string {
	if s == "" {
		return ui.Nothing
	}
	return s
}

// SplitPieces writes the quantities of a schedule: 1,200 + 600, or 0.
func SplitPieces(splits []c2m.Split) string {
	var parts []string
	for _, s := range splits {
		if s.Pieces > 0 || len(splits) == 1 {
			parts = append(parts, ui.Pieces(s.Pieces))
		}
	}
	if len(parts) == 0 {
		return "0"
	}
	return strings.Join(parts, " + ")
}

// SplitDays writes the days of a schedule: 12-02 / 12-09.
func SplitDays(ctx context.Context, splits []c2m.Split) string {
	var parts []string
	for i, s := range splits {
		if s.Pieces > 0 && (i == 0 || splits[i-1].Day != s.Day || splits[i-1].Pieces == 0) {
			parts = append(parts, ui.Day(ctx, s.Day))
		}
	}
	if len(parts) == 0 {
		return ui.Nothing
	}
	return strings.Join(parts, " / ")
}

// SplitPrices writes the price of a schedule, or the prices where its parts differ: 12.80 / 12.50.
func SplitPrices(splits []c2m.Split) string {
	var parts []string
	for i, s := range splits {
		if i == 0 || splits[i-1].Price != s.Price {
			parts = append(parts, ui.Amount(s.Price))
		}
	}
	if len(parts) == 0 {
		return ui.Nothing
	}
	return strings.Join(parts, " / ")
}

// Pieces sums a schedule.
func Pieces(splits []c2m.Split) (n quantity.Pieces) {
	for _, s := range splits {
		n += s.Pieces
	}
	return n
}

// AnswerNote is the reason and the remark of an answer.
func AnswerNote(ctx context.Context, a *c2m.AnswerLine) string {
	if a == nil {
		return ""
	}
	reason := ui.Name(ctx, a.Reason.Name())
	if reason == "" || a.Note == "" {
		return reason + a.Note
	}
	return ui.T(ctx, "order.reason_note", "Reason", reason, "Note", a.Note)
}
