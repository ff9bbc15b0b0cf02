package models

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// promoted makes a panel of weekly demand that doubles under a price cut of 30 %, in two categories and at three sites.
func promoted(seed uint64, series, weeks, h int) ([]Member, [][]float64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	var members []Member
	var came [][]float64
	for i := range series {
		level := math.Exp(1 + 2*rng.Float64())
		var y, cut []float64
		for range weeks + h {
			c := 0.0
			if rng.Float64() < .2 {
				c = .3
			}
			cut = append(cut, c)
			mu := level * math.Exp(c/.3*math.Ln2)
			y = append(y, math.Round(max(mu+math.Sqrt(mu)*rng.NormFloat64(), 0)))
		}
		members = append(members, Member{
			Series: forecasting.Series{Start: calendar.Date(2020, 1, 1), Sales: y[:weeks:weeks], Promo: cut[:weeks:weeks]},
			Future: forecasting.Future{Promo: cut[weeks:]},
			Groups: []string{[]string{"milk", "nappies"}[i%2]}, Site: []string{"a", "b", "c"}[i%3],
		})
		came = append(came, y[weeks:])
	}
	return members, came
}

func weekEngine() *Engine {
	return New(Options{Season: 1, Year: -1, Calendar: forecasting.NewCalendar(nil)})
}

func train(t *testing.T, e *Engine, members []Member) *Global {
	t.Helper()
	g, err := e.TrainGlobal(context.Background(), members, GlobalOptions{Horizon: 8, Year: 52, Trees: 60, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestGlobalLearnsPromotions(t *testing.T) {
	members, came := promoted(1, 60, 110, 8)
	e := weekEngine()
	g := train(t, e, members)
	if b := g.Linear.All[0] * -math.Log(.7); math.Abs(b-math.Ln2) > .1 {
		t.Errorf("a cut of 30 %% multiplies by %.2f, want 2", math.Exp(b))
	}
	score := forecasting.Scorer{}
	engine := e.WithGlobal(g)
	for i, m := range members {
		f, err := engine.ForecastMember(m, 8)
		if err != nil {
			t.Fatal(err)
		}
		for k := range f.Mean {
			if !(f.Mean[k] >= 0) || f.Q10[k] > f.Q50[k] || f.Q50[k] > f.Q90[k] || f.Q90[k] > f.Q95[k] || k > 0 && f.CumSD[k] < f.CumSD[k-1] {
				t.Fatalf("series %d day %d: %+v", i, k, f)
			}
		}
		score.Add(m.Series.Sales, came[i], f.Path())
	}
	a := score.Accuracy()
	// The noise alone has a WAPE of .8/√(mean): about 20 %.
	if a.WAPE > 26 || math.Abs(a.Bias) > 4 || math.Abs(a.Cov90-.9) > .05 {
		t.Errorf("%+v", a)
	}
}

func TestGlobalIsStored(t *testing.T) {
	members, _ := promoted(2, 30, 90, 8)
	e := weekEngine()
	g := train(t, e, members)
	text, err := g.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var back Global
	if err := back.UnmarshalBinary(text); err != nil {
		t.Fatal(err)
	}
	for _, m := range members[:5] {
		a, _ := e.WithGlobal(g).ForecastMember(m, 8)
		b, _ := e.WithGlobal(&back).ForecastMember(m, 8)
		for k := range a.Mean {
			if a.Mean[k] != b.Mean[k] || a.Q90[k] != b.Q90[k] {
				t.Fatalf("stored: %v, was %v", b.Mean, a.Mean)
			}
		}
	}
	for _, broken := range [][]byte{nil, []byte("x"), text[:len(text)/2]} {
		if err := new(Global).UnmarshalBinary(broken); !errors.Is(err, ErrGlobal) {
			t.Errorf("%d bytes: %v", len(broken), err)
		}
	}
}

// TestGlobalLooksBackOnly: what comes after the origin, and the number of workers, change nothing.
func TestGlobalLooksBackOnly(t *testing.T) {
	members, _ := promoted(3, 24, 90, 8)
	e := weekEngine()
	one, err := e.TrainGlobal(context.Background(), members, GlobalOptions{Horizon: 8, Year: 52, Trees: 20, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range members {
		members[i].Series.Sales = append(members[i].Series.Sales[:90:90], 1e6)[:90] // beyond the end
	}
	two, err := e.TrainGlobal(context.Background(), members, GlobalOptions{Horizon: 8, Year: 52, Trees: 20, Workers: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range members {
		a, _ := e.WithGlobal(one).ForecastMember(m, 8)
		b, _ := e.WithGlobal(two).ForecastMember(m, 8)
		for k := range a.Mean {
			if a.Mean[k] != b.Mean[k] {
				t.Fatalf("%v and %v", a.Mean, b.Mean)
			}
		}
	}
}

func TestGlobalAnswersStrangeSeries(t *testing.T) {
	members, _ := promoted(4, 24, 90, 8)
	e := weekEngine()
	engine := e.WithGlobal(train(t, e, members))
	zeros, unknown := make([]float64, 60), make([]float64, 60)
	for i := range unknown {
		unknown[i] = math.NaN()
	}
	for name, y := range map[string][]float64{"empty": nil, "one": {3}, "zeros": zeros, "unknown": unknown, "short": {0, 2, math.NaN(), 5}} {
		f, err := engine.ForecastMember(Member{Series: forecasting.Series{Sales: y}, Groups: []string{"nobody's"}}, 12)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, v := range append(f.Mean, f.Q95...) {
			if !(v >= 0) || math.IsInf(float64(v), 0) {
				t.Errorf("%s: %v", name, f.Mean)
				break
			}
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.TrainGlobal(ctx, members, GlobalOptions{Horizon: 8}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := e.TrainGlobal(context.Background(), nil, GlobalOptions{}); err != nil {
		t.Errorf("no members: %v", err)
	}
}
