package replenishment

import (
	"slices"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/replenishment/policy"
)

// gap is demand that nothing ordinary can meet: it falls before the usual supply can arrive.
type gap struct {
	at   *node
	from int // first day without stock
	to   int // the day on which usual supply can come
	lost []float64
}

// resupply gives the day on which goods ordered today in the usual way can arrive at the node.
func (p *planner) resupply(n *node) int {
	switch {
	case n.buys:
		return leadDays(n.sources[0].LeadMean)
	case n.source == nil:
		return p.days
	}
	lane := leadDays(n.lane.LeadMean)
	if n.missing == 0 {
		return lane
	}
	up := p.resupply(n.source)
	for _, s := range n.source.supply {
		up = min(up, s.day)
	}
	return min(up+lane, p.days)
}

// gapOf gives the gap of a node after what this plan has decided so far; ok is false when there is none.
func (p *planner) gapOf(n *node) (g gap, ok bool) {
	until := p.resupply(n)
	if until <= 0 || n.all.cum[p.days] <= 0 {
		return g, false
	}
	r := p.runOf(n, min(until, p.days), true)
	g = gap{at: n, from: r.first(0), to: until, lost: r.lost}
	return g, g.from >= 0
}

// after is the part of the gap that goods arriving on day d can still serve.
func (g gap) after(d int) float64 {
	sum := 0.0
	for i := max(d, 0); i < min(g.to, len(g.lost)); i++ {
		sum += g.lost[i]
	}
	return sum
}

// bridge closes gaps from other sites over the lanes that are not the usual way, at the least cost. A source gives what it
// can spare until it is supplied again itself. A move that costs more than the margin is not made.
func (p *planner) bridge() {
	var gaps []gap
	for _, n := range p.nodes {
		if len(n.in) == 0 || (n.source != nil && len(n.in) == 1) {
			continue
		}
		if g, ok := p.gapOf(n); ok && len(p.detours(g)) > 0 {
			gaps = append(gaps, g)
		}
	}
	gaps = slices.DeleteFunc(gaps, func(g gap) bool { // its sites below are helped at once
		return slices.ContainsFunc(gaps, func(o gap) bool { return o.at.source == g.at })
	})
	if len(gaps) == 0 {
		return
	}
	for _, m := range p.cheapest(gaps) {
		p.bridgeOne(m.gap, m.lane, m.pieces)
	}
}

// detours gives the lanes into a gap that come in time and are not the usual one.
func (p *planner) detours(g gap) []catalog.Lane {
	var out []catalog.Lane
	for _, l := range g.at.in {
		from := p.byID[l.From]
		if from != g.at.source && !g.at.contains(from) && !from.contains(g.at) && leadDays(l.LeadMean) < g.to && p.spare(from) > 0 {
			out = append(out, l)
		}
	}
	return out
}

// spare is what a site's shelf can give while its echelon keeps its safety stock until goods ordered today can come.
func (p *planner) spare(n *node) quantity.Pieces {
	most := n.free() - p.reserve(n)
	if most <= 0 {
		return 0
	}
	days := min(max(p.resupply(n), 1), p.days)
	r := p.runOf(n, days, true)
	least := r.stock[0]
	for i, s := range r.stock {
		if least = min(least, s); r.lost[i] > tiny {
			return 0
		}
	}
	return max(min(most, floorPieces(least)-n.iv.safety), 0)
}

// detour is pieces to move over a lane into a gap.
type detour struct {
	gap    gap
	lane   catalog.Lane
	pieces quantity.Pieces
}

// cheapest solves who helps whom as a transportation problem.
func (p *planner) cheapest(gaps []gap) []detour {
	n := len(p.nodes)
	r := policy.Rebalancing{Stock: make([]int64, n), Need: make([]int64, n), Penalty: make([]float64, n), Horizon: 0}
	for range n {
		days := make([]int, n)
		for j := range days {
			days[j] = 1 // beyond the horizon: no lane
		}
		r.UnitCost, r.TransitDays = append(r.UnitCost, make([]float64, n)), append(r.TransitDays, days)
	}
	margin := max(float64(p.in.SKU.Price-p.cost), 1)
	grams := float64(max(p.in.SKU.WeightGrams, 0))
	lanes := map[[2]int]detour{}
	for _, g := range gaps {
		j, soonest := g.at.index, p.days
		r.Penalty[j] = margin
		for _, l := range p.detours(g) {
			i := p.byID[l.From].index
			if _, twice := lanes[[2]int{i, j}]; twice {
				continue
			}
			soonest = min(soonest, leadDays(l.LeadMean))
			lanes[[2]int{i, j}] = detour{gap: g, lane: l}
			r.TransitDays[i][j], r.UnitCost[i][j] = 0, max(float64(l.CostFen), 0)*grams/1000
			r.Stock[i] = int64(p.spare(p.byID[l.From]))
		}
		r.Need[j] = int64(ceilPieces(g.after(soonest)))
	}
	for j, need := range r.Need { // a site in need gives nothing
		if need > 0 {
			r.Stock[j] = 0
		}
	}
	var out []detour
	for _, m := range r.Solve().Moves {
		d := lanes[[2]int{m.From, m.To}]
		d.pieces = quantity.Pieces(m.Pieces)
		out = append(out, d)
	}
	return out
}

// bridgeOne suggests a transfer into a gap, in whole units within what the source can spare.
func (p *planner) bridgeOne(g gap, l catalog.Lane, want quantity.Pieces) {
	from, to := p.byID[l.From], g.at
	need := ceilPieces(g.after(leadDays(l.LeadMean)))
	if p.suggested(Key{Kind: Transfer, Site: to.ID, From: from.ID}) {
		return
	}
	unit, most := to.step, p.spare(from)
	q := want.CeilTo(unit)
	if q > most {
		q = most.FloorTo(unit)
	}
	if margin := p.in.SKU.Price - p.cost; q <= 0 || float64(q)*float64(margin) < float64(p.s.TransferCost) {
		return // the trip costs more than it saves
	}
	var s sum
	s.plus(WhyGap, need, Args{Days: float64(g.to - g.from), Date: p.day(g.from)})
	if want < need {
		s.minus(WhySourceShort, need-want, Args{Site: from.ID, SiteName: &from.Name, Pieces: most})
	}
	inputs := p.inputs(to)
	t := p.move(from, to, l, q, ReasonGap)
	t.Need = need
	p.closeMove(&t, from, to, &s, unit, inputs)
}

// rebalance fills sites that would buy from what other sites hold beyond their longest cover: it would have to be
// cleared there.
func (p *planner) rebalance() {
	for _, to := range p.nodes {
		if !to.buys {
			continue
		}
		for _, l := range to.in {
			from := p.byID[l.From]
			if from.contains(to) || to.contains(from) || p.suggested(Key{Kind: Transfer, Site: to.ID, From: from.ID}) {
				continue
			}
			h := to.has(to.iv.days, true)
			need := to.iv.upTo - h.position()
			if need <= 0 || h.position() > to.iv.reorder {
				break
			}
			unit := to.step
			q := min(p.excess(from), need.CeilTo(unit)).FloorTo(unit)
			if q <= 0 || float64(l.LeadMean) > to.iv.days {
				continue
			}
			s := p.open(to, h)
			if q < need {
				s.minus(WhySourceShort, need-q, Args{Site: from.ID, SiteName: &from.Name, Pieces: p.excess(from)})
			}
			inputs := p.inputs(to)
			t := p.move(from, to, l, q, p.reason(inputs))
			t.Need = need
			p.closeMove(&t, from, to, &s, unit, inputs)
		}
	}
}

// excess is what a site's shelf holds beyond the longest cover of its echelon.
func (p *planner) excess(n *node) quantity.Pieces {
	longest := p.s.Cover[n.Tier].MaxDays
	if longest <= 0 {
		return 0
	}
	days := n.iv.lead + n.iv.downstream + float64(longest)
	h := n.has(days, true)
	return max(min(n.free()-p.reserve(n), h.position()-max(ceilPieces(n.all.over(days)), n.iv.upTo)), 0)
}
