package models

import (
	"math"
	"math/rand/v2"
	"testing"

	"milkrun/forecasting"
)

// TestHoursSoldOut: where it is known how long the shelf was empty, the demand of the empty hours is what is expected of them, closer to
// the truth than what the flag alone lets guess.
func TestHoursSoldOut(t *testing.T) {
	const n, rate = 420, 8.0
	rng := rand.New(rand.NewPCG(4, 4))
	s := forecasting.Series{Start: monday, Sales: make([]float64, n), SoldOut: make([]bool, n), OutShare: make([]float64, n)}
	truth := make([]float64, n)
	for i := range n {
		s.OutShare[i] = math.NaN()
		open := 1.0
		if i%6 == 5 {
			s.SoldOut[i], s.OutShare[i] = true, .2+.6*rng.Float64()
			open = 1 - s.OutShare[i]
		}
		// Demand comes through the day evenly: what falls into the empty hours is not sold.
		for k := rng.ExpFloat64() / rate; k < 1; k += rng.ExpFloat64() / rate {
			truth[i]++
			if k < open {
				s.Sales[i]++
			}
		}
	}
	off := func(s forecasting.Series) (abs, bias float64) {
		got, err := New(Options{}).Uncensor(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if s.SoldOut[i] {
				abs += math.Abs(got[i] - truth[i])
				bias += got[i] - truth[i]
			}
		}
		return abs, bias
	}
	hours, bias := off(s)
	flag := s
	flag.OutShare = nil
	alone, _ := off(flag)
	if hours > .95*alone || math.Abs(bias) > .08*rate*n/6 {
		t.Errorf("off by %.0f pieces with the hours (bias %.0f), %.0f with the flag alone", hours, bias, alone)
	}
	bad := s
	bad.OutShare = append([]float64(nil), s.OutShare...)
	bad.OutShare[5] = 1.5
	if _, err := New(Options{}).Uncensor(bad, nil); err == nil {
		t.Error("a share above 1 is taken")
	}
}
