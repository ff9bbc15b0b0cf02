package replenishment

import (
	"milkrun/internal/quantity"
)

// coverWith gives for how many days the echelon's stock would last from the arrival on, with q pieces more.
func (p *planner) coverWith(n *node, h holding, q quantity.Pieces) float64 {
	return max(n.all.lasts(float64(h.position()+q))-n.iv.lead, 0)
}

// worthMinimum tells whether a minimum above the need should be bought all the same: it must sell within its life; what
// is core or hot is bought then, other goods when their margin outweighs the cost of holding the surplus.
func (p *planner) worthMinimum(n *node, src *Source, h holding, q quantity.Pieces) bool {
	days := p.coverWith(n, h, q)
	if life := p.in.SKU.ShelfLifeDays; life > 0 && days+n.iv.lead > float64(max(life-p.in.SKU.MinRemainingDays, 1)) {
		return false
	}
	if longest := p.s.Cover[n.Tier].MaxDays; longest <= 0 || days <= float64(longest) || n.class == ClassCore || n.class == ClassHot {
		return true
	}
	unit := src.PriceAt(q)
	holding := float64(unit) * p.s.HoldingRate * days / 2 / 365
	return float64(p.in.SKU.Price-unit) > holding && days < CoverForever
}

// breakPrice raises q by at most Settings.BreakShare to a price break where that is cheaper: the price saved on all pieces
// must outweigh the holding of those bought early, and the stock must stay within the longest cover and the shelf life.
func (p *planner) breakPrice(n *node, src *Source, h holding, q quantity.Pieces) quantity.Pieces {
	best, saved := q, 0.0
	rate := n.iv.perDay()
	if rate <= 0 {
		return q
	}
	for _, b := range src.Breaks {
		more := b.From.CeilTo(src.Pack)
		if more <= q || b.Price >= src.PriceAt(q) || float64(more) > float64(q)*(1+p.s.BreakShare) {
			continue
		}
		days := p.coverWith(n, h, more)
		if longest := p.s.Cover[n.Tier].MaxDays; longest > 0 && days > float64(longest) {
			continue
		}
		if life := p.in.SKU.ShelfLifeDays; life > 0 &&
			days+n.iv.lead > p.s.ShelfLifeShare*float64(max(life-p.in.SKU.MinRemainingDays, 1)) {
			continue
		}
		early := float64(more - q)
		wait := float64(q)/rate + early/rate/2 // until an early piece is used, on average
		gain := float64(more)*float64(src.PriceAt(q)-b.Price) - early*float64(b.Price)*p.s.HoldingRate*wait/365
		if gain > saved {
			best, saved = more, gain
		}
	}
	return best
}

// breakOf gives the quantity from which the price of q pieces holds.
func breakOf(src *Source, q quantity.Pieces) quantity.Pieces {
	from := quantity.Pieces(0)
	for _, b := range src.Breaks {
		if q >= b.From {
			from = b.From
		}
	}
	return from
}

// splitCapacity looks whether part of an order should go to another supplier because the usual one cannot make it in
// time: part is what stays. Without such a supplier, or when it does not pay, alt is nil.
func (p *planner) splitCapacity(n *node, src *Source, q quantity.Pieces) (alt *Source, part quantity.Pieces) {
	if src.CapacityDay <= 0 {
		return nil, q
	}
	inTime := (src.CapacityDay * quantity.Pieces(leadDays(n.iv.review)+1)).FloorTo(src.Pack)
	part = max(inTime, lot(src, 1))
	if q <= part {
		return nil, q
	}
	own := arrivals(src, q)
	last := own[len(own)-1].day
	r := p.runOf(n, min(last+1, p.days), true, own...)
	lost := r.lostIn(leadDays(src.LeadMean), last)
	unit := src.PriceAt(q)
	gain, rest := lost*float64(p.in.SKU.Price-unit), q-part
	most := 0.0
	for _, a := range n.sources {
		take := lot(a, rest)
		if a == src || p.suggested(Key{Kind: Buy, Site: n.ID, Supplier: a.Supplier}) || float64(leadDays(a.LeadMean)) > n.iv.lead+n.iv.review || take > 2*rest {
			continue
		}
		if net := gain - float64(take)*float64(a.PriceAt(take)-unit) - float64(p.s.OrderCost); net > most {
			most, alt = net, a
		}
	}
	return alt, part
}

// keep leaves the number of an open suggestion as it is when the new one hardly differs.
func (p *planner) keep(k Key, src *Source, q quantity.Pieces) quantity.Pieces {
	for _, o := range p.in.Open {
		if o.Key != k || o.State != StateOpen || o.Pieces < max(src.MOQ, 1) || o.Pieces%src.Pack != 0 {
			continue
		}
		if d := float64(q - o.Pieces); max(d, -d) <= p.s.Freeze.KeepShare*float64(o.Pieces) {
			return o.Pieces
		}
	}
	return q
}
