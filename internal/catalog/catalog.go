// Package catalog holds the master data that every domain speaks of: SKUs, sites and lanes, suppliers and their terms,
// topics and what they mean for which SKU. It knows neither SQL nor HTTP.
package catalog

import (
	"errors"

	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Identifiers of the house. Outside of it a thing is named by its code.
type (
	SKUID      int32
	SiteID     int32
	SupplierID int32
	TopicID    int32
	CategoryID int32
)

// Refusals.
var (
	// ErrUnknown is the answer to a code or an id that is not in the catalog.
	ErrUnknown = errors.New("catalog: not in the catalog")
	// ErrStale is the answer to a change of something that another has changed meanwhile.
	ErrStale = errors.New("catalog: changed by another meanwhile")
)

// Name is a name in both languages of the house. Either may be empty: use In.
type Name struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// In gives the name in the language "zh" or "en", or in the other one where that is missing.
func (n Name) In(language string) string {
	if (language == "en" && n.EN != "") || n.ZH == "" {
		return n.EN
	}
	return n.ZH
}

// Temperature is the class in which goods are kept.
type Temperature string

// The temperature classes: room, 8–15 °C, 2–8 °C, −18 °C and below.
const (
	Ambient Temperature = "ambient"
	Cool    Temperature = "cool"
	Chilled Temperature = "chilled"
	Frozen  Temperature = "frozen"
)

// Temperatures lists the classes from warm to cold.
func Temperatures() []Temperature { return []Temperature{Ambient, Cool, Chilled, Frozen} }

// Category groups SKUs, in a tree.
type Category struct {
	ID     CategoryID
	Code   string
	Name   Name
	Parent CategoryID // 0 at the top
}

// SKU is one thing that is sold, in one size, colour and pack.
type SKU struct {
	ID       SKUID
	Code     string
	GTIN     string // 8, 12, 13 or 14 digits with leading zeros, or empty
	Name     Name
	Category CategoryID
	Unit     Name // 罐 tin, 包 pack, 件 pc
	// Core goods are never to run out (milk powder, nappies).
	Core bool
	// ShelfLifeDays is 0 for goods that do not expire; MinRemainingDays is what must be left on receipt.
	ShelfLifeDays, MinRemainingDays int
	Temperature                     Temperature
	CartonPieces                    quantity.Pieces
	WeightGrams                     int
	VolumeML                        int
	Price                           money.Fen // retail, tax included
	Launched                        *calendar.Day
	Retired                         *calendar.Day
	Successor                       SKUID // 0 for none
}

// Tier is a site's place in the chain from the factory to the door.
type Tier string

// The five tiers, from far to near.
const (
	Overseas Tier = "overseas"
	Bonded   Tier = "bonded"
	Regional Tier = "regional"
	Front    Tier = "front"
	Station  Tier = "station"
)

// Tiers lists the tiers from far to near.
func Tiers() []Tier { return []Tier{Overseas, Bonded, Regional, Front, Station} }

// Site is a place that holds stock.
type Site struct {
	ID       SiteID
	Code     string
	Name     Name
	City     Name
	Tier     Tier
	Lat, Lon float64 // degrees, WGS 84
	TimeZone string  // IANA name
	Active   bool
}

// Lane is a way goods can move from one site to another. LeadMean and LeadSD are in days.
type Lane struct {
	From, To         SiteID
	LeadMean, LeadSD float64
	// Priority orders the sources of one destination: 1 is asked first.
	Priority int
	CostFen  money.Fen // per kilogram
}

// Contact is whom to call.
type Contact struct{ Person, Phone, Email string }

// Supplier is a factory or an importer that goods are ordered from.
type Supplier struct {
	ID      SupplierID
	Code    string
	Name    Name
	City    Name
	Contact Contact
	Active  bool
	// Banned is the reason for which nothing may be ordered from it; empty when it may.
	Banned string
}

// Term is what a supplier has agreed for a SKU.
type Term struct {
	Supplier SupplierID
	SKU      SKUID
	// PartNo is the supplier's own number for the SKU.
	PartNo           string
	MOQ, Pack        quantity.Pieces
	LeadMean, LeadSD float64 // days from the order to the dock
	CapacityDay      quantity.Pieces
	Backup           bool
	// ShipsTo is the site the supplier delivers to; 0 means any regional site.
	ShipsTo SiteID
	Breaks  []PriceBreak // ascending by From; the first From is at most MOQ
}

// PriceBreak is the unit price from a quantity on, tax included.
type PriceBreak struct {
	From  quantity.Pieces `json:"from"`
	Price money.Fen       `json:"price"`
}

// PriceAt gives the unit price for an order of n pieces: the price of the highest break that n reaches,
// the first one below that, and 0 without breaks.
func (t Term) PriceAt(n quantity.Pieces) money.Fen {
	var price money.Fen
	for i, b := range t.Breaks {
		if i == 0 || n >= b.From {
			price = b.Price
		}
	}
	return price
}

// TopicKind tells what heat about a topic means.
type TopicKind string

// Demand topics may lead sales; Complaint topics (rash, leak) raise a quality alert and never a forecast.
const (
	DemandTopic    TopicKind = "demand"
	ComplaintTopic TopicKind = "complaint"
)

// Topic is what people talk about, with the SKUs that it concerns.
type Topic struct {
	ID   TopicID
	Code string
	Name Name
	Kind TopicKind
}

// TopicSKU says how strongly a topic concerns a SKU; Weight is 0..1.
type TopicSKU struct {
	Topic  TopicID
	SKU    SKUID
	Weight float64
}
