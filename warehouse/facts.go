package warehouse

import (
	"time"

	"milkrun/internal/catalog"
)

// Received is the fact that pieces of these SKUs came into the house at a site, by a delivery, a transfer or a blind receipt.
// Some of them may be held: who promises them reads the positions anew.
type Received struct {
	Site catalog.SiteID  `json:"site"`
	SKUs []catalog.SKUID `json:"skus"`
	At   time.Time       `json:"at"`
	// Delivery is the receipt that was closed; 0 for pieces that came otherwise.
	Delivery DeliveryID `json:"delivery,omitempty"`
}

// Freed is the fact that pieces of these SKUs became available to promise at a site: put back, released from hold, returned
// and graded good, cancelled. Lines that are short of them are served next.
type Freed struct {
	Site catalog.SiteID  `json:"site"`
	SKUs []catalog.SKUID `json:"skus"`
}

// Packed is the fact that a shipment's parcels are closed and wait for their carrier or rider.
type Packed struct {
	Shipment int64          `json:"shipment"`
	Outbound int64          `json:"outbound"`
	Site     catalog.SiteID `json:"site"`
	At       time.Time      `json:"at"`
}

// Shipped is the fact that these shipments of a site were handed over. Subscribers read the shipments anew.
type Shipped struct {
	Site      catalog.SiteID `json:"site"`
	Shipments []int64        `json:"shipments"`
	Outbounds []int64        `json:"outbounds"`
	At        time.Time      `json:"at"`
}

// CameBack is the fact that customers' pieces were received back: Pieces are below 0, Source names the return line. They come off
// the sales of the day.
type CameBack struct {
	Site   catalog.SiteID `json:"site"`
	Pieces []Sold         `json:"pieces"`
	At     time.Time      `json:"at"`
}

// OutboundChanged is the fact that orders were cancelled or changed after a part of them had been promised: a wave, a
// picker's task or a rider's round that holds them looks anew.
type OutboundChanged struct {
	Site      catalog.SiteID `json:"site"`
	Outbounds []int64        `json:"outbounds"`
	At        time.Time      `json:"at"`
}
