package forecasting

import "math"

// Accuracy holds the measures of a set of forecasts. Means over series: MASE, RMSSE, SMAPE. Over the whole set: the
// others. A measure without a defined value (no scale, no demand) is NaN.
//
// Sources: MASE and its scale, Hyndman & Koehler (2006), "Another look at measures of forecast accuracy", IJF 22;
// RMSSE and the weighted quantile loss as in Makridakis, Spiliotis & Assimakopoulos (2022), the M5 competition, IJF 38.
type Accuracy struct {
	Series int     `json:"series"`
	Points int     `json:"points"`
	MASE   float64 `json:"mase"`  // mean |e| / in-sample mean |y_t − y_{t−s}|
	RMSSE  float64 `json:"rmsse"` // √(mean e² / in-sample mean (y_t − y_{t−1})²)
	SMAPE  float64 `json:"smape"` // mean 200|e|/(|y|+|f|), 0/0 = 0
	WAPE   float64 `json:"wape"`  // 100 Σ|e| / Σy
	Bias   float64 `json:"bias"`  // 100 Σ(f−y) / Σy
	WQL50  float64 `json:"wql50"` // 2 Σ pinball / Σy
	WQL90  float64 `json:"wql90"`
	WQL95  float64 `json:"wql95"`
	Cov90  float64 `json:"cov90"` // share of actuals ≤ the 0.9 quantile
}

// Pinball gives the quantile loss of the quantile forecast q at probability p for the actual y.
func Pinball(p, q, y float64) float64 {
	if y >= q {
		return p * (y - q)
	}
	return (1 - p) * (q - y)
}

// NaiveScale gives the mean of |y_t − y_{t−s}| over the known pairs of the training data, NaN without one.
func NaiveScale(train []float64, season int) float64 {
	return scale(train, season, math.Abs)
}

// NaiveSquareScale gives the mean of (y_t − y_{t−1})² over the known pairs of the training data, NaN without one.
func NaiveSquareScale(train []float64) float64 {
	return scale(train, 1, func(d float64) float64 { return d * d })
}

func scale(train []float64, s int, f func(float64) float64) float64 {
	sum, n := 0.0, 0
	for t := s; t < len(train); t++ {
		if d := train[t] - train[t-s]; !math.IsNaN(d) {
			sum += f(d)
			n++
		}
	}
	return sum / float64(n)
}

// Path is a forecast in plain numbers for scoring. Mean is compulsory, the quantiles may be nil.
type Path struct {
	Mean, Q50, Q90, Q95 []float64
}

// Scorer gathers forecasts and their actuals into an Accuracy. The zero Scorer is ready; season 0 counts as 1.
type Scorer struct {
	Season int // of the MASE scale

	series, points        int
	mase, rmsse, smape    mean
	absE, err, sumY       float64
	pin50, pin90, pin95   float64
	under, quantilePoints int
	quantileY             float64
}

type mean struct {
	sum float64
	n   int
}

func (m *mean) add(v float64) {
	if !math.IsNaN(v) && !math.IsInf(v, 0) {
		m.sum += v
		m.n++
	}
}

func (m mean) value() float64 { return m.sum / float64(m.n) }

// Add scores one series: its training data (for the scales), the actuals (NaN = skip) and the forecast, which must
// be at least as long as the actuals.
func (s *Scorer) Add(train, actual []float64, f Path) {
	var abs, sq, sm mean
	for i, y := range actual {
		if math.IsNaN(y) {
			continue
		}
		e := f.Mean[i] - y
		abs.add(math.Abs(e))
		sq.add(e * e)
		if d := math.Abs(y) + math.Abs(f.Mean[i]); d > 0 {
			sm.add(200 * math.Abs(e) / d)
		} else {
			sm.add(0)
		}
		s.absE += math.Abs(e)
		s.err += e
		s.sumY += y
		s.points++
		if f.Q90 != nil {
			s.addQuantiles(y, i, f)
		}
	}
	if abs.n == 0 {
		return
	}
	s.series++
	s.mase.add(abs.value() / NaiveScale(train, max(s.Season, 1)))
	s.rmsse.add(math.Sqrt(sq.value() / NaiveSquareScale(train)))
	s.smape.add(sm.value())
}

func (s *Scorer) addQuantiles(y float64, i int, f Path) {
	s.pin50 += Pinball(.5, f.Q50[i], y)
	s.pin90 += Pinball(.9, f.Q90[i], y)
	s.pin95 += Pinball(.95, f.Q95[i], y)
	s.quantileY += y
	s.quantilePoints++
	if y <= f.Q90[i] {
		s.under++
	}
}

// Accuracy gives the measures of what was added.
func (s *Scorer) Accuracy() Accuracy {
	return Accuracy{
		Series: s.series, Points: s.points,
		MASE: s.mase.value(), RMSSE: s.rmsse.value(), SMAPE: s.smape.value(),
		WAPE: 100 * s.absE / s.sumY, Bias: 100 * s.err / s.sumY,
		WQL50: 2 * s.pin50 / s.quantileY, WQL90: 2 * s.pin90 / s.quantileY, WQL95: 2 * s.pin95 / s.quantileY,
		Cov90: float64(s.under) / float64(s.quantilePoints),
	}
}

// Path gives the forecast in plain numbers, for scoring.
func (f Forecast) Path() Path {
	return Path{Mean: widen(f.Mean), Q50: widen(f.Q50), Q90: widen(f.Q90), Q95: widen(f.Q95)}
}

func widen(v []float32) []float64 {
	w := make([]float64, len(v))
	for i, x := range v {
		w[i] = float64(x)
	}
	return w
}
