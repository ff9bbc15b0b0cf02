package lotplan_test

import (
	"testing"

	"pgregory.net/rapid"

	"milkrun/c2m/lotplan"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

func two(a, b lotplan.Factory) []lotplan.Factory {
	a.ID, b.ID = "A", "B"
	for _, f := range []*lotplan.Factory{&a, &b} {
		if f.Capacity == 0 {
			f.Capacity = 10_000
		}
		f.LeadDays = 10
	}
	return []lotplan.Factory{a, b}
}

func TestSharesDecideBetweenPlansOfEqualCost(t *testing.T) {
	n := lotplan.Need{Pieces: 1000, DueDays: 20}
	all := two(lotplan.Factory{Price: 900, ShareBP: 3000}, lotplan.Factory{Price: 900, ShareBP: 7000})
	got, err := lotplan.Best(n, all)
	if err != nil || got.Of("A") != 300 || got.Of("B") != 700 || got.Cost != 900_000 || got.Extra != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	all[0].Price = 899 // a fen cheaper: without slack it makes all
	if got, err = lotplan.Best(n, all); err != nil || got.Of("A") != 1000 || got.Extra != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	why := lotplan.Reasons(n, all, got)
	if why[0].Why != lotplan.WhyCheapest || why[1].Why != lotplan.WhyDear || why[0].MadeBP != 10_000 || why[1].ShareBP != 7000 {
		t.Errorf("%+v", why)
	}
}

func TestSharesMayCostWhatTheBuyerAllows(t *testing.T) {
	n := lotplan.Need{Pieces: 1000, DueDays: 20, ShareSlackBP: 100} // 1 % of 900,000 fen
	all := two(lotplan.Factory{Price: 900, ShareBP: 5000}, lotplan.Factory{Price: 930, ShareBP: 5000})
	got, err := lotplan.Best(n, all)
	// 9,000 fen buy 300 pieces at 30 fen more.
	if err != nil || got.Of("B") != 300 || got.Of("A") != 700 || got.Extra != 9000 || got.Cost != 909_000 {
		t.Fatalf("%+v, %v", got, err)
	}
	why := lotplan.Reasons(n, all, got)
	if why[0].Why != lotplan.WhyShare || why[1].Why != lotplan.WhyShare || why[1].Cheapest != 0 || why[1].MadeBP != 3000 {
		t.Errorf("%+v", why)
	}
	n.ShareSlackBP = 10_000
	if got, err = lotplan.Best(n, all); err != nil || got.Of("B") != 500 || got.Extra != 15_000 {
		t.Errorf("%+v, %v", got, err)
	}
	all[1].MOQ = 800 // its share is below its minimum: 800 are 600 pieces away from the shares, none are 1,000
	if got, err = lotplan.Best(n, all); err != nil || got.Of("B") != 800 || got.Of("A") != 200 {
		t.Errorf("%+v, %v", got, err)
	}
	all = append(all, lotplan.Factory{ID: "C", Price: 100, Capacity: 5000, LeadDays: 30, ShareBP: 1000}, lotplan.Factory{ID: "D", Price: 100, Capacity: 10, MOQ: 20, LeadDays: 3})
	why = lotplan.Reasons(n, all, got)
	if why[2].Why != lotplan.WhyLate || why[3].Why != lotplan.WhyCapacity {
		t.Errorf("%+v", why)
	}
}

// Whatever the shares are, the plan is feasible, costs no more than the slack allows, tells what it costs above the least, and is no further
// from the shares than the cheapest plan is.
func TestSharesNeverCostMoreThanTheSlack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []lotplan.Factory
		for i := range rapid.IntRange(1, 5).Draw(t, "factories") {
			f := lotplan.Factory{ID: string(rune('A' + i)), MOQ: quantity.Pieces(rapid.IntRange(0, 300).Draw(t, "moq")), Price: money.Fen(rapid.IntRange(500, 520).Draw(t, "price")),
				Setup: money.Fen(rapid.IntRange(0, 5000).Draw(t, "setup")), LeadDays: rapid.IntRange(1, 30).Draw(t, "lead"), ShareBP: rapid.IntRange(0, 5000).Draw(t, "share")}
			f.Capacity = f.MOQ + quantity.Pieces(rapid.IntRange(0, 800).Draw(t, "capacity"))
			if rapid.Bool().Draw(t, "break") {
				f.Breaks = []lotplan.Break{{From: f.MOQ + 100, Price: f.Price - 10}}
			}
			all = append(all, f)
		}
		n := lotplan.Need{Pieces: quantity.Pieces(rapid.IntRange(1, 1500).Draw(t, "need")), DueDays: 30, Surplus: 100, ShareSlackBP: rapid.IntRange(0, 500).Draw(t, "slack")}
		got, err := lotplan.Best(n, all)
		if err != nil {
			return
		}
		plain := make([]lotplan.Factory, len(all))
		for i, f := range all {
			plain[i] = f
			plain[i].ShareBP = 0
		}
		least, err := lotplan.Best(n, plain)
		if err != nil {
			t.Fatal(err)
		}
		var made quantity.Pieces
		var cost money.Fen
		for _, p := range got.Parts {
			made, cost = made+p.Pieces, cost+p.Cost()
			for _, f := range all {
				if f.ID == p.Factory && (p.Pieces < max(f.MOQ, 1) || p.Pieces > f.Capacity) {
					t.Fatalf("%s makes %d of %d to %d", f.ID, p.Pieces, f.MOQ, f.Capacity)
				}
			}
		}
		cost += n.Surplus * money.Fen(got.Surplus)
		if made != n.Pieces+got.Surplus || cost != got.Cost || got.Extra != got.Cost-least.Cost || got.Extra < 0 || got.Extra > least.Cost*money.Fen(n.ShareSlackBP)/10_000 {
			t.Fatalf("%+v against %+v", got, least)
		}
		away := func(s lotplan.Split) (d int64) {
			sum := int64(0)
			for _, f := range all {
				sum += int64(f.ShareBP)
			}
			for _, f := range all {
				if sum > 0 {
					x := int64(s.Of(f.ID)) - (int64(n.Pieces)*int64(f.ShareBP)+sum/2)/sum
					d += max(x, -x)
				}
			}
			return d
		}
		// Factories that cannot make it at all are left out of the shares, which this sum does not know: compare where all can.
		usable := true
		for _, f := range all {
			usable = usable && f.Capacity > 0
		}
		if usable && away(got) > away(least) {
			t.Fatalf("%d from the shares, the cheapest is %d: %+v, %+v", away(got), away(least), got, least)
		}
	})
}
