package replenishment

import (
	"fmt"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Class is the class of an item, which sets its service target.
type Class string

// The classes, from the most to the least protected.
const (
	ClassCore   Class = "core"
	ClassHot    Class = "hot"
	ClassNormal Class = "normal"
	ClassSlow   Class = "slow"
)

// Classes lists the classes from the most to the least protected.
func Classes() []Class { return []Class{ClassCore, ClassHot, ClassNormal, ClassSlow} }

// Measure is what a service target means.
type Measure string

// CycleService is the probability of no stock-out in a protection interval; FillRate the share of demand met from stock.
const (
	CycleService Measure = "cycle"
	FillRate     Measure = "fill"
)

// Cover bounds the stock of a tier in days of demand. 0 means no bound. A shelf that sells is never meant to fall below
// MinPieces: what stands there must be seen.
type Cover struct {
	MinDays   int             `json:"min_days"`
	MaxDays   int             `json:"max_days"`
	MinPieces quantity.Pieces `json:"min_pieces,omitempty"`
}

// Freeze keeps the list calm.
type Freeze struct {
	// RejectedDays is how long a rejected suggestion is not made again,
	RejectedDays int `json:"rejected_days"`
	// unless its number has grown by this share since (0.5 = half as much again).
	RegrowShare float64 `json:"regrow_share"`
	// KeepShare leaves an open suggestion's number as it is when the new one differs by no more than this share.
	KeepShare float64 `json:"keep_share"`
}

// Settings are the planner's choices of the house. DefaultSettings is a sound start.
type Settings struct {
	Measure Measure           `json:"measure"`
	Service map[Class]float64 `json:"service"` // 0 < target < 1
	// ShelfService is the target of sites that feed none and are filled from another site: a shelf that is full again in
	// two days may run lower than the region that fills it. LonelyService is that of sites whose echelon no backup supplier
	// reaches in less than half the usual time: what is missing there stays missing. Classes without an entry keep Service.
	ShelfService  map[Class]float64        `json:"shelf_service,omitempty"`
	LonelyService map[Class]float64        `json:"lonely_service,omitempty"`
	Review        map[catalog.Tier]float64 `json:"review_days"` // days between two looks at a site of the tier
	Cover         map[catalog.Tier]Cover   `json:"cover"`
	Freeze        Freeze                   `json:"freeze"`
	// RunningOutDays: a site whose stock ends within so many days is running out.
	RunningOutDays float64 `json:"running_out_days"`
	// OverdueDays is how late a supply may be and still be believed in; later ones are warned of and not counted.
	OverdueDays int `json:"overdue_days"`
	// ErrorCorrelation is the correlation of the forecast errors of two sites, 0..1: heat moves them together.
	ErrorCorrelation float64 `json:"error_correlation"`
	// ShelfLifeShare is the part of an item's sellable life that its stock may cover, 0..1.
	ShelfLifeShare float64 `json:"shelf_life_share"`
	// HoldingRate is the cost of holding stock worth 1 for a year.
	HoldingRate float64 `json:"holding_rate"`
	// OrderCost is the fixed cost of one purchase, TransferCost of one line of a transfer.
	// EconomicLots orders by the economic order quantity on top of the reorder point, so that cheap trips are frequent and
	// dear ones rare; else up to the demand of a review period.
	EconomicLots bool      `json:"economic_lots"`
	OrderCost    money.Fen `json:"order_cost"`
	TransferCost money.Fen `json:"transfer_cost"`
	// BreakShare: a purchase may be raised by this share to reach a price break that pays. Demand is a forecast: a bargain
	// on many times the need is a bet.
	BreakShare float64 `json:"break_share"`
	// HoldBack is the share of its spare stock that a source keeps whose customers' sites lie at least ForwardLeadDays away;
	// the rest goes forward at once. 1 keeps all until it is asked for.
	HoldBack        float64 `json:"hold_back"`
	ForwardLeadDays float64 `json:"forward_lead_days"`
	// HeatShare: a need is called heat (or event) when that puts at least this share on top of plain demand.
	HeatShare float64 `json:"heat_share"`
	// PresellGapDays: a gap of at least so many days that nothing can fill is offered as a pre-sale.
	PresellGapDays int `json:"presell_gap_days"`
}

// DefaultSettings gives the settings of a new house, which plans every day and lives by turning its stock: high targets where
// stock is pooled, lower ones on the shelves that are filled in two days, more where nothing else could help in time, economic
// lots, and spare stock sent forward. The closed loop of replenishment/simulation is played with them.
func DefaultSettings() Settings {
	s := WeeklySettings()
	for _, t := range catalog.Tiers() {
		s.Review[t] = 1
	}
	for _, c := range Classes() {
		s.Service[c] = 0.99
	}
	s.ShelfService = map[Class]float64{ClassCore: 0.955, ClassHot: 0.9}
	s.LonelyService = map[Class]float64{ClassCore: 0.996, ClassHot: 0.999}
	s.Cover = map[catalog.Tier]Cover{
		catalog.Overseas: {MaxDays: 45}, catalog.Bonded: {MaxDays: 45}, catalog.Regional: {MaxDays: 50},
		catalog.Front: {MaxDays: 30, MinPieces: 1}, catalog.Station: {MaxDays: 20, MinPieces: 1},
	}
	s.EconomicLots = true
	s.HoldBack = 0.2
	return s
}

// WeeklySettings gives the settings of a house that orders by a rhythm, its overseas and bonded sites once a week, and keeps spare
// stock upstream until it is asked for. In the closed loop it runs out far more often than by DefaultSettings.
func WeeklySettings() Settings {
	return Settings{
		Measure: CycleService,
		Service: map[Class]float64{ClassCore: 0.985, ClassHot: 0.975, ClassNormal: 0.95, ClassSlow: 0.90},
		Review: map[catalog.Tier]float64{
			catalog.Overseas: 7, catalog.Bonded: 7, catalog.Regional: 3, catalog.Front: 1, catalog.Station: 1,
		},
		Cover: map[catalog.Tier]Cover{
			catalog.Overseas: {MaxDays: 90}, catalog.Bonded: {MaxDays: 75}, catalog.Regional: {MaxDays: 60},
			catalog.Front: {MinDays: 1, MaxDays: 30}, catalog.Station: {MinDays: 1, MaxDays: 20},
		},
		Freeze:           Freeze{RejectedDays: 7, RegrowShare: 0.5, KeepShare: 0.1},
		RunningOutDays:   2,
		OverdueDays:      2,
		ErrorCorrelation: 0.3,
		ShelfLifeShare:   0.8,
		HoldingRate:      0.22,
		OrderCost:        120_00,
		TransferCost:     4_00,
		BreakShare:       0.3,
		HoldBack:         1,
		ForwardLeadDays:  5,
		HeatShare:        0.2,
		PresellGapDays:   5,
	}
}

// Validate answers ErrSettings with the name of the first field that cannot be planned with.
func (s Settings) Validate() error {
	fault := func(field string, v any) error { return fmt.Errorf("%w: %s = %v", ErrSettings, field, v) }
	if s.Measure != CycleService && s.Measure != FillRate {
		return fault("measure", s.Measure)
	}
	for _, c := range Classes() {
		if p := s.Service[c]; !(p > 0 && p < 1) {
			return fault("service."+string(c), p)
		}
	}
	for name, m := range map[string]map[Class]float64{"shelf_service.": s.ShelfService, "lonely_service.": s.LonelyService} {
		for c, p := range m {
			if !(p > 0 && p < 1) {
				return fault(name+string(c), p)
			}
		}
	}
	for _, t := range catalog.Tiers() {
		if r := s.Review[t]; !(r >= 0 && r <= 365) {
			return fault("review_days."+string(t), r)
		}
		if c := s.Cover[t]; c.MinDays < 0 || c.MaxDays < 0 || c.MinPieces < 0 || (c.MaxDays > 0 && c.MinDays > c.MaxDays) {
			return fault("cover."+string(t), c)
		}
	}
	shares := []struct {
		field string
		v     float64
		most  float64
	}{
		{"error_correlation", s.ErrorCorrelation, 1}, {"shelf_life_share", s.ShelfLifeShare, 1},
		{"holding_rate", s.HoldingRate, 10}, {"heat_share", s.HeatShare, 10}, {"break_share", s.BreakShare, 10}, {"hold_back", s.HoldBack, 1}, {"forward_lead_days", s.ForwardLeadDays, 365}, {"freeze.regrow_share", s.Freeze.RegrowShare, 100},
		{"freeze.keep_share", s.Freeze.KeepShare, 1}, {"running_out_days", s.RunningOutDays, 365},
		{"overdue_days", float64(s.OverdueDays), 365}, {"freeze.rejected_days", float64(s.Freeze.RejectedDays), 365},
		{"presell_gap_days", float64(s.PresellGapDays), 365},
	}
	for _, f := range shares {
		if !(f.v >= 0 && f.v <= f.most) {
			return fault(f.field, f.v)
		}
	}
	if s.OrderCost < 0 || s.TransferCost < 0 {
		return fault("order_cost", s.OrderCost)
	}
	return nil
}
