package gs1

import (
	"time"

	"milkrun/internal/calendar"
)

// Day reads a date in the form YYMMDD as an element holds it. The day 00 is the last day of the month. The century is that in
// which the year lies at most 49 years before or 50 years after the year of today: 51 and more years ahead is the last century,
// 50 and more behind the next. Source: GS1 General Specifications, 7.12. It answers ErrDate for what is no date.
func Day(yymmdd string, today calendar.Day) (calendar.Day, error) {
	if len(yymmdd) == 6 {
		if d, ok := dayOf(yymmdd, today.Year(), true); ok {
			return d, nil
		}
	}
	return 0, &Error{Fault: ErrDate, Value: yymmdd}
}

// validDate tells whether YYMMDD is a date. Every century that the year can fall in has the same leap years but for 1900 and
// 2100, which the rule for the century reaches after 2050 alone.
func validDate(s string, monthAlone bool) bool {
	if len(s) != 6 {
		return false
	}
	_, ok := dayOf(s, 2026, monthAlone)
	return ok
}

// dayOf reads YYMMDD with the century near the year given, or YYYYMMDD.
func dayOf(s string, year int, monthAlone bool) (calendar.Day, bool) {
	if len(s) != 6 && len(s) != 8 || !only(charsets[Digits])(s) {
		return 0, false
	}
	y := number(s[:len(s)-4])
	if len(s) == 6 {
		y = century(y, year)
	}
	m, d := number(s[len(s)-4:len(s)-2]), number(s[len(s)-2:])
	if m < 1 || m > 12 || d == 0 && !monthAlone {
		return 0, false
	}
	last := calendar.Date(y, time.Month(m)+1, 0)
	day := calendar.Date(y, time.Month(m), d)
	switch {
	case d == 0:
		return last, true
	case day > last:
		return 0, false
	}
	return day, true
}

func century(yy, year int) int {
	y := year - year%100 + yy
	switch ahead := yy - year%100; {
	case ahead >= 51:
		return y - 100
	case ahead <= -50:
		return y + 100
	}
	return y
}

// number reads digits that are known to be such.
func number(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// FormatDay writes a day in the form YYMMDD.
func FormatDay(d calendar.Day) string { return d.Time().Format("060102") }
