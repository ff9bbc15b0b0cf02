package catalog

import (
	"errors"
	"strings"
)

// ErrInvalid is what every Faults unwraps to: the master data offered break a rule.
var ErrInvalid = errors.New("catalog: the data break a rule")

// Problem says what is wrong with a field. The pages hold the words for each.
type Problem string

// What can be wrong with a field.
const (
	Missing    Problem = "missing"     // must be given
	TooLong    Problem = "too-long"    // more characters than the field takes
	BadForm    Problem = "form"        // not of the form that the field asks for
	BadCheck   Problem = "check-digit" // a GTIN whose check digit or length is wrong
	Negative   Problem = "negative"    // must not be below zero
	NotAbove0  Problem = "not-above-0" // must be above zero
	OutOfRange Problem = "range"       // outside of what is possible
	NotOneOf   Problem = "not-one-of"  // not one of the words that the field takes
	NotKnown   Problem = "unknown"     // names something that is not in the catalog
	Repeated   Problem = "repeated"    // already in use, or twice in the same list
	OutOfOrder Problem = "order"       // contradicts another field: an end before its start, a break that does not ascend
)

// Fault is one thing wrong: which field, what, and the value that was offered.
type Fault struct {
	Field   string
	Problem Problem
	Value   string
}

// Faults are all things wrong with one record. It unwraps to ErrInvalid.
type Faults []Fault

// Error lists the faults.
func (f Faults) Error() string {
	var b strings.Builder
	b.WriteString(ErrInvalid.Error())
	for i, one := range f {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(" " + one.Field + " " + string(one.Problem))
		if one.Value != "" {
			b.WriteString(" (" + one.Value + ")")
		}
	}
	return b.String()
}

// Unwrap gives ErrInvalid.
func (f Faults) Unwrap() error { return ErrInvalid }

// orNil gives nil for no faults, so that an empty list is no error.
func (f Faults) orNil() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

func (f *Faults) add(field string, p Problem, value string) {
	*f = append(*f, Fault{Field: field, Problem: p, Value: value})
}
