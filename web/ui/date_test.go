package ui

import (
	"context"
	"testing"
	"time"

	"milkrun/internal/calendar"
)

func TestDates(t *testing.T) {
	now := time.Date(2026, 11, 23, 1, 42, 0, 0, time.UTC) // 09:42 in Shanghai
	at := func(l Language) context.Context {
		return WithView(context.Background(), &View{Language: l, Zone: beijing, Now: now})
	}
	zh, en := at(Chinese), at(English)
	today, january := calendar.Date(2026, 11, 23), calendar.Date(2027, 1, 8)
	for got, want := range map[string]string{
		Day(zh, today):                     "11-23",
		Day(zh, january):                   "2027-01-08",
		DayOr(zh, nil):                     "–",
		DayWhole(today):                    "2026-11-23",
		DayProse(zh, today):                "11 月 23 日 周一",
		DayProse(zh, january):              "2027 年 1 月 8 日",
		DayProse(en, today):                "23 Nov",
		DayProse(en, january):              "8 Jan 2027",
		Clock(zh, now):                     "09:42",
		Clock(zh, time.Time{}):             "–",
		Moment(zh, now.Add(-23*time.Hour)): "11-22 10:42",
		Left(zh, now.Add(22*time.Hour+5)):  "剩 22 小时",
		Left(zh, now.Add(128*time.Hour)):   "剩 5 天 8 小时",
		Left(zh, now.Add(72*time.Hour)):    "剩 3 天",
		Left(zh, now.Add(-3*time.Hour)):    "已过 3 小时",
		Left(en, now.Add(time.Hour)):       "1 hour left",
		Left(en, now.Add(40*time.Minute)):  "40 minutes left",
		Ago(zh, now.Add(-2*time.Minute)):   "2 分钟前",
		Ago(en, now.Add(-time.Minute)):     "1 minute ago",
		Ago(en, now.Add(-10*time.Second)):  "just now",
		Ago(zh, now.Add(-50*time.Hour)):    "11-21 07:42",
		Today(zh).String():                 "2026-11-23",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
