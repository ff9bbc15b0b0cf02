package cell

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"milkrun/internal/calendar"
	"milkrun/internal/sheet/grid"
)

var (
	yearFirst    = regexp.MustCompile(`^(\d{4})\s*([-./年_ ])\s*(\d{1,2})\s*([-./月_ ])\s*(\d{1,2})(?:\s*[日号])?(.*)$`)
	compact      = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?(\D.*)?$`)
	yearLast     = regexp.MustCompile(`^(\d{1,2})\s*[-./ ]\s*(\d{1,2})\s*[-./ ]\s*(\d{4}|\d{2})(\D.*)?$`)
	yearFourLast = regexp.MustCompile(`^(\d{1,2})\s*[-./ ]\s*(\d{1,2})\s*[-./ ]\s*(\d{4})(?:\D.*)?$`)
	monthOnly    = regexp.MustCompile(`^(\d{4})\s*[-./年]?\s*(0?[1-9]|1[0-2])\s*月?$`)
	dayMonth     = regexp.MustCompile(`^(\d{1,2})[-./ ]*([A-Za-z]{3,9})\.?[-./, ]*(\d{4}|\d{2})(\D.*)?$`)
	monthDay     = regexp.MustCompile(`^([A-Za-z]{3,9})\.?[-./ ]*(\d{1,2})(?:st|nd|rd|th)?[-./, ]+(\d{4})(\D.*)?$`)
	timeOfDay    = regexp.MustCompile(`(?i)^(上午|下午|晚上|am|pm)?\s*(\d{1,2})\s*[:时点]\s*(?:(\d{1,2})\s*(?:分|[:分]\s*(\d{1,2})(?:\.\d+)?\s*秒?)?)?\s*(上午|下午|am|pm)?\s*(z|utc|[-+]\d{2}:?\d{2})?$`)
	weekday      = regexp.MustCompile(`(?i)^[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?|^[(]?(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[)]?`)
	isoWeek      = regexp.MustCompile(`(?i)^(\d{4})\s*[-年/]?\s*(?:w|wk|week|第)?\s*(\d{1,2})\s*周?$`)
	weekYear     = regexp.MustCompile(`(?i)^(?:w|wk|week|第)\s*(\d{1,2})\s*周?\s*[-/, ]\s*(\d{4})$`)
)

var months = map[string]int{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12}

// parseDate reads a date as text, with what may follow it.
func parseDate(s string, order DateOrder) (calendar.Day, clock, Outcome) {
	if len(s) > 64 {
		return 0, clock{}, fault(NotDate, Shown(s))
	}
	if m := yearFirst.FindStringSubmatch(s); m != nil {
		return dated(s, m[1], m[3], m[5], m[6], m[2] == "-" || m[2] == "/" || m[2] == "年")
	}
	if m := compact.FindStringSubmatch(s); m != nil {
		rest := m[7]
		if m[4] != "" {
			second := m[6]
			if second == "" {
				second = "00"
			}
			rest = m[4] + ":" + m[5] + ":" + second + rest
		}
		return dated(s, m[1], m[2], m[3], rest, false)
	}
	if monthOnly.MatchString(s) {
		return 0, clock{}, fault(DayMissing, Shown(s))
	}
	if m := dayMonth.FindStringSubmatch(s); m != nil {
		return named(s, m[3], m[2], m[1], m[4])
	}
	if m := monthDay.FindStringSubmatch(s); m != nil {
		return named(s, m[3], m[1], m[2], m[4])
	}
	if m := yearLast.FindStringSubmatch(s); m != nil {
		return unordered(s, m, order)
	}
	return 0, clock{}, fault(NotDate, Shown(s))
}

// DateOrder says which comes first where a date puts the year last.
type DateOrder uint8

// The orders.
const (
	OrderUnknown DateOrder = iota
	DayFirst
	MonthFirst
)

// OrderOf gives the order that a cell shows: 25/11/2026 can only put the day first. yearLast tells whether the cell holds
// a date with four digits of a year at the end at all.
func OrderOf(v Value) (order DateOrder, yearLast bool) {
	if v.Kind != grid.Text {
		return OrderUnknown, false
	}
	s, _, o := v.content()
	if !o.OK() {
		return OrderUnknown, false
	}
	m := yearFourLast.FindStringSubmatch(strings.TrimPrefix(s, "'"))
	if m == nil {
		return OrderUnknown, false
	}
	a, _ := strconv.Atoi(m[1])
	b, _ := strconv.Atoi(m[2])
	y, _ := strconv.Atoi(m[3])
	_, dayFirst := civil(y, b, a)
	_, monthFirst := civil(y, a, b)
	switch {
	case dayFirst && !monthFirst:
		return DayFirst, true
	case monthFirst && !dayFirst:
		return MonthFirst, true
	}
	return OrderUnknown, dayFirst
}

// dated puts a date together and reads the time behind it.
func dated(s, year, month, day, rest string, usual bool) (calendar.Day, clock, Outcome) {
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	c, ok := parseClock(rest)
	if !ok {
		return 0, c, fault(NotDate, Shown(s))
	}
	date, ok := civil(y, m, d)
	if !ok {
		return 0, c, fault(NoSuchDate, fmt.Sprintf("%04d-%02d-%02d", y, m, d))
	}
	if usual {
		return date, c, bounded(date, Outcome{})
	}
	return date, c, bounded(date, mend(ReadAs, date.String()))
}

// named reads a date with the month's English name. Two digits of a year are taken here: 2-Nov-26 is Excel's own way.
func named(s, year, month, day, rest string) (calendar.Day, clock, Outcome) {
	n := months[strings.ToLower(month)[:3]]
	if n == 0 {
		return 0, clock{}, fault(NotDate, Shown(s))
	}
	if len(year) == 2 {
		year = "20" + year
	}
	return dated(s, year, strconv.Itoa(n), day, rest, false)
}

// unordered reads a date with the year last, or with two digits of a year, if only one order makes sense or the order is known.
func unordered(s string, m []string, order DateOrder) (calendar.Day, clock, Outcome) {
	a, _ := strconv.Atoi(m[1])
	b, _ := strconv.Atoi(m[2])
	y, _ := strconv.Atoi(m[3])
	orders := [][3]int{{y, b, a}, {y, a, b}}
	switch {
	case len(m[3]) == 4 && order == DayFirst:
		orders = orders[:1]
	case len(m[3]) == 4 && order == MonthFirst:
		orders = orders[1:]
	case len(m[3]) == 2:
		orders = [][3]int{{2000 + a, b, y}, {2000 + y, b, a}, {2000 + y, a, b}}
	}
	var days []calendar.Day
	for _, o := range orders {
		if d, ok := civil(o[0], o[1], o[2]); ok && (len(days) == 0 || days[0] != d) {
			days = append(days, d)
		}
	}
	switch {
	case len(days) == 0:
		return 0, clock{}, fault(NoSuchDate, Shown(s))
	case len(days) > 1:
		return 0, clock{}, fault(DateUnclear, Shown(s), days[0].String(), days[1].String())
	}
	c, ok := parseClock(m[4])
	if !ok {
		return 0, c, fault(NotDate, Shown(s))
	}
	return days[0], c, bounded(days[0], mend(ReadAs, days[0].String()))
}

// parseClock reads what may stand behind a date: a weekday, a time of day, an offset.
func parseClock(s string) (c clock, ok bool) {
	s = strings.TrimSpace(s)
	s = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(s, "T"), "t"))
	s = strings.TrimSpace(weekday.ReplaceAllString(s, ""))
	if s == "" {
		return c, true
	}
	m := timeOfDay.FindStringSubmatch(s)
	if m == nil {
		return c, false
	}
	h, _ := strconv.Atoi(m[2])
	minute, _ := strconv.Atoi(m[3])
	second, _ := strconv.Atoi(m[4])
	switch strings.ToLower(m[1] + m[5]) {
	case "下午", "晚上", "pm":
		if h < 12 {
			h += 12
		}
	case "上午", "am":
		if h == 12 {
			h = 0
		}
	}
	if h > 24 || minute > 59 || second > 59 || (h == 24 && minute+second > 0) {
		return c, false
	}
	c.seconds = h*3600 + minute*60 + second
	if zone := strings.ToLower(m[6]); zone != "" {
		c.zoned = true
		if zone != "z" && zone != "utc" {
			digits := strings.ReplaceAll(zone[1:], ":", "")
			n, _ := strconv.Atoi(digits)
			c.offset = n/100*3600 + n%100*60
			if zone[0] == '-' {
				c.offset = -c.offset
			}
		}
	}
	return c, true
}

// Week reads a week and gives its Monday: 2026-W45, 2026年第45周, 202645 (ISO 8601 weeks). A date stands for its week.
func Week(v Value) (calendar.Day, Outcome) {
	s, folded, o := v.content()
	if !o.OK() {
		return 0, o
	}
	year, week := "", ""
	if m := isoWeek.FindStringSubmatch(s); m != nil {
		year, week = m[1], m[2]
	} else if m := weekYear.FindStringSubmatch(s); m != nil {
		year, week = m[2], m[1]
	}
	if year == "" {
		d, o := Day(v)
		if !o.OK() {
			return 0, fault(NotWeek, Shown(s))
		}
		monday := d.AddDays(-(int(d.Weekday()) + 6) % 7)
		return monday, mend(ReadAs, weekName(monday))
	}
	y, _ := strconv.Atoi(year)
	w, _ := strconv.Atoi(week)
	// 4 January is always in week 1.
	first := calendar.Date(y, 1, 4)
	monday := first.AddDays(-(int(first.Weekday())+6)%7 + 7*(w-1))
	if wy, wn := monday.ISOWeek(); wy != y || wn != w {
		return 0, fault(NotWeek, Shown(s))
	}
	if folded || !strings.ContainsAny(s, "wW周") {
		o = mend(ReadAs, weekName(monday))
	}
	return monday, bounded(monday, o)
}

func weekName(monday calendar.Day) string {
	y, w := monday.ISOWeek()
	return fmt.Sprintf("%d-W%02d", y, w)
}
