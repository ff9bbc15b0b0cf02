package forecasting

import "math"

// Cohort is how many babies were born in a month in a region.
type Cohort struct {
	Region string
	Month  int // months since year 0: 12·year + month − 1
	Babies float64
}

// Stage is the months of age in which a baby needs a product: newborn nappies, stage 1 milk, teething rings. Use[k] is how many
// pieces a baby of age From+k months needs in a month, relative to the other ages.
type Stage struct {
	Name string
	From int // months of age
	Use  []float64
}

// CohortIndex gives the need for a stage in each of the n months from first on in a region, as a ratio to its mean over the n0 months
// before first: babies of each age times what they use. Births of months that are not known yet are carried on from the same
// months of the year before, or the last year's mean. It is 1 all along where nothing is known.
//
// The babies of next month's stage 2 are those of this month's stage 1: that is why it runs weeks ahead of sales.
func CohortIndex(cohorts []Cohort, region string, stage Stage, first, n, n0 int) []float64 {
	births := map[int]float64{}
	last := math.MinInt
	for _, c := range cohorts {
		if c.Region == region && c.Babies >= 0 && !math.IsInf(c.Babies, 0) {
			births[c.Month] += c.Babies
			last = max(last, c.Month)
		}
	}
	out := make([]float64, n)
	usual, known := 0.0, 0
	for m := first - n0; m < first; m++ {
		if v, ok := stage.need(births, last, m); ok {
			usual += v
			known++
		}
	}
	for i := range out {
		out[i] = 1
		if v, ok := stage.need(births, last, first+i); ok && known > 0 && usual > 0 {
			out[i] = v * float64(known) / usual
		}
	}
	return out
}

// need gives Σ babies(age)·use(age) in a month. false where none of the births is known.
func (s Stage) need(births map[int]float64, last, month int) (float64, bool) {
	sum, weight, whole := 0.0, 0.0, 0.0
	for k, use := range s.Use {
		if !(use > 0) {
			continue
		}
		whole += use
		born := month - s.From - k
		v, ok := births[born]
		for back := born; !ok && back > last && last != math.MinInt; {
			back -= 12
			v, ok = births[back]
		}
		if ok {
			sum += use * v
			weight += use
		}
	}
	if weight < .5*whole || weight == 0 {
		return 0, false
	}
	return sum * whole / weight, true
}

// SpreadMonths turns factors by month into factors by day, a straight line between the middles of the months, for the days that lie
// at the given distances in months (0 = the middle of the first month).
func SpreadMonths(byMonth []float64, at []float64) []float64 {
	out := make([]float64, len(at))
	for i, x := range at {
		k := min(max(int(math.Floor(x)), 0), len(byMonth)-1)
		next := min(k+1, len(byMonth)-1)
		w := min(max(x-float64(k), 0), 1)
		out[i] = (1-w)*byMonth[k] + w*byMonth[next]
	}
	return out
}
