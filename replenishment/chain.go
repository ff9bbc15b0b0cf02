package replenishment

import (
	"cmp"
	"math"
	"slices"

	"milkrun/internal/catalog"
)

// readSources keeps, for each site, the suppliers that may be ordered from and ship there: the usual ones before the
// backups, then by their shares, then the cheaper. A supplier's terms for this very site go before its terms for any site.
func (p *planner) readSources() {
	clean := make([]Source, 0, len(p.in.Sources))
	for _, src := range p.in.Sources {
		unit := src.PriceAt(max(src.MOQ, 1))
		if src.LeadMean != figure(src.LeadMean) || src.LeadSD != figure(src.LeadSD) || src.MOQ < 0 || src.Pack < 0 ||
			src.CapacityDay < 0 || unit <= 0 {
			p.warn(WarnBadTerms, src.ShipsTo, src.Code, Args{SupplierName: &src.Name})
		}
		src.LeadMean, src.LeadSD = figure(src.LeadMean), figure(src.LeadSD)
		src.MOQ, src.Pack, src.CapacityDay = max(src.MOQ, 0), max(src.Pack, 1), max(src.CapacityDay, 0)
		src.ShareBP, src.Given = max(src.ShareBP, 0), max(src.Given, 0)+p.promised(src.Supplier)
		clean = append(clean, src)
		if src.Banned == "" && unit > 0 && (p.cost == 0 || unit < p.cost) {
			p.cost = unit
		}
	}
	if p.in.Cost > 0 {
		p.cost = p.in.Cost
	}
	for _, n := range p.nodes {
		for i := range clean {
			src := &clean[i]
			if src.ShipsTo != n.ID && (src.ShipsTo != 0 || n.Tier != catalog.Regional) {
				continue
			}
			if src.Banned != "" {
				if n.banned == nil || src.Supplier < n.banned.Supplier {
					n.banned = src
				}
				continue
			}
			n.sources = append(n.sources, src)
		}
		if len(n.sources) > 1 {
			slices.SortFunc(n.sources, bySupplier)
			n.sources = slices.CompactFunc(n.sources, func(a, b *Source) bool { return a.Supplier == b.Supplier })
			slices.SortFunc(n.sources, byTurn)
		}
	}
}

// bySupplier puts the terms of one supplier together, the most particular first.
func bySupplier(a, b *Source) int {
	return cmp.Or(cmp.Compare(a.Supplier, b.Supplier), -cmp.Compare(a.ShipsTo, b.ShipsTo), compareBool(a.Backup, b.Backup),
		cmp.Compare(a.PriceAt(max(a.MOQ, 1)), b.PriceAt(max(b.MOQ, 1))), cmp.Compare(a.MOQ, b.MOQ),
		cmp.Compare(a.LeadMean, b.LeadMean), cmp.Compare(a.Pack, b.Pack), cmp.Compare(a.PartNo, b.PartNo))
}

// byTurn puts the supplier first that is to be ordered from next: no backup, the one furthest behind its share, the cheapest.
func byTurn(a, b *Source) int {
	return cmp.Or(compareBool(a.Backup, b.Backup), byShare(a, b), cmp.Compare(a.PriceAt(max(a.MOQ, 1)), b.PriceAt(max(b.MOQ, 1))),
		cmp.Compare(a.LeadMean, b.LeadMean), cmp.Compare(a.Supplier, b.Supplier))
}

// UsualSource gives the supplier that is ordered from where all ship to the same sites; 0 for none.
func UsualSource(all []Source) catalog.SupplierID {
	var best *Source
	for i := range all {
		if s := &all[i]; s.Banned == "" && (best == nil || byTurn(s, best) < 0) {
			best = s
		}
	}
	if best == nil {
		return 0
	}
	return best.Supplier
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// chooseSources says which sites buy and whom the others are filled from. Far sites and regional ones buy where a
// supplier ships to them; the others take the first lane, in order of priority, that leads back to somebody who buys or
// at least has stock. A lane that would close a circle is left out.
func (p *planner) chooseSources() {
	supplied := p.reach(func(n *node) bool { return len(n.sources) > 0 })
	stocked := p.reach(func(n *node) bool { return len(n.sources) > 0 || n.onHand > 0 || len(n.supply) > 0 })
	for _, n := range p.nodes {
		fed := slices.ContainsFunc(n.in, func(l catalog.Lane) bool { return !p.lateral(l) && supplied[p.byID[l.From].index] })
		n.buys = len(n.sources) > 0 && (!fed || rank(n.Tier) <= rank(catalog.Regional) && !n.sources[0].Backup)
	}
	for _, n := range p.nodes {
		if n.buys {
			continue
		}
		for _, good := range []func(catalog.Lane) bool{
			func(l catalog.Lane) bool { return !p.lateral(l) && supplied[p.byID[l.From].index] },
			func(l catalog.Lane) bool { return supplied[p.byID[l.From].index] },
			func(l catalog.Lane) bool { return !p.lateral(l) && stocked[p.byID[l.From].index] },
			func(l catalog.Lane) bool { return !p.lateral(l) },
		} {
			if p.fillFrom(n, good) {
				break
			}
		}
	}
	for _, n := range p.nodes {
		if n.source != nil {
			n.source.children = append(n.source.children, n)
		}
	}
}

// fillFrom takes the first good lane as the site's source; false when there is none.
func (p *planner) fillFrom(n *node, good func(catalog.Lane) bool) bool {
	for _, l := range n.in {
		if !good(l) {
			continue
		}
		from := p.byID[l.From]
		circle := false
		for f := from; f != nil && !circle; f = f.source {
			circle = f == n
		}
		if circle {
			p.warn(WarnCycle, n.ID, "", Args{Site: n.ID, SiteName: &from.Name})
			continue
		}
		n.source, n.lane = from, l
		return true
	}
	return false
}

// reach tells of each site whether it is good itself or some lane leads to it from one that is reached.
func (p *planner) reach(good func(*node) bool) []bool {
	reached := make([]bool, len(p.nodes))
	for i, n := range p.nodes {
		reached[i] = good(n)
	}
	for grown := true; grown; {
		grown = false
		for i, n := range p.nodes {
			if reached[i] {
				continue
			}
			for _, l := range n.in {
				if reached[p.byID[l.From].index] {
					reached[i], grown = true, true
					break
				}
			}
		}
	}
	return reached
}

// helplessLead is how many days ahead a site is watched that nobody fills.
const helplessLead = 7

// lead gives the lead of the source that the site would use, and its deviation.
func (n *node) lead() (mean, sd float64) {
	switch {
	case n.buys:
		return n.sources[0].LeadMean, n.sources[0].LeadSD
	case n.source != nil:
		return n.lane.LeadMean, n.lane.LeadSD
	case n.banned != nil:
		return n.banned.LeadMean, n.banned.LeadSD
	}
	return helplessLead, 0
}

// Length of the curves in days: what decisions look at, and as much of a longer forecast as matters for cover.
const (
	leastDays    = 28
	forecastDays = 120
	mostDays     = 400
)

// readDemand gives every site its curve and its echelon's.
func (p *planner) readDemand() {
	need := 0.0
	for _, n := range p.nodes {
		days := p.s.Review[n.Tier]
		for f := n; f != nil; f = f.source {
			mean, _ := f.lead()
			days += mean
		}
		need = max(need, days)
	}
	p.days = max(leastDays, int(math.Ceil(need))+14)
	for i := range p.in.Demand {
		d := &p.in.Demand[i]
		p.days = max(p.days, min(len(d.Mean), forecastDays))
		if n := p.byID[d.Site]; n == nil {
			p.warn(WarnUnknownSite, d.Site, "", Args{Site: d.Site})
		} else {
			n.forecast = d
		}
	}
	p.days = min(p.days, mostDays)
	if len(p.in.Histories) > 0 {
		p.estimateDemand()
	}
	p.launch()
	retired := p.days
	if p.in.SKU.Retired != nil {
		retired = p.in.SKU.Retired.Sub(p.today)
	}
	for _, n := range p.nodes {
		n.class = p.classOf(n)
		if n.forecast == nil {
			continue
		}
		var ok bool
		if n.own, ok = newCurve(p.arena, n.forecast, p.days); !ok {
			p.warn(WarnBadDemand, n.ID, "", Args{Site: n.ID})
		}
		if retired < p.days {
			n.own.stopAt(retired)
		}
	}
	none := blankCurve(p.arena, p.days)
	for _, n := range p.nodes {
		if n.own.day == nil {
			n.own = none
		}
	}
	for _, n := range p.nodes {
		if n.source == nil {
			p.gather(n)
		}
	}
}

// estimateDemand gives the sites without a forecast one from their own history.
func (p *planner) estimateDemand() {
	var hist []History
	for _, h := range p.in.Histories {
		if n := p.byID[h.Site]; n == nil {
			p.warn(WarnUnknownSite, h.Site, "", Args{Site: h.Site})
		} else if n.forecast == nil {
			hist = append(hist, h)
		}
	}
	slices.SortFunc(hist, func(a, b History) int { return cmp.Compare(a.Site, b.Site) })
	hist = slices.CompactFunc(hist, func(a, b History) bool { return a.Site == b.Site })
	found := estimate(hist, &p.in.Signals, p.days)
	for i := range found {
		p.byID[found[i].Site].forecast = &found[i]
	}
}

// gather makes the curve of the node's echelon from those below it, and says whether the SKU matters there.
func (p *planner) gather(n *node) {
	n.all = n.own
	n.relevant = n.own.cum[p.days] > 0 || n.onHand > 0 || len(n.supply) > 0
	if len(n.children) == 0 {
		return
	}
	n.all = blankCurve(p.arena, p.days)
	n.all.add(p.arena, n.own)
	most := n.own.cum[p.days]
	for _, c := range n.children {
		p.gather(c)
		n.all.add(p.arena, c.all)
		n.relevant = n.relevant || c.relevant
		// The echelon is of the class of its greatest demand.
		if d := c.all.cum[p.days]; d > most {
			n.class, most = c.class, d
		}
	}
}

// classOf gives the class of a site's own demand.
func (p *planner) classOf(n *node) Class {
	switch {
	case p.in.SKU.Core:
		return ClassCore
	case n.forecast != nil && n.forecast.Class != "":
		return n.forecast.Class
	case p.in.Class != "":
		return p.in.Class
	}
	return ClassNormal
}
