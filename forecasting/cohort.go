package forecasting

import (
	"math"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

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

// CohortPath gives the need for a stage in each of n months from first on, as a ratio to its mean over the twelve months before
// origin; what is not known at either end is carried on from the nearest month that is. region "" is all regions together. false
// where too little is known of the births.
func CohortPath(cohorts []Cohort, region string, stage Stage, first, n, origin int) ([]float64, bool) {
	births := map[int]float64{}
	last := math.MinInt
	for _, c := range cohorts {
		if (region == "" || c.Region == region) && c.Babies >= 0 && !math.IsInf(c.Babies, 0) {
			births[c.Month] += c.Babies
			last = max(last, c.Month)
		}
	}
	out := make([]float64, n)
	usual, known, found := 0.0, 0.0, -1
	for i := range out {
		v, ok := stage.need(births, last, first+i)
		if ok = ok && v > 0; ok {
			out[i] = v
			if m := first + i; m < origin && m >= origin-12 {
				usual += v
				known++
			}
			for k := found + 1; k < i; k++ {
				out[k] = v
			}
			found = i
		}
	}
	if known < 6 || found < 0 {
		return nil, false
	}
	for i := range out {
		if i > found {
			out[i] = out[found]
		}
		out[i] *= known / usual
	}
	return out, true
}

// EvenStage is the stage of what a baby uses alike from one month of age up to but without another.
func EvenStage(from, to int) Stage {
	use := make([]float64, max(to-from, 0))
	for i := range use {
		use[i] = 1
	}
	return Stage{From: from, Use: use}
}

// MonthOf gives the month of a day as cohorts count it: 12·year + month − 1.
func MonthOf(d calendar.Day) int {
	t := d.Time()
	return 12*t.Year() + int(t.Month()) - 1
}

// CohortDays gives a path of months, the first of them first, as factors of n days from a day on.
func CohortDays(byMonth []float64, first int, from calendar.Day, n int) []float64 {
	at := make([]float64, n)
	for i := range at {
		d := from.AddDays(i).Time()
		days := calendar.Date(d.Year(), d.Month()+1, 1).Sub(calendar.Date(d.Year(), d.Month(), 1))
		at[i] = float64(12*d.Year()+int(d.Month())-1-first) + (float64(d.Day())-.5)/float64(days) - .5
	}
	return SpreadMonths(byMonth, at)
}

// SKUStage says of which months of age the babies are who need a SKU: From up to but without To.
type SKUStage struct {
	SKU      catalog.SKUID
	From, To int
}

// MaxAge bounds the months of age of a stage.
const MaxAge = 240

// Bounds of recorded cohorts.
const (
	MaxRegion   = 40 // characters of the name of a region
	MaxBabies   = 1e8
	FirstCohort = 12 * 1990 // month
)
