package models

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// TestPriorSurvivesStorage: a pooled prior that was stored and read makes the same forecasts.
func TestPriorSurvivesStorage(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var group []forecasting.Series
	for range 12 {
		s := forecasting.Series{Start: calendar.Date(2024, 1, 1)}
		for i := range 700 {
			s.Sales = append(s.Sales, float64(rng.IntN(4+3*(i%7))))
		}
		group = append(group, s)
	}
	e := New(Options{})
	prior := e.Pool(group, nil)
	text, err := json.Marshal(prior)
	if err != nil {
		t.Fatal(err)
	}
	stored := &Prior{}
	if err := json.Unmarshal(text, stored); err != nil {
		t.Fatal(err)
	}
	short := group[0].Before(calendar.Date(2024, 2, 20))
	a, err := e.WithPrior(prior).Forecast(short, forecasting.Future{}, nil, 28)
	if err != nil {
		t.Fatal(err)
	}
	b, err := e.WithPrior(stored).Forecast(short, forecasting.Future{}, nil, 28)
	if err != nil || !slices.Equal(a.Mean, b.Mean) || !slices.Equal(a.Q90, b.Q90) {
		t.Errorf("%v and %v, %v", a.Mean, b.Mean, err)
	}
	if stored.Series != 12 {
		t.Errorf("pooled over %d series", stored.Series)
	}
	if err := json.Unmarshal([]byte(`{"season": "x"}`), stored); err == nil {
		t.Error("nonsense was read")
	}
}
