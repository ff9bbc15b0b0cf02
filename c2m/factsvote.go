package c2m

import (
	"time"

	"milkrun/internal/catalog"
)

// VoteClosed is the fact that a vote on a product has ended: how many members voted and how many of them would buy it. The forecast of a
// new SKU begins with them.
type VoteClosed struct {
	Proposal string        `json:"proposal"`
	SKU      catalog.SKUID `json:"sku,omitempty"`
	Voters   int           `json:"voters"`
	WouldBuy int           `json:"would_buy"`
	At       time.Time     `json:"at"`
}
