package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/width"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// posted is a form as it was sent: what was typed stays, and beside it what is wrong with which field. The nil
// *posted is a form that nobody has sent yet.
type Posted struct {
	Ctx    context.Context
	Form   url.Values
	Errors map[string]string // words by the field's name
	// Lost is set when another has changed the thing meanwhile.
	Lost *lostRace
}

// readPosted reads the form of the request.
func ReadPosted(r *http.Request) (*Posted, error) {
	if err := r.ParseForm(); err != nil {
		return nil, route.Invalid("error.form").Because(err)
	}
	return &Posted{Ctx: r.Context(), Form: r.PostForm, Errors: map[string]string{}}, nil
}

// bad notes what is wrong with a field. The first fault of a field is the one that is shown.
func (f *Posted) Bad(field, word string, args ...any) {
	if f.Errors[field] == "" {
		f.Errors[field] = ui.T(f.Ctx, word, args...)
	}
}

// ok tells whether nothing is wrong so far.
func (f *Posted) OK() bool { return len(f.Errors) == 0 }

// text gives a value without space around it.
func (f *Posted) Text(field string) string { return strings.TrimSpace(f.Form.Get(field)) }

// on tells whether a checkbox was ticked.
func (f *Posted) On(field string) bool { return f.Form.Get(field) != "" }

// plain gives a number's text without separators, signs of money and full-width digits.
func (f *Posted) Plain(field string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ',', ' ', '\u00a0', '\u2009', '¥', '￥', '%':
			return -1
		}
		return r
	}, width.Narrow.String(f.Text(field)))
}

// whole reads an integer; an empty field is 0.
func (f *Posted) whole(field string) int64 {
	s := f.Plain(field)
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		f.Bad(field, "fault.whole", "Value", f.Text(field))
	}
	return n
}

func (f *Posted) Pieces(field string) quantity.Pieces { return quantity.Pieces(f.whole(field)) }

// small is whole for a field that is kept in 32 bits.
func (f *Posted) Small(field string) int {
	n := f.whole(field)
	if n > 1<<31-1 || n < -1<<31 {
		f.Bad(field, "fault.range", "Value", f.Text(field))
		return 0
	}
	return int(n)
}

// decimal reads a number with decimals; an empty field is 0.
func (f *Posted) Decimal(field string) float64 {
	s := f.Plain(field)
	if s == "" {
		return 0
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || strings.ContainsAny(s, "xXpPnNiI_") {
		f.Bad(field, "fault.number", "Value", f.Text(field))
		return 0
	}
	return v
}

// share reads a percentage as a ratio: 97.5 is 0.975.
func (f *Posted) Share(field string) float64 {
	v := f.Decimal(field) / 100
	// A ratio that came from a decimal must go back to the same decimal.
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'f', 6, 64), 64)
	if err != nil {
		return v
	}
	return r
}

// yuan reads an amount of money; an empty field is 0.
func (f *Posted) Yuan(field string) money.Fen {
	s := f.Plain(field)
	if s == "" {
		return 0
	}
	fen, err := money.ParseYuan(s)
	if err != nil {
		f.Bad(field, "fault.money", "Value", f.Text(field))
	}
	return fen
}

// day reads a date; nil for an empty field.
func (f *Posted) Day(field string) *calendar.Day {
	s := f.Text(field)
	if s == "" {
		return nil
	}
	d, err := calendar.ParseDay(s)
	if err != nil {
		f.Bad(field, "fault.day", "Value", s)
		return nil
	}
	return &d
}

// version reads which version of the thing the form was made from; the zero time is a new thing.
func (f *Posted) Version() time.Time {
	n, err := strconv.ParseInt(f.Form.Get("version"), 10, 64)
	if err != nil || n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n)
}

// unchanged tells whether the form, made from the version at, asks for what is there already. The reader is then told so, and
// nothing is written: the record of changes holds changes only.
func (f *Posted) Unchanged(asked, stored any, at time.Time) bool {
	same := f.Version().Equal(at.Truncate(time.Microsecond)) && reflect.DeepEqual(asked, stored)
	if same {
		route.Tell(f.Ctx, ui.Flash{Tone: ui.Plain, Text: ui.T(f.Ctx, "audit.same")})
	}
	return same
}

// versionText writes a version for the form's hidden field.
func VersionText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixMicro(), 10)
}

// faults puts the catalog's objections beside their fields and tells whether err was that. names gives the form's name of
// a field where it is another than the catalog's.
func (f *Posted) Faults(err error, names map[string]string) bool {
	var list catalog.Faults
	if !errors.As(err, &list) {
		return false
	}
	for _, one := range list {
		field := one.Field
		if n, ok := names[field]; ok {
			field = n
		}
		f.Bad(field, "fault."+strings.ReplaceAll(string(one.Problem), "-", "_"), "Value", one.Value)
	}
	return true
}

// of fills a field: with what was typed, or with what is stored when nothing has been sent.
func (f *Posted) Of(field ui.Field, stored string) ui.Field {
	field.Value = stored
	if f != nil {
		if _, typed := f.Form[field.Name]; typed {
			field.Value = f.Form.Get(field.Name)
		}
		field.Error = f.Errors[field.Name]
	}
	return field
}

// ticked is of for a checkbox.
func (f *Posted) Ticked(field string, stored bool) bool {
	if f == nil || f.Form == nil {
		return stored
	}
	return f.On(field)
}

// errorOf gives what is wrong with a field.
func (f *Posted) ErrorOf(field string) string {
	if f == nil {
		return ""
	}
	return f.Errors[field]
}

// lost gives the race that was lost, if any.
func (f *Posted) Race() *lostRace {
	if f == nil {
		return nil
	}
	return f.Lost
}

// rest gives the faults of fields that the form does not show, so that none is lost.
func (f *Posted) Rest(shown ...string) []string {
	if f == nil {
		return nil
	}
	known := map[string]bool{}
	for _, s := range shown {
		known[s] = true
	}
	var out []string
	for field, word := range f.Errors {
		if !known[field] {
			out = append(out, word)
		}
	}
	return out
}

// orBlank writes a number for a form: empty where 0 means nothing.
func OrBlank[N ~int | ~int64 | ~int32](n N) string {
	if n == 0 {
		return ""
	}
	return ui.Int(int64(n))
}

// trimDecimal writes a number with as many decimals as it has, at most four.
func TrimDecimal(v float64) string {
	s := strconv.FormatFloat(v, 'f', 4, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// exactDecimal writes a number for a form with all its decimals, so that saving it unread changes nothing.
func ExactDecimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// percentValue writes a ratio for a form as a percentage.
func PercentValue(v float64) string { return TrimDecimal(v * 100) }

func DayValue(d *calendar.Day) string {
	if d == nil {
		return ""
	}
	return d.String()
}
