package c2mops

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// Weeks that begin on a Friday become weeks that begin on Mondays: three sevenths of one and four of the next.
func TestWeeksOfARunBecomeISOWeeks(t *testing.T) {
	friday, monday := calendar.Date(2026, 11, 20), calendar.Date(2026, 11, 23)
	weeks := []forecasting.Week{{From: friday, Mean: 700}, {From: friday + 7, Mean: 1400}, {From: friday + 14, Mean: 0}}
	got := isoWeeks(weeks, monday, 13)
	if len(got) != 2 || got[0] != 400+600 || got[1] != 800 {
		t.Errorf("%v", got)
	}
}

func TestISOWeeksLoseNoDemand(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		monday := calendar.Date(2026, 11, 23)
		from := monday.AddDays(-rapid.IntRange(0, 6).Draw(rt, "days since the run"))
		var weeks []forecasting.Week
		for i := range 8 {
			weeks = append(weeks, forecasting.Week{From: from.AddDays(7 * i), Mean: 70})
		}
		for i, got := range isoWeeks(weeks, monday, 13) {
			if math.Abs(got-70) > 1e-9 {
				rt.Errorf("week %d: %f", i, got)
			}
		}
		if n := len(isoWeeks(weeks, monday, 13)); n != 7 && (n != 8 || from != monday) {
			rt.Errorf("%d weeks from %s", n, from)
		}
	})
}
