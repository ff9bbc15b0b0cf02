package models

import (
	"testing"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

func TestEngineAnswersAPlainWeek(t *testing.T) {
	s := forecasting.Series{Start: calendar.Date(2024, 1, 1)}
	for i := range 400 {
		s.Sales = append(s.Sales, float64(10+5*(i%7/5)))
	}
	f, err := New(Options{Calendar: forecasting.NewCalendar(nil)}).Forecast(s, forecasting.Future{}, nil, 14)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range f.Mean {
		want := float32(10)
		if d := f.Day(i).Weekday(); d == 6 || d == 0 {
			want = 15
		}
		if m < want-.5 || m > want+.5 {
			t.Errorf("%s: %v, want about %v", f.Day(i), m, want)
		}
	}
}
