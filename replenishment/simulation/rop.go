package simulation

import "math"

// ReorderPoint is the textbook's policy: each location looks at its own stock every day and orders up when it is at its
// reorder point m·L + 1.96·sqrt(L·s² + m²·sL²).
type ReorderPoint struct{}

// reorder is a lead time and its deviation in days, and how many days of demand an order adds to the reorder point.
type reorder struct{ lead, sd, up float64 }

var (
	atFront    = reorder{2, 0.6, 7}
	atImported = reorder{9, 2, 14}
	atLocal    = reorder{8, 2, 14}
	atOverseas = reorder{28, 4, 30}
)

const (
	ropWindow = 90
	ropFactor = 1.96
)

// Act orders for the fronts, the regions and overseas.
func (ReorderPoint) Act(d *Desk) {
	for _, r := range []Loc{REG1, REG2} {
		var requests []Request
		for _, f := range FrontsOf(r) {
			requests = append(requests, Request{Front(f), atFront.want(d, Front(f))})
		}
		d.Move(r, requests...)
	}
	if d.SKU().Imported == 0 {
		d.Buy(REG1, atLocal.want(d, REG1))
		d.Buy(REG2, atLocal.want(d, REG2))
		return
	}
	d.Move(OVS, Request{REG1, atImported.want(d, REG1)}, Request{REG2, atImported.want(d, REG2)})
	d.Buy(OVS, atOverseas.want(d, OVS))
}

// want gives what a location orders today.
func (r reorder) want(d *Desk, l Loc) int {
	n := len(d.Sales(0))
	sum, square := 0.0, 0.0
	for i := n - ropWindow; i < n; i++ {
		v := 0
		for _, f := range FrontsOf(l) {
			v += d.Sales(f)[i]
		}
		sum += float64(v)
		square += float64(v * v)
	}
	m := sum / ropWindow
	variance := max(square/ropWindow-m*m, 0)
	point := m*r.lead + ropFactor*math.Sqrt(r.lead*variance+m*m*r.sd*r.sd)
	position := float64(d.Stock(l) + d.OnOrder(l))
	if position > point {
		return 0
	}
	return int(math.Ceil(point + r.up*m - position))
}
