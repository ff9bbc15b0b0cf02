package warehouse

import (
	"errors"
	"fmt"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// Grade is how good returned pieces are.
type Grade string

// The grades: back to stock, damaged, scrap. Ungraded pieces wait.
const (
	Ungraded Grade = ""
	GradeA   Grade = "A"
	GradeB   Grade = "B"
	GradeC   Grade = "C"
)

// Known tells whether the grade is one of ours.
func (g Grade) Known() bool { return g == Ungraded || g == GradeA || g == GradeB || g == GradeC }

// Refusals of returns.
var (
	// ErrNoReturn is the answer to a code that names no order or parcel that was handed over, and to a return that does not exist.
	ErrNoReturn = errors.New("warehouse: nothing was handed over under this number")
	// ErrReturned is what *ReturnedError wraps.
	ErrReturned = errors.New("warehouse: more would come back than went out")
	// ErrGrade refuses a grade that there is not, or a second one.
	ErrGrade = errors.New("warehouse: no such grade, or graded before")
)

// ReturnedError tells how many pieces of a lot went out and how many have come back.
type ReturnedError struct {
	SKU             catalog.SKUID
	Lot             string
	Want, Out, Back quantity.Pieces
}

func (e *ReturnedError) Error() string {
	return fmt.Sprintf("%v: %d more, %d went out, %d are back", ErrReturned, e.Want, e.Out, e.Back)
}
func (e *ReturnedError) Unwrap() error { return ErrReturned }

// Returnable is an order that was handed over, with the lots that went out and what of them has come back.
type Returnable struct {
	Outbound        OutboundID
	Channel, Number string
	Site            catalog.SiteID // that sent it
	ShippedAt       *time.Time
	Consignee       string // as staff may read it
	Lines           []ReturnableLine
}

// ReturnableLine is a lot of a line that went out.
type ReturnableLine struct {
	Line      int
	Ware      Ware
	Lot       Lot
	Out, Back quantity.Pieces
}

// Return is what came back.
type Return struct {
	ID       int64
	Site     catalog.SiteID
	Outbound OutboundID // 0 for nobody known
	Number   string     // of the order
	Line     int
	Ware     Ware
	Lot      string
	Expiry   *calendar.Day
	Pieces   quantity.Pieces
	Grade    Grade
	Reason   string
	Note     string
	Bin      string
	At       time.Time
	By       string
	Graded   *time.Time
	GradedBy string
}
