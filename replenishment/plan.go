package replenishment

import (
	"cmp"
	"slices"

	"milkrun/internal/quantity"
)

// Result is the plan of one SKU. Levels are ordered by site, suggestions by kind, site, source and supplier.
type Result struct {
	Levels      []WaterLevel
	Suggestions []Suggestion
	// Withdrawn are open suggestions whose need is gone: the caller expires them.
	Withdrawn []SuggestionID
	// Warnings concern no single suggestion: overdue supply, missing sources, faults in the data.
	Warnings []Warning
}

// Plan gives the water level of every active site where a SKU is sold, stands or is on its way, and what to do about it.
// It is pure: the same rows in any order give the same plan. Faults in the data (a negative stock, a lane that leads in a
// circle) are warned of, and the rest is planned; settings are the caller's to validate.
//
// A suggestion with an ID takes the place of the stored open one with that ID: the same need is never listed twice.
func Plan(in Snapshot) Result {
	p := newPlanner(&in)
	defer p.arena.release()
	roots := p.roots()
	for _, n := range roots {
		p.intervals(n)
		p.project(n)
	}
	levels := p.levels()
	p.transfers()
	p.rebalance()
	p.bridge()
	p.rush()
	for _, n := range roots {
		if n.relevant {
			p.purchase(n)
		}
	}
	for _, n := range roots {
		if n.relevant {
			p.presell(n)
			p.clear(n)
		}
	}
	suggestions, withdrawn := p.reconcile()
	slices.SortFunc(p.warnings, compareWarnings)
	return Result{Levels: levels, Suggestions: suggestions, Withdrawn: withdrawn, Warnings: p.warnings}
}

// roots gives the sites that no other site fills, far ones first.
func (p *planner) roots() []*node {
	var out []*node
	for _, n := range p.nodes {
		if n.source == nil {
			out = append(out, n)
		}
	}
	slices.SortStableFunc(out, func(a, b *node) int { return cmp.Compare(rank(a.Tier), rank(b.Tier)) })
	return out
}

// suggested tells whether the plan holds a suggestion with the key.
func (p *planner) suggested(k Key) bool {
	return slices.ContainsFunc(p.out, func(s Suggestion) bool { return s.Key == k })
}

// reconcile holds the plan against the suggestions that exist: an open one is renewed under its id or withdrawn, what was
// rejected lately stays away unless it has grown, and what is approved is not offered a second time.
func (p *planner) reconcile() (keep []Suggestion, withdrawn []SuggestionID) {
	slices.SortFunc(p.out, func(a, b Suggestion) int { return compareKeys(a.Key, b.Key) })
	needs := slices.Clone(p.in.Open)
	slices.SortFunc(needs, func(a, b Need) int { return cmp.Compare(a.ID, b.ID) })
	renewed := map[SuggestionID]bool{}
	for _, s := range p.out {
		silent := false
		for _, o := range needs {
			switch {
			case o.Key != s.Key:
			case o.State == StateOpen && s.ID == 0:
				s.ID, renewed[o.ID] = o.ID, true
			case o.State == StateRejected && p.silences(o, s.Pieces):
				silent = true
				until := o.DecidedOn.AddDays(p.s.Freeze.RejectedDays)
				p.warn(WarnRejected, s.Site, "", Args{Pieces: s.Pieces, Date: &until})
			case o.State == StateChanged: // counted as supply: the buyer's number stands, and is told what is needed on top
				silent = true
				if s.Kind != Presell {
					p.warn(WarnGrown, s.Site, "", Args{Pieces: s.Pieces})
				}
			case o.State == StateApproved: // purchases and transfers are supply: what is listed is needed on top
				silent = silent || s.Kind == Presell
			}
		}
		if silent {
			delete(renewed, s.ID)
			continue
		}
		keep = append(keep, s)
	}
	for _, o := range needs {
		if o.State == StateOpen && !renewed[o.ID] {
			withdrawn = append(withdrawn, o.ID)
		}
	}
	return keep, withdrawn
}

// silences tells whether a rejection still stands against a new number.
func (p *planner) silences(o Need, pieces quantity.Pieces) bool {
	return p.today.Sub(o.DecidedOn) < p.s.Freeze.RejectedDays && float64(pieces) < float64(o.Pieces)*(1+p.s.Freeze.RegrowShare)
}

func compareKeys(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Site, b.Site), cmp.Compare(a.From, b.From), cmp.Compare(a.Supplier, b.Supplier))
}

func compareWarnings(a, b Warning) int {
	return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Site, b.Site), cmp.Compare(a.Ref, b.Ref), cmp.Compare(a.Args.Pieces, b.Args.Pieces))
}

// levels gives the water levels as they stand before the plan's own decisions.
func (p *planner) levels() []WaterLevel {
	out := make([]WaterLevel, 0, len(p.nodes))
	for _, n := range p.nodes {
		if !n.relevant {
			continue
		}
		if n.forecast == nil && n.onHand > 0 && len(n.children) == 0 {
			p.warn(WarnNoDemand, n.ID, "", Args{Site: n.ID, OnHand: n.onHand})
		}
		if q := p.expired(n); q > 0 {
			p.warn(WarnExpiringLots, n.ID, "", Args{Pieces: q, Date: &n.lots[0].LastDay})
		}
		out = append(out, p.level(n))
	}
	return out
}

// level describes the shelf of a node, and its echelon.
func (p *planner) level(n *node) WaterLevel {
	iv := &n.iv
	w := WaterLevel{
		SKU: p.in.SKU.ID, Site: n.ID, Service: iv.service, LeadDays: iv.lead, LeadSDDays: iv.leadSD, ReviewDays: iv.review,
		DownstreamDays: iv.downstream, ProtectionDays: iv.days, PerDay: iv.perDay(), OwnPerDay: ratio(n.own.over(iv.days), iv.days),
		DemandOverProtection: roundPieces(n.own.over(iv.days)), SafetyPieces: iv.safety, ReorderPoint: iv.reorder, OrderUpTo: iv.upTo,
		OnHand: n.onHand, Reserved: n.reserved, Unsellable: min(n.held+n.shortDated, n.onHand), Outbound: n.outbound,
		Available: n.shelf(), StockoutDay: p.day(n.stockout), CoverDays: n.cover,
	}
	for _, s := range n.supply {
		if float64(s.day) <= iv.days {
			w.OnOrder += s.pieces
		}
	}
	w.Position = w.Available + w.OnOrder
	for _, c := range n.children {
		w.SafetyPieces -= c.iv.safety
		w.ReorderPoint -= c.iv.upTo
		w.OrderUpTo -= c.iv.upTo
	}
	w.SafetyPieces, w.ReorderPoint, w.OrderUpTo = max(w.SafetyPieces, 0), max(w.ReorderPoint, 0), max(w.OrderUpTo, 0)
	w.SafetyDays = ratio(float64(w.SafetyPieces), w.PerDay)
	w.Echelon = p.echelon(n)
	w.Status = p.status(n, &w)
	return w
}

func (p *planner) echelon(n *node) Echelon {
	h := n.has(n.iv.days, false)
	e := Echelon{
		Sites: h.sites, DemandOverProtection: n.iv.demand, SafetyPieces: n.iv.safety, ReorderPoint: n.iv.reorder, OrderUpTo: n.iv.upTo,
		Available: h.available + h.stuck, Stuck: h.stuck, OnOrder: h.onOrder + h.approved, Position: h.position(),
		CoverDays: n.all.lasts(float64(h.available + h.stuck)), StockoutDay: p.day(n.stockout),
	}
	if len(n.children) > 0 {
		e.StockoutDay = p.day(p.runOf(n, p.days, false).first(0))
	}
	return e
}

// status puts the stock in a word, the worst that is true.
func (p *planner) status(n *node, w *WaterLevel) Status {
	asked := n.all.cum[p.days] > 0
	longest := p.s.Cover[n.Tier].MaxDays
	switch {
	case asked && w.Available == 0 && (w.OrderUpTo > 0 || n.stockout == 0):
		return Out
	case n.stockout >= 0 && float64(n.stockout) < p.s.RunningOutDays:
		return RunningOut
	case w.Available < w.SafetyPieces, n.stockout >= 0 && n.stockout < leadDays(n.iv.lead):
		return Low
	case w.Available > w.OrderUpTo && (!asked || longest > 0 && max(w.Echelon.CoverDays, 0) > float64(longest) && w.CoverDays > float64(longest)):
		return TooMuch
	}
	return Enough
}
