package warehouse

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/warehouse/allocation"
)

// SourcingRules are all that decides from where an order is sent, as data: the goals and rules, the areas in which promises can
// be kept, what carriage costs, and which carrier takes what.
type SourcingRules struct {
	allocation.RuleSet
	// Minutes30KM is how far from a front site half an hour is promised where the site has no area of its own; NextDayKM the
	// same for the next day from front, regional and bonded sites.
	Minutes30KM float64 `json:"minutes30_km"`
	NextDayKM   float64 `json:"next_day_km"`
	Areas       []Area  `json:"areas,omitempty"`
	// Carriage ascends by distance; beyond the last step its price holds.
	Carriage []CarriageStep `json:"carriage"`
	// Carriers are looked at in order; the first that matches takes the parcel.
	Carriers []CarrierRule `json:"carriers"`
	// DailyOrders is how many parcels a site can send on a day, by code; a site without one is never full.
	DailyOrders map[string]int `json:"daily_orders,omitempty"`
	// MoveShort says when a line that stays short at its site goes to another.
	MoveShort MoveShort `json:"move_short,omitzero"`
}

// MoveShort lets lines that are short go to another site that has the pieces, keeping the order's promise or the next one below.
// The zero value lets them go at once.
type MoveShort struct {
	Off bool `json:"off,omitempty"`
	// Minutes is how long a line waits at its site before.
	Minutes int `json:"minutes,omitempty"`
}

// Area is where a site keeps the promise of half an hour: within KM of it, or in the polygon.
type Area struct {
	Site    string       `json:"site"`
	KM      float64      `json:"km,omitempty"`
	Polygon [][2]float64 `json:"polygon,omitempty"` // latitude, longitude
}

// CarriageStep is what a parcel costs up to a distance.
type CarriageStep struct {
	KM  float64   `json:"km"`
	Fen money.Fen `json:"fen"`
}

// CarrierRule names who takes the parcels of these promises from sites of these tiers; what is empty matches all.
type CarrierRule struct {
	Promises []Promise      `json:"promises,omitempty"`
	Tiers    []catalog.Tier `json:"tiers,omitempty"`
	Carrier  string         `json:"carrier"`
	// Cutoff is when the carrier leaves, "18:30" by the site's clock; empty for carriers that come when called.
	Cutoff string `json:"cutoff,omitempty"`
}

// DefaultSourcing are the rules of a house where nobody has set any.
func DefaultSourcing() SourcingRules {
	return SourcingRules{RuleSet: allocation.DefaultRules(), Minutes30KM: 3, NextDayKM: 600,
		Carriage: []CarriageStep{{3, 550}, {100, 650}, {600, 850}, {1500, 1200}, {10_000, 1800}},
		Carriers: []CarrierRule{{Promises: []Promise{Minutes30}, Tiers: []catalog.Tier{catalog.Front}, Carrier: "骑手"},
			{Tiers: []catalog.Tier{catalog.Front}, Carrier: "中通", Cutoff: "19:30"}, {Carrier: "顺丰", Cutoff: "18:00"}}}
}

// Validate answers a *allocation.RuleError for the first thing that is wrong.
func (r SourcingRules) Validate() error {
	if err := r.RuleSet.Validate(); err != nil {
		return err
	}
	fault := func(no int, field string, v any) error {
		return &allocation.RuleError{Rule: no, Field: field, Value: fmt.Sprint(v)}
	}
	for field, v := range map[string]float64{"minutes30_km": r.Minutes30KM, "next_day_km": r.NextDayKM} {
		if !(v >= 0 && v <= 20_000) {
			return fault(0, field, v)
		}
	}
	if r.MoveShort.Minutes < 0 || r.MoveShort.Minutes > 7*24*60 {
		return fault(0, "move_short", r.MoveShort.Minutes)
	}
	for i, a := range r.Areas {
		if a.Site == "" || !(a.KM >= 0 && a.KM <= 1000) || (a.KM == 0) == (len(a.Polygon) == 0) || len(a.Polygon) > 0 && len(a.Polygon) < 3 {
			return fault(i+1, "areas", a.Site)
		}
	}
	for i, s := range r.Carriage {
		if s.Fen < 0 || !(s.KM > 0) || i > 0 && s.KM <= r.Carriage[i-1].KM {
			return fault(i+1, "carriage", s.KM)
		}
	}
	for i, c := range r.Carriers {
		if _, _, err := c.clock(); strings.TrimSpace(c.Carrier) == "" || err != nil {
			return fault(i+1, "carriers", c.Carrier+" "+c.Cutoff)
		}
	}
	for site, n := range r.DailyOrders {
		if n < 0 {
			return fault(0, "daily_orders", site)
		}
	}
	return nil
}

func (c CarrierRule) clock() (hour, minute int, err error) {
	if c.Cutoff == "" {
		return 0, 0, nil
	}
	t, err := time.Parse("15:04", c.Cutoff)
	return t.Hour(), t.Minute(), err
}

// CarriageTo gives what a parcel costs over the distance.
func (r SourcingRules) CarriageTo(km float64) money.Fen {
	for _, s := range r.Carriage {
		if km <= s.KM {
			return s.Fen
		}
	}
	if n := len(r.Carriage); n > 0 {
		return r.Carriage[n-1].Fen
	}
	return 0
}

// Quickest gives what the site can promise a customer at that distance and place; located tells whether the place is known.
func (r SourcingRules) Quickest(site catalog.Site, km, lat, lon float64, located bool) Promise {
	if site.Tier == catalog.Front && located {
		own := false
		for _, a := range r.Areas {
			if a.Site != site.Code {
				continue
			}
			own = true
			if a.KM > 0 && km <= a.KM || inside(a.Polygon, lat, lon) {
				return Minutes30
			}
		}
		if !own && km <= r.Minutes30KM {
			return Minutes30
		}
	}
	if km <= r.NextDayKM {
		return NextDay
	}
	return NoPromise
}

// inside tells whether a place is in the polygon, by the number of edges that a ray to the east crosses.
func inside(polygon [][2]float64, lat, lon float64) bool {
	in := false
	for i, j := 0, len(polygon)-1; i < len(polygon); j, i = i, i+1 {
		a, b := polygon[i], polygon[j]
		if (a[0] > lat) != (b[0] > lat) && lon < (b[1]-a[1])*(lat-a[0])/(b[0]-a[0])+a[1] {
			in = !in
		}
	}
	return in
}

// Carrier gives who takes a parcel of the promise from a site of the tier, and when it next leaves after now in the site's zone;
// the time is zero for a carrier that comes when called.
func (r SourcingRules) Carrier(p Promise, tier catalog.Tier, now time.Time, zone *time.Location) (string, time.Time) {
	for _, c := range r.Carriers {
		if len(c.Promises) > 0 && !slices.Contains(c.Promises, p) || len(c.Tiers) > 0 && !slices.Contains(c.Tiers, tier) {
			continue
		}
		if c.Cutoff == "" {
			return c.Carrier, time.Time{}
		}
		hour, minute, _ := c.clock()
		local := now.In(zone)
		at := time.Date(local.Year(), local.Month(), local.Day(), hour, minute, 0, 0, zone)
		if at.Before(now) {
			at = at.AddDate(0, 0, 1)
		}
		return c.Carrier, at
	}
	return "", time.Time{}
}

// PromisedAt gives when the order must be with the customer: half an hour after it came in, 21:00 on the next day or on the
// day of the lot; nil where nothing was promised.
func PromisedAt(p Promise, received time.Time, lot *calendar.Day, zone *time.Location) *time.Time {
	var at time.Time
	switch {
	case p == Minutes30:
		at = received.Add(30 * time.Minute)
	case p == NextDay:
		at = calendar.Of(received, zone).AddDays(1).In(zone).Add(21 * time.Hour)
	case p == LotDay && lot != nil:
		at = lot.In(zone).Add(21 * time.Hour)
	default:
		return nil
	}
	return &at
}

// earthKM is the mean radius of the earth.
const earthKM = 6371.0088

// KM is the distance between two places along the great circle, by the haversine formula (R. W. Sinnott, 1984).
func KM(lat1, lon1, lat2, lon2 float64) float64 {
	const rad = math.Pi / 180
	dLat, dLon := (lat2-lat1)*rad/2, (lon2-lon1)*rad/2
	h := math.Sin(dLat)*math.Sin(dLat) + math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Sin(dLon)*math.Sin(dLon)
	return 2 * earthKM * math.Asin(math.Min(1, math.Sqrt(h)))
}

// Distances of an order without coordinates: to a site of its city, and to any other.
const (
	sameCityKM  = 12
	otherCityKM = 450
)

// Distance gives how far the site is from a place, by its coordinates or else by the name of its city in the area.
func Distance(site catalog.Site, lat, lon *float64, area string) float64 {
	switch {
	case lat != nil && lon != nil:
		return KM(site.Lat, site.Lon, *lat, *lon)
	case site.City.ZH != "" && strings.Contains(area, site.City.ZH):
		return sameCityKM
	}
	return otherCityKM
}

// SourcingReport is why an order goes from where it goes, in the words that a screen needs.
type SourcingReport struct {
	Version int            `json:"version"`
	Parcels []ParcelReport `json:"parcels"`
	Waiting int64          `json:"waiting,omitempty"` // pieces that no site had
	WaitAt  string         `json:"wait_at,omitempty"` // site code
	Options []OptionReport `json:"options,omitempty"` // the chosen one first
	Rules   []RuleReport   `json:"rules,omitempty"`
	Exact   bool           `json:"exact"`
	// By is who chose by hand.
	By string `json:"by,omitempty"`
}

// ParcelReport is a parcel of the chosen option.
type ParcelReport struct {
	Site   string  `json:"site"`
	Pieces int64   `json:"pieces"`
	KM     float64 `json:"km"`
	OnTime bool    `json:"on_time"`
}

// OptionReport is an option that was weighed.
type OptionReport struct {
	Sites   []string  `json:"sites"`
	OnTime  int64     `json:"on_time"` // pieces
	Filled  int64     `json:"filled"`
	Parcels int       `json:"parcels"`
	CostFen money.Fen `json:"cost_fen"`
}

// RuleReport tells that a rule held for some sites.
type RuleReport struct {
	Name  catalog.Name `json:"name"`
	Sites []string     `json:"sites"`
}

// Report puts a choice into words.
func Report(version int, s allocation.Sourcing, sites []allocation.Site, rules allocation.RuleSet) SourcingReport {
	r := SourcingReport{Version: version, Exact: s.Exact, Parcels: []ParcelReport{}}
	for _, p := range s.Parcels {
		out := ParcelReport{Site: sites[p.Site].Code, KM: math.Round(sites[p.Site].KM*10) / 10, OnTime: p.OnTime}
		for _, q := range p.Portions {
			out.Pieces += int64(q.Pieces)
		}
		r.Parcels = append(r.Parcels, out)
	}
	for _, w := range s.Waiting {
		r.Waiting += int64(w.Pieces)
	}
	if r.Waiting > 0 && s.WaitAt >= 0 {
		r.WaitAt = sites[s.WaitAt].Code
	}
	for _, o := range s.Options {
		out := OptionReport{OnTime: int64(o.Score.OnTime), Filled: int64(o.Score.Filled), Parcels: o.Score.Parcels, CostFen: o.Score.Cost, Sites: []string{}}
		for _, i := range o.Sites {
			out.Sites = append(out.Sites, sites[i].Code)
		}
		r.Options = append(r.Options, out)
	}
	at := map[int]int{}
	for _, a := range s.Applied {
		i, seen := at[a.Rule]
		if !seen {
			i = len(r.Rules)
			at[a.Rule] = i
			r.Rules = append(r.Rules, RuleReport{Name: rules.Rules[a.Rule].Name})
		}
		r.Rules[i].Sites = append(r.Rules[i].Sites, sites[a.Site].Code)
	}
	return r
}
