package warehouse

import (
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// HitKind is what a search came upon.
type HitKind string

// The kinds of hits.
const (
	OrderHit    HitKind = "order"
	ParcelHit   HitKind = "parcel"
	LotHit      HitKind = "lot"
	BinHit      HitKind = "bin"
	DeliveryHit HitKind = "delivery"
)

// Hit is something that a search came upon by the beginning of its number or code.
type Hit struct {
	Kind HitKind
	ID   int64 // of the order, also of a parcel's; of the delivery
	// Code is what was found: the number of an order, parcel or delivery, the code of a lot or bin.
	Code  string
	Name  catalog.Name // the goods of a lot, who sends a delivery
	SKU   string       // of a lot
	Site  string       // code of a bin's or delivery's site, of a parcel's
	State string
	Note  string // the channel of an order, the tracking number of a delivery, the order of a parcel
}

// LotPlace is where pieces of a lot stand.
type LotPlace struct {
	Site             string
	SiteName         catalog.Name
	Bin              string
	Status           Status
	Owner            string
	OnHand, Reserved quantity.Pieces
}

// LotSheet is a lot with where it stands and how much of it has left the house.
type LotSheet struct {
	SKU              catalog.SKUID
	SKUCode          string
	Name             catalog.Name
	Code             string
	Produced, Expiry *calendar.Day
	Places           []LotPlace
	Orders           int             // that took pieces of it
	Shipped          quantity.Pieces // handed over to customers, other sites and suppliers
}
