package forecasting

import (
	"errors"
	"math"
	"testing"

	"milkrun/internal/calendar"
)

func TestSeriesBefore(t *testing.T) {
	start := calendar.Date(2024, 1, 1)
	s := Series{
		Start: start, Sales: []float64{1, 2, 3, 4}, SoldOut: make([]bool, 4), Promo: make([]float64, 4),
		Price: make([]float64, 4), Extra: [][]float64{{5, 6, 7, 8}},
	}
	for cut, want := range map[int]int{-3: 0, 0: 0, 2: 2, 4: 4, 9: 4} {
		b := s.Before(start.AddDays(cut))
		if b.Len() != want || len(b.SoldOut) != want || len(b.Promo) != want || len(b.Price) != want || len(b.Extra[0]) != want {
			t.Errorf("before day %d: %d days, want %d", cut, b.Len(), want)
		}
		if err := b.Validate(); err != nil {
			t.Errorf("before day %d: %v", cut, err)
		}
	}
	if s.End() != start.AddDays(4) || s.Day(2) != start.AddDays(2) {
		t.Errorf("end %s, day 2 %s", s.End(), s.Day(2))
	}
}

func TestSeriesValidate(t *testing.T) {
	good := func() Series {
		return Series{Key: Key{SKU: 7, Site: 2}, Start: calendar.Date(2024, 2, 28), Sales: []float64{1, math.NaN(), -2}}
	}
	if err := good().Validate(); err != nil {
		t.Errorf("returns and unknown days are legal: %v", err)
	}
	for name, c := range map[string]struct {
		spoil func(*Series)
		field string
		row   int
	}{
		"infinite sales":  {func(s *Series) { s.Sales[1] = math.Inf(1) }, "Sales", 1},
		"absurd sales":    {func(s *Series) { s.Sales[0] = 2 * MaxPieces }, "Sales", 0},
		"short sold out":  {func(s *Series) { s.SoldOut = make([]bool, 2) }, "SoldOut", -1},
		"short promo":     {func(s *Series) { s.Promo = make([]float64, 1) }, "Promo", -1},
		"short price":     {func(s *Series) { s.Price = make([]float64, 5) }, "Price", -1},
		"promo above one": {func(s *Series) { s.Promo = []float64{0, 0, 1.5} }, "Promo", 2},
		"negative price":  {func(s *Series) { s.Price = []float64{1, -1, 1} }, "Price", 1},
		"short extra":     {func(s *Series) { s.Extra = [][]float64{{1}} }, "Extra[0]", -1},
		"wild extra":      {func(s *Series) { s.Extra = [][]float64{{0, 0, 1e9}} }, "Extra[0]", 2},
	} {
		s := good()
		c.spoil(&s)
		err := s.Validate()
		var fault *SeriesError
		if !errors.Is(err, ErrSeries) || !errors.As(err, &fault) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if fault.Field != c.field || fault.Row != c.row || fault.Key != s.Key {
			t.Errorf("%s: %+v", name, fault)
		}
		if c.row >= 0 && fault.Day != s.Day(c.row) {
			t.Errorf("%s: on %s", name, fault.Day)
		}
	}
}

func TestFuture(t *testing.T) {
	f := Future{Promo: []float64{.2, math.NaN(), 3, -1}, Extra: [][]float64{{4, math.Inf(1)}}}
	for i, want := range []float64{.2, 0, 1, 0, 0} {
		if got := f.Depth(i); got != want {
			t.Errorf("depth of day %d: %g, want %g", i, got, want)
		}
	}
	if f.Depth(-1) != 0 || f.Driver(0, 0) != 4 || f.Driver(0, 1) != 0 || f.Driver(0, 2) != 0 || f.Driver(1, 0) != 0 {
		t.Error("what is not known in advance is 0")
	}
}

func TestForecastOver(t *testing.T) {
	f := Forecast{Mean: []float32{1, 2, 3, 4}, CumSD: []float32{1, 2, 3, 4}}
	for _, c := range []struct {
		days     int
		mean, sd float64
	}{{0, 0, 0}, {-2, 0, 0}, {1, 1, 1}, {4, 10, 4}, {6, 10 + 2*2.5, 4 * 1.5}} {
		mean, sd := f.Over(c.days)
		if math.Abs(mean-c.mean) > 1e-9 || math.Abs(sd-c.sd) > 1e-9 {
			t.Errorf("over %d days: %g ± %g, want %g ± %g", c.days, mean, sd, c.mean, c.sd)
		}
	}
	none := Forecast{Mean: []float32{0, 0}, CumSD: []float32{1, 2}}
	if mean, sd := none.Over(8); mean != 0 || math.Abs(sd-4) > 1e-9 {
		t.Errorf("nothing over 8 days: %g ± %g", mean, sd)
	}
}
