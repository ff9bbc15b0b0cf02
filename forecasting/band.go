package forecasting

import "math"

// Correlations of forecast errors that the bands of totals assume. Errors of the sites of one SKU go together more than
// those of different SKUs, because a topic or a price moves the SKU everywhere. The coverage shown beside the bands is
// measured with them, so that a wrong assumption shows.
const (
	SiteCorrelation = 0.25
	SKUCorrelation  = 0.05
)

// z10 is the 0.9 quantile of the standard normal distribution: the distance of P10 and P90 from the mean in
// standard deviations.
const z10 = 1.2815515655446004

// Band is the sum of several forecasts with its P10 and P90. The distances of the single P10 and P90 from their means
// are combined like standard deviations of errors that all correlate by the same ρ:
//
//	Var(Σ X) = (1−ρ) Σ σ² + ρ (Σ σ)²
//
// below and above the mean separately, so that the skew of the parts is kept. The zero Band is ready.
type Band struct {
	Series      int // forecasts added
	Mean        []float64
	Low, Low2   []float64 // Σ (mean − P10), Σ (mean − P10)²
	High, High2 []float64 // Σ (P90 − mean), Σ (P90 − mean)²

	// Sold is what the series of the band have sold in their histories, Hidden what they would have sold beyond it had no shelf been
	// empty; Calm the means by four weeks without what heat adds. They are kept where a run is reconciled, and empty elsewhere.
	Sold, Hidden float64
	Calm         []float64
}

// BlockDays is the length of the stretches of a horizon that totals are reconciled over.
const BlockDays = 28

// Blocks gives the number of stretches of a horizon.
func Blocks(horizon int) int { return (horizon + BlockDays - 1) / BlockDays }

// AddPast adds what the history behind a forecast holds, and its mean without heat (a multiplier a day, nil for none).
func (b *Band) AddPast(f Forecast, sold float64, heat []float32, sign float64) {
	b.Sold += sign * sold
	b.Hidden += sign * max(f.Explanation.Censored.Demand-f.Explanation.Censored.Sold, 0)
	for len(b.Calm) < Blocks(len(f.Mean)) {
		b.Calm = append(b.Calm, 0)
	}
	for i, m := range f.Mean {
		v := float64(m)
		if i < len(heat) && heat[i] > 0 {
			v /= float64(heat[i])
		}
		b.Calm[i/BlockDays] += sign * v
	}
}

// Lift multiplies the band by a factor for each stretch of BlockDays; the last one stands for those beyond.
func (b *Band) Lift(factor []float32) {
	if len(factor) == 0 {
		return
	}
	for i := range b.Mean {
		k := float64(factor[min(i/BlockDays, len(factor)-1)])
		b.Mean[i] *= k
		b.Low[i] *= k
		b.High[i] *= k
		b.Low2[i] *= k * k
		b.High2[i] *= k * k
	}
}

// Add adds a forecast, or with sign −1 takes out one that was added.
func (b *Band) Add(f Forecast, sign float64) {
	b.reach(len(f.Mean))
	b.Series += int(sign)
	for i, m := range f.Mean {
		low := max(float64(m-f.Q10[i]), 0)
		high := max(float64(f.Q90[i]-m), 0)
		b.add(i, sign, float64(m), low, low*low, high, high*high)
	}
}

// Merge adds the sums of another band.
func (b *Band) Merge(o Band) {
	b.reach(len(o.Mean))
	b.Series += o.Series
	b.Sold += o.Sold
	b.Hidden += o.Hidden
	for len(b.Calm) < len(o.Calm) {
		b.Calm = append(b.Calm, 0)
	}
	for i, v := range o.Calm {
		b.Calm[i] += v
	}
	for i := range o.Mean {
		b.add(i, 1, o.Mean[i], o.Low[i], o.Low2[i], o.High[i], o.High2[i])
	}
}

func (b *Band) add(i int, sign, mean, low, low2, high, high2 float64) {
	b.Mean[i] += sign * mean
	b.Low[i] += sign * low
	b.Low2[i] += sign * low2
	b.High[i] += sign * high
	b.High2[i] += sign * high2
}

func (b *Band) reach(n int) {
	if more := n - len(b.Mean); more > 0 {
		zero := make([]float64, more)
		b.Mean = append(b.Mean, zero...)
		b.Low, b.Low2 = append(b.Low, zero...), append(b.Low2, zero...)
		b.High, b.High2 = append(b.High, zero...), append(b.High2, zero...)
	}
}

// Bounds gives P10 and P90 of the total of day i when the errors of the parts correlate by rho. P10 is not negative.
func (b Band) Bounds(i int, rho float64) (p10, p90 float64) {
	low := math.Sqrt(max((1-rho)*b.Low2[i]+rho*b.Low[i]*b.Low[i], 0))
	high := math.Sqrt(max((1-rho)*b.High2[i]+rho*b.High[i]*b.High[i], 0))
	return max(b.Mean[i]-low, 0), b.Mean[i] + high
}

// Span gives the expected demand of days from..from+days−1 of the horizon together, and the standard deviation of its
// error. The error of the total of the whole horizon (CumSD) beyond the scatter of its days is an error of the level,
// which is taken to be in proportion to the mean on every day:
//
//	Var = Σ σ_i² + (Σ m_i)² τ²,  τ² = (CumSD² − Σ σ²)/(Σ m)² over the horizon,  σ_i = (P90_i − P10_i)/(2·1.2816)
func (f Forecast) Span(from, days int) (mean, sd float64) {
	var scatter, all, allScatter float64
	for i := range f.Mean {
		m, s := float64(f.Mean[i]), float64(f.Q90[i]-f.Q10[i])/(2*z10)
		all += m
		allScatter += s * s
		if i >= from && i < from+days {
			mean += m
			scatter += s * s
		}
	}
	if n := len(f.CumSD); n > 0 && all > 0 {
		cum := float64(f.CumSD[n-1])
		scatter += max(cum*cum-allScatter, 0) * (mean / all) * (mean / all)
	}
	return mean, math.Sqrt(scatter)
}

// Weeks gives the totals of the whole weeks (seven days from the origin on) of the horizon as a forecast with a week
// for a day: mean, P10 and P90 by the normal distribution from Span.
func (f Forecast) Weeks() Forecast {
	w := Forecast{Key: f.Key, Origin: f.Origin, Class: f.Class, Model: f.Model}
	for i := 0; i+7 <= len(f.Mean); i += 7 {
		mean, sd := f.Span(i, 7)
		w.Mean = append(w.Mean, float32(mean))
		w.Q10 = append(w.Q10, float32(max(mean-z10*sd, 0)))
		w.Q50 = append(w.Q50, float32(mean))
		w.Q90 = append(w.Q90, float32(mean+z10*sd))
	}
	return w
}
