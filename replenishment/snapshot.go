package replenishment

import (
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Snapshot is all that the planner sees of one SKU at one moment. The order of the rows in its slices has no meaning.
type Snapshot struct {
	Today calendar.Day
	SKU   catalog.SKU
	// Class decides on the service target where a site's demand names none. Core goods (SKU.Core) are ClassCore anyway.
	Class Class
	// Cost is what a piece in stock is worth, tax included. 0 takes the lowest first price of the sources.
	Cost     money.Fen
	Settings Settings

	Sites   []catalog.Site // the sites that may hold the SKU; inactive ones are left out of the plan
	Lanes   []catalog.Lane // among these sites
	Sources []Source       // the suppliers' terms for this SKU
	Demand  []Demand       // at most one a site: what the site sells itself, not what it passes on
	// Histories give the demand of sites that have no row in Demand; Signals is what else is known of it.
	Histories []History
	Signals   Signals
	// Launch gives the demand of a SKU without a past, and what is sold of it in advance.
	Launch    Launch
	Positions []Position // rows of the same site are added up
	Supply    []Supply   // what is ordered or on its way
	Open      []Need     // suggestions that are open, or decided but not yet ordered, or lately rejected
}

// Source is a supplier's terms for the SKU, with what is needed to name and to refuse the supplier.
type Source struct {
	catalog.Term
	Code string
	Name catalog.Name
	// Banned is the reason for which nothing may be ordered from the supplier; empty when it may.
	Banned string
	// ShareBP is the part of what is ordered of the SKU that the supplier should get, in ten-thousandths; 0 where no shares are set, or where
	// it should get nothing. Given is what was ordered from it of late, in pieces. See byShare.
	ShareBP int
	Given   quantity.Pieces
}

// Demand is the forecast of one site. Slices begin with today; a span beyond them is carried on at the mean of the
// last seven days, with the deviation growing in proportion.
type Demand struct {
	Site  catalog.SiteID
	Class Class // empty: the snapshot's
	// Mean is the expected demand of each day in pieces, with all heat and events in it.
	Mean []float64
	// CumSD[h] is the standard deviation of the error of the total of days 0..h, in pieces.
	CumSD []float64
	// SharedSD[h] is the part of CumSD[h] that all sites have in common, such as a spike that comes to all of them; the
	// rest is each site's own. nil: Settings.ErrorCorrelation says how far errors go together.
	SharedSD []float64
	// Heat is the multiplier of each day that heat put into Mean; nil for none.
	Heat []float64
	// Topic names the hottest topic, TopicRatio how far its heat stands above its usual level (9.7 = ×9.7).
	Topic      catalog.Name
	TopicRatio float64
	// Events are the festivals and shopping days within the horizon.
	Events []Event
	// Model names the forecast model.
	Model string
}

// Event is a festival or shopping day that moves the demand of the days From to To by the factor Multiplier.
type Event struct {
	Name       catalog.Name
	From, To   calendar.Day
	Multiplier float64
}

// Position is the stock of one site. Reserved and Held are parts of OnHand.
type Position struct {
	Site     catalog.SiteID
	OnHand   quantity.Pieces
	Reserved quantity.Pieces // promised to customers
	Held     quantity.Pieces // in quarantine, blocked by a recall or damaged
	Expiring []Expiring      // the dated part of OnHand; pieces not listed do not expire within the horizon
}

// Expiring is a lot that may be sold up to and on LastDay.
type Expiring struct {
	Pieces  quantity.Pieces
	LastDay calendar.Day
}

// SupplyKind tells what kind of supply is under way.
type SupplyKind string

// The kinds of supply: a factory order, and a movement between sites.
const (
	SupplyOrder    SupplyKind = "order"
	SupplyTransfer SupplyKind = "transfer"
)

// Supply is an order or transfer that has not arrived, as far as it is still to come.
type Supply struct {
	Kind   SupplyKind
	Ref    string         // FO-2611-0387, for the explanation
	Site   catalog.SiteID // where it will arrive
	From   catalog.SiteID // the site it comes from, 0 for a supplier
	Pieces quantity.Pieces
	// Arrives is the promised day, or the expected one where no promise was made.
	Arrives calendar.Day
	// Shipped is true once the pieces have left the source's books. Until then a transfer binds stock of From.
	Shipped bool
	// Suggestion is the suggestion this came from, 0 for none. Need rows of the same suggestion are then ignored,
	// so that the handover from suggestion to order can never count twice.
	Suggestion SuggestionID
}

// Need is an earlier suggestion as the planner must know it.
//
// Approved and changed ones count as supply until the order exists. Open ones do not count: the plan finds the need
// anew and gives it the old id (Suggestion.ID), or lists it in Result.Withdrawn. Rejected ones silence the same
// suggestion for Settings.Freeze.RejectedDays.
type Need struct {
	ID SuggestionID
	Key
	State    State
	Pieces   quantity.Pieces // the buyer's number where there is one
	ArriveBy calendar.Day
	// DecidedOn is the day of the rejection; ignored in other states.
	DecidedOn calendar.Day
}
