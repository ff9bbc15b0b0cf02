package models

// Settings of the search for a change of the lag.
const (
	changeDays  = 120  // days of overlap that either side of a change needs
	changeStep  = 7    // days between those looked at
	changeClear = 20.0 // squared standard errors that two lags must explain beyond one; in two made-up worlds chance reached 16
	changeLeast = 3    // days that the lags differ by, at least
	changeShare = .15  // and as a share of the later one
)

// change looks for a day from which on the heat leads by another lag than before: a platform shows its posts sooner, buyers have
// learnt to wait for the next live stream. Two lags, one before and one after, must explain so much more than the best one that
// chance does not do it among all days and lags tried. from is an index into the panel.
func (p *topicPanel) change(y, ratio []float64, best fit, lead int) (from int, ok bool) {
	if best.e <= 0 {
		return 0, false
	}
	paths := make([][]float64, lead+1)
	for lag := range paths {
		paths[lag] = make([]float64, p.n)
		p.regressor(paths[lag], ratio, lag, best.share)
	}
	most := changeClear * p.noise(y)
	days := 0
	for t, in := range p.inside {
		if !in {
			continue
		}
		days++
		if days < changeDays || p.days-days < changeDays || days%changeStep != 0 {
			continue
		}
		early, late := p.bestOf(paths, y, 0, t), p.bestOf(paths, y, t, p.n)
		apart := max(late.lag-early.lag, early.lag-late.lag)
		if apart < changeLeast || float64(apart) < changeShare*float64(late.lag) {
			continue
		}
		if q := early.q + late.q - best.q; q > most {
			most, from, ok = q, t, true
		}
	}
	return from, ok
}

// bestOf gives the lag whose path explains most of y over the days from..to with a positive elasticity.
func (p *topicPanel) bestOf(paths [][]float64, y []float64, from, to int) fit {
	var best fit
	for lag, x := range paths {
		if f := p.regress(y, x, from, to); f.e > 0 && f.q > best.q {
			best = f
			best.lag = lag
		}
	}
	return best
}

// forget takes the days before from out of the panel.
func (p *topicPanel) forget(from int) {
	for t := range from {
		if p.inside[t] {
			p.inside[t] = false
			p.days--
		}
		p.r[t], p.v[t] = 0, 0
	}
}
