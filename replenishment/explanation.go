package replenishment

import (
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Explanation says why a suggestion has its number. Read downwards, the steps lead to it: the pieces of the steps
// with OpPlus less those with OpMinus are the pieces of the last step, OpEquals.
type Explanation struct {
	Steps      []Step     `json:"steps"`
	Inputs     Inputs     `json:"inputs"`
	Projection Projection `json:"projection"`
	// Turn says of a purchase why it goes to its supplier; nil for the other kinds.
	Turn *Turn `json:"turn,omitempty"`
}

// Op is the sign of a step.
type Op string

// The signs. The minus is the typographic one of the screens.
const (
	OpPlus   Op = "+"
	OpMinus  Op = "−"
	OpEquals Op = "="
)

// Step is one line of the sum. Key is the id of its message: Key names the line ("未来 12 天需求"), Key + ".note" the
// remark beneath it; both take Args.
type Step struct {
	Op     Op              `json:"op"`
	Key    StepKey         `json:"key"`
	Pieces quantity.Pieces `json:"pieces"` // never negative: the sign is Op
	Args   Args            `json:"args"`
}

// StepKey is a message id.
type StepKey string

// The lines of a sum. What each needs of Args stands beside it.
const (
	WhyDemand      StepKey = "why.demand_protection" // Days, LeadDays, ReviewDays, DownstreamDays, PerDay, BasePerDay, Heat, Sites
	WhySafety      StepKey = "why.safety"            // Service, Days
	WhyLot         StepKey = "why.lot"               // Days, Money (of an order): so much at once that orders and stock cost least
	WhyMinCover    StepKey = "why.min_cover"         // Days: raised to the shortest cover
	WhyMaxCover    StepKey = "why.max_cover"         // Days: cut to the longest cover
	WhyShelfLife   StepKey = "why.shelf_life"        // Days: cut to what sells before it expires
	WhyAvailable   StepKey = "why.available"         // Sites, OnHand, Reserved, Held, ShortDated, Outbound, Stuck
	WhyOnOrder     StepKey = "why.on_order"          // Refs, Date (of the first arrival), SiteName
	WhyApproved    StepKey = "why.approved"          // Sites: approved suggestions that are not ordered yet
	WhyMoved       StepKey = "why.moved"             // Refs: brought by transfers of this plan from other regions
	WhyOtherSource StepKey = "why.other_source"      // SupplierName: bought from another supplier in this plan
	WhyMOQ         StepKey = "why.moq"               // MOQ, Need: raised to the minimum
	WhyRounding    StepKey = "why.rounding"          // Pack, Packs, Need, MOQ (0: none)
	WhyPriceBreak  StepKey = "why.price_break"       // MOQ (the break), UnitPrice, Money (saved)
	WhyCapacity    StepKey = "why.capacity"          // PerDay, SupplierName: beyond what the usual supplier can make in time
	WhyKept        StepKey = "why.kept"              // Pieces: the number of yesterday stays, the new one hardly differs
	WhySourceShort StepKey = "why.source_short"      // SiteName, Pieces: the source cannot spare more
	WhyGap         StepKey = "why.gap"               // Days, Date: demand of the days without stock
	WhyKeep        StepKey = "why.keep"              // Days: demand that will still be served
	WhyExpiring    StepKey = "why.expiring"          // Date, LifeShare: lots that end before they sell
	WhyGoal        StepKey = "why.goal"              // MOQ: the supplier's minimum is the goal of the pre-sale
	WhyBuy         StepKey = "why.buy"               // Packs, Pack, Money, Date, SiteName, SupplierName
	WhyTransfer    StepKey = "why.transfer"          // Packs, Pack, Date, SiteName (of the source)
	WhyClear       StepKey = "why.clear"             // Money, SiteName
	WhyPresell     StepKey = "why.presell"           // Money, Date
)

// StepKeys lists every line, so that words can be checked to exist for each.
func StepKeys() []StepKey {
	return []StepKey{
		WhyDemand, WhySafety, WhyLot, WhyMinCover, WhyMaxCover, WhyShelfLife, WhyAvailable, WhyOnOrder, WhyApproved, WhyMoved, WhyOtherSource,
		WhyMOQ, WhyRounding, WhyPriceBreak, WhyKept, WhyCapacity, WhySourceShort, WhyGap, WhyKeep, WhyExpiring, WhyGoal,
		WhyBuy, WhyTransfer, WhyClear, WhyPresell,
	}
}

// Args are the numbers, dates and names in a step's words. Fields that a step does not use are zero.
type Args struct {
	Days           float64         `json:"days,omitempty"`
	LeadDays       float64         `json:"lead_days,omitempty"`
	ReviewDays     float64         `json:"review_days,omitempty"`
	DownstreamDays float64         `json:"downstream_days,omitempty"`
	PerDay         float64         `json:"per_day,omitempty"`
	BasePerDay     float64         `json:"base_per_day,omitempty"`
	Heat           float64         `json:"heat,omitempty"` // mean multiplier over the interval
	Service        float64         `json:"service,omitempty"`
	LifeShare      float64         `json:"life_share,omitempty"` // of the shelf life, still left
	Date           *calendar.Day   `json:"date,omitempty"`
	Refs           []string        `json:"refs,omitempty"`
	Site           catalog.SiteID  `json:"site,omitempty"`
	SiteName       *catalog.Name   `json:"site_name,omitempty"`
	SupplierName   *catalog.Name   `json:"supplier_name,omitempty"`
	Sites          int             `json:"sites,omitempty"`
	OnHand         quantity.Pieces `json:"on_hand,omitempty"`
	Reserved       quantity.Pieces `json:"reserved,omitempty"`
	Held           quantity.Pieces `json:"held,omitempty"`
	ShortDated     quantity.Pieces `json:"short_dated,omitempty"`
	Outbound       quantity.Pieces `json:"outbound,omitempty"`
	Stuck          quantity.Pieces `json:"stuck,omitempty"`
	Need           quantity.Pieces `json:"need,omitempty"`
	MOQ            quantity.Pieces `json:"moq,omitempty"`
	Pack           quantity.Pieces `json:"pack,omitempty"`
	Packs          quantity.Pieces `json:"packs,omitempty"`
	Pieces         quantity.Pieces `json:"pieces,omitempty"`
	UnitPrice      money.Fen       `json:"unit_price,omitempty"`
	Money          money.Fen       `json:"money,omitempty"`
}

// Distribution is the shape taken for the demand over the protection interval.
type Distribution string

// The shapes: normal where much is sold, gamma and the two counting ones where little is.
const (
	Normal           Distribution = "normal"
	Gamma            Distribution = "gamma"
	NegativeBinomial Distribution = "negative_binomial"
	Poisson          Distribution = "poisson"
	Certain          Distribution = "certain" // no deviation at all
)

// Confidence is how sure the planner is of a number.
type Confidence string

// The degrees, by the coefficient of variation of the demand over the interval: up to 0.25, up to 0.6, beyond.
const (
	Sure   Confidence = "high"
	Fair   Confidence = "medium"
	Unsure Confidence = "low"
)

// Inputs are the figures that went into the number, stored with it.
type Inputs struct {
	Class          Class        `json:"class"`
	Measure        Measure      `json:"measure"`
	Service        float64      `json:"service"`
	LeadDays       float64      `json:"lead_days"`
	LeadSDDays     float64      `json:"lead_sd_days"`
	ReviewDays     float64      `json:"review_days"`
	DownstreamDays float64      `json:"downstream_days"`
	ProtectionDays float64      `json:"protection_days"`
	DemandMean     float64      `json:"demand_mean"`   // over the interval, pieces
	DemandBase     float64      `json:"demand_base"`   // the same without heat
	DemandEvents   float64      `json:"demand_events"` // the part of DemandMean that events bring
	ForecastSD     float64      `json:"forecast_sd"`   // of the forecast error over the interval, pieces
	LeadSD         float64      `json:"lead_sd"`       // from the lead's deviation: mean a day × LeadSDDays, pieces
	SD             float64      `json:"sd"`            // both together
	Distribution   Distribution `json:"distribution"`
	Quantile       float64      `json:"quantile"` // of the demand at the service target, pieces
	Z              float64      `json:"z"`        // (Quantile − DemandMean) / SD
	Confidence     Confidence   `json:"confidence"`
	Model          string       `json:"model"` // of the forecast
	HeatMultiplier float64      `json:"heat_multiplier"`
	HeatPeak       float64      `json:"heat_peak"`
	Topic          catalog.Name `json:"topic"`
	TopicRatio     float64      `json:"topic_ratio"`
	Event          catalog.Name `json:"event"`
	// BelowDays is how many days of demand the position lies below the reorder point.
	BelowDays float64 `json:"below_days"`
	// LongestDays is the longest cover of the site's tier, LifeDays for how long a fresh piece may be sold; 0 for no bound.
	LongestDays float64 `json:"longest_days"`
	LifeDays    float64 `json:"life_days"`
	// Price and Cost are those of the SKU when the plan was made.
	Price money.Fen `json:"price"`
	Cost  money.Fen `json:"cost"`
}

// Projection is the stock to come, day by day from Start: what stands at the end of each day, never below 0.
type Projection struct {
	Start   calendar.Day      `json:"start"`
	Demand  []float64         `json:"demand"`
	Without []quantity.Pieces `json:"without"` // if nothing is done
	With    []quantity.Pieces `json:"with"`    // if the suggestion is followed
	Safety  quantity.Pieces   `json:"safety"`
	// Opening is the stock at the start of Start.
	Opening  quantity.Pieces `json:"opening"`
	Arrivals []Arrival       `json:"arrivals"` // supply under way, the suggestion's own not among it
	// Arrives and Pieces are the suggestion's own arrival as planned.
	Arrives calendar.Day `json:"arrives"`
	// GapFrom and GapDays tell of the days that stay without stock even so. GapDays is 0 for none.
	GapFrom calendar.Day `json:"gap_from"`
	GapDays int          `json:"gap_days"`
}

// Arrival is supply on its way.
type Arrival struct {
	Day    calendar.Day    `json:"day"`
	Pieces quantity.Pieces `json:"pieces"`
	Ref    string          `json:"ref,omitempty"`
}
