package supplier

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"milkrun/internal/calendar"
)

// Kind is what a certificate is of.
type Kind string

// The kinds. Infant food needs both ISO 22000 and the production licence, valid on the day of receipt.
const (
	ISO22000          Kind = "iso_22000"
	ProductionLicence Kind = "production_licence"
	Compulsory        Kind = "ccc"
	TestReport        Kind = "test_report"
	Other             Kind = "other"
)

// Kinds lists all kinds.
func Kinds() []Kind { return []Kind{ISO22000, ProductionLicence, Compulsory, TestReport, Other} }

// InfantFood lists the kinds that a supplier of infant food must hold.
func InfantFood() []Kind { return []Kind{ISO22000, ProductionLicence} }

// Refusals of certificates.
var (
	// ErrCertificate refuses a certificate without a known kind and a number.
	ErrCertificate = errors.New("supplier: a certificate needs a kind, and a number of 1 to 100 characters")
	// ErrPast refuses a certificate that has lapsed already, or whose end lies before its beginning.
	ErrPast = errors.New("supplier: the certificate has lapsed already, or ends before it begins")
	// ErrLapsed refuses new orders at a supplier whose certificate has lapsed without a successor.
	ErrLapsed = errors.New("supplier: a certificate has lapsed")
)

// Certificate is a proof that a supplier handed in.
type Certificate struct {
	ID          int64
	Kind        Kind
	Number      string
	Scope       string
	From, Until calendar.Day
}

// Check refuses a certificate that cannot be taken today. ErrCertificate, ErrPast.
func (c Certificate) Check(today calendar.Day) error {
	if n := utf8.RuneCountInString(strings.TrimSpace(c.Number)); !slices.Contains(Kinds(), c.Kind) || n == 0 || n > 100 || utf8.RuneCountInString(c.Scope) > 500 {
		return ErrCertificate
	}
	if c.Until < c.From || c.Until < today {
		return ErrPast
	}
	return nil
}

// Valid tells whether the certificate holds on a day.
func (c Certificate) Valid(day calendar.Day) bool { return c.From <= day && day <= c.Until }

// Lapsed gives the kinds of which the supplier held a certificate and holds none on the day: they block new orders.
func Lapsed(all []Certificate, day calendar.Day) []Kind {
	var out []Kind
	for _, k := range Kinds() {
		held, valid := false, false
		for _, c := range all {
			if c.Kind == k && c.From <= day {
				held, valid = true, valid || c.Valid(day)
			}
		}
		if held && !valid {
			out = append(out, k)
		}
	}
	return out
}

// Missing gives the required kinds that the supplier does not hold on the day.
func Missing(all []Certificate, required []Kind, day calendar.Day) []Kind {
	var out []Kind
	for _, k := range required {
		if !slices.ContainsFunc(all, func(c Certificate) bool { return c.Kind == k && c.Valid(day) }) {
			out = append(out, k)
		}
	}
	return out
}

// reminders are how many days before its end a certificate is spoken of.
var reminders = []int{60, 30, 7}

// Remind tells whether a certificate is to be spoken of today: 60, 30 and 7 days before its last day, unless a successor holds then.
func Remind(c Certificate, all []Certificate, today calendar.Day) (days int, due bool) {
	days = c.Until.Sub(today)
	if !slices.Contains(reminders, days) {
		return days, false
	}
	return days, !slices.ContainsFunc(all, func(x Certificate) bool { return x.Kind == c.Kind && x.ID != c.ID && x.Valid(c.Until.AddDays(1)) })
}
