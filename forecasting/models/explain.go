package models

import (
	"slices"

	"milkrun/forecasting"
)

// explain lays open what went into the forecast.
func (e *Engine) explain(d *demand, c *choice, paths heatInput, mean []float64) forecasting.Explanation {
	h := len(mean)
	x := forecasting.Explanation{
		Candidates: c.notes, CappedDays: d.capped, Heat: paths.notes, Notes: append([]forecasting.Note(nil), paths.remarks...),
	}
	x.HistoryDays = observed(d.raw[d.first:])
	if d.period > 1 {
		x.Weekly = slices.Clone(d.season)
	}
	plain := make([]float64, h)
	for i, m := range mean {
		f := d.drivers.factor(d.n + i)
		if d.period > 1 {
			f *= d.season[d.place(d.n+i)]
		}
		plain[i] = m / f
	}
	at, slope := line(plain)
	x.Level, x.TrendPerDay = at+slope, slope
	if x.Level < 0 {
		x.Level = 0
	}
	if d.year != nil {
		x.Yearly = make([]float64, h)
		for i := range x.Yearly {
			x.Yearly[i] = d.year.at(d.start.AddDays(d.n + i))
		}
	}
	x.Promotion = d.promotion(h)
	if len(d.slope) > 1 {
		x.Slopes = slices.Clone(d.slope[1:])
	}
	x.Events = d.eventNotes(h)
	for t := d.first; t < d.n; t++ {
		if d.isCensored(t) && d.raw[t] == d.raw[t] {
			x.Censored.Days++
			x.Censored.Sold += d.raw[t]
			x.Censored.Demand += d.y[t]
		}
	}
	if c.naive > 0 {
		x.FVA = forecasting.FVANote{Naive: c.naive, Model: c.best, Percent: 100 * (c.naive - c.best) / c.naive}
	}
	x.Notes = append(x.Notes, d.remarks(c)...)
	return x
}

// promotion describes the promotion driver where it played a part.
func (d *demand) promotion(h int) *forecasting.PromotionNote {
	planned := false
	for i := range h {
		planned = planned || d.future.Depth(i) > 0
	}
	if d.promoDays == 0 && !planned || len(d.slope) == 0 {
		return nil
	}
	n := &forecasting.PromotionNote{Elasticity: d.slope[0], PastDays: d.promoDays, Multiplier: make([]float64, h)}
	n.StdErr = d.promoError()
	one := d.drivers
	one.slope = d.slope[:1]
	for i := range n.Multiplier {
		n.Multiplier[i] = one.slopes(d.n + i)
	}
	return n
}

// eventNotes lists the stretches of events within the horizon.
func (d *demand) eventNotes(h int) []forecasting.EventNote {
	var notes []forecasting.EventNote
	open := map[uint8]int{} // code → index of its running note
	for i := range h {
		day := d.start.AddDays(d.n + i)
		ids := d.cal.On(day)
		for id := range open {
			if !slices.Contains(ids, id) {
				delete(open, id)
			}
		}
		for _, id := range ids {
			if k, ok := open[id]; ok {
				notes[k].To = day
				continue
			}
			open[id] = len(notes)
			notes = append(notes, forecasting.EventNote{
				Code: d.cal.Codes()[id], From: day, To: day, Multiplier: d.event[id], PastDays: d.eventDays[id],
			})
		}
	}
	return notes
}

// remarks lists what a reader should know of the ground the forecast stands on.
func (d *demand) remarks(c *choice) []forecasting.Note {
	var notes []forecasting.Note
	known, empty, unknown, last := 0, 0, 0, 0
	for t, v := range d.raw {
		switch {
		case v != v:
			unknown++
		case d.isCensored(t):
			empty++
			known++
		default:
			known++
		}
		if v > 0 {
			last = t
		}
	}
	switch {
	case known == 0:
		return append(notes, forecasting.NoteNoHistory)
	case d.first == d.n:
		return append(notes, forecasting.NoteNoDemand)
	}
	if c.short {
		notes = append(notes, forecasting.NoteShortHistory)
	}
	if forecasting.Classify(d.y[d.first:]) == forecasting.ClassDead && d.n-last > 0 {
		notes = append(notes, forecasting.NoteDead)
	}
	if d.habit != nil {
		notes = append(notes, forecasting.NotePromoAssumed)
	}
	if 10*unknown > len(d.raw) {
		notes = append(notes, forecasting.NoteGaps)
	}
	if 3*empty > known {
		notes = append(notes, forecasting.NoteMostlyEmpty)
	}
	return notes
}
