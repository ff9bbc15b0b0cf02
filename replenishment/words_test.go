package replenishment_test

import (
	"os"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"milkrun/replenishment"
)

// TestListsAreComplete: every message id that the source declares is listed.
func TestListsAreComplete(t *testing.T) {
	for file, c := range map[string]struct {
		pattern string
		has     func(id string) bool
	}{
		"explanation.go": {`StepKey = "(why\.[a-z_]+)"`, func(id string) bool { return slices.Contains(replenishment.StepKeys(), replenishment.StepKey(id)) }},
		"suggestion.go": {`WarningCode = "(warn\.[a-z_]+)"`, func(id string) bool {
			return slices.Contains(replenishment.WarningCodes(), replenishment.WarningCode(id))
		}},
	} {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		ids := regexp.MustCompile(c.pattern).FindAllSubmatch(src, -1)
		if len(ids) < 20 {
			t.Fatalf("%s: only %d ids found", file, len(ids))
		}
		for _, m := range ids {
			if !c.has(string(m[1])) {
				t.Errorf("%s declares %s, the list lacks it", file, m[1])
			}
		}
	}
}

// TestPlansDoNotMixUp plans different items at once: memory is reused between plans.
func TestPlansDoNotMixUp(t *testing.T) {
	items := []replenishment.Snapshot{teether(), milk(), chain(), heated(), fourteen()}
	want := make([]replenishment.Result, len(items))
	for i, in := range items {
		want[i] = replenishment.Plan(in)
	}
	var group sync.WaitGroup
	for k := range 40 {
		group.Go(func() {
			i := k % len(items)
			if d := cmp.Diff(want[i], replenishment.Plan(items[i])); d != "" {
				t.Errorf("item %d: %s", i, d)
			}
		})
	}
	group.Wait()
}
