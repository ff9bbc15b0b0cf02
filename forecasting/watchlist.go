package forecasting

import (
	"errors"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// ErrNoOverride is the answer to the id of an override that does not exist or is over.
var ErrNoOverride = errors.New("forecasting: no such override in force")

// ErrNoAlarm is the answer to the id of an alarm that does not exist or is over.
var ErrNoAlarm = errors.New("forecasting: no such alarm")

// OverrideRecord is a planner's change as it is kept. Site 0 is every site: its Pieces are those of all sites together.
type OverrideRecord struct {
	ID int64
	Override
	Code        string // of the SKU
	Name        catalog.Name
	SiteName    catalog.Name
	MadeAt      time.Time
	WithdrawnAt *time.Time
	WithdrawnBy string
	// Plain is the forecast of its days without it, by site, as it stood when it was first used; Score compares both with what came,
	// once the days have passed.
	Plain    map[catalog.SiteID][]float32
	Score    *OverrideScore
	ScoredAt *time.Time
}

// OverrideState is where a change stands.
type OverrideState string

// The states of a change.
const (
	OverrideWaiting   OverrideState = "waiting"   // its days are still to come
	OverrideActive    OverrideState = "active"    // today is one of its days
	OverrideOver      OverrideState = "over"      // its days or its expiry have passed
	OverrideWithdrawn OverrideState = "withdrawn" // by a planner
)

// State gives where the change stands on a day.
func (r OverrideRecord) State(today calendar.Day) OverrideState {
	switch {
	case r.WithdrawnAt != nil:
		return OverrideWithdrawn
	case today >= r.Expiry || today > r.To:
		return OverrideOver
	case today < r.From:
		return OverrideWaiting
	}
	return OverrideActive
}

// AlarmState is where an alarm stands.
type AlarmState string

// The states of an alarm: one that a later run does not find any more is over.
const (
	AlarmOpen  AlarmState = "open"
	AlarmAcked AlarmState = "acknowledged"
	AlarmOver  AlarmState = "over"
)

// AlarmRecord is an alarm as it is kept. SKU 0 is about the data of a whole site.
type AlarmRecord struct {
	ID int64
	Key
	Code                string
	Name                catalog.Name
	SiteCode            string
	SiteName            catalog.Name
	Kind                AlarmKind
	State               AlarmState
	Value, Limit        float64
	From                calendar.Day
	Weight              float64 // pieces a week at stake
	Run                 int64   // that has found it last
	RaisedAt, UpdatedAt time.Time
	AckedBy, AckedNote  string
	AckedAt             *time.Time
}

// AlarmCount is how many alarms of a kind stand.
type AlarmCount struct {
	Kind        AlarmKind
	Open, Acked int
}

// StageCount is how many SKUs are for an age, months From up to but without To, and what they have sold and are forecast in 28 days.
type StageCount struct {
	From, To, SKUs int
	Sold28         int64
	Forecast28     float64
}
