package models

import (
	"slices"

	"milkrun/forecasting"
)

// Pool learns a prior from a group of like series (a category, the SKUs of a topic): the group's weekly pattern,
// events, promotion effect and noise, and how much the series differ in them. heat, if not nil, gives the heat drivers of
// each series. Series that cannot be read are passed over; a group without demand gives the neutral prior.
func (e *Engine) Pool(group []forecasting.Series, heat [][]forecasting.HeatDriver) *Prior {
	var parts []*demand
	for i, s := range group {
		if s.Validate() != nil {
			continue
		}
		var h []forecasting.HeatDriver
		if i < len(heat) {
			h = heat[i]
		}
		s = withPromo(e.recent(s))
		parts = append(parts, e.decompose(&s, &forecasting.Future{}, heatPaths(s, h, 0)))
	}
	return e.poolOf(parts)
}

func (e *Engine) poolOf(parts []*demand) *Prior {
	codes := len(e.options.Calendar.Codes())
	p := neutral(codes)
	season, event := make([]pooled, len(p.Season)), make([]pooled, codes)
	var promo, info float64
	var extra, extraInfo []float64
	var sizes []float64
	var waveSum [2 * waves]float64
	years := 0.0
	for _, d := range parts {
		if d.first == d.n {
			continue
		}
		p.Series++
		if d.period == len(season) {
			num, den := d.seasonSums()
			for i := range season {
				season[i].add(num[i], den[i])
			}
		}
		num, den := d.eventSums()
		for i := range event {
			event[i].add(num[i], den[i])
		}
		score, in := d.slopeSums(0)
		promo += in*d.slope[0] + score
		info += in
		for c := 1; c < len(d.slope); c++ {
			if len(extra) < c {
				extra, extraInfo = append(extra, 0), append(extraInfo, 0)
			}
			score, in := d.slopeSums(c)
			extra[c-1] += in*d.slope[c] + score
			extraInfo[c-1] += in
		}
		sizes = append(sizes, d.size)
		if d.year != nil && d.year.wave != nil {
			for i, w := range d.year.wave {
				waveSum[i] += w
			}
			years++
		}
	}
	if p.Series == 0 {
		return p
	}
	p.seasonStrength = settle(p.Season, season, p.seasonStrength)
	for i, s := range season {
		if closedOn(s.num, s.den) {
			p.Season[i] = s.num / s.den
		}
	}
	mean := meanOf(p.Season)
	for i := range p.Season {
		p.Season[i] /= mean
	}
	p.eventStrength = settle(p.Event, event, p.eventStrength)
	p.Promo = (promo + p.promoStrength*p.Promo) / (info + p.promoStrength)
	p.promoStrength = 1/(pooledPromoSD*pooledPromoSD) + p.promoStrength
	for c, v := range extra {
		p.Extra = append(p.Extra, v/(extraInfo[c]+1/(extraSD*extraSD)))
	}
	slices.Sort(sizes)
	p.Size = min(sortedQuantile(sizes, .5), 20)
	if years > 0 {
		wave := make([]float64, 2*waves)
		for i := range waveSum {
			wave[i] = waveSum[i] / years
		}
		p.year = newYearCurve(e.options.Year, wave)
	}
	return p
}

// closedOn tells that the shop is closed on a place of the short season: so many pieces were to be expected there, and next
// to none were sold, that to shrink towards a day like any other would be wrong.
func closedOn(num, den float64) bool { return den >= closedPieces && num <= leastFactor*den }

// closedPieces is how many Poisson pieces must be expected of a place to take its silence for a closed door: by chance it
// happens once in e^20.
const closedPieces = 20

// pooledPromoSD is how much the promotion slopes of like series are taken to differ.
const pooledPromoSD = .7

// pooled gathers observed and expected pieces of one multiplier over series.
type pooled struct {
	num, den float64
	spread   float64 // Σ den·ratio²
	n        float64 // series with something to say
}

func (s *pooled) add(num, den float64) {
	if den <= 0 {
		return
	}
	s.num += num
	s.den += den
	s.spread += num * num / den
	s.n++
}

// settle sets the pooled multipliers and gives the strength: one over the variance between series that is left of the
// spread of the ratios after the noise of counts, by the method of moments.
func settle(at []float64, sums []pooled, strength float64) float64 {
	var between, weight float64
	for i, s := range sums {
		at[i] = (s.num + strength*at[i]) / (s.den + strength)
		if s.n < 3 || s.den <= 0 {
			continue
		}
		ratio := s.num / s.den
		between += s.spread - s.den*ratio*ratio - s.n*max(ratio, .1)
		weight += s.den * max(ratio*ratio, .01)
	}
	if weight == 0 {
		return strength
	}
	v := max(between/weight, 0)
	return min(max(1/(v+1e-9), strength), 400)
}
