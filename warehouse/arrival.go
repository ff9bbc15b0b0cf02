package warehouse

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// ArrivalOutcome is what the dock did with pieces.
type ArrivalOutcome string

// The outcomes. Refused pieces go back with the lorry and are never in the house.
const (
	ArrivedGood    ArrivalOutcome = "good"
	ArrivedDamaged ArrivalOutcome = "damaged"
	ArrivedRefused ArrivalOutcome = "refused"
)

// ArrivalFault is what is wrong with goods at the dock.
type ArrivalFault string

// The faults of an arrival.
const (
	FaultOver       ArrivalFault = "over"       // more than was announced
	FaultWrongLot   ArrivalFault = "wrong_lot"  // a lot that was not announced
	FaultShortLife  ArrivalFault = "short_life" // fewer days to the expiry than agreed
	FaultPastExpiry ArrivalFault = "expired"
	FaultNoExpiry   ArrivalFault = "no_expiry"  // dated goods without a date
	FaultUnexpected ArrivalFault = "unexpected" // a SKU that was not announced
)

// Holds tells whether pieces that are taken in with the fault wait for a lead's word.
func (f ArrivalFault) Holds() bool {
	return f == FaultShortLife || f == FaultPastExpiry || f == FaultNoExpiry || f == FaultUnexpected
}

// Arrival is one scan at the dock.
type Arrival struct {
	ID               int64
	Delivery         DeliveryID
	Line             int
	SKU              catalog.SKUID
	Lot              string
	Produced, Expiry *calendar.Day
	Pieces           quantity.Pieces
	Outcome          ArrivalOutcome
	Faults           []ArrivalFault
	Carton           string
	Bin              string
	Note             string
	At               time.Time
	By               string
	Device           string
	Undone           bool
}

// Refusals of scans at the dock.
var (
	// ErrArrival is what *ArrivalError wraps.
	ErrArrival = errors.New("warehouse: the goods are not as announced")
	// ErrCartonTwice is what *CartonError wraps.
	ErrCartonTwice = errors.New("warehouse: the carton was scanned before")
	// ErrNoPieces refuses a scan of no pieces, or of more than a lorry carries.
	ErrNoPieces = errors.New("warehouse: the pieces must be from 1 to 10,000,000")
	// ErrUnknownGoods is the answer to a code that names no SKU and no carton of the delivery.
	ErrUnknownGoods = errors.New("warehouse: the code names no goods that we know")
	// ErrOutcome refuses an outcome that there is not.
	ErrOutcome = errors.New("warehouse: no such outcome")
)

// MaxArrival bounds the pieces of one scan.
const MaxArrival quantity.Pieces = 10_000_000

// ArrivalError says what is wrong with goods at the dock, with what was scanned and what was announced. The same command with
// these faults accepted takes them in, or with the outcome refused notes that they went back.
type ArrivalError struct {
	Faults                      []ArrivalFault
	Line                        int
	SKU                         catalog.SKUID
	ScannedLot, WantedLot       string
	ScannedExpiry, WantedExpiry *calendar.Day
	RemainingDays, RequiredDays int
	Announced, Came, Over       quantity.Pieces
}

func (e *ArrivalError) Error() string { return fmt.Sprintf("%v: %v", ErrArrival, e.Faults) }
func (e *ArrivalError) Unwrap() error { return ErrArrival }

// CartonError tells when and by whom a carton was scanned before.
type CartonError struct {
	Carton string
	At     time.Time
	By     string
}

func (e *CartonError) Error() string {
	return fmt.Sprintf("%v: %s by %s", ErrCartonTwice, e.Carton, e.By)
}
func (e *CartonError) Unwrap() error { return ErrCartonTwice }

// UnknownGoodsError tells which code was not understood, and why where a GS1 code is damaged.
type UnknownGoodsError struct {
	Scanned string
	Cause   error
}

func (e *UnknownGoodsError) Error() string { return fmt.Sprintf("%v: %q", ErrUnknownGoods, e.Scanned) }
func (e *UnknownGoodsError) Unwrap() []error {
	if e.Cause == nil {
		return []error{ErrUnknownGoods}
	}
	return []error{ErrUnknownGoods, e.Cause}
}

// GoodsLife is what the dock must know of a SKU.
type GoodsLife struct{ ShelfLifeDays, MinRemainingDays int }

// LineFor finds the line that pieces of a SKU and lot belong to: that of the lot, else one of the SKU without a lot of its own,
// else any of the SKU. A line that is not full is preferred. nil when the SKU was not announced.
func (d *Delivery) LineFor(sku catalog.SKUID, lot string) *DeliveryLine {
	var best *DeliveryLine
	rank := func(l *DeliveryLine) int {
		r := 0
		switch {
		case l.Lot == lot:
			r = 4
		case l.Lot == "":
			r = 2
		}
		if l.Came() < l.Pieces {
			r++
		}
		return r
	}
	for i := range d.Lines {
		l := &d.Lines[i]
		if l.SKU == sku && (best == nil || rank(l) > rank(best)) {
			best = l
		}
	}
	return best
}

// Judge says what is wrong with pieces that are scanned in on a day: nil when nothing is. line is where they belong, nil for
// goods that were not announced.
func (d *Delivery) Judge(a Arrival, line *DeliveryLine, life GoodsLife, today calendar.Day) *ArrivalError {
	e := &ArrivalError{SKU: a.SKU, ScannedLot: a.Lot, ScannedExpiry: a.Expiry}
	fault := func(f ArrivalFault) { e.Faults = append(e.Faults, f) }
	if line == nil {
		if d.Kind != BlindDelivery {
			fault(FaultUnexpected)
		}
	} else {
		e.Line, e.WantedLot, e.WantedExpiry, e.Announced, e.Came = line.No, line.Lot, line.Expiry, line.Pieces, line.Came()
		if line.Lot != "" && a.Lot != line.Lot {
			fault(FaultWrongLot)
		}
		if d.Kind != BlindDelivery && line.Pieces > 0 && line.Came()+line.Refused+a.Pieces > line.Pieces {
			e.Over = line.Came() + line.Refused + a.Pieces - line.Pieces
			fault(FaultOver)
		}
	}
	e.RequiredDays = life.MinRemainingDays
	if line != nil && line.MinRemainingDays > 0 {
		e.RequiredDays = line.MinRemainingDays
	}
	if d.Kind == TransferDelivery {
		e.RequiredDays = 0 // what one of our sites may sell, another may
	}
	switch {
	case a.Expiry == nil:
		if life.ShelfLifeDays > 0 {
			fault(FaultNoExpiry)
		}
	case *a.Expiry <= today:
		fault(FaultPastExpiry)
	default:
		if e.RemainingDays = a.Expiry.Sub(today); e.RemainingDays < e.RequiredDays {
			fault(FaultShortLife)
		}
	}
	if len(e.Faults) == 0 {
		return nil
	}
	return e
}

// Except gives what is left of the faults when some are accepted; nil when nothing is.
func (e *ArrivalError) Except(accepted []ArrivalFault) *ArrivalError {
	if e == nil {
		return nil
	}
	for _, f := range e.Faults {
		if !slices.Contains(accepted, f) {
			return e
		}
	}
	return nil
}

// Difference is one row of the sheet that tells a supplier what came otherwise than announced.
type Difference struct {
	Line            DeliveryLine
	SKUCode, PartNo string
	Name, Unit      catalog.Name
	Faults          []ArrivalFault
	Notes           []string
}

// Matters tells whether the row differs from what was announced.
func (d Difference) Matters() bool {
	return d.Line.Difference() != 0 || d.Line.Damaged > 0 || d.Line.Refused > 0 || len(d.Faults) > 0
}

// Ware is what the floor has to know of a SKU.
type Ware struct {
	SKU          catalog.SKUID
	Code, GTIN   string
	Name, Unit   catalog.Name
	Category     catalog.CategoryID
	CategoryCode string
	GoodsLife
	Temperature catalog.Temperature
	Carton      quantity.Pieces
	Grams, ML   int64 // of a piece
}
