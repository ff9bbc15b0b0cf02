package c2m

import (
	"cmp"
	"slices"

	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
)

// ScoreDays is the window of a supplier's figures.
const ScoreDays = 90

// Score are a supplier's figures over a window of days, from promises that fell due in it.
type Score struct {
	// Promised are the pieces promised for days of the window, OnTime those of them that came by their day, Came those that have
	// come at all.
	Promised, OnTime, Came quantity.Pieces
	// Orders answered in the window, and those answered before the deadline.
	Answers, AnswersInTime int
}

// OnTimeShare gives OnTime ÷ Promised, and false when nothing was promised.
func (s Score) OnTimeShare() (float64, bool) { return share(int64(s.OnTime), int64(s.Promised)) }

// QuantityShare gives Came ÷ Promised, and false when nothing was promised.
func (s Score) QuantityShare() (float64, bool) { return share(int64(s.Came), int64(s.Promised)) }

// AnswerShare gives the share of answers before the deadline, and false when there were none.
func (s Score) AnswerShare() (float64, bool) { return share(int64(s.AnswersInTime), int64(s.Answers)) }

func share(n, of int64) (float64, bool) {
	if of == 0 {
		return 0, false
	}
	return float64(n) / float64(of), true
}

// ScoreLine is a line's promises and its receipts; the Day of a receipt is that of its arrival.
type ScoreLine struct{ Promised, Came []Split }

// ScoreOf reckons promises and receipts of lines, matched first in, first out: the n-th piece received fulfils the n-th piece
// promised. Promises on days from to to count.
func ScoreOf(lines []ScoreLine, from, to calendar.Day) Score {
	var s Score
	for _, l := range lines {
		came := slices.Clone(l.Came)
		slices.SortStableFunc(came, func(a, b Split) int { return cmp.Compare(a.Day, b.Day) })
		for _, p := range sorted(l.Promised) {
			counts := p.Day >= from && p.Day <= to
			if counts {
				s.Promised += p.Pieces
			}
			for left := p.Pieces; left > 0 && len(came) > 0; {
				n := min(left, came[0].Pieces)
				if counts {
					s.Came += n
					if came[0].Day <= p.Day {
						s.OnTime += n
					}
				}
				left -= n
				if came[0].Pieces -= n; came[0].Pieces == 0 {
					came = came[1:]
				}
			}
		}
	}
	return s
}
