package forecasting

import (
	"math"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// DayCurve is the share of a day's sales that has come by the end of each hour; the last is 1.
type DayCurve [24]float64

// UsualCurve is the course of a day that is assumed until a site's own is known: a shop that takes orders round the clock, quiet at night,
// busy over noon and busiest from eight to eleven in the evening.
var UsualCurve = curveOf([24]float64{2, 1, .6, .4, .4, .6, 1.4, 2.8, 4.2, 5.4, 6, 6, 5.6, 5.2, 5, 5, 5, 5, 5, 6, 7.6, 8.4, 7.4, 4})

func curveOf(hours [24]float64) DayCurve {
	var c DayCurve
	total := 0.0
	for _, v := range hours {
		total += v
	}
	sum := 0.0
	for i, v := range hours {
		sum += v
		c[i] = sum / total
	}
	return c
}

// Share gives the share of the day's sales that has come so many minutes after midnight, a straight line within the hour.
func (c DayCurve) Share(minutes int) float64 {
	minutes = min(max(minutes, 0), DayMinutes)
	h, rest := minutes/60, float64(minutes%60)/60
	before := 0.0
	if h > 0 {
		before = c[h-1]
	}
	if h == len(c) {
		return 1
	}
	return before + rest*(c[h]-before)
}

// HourShare is what has been seen of an hour on past days: the share of their sales that had come by its end.
type HourShare struct {
	Hour  int
	Share float64
	Days  int
}

// curvePrior is the number of days that the usual curve counts for.
const curvePrior = 5.0

// LearnCurve draws the curve of a site from what was seen, the usual one counting for five days at each hour.
func LearnCurve(seen []HourShare) DayCurve {
	c := UsualCurve
	for _, s := range seen {
		if s.Hour < 0 || s.Hour >= len(c) || !(s.Share >= 0) || s.Days < 1 {
			continue
		}
		n := float64(s.Days)
		c[s.Hour] = (curvePrior*c[s.Hour] + n*min(s.Share, 1)) / (curvePrior + n)
	}
	c[len(c)-1] = 1
	for i := 1; i < len(c); i++ {
		c[i] = max(c[i], c[i-1])
	}
	return c
}

// CompleteDay gives the expected sales of a running day of which sold pieces have come in the first share of it, when mean was expected
// of the whole with a standard deviation sd.
//
// What was expected is a gamma distribution of the day's rate, what has come a Poisson count of it: the rest of the day is then
// expected at (r + sold)/(r/mean + share) with r = mean²/(sd² − mean), the negative binomial's size (Gelman et al., Bayesian Data
// Analysis, 3rd ed., 2.6). A forecast that knows much moves little; one that knows nothing follows the day.
func CompleteDay(mean, sd, sold, share float64) float64 {
	share, sold = min(max(share, 0), 1), max(sold, 0)
	if !(mean > 0) {
		if share < .05 {
			return sold
		}
		return sold / share
	}
	r := 50.0 // as good as Poisson
	if excess := sd*sd - mean; excess > 0 {
		r = min(max(mean*mean/excess, .2), r)
	}
	return sold + (1-share)*(r+sold)/(r/mean+share)
}

// RunningDay is the present day of a SKU at a site, and the week of seven days up to it, completed from what is known so far.
type RunningDay struct {
	Site     catalog.SiteID
	Day      calendar.Day
	Share    float64 // of a usual day that has passed
	Sold     float64 // pieces so far
	Forecast float64 // of the day, as the run had it
	Expected float64 // of the day, knowing what has come
	// WeekFrom is the Monday of the running week; the further figures are of it: what has come, what the forecast had, what is expected.
	WeekFrom                             calendar.Day
	WeekSold, WeekForecast, WeekExpected float64
}

// Add adds the running day of a series to a sum, with what its past and its forecast say of the other days of the week. A day before the
// origin of which nothing is known counts for nothing.
func (d *RunningDay) Add(x RunningDay, past Series, f Forecast) {
	d.Sold += x.Sold
	d.Forecast += x.Forecast
	d.Expected += x.Expected
	d.WeekSold += x.Sold
	d.WeekForecast += x.Forecast
	d.WeekExpected += x.Expected
	for day := d.WeekFrom; day < d.WeekFrom.AddDays(7); day++ {
		i := day.Sub(past.Start)
		switch k := day.Sub(f.Origin); {
		case day == d.Day:
		case i >= 0 && i < past.Len() && past.Sales[i] == past.Sales[i]:
			d.WeekSold += past.Sales[i]
			d.WeekForecast += past.Sales[i]
			d.WeekExpected += past.Sales[i]
		case k >= 0 && k < f.Horizon():
			d.WeekForecast += float64(f.Mean[k])
			d.WeekExpected += float64(f.Mean[k])
		}
	}
}

// Deviation gives the standard deviation of the i-th day of the horizon (from 0), from its quantiles: half of the distance
// of P10 and P90 over 1.2816.
func (f Forecast) Deviation(i int) float64 {
	if i < 0 || i >= len(f.Mean) {
		return 0
	}
	return math.Max(float64(f.Q90[i]-f.Q10[i]), 0) / (2 * 1.2815515655446004)
}
