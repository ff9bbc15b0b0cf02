package simulation

// Goal is a figure that a plan is measured by and where it should end.
type Goal struct {
	Name string
	Want float64
	// More is true where more is better.
	More bool
	// Of gives the figure of a run, held against that of the naive policy in the same world.
	Of func(m, naive, rop Metrics) float64
}

// Goals are what the product's planner is built to reach in every world: shares of 1, turns a year, and money against the
// textbook policies of the same world.
func Goals() []Goal {
	return []Goal{
		{"stock-out", .02, false, func(m, _, _ Metrics) float64 { return m.StockoutRate }},
		{"core stock-out", .015, false, func(m, _, _ Metrics) float64 { return m.CoreStockout }},
		{"turns", 14, true, func(m, _, _ Metrics) float64 { return m.Turns }},
		{"slow share", .08, false, func(m, _, _ Metrics) float64 { return m.SlowShare }},
		{"overstock/naive", .6, false, func(m, naive, _ Metrics) float64 { return over(m.AvgOverstock, naive.AvgOverstock) }},
		{"72 h restock", .9, true, func(m, _, _ Metrics) float64 { return m.RestockedShare }},
		{"cost/naive", .52, false, func(m, naive, _ Metrics) float64 { return over(m.TotalCost, naive.TotalCost) }},
		{"cost/rop", 1, false, func(m, _, rop Metrics) float64 { return over(m.TotalCost, rop.TotalCost) }},
	}
}

func over(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// Met tells whether a figure is where it should be.
func (g Goal) Met(v float64) bool {
	if g.More {
		return v >= g.Want
	}
	return v <= g.Want
}

// Worse gives the worse of two figures.
func (g Goal) Worse(a, b float64) float64 {
	if g.More {
		return min(a, b)
	}
	return max(a, b)
}
