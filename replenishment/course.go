package replenishment

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// course is one way that the days to come may go, with the planner acting on each of them.
type course struct {
	in     Snapshot
	change Change
	days   int
	base   []Demand // the forecast as of today
	// pledges are delivered on their day beside what customers buy.
	pledges []Pledge
	wanted  [][]quantity.Pieces
	lots    map[catalog.SiteID][]Expiring
	orders  []travel
	out     Scenario
	prices  map[catalog.SupplierID]*Source
	cost    money.Fen
	peak    float64
}

// travel is goods on their way in a course.
type travel struct {
	Supply
	day  int
	last calendar.Day // on which it may be sold; 0: fresh on arrival
}

// forever is the last day of goods that do not expire.
const forever = 1 << 20

func newCourse(in Snapshot, c Change, days, number, of int) *course {
	r := seedOf(in.SKU.ID, number)
	k := &course{in: in, change: c, days: days, lots: map[catalog.SiteID][]Expiring{}, prices: map[catalog.SupplierID]*Source{}}
	k.base = slices.Clone(in.Demand)
	if len(in.Histories) > 0 {
		for _, d := range estimate(in.Histories, &in.Signals, days+forecastDays) {
			if !slices.ContainsFunc(k.base, func(o Demand) bool { return o.Site == d.Site }) {
				k.base = append(k.base, d)
			}
		}
		k.in.Histories = nil
	}
	k.launch()
	slices.SortFunc(k.base, func(a, b Demand) int { return cmp.Compare(a.Site, b.Site) })
	if c.Service > 0 {
		k.in.Settings.Service = map[Class]float64{}
		for _, class := range Classes() {
			k.in.Settings.Service[class] = c.Service
		}
		k.in.Settings.ShelfService, k.in.Settings.LonelyService = nil, nil
	}
	k.in.Sources = slices.Clone(in.Sources)
	for i := range k.in.Sources {
		s := &k.in.Sources[i]
		if c.Usual != 0 {
			s.Backup = s.Supplier != c.Usual
		}
		if c.touches(s) {
			s.LeadMean = max(s.LeadMean+c.LeadDays, 0)
			if c.MOQ != nil {
				s.MOQ = *c.MOQ
			}
		}
		k.prices[s.Supplier] = s
		if p := s.PriceAt(max(s.MOQ, 1)); p > 0 && (k.cost == 0 || p < k.cost) {
			k.cost = p
		}
	}
	if in.Cost > 0 {
		k.cost = in.Cost
	}
	k.draw(r, number, of)
	k.stock()
	return k
}

// launch turns what stands in for a forecast, and what is pledged, into demand of the course.
func (k *course) launch() {
	share, wait := k.in.Launch.Ratio, 0
	if !(share > 0 && share < 1000) {
		share = 1
	}
	if l := k.in.SKU.Launched; l != nil {
		wait = max(l.Sub(k.in.Today), 0)
	}
	at := func(site catalog.SiteID) int {
		return slices.IndexFunc(k.base, func(o Demand) bool { return o.Site == site })
	}
	for i := range k.in.Launch.Like {
		if like := &k.in.Launch.Like[i]; at(like.Site) < 0 {
			k.base = append(k.base, *likened(like, share, wait))
		}
	}
	k.pledges = k.in.Launch.Pledges
	for _, p := range k.pledges {
		if at(p.Site) < 0 {
			k.base = append(k.base, Demand{Site: p.Site, Mean: make([]float64, 2*week), CumSD: make([]float64, 2*week), Model: "pledges"})
		}
	}
	k.in.Launch = Launch{}
}

// pledgedOn gives the pieces to be delivered from a site on a day of the course; what is overdue is delivered on its first.
func (k *course) pledgedOn(site catalog.SiteID, day int) (n quantity.Pieces) {
	for _, p := range k.pledges {
		if p.Site == site && max(p.Day.Sub(k.in.Today), 0) == day {
			n += max(p.Pieces, 0)
		}
	}
	return n
}

// pledgedFrom gives the pledges that are still to be delivered on a day of the course.
func (k *course) pledgedFrom(day int) (out []Pledge) {
	for _, p := range k.pledges {
		if max(p.Day.Sub(k.in.Today), 0) >= day {
			out = append(out, p)
		}
	}
	return out
}

// draw makes the demand of each site and day: the forecast, off by an error that all its days share, and scattered day by
// day. Courses are spread evenly over the error, so that few of them show its range.
func (k *course) draw(r *rand.Rand, number, of int) {
	off := normalAt((float64(number) + 0.5) / float64(of))
	for _, d := range k.base {
		wanted, carry := make([]quantity.Pieces, k.days), r.Float64()
		total, weeks := 0.0, min(len(d.Mean), 2*week)
		for _, m := range d.Mean[:weeks] {
			total += max(m, 0)
		}
		shared := 0.0
		if weeks > 0 && len(d.CumSD) >= weeks && total > 0 {
			sd := d.CumSD[weeks-1]
			shared = math.Sqrt(max(sd*sd-total, 0)) / total
		}
		level := math.Exp(off*min(shared, 1) - min(shared, 1)*min(shared, 1)/2)
		for i := range wanted {
			m := meanOn(&d, i) * level * k.change.heat(i)
			carry += max(m+math.Sqrt(m)*(r.Float64()+r.Float64()+r.Float64()-1.5)*2, 0)
			wanted[i] = quantity.Pieces(carry)
			carry -= float64(wanted[i])
		}
		k.wanted = append(k.wanted, wanted)
	}
}

// normalAt is the quantile of the standard normal distribution.
func normalAt(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// meanOn is the forecast of a day, carried on at the mean of its last week.
func meanOn(d *Demand, i int) float64 {
	if i < len(d.Mean) {
		if m := d.Mean[i]; m >= 0 && m < 1e12 {
			return m
		}
		return 0
	}
	last, sum := d.Mean[max(len(d.Mean)-week, 0):], 0.0
	for _, m := range last {
		sum += max(m, 0)
	}
	return ratio(sum, float64(len(last)))
}

// stock puts what stands and what is under way in order. Reserved and held pieces stay where they are.
func (k *course) stock() {
	for _, p := range k.in.Positions {
		free := max(p.OnHand-p.Reserved-p.Held, 0)
		for _, e := range p.Expiring {
			q := min(max(e.Pieces, 0), free)
			if k.lots[p.Site] = append(k.lots[p.Site], Expiring{q, e.LastDay}); q > 0 {
				free -= q
			}
		}
		if free > 0 {
			k.lots[p.Site] = append(k.lots[p.Site], Expiring{free, k.in.Today.AddDays(forever)})
		}
	}
	for _, s := range k.in.Supply {
		day := max(s.Arrives.Sub(k.in.Today), 1)
		if s.Arrives.Sub(k.in.Today) < -k.in.Settings.OverdueDays || s.Pieces <= 0 {
			continue
		}
		if s.Kind == SupplyOrder && s.From == 0 {
			day = k.delayed(day)
		}
		k.orders = append(k.orders, travel{Supply: s, day: day})
	}
	for s := range k.lots {
		slices.SortFunc(k.lots[s], func(a, b Expiring) int { return cmp.Compare(a.LastDay, b.LastDay) })
	}
}

// delayed moves an arrival out of the outage of the usual suppliers.
func (k *course) delayed(day int) int {
	for i := range k.in.Sources {
		if s := &k.in.Sources[i]; !s.Backup && k.change.stopped(s, day) {
			return k.change.OutageFrom + k.change.OutageDays
		}
	}
	return day
}

// play goes through the days: what is due arrives, customers buy, and in the evening the planner acts.
func (k *course) play() Scenario {
	for i := range k.days {
		bought := 0.0
		for _, s := range k.plan(i) {
			bought += k.follow(i, s)
		}
		k.arrive(i)
		k.sell(i)
		held := 0.0
		for _, lots := range k.lots {
			for _, l := range lots {
				held += float64(l.Pieces)
			}
		}
		k.out.Stock, k.out.Bought = append(k.out.Stock, held), append(k.out.Bought, bought)
		k.out.AvgStock += held / float64(k.days)
		k.peak = max(k.peak, held)
	}
	k.out.StockMoney = money.Fen(math.Round(k.out.AvgStock * float64(k.cost)))
	k.out.PeakMoney = money.Fen(math.Round(k.peak * float64(k.cost)))
	return k.out
}

func (k *course) arrive(day int) {
	k.orders = slices.DeleteFunc(k.orders, func(t travel) bool {
		if t.day > day {
			return false
		}
		last := k.in.Today.AddDays(forever)
		if t.last > 0 {
			last = t.last
		} else if life := k.in.SKU.ShelfLifeDays; life > 0 {
			last = k.in.Today.AddDays(day + max(life-k.in.SKU.MinRemainingDays, 1))
		}
		k.lots[t.Site] = append(k.lots[t.Site], Expiring{t.Pieces, last})
		slices.SortStableFunc(k.lots[t.Site], func(a, b Expiring) int { return cmp.Compare(a.LastDay, b.LastDay) })
		return true
	})
}

// sell serves the day's demand of each site, first expired first.
func (k *course) sell(day int) {
	lost := 0.0
	for j, d := range k.base {
		lots := slices.DeleteFunc(k.lots[d.Site], func(e Expiring) bool { return e.LastDay < k.in.Today.AddDays(day) })
		want := k.wanted[j][day] + k.pledgedOn(d.Site, day)
		k.out.demand += float64(want)
		k.out.cells++
		var got quantity.Pieces
		got, k.lots[d.Site] = draw(lots, want)
		if missing := want - got; missing > 0 {
			lost += float64(missing)
			k.out.out++
			k.out.LostMoney += k.in.SKU.Price * money.Fen(missing)
		}
	}
	k.out.Lost = append(k.out.Lost, lost)
}

// draw takes up to n pieces of the lots.
func draw(lots []Expiring, n quantity.Pieces) (got quantity.Pieces, rest []Expiring) {
	for len(lots) > 0 && n > got {
		q := min(n-got, lots[0].Pieces)
		got += q
		if lots[0].Pieces -= q; lots[0].Pieces == 0 {
			lots = lots[1:]
		}
	}
	return got, lots
}

// plan asks the planner on a day of the course.
func (k *course) plan(day int) []Suggestion {
	in := k.in
	in.Today, in.Open, in.Positions, in.Supply, in.Demand = k.in.Today.AddDays(day), nil, nil, nil, nil
	if day == 0 {
		in.Open = k.in.Open
	}
	for _, site := range in.Sites {
		p := Position{Site: site.ID}
		for _, l := range k.lots[site.ID] {
			p.OnHand += l.Pieces
			if l.LastDay < k.in.Today.AddDays(forever) {
				p.Expiring = append(p.Expiring, l)
			}
		}
		in.Positions = append(in.Positions, p)
	}
	for _, t := range k.orders {
		s := t.Supply
		s.Arrives, s.Shipped = k.in.Today.AddDays(t.day), true
		in.Supply = append(in.Supply, s)
	}
	for i := range k.base {
		in.Demand = append(in.Demand, k.ahead(&k.base[i], day))
	}
	in.Launch.Pledges = k.pledgedFrom(day)
	in.Sources = slices.Clone(k.in.Sources)
	for i := range in.Sources {
		if k.change.stopped(&in.Sources[i], day) {
			in.Sources[i].Banned = "outage"
		}
	}
	r := Plan(in)
	if day == 0 {
		for _, l := range r.Levels {
			k.out.Safety += float64(l.SafetyPieces)
		}
	}
	return r.Suggestions
}

// ahead is the forecast as it will stand on a day: the rest of today's, with the heat of the change once it is heard of.
func (k *course) ahead(d *Demand, day int) Demand {
	out := *d
	n := max(len(d.Mean)-day, 4*week)
	out.Mean, out.Heat, out.CumSD, out.SharedSD = make([]float64, n), make([]float64, n), make([]float64, n), nil
	heard := k.change.HeatPeak > 0 && day >= k.change.HeatFrom-heatWarning
	was, is := 0.0, 0.0
	for i := range n {
		was += meanOn(d, i)
		m, heat := meanOn(d, day+i), 1.0
		if day+i < len(d.Heat) && d.Heat[day+i] > 0 {
			heat = d.Heat[day+i]
		}
		if heard {
			m, heat = m*k.change.heat(day+i), heat*k.change.heat(day+i)
		}
		is += m
		out.Mean[i], out.Heat[i] = m, heat
		sd := math.Sqrt(was + guessedError*was*guessedError*was)
		if i < len(d.CumSD) {
			sd = d.CumSD[i]
		}
		out.CumSD[i] = sd * max(ratio(is, was), 0)
	}
	return out
}

// follow carries a suggestion out and tells how many pieces were bought.
func (k *course) follow(day int, s Suggestion) float64 {
	arrives := func(lead float64) int { return day + max(leadDays(lead), 1) }
	switch s.Kind {
	case Transfer:
		last := calendar.Day(0)
		if lots := k.lots[s.From]; len(lots) > 0 {
			last = lots[0].LastDay
		}
		got, rest := draw(k.lots[s.From], s.Pieces)
		if k.lots[s.From] = rest; got == 0 {
			return 0
		}
		k.out.Moves++
		k.orders = append(k.orders, travel{Supply{Kind: SupplyTransfer, Site: s.Site, From: s.From, Pieces: got}, day + max(s.ArriveBy.Sub(s.PlannedOn), 1), last})
	case Buy:
		src := k.prices[s.Supplier]
		if src == nil {
			return 0
		}
		k.out.Buys++
		k.out.Cash += s.Money
		first := k.delayed(arrives(src.LeadMean))
		for _, a := range arrivals(src, s.Pieces) {
			k.orders = append(k.orders, travel{Supply: Supply{Kind: SupplyOrder, Site: s.Site, Pieces: a.pieces}, day: first + a.day - leadDays(src.LeadMean)})
		}
		return float64(s.Pieces)
	}
	return 0
}
