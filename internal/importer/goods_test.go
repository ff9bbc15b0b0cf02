package importer

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestSlipsFindTheCodeThatWasMeant(t *testing.T) {
	for typed, meant := range map[string]string{
		"MR-720041":  "MR-720014", // changed places
		"MR-720015":  "MR-720014", // another figure
		"NR-720014":  "MR-720014", // another letter
		"MR-7200144": "MR-720014", // typed twice
		"MR-72014":   "MR-720014", // left out
		"MR720014":   "MR-720014", // without its hyphen
		"MR-72OO14":  "MR-720014", // letters for figures
	} {
		if !slices.Contains(slips(typed), meant) {
			t.Errorf("%s does not lead to %s", typed, meant)
		}
	}
}

// Seen must agree with a map.
func TestSeenIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Seen[[2]int]
		m := map[[2]int]int{}
		for row := 1; row <= rapid.IntRange(1, 5000).Draw(t, "rows"); row++ {
			key := [2]int{row * 7919 % 1301, row % 3}
			if got, want := s.Row(key, row), m[key]; got != want {
				t.Fatalf("row %d: %d, want %d", row, got, want)
			}
			if m[key] == 0 {
				m[key] = row
			}
		}
	})
}

func TestCleanName(t *testing.T) {
	for name, want := range map[string]string{
		`C:\表\十一月.xlsx`: "十一月.xlsx", "/tmp/a/b.csv": "b.csv", "": "sheet", "..": "..", "a\x00b\n.csv": "ab.csv", "\xff.csv": ".csv",
	} {
		if got := cleanName(name); got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
	long := cleanName(string(slices.Repeat([]rune("长"), 300)) + ".xlsx")
	if n := len([]rune(long)); n != 200 || long[len(long)-5:] != ".xlsx" {
		t.Errorf("%d characters: %s", n, long)
	}
}

func TestOperationsAreTheSameOnEachAttempt(t *testing.T) {
	a, b := Source{ID: 7, Epoch: 2}, Source{ID: 7, Epoch: 2}
	if a.Operation(0) != b.Operation(0) || a.Operation(0) == a.Operation(1) || a.Operation(0) == (Source{ID: 7, Epoch: 3}).Operation(0) || a.Operation(0) == (Source{ID: 72}).Operation(0) {
		t.Error("operation ids are mixed up")
	}
}
