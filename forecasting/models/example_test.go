package models_test

import (
	"fmt"

	"milkrun/forecasting"
	"milkrun/forecasting/models"
	"milkrun/internal/calendar"
)

// A year of a plain week, 10 pieces on workdays and 16 on weekends, carried on.
func ExampleEngine_Forecast() {
	s := forecasting.Series{Start: calendar.Date(2025, 1, 6)}
	for i := range 364 {
		s.Sales = append(s.Sales, float64(10+6*(i%7/5)))
	}
	engine := models.New(models.Options{Calendar: forecasting.NewCalendar(nil)})
	f, err := engine.Forecast(s, forecasting.Future{}, nil, 7)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, m := range f.Mean {
		fmt.Printf("%s %.0f\n", f.Day(i).Weekday(), m)
	}
	week, _ := f.Over(7)
	fmt.Printf("%s, %.0f in the week\n", f.Class, week)
	// Output:
	// Monday 10
	// Tuesday 10
	// Wednesday 10
	// Thursday 10
	// Friday 10
	// Saturday 16
	// Sunday 16
	// smooth, 82 in the week
}
