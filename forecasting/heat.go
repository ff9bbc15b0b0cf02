package forecasting

import (
	"fmt"
	"math"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// HeatSeries is the heat of one topic at one source, a value a day from Start on.
type HeatSeries struct {
	Topic  catalog.TopicID
	Source string
	Start  calendar.Day
	Value  []float64 // index of the source, not negative; NaN = not delivered
}

// End gives the first day after the series.
func (h HeatSeries) End() calendar.Day { return h.Start.AddDays(len(h.Value)) }

// At gives the heat of a day, NaN where it is not known.
func (h HeatSeries) At(d calendar.Day) float64 {
	i := d.Sub(h.Start)
	if i < 0 || i >= len(h.Value) {
		return math.NaN()
	}
	return h.Value[i]
}

// Before gives the heat before the day. The slice is shared, not copied.
func (h HeatSeries) Before(day calendar.Day) HeatSeries {
	h.Value = h.Value[:min(max(day.Sub(h.Start), 0), len(h.Value))]
	return h
}

// Validate gives an error that wraps ErrHeat for a value that is negative or infinite.
func (h HeatSeries) Validate() error {
	for i, v := range h.Value {
		if v < 0 || math.IsInf(v, 0) {
			return fmt.Errorf("%w: topic %d, source %s, %s: %g", ErrHeat, h.Topic, h.Source, h.Start.AddDays(i), v)
		}
	}
	return nil
}

// HeatDelay is the number of days before the origin from which heat is not yet known: a forecast of day o uses
// heat up to o−HeatDelay.
const HeatDelay = 2

// Spike is a rise of a topic's heat above what its own weekday and season make usual.
type Spike struct {
	Topic    catalog.TopicID `json:"topic"`
	Source   string          `json:"source"`
	Start    calendar.Day    `json:"start"`    // first day above the usual
	Day      calendar.Day    `json:"day"`      // the day looked at
	Peak     calendar.Day    `json:"peak"`     // hottest day so far
	Value    float64         `json:"value"`    // heat on Day
	Top      float64         `json:"top"`      // heat on Peak
	Usual    float64         `json:"usual"`    // heat that Day would have had without the spike
	Score    float64         `json:"score"`    // robust z-score of Day
	Ratio    float64         `json:"ratio"`    // Value / Usual
	HalfLife float64         `json:"halflife"` // days in which the excess halves, measured or assumed
	Fading   bool            `json:"fading"`   // past its peak
	Ended    bool            `json:"ended"`    // back to the usual
}

// TopicEffect is what the heat of a topic does to the demand of its SKUs: the demand of day t is multiplied by
//
//	exp(Elasticity · Σ_k kernel(k) · g(heat(t−k)/Usual)),   g(x) = (x^Shape − 1)/Shape, log x for Shape 0
//
// with a kernel that is a bell around Lag. g is the transformation of Box & Cox; its slope at the usual heat is 1
// whatever the shape, so Elasticity is the percentage of demand for a percent of heat there.
type TopicEffect struct {
	Topic      catalog.TopicID `json:"topic"`
	Source     string          `json:"source"`
	Lag        int             `json:"lag"`         // days from heat to demand, centre of the kernel
	Width      float64         `json:"width"`       // standard deviation of the kernel, days
	Elasticity float64         `json:"elasticity"`  // shrunk
	StdErr     float64         `json:"std_err"`     // of Elasticity
	Shape      float64         `json:"shape"`       // 0..1
	PValue     float64         `json:"p_value"`     // placebo: share of circularly shifted heats that fit as well
	Gain       float64         `json:"gain"`        // percent of squared error saved on days that were not fitted
	Gate       bool            `json:"gate"`        // true: heat leads demand and is used in forecasts
	FirstLag   int             `json:"first_lag"`   // lag of LagProfile[0]; at negative lags heat follows demand
	LagProfile []float64       `json:"lag_profile"` // correlation of demand with heat so many days before
	Usual      float64         `json:"usual"`       // median heat of the fitted span
	Top        float64         `json:"top"`         // hottest day of the fitted span: beyond it the response is not known
	HalfLife   float64         `json:"halflife"`    // days in which an excess of heat halves
	Members    int             `json:"members"`     // series it was learnt from
	Days       int             `json:"days"`        // days of overlap of heat and demand that it was learnt from
	// Since is the first day that Lag holds for where it was another one before; 0 = always.
	Since calendar.Day `json:"since,omitempty"`
	// Sources are what the heat was combined of, Source the one whose scale it has; nil = that one alone.
	Sources []SourceNote `json:"sources,omitempty"`
	// Horizons says how far ahead heat may enter a forecast, near to far; nil = as Gate says, at all of them.
	Horizons []HorizonGate `json:"horizons,omitempty"`
}

// Trails tells whether the heat follows the demand rather than leading it, and clearly so: people talk of what they have bought. It
// says nothing of the days to come, but of those past it tells a spike from a new level, and how much was wanted while the shelf was
// empty.
func (e TopicEffect) Trails() bool {
	return e.Lag < 0 && e.Elasticity >= trailsLeast && e.Elasticity > trailsClear*e.StdErr
}

// What a heat that follows demand has to show to be believed: an elasticity, and as multiples of its standard error.
const (
	trailsLeast = .1
	trailsClear = 5
)

// HorizonGate is what a backtest says of the heat of a topic at some distances from the origin of a forecast.
type HorizonGate struct {
	From    int     `json:"from"`    // days ahead, 1 = the first day forecast
	To      int     `json:"to"`      // the last of them; 0 = all that are further
	Days    int     `json:"days"`    // forecasts of a day that the heat has changed, over all origins; 0 = none to judge by
	Without float64 `json:"without"` // root mean square of their errors without heat, percent of the mean demand
	With    float64 `json:"with"`    // the same with heat
	Open    bool    `json:"open"`    // heat pays here and enters
}

// OpenAt tells whether the heat may enter the forecast of the i-th day of a horizon, from 0.
func (e TopicEffect) OpenAt(i int) bool {
	if !e.Gate {
		return false
	}
	for _, g := range e.Horizons {
		if i+1 >= g.From && (g.To == 0 || i+1 <= g.To) {
			return g.Open
		}
	}
	return true
}

// SourceState says what a source of heat is used for.
type SourceState string

// The states of a source.
const (
	SourceUsed   SourceState = "used"
	SourceSilent SourceState = "silent" // used for the past, but nothing has come for a fortnight
	SourceApart  SourceState = "apart"  // it moves otherwise than the others: spam, or another matter
	SourceShort  SourceState = "short"  // too few days to tell
)

// SourceNote says how one source enters the heat of its topic.
type SourceNote struct {
	Source    string       `json:"source"`
	State     SourceState  `json:"state"`
	Weight    float64      `json:"weight"` // share in the heat on a day that all have delivered, 0..1
	First     calendar.Day `json:"first"`
	Last      calendar.Day `json:"last"`
	Known     int          `json:"known"`     // days delivered
	Holes     int          `json:"holes"`     // days between first and last that were not
	Longest   int          `json:"longest"`   // most of them on end
	Bursts    int          `json:"bursts"`    // single days far above their surroundings, taken out
	Agreement float64      `json:"agreement"` // correlation of its weeks with those of the leading source
	Rebased   []Rebase     `json:"rebased,omitempty"`
}

// Rebase is a day on which a source began to count on another scale; what came before was multiplied by Factor.
type Rebase struct {
	Day    calendar.Day `json:"day"`
	Factor float64      `json:"factor"`
}

// HeatDriver attaches a topic to the SKU that is forecast.
type HeatDriver struct {
	Effect TopicEffect
	Heat   HeatSeries
	Weight float64 // how much of the topic's effect the SKU takes, 0..1
}

// Addition is what a spike adds to the demand of one series.
type Addition struct {
	Key
	From   calendar.Day `json:"from"`   // first day with an addition
	To     calendar.Day `json:"to"`     // last day with an addition
	Pieces float64      `json:"pieces"` // sum
	ByDay  []float32    `json:"by_day"` // from the origin of the forecast
}
