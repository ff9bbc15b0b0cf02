package forecasting

import (
	"math"
	"slices"
)

// CohortNote is what the number of babies of an age does to the demand of a SKU that is for them.
type CohortNote struct {
	Region     string    `json:"region"` // empty: all regions together
	From       int       `json:"from"`   // months of age
	To         int       `json:"to"`
	Elasticity float64   `json:"elasticity"` // log demand per log of babies: 1 = in proportion
	Multiplier []float64 `json:"multiplier"` // by day of the horizon, against the mean of the past year
}

// Step names a change of the forecast after the models of the series have spoken.
type Step string

// The steps, in the order in which they are taken.
const (
	StepHorizon   Step = "horizon"   // heat does not pay so far ahead and is left out
	StepPanel     Step = "panel"     // what the global model over all series adds
	StepLaunch    Step = "launch"    // launch curve of look-alikes, votes and pledges
	StepPhaseOut  Step = "phase_out" // the SKU ends
	StepSuccessor Step = "successor" // it takes over the demand of one that ends
	StepReconcile Step = "reconcile" // agreed with the forecasts of category, region and total
	StepOverride  Step = "override"  // a planner's change
)

// StepNote is one step with what it adds to the first 28 days, in pieces. Ref names what it came from: an override, another SKU.
type StepNote struct {
	Step   Step    `json:"step"`
	Pieces float64 `json:"pieces"`
	Ref    int64   `json:"ref,omitempty"`
	Text   string  `json:"text,omitempty"`
}

// PieceKind names a piece of a forecast.
type PieceKind string

// The pieces, in the order in which they are put together; the steps follow under their own names.
const (
	PieceLevel     PieceKind = "level"
	PieceTrend     PieceKind = "trend"
	PieceWeekly    PieceKind = "weekly"
	PieceYearly    PieceKind = "yearly"
	PieceEvents    PieceKind = "events"
	PiecePromotion PieceKind = "promotion"
	PieceCohort    PieceKind = "cohort"
	PieceHeat      PieceKind = "heat"
)

// PieceOrder gives the place of a piece among all of them.
func PieceOrder(k PieceKind) int {
	return slices.Index([]PieceKind{
		PieceLevel, PieceTrend, PieceWeekly, PieceYearly, PieceEvents, PiecePromotion, PieceCohort, PieceHeat, PieceKind(StepHorizon), PieceKind(StepPanel), PieceKind(StepLaunch),
		PieceKind(StepSuccessor), PieceKind(StepPhaseOut), PieceKind(StepReconcile), PieceKind(StepOverride),
	}, k)
}

// Piece is so many pieces of the first days of a forecast.
type Piece struct {
	Kind   PieceKind
	Pieces float64
}

// Pieces takes the expected demand of the first 28 days apart: the level alone, then what each driver adds when it is put on top of
// those before it, then the steps. They add up to the forecast; what the rounding of the explanation leaves is part of the trend.
func (f Forecast) Pieces() []Piece {
	x := f.Explanation
	n := min(28, len(f.Mean))
	kinds := []PieceKind{PieceLevel, PieceTrend, PieceWeekly, PieceYearly, PieceEvents, PiecePromotion, PieceCohort, PieceHeat}
	sums := make([]float64, len(kinds))
	total, before := 0.0, 0.0
	for i := range n {
		total += float64(f.Mean[i])
		day := f.Day(i)
		was := 0.0
		v := x.Level
		for k, kind := range kinds {
			switch kind {
			case PieceTrend:
				v = max(x.Level+x.TrendPerDay*float64(i), 0)
			case PieceWeekly:
				if len(x.Weekly) == 7 {
					v *= x.Weekly[(int(day.Weekday())+6)%7]
				}
			case PieceYearly:
				v *= factorAt(x.Yearly, i)
			case PieceEvents:
				for _, e := range x.Events {
					if day >= e.From && day <= e.To {
						v *= e.Multiplier
					}
				}
			case PiecePromotion:
				if x.Promotion != nil {
					v *= factorAt(x.Promotion.Multiplier, i)
				}
			case PieceCohort:
				if x.Cohort != nil {
					v *= factorAt(x.Cohort.Multiplier, i)
				}
			case PieceHeat:
				for _, h := range x.Heat {
					v *= factorAt(h.Multiplier, i)
				}
			}
			sums[k] += v - was
			was = v
		}
		before += was
	}
	steps := 0.0
	for _, s := range x.Steps {
		steps += s.Pieces
	}
	sums[1] += total - steps - before
	var out []Piece
	for k, kind := range kinds {
		if k == 0 || math.Abs(sums[k]) >= .05 {
			out = append(out, Piece{kind, sums[k]})
		} else {
			out[0].Pieces += sums[k] // too small to show, but the sum must hold
		}
	}
	for _, s := range x.Steps {
		out = append(out, Piece{PieceKind(s.Step), s.Pieces})
	}
	return out
}

func factorAt(v []float64, i int) float64 {
	if i < len(v) {
		return v[i]
	}
	return 1
}

// Sum gives the expected pieces of the first days of the horizon.
func (f Forecast) Sum(days int) float64 {
	sum := 0.0
	for _, v := range f.Mean[:min(days, len(f.Mean))] {
		sum += float64(v)
	}
	return sum
}

// Step gives the forecast with a note of what a step has added to its first 28 days since it was before. Steps that have changed
// nothing are not noted.
func (f Forecast) Step(step Step, before Forecast, ref int64, text string) Forecast {
	by := f.Sum(28) - before.Sum(28)
	if math.Abs(by) < 1e-3 && step != StepOverride {
		return f
	}
	f.Explanation.Steps = append(append([]StepNote(nil), f.Explanation.Steps...), StepNote{Step: step, Pieces: by, Ref: ref, Text: text})
	return f
}

// Scaled gives the forecast with each day multiplied by a factor, 1 beyond their end; quantiles move with the mean.
func (f Forecast) Scaled(factor func(day int) float64) Forecast {
	for _, v := range []*[]float32{&f.Mean, &f.Q10, &f.Q50, &f.Q90, &f.Q95, &f.CumSD} {
		*v = append([]float32(nil), *v...)
	}
	was, now := 0.0, 0.0
	for i := range f.Mean {
		k := float32(factor(i))
		was += float64(f.Mean[i])
		for _, v := range [][]float32{f.Mean, f.Q10, f.Q50, f.Q90, f.Q95} {
			if i < len(v) {
				v[i] *= k
			}
		}
		now += float64(f.Mean[i])
		if i < len(f.CumSD) {
			if was > 0 {
				f.CumSD[i] *= float32(now / was)
			}
			if i > 0 {
				f.CumSD[i] = max(f.CumSD[i], f.CumSD[i-1])
			}
		}
	}
	return f
}
