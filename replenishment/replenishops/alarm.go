package replenishops

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishdb"
)

// The shapes in which alarms are read.
type (
	AlarmLine   = replenishdb.AlarmLine
	AlarmFilter = replenishdb.AlarmFilter
	AlarmCount  = replenishdb.AlarmCount
)

// ErrNoAlarm is the answer to the id of an alarm that does not exist.
var ErrNoAlarm = replenishdb.ErrNoAlarm

// WatchArgs asks to look after suppliers, lanes and sites.
type WatchArgs struct{}

// Kind names the job.
func (WatchArgs) Kind() string { return "replenish.watch" }

// recordDays is how far back inspections and moves are looked at.
const recordDays = 60

// skuWatches are the kinds that follow from the plan of a SKU; houseWatches the others.
var (
	skuWatches   = []replenishment.Watch{replenishment.WatchSpike, replenishment.WatchLate, replenishment.WatchExpiring, replenishment.WatchOneSource}
	houseWatches = []replenishment.Watch{replenishment.WatchFailing, replenishment.WatchLane, replenishment.WatchFull}
)

// watchPlans raises and closes the alarms of SKUs that were just planned.
func (o *Ops) watchPlans(ctx context.Context, tx pgx.Tx, skus []catalog.SKUID, found []replenishment.Alarm) error {
	rules, err := replenishdb.AlarmRules(ctx, tx)
	if err != nil {
		return err
	}
	return o.raise(ctx, tx, skus, skuWatches, found, rules)
}

func (o *Ops) raise(ctx context.Context, tx pgx.Tx, skus []catalog.SKUID, kinds []replenishment.Watch, found []replenishment.Alarm, rules []replenishment.AlarmRule) error {
	fresh, err := replenishdb.RaiseAlarms(ctx, tx, skus, kinds, found, rules, o.Clock())
	if err != nil || fresh == 0 {
		return err
	}
	return events.Tell(ctx, tx, "alarms", "")
}

// watchHouse looks after suppliers, lanes and sites. Without records nothing is watched.
func (o *Ops) watchHouse(ctx context.Context) error {
	if o.Records == nil {
		return nil
	}
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		h, err := o.Records.Since(ctx, tx, o.Clock().AddDate(0, 0, -recordDays))
		if err != nil {
			return err
		}
		network, err := o.Catalog.Network(ctx, tx)
		if err != nil {
			return err
		}
		for i := range h.Lanes {
			r := &h.Lanes[i]
			k := slices.IndexFunc(network.Lanes, func(l catalog.Lane) bool { return l.From == r.From && l.To == r.To })
			if k < 0 {
				r.Moves = 0 // nobody plans with this lane
				continue
			}
			r.Lane = network.Lanes[k]
		}
		rules, err := replenishdb.AlarmRules(ctx, tx)
		if err != nil {
			return err
		}
		return o.raise(ctx, tx, []catalog.SKUID{0}, houseWatches, replenishment.WatchHouse(h, rules), rules)
	})
	if err != nil {
		return fmt.Errorf("replenishops: watch the house: %w", err)
	}
	return nil
}

// Alarms lists the alarms that the user may see: 200 where no limit is set.
func (o *Ops) Alarms(ctx context.Context, f AlarmFilter) ([]AlarmLine, error) {
	u, err := access.Require(ctx, access.ViewSuggestions)
	if err != nil {
		return nil, err
	}
	if f.Sites = u.Sites; f.Limit <= 0 {
		f.Limit = 200
	}
	if f.Mine {
		f.Owner = int64(u.ID)
	}
	return replenishdb.Alarms(ctx, o.Pool, f)
}

// AlarmCounts counts the alarms that wait, by kind.
func (o *Ops) AlarmCounts(ctx context.Context) ([]AlarmCount, error) {
	u, err := access.Require(ctx, access.ViewSuggestions)
	if err != nil {
		return nil, err
	}
	return replenishdb.AlarmCounts(ctx, o.Pool, u.Sites, o.Clock())
}

// Acknowledge makes the user the owner of an alarm. replenishment.ErrAlarmClosed, ErrNoAlarm.
func (o *Ops) Acknowledge(ctx context.Context, id int64) (replenishment.Alarm, error) {
	return o.onAlarm(ctx, "alarm.acknowledge", id, func(a *replenishment.Alarm, u access.User, at time.Time) error {
		return a.Acknowledge(int64(u.ID), at)
	})
}

// CloseAlarm ends an alarm with a word on what was done. replenishment.ErrAlarmClosed, ErrReasonNeeded, ErrNoAlarm.
func (o *Ops) CloseAlarm(ctx context.Context, id int64, note string) (replenishment.Alarm, error) {
	return o.onAlarm(ctx, "alarm.close", id, func(a *replenishment.Alarm, u access.User, at time.Time) error {
		return a.Close(note, int64(u.ID), at)
	})
}

// onAlarm locks an alarm, applies the rule, and saves it with its audit row.
func (o *Ops) onAlarm(ctx context.Context, verb string, id int64, rule func(*replenishment.Alarm, access.User, time.Time) error) (a replenishment.Alarm, err error) {
	u, err := access.Require(ctx, access.DecideSuggestions)
	if err != nil {
		return a, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		now := o.Clock().Truncate(time.Microsecond)
		if a, err = replenishdb.LockAlarm(ctx, tx, id); err != nil {
			return err
		}
		if a.Site != 0 && !u.MayTouchSite(a.Site) {
			return access.ErrForbidden
		}
		before := map[string]any{"state": a.State, "owner": a.Owner, "note": a.Note}
		if err := rule(&a, u, now); err != nil {
			return err
		}
		if err := replenishdb.SaveAlarm(ctx, tx, a); err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, now, audit.Change{Verb: verb, Thing: audit.Thing{Kind: "alarm", ID: strconv.FormatInt(id, 10)}, Before: before,
			After: map[string]any{"state": a.State, "owner": a.Owner, "note": a.Note}}); err != nil {
			return err
		}
		return events.Tell(ctx, tx, "alarms", "")
	})
	if err != nil {
		return a, fmt.Errorf("replenishops: %s %d: %w", verb, id, err)
	}
	return a, nil
}

// AlarmRules gives the rules in force.
func (o *Ops) AlarmRules(ctx context.Context) ([]replenishment.AlarmRule, error) {
	if _, err := access.Require(ctx, access.ViewSuggestions); err != nil {
		return nil, err
	}
	return replenishdb.AlarmRules(ctx, o.Pool)
}

// SetAlarmRules stores rules. They hold from the next plan of each SKU on. replenishment.ErrAlarmRule.
func (o *Ops) SetAlarmRules(ctx context.Context, rules []replenishment.AlarmRule) error {
	if _, err := access.Require(ctx, access.SetPolicy); err != nil {
		return err
	}
	for _, r := range rules {
		if err := r.Check(); err != nil {
			return err
		}
	}
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		before, err := replenishdb.AlarmRules(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range rules {
			if err := replenishdb.SaveAlarmRule(ctx, tx, r); err != nil {
				return err
			}
		}
		if err := o.Bus.Enqueue(ctx, tx, events.Job(WatchArgs{})); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "alarm.rules", Thing: audit.Thing{Kind: "policy", ID: "alarms"}, Before: before, After: rules})
	})
	if err != nil {
		return fmt.Errorf("replenishops: alarm rules: %w", err)
	}
	return nil
}
