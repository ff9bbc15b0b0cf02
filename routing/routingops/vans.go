package routingops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/routing"
	"milkrun/routing/routingdb"
)

// Transfers reads the approved transfers that a site has yet to send, and those of the ids whatever became of them; cmd joins it to
// the warehouse.
type Transfers interface {
	ToCarry(ctx context.Context, q pgdb.Querier, from catalog.SiteID, ids []int64) ([]routing.Load, error)
}

// ErrPlate refuses a number plate that another van has.
var ErrPlate = errors.New("routingops: another van has this plate")

// LeftBehind is a transfer that no van takes on a day, and why.
type LeftBehind struct {
	routing.Load
	Why string        `json:"why"` // a solver.Constraint
	Van routing.VanID `json:"van"` // that misses by least; 0: all of them
	By  int64         `json:"by"`  // grams, millilitres or seconds, as the constraint has it
}

// VanDay is a site's day of vans.
type VanDay struct {
	Site    catalog.Site
	Day     calendar.Day
	Today   calendar.Day
	Now     time.Time
	Vans    []routing.Van
	Runs    []routing.Run
	Left    []LeftBehind
	Planned time.Time // zero: not yet
	// Open are the transfers that no run of any day carries yet.
	Open  []routing.Load
	Docks map[catalog.SiteID]routing.Dock
	Sites map[catalog.SiteID]catalog.Site
	// States are those of the transfers on the runs: what is packed by now.
	States map[int64]string
}

// VanDay gives a site's day of vans.
func (o *Ops) VanDay(ctx context.Context, site catalog.SiteID, day calendar.Day) (d VanDay, err error) {
	if _, err := within(ctx, access.ViewRounds, site); err != nil {
		return d, err
	}
	d.Day, d.Now = day, o.Clock()
	d.Today = calendar.Of(d.Now, o.Zone)
	err = pgdb.InSnapshot(ctx, o.Pool, func(tx pgx.Tx) error { return o.vanDay(ctx, tx, site, &d) })
	return d, err
}

func (o *Ops) vanDay(ctx context.Context, tx pgx.Tx, site catalog.SiteID, d *VanDay) error {
	sites, err := o.Sites.Sites(ctx, tx)
	if err != nil {
		return err
	}
	d.Sites = byID(sites)
	var there bool
	if d.Site, there = d.Sites[site]; !there {
		return fmt.Errorf("site %d: %w", site, ErrUnknown)
	}
	if d.Vans, err = routingdb.Vans(ctx, tx, site); err != nil {
		return err
	}
	if d.Runs, err = routingdb.RunsOfDay(ctx, tx, site, d.Day); err != nil {
		return err
	}
	at, left, err := routingdb.VanPlan(ctx, tx, site, d.Day)
	if err != nil {
		return err
	}
	if d.Planned = at; left != nil {
		if err := json.Unmarshal(left, &d.Left); err != nil {
			return fmt.Errorf("routingops: vans of site %d: %w", site, err)
		}
	}
	busy, err := routingdb.OnRuns(ctx, tx, site, d.Day)
	if err != nil {
		return err
	}
	var ids []int64
	for _, r := range d.Runs {
		for _, s := range r.Stops {
			for _, l := range s.Loads {
				ids, busy[l.Outbound] = append(ids, l.Outbound), true
			}
		}
	}
	all, err := o.toCarry(ctx, tx, site, ids)
	if err != nil {
		return err
	}
	d.States = map[int64]string{}
	var to []catalog.SiteID
	for _, l := range all {
		to, d.States[l.Outbound] = append(to, l.To), l.State
		if !busy[l.Outbound] {
			d.Open = append(d.Open, l)
		}
	}
	d.Left = slices.DeleteFunc(d.Left, func(l LeftBehind) bool { return busy[l.Outbound] || d.States[l.Outbound] == "" })
	d.Docks, err = o.docks(ctx, tx, to)
	return err
}

func (o *Ops) toCarry(ctx context.Context, q pgdb.Querier, site catalog.SiteID, ids []int64) ([]routing.Load, error) {
	if o.Transfers == nil {
		return nil, nil
	}
	return o.Transfers.ToCarry(ctx, q, site, ids)
}

// docks gives the docks of sites, the usual one where a site has told of none.
func (o *Ops) docks(ctx context.Context, q pgdb.Querier, sites []catalog.SiteID) (map[catalog.SiteID]routing.Dock, error) {
	out, err := routingdb.Docks(ctx, q, sites)
	if err != nil {
		return nil, err
	}
	for _, s := range sites {
		if _, told := out[s]; !told {
			out[s] = routing.UsualDock(s)
		}
	}
	return out, nil
}

// SaveVan stores a van's particulars, a new van for ID 0. *routing.FormError, ErrPlate.
func (o *Ops) SaveVan(ctx context.Context, v routing.Van) (routing.VanID, error) {
	if _, err := within(ctx, access.Dispatch, v.Site); err != nil {
		return 0, err
	}
	v.Plate, v.Driver, v.Phone = strings.TrimSpace(v.Plate), strings.TrimSpace(v.Driver), strings.TrimSpace(v.Phone)
	if err := v.Check(); err != nil {
		return 0, err
	}
	var id routing.VanID
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		var was any
		if v.ID != 0 {
			old, err := routingdb.Van(ctx, tx, v.ID)
			if err != nil {
				return unknown("van", v.ID, err)
			}
			if _, err := within(ctx, access.Dispatch, old.Site); err != nil {
				return err
			}
			was = vanRecord(old)
		}
		if taken, err := routingdb.PlateTaken(ctx, tx, v.Plate, v.ID); err != nil || taken {
			return firstOf(err, ErrPlate)
		}
		var err error
		if id, err = routingdb.SaveVan(ctx, tx, v); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "van.save", Thing: about(thingVan, v.Plate), Before: was, After: vanRecord(v)})
	})
	return id, err
}

// Van gives one van.
func (o *Ops) Van(ctx context.Context, id routing.VanID) (routing.Van, error) {
	v, err := routingdb.Van(ctx, o.Pool, id)
	if err != nil {
		return v, unknown("van", id, err)
	}
	_, err = within(ctx, access.ViewRounds, v.Site)
	return v, err
}

// SetDock stores when vans are unloaded at a site. routing.ErrDock.
func (o *Ops) SetDock(ctx context.Context, d routing.Dock) error {
	if _, err := within(ctx, access.Dispatch, d.Site); err != nil {
		return err
	}
	if w, err := routing.ParseWindows(d.Text()); err != nil || len(w) != len(d.Windows) || d.Unload < 0 || d.Unload > 480 {
		return firstOf(err, routing.ErrDock)
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if _, err := o.site(ctx, tx, d.Site); err != nil {
			return err
		}
		if err := routingdb.SetDock(ctx, tx, d); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "dock.set", Thing: about(thingSite, d.Site), After: dockRecord(d)})
	})
}

// Run gives one run with its van, for its sheet.
func (o *Ops) Run(ctx context.Context, id routing.RunID) (r routing.Run, d VanDay, err error) {
	if r, err = routingdb.Run(ctx, o.Pool, id); err != nil {
		return r, d, unknown("run", id, err)
	}
	d, err = o.VanDay(ctx, r.Site, r.Day)
	return r, d, err
}

// ReleaseRun gives a run to its driver, SendRun lets it leave, UnloadedRun marks a stop, WithdrawRun takes it back.
func (o *Ops) ReleaseRun(ctx context.Context, id routing.RunID) error {
	return o.onRun(ctx, id, "run.release", func(r *routing.Run) error { return r.Release() })
}

// SendRun lets a released run leave now.
func (o *Ops) SendRun(ctx context.Context, id routing.RunID) error {
	return o.onRun(ctx, id, "run.send", func(r *routing.Run) error { return r.Depart(o.Clock()) })
}

// UnloadedRun marks a stop of a run as unloaded.
func (o *Ops) UnloadedRun(ctx context.Context, id routing.RunID, stop int) error {
	return o.onRun(ctx, id, "run.unload", func(r *routing.Run) error { return r.Unload(stop, o.Clock()) })
}

// WithdrawRun takes a run back that has not left; its transfers are planned anew.
func (o *Ops) WithdrawRun(ctx context.Context, id routing.RunID) error {
	return o.onRun(ctx, id, "run.withdraw", func(r *routing.Run) error { return r.Withdraw() })
}

func (o *Ops) onRun(ctx context.Context, id routing.RunID, verb string, rule func(*routing.Run) error) error {
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		r, err := routingdb.LockRun(ctx, tx, id)
		if err != nil {
			return unknown("run", id, err)
		}
		if _, err := within(ctx, access.Dispatch, r.Site); err != nil {
			return err
		}
		was := r.State
		if err := rule(&r); err != nil {
			return err
		}
		if err := routingdb.SaveRun(ctx, tx, r); err != nil {
			return err
		}
		err = audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: verb, Thing: about(thingVanRun, r.Number), Before: map[string]any{"state": was}, After: map[string]any{"state": r.State}})
		if err != nil {
			return err
		}
		return o.tell(ctx, tx, r.Site)
	})
}

// Dock gives when vans are unloaded at a site.
func (o *Ops) Dock(ctx context.Context, site catalog.SiteID) (routing.Dock, error) {
	if _, err := access.Require(ctx, access.ViewRounds); err != nil {
		return routing.Dock{}, err
	}
	all, err := o.docks(ctx, o.Pool, []catalog.SiteID{site})
	return all[site], err
}
