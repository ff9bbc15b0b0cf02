// Package routingops holds the use cases of the last mile: parcels come into a pool, rounds are planned and offered to
// riders, riders bring the parcels to the doors.
package routingops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/routing"
	"milkrun/routing/dispatch"
	"milkrun/routing/routingdb"
	"milkrun/routing/solver"
)

// ErrNoRider is the answer to a user who is no rider.
var ErrNoRider = errors.New("routingops: this account is no rider's")

// ErrUnknown is the answer to a parcel, round or rider that does not exist.
var ErrUnknown = errors.New("routingops: unknown")

// Sites reads the sites of the house; catalogdb satisfies it.
type Sites interface {
	Sites(ctx context.Context, q pgdb.Querier) ([]catalog.Site, error)
}

// PackedParcel is a closed parcel of a shipment, as the warehouse has it.
type PackedParcel struct {
	Number, Order             string
	Site                      catalog.SiteID
	Shipment                  int64
	Door                      routing.Place
	Address, Consignee, Phone string // masked
	Station                   catalog.SiteID
	Packed, Due               time.Time
	Grams, Millilitre         int64
	Cold                      bool
}

// Shipments reads what was packed; cmd joins it to the warehouse.
type Shipments interface {
	Packed(ctx context.Context, q pgdb.Querier, shipments []int64) ([]PackedParcel, error)
	// Cancelled gives those of the orders' shipments that must not leave any more.
	Cancelled(ctx context.Context, q pgdb.Querier, outbounds []int64) ([]int64, error)
	// Consignees gives whole addresses; a shipment whose data were erased is not among them.
	Consignees(ctx context.Context, q pgdb.Querier, shipments []int64) (map[int64]Consignee, error)
}

// Consignee is a whole address, for the rider who brings the parcel.
type Consignee struct{ Name, Phone, Address string }

// Deps is what the use cases of the last mile stand on. Shipments may be nil: parcels then come by API alone.
type Deps struct {
	Pool      *pgxpool.Pool
	Bus       *events.Bus
	Clock     func() time.Time
	Log       *slog.Logger
	Zone      *time.Location
	Sites     Sites
	Shipments Shipments
	// Transfers may be nil: vans then have nothing to carry.
	Transfers Transfers
	// Roads, if any, is a road network's server.
	Roads Roads
}

// Ops holds the use cases of the last mile.
type Ops struct{ Deps }

// New gives the use cases.
func New(d Deps) *Ops { return &Ops{d} }

// Rules are how a warehouse plans and offers its rounds: data that a dispatcher reads and changes.
type Rules struct {
	dispatch.Rules
	Detour float64 `json:"detour"` // way by the straight line
	Kmh    float64 `json:"kmh"`
	Lost   int64   `json:"lost"` // seconds lost at each start
	Load   int64   `json:"load"` // seconds to load a round
	// OfferSeconds is how long a rider has to answer, StationHours how long a station keeps a parcel.
	OfferSeconds int64 `json:"offer_seconds"`
	StationHours int64 `json:"station_hours"`
	// CO2PerKm in grams. The default is an electric bicycle's: 1.2 kWh for 100 km at 0.57 kg for a kWh of China's grid
	// (factor of the Ministry of Ecology and Environment for 2022: 0.5703).
	CO2PerKm int64 `json:"co2_per_km"`
	// Hourly are the speeds of the day's 24 hours in percent of the free road's; none: 100 all day.
	Hourly []int `json:"hourly,omitempty"`
}

// DefaultRules are those of a site that has none of its own.
var DefaultRules = Rules{Rules: dispatch.DefaultRules, Detour: 1.3, Kmh: 20, Lost: 30, Load: 60, OfferSeconds: 60, StationHours: 72, CO2PerKm: 7}

// Check tells what is wrong with the rules.
func (r Rules) Check() error {
	if len(r.Hourly) != 0 && len(r.Hourly) != 24 || slices.ContainsFunc(r.Hourly, func(p int) bool { return p < 10 || p > 300 }) {
		return ErrRules
	}
	switch {
	case r.Detour < 1 || r.Detour > 5, r.Kmh < 3 || r.Kmh > 90, r.Lost < 0 || r.Lost > 600, r.Load < 0 || r.Load > 3600, r.Margin < 0 || r.Margin > 3600,
		r.OfferSeconds < 10 || r.OfferSeconds > 3600, r.StationHours < 1 || r.StationHours > 24*30, r.Crowded < 0 || r.Crowded > 1000, r.LatePerHour < 0,
		r.Full < 0 || r.Full > 1000, r.Half < 0 || r.Half > 1000, r.Prize < 0 || r.Prize > 2000, r.Patience < 0 || r.Patience > 3600, r.Ahead < 0 || r.Ahead > 3600,
		r.Worth < 0 || r.Worth > 100_000, r.Again < 0 || r.Again > 4*3600,
		r.CO2PerKm < 0, r.Budget < 10*time.Millisecond || r.Budget > 10*time.Second:
		return ErrRules
	}
	return nil
}

// ErrRules is the refusal of rules out of their bounds.
var ErrRules = errors.New("routingops: a rule is out of its bounds")

func (o *Ops) rules(ctx context.Context, q pgdb.Querier, site catalog.SiteID) (Rules, error) {
	rules := DefaultRules
	stored, err := routingdb.SiteRules(ctx, q, site)
	if err != nil || stored == nil {
		return rules, err
	}
	if err := json.Unmarshal(stored, &rules); err != nil {
		return rules, fmt.Errorf("routingops: rules of site %d: %w", site, err)
	}
	return rules, nil
}

func (o *Ops) site(ctx context.Context, q pgdb.Querier, id catalog.SiteID) (catalog.Site, error) {
	all, err := o.Sites.Sites(ctx, q)
	if err != nil {
		return catalog.Site{}, err
	}
	for _, s := range all {
		if s.ID == id {
			return s, nil
		}
	}
	return catalog.Site{}, fmt.Errorf("site %d: %w", id, ErrUnknown)
}

func (r Rules) at(s catalog.Site) dispatch.Site {
	return dispatch.Site{Door: solver.Point{Lat: s.Lat, Lon: s.Lon}, Detour: r.Detour, Kmh: r.Kmh, Lost: r.Lost, Load: r.Load}
}

func (o *Ops) tell(ctx context.Context, tx pgx.Tx, site catalog.SiteID) error {
	return events.Tell(ctx, tx, fmt.Sprintf("rounds/%d", site), "")
}

func unknown(what string, id any, err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%s %v: %w", what, id, ErrUnknown)
	}
	return err
}

// within asks for the permission and for the site to be the user's.
func within(ctx context.Context, p access.Permission, site catalog.SiteID) (access.User, error) {
	u, err := access.Require(ctx, p)
	if err == nil && site != 0 && !u.MayTouchSite(site) {
		err = fmt.Errorf("site %d: %w", site, access.ErrForbidden)
	}
	return u, err
}

// midnight is when the house's day began.
func (o *Ops) midnight() time.Time { return calendar.Of(o.Clock(), o.Zone).In(o.Zone) }
