package replenishment

import (
	"cmp"
	"slices"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/replenishment/policy"
)

// request is what a site wants from its source.
type request struct {
	to   *node
	need quantity.Pieces
	unit quantity.Pieces
	has  holding
}

// transfers fills the sites below each source from its shelf, before anything is bought. A source keeps what its own
// customers need; when the rest does not reach, it is shared in proportion to need.
func (p *planner) transfers() {
	sources := slices.Clone(p.nodes)
	slices.SortStableFunc(sources, func(a, b *node) int { return cmp.Compare(rank(a.Tier), rank(b.Tier)) })
	for _, from := range sources {
		if len(from.children) == 0 {
			continue
		}
		var requests []request
		for _, c := range from.children {
			if h := c.has(c.iv.days, true); c.iv.upTo > 0 && h.position() <= c.iv.reorder && h.position() < c.iv.upTo {
				requests = append(requests, request{c, c.iv.upTo - h.position(), c.step, h})
			}
		}
		p.share(from, max(from.free()-p.reserve(from), 0), requests)
		p.forward(from)
	}
}

// share divides what a source can spare and suggests the transfers.
func (p *planner) share(from *node, spare quantity.Pieces, requests []request) {
	if len(requests) == 0 {
		return
	}
	needs, units := make([]int64, len(requests)), make([]int64, len(requests))
	loose := true // less than a carton is left: it goes piece by piece
	for _, r := range requests {
		loose = loose && spare < r.unit
	}
	for i := range requests {
		if loose {
			requests[i].unit = 1
		}
		needs[i], units[i] = int64(requests[i].need), int64(requests[i].unit)
	}
	for i, n := range policy.FairShare(int64(spare), needs, units) {
		r, q := requests[i], quantity.Pieces(n)
		r.to.missing = max(r.need-q, 0)
		if q == 0 {
			continue
		}
		s := p.open(r.to, r.has)
		inputs := p.inputs(r.to)
		t := p.move(from, r.to, r.to.lane, q, p.reason(inputs))
		t.Need = r.need
		if q < r.need {
			s.minus(WhySourceShort, r.need-q, Args{Site: from.ID, SiteName: &from.Name, Pieces: spare})
			t.Warnings = append(t.Warnings, Warning{Code: WarnSourceShort, Site: from.ID, Args: Args{SiteName: &from.Name, Pieces: r.need - q}})
		}
		p.closeMove(&t, from, r.to, &s, r.unit, inputs)
	}
}

// unit is the step in which goods are moved to a site: whole cartons where a carton sells within half the longest cover,
// else single pieces.
func (p *planner) unit(to *node) quantity.Pieces {
	carton := p.in.SKU.CartonPieces
	longest := float64(p.s.Cover[to.Tier].MaxDays)
	if longest <= 0 {
		longest = leastDays
	}
	if carton > 1 && float64(carton) <= to.all.over(to.iv.lead+longest/2) {
		return carton
	}
	return 1
}

// reserve is what a source keeps for its own customers: what they are expected to want until goods can come in again.
func (p *planner) reserve(n *node) quantity.Pieces {
	days := n.iv.lead + n.iv.review
	for _, s := range n.supply {
		if s.day > 0 {
			days = min(days, float64(s.day))
			break
		}
	}
	return ceilPieces(n.own.over(days))
}

// move takes the pieces off the source's shelf and begins the suggestion.
func (p *planner) move(from, to *node, lane catalog.Lane, q quantity.Pieces, why Reason) Suggestion {
	days := leadDays(lane.LeadMean)
	t := p.begin(Transfer, to, why)
	t.From, t.Pieces, t.Unit, t.ArriveBy = from.ID, q, p.cost, p.today.AddDays(days)
	p.foresee(&t, to, inbound{day: days, pieces: q, from: from})
	from.sent += q
	to.received = append(to.received, inbound{day: days, pieces: q, from: from, ref: from.Code})
	return t
}

// closeMove rounds, closes the sum and keeps the suggestion.
func (p *planner) closeMove(t *Suggestion, from, to *node, s *sum, unit quantity.Pieces, in Inputs) {
	t.Pack = unit
	s.to(t.Pieces, WhyRounding, Args{Pack: unit, Packs: t.Pieces / unit, Need: s.total})
	t.Explanation.Steps = s.equals(WhyTransfer, Args{
		Pack: unit, Packs: t.Pieces / unit, Date: &t.ArriveBy, Site: from.ID, SiteName: &from.Name, Sites: 1,
	})
	t.Explanation.Inputs = in
	p.out = append(p.out, *t)
}

// begin starts a suggestion about a site.
func (p *planner) begin(kind Kind, n *node, why Reason) Suggestion {
	return Suggestion{
		SKU: p.in.SKU.ID, Key: Key{Kind: kind, Site: n.ID}, Reason: why, PlannedOn: p.today, State: StateOpen, Pack: 1,
	}
}

// foresee fills in what the stock of the echelon of n will be without and with the arrivals, when it ends, what is lost,
// and when the order must be placed.
func (p *planner) foresee(s *Suggestion, n *node, own ...inbound) {
	horizon := max(min(int(n.iv.days)+1+week, p.days), 2*week)
	protect := leadDays(n.iv.days)
	without, with := p.runOf(n, horizon, false), p.runOf(n, horizon, false, own...)
	s.StockoutDay = p.day(without.first(0))
	s.LostPieces = roundPieces(without.lostIn(0, protect))
	s.LostMoney = worth(s, p.in.SKU.Price, s.LostPieces)
	pr := Projection{
		Start: p.today, Demand: slices.Clone(n.all.day[:min(horizon, p.days)]), Without: whole(without.stock), With: whole(with.stock), Safety: n.iv.safety,
		Opening: without.opening, Arrives: s.ArriveBy,
	}
	for _, a := range without.arrivals {
		pr.Arrivals = append(pr.Arrivals, Arrival{Day: p.today.AddDays(a.day), Pieces: a.pieces, Ref: a.ref})
	}
	if gap := with.first(0); gap >= 0 {
		pr.GapFrom = p.today.AddDays(gap)
		for i := gap; i < horizon && with.lost[i] > tiny; i++ {
			pr.GapDays++
		}
	}
	s.Explanation.Projection = pr
	last := horizon
	if f := without.first(0); f >= 0 {
		last = f
	}
	s.OrderBy = max(p.today, p.today.AddDays(last)-(s.ArriveBy-p.today))
}
