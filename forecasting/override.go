package forecasting

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"milkrun/internal/calendar"
)

// ErrOverride is the refusal of a planner's change; what is wrong stands before it in the chain.
var ErrOverride = errors.New("forecasting: the override cannot be used")

// Override is a planner's change of a forecast on the days From..To: a factor on the mean, or pieces a day in its place. It counts until
// Expiry and is scored when the days have passed.
type Override struct {
	Key
	From, To calendar.Day
	Factor   float64 // 0 = not a factor
	Pieces   float64 // a day, where Factor is 0
	Reason   string
	By       string
	Expiry   calendar.Day // first day on which it no longer counts
}

// MaxOverride is the largest factor that is believed.
const MaxOverride = 20

// Validate gives an error that wraps ErrOverride for a change that cannot be used.
func (o Override) Validate() error {
	switch {
	case o.To < o.From:
		return fmt.Errorf("%w: its last day %s lies before its first %s", ErrOverride, o.To, o.From)
	case strings.TrimSpace(o.Reason) == "":
		return fmt.Errorf("%w: it needs a reason", ErrOverride)
	case o.Factor < 0 || o.Factor > MaxOverride || math.IsNaN(o.Factor):
		return fmt.Errorf("%w: a factor of %g is not between 0 and %d", ErrOverride, o.Factor, MaxOverride)
	case o.Pieces < 0 || o.Pieces > MaxPieces || math.IsNaN(o.Pieces):
		return fmt.Errorf("%w: %g pieces a day make no sense", ErrOverride, o.Pieces)
	case o.Expiry <= o.From:
		return fmt.Errorf("%w: it expires on %s, before it begins to count", ErrOverride, o.Expiry)
	}
	return nil
}

// Apply gives the forecast with the change; the quantiles move with the mean. The forecast itself is not touched.
func (o Override) Apply(f Forecast, today calendar.Day) Forecast {
	if today >= o.Expiry || o.Key != f.Key {
		return f
	}
	for _, v := range []*[]float32{&f.Mean, &f.Q10, &f.Q50, &f.Q90, &f.Q95, &f.CumSD} {
		*v = append([]float32(nil), *v...)
	}
	was, now := 0.0, 0.0
	for i := range f.Mean {
		before := f.Mean[i]
		if day := f.Day(i); day >= o.From && day <= o.To {
			k := float32(o.Factor)
			if o.Factor == 0 {
				if before > 0 {
					k = float32(o.Pieces) / before
				} else {
					f.Mean[i], f.Q50[i], f.Q90[i], f.Q95[i] = float32(o.Pieces), float32(o.Pieces), float32(o.Pieces), float32(o.Pieces)
					k = 1
				}
			}
			for _, v := range [][]float32{f.Mean, f.Q10, f.Q50, f.Q90, f.Q95} {
				v[i] *= k
			}
		}
		was, now = was+float64(before), now+float64(f.Mean[i])
		if was > 0 {
			f.CumSD[i] *= float32(max(now/was, .05))
		}
		if i > 0 {
			f.CumSD[i] = max(f.CumSD[i], f.CumSD[i-1])
		}
	}
	return f
}

// OverrideScore says whether a change helped: the absolute errors of the days with and without it.
type OverrideScore struct {
	Days          int     `json:"days"`
	Before, After float64 // Σ|error|, pieces
}

// Helped says whether the change made the error smaller.
func (s OverrideScore) Helped() bool { return s.Days > 0 && s.After < s.Before }

// ScoreOverride compares a forecast, the same with the change, and what came (NaN = unknown) on the days of the change.
func ScoreOverride(o Override, plain, changed Forecast, actual []float64) OverrideScore {
	var s OverrideScore
	for i, y := range actual {
		if day := plain.Day(i); i >= len(plain.Mean) || y != y || day < o.From || day > o.To {
			continue
		}
		s.Days++
		s.Before += math.Abs(float64(plain.Mean[i]) - y)
		s.After += math.Abs(float64(changed.Mean[i]) - y)
	}
	return s
}
