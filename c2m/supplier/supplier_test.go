package supplier_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"milkrun/c2m"
	"milkrun/c2m/supplier"
	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
)

// TestVectors compares OTIF, on time, fill and PPM with the reference, to one in a thousand million.
func TestVectors(t *testing.T) {
	dir := os.Getenv("MILKRUN_TESTDATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	b, err := os.ReadFile(filepath.Join(dir, "quality", "scorecard.json"))
	if err != nil {
		if os.Getenv("MILKRUN_REQUIRE") == "1" {
			t.Fatal(err)
		}
		t.Skipf("\n*** SKIPPED, NOT TESTED: %v ***", err)
	}
	var file struct {
		Cases []struct {
			ID     string
			Inputs struct {
				Lines []struct {
					Ordered, Delivered, Defective quantity.Pieces
					Late                          int `json:"days_late"`
				}
				Tolerance int     `json:"late_tolerance_days"`
				Threshold float64 `json:"in_full_threshold"`
			}
			Expected map[string]float64
		}
	}
	if err := json.Unmarshal(b, &file); err != nil || len(file.Cases) < 6 {
		t.Fatal(len(file.Cases), err)
	}
	for _, c := range file.Cases {
		var lines []supplier.Line
		for _, l := range c.Inputs.Lines {
			lines = append(lines, supplier.Line{Ordered: l.Ordered, Delivered: l.Delivered, Defective: l.Defective, DaysLate: l.Late})
		}
		got, _ := supplier.CardOf(lines, supplier.Rule{LateDays: c.Inputs.Tolerance, InFull: c.Inputs.Threshold})
		for key, x := range map[string]float64{"otif": got.OTIF, "on_time": got.OnTime, "unit_fill": got.Fill, "ppm": got.PPM} {
			if want := c.Expected[key]; math.Abs(x-want) > 1e-9*max(1, math.Abs(want)) {
				t.Errorf("%s %s: %v, want %v", c.ID, key, x, want)
			}
		}
	}
}

func TestSharesAddUpKeepTheirBoundsAndFollowTheScore(t *testing.T) {
	r := supplier.DefaultRules()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "suppliers")
		all, sum, open := make([]supplier.Holder, n), 0.0, 0
		for i := range n {
			all[i] = supplier.Holder{Share: rapid.Float64Range(0.01, 1).Draw(t, "share"), Score: rapid.Float64Range(0, 100).Draw(t, "score"),
				Tier: rapid.SampledFrom(supplier.Tiers()).Draw(t, "tier"), Barred: rapid.IntRange(0, 4).Draw(t, "barred") == 0}
			sum += all[i].Share
			if !all[i].Barred {
				open++
			}
		}
		for i := range all {
			all[i].Share /= sum
		}
		total, points, shares := 0.0, 0, []float64{}
		for _, m := range supplier.MoveShares(all, r) {
			total += m.Next
			shares = append(shares, m.Next)
			switch {
			case m.Barred && m.Next != 0:
				t.Fatalf("barred and has %v", m.Next)
			case !m.Barred && m.Next < min(r.ShareLeast, 1/float64(open))-1e-9:
				t.Fatalf("%v is below the least", m.Next)
			}
		}
		for _, p := range supplier.BasisPoints(shares) {
			points += p
		}
		if open > 0 && (math.Abs(total-1) > 1e-9 || points != 10_000) || open == 0 && points != 0 {
			t.Fatalf("shares add up to %v and %d", total, points)
		}
	})
	got := supplier.MoveShares([]supplier.Holder{{Share: 0.5, Score: 95, Tier: supplier.Preferred}, {Share: 0.5, Score: 70, Tier: supplier.Standard}}, r)
	if math.Abs(got[0].Next-0.575757) > 1e-4 || got[0].Why != "score" { // 95 ÷ 82.5 = 1.1515 against 0.8485
		t.Errorf("%+v", got)
	}
	got = supplier.MoveShares([]supplier.Holder{{Share: 0.5, Score: 95}, {Share: 0.5, Score: 40, Tier: supplier.Trial}}, r)
	if got[1].Next > 0.5 || got[0].Next < 0.5 {
		t.Errorf("%+v", got)
	}
}

func TestScoreShowsItsPieces(t *testing.T) {
	r := supplier.DefaultRules()
	f := supplier.Figures{Card: supplier.Card{Lines: 24, OTIF: 0.95, OnTime: 0.97, Fill: 0.99, PPM: 500}, Lots: 20, Passed: 19, Priced: 24, PriceIndex: 1.04, Answers: 10, AnswerHours: 36}
	// 40×0.95 + 15×0.99 + 15×0.9 + 15×0.95 + 10×0.8 + 5×0.75 = 38 + 14.85 + 13.5 + 14.25 + 8 + 3.75
	if got := f.Score(r); math.Abs(got-92.35) > 1e-9 || supplier.TierOf(f, r) != supplier.Preferred {
		t.Errorf("%v %s", got, supplier.TierOf(f, r))
	}
	f.Lots, f.Priced, f.Answers = 0, 0, 0 // the weight of what is not known goes to the rest: (38 + 14.85 + 13.5) × 100 ÷ 70
	if got := f.Score(r); math.Abs(got-66.35/0.7) > 1e-9 {
		t.Errorf("%v", got)
	}
	f.Lines = 4
	if supplier.TierOf(f, r) != supplier.Trial {
		t.Error("four lines are a trial")
	}
	if r.Check() != nil {
		t.Error(r.Check())
	}
	var fault *supplier.RulesFault
	r.Weights = map[supplier.Measure]int{supplier.ByOTIF: 90}
	if !errors.As(r.Check(), &fault) || fault.Field != "weights" {
		t.Error("weights of 90 percent")
	}
}

func day(s string) calendar.Day {
	d, err := calendar.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestFiguresOfRecords(t *testing.T) {
	today := day("2026-11-23")
	r := supplier.Records{
		Lines: []supplier.OrderLine{
			{SKU: 1, Promised: []c2m.Split{{Pieces: 100, Day: day("2026-10-10")}, {Pieces: 100, Day: day("2026-11-10")}}, Came: []c2m.Split{{Pieces: 150, Day: day("2026-10-09")}, {Pieces: 30, Day: day("2026-11-20")}}, Price: 110, Cheapest: 100},
			{SKU: 2, Promised: []c2m.Split{{Pieces: 50, Day: day("2026-12-01")}}}, // not due
		},
		Lots:    []supplier.Lot{{SKU: 1, Day: day("2026-10-10"), Accepted: true, Pieces: 100, Sample: 20, Defects: 1}, {SKU: 1, Day: day("2026-11-21"), Pieces: 30, Sample: 10, Defects: 4}},
		Answers: []supplier.Answer{{Day: day("2026-10-01"), Took: 30 * time.Hour}},
	}
	months := r.Trend(3, today, supplier.DefaultRule)
	if len(months) != 3 || months[0].From != day("2026-09-01") || months[0].Figures.Lines != 0 {
		t.Fatalf("%+v", months)
	}
	october, november := months[1].Figures, months[2].Figures
	if october.Lines != 1 || october.OTIF != 1 || october.PPM != 50_000 || october.Passed != 1 || october.AnswerHours != 30 || math.Abs(october.PriceIndex-1.1) > 1e-12 {
		t.Errorf("%+v", october)
	}
	if november.Lines != 1 || november.OTIF != 0 || november.Fill != 0.8 || november.Passed != 0 || november.PPM != 150_000 { // 12 of 80
		t.Errorf("%+v", november)
	}
}

func TestLandedCost(t *testing.T) {
	usd := supplier.Offer{Currency: "USD", Incoterm: supplier.FOB, From: 1, Price: 150, Freight: 800, DutyBP: 650, VATBP: 1300, Tooling: 500_000}
	// 1.50 dollars at 7.10 are 10.65; 0.2 kg at 8.00 are 1.60; duty 6.5 % of 12.25 is 0.80; VAT 13 % of 13.05 is 1.70; tooling 5,000 ÷ 5,000 pieces is 1.00
	l, err := supplier.LandedCost(usd, 5000, 200, 7_100_000)
	if err != nil || l.Goods != 1065 || l.Freight != 160 || l.Duty != 80 || l.VAT != 170 || l.Tooling != 100 || l.Cost != 1405 || l.Cash != 1575 {
		t.Errorf("%+v, %v", l, err)
	}
	home := supplier.Offer{Currency: supplier.CNY, Incoterm: supplier.Domestic, From: 1, Price: 1280, VATBP: 1300}
	if l, err = supplier.LandedCost(home, 5000, 200, 0); err != nil || l.Cost != 1133 || l.VAT != 147 || l.Cash != 1280 {
		t.Errorf("%+v, %v", l, err)
	}
	yen := supplier.Offer{Currency: "JPY", Incoterm: supplier.DDP, Price: 200}
	if l, err = supplier.LandedCost(yen, 1, 0, 48_500); err != nil || l.Goods != 970 || l.Cost != 970 { // 0.0485 yuan
		t.Errorf("%+v, %v", l, err)
	}
	if _, err = supplier.LandedCost(usd, 1, 0, 0); !errors.Is(err, supplier.ErrRate) {
		t.Error(err)
	}
	if n, err := supplier.Convert(710_00, "USD", 7_100_000); err != nil || n != 100_00 {
		t.Error(n, err)
	}
	var fault *supplier.OfferFault
	usd.MOQ, usd.LeadDays, usd.ValidTo = 1, 30, day("2026-11-22")
	if !errors.As(usd.Check(day("2026-11-23")), &fault) || fault.Field != "valid_to" {
		t.Error("an offer that has ended was taken")
	}
}

func TestCapacityOfTwoWriters(t *testing.T) {
	monday := day("2026-11-23")
	e := supplier.Entry{SKU: 1, Monday: monday, Pieces: 500}
	stands := supplier.Capacity{SKU: 1, Monday: monday, Pieces: 700, Version: 2}
	if e.Take(supplier.Capacity{}) != supplier.Written || e.Take(stands) != supplier.Conflict {
		t.Error("an empty cell, and one that another wrote")
	}
	if e.Base = 2; e.Take(stands) != supplier.Written {
		t.Error("the writer saw what stands")
	}
	if e.Pieces, e.Base = 700, 1; e.Take(stands) != supplier.Same {
		t.Error("both say the same")
	}
	for _, bad := range []supplier.Entry{{Monday: monday.AddDays(1)}, {Monday: monday.AddDays(-7)}, {Monday: monday.AddDays(7 * 105)}} {
		if !errors.Is(bad.Check(monday.AddDays(2)), supplier.ErrWeek) {
			t.Errorf("%s was taken", bad.Monday)
		}
	}
	if !errors.Is(supplier.Entry{Monday: monday, Pieces: -1}.Check(monday), supplier.ErrCapacity) {
		t.Error("less than nothing was taken")
	}
	// Wednesday to Tuesday: five days of a week of 700, two of a week without an entry at 60 a day.
	if got := supplier.Within([]supplier.Capacity{stands}, 60, monday.AddDays(2), monday.AddDays(8)); got != 500+120 {
		t.Error(got)
	}
}
