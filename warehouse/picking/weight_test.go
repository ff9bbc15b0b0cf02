package picking

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestLearned(t *testing.T) {
	var l Learned
	if l.SD() != 0 {
		t.Error(l.SD())
	}
	// 2, 4, 4, 4, 5, 5, 7, 9 have the mean 5 and the sample variance 32/7.
	for _, g := range []float64{2, 4, 4, 4, 5, 5, 7, 9} {
		l = l.Observe(g)
	}
	if l.N != 8 || math.Abs(l.Mean-5) > 1e-12 || math.Abs(l.SD()-math.Sqrt(32.0/7)) > 1e-12 {
		t.Errorf("%+v, SD %v", l, l.SD())
	}
	if p := PartOf(3, 900, l); p.Grams != 5 || p.SD != l.SD() || p.Pieces != 3 {
		t.Errorf("%+v", p)
	}
	if p := PartOf(3, 900, Learned{N: 4, Mean: 5}); p.Grams != 900 || p.SD != 18 {
		t.Errorf("%+v", p)
	}
}

func TestExpect(t *testing.T) {
	parts := []Part{{2, 900, 5}, {1, 120, 2}, {1, 9, 0.5}}
	w := Expect(200, parts, 5)
	if want := 5 + 3*math.Sqrt(25+25+4+0.25); w.Grams != 2129 || math.Abs(w.Tolerance-want) > 1e-9 || len(w.Blind) != 1 || w.Blind[0] != 2 || w.Unknown {
		t.Errorf("%+v", w)
	}
	if off, ok := w.Off(2129 + 27); off != 27 || !ok {
		t.Error(off, ok)
	}
	if off, ok := w.Off(2129 - 28); off != -28 || ok {
		t.Error(off, ok)
	}
	if _, ok := Expect(0, []Part{{Pieces: 1}}, 5).Off(9999); !ok {
		t.Error("a content of unknown weight is refused")
	}
}

func TestSuspects(t *testing.T) {
	parts := []Part{{2, 900, 4}, {3, 350, 3}, {1, 120, 1}}
	w := Expect(200, parts, 5)
	for _, c := range []struct {
		name    string
		off     float64
		missing map[int]int64
	}{
		{"one tin missing", -900, map[int]int64{0: 1}},
		{"two packs missing", -703, map[int]int64{1: 2}},
		{"one too many of the small", 119, map[int]int64{2: -1}},
		{"a tin and the small one missing", -1020, map[int]int64{0: 1, 2: 1}},
		{"a pack for a tin", -550, map[int]int64{0: 1, 1: -1}},
	} {
		s := Suspects(w, parts, w.Grams+c.off)
		if len(s) == 0 || len(s[0].Missing) != len(c.missing) {
			t.Errorf("%s: %+v", c.name, s)
			continue
		}
		for i, n := range c.missing {
			if s[0].Missing[i] != n {
				t.Errorf("%s: %+v", c.name, s[0])
			}
		}
	}
	if s := Suspects(w, parts, w.Grams+3); s != nil {
		t.Errorf("a right parcel: %+v", s)
	}
	if s := Suspects(w, parts, w.Grams+20_000); s != nil {
		t.Errorf("a stone in the parcel: %+v", s)
	}
}

// Whatever single piece is missing is named first or with the same weight as what is named first.
func TestMissingPieceIsNamed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var parts []Part
		for range rapid.IntRange(1, 5).Draw(t, "parts") {
			parts = append(parts, Part{Pieces: rapid.Int64Range(1, 4).Draw(t, "pieces"), Grams: float64(rapid.IntRange(100, 2000).Draw(t, "grams")), SD: 0.5})
		}
		w := Expect(150, parts, 1)
		gone := rapid.IntRange(0, len(parts)-1).Draw(t, "gone")
		s := Suspects(w, parts, w.Grams-parts[gone].Grams)
		if len(s) == 0 {
			t.Fatal("nothing is suspected")
		}
		for _, x := range s {
			if len(x.Missing) == 1 && x.Missing[gone] == 1 {
				return
			}
			if math.Abs(x.Rest) > w.Tolerance {
				t.Fatalf("%+v explains nothing", x)
			}
		}
		t.Fatalf("part %d of %+v is missing, suspected %+v", gone, parts, s)
	})
}
