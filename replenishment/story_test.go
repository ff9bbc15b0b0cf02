package replenishment_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

// milk is one tin at one regional site: 96 a day, 21 days lead, 7 days review, 98 % service, pallets of 240.
func milk() replenishment.Snapshot {
	in := teether()
	in.SKU = catalog.SKU{ID: 8, Code: "MR-100236", CartonPieces: 6, Price: 238_00, Core: true}
	in.Cost = 168_00
	in.Settings.Service[replenishment.ClassCore] = 0.98
	in.Settings.Review[catalog.Regional] = 7
	in.Sites = []catalog.Site{site(jiaxing, "JX", "嘉兴", catalog.Regional)}
	in.Lanes = nil
	in.Sources = []replenishment.Source{{Code: "MUHE", Name: catalog.Name{ZH: "牧禾乳业"}, Term: catalog.Term{
		Supplier: beili, SKU: 8, MOQ: 480, Pack: 240, LeadMean: 21, Breaks: []catalog.PriceBreak{{From: 1, Price: 168_00}},
	}}}
	d := flat(jiaxing, 60, 96, 0)
	for i := range d.CumSD {
		d.CumSD[i] = 297.9 * float64(i+1) / 28
	}
	in.Demand = []replenishment.Demand{d}
	in.Positions = []replenishment.Position{{
		Site: jiaxing, OnHand: 1184, Reserved: 64, Expiring: []replenishment.Expiring{{Pieces: 64 + 96 + 38, LastDay: today}},
	}}
	in.Supply = []replenishment.Supply{{Kind: replenishment.SupplyOrder, Ref: "FO-2611-0352", Site: jiaxing, Pieces: 480, Arrives: today.AddDays(5), Shipped: true}}
	return in
}

// TestWhyNineteenTwenty follows the sum of the buyer's drawer by hand:
// 28 × 96 + 2.054 × 297.9 − (1,184 − 64 − 38) − 480 = 1,738, in pallets of 240: 1,920.
// Of the 198 tins that end today 64 are promised to customers and 96 sell today: 38 do not.
func TestWhyNineteenTwenty(t *testing.T) {
	r := replenishment.Plan(milk())
	if len(r.Suggestions) == 0 {
		t.Fatalf("nothing is suggested: %+v", r.Levels)
	}
	b := find(r, replenishment.Buy, jiaxing)[0]
	type line struct {
		Op     replenishment.Op
		Key    replenishment.StepKey
		Pieces quantity.Pieces
	}
	var got []line
	for _, s := range b.Explanation.Steps {
		got = append(got, line{s.Op, s.Key, s.Pieces})
	}
	want := []line{
		{replenishment.OpPlus, replenishment.WhyDemand, 2688}, {replenishment.OpPlus, replenishment.WhySafety, 612},
		{replenishment.OpMinus, replenishment.WhyAvailable, 1082}, {replenishment.OpMinus, replenishment.WhyOnOrder, 480},
		{replenishment.OpPlus, replenishment.WhyRounding, 182}, {replenishment.OpEquals, replenishment.WhyBuy, 1920},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if b.Need != 1738 || b.Money != 1920*168_00 || b.ArriveBy != today.AddDays(21) || b.Supplier != beili {
		t.Errorf("need %d, money %d, arrives %v", b.Need, b.Money, b.ArriveBy)
	}
	a := b.Explanation.Steps[2].Args
	if a.Reserved != 64 || a.ShortDated != 38 || a.OnHand != 1184 {
		t.Errorf("available says %+v", a)
	}
	if o := b.Explanation.Steps[3].Args; len(o.Refs) != 1 || o.Refs[0] != "FO-2611-0352" || *o.Date != today.AddDays(5) {
		t.Errorf("on order says %+v", o)
	}
	// 1,082 + 480 tins last 16.3 days: day 16 is the first short one, the order comes on day 21.
	if b.StockoutDay == nil || *b.StockoutDay != today.AddDays(16) {
		t.Errorf("stock-out on %v", b.StockoutDay)
	}
	p := b.Explanation.Projection
	if p.Opening != 1082 || p.Without[0] != 1082-96 || p.Without[15] != 1082+480-16*96 || p.GapDays != 5 || p.GapFrom != today.AddDays(16) {
		t.Errorf("projection %+v", p)
	}
	if p.With[21] != 1920-96 || p.Without[21] != 0 || p.Safety != 612 {
		t.Errorf("with the order: %v", p.With)
	}
	if b.LostPieces != 2688-1082-480 || b.LostMoney != 238_00*(2688-1082-480) {
		t.Errorf("lost %d pieces, %d", b.LostPieces, b.LostMoney)
	}
	i := b.Explanation.Inputs
	if i.Service != 0.98 || i.LeadDays != 21 || i.Distribution != replenishment.Normal || i.Class != replenishment.ClassCore || i.Model != "ets" ||
		i.Z < 2.053 || i.Z > 2.055 || i.Confidence != replenishment.Sure {
		t.Errorf("inputs %+v", i)
	}
	if len(b.Warnings) != 1 || b.Warnings[0].Code != replenishment.WarnGap || b.Warnings[0].Args.Days != 5 {
		t.Errorf("warnings %+v", b.Warnings)
	}
}

// TestRegionBuysForItsFronts: the purchase of a regional site counts the stock and the demand of the sites below it.
func TestRegionBuysForItsFronts(t *testing.T) {
	in := teether()
	r := replenishment.Plan(in)
	b := find(r, replenishment.Buy, jiaxing)
	if len(b) != 1 || len(find(r, replenishment.Buy, xuhui)) != 0 {
		t.Fatalf("purchases: %s", brief(r))
	}
	s := b[0].Explanation.Steps
	if s[0].Args.Sites != 4 || s[2].Pieces != 1236-96 || s[3].Pieces != 600 {
		t.Errorf("four sites, 1,140 available, 600 on order: %s", brief(r))
	}
	e := levelOf(t, r, jiaxing).Echelon
	sum := quantity.Pieces(0)
	for _, l := range r.Levels {
		sum += l.SafetyPieces
	}
	if e.SafetyPieces != sum || e.Sites != 4 {
		t.Errorf("the sites' safety stock adds up to %d, the region's is %d", sum, e.SafetyPieces)
	}
	if l := levelOf(t, r, xuhui); l.Status != replenishment.RunningOut || l.Available != 78 || *l.StockoutDay != today {
		t.Errorf("Xuhui: %+v", l)
	}
	if l := levelOf(t, r, binjiang); l.Status != replenishment.Enough {
		t.Errorf("Binjiang: %+v", l)
	}
}

// TestSuggestionSurvivesJSON: what is stored is what was planned.
func TestSuggestionSurvivesJSON(t *testing.T) {
	for _, s := range replenishment.Plan(teether()).Suggestions {
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back replenishment.Suggestion
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(s, back); d != "" {
			t.Error(d)
		}
	}
}

// TestEconomicLotsAreExplained: what is ordered for the sake of cheap orders stands in a line of its own, and packs and minimum
// explain no more than a pack or the minimum.
func TestEconomicLotsAreExplained(t *testing.T) {
	in := teether()
	in.Settings.EconomicLots, in.Settings.OrderCost = true, 900_00
	b := only(t, replenishment.Plan(in), replenishment.Buy, jiaxing)
	var lot, rounding quantity.Pieces
	for _, s := range b.Explanation.Steps {
		switch s.Key {
		case replenishment.WhyLot:
			lot = s.Pieces
		case replenishment.WhyRounding:
			rounding = s.Pieces
		}
	}
	if lot <= 0 || rounding >= b.Pack {
		t.Errorf("lot %d, rounding %d of packs of %d: %+v", lot, rounding, b.Pack, b.Explanation.Steps)
	}
}
