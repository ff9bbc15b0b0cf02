package models

import (
	"math"

	"milkrun/forecasting"
)

// Member is one series of a panel that a global model learns from, or is asked to forecast.
type Member struct {
	Series forecasting.Series
	Future forecasting.Future
	Heat   []forecasting.HeatDriver
	// Groups names what the series belongs to, from coarse to fine (category, product): members of a group share what
	// drivers do. "" belongs to nothing. Site names the place, whose members share its ups and downs.
	Groups []string
	Site   string
	// Context holds further columns over the past and the future days, such as the promotions of rivals: the model looks
	// at them, demand need not be log-linear in them. nil = none.
	Context [][]float64
}

// panelShape says what the members of a panel have in common.
type panelShape struct {
	Season  int     // length of the short season, 1 = none
	Year    float64 // periods of a year
	Horizon int
	Extra   int // columns of Series.Extra
	Context int
	Levels  int       // of Groups
	Events  int       // codes of the calendar
	Yearly  bool      // long enough for a season of the year
	Halves  []float64 // half-lives of the levels
	Main    int       // the one that counts most
}

// halves gives the half-lives of the levels of a series with the season, in periods.
func halves(season int) ([]float64, int) {
	switch {
	case season == 7:
		return []float64{3, 7, 14, 28, 91}, 3
	case season == 52:
		return []float64{1.5, 4, 8, 16, 39}, 2
	default:
		return []float64{1, 2, 4, 8, 18}, 3
	}
}

// track is a series of a panel made ready: everything by period from the start of the series, the future included where it
// is known.
type track struct {
	member *Member
	n, h   int       // past and future periods
	first  int       // first period with demand
	y      []float64 // demand of the past; NaN = unknown
	sure   []bool    // the demand was measured, not inferred
	x      []float32 // drivers, row by row
	beta   []float64
	known  []float64 // product of the drivers, past and future
	level  [][]float64
	groups []int // by level, −1 = none; the last is the site
	heat   []float64
}

// shapeOf looks over the members.
func (e *Engine) shapeOf(members []Member, o GlobalOptions) panelShape {
	s := panelShape{Season: e.options.Season, Year: o.Year, Horizon: o.Horizon, Events: len(e.options.Calendar.Codes())}
	s.Halves, s.Main = halves(s.Season)
	long := 0
	for _, m := range members {
		s.Extra = max(s.Extra, len(m.Series.Extra))
		s.Context = max(s.Context, len(m.Context))
		s.Levels = max(s.Levels, len(m.Groups))
		if s.Year > 0 && float64(m.Series.Len()) >= leastYears*s.Year {
			long++
		}
	}
	s.Yearly = long*2 > len(members)
	return s
}

// columns gives the number of drivers.
func (s panelShape) columns() int {
	n := 3 + s.Extra + s.Events
	if s.Season == 7 {
		n += 7
	}
	if s.Yearly {
		n += 2 * yearPairs
	}
	return n
}

// leastYears is the number of years from which on waves of the year are drawn: over fewer they are mistaken for trends.
const leastYears = 3.5

// yearPairs is the number of harmonics of the year in the drivers of a panel.
const yearPairs = 3

// newTrack makes a series ready. h future periods are looked at.
func (e *Engine) newTrack(m *Member, s panelShape, h int) *track {
	series := withPromo(e.recent(m.Series))
	n := series.Len()
	t := &track{member: m, n: n, h: h, first: n, y: make([]float64, n), sure: make([]bool, n)}
	for i, v := range series.Sales {
		t.y[i], t.sure[i] = v, v == v
		if v < leastPieces {
			t.y[i] = 0
		}
		if v > leastPieces && t.first == n {
			t.first = i
		}
	}
	paths := heatPaths(series, m.Heat, h)
	t.heat = paths.product
	if series.SoldOut != nil {
		fut := m.Future
		d := e.decompose(&series, &fut, paths)
		for i := d.first; i < n; i++ {
			if d.isCensored(i) {
				t.y[i], t.sure[i] = d.y[i], false
			}
		}
	}
	t.fillDrivers(e, &series, s)
	return t
}

// fillDrivers sets the drivers: weekday, promotion (−log of the price left), the promotion of the period before, the usual
// price, the further columns, events, and waves of the year.
func (t *track) fillDrivers(e *Engine, series *forecasting.Series, s panelShape) {
	p := s.columns()
	t.x = make([]float32, (t.n+t.h)*p)
	look := drivers{start: series.Start, series: series, future: &t.member.Future}
	regular := regularPrices(series, t.h)
	before := 0.0
	for i := range t.n + t.h {
		row := t.x[i*p : (i+1)*p]
		cut := -math.Log(1 - min(look.value(0, i), .8))
		row[0], row[1] = float32(cut), float32(before)
		before = cut
		if regular != nil {
			row[2] = float32(regular[i])
		}
		k := 3
		for c := range s.Extra {
			if c < len(series.Extra) {
				row[k+c] = float32(look.value(c+1, i))
			}
		}
		k += s.Extra
		day := series.Day(i)
		for _, id := range e.options.Calendar.On(day) {
			row[k+int(id)] = 1
		}
		k += s.Events
		if s.Season == 7 {
			row[k+int(day.Weekday())] = 1
			k += 7
		}
		if s.Yearly {
			at := 2 * math.Pi * phase(day, s.Year)
			for w := range yearPairs {
				sin, cos := math.Sincos(float64(w+1) * at)
				row[k+2*w], row[k+2*w+1] = float32(sin), float32(cos)
			}
		}
	}
}

// regularPrices gives the logarithm of the price without its promotion against the mean of the past, the last one carried on
// into the future unless it is known; nil without prices.
func regularPrices(s *forecasting.Series, h int) []float64 {
	if s.Price == nil {
		return nil
	}
	out := make([]float64, s.Len()+h)
	last, sum, n := math.NaN(), 0.0, 0.0
	for i := range out {
		if i < s.Len() {
			v := s.Price[i]
			if s.Promo != nil && s.Promo[i] < 1 {
				v /= 1 - s.Promo[i]
			}
			if v > 0 {
				last = math.Log(v)
				sum += last
				n++
			}
		}
		out[i] = last
	}
	mean := sum / n
	for i, v := range out {
		if out[i] = v - mean; out[i] != out[i] {
			out[i] = 0
		}
		out[i] = min(max(out[i], -1.5), 1.5)
	}
	return out
}

// row gives the drivers of a period.
func (t *track) row(i, columns int) []float32 { return t.x[i*columns : (i+1)*columns] }

// setKnown sets the product of the drivers from the slopes, the heat included.
func (t *track) setKnown(columns int) {
	t.known = make([]float64, t.n+t.h)
	for i := range t.known {
		t.known[i] = t.factor(i, columns)
	}
}

func (t *track) factor(i, columns int) float64 {
	x := 0.0
	for c, v := range t.row(i, columns) {
		if v != 0 {
			x += t.beta[c] * float64(v)
		}
	}
	f := math.Exp(min(max(x, -4.6), maxLogFactor))
	if i < len(t.heat) {
		f *= t.heat[i]
	}
	return f
}

// levelPrior is the number of periods that the longer past counts for in a level.
const levelPrior = .7

// setLevels sets the level before each period, once for each half-life: what was sold over what the drivers let expect, the
// older the less. Where little is known of the latest periods the level leans on that of a longer half-life.
func (t *track) setLevels(halves []float64) {
	t.level = make([][]float64, len(halves))
	for j := len(halves) - 1; j >= 0; j-- {
		keep := math.Exp2(-1 / halves[j])
		out := make([]float64, t.n+1)
		a, b := 0.0, 0.0
		for i := range out {
			base := 0.0
			if j+1 < len(halves) {
				base = t.level[j+1][i]
			} else if b > 0 {
				base = a / b
			}
			out[i] = (a + levelPrior*base) / (b + levelPrior)
			if i < t.n {
				a, b = a*keep, b*keep
				if v := t.y[i]; v == v && i >= t.first {
					a += v
					b += t.known[i]
				}
			}
		}
		t.level[j] = out
	}
}
