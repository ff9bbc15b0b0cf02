package desk

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"milkrun/web/ui"
)

func TestTrailGoesForthAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.IntRange(1, 100).Draw(t, "steps")
		at, passed := Trail{}, []Trail{{}}
		for i := range steps {
			at = ReadTrail(at.next(fmt.Sprintf("sold_%d_%d", i, i*7)).Text())
			if at.passed != i+1 || at.Here() != fmt.Sprintf("sold_%d_%d", i, i*7) || len(at.places) > trailMost {
				t.Fatalf("step %d: %+v", i, at)
			}
			passed = append(passed, at)
		}
		for i := steps - 1; i >= 0 && i > steps-trailMost; i-- {
			if at = at.back(); at.Here() != passed[i].Here() || at.passed != passed[i].passed {
				t.Fatalf("back to %d: %+v, was %+v", i, at, passed[i])
			}
		}
	})
}

func FuzzReadTrail(f *testing.F) {
	for _, s := range []string{"", "1~x", "3~a~b~c", "2~a~b~c", "-1~a", "9999999999~a", "x~y", "1~", strings.Repeat("~", 99)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := ReadTrail(s)
		if got.passed < len(got.places) || len(got.places) > trailMost || (got.passed == 0) != (got.Here() == "" && len(got.places) == 0) {
			t.Fatalf("%q: %+v", s, got)
		}
	})
}

func TestPagerOfATrail(t *testing.T) {
	here, _ := url.Parse("/demand?sort=-heat&open=x")
	ctx := ui.WithView(context.Background(), &ui.View{URL: here})
	first := Trail{}.Pager(ctx, 50, 50, 120, "heat_1_2")
	if first.First != 1 || first.Last != 50 || first.Prev != "" || !strings.Contains(first.Next, "after=1~heat_1_2") || !strings.Contains(first.Next, "sort=-heat") || strings.Contains(first.Next, "open") {
		t.Errorf("first page: %+v", first)
	}
	last := ReadTrail("2~a~b").Pager(ctx, 50, 20, 120, "")
	if last.First != 101 || last.Last != 120 || last.Next != "" || !strings.Contains(last.Prev, "after=1~a") {
		t.Errorf("last page: %+v", last)
	}
	if empty := ReadTrail("1~a").Pager(ctx, 50, 0, 0, ""); empty.Last != 0 || empty.Prev != "" {
		t.Errorf("nothing: %+v", empty)
	}
}
