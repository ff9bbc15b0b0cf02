package replenishment

import (
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// SuggestionID identifies a stored suggestion; 0 for one that is not stored yet.
type SuggestionID int64

// Kind is what a suggestion asks to do.
type Kind string

// The kinds.
const (
	Buy      Kind = "buy"
	Transfer Kind = "transfer"
	Clear    Kind = "clear"
	Presell  Kind = "presell"
)

// Reason is why, in a word.
type Reason string

// The reasons.
const (
	ReasonHeat       Reason = "heat"
	ReasonEvent      Reason = "event"
	ReasonGap        Reason = "gap" // the stock ends before the usual supply can arrive
	ReasonBelowLevel Reason = "below_level"
	ReasonForward    Reason = "forward" // waits too far from its customers
	ReasonExcess     Reason = "excess"
	ReasonExpiry     Reason = "expiry"
)

// Key tells two suggestions for one SKU apart. At most one undecided suggestion exists for each SKU and key.
type Key struct {
	Kind     Kind               `json:"kind"`
	Site     catalog.SiteID     `json:"site"`     // where the pieces are to arrive; for clear and presell, where they stand
	From     catalog.SiteID     `json:"from"`     // the source of a transfer, else 0
	Supplier catalog.SupplierID `json:"supplier"` // of a purchase, else 0
}

// Suggestion is something to do, with its reason and its sum, and what became of it.
type Suggestion struct {
	ID  SuggestionID  `json:"id"`
	SKU catalog.SKUID `json:"sku"`
	Key
	Reason Reason `json:"reason"`
	// Backup is true when the supplier is a backup or not the usual one.
	Backup bool `json:"backup"`

	Pieces quantity.Pieces `json:"pieces"`
	Need   quantity.Pieces `json:"need"` // before minimum, packs and price breaks
	Pack   quantity.Pieces `json:"pack"` // the step of the quantity
	// Unit is the price of a piece: the supplier's for buy, the cost for transfer and clear, the retail price for
	// presell. Money is Unit × Pieces, and 0 for a transfer.
	Unit  money.Fen `json:"unit"`
	Money money.Fen `json:"money"`

	PlannedOn calendar.Day `json:"planned_on"`
	// OrderBy is the last day on which ordering keeps the stock above zero; never before PlannedOn.
	OrderBy  calendar.Day `json:"order_by"`
	ArriveBy calendar.Day `json:"arrive_by"`
	// StockoutDay is the first day without stock if nothing is done; nil when that lies beyond the horizon.
	StockoutDay *calendar.Day `json:"stockout_day"`
	// LostPieces are the sales lost over the protection interval if nothing is done, LostMoney the same at retail.
	LostPieces quantity.Pieces `json:"lost_pieces"`
	LostMoney  money.Fen       `json:"lost_money"`

	Explanation Explanation `json:"explanation"`
	Warnings    []Warning   `json:"warnings"`

	State   State           `json:"state"`
	Decided quantity.Pieces `json:"decided"` // the buyer's number; 0 while it is Pieces
	Note    string          `json:"note"`    // why changed or rejected
	// By is the account that changed the state last, 0 for the system; At when.
	By int64      `json:"by"`
	At *time.Time `json:"at"`
}

// Quantity is the number that counts: the buyer's where there is one, else the planner's.
func (s Suggestion) Quantity() quantity.Pieces {
	if s.Decided > 0 {
		return s.Decided
	}
	return s.Pieces
}

// Warning is something the buyer should know. Code is a message id that takes Args.
type Warning struct {
	Code WarningCode    `json:"code"`
	Site catalog.SiteID `json:"site,omitempty"`
	Ref  string         `json:"ref,omitempty"`
	Args Args           `json:"args"`
}

// WarningCode is a message id.
type WarningCode string

// The warnings. What each needs of Args stands beside it.
const (
	WarnOverdue      WarningCode = "warn.overdue"        // Ref, Date, Days late, Pieces: still counted
	WarnOverdueLost  WarningCode = "warn.overdue_lost"   // the same, too late to be counted
	WarnTooFar       WarningCode = "warn.too_far"        // Ref, Date, Pieces: arrives after the protection interval
	WarnGap          WarningCode = "warn.gap"            // Date, Days: without stock until the arrival
	WarnGapMoved     WarningCode = "warn.gap_moved"      // Days, SiteName, Pieces: another site can bridge it
	WarnCapacity     WarningCode = "warn.capacity"       // PerDay, Pieces, Date: the last pieces arrive that late
	WarnMOQCover     WarningCode = "warn.moq_cover"      // MOQ, Days: the minimum lasts that long
	WarnBelowMOQ     WarningCode = "warn.below_moq"      // MOQ
	WarnNotPack      WarningCode = "warn.not_pack"       // Pack, Pieces (whole packs below), Need (whole packs above)
	WarnNoSupplier   WarningCode = "warn.no_supplier"    // Pieces: nobody may be ordered from
	WarnBanned       WarningCode = "warn.banned"         // SupplierName
	WarnOnlyBackup   WarningCode = "warn.only_backup"    // SupplierName
	WarnNoSource     WarningCode = "warn.no_source"      // Site: neither lane nor supplier
	WarnCycle        WarningCode = "warn.lane_cycle"     // Site: lanes lead back to it; the lane is ignored
	WarnSourceShort  WarningCode = "warn.source_short"   // SiteName, Pieces missing
	WarnShelfLife    WarningCode = "warn.shelf_life"     // Days of life: more than sells before it expires
	WarnMaxCover     WarningCode = "warn.max_cover"      // Days: longer than the longest cover
	WarnStockout     WarningCode = "warn.stockout"       // Date, Days, Pieces lost
	WarnCash         WarningCode = "warn.cash"           // Money more than suggested
	WarnPriceBreak   WarningCode = "warn.price_break"    // MOQ, UnitPrice, Money: so much more would be cheaper
	WarnBadDemand    WarningCode = "warn.bad_demand"     // Site: not a number, or below 0, taken as 0
	WarnNoDemand     WarningCode = "warn.no_demand"      // Site has stock and no forecast
	WarnBadPosition  WarningCode = "warn.bad_position"   // Site: negative stock, or more reserved than there is
	WarnUnknownSite  WarningCode = "warn.unknown_site"   // Site is not among the active sites
	WarnRetired      WarningCode = "warn.retired"        // Date: nothing is bought of it any more
	WarnRejected     WarningCode = "warn.rejected"       // Pieces, Date: needed, but rejected until then
	WarnGrown        WarningCode = "warn.grown"          // Pieces: needed beyond the number a buyer has put
	WarnExpiringLots WarningCode = "warn.expiring_lots"  // Pieces, Date: may not be sold since then, and still stand there
	WarnBadTerms     WarningCode = "warn.bad_terms"      // SupplierName: no price, or figures below 0
	WarnBackupDear   WarningCode = "warn.backup_dear"    // SupplierName, Money: faster, but eats the margin
	WarnOverflow     WarningCode = "warn.money_overflow" // the amount is beyond reckoning
)

// WarningCodes lists every warning, so that words can be checked to exist for each.
func WarningCodes() []WarningCode {
	return []WarningCode{
		WarnOverdue, WarnOverdueLost, WarnTooFar, WarnGap, WarnGapMoved, WarnCapacity, WarnMOQCover, WarnBelowMOQ, WarnNotPack,
		WarnNoSupplier, WarnBanned, WarnOnlyBackup, WarnNoSource, WarnCycle, WarnSourceShort, WarnShelfLife, WarnMaxCover, WarnStockout,
		WarnCash, WarnPriceBreak, WarnBadDemand, WarnNoDemand, WarnBadPosition, WarnUnknownSite, WarnRetired, WarnRejected, WarnGrown,
		WarnExpiringLots, WarnBadTerms, WarnBackupDear, WarnOverflow,
	}
}
