package console

import (
	"testing"

	"milkrun/replenishment/replenishops"
)

// TestCoverShowsTheDaysOfItsState: a cell in red gives the days of those that run out, not of the full shelves beside them.
func TestCoverShowsTheDaysOfItsState(t *testing.T) {
	cell := replenishops.CoverCell{CoverDays: 55, ShortDays: 6, OutDays: 2, SKUs: 50, Short: 12, Out: 8}
	for _, c := range []struct {
		name  string
		set   func(*replenishops.CoverCell)
		state string
		days  float64
		noted bool
	}{
		{"running out", func(*replenishops.CoverCell) {}, "running_out", 2, true},
		{"low", func(c *replenishops.CoverCell) { c.Out = 1 }, "low", 6, true},
		{"enough", func(c *replenishops.CoverCell) { c.Out, c.Short = 1, 2 }, "enough", 55, false},
		{"too much", func(c *replenishops.CoverCell) { c.Out, c.Short, c.TooMuch = 0, 0, 30 }, "too_much", 55, false},
	} {
		x := cell
		c.set(&x)
		if got := coverCell(t.Context(), x); got.State != c.state || got.Days != c.days || (got.Note != "") != c.noted {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
