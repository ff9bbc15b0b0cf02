package models

import "math"

// Harmonic forecasts a series with several seasons, long and of any length (week and year), by dynamic harmonic regression: waves of
// each season fitted together by ridge least squares, and exponential smoothing of what they leave (Hyndman & Athanasopoulos,
// Forecasting: Principles and Practice, 3rd ed. 2021, section 10.5).
type Harmonic struct {
	Periods []float64 // lengths of the seasons; a season that the series has not seen twice is left out
	Waves   int       // most waves of a season; 0 = 3
}

// Name implements Model.
func (Harmonic) Name() string { return "harmonic" }

// waveRidge is the ridge of a wave, in observations.
const waveRidge = 4

// Fit implements Model; it needs two of the shortest season.
func (m Harmonic) Fit(p Problem) (Fitted, bool) {
	f := harmonic{}
	most := m.Waves
	if most == 0 {
		most = 3
	}
	for _, length := range m.Periods {
		if length < 2 || float64(len(p.Y)) < 2*length {
			continue
		}
		for w := 1; w <= most && 2*float64(w) <= length; w++ {
			f.speed = append(f.speed, 2*math.Pi*float64(w)/length)
		}
	}
	if len(f.speed) == 0 || observed(p.Y) < 4 {
		return nil, false
	}
	f.fitWaves(p.Y)
	inner, ok := ETS{Plain: true}.Fit(Problem{Y: f.strip(p.Y), Season: 1})
	f.inner, f.n = inner, len(p.Y)
	return f, ok
}

type harmonic struct {
	speed []float64
	coef  []float64 // sine and cosine by speed
	inner Fitted
	n     int
}

// fitWaves fits the waves together with a line, which the smoothing then takes over.
func (f *harmonic) fitWaves(y []float64) {
	q := 2*len(f.speed) + 2
	a, b, x := make([]float64, q*q), make([]float64, q), make([]float64, q)
	for t, v := range y {
		if v != v {
			continue
		}
		x[0], x[1] = 1, float64(t)/float64(len(y))
		for k, s := range f.speed {
			x[2+2*k], x[3+2*k] = math.Sincos(s * float64(t))
		}
		for i := range x {
			b[i] += x[i] * v
			for j := range x {
				a[i*q+j] += x[i] * x[j]
			}
		}
	}
	for i := range x {
		a[i*q+i] += 1e-6
		if i > 1 {
			a[i*q+i] += waveRidge
		}
	}
	f.coef = solve(a, b)[2:]
}

func (f harmonic) wave(t int) float64 {
	sum := 0.0
	for k, s := range f.speed {
		sin, cos := math.Sincos(s * float64(t))
		sum += f.coef[2*k]*sin + f.coef[2*k+1]*cos
	}
	return sum
}

// strip takes the waves out of values that follow the state.
func (f harmonic) strip(y []float64) []float64 {
	out := make([]float64, len(y))
	for i, v := range y {
		out[i] = v - f.wave(f.n+i)
	}
	return out
}

func (f harmonic) Mean(dst []float64) {
	f.inner.Mean(dst)
	for i := range dst {
		dst[i] += f.wave(f.n + i)
	}
}

func (f harmonic) Extend(y []float64) Fitted {
	f.inner = f.inner.Extend(f.strip(y))
	f.n += len(y)
	return f
}
