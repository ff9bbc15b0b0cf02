package allocation

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
)

var today = calendar.Date(2026, time.November, 23)

// in gives the day n days from today.
func in(n int) *calendar.Day {
	d := today.AddDays(n)
	return &d
}

func TestSellable(t *testing.T) {
	for _, c := range []struct {
		expiry    *calendar.Day
		min, near int
		want      bool
	}{
		{nil, 900, 900, true}, {in(0), 0, 0, true}, {in(-1), 0, 0, false}, {in(45), 0, 45, true}, {in(44), 0, 45, false},
		{in(180), 180, 45, true}, {in(179), 180, 45, false}, {in(10), -5, -5, true}, {in(-1), -5, -5, false},
	} {
		if got := Sellable(c.expiry, today, c.min, c.near); got != c.want {
			t.Errorf("%v, %d, %d: %v", c.expiry, c.min, c.near, got)
		}
	}
}

// show writes a result as "line: position×pieces …; short line: missing/tooOld".
func show(r Result, lines []Line, positions []Position) string {
	var b strings.Builder
	for _, t := range r.Takes {
		fmt.Fprintf(&b, "%d:%d×%d ", lines[t.Line].Order, positions[t.Position].ID, t.Pieces)
	}
	for _, s := range r.Shortages {
		fmt.Fprintf(&b, "short %d:%d/%d ", lines[s.Line].Order, s.Missing, s.TooOld)
	}
	return strings.TrimSpace(b.String())
}

func TestBatch(t *testing.T) {
	for _, c := range []struct {
		name      string
		lines     []Line
		positions []Position
		want      string
	}{
		{"earliest expiry first",
			[]Line{{Order: 1, SKU: 7, Want: 3}},
			[]Position{{ID: 1, SKU: 7, Expiry: in(300), Free: 9}, {ID: 2, SKU: 7, Expiry: in(100), Free: 9}, {ID: 3, SKU: 7, Free: 9}}, "1:2×3"},
		{"a lot that cannot cover the line is split",
			[]Line{{Order: 1, SKU: 7, Want: 5}},
			[]Position{{ID: 1, SKU: 7, Expiry: in(300), Free: 9}, {ID: 2, SKU: 7, Expiry: in(100), Free: 2}}, "1:2×2 1:1×3"},
		{"the customer's remaining life passes over a lot",
			[]Line{{Order: 1, SKU: 7, Want: 5, MinRemainingDays: 180}, {Order: 2, SKU: 7, Want: 2}},
			[]Position{{ID: 1, SKU: 7, Expiry: in(300), Free: 9}, {ID: 2, SKU: 7, Expiry: in(100), Free: 2}}, "1:1×5 2:2×2"},
		{"goods near their expiry are not sold, and said to be there",
			[]Line{{Order: 1, SKU: 7, Want: 5, NearExpiryDays: 45}},
			[]Position{{ID: 1, SKU: 7, Expiry: in(40), Free: 9}}, "short 1:5/9"},
		{"one bin that covers the line before two of the same lot",
			[]Line{{Order: 1, SKU: 7, Want: 5}},
			[]Position{{ID: 1, SKU: 7, Expiry: in(100), Free: 2}, {ID: 2, SKU: 7, Expiry: in(100), Free: 5}}, "1:2×5"},
		{"the pick face before the reserve",
			[]Line{{Order: 1, SKU: 7, Want: 2}},
			[]Position{{ID: 1, SKU: 7, Expiry: in(100), Free: 9, Rank: 2}, {ID: 2, SKU: 7, Expiry: in(100), Free: 5, Rank: 1}}, "1:2×2"},
		{"fair order: priority, then waiting time, then number",
			[]Line{{Order: 4, SKU: 7, Want: 1, Queued: 9}, {Order: 3, SKU: 7, Want: 1, Queued: 5}, {Order: 2, SKU: 7, Want: 1, Queued: 5}, {Order: 9, SKU: 7, Want: 1, Queued: 99, Priority: 1}},
			[]Position{{ID: 1, SKU: 7, Free: 2}}, "9:1×1 2:1×1 short 3:1/0 short 4:1/0"},
		{"whole or not at all, and the next is served",
			[]Line{{Order: 1, SKU: 7, Want: 5, Whole: true}, {Order: 2, SKU: 7, Want: 4}},
			[]Position{{ID: 1, SKU: 7, Free: 3}, {ID: 2, SKU: 7, Free: 1}}, "2:1×3 2:2×1 short 1:5/0"},
		{"nothing wanted, nothing there",
			[]Line{{Order: 1, SKU: 7}, {Order: 2, SKU: 8, Want: 1}, {Order: 3, SKU: 7, Want: -4}},
			[]Position{{ID: 1, SKU: 7}, {ID: 2, SKU: 9, Free: -3}}, "short 2:1/0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := show(Batch(c.lines, c.positions, today), c.lines, c.positions); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func anyBatch(t *rapid.T) ([]Line, []Position) {
	sku := rapid.Int32Range(1, 3)
	n, m := rapid.IntRange(0, 30).Draw(t, "lines"), rapid.IntRange(0, 20).Draw(t, "positions")
	lines, positions := make([]Line, n), make([]Position, m)
	for i := range lines {
		lines[i] = Line{Order: int64(i / 2), No: i % 2, Priority: rapid.IntRange(0, 2).Draw(t, "priority"), Queued: rapid.Int64Range(0, 3).Draw(t, "queued"),
			SKU: SKU(sku.Draw(t, "sku")), Want: quantity.Pieces(rapid.IntRange(0, 9).Draw(t, "want")),
			MinRemainingDays: rapid.SampledFrom([]int{0, 0, 30, 180}).Draw(t, "min"), NearExpiryDays: rapid.SampledFrom([]int{0, 20}).Draw(t, "near"),
			Whole: rapid.Bool().Draw(t, "whole")}
	}
	for i := range positions {
		positions[i] = Position{ID: int64(i), SKU: SKU(sku.Draw(t, "sku")), Lot: rapid.Int64Range(0, 3).Draw(t, "lot"), Rank: rapid.IntRange(0, 1).Draw(t, "rank"),
			Free: quantity.Pieces(rapid.IntRange(0, 12).Draw(t, "free"))}
		if rapid.Bool().Draw(t, "dated") {
			positions[i].Expiry = in(rapid.SampledFrom([]int{-1, 10, 29, 30, 179, 180, 400}).Draw(t, "expiry"))
		}
	}
	return lines, positions
}

// reference allocates one piece at a time, by looking at everything: slow and plain. It fixes how many pieces of each expiry a
// line gets; which of the bins of one expiry give them is free.
func reference(lines []Line, positions []Position) map[[2]int]quantity.Pieces {
	order := make([]int, len(lines))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return lines[a].before(&lines[b]) })
	free := map[SKU]map[int]quantity.Pieces{}
	day := func(p Position) int {
		if p.Expiry == nil {
			return int(never)
		}
		return int(*p.Expiry)
	}
	for _, p := range positions {
		if free[p.SKU] == nil {
			free[p.SKU] = map[int]quantity.Pieces{}
		}
		free[p.SKU][day(p)] += p.Free
	}
	got := map[[2]int]quantity.Pieces{}
	for _, i := range order {
		l := lines[i]
		var days []int
		var all quantity.Pieces
		for d, n := range free[l.SKU] {
			e := calendar.Day(d)
			if Sellable(&e, today, l.MinRemainingDays, l.NearExpiryDays) {
				days = append(days, d)
				all += n
			}
		}
		if l.Whole && all < l.Want {
			continue
		}
		slices.Sort(days)
		for n := l.Want; n > 0; n-- {
			for _, d := range days {
				if free[l.SKU][d] > 0 {
					free[l.SKU][d]--
					got[[2]int{i, d}]++
					break
				}
			}
		}
	}
	return got
}

func TestBatchProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines, positions := anyBatch(t)
		r := Batch(lines, positions, today)
		taken, given := make([]quantity.Pieces, len(positions)), make([]quantity.Pieces, len(lines))
		byDay := map[[2]int]quantity.Pieces{}
		for _, k := range r.Takes {
			l, p := lines[k.Line], positions[k.Position]
			if k.Pieces <= 0 || l.SKU != p.SKU || !Sellable(p.Expiry, today, l.MinRemainingDays, l.NearExpiryDays) {
				t.Fatalf("take %+v: %+v from %+v", k, l, p)
			}
			taken[k.Position] += k.Pieces
			given[k.Line] += k.Pieces
			d := int(never)
			if p.Expiry != nil {
				d = int(*p.Expiry)
			}
			byDay[[2]int{k.Line, d}] += k.Pieces
		}
		for i, p := range positions {
			if taken[i] > max(0, p.Free) {
				t.Fatalf("%d pieces taken from %+v", taken[i], p)
			}
		}
		missing := make([]quantity.Pieces, len(lines))
		for _, s := range r.Shortages {
			if s.Missing <= 0 || missing[s.Line] != 0 {
				t.Fatalf("%+v", s)
			}
			missing[s.Line] = s.Missing
		}
		for i, l := range lines {
			if given[i]+missing[i] != max(0, l.Want) || l.Whole && given[i] != 0 && missing[i] != 0 {
				t.Fatalf("%+v got %d and misses %d", l, given[i], missing[i])
			}
		}
		if diff := cmp.Diff(reference(lines, positions), byDay); diff != "" {
			t.Fatalf("against the plain reckoning: %s", diff)
		}
	})
}

// The answer depends on the content of a batch alone, not on the order of its rows.
func TestBatchIsOrderIndependent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines, positions := anyBatch(t)
		want := show(Batch(lines, positions, today), lines, positions)
		rng := rand.New(rand.NewPCG(uint64(rapid.Int64().Draw(t, "seed")), 1))
		rng.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		rng.Shuffle(len(positions), func(i, j int) { positions[i], positions[j] = positions[j], positions[i] })
		if got := show(Batch(lines, positions, today), lines, positions); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}

// bench makes a batch of n lines with Zipf demand over skus, or all on one.
func bench(n, skus int) ([]Line, []Position) {
	rng := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(rng, 1.1, 4, uint64(skus-1))
	lines := make([]Line, n)
	for i := range lines {
		lines[i] = Line{Order: int64(i), Queued: int64(rng.IntN(n)), SKU: SKU(zipf.Uint64()), Want: quantity.Pieces(1 + rng.IntN(3)), NearExpiryDays: 45,
			MinRemainingDays: []int{0, 0, 0, 180}[rng.IntN(4)]}
	}
	positions := make([]Position, 0, skus*4)
	for s := range skus {
		for k := range 4 {
			positions = append(positions, Position{ID: int64(len(positions)), SKU: SKU(s), Lot: int64(k), Expiry: in(60 + 90*k), Free: quantity.Pieces(rng.IntN(40))})
		}
	}
	return lines, positions
}

func BenchmarkBatch(b *testing.B) {
	for _, c := range []struct {
		name    string
		n, skus int
	}{{"zipf", 2000, 1000}, {"flash", 2000, 1}} {
		b.Run(c.name, func(b *testing.B) {
			lines, positions := bench(c.n, max(2, c.skus))
			if c.skus == 1 {
				for i := range lines {
					lines[i].SKU = 0
				}
				positions = positions[:0]
				for i := range 200 {
					positions = append(positions, Position{ID: int64(i), Expiry: in(100 + i%5*30), Free: 15})
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				Batch(lines, positions, today)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(lines)), "ns/line")
		})
	}
}
