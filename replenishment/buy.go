package replenishment

import (
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// purchase orders what the echelon of a buying site lacks: first from a faster supplier what cannot wait, then the rest
// from the usual one.
func (p *planner) purchase(n *node) {
	_, need := p.lacking(n)
	if !n.buys {
		if need > 0 {
			p.helpless(n, need)
		}
		return
	}
	if r := p.in.SKU.Retired; r != nil && p.today.AddDays(leadDays(n.iv.lead)) >= *r {
		if need > 0 {
			p.warn(WarnRetired, n.ID, "", Args{Date: r, Pieces: need})
		}
		return
	}
	notes := p.expedite(n, need, n.sources[0], n.sources[1:])
	h, need := p.lacking(n)
	if need <= 0 {
		return
	}
	usual := n.sources[0]
	if usual.Backup {
		notes = append(notes, Warning{Code: WarnOnlyBackup, Site: n.ID, Args: Args{SupplierName: &usual.Name}})
	}
	n.below(func(c *node) {
		for _, s := range c.supply {
			if float64(s.day) > n.iv.days {
				notes = append(notes, Warning{Code: WarnTooFar, Site: c.ID, Ref: s.ref, Args: Args{Date: p.day(s.day), Pieces: s.pieces}})
			}
		}
	})
	p.order(n, usual, h, need, notes)
}

// lacking gives what the echelon has, and what it lacks to its order-up-to level when it is at or below its reorder point.
func (p *planner) lacking(n *node) (h holding, need quantity.Pieces) {
	h = n.has(n.iv.days, true)
	if n.iv.upTo <= 0 || h.position() > n.iv.reorder {
		return h, 0
	}
	return h, n.iv.upTo - h.position()
}

// helpless warns of a need that no supplier and no lane can meet.
func (p *planner) helpless(n *node, need quantity.Pieces) {
	if n.banned != nil {
		p.warn(WarnBanned, n.ID, n.banned.Code, Args{SupplierName: &n.banned.Name, Pieces: need})
	}
	if len(n.in) == 0 && n.banned == nil {
		p.warn(WarnNoSource, n.ID, "", Args{Site: n.ID, SiteName: &n.Name, Pieces: need})
		return
	}
	p.warn(WarnNoSupplier, n.ID, "", Args{Site: n.ID, SiteName: &n.Name, Pieces: need})
}

// lot gives the quantity that a supplier takes for a need: at least the minimum, in whole packs.
func lot(src *Source, need quantity.Pieces) quantity.Pieces {
	return max(need, src.MOQ, 1).CeilTo(src.Pack)
}

// arrivals spreads an order over the days on which the supplier can make it.
func arrivals(src *Source, q quantity.Pieces) []inbound {
	first := leadDays(src.LeadMean)
	if src.CapacityDay <= 0 || q <= src.CapacityDay {
		return []inbound{{day: first, pieces: q, supplier: &src.Name}}
	}
	var out []inbound
	for d := first; q > 0; d++ {
		part := min(q, src.CapacityDay)
		if len(out) == mostDays { // beyond every horizon: the rest at once
			part = q
		}
		out = append(out, inbound{day: d, pieces: part, supplier: &src.Name})
		q -= part
	}
	return out
}

// expedite buys from a faster supplier what will be missing before the usual one can deliver, when the margin that would
// be lost pays for it. It tells of one that does not pay.
func (p *planner) expedite(n *node, need quantity.Pieces, usual *Source, others []*Source) (notes []Warning) {
	if len(others) == 0 {
		return nil
	}
	g, ok := p.gapOf(n)
	if !ok {
		return nil
	}
	unit := usual.PriceAt(max(need, usual.MOQ, 1))
	var best *Source
	var want, q quantity.Pieces
	most := 0.0
	for _, alt := range others {
		day := leadDays(alt.LeadMean)
		w := ceilPieces(g.after(day))
		if alt.CapacityDay > 0 {
			w = min(w, alt.CapacityDay*quantity.Pieces(max(g.to-day, 0)))
		}
		if day >= g.to || w <= 0 {
			continue
		}
		take := lot(alt, w)
		gain := float64(w) * float64(p.in.SKU.Price-unit)
		extra := float64(take)*float64(alt.PriceAt(take)-unit) + float64(p.s.OrderCost)
		if n.buys && take > w.CeilTo(alt.Pack) && take > lot(usual, need) {
			continue // its minimum is more than the whole need
		}
		if gain <= extra {
			more := money.Fen(extra)
			notes = append(notes, Warning{Code: WarnBackupDear, Site: n.ID, Ref: alt.Code, Args: Args{SupplierName: &alt.Name, Money: more, Pieces: w}})
			continue
		}
		if gain-extra > most {
			most, best, want, q = gain-extra, alt, w, take
		}
	}
	if best == nil {
		return notes
	}
	var s sum
	s.plus(WhyGap, want, Args{Days: float64(g.to - g.from), Date: p.day(g.from)})
	s.round(best, want, q)
	p.take(n, best, &s, want, ReasonGap, nil)
	return nil
}

// rush buys from backup suppliers for sites that are filled from other sites, when what is on its way to them comes too
// late.
func (p *planner) rush() {
	for _, n := range p.nodes {
		if n.buys || !n.relevant || n.source == nil || len(n.sources) == 0 {
			continue
		}
		usual := &Source{Term: catalog.Term{Breaks: []catalog.PriceBreak{{From: 1, Price: p.cost}}}}
		h := n.has(n.iv.days, true)
		p.expedite(n, max(n.iv.upTo-h.position(), 1), usual, n.sources)
	}
}

// order makes the main purchase of a need.
func (p *planner) order(n *node, src *Source, h holding, need quantity.Pieces, notes []Warning) {
	s := p.open(n, h)
	q := lot(src, need)
	if n.iv.cutLife && 2*(q-need) > max(src.Pack, need) && h.position() > 0 { // rather a little less than what would expire
		if q -= src.Pack; q < max(src.MOQ, 1) {
			return
		}
	}
	if q > need.CeilTo(src.Pack) && !p.worthMinimum(n, src, h, q) {
		p.presellGoal(n, src, need, q)
		return
	}
	if days := p.coverWith(n, h, q); q > need.CeilTo(src.Pack) && p.s.Cover[n.Tier].MaxDays > 0 && days > float64(p.s.Cover[n.Tier].MaxDays) {
		notes = append(notes, Warning{Code: WarnMOQCover, Site: n.ID, Args: Args{MOQ: src.MOQ, Days: days}})
	}
	if alt, part := p.splitCapacity(n, src, q); alt != nil {
		rest := q - part
		take := lot(alt, rest)
		var other sum
		other.plus(WhyCapacity, rest, Args{PerDay: float64(src.CapacityDay), SupplierName: &src.Name})
		other.round(alt, rest, take)
		p.take(n, alt, &other, rest, p.reason(p.inputs(n)), nil)
		s.minus(WhyOtherSource, take, Args{SupplierName: &alt.Name})
		if need -= take; need <= 0 {
			return
		}
		q = min(part, lot(src, need))
	}
	s.round(src, need, q)
	if better := p.breakPrice(n, src, h, q); better > q {
		old, now := src.PriceAt(q), src.PriceAt(better)
		s.to(better, WhyPriceBreak, Args{MOQ: breakOf(src, better), UnitPrice: now, Money: (old - now) * money.Fen(better)})
		q = better
	}
	s.to(p.keep(Key{Kind: Buy, Site: n.ID, Supplier: src.Supplier}, src, q), WhyKept, Args{Pieces: q})
	p.take(n, src, &s, need, p.reason(p.inputs(n)), notes)
}

// round brings a need to the quantity q that the supplier takes.
func (s *sum) round(src *Source, need, q quantity.Pieces) {
	if need < src.MOQ {
		s.plus(WhyMOQ, src.MOQ-need, Args{MOQ: src.MOQ, Need: need})
	}
	s.to(q, WhyRounding, Args{Pack: src.Pack, Packs: q / src.Pack, Need: need, MOQ: src.MOQ})
}

// take adds the purchase that the sum s leads to.
func (p *planner) take(n *node, src *Source, s *sum, need quantity.Pieces, why Reason, notes []Warning) {
	q := s.total
	b := p.begin(Buy, n, why)
	b.Supplier, b.Backup = src.Supplier, src.Backup || n.buys && src != n.sources[0]
	b.Pieces, b.Need, b.Pack, b.Unit = q, need, src.Pack, src.PriceAt(q)
	b.Money = worth(&b, b.Unit, q)
	b.Warnings = append(b.Warnings, notes...)
	own := arrivals(src, q)
	b.ArriveBy = p.today.AddDays(own[0].day)
	p.foresee(&b, n, own...)
	p.tellLate(&b, n, src, own)
	b.Explanation.Steps = s.equals(WhyBuy, Args{
		Pack: src.Pack, Packs: q / src.Pack, Money: b.Money, Date: &b.ArriveBy, Site: n.ID, SiteName: &n.Name, SupplierName: &src.Name,
	})
	b.Explanation.Inputs = p.inputs(n)
	b.Explanation.Turn = p.turn(n, src, q, why)
	n.received = append(n.received, own...)
	p.out = append(p.out, b)
}

// tellLate warns of days without stock until the arrival, and of pieces that come later than the first.
func (p *planner) tellLate(b *Suggestion, n *node, src *Source, own []inbound) {
	pr := &b.Explanation.Projection
	if pr.GapDays > 0 && pr.GapFrom < b.ArriveBy {
		note := Warning{Code: WarnGap, Site: n.ID, Args: Args{Days: float64(pr.GapDays), Date: &pr.GapFrom}}
		var helped quantity.Pieces
		n.below(func(c *node) {
			for _, r := range c.received {
				if r.from != nil && !n.contains(r.from) {
					helped += r.pieces
					note.Args.SiteName, note.Args.Site = &r.from.Name, r.from.ID
				}
			}
		})
		if helped > 0 {
			note.Code, note.Args.Pieces = WarnGapMoved, helped
		}
		b.Warnings = append(b.Warnings, note)
	}
	if last := own[len(own)-1]; len(own) > 1 && float64(last.day) > n.iv.lead+n.iv.review+1 {
		late := quantity.Pieces(0)
		for _, a := range own {
			if float64(a.day) > n.iv.lead+n.iv.review+1 {
				late += a.pieces
			}
		}
		b.Warnings = append(b.Warnings, Warning{Code: WarnCapacity, Site: n.ID,
			Args: Args{PerDay: float64(src.CapacityDay), Pieces: late, Date: p.day(last.day)}})
	}
}
