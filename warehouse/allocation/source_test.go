package allocation

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

func plain(goals ...Goal) RuleSet {
	if len(goals) == 0 {
		goals = []Goal{OnTime, Filled, Parcels, Cost}
	}
	return RuleSet{Goals: goals}
}

func stock(free ...quantity.Pieces) map[SKU]quantity.Pieces {
	m := map[SKU]quantity.Pieces{}
	for i, n := range free {
		m[SKU(i+1)] = n
	}
	return m
}

func needs(pieces ...quantity.Pieces) []Need {
	var list []Need
	for i, n := range pieces {
		list = append(list, Need{SKU(i + 1), n})
	}
	return list
}

// sent writes a sourcing as "site: need×pieces …" with ! for late parcels.
func sent(s Sourcing, sites []Site) string {
	var b strings.Builder
	for _, p := range s.Parcels {
		fmt.Fprintf(&b, "%s", sites[p.Site].Code)
		if !p.OnTime {
			b.WriteString("!")
		}
		for _, q := range p.Portions {
			fmt.Fprintf(&b, " %d×%d", q.Need, q.Pieces)
		}
		b.WriteString("; ")
	}
	for _, q := range s.Waiting {
		at := "nowhere"
		if s.WaitAt >= 0 {
			at = sites[s.WaitAt].Code
		}
		fmt.Fprintf(&b, "wait %s %d×%d; ", at, q.Need, q.Pieces)
	}
	return strings.TrimSuffix(b.String(), "; ")
}

func TestSource(t *testing.T) {
	front := Site{ID: 1, Code: "F", Tier: catalog.Front, Promise: Minutes30, ParcelFen: 600, KM: 2}
	region := Site{ID: 2, Code: "R", Tier: catalog.Regional, Promise: NextDay, ParcelFen: 900, KM: 40}
	far := Site{ID: 3, Code: "X", Tier: catalog.Regional, Promise: NoPromise, ParcelFen: 400, KM: 900}
	with := func(s Site, free ...quantity.Pieces) Site { s.Free = stock(free...); return s }
	for _, c := range []struct {
		name    string
		promise Promise
		needs   []Need
		sites   []Site
		rules   RuleSet
		want    string
	}{
		{"the promise before the price", NextDay, needs(1), []Site{with(far, 9), with(region, 9)}, plain(), "R 0×1"},
		{"without a promise the price", NoPromise, needs(1), []Site{with(region, 9), with(far, 9)}, plain(), "X 0×1"},
		{"one parcel rather than two that cost less", NoPromise, needs(1, 1), []Site{with(front, 1, 0), with(far, 0, 1), with(region, 1, 1)}, plain(), "R 0×1 1×1"},
		{"two parcels where cost goes first", NoPromise, needs(1, 1),
			[]Site{with(front, 1, 0), with(far, 0, 1), with(Site{ID: 9, Code: "Z", Promise: NextDay, ParcelFen: 2000}, 1, 1)},
			plain(OnTime, Filled, Cost, Parcels), "X 1×1; F 0×1"},
		{"a late piece rather than none", Minutes30, needs(3), []Site{with(front, 2), with(region, 9)}, plain(), "F 0×2; R! 0×1"},
		{"what is nowhere waits where the rest goes out", NextDay, needs(3, 1), []Site{with(front, 2, 0), with(region, 0, 0)}, plain(), "F 0×2; wait F 0×1; wait F 1×1"},
		{"nothing anywhere waits at the site that would be asked first", Minutes30, needs(1), []Site{with(region, 0), with(front, 0)}, plain(), "wait F 0×1"},
		{"no sites", NextDay, needs(1), nil, plain(), "wait nowhere 0×1"},
		{"at most so many parcels", NoPromise, needs(1, 1), []Site{with(front, 1, 0), with(far, 0, 1)},
			RuleSet{Goals: plain().Goals, MaxParcels: 1}, "X 1×1; wait X 0×1"},
		{"an SKU in two needs is not promised twice", NoPromise, []Need{{1, 2}, {1, 2}}, []Site{with(front, 3)}, plain(), "F 0×2 1×1; wait F 1×1"},
		{"a rule excludes", NextDay, needs(1), []Site{with(front, 9), with(region, 9)},
			RuleSet{Goals: plain().Goals, Rules: []Rule{{Name: catalog.Name{EN: "x"}, When: Condition{Sites: []string{"F"}}, Then: Effect{Exclude: true}}}}, "R 0×1"},
		{"a rule makes dearer", NextDay, needs(1), []Site{with(front, 9), with(region, 9)},
			RuleSet{Goals: plain().Goals, Rules: []Rule{{Name: catalog.Name{EN: "x"}, When: Condition{Tiers: []catalog.Tier{catalog.Front}}, Then: Effect{AddFen: 500}}}}, "R 0×1"},
		{"a rule takes the promise away", Minutes30, needs(1), []Site{with(front, 9)},
			RuleSet{Goals: plain().Goals, Rules: []Rule{{Name: catalog.Name{EN: "x"}, Then: Effect{Promise: NextDay}}}}, "F! 0×1"},
		{"a rule that is off does nothing", NextDay, needs(1), []Site{with(front, 9)},
			RuleSet{Goals: plain().Goals, Rules: []Rule{{Off: true, Then: Effect{Exclude: true}}}}, "F 0×1"},
		{"the last rule hides those behind it", NextDay, needs(1), []Site{with(front, 9)},
			RuleSet{Goals: plain().Goals, Rules: []Rule{{Then: Effect{AddFen: 1}, Last: true}, {Then: Effect{Exclude: true}}}}, "F 0×1"},
		{"more than four sites: greedy", NoPromise, needs(1, 1, 1),
			[]Site{with(front, 1, 0, 0), with(far, 0, 1, 0), with(Site{ID: 4, Code: "A"}, 1, 1, 0), with(Site{ID: 5, Code: "B"}, 0, 0, 1), with(region, 0, 0, 0)},
			plain(), "A 0×1 1×1; B 2×1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Source(Order{Promise: c.promise, Needs: c.needs}, c.sites, c.rules)
			if text := sent(got, c.sites); text != c.want {
				t.Errorf("got %s, want %s (%+v)", text, c.want, got.Options)
			}
			if got.Exact != (len(c.sites) <= exactSites) {
				t.Errorf("exact: %v", got.Exact)
			}
		})
	}
}

func TestSourceExplains(t *testing.T) {
	rules := DefaultRules()
	sites := []Site{
		{ID: 1, Code: "station", Tier: catalog.Station, Promise: Minutes30, Free: stock(9)},
		{ID: 2, Code: "front", Tier: catalog.Front, Promise: Minutes30, ParcelFen: 600, KM: 3, LoadPercent: 97, Free: stock(9)},
		{ID: 3, Code: "bonded", Tier: catalog.Bonded, Promise: NextDay, ParcelFen: 500, KM: 10, Free: stock(9)},
	}
	s := Source(Order{Promise: Minutes30, Needs: needs(2)}, sites, rules)
	if got := sent(s, sites); got != "front! 0×2" {
		t.Fatal(got)
	}
	if diff := cmp.Diff([]Applied{{0, 0}, {1, 3}, {2, 2}}, s.Applied); diff != "" {
		t.Error(diff)
	}
	want := []Option{{[]int{1}, Score{0, 2, 1, 600 + 350 + 3 + 60}}, {[]int{2}, Score{0, 2, 1, 500 + 350 + 10 + 800 + 60}}}
	if diff := cmp.Diff(want, s.Options); diff != "" {
		t.Error(diff)
	}
}

func TestRulesAreData(t *testing.T) {
	rules := DefaultRules()
	if err := rules.Validate(); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(rules)
	if err != nil {
		t.Fatal(err)
	}
	var back RuleSet
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rules, back); diff != "" {
		t.Error(diff)
	}
	one, two := 1.0, 2.0
	for field, spoil := range map[string]func(*RuleSet){
		"goals":       func(r *RuleSet) { r.Goals = []Goal{OnTime, Cost, Filled, Parcels} },
		"goals ":      func(r *RuleSet) { r.Goals = r.Goals[:2] },
		"goals  ":     func(r *RuleSet) { r.Goals[0] = "fast" },
		"parcel_fen":  func(r *RuleSet) { r.ParcelFen = -1 },
		"max_parcels": func(r *RuleSet) { r.MaxParcels = -1 },
		"name":        func(r *RuleSet) { r.Rules[0].Name = catalog.Name{} },
		"promises":    func(r *RuleSet) { r.Rules[0].When.Promises = []Promise{"soon"} },
		"tiers":       func(r *RuleSet) { r.Rules[0].When.Tiers = []catalog.Tier{"moon"} },
		"classes":     func(r *RuleSet) { r.Rules[0].When.Classes = []catalog.Temperature{"warm"} },
		"km":          func(r *RuleSet) { r.Rules[0].When.KM = &Range{&two, &one} },
		"promise":     func(r *RuleSet) { r.Rules[0].Then.Promise = "soon" },
		"then":        func(r *RuleSet) { r.Rules[0].Then = Effect{} },
	} {
		r := DefaultRules()
		spoil(&r)
		var e *RuleError
		if err := r.Validate(); !errors.As(err, &e) || e.Field != strings.TrimSpace(field) || !errors.Is(err, ErrRules) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func anySourcing(t *rapid.T, most int) (Order, []Site, RuleSet) {
	o := Order{Promise: rapid.SampledFrom(Promises()).Draw(t, "promise")}
	for i := range rapid.IntRange(1, 3).Draw(t, "needs") {
		sku := i + 1
		if rapid.IntRange(0, 9).Draw(t, "again") == 0 {
			sku = 1
		}
		o.Needs = append(o.Needs, Need{SKU(sku), quantity.Pieces(rapid.IntRange(0, 3).Draw(t, "pieces"))})
	}
	var sites []Site
	for i := range rapid.IntRange(0, most).Draw(t, "sites") {
		sites = append(sites, Site{ID: catalog.SiteID(i + 1), Code: fmt.Sprint(i), KM: float64(rapid.IntRange(0, 50).Draw(t, "km")),
			Promise: rapid.SampledFrom(Promises()).Draw(t, "offer"), ParcelFen: money.Fen(rapid.IntRange(0, 9).Draw(t, "carriage") * 100),
			Free: stock(quantity.Pieces(rapid.IntRange(0, 3).Draw(t, "a")), quantity.Pieces(rapid.IntRange(0, 3).Draw(t, "b")), quantity.Pieces(rapid.IntRange(0, 3).Draw(t, "c")))})
	}
	goals := rapid.SampledFrom([][]Goal{{OnTime, Filled, Parcels, Cost}, {Filled, OnTime, Cost, Parcels}, {Parcels, OnTime, Filled, Cost}, {Filled, Cost, Parcels, OnTime}}).Draw(t, "goals")
	return o, sites, RuleSet{Goals: goals, ParcelFen: 300, PieceFen: 10, KMFen: 2}
}

// every tries each way of giving the needs' pieces to the sites, piece by piece, and gives the best score.
func every(o Order, sites []Site, rules RuleSet) (best Score) {
	var units []SKU
	for _, n := range o.Needs {
		for range n.Pieces {
			units = append(units, n.SKU)
		}
	}
	free := make([]map[SKU]quantity.Pieces, len(sites))
	for i := range sites {
		free[i] = map[SKU]quantity.Pieces{}
		for k, v := range sites[i].Free {
			free[i][k] = v
		}
	}
	sentFrom := make([]quantity.Pieces, len(sites))
	var walk func(i int)
	walk = func(i int) {
		if i == len(units) {
			var sc Score
			for k, n := range sentFrom {
				if n == 0 {
					continue
				}
				sc.Filled += n
				sc.Parcels++
				sc.Cost += sites[k].ParcelFen + rules.ParcelFen + money.Fen(float64(rules.KMFen)*sites[k].KM+0.5) + money.Fen(n)*rules.PieceFen
				if sites[k].Promise.Keeps(o.Promise) {
					sc.OnTime += n
				}
			}
			if sc.Filled > 0 && (best.Filled == 0 || sc.compare(best, rules.Goals) < 0) {
				best = sc
			}
			return
		}
		walk(i + 1) // left out
		for k := range sites {
			if free[k][units[i]] > 0 {
				free[k][units[i]]--
				sentFrom[k]++
				walk(i + 1)
				sentFrom[k]--
				free[k][units[i]]++
			}
		}
	}
	walk(0)
	return best
}

func TestSourceIsTheBestThereIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, sites, rules := anySourcing(t, 3)
		var wanted quantity.Pieces
		for _, n := range o.Needs {
			wanted += n.Pieces
		}
		if wanted > 6 {
			return // too many pieces to try every way
		}
		got := Source(o, sites, rules)
		best := every(o, sites, rules)
		if rules.Goals[len(rules.Goals)-1] == Cost || best.Filled == 0 {
			if got.Score != best {
				t.Fatalf("got %+v, best %+v", got.Score, best)
			}
			return
		}
		if got.Score.compare(best, rules.Goals) != 0 {
			t.Fatalf("got %+v, best %+v", got.Score, best)
		}
	})
}

func TestSourceAccounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, sites, rules := anySourcing(t, 9)
		s := Source(o, sites, rules)
		given := make([]quantity.Pieces, len(o.Needs))
		seen := map[int]bool{}
		for _, p := range s.Parcels {
			if seen[p.Site] || len(p.Portions) == 0 {
				t.Fatalf("%+v", s.Parcels)
			}
			seen[p.Site] = true
			out := map[SKU]quantity.Pieces{}
			for _, q := range p.Portions {
				given[q.Need] += q.Pieces
				out[o.Needs[q.Need].SKU] += q.Pieces
			}
			for sku, n := range out {
				if n > sites[p.Site].Free[sku] {
					t.Fatalf("site %d sends %d of %d", p.Site, n, sites[p.Site].Free[sku])
				}
			}
		}
		for _, q := range s.Waiting {
			given[q.Need] += q.Pieces
		}
		for i, n := range o.Needs {
			if given[i] != n.Pieces {
				t.Fatalf("need %d: %d of %d", i, given[i], n.Pieces)
			}
		}
		// The order of the sites makes no difference.
		want := sent(s, sites)
		rng := rand.New(rand.NewPCG(uint64(rapid.Int64().Draw(t, "seed")), 1))
		rng.Shuffle(len(sites), func(i, j int) { sites[i], sites[j] = sites[j], sites[i] })
		if got := sent(Source(o, sites, rules), sites); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}

// The greedy search beyond four sites: how often it finds the best that all combinations hold.
func TestGreedyAgainstExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	const cases = 2000
	same, filled := 0, 0
	for range cases {
		o := Order{Promise: NextDay, Needs: needs(2, 2, 2, 1)}
		var sites []Site
		for i := range 8 {
			free := make([]quantity.Pieces, 4)
			for k := range free {
				if rng.IntN(3) > 0 {
					free[k] = quantity.Pieces(rng.IntN(4))
				}
			}
			sites = append(sites, Site{ID: catalog.SiteID(i + 1), Promise: Promises()[rng.IntN(4)], ParcelFen: money.Fen(400 + rng.IntN(800)), Free: stock(free...)})
		}
		rules := plain()
		s := search{order: &o, sites: sites, rules: &rules}
		s.applyRules()
		greedy, exact := s.best(false), s.best(true)
		if greedy.Score == exact.Score {
			same++
		}
		if greedy.Score.OnTime == exact.Score.OnTime && greedy.Score.Filled == exact.Score.Filled {
			filled++
		}
	}
	t.Logf("greedy of 8 sites: same score in %.1f %%, same pieces in %.1f %% of %d orders", 100*float64(same)/cases, 100*float64(filled)/cases, cases)
	if filled < cases || same < cases*80/100 {
		t.Errorf("same %d, filled %d of %d", same, filled, cases)
	}
}

func BenchmarkSource(b *testing.B) {
	sites := []Site{
		{ID: 1, Code: "F", Tier: catalog.Front, Promise: Minutes30, ParcelFen: 600, Free: stock(9, 0)},
		{ID: 2, Code: "R", Tier: catalog.Regional, Promise: NextDay, ParcelFen: 900, Free: stock(9, 9)},
		{ID: 3, Code: "S", Tier: catalog.Regional, Promise: NextDay, ParcelFen: 900, Free: stock(9, 9)},
		{ID: 4, Code: "B", Tier: catalog.Bonded, Promise: NoPromise, ParcelFen: 500, Free: stock(9, 9)},
	}
	o, rules := Order{Promise: NextDay, Needs: needs(2, 1)}, DefaultRules()
	b.ReportAllocs()
	for b.Loop() {
		Source(o, sites, rules)
	}
}
