package warehouse

import (
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// TransferSupply is pieces that are to come to a site from another: Shipped tells whether they have left its free stock, by lorry or
// by promise. Until then they bind stock of From.
type TransferSupply struct {
	Number     string
	SKU        catalog.SKUID
	Site, From catalog.SiteID
	Pieces     quantity.Pieces
	Arrives    calendar.Day
	Shipped    bool
	Suggestion int64 // 0 for none
}

// SentGoods is one lot in one parcel of a transfer that was handed over.
type SentGoods struct {
	Outbound int64
	Number   string
	From, To catalog.SiteID
	Shipped  *time.Time
	Carrier  string
	SKU      catalog.SKUID
	Lot      Lot
	Pieces   quantity.Pieces
	Parcel   string
}
