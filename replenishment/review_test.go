package replenishment_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

// TestFourThousandInsteadOf: the buyer of the story takes 4,000 in packs of 60.
func TestFourThousandInsteadOf(t *testing.T) {
	in := teether()
	b := only(t, replenishment.Plan(in), replenishment.Buy, jiaxing)
	r, err := replenishment.ReviewQuantity(b, 4000, in.Sources[0])
	if err != nil {
		t.Fatal(err)
	}
	w := warned(r.Warnings, replenishment.WarnNotPack)
	if w == nil || w.Args.Pack != 60 || w.Args.Pieces != 3960 || w.Args.Need != 4020 {
		t.Errorf("warnings %+v", r.Warnings)
	}
	if r.Money != 4000*12_80 || r.MoneyMore != r.Money-b.Money || r.MoneyMore >= 0 || r.Unit != 12_80 {
		t.Errorf("%d, %d more", r.Money, r.MoneyMore)
	}
	if warned(r.Warnings, replenishment.WarnBelowMOQ) != nil || warned(r.Warnings, replenishment.WarnCash) != nil {
		t.Errorf("warnings %+v", r.Warnings)
	}
}

func TestReviewOfTheSameNumberIsThePlan(t *testing.T) {
	for _, in := range []replenishment.Snapshot{teether(), milk(), heated(), chain(), fourteen()} {
		for _, s := range replenishment.Plan(in).Suggestions {
			src := replenishment.Source{}
			if s.Kind == replenishment.Buy {
				src = in.Sources[0]
			}
			r, err := replenishment.ReviewQuantity(s, s.Pieces, src)
			if err != nil || r.MoneyMore != 0 || r.Money != s.Money {
				t.Fatalf("%+v: %v, %+v", s.Key, err, r)
			}
			for i, v := range s.Explanation.Projection.With {
				if s.Kind != replenishment.Presell && r.With[i] != v {
					t.Errorf("%+v: day %d: %d, the plan says %d", s.Key, i, r.With[i], v)
					break
				}
			}
			for _, w := range r.Warnings {
				if w.Code != replenishment.WarnPriceBreak {
					t.Errorf("%s %+v: the planner's own number is warned of: %+v", s.Kind, s.Key, w)
				}
			}
		}
	}
}

func TestReviewConsequences(t *testing.T) {
	in := milk()
	b := only(t, replenishment.Plan(in), replenishment.Buy, jiaxing)
	codes := func(pieces quantity.Pieces, src replenishment.Source) (replenishment.Review, []replenishment.WarningCode) {
		r, err := replenishment.ReviewQuantity(b, pieces, src)
		if err != nil {
			t.Fatal(err)
		}
		var out []replenishment.WarningCode
		for _, w := range r.Warnings {
			out = append(out, w.Code)
		}
		return r, out
	}
	src := in.Sources[0]
	// 240 last two and a half days from the arrival on day 21: the stock ends again on day 23.
	r, got := codes(240, src)
	if len(got) != 2 || got[0] != replenishment.WarnBelowMOQ || got[1] != replenishment.WarnStockout {
		t.Errorf("240: %v", got)
	}
	if r.StockoutDay == nil || *r.StockoutDay != today.AddDays(23) || r.CoverDays != 2.5 || r.LostMoney != in.SKU.Price*money.Fen(r.LostPieces) {
		t.Errorf("240: %+v", r)
	}
	r, got = codes(24_000, src)
	if len(got) != 2 || got[0] != replenishment.WarnCash || got[1] != replenishment.WarnMaxCover || math.Abs(r.CoverDays-250) > 1e-9 || r.StockoutDay != nil {
		t.Errorf("24,000: %v, %+v", got, r)
	}
	src.CapacityDay = 100 // more than is sold
	if _, got = codes(1920, src); len(got) != 1 || got[0] != replenishment.WarnCapacity {
		t.Errorf("1,920 at 100 a day: %v", got)
	}
	src = in.Sources[0]
	src.Banned, src.Breaks = "red card", append(src.Breaks, catalog.PriceBreak{From: 2000, Price: 150_00})
	r, got = codes(1920, src)
	if len(got) != 2 || got[0] != replenishment.WarnBanned || got[1] != replenishment.WarnPriceBreak || r.Warnings[1].Args.Money != 18_00*2000 {
		t.Errorf("banned, with a price break near: %+v", r.Warnings)
	}
	if _, err := replenishment.ReviewQuantity(b, 0, src); !errors.Is(err, replenishment.ErrPieces) {
		t.Errorf("0 pieces: %v", err)
	}
	// Nothing to look at: no panic.
	if _, err := replenishment.ReviewQuantity(replenishment.Suggestion{Key: replenishment.Key{Kind: replenishment.Buy}}, 5, replenishment.Source{}); err != nil {
		t.Error(err)
	}
}
