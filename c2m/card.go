package c2m

import (
	"time"

	"milkrun/c2m/quality"
	"milkrun/internal/catalog"
)

// The decisions on an appeal.
const (
	AppealUpheld    = "upheld"    // the card stays
	AppealWithdrawn = "withdrawn" // the lot is struck from the record
)

// Card is a warning that a supplier's SKU holds, from its lot on until it ends.
type Card struct {
	ID           int64
	Supplier     catalog.SupplierID
	SupplierCode string
	SupplierName catalog.Name
	SKU          catalog.SKUID
	SKUCode      string
	SKUName      catalog.Name
	Kind         quality.Card
	Reason       quality.Reason
	Inspection   int64 // 0 for a card that a person has changed
	Lot          string
	At           time.Time
	Ended        *time.Time
	EndedWhy     string // better, worse, withdrawn, lifted
	Appeal       string
	Appealed     *time.Time
	AppealedBy   string
	Decision     string // "" while an appeal waits
	Decided      *time.Time
	DecidedBy    string
	DecisionWhy  string
}

// AppealWaits tells whether an appeal against the card waits for a decision.
func (c Card) AppealWaits() bool { return c.Appealed != nil && c.Decision == "" }

// LotResult is one entry of a supplier's record: a lot's first inspection, or a person's decision on the record.
type LotResult struct {
	ID         int64
	Supplier   catalog.SupplierID
	SKU        catalog.SKUID
	Inspection int64 // 0 for a decision
	Lot        string
	What       string // accepted, refused, lift, resume
	Safety     bool
	Void       bool
	At         time.Time
	By         string
	Reason     string
}

// The entries of a record.
const (
	LotAccepted = "accepted"
	LotRefused  = "refused"
	LotLift     = "lift"   // the ban was lifted
	LotResume   = "resume" // inspection begins again
)

// StandingOf plays a record in its order.
func StandingOf(record []LotResult) quality.Standing {
	var s quality.Standing
	for _, r := range record {
		switch {
		case r.Void:
		case r.What == LotLift:
			s = s.Lift()
		case r.What == LotResume:
			s = s.Resume()
		default:
			s = s.After(quality.Outcome{Accepted: r.What == LotAccepted, Safety: r.Safety})
		}
	}
	return s
}

// FailsInARow gives how many of a supplier's lots, of whatever SKU, were refused one after the other at the end of the record.
// A lifted ban begins a new count.
func FailsInARow(record []LotResult) int {
	n := 0
	for _, r := range record {
		switch {
		case r.Void || r.What == LotResume:
		case r.What == LotRefused:
			n++
		default:
			n = 0
		}
	}
	return n
}

// SupplierBanned is the fact that nothing is ordered from a supplier any more: too many of its lots were refused.
type SupplierBanned struct {
	Supplier catalog.SupplierID `json:"supplier"`
	Reason   string             `json:"reason"`
	At       time.Time          `json:"at"`
}

// DockedError refuses to enter a receipt on an order whose goods are scanned in at a dock.
type DockedError struct {
	Number   string // of the order
	Delivery string
}

func (e *DockedError) Error() string {
	return "c2m: " + e.Number + ": its goods are received at the dock, delivery " + e.Delivery
}
