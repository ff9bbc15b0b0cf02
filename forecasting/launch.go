package forecasting

import (
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// EvidenceKind tells where launch evidence comes from.
type EvidenceKind string

// The kinds of launch evidence.
const (
	VoteEvidence     EvidenceKind = "vote"     // members who said that they would buy
	CampaignEvidence EvidenceKind = "campaign" // pieces pledged in a campaign that was won
)

// Evidence is what is known of the demand for a product before it sells.
type Evidence struct {
	Kind   EvidenceKind
	Ref    string // number of the proposal or campaign
	SKU    catalog.SKUID
	Site   catalog.SiteID // 0 = anywhere
	Pieces quantity.Pieces
	At     time.Time
}

// EvidenceDays is how long evidence speaks for a launch that has not come.
const EvidenceDays = 180

// LaunchNote says what the launch curve of a SKU was made of.
type LaunchNote struct {
	Alike     int           `json:"alike"`               // SKUs it was likened to
	First     catalog.SKUID `json:"first,omitempty"`     // the likest of them
	Successor catalog.SKUID `json:"successor,omitempty"` // the SKU that it takes over from
	Votes     float64       `json:"votes,omitempty"`     // members who would buy, all sites
	Pledged   float64       `json:"pledged,omitempty"`   // pieces, all sites
	Share     float64       `json:"share"`               // of the site
}

// LaunchPlan is the expected course of a new SKU at a site, a value a day from Start on, in pieces.
type LaunchPlan struct {
	Key
	Start calendar.Day
	Curve []float32
	Note  LaunchNote
}

// At gives the expected pieces of a day: nothing before the start, the last value beyond the end.
func (p LaunchPlan) At(d calendar.Day) float64 {
	i := d.Sub(p.Start)
	if i < 0 || len(p.Curve) == 0 {
		return 0
	}
	return float64(p.Curve[min(i, len(p.Curve)-1)])
}

// Settings of launches and endings, in days.
const (
	YoungDays     = 56 // a SKU is new so long after its first sale
	LaunchAhead   = 60 // so long before its launch it is forecast
	LaunchShelf   = 30 // so long after the day of launch its first sale is awaited
	PhaseOutDays  = 28 // in which a SKU that ends loses its customers
	SuccessorTake = .8 // share of them that the successor takes over
)
