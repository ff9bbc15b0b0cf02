package policy

import "math"

// SerialStage is a stage of a serial chain. EchelonHolding is what a piece costs here per time unit beyond what it costs
// one stage upstream; LeadTime is from the upstream stage.
type SerialStage struct{ EchelonHolding, LeadTime float64 }

// Serial is a chain from the most upstream stage to the one that serves customers, whose demand is normal with mean and
// sd a time unit; unmet demand waits at StockoutCost a piece and time unit.
type Serial struct {
	Stages                             []SerialStage
	StockoutCost, DemandMean, DemandSD float64
}

// EchelonStock are the echelon base-stock levels of a chain, upstream first, and the expected cost per time unit,
// including the holding of goods in transit.
type EchelonStock struct {
	Levels   []float64
	CostRate float64
}

func (s Serial) check() {
	must(len(s.Stages) > 0, "a chain needs a stage")
	positive("stock-out cost and demand", s.StockoutCost, s.DemandMean, s.DemandSD)
	for _, st := range s.Stages {
		positive("echelon holding cost and lead time", st.EchelonHolding, st.LeadTime)
	}
}

// penalty is what a piece missing at the customer costs: the stock-out cost and the holding cost it would have drawn.
func (s Serial) penalty() float64 {
	p := s.StockoutCost
	for _, st := range s.Stages {
		p += st.EchelonHolding
	}
	return p
}

const (
	serialGrid = 4000 // grid points of a cost function
	serialSD   = 7    // standard deviations on each side that demand is integrated over
	serialNode = 200  // points of that integration
)

// Optimize gives the optimal echelon base-stock policy by the recursion of Clark & Scarf (Management Science 6(4), 1960)
// in the form of Chen & Zheng (1994), S&S 6.2. From the customer upward, with C̲₀(x) = (p+Σh)x⁻:
//
//	Ĉⱼ(x) = hⱼx + C̲ⱼ₋₁(x)   Cⱼ(y) = E[Ĉⱼ(y − Dⱼ)]   Sⱼ = argmin Cⱼ   C̲ⱼ(x) = Cⱼ(min(Sⱼ, x))
//
// The functions are held on a grid, linear between its points and beyond its ends (where they are linear in truth).
func (s Serial) Optimize() EchelonStock {
	s.check()
	total := 0.0
	for _, st := range s.Stages {
		total += st.LeadTime
	}
	mean, sd := s.DemandMean*total, s.DemandSD*math.Sqrt(total)
	lo, hi := -mean-2*serialSD*sd, mean+2*serialSD*sd
	cost := newGrid(lo, hi)
	penalty := s.penalty()
	for i := range cost.y {
		cost.y[i] = penalty * max(-cost.x(i), 0)
	}
	out := EchelonStock{Levels: make([]float64, len(s.Stages))}
	for j := len(s.Stages) - 1; j >= 0; j-- {
		cost, out.Levels[j], out.CostRate = s.stage(s.Stages[j], cost)
	}
	return out
}

// stage carries the induced cost of the stages below through one stage: the new induced cost, the level and its cost.
func (s Serial) stage(st SerialStage, below grid) (induced grid, level, cost float64) {
	mean, sd := s.DemandMean*st.LeadTime, s.DemandSD*math.Sqrt(st.LeadTime)
	nodes, weights := normalNodes()
	at := func(y float64) float64 {
		sum := 0.0
		for i, z := range nodes {
			x := y - mean - sd*z
			sum += weights[i] * (st.EchelonHolding*x + below.at(x))
		}
		return sum
	}
	level = minimum(at, below.lo, below.hi)
	cost = at(level)
	induced = newGrid(below.lo, below.hi)
	for i := range induced.y {
		if x := induced.x(i); x < level {
			induced.y[i] = at(x)
		} else {
			induced.y[i] = cost
		}
	}
	return induced, level, cost
}

// Heuristic gives the echelon levels of Shang & Song's newsvendor bounds (Management Science 49(5), 2003), averaged with
// weight ½: with the demand over all lead times from stage j down,
// Sⱼ = ½F⁻¹((p+Σ_{i above j}h)/(p+Σh)) + ½F⁻¹((p+Σ_{i above j}h)/(p+Σ_{i from j up}h)). CostRate is not given.
func (s Serial) Heuristic() EchelonStock {
	s.check()
	out := EchelonStock{Levels: make([]float64, len(s.Stages))}
	all, above, lead := s.penalty(), s.penalty(), 0.0
	for j := len(s.Stages) - 1; j >= 0; j-- {
		lead += s.Stages[j].LeadTime
		from := above // p + Σ h from j up
		above -= s.Stages[j].EchelonHolding
		demand := Normal{s.DemandMean * lead, s.DemandSD * math.Sqrt(lead)}
		out.Levels[j] = (demand.Quantile(above/all) + demand.Quantile(above/from)) / 2
	}
	return out
}

// grid is a function held at equidistant points.
type grid struct {
	lo, hi, step float64
	y            []float64
}

func newGrid(lo, hi float64) grid {
	return grid{lo, hi, (hi - lo) / (serialGrid - 1), make([]float64, serialGrid)}
}

func (g grid) x(i int) float64 { return g.lo + float64(i)*g.step }

// at interpolates linearly, and extrapolates by the first or last piece.
func (g grid) at(x float64) float64 {
	i := min(max(int(math.Floor((x-g.lo)/g.step)), 0), len(g.y)-2)
	f := (x - g.x(i)) / g.step
	return g.y[i]*(1-f) + g.y[i+1]*f
}

// normalNodes gives points and weights that integrate against the standard normal density, cut at serialSD.
func normalNodes() (nodes, weights []float64) {
	width := 2 * float64(serialSD) / serialNode
	for i := range serialNode {
		a := -serialSD + float64(i)*width
		p := Phi(a+width) - Phi(a)
		nodes = append(nodes, (phi(a)-phi(a+width))/p) // the mean within the cell
		weights = append(weights, p)
	}
	return nodes, weights
}
