package forecasting

import "math"

// AlarmKind names what is wrong with the forecasts or the data of a series.
type AlarmKind string

// The alarms.
const (
	AlarmBias     AlarmKind = "bias"     // forecasts are too high or too low, beyond chance
	AlarmTracking AlarmKind = "tracking" // the tracking signal has left its limits
	AlarmDrift    AlarmKind = "drift"    // the level of demand has shifted away from the forecast
	AlarmHole     AlarmKind = "hole"     // data are missing
	AlarmSilence  AlarmKind = "silence"  // a series that always sold has stopped without being sold out
)

// Alarm is one finding. Value is what was measured, Limit what would still have been in order.
type Alarm struct {
	Kind  AlarmKind `json:"kind"`
	Value float64   `json:"value"`
	Limit float64   `json:"limit"`
	From  int       `json:"from"` // index of the first day that it is about
}

// Limits of the alarms.
const (
	// trackingLimit is in mean absolute deviations: Trigg (1964), "Monitoring a forecasting system", Operational Research Quarterly 15.
	// The fading sum of independent normal errors has a standard deviation of 1.25/√(1 − .9²) = 2.9 of them: chance alone passes three
	// such in one series of four hundred.
	trackingLimit  = 9.0
	biasLimit      = 3.0  // standard errors of the mean error
	leastBias      = .10  // share of the demand below which a bias is of no account
	driftLimit     = 8.0  // standard deviations that the sum may stray: Page (1954), "Continuous inspection schemes", Biometrika 41
	driftSlack     = .5   // standard deviations a day that are forgiven
	holeLimit      = 3    // unknown days in a row
	silenceLog     = -14. // logarithm of the chance of so many days without a sale
	leastMonitored = 14   // known days without which nothing is said
)

// Monitor compares the forecasts of past days, made before them, with what came (NaN = unknown) and gives the alarms. soldOut marks
// days on which demand is not known; nil = none. The slices are as long as each other.
func Monitor(forecast, actual []float64, soldOut []bool) []Alarm {
	var out []Alarm
	if from, n := longestHole(actual); n >= holeLimit {
		out = append(out, Alarm{AlarmHole, float64(n), holeLimit - 1, from})
	}
	m := monitored{}
	for i, y := range actual {
		if y != y || soldOut != nil && soldOut[i] {
			continue
		}
		m.add(i, y-forecast[i], y, forecast[i])
	}
	if len(m.errors) < leastMonitored {
		return out
	}
	n := float64(len(m.errors))
	mean, mad := m.sum/n, m.abs/n
	sd := math.Sqrt(max(m.square/n-mean*mean, 0)) + 1e-9
	if t := mean / (sd / math.Sqrt(n)); math.Abs(t) > biasLimit && math.Abs(m.sum) > leastBias*m.demand {
		out = append(out, Alarm{AlarmBias, -100 * m.sum / max(m.demand, 1e-9), 100 * leastBias, m.at[0]})
	}
	if mad > 0 {
		if ts := m.trackingSignal(); math.Abs(ts) > trackingLimit {
			out = append(out, Alarm{AlarmTracking, ts, trackingLimit, m.at[0]})
		}
	}
	if at, high := m.cusum(sd); high > driftLimit {
		out = append(out, Alarm{AlarmDrift, high, driftLimit, at})
	}
	if log, from := m.silence(); log < silenceLog {
		out = append(out, Alarm{AlarmSilence, log, silenceLog, from})
	}
	return out
}

// monitored holds the errors (actual − forecast) of the days that count.
type monitored struct {
	at                       []int
	errors, actual, forecast []float64
	sum, abs, square, demand float64
}

func (m *monitored) add(i int, e, y, f float64) {
	m.at, m.errors = append(m.at, i), append(m.errors, e)
	m.actual, m.forecast = append(m.actual, y), append(m.forecast, f)
	m.sum += e
	m.abs += math.Abs(e)
	m.square += e * e
	m.demand += max(y, 0)
}

// trackingSignal is Brown's: the running sum of the errors over their smoothed mean absolute value, both fading by a tenth a day
// and scaled so that the limits of the plain sum hold.
func (m *monitored) trackingSignal() float64 {
	const keep = .9
	sum, mad := 0.0, m.abs/float64(len(m.errors))
	for _, e := range m.errors {
		sum = keep*sum + e
		mad = keep*mad + (1-keep)*math.Abs(e)
	}
	return sum / max(mad, 1e-9)
}

// cusum gives the largest one-sided sum of standardised errors beyond the slack at the end of the span, and where it began.
func (m *monitored) cusum(sd float64) (from int, high float64) {
	var up, down float64
	upAt, downAt := 0, 0
	for k, e := range m.errors {
		if up = max(up+e/sd-driftSlack, 0); up == 0 {
			upAt = k + 1
		}
		if down = max(down-e/sd-driftSlack, 0); down == 0 {
			downAt = k + 1
		}
	}
	if up > down {
		return m.at[min(upAt, len(m.at)-1)], up
	}
	return m.at[min(downAt, len(m.at)-1)], down
}

// silence gives the logarithm of the chance that a Poisson demand of the forecast mean, three times as lumpy, sold nothing since
// the last sale.
func (m *monitored) silence() (log float64, from int) {
	k := len(m.actual)
	for k > 0 && !(m.actual[k-1] > 0) {
		k--
		log -= m.forecast[k] / 3
	}
	if k == len(m.actual) {
		return 0, 0
	}
	return log, m.at[k]
}

func longestHole(v []float64) (from, n int) {
	run := 0
	for i, x := range v {
		if x == x {
			run = 0
			continue
		}
		if run++; run > n {
			n, from = run, i-run+1
		}
	}
	return from, n
}
