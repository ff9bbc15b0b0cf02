package allocation

import (
	"errors"
	"fmt"
	"slices"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
)

// ErrRules is the refusal of a rule set that cannot be applied; a *RuleError says which rule and field.
var ErrRules = errors.New("allocation: the sourcing rules cannot be applied")

// RuleError names the rule (from 1, 0 for the set itself) and the field that is wrong. It unwraps to ErrRules.
type RuleError struct {
	Rule         int
	Field, Value string
}

func (e *RuleError) Error() string {
	return fmt.Sprintf("%v: rule %d, %s: %q", ErrRules, e.Rule, e.Field, e.Value)
}

// Unwrap gives ErrRules.
func (e *RuleError) Unwrap() error { return ErrRules }

// Goal is something that sourcing wants; goals are wanted in order, the next only where the one before does not decide.
type Goal string

// The goals.
const (
	OnTime  Goal = "on_time" // as many pieces as can be from sites that keep the promise
	Filled  Goal = "filled"  // as many pieces as can be from stock that is there
	Parcels Goal = "parcels" // as few parcels as can be
	Cost    Goal = "cost"    // as cheap as can be
)

// RuleSet says how orders are sourced. It is data: stored, shown and changed by the lead of a warehouse.
type RuleSet struct {
	// Goals in the order of their weight, each once.
	Goals []Goal `json:"goals"`
	// MaxParcels bounds the parcels of an order, 0 not.
	MaxParcels int `json:"max_parcels"`
	// ParcelFen is what one parcel costs besides its carriage (box, label, hands), PieceFen what a piece costs to pick.
	ParcelFen money.Fen `json:"parcel_fen"`
	PieceFen  money.Fen `json:"piece_fen"`
	// KMFen is added for each kilometre of a site's distance.
	KMFen money.Fen `json:"km_fen"`
	// Rules are looked at in order for each order and site; the effects of all that match add up, until one says Last.
	Rules []Rule `json:"rules"`
}

// Rule changes what a site counts for an order.
type Rule struct {
	Name catalog.Name `json:"name"`
	Off  bool         `json:"off,omitempty"`
	When Condition    `json:"when"`
	Then Effect       `json:"then"`
	Last bool         `json:"last,omitempty"`
}

// Condition matches an order and a site. What is left empty matches everything; all that is set must match.
type Condition struct {
	Promises []Promise             `json:"promises,omitempty"` // of the order
	Channels []string              `json:"channels,omitempty"` // of the order
	Cold     *bool                 `json:"cold,omitempty"`     // the order has goods below room temperature
	Tiers    []catalog.Tier        `json:"tiers,omitempty"`    // of the site
	Sites    []string              `json:"sites,omitempty"`    // codes
	KM       *Range                `json:"km,omitempty"`       // the site's distance
	Load     *Range                `json:"load,omitempty"`     // percent of the site's daily work already taken
	Amount   *Range                `json:"amount,omitempty"`   // of the order, in fen
	Pieces   *Range                `json:"pieces,omitempty"`   // of the order
	Classes  []catalog.Temperature `json:"classes,omitempty"`  // the order has goods of one of these classes
}

// Range is from Min to Max, both in it; a nil bound is open.
type Range struct {
	Min *float64 `json:"min,omitempty"`
	Max *float64 `json:"max,omitempty"`
}

func (r *Range) holds(v float64) bool {
	return r == nil || (r.Min == nil || v >= *r.Min) && (r.Max == nil || v <= *r.Max)
}

// Effect is what a rule does to a site for an order.
type Effect struct {
	// Exclude takes the site out.
	Exclude bool `json:"exclude,omitempty"`
	// AddFen is added to what a parcel from the site costs; a negative one makes it cheaper.
	AddFen money.Fen `json:"add_fen,omitempty"`
	// Promise replaces what the site can keep for the order.
	Promise Promise `json:"promise,omitempty"`
}

// DefaultRules are those of a house where nobody has set any: promise, then availability, then as few parcels as possible,
// then cost; goods go out from front warehouses and regional ones, from bonded ones only what is nowhere else.
func DefaultRules() RuleSet {
	full := 95.0
	return RuleSet{
		Goals:     []Goal{OnTime, Filled, Parcels, Cost},
		ParcelFen: 350, PieceFen: 30, KMFen: 1,
		Rules: []Rule{
			{Name: catalog.Name{ZH: "驿站不直接发货", EN: "Stations send no orders"},
				When: Condition{Tiers: []catalog.Tier{catalog.Station}}, Then: Effect{Exclude: true}},
			{Name: catalog.Name{ZH: "海外仓只走调拨", EN: "Overseas sites send transfers alone"},
				When: Condition{Tiers: []catalog.Tier{catalog.Overseas}}, Then: Effect{Exclude: true}},
			{Name: catalog.Name{ZH: "保税仓加清关费", EN: "Bonded sites add customs"},
				When: Condition{Tiers: []catalog.Tier{catalog.Bonded}}, Then: Effect{AddFen: 800}},
			{Name: catalog.Name{ZH: "当天产能将满的仓不再接 30 分钟单", EN: "Sites near their day's work promise no half hour"},
				When: Condition{Load: &Range{Min: &full}, Promises: []Promise{Minutes30}}, Then: Effect{Promise: NextDay}},
		},
	}
}

// Validate answers a *RuleError for the first thing that is wrong.
func (r RuleSet) Validate() error {
	all := []Goal{OnTime, Filled, Parcels, Cost}
	for i, g := range r.Goals {
		if !slices.Contains(all, g) || slices.Contains(r.Goals[:i], g) {
			return &RuleError{Field: "goals", Value: string(g)}
		}
	}
	if len(r.Goals) != len(all) {
		return &RuleError{Field: "goals", Value: fmt.Sprint(r.Goals)}
	}
	// The cheapest way to serve nobody is to send nothing.
	if slices.Index(r.Goals, Cost) < slices.Index(r.Goals, Filled) {
		return &RuleError{Field: "goals", Value: string(Cost)}
	}
	const most = money.Fen(100_000_000)
	for field, v := range map[string]money.Fen{"parcel_fen": r.ParcelFen, "piece_fen": r.PieceFen, "km_fen": r.KMFen} {
		if v < 0 || v > most {
			return &RuleError{Field: field, Value: fmt.Sprint(int64(v))}
		}
	}
	if r.MaxParcels < 0 {
		return &RuleError{Field: "max_parcels", Value: fmt.Sprint(r.MaxParcels)}
	}
	for i, rule := range r.Rules {
		if err := rule.validate(i + 1); err != nil {
			return err
		}
	}
	return nil
}

func (r Rule) validate(no int) error {
	fault := func(field, value string) error { return &RuleError{Rule: no, Field: field, Value: value} }
	if r.Name.ZH == "" && r.Name.EN == "" {
		return fault("name", "")
	}
	for _, p := range r.When.Promises {
		if !slices.Contains(Promises(), p) {
			return fault("promises", string(p))
		}
	}
	for _, t := range r.When.Tiers {
		if !slices.Contains(catalog.Tiers(), t) {
			return fault("tiers", string(t))
		}
	}
	for _, c := range r.When.Classes {
		if !slices.Contains(catalog.Temperatures(), c) {
			return fault("classes", string(c))
		}
	}
	for field, v := range map[string]*Range{"km": r.When.KM, "load": r.When.Load, "amount": r.When.Amount, "pieces": r.When.Pieces} {
		if v != nil && v.Min != nil && v.Max != nil && *v.Min > *v.Max {
			return fault(field, fmt.Sprintf("%v–%v", *v.Min, *v.Max))
		}
	}
	if r.Then.Promise != "" && !slices.Contains(Promises(), r.Then.Promise) {
		return fault("promise", string(r.Then.Promise))
	}
	if r.Then == (Effect{}) {
		return fault("then", "")
	}
	return nil
}

// matches tells whether the condition holds for an order and a site.
func (c *Condition) matches(o *Order, s *Site) bool {
	one := func(n int, has bool) bool { return n == 0 || has }
	return one(len(c.Promises), slices.Contains(c.Promises, o.Promise)) &&
		one(len(c.Channels), slices.Contains(c.Channels, o.Channel)) &&
		(c.Cold == nil || *c.Cold == o.cold()) &&
		one(len(c.Tiers), slices.Contains(c.Tiers, s.Tier)) &&
		one(len(c.Sites), slices.Contains(c.Sites, s.Code)) &&
		one(len(c.Classes), slices.ContainsFunc(c.Classes, func(t catalog.Temperature) bool { return slices.Contains(o.Classes, t) })) &&
		c.KM.holds(s.KM) && c.Load.holds(s.LoadPercent) && c.Amount.holds(float64(o.Amount)) && c.Pieces.holds(float64(o.pieces()))
}
