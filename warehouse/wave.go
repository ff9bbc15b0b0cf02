package warehouse

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"milkrun/internal/catalog"
)

// Refusals about waves.
var (
	// ErrWaveState is the refusal of a deed that the wave's state has passed.
	ErrWaveState = errors.New("warehouse: the wave is no longer in a state for this")
	// ErrWaveEmpty is the refusal to release a wave of which nothing is left to pick.
	ErrWaveEmpty = errors.New("warehouse: nothing of the wave is left to pick")
	// ErrWaveRule is the refusal of a wave rule out of its bounds.
	ErrWaveRule = errors.New("warehouse: the wave rule is out of its bounds")
)

// WaveState is where a wave is on its way from the plan to the carrier.
type WaveState string

// The states of a wave.
const (
	WaveProposed   WaveState = "proposed"
	WaveReleased   WaveState = "released"
	WavePicked     WaveState = "picked"
	WaveHandedOver WaveState = "handed_over"
	WaveCancelled  WaveState = "cancelled"
)

// WaveRule says how a site builds its waves.
type WaveRule struct {
	Site catalog.SiteID
	// MaxShipments bounds a wave, Totes the places of a cart.
	MaxShipments, Totes int
	// ByZone keeps shipments of different zones apart, BySingle those of one line from those of several.
	ByZone, BySingle bool
	// ReleaseMinutes before the carrier leaves a wave is released by itself; 0 leaves that to the lead. Urgent releases orders
	// promised within 30 minutes at once.
	ReleaseMinutes int
	Urgent         bool
	// LeaseMinutes is how long a device may keep what it has taken without being heard of.
	LeaseMinutes int
	// WeightPermille is by how much a parcel's weight may differ from its content's.
	WeightPermille int
	UpdatedAt      time.Time
	UpdatedBy      string
}

// DefaultWaveRule is the rule of a site for which nobody has set one.
func DefaultWaveRule(site catalog.SiteID) WaveRule {
	return WaveRule{Site: site, MaxShipments: 60, Totes: 6, BySingle: true, Urgent: true, LeaseMinutes: 480, WeightPermille: 30}
}

// Check answers ErrWaveRule for a rule out of its bounds.
func (r WaveRule) Check() error {
	in := func(n, low, high int) bool { return low <= n && n <= high }
	if !in(r.MaxShipments, 1, 2000) || !in(r.Totes, 1, 40) || !in(r.ReleaseMinutes, 0, 24*60) || !in(r.LeaseMinutes, 5, 1440) || !in(r.WeightPermille, 0, 500) {
		return ErrWaveRule
	}
	return nil
}

// WaveCandidate is a shipment that waits for a wave.
type WaveCandidate struct {
	Shipment int64
	Carrier  string
	Cutoff   *time.Time
	// Zone is the one zone that all of it stands in, or "".
	Zone   string
	Single bool // one line alone
	Cold   bool
	Urgent bool // promised within 30 minutes
	// Priority first, then the earlier order.
	Priority int
	Ready    time.Time
}

// WaveKey is what the shipments of a wave share.
type WaveKey struct {
	Carrier            string
	Cutoff             time.Time // zero for none
	Zone               string
	Single, Cold, Fast bool
}

// WavePlan is a wave as it would be built.
type WavePlan struct {
	WaveKey
	Shipments []int64
}

// PlanWaves groups candidates by what the rule keeps apart, urgent ones first, then by the carrier's time, and cuts groups at
// the rule's size. The outcome depends on the candidates alone, not on their order.
func PlanWaves(rule WaveRule, all []WaveCandidate) []WavePlan {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b WaveCandidate) int {
		return cmp.Or(b.Priority-a.Priority, a.Ready.Compare(b.Ready), cmp.Compare(a.Shipment, b.Shipment))
	})
	groups := map[WaveKey][]int64{}
	for _, c := range all {
		k := WaveKey{Carrier: c.Carrier, Cold: c.Cold, Fast: c.Urgent}
		if c.Cutoff != nil {
			k.Cutoff = c.Cutoff.UTC()
		}
		if rule.ByZone {
			k.Zone = c.Zone
		}
		if rule.BySingle {
			k.Single = c.Single
		}
		groups[k] = append(groups[k], c.Shipment)
	}
	keys := slices.SortedFunc(maps.Keys(groups), func(a, b WaveKey) int {
		return cmp.Or(boolean(b.Fast)-boolean(a.Fast), late(a.Cutoff).Compare(late(b.Cutoff)), cmp.Compare(a.Carrier, b.Carrier),
			boolean(a.Cold)-boolean(b.Cold), boolean(b.Single)-boolean(a.Single), cmp.Compare(a.Zone, b.Zone))
	})
	var plans []WavePlan
	for _, k := range keys {
		for part := range slices.Chunk(groups[k], max(1, rule.MaxShipments)) {
			plans = append(plans, WavePlan{k, part})
		}
	}
	return plans
}

// late puts waves without a carrier's time behind those with one.
func late(t time.Time) time.Time {
	if t.IsZero() {
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return t
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Due tells whether the rule releases a wave by itself now.
func (r WaveRule) Due(cutoff *time.Time, urgent bool, now time.Time) bool {
	if urgent && r.Urgent {
		return true
	}
	return r.ReleaseMinutes > 0 && cutoff != nil && !now.Before(cutoff.Add(-time.Duration(r.ReleaseMinutes)*time.Minute))
}

// Wave is a wave with how far it is.
type Wave struct {
	ID         int64
	Site       catalog.SiteID
	Number     string
	State      WaveState
	Carrier    string
	Cutoff     *time.Time
	Zone       string
	Single     bool
	Cold       bool
	Urgent     bool
	CreatedAt  time.Time
	CreatedBy  string
	ReleasedAt *time.Time
	ReleasedBy string
	PickedAt   *time.Time
	HandedOver *time.Time
	// Shipments of the wave, of them packed and handed over.
	Shipments, Packed, Gone int64
	// Stops of its picking tasks, of them picked and short; Pieces to pick in all.
	Stops, Picked, Short int64
	Pieces               int64
	// Tasks of the wave and the people at work on them.
	Tasks, TasksDone int64
	Pickers          []string
}

// Late tells whether the carrier's time has passed, or less is left than the wave's progress so far would need.
func (w Wave) Late(now time.Time) bool {
	if w.Cutoff == nil || w.State == WaveHandedOver || w.State == WaveCancelled {
		return false
	}
	if now.After(*w.Cutoff) {
		return true
	}
	if w.State != WaveReleased || w.ReleasedAt == nil || w.Picked == 0 || w.Stops == w.Picked {
		return false
	}
	spent := now.Sub(*w.ReleasedAt)
	need := time.Duration(float64(spent) * float64(w.Stops-w.Picked) / float64(w.Picked))
	return now.Add(need).After(*w.Cutoff)
}
