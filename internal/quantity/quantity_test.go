package quantity

import (
	"testing"

	"pgregory.net/rapid"
)

func TestRoundingToPacks(t *testing.T) {
	for _, c := range []struct{ p, pack, ceil, floor Pieces }{
		{0, 60, 0, 0}, {1, 60, 60, 0}, {60, 60, 60, 60}, {4180, 60, 4200, 4140},
		{7, 1, 7, 7}, {7, 0, 7, 7}, {-7, 5, -5, -10}, {-10, 5, -10, -10},
	} {
		if got := c.p.CeilTo(c.pack); got != c.ceil {
			t.Errorf("%d.CeilTo(%d) = %d, want %d", c.p, c.pack, got, c.ceil)
		}
		if got := c.p.FloorTo(c.pack); got != c.floor {
			t.Errorf("%d.FloorTo(%d) = %d, want %d", c.p, c.pack, got, c.floor)
		}
	}
}

func TestRoundingBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Pieces(rapid.Int64Range(-1e12, 1e12).Draw(t, "pieces"))
		pack := Pieces(rapid.Int64Range(1, 1e6).Draw(t, "pack"))
		up, down := p.CeilTo(pack), p.FloorTo(pack)
		if up < p || up-p >= pack || up%pack != 0 {
			t.Fatalf("%d.CeilTo(%d) = %d", p, pack, up)
		}
		if down > p || p-down >= pack || down%pack != 0 {
			t.Fatalf("%d.FloorTo(%d) = %d", p, pack, down)
		}
	})
}

func TestPacks(t *testing.T) {
	packs, rest := Pieces(125).Packs(60)
	if packs != 2 || rest != 5 {
		t.Errorf("125 in 60s = %d rest %d", packs, rest)
	}
}
