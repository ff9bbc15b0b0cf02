// Package calendar holds the business day: a date without a clock, in the zone of the site it belongs to.
package calendar

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"time"
)

// Day is a date, counted in days since 1970-01-01. The zero Day is 1970-01-01.
type Day int32

// ErrDay is the refusal of a text that is not a date in the form 2006-01-02.
var ErrDay = errors.New("calendar: not a date in the form YYYY-MM-DD")

const secondsADay = 24 * 60 * 60

// Of gives the day on which the instant t falls in the zone loc.
func Of(t time.Time, loc *time.Location) Day {
	y, m, d := t.In(loc).Date()
	return Date(y, m, d)
}

// Date gives the day of a year, month and day of month, normalised like time.Date.
func Date(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsADay)
}

// ParseDay reads the form 2006-01-02 and answers ErrDay for anything else.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("%w: %q", ErrDay, s)
	}
	return Of(t, time.UTC), nil
}

// Time gives midnight UTC at the start of the day.
func (d Day) Time() time.Time { return time.Unix(int64(d)*secondsADay, 0).UTC() }

// In gives midnight of the day in the zone loc.
func (d Day) In(loc *time.Location) time.Time {
	y, m, dd := d.Time().Date()
	return time.Date(y, m, dd, 0, 0, 0, 0, loc)
}

// AddDays gives the day n days later (earlier when n is negative).
func (d Day) AddDays(n int) Day { return d + Day(n) }

// Sub gives the number of days from e to d.
func (d Day) Sub(e Day) int { return int(d - e) }

// Weekday gives the day of the week.
func (d Day) Weekday() time.Weekday { return time.Weekday(((int(d)+4)%7 + 7) % 7) }

// Year gives the year of the day.
func (d Day) Year() int { return d.Time().Year() }

// ISOWeek gives the ISO 8601 year and week of the day.
func (d Day) ISOWeek() (year, week int) { return d.Time().ISOWeek() }

// String gives the form 2006-01-02.
func (d Day) String() string { return d.Time().Format(time.DateOnly) }

// MarshalText gives the form 2006-01-02, for JSON and sheets.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the form 2006-01-02.
func (d *Day) UnmarshalText(b []byte) error {
	v, err := ParseDay(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// Value lets a Day be stored in a column of type date.
func (d Day) Value() (driver.Value, error) { return d.Time(), nil }

// Scan reads a column of type date, which the drivers hand over as time.Time or text.
// A nullable column is scanned into a *Day, which stays nil.
func (d *Day) Scan(src any) error {
	switch v := src.(type) {
	case time.Time:
		*d = Of(v, time.UTC)
		return nil
	case string:
		return d.UnmarshalText([]byte(v))
	default:
		return fmt.Errorf("%w: %T", ErrDay, src)
	}
}
