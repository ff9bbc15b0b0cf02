package replenishment

import (
	"milkrun/internal/quantity"
)

// forward sends on what a source far from its customers holds beyond its share: a spike comes to all sites at once and is
// over before goods that wait at the far end of a long lane arrive. Each site gets so much that all last equally long.
func (p *planner) forward(from *node) {
	if p.s.HoldBack >= 1 || len(from.children) == 0 {
		return
	}
	free := max(from.free()-p.reserve(from), 0)
	spare := free - ceilPieces(float64(free)*max(p.s.HoldBack, 0))
	var to []*node
	for _, c := range from.children {
		if c.iv.lead >= p.s.ForwardLeadDays && c.all.cum[p.days] > 0 && !p.suggested(Key{Kind: Transfer, Site: c.ID, From: from.ID}) {
			to = append(to, c)
		}
	}
	if spare <= 0 || len(to) == 0 {
		return
	}
	have := make([]quantity.Pieces, len(to))
	longest := float64(p.days)
	for i, c := range to {
		have[i] = c.has(float64(p.days), true).position()
		if m := p.s.Cover[c.Tier].MaxDays; m > 0 {
			longest = min(longest, float64(m)+c.iv.lead)
		}
	}
	need := func(i int, days float64) quantity.Pieces { return max(floorPieces(to[i].all.over(days))-have[i], 0) }
	lo, hi := 0.0, longest
	for range 30 {
		mid, sum := (lo+hi)/2, quantity.Pieces(0)
		for i := range to {
			sum += need(i, mid)
		}
		if sum > spare {
			hi = mid
		} else {
			lo = mid
		}
	}
	for i, c := range to {
		if q := need(i, lo).FloorTo(c.step); q > max(c.iv.lot/2, 0) && q > 0 {
			p.sendOn(from, c, q, lo)
		}
	}
}

// sendOn adds the transfer of q pieces with which the stock of a site lasts for days.
func (p *planner) sendOn(from, to *node, q quantity.Pieces, days float64) {
	h := to.has(float64(p.days), true)
	var s sum
	s.plus(WhyDemand, roundPieces(to.all.over(days)), Args{Days: days, PerDay: ratio(to.all.over(days), days), Sites: h.sites})
	s.minus(WhyAvailable, h.available, Args{Sites: h.sites, OnHand: h.onHand, Reserved: h.reserved, Held: h.held, Outbound: h.outbound})
	if more := h.position() - h.available; more > 0 {
		s.minus(WhyOnOrder, more, Args{})
	}
	in := p.inputs(to)
	t := p.move(from, to, to.lane, q, ReasonForward)
	t.Need = q
	p.closeMove(&t, from, to, &s, to.step, in)
}
