package c2m

import (
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// CampaignClosed is the fact that a campaign has been decided: won, with what is to be delivered, or not. A campaign with deposits is
// decided twice: at the deadline, and with the balances paid.
type CampaignClosed struct {
	Campaign int64           `json:"campaign"`
	Number   string          `json:"number"`
	SKU      catalog.SKUID   `json:"sku,omitempty"`
	ShipTo   catalog.SiteID  `json:"ship_to,omitempty"`
	Won      bool            `json:"won"`
	Pieces   quantity.Pieces `json:"pieces"`
	At       time.Time       `json:"at"`
}

// CampaignCancelled is the fact that the house ended a campaign.
type CampaignCancelled struct {
	Campaign int64     `json:"campaign"`
	Number   string    `json:"number"`
	At       time.Time `json:"at"`
}
