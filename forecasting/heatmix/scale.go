package heatmix

import (
	"math"
	"slices"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// Settings of the search for a new scale: a step up or down from one day to the next that stays, and that the other sources do not make.
const (
	besideDays   = 28  // before and after, where other sources are known beside
	aloneDays    = 42  // where there are none: a surge must have had the time to fade
	freshDays    = 10  // after, at least
	besideStep   = .47 // logarithm of the factor: 1.6
	aloneStep    = .59 // 1.8
	stepSharp    = .7  // share of the step that the first four days show
	stepFlat     = .35 // share of the step by which the halves of what came after may differ
	aloneFlat    = .25
	shared       = .5 // share of the step that the others may make too
	mostRebases  = 6  // of a source
	leastCovered = .6 // share of days known on either side
)

// step is a change of scale that has been found.
type step struct {
	at   int
	size float64
}

// mendScales brings what came before a change of scale to the new one, source by source, the greatest change first.
func mendScales(list []*source, start calendar.Day) {
	for range mostRebases * len(list) {
		var worst *source
		var found step
		for _, s := range list {
			if len(s.note.Rebased) >= mostRebases {
				continue
			}
			if x := findStep(s.x, othersOf(list, s)); math.Abs(x.size) > math.Abs(found.size) {
				worst, found = s, x
			}
		}
		if worst == nil {
			break
		}
		for t := range worst.x[:found.at] {
			worst.x[t] += found.size
		}
		worst.mended = true
		worst.note.Rebased = append(worst.note.Rebased, forecasting.Rebase{Day: start.AddDays(found.at), Factor: math.Exp(found.size)})
	}
	for _, s := range list {
		slices.SortFunc(s.note.Rebased, func(a, b forecasting.Rebase) int { return a.Day.Sub(b.Day) })
	}
}

// othersOf gives the median of the other sources, each around its own median; nil when there are none.
func othersOf(list []*source, own *source) []float64 {
	if len(list) < 2 {
		return nil
	}
	out := make([]float64, len(own.x))
	middles := make([]float64, len(list))
	for i, s := range list {
		middles[i] = median(known(s.x))
	}
	var at []float64
	for t := range out {
		at = at[:0]
		for i, s := range list {
			if v := s.x[t] - middles[i]; s != own && v == v {
				at = append(at, v)
			}
		}
		out[t] = median(at)
	}
	return out
}

// findStep gives the greatest change of scale of x; others is what else is known of the topic.
func findStep(x, others []float64) step {
	var best step
	for t := freshDays; t+freshDays <= len(x); t++ {
		near := window(x, t, t+4) - window(x, t-4, t)
		if !(math.Abs(near) >= stepSharp*besideStep) {
			continue
		}
		size, ok := stepAt(x, others, t)
		if ok && math.Abs(size) > math.Abs(best.size) {
			best = step{t, size}
		}
	}
	return best
}

// stepAt judges a step before day t.
func stepAt(x, others []float64, t int) (float64, bool) {
	if others != nil {
		d := make([]float64, len(x))
		for i := range d {
			d[i] = x[i] - others[i]
		}
		if covered(d, t-besideDays, t) && covered(d, t, min(t+besideDays, len(d))) {
			own, ok := stays(x, t, besideDays, 0, math.Inf(1))
			size, flat := stays(d, t, besideDays, besideStep, stepFlat)
			theirs, _ := stays(others, t, besideDays, 0, math.Inf(1))
			return size, ok && flat && math.Abs(theirs) <= shared*math.Abs(own) && own*size > 0
		}
	}
	if t+aloneDays > len(x) || !covered(x, t-aloneDays, t) || !covered(x, t, t+aloneDays) {
		return 0, false
	}
	return stays(x, t, aloneDays, aloneStep, aloneFlat)
}

// stays gives the step before day t over so many days on either side, and whether it is great, sudden and lasting enough.
func stays(x []float64, t, days int, least, flat float64) (float64, bool) {
	from, to := max(t-days, 0), min(t+days, len(x))
	size := window(x, t, to) - window(x, from, t)
	near := window(x, t, t+4) - window(x, t-4, t)
	half := (to - t) / 2
	early, late := window(x, t, t+half), window(x, to-half, to)
	before := window(x, from, t-(t-from)/2) - window(x, t-(t-from)/2, t)
	if size != size {
		return 0, false
	}
	bound := math.Abs(size)
	if !math.IsInf(flat, 1) && !(near*sign(size) >= stepSharp*bound && math.Abs(late-early) <= flat*bound && math.Abs(before) <= flat*bound) {
		return 0, false
	}
	return size, bound >= least
}

func sign(v float64) float64 {
	if v < 0 {
		return -1
	}
	return 1
}

// covered tells whether enough of the days from..to is known.
func covered(x []float64, from, to int) bool {
	from, to = max(from, 0), min(to, len(x))
	n := 0
	for _, v := range x[from:max(to, from)] {
		if v == v {
			n++
		}
	}
	return n >= freshDays*6/10 && float64(n) >= leastCovered*float64(to-from)
}

// window gives the median of the days from..to, NaN where none is known.
func window(x []float64, from, to int) float64 {
	from, to = max(from, 0), min(to, len(x))
	if from >= to {
		return math.NaN()
	}
	return median(known(x[from:to]))
}
