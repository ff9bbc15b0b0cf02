package simulation

import "math"

// Naive is what buyers do in a spreadsheet: once a week, fill up to so many days of last month's mean.
type Naive struct{}

// Days of mean sales that Naive fills to, by tier, and its habits.
const (
	naiveEvery, naiveWindow                = 7, 28
	naiveFront, naiveRegion, naiveOverseas = 10, 25, 60
)

// Act fills the fronts from the regions, then the regions from overseas or the supplier.
func (Naive) Act(d *Desk) {
	if d.Day()%naiveEvery != 0 {
		return
	}
	var mu [Fronts]float64
	for f := range Fronts {
		s := d.Sales(f)
		mu[f] = float64(total(s[len(s)-naiveWindow:])) / naiveWindow
	}
	want := func(l Loc, days float64) int {
		rate := 0.0
		for _, f := range FrontsOf(l) {
			rate += mu[f]
		}
		return max(int(math.Ceil(days*rate))-d.Stock(l)-d.OnOrder(l), 0)
	}
	for _, r := range []Loc{REG1, REG2} {
		var requests []Request
		for _, f := range FrontsOf(r) {
			requests = append(requests, Request{Front(f), want(Front(f), naiveFront)})
		}
		d.Move(r, requests...)
	}
	one, two := want(REG1, naiveRegion), want(REG2, naiveRegion)
	if d.SKU().Imported == 0 {
		d.Buy(REG1, one)
		d.Buy(REG2, two)
		return
	}
	d.Move(OVS, Request{REG1, one}, Request{REG2, two})
	d.Buy(OVS, want(OVS, naiveOverseas))
}
