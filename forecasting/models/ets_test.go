package models

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// oil is the production of Saudi Arabia 1996–2013 in million tonnes, air the passengers of Australian airlines 1990–2016 in
// millions: tables 7.1 and 7.2 of Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 2nd edition.
var (
	oil = []float64{
		445.3641, 453.1950, 454.4096, 422.3789, 456.0371, 440.3866, 425.1944, 486.2052, 500.4291,
		521.2759, 508.9488, 488.8889, 509.8706, 456.7229, 473.8166, 525.9509, 549.8338, 542.3405,
	}
	air = []float64{
		17.55, 21.86, 23.89, 26.93, 26.89, 28.83, 30.08, 30.95, 30.19, 31.58, 32.58, 33.48, 39.02, 41.39,
		41.60, 44.66, 46.95, 48.73, 51.49, 50.03, 60.64, 63.36, 66.36, 68.20, 68.12, 69.78, 72.60,
	}
)

// TestSimpleSmoothing: with α = 0.8339 and ℓ₀ = 446.5868 the book's forecast is 542.6806.
func TestSimpleSmoothing(t *testing.T) {
	m := ets{alpha: .8339, phi: 1, l: 446.5868}
	m.run(oil)
	got := make([]float64, 2)
	m.Mean(got)
	if math.Abs(got[0]-542.6806) > .01 || got[1] != got[0] {
		t.Errorf("forecast %v, want 542.6806", got)
	}
}

// TestSimpleSmoothingIsFitted: the search finds the book's constants.
func TestSimpleSmoothingIsFitted(t *testing.T) {
	start, _ := etsStart(oil, noSeason, 1)
	m, _ := ETS{}.fitForm(oil, etsForm{}, start, len(oil))
	if math.Abs(m.alpha-.8339) > .02 {
		t.Errorf("alpha %g, want .8339", m.alpha)
	}
	got := make([]float64, 1)
	m.Mean(got)
	if math.Abs(got[0]-542.68) > .3 {
		t.Errorf("forecast %g, want 542.68", got[0])
	}
}

// TestHolt: with α = 0.8321, β* = 0.0001, ℓ₀ = 15.57 and b₀ = 2.102 the book's forecasts rise from 74.60 to 83.01.
func TestHolt(t *testing.T) {
	m := ets{form: etsForm{trend: fullTrend}, alpha: .8321, beta: .0001 / .8321, phi: 1, l: 15.57, b: 2.102}
	m.run(air)
	got := make([]float64, 5)
	m.Mean(got)
	for i, want := range []float64{74.60, 76.70, 78.80, 80.91, 83.01} {
		if math.Abs(got[i]-want) > .03 {
			t.Errorf("step %d: %.2f, want %.2f", i+1, got[i], want)
		}
	}
}

// TestDampedTrend: the trend of a forecast h steps ahead is b·(φ + φ² + … + φ^h).
func TestDampedTrend(t *testing.T) {
	m := ets{form: etsForm{trend: dampedTrend}, phi: .9, l: 10, b: 2}
	got := make([]float64, 3)
	m.Mean(got)
	for i, want := range []float64{11.8, 13.42, 14.878} {
		if math.Abs(got[i]-want) > 1e-9 {
			t.Errorf("step %d: %g, want %g", i+1, got[i], want)
		}
	}
}

// TestHoltWinters does one step of each season by hand: ℓ = 10, b = 1, season of the place 2 (or ×1.2), α = β* = .5
// (β = .25), γ = .4·(1−α) = .2, value 15.
func TestHoltWinters(t *testing.T) {
	add := ets{form: etsForm{trend: fullTrend, season: additiveSeason}, alpha: .5, beta: .5, gamma: .4, phi: 1, l: 10, b: 1, s: []float64{2, -2}}
	add.run([]float64{15}) // expected 13, error 2
	if add.l != 12 || add.b != 1.5 || math.Abs(add.s[0]-2.4) > 1e-12 || add.next != 1 {
		t.Errorf("additive: %+v", add)
	}
	mul := ets{form: etsForm{trend: fullTrend, season: multiplicativeSeason}, alpha: .5, beta: .5, gamma: .4, phi: 1, l: 10, b: 1, s: []float64{1.2, .8}}
	mul.run([]float64{15}) // expected 13.2, error 1.8
	if math.Abs(mul.l-(11+.9/1.2)) > 1e-12 || math.Abs(mul.b-(1+.45/1.2)) > 1e-12 || math.Abs(mul.s[0]-(1.2+.2*1.8/11)) > 1e-12 {
		t.Errorf("multiplicative: %+v", mul)
	}
}

func TestETSFindsTheWeek(t *testing.T) {
	var y []float64
	for i := range 140 {
		y = append(y, 20+.1*float64(i)+[]float64{0, 0, 0, 0, 2, 8, 6}[i%7])
	}
	f, ok := ETS{}.Fit(Problem{Y: y[:126], Season: 7})
	if !ok {
		t.Fatal("not fitted")
	}
	got := make([]float64, 14)
	f.Mean(got)
	for i, v := range got {
		if math.Abs(v-y[126+i]) > .8 {
			t.Errorf("day %d: %.2f, want %.2f", i, v, y[126+i])
		}
	}
}

func TestAICc(t *testing.T) {
	if got := aicc(100, 3, 20); math.Abs(got-(100+6+24.0/16)) > 1e-12 {
		t.Errorf("AICc %g", got)
	}
	if !math.IsInf(aicc(100, 9, 10), 1) {
		t.Error("too many parameters are impossible")
	}
}

// localModels are the models whose forecasts must follow a change of the unit exactly.
var localModels = []Model{
	SeasonalNaive{}, Window{28}, TSB{}, ETS{Plain: true}, ETS{}, Theta{}, Theta{Fixed: true}, Deseasonal{ETS{Plain: true}},
	Combination{Title: "ets+theta", Members: []Model{ETS{}, Theta{Fixed: true}}},
}

// drawSeries makes a short series with gaps and zeros.
func drawSeries(t *rapid.T, least int) []float64 {
	y := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float64 {
		switch k := rapid.IntRange(0, 9).Draw(t, "kind"); {
		case k == 0:
			return math.NaN()
		case k < 4:
			return 0
		default:
			return float64(rapid.IntRange(1, 40).Draw(t, "pieces"))
		}
	}), least, 90).Draw(t, "series")
	return y
}

// TestModelsScale: demand counted in dozens gives the forecast in dozens. A power of two scales floating-point numbers
// without rounding, so that the searches take the same way.
func TestModelsScale(t *testing.T) {
	for _, m := range localModels {
		t.Run(m.Name(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				y := drawSeries(t, 1)
				scaled := make([]float64, len(y))
				for i, v := range y {
					scaled[i] = 8 * v
				}
				a, ok1 := m.Fit(Problem{Y: y, Season: 7})
				b, ok2 := m.Fit(Problem{Y: scaled, Season: 7})
				if ok1 != ok2 {
					t.Fatalf("fitted %v, scaled %v", ok1, ok2)
				}
				if !ok1 {
					return
				}
				p, q := make([]float64, 9), make([]float64, 9)
				a.Mean(p)
				b.Mean(q)
				for i := range p {
					if math.Abs(8*p[i]-q[i]) > .02*(math.Abs(q[i])+8) {
						t.Fatalf("day %d: %g times 8 is not %g", i, p[i], q[i])
					}
				}
			})
		})
	}
}

// TestExtendIsMoreOfTheSame: a state carried on over further values, with them given at once or in two parts, is the
// same.
func TestExtendIsMoreOfTheSame(t *testing.T) {
	for _, m := range localModels {
		t.Run(m.Name(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				y := drawSeries(t, 30)
				f, ok := m.Fit(Problem{Y: y[:len(y)-10], Season: 7})
				if !ok {
					return
				}
				before := make([]float64, 8)
				f.Mean(before)
				p, q, after := make([]float64, 8), make([]float64, 8), make([]float64, 8)
				f.Extend(y[len(y)-10:]).Mean(p)
				f.Extend(y[len(y)-10 : len(y)-4]).Extend(y[len(y)-4:]).Mean(q)
				f.Mean(after)
				for i := range p {
					if math.Abs(p[i]-q[i]) > 1e-9*(1+math.Abs(p[i])) {
						t.Fatalf("at once %v, in parts %v", p, q)
					}
					if before[i] != after[i] {
						t.Fatal("Extend changed what it extended")
					}
				}
			})
		})
	}
}
