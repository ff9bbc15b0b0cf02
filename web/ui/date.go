package ui

import (
	"context"
	"fmt"
	"time"

	"milkrun/internal/calendar"
)

// Day writes a day for tables: 11-23, and 2027-01-08 when it lies in another year than today.
func Day(ctx context.Context, d calendar.Day) string {
	if d.Year() == Today(ctx).Year() {
		return d.Time().Format("01-02")
	}
	return d.String()
}

// DayOr writes a day for tables, or – when there is none.
func DayOr(ctx context.Context, d *calendar.Day) string {
	if d == nil {
		return Nothing
	}
	return Day(ctx, *d)
}

// DayWhole writes a day with its year, as an expiry is always written: 2027-01-08.
func DayWhole(d calendar.Day) string { return d.String() }

// DayProse writes a day for a sentence: 11 月 23 日 周一, 23 Nov; another year is named.
func DayProse(ctx context.Context, d calendar.Day) string {
	t := d.Time()
	sameYear := d.Year() == Today(ctx).Year()
	if Lang(ctx) == English {
		if sameYear {
			return t.Format("2 Jan")
		}
		return t.Format("2 Jan 2006")
	}
	s := fmt.Sprintf("%d 月 %d 日", int(t.Month()), t.Day())
	if !sameYear {
		return fmt.Sprintf("%d 年 %s", t.Year(), s)
	}
	return s + " 周" + string([]rune("日一二三四五六")[d.Weekday()])
}

// Clock writes the time of day in the site's zone, 24 h: 09:42. The zero time is –.
func Clock(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return Nothing
	}
	return t.In(From(ctx).zone()).Format("15:04")
}

// Moment writes a day and time in the site's zone: 11-22 10:18. The zero time is –.
func Moment(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return Nothing
	}
	return Day(ctx, calendar.Of(t, From(ctx).zone())) + " " + Clock(ctx, t)
}

// Left says how much is left to a deadline: 剩 22 小时, 5 d 8 h left, 已过 3 小时.
func Left(ctx context.Context, until time.Time) string {
	d := until.Sub(From(ctx).Now)
	if d < 0 {
		return T(ctx, "time.over", "Span", span(ctx, -d))
	}
	return T(ctx, "time.left", "Span", span(ctx, d))
}

// span says a duration in at most two units: days and hours, hours, or minutes.
func span(ctx context.Context, d time.Duration) string {
	hours := int(d / time.Hour)
	switch {
	case hours >= 48 && hours%24 > 0:
		return T(ctx, "time.dayshours", "Days", hours/24, "Hours", hours%24)
	case hours >= 48:
		return T(ctx, "time.days", Count, hours/24)
	case hours >= 1:
		return T(ctx, "time.hours", Count, hours)
	}
	return T(ctx, "time.minutes", Count, max(1, int(d/time.Minute)))
}

// Ago says how long ago something happened. It is for feeds only; tables show the moment itself.
func Ago(ctx context.Context, t time.Time) string {
	d := From(ctx).Now.Sub(t)
	switch {
	case d < time.Minute:
		return T(ctx, "time.now")
	case d < time.Hour:
		return T(ctx, "time.minutesago", Count, int(d/time.Minute))
	case d < 24*time.Hour:
		return T(ctx, "time.hoursago", Count, int(d/time.Hour))
	}
	return Moment(ctx, t)
}
