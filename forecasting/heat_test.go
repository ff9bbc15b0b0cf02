package forecasting

import (
	"errors"
	"math"
	"testing"

	"milkrun/internal/calendar"
)

func TestHeatSeries(t *testing.T) {
	d := calendar.Date(2025, 3, 1)
	h := HeatSeries{Start: d, Value: []float64{1, math.NaN(), 3}}
	if h.At(d) != 1 || !math.IsNaN(h.At(d.AddDays(1))) || !math.IsNaN(h.At(d.AddDays(3))) || !math.IsNaN(h.At(d.AddDays(-1))) {
		t.Error("a day outside or without a value is not known")
	}
	if h.End() != d.AddDays(3) || len(h.Before(d.AddDays(2)).Value) != 2 || len(h.Before(d.AddDays(-5)).Value) != 0 {
		t.Error("before cuts the days from the given one on")
	}
	if err := h.Validate(); err != nil {
		t.Errorf("an unknown day is legal: %v", err)
	}
	for _, bad := range []float64{-1, math.Inf(1)} {
		if err := (HeatSeries{Value: []float64{bad}}).Validate(); !errors.Is(err, ErrHeat) {
			t.Errorf("heat %g: %v", bad, err)
		}
	}
}
