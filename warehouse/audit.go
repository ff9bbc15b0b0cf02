package warehouse

import (
	"fmt"
	"math"
	"time"

	"milkrun/internal/quantity"
)

// BookFault is which promise of the books does not hold.
type BookFault string

// The promises: a position holds what its entries add up to; it has reserved what open allocations hold of it; a line has allocated
// what its allocations say; an open allocation belongs to a line and a position.
const (
	FaultLedger    BookFault = "ledger"
	FaultReserved  BookFault = "reserved"
	FaultAllocated BookFault = "allocated"
	FaultOrphan    BookFault = "orphan"
)

// Fault is a place where the books disagree.
type Fault struct {
	Kind     BookFault
	Position int64
	Place    Place
	// OnHand is what the position says, Ledger what its entries add up to: of FaultLedger.
	OnHand, Ledger quantity.Pieces
	// Reserved is what the position says, Promised what open allocations hold of it: of FaultReserved.
	Reserved, Promised quantity.Pieces
	// Allocated is what the line of the order says, Promised what its allocations hold: of FaultAllocated.
	Order      string
	Line       int
	Allocated  quantity.Pieces
	Allocation int64 // of FaultOrphan
	// First is the first operation that can have broken it: the entry with which the balance went below zero, else the first that
	// touched the place since the last proof that was clean. Nil when none did: then the balance was changed behind the ledger's back.
	First *Culprit
	// Since is that last clean proof, nil for none.
	Since *time.Time
}

// Culprit is an operation that broke the books, with its entry.
type Culprit struct {
	Entry     int64
	Operation string
	Cause     string
	At        time.Time
	By        string
	Device    string
	Negative  bool // the balance went below zero with it
}

// String says the fault in one line, for logs and the command line.
func (f Fault) String() string {
	var what string
	switch f.Kind {
	case FaultLedger:
		what = fmt.Sprintf("position %d (sku %d, site %d, bin %q, lot %q): %d on hand, the ledger says %d", f.Position, f.Place.SKU, f.Place.Site, f.Place.Bin, f.Place.Lot, f.OnHand, f.Ledger)
	case FaultReserved:
		what = fmt.Sprintf("position %d (sku %d, site %d, bin %q, lot %q): %d reserved, open allocations hold %d", f.Position, f.Place.SKU, f.Place.Site, f.Place.Bin, f.Place.Lot, f.Reserved, f.Promised)
	case FaultAllocated:
		what = fmt.Sprintf("order %s, line %d: %d allocated, its allocations hold %d", f.Order, f.Line, f.Allocated, f.Promised)
	default:
		what = fmt.Sprintf("allocation %d belongs to no line or no position", f.Allocation)
	}
	switch {
	case f.First != nil:
		what += fmt.Sprintf("; first broken by %s %s (entry %d) of %s at %s", f.First.Cause, f.First.Operation, f.First.Entry, f.First.By, f.First.At.Format(time.RFC3339))
	case f.Since != nil:
		what += "; no operation since the clean proof of " + f.Since.Format(time.RFC3339) + " touched it"
	}
	return what
}

// AuditRun is one proof of the books.
type AuditRun struct {
	ID                 int64
	At                 time.Time
	Took               time.Duration
	Positions, Entries int64
	Faults             int
	Detail             []Fault // at most 100
}

// The rule by which observed lane times replace the promised ones: at least so many journeys in so many days, and a difference
// that matters.
const (
	LaneJourneys = 8
	LaneDays     = 180
	laneShare    = .05 // of the mean
	laneLeast    = .1  // days
)

// LaneLead gives the mean and the standard deviation (n − 1) of journeys in days, and false for fewer than LaneJourneys.
func LaneLead(days []float64) (mean, sd float64, ok bool) {
	if len(days) < LaneJourneys {
		return 0, 0, false
	}
	for _, d := range days {
		mean += d
	}
	mean /= float64(len(days))
	for _, d := range days {
		sd += (d - mean) * (d - mean)
	}
	return max(mean, .01), math.Sqrt(sd / float64(len(days)-1)), true
}

// LaneMoved tells whether observed times differ enough from those in use to replace them.
func LaneMoved(mean, sd, isMean, isSD float64) bool {
	far := func(a, b float64) bool { return math.Abs(a-b) > max(laneLeast, laneShare*mean) }
	return far(isMean, mean) || far(isSD, sd)
}
