package warehouse

import (
	"errors"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// InspectionState is how an inspection stands.
type InspectionState string

// The states of an inspection. Held is a lot that no inspection can free: a certificate is missing, its life is too short, or
// the supplier's lots are stopped.
const (
	InspectionWaiting  InspectionState = "waiting"
	InspectionAccepted InspectionState = "accepted"
	InspectionRefused  InspectionState = "refused"
	InspectionHeld     InspectionState = "held"
)

// HoldReason is why a lot is held besides its defects.
type HoldReason string

// The reasons for which a received lot is held.
const (
	HoldCertificate HoldReason = "certificate"
	HoldShortLife   HoldReason = "short_life"
	HoldExpired     HoldReason = "expired"
	HoldNoExpiry    HoldReason = "no_expiry"
	HoldUnexpected  HoldReason = "unexpected"
	HoldStopped     HoldReason = "stopped" // inspection of the supplier's lots is stopped
	HoldBanned      HoldReason = "banned"
	HoldRecall      HoldReason = "recall" // the lot is held or recalled house-wide
)

// SamplePlan is how many pieces of a lot to examine for a class of defects, and how many defective ones refuse the lot.
type SamplePlan struct {
	Class          string `json:"class"` // critical, major, minor
	Letter         string `json:"letter"`
	Sample         int    `json:"sample"`
	Accept, Reject int
	Full           bool `json:"full"`
}

// CertificateLack is a certificate that was not valid on the day of receipt.
type CertificateLack struct {
	Kind    string        `json:"kind"`
	Number  string        `json:"number,omitempty"` // of the last one, where there was one
	Expired *calendar.Day `json:"expired,omitempty"`
}

// Defect is a finding of an inspection.
type Defect struct {
	Class  string
	What   string
	Pieces int
	At     time.Time
	By     string
}

// InspectionRule is how lots of a category are inspected; Category 0 is the house's own rule.
type InspectionRule struct {
	Category     catalog.CategoryID
	CategoryCode string
	CategoryName catalog.Name
	Inspect      bool
	Level        string // I, II, III, S-1 … S-4
	Major, Minor string // AQL in percent
	UpdatedAt    time.Time
	UpdatedBy    string
}

// Inspection is one received lot and what became of it.
type Inspection struct {
	ID             int64
	Delivery       DeliveryID
	DeliveryNumber string
	Site           catalog.SiteID
	Supplier       catalog.SupplierID // 0 for none known
	SKU            catalog.SKUID
	Lot            Lot
	Pieces         quantity.Pieces
	State          InspectionState
	Reasons        []HoldReason
	Lacks          []CertificateLack
	Severity       string // normal, tightened, stopped
	Level          string
	Plans          []SamplePlan
	Sample         int // pieces to draw
	Examined       int
	Critical       int
	Major, Minor   int
	UsedUp         quantity.Pieces // by the tests
	Failed         []string        // classes
	Received       calendar.Day
	At             time.Time
	Decided        *time.Time
	DecidedBy      string
	Note           string
	// What became of the pieces that were not accepted at once.
	Released, Scrapped, Returned quantity.Pieces
	Defects                      []Defect // of the page of one inspection alone
}

// Held gives the pieces of the lot that still wait for a decision.
func (i *Inspection) Held() quantity.Pieces {
	if i.State == InspectionAccepted {
		return 0
	}
	return max(0, i.Pieces-i.UsedUp-i.Released-i.Scrapped-i.Returned)
}

// Refusals of inspections.
var (
	// ErrNoInspection is the answer to an inspection that does not exist or stands at a site of others.
	ErrNoInspection = errors.New("warehouse: no such inspection")
	// ErrInspectionOver refuses to inspect a lot that was decided on.
	ErrInspectionOver = errors.New("warehouse: the lot was decided on")
	// ErrInspectionWaits refuses to settle a lot that still waits for its inspection.
	ErrInspectionWaits = errors.New("warehouse: the lot waits for its inspection")
	// ErrFindings refuses counts that cannot be.
	ErrFindings = errors.New("warehouse: the findings do not fit the sample")
	// ErrSettlement refuses a settlement of more pieces than are held, or of a kind that there is not.
	ErrSettlement = errors.New("warehouse: no such settlement")
)

// Settlement is what a lead decides on held pieces.
type Settlement string

// The settlements of held pieces.
const (
	SettleRelease Settlement = "release"
	SettleScrap   Settlement = "scrap"
	SettleReturn  Settlement = "return"
)

// Inspected is the fact that a lot was decided on for the first time. Subscribers read the inspection anew.
type Inspected struct {
	Inspection int64              `json:"inspection"`
	Supplier   catalog.SupplierID `json:"supplier"`
	SKU        catalog.SKUID      `json:"sku"`
	Accepted   bool               `json:"accepted"`
	At         time.Time          `json:"at"`
}

// InspectionQuery asks for inspections.
type InspectionQuery struct {
	Site     catalog.SiteID // 0 for every site
	States   []InspectionState
	Supplier catalog.SupplierID // 0 for every one
	Delivery DeliveryID         // 0 for every one
	// OpenOnly leaves out lots of which nothing waits any more.
	OpenOnly bool
	Limit    int // 0 means 200
}
