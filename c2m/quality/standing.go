package quality

// The rules of switching and cards, counted in consecutive lots on their first inspection.
const (
	// BanAfter failed lots in a row a supplier's SKU is banned.
	BanAfter = 3
	// window and failsInWindow tighten normal inspection: 2 of 5 or fewer consecutive lots refused.
	window, failsInWindow = 5, 2
	// passesToNormal lots accepted in a row bring tightened inspection back to normal.
	passesToNormal = 5
	// failsToStop lots refused while tightened, in a row or not, stop inspection.
	failsToStop = 5
	// safetyLots accepted lots in a row end the red card of a safety defect.
	safetyLots = 5
)

// Outcome is how one lot, inspected for the first time, came out. Lots presented again after sorting do not count.
type Outcome struct {
	Accepted bool
	Safety   bool // a critical defect was found; such a lot is not accepted
}

// Standing is what the record of inspections says of a supplier's SKU: how its next lot is inspected, and which card it holds.
// The zero Standing is that of a supplier without lots. It can be stored and continued, or made anew by Replay.
type Standing struct {
	Lots             int    `json:"lots"`
	Recent           []bool `json:"recent,omitempty"` // on normal inspection: the last lots, true for accepted
	IsTightened      bool   `json:"tightened,omitempty"`
	Passes           int    `json:"passes,omitempty"`            // in a row while tightened
	TightenedFails   int    `json:"tightened_fails,omitempty"`   // since tightened
	IsStopped        bool   `json:"stopped,omitempty"`           // until Resume
	ConsecutiveFails int    `json:"consecutive_fails,omitempty"` // whatever the severity
	SinceSafety      int    `json:"since_safety,omitempty"`      // accepted lots in a row since a safety defect
	HadSafety        bool   `json:"had_safety,omitempty"`        // a safety defect's red card is open
	Banned           bool   `json:"banned,omitempty"`            // until Lift
}

// Replay gives the standing after lots in the order of their inspection.
func Replay(lots []Outcome) Standing {
	var s Standing
	for _, l := range lots {
		s = s.After(l)
	}
	return s
}

// Severity gives how the next lot is inspected.
func (s Standing) Severity() Severity {
	switch {
	case s.IsStopped:
		return Stopped
	case s.IsTightened:
		return Tightened
	default:
		return Normal
	}
}

// After gives the standing after one more lot.
func (s Standing) After(lot Outcome) Standing {
	accepted := lot.Accepted && !lot.Safety
	s.Lots++
	s.count(accepted, lot.Safety)
	switch {
	case s.IsStopped:
	case s.IsTightened:
		s.tightened(accepted)
	default:
		s.normal(accepted)
	}
	return s
}

// count keeps what the cards and the ban rest on.
func (s *Standing) count(accepted, safety bool) {
	if accepted {
		s.ConsecutiveFails = 0
		s.SinceSafety++
	} else {
		s.ConsecutiveFails++
		s.SinceSafety = 0
	}
	switch {
	case safety:
		s.HadSafety = true
	case s.SinceSafety >= safetyLots:
		s.HadSafety = false
	}
	if s.ConsecutiveFails >= BanAfter {
		s.Banned = true
	}
}

func (s *Standing) normal(accepted bool) {
	recent := append(append([]bool(nil), s.Recent...), accepted)
	if len(recent) > window {
		recent = recent[len(recent)-window:]
	}
	s.Recent = recent
	fails := 0
	for _, ok := range recent {
		if !ok {
			fails++
		}
	}
	if fails >= failsInWindow {
		s.IsTightened, s.Recent, s.Passes, s.TightenedFails = true, nil, 0, 0
	}
}

func (s *Standing) tightened(accepted bool) {
	if accepted {
		if s.Passes++; s.Passes >= passesToNormal {
			s.IsTightened, s.Passes, s.TightenedFails = false, 0, 0
		}
		return
	}
	s.Passes = 0
	if s.TightenedFails++; s.TightenedFails >= failsToStop {
		s.IsStopped = true
	}
}

// Resume gives the standing after the supplier has acted and inspection begins again, tightened (ISO 2859-1, 9.4).
func (s Standing) Resume() Standing {
	s.IsStopped, s.IsTightened, s.Passes, s.TightenedFails, s.Recent = false, true, 0, 0, nil
	return s
}

// Lift gives the standing after a person has lifted the ban: the next lots are inspected tightened.
func (s Standing) Lift() Standing {
	s = s.Resume()
	s.Banned, s.ConsecutiveFails = false, 0
	return s
}

// Card is the warning that a supplier's SKU holds.
type Card string

// The cards. Banned goods are neither ordered nor received until a person lifts the ban.
const (
	NoCard Card = ""
	Yellow Card = "yellow"
	Red    Card = "red"
	Ban    Card = "ban"
)

// Reason says what a card rests on.
type Reason string

// The reasons of cards, from the gravest.
const (
	ReasonBan       Reason = "fails_in_a_row" // BanAfter lots refused one after the other
	ReasonSafety    Reason = "safety"         // a safety defect, and not yet safetyLots good lots since
	ReasonStopped   Reason = "stopped"        // inspection is stopped
	ReasonTwoFails  Reason = "two_fails"      // the last two lots were refused
	ReasonLastFail  Reason = "last_fail"      // the last lot was refused
	ReasonTightened Reason = "tightened"      // inspection is tightened
)

// Card gives the gravest card and its reason. A refused lot shows yellow, a second one in a row red, the third bans; a safety
// defect shows red at once and until five lots in a row were good. While inspection is tightened the card is at least yellow.
func (s Standing) Card() (Card, Reason) {
	switch {
	case s.Banned:
		return Ban, ReasonBan
	case s.HadSafety:
		return Red, ReasonSafety
	case s.IsStopped:
		return Red, ReasonStopped
	case s.ConsecutiveFails >= 2:
		return Red, ReasonTwoFails
	case s.ConsecutiveFails == 1:
		return Yellow, ReasonLastFail
	case s.IsTightened:
		return Yellow, ReasonTightened
	default:
		return NoCard, ""
	}
}
