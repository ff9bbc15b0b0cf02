package gs1

import (
	"errors"
	"fmt"
)

// Refusals of a scan. An *Error unwraps to one of them; the words for people are made from it by whoever shows it.
var (
	// ErrEmpty: nothing was scanned, or a prefix without data.
	ErrEmpty = errors.New("gs1: nothing in the scan")
	// ErrNotGS1: a code of another kind, such as a bin's or an order's own; Value holds its text.
	ErrNotGS1 = errors.New("gs1: not a GS1 code")
	// ErrSymbology: the prefix "]xy" names no symbology that goods are marked with; Want holds the one that it would be with the
	// keyboard's caps lock off.
	ErrSymbology = errors.New("gs1: unknown symbology identifier")
	// ErrUnknownAI: no Application Identifier begins here.
	ErrUnknownAI = errors.New("gs1: unknown application identifier")
	// ErrTooShort: the data end before the element does; Want holds the length.
	ErrTooShort = errors.New("gs1: data too short")
	// ErrTooLong: the element has more characters than it may; Want holds the most. Often a lost separator.
	ErrTooLong = errors.New("gs1: data too long")
	// ErrCharacter: a character that the element may not hold, at At.
	ErrCharacter = errors.New("gs1: character not allowed")
	// ErrCheckDigit: the check digit is wrong: misread or mistyped; Want holds the right one.
	ErrCheckDigit = errors.New("gs1: wrong check digit")
	// ErrDate: not a day of the calendar.
	ErrDate = errors.New("gs1: not a date")
	// ErrValue: a value that the element may not have (a country code, an hour, a zero).
	ErrValue = errors.New("gs1: value not allowed")
	// ErrBrackets: a text with AIs in brackets that cannot be taken apart.
	ErrBrackets = errors.New("gs1: brackets do not match")
	// ErrSeparator: two different characters stand where separators should, or the separator was lost on the way.
	ErrSeparator = errors.New("gs1: separator lost or replaced")
	// ErrRepeated: the same AI comes twice with different values.
	ErrRepeated = errors.New("gs1: the same identifier twice with different values")
	// ErrMissing: the element says nothing without another one; Want holds which.
	ErrMissing = errors.New("gs1: another identifier is missing beside it")
	// ErrTogether: two elements that must not stand together; Want holds the other AI.
	ErrTogether = errors.New("gs1: identifiers that exclude each other")
)

// Error says what is wrong with a scan, and where.
type Error struct {
	Fault error  // one of the refusals above
	AI    string // the element's AI, "" outside of one
	Title string // the AI's data title, "" where unknown
	Value string // the data of the element, or what stands in place of an AI
	At    int    // the byte of the scan, prefix and all, at which the fault lies; of the cleaned text after a repair
	Want  string // a length, a check digit or other AIs, as the fault says
}

func (e *Error) Error() string {
	s := e.Fault.Error()
	if e.AI != "" {
		s += fmt.Sprintf(": (%s)", e.AI)
	}
	if e.Value != "" {
		s += fmt.Sprintf(" %q", e.Value)
	}
	if e.Want != "" {
		s += fmt.Sprintf(", want %s", e.Want)
	}
	return fmt.Sprintf("%s, at %d", s, e.At)
}

// Unwrap gives the fault.
func (e *Error) Unwrap() error { return e.Fault }
