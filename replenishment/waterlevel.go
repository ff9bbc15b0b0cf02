package replenishment

import (
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// Status is a site's stock in a word.
type Status string

// The statuses, from good to bad; TooMuch stands apart.
const (
	Enough     Status = "enough"
	Low        Status = "low"         // below the water level, or runs out before an order could arrive
	RunningOut Status = "running_out" // ends within Settings.RunningOutDays
	Out        Status = "out"
	TooMuch    Status = "too_much" // more than the tier's longest cover
)

// CoverForever stands for a cover of so many days or more, and for stock that nobody asks for.
const CoverForever = 999

// WaterLevel is what a site should hold of a SKU and what it has.
//
// For a site that feeds others the fields speak of its own shelf: what must stand there beyond what the sites below
// it hold. Echelon speaks of the site with everything below it, which is what orders are decided on. For a site that
// feeds none the two are the same.
type WaterLevel struct {
	SKU  catalog.SKUID  `json:"sku"`
	Site catalog.SiteID `json:"site"`

	Service        float64 `json:"service"`         // target
	LeadDays       float64 `json:"lead_days"`       // of the source that would be used
	LeadSDDays     float64 `json:"lead_sd_days"`    // its standard deviation
	ReviewDays     float64 `json:"review_days"`     // until the next look
	DownstreamDays float64 `json:"downstream_days"` // from here to the shelves that sell, weighted by demand
	ProtectionDays float64 `json:"protection_days"` // the sum of lead, review and downstream days

	// PerDay is the mean demand a day over the protection interval: the site's own customers and the sites below it.
	// OwnPerDay is its own customers alone, so that a column of it may be added up.
	PerDay    float64 `json:"per_day"`
	OwnPerDay float64 `json:"own_per_day"`

	DemandOverProtection quantity.Pieces `json:"demand_over_protection"` // own customers
	SafetyPieces         quantity.Pieces `json:"safety_pieces"`          // adds up over the sites to the echelon's
	SafetyDays           float64         `json:"safety_days"`            // the same in days of PerDay
	ReorderPoint         quantity.Pieces `json:"reorder_point"`
	OrderUpTo            quantity.Pieces `json:"order_up_to"`

	OnHand     quantity.Pieces `json:"on_hand"`
	Reserved   quantity.Pieces `json:"reserved"`
	Unsellable quantity.Pieces `json:"unsellable"` // held, and dated too short to be sold in time
	Outbound   quantity.Pieces `json:"outbound"`   // bound by transfers that have not left yet
	Available  quantity.Pieces `json:"available"`  // OnHand less the three, not below 0
	OnOrder    quantity.Pieces `json:"on_order"`   // arrives within the protection interval
	Position   quantity.Pieces `json:"position"`   // Available + OnOrder

	// StockoutDay is the first day whose demand the stock will not meet if nothing new is ordered or moved; nil when
	// that lies beyond the horizon.
	StockoutDay *calendar.Day `json:"stockout_day"`
	// CoverDays is how long Available lasts, at most CoverForever.
	CoverDays float64 `json:"cover_days"`
	Status    Status  `json:"status"`

	Echelon Echelon `json:"echelon"`
}

// Echelon is a site with everything below it whose source it is.
type Echelon struct {
	Sites                int             `json:"sites"`
	DemandOverProtection quantity.Pieces `json:"demand_over_protection"`
	SafetyPieces         quantity.Pieces `json:"safety_pieces"`
	ReorderPoint         quantity.Pieces `json:"reorder_point"`
	OrderUpTo            quantity.Pieces `json:"order_up_to"`
	Available            quantity.Pieces `json:"available"`
	// Stuck is the part of Available that stands at sites below in excess of what they can sell in the interval.
	Stuck       quantity.Pieces `json:"stuck"`
	OnOrder     quantity.Pieces `json:"on_order"`
	Position    quantity.Pieces `json:"position"` // Available − Stuck + OnOrder
	StockoutDay *calendar.Day   `json:"stockout_day"`
	CoverDays   float64         `json:"cover_days"`
}
