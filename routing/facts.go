package routing

import (
	"time"

	"milkrun/internal/catalog"
)

// Dispatched is the fact that a round has left the warehouse with its parcels. Subscribers read them anew.
type Dispatched struct {
	Site      catalog.SiteID `json:"site"`
	Round     RoundID        `json:"round"`
	Number    string         `json:"number"` // of the round
	Rider     string         `json:"rider"`  // name
	Shipments []int64        `json:"shipments"`
	// Parcels are the numbers of those that are of the warehouse; parcels that came by API are not among them.
	Parcels []string  `json:"parcels"`
	At      time.Time `json:"at"`
}

// Delivered is the fact that a parcel is where it was meant to go: at the door, or collected at its station.
type Delivered struct {
	Site     catalog.SiteID `json:"site"`
	Parcel   ParcelID       `json:"parcel"`
	Number   string         `json:"number"`
	Shipment int64          `json:"shipment"` // 0 for a parcel that came by API
	At       time.Time      `json:"at"`       // when the rider handed it over
}

// Failed is the fact that a parcel could not be handed over and is at the warehouse again.
type Failed struct {
	Site     catalog.SiteID `json:"site"`
	Parcel   ParcelID       `json:"parcel"`
	Number   string         `json:"number"`
	Shipment int64          `json:"shipment"` // 0 for a parcel that came by API
	Reason   FailReason     `json:"reason"`
	At       time.Time      `json:"at"` // when the rider was at the door
}
