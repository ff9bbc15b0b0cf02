package models

import "math"

// shortSeries is the length up to which the states at the start are refined: beyond it they are forgotten anyway.
const shortSeries = 200

// Fit implements Model; it needs four known values.
func (e ETS) Fit(p Problem) (Fitted, bool) {
	n := observed(p.Y)
	if n < 4 {
		return nil, false
	}
	positive := true
	for _, v := range p.Y {
		if v <= 0 {
			positive = false
			break
		}
	}
	var best *ets
	least := math.Inf(1)
	try := func(form etsForm, start ets) {
		m, score := e.fitForm(p.Y, form, start, n)
		if score < least-1e-9 {
			best, least = m, score
		}
	}
	for _, season := range e.seasons(p, n, positive) {
		start, ok := etsStart(p.Y, season, p.Season)
		if !ok {
			continue
		}
		for _, trend := range trends(n, len(start.s)) {
			// A season that multiplies goes with errors that do, one that adds with errors that add.
			if season != multiplicativeSeason || n > shortSeries {
				try(etsForm{trend: trend, season: season}, start)
			}
			if season != additiveSeason && positive && n <= shortSeries {
				try(etsForm{trend: trend, season: season, relativeError: true}, start)
			}
		}
	}
	return best, best != nil
}

// seasons lists the kinds of season worth trying.
func (e ETS) seasons(p Problem, n int, positive bool) []seasonKind {
	kinds := []seasonKind{noSeason}
	if e.Plain || p.Season < 2 || n < 2*p.Season+3 {
		return kinds
	}
	if n <= shortSeries && isSeasonal(p.Y, p.Season) {
		kinds = kinds[:0]
	}
	kinds = append(kinds, additiveSeason)
	if positive && (n <= shortSeries || p.Season != 7) { // the engine divides a long week out itself
		kinds = append(kinds, multiplicativeSeason)
	}
	return kinds
}

// trends lists the trends worth trying: a full trend runs away over a long horizon and is for short, clean series.
func trends(n, season int) []trendKind {
	switch {
	case n < season+8:
		return []trendKind{noTrend}
	case n > shortSeries:
		return []trendKind{noTrend, dampedTrend}
	default:
		return []trendKind{noTrend, dampedTrend, fullTrend}
	}
}

// etsStart sets the states at the start: the season by the decomposition of the first six cycles, level and slope by
// least squares through the first ten or two cycles of deseasonalised values.
func etsStart(y []float64, kind seasonKind, season int) (ets, bool) {
	m := ets{alpha: .3, beta: .1, gamma: .1, phi: 1}
	adjusted := y
	if kind != noSeason {
		head := y[:min(len(y), max(6*season, 40))]
		idx, ok := seasonIndex(head, season, kind == multiplicativeSeason)
		if !ok {
			return m, false
		}
		m.s = idx
		adjusted = make([]float64, len(head))
		for t, v := range head {
			if kind == multiplicativeSeason {
				adjusted[t] = v / idx[t%season]
			} else {
				adjusted[t] = v - idx[t%season]
			}
		}
	}
	m.l, m.b = line(adjusted[:min(len(adjusted), max(10, 2*season))])
	return m, true
}

// line gives intercept (one period before the first) and slope of the least-squares line through the known values.
func line(y []float64) (at, slope float64) {
	var n, st, sy, stt, sty float64
	for i, v := range y {
		if v != v {
			continue
		}
		t := float64(i + 1)
		n++
		st += t
		sy += v
		stt += t * t
		sty += t * v
	}
	if n == 0 {
		return 0, 0
	}
	if d := n*stt - st*st; d > 1e-9 && n > 2 {
		slope = (n*sty - st*sy) / d
	}
	return (sy - slope*st) / n, slope
}

// fitForm finds the constants of a form from the start and gives the model at the end of y with its AICc.
func (e ETS) fitForm(y []float64, form etsForm, start ets, n int) (*ets, float64) {
	start.form = form
	level, slope := startOf(y, form, start)
	spread := math.Abs(level)*.5 + math.Sqrt(variance(y)) + 1e-9
	par := []float64{.3}
	lo, hi := []float64{1e-4}, []float64{.9999}
	add := func(v, a, b float64) { par = append(par, v); lo = append(lo, a); hi = append(hi, b) }
	if form.trend != noTrend {
		add(.1, 1e-4, .9999)
	}
	if form.trend == dampedTrend {
		add(.95, .8, .98)
	}
	if form.season != noSeason {
		add(.1, 1e-4, .9999)
	}
	states := n <= shortSeries
	if states {
		add(0, -2, 2)
		if form.trend != noTrend {
			add(0, -2, 2)
		}
	}
	s := make([]float64, len(start.s))
	set := func(x []float64) *ets {
		m := start
		copy(s, start.s)
		m.s, m.l, m.b, m.phi = s, level, slope, 1
		m.alpha, x = x[0], x[1:]
		m.beta = 0
		if form.trend != noTrend {
			m.beta, x = x[0], x[1:]
		}
		if form.trend == dampedTrend {
			m.phi, x = x[0], x[1:]
		}
		if form.season != noSeason {
			m.gamma, x = x[0], x[1:]
		}
		if states {
			m.l += spread * x[0]
			if form.trend != noTrend {
				m.b += .1 * spread * x[1]
			}
		}
		return &m
	}
	evals := e.Evals
	if evals == 0 {
		evals = 60
		if !states {
			evals = 40
		}
	}
	evals *= len(par)
	minimise(func(x []float64) float64 { return set(x).run(y).minus2LogLik(form.relativeError) }, par, lo, hi, evals)
	m := set(par)
	fit := m.run(y)
	k := len(par) + 1 + max(len(s)-1, 0)
	if !states {
		k++ // level at the start
		if form.trend != noTrend {
			k++
		}
	}
	return m, aicc(fit.minus2LogLik(form.relativeError), k, n)
}

// Restart implements Restarter: the states at the start are set by the new view.
func (m *ets) Restart(p Problem) (Fitted, bool) {
	start, ok := etsStart(p.Y, m.form.season, max(len(m.s), 1))
	if !ok || m.form.season != noSeason && len(p.Y) < 2*len(m.s) {
		return nil, false
	}
	level, slope := startOf(p.Y, m.form, start)
	c := *m
	c.s, c.l, c.b, c.next = start.s, level, slope, 0
	c.run(p.Y)
	return &c, true
}

// startOf gives level and slope at the start for a form.
func startOf(y []float64, form etsForm, start ets) (level, slope float64) {
	span := max(10, 2*len(start.s))
	switch {
	case form.trend != noTrend:
		return start.l, start.b
	case form.season != noSeason:
		return start.l + start.b*float64(span)/2, 0
	}
	return meanOf(y[:min(len(y), span)]), 0
}

// aicc gives the corrected criterion of Hurvich & Tsai (1989), +Inf when there are not enough values.
func aicc(minus2LogLik float64, k, n int) float64 {
	if n-k-1 <= 0 {
		return math.Inf(1)
	}
	return minus2LogLik + 2*float64(k) + 2*float64(k*(k+1))/float64(n-k-1)
}

// variance gives the variance of the known values.
func variance(y []float64) float64 {
	m, ss, n := meanOf(y), 0.0, 0
	for _, v := range y {
		if v == v {
			ss += (v - m) * (v - m)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return ss / float64(n)
}
