package grid

import (
	"testing"

	"pgregory.net/rapid"
)

func TestRefs(t *testing.T) {
	for col, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 701: "ZZ", 702: "AAA", 16383: "XFD"} {
		if got := Letters(col); got != want {
			t.Errorf("Letters(%d) = %s, want %s", col, got, want)
		}
	}
	for _, bad := range []string{"", "5", "$", "A1B", "XFE1", "A1048577", "é1", "A-1", "ZZZZZZZZZZZZZZ1"} {
		if r, c, ok := ParseRef(bad); ok {
			t.Errorf("ParseRef(%q) = %d, %d", bad, r, c)
		}
	}
	if r, c, ok := ParseRef("$e$5"); !ok || r != 5 || c != 4 {
		t.Errorf("$e$5 = %d, %d, %v", r, c, ok)
	}
	if r, c, ok := ParseRef("C"); !ok || r != 0 || c != 2 {
		t.Errorf("C = %d, %d, %v", r, c, ok)
	}
}

func TestRefRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row, col := rapid.IntRange(1, 1<<20).Draw(t, "row"), rapid.IntRange(0, 16383).Draw(t, "col")
		if r, c, ok := ParseRef([]byte(Ref(row, col))); !ok || r != row || c != col {
			t.Fatalf("%s = %d, %d, %v", Ref(row, col), r, c, ok)
		}
	})
}
