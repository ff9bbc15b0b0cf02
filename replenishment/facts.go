package replenishment

import (
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// Planned is the fact that a plan was saved for these SKUs.
type Planned struct {
	Run  int64           `json:"run"`
	Day  calendar.Day    `json:"day"`
	SKUs []catalog.SKUID `json:"skus"`
	At   time.Time       `json:"at"`
}

// Approved is the fact that a buyer approved these suggestions: purchases become factory orders, transfers
// become movements, pre-sales become campaigns. Subscribers read the suggestions anew and act on those still approved.
type Approved struct {
	SuggestionIDs []SuggestionID `json:"suggestion_ids"`
	By            int64          `json:"by"` // account
	At            time.Time      `json:"at"`
}

// Rejected is the fact that a buyer rejected these suggestions.
type Rejected struct {
	SuggestionIDs []SuggestionID `json:"suggestion_ids"`
	By            int64          `json:"by"`
	At            time.Time      `json:"at"`
}

// TakenBack is the fact that decisions on these suggestions were undone before any order came of them.
type TakenBack struct {
	SuggestionIDs []SuggestionID `json:"suggestion_ids"`
	By            int64          `json:"by"`
	At            time.Time      `json:"at"`
}
