package models

import (
	"math"
	"slices"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// heatInput is the heat of a series made ready: the product of all topics by day from the start of the series to the
// end of the horizon (nil = 1), that of the heat that follows demand for the past days alone (nil = 1) with the days in
// which it halves after them, and what to tell of it.
type heatInput struct {
	product []float64
	trail   []float64
	fade    float64
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
		if d.Effect.Trails() && sound(d.Effect) {
			in.follow(d, w, s)
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
			in.product = slices.Repeat([]float64{1}, n+h)
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

// follow takes in a heat that follows demand. It leads no day to come, but of a day past it tells a spike from a new level, and how
// much was wanted while the shelf was empty.
func (in *heatInput) follow(d forecasting.HeatDriver, w float64, s forecasting.Series) {
	if in.trail == nil {
		in.trail = slices.Repeat([]float64{1}, s.Len())
	}
	in.fade = max(in.fade, d.Effect.HalfLife, 1)
	for i, x := range logMultiplier(d.Effect, d.Heat.Before(s.End().AddDays(1-forecasting.HeatDelay)), s.Start, s.Len()) {
		in.trail[i] *= math.Exp(min(max(w*x, -maxLogFactor), maxLogFactor))
	}
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
