package routing

import "milkrun/internal/catalog"

// Dispatched is the fact that a round has left the warehouse with its parcels. Subscribers read them anew.
type Dispatched struct {
	Site      catalog.SiteID
	Round     RoundID
	Shipments []int64 // of the warehouse; parcels that came by API have none
}

// Delivered is the fact that a parcel is where it was meant to go: at the door, or collected at its station.
type Delivered struct {
	Site     catalog.SiteID
	Parcel   ParcelID
	Shipment int64
}

// Failed is the fact that a parcel could not be handed over and is at the warehouse again.
type Failed struct {
	Site     catalog.SiteID
	Parcel   ParcelID
	Shipment int64
	Reason   FailReason
}
