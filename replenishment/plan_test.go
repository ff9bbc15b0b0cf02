package replenishment_test

import (
	"math"
	"testing"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

// The sites of the tests.
const (
	overseas = catalog.SiteID(1)
	bonded   = catalog.SiteID(2)
	jiaxing  = catalog.SiteID(10)
	foshan   = catalog.SiteID(11)
	xuhui    = catalog.SiteID(20)
	binjiang = catalog.SiteID(21)
	jianye   = catalog.SiteID(22)
	nanshan  = catalog.SiteID(23)
	station  = catalog.SiteID(30)
)

// The suppliers of the tests.
const (
	beili = catalog.SupplierID(1)
	quick = catalog.SupplierID(2)
)

var today = calendar.Date(2026, 11, 23)

func site(id catalog.SiteID, code, zh string, tier catalog.Tier) catalog.Site {
	return catalog.Site{ID: id, Code: code, Name: catalog.Name{ZH: zh, EN: code}, Tier: tier, Active: true}
}

func lane(from, to catalog.SiteID, mean, sd float64, priority int) catalog.Lane {
	return catalog.Lane{From: from, To: to, LeadMean: mean, LeadSD: sd, Priority: priority, CostFen: 60}
}

// flat is n days of the same demand with an error that grows with the root of the days.
func flat(s catalog.SiteID, n int, mean, sd float64) replenishment.Demand {
	d := replenishment.Demand{Site: s, Model: "ets"}
	for i := range n {
		d.Mean = append(d.Mean, mean)
		d.CumSD = append(d.CumSD, sd*math.Sqrt(float64(i+1)))
	}
	return d
}

// teether is one item with a supplier of nine days, a regional site and its three front sites.
func teether() replenishment.Snapshot {
	return replenishment.Snapshot{
		Today: today,
		SKU:   catalog.SKU{ID: 7, Code: "MR-204817", Name: catalog.Name{ZH: "硅胶牙胶"}, CartonPieces: 60, Price: 29_90, WeightGrams: 80},
		Class: replenishment.ClassHot, Cost: 12_80, Settings: replenishment.WeeklySettings(),
		Sites: []catalog.Site{
			site(jiaxing, "JX", "嘉兴", catalog.Regional), site(foshan, "FS", "佛山", catalog.Regional),
			site(xuhui, "XH", "徐汇", catalog.Front), site(binjiang, "BJ", "滨江", catalog.Front), site(jianye, "JY", "建邺", catalog.Front),
		},
		Lanes: []catalog.Lane{
			lane(jiaxing, xuhui, 1, 0.2, 1), lane(jiaxing, binjiang, 1, 0.2, 1), lane(jiaxing, jianye, 1, 0.3, 1),
			lane(foshan, jiaxing, 2, 0.5, 1), lane(jiaxing, foshan, 2, 0.5, 1),
		},
		Sources: []replenishment.Source{{
			Code: "BEILI", Name: catalog.Name{ZH: "温岭贝栗"},
			Term: catalog.Term{
				Supplier: beili, SKU: 7, MOQ: 1200, Pack: 60, LeadMean: 9, LeadSD: 1.5,
				Breaks: []catalog.PriceBreak{{From: 1, Price: 12_80}, {From: 12000, Price: 12_20}},
			},
		}},
		Demand: []replenishment.Demand{
			flat(jiaxing, 60, 214, 60), flat(xuhui, 60, 84, 25), flat(binjiang, 60, 52, 18), flat(jianye, 60, 43, 15),
		},
		Positions: []replenishment.Position{
			{Site: jiaxing, OnHand: 842, Reserved: 60}, {Site: xuhui, OnHand: 96, Reserved: 18},
			{Site: binjiang, OnHand: 158, Reserved: 10}, {Site: jianye, OnHand: 140, Reserved: 8},
		},
		Supply: []replenishment.Supply{
			{Kind: replenishment.SupplyOrder, Ref: "FO-2611-0387", Site: jiaxing, Pieces: 600, Arrives: today.AddDays(4), Shipped: true},
		},
	}
}

// find gives the suggestions of a kind at a site.
func find(r replenishment.Result, k replenishment.Kind, s catalog.SiteID) []replenishment.Suggestion {
	var out []replenishment.Suggestion
	for _, x := range r.Suggestions {
		if x.Kind == k && x.Site == s {
			out = append(out, x)
		}
	}
	return out
}

func levelOf(t *testing.T, r replenishment.Result, s catalog.SiteID) replenishment.WaterLevel {
	t.Helper()
	for _, l := range r.Levels {
		if l.Site == s {
			return l
		}
	}
	t.Fatalf("no level for site %d", s)
	return replenishment.WaterLevel{}
}

// checkSum fails unless the steps of every suggestion add up to its number.
func checkSum(t interface{ Errorf(string, ...any) }, s replenishment.Suggestion) {
	var sum quantity.Pieces
	steps := s.Explanation.Steps
	for i, st := range steps {
		if st.Pieces < 0 {
			t.Errorf("%v %+v: a step with %d pieces", s.Kind, s.Key, st.Pieces)
		}
		switch {
		case st.Op == replenishment.OpEquals && (i != len(steps)-1 || st.Pieces != sum):
			t.Errorf("%v %+v: the steps add up to %d, the last says %d", s.Kind, s.Key, sum, st.Pieces)
		case st.Op == replenishment.OpPlus:
			sum += st.Pieces
		case st.Op == replenishment.OpMinus:
			sum -= st.Pieces
		}
	}
	if len(steps) == 0 || steps[len(steps)-1].Op != replenishment.OpEquals || sum != s.Pieces {
		t.Errorf("%v %+v: the steps add up to %d, the number is %d", s.Kind, s.Key, sum, s.Pieces)
	}
}
