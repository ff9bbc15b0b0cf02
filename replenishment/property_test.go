package replenishment_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

// anySnapshot draws a chain of up to nine sites with lanes, suppliers, demand, stock and supply, faults included.
func anySnapshot(t *rapid.T) replenishment.Snapshot {
	day := func(label string, lo, hi int) calendar.Day {
		return today.AddDays(rapid.IntRange(lo, hi).Draw(t, label))
	}
	num := func(label string, lo, hi int) quantity.Pieces {
		return quantity.Pieces(rapid.IntRange(lo, hi).Draw(t, label))
	}
	in := replenishment.Snapshot{
		Today: today, Class: rapid.SampledFrom(replenishment.Classes()).Draw(t, "class"), Settings: rapid.SampledFrom([]replenishment.Settings{replenishment.DefaultSettings(), replenishment.WeeklySettings()}).Draw(t, "settings"),
		SKU: catalog.SKU{
			ID: 7, Code: "X", CartonPieces: num("carton", 0, 40), WeightGrams: 400, Core: rapid.Bool().Draw(t, "core"),
			Price: money.Fen(num("price", 0, 20000)),
		},
		Cost: money.Fen(num("cost", 0, 12000)),
		Sites: []catalog.Site{
			site(overseas, "OV", "海外", catalog.Overseas), site(bonded, "BO", "保税", catalog.Bonded),
			site(jiaxing, "JX", "嘉兴", catalog.Regional), site(foshan, "FS", "佛山", catalog.Regional),
			site(xuhui, "XH", "徐汇", catalog.Front), site(binjiang, "BJ", "滨江", catalog.Front), site(nanshan, "NS", "南山", catalog.Front),
			site(station, "ST", "驿站", catalog.Station), site(jianye, "JY", "建邺", catalog.Front),
		},
	}
	if rapid.Bool().Draw(t, "perishable") {
		in.SKU.ShelfLifeDays, in.SKU.MinRemainingDays = rapid.IntRange(10, 400).Draw(t, "life"), rapid.IntRange(0, 40).Draw(t, "remaining")
	}
	if rapid.IntRange(0, 9).Draw(t, "retired") == 0 {
		d := day("retires", -5, 40)
		in.SKU.Retired = &d
	}
	in.Settings.Measure = rapid.SampledFrom([]replenishment.Measure{replenishment.CycleService, replenishment.FillRate}).Draw(t, "measure")
	for range rapid.IntRange(0, 14).Draw(t, "lanes") {
		from, to := rapid.SampledFrom(in.Sites).Draw(t, "from"), rapid.SampledFrom(in.Sites).Draw(t, "to")
		in.Lanes = append(in.Lanes, lane(from.ID, to.ID, rapid.Float64Range(0, 30).Draw(t, "lead"), rapid.Float64Range(0, 4).Draw(t, "sd"), rapid.IntRange(1, 3).Draw(t, "priority")))
	}
	if rapid.Bool().Draw(t, "usual chain") {
		in.Lanes = append(in.Lanes, lane(overseas, bonded, 20, 3, 1), lane(bonded, jiaxing, 8, 2, 1), lane(bonded, foshan, 8, 2, 1),
			lane(jiaxing, xuhui, 1, 0.2, 1), lane(jiaxing, binjiang, 1, 0.2, 1), lane(foshan, nanshan, 1, 0.3, 1), lane(xuhui, station, 1, 0, 1),
			lane(jiaxing, foshan, 2, 0.5, 2), lane(foshan, jiaxing, 2, 0.5, 2))
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "suppliers") {
		s := replenishment.Source{Code: "S", Term: catalog.Term{
			Supplier: catalog.SupplierID(i + 1), SKU: 7, MOQ: num("moq", 0, 500), Pack: num("pack", 0, 24), LeadMean: rapid.Float64Range(0, 40).Draw(t, "lead"),
			LeadSD: rapid.Float64Range(0, 5).Draw(t, "sd"), CapacityDay: num("capacity", 0, 100) * num("limited", 0, 1), Backup: i > 0,
			ShipsTo: rapid.SampledFrom([]catalog.SiteID{0, 0, overseas, bonded, jiaxing}).Draw(t, "ships"),
			Breaks:  []catalog.PriceBreak{{From: 1, Price: money.Fen(num("price1", 0, 10000))}, {From: 600, Price: money.Fen(num("price2", 0, 10000))}},
		}}
		if rapid.IntRange(0, 5).Draw(t, "banned") == 0 {
			s.Banned = "red card"
		}
		in.Sources = append(in.Sources, s)
	}
	for _, s := range in.Sites {
		if rapid.IntRange(0, 4).Draw(t, "sells") > 0 {
			in.Demand = append(in.Demand, anyDemand(t, s.ID))
		}
		if rapid.Bool().Draw(t, "stocked") {
			p := replenishment.Position{Site: s.ID, OnHand: num("on hand", 0, 600), Reserved: num("reserved", 0, 30), Held: num("held", 0, 20)}
			for range rapid.IntRange(0, 2).Draw(t, "lots") {
				p.Expiring = append(p.Expiring, replenishment.Expiring{Pieces: num("lot", 1, 200), LastDay: day("last", -3, 120)})
			}
			in.Positions = append(in.Positions, p)
		}
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "supply") {
		in.Supply = append(in.Supply, replenishment.Supply{
			Kind: replenishment.SupplyOrder, Ref: string(rune('A' + i)), Site: rapid.SampledFrom(in.Sites).Draw(t, "at").ID, Pieces: num("pieces", 1, 300),
			Arrives: day("arrives", -6, 60), Shipped: true,
		})
	}
	return in
}

func anyDemand(t *rapid.T, s catalog.SiteID) replenishment.Demand {
	rate := rapid.SampledFrom([]float64{0, 0.02, 0.3, 2, 11, 80}).Draw(t, "rate")
	n := rapid.IntRange(1, 60).Draw(t, "horizon")
	d := replenishment.Demand{Site: s, Model: "m"}
	noise := rapid.Float64Range(0, 2).Draw(t, "noise")
	heat := rapid.SampledFrom([]float64{1, 1, 1.3, 3}).Draw(t, "heat")
	for i := range n {
		h := 1 + (heat-1)*math.Exp(-float64(i)/7)
		d.Mean = append(d.Mean, rate*h)
		d.Heat = append(d.Heat, h)
		d.CumSD = append(d.CumSD, noise*rate*math.Sqrt(float64(i+1))+0.05*rate*float64(i))
	}
	return d
}

// TestPlanHoldsItsPromises checks what every plan must satisfy, whatever comes in.
func TestPlanHoldsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anySnapshot(t)
		r := replenishment.Plan(in)
		keys := map[replenishment.Key]bool{}
		sent := map[catalog.SiteID]quantity.Pieces{}
		free := map[catalog.SiteID]quantity.Pieces{}
		for _, l := range r.Levels {
			free[l.Site] = l.Available
			if l.SafetyPieces < 0 || l.ReorderPoint < 0 || l.OrderUpTo < l.ReorderPoint || l.Available < 0 || l.CoverDays < 0 || l.CoverDays > replenishment.CoverForever || l.Status == "" {
				t.Errorf("a level that cannot be: %+v", l)
			}
		}
		for _, s := range r.Suggestions {
			checkSum(t, s)
			if keys[s.Key] {
				t.Errorf("%+v is listed twice", s.Key)
			}
			keys[s.Key] = true
			if s.Pieces < 1 || s.Money < 0 || s.LostPieces < 0 || s.OrderBy < today || s.ArriveBy < today {
				t.Errorf("a suggestion that cannot be: %+v", s)
			}
			for _, p := range [][]quantity.Pieces{s.Explanation.Projection.Without, s.Explanation.Projection.With} {
				for _, v := range p {
					if v < 0 {
						t.Errorf("%+v: stock of %d in the projection", s.Key, v)
					}
				}
			}
			switch s.Kind {
			case replenishment.Transfer, replenishment.Clear:
				from := s.From
				if s.Kind == replenishment.Clear {
					from = s.Site
				} else if s.From == s.Site {
					t.Errorf("a transfer to itself: %+v", s.Key)
				}
				if s.Reason != replenishment.ReasonExpiry {
					sent[from] += s.Pieces
				}
			case replenishment.Buy:
				checkTerms(t, in, s)
			}
		}
		for site, q := range sent {
			if q > free[site] {
				t.Errorf("site %d gives %d of %d", site, q, free[site])
			}
		}
		if _, err := json.Marshal(r); err != nil {
			t.Errorf("the plan is no JSON: %v", err)
		}
	})
}

// checkTerms fails unless a purchase is in whole packs, at least the minimum, from a supplier who may be ordered from.
func checkTerms(t *rapid.T, in replenishment.Snapshot, s replenishment.Suggestion) {
	for _, src := range in.Sources {
		if src.Supplier != s.Supplier {
			continue
		}
		if src.Banned != "" || s.Pieces < src.MOQ || (src.Pack > 1 && s.Pieces%src.Pack != 0) || s.Unit != src.PriceAt(s.Pieces) {
			t.Errorf("%d pieces at %d break the terms %+v", s.Pieces, s.Unit, src)
		}
		return
	}
	t.Errorf("bought from an unknown supplier: %+v", s.Key)
}

// TestPlanIgnoresTheOrderOfRows shuffles every slice.
func TestPlanIgnoresTheOrderOfRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anySnapshot(t)
		want := replenishment.Plan(in)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		mix := in
		mix.Sites, mix.Lanes, mix.Sources = shuffled(rng, in.Sites), shuffled(rng, in.Lanes), shuffled(rng, in.Sources)
		mix.Demand, mix.Positions, mix.Supply = shuffled(rng, in.Demand), shuffled(rng, in.Positions), shuffled(rng, in.Supply)
		if d := cmp.Diff(want, replenishment.Plan(mix)); d != "" {
			t.Errorf("another order of rows, another plan:\n%s", d)
		}
	})
}

func shuffled[T any](rng *rand.Rand, in []T) []T {
	out := append([]T{}, in...)
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// TestPlanTwiceIsOnce: what is open keeps its place in the list, what is approved is not suggested again.
func TestPlanTwiceIsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anySnapshot(t)
		for i := range in.Sources {
			in.Sources[i].CapacityDay = 0 // an approved suggestion no longer tells in which parts it will arrive
		}
		first := replenishment.Plan(in)
		again := in
		for i, s := range first.Suggestions {
			again.Open = append(again.Open, replenishment.Need{ID: replenishment.SuggestionID(i + 1), Key: s.Key, State: replenishment.StateOpen, Pieces: s.Pieces, ArriveBy: s.ArriveBy})
		}
		second := replenishment.Plan(again)
		if len(second.Withdrawn) > 0 || len(second.Suggestions) != len(first.Suggestions) {
			t.Fatalf("%d suggestions became %d, %v withdrawn", len(first.Suggestions), len(second.Suggestions), second.Withdrawn)
		}
		for i, s := range second.Suggestions {
			if s.ID != replenishment.SuggestionID(i+1) || s.Pieces != first.Suggestions[i].Pieces {
				t.Errorf("%+v: %d pieces under id %d, before %d under %d", s.Key, s.Pieces, s.ID, first.Suggestions[i].Pieces, i+1)
			}
		}
		for i := range again.Open {
			again.Open[i].State = replenishment.StateApproved
		}
		third := replenishment.Plan(again)
		before := map[replenishment.Key]bool{}
		for _, s := range first.Suggestions {
			before[s.Key] = true
		}
		for _, s := range third.Suggestions {
			if s.Kind == replenishment.Buy && before[s.Key] && !late(first, s.Key) {
				t.Errorf("%+v: %d pieces again although approved; need %d\nbefore:%s\nafter:%s", s.Key, s.Pieces, s.Need, brief(first), brief(third))
			}
		}
	})
}

// late tells whether the purchase was planned to arrive after the interval it protects, or in pieces.
func late(r replenishment.Result, k replenishment.Key) bool {
	for _, s := range r.Suggestions {
		if s.Key == k {
			return float64(s.ArriveBy.Sub(s.PlannedOn)) > s.Explanation.Inputs.ProtectionDays
		}
	}
	return false
}

// TestMoreServiceNeverLessSafety raises the service target of every class.
func TestMoreServiceNeverLessSafety(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anySnapshot(t)
		lo := rapid.Float64Range(0.5, 0.99).Draw(t, "low")
		hi := rapid.Float64Range(lo, 0.999).Draw(t, "high")
		at := func(p float64) replenishment.Result {
			in.Settings.Service = map[replenishment.Class]float64{}
			for _, c := range replenishment.Classes() {
				in.Settings.Service[c] = p
			}
			return replenishment.Plan(in)
		}
		low, high := at(lo), at(hi)
		for i, l := range low.Levels {
			if h := high.Levels[i]; h.Echelon.SafetyPieces < l.Echelon.SafetyPieces || h.Echelon.OrderUpTo < l.Echelon.OrderUpTo {
				t.Errorf("site %d: safety %d at %.3f, %d at %.3f", l.Site, l.Echelon.SafetyPieces, lo, h.Echelon.SafetyPieces, hi)
			}
		}
	})
}
