package picking

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

func TestClasses(t *testing.T) {
	moved := []Moved{{1, 60}, {2, 25}, {3, 8}, {4, 4}, {5, 3}, {6, 0}, {7, -2}}
	got := Classes(moved)
	want := map[catalog.SKUID]Class{1: A, 2: A, 3: B, 4: B, 5: C, 6: C, 7: C} // cumulative 60, 85, 93, 97, 100
	for sku, class := range want {
		if got[sku] != class {
			t.Errorf("SKU %d is %s, want %s", sku, got[sku], class)
		}
	}
	if c := Classes([]Moved{{1, 0}}); c[1] != C {
		t.Errorf("nothing moved: %v", c)
	}
	if c := Classes([]Moved{{1, 5}}); c[1] != A {
		t.Errorf("one SKU: %v", c)
	}
}

func TestClassesFollowTheLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var moved []Moved
		for i := range rapid.IntRange(0, 30).Draw(t, "SKUs") {
			moved = append(moved, Moved{catalog.SKUID(i), rapid.Int64Range(0, 1000).Draw(t, "lines")})
		}
		classes := Classes(moved)
		rand.New(rand.NewPCG(1, uint64(len(moved)))).Shuffle(len(moved), func(i, j int) { moved[i], moved[j] = moved[j], moved[i] })
		again := Classes(moved)
		for _, m := range moved {
			if classes[m.SKU] != again[m.SKU] {
				t.Fatal("depends on the order")
			}
			for _, n := range moved {
				if m.Lines > n.Lines && classes[m.SKU] > classes[n.SKU] {
					t.Fatalf("%+v is %s, %+v is %s", m, classes[m.SKU], n, classes[n.SKU])
				}
			}
		}
	})
}

func TestCountPlan(t *testing.T) {
	today := calendar.Date(2026, time.November, 23)
	ago := func(n int) *calendar.Day { d := today.AddDays(-n); return &d }
	bins := []Countable{
		{Bin: "fresh", Class: A, Counted: ago(29)},
		{Bin: "a due", Class: A, Counted: ago(30)},
		{Bin: "a late", Class: A, Counted: ago(45)},
		{Bin: "b late", Class: B, Counted: ago(136)},
		{Bin: "c late", Class: C, Counted: ago(200)},
		{Bin: "new c", Class: C},
		{Bin: "new a", Class: A},
		{Bin: "doubt", Class: C, Counted: ago(1), Doubt: true},
	}
	var got []string
	for _, d := range CountPlan(bins, UsualCounts(), today, 20) {
		got = append(got, fmt.Sprintf("%s %s %d", bins[d.Index].Bin, d.Reason, d.Late))
	}
	// b: 46 of 90 days late is more than a: 15 of 30.
	want := "[doubt doubt 0 new a never 0 new c never 0 b late due 46 a late due 15 c late due 20 a due due 0]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if n := len(CountPlan(bins, UsualCounts(), today, 2)); n != 2 {
		t.Error(n)
	}
	if n := len(CountPlan(bins, CountEvery{}, today, -1)); n != 0 {
		t.Error(n)
	}
}

func TestJudgeCounts(t *testing.T) {
	for _, c := range []struct {
		stock     int64
		counts    []int64
		tolerance int64
		want      CountDecision
	}{
		{10, nil, 0, CountAgain}, {10, []int64{10}, 0, CountAgrees}, {10, []int64{9}, 1, CountBook}, {10, []int64{9}, 0, CountAgain},
		{10, []int64{9, 9}, 0, CountBook}, {10, []int64{9, 8}, 0, CountAgain}, {10, []int64{9, 8, 9}, 0, CountBook}, {10, []int64{9, 10}, 0, CountAgrees}, {10, []int64{14}, 3, CountAgain},
	} {
		if got := JudgeCounts(c.stock, c.counts, c.tolerance); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
