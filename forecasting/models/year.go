package models

import "math"

// fitYear looks for a season of the year in the level: sine waves on the logarithm of the weekly level of each whole
// year, shrunk towards the prior's by how well the years agree. One year cannot be told from a trend, so nothing is done below two.
func (d *demand) fitYear(length float64, prior *Prior) {
	cycles := int(float64(d.n-d.first)/length + .02)
	if cycles < 2 {
		return
	}
	step := max(int(length/52), 1)
	curve := &yearCurve{length: length}
	base := make([]float64, 2*waves)
	if prior.year != nil {
		copy(base, prior.year.wave)
	}
	var sum, dots [2 * waves]float64
	each := make([][2 * waves]float64, 0, cycles)
	for c := range cycles {
		to := d.n - int(float64(c)*length)
		from := max(to-int(length), d.first)
		w, ok := d.yearWaves(curve, from, to, step)
		if !ok {
			return
		}
		for i := range w {
			w[i] -= base[i]
			v := w[i]
			sum[i] += v
			for _, o := range each {
				dots[i] += v * o[i]
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
	curve.wave = make([]float64, 2*waves)
	for i := range curve.wave {
		curve.wave[i] = base[i] + shrink*sum[i]/k
	}
	d.year = curve
}

// yearWaves fits constant, slope and waves to the logarithm of the level (with the present year curve put back) over
// one year by ridge least squares.
func (d *demand) yearWaves(curve *yearCurve, from, to, step int) ([2 * waves]float64, bool) {
	const k = 2*waves + 2
	var a [k][k + 1]float64
	var x [2 * waves]float64
	var row [k]float64
	n := 0
	for t := from; t < to; t += step {
		if !(d.level[t] > 0) {
			continue
		}
		v := math.Log(d.level[t])
		if d.year != nil {
			v += math.Log(d.year.at(d.start.AddDays(t)))
		}
		curve.basis(d.start.AddDays(t), &x)
		row[0], row[1] = 1, float64(t-from)/float64(to-from)-.5
		copy(row[2:], x[:])
		for i := range row {
			for j := range row {
				a[i][j] += row[i] * row[j]
			}
			a[i][k] += row[i] * v
		}
		n++
	}
	var out [2 * waves]float64
	if n < 20 {
		return out, false
	}
	for i := 1; i < k; i++ {
		a[i][i] += .05 * float64(n)
	}
	if !solve(a[:], k) {
		return out, false
	}
	for i := range out {
		out[i] = a[i+2][k]
	}
	return out, true
}

// solve does Gaussian elimination on a symmetric positive system; column k holds the right side and the answer.
func solve(a [][2*waves + 3]float64, k int) bool {
	for i := range k {
		if math.Abs(a[i][i]) < 1e-12 {
			return false
		}
		for j := range k {
			if j == i {
				continue
			}
			f := a[j][i] / a[i][i]
			for c := i; c <= k; c++ {
				a[j][c] -= f * a[i][c]
			}
		}
	}
	for i := range k {
		a[i][k] /= a[i][i]
	}
	return true
}
