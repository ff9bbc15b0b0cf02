package forecastops

import (
	"math"
	"slices"

	"milkrun/forecasting"
	"milkrun/forecasting/heatmix"
	"milkrun/forecasting/models"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// carriedKey names what the heat of a topic has done to demand up to a day.
type carriedKey struct {
	topic catalog.TopicID
	day   calendar.Day
}

// closed takes the heat of each topic out of the days of a forecast that are so far ahead that it does not pay there. What is left is the
// forecast that knows nothing of the topic: its level holds what heat has done so far, as the backtest has it that has shut the gate.
func (f *forecaster) closed(fc forecasting.Forecast, drivers []forecasting.HeatDriver) forecasting.Forecast {
	h := fc.Horizon()
	factor, without := []float64(nil), []float32(nil)
	notes := slices.Clone(fc.Explanation.Heat)
	for k, note := range notes {
		d, ok := driverOf(drivers, note.Topic)
		if !ok || !slices.ContainsFunc(days(h), func(i int) bool { return !d.Effect.OpenAt(i) }) {
			continue
		}
		if factor == nil {
			without = slices.Clone(fc.Mean)
			factor = make([]float64, h)
			for i := range factor {
				factor[i] = 1
			}
		}
		carried := f.carried(d, fc.Origin)
		path := slices.Clone(note.Multiplier)
		for i := range path {
			if !d.Effect.OpenAt(i) && path[i] > 0 {
				factor[i] *= carried / path[i]
				without[i] /= float32(path[i])
				path[i] = 1
			}
		}
		notes[k].Multiplier = path
	}
	if factor == nil {
		return fc
	}
	out := fc.Scaled(func(i int) float64 { return factor[i] })
	out.Explanation.Heat = notes
	before := fc
	before.Mean = without
	return out.Step(forecasting.StepHorizon, before, 0, "")
}

func days(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func driverOf(list []forecasting.HeatDriver, topic catalog.TopicID) (forecasting.HeatDriver, bool) {
	i := slices.IndexFunc(list, func(d forecasting.HeatDriver) bool { return d.Effect.Topic == topic })
	if i < 0 {
		return forecasting.HeatDriver{}, false
	}
	return list[i], true
}

// carried gives what the level of a series of the topic holds of its heat on a day.
func (f *forecaster) carried(d forecasting.HeatDriver, day calendar.Day) float64 {
	key := carriedKey{d.Effect.Topic, day}
	past, ok := f.past[key]
	if !ok {
		known := d.Heat.Before(day.AddDays(1 - forecasting.HeatDelay))
		past = models.PastMultiplier(d.Effect, known, day.AddDays(-heatmix.CarriedDays), heatmix.CarriedDays)
		f.past[key] = past
	}
	w := min(max(d.Weight, 0), 1)
	own := make([]float64, len(past))
	for i, m := range past {
		own[i] = math.Pow(m, w)
	}
	return heatmix.Carried(own)
}
