package warehouse

import (
	"errors"
	"fmt"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Bearer is who bears the cost of goods that go back to their supplier.
type Bearer string

// The bearers. BearerOwner is the owner of goods that are not the house's own.
const (
	BearerSupplier Bearer = "supplier"
	BearerHouse    Bearer = "house"
	BearerCarrier  Bearer = "carrier"
	BearerOwner    Bearer = "owner"
)

// Bearers lists who may bear the cost.
func Bearers() []Bearer {
	return []Bearer{BearerSupplier, BearerHouse, BearerCarrier, BearerOwner}
}

// MaxSendLines bounds the lines of one return to a supplier.
const MaxSendLines = 200

// SendBackLine is what goes back from a place.
type SendBackLine struct {
	Place  Place
	Pieces quantity.Pieces
	// UnitCost is what the supplier credits for a piece; below 0 asks for the purchase price of the terms.
	UnitCost money.Fen
}

// SendBack is goods of a site that go back to a supplier.
type SendBack struct {
	Site     catalog.SiteID
	Supplier catalog.SupplierID
	Carrier  string
	Reason   string
	Bearer   Bearer
	Carriage money.Fen // of the whole, borne by Bearer too
	Lines    []SendBackLine
}

// SendBackError refuses a return to a supplier: Field is site, supplier, carrier, reason, bearer, carriage, or a line's bin, status,
// pieces, unit_cost; Line counts from 1, 0 is the whole.
type SendBackError struct {
	Line  int
	Field string
	Value string
}

func (e *SendBackError) Error() string {
	return fmt.Sprintf("warehouse: return to a supplier, line %d, %s: %q", e.Line, e.Field, e.Value)
}

// ErrNoSendBack is the answer to a return to a supplier that does not exist.
var ErrNoSendBack = errors.New("warehouse: no such return to a supplier")

// Check answers a *SendBackError for the first thing that is wrong with it by itself.
func (s SendBack) Check() error {
	fault := func(line int, field string, v any) error { return &SendBackError{line, field, fmt.Sprint(v)} }
	known := false
	for _, b := range Bearers() {
		known = known || b == s.Bearer
	}
	switch {
	case s.Site == 0:
		return fault(0, "site", "")
	case s.Supplier == 0:
		return fault(0, "supplier", "")
	case s.Carrier == "" || len(s.Carrier) > 60:
		return fault(0, "carrier", s.Carrier)
	case s.Reason == "" || len([]rune(s.Reason)) > 200:
		return fault(0, "reason", s.Reason)
	case !known:
		return fault(0, "bearer", s.Bearer)
	case s.Carriage < 0 || s.Carriage > maxAmount:
		return fault(0, "carriage", int64(s.Carriage))
	case len(s.Lines) == 0 || len(s.Lines) > MaxSendLines:
		return fault(0, "lines", len(s.Lines))
	}
	seen := map[Place]bool{}
	for i, l := range s.Lines {
		switch {
		case l.Place.Site != s.Site || l.Place.SKU == 0 || seen[l.Place]:
			return fault(i+1, "bin", l.Place.Bin)
		case l.Place.Status != Held && l.Place.Status != Damaged && l.Place.Status != Returned && l.Place.Status != Available:
			return fault(i+1, "status", l.Place.Status)
		case l.Pieces < 1 || l.Pieces > maxLinePieces:
			return fault(i+1, "pieces", int64(l.Pieces))
		case l.UnitCost > maxAmount:
			return fault(i+1, "unit_cost", int64(l.UnitCost))
		}
		seen[l.Place] = true
	}
	return nil
}

// SentBackLine is a line of goods that go or went back.
type SentBackLine struct {
	Ware     Ware
	Lot      string
	Expiry   *calendar.Day
	Status   Status
	Owner    string
	Pieces   quantity.Pieces
	Sent     quantity.Pieces // handed over
	UnitCost money.Fen
	Bin      string
}

// SentBack is a return to a supplier as pages show it. State is open, sent or cancelled; Outbound is the order that carries it, 0
// for old ones that left at once.
type SentBack struct {
	Number       string
	Outbound     OutboundID
	OrderState   OutboundState
	Site         catalog.SiteID
	SiteCode     string
	SiteName     catalog.Name
	Supplier     catalog.SupplierID
	SupplierCode string
	SupplierName catalog.Name
	Contact      string
	Phone        string
	Inspection   int64
	Reason       string
	Bearer       Bearer
	Carriage     money.Fen
	State        string
	At           time.Time
	By           string
	Closed       *time.Time
	Carrier      string
	Parcels      []string
	Lines        []SentBackLine
}

// Pieces adds up the lines.
func (s SentBack) Pieces() (n quantity.Pieces) {
	for _, l := range s.Lines {
		n += l.Pieces
	}
	return n
}

// Goods is what the goods cost: what was handed over of one that is sent, else what is to go.
func (s SentBack) Goods() (sum money.Fen) {
	for _, l := range s.Lines {
		n := l.Pieces
		if s.State == "sent" && s.Outbound != 0 {
			n = l.Sent
		}
		sum += l.UnitCost * money.Fen(n)
	}
	return sum
}

// Returnable goods of a site that could go back: held, damaged and returned pieces that nobody has reserved, with the supplier they
// came from, where it is known.
type SendableGoods struct {
	Place    Place
	Ware     Ware
	Expiry   *calendar.Day
	Free     quantity.Pieces
	Supplier catalog.SupplierID // the last that delivered the lot, else the first of the terms; 0 for none
	Cost     money.Fen          // purchase price by its terms
}
