package replenishment

import (
	"cmp"
	"math"
	"slices"

	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
)

// plannedService is the target where the settings hold none that can be used.
const plannedService = 0.95

// intervals computes the levels of every echelon, from the door upward.
func (p *planner) intervals(n *node) {
	downstream := 0.0
	for _, c := range n.children {
		p.intervals(c)
		if total := n.all.cum[p.days]; total > 0 {
			downstream += c.all.cum[p.days] / total * (c.iv.lead + c.iv.downstream)
		}
	}
	service := p.service(n)
	iv := interval{review: figure(p.s.Review[n.Tier]), downstream: downstream, service: service}
	iv.lead, iv.leadSD = n.lead()
	p.economy(n, &iv)
	life := 0
	if p.in.SKU.ShelfLifeDays > 0 {
		life = max(p.in.SKU.ShelfLifeDays-p.in.SKU.MinRemainingDays, 1)
	}
	n.iv = protect(&n.all, iv, p.s, p.s.Cover[n.Tier], life)
	n.step = p.unit(n)
}

// service gives the target of a node: that of its place in the chain where there is one, else that of its class.
func (p *planner) service(n *node) float64 {
	good := func(v float64) bool { return v > 0 && v < 1 }
	if v := p.s.ShelfService[n.class]; good(v) && n.source != nil && len(n.children) == 0 {
		return v
	}
	if v := p.s.LonelyService[n.class]; good(v) && len(n.children) > 0 && !p.rescued(n) {
		return v
	}
	if v := p.s.Service[n.class]; good(v) {
		return v
	}
	return plannedService
}

// rescued tells whether a backup supplier delivers to the echelon in less than half the usual time.
func (p *planner) rescued(n *node) bool {
	ok := false
	usual, _ := n.lead()
	n.below(func(c *node) {
		for _, s := range c.sources {
			ok = ok || s.Backup && s.LeadMean < usual/2
		}
	})
	return ok
}

// economy sets what an order and a day of a piece's stock cost, and what must be seen on the shelves.
func (p *planner) economy(n *node, iv *interval) {
	for _, c := range n.children {
		iv.shown += c.iv.shown
	}
	if n.own.cum[p.days] > 0 {
		iv.shown += p.s.Cover[n.Tier].MinPieces
	}
	if !p.s.EconomicLots {
		return
	}
	if iv.setup = float64(p.s.TransferCost); n.buys {
		iv.setup = float64(p.s.OrderCost)
	}
	iv.unit = float64(p.cost) * p.s.HoldingRate / 365
}

// project follows the shelf of the node day by day if nothing new is done: what is drawn from it is what its customers
// want and what the sites below cannot serve from their own stock. It also finds what will not be sold in time.
func (p *planner) project(n *node) {
	n.stockout, n.cover = -1, 0
	if !n.relevant {
		n.draw, n.short = n.own.day, n.own.day
		return
	}
	n.draw, n.short = p.arena.take(p.days), p.arena.take(p.days)
	copy(n.draw, n.own.day)
	for _, c := range n.children {
		if p.project(c); !c.relevant {
			continue
		}
		for i, s := range c.short {
			n.draw[i] += s
		}
	}
	if len(n.lots) > 0 {
		waste, _ := n.wasted(p.today)
		n.shortDated = min(waste, max(n.onHand-n.reserved-n.held, 0))
	}
	stock, next := float64(n.shelf()), 0
	for i, d := range n.draw {
		for ; next < len(n.supply) && n.supply[next].day <= i; next++ {
			stock += float64(n.supply[next].pieces)
		}
		if n.short[i] = max(d-stock, 0); n.short[i] > tiny && n.stockout < 0 {
			n.stockout = i
		}
		stock = max(stock-d, 0)
	}
	n.cover = lasts(n.draw, n.all.tail, float64(n.shelf()))
}

// wasted counts the dated pieces that will not be sold by their last day, first expired first sold, as far as the curves
// reach. last is the last day of the first such lot that has not ended yet.
func (n *node) wasted(today calendar.Day) (waste quantity.Pieces, last calendar.Day) {
	sold, total, day := 0.0, 0.0, 0
	bound := n.reserved + n.outbound // leaves first, from the lots that end first
	for _, l := range n.lots {
		left := l.LastDay.Sub(today) + 1 // days on which it may be sold
		if left > len(n.draw) {
			break
		}
		if left > 0 {
			taken := min(bound, l.Pieces)
			bound -= taken
			l.Pieces -= taken
		}
		for ; day < left; day++ {
			total += n.draw[day]
		}
		sells := min(float64(l.Pieces), max(total-sold, 0))
		sold += sells
		over := l.Pieces - floorPieces(sells)
		if waste += over; over > 0 && last == 0 && l.LastDay >= today {
			last = l.LastDay
		}
	}
	return waste, last
}

// lasts gives for how many days a stock covers the daily demand, tail beyond its end, at most CoverForever.
func lasts(daily []float64, tail, stock float64) float64 {
	for i, d := range daily {
		if d > stock {
			return float64(i) + stock/d
		}
		stock -= d
	}
	if tail <= 0 {
		return CoverForever
	}
	return min(float64(len(daily))+stock/tail, CoverForever)
}

// holding is what an echelon has against the demand of an interval.
type holding struct {
	sites     int
	available quantity.Pieces // on the shelves, without what is stuck
	stuck     quantity.Pieces // beyond what the sites where it stands can sell in the interval
	onOrder   quantity.Pieces // arrives in time
	approved  quantity.Pieces // approved, but not ordered yet; arrives in time
	planned   quantity.Pieces // brought by this plan from outside the echelon, in time

	onHand, reserved, held, shortDated, outbound quantity.Pieces
}

func (h holding) position() quantity.Pieces { return h.available + h.onOrder + h.approved + h.planned }

// has adds up what the echelon of n has against the demand of days days, after what this plan has decided so far if
// planned is set. What moves within the echelon counts whenever it arrives. Stock of a site below counts only up to what
// that site may sell in the time, its safety stock and one carton: the rest cannot serve the others.
func (n *node) has(days float64, planned bool) holding { return n.hasFor(days, planned, n) }

func (n *node) hasFor(days float64, planned bool, top *node) holding {
	h := holding{
		sites: 1, available: n.shelf(), onHand: n.onHand, reserved: n.reserved, held: n.held, shortDated: n.shortDated,
		outbound: n.outbound + max(n.clearing-n.shortDated, 0),
	}
	for _, s := range n.supply {
		switch {
		case !s.shipped && top.contains(s.from): // stands on a shelf below, bound for another one
			h.available += s.pieces
			h.outbound -= s.pieces
		case float64(s.day) > days && !top.contains(s.from):
		case s.approved:
			h.approved += s.pieces
		default:
			h.onOrder += s.pieces
		}
	}
	if planned {
		h.available = n.free() + h.available - n.shelf()
		for _, s := range n.received {
			switch {
			case top.contains(s.from):
				h.available += s.pieces
			case float64(s.day) <= days:
				h.planned += s.pieces
			}
		}
	}
	for _, c := range n.children {
		h.add(c.hasFor(days, planned, top))
	}
	if n != top {
		over := max(h.position()-ceilPieces(n.all.over(days))-n.iv.safety-n.step, 0)
		for _, part := range []*quantity.Pieces{&h.available, &h.onOrder, &h.approved, &h.planned} {
			cut := min(over, *part)
			*part -= cut
			h.stuck += cut
			over -= cut
		}
	}
	return h
}

func (h *holding) add(o holding) {
	h.sites += o.sites
	h.available += o.available
	h.stuck += o.stuck
	h.onOrder += o.onOrder
	h.approved += o.approved
	h.planned += o.planned
	h.onHand += o.onHand
	h.reserved += o.reserved
	h.held += o.held
	h.shortDated += o.shortDated
	h.outbound += o.outbound
}

// run is the stock of an echelon to come, as if it stood in one place.
type run struct {
	opening  quantity.Pieces
	arrivals []inbound // by day; what moves within the echelon is not among them
	stock    []float64 // at the end of each day
	lost     []float64 // demand of each day that is not met
}

// runOf follows the echelon of n for days days: with what is under way, and with what this plan brings if planned is
// set. extra are further arrivals.
func (p *planner) runOf(n *node, days int, planned bool, extra ...inbound) run {
	r := run{stock: p.arena.take(days), lost: p.arena.take(days), opening: n.has(float64(days), planned).available}
	n.below(func(c *node) {
		for _, s := range c.supply {
			if s.day < days && (s.shipped || !n.contains(s.from)) {
				r.arrivals = append(r.arrivals, s)
			}
		}
		for _, s := range c.received {
			if planned && s.day < days && !n.contains(s.from) {
				r.arrivals = append(r.arrivals, s)
			}
		}
	})
	r.arrivals = append(r.arrivals, extra...)
	slices.SortStableFunc(r.arrivals, func(a, b inbound) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.ref, b.ref), cmp.Compare(a.pieces, b.pieces))
	})
	stock, next := float64(r.opening), 0
	for i := range days {
		for ; next < len(r.arrivals) && r.arrivals[next].day <= i; next++ {
			stock += float64(r.arrivals[next].pieces)
		}
		d := n.all.tail
		if i < p.days {
			d = n.all.day[i]
		}
		r.lost[i] = max(d-stock, 0)
		stock = max(stock-d, 0)
		r.stock[i] = stock
	}
	return r
}

// first gives the first day with unmet demand from day from on, −1 for none.
func (r run) first(from int) int {
	for i := max(from, 0); i < len(r.lost); i++ {
		if r.lost[i] > tiny {
			return i
		}
	}
	return -1
}

// lostIn gives the unmet demand of the days from..to−1.
func (r run) lostIn(from, to int) float64 {
	sum := 0.0
	for i := max(from, 0); i < min(to, len(r.lost)); i++ {
		sum += r.lost[i]
	}
	return sum
}

// day gives the date of the i-th day, nil for a negative one.
func (p *planner) day(i int) *calendar.Day {
	if i < 0 {
		return nil
	}
	d := p.today.AddDays(i)
	return &d
}

// whole rounds a projected stock for a chart.
func whole(stock []float64) []quantity.Pieces {
	out := make([]quantity.Pieces, len(stock))
	for i, v := range stock {
		out[i] = quantity.Pieces(math.Round(v))
	}
	return out
}
