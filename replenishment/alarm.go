package replenishment

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// Watch is a kind of alarm: what is watched.
type Watch string

// The kinds. Beside each: what Value and the rule's Limit count.
const (
	WatchSpike     Watch = "demand_spike"     // demand to come over plain demand, ×
	WatchLate      Watch = "supplier_late"    // days after the promised day
	WatchFailing   Watch = "supplier_failing" // share of inspected lots rejected
	WatchLane      Watch = "lane_slow"        // days above the lane's mean
	WatchExpiring  Watch = "expiring"         // pieces that will not be sold in time, worth in yuan
	WatchFull      Watch = "site_full"        // share of the capacity in use
	WatchOneSource Watch = "one_source"       // sales a day that hang on one supplier, yuan
)

// Watches lists the kinds.
func Watches() []Watch {
	return []Watch{WatchSpike, WatchLate, WatchFailing, WatchLane, WatchExpiring, WatchFull, WatchOneSource}
}

// Remedy is what an alarm proposes to do.
type Remedy string

// The remedies.
const (
	RemedyBackup   Remedy = "backup"   // order from the backup supplier
	RemedyBuy      Remedy = "buy"      // order now
	RemedyTransfer Remedy = "transfer" // bring it from another site
	RemedyPresell  Remedy = "presell"  // open a pre-sale
	RemedyExpedite Remedy = "expedite" // chase what is under way
	RemedyClear    Remedy = "clear"    // sell off, bundle or return
	RemedySource   Remedy = "source"   // find a second supplier
	RemedyInspect  Remedy = "inspect"  // inspect all, talk to the supplier
	RemedyLead     Remedy = "lead"     // plan with the longer lead
)

// AlarmRule says when an alarm is raised and who must answer by when. It is data: a house may change it.
type AlarmRule struct {
	Watch Watch   `json:"watch"`
	On    bool    `json:"on"`
	Limit float64 `json:"limit"` // see the kinds
	Hours int     `json:"hours"` // until it must be closed
	Owner int64   `json:"owner"` // account, 0 for whoever takes it
}

// DefaultAlarmRules are those of a new house.
func DefaultAlarmRules() []AlarmRule {
	return []AlarmRule{
		{WatchSpike, true, 1.5, 72, 0}, {WatchLate, true, 2, 72, 0}, {WatchFailing, true, 0.2, 72, 0}, {WatchLane, true, 2, 72, 0},
		{WatchExpiring, true, 500, 72, 0}, {WatchFull, true, 0.9, 72, 0}, {WatchOneSource, true, 2000, 72, 0},
	}
}

// Check answers ErrAlarmRule with the field that makes no sense.
func (r AlarmRule) Check() error {
	known := false
	for _, w := range Watches() {
		known = known || w == r.Watch
	}
	share := r.Watch == WatchFailing || r.Watch == WatchFull
	switch {
	case !known:
		return fmt.Errorf("%w: watch = %q", ErrAlarmRule, r.Watch)
	case !(r.Limit >= 0 && r.Limit <= 1e9) || share && r.Limit > 1:
		return fmt.Errorf("%w: limit = %v", ErrAlarmRule, r.Limit)
	case r.Hours < 1 || r.Hours > 24*90:
		return fmt.Errorf("%w: hours = %v", ErrAlarmRule, r.Hours)
	}
	return nil
}

// Refusals of the verbs on an alarm.
var (
	// ErrAlarmRule is the answer to a rule that makes no sense; the message names the field.
	ErrAlarmRule = errors.New("replenishment: alarm rule")
	// ErrAlarmClosed is the answer to a verb on an alarm that is closed.
	ErrAlarmClosed = errors.New("replenishment: the alarm is closed already")
)

// AlarmState is where an alarm stands.
type AlarmState string

// The states.
const (
	AlarmOpen   AlarmState = "open"
	AlarmTaken  AlarmState = "taken" // somebody has acknowledged it and is at it
	AlarmClosed AlarmState = "closed"
)

// AlarmKey tells alarms apart: of each there is at most one that is not closed. Fields that say nothing are zero.
type AlarmKey struct {
	Watch    Watch              `json:"watch"`
	SKU      catalog.SKUID      `json:"sku"`
	Site     catalog.SiteID     `json:"site"`
	Supplier catalog.SupplierID `json:"supplier"`
	Ref      string             `json:"ref"` // an order's number; from which site a lane comes
}

// Alarm is something that needs somebody.
type Alarm struct {
	ID int64 `json:"id"`
	AlarmKey
	Value  float64         `json:"value"`
	Limit  float64         `json:"limit"` // of the rule as it was raised
	Pieces quantity.Pieces `json:"pieces"`
	// Grave is true when it costs sales or goods if nothing is done.
	Grave  bool   `json:"grave"`
	Remedy Remedy `json:"remedy"`
	// Do is the suggestion that carries the remedy out; the zero Key when there is none. Doing it closes the alarm.
	Do Key `json:"do"`

	State  AlarmState `json:"state"`
	Owner  int64      `json:"owner"` // account that answers for it, 0 for nobody yet
	Raised time.Time  `json:"raised"`
	Due    time.Time  `json:"due"`
	Taken  *time.Time `json:"taken"`
	Closed *time.Time `json:"closed"`
	By     int64      `json:"by"`   // who closed it, 0 for the system: its cause is gone
	Note   string     `json:"note"` // how
}

// Overdue tells whether its clock has run out.
func (a *Alarm) Overdue(now time.Time) bool { return a.State != AlarmClosed && now.After(a.Due) }

// Acknowledge makes by the owner, who is then at it. ErrAlarmClosed.
func (a *Alarm) Acknowledge(by int64, at time.Time) error {
	if a.State == AlarmClosed {
		return ErrAlarmClosed
	}
	a.State, a.Owner, a.Taken = AlarmTaken, by, &at
	return nil
}

// Close ends the alarm with a word on what was done. ErrAlarmClosed, ErrReasonNeeded.
func (a *Alarm) Close(note string, by int64, at time.Time) error {
	if a.State == AlarmClosed {
		return ErrAlarmClosed
	}
	if note = strings.TrimSpace(note); note == "" {
		return ErrReasonNeeded
	}
	a.State, a.Closed, a.By, a.Note = AlarmClosed, &at, by, note
	return nil
}

// SupplierRecord is how a supplier's lots have fared in inspection lately.
type SupplierRecord struct {
	Supplier            catalog.SupplierID
	Inspected, Rejected int
}

// LaneRecord is how long moves over a lane have taken lately, in days.
type LaneRecord struct {
	catalog.Lane
	Moves int
	Mean  float64
}

// SiteRecord is how full a site is, in any one unit.
type SiteRecord struct {
	Site           catalog.SiteID
	Used, Capacity float64
}

// House is what is watched beside the SKUs.
type House struct {
	Suppliers []SupplierRecord
	Lanes     []LaneRecord
	Sites     []SiteRecord
}

// leastLots is how many inspected lots, or moves, say something.
const leastLots = 3

// WatchHouse finds what is wrong with suppliers, lanes and sites by the rules.
func WatchHouse(h House, rules []AlarmRule) []Alarm {
	var out []Alarm
	if r, on := ruleOf(rules, WatchFailing); on {
		for _, s := range h.Suppliers {
			if share := ratio(float64(s.Rejected), float64(s.Inspected)); s.Inspected >= leastLots && share >= r.Limit && s.Rejected > 0 {
				out = append(out, Alarm{AlarmKey: AlarmKey{Watch: r.Watch, Supplier: s.Supplier}, Value: share, Limit: r.Limit,
					Pieces: quantity.Pieces(s.Rejected), Grave: share >= 2*r.Limit, Remedy: RemedyInspect})
			}
		}
	}
	if r, on := ruleOf(rules, WatchLane); on {
		for _, l := range h.Lanes {
			late := l.Mean - l.LeadMean
			// Slower by the limit, and by more than its own deviation explains (two standard errors).
			if l.Moves >= leastLots && late >= r.Limit && late > 2*l.LeadSD/math.Sqrt(float64(l.Moves)) {
				out = append(out, Alarm{AlarmKey: AlarmKey{Watch: r.Watch, Site: l.To, Ref: fmt.Sprint(l.From)}, Value: late, Limit: r.Limit,
					Pieces: quantity.Pieces(l.Moves), Grave: late >= 2*r.Limit, Remedy: RemedyLead})
			}
		}
	}
	if r, on := ruleOf(rules, WatchFull); on {
		for _, s := range h.Sites {
			if share := ratio(s.Used, s.Capacity); s.Capacity > 0 && share >= r.Limit {
				out = append(out, Alarm{AlarmKey: AlarmKey{Watch: r.Watch, Site: s.Site}, Value: share, Limit: r.Limit, Grave: share >= 1, Remedy: RemedyTransfer})
			}
		}
	}
	return out
}

// ruleOf gives the rule of a kind, and whether it is on. A kind without a rule has the default one.
func ruleOf(rules []AlarmRule, w Watch) (AlarmRule, bool) {
	for _, r := range rules {
		if r.Watch == w {
			return r, r.On
		}
	}
	for _, r := range DefaultAlarmRules() {
		if r.Watch == w {
			return r, r.On
		}
	}
	return AlarmRule{}, false
}
