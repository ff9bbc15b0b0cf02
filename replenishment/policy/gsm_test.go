package policy_test

import (
	"math/rand/v2"
	"testing"

	"milkrun/replenishment/policy"
)

// tree makes a supply network of so many stages in which each supplies one earlier stage, by chance.
func tree(stages int) policy.Network {
	rng := rand.New(rand.NewPCG(7, 7))
	n := policy.Network{Z: 1.645}
	for i := range stages {
		s := policy.Stage{Time: 1 + rng.IntN(5), HoldingCost: 1 + 10*rng.Float64(), MaxOutbound: -1}
		if i == 0 || rng.IntN(3) == 0 {
			s.SD = 5 + 20*rng.Float64()
		}
		if i == 0 {
			s.MaxOutbound = 0
		}
		n.Stages = append(n.Stages, s)
		if i > 0 {
			n.Arcs = append(n.Arcs, policy.Arc{From: i, To: rng.IntN(i), Quantity: 1})
		}
	}
	return n
}

// A tree is placed exactly: the bound is the cost.
func TestPlaceATree(t *testing.T) {
	p, err := tree(300).Place(1000)
	if err != nil {
		t.Fatal(err)
	}
	if gap := p.Cost - p.Bound; gap > 1e-6*p.Cost || gap < -1e-6*p.Cost {
		t.Errorf("cost %v, bound %v", p.Cost, p.Bound)
	}
}

func BenchmarkPlace2000Stages(b *testing.B) {
	n := tree(2000)
	for b.Loop() {
		if _, err := n.Place(1000); err != nil {
			b.Fatal(err)
		}
	}
}
