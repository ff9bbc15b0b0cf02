package c2m

import (
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// Paper is everything that the sheet of a version says, frozen when the version was sent: the same paper makes the same sheet
// for ever, whatever happens to names and barcodes later.
type Paper struct {
	Number   string                  `json:"number"`
	Version  Version                 `json:"version"`
	Supplier Party                   `json:"supplier"`
	ShipTo   Party                   `json:"ship_to"`
	TimeZone string                  `json:"time_zone"` // of the ship-to site: the deadline is printed in it
	Buyer    Person                  `json:"buyer"`
	Goods    map[catalog.SKUID]Goods `json:"goods"`
	// Agreed are the lines that need no new answer; the sheet shows them filled in.
	Agreed map[int]Agreement `json:"agreed,omitempty"`
	// Changed are the lines that differ from the version before, new ones included, by line; Removed are those it had besides.
	Changed  map[int]Change `json:"changed,omitempty"`
	Removed  []Line         `json:"removed,omitempty"`
	Forecast []ForecastRow  `json:"forecast,omitempty"`
}

// Change is what differs in a line, and the line as it was; Before is nil for a new line.
type Change struct {
	Fields []Field `json:"fields,omitempty"`
	Before *Line   `json:"before,omitempty"`
}

// Party is a supplier or site as it is printed.
type Party struct {
	Code string       `json:"code"`
	Name catalog.Name `json:"name"`
	City catalog.Name `json:"city"`
}

// Goods is a SKU as it is printed.
type Goods struct {
	Code          string              `json:"code"`
	GTIN          string              `json:"gtin"`
	Name          catalog.Name        `json:"name"`
	Unit          catalog.Name        `json:"unit"`
	CartonPieces  quantity.Pieces     `json:"carton_pieces"`
	ShelfLifeDays int                 `json:"shelf_life_days"`
	Temperature   catalog.Temperature `json:"temperature"`
}

// ForecastRow is the rolling forecast of one SKU over all sites, week by week.
type ForecastRow struct {
	SKU    catalog.SKUID   `json:"sku"`
	PartNo string          `json:"part_no,omitempty"`
	MOQ    quantity.Pieces `json:"moq,omitempty"`
	Pack   quantity.Pieces `json:"pack,omitempty"`
	Weeks  []ForecastWeek  `json:"weeks"`
}

// ForecastWeek is one ISO week of a forecast.
type ForecastWeek struct {
	Monday calendar.Day    `json:"monday"`
	Pieces quantity.Pieces `json:"pieces"`
	// Firm weeks lie within the lead time; the others are tentative.
	Firm bool `json:"firm,omitempty"`
	// Before is what the supplier was told last, nil when it was told nothing.
	Before *quantity.Pieces `json:"before,omitempty"`
	// Committed and Capacity are what the supplier answered for the week, nil for nothing.
	Committed *quantity.Pieces `json:"committed,omitempty"`
	Capacity  *quantity.Pieces `json:"capacity,omitempty"`
}

// Zone gives the time zone of the ship-to site, Asia/Shanghai where it is not known.
func (p Paper) Zone() *time.Location {
	if loc, err := time.LoadLocation(p.TimeZone); err == nil && p.TimeZone != "" {
		return loc
	}
	return time.FixedZone("Asia/Shanghai", 8*60*60)
}

// Mark notes on the paper what differs from the version before.
func (p *Paper) Mark(before Version) {
	p.Changed, p.Removed = map[int]Change{}, nil
	for _, d := range DiffOf(before, p.Version).Lines {
		if d.After == nil {
			p.Removed = append(p.Removed, *d.Before)
			continue
		}
		p.Changed[d.No] = Change{Fields: d.Fields, Before: d.Before}
	}
}
