package models

import (
	"math"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// heatInput is the heat of a series made ready: the product of all topics by day from the start of the series to the
// end of the horizon (nil = 1), and what to tell of it.
type heatInput struct {
	product []float64
	notes   []forecasting.HeatNote
	remarks []forecasting.Note
}

// heatPaths turns the drivers of a series into multipliers.
func heatPaths(s forecasting.Series, heat []forecasting.HeatDriver, h int) heatInput {
	var in heatInput
	n := s.Len()
	for _, d := range heat {
		w := min(max(d.Weight, 0), 1)
		if !(w > 0) {
			continue
		}
		if !d.Effect.Gate || !sound(d.Effect) {
			in.remarks = append(in.remarks, forecasting.NoteHeatGated)
			continue
		}
		if d.Effect.Elasticity == 0 {
			continue
		}
		known := d.Heat.Before(s.End().AddDays(1 - forecasting.HeatDelay))
		path := logMultiplier(d.Effect, known, s.Start, n+h)
		if in.product == nil {
			in.product = make([]float64, n+h)
			for i := range in.product {
				in.product[i] = 1
			}
		}
		note := forecasting.HeatNote{
			Topic: d.Effect.Topic, Source: d.Effect.Source, Lag: d.Effect.Lag, Elasticity: w * d.Effect.Elasticity,
			KnownTo: lastKnown(known), Multiplier: make([]float64, h),
		}
		for i := range path {
			m := math.Exp(min(max(w*path[i], -maxLogFactor), maxLogFactor))
			in.product[i] *= m
			if i >= n {
				note.Multiplier[i-n] = m
			}
		}
		if s.End().Sub(note.KnownTo) > forecasting.HeatDelay+staleDays {
			in.remarks = append(in.remarks, forecasting.NoteHeatStale)
		}
		in.notes = append(in.notes, note)
	}
	return in
}

// staleDays is how much older than usual heat may be without a remark.
const staleDays = 5

// lastKnown gives the last day with a value, the day before the start when there is none.
func lastKnown(h forecasting.HeatSeries) calendar.Day {
	for i := len(h.Value) - 1; i >= 0; i-- {
		if h.Value[i] == h.Value[i] {
			return h.Start.AddDays(i)
		}
	}
	return h.Start.AddDays(-1)
}

// Multiplier gives the factors by which the heat known up to origin−forecasting.HeatDelay multiplies the demand of the
// h days from origin on.
func Multiplier(effect forecasting.TopicEffect, heat forecasting.HeatSeries, origin calendar.Day, h int) []float64 {
	out := logMultiplier(effect, heat.Before(origin.AddDays(1-forecasting.HeatDelay)), origin, h)
	for i, v := range out {
		out[i] = math.Exp(min(max(v, -maxLogFactor), maxLogFactor))
	}
	return out
}
