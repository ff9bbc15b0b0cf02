package replenishment

import (
	"cmp"
	"math"
	"slices"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// node is a site as the planner works on it.
type node struct {
	catalog.Site
	index    int // among the planner's nodes
	class    Class
	forecast *Demand // nil for none
	own, all curve   // its own customers; with everything below it

	in       []catalog.Lane // lanes into it, best first: ways down the chain before lateral ones
	source   *node          // whom it is filled from, nil for one that buys
	lane     catalog.Lane   // from the source
	children []*node
	sources  []*Source // suppliers that may be ordered from, best first
	banned   *Source   // one that may not
	buys     bool
	relevant bool

	onHand, reserved, held, shortDated quantity.Pieces
	lots                               []Expiring
	supply                             []inbound // by arrival
	outbound                           quantity.Pieces
	clearing                           quantity.Pieces // by approved clearances

	iv   interval        // of the echelon
	step quantity.Pieces // goods are moved to the site in multiples of it

	inputs *Inputs // once they are asked for

	// The shelf to come, if nothing new is done.
	draw, short []float64
	stockout    int // first day with unmet demand, −1 for none
	cover       float64

	// What this plan has decided so far.
	sent     quantity.Pieces // leaves the shelf
	received []inbound       // comes from other sites and suppliers
	missing  quantity.Pieces // what its source could not send
}

// inbound is supply on its way to a node.
type inbound struct {
	day    int // of arrival, counted from today
	pieces quantity.Pieces
	ref    string
	from   *node // nil for a supplier
	// supplier names the supplier of a purchase of this plan.
	supplier *catalog.Name
	// approved is true for a suggestion that is not ordered yet.
	approved bool
	// shipped is true when the pieces are on no site's books any more.
	shipped bool
}

// shelf is what the site can sell or send: on hand without what is promised, held, too short-dated or bound. What is
// being cleared is the short-dated part first.
func (n *node) shelf() quantity.Pieces {
	return max(n.onHand-n.reserved-n.held-n.outbound-max(n.shortDated, n.clearing), 0)
}

// free is what is left of it after what this plan sends.
func (n *node) free() quantity.Pieces { return max(n.shelf()-n.sent, 0) }

// below visits the node and everything under it.
func (n *node) below(visit func(*node)) {
	visit(n)
	for _, c := range n.children {
		c.below(visit)
	}
}

// contains tells whether f is n or a site below it.
func (n *node) contains(f *node) bool {
	for ; f != nil; f = f.source {
		if f == n {
			return true
		}
	}
	return false
}

// rank is the tier's distance from the door: overseas 0, station 4.
func rank(t catalog.Tier) int {
	switch t {
	case catalog.Overseas:
		return 0
	case catalog.Bonded:
		return 1
	case catalog.Regional:
		return 2
	case catalog.Front:
		return 3
	default:
		return 4
	}
}

// lateral tells whether a lane does not lead down the chain.
func (p *planner) lateral(l catalog.Lane) bool {
	return rank(p.byID[l.From].Tier) >= rank(p.byID[l.To].Tier)
}

// leadDays gives the whole days until goods of a lead can be sold.
func leadDays(lead float64) int { return int(math.Ceil(lead - tiny)) }

// figures makes leads usable: negative or no numbers count as 0.
func figure(v float64) float64 {
	if !(v >= 0 && v <= 3650) {
		return 0
	}
	return v
}

// planner plans one SKU.
type planner struct {
	in    *Snapshot
	s     *Settings
	arena *arena
	today calendar.Day
	days  int // of every curve
	nodes []*node
	byID  map[catalog.SiteID]*node
	cost  money.Fen // of a piece

	out      []Suggestion
	warnings []Warning
}

func newPlanner(in *Snapshot) *planner {
	p := &planner{in: in, s: &in.Settings, arena: arenas.Get().(*arena), today: in.Today, byID: make(map[catalog.SiteID]*node, len(in.Sites))}
	store := make([]node, len(in.Sites))
	for i, s := range in.Sites {
		if !s.Active || p.byID[s.ID] != nil {
			continue
		}
		n := &store[i]
		n.Site = s
		p.nodes = append(p.nodes, n)
		p.byID[s.ID] = n
	}
	slices.SortFunc(p.nodes, func(a, b *node) int { return cmp.Compare(a.ID, b.ID) })
	for i, n := range p.nodes {
		n.index = i
	}
	p.readSources()
	p.readLanes()
	p.readStock()
	p.readSupply()
	p.chooseSources()
	p.readDemand()
	return p
}

func (p *planner) warn(code WarningCode, site catalog.SiteID, ref string, args Args) {
	p.warnings = append(p.warnings, Warning{Code: code, Site: site, Ref: ref, Args: args})
}

// readLanes keeps the lanes among the active sites, one a pair, the best first.
func (p *planner) readLanes() {
	for _, l := range p.in.Lanes {
		from, to := p.byID[l.From], p.byID[l.To]
		if from == nil || to == nil || from == to {
			continue
		}
		l.LeadMean, l.LeadSD = figure(l.LeadMean), figure(l.LeadSD)
		to.in = append(to.in, l)
	}
	for _, n := range p.nodes {
		slices.SortFunc(n.in, func(a, b catalog.Lane) int {
			side := func(l catalog.Lane) int {
				if p.lateral(l) {
					return 1
				}
				return 0
			}
			return cmp.Or(cmp.Compare(side(a), side(b)), cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.LeadMean, b.LeadMean),
				cmp.Compare(a.From, b.From), cmp.Compare(a.LeadSD, b.LeadSD), cmp.Compare(a.CostFen, b.CostFen))
		})
	}
}

// readStock adds up the positions of each site.
func (p *planner) readStock() {
	for _, r := range p.in.Positions {
		n := p.byID[r.Site]
		if n == nil {
			if r.OnHand != 0 {
				p.warn(WarnUnknownSite, r.Site, "", Args{Site: r.Site, OnHand: r.OnHand})
			}
			continue
		}
		n.onHand += r.OnHand
		n.reserved += r.Reserved
		n.held += r.Held
		n.lots = append(n.lots, r.Expiring...)
	}
	for _, n := range p.nodes {
		if n.onHand < 0 || n.reserved < 0 || n.held < 0 || n.reserved+n.held > n.onHand {
			p.warn(WarnBadPosition, n.ID, "", Args{Site: n.ID, OnHand: n.onHand, Reserved: n.reserved, Held: n.held})
			n.onHand, n.reserved, n.held = max(n.onHand, 0), max(n.reserved, 0), max(n.held, 0)
		}
		n.lots = slices.DeleteFunc(n.lots, func(e Expiring) bool { return e.Pieces <= 0 })
		slices.SortFunc(n.lots, func(a, b Expiring) int {
			return cmp.Or(cmp.Compare(a.LastDay, b.LastDay), cmp.Compare(a.Pieces, b.Pieces))
		})
	}
}

// readSupply places what is under way, and approved suggestions that are not ordered yet.
func (p *planner) readSupply() {
	ordered := map[SuggestionID]bool{}
	for _, s := range p.in.Supply {
		if s.Suggestion != 0 {
			ordered[s.Suggestion] = true
		}
		to := p.byID[s.Site]
		if s.Pieces <= 0 {
			continue
		}
		if to == nil {
			p.warn(WarnUnknownSite, s.Site, s.Ref, Args{Site: s.Site, Pieces: s.Pieces})
			continue
		}
		p.place(to, inbound{day: s.Arrives.Sub(p.today), pieces: s.Pieces, ref: s.Ref, from: p.byID[s.From], shipped: s.Shipped})
	}
	for _, o := range p.in.Open {
		n := p.byID[o.Site]
		if n == nil || ordered[o.ID] || o.Pieces <= 0 || (o.State != StateApproved && o.State != StateChanged) {
			continue
		}
		switch o.Kind {
		case Buy, Transfer:
			p.place(n, inbound{day: max(o.ArriveBy.Sub(p.today), 0), pieces: o.Pieces, from: p.byID[o.From], approved: true})
		case Clear:
			n.clearing += o.Pieces
		}
	}
	for _, n := range p.nodes {
		slices.SortFunc(n.supply, func(a, b inbound) int {
			return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.ref, b.ref), cmp.Compare(a.pieces, b.pieces))
		})
	}
}

// place enters one supply. One that is late within Settings.OverdueDays is believed to come tomorrow; a later one is not
// counted: it must be chased, and the need met by other means.
func (p *planner) place(to *node, s inbound) {
	if s.day < 0 {
		due := p.today.AddDays(s.day)
		args := Args{Date: &due, Days: float64(-s.day), Pieces: s.pieces}
		if -s.day > p.s.OverdueDays {
			p.warn(WarnOverdueLost, to.ID, s.ref, args)
			return
		}
		p.warn(WarnOverdue, to.ID, s.ref, args)
		s.day = 1
	}
	if s.from != nil && !s.shipped {
		s.from.outbound += s.pieces
	}
	to.supply = append(to.supply, s)
}
