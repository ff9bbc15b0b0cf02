package models

import (
	"math"
	"slices"

	"milkrun/internal/calendar"
)

// waves is the number of harmonics of the year: the half-yearly one lets summer and winter differ in length.
const waves = 2

// yearCurve is the multiplier of the season of the year: exp of a few sine waves, tabulated.
type yearCurve struct {
	length float64 // of the year in periods
	wave   []float64
	table  [366]float64
}

func newYearCurve(length float64, wave []float64) *yearCurve {
	y := &yearCurve{length: length, wave: wave}
	for i := range y.table {
		s := 0.0
		for k := range waves {
			sin, cos := math.Sincos(2 * math.Pi * float64(k+1) * float64(i) / float64(len(y.table)))
			s += wave[2*k]*sin + wave[2*k+1]*cos
		}
		y.table[i] = math.Exp(s)
	}
	return y
}

// at gives the multiplier of a day.
func (y *yearCurve) at(d calendar.Day) float64 {
	return y.table[int(phase(d, y.length)*float64(len(y.table)))%len(y.table)]
}

// phase gives the part of the year that has passed, 0..1.
func phase(d calendar.Day, length float64) float64 {
	p := float64(d) / length
	return p - math.Floor(p)
}

// fitYear looks for a season of the year in the level: the sine waves of the logarithm of the level of each whole year,
// freed of the growth from year to year, averaged, and shrunk towards the prior's by how well the years agree. One
// year cannot be told from a trend, so nothing is done below two. The level has smoothed part of the season away;
// repeated rounds bring it back.
func (d *demand) fitYear(length float64, prior *Prior) {
	cycles := int(float64(d.n-d.first)/length + .02)
	if cycles < 2 {
		return
	}
	x := d.logLevel()
	growth := yearlyGrowth(x, int(length))
	base := make([]float64, 2*waves)
	if prior.year != nil {
		copy(base, prior.year.wave)
	}
	var sum, dots [2 * waves]float64
	each := make([][2 * waves]float64, 0, cycles)
	for c := range cycles {
		to := len(x) - int(float64(c)*length)
		w := d.yearWaves(x[max(to-int(length), 0):to], max(to-int(length), 0), growth, length)
		for i := range w {
			w[i] -= base[i]
			sum[i] += w[i]
			for _, o := range each {
				dots[i] += w[i] * o[i]
			}
		}
		each = append(each, w)
	}
	// The waves of different years agree by the true season alone; their product, averaged over pairs, is its
	// power. What of the mean wave is more than that is noise.
	k := float64(cycles)
	power, signal := 0.0, 0.0
	for i := range sum {
		power += sum[i] / k * sum[i] / k
		signal += dots[i] / (k * (k - 1) / 2)
	}
	if !(power > 0) {
		return
	}
	shrink := min(max(signal/power, 0), 1)
	for i := range base {
		base[i] += shrink * sum[i] / k
	}
	d.year = newYearCurve(length, base)
}

// logLevel gives the logarithm of the level with the present year put back, NaN where there is none.
func (d *demand) logLevel() []float64 {
	x := make([]float64, d.n-d.first)
	for i := range x {
		t := d.first + i
		v := d.level[t]
		if d.year != nil {
			v *= d.year.at(d.start.AddDays(t))
		}
		if x[i] = math.NaN(); v > 0 {
			x[i] = math.Log(v)
		}
	}
	return x
}

// yearlyGrowth gives the median step from a period to the same one a year later, per period. It is blind to the
// season.
func yearlyGrowth(x []float64, length int) float64 {
	var steps []float64
	for t := length; t < len(x); t += 7 {
		if s := x[t] - x[t-length]; s == s {
			steps = append(steps, s)
		}
	}
	slices.Sort(steps)
	return sortedQuantile(steps, .5) / float64(length)
}

// yearWaves projects one year of x, whose first value is index from of the counted days, on the waves.
func (d *demand) yearWaves(x []float64, from int, growth, length float64) [2 * waves]float64 {
	var out [2 * waves]float64
	mean, n := 0.0, 0.0
	for i, v := range x {
		if v == v {
			mean += v - growth*float64(i)
			n++
		}
	}
	if n == 0 {
		return out
	}
	mean /= n
	for i, v := range x {
		if v != v {
			continue
		}
		at := 2 * math.Pi * phase(d.start.AddDays(d.first+from+i), length)
		for k := range waves {
			sin, cos := math.Sincos(float64(k+1) * at)
			e := v - growth*float64(i) - mean
			out[2*k] += 2 / n * e * sin
			out[2*k+1] += 2 / n * e * cos
		}
	}
	return out
}
