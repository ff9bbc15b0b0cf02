package replenishment

import "math"

// estimator finds the demand of a SKU's sites from their sales. Level and scatter are taken from days without heat and
// without an empty shelf; what heat adds is learned apart, and acts on the days that heat announces.
type estimator struct {
	hist []History
	sig  *Signals
	n    int // days of the longest history

	factor []float64 // known factor of each day
	loud   []float64 // heat that acted on each day, after the lag
	calm   []bool    // no heat has acted for a while
	week   [week]float64

	level    []float64 // by site, a day
	response float64   // demand grows as (1+heat)^response
	scatter  float64   // variance over mean of a site's day, above Poisson: v = m + scatter·m²
	drift    float64   // relative deviation of the level's error
	burst    float64   // demand that unannounced spikes add, as a share of the level
	burstSD  float64   // its deviation over burstDays, as a share of the level
	rise     []float64 // heat's multiplier of each day to come
	trust    []float64 // how uncertain it is: deviation as a share of the extra
}

// Choices of the estimator.
const (
	calmHeat      = 0.8  // louder is a signal
	calmDays      = 7    // a signal acts for so long at least
	levelMemory   = 28.0 // days in which a sale loses weight by a factor of e
	weekPrior     = 40   // pieces that a weekday's factor is drawn to the mean by
	responsePrior = 1.0
	responseFaith = 8.0 // strength of the prior, in sums of squares
	scatterPrior  = 0.15
	driftPrior    = 0.12
	burstDays     = 28
	burstShare    = 0.4 // of what spikes bring on average is stocked for: they do not come every month
	heatFade      = 5.5 // days in which heat falls by a factor of e
	mostResponse  = 2.2
	surpriseDays  = 3
	surpriseSD    = 0.5 // of one spike's answer about the usual one, as a share
	surpriseFade  = 4.0 // days in which a surprise loses weight by a factor of e
	mostRise      = 60
)

// estimate gives the demand of the days from today on of every site with a history.
func estimate(hist []History, sig *Signals, days int) []Demand {
	e := &estimator{hist: hist, sig: sig}
	for _, h := range hist {
		e.n = max(e.n, len(h.Sold))
	}
	if e.n == 0 {
		return nil
	}
	e.readSignals()
	e.findWeek()
	e.findLevels()
	e.findResponse()
	e.findErrors()
	e.lookAhead(days)
	out := make([]Demand, 0, len(hist))
	for i := range hist {
		out = append(out, e.demand(i, days))
	}
	return out
}

// ago gives the entry of a series whose last one is yesterday's, k days before today; none where it does not reach.
func ago[T any](s []T, k int, none T) T {
	if k < 1 || k > len(s) {
		return none
	}
	return s[len(s)-k]
}

// readSignals sets up the days, oldest first: index i is n−i days before today.
func (e *estimator) readSignals() {
	e.factor, e.loud, e.calm = make([]float64, e.n), make([]float64, e.n), make([]bool, e.n)
	quiet := calmDays
	for i := range e.n {
		k := e.n - i
		e.factor[i] = ago(e.sig.Past, k, 1)
		if !(e.factor[i] > 0.01 && e.factor[i] < 100) {
			e.factor[i] = 1
		}
		e.loud[i] = max(ago(e.sig.Heat, k+e.sig.LagDays, 0), 0)
		if quiet++; e.loud[i] > calmHeat {
			quiet = 0
		}
		e.calm[i] = quiet >= calmDays
	}
}

// sold gives the sales of a site on a day, and whether they tell its demand.
func (e *estimator) sold(h *History, i int) (pieces float64, full bool) {
	k := e.n - i
	v := ago(h.Sold, k, -1)
	return float64(max(v, 0)), v >= 0 && !ago(h.SoldOut, k, false)
}

// total gives what all sites sold on a day, per unit of known factor; full is false when a shelf was empty.
func (e *estimator) total(i int) (pieces float64, full bool) {
	full = true
	for s := range e.hist {
		v, ok := e.sold(&e.hist[s], i)
		pieces += v
		full = full && ok
	}
	return pieces / e.factor[i], full
}

// findWeek learns the weekdays' factors from calm days.
func (e *estimator) findWeek() {
	var sum, count [week]float64
	all, days := 0.0, 0.0
	for i := max(e.n-26*week, 0); i < e.n; i++ {
		v, full := e.total(i)
		if !full || !e.calm[i] || e.factor[i] > 1.35 {
			continue
		}
		d := (e.n - i) % week
		sum[d] += v
		count[d]++
		all += v
		days++
	}
	mean := ratio(all, days)
	norm := 0.0
	for d := range week {
		e.week[d] = ratio(sum[d]+weekPrior, count[d]*mean+weekPrior)
		if mean <= 0 {
			e.week[d] = 1
		}
		norm += e.week[d] / week
	}
	for d := range week {
		e.week[d] /= norm
	}
}

// weekday gives the factor of day i, also of one to come (i ≥ n).
func (e *estimator) weekday(i int) float64 { return e.week[((e.n-i)%week+week)%week] }

// findLevels smooths each site's calm days, free of calendar and week. A day with an empty shelf counts only where its
// sales show more than the level.
func (e *estimator) findLevels() {
	e.level = make([]float64, len(e.hist))
	for s := range e.hist {
		h := &e.hist[s]
		level, weight := 0.0, 0.0
		any, days := 0.0, 0.0
		for i := range e.n {
			v, full := e.sold(h, i)
			if ago(h.Sold, e.n-i, -1) < 0 {
				continue
			}
			v /= e.factor[i] * e.weekday(i)
			any, days = any+v, days+1
			if !e.calm[i] || (!full && v < ratio(level, weight)) {
				continue
			}
			fade := math.Exp(-1 / levelMemory)
			if e.factor[i] > 1.35 { // a promotion's factor is a guess
				continue
			}
			level, weight = level*fade+v, weight*fade+1
		}
		if e.level[s] = ratio(level, weight); weight < 3 {
			e.level[s] = ratio(level+ratio(any, days)*(3-weight), 3)
		}
	}
}

// expect gives a site's calm demand of a day.
func (e *estimator) expect(s, i int) float64 { return e.level[s] * e.factor[i] * e.weekday(i) }

// findResponse learns how demand answers heat: log demand over calm demand on log (1+heat), drawn to a usual answer.
// The latest days count most: a spike under way tells of itself.
func (e *estimator) findResponse() {
	num, den := responsePrior*responseFaith, responseFaith
	for i := range e.n {
		if e.loud[i] <= calmHeat {
			continue
		}
		v, full := e.total(i)
		base := e.around(i) * e.weekday(i)
		if base <= 0.3 {
			continue
		}
		x, y := math.Log1p(e.loud[i]), math.Log((v+0.5)/(base+0.5))
		if !full && y < x*num/den {
			continue
		}
		weight := base / (base + 4)
		if k := e.n - i; k <= 5 {
			weight *= 3
		}
		num, den = num+weight*x*y, den+weight*x*x
	}
	e.response = min(max(num/den, 0), mostResponse)
}

// around gives the calm level of all sites near a past day.
func (e *estimator) around(i int) float64 {
	sum, count := 0.0, 0.0
	for k := max(i-45, 0); k < min(i+45, e.n); k++ {
		if v, full := e.total(k); full && e.calm[k] && e.factor[k] <= 1.35 {
			sum, count = sum+v/e.weekday(k), count+1
		}
	}
	if count >= 7 {
		return sum / count
	}
	all := 0.0
	for _, v := range e.level {
		all += v
	}
	return all
}

// errorMemory is how many days of errors are looked at.
const errorMemory = 240

// findErrors learns the scatter of a site's days, how far the level is off over weeks, and what spikes add.
func (e *estimator) findErrors() {
	var square, excess float64
	var blocks []float64
	block, want := 0.0, 0.0
	var calmBlocks []float64
	calmGot, calmWant, calmDaysIn := 0.0, 0.0, 0
	all := 0.0
	for _, v := range e.level {
		all += v
	}
	from := max(e.n-errorMemory, 0)
	slow := e.slowLevels()
	for i := from; i < e.n; i++ {
		got, mean := 0.0, 0.0
		calm := e.calm[i] && e.factor[i] <= 1.35
		for s := range e.hist {
			v, full := e.sold(&e.hist[s], i)
			m := slow[i] * ratio(e.level[s], all) * e.factor[i] * e.weekday(i)
			got, mean = got+v, mean+m
			if full && calm && m > 0 {
				excess += (v-m)*(v-m) - m
				square += m * m
			}
		}
		block, want = block+got, want+mean
		if calm {
			calmGot, calmWant, calmDaysIn = calmGot+got, calmWant+mean, calmDaysIn+1
			if calmDaysIn == 14 {
				if calmWant > 0 {
					calmBlocks = append(calmBlocks, calmGot/calmWant-1)
				}
				calmGot, calmWant, calmDaysIn = 0, 0, 0
			}
		}
		if (i-from)%burstDays == burstDays-1 {
			if want > 0 {
				blocks = append(blocks, block/want-1)
			}
			block, want = 0, 0
		}
	}
	e.scatter = min(max((excess+scatterPrior*4)/(square+4), 0), 2)
	e.findDrift(calmBlocks, all)
	e.findBursts(blocks)
}

// slowLevels gives the level of all sites as it was known on each day: the same smoothing, run forward.
func (e *estimator) slowLevels() []float64 {
	out := make([]float64, e.n)
	level, weight := 0.0, 0.0
	fade := math.Exp(-1 / levelMemory)
	for i := range e.n {
		out[i] = ratio(level, weight)
		v, full := e.total(i)
		v /= e.weekday(i)
		if e.calm[i] && e.factor[i] <= 1.35 && (full || v > out[i]) {
			level, weight = level*fade+v, weight*fade+1
		}
		if i < 14 && weight > 0 {
			out[i] = level / weight
		}
	}
	return out
}

// findDrift compares two-week totals with what was expected of them: beyond the scatter, the level was off.
func (e *estimator) findDrift(blocks []float64, level float64) {
	const faith = 6.0
	square := driftPrior * driftPrior * faith
	count := faith
	for _, b := range blocks {
		noise := ratio(1+e.scatter*level/max(float64(len(e.hist)), 1), 14*level)
		square += max(b*b-noise, -driftPrior*driftPrior)
		count++
	}
	e.drift = min(max(math.Sqrt(max(square/count, 0)), 0.05), 0.5)
}

// findBursts learns what spikes bring to four weeks beyond the calm level.
func (e *estimator) findBursts(blocks []float64) {
	sum, square, n := 0.0, 0.0, 0.0
	for _, b := range blocks {
		b = min(max(b, 0), 6)
		sum, square, n = sum+b, square+b*b, n+1
	}
	if n < 2 {
		return
	}
	e.burst = max(sum/n, 0) * burstShare
	m := max(sum/n, 0)
	e.burstSD = math.Sqrt(max(square/n-m*m, 0))
}

// lookAhead follows the heat into the days to come: as far as it has been heard it is known, then it fades. One that
// began loud and falls at once is likely false; one that still rises will rise a little more.
func (e *estimator) lookAhead(days int) {
	e.rise, e.trust = make([]float64, days), make([]float64, days)
	heat := func(k int) float64 { return max(ago(e.sig.Heat, k, 0), 0) } // k days ago
	now := heat(1)
	if smooth := 0.75 * heat(2); now < smooth {
		now = smooth
	}
	belief := e.belief(heat)
	off := e.surprise()
	peak := 1.0
	switch {
	case heat(1) > calmHeat && heat(2) <= calmHeat:
		peak = 1.7
	case heat(1) > 1.15*heat(2) && heat(3) <= calmHeat && heat(1) > calmHeat:
		peak = 1.3
	}
	for i := range days {
		var h float64
		if i < e.sig.LagDays-1 {
			h = heat(e.sig.LagDays - i)
		} else {
			k := float64(i - e.sig.LagDays + 1)
			h = now * peak * math.Exp(-k/heatFade)
			if k < 1 {
				h = now
			}
		}
		if h < 0.3 {
			h = 0
		}
		up := math.Pow(1+h, e.response) - 1
		if up > 0 {
			up = max((1+up)*(1+off*math.Exp(-float64(i)/surpriseFade))-1, 0)
		}
		e.rise[i] = min(1+belief*up, mostRise)
		e.trust[i] = math.Sqrt(belief*(1-belief)+0.25*belief) * up
	}
}

// surprise tells how far the last days of a spike were off from what its heat announced, as a share, drawn to 0 by as
// much as they may be chance.
func (e *estimator) surprise() float64 {
	got, want, noise, sites := 0.0, 0.0, 0.0, max(float64(len(e.hist)), 1)
	all := 0.0
	for _, v := range e.level {
		all += v
	}
	for k := 1; k <= surpriseDays && k <= e.n; k++ {
		i := e.n - k
		v, full := e.total(i)
		if e.loud[i] <= calmHeat {
			break
		}
		m := all * e.weekday(i) * math.Pow(1+e.loud[i], e.response)
		if !full && v < m {
			continue
		}
		got, want = got+v, want+m
		noise += m + e.scatter*m*m/sites
	}
	if want <= 0 {
		return 0
	}
	wide := surpriseSD * surpriseSD * want * want
	return min(max((got-want)/want*wide/(wide+noise), -0.8), 3)
}

// belief is the share of signals like the present one that demand has followed.
func (e *estimator) belief(heat func(int) float64) float64 {
	age, start := 0, 0.0
	for k := 1; k < 60 && heat(k) > calmHeat; k++ {
		age, start = k, heat(k)
	}
	switch {
	case age == 0:
		return 1
	case age == 1 && start > 1.6:
		return 0.65
	case age == 1:
		return 0.8
	case age <= 4 && start > 1.6 && heat(age-1) < start && heat(1) < start: // loud at once and falling
		return 0.25
	}
	return 1
}

// demand gives the forecast of one site.
func (e *estimator) demand(s, days int) Demand {
	h := &e.hist[s]
	d := Demand{Site: h.Site, Class: h.Class, Model: "history", Mean: make([]float64, days), CumSD: make([]float64, days),
		SharedSD: make([]float64, days), Heat: make([]float64, days)}
	own, base, hot, cum := 0.0, 0.0, 0.0, 0.0
	for i := range days {
		known := 1.0
		if i < len(e.sig.Ahead) && e.sig.Ahead[i] > 0 {
			known = e.sig.Ahead[i]
		}
		m := e.level[s] * known * e.weekday(e.n+i)
		extra := 0.0
		if i >= e.sig.LagDays { // spikes that nobody has heard of yet
			extra = e.burst
		}
		up := max(e.rise[i], 1+extra)
		d.Mean[i] = m * up
		d.Heat[i] = e.rise[i]
		own += m*up + e.scatter*m*up*m*up
		base += m
		cum += m * up
		hot += m * e.trust[i]
		far := max(float64(i+1-e.sig.LagDays), 0)
		burst := e.burstSD * base * math.Sqrt(burstDays*far) / float64(i+1)
		shared := math.Sqrt(e.drift*e.drift*cum*cum + hot*hot + burst*burst)
		d.SharedSD[i] = shared
		d.CumSD[i] = math.Sqrt(own + shared*shared)
	}
	return d
}
