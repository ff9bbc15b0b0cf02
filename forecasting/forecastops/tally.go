package forecastops

import (
	"cmp"
	"math"
	"slices"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// The span of the measuring: eight whole weeks up to the day before the origin.
const (
	scoreWeeks = 8
	scoreDays  = 7 * scoreWeeks
)

// week is what was expected and what came in seven days, over the days that count.
type week struct {
	forecast, actual, naive float64
	days, inside            int
}

// score compares the forecasts of a series with its sales of the eight weeks before the origin, oldest week first. Each
// day is held against the latest forecast made on or before it. A day that was sold out, not reported or not forecast
// does not count. vintages may be in any order.
func score(s forecasting.Series, vintages []forecastdb.Vintage, origin calendar.Day) [scoreWeeks]week {
	var weeks [scoreWeeks]week
	first := origin.AddDays(-scoreDays)
	for i := range scoreDays {
		day := first.AddDays(i)
		y, ok := sold(s, day)
		if !ok {
			continue
		}
		v := latest(vintages, day)
		if v == nil {
			continue
		}
		k := day.Sub(v.Origin)
		w := &weeks[i/7]
		w.days++
		w.actual += y
		w.forecast += float64(v.Mean[k])
		w.naive += naive(s, v.Origin, day)
		if inside(y, float64(v.Q10[k]), float64(v.Q90[k])) {
			w.inside++
		}
	}
	return weeks
}

// inside tells whether demand lay between P10 and P90. Demand comes in whole pieces and quantiles do not: half a piece
// is given. Slow movers still lie inside more often than in 80 of 100 cases, because nothing sold lies within any band from 0.
func inside(y, p10, p90 float64) bool { return y >= p10-0.5 && y <= p90+0.5 }

// sold gives the sales of a day, false where they say nothing of the demand: not known, or sold out.
func sold(s forecasting.Series, day calendar.Day) (float64, bool) {
	i := day.Sub(s.Start)
	if i < 0 || i >= s.Len() || math.IsNaN(s.Sales[i]) || s.SoldOut != nil && s.SoldOut[i] {
		return 0, false
	}
	return max(s.Sales[i], 0), true
}

// latest gives the newest forecast that covers the day, nil for none.
func latest(vintages []forecastdb.Vintage, day calendar.Day) *forecastdb.Vintage {
	var best *forecastdb.Vintage
	for i := range vintages {
		v := &vintages[i]
		if v.Origin <= day && day < v.Origin.AddDays(len(v.Mean)) && (best == nil || v.Origin > best.Origin) {
			best = v
		}
	}
	return best
}

// naive gives the seasonal naive forecast made at the origin: the same weekday of the last week before it, or of one of
// the three before that where that day says nothing.
func naive(s forecasting.Series, origin, day calendar.Day) float64 {
	back := origin.AddDays(-7 + day.Sub(origin)%7)
	for i := range 4 {
		if y, ok := sold(s, back.AddDays(-7*i)); ok {
			return y
		}
	}
	return 0
}

// tally adds up measured errors over the series of a shard. Its fields are what the shards store for the last of them.
type tally struct {
	Origin  calendar.Day                `json:"origin"`
	Total   sums                        `json:"total"`   // of SKU weeks
	Weeks   [scoreWeeks]sums            `json:"weeks"`   // of SKU weeks
	Classes map[forecasting.Class]*sums `json:"classes"` // of series weeks
	// Tops and Ahead are of SKU weeks: by top category, and by weeks from the origin of the forecast to the week.
	Tops  map[catalog.CategoryID]*sums     `json:"tops"`
	Ahead [forecastdb.VintageDays / 7]sums `json:"ahead"`
	// Worst are the series with the largest errors.
	Worst []forecasting.Offender `json:"worst"`

	sku  catalog.SKUID
	top  catalog.CategoryID
	open [scoreWeeks]week // of the SKU under way
}

// sums are the sums that the measures are made of.
type sums struct {
	Series   int     `json:"series"`
	Actual   float64 `json:"actual"`
	Abs      float64 `json:"abs"`
	Err      float64 `json:"err"`
	NaiveAbs float64 `json:"naive_abs"`
	Days     int     `json:"days"`
	Inside   int     `json:"inside"`
}

func newTally(origin calendar.Day) *tally {
	return &tally{Origin: origin, Classes: map[forecasting.Class]*sums{}, Tops: map[catalog.CategoryID]*sums{}}
}

// add measures a series of a top category. The series of a SKU must come together.
func (t *tally) add(s forecasting.Series, vintages []forecastdb.Vintage, class forecasting.Class, top catalog.CategoryID) {
	if s.SKU != t.sku {
		t.flush()
		t.sku, t.top = s.SKU, top
	}
	t.addAhead(s, vintages)
	weeks := score(s, vintages, t.Origin)
	c := t.Classes[class]
	if c == nil {
		c = &sums{}
		t.Classes[class] = c
	}
	counted := false
	worst := forecasting.Offender{Key: s.Key, Class: class}
	for i, w := range weeks {
		if w.days == 0 {
			continue
		}
		counted = true
		c.add(w)
		worst.Actual += w.actual
		worst.Forecast += w.forecast
		worst.Abs += math.Abs(w.forecast - w.actual)
		worst.NaiveAbs += math.Abs(w.naive - w.actual)
		o := &t.open[i]
		o.forecast += w.forecast
		o.actual += w.actual
		o.naive += w.naive
		o.days += w.days
		o.inside += w.inside
	}
	if counted {
		c.Series++
		t.Total.Series++
		t.Worst = worstOf(append(t.Worst, worst))
	}
}

// mostOffenders is how many of the series with the largest errors are kept.
const mostOffenders = 50

// worstOf keeps the worst, once there are so many that it pays to sort them.
func worstOf(list []forecasting.Offender) []forecasting.Offender {
	if len(list) < 8*mostOffenders {
		return list
	}
	return sortedWorst(list)
}

func sortedWorst(list []forecasting.Offender) []forecasting.Offender {
	slices.SortFunc(list, func(a, b forecasting.Offender) int {
		return cmp.Or(cmp.Compare(b.Abs, a.Abs), cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.Site, b.Site))
	})
	return list[:min(len(list), mostOffenders)]
}

// addAhead measures the forecasts of a series week by week from their origins, those of which all days have come.
func (t *tally) addAhead(s forecasting.Series, vintages []forecastdb.Vintage) {
	first := t.Origin.AddDays(-scoreDays)
	for _, v := range vintages {
		for k := range t.Ahead {
			from := v.Origin.AddDays(7 * k)
			if from < first || from.AddDays(7) > t.Origin || 7*k+7 > len(v.Mean) {
				continue
			}
			var w week
			for i := range 7 {
				day := from.AddDays(i)
				y, ok := sold(s, day)
				if !ok {
					continue
				}
				w.days++
				w.actual += y
				w.forecast += float64(v.Mean[7*k+i])
				w.naive += naive(s, v.Origin, day)
				if inside(y, float64(v.Q10[7*k+i]), float64(v.Q90[7*k+i])) {
					w.inside++
				}
			}
			if w.days > 0 {
				t.Ahead[k].add(w)
				t.Ahead[k].Series++
			}
		}
	}
}

// flush counts the weeks of the SKU under way.
func (t *tally) flush() {
	for i, w := range t.open {
		if w.days > 0 {
			t.Total.add(w)
			t.Weeks[i].add(w)
			if t.Tops[t.top] == nil {
				t.Tops[t.top] = &sums{}
			}
			t.Tops[t.top].add(w)
		}
	}
	t.open = [scoreWeeks]week{}
}

func (s *sums) add(w week) {
	s.Actual += w.actual
	s.Abs += math.Abs(w.forecast - w.actual)
	s.Err += w.forecast - w.actual
	s.NaiveAbs += math.Abs(w.naive - w.actual)
	s.Days += w.days
	s.Inside += w.inside
}

func (s *sums) merge(o sums) {
	s.Series += o.Series
	s.Actual += o.Actual
	s.Abs += o.Abs
	s.Err += o.Err
	s.NaiveAbs += o.NaiveAbs
	s.Days += o.Days
	s.Inside += o.Inside
}

func (t *tally) merge(o *tally) {
	t.Total.merge(o.Total)
	for i := range t.Weeks {
		t.Weeks[i].merge(o.Weeks[i])
	}
	for i := range t.Ahead {
		t.Ahead[i].merge(o.Ahead[i])
	}
	for top, s := range o.Tops {
		if t.Tops[top] == nil {
			t.Tops[top] = &sums{}
		}
		t.Tops[top].merge(*s)
	}
	t.Worst = sortedWorst(append(t.Worst, o.Worst...))
	for class, s := range o.Classes {
		if t.Classes[class] == nil {
			t.Classes[class] = &sums{}
		}
		t.Classes[class].merge(*s)
	}
}

// accuracy gives the measures of the sums; one without sales to relate to is 0.
func (t *tally) accuracy() forecasting.RunAccuracy {
	a := forecasting.RunAccuracy{Through: t.Origin.AddDays(-1), Total: t.Total.accuracy("")}
	for _, c := range []forecasting.Class{
		forecasting.ClassSmooth, forecasting.ClassErratic, forecasting.ClassIntermittent, forecasting.ClassLumpy,
		forecasting.ClassNew, forecasting.ClassDead,
	} {
		if s := t.Classes[c]; s != nil && s.Days > 0 {
			a.Classes = append(a.Classes, s.accuracy(c))
		}
	}
	for i, s := range t.Weeks {
		m := s.accuracy("")
		a.Weeks = append(a.Weeks, forecasting.WeeklyAccuracy{
			From: t.Origin.AddDays(-scoreDays + 7*i), Actual: m.Actual, WAPE: m.WAPE, Bias: m.Bias, Naive: m.Naive, Inside: m.Inside,
		})
	}
	for top, s := range t.Tops {
		m := s.accuracy("")
		a.Categories = append(a.Categories, forecasting.CategoryAccuracy{Category: top, ClassAccuracy: m})
	}
	slices.SortFunc(a.Categories, func(x, y forecasting.CategoryAccuracy) int {
		return cmp.Or(cmp.Compare(y.Actual, x.Actual), cmp.Compare(x.Category, y.Category))
	})
	for i, s := range t.Ahead {
		if s.Days > 0 {
			a.Horizons = append(a.Horizons, forecasting.HorizonAccuracy{Week: i + 1, ClassAccuracy: s.accuracy("")})
		}
	}
	a.Worst = sortedWorst(t.Worst)
	return a
}

func (s sums) accuracy(class forecasting.Class) forecasting.ClassAccuracy {
	a := forecasting.ClassAccuracy{Class: class, Series: s.Series, Actual: s.Actual}
	if s.Actual > 0 {
		a.WAPE, a.Bias, a.Naive = 100*s.Abs/s.Actual, 100*s.Err/s.Actual, 100*s.NaiveAbs/s.Actual
	}
	if s.Days > 0 {
		a.Inside = 100 * float64(s.Inside) / float64(s.Days)
	}
	return a
}
