package cell

import (
	"math"
	"strconv"
	"strings"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/sheet/grid"
)

// The days that a sheet may hold.
var (
	FirstDay = calendar.Date(2000, time.January, 1)
	LastDay  = calendar.Date(2099, time.December, 31)
)

// Day reads a date: a workbook's day number, or text that puts the year first (2026-11-02, 2026.11.2, 2026/11/02,
// 20261102, 2026年11月2日), with or without a time of day, or that names the month (2-Nov-2026). A text that puts the
// year last is read only if it has one reading, or if the other rows of its column show the order (Value.Order): 02/11/2026
// alone is refused. A time zone in the text is ignored: the day is the
// one that is written.
func Day(v Value) (calendar.Day, Outcome) {
	d, _, o := v.moment()
	return d, o
}

// Moment reads a date with a time of day, which is that of the zone loc unless the text names an offset. Without a time it
// is midnight.
func Moment(v Value, loc *time.Location) (time.Time, Outcome) {
	d, c, o := v.moment()
	if !o.OK() {
		return time.Time{}, o
	}
	y, m, day := d.Time().Date()
	if c.zoned {
		return time.Date(y, m, day, 0, 0, c.seconds-c.offset, 0, time.UTC).In(loc), o
	}
	return time.Date(y, m, day, 0, 0, c.seconds, 0, loc), o
}

// clock is the time of day that stands behind a date.
type clock struct {
	seconds int // since midnight
	offset  int // seconds east of UTC
	zoned   bool
}

func (v Value) moment() (calendar.Day, clock, Outcome) {
	switch v.Kind {
	case grid.Bool:
		return 0, clock{}, fault(NotDate, Shown(v.Text))
	case grid.Number:
		return v.numbered()
	}
	s, folded, o := v.content()
	if !o.OK() {
		return 0, clock{}, o
	}
	s = strings.TrimPrefix(s, "'")
	if d, ok := isoDay(s); ok && v.Kind == grid.Text {
		return d, clock{}, bounded(d, Outcome{})
	}
	d, c, o := parseDate(s, v.Order)
	if !o.OK() {
		if n, ok := serialText(s); ok {
			d, c.seconds = v.serial(n)
			return d, c, bounded(d, mend(Serial, d.String()))
		}
		return 0, clock{}, o
	}
	if folded {
		o = mend(ReadAs, d.String())
	}
	return d, c, bounded(d, o)
}

func bounded(d calendar.Day, o Outcome) Outcome {
	if d < FirstDay || d > LastDay {
		return fault(DateOutOfRange, d.String(), FirstDay.String(), LastDay.String())
	}
	return o
}

// numbered reads the number of a workbook's cell: a day number, or the digits of 20261102.
func (v Value) numbered() (calendar.Day, clock, Outcome) {
	f, err := strconv.ParseFloat(string(v.Text), 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > 99999999 {
		return 0, clock{}, fault(NotDate, Shown(v.Text))
	}
	if f >= 19000101 && f == math.Trunc(f) {
		return parseDate(strconv.FormatFloat(f, 'f', 0, 64), OrderUnknown)
	}
	d, seconds := v.serial(f)
	c := clock{seconds: seconds}
	if v.Format != nil && v.Format.Date {
		return d, c, bounded(d, Outcome{})
	}
	if d < FirstDay || d > LastDay {
		return 0, c, fault(NotDate, Shown(v.Text))
	}
	return d, c, mend(Serial, d.String())
}

// serial turns a workbook's day number into a day and seconds. In the 1900 system day 1 is 1900-01-01 and 1900 is taken
// for a leap year (ECMA-376 part 1, 18.17.4.1), so that day numbers above 60 count from 1899-12-30.
func (v Value) serial(f float64) (calendar.Day, int) {
	epoch := calendar.Date(1899, time.December, 30)
	switch {
	case v.Epoch1904:
		epoch = calendar.Date(1904, time.January, 1)
	case f < 61:
		epoch++
	}
	whole := math.Floor(f)
	seconds := int(math.Round((f - whole) * 86400))
	if seconds == 86400 {
		whole, seconds = whole+1, 0
	}
	if whole > 3_000_000 {
		whole = 3_000_000 // beyond the year 9999; the caller refuses it
	}
	return epoch.AddDays(int(whole)), seconds
}

// serialText takes a text of five digits for a day number: what a CSV holds where the column was not formatted.
func serialText(s string) (float64, bool) {
	whole, _, _ := strings.Cut(s, ".")
	if len(whole) != 5 || len(s) > 24 {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && f >= 36526 && f < 73051
}

// isoDay reads 2026-11-02 and 2026/11/02 fast.
func isoDay(s string) (calendar.Day, bool) {
	if len(s) != 10 || s[4] != s[7] || (s[4] != '-' && s[4] != '/') {
		return 0, false
	}
	n := 0
	for i := range 10 {
		if i == 4 || i == 7 {
			continue
		}
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return civil(n/10000, n/100%100, n%100)
}

// civil gives the day, false if there is no such day.
func civil(y, m, d int) (calendar.Day, bool) {
	if y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > 31 {
		return 0, false
	}
	day := calendar.Date(y, time.Month(m), d)
	return day, day.Time().Day() == d
}
