package models

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

func TestKernel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lag := rapid.IntRange(-14, 60).Draw(t, "lag")
		width := kernelWidth(lag, rapid.Float64Range(.05, .3).Draw(t, "share"))
		from, w := kernel(lag, width)
		sum, centre := 0.0, 0.0
		for i, v := range w {
			if v < 0 {
				t.Fatalf("weight %g", v)
			}
			sum += v
			centre += v * float64(from+i)
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("weights sum to %g", sum)
		}
		if lag >= 0 && from < 0 || lag < 0 && from+len(w) > 0 {
			t.Fatalf("lag %d reaches from %d over %d days", lag, from, len(w))
		}
		if float64(lag) > 3*width && math.Abs(centre-float64(lag)) > .01 {
			t.Fatalf("centre %g of lag %d", centre, lag)
		}
	})
	// Lag 0, one day wide: half a bell, 1 : e^−½ : e^−2 : e^−4½.
	_, w := kernel(0, 1)
	sum := 1 + math.Exp(-.5) + math.Exp(-2) + math.Exp(-4.5)
	if len(w) != 4 || math.Abs(w[0]-1/sum) > 1e-12 || math.Abs(w[1]-math.Exp(-.5)/sum) > 1e-12 {
		t.Errorf("kernel %v", w)
	}
}

func TestBoxCox(t *testing.T) {
	for _, c := range []struct{ x, shape, want float64 }{
		{1, 0, 0}, {1, .5, 0}, {1, 1, 0}, {math.E, 0, 1}, {4, .5, 2}, {3, 1, 2},
	} {
		if got := boxCox(c.x, c.shape); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("g(%g) of shape %g: %g, want %g", c.x, c.shape, got, c.want)
		}
	}
}

// TestMultiplier: heat at three times the usual for long, linear response, elasticity .2: exp(.2·2) once the lag has
// passed, 1 before.
func TestMultiplier(t *testing.T) {
	origin := calendar.Date(2025, 5, 1)
	heat := forecasting.HeatSeries{Start: origin.AddDays(-100)}
	for d := -100; d <= 0; d++ {
		v := 20.0
		if d >= -10 {
			v = 60
		}
		heat.Value = append(heat.Value, v)
	}
	effect := forecasting.TopicEffect{Lag: 20, Width: 1, Elasticity: .2, Shape: 1, Usual: 20, Top: 80, HalfLife: 5, Gate: true}
	got := Multiplier(effect, heat, origin, 40)
	if math.Abs(got[0]-1) > 1e-9 || math.Abs(got[5]-1) > 1e-9 {
		t.Errorf("before the lag has passed: %g, %g", got[0], got[5])
	}
	if want := math.Exp(.4); math.Abs(got[14]-want) > .01 {
		t.Errorf("lag passed: %g, want %g", got[14], want)
	}
	// What is not known yet halves every five days: 20 days after the last known heat (origin−2) it is down to 1/16.
	if want := math.Exp(.4 / 16); math.Abs(got[38]-want) > .01 {
		t.Errorf("forgotten: %g, want %g", got[38], want)
	}
	closed := effect
	closed.Elasticity = math.NaN()
	for _, m := range [][]float64{
		Multiplier(forecasting.TopicEffect{}, heat, origin, 3), Multiplier(effect, forecasting.HeatSeries{}, origin, 3), Multiplier(closed, heat, origin, 3),
	} {
		for _, v := range m {
			if v != 1 {
				t.Errorf("no effect or no heat multiplies by %v", m)
			}
		}
	}
}

// TestHeatBeyondTheKnownIsBelievedLess: a spike ten times hotter than any that was learnt from does not multiply demand
// beyond reason.
func TestHeatBeyondTheKnownIsBelievedLess(t *testing.T) {
	origin := calendar.Date(2025, 5, 1)
	heat := forecasting.HeatSeries{Start: origin.AddDays(-30)}
	for range 30 {
		heat.Value = append(heat.Value, 1000)
	}
	effect := forecasting.TopicEffect{Lag: 2, Width: 1, Elasticity: .7, Shape: 1, Usual: 20, Top: 100, HalfLife: 5, Gate: true}
	got := Multiplier(effect, heat, origin, 1)[0]
	if want := math.Exp(.7 * (4 + math.Log(10))); math.Abs(got-want) > .01*want && got > 50 {
		t.Errorf("%g, want %g or the bound of 50", got, want)
	}
}

func TestHeatIsCleaned(t *testing.T) {
	nan := math.NaN()
	got := cleanHeat([]float64{nan, 20, 21, 300, 22, 20, nan, nan, 26, 24, 25, nan})
	for i, want := range []float64{nan, 20, 21, 21, 22, 20, 22, 24, 26, 24, 25, nan} {
		if math.Abs(got[i]-want) > 1.5 || math.IsNaN(got[i]) != math.IsNaN(want) {
			t.Errorf("day %d: %g, want %g", i, got[i], want)
		}
	}
	leap := []float64{20, 21, 19, 20, 60, 62, 58, 55, 50}
	for i, v := range cleanHeat(leap) {
		if v != leap[i] {
			t.Errorf("a lasting leap was cleaned away on day %d: %g", i, v)
		}
	}
}

// hype makes up heat: level 30, noise, and spikes that rise in three days and halve every halfLife days.
func hype(rng *rand.Rand, n int, starts []int, top, halfLife float64) []float64 {
	out := make([]float64, n)
	for t := range out {
		x := 1.0
		for _, s := range starts {
			switch age := t - s; {
			case age >= 0 && age < 3:
				x += top * float64(age+1) / 3
			case age >= 3:
				x += top * math.Exp2(-float64(age-2)/halfLife)
			}
		}
		out[t] = math.Round(30 * x * math.Exp(.06*rng.NormFloat64()))
	}
	return out
}

// madeUpTopic gives heat and six series that follow it (or not, for e = 0) after lag days.
func madeUpTopic(seed uint64, lag int, e float64) (forecasting.HeatSeries, []forecasting.Series) {
	rng := rand.New(rand.NewPCG(seed, 5))
	var starts []int
	for t := 20 + rng.IntN(30); t < 600; t += 50 + rng.IntN(60) {
		starts = append(starts, t)
	}
	start := monday
	heat := forecasting.HeatSeries{Topic: 7, Source: "search", Start: start, Value: hype(rng, 640, starts, 2, 7)}
	effect := forecasting.TopicEffect{Lag: lag, Width: kernelWidth(lag, .15), Elasticity: e, Shape: 1, Usual: 30, Top: 300, HalfLife: 7}
	path := logMultiplier(effect, heat, start, 640)
	for i := range path {
		path[i] = math.Exp(path[i])
	}
	var members []forecasting.Series
	for i := range 6 {
		s := newShop(seed*100+uint64(i), 6)
		s.heat = path
		x, _ := s.days(start, 640)
		x.SKU = catalog.SKUID(i + 1)
		members = append(members, x)
	}
	return heat, members
}

func TestTopicEffectIsFound(t *testing.T) {
	for _, lag := range []int{0, 5, 21, 45} {
		heat, members := madeUpTopic(uint64(lag+1), lag, .5)
		got := plain().EstimateTopic(heat, members, nil)
		// The response is compared at two and a half times the usual heat, whatever the shape it was found in.
		response := got.Elasticity * boxCox(2.5, got.Shape) / (.5 * 1.5)
		if !got.Gate || math.Abs(float64(got.Lag-lag)) > 2 || math.Abs(response-1) > .25 {
			t.Errorf("lag %d: %+v", lag, got)
		}
		if got.PValue > .03 || got.Gain <= 0 || got.Members != 6 || got.Topic != 7 || got.Source != "search" {
			t.Errorf("lag %d: p %.2f, gain %.1f, %d members", lag, got.PValue, got.Gain, got.Members)
		}
		if i := got.Lag - got.FirstLag; i < 0 || i >= len(got.LagProfile) || got.LagProfile[i] < .1 {
			t.Errorf("lag %d: profile of %d days from %d", lag, len(got.LagProfile), got.FirstLag)
		}
		if math.Abs(got.Usual-30) > 8 || got.HalfLife < 3 || got.HalfLife > 14 {
			t.Errorf("lag %d: usual %.1f, half-life %.1f", lag, got.Usual, got.HalfLife)
		}
	}
}

// TestTheLagThatHoldsNow: after a change the lag of the later days counts; where there was none, no change is seen.
func TestTheLagThatHoldsNow(t *testing.T) {
	const change = 330
	for seed := range uint64(6) {
		heat, before := madeUpTopic(60+seed, 30, .6)
		_, after := madeUpTopic(60+seed, 12, .6)
		if got := plain().EstimateTopic(heat, before, nil); got.Since != 0 || math.Abs(float64(got.Lag-30)) > 2 {
			t.Errorf("seed %d: lag %d since %v where nothing has changed", seed, got.Lag, got.Since)
		}
		for i := range before {
			copy(before[i].Sales[change:], after[i].Sales[change:])
		}
		got := plain().EstimateTopic(heat, before, nil)
		if !got.Gate || math.Abs(float64(got.Lag-12)) > 2 {
			t.Errorf("seed %d: lag %d, gate %v after the change", seed, got.Lag, got.Gate)
		}
		// A change shows only in the next spike, and spikes are up to 110 days apart.
		if off := got.Since.Sub(monday) - change; off < -110 || off > 110 {
			t.Errorf("seed %d: the change is %d days off", seed, off)
		}
	}
}

func TestNoEffectIsClaimedWhereThereIsNone(t *testing.T) {
	open := 0
	for seed := range uint64(12) {
		heat, members := madeUpTopic(40+seed, 5, 0)
		if got := plain().EstimateTopic(heat, members, nil); got.Gate {
			open++
			t.Logf("seed %d: %+v", seed, got)
		}
	}
	if open > 1 {
		t.Errorf("the gate opened for %d of 12 topics without effect", open)
	}
}

// TestHeatThatFollowsDemandIsNoDriver turns cause and effect around: heat of today is the demand of last week.
func TestHeatThatFollowsDemandIsNoDriver(t *testing.T) {
	heat, members := madeUpTopic(3, 0, .6)
	late := heat
	late.Start = heat.Start.AddDays(7)
	got := plain().EstimateTopic(late, members, nil)
	if got.Gate || got.Lag > -4 || !got.Trails() {
		t.Errorf("lag %d, gate %v, trails %v", got.Lag, got.Gate, got.Trails())
	}
	if leads, _ := madeUpTopic(3, 0, .6); plain().EstimateTopic(leads, members, nil).Trails() {
		t.Error("a heat of the same day trails")
	}
}

// TestHeatThatFollowsTellsOfThePast: on the empty shelves of a spike it says how much was wanted, and the spike is not taken for a
// new level.
func TestHeatThatFollowsTellsOfThePast(t *testing.T) {
	const days, from, to = 300, 270, 285
	s := forecasting.Series{Key: forecasting.Key{SKU: 1, Site: 1}, Start: monday}
	heat := forecasting.HeatSeries{Topic: 7, Start: monday.AddDays(7)}
	for day := range days {
		demand, index := 10.0, 30.0
		if day >= from && day < to {
			demand, index = 40, 30*math.Exp(math.Log(4)/.8)
		}
		out := day >= from+5 && day < to
		if out {
			demand = 8 // what there was
		}
		s.Sales, s.SoldOut = append(s.Sales, demand+float64(day%3-1)), append(s.SoldOut, out)
		heat.Value = append(heat.Value, index)
	}
	effect := forecasting.TopicEffect{
		Topic: 7, Lag: -7, Width: 1.1, Elasticity: .8, StdErr: .05, Usual: 30, Top: 200, HalfLife: 3,
	}
	drivers := []forecasting.HeatDriver{{Effect: effect, Heat: heat, Weight: 1}}
	e := plain()
	demand := func(heat []forecasting.HeatDriver) float64 {
		got, err := e.Uncensor(s, heat)
		if err != nil {
			t.Fatal(err)
		}
		return meanOf(got[from+5 : to])
	}
	if with, without := demand(drivers), demand(nil); math.Abs(with-40) > 10 || math.Abs(with-40) > .7*math.Abs(without-40) {
		t.Errorf("40 were wanted on the empty days: %.1f recovered with the heat, %.1f without", with, without)
	}
	level := func(heat []forecasting.HeatDriver) float64 {
		f, err := e.Forecast(s, forecasting.Future{}, heat, 28)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, v := range f.Mean {
			sum += float64(v) / 28
		}
		return sum
	}
	if with, without := level(drivers), level(nil); math.Abs(with-10) > 1 || math.Abs(with-10) >= math.Abs(without-10) {
		t.Errorf("10 a day after the spike: %.2f forecast with the heat, %.2f without", with, without)
	}
}

func TestTopicWithoutData(t *testing.T) {
	heat, members := madeUpTopic(3, 0, .6)
	for name, got := range map[string]forecasting.TopicEffect{
		"no members":     EstimateTopic(heat, nil, nil),
		"no heat":        EstimateTopic(forecasting.HeatSeries{Topic: 7}, members, nil),
		"weight 0":       EstimateTopic(heat, members, make([]float64, 6)),
		"a short time":   EstimateTopic(heat, []forecasting.Series{members[0].Before(monday.AddDays(60))}, nil),
		"heat below 0":   EstimateTopic(forecasting.HeatSeries{Value: []float64{-1}}, members, nil),
		"unreadable":     EstimateTopic(heat, []forecasting.Series{{Sales: []float64{math.Inf(1)}}}, nil),
		"nothing sold":   EstimateTopic(heat, []forecasting.Series{{Start: monday, Sales: make([]float64, 600)}}, nil),
		"heat elsewhere": EstimateTopic(forecasting.HeatSeries{Start: monday.AddDays(5000), Value: heat.Value}, members, nil),
	} {
		if got.Gate || got.Elasticity != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestForecastFollowsHeat: with a spike five days before the origin and a lag of ten, the forecast rises and falls with
// the demand to come.
func TestForecastFollowsHeat(t *testing.T) {
	heat, members := madeUpTopic(17, 10, .5)
	e := plain()
	effect := e.EstimateTopic(heat, members, nil)
	rng := rand.New(rand.NewPCG(1, 1))
	hot := heat
	hot.Value = append(heat.Value[:600:600], hype(rng, 40, []int{0}, 4, 7)...)
	x := members[0].Before(monday.AddDays(605))
	driver := []forecasting.HeatDriver{{Effect: effect, Heat: hot, Weight: 1}}
	f, err := e.Forecast(x, forecasting.Future{}, driver, 30)
	if err != nil {
		t.Fatal(err)
	}
	calm, err := e.Forecast(x, forecasting.Future{}, nil, 30)
	if err != nil {
		t.Fatal(err)
	}
	gain := func(i int) float64 { return float64(f.Mean[i]) / float64(calm.Mean[i]) }
	if gain(7) < 1.8 || gain(7) < 1.4*gain(28) || len(f.Explanation.Heat) != 1 {
		t.Errorf("gain after a week %.2f, after four %.2f; notes %+v", gain(7), gain(28), f.Explanation.Heat)
	}
	driver[0].Effect.Gate = false
	shut, _ := e.Forecast(x, forecasting.Future{}, driver, 30)
	if shut.Mean[7] != calm.Mean[7] || len(shut.Explanation.Heat) != 0 || shut.Explanation.Notes[0] != forecasting.NoteHeatGated {
		t.Error("a shut gate lets no heat through and says so")
	}
}
