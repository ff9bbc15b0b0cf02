package replenishment

import (
	"fmt"
	"math"
	"math/rand/v2"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Change is what a what-if alters. The zero value alters nothing.
type Change struct {
	// Service is the target of every class, 0 to keep the settings' own.
	Service float64 `json:"service,omitempty"`
	// LeadDays are added to the leads of Supplier's terms, or of all suppliers' when Supplier is 0. May be negative.
	LeadDays float64 `json:"lead_days,omitempty"`
	// MOQ is their minimum order in pieces; nil keeps it.
	MOQ      *quantity.Pieces   `json:"moq,omitempty"`
	Supplier catalog.SupplierID `json:"supplier,omitempty"`
	// Usual makes this supplier the one that is ordered from, and all others backups; 0 keeps the roles.
	Usual catalog.SupplierID `json:"usual,omitempty"`
	// OutageDays: the supplier (or, for 0, each one that is no backup) neither takes orders nor delivers on so many days
	// from OutageFrom on, counted from today.
	OutageFrom int `json:"outage_from,omitempty"`
	OutageDays int `json:"outage_days,omitempty"`
	// Heat multiplies demand from day HeatFrom on: up to HeatPeak within three days, then back, by a factor of e in
	// HeatDays. The plan hears of it two days ahead. 0 for none.
	HeatPeak float64 `json:"heat_peak,omitempty"`
	HeatFrom int     `json:"heat_from,omitempty"`
	HeatDays int     `json:"heat_days,omitempty"`
}

// Check answers ErrChange with the name of the first field that makes no sense.
func (c Change) Check() error {
	fault := func(field string, v any) error { return fmt.Errorf("%w: %s = %v", ErrChange, field, v) }
	switch {
	case c.Service != 0 && !(c.Service >= 0.5 && c.Service <= 0.9999):
		return fault("service", c.Service)
	case !(c.LeadDays >= -365 && c.LeadDays <= 365):
		return fault("lead_days", c.LeadDays)
	case c.MOQ != nil && (*c.MOQ < 0 || *c.MOQ > 1e9):
		return fault("moq", *c.MOQ)
	case c.OutageFrom < 0 || c.OutageFrom > 365:
		return fault("outage_from", c.OutageFrom)
	case c.OutageDays < 0 || c.OutageDays > 365:
		return fault("outage_days", c.OutageDays)
	case c.HeatPeak != 0 && !(c.HeatPeak >= 0.1 && c.HeatPeak <= 100):
		return fault("heat_peak", c.HeatPeak)
	case c.HeatFrom < 0 || c.HeatFrom > 365:
		return fault("heat_from", c.HeatFrom)
	case c.HeatDays < 0 || c.HeatDays > 365:
		return fault("heat_days", c.HeatDays)
	}
	return nil
}

// Scenario is what is to be expected of a SKU, or of several added up, when the planner's suggestions are followed day by
// day. Series begin with today.
type Scenario struct {
	Stock  []float64 `json:"stock"`  // pieces at the end of each day, all sites
	Bought []float64 `json:"bought"` // pieces ordered on each day
	Lost   []float64 `json:"lost"`   // pieces not served on each day

	AvgStock     float64   `json:"avg_stock"` // pieces
	StockMoney   money.Fen `json:"stock_money"`
	PeakMoney    money.Fen `json:"peak_money"`    // the stock's highest value
	Cash         money.Fen `json:"cash"`          // paid for purchases
	LostMoney    money.Fen `json:"lost_money"`    // at retail
	StockoutRate float64   `json:"stockout_rate"` // of the days of sites that sell: with unmet demand
	FillRate     float64   `json:"fill_rate"`     // of demand
	Safety       float64   `json:"safety"`        // pieces today, all sites
	Buys         float64   `json:"buys"`          // number of purchases
	Moves        float64   `json:"moves"`         // and of transfers
	demand, out  float64
	cells        float64
}

// Comparison sets what is against what would be.
type Comparison struct {
	Days  int      `json:"days"`
	Now   Scenario `json:"now"`
	Then  Scenario `json:"then"`
	Paths int      `json:"paths"` // courses of demand that the figures are the mean of
}

// WhatIf plays the planner forward for days days against paths courses of demand, drawn from the forecast and its error,
// once as things are and once with the change. Both see the same draws. It is pure: the same arguments give the same
// answer. ErrChange for a change that makes no sense.
func WhatIf(in Snapshot, c Change, days, paths int) (Comparison, error) {
	if err := c.Check(); err != nil {
		return Comparison{}, err
	}
	days, paths = min(max(days, 7), forecastDays), min(max(paths, 1), 200)
	out := Comparison{Days: days, Paths: paths}
	for k := range paths {
		out.Now.add(newCourse(in, Change{}, days, k, paths).play())
		out.Then.add(newCourse(in, c, days, k, paths).play())
	}
	out.Now.mean(float64(paths))
	out.Then.mean(float64(paths))
	return out, nil
}

// Add puts the scenarios of another SKU on top.
func (c *Comparison) Add(o Comparison) {
	c.Days, c.Paths = max(c.Days, o.Days), max(c.Paths, o.Paths)
	c.Now.add(o.Now)
	c.Then.add(o.Then)
	c.Now.rates()
	c.Then.rates()
}

func (s *Scenario) add(o Scenario) {
	addTo := func(a *[]float64, b []float64) {
		for len(*a) < len(b) {
			*a = append(*a, 0)
		}
		for i, v := range b {
			(*a)[i] += v
		}
	}
	addTo(&s.Stock, o.Stock)
	addTo(&s.Bought, o.Bought)
	addTo(&s.Lost, o.Lost)
	s.AvgStock += o.AvgStock
	s.StockMoney, s.PeakMoney, s.Cash, s.LostMoney = s.StockMoney+o.StockMoney, s.PeakMoney+o.PeakMoney, s.Cash+o.Cash, s.LostMoney+o.LostMoney
	s.Safety, s.Buys, s.Moves = s.Safety+o.Safety, s.Buys+o.Buys, s.Moves+o.Moves
	s.demand, s.out, s.cells = s.demand+o.demand, s.out+o.out, s.cells+o.cells
}

// mean divides sums over n courses.
func (s *Scenario) mean(n float64) {
	for _, series := range [][]float64{s.Stock, s.Bought, s.Lost} {
		for i := range series {
			series[i] /= n
		}
	}
	part := func(m *money.Fen) { *m = money.Fen(math.Round(float64(*m) / n)) }
	part(&s.StockMoney)
	part(&s.PeakMoney)
	part(&s.Cash)
	part(&s.LostMoney)
	for _, v := range []*float64{&s.AvgStock, &s.Safety, &s.Buys, &s.Moves, &s.demand, &s.out, &s.cells} {
		*v /= n
	}
	s.rates()
}

func (s *Scenario) rates() {
	lost := 0.0
	for _, v := range s.Lost {
		lost += v
	}
	s.StockoutRate, s.FillRate = ratio(s.out, s.cells), 1
	if s.demand > 0 {
		s.FillRate = 1 - lost/s.demand
	}
}

// heatWarning is how many days ahead the plan hears of a what-if's heat.
const heatWarning = 2

// heat gives the multiplier of a day.
func (c Change) heat(day int) float64 {
	k := day - c.HeatFrom
	if c.HeatPeak == 0 || k < 0 {
		return 1
	}
	const rise = 3
	if k < rise {
		return 1 + (c.HeatPeak-1)*float64(k+1)/rise
	}
	return 1 + (c.HeatPeak-1)*math.Exp(-float64(k-rise+1)/float64(max(c.HeatDays, 1)))
}

// touches tells whether the change concerns the source.
func (c Change) touches(s *Source) bool { return c.Supplier == s.Supplier || c.Supplier == 0 }

// stopped tells whether the source is out on a day.
func (c Change) stopped(s *Source, day int) bool {
	return c.OutageDays > 0 && day >= c.OutageFrom && day < c.OutageFrom+c.OutageDays && c.touches(s) && (c.Supplier != 0 || !s.Backup)
}

// seedOf makes the draws of a course the same at every call.
func seedOf(sku catalog.SKUID, course int) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(sku)+1, uint64(course)+1))
}
