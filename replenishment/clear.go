package replenishment

import (
	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
)

// presell offers the demand of a long gap that heat or an event brings and that nothing can fill as a pre-sale: the
// pieces are in the purchase already, the shoppers wait for them.
func (p *planner) presell(n *node) {
	if !n.buys || p.in.SKU.Price <= 0 || p.suggested(Key{Kind: Presell, Site: n.ID}) {
		return
	}
	r := p.runOf(n, p.days, true)
	from := r.first(0)
	if from < 0 {
		return
	}
	to := from
	for to < len(r.lost) && r.lost[to] > tiny {
		to++
	}
	if to-from < p.s.PresellGapDays || to == len(r.lost) { // no end in sight: nothing could be promised
		return
	}
	in := p.inputs(n)
	why := p.reason(in)
	if why != ReasonHeat && why != ReasonEvent {
		return
	}
	lost := roundPieces(r.lostIn(from, to))
	q := lost.FloorTo(p.in.SKU.CartonPieces)
	if q <= 0 {
		return
	}
	s := p.presale(n, q, why, to)
	var sum sum
	sum.plus(WhyGap, lost, Args{Days: float64(to - from), Date: p.day(from)})
	s.Need = lost
	p.closePresale(s, n, &sum, in)
}

// presellGoal offers goods whose minimum is too much to buy on speculation: orders are collected until it is reached.
func (p *planner) presellGoal(n *node, src *Source, need, q quantity.Pieces) {
	if p.in.SKU.Price <= 0 {
		p.warn(WarnMOQCover, n.ID, src.Code, Args{MOQ: src.MOQ, Days: CoverForever, SupplierName: &src.Name, Pieces: need})
		return
	}
	in := p.inputs(n)
	s := p.presale(n, q, p.reason(in), leadDays(src.LeadMean))
	s.Need = need
	s.Warnings = append(s.Warnings, Warning{Code: WarnMOQCover, Site: n.ID, Args: Args{MOQ: src.MOQ, Days: n.all.lasts(float64(q))}})
	var sum sum
	sum.plus(WhyGoal, q, Args{MOQ: src.MOQ, Need: need, SupplierName: &src.Name})
	p.closePresale(s, n, &sum, in)
}

func (p *planner) presale(n *node, q quantity.Pieces, why Reason, day int) Suggestion {
	s := p.begin(Presell, n, why)
	s.Pieces, s.Unit, s.ArriveBy = q, p.in.SKU.Price, p.today.AddDays(day)
	s.Pack = max(p.in.SKU.CartonPieces, 1)
	s.Money = worth(&s, s.Unit, q)
	p.foresee(&s, n)
	return s
}

func (p *planner) closePresale(s Suggestion, n *node, sum *sum, in Inputs) {
	sum.to(s.Pieces, WhyRounding, Args{Pack: s.Pack, Packs: s.Pieces / s.Pack, Need: sum.total})
	s.Explanation.Steps = sum.equals(WhyPresell, Args{Money: s.Money, Date: &s.ArriveBy, Site: n.ID, SiteName: &n.Name})
	s.Explanation.Inputs = in
	p.out = append(p.out, s)
}

// freshDays is how long after its launch a SKU's slow sales say nothing yet.
const freshDays = 28

// clear suggests to sell off what stands beyond the longest cover, and lots that will end before they sell.
func (p *planner) clear(root *node) {
	root.below(func(n *node) {
		spare := n.free() + n.shortDated - p.expired(n)
		excess := p.surplus(n, root)
		expiring, last := p.expiring(n)
		if carton := p.in.SKU.CartonPieces; n.all.cum[p.days] > 0 {
			excess = excess.FloorTo(carton)
			if expiring < max(carton, 1) && expiring*20 < n.onHand {
				expiring = 0 // not worth a price cut
			}
		}
		q, why := excess, ReasonExcess
		if expiring > 0 && expiring >= excess {
			q, why = expiring, ReasonExpiry
		}
		if q = min(q, spare); q > 0 {
			p.sellOff(n, root, q, spare, why, last)
		}
	})
}

// surplus is what the shelf of a site holds beyond the longest cover of the root's tier, for the site and those below
// it; nothing for goods just launched.
func (p *planner) surplus(n, root *node) quantity.Pieces {
	longest := p.s.Cover[root.Tier].MaxDays
	if l := p.in.SKU.Launched; longest <= 0 || (l != nil && p.today.Sub(*l) < freshDays) {
		return 0
	}
	// What counts as cover for the sites above is not surplus here.
	counted := ceilPieces(n.all.over(root.iv.days)) + n.iv.safety + n.step
	keep := max(ceilPieces(n.all.over(float64(longest))), n.iv.upTo, counted)
	return max(min(n.free(), n.has(n.iv.days, true).available-keep), 0)
}

// expired counts pieces whose last day is over: they may not be sold at any price.
func (p *planner) expired(n *node) quantity.Pieces {
	var q quantity.Pieces
	for _, l := range n.lots {
		if l.LastDay < p.today {
			q += l.Pieces
		}
	}
	return q
}

// expiring counts the pieces that may still be sold but will not be in time, and gives the last day of the first lot of them.
func (p *planner) expiring(n *node) (q quantity.Pieces, last calendar.Day) {
	if len(n.lots) == 0 {
		return 0, 0
	}
	waste, last := n.wasted(p.today)
	return max(waste-p.expired(n)-n.clearing, 0), last
}

// sellOff adds the suggestion to clear q pieces at n.
func (p *planner) sellOff(n, root *node, q, spare quantity.Pieces, why Reason, last calendar.Day) {
	s := p.begin(Clear, n, why)
	s.Pieces, s.Need, s.Unit, s.ArriveBy = q, q, p.cost, p.today
	s.Money = worth(&s, p.cost, q)
	in := p.inputs(n)
	p.foresee(&s, n, inbound{day: 0, pieces: -q})
	s.LostPieces, s.LostMoney, s.OrderBy = 0, 0, p.today
	var sum sum
	switch why {
	case ReasonExpiry:
		args := Args{Date: &last}
		if life := p.in.SKU.ShelfLifeDays; life > 0 {
			args.LifeShare = float64(max(last.Sub(p.today)+1, 0)) / float64(life)
		}
		s.OrderBy = max(p.today, last)
		sum.plus(WhyExpiring, q, args)
	default:
		sum.plus(WhyAvailable, spare, Args{Sites: 1, OnHand: n.onHand, Reserved: n.reserved, Held: n.held, Outbound: n.outbound})
		sum.to(q, WhyKeep, Args{Days: float64(p.s.Cover[root.Tier].MaxDays)})
	}
	s.Explanation.Steps = sum.equals(WhyClear, Args{Money: s.Money, Site: n.ID, SiteName: &n.Name})
	s.Explanation.Inputs = in
	p.out = append(p.out, s)
}
