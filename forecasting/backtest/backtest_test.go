package backtest

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

func TestOrigins(t *testing.T) {
	for _, c := range []struct {
		n, span, count, least int
		want                  []int
	}{
		{100, 10, 3, 20, []int{70, 80, 90}},
		{100, 10, 3, 75, []int{80, 90}},
		{100, 10, 3, 95, nil},
		{100, 0, 3, 1, nil},
		{5, 10, 3, 1, nil},
		{0, 1, 1, 0, nil},
	} {
		if got := Origins(c.n, c.span, c.count, c.least); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v", c, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n, span := rapid.IntRange(0, 400).Draw(t, "n"), rapid.IntRange(1, 50).Draw(t, "span")
		least := rapid.IntRange(0, 300).Draw(t, "least")
		for _, o := range Origins(n, span, rapid.IntRange(0, 9).Draw(t, "count"), least) {
			if o < max(least, 1) || o+span > n {
				t.Fatalf("origin %d of %d days, span %d, least %d", o, n, span, least)
			}
		}
	})
}

// TestScore: errors +1, −3 on actuals 2, 5, then +2 on 1 (a NaN between): squares 1 9 4, means of the spans −1 and 2.
func TestScore(t *testing.T) {
	var s Score
	s.Add([]float64{3, 9, 2}, []float64{2, math.NaN(), 5})
	s.Add([]float64{3}, []float64{1})
	s.Add([]float64{3}, []float64{math.NaN()})
	for name, c := range map[string][2]float64{
		"RMSE": {s.RMSE(), math.Sqrt(14.0 / 3)}, "MAE": {s.MAE(), 2}, "bias": {s.Bias(), 0},
		"total": {s.TotalRMSE(), math.Sqrt((1 + 4) / 2.0)}, "points": {float64(s.Points()), 3},
	} {
		if math.Abs(c[0]-c[1]) > 1e-12 {
			t.Errorf("%s %g, want %g", name, c[0], c[1])
		}
	}
	if !math.IsNaN((Score{}).RMSE()) || !math.IsNaN((Score{}).Bias()) {
		t.Error("nothing scored has no error")
	}
}

// constant forecasts the same every day and writes down what it was shown.
type constant struct {
	value float32
	shown *[]int
	err   error
}

func (c constant) Forecast(s forecasting.Series, fut forecasting.Future, _ []forecasting.HeatDriver, h int) (forecasting.Forecast, error) {
	if c.shown != nil {
		*c.shown = append(*c.shown, s.Len(), len(fut.Promo))
	}
	v := slices.Repeat([]float32{c.value}, h)
	return forecasting.Forecast{Mean: v, Q10: v, Q50: v, Q90: v, Q95: v, CumSD: v}, c.err
}

func alternating(n int) forecasting.Series {
	s := forecasting.Series{Start: calendar.Date(2024, 1, 1), SoldOut: make([]bool, n), Promo: make([]float64, n)}
	for i := range n {
		s.Sales = append(s.Sales, float64(2+4*(i%2)))
	}
	return s
}

func TestRun(t *testing.T) {
	var shown []int
	s := alternating(60)
	s.SoldOut[59] = true
	plan := Plan{Span: 10, Origins: 2, MinTrain: 20, Season: 2, Workers: 1}
	r, err := Run(context.Background(), constant{value: 4, shown: &shown}, []Case{{Series: s}, {Series: alternating(15)}}, plan)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(shown, []int{40, 20, 50, 10}) {
		t.Errorf("shown %v: days of history and of plan", shown)
	}
	// Always 2 off, in-sample differences are 4; the naive method of season 2 is right every day.
	if r.Short != 1 || r.Model.Points != 19 || r.Model.RMSSE != .5 || r.Naive.RMSSE != 0 || r.Naive.WAPE != 0 {
		t.Errorf("%+v", r)
	}
	if len(r.Ahead) != 2 || r.Ahead[0].To != 7 || r.Ahead[1].From != 8 || r.Ahead[1].To != 10 || r.Ahead[1].Model.Points != 5 {
		t.Errorf("stretches %+v", r.Ahead)
	}
	if v := r.ValueAdded(); v != 0 {
		t.Errorf("value added %g over a perfect yardstick", v)
	}
	half := Report{Model: forecasting.Accuracy{RMSSE: .6}, Naive: forecasting.Accuracy{RMSSE: .8}}
	if v := half.ValueAdded(); math.Abs(v-25) > 1e-9 {
		t.Errorf("value added %g, want 25 %%", v)
	}
}

func TestRunDoesNotDependOnWorkers(t *testing.T) {
	var cases []Case
	for n := range 40 {
		cases = append(cases, Case{Series: alternating(50 + 7*n)})
	}
	one, err1 := Run(context.Background(), constant{value: 3}, cases, Plan{Span: 9, Origins: 3, Workers: 1})
	four, err4 := Run(context.Background(), constant{value: 3}, cases, Plan{Span: 9, Origins: 3, Workers: 4})
	if err1 != nil || err4 != nil || one.Model != four.Model || one.Naive.RMSSE != four.Naive.RMSSE {
		t.Errorf("%+v\n%+v\n%v %v", one.Model, four.Model, err1, err4)
	}
}

func TestRunStops(t *testing.T) {
	broken := errors.New("broken")
	cases := slices.Repeat([]Case{{Series: alternating(60)}}, 50)
	if _, err := Run(context.Background(), constant{err: broken}, cases, Plan{Span: 5, Origins: 1}); !errors.Is(err, broken) {
		t.Errorf("%v, want the forecaster's error", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, constant{}, cases, Plan{Span: 5, Origins: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the end of the context", err)
	}
	if r, err := Run(context.Background(), constant{}, nil, Plan{Span: 5, Origins: 1}); err != nil || r.ValueAdded() != 0 {
		t.Errorf("no cases: %+v, %v", r, err)
	}
}
