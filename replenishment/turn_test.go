package replenishment_test

import (
	"testing"

	"pgregory.net/rapid"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

// shared is the teether with a second supplier that is no backup and a little dearer.
func shared(a, b int) replenishment.Snapshot {
	in := teether()
	other := in.Sources[0]
	other.Supplier, other.Code, other.Name = quick, "QUICK", catalog.Name{ZH: "快厂"}
	other.Breaks = []catalog.PriceBreak{{From: 1, Price: other.PriceAt(other.MOQ) + 40}}
	in.Sources[0].ShareBP, other.ShareBP = a, b
	in.Sources = append(in.Sources, other)
	return in
}

func bought(t interface{ Fatalf(string, ...any) }, in replenishment.Snapshot) replenishment.Suggestion {
	all := find(replenishment.Plan(in), replenishment.Buy, jiaxing)
	if len(all) != 1 || all[0].Explanation.Turn == nil {
		t.Fatalf("%d purchases: %+v", len(all), all)
	}
	return all[0]
}

func TestTheSupplierFurthestBehindItsShareHasItsTurn(t *testing.T) {
	in := shared(6000, 4000)
	in.Sources[0].Given, in.Sources[1].Given = 9000, 3000 // 75 % to 25 %
	b := bought(t, in)
	turn := b.Explanation.Turn
	if b.Supplier != quick || turn.Why != replenishment.TurnShare || len(turn.Rivals) != 2 || !turn.Rivals[0].Chosen || turn.Rivals[0].GivenBP != 2500 || turn.Rivals[0].ShareBP != 4000 ||
		turn.Rivals[1].Chosen || turn.Rivals[1].Supplier != beili || turn.Rivals[0].Unit <= turn.Rivals[1].Unit {
		t.Errorf("supplier %d, %+v", b.Supplier, turn)
	}
	if u := replenishment.UsualSource(in.Sources); u != quick {
		t.Errorf("the comparison would order from %d", u)
	}
	in.Sources[1].Given = 9000 // now the first one is behind
	if b := bought(t, in); b.Supplier != beili || b.Explanation.Turn.Why != replenishment.TurnShare {
		t.Errorf("supplier %d, %+v", b.Supplier, b.Explanation.Turn)
	}
	// What is approved and not yet ordered counts as given.
	in.Sources[0].Given, in.Sources[1].Given = 6000, 4000
	first := bought(t, in)
	in.Open = []replenishment.Need{{ID: 4, Key: replenishment.Key{Kind: replenishment.Buy, Site: foshan, Supplier: first.Supplier}, State: replenishment.StateApproved, Pieces: 6000}}
	if b := bought(t, in); b.Supplier == first.Supplier {
		t.Errorf("%d again, though 6,000 pieces are approved for it", b.Supplier)
	}
}

func TestWithoutSharesThePriceDecides(t *testing.T) {
	in := shared(0, 0)
	if b := bought(t, in); b.Supplier != beili || b.Explanation.Turn.Why != replenishment.TurnPrice {
		t.Errorf("supplier %d, %+v", b.Supplier, b.Explanation.Turn)
	}
	in = shared(0, 10_000) // the cheap one gets nothing: it is barred or has lost its share
	if b := bought(t, in); b.Supplier != quick || b.Explanation.Turn.Why != replenishment.TurnShare {
		t.Errorf("supplier %d, %+v", b.Supplier, b.Explanation.Turn)
	}
	in.Sources[1].Banned = "红牌"
	if b := bought(t, in); b.Supplier != beili || b.Explanation.Turn.Why != replenishment.TurnOnly {
		t.Errorf("supplier %d, %+v", b.Supplier, b.Explanation.Turn)
	}
	in = shared(2000, 8000)
	in.Sources[1].Backup = true // a share makes no usual supplier of a backup
	if b := bought(t, in); b.Supplier != beili {
		t.Errorf("supplier %d, %+v", b.Supplier, b.Explanation.Turn)
	}
}

// Order after order, what each supplier was given stays within two orders of its share.
func TestSharesAreKeptOverTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.IntRange(1000, 9000).Draw(t, "share")
		in := shared(a, 10_000-a)
		var total, largest quantity.Pieces
		for range rapid.IntRange(3, 25).Draw(t, "orders") {
			b := bought(t, in)
			for i := range in.Sources {
				if in.Sources[i].Supplier == b.Supplier {
					in.Sources[i].Given += b.Pieces
				}
			}
			total, largest = total+b.Pieces, max(largest, b.Pieces)
		}
		for _, s := range in.Sources {
			if off := float64(s.Given) - float64(total)*float64(s.ShareBP)/10_000; max(off, -off) > 2*float64(largest) {
				t.Fatalf("%s was given %d of %d, its share is %d", s.Code, s.Given, total, s.ShareBP)
			}
		}
	})
}
