package models

import (
	"math"

	"milkrun/forecasting"
	"milkrun/forecasting/backtest"
)

// entry is a model in the choice. A plain one is given demand without the short season, which is put back after.
type entry struct {
	model Model
	plain bool
	trust float64 // weight before anything is measured: how well the model does on series of the kind
}

// choice is the outcome: the entries with their weights, and what the backtest taught about the errors.
type choice struct {
	name    string
	entries []entry
	weights []float64
	notes   []forecasting.CandidateNote
	naive   float64 // RMSE of the seasonal naive model in the backtest, NaN without one
	best    float64 // RMSE of the chosen combination
	errors  []spanError
	daily   []dayError // of the combination, for series without a week
	short   bool       // too short for a backtest
	terse   bool       // short enough for the errors of the backtest to be a matter of luck
	season  int        // that the models are told of
	fits    []Fitted   // of the entries before the first origin of the backtest of a long series
}

// spanError is the error of the total of the first days of a span.
type spanError struct {
	days             int
	err, mean, mean2 float64 // forecast − actual, Σ forecast, Σ forecast²
}

// dayError is the relative error of one day at one distance from its origin.
type dayError struct {
	ahead int
	rel   float64 // (actual − forecast)/forecast
}

// Settings of the choice.
const (
	backtestOrigins = 4
	backtestSpan    = 28  // days; a longer horizon is judged by it too
	sharpness       = 3.0 // power of the error in the weights: a mild one, for errors are noisy
	terseSharpness  = 1.2 // the same on series so short that the errors are few
	leastWeight     = .08 // weights below are dropped
	totalWeight     = 2.0 // of the error of totals against that of days
)

// entries lists the models worth trying on a series.
func (e *Engine) entries(d *demand) []entry {
	adi, _ := forecasting.Pattern(d.y[d.first:])
	var list []entry
	add := func(m Model, plain bool, trust float64) { list = append(list, entry{m, plain, trust}) }
	add(SeasonalNaive{}, false, .25)
	switch {
	case e.options.Season != 7 && adi < forecasting.ADICut:
		add(ETS{}, false, 1)
		add(Deseasonal{ETS{Plain: true}}, false, 1)
		add(Theta{Fixed: true}, false, 1)
		switch m := e.options.Season; {
		case m > 4 && m <= 24:
			add(Aggregated{}, false, 1)
		case m > 1 && m <= 4:
			add(Autoregression{}, false, 1.5)
		}
	case e.options.Season != 7:
		add(ETS{Plain: true}, false, .5)
		add(Theta{Fixed: true}, false, 1)
		add(TSB{}, false, 1)
		add(Window{24}, false, 1)
	default:
		add(Window{28}, true, .7)
		add(Window{91}, true, 1)
		add(Window{364}, true, .5)
		add(ETS{Plain: true}, true, 1)
		add(Theta{Fixed: true}, true, 1)
		if adi >= forecasting.ADICut {
			add(TSB{}, true, 1)
		} else {
			add(ETS{}, false, .7)
		}
	}
	for _, m := range e.options.Extra {
		add(m, false, 1)
	}
	return list
}

// closedPlace is the multiplier of the short season up to which the shop is taken to be closed on that day of the week.
const closedPlace = .02

// problem gives the adjusted demand of the days before n for an entry: without drivers, and for a plain one without
// the short season. The days of the week on which the shop is closed tell a plain one nothing: nothing over next to
// nothing is not a level.
func (d *demand) problem(plain bool, season int) Problem {
	y := make([]float64, d.n-d.first)
	for i := range y {
		t := d.first + i
		y[i] = d.y[t] / d.drivers.past(t)
		if plain && d.period > 1 {
			if f := d.season[d.place(t)]; f > closedPlace {
				y[i] /= f
			} else {
				y[i] = math.NaN()
			}
		}
	}
	if plain {
		season = 1
	}
	return Problem{Y: y, Season: season}
}

// restore multiplies a forecast that begins on day t by what was divided out. On the days of the week on which the shop is
// closed every entry forecasts next to nothing: one that has not seen the season would spread the week's demand over them.
func (d *demand) restore(path []float64, plain bool, t int) {
	for i := range path {
		f := d.drivers.factor(t+i) * d.drivers.faded(t, i)
		if d.period > 1 {
			if s := d.season[d.place(t+i)]; plain || s <= closedPlace {
				f *= s
			}
		}
		path[i] = finite(path[i] * f)
	}
}

// choose measures the entries on the last part of the series and weighs them.
func (e *Engine) choose(d *demand, h int) *choice {
	c := &choice{entries: e.entries(d), season: e.options.Season, naive: math.NaN(), best: math.NaN()}
	n := d.n - d.first
	c.terse = n < shortSeries && e.options.Season != 7
	span := min(h, n/5)
	if e.options.Season == 7 {
		span = min(h, backtestSpan, n/5)
	}
	origins := backtest.Origins(n, span, backtestOrigins, max(2*e.options.Season+4, n/2))
	if len(origins) == 0 || span < 1 {
		c.short = true
		c.weigh(nil, 0)
		return c
	}
	e.measure(c, d, origins, span)
	return c
}

// measure fits the entries before the first origin, rolls them on and weighs them by their errors.
func (e *Engine) measure(c *choice, d *demand, origins []int, span int) {
	cut := d.first + origins[0]
	past := d.series.Before(d.start.AddDays(cut))
	fut := futureOf(d.series, cut)
	early := e.decompose(&past, &fut, heatInput{product: d.heat, trail: d.trail, fade: d.fade})
	actual := make([]float64, d.n)
	for t := range actual {
		actual[t] = d.y[t]
		if d.isCensored(t) {
			actual[t] = math.NaN()
		}
	}
	problems := [2]Problem{d.validation(early, false, e.options.Season), d.validation(early, true, e.options.Season)}
	c.fits = make([]Fitted, len(c.entries))
	paths := make([][][]float64, len(c.entries))
	scores := make([]backtest.Score, len(c.entries))
	for i, en := range c.entries {
		p := problems[0]
		if en.plain {
			p = problems[1]
		}
		whole := p.Y
		p.Y = whole[:origins[0]]
		fit, ok := en.model.Fit(p)
		if !ok {
			continue
		}
		if origins[0] >= 2*shortSeries {
			c.fits[i] = fit
		}
		for k, o := range origins {
			if k > 0 {
				fit = fit.Extend(whole[origins[k-1]:o])
			}
			path := make([]float64, span)
			fit.Mean(path)
			early.restore(path, en.plain, d.first+o)
			scores[i].Add(path, actual[d.first+o:d.first+o+span])
			paths[i] = append(paths[i], path)
		}
	}
	c.weigh(scores, 1e-3*meanOf(d.y[d.first:])+1e-9)
	c.combineErrors(paths, actual, d.first, origins, span)
	c.annotate(scores, d, e.options.Season)
}

// futureOf gives what was known in advance at index cut of a series.
func futureOf(s *forecasting.Series, cut int) forecasting.Future {
	var f forecasting.Future
	if s.Promo != nil {
		f.Promo = s.Promo[cut:]
	}
	for _, c := range s.Extra {
		f.Extra = append(f.Extra, c[cut:])
	}
	return f
}

// validation gives the whole demand of d adjusted by the drivers that were known early. Heat is the exception: its
// path is the one that came, for all entries alike, so the choice is fair but the errors are a little too small.
func (d *demand) validation(early *demand, plain bool, season int) Problem {
	v := *early
	v.n, v.y, v.first = d.n, d.y, d.first
	return v.problem(plain, season)
}

// forecast fits the chosen entries on the whole series and gives the mean of the next h days.
func (c *choice) forecast(d *demand, h int) []float64 {
	mean := make([]float64, h)
	if d.first == d.n {
		return mean
	}
	path := make([]float64, h)
	sum := 0.0
	for i, en := range c.entries {
		if c.weights[i] == 0 {
			continue
		}
		fit, ok := c.fit(i, d.problem(en.plain, c.season))
		if !ok {
			continue
		}
		fit.Mean(path)
		d.restore(path, en.plain, d.n)
		for j, v := range path {
			mean[j] += c.weights[i] * v
		}
		sum += c.weights[i]
	}
	for j := range mean {
		mean[j] = finite(mean[j] / sum)
	}
	return mean
}

// fit gives entry i at the end of the series. On a long series the parameters of the backtest are kept: a few months
// more hardly move them.
func (c *choice) fit(i int, p Problem) (Fitted, bool) {
	if c.fits != nil {
		if r, ok := c.fits[i].(Restarter); ok {
			return r.Restart(p)
		}
	}
	return c.entries[i].model.Fit(p)
}
