package warehouse

import (
	"errors"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// CountState is how the count of a bin stands.
type CountState string

// The states: to be counted; to be counted again by another person; waiting for a lead; done; struck.
const (
	CountOpen      CountState = "open"
	CountRecount   CountState = "recount"
	CountReview    CountState = "review"
	CountDone      CountState = "done"
	CountCancelled CountState = "cancelled"
)

// CountTask is a bin to be counted, blind: Known names what the book has there without saying how many.
type CountTask struct {
	ID        int64
	Site      catalog.SiteID
	Bin       string
	Zone      string
	Aisle     int
	Bay       int
	Level     int
	Reason    string // doubt, never, due, asked
	State     CountState
	Round     int
	Day       calendar.Day
	At        time.Time
	By        string // who asked
	TakenBy   int64
	Known     []CountGoods
	Decided   *time.Time
	DecidedBy string
	Cause     string
	Note      string
	// Difference and Value are of a count that is done or waits for a lead: pieces too many or missing, and their worth.
	Difference quantity.Pieces
	Value      money.Fen
}

// CountGoods is a lot that stands in a bin, as a blind counter sees it.
type CountGoods struct {
	Ware  Ware
	Lot   Lot
	Owner string
}

// CountedGoods is what somebody counted of a lot.
type CountedGoods struct {
	SKU              catalog.SKUID
	Lot              string
	Produced, Expiry *calendar.Day // for a lot that the book does not have there
	Owner            string
	Pieces           quantity.Pieces
}

// CountEntry is a count of a lot in one round, beside what the book said then: for a lead.
type CountEntry struct {
	Round           int
	SKU             catalog.SKUID
	Lot             Lot
	Owner           string
	Counted, Booked quantity.Pieces
	At              time.Time
	By              string
	Account         int64
}

// Difference gives the pieces too many (above zero) or missing.
func (e CountEntry) Difference() quantity.Pieces { return e.Counted - e.Booked }

// CountRule is how the bins of a site are counted; Site 0 is the house's own rule.
type CountRule struct {
	Site                   catalog.SiteID
	EveryA, EveryB, EveryC int // days
	PerDay                 int
	TolerancePieces        quantity.Pieces
	ToleranceBP            int // ten-thousandths of the booked pieces
	LeadFen                money.Fen
	UpdatedAt              time.Time
	UpdatedBy              string
}

// Tolerance gives the pieces by which a count may differ from what is booked without a second count.
func (r CountRule) Tolerance(booked quantity.Pieces) int64 {
	return max(int64(r.TolerancePieces), int64(booked)*int64(r.ToleranceBP)/10_000)
}

// CountCauses are the causes that a lead names for a difference.
func CountCauses() []string {
	return []string{"miscount", "misplaced", "not_booked", "damage", "theft", "unknown"}
}

// Refusals of counts.
var (
	// ErrNoCount is the answer to a count that is over or never was.
	ErrNoCount = errors.New("warehouse: no such count")
	// ErrSamePerson refuses a recount by who counted before.
	ErrSamePerson = errors.New("warehouse: another person must count this bin again")
	// ErrCountGoods refuses a count that names a lot twice, or one that does not exist.
	ErrCountGoods = errors.New("warehouse: the counted goods are not clear")
	// ErrCountCause refuses a cause that there is not.
	ErrCountCause = errors.New("warehouse: no such cause of a difference")
	// ErrCountRule refuses a rule out of its bounds.
	ErrCountRule = errors.New("warehouse: the rule of counting is out of its bounds")
)

// CountResult is what a count came to. Left are pieces that stay in the book until the pickers on their way have been there: the
// bin is then counted again.
type CountResult struct {
	Task       int64
	State      CountState
	Difference quantity.Pieces
	Released   quantity.Pieces // promises that look for other stock
	Left       quantity.Pieces
}
