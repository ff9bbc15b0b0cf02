package models

import (
	"math"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// PastMultiplier gives the factors by which heat has multiplied the demand of n days from day on, as it is known by now: unlike
// Multiplier it looks at all of the heat.
func PastMultiplier(effect forecasting.TopicEffect, heat forecasting.HeatSeries, day calendar.Day, n int) []float64 {
	out := logMultiplier(effect, heat, day, n)
	for i, v := range out {
		out[i] = math.Exp(min(max(v, -maxLogFactor), maxLogFactor))
	}
	return out
}
