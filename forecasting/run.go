package forecasting

import (
	"errors"
	"fmt"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// Refusals of the verbs on runs.
var (
	// ErrRunning is the answer to starting a run while another is under way; the *RunningError in the chain names it.
	ErrRunning = errors.New("forecasting: a run is under way")
	// ErrNotFailed is the answer to resuming a run that has not failed.
	ErrNotFailed = errors.New("forecasting: only a failed run can be resumed")
	// ErrSuperseded is the answer to resuming a run after a newer one has come into force.
	ErrSuperseded = errors.New("forecasting: a newer run is in force")
	// ErrNoRun is the answer to a question about a run or a forecast when there is none.
	ErrNoRun = errors.New("forecasting: there is no forecast run yet")
	// ErrNoSpike is the answer to the id of a spike that does not exist.
	ErrNoSpike = errors.New("forecasting: no such spike")
	// ErrNoSales is the answer to starting a run when no sales are recorded before the origin.
	ErrNoSales = errors.New("forecasting: no sales are recorded before the origin")
	// ErrOrigin is the answer to starting a run from a day after today.
	ErrOrigin = errors.New("forecasting: the origin of a run cannot be after today")
)

// RunningError names the run that is under way.
type RunningError struct{ Run int64 }

// Error names the run.
func (e *RunningError) Error() string { return fmt.Sprintf("%v: %d", ErrRunning, e.Run) }

// Unwrap gives ErrRunning.
func (e *RunningError) Unwrap() error { return ErrRunning }

// RunKind tells who asked for a run.
type RunKind string

// The kinds of runs: by the clock, and by a person.
const (
	Nightly RunKind = "nightly"
	Manual  RunKind = "manual"
)

// RunState is where a run stands.
type RunState string

// The states of a run, in order; a failed run can be resumed where it stopped.
const (
	RunQueued    RunState = "queued"
	RunEffects   RunState = "effects"   // estimating what topics do to demand
	RunShards    RunState = "running"   // forecasting
	RunFinishing RunState = "finishing" // comparing and switching over
	RunPublished RunState = "published"
	RunFailed    RunState = "failed"
)

// Run is one pass over all series.
type Run struct {
	ID      int64
	Kind    RunKind
	State   RunState
	Origin  calendar.Day // first day forecast
	Horizon int          // days
	Actor   string       // who asked for it

	Series, SeriesDone, Problems int
	Shards, ShardsDone           int

	AskedAt     time.Time
	StartedAt   *time.Time
	PublishedAt *time.Time
	// Error is why the run failed; empty in other states.
	Error string
	// Current is true for the run in force.
	Current bool
	// Summary is set once the run is published, Accuracy once its forecasts of the past weeks are measured.
	Summary  *RunSummary
	Accuracy *RunAccuracy
}

// Open tells whether the run is under way.
func (r Run) Open() bool { return r.State != RunPublished && r.State != RunFailed }

// Resumable answers ErrNotFailed, or ErrSuperseded when the run in force, current, began later.
func (r Run) Resumable(current int64) error {
	switch {
	case r.State != RunFailed:
		return fmt.Errorf("%w: run %d is %s", ErrNotFailed, r.ID, r.State)
	case current > r.ID:
		return fmt.Errorf("%w: run %d", ErrSuperseded, current)
	}
	return nil
}

// RunSummary compares a run with the one that was in force before it, over the first 28 days of the new run.
type RunSummary struct {
	Previous  int64   `json:"previous"` // run compared with, 0 for none
	Series    int     `json:"series"`
	New       int     `json:"new"`        // series that the previous run did not have
	Gone      int     `json:"gone"`       // series that only the previous run had
	Empty     int     `json:"empty"`      // forecast 0 though something was sold in the past 28 days
	Problems  int     `json:"problems"`   // series that could not be forecast
	Sum       float64 `json:"sum"`        // expected pieces over 28 days, of the series of both runs
	SumBefore float64 `json:"sum_before"` // the same by the previous run, of the same days
	Jumped    int     `json:"jumped"`     // series whose sum moved by more than half (and by at least five pieces)
	Seconds   float64 `json:"seconds"`    // from the start to the switch
}

// Shift gives the change of the sum against the previous run in percent, 0 without one.
func (s RunSummary) Shift() float64 {
	if s.SumBefore == 0 {
		return 0
	}
	return 100 * (s.Sum - s.SumBefore) / s.SumBefore
}

// JumpedShare gives the share of the series of both runs whose sum moved by more than half, in percent.
func (s RunSummary) JumpedShare() float64 {
	if n := s.Series - s.New; n > 0 {
		return 100 * float64(s.Jumped) / float64(n)
	}
	return 0
}

// RunAccuracy says how forecasts made before came out over the past eight weeks. Errors are of the weekly totals of
// a SKU over its sites (SKU weeks) unless the name says otherwise. A day on which a shelf was empty counts on neither side.
type RunAccuracy struct {
	Through calendar.Day     `json:"through"` // last day measured
	Total   ClassAccuracy    `json:"total"`
	Classes []ClassAccuracy  `json:"classes"` // by demand pattern
	Weeks   []WeeklyAccuracy `json:"weeks"`   // oldest first
	// Categories are the top ones, the largest first; Horizons are by weeks from the origin; Worst the series with the largest errors.
	Categories []CategoryAccuracy `json:"categories,omitempty"`
	Horizons   []HorizonAccuracy  `json:"horizons,omitempty"`
	Worst      []Offender         `json:"worst,omitempty"`
}

// CategoryAccuracy is the accuracy of a top category: of weeks of SKUs, all sites together.
type CategoryAccuracy struct {
	Category catalog.CategoryID `json:"category"`
	ClassAccuracy
}

// HorizonAccuracy is the accuracy of one week after the origin of a forecast, the first being 1, over weeks of series.
type HorizonAccuracy struct {
	Week int `json:"week"`
	ClassAccuracy
}

// Offender is a series with a large error over the measured weeks, in pieces.
type Offender struct {
	Key
	Class    Class   `json:"class"`
	Actual   float64 `json:"actual"`
	Forecast float64 `json:"forecast"`
	Abs      float64 `json:"abs"`       // Σ|forecast − actual| of the weeks
	NaiveAbs float64 `json:"naive_abs"` // the same of the seasonal naive forecast
}

// ClassAccuracy is the accuracy over the series of one class.
type ClassAccuracy struct {
	Class  Class   `json:"class"`
	Series int     `json:"series"`
	Actual float64 `json:"actual"` // pieces sold in the measured weeks
	WAPE   float64 `json:"wape"`   // 100 Σ|forecast − actual| / Σ actual
	Bias   float64 `json:"bias"`   // 100 Σ(forecast − actual) / Σ actual
	Inside float64 `json:"inside"` // percent of the days of the series between P10 and P90; 80 is right
	Naive  float64 `json:"naive"`  // WAPE of the seasonal naive forecast: the same weekday of the week before the origin
}

// FVA gives the forecast value added: by how many percent of the naive error the forecast is better.
func (a ClassAccuracy) FVA() float64 {
	if a.Naive == 0 {
		return 0
	}
	return 100 * (a.Naive - a.WAPE) / a.Naive
}

// WeeklyAccuracy is the accuracy over all series in one week.
type WeeklyAccuracy struct {
	From   calendar.Day `json:"from"` // first of its seven days
	Actual float64      `json:"actual"`
	WAPE   float64      `json:"wape"`
	Bias   float64      `json:"bias"`
	Naive  float64      `json:"naive"`  // WAPE of the seasonal naive forecast
	Inside float64      `json:"inside"` // percent of days between P10 and P90
}
