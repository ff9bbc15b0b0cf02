package campaign

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/text/width"

	"milkrun/internal/calendar"
)

// ErrNumber refuses a text that is not a campaign's number.
var ErrNumber = errors.New("campaign: not a number in the form CP-YYMM-NNN")

var numberForm = regexp.MustCompile(`^CP(\d{2}(?:0[1-9]|1[0-2]))(\d{3,6})$`)

// FormatNumber gives the n-th number of the month of the day: CP-2611-018.
func FormatNumber(day calendar.Day, n int) string { return fmt.Sprintf("CP-%s-%03d", Month(day), n) }

// Month gives the year and month of the day as YYMM.
func Month(day calendar.Day) string { return day.Time().Format("0601") }

// ParseNumber reads a campaign's number the way people type it and gives its one written form. ErrNumber for anything else.
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
	return "CP-" + m[1] + "-" + m[2], nil
}
