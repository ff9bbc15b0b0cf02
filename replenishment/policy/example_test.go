package policy_test

import (
	"errors"
	"fmt"
	"testing"

	"milkrun/replenishment/policy"
)

// A regional site waits 9 ± 2 days for its goods and is looked at every 3 days; it sells 214 ± 60 a day.
func ExamplePeriodicReview() {
	s := policy.PeriodicReview(0.975, 214, 60, 9, 2, 3)
	fmt.Printf("order up to %.0f, of which %.0f are safety stock\n", s.Level, s.Safety)
	// Output: order up to 3501, of which 933 are safety stock
}

// Four hundred tins for three shops that want six hundred, in cartons of 24.
func ExampleFairShare() {
	fmt.Println(policy.FairShare(400, []int64{300, 200, 100}, []int64{24, 24, 24}))
	// Output: [192 120 72]
}

func ExampleNetwork_Place() {
	n := policy.Network{
		Z: 1.645,
		Stages: []policy.Stage{
			{Time: 28, HoldingCost: 1, MaxOutbound: -1},         // overseas
			{Time: 8, HoldingCost: 1.3, MaxOutbound: -1},        // regional
			{Time: 1, HoldingCost: 1.6, SD: 30, MaxOutbound: 0}, // front
		},
		Arcs: []policy.Arc{{From: 0, To: 1, Quantity: 1}, {From: 1, To: 2, Quantity: 1}},
	}
	p, err := n.Place(0)
	fmt.Printf("%.0f %.0f %v\n", p.Safety, p.Cost, err)
	// Output: [0 296 49] 464 <nil>
}

func TestNetworksThatAreNone(t *testing.T) {
	two := []policy.Stage{{Time: 1, MaxOutbound: -1}, {Time: 1, MaxOutbound: -1}}
	for name, arcs := range map[string][]policy.Arc{
		"a cycle": {{From: 0, To: 1}, {From: 1, To: 0}}, "to nowhere": {{From: 0, To: 5}}, "to itself": {{From: 1, To: 1}},
	} {
		if _, err := (policy.Network{Z: 1, Stages: two, Arcs: arcs}).Place(0); !errors.Is(err, policy.ErrNetwork) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := policy.CumulativeCosts([]float64{1, 1}, arcs, 1); !errors.Is(err, policy.ErrNetwork) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCallersBugsPanic(t *testing.T) {
	for name, f := range map[string]func(){
		"service of 1":       func() { policy.Z(1) },
		"negative cost":      func() { policy.EOQ(-1, 1, 1) },
		"slow production":    func() { policy.EPQ(1, 1, 5, 5) },
		"tiers out of order": func() { policy.EOQAllUnits(1, 1, 1, []policy.PriceTier{{0, 2}, {9, 1}, {5, 1}}) },
		"thin variance":      func() { policy.NegativeBinomialOf(4, 2) },
		"unequal sizes":      func() { policy.FairShare(1, []int64{1}, nil) },
		"dear salvage":       func() { policy.NewsvendorProfit(3, 2, 2, policy.Poisson{Mu: 1}) },
		"not a number":       func() { policy.LeadTimeSD(1, 0/zero(), 1, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

func zero() float64 { return 0 }

// TestScarceSolutions: an approximation that has none says so.
func TestScarceSolutions(t *testing.T) {
	m := policy.RQModel{FixedCost: 1000, HoldingCost: 20, StockoutCost: 1, DemandMean: 10, DemandSD: 3, LeadTime: 1}
	if _, ok := m.ExpectedInventory(); ok {
		t.Error("a solution where stock-outs are free")
	}
}
