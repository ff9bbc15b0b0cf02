package policy

import "math"

// Period is one period of planned demand with its costs: Fixed when anything is ordered in it, Unit a piece ordered,
// Holding a piece in stock at its end.
type Period struct{ Demand, Fixed, Unit, Holding float64 }

// WagnerWhitin gives the cheapest quantities to order in each period so that all demand is met on time (Wagner & Whitin,
// Management Science 5(1), 1958; S&S 3.7; here with all costs free to vary). There is an optimum in which each order
// covers the demand of whole consecutive periods; the recursion runs over where the last order falls.
func WagnerWhitin(periods []Period) (cost float64, quantities []float64) {
	n := len(periods)
	best := make([]float64, n+1) // best[t]: cheapest way to serve periods 0..t−1
	from := make([]int, n+1)     // the period of the last order in it, −1 for none
	for t := 1; t <= n; t++ {
		p := periods[t-1]
		nonNegative("demand and costs", p.Demand, p.Fixed, p.Unit, p.Holding)
		best[t], from[t] = math.Inf(1), -1
		if p.Demand == 0 {
			best[t] = best[t-1] // nothing to serve: no order needs to cover it
		}
		piece, served := 0.0, 0.0 // cost of serving periods i..t−1 from an order in i
		for i := t - 1; i >= 0; i-- {
			// A piece of period k ordered in i waits through the ends of periods i..k−1.
			if i < t-1 {
				served += periods[i].Holding * piece
			}
			piece += periods[i].Demand
			if c := best[i] + periods[i].Fixed + periods[i].Unit*piece + served; c < best[t] {
				best[t], from[t] = c, i
			}
		}
	}
	quantities = make([]float64, n)
	for t := n; t > 0; {
		i := from[t]
		if i < 0 {
			t--
			continue
		}
		for k := i; k < t; k++ {
			quantities[i] += periods[k].Demand
		}
		t = i
	}
	return best[n], quantities
}
