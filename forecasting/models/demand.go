package models

import (
	"math"

	"milkrun/forecasting"
)

// demand is a series taken apart: the demand with the sold-out days recovered, its level, its drivers and its noise.
type demand struct {
	drivers
	n        int
	first    int       // index of the first day that counts: what lies before the first sale is not demand
	y        []float64 // demand; NaN = unknown or closed
	raw      []float64 // sales, cut at 0; NaN = unknown
	level    []float64
	factor   []float64 // product of all drivers
	size     float64   // r of the negative binomial noise
	censored []bool    // sold out
	capped   int       // huge orders that were cut
	weight   []float64 // precision of a day, 0 = takes no part
	scratch  []float64
}

// Settings of the decomposition.
const (
	fewRounds    = 6   // of the alternation; the sixth changes estimates by less than a percent
	manyRounds   = 16  // where a tenth of the days was sold out: what is recovered moves the level, and that what is recovered
	capAt        = 7.0 // standard deviations above which a single order is cut
	defaultSize  = 2.0
	sizeStrength = .05 // weight of the prior of size, as a share of the data
	leastPieces  = 1e-6
	leastOpen    = .05 // share of the day below which a sold-out day without sales tells nothing
)

// decompose takes the series apart by alternating between level, drivers, noise and the expected demand of the
// sold-out days: the expectation-maximisation of Dempster, Laird & Rubin (1977) for a negative binomial local level.
// Each driver is updated in closed form by the ratio of observed to expected pieces, with the prior entering as so
// many pieces that behaved as expected (gamma–Poisson shrinkage).
func (e *Engine) decompose(s *forecasting.Series, fut *forecasting.Future, heat heatInput) *demand {
	d := e.newDemand(s, fut, heat)
	if d.first == d.n {
		return d
	}
	half := e.options.levelHalfLife()
	rounds := d.rounds()
	for round := range rounds {
		for t := d.first; t < d.n; t++ {
			d.factor[t] = d.drivers.past(t)
			if d.period > 1 {
				d.factor[t] *= d.season[d.place(t)]
			}
		}
		if !localLevel(d.level[d.first:], d.y[d.first:], d.factor[d.first:], d.weight[d.first:], half, d.scratch) {
			break
		}
		d.expect(round)
		if round == rounds-1 {
			break
		}
		d.updateSize(e.prior)
		d.updateWeights()
		d.updateSeason(e.prior)
		d.updateEvents(e.prior)
		d.updateSlopes(e.prior)
		if round > 0 && e.options.Year > 0 {
			d.fitYear(e.options.Year, e.prior)
		}
	}
	d.findHabit()
	return d
}

// rounds gives the number of rounds that the series needs.
func (d *demand) rounds() int {
	n := 0
	for t := d.first; t < d.n; t++ {
		if d.isCensored(t) {
			n++
		}
	}
	if 10*n > d.n-d.first {
		return manyRounds
	}
	return fewRounds
}

// newDemand cleans the sales and starts with the drivers of the prior.
func (e *Engine) newDemand(s *forecasting.Series, fut *forecasting.Future, heat heatInput) *demand {
	n := s.Len()
	store := make([]float64, 7*n)
	cut := func() []float64 { v := store[:n:n]; store = store[n:]; return v }
	d := &demand{n: n, y: cut(), raw: cut(), level: cut(), factor: cut(), weight: cut(), size: e.prior.Size}
	d.scratch = store
	d.drivers = drivers{start: s.Start, period: 1, cal: e.options.Calendar, series: s, future: fut,
		heat: heat.product, trail: heat.trail, fade: heat.fade}
	d.first = n
	for t, v := range s.Sales {
		if v < leastPieces {
			v = 0 // more returned than sold, or dust
		}
		d.raw[t] = v
		if v > 0 && d.first == n {
			d.first = t
		}
	}
	if s.SoldOut != nil {
		d.censored = s.SoldOut
	}
	for t := d.first; t < n; t++ {
		d.y[t] = d.raw[t]
		if _, hours := d.outShare(t); d.raw[t] == d.raw[t] && (!d.isCensored(t) || d.raw[t] > 0 || hours && d.open(t) > leastOpen) {
			d.weight[t] = 1
		}
	}
	if e.options.Season == 7 {
		d.period = 7
		d.season = append([]float64(nil), e.prior.Season...)
	}
	d.event = append([]float64(nil), e.prior.Event...)
	d.eventDays = make([]int, len(d.event))
	d.slope = make([]float64, 1+len(s.Extra))
	d.slope[0] = e.prior.Promo
	for c := range s.Extra {
		d.slope[c+1], _ = e.prior.extra(c)
	}
	d.slopeVar = make([]float64, len(d.slope))
	d.slopeVar[0] = 1 / e.prior.promoStrength
	d.year = e.prior.year
	for t := d.first; t < n; t++ {
		if d.value(0, t) > 0 {
			d.promoDays++
		}
		for _, id := range d.cal.On(s.Day(t)) {
			if d.weight[t] > 0 {
				d.eventDays[id]++
			}
		}
	}
	return d
}

func (d *demand) isCensored(t int) bool { return d.censored != nil && d.censored[t] }

// outShare gives the share of a sold-out day on which the shelf was empty, where it is known. What was sold in the rest of the day
// is then no bound but a measure: the demand of the empty hours is what is expected of them.
func (d *demand) outShare(t int) (float64, bool) {
	if d.series.OutShare == nil {
		return 0, false
	}
	v := d.series.OutShare[t]
	return v, v >= 0
}

// open gives how much of a day tells of its demand.
func (d *demand) open(t int) float64 {
	if share, ok := d.outShare(t); ok && d.isCensored(t) {
		return 1 - share
	}
	return 1
}

// expect sets y: the sales, the expected demand of a sold-out day, the cut of a huge order, unknown for a closed
// stretch. A day that is none of these keeps its sales.
func (d *demand) expect(round int) {
	d.capped = 0
	for t := d.first; t < d.n; t++ {
		v := d.raw[t]
		if v != v {
			continue
		}
		mu := d.level[t] * d.factor[t]
		sd := math.Sqrt(mu + mu*mu/d.size)
		switch {
		case d.isCensored(t):
			if share, ok := d.outShare(t); ok {
				d.y[t] = v + share*mu
			} else {
				d.y[t] = censoredMean(v, mu, d.size)
			}
		case round > 0 && v > mu+capAt*sd+3:
			d.y[t] = mu + capAt*sd + 3
			d.capped++
		default:
			d.y[t] = v
		}
	}
	if round >= 1 {
		d.findClosed()
	}
}

// closedLog is the log probability below which a stretch without any sale is taken for a closed shop or a missing
// delivery of data, not for bad luck; closedDays is the shortest such stretch.
const (
	closedLog  = -16
	closedDays = 5
)

// findClosed takes impossible stretches of zeros out of the fit, if sales resumed after them. A stretch at the end
// stays: the product may have ended.
func (d *demand) findClosed() {
	from, log := -1, 0.0
	for t := d.first; t < d.n; t++ {
		if d.raw[t] == 0 && !d.isCensored(t) {
			if from < 0 {
				from, log = t, 0
			}
			// The level beside the stretch, not inside it, is what to expect.
			mu := d.level[max(from-1, d.first)] * d.factor[t]
			log -= d.size * math.Log1p(mu/d.size)
			continue
		}
		if from >= 0 && d.raw[t] == d.raw[t] && t-from >= closedDays && log < closedLog {
			for k := from; k < t; k++ {
				d.weight[k] = 0
				d.y[k] = math.NaN()
			}
		}
		from = -1
	}
}

func (d *demand) updateWeights() {
	for t := d.first; t < d.n; t++ {
		if d.weight[t] > 0 {
			d.weight[t] = d.open(t) / (1 + d.level[t]*d.factor[t]/d.size)
		}
	}
}

// updateSize sets the noise from the squared errors of the days that are neither sold out nor unknown.
func (d *demand) updateSize(prior *Prior) {
	var ss, mu, mu2 float64
	for t := d.first; t < d.n; t++ {
		if d.weight[t] > 0 && !d.isCensored(t) {
			m := d.level[t] * d.factor[t]
			ss += (d.y[t] - m) * (d.y[t] - m)
			mu += m
			mu2 += m * m
		}
	}
	if mu2 > 0 {
		d.size = nbSize(ss, mu, mu2, prior.Size, sizeStrength)
	}
}

// seasonSums gives the observed and, without the season, the expected weighted pieces of each place.
func (d *demand) seasonSums() (num, den []float64) {
	num, den = make([]float64, d.period), make([]float64, d.period)
	for t := d.first; t < d.n; t++ {
		if d.weight[t] > 0 {
			p := d.place(t)
			num[p] += d.weight[t] * d.y[t]
			den[p] += d.weight[t] * d.level[t] * d.factor[t] / d.season[p]
		}
	}
	return num, den
}

// updateSeason sets the multipliers of the places of the short season.
func (d *demand) updateSeason(prior *Prior) {
	if d.period < 2 {
		return
	}
	num, den := d.seasonSums()
	mean := 0.0
	for p := range num {
		d.season[p] = (num[p] + prior.seasonStrength*prior.Season[p]) / (den[p] + prior.seasonStrength)
		if closedOn(num[p], den[p]) {
			d.season[p] = num[p] / den[p]
		}
		mean += d.season[p] / float64(d.period)
	}
	for p := range d.season {
		d.season[p] = max(d.season[p]/mean, 1e-2)
	}
}

// eventSums gives the observed and, without the event, the expected weighted pieces of each event.
func (d *demand) eventSums() (num, den []float64) {
	num, den = make([]float64, len(d.event)), make([]float64, len(d.event))
	for t := d.first; t < d.n; t++ {
		if d.weight[t] == 0 {
			continue
		}
		for _, id := range d.cal.On(d.start.AddDays(t)) {
			num[id] += d.weight[t] * d.y[t]
			den[id] += d.weight[t] * d.level[t] * d.factor[t] / d.event[id]
		}
	}
	return num, den
}

// updateEvents sets the multipliers of the events that the history has seen.
func (d *demand) updateEvents(prior *Prior) {
	num, den := d.eventSums()
	for id := range d.event {
		if d.eventDays[id] > 0 {
			k := prior.eventStrength
			d.event[id] = min(max((num[id]+k*prior.Event[id])/(den[id]+k), .05), 20)
		}
	}
}

// slopeSums gives score and information of driver column c at its present slope.
func (d *demand) slopeSums(c int) (score, info float64) {
	for t := d.first; t < d.n; t++ {
		if x := d.value(c, t); x != 0 && d.weight[t] > 0 {
			mu := d.level[t] * d.factor[t]
			score += d.weight[t] * x * (d.y[t] - mu)
			info += d.weight[t] * x * x * mu
		}
	}
	return score, info
}

// updateSlopes makes one step of Newton for the promotion and the further columns, each by itself, under normal
// priors.
func (d *demand) updateSlopes(prior *Prior) {
	for c := range d.slope {
		score, info := d.slopeSums(c)
		at, strength := prior.extra(c - 1)
		if c == 0 {
			at, strength = prior.Promo, prior.promoStrength
		}
		step := (score - strength*(d.slope[c]-at)) / (info + strength)
		d.slope[c] = min(max(d.slope[c]+min(max(step, -2), 2), -maxSlope), maxSlope)
		d.slopeVar[c] = 1 / (info + strength)
	}
}

// Bounds of the log-linear drivers.
const (
	extraSD       = 1.0
	pooledExtraSD = .3 // of the slopes of like series
	maxSlope      = 12
)
