package c2m

import (
	"time"

	"milkrun/internal/catalog"
)

// Drafted is the fact that approved suggestions stand on a draft order.
type Drafted struct {
	Order       OrderID `json:"order"`
	Number      string  `json:"number"`
	Suggestions []int64 `json:"suggestions"`
}

// OrderSent is the fact that a version of an order went to the supplier.
type OrderSent struct {
	Order       OrderID            `json:"order"`
	Number      string             `json:"number"`
	Version     int                `json:"version"`
	Supplier    catalog.SupplierID `json:"supplier"`
	Suggestions []int64            `json:"suggestions"`
	At          time.Time          `json:"at"`
}

// OrderAnswered is the fact that a supplier answered otherwise than asked: Deviations wait for a decision.
type OrderAnswered struct {
	Order      OrderID   `json:"order"`
	Number     string    `json:"number"`
	Deviations int       `json:"deviations"`
	At         time.Time `json:"at"`
}

// OrderConfirmed is the fact that both sides agree on every line of an order. The agreed days may differ from those asked.
type OrderConfirmed struct {
	Order  OrderID        `json:"order"`
	Number string         `json:"number"`
	Site   catalog.SiteID `json:"site"`
	At     time.Time      `json:"at"`
}

// Dispatched is the fact that goods are on their way with a delivery note. Subscribers read the note anew.
type Dispatched struct {
	ASN    int64          `json:"asn"`
	Number string         `json:"number"`
	Site   catalog.SiteID `json:"site"`
	Orders []OrderID      `json:"orders"`
	At     time.Time      `json:"at"`
}

// OrderReceived is the fact that all agreed goods of an order have come.
type OrderReceived struct {
	Order  OrderID   `json:"order"`
	Number string    `json:"number"`
	At     time.Time `json:"at"`
}

// OrderClosed is the fact that nothing more is awaited of an order.
type OrderClosed struct {
	Order  OrderID   `json:"order"`
	Number string    `json:"number"`
	At     time.Time `json:"at"`
}

// OrderCancelled is the fact that an order will not be carried out; its suggestions have come to nothing.
type OrderCancelled struct {
	Order       OrderID   `json:"order"`
	Number      string    `json:"number"`
	Suggestions []int64   `json:"suggestions"`
	At          time.Time `json:"at"`
}

// SupplyChanged is the fact that what is awaited of these SKUs at a site changed: pieces, days, or how sure they are.
type SupplyChanged struct {
	Site catalog.SiteID  `json:"site"`
	SKUs []catalog.SKUID `json:"skus"`
}
