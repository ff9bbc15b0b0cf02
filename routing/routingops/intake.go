package routingops

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/routing"
	"milkrun/routing/routingdb"
	"milkrun/routing/solver"
)

// doorSeconds is the time at a door that nobody has said otherwise about.
const doorSeconds = 120 * time.Second

// longestCold is how long cold goods may be out of the cold room in a box with ice packs.
const longestCold = 45 * time.Minute

// ParcelProblem says what is wrong with one of the parcels that came by API.
type ParcelProblem struct {
	Row                 int // from 1
	Number, Field, Code string
}

// ParcelsError refuses parcels: nothing was stored.
type ParcelsError struct{ Problems []ParcelProblem }

func (e *ParcelsError) Error() string {
	p := e.Problems[0]
	return fmt.Sprintf("routingops: %d faults; parcel %d (%s): %s: %s", len(e.Problems), p.Row, p.Number, p.Field, p.Code)
}

// AddParcels takes parcels from another system into the pools of their sites and gives the numbers of those that are new: a
// number that is there already is left as it is. Faulty parcels refuse all of them with *ParcelsError.
func (o *Ops) AddParcels(ctx context.Context, list []routing.Parcel) ([]string, error) {
	u, err := access.Require(ctx, access.PushData)
	if err != nil {
		return nil, err
	}
	sites, err := o.Sites.Sites(ctx, o.Pool)
	if err != nil {
		return nil, err
	}
	known := byID(sites)
	var faults []ParcelProblem
	fresh := make([]routing.Parcel, 0, len(list))
	for i, p := range list {
		bad := func(field, code string) { faults = append(faults, ParcelProblem{i + 1, p.Number, field, code}) }
		if p.Number = strings.TrimSpace(p.Number); p.Number == "" || len(p.Number) > 40 {
			bad("number", "missing")
		}
		if s, ok := known[p.Site]; !ok || !u.MayTouchSite(p.Site) {
			bad("site", "unknown")
		} else if d := distance(p.Door, routing.Place{Lat: s.Lat, Lon: s.Lon}); d > farthestMetres {
			bad("place", "too_far")
		}
		if s, ok := known[p.Station]; p.Station != 0 && (!ok || s.Tier != catalog.Station || p.Pickup) {
			bad("station", "unknown")
		}
		if p.Due.IsZero() || p.Due.Before(p.Ready) {
			bad("due", "before_ready")
		}
		if p.Grams < 0 || p.Millilitre < 0 || p.Service < 0 || p.MaxRide < 0 {
			bad("grams", "negative")
		}
		fresh = append(fresh, completed(p, known))
	}
	if len(faults) > 0 {
		return nil, &ParcelsError{faults}
	}
	return o.add(ctx, fresh)
}

func byID(sites []catalog.Site) map[catalog.SiteID]catalog.Site {
	out := make(map[catalog.SiteID]catalog.Site, len(sites))
	for _, s := range sites {
		out[s.ID] = s
	}
	return out
}

func distance(a, b routing.Place) float64 { return solver.Metres(solver.Point(a), solver.Point(b)) }

// farthestMetres is beyond any rider's day: a place farther away is a fault in the data.
const farthestMetres = 60_000

// completed fills in what a parcel that comes in leaves open.
func completed(p routing.Parcel, sites map[catalog.SiteID]catalog.Site) routing.Parcel {
	if s, ok := sites[p.Station]; ok {
		p.Door = routing.Place{Lat: s.Lat, Lon: s.Lon}
	}
	if p.Service == 0 {
		p.Service = doorSeconds
	}
	if p.Cold && p.MaxRide == 0 {
		p.MaxRide = longestCold
	}
	if p.Proof == "" {
		p.Proof = routing.CodeProof
		if p.Pickup {
			p.Proof = routing.NoProof // nothing is handed over
		}
	}
	if p.Code == "" {
		p.Code = digits(4)
	}
	p.Tracking = secret()
	return p
}

func (o *Ops) add(ctx context.Context, fresh []routing.Parcel) (added []string, err error) {
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if added, err = routingdb.InsertParcels(ctx, tx, fresh, o.Clock()); err != nil || len(added) == 0 {
			return err
		}
		seen := map[catalog.SiteID]bool{}
		for _, p := range fresh {
			if !seen[p.Site] {
				seen[p.Site] = true
				if err := o.tell(ctx, tx, p.Site); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return added, err
}

// take brings what the warehouse has packed into the pools.
func (o *Ops) take(ctx context.Context, shipments []int64) error {
	if o.Shipments == nil {
		return nil
	}
	packed, err := o.Shipments.Packed(ctx, o.Pool, shipments)
	if err != nil || len(packed) == 0 {
		return err
	}
	sites, err := o.Sites.Sites(ctx, o.Pool)
	if err != nil {
		return err
	}
	known := byID(sites)
	fresh := make([]routing.Parcel, len(packed))
	for i, p := range packed {
		due := p.Due
		if due.Before(p.Packed) {
			due = p.Packed
		}
		fresh[i] = completed(routing.Parcel{Number: p.Number, Order: p.Order, Site: p.Site, Shipment: p.Shipment, Door: p.Door,
			Address: p.Address, Consignee: p.Consignee, Phone: p.Phone, Station: p.Station, Ready: p.Packed, Due: due, Grams: p.Grams, Millilitre: p.Millilitre, Cold: p.Cold}, known)
	}
	_, err = o.add(ctx, fresh)
	return err
}

// digits draws a code of so many digits.
func digits(n int) string {
	var b strings.Builder
	for range n {
		d, err := rand.Int(rand.Reader, big.NewInt(10))
		if err != nil {
			panic(err) // the system's source of randomness never fails
		}
		b.WriteString(d.String())
	}
	return b.String()
}

// secret draws what nobody guesses: 100 bits.
func secret() string {
	b := make([]byte, 13)
	_, _ = rand.Read(b)
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))[:20]
}
