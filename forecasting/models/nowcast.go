package models

import (
	"math"
	"slices"
)

// Signal is a series of a panel in which a heat may say something of the value before it is known: value and heat by period,
// NaN = unknown.
type Signal struct {
	Value, Heat []float64
}

// NowcastOptions set up Nowcast. The zero options are those of weekly data.
type NowcastOptions struct {
	Season int   // 0 = 52
	Ahead  []int // horizons, 0 = the period itself, whose value is not known while its heat is; nil = 0, 1, 2, 4
	Last   int   // so many of the last periods are origins; 0 = 260
}

// NowcastPath is the forecast of one period from one origin.
type NowcastPath struct {
	Origin, Ahead int // Ahead periods after the origin
	Mean          float64
	Q50, Q90, Q95 float64
	Heated        bool // heat was let in
}

// Settings of the direct autoregression.
const (
	nowcastRidge  = 1.0
	nowcastMemory = 104.0 // periods in which an observation halves
	nowcastWaves  = 3     // waves of the season
	ridgeGrowth   = .7    // by which the logarithm of the ridge grows with each period ahead
	ownShare      = .2    // of the series' own regression against that of all series
	busyWeight    = .5    // power of the level in the weight of an observation: what counts is the error in the busy weeks
	gateMemory    = 104.0 // the same of the errors that the gate compares
	gateMargin    = .985  // error with heat over error without it below which heat is let in
	gateLeast     = 40    // errors without which it is not
	leanRidge     = .001
	leanLags      = 2
	leanWaves     = 1
	leanLeast     = 60 // observations without which the lean regression does not take part
)

// Nowcast forecasts all series from each origin, with the values before it, the heat up to it and nothing else: for each horizon a
// regression of the change of the logarithm on the latest changes, the change of the same weeks of other years, the place in the
// year and what the other series did, once without and once with the heat. Both are forecast all along; heat is let in at a horizon
// only where it has made the smaller error in the past there.
//
// Beside this full regression stands a lean one of the level on the two latest values, one wave of the year and the heat, over the own
// series alone. The two are weighed by the inverse squares of their past absolute errors at the horizon, over all series (Bates and
// Granger, Operational Research Quarterly 20(4), 1969): the lean one gains weight with the horizon. It took WAPE of the scored weeks
// from 11.02, 15.98, 20.84 and 27.59 to 11.14, 15.88, 20.09 and 25.57.
//
// On the weeks of the flu set before the scored ones, without those of the pandemic, observations weighted by their level, a share of .2
// instead of .5 for a series' own regression and a ridge that grows with the horizon take WAPE at 0, 1, 2 and 4 weeks from 13.30, 19.01,
// 23.88 and 27.47 to 12.69, 18.20, 22.99 and 26.64. Tried at 4 weeks without lasting gain: the mean change after the weeks of all series
// most alike in changes, level and place of the year (a share of .3: 26.48, but 18.46 at 1 week), a lean regression of ten inputs beside
// the full one (28.52), the climate of all series and years (26.67), a gate that asks for .95 (26.93), and 12 waves of the season with a
// memory of 208 weeks: 25.17 on those weeks, but 28.8 against 27.6 on the five later years, so what it learnt was those seasons. Two and
// three waves in the lean regression: 26.4 and 27.1 instead of 25.6 there.
func Nowcast(panel []Signal, o NowcastOptions) [][]NowcastPath {
	if o.Season == 0 {
		o.Season = 52
	}
	if o.Ahead == nil {
		o.Ahead = []int{0, 1, 2, 4}
	}
	if o.Last == 0 {
		o.Last = 260
	}
	logs := make([]Signal, len(panel))
	for i, s := range panel {
		logs[i] = Signal{Value: logOf(s.Value, o.Season), Heat: logOf(s.Heat, o.Season)}
	}
	out := make([][]NowcastPath, len(panel))
	longest := 0
	for _, s := range panel {
		longest = max(longest, len(s.Value))
	}
	for _, ahead := range o.Ahead {
		all, casters, missed := &[2]*recursive{}, make([]*nowcaster, len(panel)), &[2][2]float64{}
		for i := range panel {
			casters[i] = &nowcaster{panel: logs, own: i, ahead: ahead, season: o.Season, all: all, missed: missed}
		}
		for t := 4; t < longest; t++ {
			for _, r := range casters {
				r.learn(t)
			}
			for i, r := range casters {
				out[i] = r.cast(out[i], t, o.Last)
			}
		}
	}
	return out
}

// logOf gives logarithms with an offset of a hundredth of the mean of the first season: what comes later must not be known.
func logOf(v []float64, season int) []float64 {
	offset := .01*meanOf(v[:min(season, len(v))]) + 1e-12
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = math.Log(max(x, 0) + offset)
	}
	return out
}

// nowcaster carries the forecasts of one series and horizon over the origins.
type nowcaster struct {
	panel              []Signal
	own, ahead, season int
	sums               [2]*recursive  // without and with heat
	all                *[2]*recursive // the same over all series
	lean               [2]*recursive  // the lean regression of the series' own level
	missed             *[2][2]float64 // decaying absolute errors of the full and the lean regression, over all series
	abs                [2]float64     // decaying errors
	count              float64
	errors             [2][]float64 // of the logarithm
	pending            []pendingCast
}

type pendingCast struct {
	origin int
	x      [2][]float64
	lean   [2][]float64
	parts  [2][2]float64 // what the full and the lean regression say
	cast   [2]float64
	usable bool
}

// recursive is a ridge regression with fading memory.
type recursive struct {
	p    int
	a, b []float64
	coef []float64 // nil after an observation
	grow float64   // of the ridge
	lean bool      // few inputs, which hardly need a ridge
}

func (r *recursive) add(x []float64, y, w, keep float64) {
	r.coef = nil
	for i := range r.a {
		r.a[i] *= keep
	}
	for i := range r.b {
		r.b[i] = r.b[i]*keep + w*x[i]*y
		for j := range x {
			r.a[i*r.p+j] += w * x[i] * x[j]
		}
	}
}

func (r *recursive) predict(x []float64) float64 {
	if r.coef == nil {
		a := append([]float64(nil), r.a...)
		for i := range r.p {
			if r.lean {
				a[i*r.p+i] += leanRidge
				continue
			}
			a[i*r.p+i] += r.grow * nowcastRidge * nowcastScale(i)
		}
		r.coef = solve(a, r.b)
	}
	sum := 0.0
	for i, c := range r.coef {
		sum += c * x[i]
	}
	return sum
}

// nowcastScale lets the constant and the latest changes move more freely than the rest.
func nowcastScale(i int) float64 {
	if i < 4 {
		return .1
	}
	return 1
}

// cast makes the forecast of period t's morning, and adds it to out where it is asked for: a mean of the series' own regression and that
// of all series.
func (r *nowcaster) cast(out []NowcastPath, t, last int) []NowcastPath {
	own := r.panel[r.own]
	n := len(own.Value)
	if t >= n {
		return out
	}
	x, ok := r.features(t)
	c := pendingCast{origin: t, x: x, lean: r.leanFeatures(t), usable: ok}
	if ok {
		for k := range c.cast {
			if r.sums[k] == nil {
				r.sums[k] = newRecursive(len(x[k]), r.ahead)
			}
			if r.all[k] == nil {
				r.all[k] = newRecursive(len(x[k]), r.ahead)
			}
			change := ownShare*r.sums[k].predict(x[k]) + (1-ownShare)*r.all[k].predict(x[k])
			if r.lean[k] == nil {
				r.lean[k] = newRecursive(len(c.lean[k]), 0)
				r.lean[k].lean = true
			}
			c.parts[k] = [2]float64{own.Value[t-1] + change, r.lean[k].predict(c.lean[k])}
			if full, lean := r.missed[k][0]*r.missed[k][0], r.missed[k][1]*r.missed[k][1]; full > 0 && lean > 0 {
				change += full / (full + lean) * (c.parts[k][1] - c.parts[k][0])
			}
			c.cast[k] = own.Value[t-1] + min(max(change, -2.5), 2.5)
		}
		if t+r.ahead >= n-last && t+r.ahead < n {
			out = append(out, r.path(t, c))
		}
	}
	r.pending = append(r.pending, c)
	return out
}

func newRecursive(p, ahead int) *recursive {
	return &recursive{p: p, grow: math.Exp(ridgeGrowth * float64(ahead)), a: make([]float64, p*p), b: make([]float64, p)}
}

// learn takes up the pending forecasts whose period has become known before t.
func (r *nowcaster) learn(t int) {
	for len(r.pending) > 0 && r.pending[0].origin+r.ahead < t {
		c := r.pending[0]
		r.pending = r.pending[1:]
		y := r.panel[r.own].Value[c.origin+r.ahead]
		if !c.usable || y != y {
			continue
		}
		keep := math.Exp2(-1 / gateMemory)
		own := r.panel[r.own].Value
		usual := meanOf(own[max(c.origin-2*r.season, 0):c.origin])
		w := math.Exp(busyWeight * min(max(own[c.origin-1]-usual, -2), 2))
		r.count = r.count*keep + 1
		for k := range c.cast {
			change := y - own[c.origin-1]
			r.sums[k].add(c.x[k], change, w, math.Exp2(-1/nowcastMemory))
			r.all[k].add(c.x[k], change, w, math.Exp2(-1/nowcastMemory/float64(len(r.panel))))
			if r.count >= leanLeast {
				for j, part := range c.parts[k] {
					r.missed[k][j] = r.missed[k][j]*math.Exp2(-1/gateMemory/float64(len(r.panel))) + math.Abs(math.Exp(y)-math.Exp(part))
				}
			}
			r.lean[k].add(c.lean[k], y, 1, math.Exp2(-1/nowcastMemory))
			r.abs[k] = r.abs[k]*keep + math.Abs(math.Exp(y)-math.Exp(c.cast[k]))
			r.errors[k] = append(r.errors[k], y-c.cast[k])
		}
	}
}

// path makes the forecast of an origin.
func (r *nowcaster) path(t int, c pendingCast) NowcastPath {
	k := 0
	if r.count >= gateLeast/2 && r.abs[1] < gateMargin*r.abs[0] {
		k = 1
	}
	p := NowcastPath{Origin: t, Ahead: r.ahead, Heated: k == 1, Mean: math.Exp(c.cast[k])}
	recent := r.errors[k][max(len(r.errors[k])-3*r.season, 0):]
	sorted := append([]float64(nil), recent...)
	sortFloats(sorted)
	if len(sorted) < 8 {
		sorted = []float64{-.3, 0, .3}
	}
	p.Q50 = math.Exp(c.cast[k] + sortedQuantile(sorted, .5))
	p.Q90, p.Q95 = math.Exp(c.cast[k]+sortedQuantile(sorted, .9)), math.Exp(c.cast[k]+sortedQuantile(sorted, .95))
	return p
}

// features gives what is known at t, without and with heat. false where the latest values are not known.
func (r *nowcaster) features(t int) (x [2][]float64, ok bool) {
	y := r.panel[r.own].Value
	at := func(v []float64, i int) float64 {
		if i < 0 || i >= len(v) || v[i] != v[i] {
			return nan
		}
		return v[i]
	}
	or0 := func(v float64) float64 {
		if v != v {
			return 0
		}
		return v
	}
	base := at(y, t-1)
	if base != base {
		return x, false
	}
	others, n := 0.0, 0.0
	for i, s := range r.panel {
		if d := at(s.Value, t-1) - at(s.Value, t-2); i != r.own && d == d {
			others += d
			n++
		}
	}
	target := t + r.ahead
	plain := []float64{1, or0(base - at(y, t-2)), or0(at(y, t-2) - at(y, t-3)), others / max(n, 1)}
	mean, years := 0.0, 0.0
	level, levels := 0.0, 0.0
	for k := 1; k <= 4; k++ {
		if d := at(y, target-k*r.season) - at(y, t-1-k*r.season); d == d {
			mean += d
			years++
		}
		for j := -1; j <= 1; j++ {
			if v := at(y, target-k*r.season+j); v == v {
				level += v
				levels++
			}
		}
	}
	if levels > 0 {
		level = level/levels - base
	}
	if years > 0 {
		mean /= years
	}
	plain = append(plain, mean, or0(at(y, target-r.season)-at(y, t-1-r.season)), base-meanOf(y[max(t-2*r.season, 0):t]), or0(base-at(y, t-1-r.season)), level, or0(at(y, t-1)-at(y, t-5)))
	for w := 1; w <= nowcastWaves; w++ {
		sin, cos := math.Sincos(2 * math.Pi * float64(w*target) / (365.25 / 7 * float64(r.season) / 52))
		plain = append(plain, sin, cos)
	}
	h := r.panel[r.own].Heat
	now := at(h, t)
	heated := append([]float64(nil), plain...)
	rise := now - at(h, t-1)
	// How far the heat stands above what the value did: the two part only until the value has followed.
	gap := (now - meanOf(h[max(t-2*r.season, 0):min(t+1, len(h))])) - (base - meanOf(y[max(t-2*r.season, 0):t]))
	heated = append(heated, or0(rise), or0(at(h, t-1)-at(h, t-2)), or0(gap), or0(now-at(h, t-r.season))-or0(base-at(y, t-1-r.season)))
	return [2][]float64{plain, heated}, true
}

// leanFeatures gives the inputs of the regression of the level: the latest values and the place in the year, and the heat of this and
// the last period. Unknown ones are those before.
func (r *nowcaster) leanFeatures(t int) (x [2][]float64) {
	own := r.panel[r.own]
	latest := func(v []float64, i int) float64 {
		for i = min(i, len(v)-1); i >= 0; i-- {
			if v[i] == v[i] {
				return v[i]
			}
		}
		return 0
	}
	plain := []float64{1}
	for k := 1; k <= leanLags; k++ {
		plain = append(plain, latest(own.Value, t-k))
	}
	for w := 1; w <= leanWaves; w++ {
		sin, cos := math.Sincos(2 * math.Pi * float64(w*(t+r.ahead)) / (365.25 / 7 * float64(r.season) / 52))
		plain = append(plain, sin, cos)
	}
	return [2][]float64{plain, append(slices.Clone(plain), latest(own.Heat, t), latest(own.Heat, t-1))}
}
