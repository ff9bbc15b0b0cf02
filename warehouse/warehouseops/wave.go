package warehouseops

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// WaveRule gives the rule by which a site's waves are built.
func (o *Ops) WaveRule(ctx context.Context, site catalog.SiteID) (warehouse.WaveRule, error) {
	if _, err := onFloor(ctx, site); err != nil {
		return warehouse.WaveRule{}, err
	}
	return warehousedb.WaveRule(ctx, o.Pool, site)
}

// SetWaveRule changes the rule by which a site's waves are built. Waves that stand are not touched.
func (o *Ops) SetWaveRule(ctx context.Context, r warehouse.WaveRule) error {
	u, err := leads(ctx, r.Site)
	if err != nil {
		return err
	}
	if err := r.Check(); err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := warehousedb.LockWaves(ctx, tx, r.Site); err != nil {
			return err
		}
		before, err := warehousedb.WaveRule(ctx, tx, r.Site)
		if err != nil {
			return err
		}
		r.UpdatedAt, r.UpdatedBy = o.Clock(), u.Name
		if err := warehousedb.SaveWaveRule(ctx, tx, r); err != nil {
			return fmt.Errorf("warehouseops: wave rule: %w", err)
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "wave.rule", Thing: audit.Thing{Kind: "site", ID: fmt.Sprint(r.Site)}, Before: before, After: r})
	})
}

// ProposeWaves puts the shipments of a site that are ready into waves and answers their ids.
func (o *Ops) ProposeWaves(ctx context.Context, site catalog.SiteID) (ids []int64, err error) {
	u, err := leads(ctx, site)
	if err != nil {
		return nil, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		ids, err = o.proposeWaves(ctx, tx, site, u.Name)
		return err
	})
	return ids, err
}

func (o *Ops) proposeWaves(ctx context.Context, tx pgx.Tx, site catalog.SiteID, by string) ([]int64, error) {
	if err := warehousedb.LockWaves(ctx, tx, site); err != nil {
		return nil, err
	}
	rule, err := warehousedb.WaveRule(ctx, tx, site)
	if err != nil {
		return nil, err
	}
	all, err := warehousedb.WaveCandidates(ctx, tx, site)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return warehousedb.SaveWaves(ctx, tx, site, warehouse.PlanWaves(rule, all), o.Clock(), by)
}

// Rehearsal is what a wave rule would make of a day's shipments.
type Rehearsal struct {
	Waves, Shipments, Carts int
	// Stops at bins and metres walked by the paths, in all.
	Stops, Metres int
	// Late waves are those that would be complete after the carrier's time at the pick rate of the last weeks.
	Largest int
}

// RehearseWaves builds waves of the shipments that became ready on a day by another rule and by the one in force, without
// changing anything.
func (o *Ops) RehearseWaves(ctx context.Context, rule warehouse.WaveRule, from, to time.Time) (now, then Rehearsal, err error) {
	if _, err := leads(ctx, rule.Site); err != nil {
		return now, then, err
	}
	if err := rule.Check(); err != nil {
		return now, then, err
	}
	inForce, err := warehousedb.WaveRule(ctx, o.Pool, rule.Site)
	if err != nil {
		return now, then, err
	}
	all, picks, err := warehousedb.PastCandidates(ctx, o.Pool, rule.Site, from, to)
	if err != nil {
		return now, then, err
	}
	return rehearse(inForce, all, picks), rehearse(rule, all, picks), nil
}

func rehearse(rule warehouse.WaveRule, all []warehouse.WaveCandidate, picks map[int64][]warehousedb.ToPick) Rehearsal {
	var r Rehearsal
	for _, p := range warehouse.PlanWaves(rule, all) {
		r.Waves++
		r.Shipments += len(p.Shipments)
		r.Largest = max(r.Largest, len(p.Shipments))
		var content []warehousedb.ToPick
		for _, id := range p.Shipments {
			content = append(content, picks[id]...)
		}
		for _, t := range carts(rule, p.Single, content) {
			r.Carts++
			r.Stops += len(t.Stops)
			r.Metres += t.Metres
		}
	}
	return r
}

// ReleaseWave makes the picking tasks of a proposed wave and gives it to the floor.
func (o *Ops) ReleaseWave(ctx context.Context, id int64) error {
	w, err := warehousedb.Wave(ctx, o.Pool, id)
	if err != nil {
		return err
	}
	u, err := leads(ctx, w.Site)
	if err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := o.releaseWave(ctx, tx, w, u.Name); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "wave.release", Thing: audit.Thing{Kind: "wave", ID: fmt.Sprint(id)}})
	})
}

func (o *Ops) releaseWave(ctx context.Context, tx pgx.Tx, w warehouse.Wave, by string) error {
	state, err := warehousedb.LockWave(ctx, tx, w.ID)
	if err != nil {
		return err
	}
	if state != warehouse.WaveProposed {
		return warehouse.ErrWaveState
	}
	if err := warehousedb.LockWaveOutbounds(ctx, tx, w.ID); err != nil {
		return err
	}
	rule, err := warehousedb.WaveRule(ctx, tx, w.Site)
	if err != nil {
		return err
	}
	content, err := warehousedb.ToPickOf(ctx, tx, w.ID)
	if err != nil {
		return err
	}
	if len(content) == 0 {
		return warehouse.ErrWaveEmpty
	}
	for i, t := range carts(rule, w.Single, content) {
		if err := warehousedb.SaveTask(ctx, tx, w.Site, w.ID, i+1, t); err != nil {
			return err
		}
	}
	return warehousedb.ReleaseWave(ctx, tx, w.ID, o.Clock(), by)
}

// CancelWave dissolves a proposed wave: its shipments wait for another.
func (o *Ops) CancelWave(ctx context.Context, id int64) error {
	w, err := warehousedb.Wave(ctx, o.Pool, id)
	if err != nil {
		return err
	}
	if _, err := leads(ctx, w.Site); err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		state, err := warehousedb.LockWave(ctx, tx, id)
		if err != nil {
			return err
		}
		if state != warehouse.WaveProposed {
			return warehouse.ErrWaveState
		}
		if err := warehousedb.CancelWave(ctx, tx, id); err != nil {
			return fmt.Errorf("warehouseops: cancel a wave: %w", err)
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "wave.cancel", Thing: audit.Thing{Kind: "wave", ID: fmt.Sprint(id)}})
	})
}

// Waves gives the waves of the sites that the user may see; old ones too where all is set.
func (o *Ops) Waves(ctx context.Context, sites []catalog.SiteID, all bool, limit int) ([]warehouse.Wave, error) {
	u, err := access.Require(ctx, access.ViewStock)
	if err != nil {
		return nil, err
	}
	seen := sites[:0:0]
	for _, s := range sites {
		if u.MayTouchSite(s) {
			seen = append(seen, s)
		}
	}
	return warehousedb.Waves(ctx, o.Pool, seen, all, limit)
}

// Wave gives one wave with its picking tasks and shipments.
func (o *Ops) Wave(ctx context.Context, id int64) (warehouse.Wave, []warehouse.WaveTask, []warehouse.WaveShipment, error) {
	if _, err := access.Require(ctx, access.ViewStock); err != nil {
		return warehouse.Wave{}, nil, nil, err
	}
	w, err := warehousedb.Wave(ctx, o.Pool, id)
	if err != nil {
		return w, nil, nil, err
	}
	if err := o.maySee(ctx, w.Site); err != nil {
		return w, nil, nil, err
	}
	tasks, err := warehousedb.WaveTasks(ctx, o.Pool, id)
	if err != nil {
		return w, nil, nil, err
	}
	shipments, err := warehousedb.WaveShipments(ctx, o.Pool, id)
	return w, tasks, shipments, err
}

// AdvanceWaves puts what is ready into waves and releases those whose rule says so, at every site. It is what the periodic job does.
func (o *Ops) AdvanceWaves(ctx context.Context) error {
	if _, err := access.Require(ctx, access.LeadFloor); err != nil {
		return err
	}
	sites, err := warehousedb.SitesToWave(ctx, o.Pool)
	if err != nil {
		return err
	}
	for _, site := range sites {
		if err := o.advanceSite(ctx, site); err != nil {
			return fmt.Errorf("warehouseops: waves of site %d: %w", site, err)
		}
	}
	return nil
}

func (o *Ops) advanceSite(ctx context.Context, site catalog.SiteID) error {
	if err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { _, err := o.proposeWaves(ctx, tx, site, "Milkrun"); return err }); err != nil {
		return err
	}
	rule, err := warehousedb.WaveRule(ctx, o.Pool, site)
	if err != nil {
		return err
	}
	waves, err := warehousedb.Waves(ctx, o.Pool, []catalog.SiteID{site}, false, 500)
	if err != nil {
		return err
	}
	for _, w := range waves {
		if w.State != warehouse.WaveProposed || !rule.Due(w.Cutoff, w.Urgent, o.Clock()) {
			continue
		}
		err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return o.releaseWave(ctx, tx, w, "Milkrun") })
		if err != nil && err != warehouse.ErrWaveState && err != warehouse.ErrWaveEmpty { //nolint:errorlint // bare refusals of our own
			return err
		}
	}
	return nil
}
