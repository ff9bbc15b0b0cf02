package warehouse

import (
	"time"

	"milkrun/internal/catalog"
)

// WaveTask is a picking task of a wave as leads see it.
type WaveTask struct {
	ID                  int64
	No                  int
	Mode, State         string
	Actor, Device       string
	Until               *time.Time
	TakenAt, DoneAt     *time.Time
	Stops, Done, Short  int64
	Totes, Pieces, Late int64
	Metres              int
}

// WaveShipment is a shipment of a wave as leads see it.
type WaveShipment struct {
	ID, Outbound    int64
	Channel, Number string
	State, Tote     string
	Promise         string
	PromiseAt       *time.Time
	Lines, Pieces   int64
	Picked          int64
	Parcels         int64
}

// CarrierLoad is what waits for a carrier.
type CarrierLoad struct {
	Carrier string
	Parcels int64
	Due     *time.Time
}

// ParcelLabel is what a parcel's label needs.
type ParcelLabel struct {
	Number, Carrier, Order, Tote string
	Consignee, Phone, Address    string
	SiteZH, SiteEN               string
	Area                         string
	Due                          *time.Time
	Pieces, Grams                int64
	No, Of                       int64
	Cold                         bool
	Site                         catalog.SiteID
	State                        string
}
