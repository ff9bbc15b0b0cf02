package supplier

import (
	"errors"
	"fmt"
)

// ErrRules refuses rules that contradict themselves; *RulesFault names the field.
var ErrRules = errors.New("supplier: the rules do not go together")

// RulesFault says which field of the rules is wrong.
type RulesFault struct{ Field string }

func (e *RulesFault) Error() string { return fmt.Sprintf("%v: %s", ErrRules, e.Field) }

// Unwrap gives ErrRules.
func (e *RulesFault) Unwrap() error { return ErrRules }

// Rules are how suppliers are judged, as data: a planner changes them without a new version of the program.
type Rules struct {
	Rule
	// Weights are the measures' parts of the score in percent; they add up to 100.
	Weights map[Measure]int `json:"weights"`
	// WorstPPM is the number of defects in a million that earns nothing, WorstPrice the price index that does (1.2: a fifth dearer than the
	// cheapest). An answer within GoodHours earns full marks, from WorstHours on none.
	WorstPPM   float64 `json:"worst_ppm"`
	WorstPrice float64 `json:"worst_price"`
	GoodHours  float64 `json:"good_hours"`
	WorstHours float64 `json:"worst_hours"`
	// PreferredFrom points and PreferredLines lines make a supplier preferred; below TrialBelow points or TrialLines lines it is on trial.
	PreferredFrom  float64 `json:"preferred_from"`
	PreferredLines int     `json:"preferred_lines"`
	TrialBelow     float64 `json:"trial_below"`
	TrialLines     int     `json:"trial_lines"`
	// MoveMost is the part of itself that a share moves by at most in one step, ShareLeast what a supplier with a share keeps, TrialMost what
	// a supplier on trial gets at most.
	MoveMost   float64 `json:"move_most"`
	ShareLeast float64 `json:"share_least"`
	TrialMost  float64 `json:"trial_most"`
	// Reminders are the days before a certificate lapses on which both sides are reminded, descending.
	Reminders []int `json:"reminders"`
}

// DefaultRules are the rules of a house that has set none.
func DefaultRules() Rules {
	return Rules{Rule: DefaultRule,
		Weights:  map[Measure]int{ByOTIF: 40, ByFill: 15, ByQuality: 15, ByPass: 15, ByPrice: 10, ByAnswer: 5},
		WorstPPM: 5000, WorstPrice: 1.2, GoodHours: 24, WorstHours: 72,
		PreferredFrom: 90, PreferredLines: 20, TrialBelow: 60, TrialLines: 5,
		MoveMost: 0.2, ShareLeast: 0.05, TrialMost: 0.2, Reminders: []int{60, 30, 7}}
}

// Check tells by *RulesFault what is wrong with the rules.
func (r Rules) Check() error {
	sum := 0
	for _, m := range Measures() {
		if r.Weights[m] < 0 {
			return &RulesFault{"weights"}
		}
		sum += r.Weights[m]
	}
	for i, d := range r.Reminders {
		if d < 0 || d > 365 || i > 0 && d >= r.Reminders[i-1] {
			return &RulesFault{"reminders"}
		}
	}
	for _, c := range []struct {
		field string
		bad   bool
	}{
		{"weights", sum != 100},
		{"late_days", r.LateDays < 0 || r.LateDays > 60},
		{"in_full", !(r.InFull > 0 && r.InFull <= 1)},
		{"worst_ppm", !(r.WorstPPM > 0 && r.WorstPPM <= 1e6)},
		{"worst_price", !(r.WorstPrice > 1 && r.WorstPrice <= 10)},
		{"worst_hours", !(r.GoodHours >= 0 && r.WorstHours > r.GoodHours && r.WorstHours <= 2000)},
		{"preferred_from", !(r.PreferredFrom > r.TrialBelow && r.PreferredFrom <= 100)},
		{"trial_below", !(r.TrialBelow >= 0)},
		{"preferred_lines", r.TrialLines < 0 || r.PreferredLines < r.TrialLines || r.PreferredLines > 10_000},
		{"move_most", !(r.MoveMost >= 0 && r.MoveMost <= 1)},
		{"share_least", !(r.ShareLeast >= 0 && r.ShareLeast <= 0.2)},
		{"trial_most", !(r.TrialMost > r.ShareLeast && r.TrialMost <= 1)},
		{"reminders", len(r.Reminders) == 0 || len(r.Reminders) > 6},
	} {
		if c.bad {
			return &RulesFault{c.field}
		}
	}
	return nil
}
