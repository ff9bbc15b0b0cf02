package simulation

import (
	"math"
	"strconv"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

// Planner is the product's own planner: each day a snapshot of what the desk knows goes through replenishment.Plan, and
// its suggestions are carried out as they are.
type Planner struct {
	Settings replenishment.Settings
}

// NewPlanner gives the planner with the settings, in a house whose costs are the world's.
func NewPlanner(w *World, s replenishment.Settings) *Planner {
	s.HoldingRate = w.Costs.HoldingRateYear
	s.OrderCost, s.TransferCost = fen(w.Costs.SupplierOrder), fen(w.Costs.InternalLine)
	return &Planner{Settings: s}
}

// dayZero is the calendar day of day 0; only differences matter.
const dayZero = calendar.Day(18000)

// Suppliers of the worlds.
const (
	usual  catalog.SupplierID = 1
	backup catalog.SupplierID = 2
)

func fen(v float64) money.Fen       { return money.Fen(math.Round(v * 100)) }
func site(l Loc) catalog.SiteID     { return catalog.SiteID(l) + 1 }
func location(s catalog.SiteID) Loc { return Loc(s - 1) }
func day(d int) calendar.Day        { return dayZero.AddDays(d) }

var classes = map[Class]replenishment.Class{
	Core: replenishment.ClassCore, Hot: replenishment.ClassHot, Seasonal: replenishment.ClassNormal, Slow: replenishment.ClassSlow,
}

// Act plans one SKU and carries the plan out: purchases and transfers. Suggestions to clear are not carried out. The world's
// clearance takes 40.5 % of the value off every piece of the SKU that is sold, 1.6 times the demand, for 0.6 times the demand that
// it brings on top: 0.648 of the value spent for at most 0.6 saved, so that it never pays, not even for goods that would end as waste.
func (p *Planner) Act(d *Desk) {
	r := replenishment.Plan(p.snapshot(d))
	moves := map[Loc][]Request{}
	for _, s := range r.Suggestions {
		n := int(s.Pieces)
		switch s.Kind {
		case replenishment.Transfer:
			moves[location(s.From)] = append(moves[location(s.From)], Request{location(s.Site), n})
		case replenishment.Buy:
			if s.Supplier == backup {
				d.BuyBackup(location(s.Site), n)
			} else {
				d.Buy(location(s.Site), n)
			}
		}
	}
	for l := range Loc(Locs) {
		d.Move(l, moves[l]...)
	}
	d.Clear(false)
}

// snapshot is what the planner sees in the evening of a day: tomorrow is its first day.
func (p *Planner) snapshot(d *Desk) replenishment.Snapshot {
	k := d.SKU()
	in := replenishment.Snapshot{
		Today: day(d.Day() + 1), Class: classes[k.Class], Cost: fen(k.Value), Settings: p.Settings,
		SKU: catalog.SKU{ID: catalog.SKUID(d.Index() + 1), Code: k.Code, Core: k.Class == Core, ShelfLifeDays: k.ShelfLife,
			MinRemainingDays: k.MinRemaining, Price: fen(k.Value * (1 + d.Costs().MarginRate)), CartonPieces: 1, WeightGrams: 1000},
	}
	for l := range Loc(Locs) {
		if l == OVS && k.Imported == 0 {
			continue
		}
		in.Sites = append(in.Sites, catalog.Site{ID: site(l), Code: l.String(), Tier: tierOf(l), Active: true})
		in.Positions = append(in.Positions, position(d, l))
		for i, c := range d.Coming(l) {
			in.Supply = append(in.Supply, replenishment.Supply{Kind: replenishment.SupplyOrder, Ref: l.String() + strconv.Itoa(i), Site: site(l),
				Pieces: quantity.Pieces(c.Pieces), Arrives: day(d.Day() + c.Days), Shipped: true})
		}
	}
	p.lanes(d, &in)
	p.sources(d, &in)
	p.history(d, &in)
	return in
}

func tierOf(l Loc) catalog.Tier {
	switch l {
	case OVS:
		return catalog.Overseas
	case REG1, REG2:
		return catalog.Regional
	}
	return catalog.Front
}

func position(d *Desk, l Loc) replenishment.Position {
	p := replenishment.Position{Site: site(l)}
	for _, b := range d.Lots(l) {
		p.OnHand += quantity.Pieces(b.Pieces)
		p.Expiring = append(p.Expiring, replenishment.Expiring{Pieces: quantity.Pieces(b.Pieces), LastDay: day(b.Expiry - d.SKU().MinRemaining)})
	}
	return p
}

// lanes are those that lead down, and those between the two regions and from each to the other's fronts.
func (p *Planner) lanes(d *Desk, in *replenishment.Snapshot) {
	add := func(from, to Loc, lane Lane, priority int, rate float64) {
		s := d.Lead(lane)
		in.Lanes = append(in.Lanes, catalog.Lane{From: site(from), To: site(to), LeadMean: max(s.Mean-1, 0), LeadSD: s.SD, Priority: priority,
			CostFen: fen(d.SKU().Value * rate)})
	}
	rate := d.Costs().MoveUnitRate
	for _, r := range []Loc{REG1, REG2} {
		if d.SKU().Imported == 1 {
			add(OVS, r, OVSToRegion, 1, rate)
		}
		add(r, REG1+REG2-r, Lateral, 2, 2*rate)
		for f := range Fronts {
			if Region(f) == r {
				add(r, Front(f), RegionToFront, 1, rate)
			} else {
				add(r, Front(f), Lateral, 2, 2*rate)
			}
		}
	}
}

// sources are the usual supplier and the backup, where there is one.
func (p *Planner) sources(d *Desk, in *replenishment.Snapshot) {
	k := d.SKU()
	lane, to := SupplierToRegion, catalog.SiteID(0)
	if k.Imported == 1 {
		lane, to = SupplierToOVS, site(OVS)
	}
	source := func(id catalog.SupplierID, lane Lane, value float64) replenishment.Source {
		s := d.Lead(lane)
		return replenishment.Source{Term: catalog.Term{Supplier: id, SKU: in.SKU.ID, MOQ: quantity.Pieces(k.MOQ), Pack: quantity.Pieces(k.Pack),
			CapacityDay: quantity.Pieces(k.CapPerDay), LeadMean: max(s.Mean-1, 0), LeadSD: s.SD,
			Breaks: []catalog.PriceBreak{{From: 1, Price: fen(value)}}}}
	}
	first := source(usual, lane, k.Value)
	first.ShipsTo, first.Code = to, "usual"
	in.Sources = append(in.Sources, first)
	if k.Backup == 1 {
		s := source(backup, Backup, k.Value*(1+d.Costs().BackupPremium))
		s.Backup, s.MOQ, s.Code = true, 0, "backup"
		in.Sources = append(in.Sources, s)
	}
}

// horizon is how many days ahead the calendar is told.
const horizon = 120

// history gives the sales of every front, with what is known of calendar, season and heat.
func (p *Planner) history(d *Desk, in *replenishment.Snapshot) {
	n := d.Day() + 1
	for f := range Fronts {
		h := replenishment.History{Site: site(Front(f)), Sold: make([]quantity.Pieces, n), SoldOut: d.SoldOut(f)}
		for i, v := range d.Sales(f) {
			h.Sold[i] = quantity.Pieces(v)
		}
		in.Histories = append(in.Histories, h)
	}
	s := &in.Signals
	s.Heat, s.LagDays = d.Heat(), 2
	known := func(i int) float64 { return d.Season(i) * d.Promo(i) }
	for i := range n {
		v := known(i)
		if d.Cleared()[i] {
			v *= clearanceDemand
		}
		s.Past = append(s.Past, v)
	}
	for i := n; i < n+horizon; i++ {
		s.Ahead = append(s.Ahead, known(i))
	}
}
