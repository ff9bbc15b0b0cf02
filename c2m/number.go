package c2m

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/width"

	"milkrun/internal/calendar"
)

// ErrNumber is the refusal of a text that is not an order number.
var ErrNumber = errors.New("c2m: not an order number in the form FO-YYMM-NNNN")

var numberForm = regexp.MustCompile(`^FO(\d{4})(\d{4,6})$`)

// FormatNumber gives the n-th order number of the month of the day: FO-2611-0412.
func FormatNumber(day calendar.Day, n int) string { return fmt.Sprintf("FO-%s-%04d", Month(day), n) }

// Month gives the year and month of the day as YYMM: the series that order numbers count within.
func Month(day calendar.Day) string { return day.Time().Format("0601") }

// ParseNumber reads an order number the way people type it (full-width, lower case, with or without dashes and spaces)
// and gives its one written form. ErrNumber for anything else.
func ParseNumber(s string) (string, error) {
	text := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -_‐‑–—−\u00a0\t", r) {
			return -1
		}
		return r
	}, strings.ToUpper(width.Fold.String(s)))
	m := numberForm.FindStringSubmatch(text)
	if m == nil {
		return "", fmt.Errorf("%w: %q", ErrNumber, s)
	}
	n, err := strconv.Atoi(m[2])
	month, monthErr := strconv.Atoi(m[1][2:])
	if err != nil || monthErr != nil || n == 0 || month < 1 || month > 12 {
		return "", fmt.Errorf("%w: %q", ErrNumber, s)
	}
	return fmt.Sprintf("FO-%s-%04d", m[1], n), nil
}
