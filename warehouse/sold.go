package warehouse

import (
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Sold is what a customer's shipment has taken out of a site, or what a return has brought back (Pieces below 0), by the site's
// business day: sales that flow back into the forecast.
type Sold struct {
	// Source names the shipment or the return line, so that it counts once.
	Source string
	SKU    catalog.SKUID
	Site   catalog.SiteID
	Day    calendar.Day
	Pieces quantity.Pieces
	Amount money.Fen // paid for the pieces; 0 where not known
}

// TransferPlaced is the fact that approved suggestions stand on a transfer order.
type TransferPlaced struct {
	Number      string         `json:"number"`
	From        catalog.SiteID `json:"from"`
	To          catalog.SiteID `json:"to"`
	Suggestions []int64        `json:"suggestions"`
}
