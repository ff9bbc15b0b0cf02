package models

import (
	"math"
)

// groupTrack is the common course of the members of a group: for each period, what was sold over what levels and drivers let
// expect, summed over the members.
type groupTrack struct {
	Start     int // day of the first period
	Sold, Due []float32
}

func (g *groupTrack) add(day int, sold, due float64) {
	i := day - g.Start
	if i >= 0 && i < len(g.Sold) {
		g.Sold[i] += float32(sold)
		g.Due[i] += float32(due)
	}
}

// ratio gives log(sold/due) over the days from..to (exclusive), shrunk towards 0, 0 where nothing is known.
func (g *groupTrack) ratio(from, to int) float64 {
	if g == nil {
		return 0
	}
	var a, b float64
	for i := max(from-g.Start, 0); i < min(to-g.Start, len(g.Sold)); i++ {
		a += float64(g.Sold[i])
		b += float64(g.Due[i])
	}
	return math.Log((a + groupPrior) / (b + groupPrior))
}

// groupPrior is the number of pieces as expected that a group's ratio is shrunk by.
const groupPrior = 4

// groupGrain is the grain of the logarithms that the trees are told of groups.
const groupGrain = .15

// groupTracks sums the tracks by group. The last level is the site, the first that of all members.
func groupTracks(tracks []*track, s panelShape) []map[string]*groupTrack {
	out := make([]map[string]*groupTrack, s.Levels+2)
	lo, hi := math.MaxInt, math.MinInt
	for _, t := range tracks {
		lo, hi = min(lo, t.day(0)), max(hi, t.day(t.n))
	}
	for i := range out {
		out[i] = map[string]*groupTrack{}
	}
	for _, t := range tracks {
		for level := range out {
			name := t.at(level, s)
			if name == "" {
				continue
			}
			g := out[level][name]
			if g == nil {
				g = &groupTrack{Start: lo, Sold: make([]float32, hi-lo), Due: make([]float32, hi-lo)}
				out[level][name] = g
			}
			for i := t.first; i < t.n; i++ {
				if v := t.y[i]; v == v {
					due := t.level[s.Main][i] * t.known[i]
					// A huge order is no news of the group.
					g.add(t.day(i), min(v, 6*due+6), due)
				}
			}
		}
	}
	return out
}

// day gives the day of a period.
func (t *track) day(i int) int { return int(t.member.Series.End()) - t.n + i }

// at gives the group of a level of groupTracks.
func (t *track) at(level int, s panelShape) string {
	switch {
	case level == 0:
		return "*"
	case level == s.Levels+1:
		return t.member.Site
	}
	return t.group(level - 1)
}

// look holds what a series tells before an origin.
type look struct {
	zeros, silence, scatter, peak, response, promos float32
	last                                            [4]float32
}

// recentWindow is the number of periods that variability is told from.
func (s panelShape) recentWindow() int {
	if s.Season == 7 {
		return 56
	}
	return 26
}

// lookBack gathers what is known of a series before period o.
func (t *track) lookBack(o int, s panelShape) look {
	var l look
	base := t.level[s.Main][o]
	var known, zero, ss, promoSold, promoDue, n float64
	silence, met := 0, false
	for k := 1; o-k >= t.first && k <= 2*s.recentWindow(); k++ {
		v := t.y[o-k]
		if v != v {
			continue
		}
		due := base * t.known[o-k]
		if k <= len(l.last) {
			l.last[k-1] = float32(math.Log((v + .3*base + .05) / (due + .3*base + .05)))
		}
		if !met && v > 0 {
			met = true
		} else if !met {
			silence++
		}
		if k <= s.recentWindow() {
			known++
			if v == 0 {
				zero++
			}
			if due > 0 {
				r := v/due - 1
				ss += min(r*r, 100)
				n++
				l.peak = max(l.peak, float32(v/due))
			}
		}
		if x := t.x[(o-k)*s.columns()]; x > .05 {
			promoSold += v
			promoDue += due
		}
	}
	l.zeros, l.silence = float32(zero/max(known, 1)), float32(silence)
	l.scatter = float32(math.Sqrt(ss / max(n, 1)))
	l.response = float32(math.Log((promoSold + base + .1) / (promoDue + base + .1)))
	for k := 1; k <= 8 && o-k >= 0; k++ {
		l.promos += t.x[(o-k)*s.columns()]
	}
	return l
}

// features fills dst for the forecast of period i from the origin o (i ≥ o).
func (t *track) features(dst []float32, o, i int, l look, groups []map[string]*groupTrack, s panelShape) []float32 {
	dst = dst[:0]
	add := func(v float64) { dst = append(dst, float32(v)) }
	p := s.columns()
	base := t.base(o, s)
	add(float64(i - o + 1))
	add(math.Log(base))
	add(math.Log(t.known[i]))
	for j := range s.Halves {
		if j != s.Main {
			add(math.Log((t.level[j][o] + .02*base) / (1.02 * base)))
		}
	}
	dst = append(dst, l.last[:]...)
	dst = append(dst, l.zeros, l.silence, l.scatter, l.peak)
	add(float64(min(o-t.first, s.oldAge())))
	dst = append(dst, l.response, l.promos)
	add(t.ago(i, o, s.Season, 0, base))
	add(t.ago(i, o, 2*s.Season, 0, base))
	year := int(math.Round(s.Year))
	if s.Season == 7 {
		year = 364
	}
	add(t.ago(i, o, year, 0, 0))
	add(t.ago(i, o, year, 1+year/100, 0))
	add(t.place(i, s))
	add(float64(t.x[i*p+2] - t.x[max(o-1, 0)*p+2]))
	t.promoRun(i, o, p, add)
	dst = append(dst, t.row(i, p)...)
	for c := range s.Context {
		v := math.NaN()
		was := v
		if c < len(t.member.Context) {
			column := t.member.Context[c]
			off := t.member.Series.Len() - t.n // a long series is cut at its start
			v = column[i+off]
			was = meanOf(column[max(o-s.recentWindow()/3, 0)+off : o+off])
		}
		add(v)
		add(v - was)
	}
	recent := int(s.Halves[max(s.Main-1, 0)])
	// The course of a group is the same for all its members: told too finely it would name the week, and the trees would learn
	// weeks by heart.
	fine := add
	add = func(v float64) { fine(math.Round(v/groupGrain) * groupGrain) }
	for level := 1; level < len(groups); level++ {
		g := groups[level][t.at(level, s)]
		add(g.ratio(t.day(o-recent), t.day(o)))
		w := year / 200
		if year > 0 && t.day(i)-year+w < t.day(o) {
			a, b := g.ratio(t.day(i)-year-w, t.day(i)-year+w+1), g.ratio(t.day(i)-2*year-w, t.day(i)-2*year+w+1)
			add(a)
			add((a + b) / 2)
		} else {
			add(math.NaN())
			add(math.NaN())
		}
		add(g.ratio(t.day(o-1), t.day(o)))
	}
	add = fine
	if i < len(t.heat) {
		add(math.Log(t.heat[i]))
	} else {
		add(0)
	}
	add(math.Log((t.level[len(s.Halves)-1][o] + .01) / (base + .01)))
	return dst
}

// promoRun adds what is planned around a period: how long the promotion has run, the cut of the next period, the mean cut of the
// four and thirteen periods before, and the price against the one that was paid over the last quarter before the origin.
func (t *track) promoRun(i, o, p int, add func(float64)) {
	cut := func(k int) float64 { return float64(t.x[k*p]) }
	run := 0
	for run < 12 && i-run >= 0 && cut(i-run) > .05 {
		run++
	}
	add(float64(run))
	if i+1 < t.n+t.h {
		add(cut(i + 1))
	} else {
		add(math.NaN())
	}
	mean := func(from, to int) float64 {
		sum, n := 0.0, 0.0
		for k := max(from, 0); k < to; k++ {
			sum += cut(k)
			n++
		}
		return sum / max(n, 1)
	}
	add(mean(i-4, i))
	add(mean(i-13, i))
	paid, n := 0.0, 0.0
	for k := max(o-13, 0); k < o; k++ {
		paid += float64(t.x[k*p+2]) - cut(k)
		n++
	}
	add(float64(t.x[i*p+2]) - cut(i) - paid/max(n, 1))
}

// base gives the level that a forecast from period o starts from, never 0.
func (t *track) base(o int, s panelShape) float64 {
	b := t.level[s.Main][o]
	if long := t.level[len(s.Halves)-1][o]; b < .02*long {
		b = .02 * long
	}
	return max(b, 1e-4)
}

// ago gives the logarithm of what was sold lag periods before period i (and so many around it) over what was due there: by the
// level of then, or by base if it is given. NaN where it is not known at o.
func (t *track) ago(i, o, lag, around int, base float64) float64 {
	var a, b float64
	for k := i - lag - around; k <= i-lag+around; k++ {
		if k < t.first || k >= o || lag < 1 || t.y[k] != t.y[k] {
			continue
		}
		level := base
		if level == 0 {
			level = t.level[0][k] // what was usual just before: the season then, not the growth since
			level = max(level, t.level[len(t.level)-1][k]*.2)
		}
		a += t.y[k]
		b += level * t.known[k]
	}
	if b == 0 {
		return math.NaN()
	}
	return math.Log((a + .2*b + .05) / (b + .2*b + .05))
}

// place gives the period's place in the season or the year.
func (t *track) place(i int, s panelShape) float64 {
	switch {
	case s.Season == 7:
		return float64(t.member.Series.End().AddDays(i - t.n).Weekday())
	case s.Year > 1:
		return math.Floor(phase(t.member.Series.End().AddDays(i-t.n), s.Year) * s.Year)
	}
	return 0
}

// oldAge is the age in periods from which on age tells nothing more: a finer one would name the week.
func (s panelShape) oldAge() int {
	if s.Season == 7 {
		return 90
	}
	return 26
}
