package warehouse

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// DeliveryID identifies a delivery.
type DeliveryID int64

// DeliveryKind is where goods come from.
type DeliveryKind string

// The kinds of delivery. A blind one came without a note.
const (
	SupplierDelivery DeliveryKind = "supplier"
	TransferDelivery DeliveryKind = "transfer"
	BlindDelivery    DeliveryKind = "blind"
)

// DeliveryState is how far a delivery has come.
type DeliveryState string

// The states of a delivery, in order; a cancelled one will not come.
const (
	DeliveryExpected  DeliveryState = "expected"
	DeliveryReceiving DeliveryState = "receiving"
	DeliveryReceived  DeliveryState = "received"
	DeliveryCancelled DeliveryState = "cancelled"
)

// Open tells whether goods of the delivery are still awaited or scanned in.
func (s DeliveryState) Open() bool { return s == DeliveryExpected || s == DeliveryReceiving }

// Delivery is what a site expects and takes in at its dock.
type Delivery struct {
	ID       DeliveryID
	Kind     DeliveryKind
	Number   string // the note's, TR-YYMM-NNNN or BR-YYMM-NNNN
	Site     catalog.SiteID
	Supplier catalog.SupplierID // 0 for a transfer, or for a blind receipt of nobody known
	FromSite catalog.SiteID     // 0 unless a transfer
	ASN      int64              // the supplier's note, 0 for none
	Outbound int64              // the transfer's order, 0 for none
	Carrier  string
	Tracking string
	Arrives  *calendar.Day
	Slot     string
	State    DeliveryState
	Reason   string // of a blind receipt, or of the cancellation
	Dock     string // the bin where its goods are scanned in
	Note     string

	Expected            time.Time
	Shipped             *time.Time // handed over at the other site
	Started, Closed     *time.Time
	StartedBy, ClosedBy string

	Lines []DeliveryLine
}

// DeliveryLine is one lot that was announced, and what came of it.
type DeliveryLine struct {
	No               int
	SKU              catalog.SKUID
	Order            int64 // the factory order, 0 for none
	OrderNumber      string
	OrderLine        int
	Lot              string
	Produced, Expiry *calendar.Day
	Pieces           quantity.Pieces // announced; 0 for a line that the dock added
	Cartons          int
	PerCarton        quantity.Pieces
	CartonNo         string // SSCC, or the supplier's numbers ("1-20")
	Certificate      string
	MinRemainingDays int // days that must be left to the expiry on arrival
	Good             quantity.Pieces
	Damaged          quantity.Pieces
	Refused          quantity.Pieces
}

// Came gives what was taken in, damaged pieces included.
func (l DeliveryLine) Came() quantity.Pieces { return l.Good + l.Damaged }

// Difference gives what was taken in over what was announced; below zero is missing.
func (l DeliveryLine) Difference() quantity.Pieces { return l.Came() - l.Pieces }

// Line gives the line of the number, nil when there is none.
func (d *Delivery) Line(no int) *DeliveryLine {
	for i := range d.Lines {
		if d.Lines[i].No == no {
			return &d.Lines[i]
		}
	}
	return nil
}

// Totals sums the lines: announced, taken in, damaged and refused pieces.
func (d *Delivery) Totals() (announced, came, damaged, refused quantity.Pieces) {
	for _, l := range d.Lines {
		announced += l.Pieces
		came += l.Came()
		damaged += l.Damaged
		refused += l.Refused
	}
	return announced, came, damaged, refused
}

// Refusals of receipts.
var (
	// ErrNoDelivery is the answer to a delivery that does not exist or stands at a site of others.
	ErrNoDelivery = errors.New("warehouse: no such delivery")
	// ErrDeliveryState refuses what the delivery's state does not allow.
	ErrDeliveryState = errors.New("warehouse: the delivery's state does not allow this")
	// ErrReason refuses what needs a reason.
	ErrReason = errors.New("warehouse: a reason is needed")
	// ErrNoDock refuses to receive at a site without a dock.
	ErrNoDock = errors.New("warehouse: the site has no dock")
	// ErrNotDock refuses to receive at a bin that is no dock.
	ErrNotDock = errors.New("warehouse: the bin is no dock")
	// ErrUndone refuses to take back a scan twice.
	ErrUndone = errors.New("warehouse: the scan was taken back before")
	// ErrMoved refuses to take back a scan whose pieces have gone on.
	ErrMoved = errors.New("warehouse: the pieces have been moved on")
)

// DeliveryStateError tells which delivery refuses a verb, and its state.
type DeliveryStateError struct {
	Number string
	State  DeliveryState
	Verb   string
}

func (e *DeliveryStateError) Error() string {
	return fmt.Sprintf("warehouse: %s: cannot %s a delivery that is %s", e.Number, e.Verb, e.State)
}
func (e *DeliveryStateError) Unwrap() error { return ErrDeliveryState }

// Require refuses a verb outside of the states.
func (d *Delivery) Require(verb string, states ...DeliveryState) error {
	for _, s := range states {
		if d.State == s {
			return nil
		}
	}
	return &DeliveryStateError{Number: d.Number, State: d.State, Verb: verb}
}

// OnCarton tells whether a carton number that was read on a box is that of the line: the SSCC, the number itself, or one of a
// range such as "1-20" or "C001-C020".
func (l DeliveryLine) OnCarton(code string) bool {
	code = strings.TrimSpace(code)
	if code == "" || l.CartonNo == "" {
		return false
	}
	for _, part := range strings.FieldsFunc(l.CartonNo, func(r rune) bool { return strings.ContainsRune(",;、，； ", r) }) {
		if strings.EqualFold(part, code) {
			return true
		}
		if from, to, ok := strings.Cut(strings.NewReplacer("~", "-", "—", "-", "–", "-").Replace(part), "-"); ok && between(code, from, to) {
			return true
		}
	}
	return false
}

// between tells whether code is from…to: the same letters before a number that lies in the range.
func between(code, from, to string) bool {
	p, n, ok := numbered(code)
	p1, n1, ok1 := numbered(from)
	p2, n2, ok2 := numbered(to)
	if p2 == "" {
		p2 = p1 // C001-020
	}
	return ok && ok1 && ok2 && strings.EqualFold(p, p1) && strings.EqualFold(p1, p2) && n1 <= n && n <= n2
}

func numbered(s string) (prefix string, n int, ok bool) {
	i := len(s)
	for i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
		i--
	}
	n, err := strconv.Atoi(s[i:])
	return s[:i], n, err == nil
}

// OrderArrival is what a delivery brought of a line of a factory order, damaged pieces included.
type OrderArrival struct {
	Order  int64
	Line   int
	Pieces quantity.Pieces
}

// Dock is a delivery as the list of a dock shows it.
type Dock struct {
	Delivery                          // without lines
	SupplierCode                      string
	SupplierName, FromName            catalog.Name
	LineCount                         int
	Announced, Came, Damaged, Refused quantity.Pieces
	// Cold tells that goods of the delivery are kept cool. Name is the first SKU's.
	Cold bool
	Name catalog.Name
	// Open inspections of the delivery, and pieces that still stand at the dock.
	Waiting int
	AtDock  quantity.Pieces
}

// DockQuery asks for deliveries of a site: those still open, or those received since a day.
type DockQuery struct {
	Site  catalog.SiteID
	State []DeliveryState // empty for the open ones
	Since *calendar.Day   // of the receipt, for received ones
	Find  string          // part of the number
	Limit int             // 0 means 200
}
