package replenishment

import (
	"cmp"
	"math"
	"slices"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// Launch gives demand to a SKU that has no past: that of goods like it, and what shoppers have pledged already.
type Launch struct {
	// Like is the demand of the goods it is likened to, in their first weeks where they are known, else as it is; Ratio how
	// much of it the new SKU is expected to sell (0 counts as 1). It is used for sites without a forecast of their own.
	Like  []Demand
	Ratio float64
	// Pledges are pre-sale pieces that must be delivered from a site on a day. They come on top of any demand and are sure.
	Pledges []Pledge
}

// Pledge is pieces sold in advance.
type Pledge struct {
	Site   catalog.SiteID
	Day    calendar.Day
	Pieces quantity.Pieces
}

// launchError is the error of a likeness, as a share of the demand, shared by all sites: new goods sell half or twice as
// much as those they were likened to.
const launchError = 0.5

// launch fills in the demand of sites without a forecast from goods like it, and adds the pledges.
func (p *planner) launch() {
	share := p.in.Launch.Ratio
	if !(share > 0 && share < 1000) {
		share = 1
	}
	wait := 0 // days until it is sold at all
	if l := p.in.SKU.Launched; l != nil {
		wait = max(l.Sub(p.today), 0)
	}
	likes := slices.Clone(p.in.Launch.Like)
	slices.SortStableFunc(likes, func(a, b Demand) int { return cmp.Compare(a.Site, b.Site) })
	for i := range likes {
		like := &likes[i]
		n := p.byID[like.Site]
		if n == nil || n.forecast != nil {
			continue
		}
		n.forecast = likened(like, share, wait)
	}
	for _, s := range p.in.Launch.Pledges {
		n, day := p.byID[s.Site], max(s.Day.Sub(p.today), 0)
		if n == nil {
			p.warn(WarnUnknownSite, s.Site, "", Args{Site: s.Site, Pieces: s.Pieces})
			continue
		}
		if s.Pieces <= 0 || day >= p.days {
			continue
		}
		d := Demand{Site: s.Site, Model: "pledges"}
		if n.forecast != nil {
			d = *n.forecast
		}
		mean := make([]float64, max(len(d.Mean), day+1, 2*week))
		copy(mean, d.Mean)
		for i := len(d.Mean); i < len(mean); i++ {
			mean[i] = meanOn(&d, i)
		}
		mean[day] += float64(s.Pieces)
		if d.CumSD == nil {
			d.CumSD = make([]float64, len(mean))
		}
		d.Mean = mean
		n.forecast = &d
	}
}

// likened is the demand of new goods that are sold from day wait on: that of others times a share, with the error of the
// likeness on top.
func likened(like *Demand, share float64, wait int) *Demand {
	d := *like
	n := len(like.Mean)
	d.Model, d.Mean, d.CumSD, d.SharedSD = "look_alike", make([]float64, n), make([]float64, n), make([]float64, n)
	cum := 0.0
	for i := range n {
		if i < wait {
			continue
		}
		d.Mean[i] = meanOn(like, i) * share
		cum += d.Mean[i]
		own := math.Sqrt(cum)
		if i < len(like.CumSD) && like.CumSD[i] > 0 {
			own = max(like.CumSD[i]*share, own)
		}
		d.SharedSD[i] = launchError * cum
		d.CumSD[i] = math.Hypot(own, d.SharedSD[i])
	}
	return &d
}
