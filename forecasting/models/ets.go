package models

import "math"

// ETS chooses by AICc among exponential-smoothing models with additive or multiplicative errors, no, a full or a
// damped trend, and no, an additive or a multiplicative season: Hyndman, Koehler, Ord & Snyder (2008), Forecasting
// with Exponential Smoothing. The states at the start are set by decomposition and, on short series, refined with
// the smoothing constants.
type ETS struct {
	// Plain leaves out the seasonal forms, for series whose season has been taken out.
	Plain bool
	// Evals is the number of likelihood evaluations for each parameter of a form; 0 = 60, on long series 40.
	Evals int
}

// Name implements Model.
func (e ETS) Name() string {
	if e.Plain {
		return "ets"
	}
	return "ets_season"
}

type trendKind uint8

const (
	noTrend trendKind = iota
	fullTrend
	dampedTrend
)

type seasonKind uint8

const (
	noSeason seasonKind = iota
	additiveSeason
	multiplicativeSeason
)

// etsForm names a member of the family. The point forecasts do not depend on the error, the likelihood does.
type etsForm struct {
	trend         trendKind
	season        seasonKind
	relativeError bool
}

// ets is a form with its constants and its state. b is the slope, s the season, next the place of the next period.
type ets struct {
	form                    etsForm
	alpha, beta, gamma, phi float64 // beta and gamma as shares: b moves by alpha·beta, s by gamma·(1−alpha)
	l, b                    float64
	s                       []float64
	next                    int
}

// fitness holds the sums that the likelihoods are made of.
type fitness struct {
	sse, relative, logs float64
	n                   int
}

// minus2LogLik gives −2·log L of a form with the variance concentrated out, up to a constant common to all forms.
func (f fitness) minus2LogLik(relativeError bool) float64 {
	n := float64(f.n)
	if relativeError {
		return n*math.Log(f.relative/n+1e-300) + 2*f.logs
	}
	return n * math.Log(f.sse/n+1e-300)
}

// run carries the state over y and gives the sums of the one-step errors. An unknown value moves the state on
// without correcting it.
func (m *ets) run(y []float64) fitness {
	switch m.form.season {
	case additiveSeason:
		return m.runAdditive(y)
	case multiplicativeSeason:
		return m.runMultiplicative(y)
	}
	var f fitness
	l, b, a, ab, phi := m.l, m.b, m.alpha, m.alpha*m.beta, m.phi
	relative := m.form.relativeError
	for _, v := range y {
		b *= phi
		l += b
		if v != v {
			continue
		}
		e := v - l
		f.sse += e * e
		f.n++
		if relative {
			f.addRelative(e, l)
		}
		l += a * e
		b += ab * e
	}
	m.l, m.b = l, b
	return f
}

// addRelative takes the relative error; a mean that is not positive makes the form impossible.
func (f *fitness) addRelative(e, mu float64) {
	if mu <= 0 {
		f.relative = math.Inf(1)
		return
	}
	r := e / mu
	f.relative += r * r
	f.logs += math.Log(mu)
}

func (m *ets) runAdditive(y []float64) fitness {
	var f fitness
	l, b, a, ab, phi := m.l, m.b, m.alpha, m.alpha*m.beta, m.phi
	g := m.gamma * (1 - a)
	s, k := m.s, m.next
	relative := m.form.relativeError
	for _, v := range y {
		b *= phi
		l += b
		if v == v {
			mu := l + s[k]
			e := v - mu
			f.sse += e * e
			f.n++
			if relative {
				f.addRelative(e, mu)
			}
			l += a * e
			b += ab * e
			s[k] += g * e
		}
		if k++; k == len(s) {
			k = 0
		}
	}
	m.l, m.b, m.next = l, b, k
	return f
}

func (m *ets) runMultiplicative(y []float64) fitness {
	var f fitness
	l, b, a, ab, phi := m.l, m.b, m.alpha, m.alpha*m.beta, m.phi
	g := m.gamma * (1 - a)
	s, k := m.s, m.next
	relative := m.form.relativeError
	for _, v := range y {
		b *= phi
		l += b
		if v == v {
			mu := l * s[k]
			e := v - mu
			f.sse += e * e
			f.n++
			if relative {
				f.addRelative(e, mu)
			}
			if l > 1e-9 && s[k] > 1e-6 {
				base := l
				l += a * e / s[k]
				b += ab * e / s[k]
				s[k] = max(s[k]+g*e/base, 1e-3)
			} else {
				l += a * e
			}
		}
		if k++; k == len(s) {
			k = 0
		}
	}
	m.l, m.b, m.next = l, b, k
	return f
}

// Extend implements Fitted.
func (m *ets) Extend(y []float64) Fitted {
	c := *m
	c.s = append([]float64(nil), m.s...)
	c.run(y)
	return &c
}

// Mean implements Fitted.
func (m *ets) Mean(dst []float64) {
	l, b, k := m.l, m.b, m.next
	for i := range dst {
		b *= m.phi
		l += b
		switch m.form.season {
		case additiveSeason:
			dst[i] = l + m.s[k]
		case multiplicativeSeason:
			dst[i] = l * m.s[k]
		default:
			dst[i] = l
		}
		if k++; k >= len(m.s) {
			k = 0
		}
	}
}
