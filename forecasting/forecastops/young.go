package forecastops

import (
	"context"
	"math"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/models"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// life holds what is known of the SKUs of a span at both ends of their lives.
type life struct {
	plans   map[forecasting.Key]forecasting.LaunchPlan
	keys    []forecasting.Key // of plans, in order
	endings map[catalog.SKUID][]forecastdb.Ending
	lost    map[forecasting.Key][]handover // by the successor's series
}

// handover is the demand that a SKU which ends leaves to its successor, a value a day from the origin on.
type handover struct {
	from    catalog.SKUID
	retired calendar.Day
	lost    []float64
}

// readLife reads the launch plans of a run and the SKUs whose successors are of the span.
func readLife(ctx context.Context, q pgdb.Querier, run int64, span forecastdb.Span) (*life, error) {
	l := &life{plans: map[forecasting.Key]forecasting.LaunchPlan{}, endings: map[catalog.SKUID][]forecastdb.Ending{}, lost: map[forecasting.Key][]handover{}}
	list, err := forecastdb.Launches(ctx, q, run, span)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		l.plans[p.Key] = p
		l.keys = append(l.keys, p.Key)
	}
	endings, err := forecastdb.Endings(ctx, q, span)
	if err != nil {
		return nil, err
	}
	for _, e := range endings {
		l.endings[e.Successor] = append(l.endings[e.Successor], e)
	}
	return l, nil
}

// readHandovers forecasts the SKUs that end and gives what they lose to their successors of the span, site by site.
func (o *Ops) readHandovers(ctx context.Context, q pgdb.Querier, run int64, f *forecaster, h int) error {
	if len(f.life.endings) == 0 {
		return nil
	}
	var olds []catalog.SKUID
	byOld := map[catalog.SKUID]forecastdb.Ending{}
	for _, list := range f.life.endings {
		for _, e := range list {
			olds = append(olds, e.SKU)
			byOld[e.SKU] = e
		}
	}
	span := forecastdb.SpanOf(olds)
	span.Origin = f.span.Origin
	other, err := o.newForecaster(ctx, q, run, span)
	if err != nil {
		return err
	}
	other.life.endings = nil
	for s, err := range forecastdb.Histories(ctx, q, span, other.members, other.known) {
		if err != nil {
			return err
		}
		e := byOld[s.SKU]
		at := s.Before(e.Retired)
		gone := max(span.Origin.Sub(e.Retired), 0)
		fc, err := other.plain(at, min(h+gone, forecasting.MaxHorizon))
		if err != nil {
			continue // it is told where the SKU itself is forecast
		}
		old := make([]float64, 0, h)
		for i := gone; i < len(fc.Mean); i++ {
			old = append(old, float64(fc.Mean[i]))
		}
		stays, _ := models.PhaseOut(old, nil, phaseStart(e.Retired, span.Origin), forecasting.PhaseOutDays, 0)
		lost := make([]float64, h)
		for i := range min(h, len(old)) {
			lost[i] = old[i] - stays[i]
		}
		key := forecasting.Key{SKU: e.Successor, Site: s.Site}
		f.life.lost[key] = append(f.life.lost[key], handover{from: e.SKU, retired: e.Retired, lost: lost})
	}
	return nil
}

// phaseStart gives the day of the horizon on which a SKU begins to lose its customers.
func phaseStart(retired, origin calendar.Day) int {
	return retired.Sub(origin) - forecasting.PhaseOutDays
}

// settleDays is how many days of its own sales after the end of the other it takes until half of what a successor takes over shows in
// its own history.
const settleDays = 14

// grow changes the forecast of a series at either end of its life: a new SKU follows its launch curve as long as it has little of its
// own, a successor gains what the other loses, and one that ends falls to nothing.
func (f *forecaster) grow(fc forecasting.Forecast, s forecasting.Series) forecasting.Forecast {
	if p, ok := f.life.plans[s.Key]; ok {
		fc = f.launched(fc, s, p)
	}
	for _, h := range f.life.lost[s.Key] {
		own := 0.0
		for i := max(h.retired.Sub(s.Start), 0); i < s.Len(); i++ {
			if s.Sales[i] == s.Sales[i] {
				own++
			}
		}
		take := forecasting.SuccessorTake * settleDays / (settleDays + own)
		mean := widened(fc.Mean)
		later := fc.Origin.Sub(f.span.Origin)
		for i := range mean {
			if k := i + later; k >= 0 && k < len(h.lost) {
				mean[i] += take * h.lost[k]
			}
		}
		before := fc
		fc = models.Moved(fc, mean).Step(forecasting.StepSuccessor, before, int64(h.from), "")
	}
	if m, ok := f.members[s.SKU]; ok && m.Retired != nil && *m.Retired < fc.Day(fc.Horizon()) {
		stays, _ := models.PhaseOut(widened(fc.Mean), nil, phaseStart(*m.Retired, fc.Origin), forecasting.PhaseOutDays, 0)
		before := fc
		fc = models.Moved(fc, stays).Step(forecasting.StepPhaseOut, before, 0, "")
	}
	return fc
}

// launched blends the launch curve with the forecast of the few days of a new SKU's own.
func (f *forecaster) launched(fc forecasting.Forecast, s forecasting.Series, p forecasting.LaunchPlan) forecasting.Forecast {
	h := fc.Horizon()
	empty := true
	for _, v := range p.Curve {
		empty = empty && v == 0
	}
	if empty {
		return fc
	}
	own := min(s.Len(), max(s.End().Sub(p.Start), 0))
	sold := s.Sales[s.Len()-own:]
	curve := make([]float64, own+h)
	for i := range curve {
		curve[i] = p.At(s.End().AddDays(i - own))
	}
	mean := models.Blend(curve, widened(fc.Mean), sold, forecasting.YoungDays/2)
	before := fc
	known := 0
	for _, v := range sold {
		if v == v {
			known++
		}
	}
	// So young a SKU has no errors of its own to learn its spread from.
	fresh := models.LaunchForecast(fc.Key, fc.Origin, mean, known)
	fresh.Explanation = fc.Explanation
	if known > 0 {
		fresh.Model = "launch+" + fc.Model
	}
	fresh.Explanation.Launch = &p.Note
	return fresh.Step(forecasting.StepLaunch, before, int64(p.Note.First), "")
}

// upcoming gives empty series for the launch plans that have no sales yet.
func (f *forecaster) upcoming(have []forecasting.Series) []forecasting.Series {
	if len(f.life.keys) == 0 {
		return nil
	}
	seen := make(map[forecasting.Key]bool, len(have))
	for _, s := range have {
		seen[s.Key] = true
	}
	var out []forecasting.Series
	for _, k := range f.life.keys {
		m, ok := f.members[k.SKU]
		if !seen[k] && ok && m.On(f.span.Origin) {
			out = append(out, forecasting.Series{Key: k, Start: f.span.Origin, Sales: []float64{}})
		}
	}
	return out
}

func widened(v []float32) []float64 {
	w := make([]float64, len(v))
	for i, x := range v {
		w[i] = float64(x)
		if math.IsNaN(w[i]) {
			w[i] = 0
		}
	}
	return w
}
