package c2m

import (
	"time"

	"milkrun/c2m/quality"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
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
	// An appeal is decided by two people: Proposal is what the first would do, "" before.
	Proposal     string
	Proposed     *time.Time
	ProposedBy   string
	ProposedByID int64
	ProposalWhy  string
	Decision     string // "" while an appeal waits
	Decided      *time.Time
	DecidedBy    string
	DecisionWhy  string
}

// Judge takes one person's word on an appeal that waits, withdrawing the card or upholding it. The first word proposes; the same word of another
// person decides, another word of another person proposes anew. It tells whether the appeal is decided. ErrSamePerson.
func (c *Card) Judge(withdraw bool, by Person, reason string, now time.Time) (decided bool, err error) {
	verdict := AppealUpheld
	if withdraw {
		verdict = AppealWithdrawn
	}
	if c.Proposal == verdict && c.ProposedByID == by.ID {
		return false, ErrSamePerson
	}
	if c.Proposal == verdict {
		c.Decision, c.Decided, c.DecidedBy, c.DecisionWhy = verdict, &now, by.Name, reason
		return true, nil
	}
	c.Proposal, c.Proposed, c.ProposedBy, c.ProposedByID, c.ProposalWhy = verdict, &now, by.Name, by.ID, reason
	return false, nil
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
	// Of an inspection: the lot's pieces, how many of them were looked at, and the defects found.
	Pieces          quantity.Pieces
	Sample, Defects int
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
