package heatmix

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

var day0 = calendar.Date(2024, 1, 1)

// truth is the heat of a topic around 1, with a surge now and then.
func truth(n int, seed uint64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	out, calm := make([]float64, n), 0.0
	for i := range out {
		calm = .9*calm + .08*rng.NormFloat64()
		out[i] = math.Exp(calm)
	}
	for at := 35; at+30 < n; at += 50 + rng.IntN(30) {
		top := 1 + 4*rng.Float64()
		for i := at; i < n; i++ {
			out[i] *= 1 + top*math.Exp(-float64(i-at)/6)
		}
	}
	return out
}

// told is the truth as a source tells it.
func told(name string, truth []float64, level, gain, noise float64, seed uint64) forecasting.HeatSeries {
	rng := rand.New(rand.NewPCG(seed, 2))
	h := forecasting.HeatSeries{Topic: 1, Source: name, Start: day0, Value: make([]float64, len(truth))}
	for i, v := range truth {
		h.Value[i] = level * math.Pow(v, gain) * math.Exp(noise*rng.NormFloat64())
	}
	return h
}

// off gives the root mean square of the logarithm of a heat against the truth, each around its median.
func off(h forecasting.HeatSeries, truth []float64) float64 {
	var d []float64
	for i, v := range truth {
		if x := h.At(day0.AddDays(i)); x > 0 {
			d = append(d, math.Log(x)-math.Log(v))
		}
	}
	m := median(slices.Clone(d))
	ss := 0.0
	for _, x := range d {
		ss += (x - m) * (x - m)
	}
	return math.Sqrt(ss / float64(len(d)))
}

func noteOf(t *testing.T, m Mix, source string) forecasting.SourceNote {
	t.Helper()
	for _, n := range m.Sources {
		if n.Source == source {
			return n
		}
	}
	t.Fatalf("no note of %s in %+v", source, m.Sources)
	return forecasting.SourceNote{}
}

// TestThreeSources: the mix of three is nearer to the truth than any of them, on the scale of the leading one.
func TestThreeSources(t *testing.T) {
	x := truth(700, 1)
	list := []forecasting.HeatSeries{told("search", x, 400, 1, .12, 1), told("posts", x, 90, 1.2, .15, 2), told("comments", x, 2500, .8, .2, 3)}
	m := Of(list, "search")
	best := math.Inf(1)
	for _, h := range list {
		best = min(best, off(h, x))
	}
	if got := off(m.Heat, x); got > .85*best {
		t.Errorf("the mix is %.3f off the truth, the best source %.3f", got, best)
	}
	if m.Heat.Source != "search" || m.Sources[0].Source != "search" || len(m.Apart) != 0 {
		t.Errorf("lead %s, %+v", m.Heat.Source, m.Sources)
	}
	if scale := median(known(m.Heat.Value)) / median(known(slices.Clone(list[0].Value))); scale < .95 || scale > 1.05 {
		t.Errorf("the scale is %.2f of that of the leading source", scale)
	}
	sum := 0.0
	for _, n := range m.Sources {
		sum += n.Weight
		if n.State != forecasting.SourceUsed || n.Weight < .1 || len(n.Rebased) > 0 {
			t.Errorf("%+v", n)
		}
	}
	if math.Abs(sum-1) > 1e-9 || noteOf(t, m, "comments").Weight > noteOf(t, m, "search").Weight {
		t.Errorf("weights %+v", m.Sources)
	}
}

// TestSilence: when the leading source goes silent the others carry the heat on, on its scale; its holes are filled.
func TestSilence(t *testing.T) {
	x := truth(600, 2)
	search, posts := told("search", x, 400, 1, .08, 1), told("posts", x, 90, 1.1, .1, 2)
	search.Value = search.Value[:540]
	for i := 200; i < 214; i++ {
		search.Value[i] = math.NaN()
	}
	m := Of([]forecasting.HeatSeries{search, posts}, "search")
	if m.Heat.End() != posts.End() || m.Heat.Source != "search" {
		t.Fatalf("the heat ends %s, posts %s", m.Heat.End(), posts.End())
	}
	for _, span := range [][2]int{{200, 214}, {540, 600}} {
		worst := 0.0
		for i := span[0]; i < span[1]; i++ {
			worst = max(worst, math.Abs(math.Log(m.Heat.At(day0.AddDays(i))/(400*x[i]))))
		}
		if worst > .6 {
			t.Errorf("days %v are up to %.2f off", span, worst)
		}
	}
	n := noteOf(t, m, "search")
	if n.State != forecasting.SourceSilent || n.Holes != 14 || n.Longest != 14 || n.Known != 526 {
		t.Errorf("%+v", n)
	}
	if n := noteOf(t, m, "posts"); n.State != forecasting.SourceUsed {
		t.Errorf("%+v", n)
	}
}

// TestRebase: a source that counts three times as much from a day on is brought in line, whether it leads or not, alone or not.
func TestRebase(t *testing.T) {
	x := truth(600, 3)
	for name, at := range map[string]int{"long ago": 200, "a fortnight ago": 586} {
		for _, lead := range []string{"search", "posts"} {
			search, posts := told("search", x, 400, 1, .1, 1), told("posts", x, 90, 1.1, .1, 2)
			clean := off(Of([]forecasting.HeatSeries{search, posts}, lead).Heat, x)
			for i := at; i < len(x); i++ {
				search.Value[i] *= 3
			}
			m := Of([]forecasting.HeatSeries{search, posts}, lead)
			if got := off(m.Heat, x); got > clean+.03 {
				t.Errorf("%s, %s leads: %.3f off, without the new scale %.3f", name, lead, got, clean)
			}
			n := noteOf(t, m, "search").Rebased
			if len(n) != 1 || math.Abs(float64(n[0].Day.Sub(day0.AddDays(at)))) > 1 || n[0].Factor < 2.4 || n[0].Factor > 3.7 {
				t.Errorf("%s, %s leads: found %+v, want one of ×3 on day %s", name, lead, n, day0.AddDays(at))
			}
			if other := noteOf(t, m, "posts").Rebased; len(other) > 0 {
				t.Errorf("the other source has not changed: %+v", other)
			}
		}
	}
	alone := told("search", x, 400, 1, .1, 1)
	for i := 300; i < len(x); i++ {
		alone.Value[i] *= 3
	}
	m := Of([]forecasting.HeatSeries{alone}, "")
	if n := m.Sources[0].Rebased; len(n) != 1 || off(m.Heat, x) > .2 {
		t.Errorf("alone: %+v, %.3f off", n, off(m.Heat, x))
	}
	if last := len(x) - 1; m.Heat.Value[last] < .8*alone.Value[last] || m.Heat.Value[last] > 1.25*alone.Value[last] {
		t.Errorf("the newest value was %g and is %g: the new scale is to be kept", alone.Value[last], m.Heat.Value[last])
	}
}

// TestSurgesAreNoRebase: what rises and fades again, as topics do, is left as it is.
func TestSurgesAreNoRebase(t *testing.T) {
	for seed := range uint64(20) {
		x := truth(700, 100+seed)
		m := Of([]forecasting.HeatSeries{told("search", x, 400, 1, .1, seed), told("posts", x, 90, 1.3, .15, seed+50)}, "")
		one := Of([]forecasting.HeatSeries{told("search", x, 400, 1, .1, seed)}, "")
		for _, n := range append(m.Sources, one.Sources...) {
			if len(n.Rebased) > 0 {
				t.Errorf("seed %d: %s: %+v", seed, n.Source, n.Rebased)
			}
		}
	}
}

// TestSpam: a source that bears no relation to the others is left aside, and bursts of one that does are taken out.
func TestSpam(t *testing.T) {
	x := truth(600, 4)
	search, posts := told("search", x, 400, 1, .1, 1), told("posts", x, 90, 1.1, .12, 2)
	rng := rand.New(rand.NewPCG(5, 5))
	spam := forecasting.HeatSeries{Topic: 1, Source: "spam", Start: day0, Value: make([]float64, len(x))}
	level := 50.0
	for i := range spam.Value {
		if rng.IntN(12) == 0 {
			level = 20 * math.Exp(3*rng.Float64())
		}
		spam.Value[i] = level * math.Exp(.3*rng.NormFloat64())
	}
	for _, i := range []int{100, 250, 401} {
		posts.Value[i] *= 8
	}
	clean := off(Of([]forecasting.HeatSeries{search, told("posts", x, 90, 1.1, .12, 2)}, "").Heat, x)
	for _, list := range [][]forecasting.HeatSeries{{search, posts, spam}, {spam, posts, search}} {
		m := Of(list, "")
		if n := noteOf(t, m, "spam"); n.State != forecasting.SourceApart || n.Weight != 0 {
			t.Errorf("%+v", n)
		}
		if n := noteOf(t, m, "posts"); n.Bursts != 3 {
			t.Errorf("bursts: %+v", n)
		}
		if got := off(m.Heat, x); got > clean+.02 {
			t.Errorf("%.3f off, without spam %.3f", got, clean)
		}
		if len(m.Apart) != 1 || m.Apart[0].Source != "spam" {
			t.Errorf("apart: %d", len(m.Apart))
		}
	}
}

// TestShortSource: a source that has only begun is not believed yet.
func TestShortSource(t *testing.T) {
	x := truth(400, 6)
	late := told("posts", x, 90, 1, .1, 2)
	late.Start, late.Value = day0.AddDays(380), late.Value[380:]
	m := Of([]forecasting.HeatSeries{told("search", x, 400, 1, .1, 1), late}, "")
	if n := noteOf(t, m, "posts"); n.State != forecasting.SourceShort || n.Weight != 0 || m.Heat.Source != "search" {
		t.Errorf("%+v", n)
	}
}

// TestMixProperties: what comes out can be read, the order of the sources changes nothing, and multiplying one by a constant
// multiplies the heat of the mix if it leads and does not change it otherwise.
func TestMixProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 220).Draw(t, "days")
		var list []forecasting.HeatSeries
		for k := range rapid.IntRange(1, 4).Draw(t, "sources") {
			h := forecasting.HeatSeries{Topic: 1, Source: string(rune('a' + k)), Start: day0.AddDays(rapid.IntRange(-50, 50).Draw(t, "start"))}
			h.Value = rapid.SliceOfN(rapid.Float64Range(0, 1e6), n, n).Draw(t, "values")
			for i := range h.Value {
				if rapid.IntRange(0, 9).Draw(t, "hole") == 0 {
					h.Value[i] = math.NaN()
				}
			}
			list = append(list, h)
		}
		m := Of(list, "a")
		if err := m.Heat.Validate(); err != nil {
			t.Fatal(err)
		}
		turned := slices.Clone(list)
		slices.Reverse(turned)
		k := rapid.Float64Range(.01, 100).Draw(t, "factor")
		last := len(list) - 1
		scaled := slices.Clone(list)
		scaled[last].Value = slices.Clone(scaled[last].Value)
		for i := range scaled[last].Value {
			scaled[last].Value[i] *= k
		}
		if m.Heat.Source != "a" {
			return // nothing known of it
		}
		if last > 0 {
			k = 1
		}
		for name, other := range map[string]Mix{"turned": Of(turned, "a"), "scaled": Of(scaled, "a")} {
			f := 1.0
			if name == "scaled" {
				f = k
			}
			if len(other.Heat.Value) != len(m.Heat.Value) {
				t.Fatalf("%s: %d days, were %d", name, len(other.Heat.Value), len(m.Heat.Value))
			}
			for i, v := range m.Heat.Value {
				if w := other.Heat.Value[i]; v == v && !(math.Abs(w-f*v) <= 1e-6*(1+f*v)) {
					t.Fatalf("%s: day %d is %g, want %g", name, i, w, f*v)
				}
			}
		}
	})
}

func TestNothingKnown(t *testing.T) {
	for _, list := range [][]forecasting.HeatSeries{nil, {{Source: "a", Start: day0}}, {{Source: "a", Start: day0, Value: []float64{math.NaN()}}}, {{Source: "a", Start: day0, Value: []float64{-1}}}} {
		if m := Of(list, ""); len(m.Heat.Value) != 0 || len(m.Sources) != 0 {
			t.Errorf("%+v", m)
		}
	}
}
