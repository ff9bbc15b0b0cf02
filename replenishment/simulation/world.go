package simulation

import (
	"errors"
	"fmt"
	"strings"
)

// Loc is a location of the network.
type Loc int

// The locations: overseas, two regions, and the fronts, two to a region.
const (
	OVS Loc = iota
	REG1
	REG2
	F1
	F2
	F3
	F4
)

// Fronts and Locs are how many fronts and locations there are.
const (
	Fronts = 4
	Locs   = 7
)

// Front gives the f-th front, 0 to 3; Region the region that feeds it.
func Front(f int) Loc  { return F1 + Loc(f) }
func Region(f int) Loc { return REG1 + Loc(f/2) }

// FrontsOf gives the numbers of the fronts that a location serves.
func FrontsOf(l Loc) []int {
	switch l {
	case OVS:
		return []int{0, 1, 2, 3}
	case REG1:
		return []int{0, 1}
	case REG2:
		return []int{2, 3}
	}
	return []int{int(l - F1)}
}

// parent tells whether a is what b is ordinarily filled from.
func parent(a, b Loc) bool {
	return (a == OVS && (b == REG1 || b == REG2)) || (b >= F1 && b <= F4 && a == Region(int(b-F1)))
}

func (l Loc) String() string {
	return [...]string{"OVS", "REG1", "REG2", "F1", "F2", "F3", "F4"}[l]
}

// Lane is a kind of way that goods take.
type Lane int

// The lanes. Lateral is every move that is not from parent to child.
const (
	SupplierToOVS Lane = iota
	SupplierToRegion
	OVSToRegion
	RegionToFront
	Lateral
	Backup
)

// Lanes is how many lanes there are.
const Lanes = 6

var laneNames = [Lanes]string{"SUP_OVS", "SUP_REG", "OVS_REG", "REG_F", "LATERAL", "BACKUP"}

func (l Lane) String() string { return laneNames[l] }

// Class is the kind of goods.
type Class string

// The classes of the worlds.
const (
	Core     Class = "core"
	Hot      Class = "hot"
	Seasonal Class = "seasonal"
	Slow     Class = "slow"
)

// SKU is what everybody may know of an item. Value is what a piece is worth, in the world's money.
type SKU struct {
	Code         string    `json:"sku"`
	Class        Class     `json:"cls"`
	Imported     int       `json:"imported"` // 1: bought overseas into OVS
	Value        float64   `json:"value"`
	ShelfLife    int       `json:"shelf_life"`    // days from the order to the expiry
	MinRemaining int       `json:"min_remaining"` // days before the expiry at which it is written off
	Pack         int       `json:"pack"`
	MOQ          int       `json:"moq"`
	CapPerDay    int       `json:"cap_per_day"`
	Backup       int       `json:"backup"` // 1: there is a backup source
	Season       []float64 `json:"season_index_30d"`
}

// Costs are the rates of the world.
type Costs struct {
	HoldingRateYear float64 `json:"holding_rate_year"`
	MarginRate      float64 `json:"margin_rate"`
	SupplierOrder   float64 `json:"supplier_order"`
	InternalLine    float64 `json:"internal_line"`
	MoveUnitRate    float64 `json:"move_unit_rate"`
	BackupPremium   float64 `json:"backup_premium"`
	Markdown        float64 `json:"markdown"`
}

// World is a small retailer with its true demand over all days. A World is not changed by a run.
type World struct {
	Seed     int64
	WarmDays int // history that every policy knows
	SimDays  int // days played
	SkipDays int // of them, not counted in service, stock and loss
	Costs    Costs
	Promo    map[int]float64 // factor of demand by day
	SKUs     []SKU
	Lead     [Lanes][]int    // actual days for an order placed on a day
	Demand   [][Fronts][]int // by SKU, front and day
	Heat     [][]float64     // by SKU and day
}

// Days is the length of the world.
func (w *World) Days() int { return w.WarmDays + w.SimDays }

// PromoOn gives the demand factor of a day, 1 without a promotion.
func (w *World) PromoOn(day int) float64 {
	if f, ok := w.Promo[day]; ok {
		return f
	}
	return 1
}

// SeasonOn gives the season index of a day.
func (s *SKU) SeasonOn(day int) float64 {
	return s.Season[min(max(day, 0)/30, len(s.Season)-1)]
}

// ErrWorld is the answer to a world that cannot be played; the message names the file, the row and what is wrong.
var ErrWorld = errors.New("simulation: bad world")

// Check answers ErrWorld with every fault of the world.
func (w *World) Check() error {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if w.WarmDays < 28 || w.SimDays < 1 || w.SkipDays < 0 || w.SkipDays >= w.SimDays {
		fault("warm_days %d, sim_days %d, skip_days %d: want at least 28, at least 1, and less than sim_days", w.WarmDays, w.SimDays, w.SkipDays)
	}
	if len(w.SKUs) == 0 {
		fault("no skus")
	}
	c := w.Costs
	for _, v := range []float64{c.HoldingRateYear, c.MarginRate, c.SupplierOrder, c.InternalLine, c.MoveUnitRate, c.BackupPremium, c.Markdown} {
		if !(v >= 0 && v < 1e9) {
			fault("costs: %g is not a rate", v)
		}
	}
	for day, f := range w.Promo {
		if !(f > 0 && f < 1000) {
			fault("promo of day %d: factor %g, want above 0", day, f)
		}
	}
	for l, days := range w.Lead {
		if len(days) < w.Days() {
			fault("lead_time_by_order_day %s: %d days, want %d", Lane(l), len(days), w.Days())
		}
		for d, v := range days {
			if v < 1 || v > 3650 {
				fault("lead_time_by_order_day %s, day %d: %d days, want at least 1", Lane(l), d, v)
				break
			}
		}
	}
	seen := map[string]bool{}
	for i := range w.SKUs {
		s := &w.SKUs[i]
		if s.Code == "" || seen[s.Code] {
			fault("sku %d: code %q is empty or there twice", i, s.Code)
		}
		seen[s.Code] = true
		s.check(fault)
		w.checkDemand(i, fault)
	}
	if len(faults) == 0 {
		return nil
	}
	const most = 20
	if n := len(faults); n > most {
		faults = append(faults[:most], fmt.Sprintf("and %d more", n-most))
	}
	return fmt.Errorf("%w: %s", ErrWorld, strings.Join(faults, "; "))
}

func (s *SKU) check(fault func(string, ...any)) {
	if s.Class != Core && s.Class != Hot && s.Class != Seasonal && s.Class != Slow {
		fault("sku %s: class %q, want core, hot, seasonal or slow", s.Code, s.Class)
	}
	if !(s.Value > 0 && s.Value < 1e9) {
		fault("sku %s: value = %g, want above 0", s.Code, s.Value)
	}
	for _, f := range []struct {
		name         string
		v, low, high int
	}{{"shelf_life", s.ShelfLife, 1, 1e5}, {"pack", s.Pack, 1, 1e6}, {"moq", s.MOQ, 0, 1e9}, {"cap_per_day", s.CapPerDay, 1, 1e9},
		{"min_remaining", s.MinRemaining, 0, max(s.ShelfLife-1, 0)}, {"imported", s.Imported, 0, 1}, {"backup", s.Backup, 0, 1}} {
		if f.v < f.low || f.v > f.high {
			fault("sku %s: %s = %d, want %d to %d", s.Code, f.name, f.v, f.low, f.high)
		}
	}
	if len(s.Season) == 0 {
		fault("sku %s: no season_index_30d", s.Code)
	}
	for _, v := range s.Season {
		if !(v > 0 && v < 1000) {
			fault("sku %s: season index %g, want above 0", s.Code, v)
		}
	}
}

func (w *World) checkDemand(i int, fault func(string, ...any)) {
	if i >= len(w.Demand) || i >= len(w.Heat) {
		fault("sku %s: no demand or heat", w.SKUs[i].Code)
		return
	}
	for f, days := range w.Demand[i] {
		if len(days) < w.Days() {
			fault("demand of %s at %s: %d days, want %d", w.SKUs[i].Code, Front(f), len(days), w.Days())
		}
	}
	if len(w.Heat[i]) < w.Days() {
		fault("heat of %s: %d days, want %d", w.SKUs[i].Code, len(w.Heat[i]), w.Days())
	}
}
