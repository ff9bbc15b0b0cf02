package models

import (
	"math"
	"slices"
	"testing"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

var monday = calendar.Date(2022, 1, 3)

func plain() *Engine { return New(Options{Calendar: forecasting.NewCalendar(nil)}) }

// TestDriversAreFound recovers week, promotion, events and noise of made-up demand of 12 pieces a day.
func TestDriversAreFound(t *testing.T) {
	s := newShop(3, 12)
	var events []forecasting.Event
	for y := 0; y < 3; y++ {
		d := calendar.Date(2022+y, 6, 16)
		events = append(events, forecasting.Event{Code: "618", From: d, To: d.AddDays(2)})
	}
	s.cal, s.events = forecasting.NewCalendar(events), map[string]float64{"618": 2.5}
	x, _ := s.days(monday, 1000)
	d := New(Options{Calendar: s.cal}).decompose(&x, &forecasting.Future{}, heatInput{})
	for p, want := range s.week {
		if math.Abs(d.season[p]/want-1) > .1 {
			t.Errorf("weekday %d: %.2f, want %.2f", p, d.season[p], want)
		}
	}
	if math.Abs(d.slope[0]-s.slope) > .4 {
		t.Errorf("promotion %.2f ± %.2f, want %.2f", d.slope[0], d.promoError(), s.slope)
	}
	if math.Abs(d.event[0]-2.5) > .4 {
		t.Errorf("618 %.2f, want 2.5", d.event[0])
	}
	if d.size < 5 || d.size > 13 {
		t.Errorf("size %.1f, want about 8", d.size)
	}
	if m := meanOf(d.level); math.Abs(m/12-1) > .06 {
		t.Errorf("level %.2f, want 12", m)
	}
}

// weekly sells from a shelf that is refilled to 55 pieces on Mondays and gives what was wanted.
func weekly(seed uint64) (x forecasting.Series, demand []float64) {
	x, _ = newShop(seed, 9).days(monday, 720)
	demand = append(demand, x.Sales...)
	x.SoldOut = make([]bool, len(demand))
	stock := 0.0
	for i := range demand {
		if i%7 == 0 {
			stock = 55
		}
		x.Sales[i] = min(demand[i], stock)
		x.SoldOut[i] = demand[i] >= stock
		stock -= x.Sales[i]
	}
	return x, demand
}

// TestUncensor compares what is recovered with what was wanted.
func TestUncensor(t *testing.T) {
	var off, face, lost, found float64
	for seed := range uint64(6) {
		x, demand := weekly(seed)
		for i, v := range Uncensor(x) {
			if !x.SoldOut[i] {
				if v != x.Sales[i] {
					t.Fatalf("day %d was not sold out, but %g became %g", i, x.Sales[i], v)
				}
				continue
			}
			if v < x.Sales[i] {
				t.Fatalf("day %d: %g is below the sales %g", i, v, x.Sales[i])
			}
			off += math.Abs(v - demand[i])
			face += math.Abs(x.Sales[i] - demand[i])
			lost += demand[i] - x.Sales[i]
			found += v - x.Sales[i]
		}
	}
	if lost < 6*500 {
		t.Fatalf("the test has lost only %g pieces", lost)
	}
	if off > .5*face {
		t.Errorf("error %.0f, at face value %.0f", off, face)
	}
	if math.Abs(found/lost-1) > .06 {
		t.Errorf("%.0f pieces were lost, %.0f were found", lost, found)
	}
}

func TestUncensorGivesBackWhatItCannotRead(t *testing.T) {
	x := forecasting.Series{Sales: []float64{1, math.Inf(1)}}
	if got := Uncensor(x); len(got) != 2 || got[0] != 1 {
		t.Errorf("got %v", got)
	}
	if _, err := plain().Uncensor(x, nil); err == nil {
		t.Error("the engine says what is wrong")
	}
	nan := Uncensor(forecasting.Series{Sales: []float64{3, math.NaN(), 2}, SoldOut: []bool{false, true, true}})
	if nan[0] != 3 || !math.IsNaN(nan[1]) || nan[2] < 2 {
		t.Errorf("unknown days stay unknown: %v", nan)
	}
}

// TestClosedShopIsNotADropInDemand: three weeks without a sale in the middle of a steady series are taken for a closed
// shop, and the same at the end is not.
func TestClosedShopIsNotADropInDemand(t *testing.T) {
	s := newShop(5, 10)
	x, _ := s.days(monday, 400)
	clear(x.Sales[300:321])
	d := plain().decompose(&x, &forecasting.Future{}, heatInput{})
	for i := 300; i < 321; i++ {
		if d.weight[i] != 0 || d.level[i] < 7 {
			t.Fatalf("day %d: weight %g, level %.1f", i, d.weight[i], d.level[i])
		}
	}
	clear(x.Sales[380:])
	d = plain().decompose(&x, &forecasting.Future{}, heatInput{})
	if d.weight[399] == 0 {
		t.Error("the last days count: the product may have ended")
	}
}

// TestYear: over three years of a wave of ±40 % the engine sees the season coming.
func TestYear(t *testing.T) {
	s := newShop(9, 20)
	s.year = .4
	x, _ := s.days(monday, 1096)
	x.Promo = nil
	for i := range x.Sales { // no promotions in this one
		x.Sales[i] = s.draw(s.mu(i, x.Day(i), 0))
	}
	e := plain()
	f, err := e.Forecast(x, forecasting.Future{}, nil, 90)
	if err != nil {
		t.Fatal(err)
	}
	without, err := New(Options{Calendar: forecasting.NewCalendar(nil), Year: -1}).Forecast(x, forecasting.Future{}, nil, 90)
	if err != nil {
		t.Fatal(err)
	}
	var with, plain, truth float64
	for i := range f.Mean {
		mu := s.mu(1096+i, f.Day(i), 0)
		with += math.Abs(float64(f.Mean[i]) - mu)
		plain += math.Abs(float64(without.Mean[i]) - mu)
		truth += mu
	}
	if with/truth > .12 || with > .6*plain {
		t.Errorf("error %.0f %% with the year, %.0f %% without", 100*with/truth, 100*plain/truth)
	}
	if len(f.Explanation.Yearly) != 90 || f.Explanation.Yearly[0] >= f.Explanation.Yearly[80] {
		t.Errorf("the year rises from January: %v", f.Explanation.Yearly)
	}
}

// TestPoolHelpsTheSparse: the weekday pattern of a group is found from many series of half a piece a day, each of which
// alone knows little.
func TestPoolHelpsTheSparse(t *testing.T) {
	var group []forecasting.Series
	for i := range 60 {
		x, _ := newShop(uint64(100+i), .5).days(monday, 300)
		group = append(group, x)
	}
	e := plain()
	prior := e.Pool(group, nil)
	truth := newShop(1, 1)
	if prior.Series != 60 || math.Abs(prior.Promo-truth.slope) > .5 {
		t.Errorf("prior of %d series: promotion %.2f", prior.Series, prior.Promo)
	}
	var alone, pooled float64
	for i := range group {
		a := e.decompose(&group[i], &forecasting.Future{}, heatInput{})
		b := e.WithPrior(prior).decompose(&group[i], &forecasting.Future{}, heatInput{})
		for p, want := range truth.week {
			alone += math.Abs(a.season[p] - want)
			pooled += math.Abs(b.season[p] - want)
		}
	}
	if pooled > .6*alone {
		t.Errorf("error of the weekdays %.1f pooled, %.1f alone", pooled, alone)
	}
}

func TestPriorIsMended(t *testing.T) {
	e := plain()
	for _, p := range []*Prior{nil, {}, {Season: []float64{1, 2}, Event: make([]float64, 99), Size: -4, Promo: math.NaN()}} {
		x, _ := newShop(2, 5).days(monday, 200)
		f, err := e.WithPrior(p).Forecast(x, forecasting.Future{}, nil, 7)
		if err != nil || f.Mean[0] < 1 {
			t.Errorf("prior %+v: %v, %v", p, f.Mean, err)
		}
	}
	pooled := e.Pool([]forecasting.Series{{Sales: []float64{math.Inf(1)}}, {}}, nil)
	if pooled.Series != 0 || len(pooled.Season) != 7 {
		t.Errorf("a group without demand is neutral: %+v", pooled)
	}
}

func TestPriorIsStoredWhole(t *testing.T) {
	e := plain()
	var group []forecasting.Series
	for i := range 5 {
		s := newShop(uint64(i), 4)
		s.year = .3
		x, _ := s.days(monday, 900)
		group = append(group, x)
	}
	p := e.Pool(group, nil)
	text, err := p.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var q Prior
	if err := q.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	a, err1 := e.WithPrior(p).Forecast(group[0], forecasting.Future{}, nil, 28)
	b, err2 := e.WithPrior(&q).Forecast(group[0], forecasting.Future{}, nil, 28)
	if err1 != nil || err2 != nil || a.Mean[13] != b.Mean[13] || a.Q95[27] != b.Q95[27] {
		t.Errorf("%v and %v, %v %v", a.Mean[13], b.Mean[13], err1, err2)
	}
	if q.UnmarshalJSON([]byte("[")) == nil {
		t.Error("half a text was read")
	}
}

func TestPromotionIsReadFromPrices(t *testing.T) {
	s := newShop(21, 12)
	x, _ := s.days(monday, 500)
	for _, p := range x.Promo {
		x.Price = append(x.Price, 30*(1-p))
	}
	want := plain().decompose(&x, &forecasting.Future{}, heatInput{})
	x.Promo = nil
	x = withPromo(x)
	got := plain().decompose(&x, &forecasting.Future{}, heatInput{})
	if math.Abs(got.slope[0]-want.slope[0]) > .4 || got.promoDays < want.promoDays*8/10 {
		t.Errorf("from prices %.2f over %d days, from depths %.2f over %d", got.slope[0], got.promoDays, want.slope[0], want.promoDays)
	}
}

// TestWithoutAPlanHabitsGoOn: every Double 11 had a promotion. Without a plan the next one is expected to have it too,
// and plain days as many promotions as ever; with an empty plan there is none.
func TestWithoutAPlanHabitsGoOn(t *testing.T) {
	var events []forecasting.Event
	for y := 2021; y <= 2024; y++ {
		events = append(events, forecasting.Event{Code: "double11", From: calendar.Date(y, 11, 10), To: calendar.Date(y, 11, 11)})
	}
	s := newShop(31, 20)
	s.cal, s.events = forecasting.NewCalendar(events), map[string]float64{"double11": 1}
	start := calendar.Date(2021, 11, 1)
	n := calendar.Date(2024, 11, 8).Sub(start)
	x := forecasting.Series{Start: start, Promo: make([]float64, n)}
	for i := range n {
		if s.cal.On(x.Day(i)) != nil {
			x.Promo[i] = .4
		} else if i%10 == 0 {
			x.Promo[i] = .2
		}
		x.Sales = append(x.Sales, s.draw(s.mu(i, x.Day(i), x.Promo[i])))
	}
	e := New(Options{Calendar: s.cal})
	open, err1 := e.Forecast(x, forecasting.Future{}, nil, 6)
	none, err2 := e.Forecast(x, forecasting.Future{Promo: []float64{}}, nil, 6)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	ratio := func(i int) float64 { return float64(open.Mean[i]) / float64(none.Mean[i]) }
	if want := math.Exp(.4 * s.slope); math.Abs(ratio(2)/want-1) > .2 {
		t.Errorf("Double 11 without a plan: ×%.2f, want ×%.2f", ratio(2), want)
	}
	if want := .9 + .1*math.Exp(.2*s.slope); math.Abs(ratio(0)/want-1) > .03 {
		t.Errorf("a plain day without a plan: ×%.3f, want ×%.3f", ratio(0), want)
	}
	if !slices.Contains(open.Explanation.Notes, forecasting.NotePromoAssumed) || slices.Contains(none.Explanation.Notes, forecasting.NotePromoAssumed) {
		t.Errorf("notes %v and %v", open.Explanation.Notes, none.Explanation.Notes)
	}
}
