package models

import "math"

// Prior is what is believed of a series' drivers before it is looked at: neutral, or pooled over a group of like
// series by Engine.Pool.
type Prior struct {
	Season []float64 // multiplier by weekday from Monday
	Event  []float64 // multiplier by event code of the calendar
	Promo  float64   // log demand per unit of promotion depth
	Size   float64   // r of the negative binomial noise
	Extra  []float64 // log demand per unit of each further column; those that are missing are 0, loosely
	Series int       // series it was pooled over, 0 = neutral

	year *yearCurve
	// Strengths are precisions: one over the variance of the logarithm between like series, which is also the
	// number of Poisson pieces that carry as much information.
	seasonStrength, eventStrength, promoStrength float64
}

// neutral is the prior of an engine that has seen nothing. A 20 % price cut is expected to multiply demand by about
// 1.5, as at a price elasticity of −2 (the mean of 1,851 estimates in Bijmolt, van Heerde & Pieters, 2005, Journal of
// Marketing Research 42, is −2.6), give or take the same again.
func neutral(codes int) *Prior {
	p := &Prior{
		Season: make([]float64, 7), Event: make([]float64, codes), Promo: 2, Size: defaultSize,
		seasonStrength: 12, eventStrength: 6, promoStrength: 1 / (1.5 * 1.5),
	}
	for i := range p.Season {
		p.Season[i] = 1
	}
	for i := range p.Event {
		p.Event[i] = 1
	}
	return p
}

// mended gives a prior that can be used: multipliers of the right number, within leastFactor and mostFactor, strengths
// positive.
func (p *Prior) mended(codes int) *Prior {
	m := neutral(codes)
	if p == nil {
		return m
	}
	m.Series = p.Series
	mendAll(m.Season, p.Season)
	mendAll(m.Event, p.Event)
	mend(&m.Size, p.Size, .05, maxSize)
	mend(&m.seasonStrength, p.seasonStrength, 1, 1e4)
	mend(&m.eventStrength, p.eventStrength, 1, 1e4)
	mend(&m.promoStrength, p.promoStrength, .01, 1e4)
	mend(&m.Promo, p.Promo, -maxSlope, maxSlope)
	for _, v := range p.Extra {
		at := 0.0
		mend(&at, v, -maxSlope, maxSlope)
		m.Extra = append(m.Extra, at)
	}
	if p.year != nil {
		ok := true
		for _, w := range p.year.wave {
			ok = ok && w > -3 && w < 3
		}
		if ok {
			m.year = p.year
		}
	}
	return m
}

// extra gives mean and precision of the slope of a further column.
func (p *Prior) extra(column int) (at, strength float64) {
	if column >= 0 && column < len(p.Extra) {
		return p.Extra[column], 1 / (pooledExtraSD * pooledExtraSD)
	}
	return 0, 1 / (extraSD * extraSD)
}

// Bounds of a pooled multiplier.
const (
	leastFactor = .01
	mostFactor  = 100
)

// mendAll takes the multipliers over if there are as many as wanted. One beyond the bounds is cut to them: a shop that is
// closed on Saturdays pools a Saturday of almost nothing, and that must not turn into a Saturday like any other day.
func mendAll(to, from []float64) {
	if len(to) != len(from) {
		return
	}
	for i, v := range from {
		if v >= 0 && !math.IsInf(v, 1) {
			to[i] = min(max(v, leastFactor), mostFactor)
		}
	}
}

// mend takes a value over if it lies within its bounds.
func mend(to *float64, v, lo, hi float64) {
	if v >= lo && v <= hi {
		*to = v
	}
}
