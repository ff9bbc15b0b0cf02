package warehouseops

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
	"milkrun/warehouse/picking"
	"milkrun/warehouse/warehousedb"
)

// CountRule gives how the bins of a site are counted.
func (o *Ops) CountRule(ctx context.Context, site catalog.SiteID) (warehouse.CountRule, error) {
	if err := o.maySee(ctx, site); err != nil {
		return warehouse.CountRule{}, err
	}
	return warehousedb.CountRule(ctx, o.Pool, site)
}

// SetCountRule changes how the bins of a site are counted; site 0 is the house's own rule. warehouse.ErrCountRule.
func (o *Ops) SetCountRule(ctx context.Context, r warehouse.CountRule) error {
	u, err := access.Require(ctx, access.LeadFloor)
	if err != nil {
		return err
	}
	if r.Site != 0 {
		if err := within(u, r.Site); err != nil {
			return err
		}
	}
	for _, days := range []int{r.EveryA, r.EveryB, r.EveryC} {
		if days < 1 || days > 730 {
			return warehouse.ErrCountRule
		}
	}
	if r.PerDay < 0 || r.PerDay > 5000 || r.TolerancePieces < 0 || r.ToleranceBP < 0 || r.ToleranceBP > 1000 || r.LeadFen < 0 {
		return warehouse.ErrCountRule
	}
	r.UpdatedAt, r.UpdatedBy = o.Clock(), u.Name
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := warehousedb.SaveCountRule(ctx, tx, r); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "count.rule", Thing: audit.Thing{Kind: "site", ID: fmt.Sprint(r.Site)}, After: r})
	})
}

// PlanCounts puts the bins of a site whose turn it is onto today's list: those in doubt at once, the others up to the rule's number
// a day. It gives how many are new.
func (o *Ops) PlanCounts(ctx context.Context, site catalog.SiteID) (made int, err error) {
	u, err := access.Require(ctx, access.LeadFloor)
	if err != nil {
		return 0, err
	}
	if err := within(u, site); err != nil {
		return 0, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		made = 0
		if err := warehousedb.LockSite(ctx, tx, site); err != nil {
			return err
		}
		rule, err := warehousedb.CountRule(ctx, tx, site)
		if err != nil {
			return err
		}
		zone, err := warehousedb.SiteZone(ctx, tx, site)
		if err != nil {
			return err
		}
		today := calendar.Of(o.Clock(), zone)
		planned, err := warehousedb.PlannedCounts(ctx, tx, site, today)
		if err != nil {
			return err
		}
		found, err := warehousedb.Countable(ctx, tx, site)
		if err != nil {
			return err
		}
		bins := make([]picking.Countable, len(found))
		doubts := 0
		for i, b := range found {
			bins[i] = picking.Countable{Bin: b.Code, Class: picking.Class(b.Class), Doubt: b.Doubt}
			if b.Counted != nil {
				d := calendar.Of(*b.Counted, zone)
				bins[i].Counted = &d
			}
			if b.Doubt {
				doubts++
			}
		}
		due := picking.CountPlan(bins, picking.CountEvery{A: rule.EveryA, B: rule.EveryB, C: rule.EveryC}, today, doubts+max(0, rule.PerDay-planned))
		for _, d := range due {
			t := warehouse.CountTask{Site: site, Bin: bins[d.Index].Bin, Reason: string(d.Reason), Day: today, At: o.Clock(), By: u.Name}
			id, err := warehousedb.InsertCount(ctx, tx, t)
			if err != nil {
				return err
			}
			if id != 0 {
				made++
			}
		}
		if made == 0 {
			return nil
		}
		return events.Tell(ctx, tx, "floor", fmt.Sprint(site))
	})
	return made, err
}

// AskCount puts a bin onto the list of those to be counted, by a lead's word or a worker's doubt. It gives the count's id, 0 when the
// bin stands on the list already. *warehouse.UnknownBinError.
func (o *Ops) AskCount(ctx context.Context, site catalog.SiteID, bin, note string) (id int64, err error) {
	u, err := access.Require(ctx, access.WorkFloor)
	if err != nil {
		return 0, err
	}
	if err := within(u, site); err != nil {
		return 0, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		b, err := warehousedb.Bin(ctx, tx, site, warehouse.CleanBinCode(bin))
		if err != nil {
			return err
		}
		today, err := o.siteToday(ctx, tx, site)
		if err != nil {
			return err
		}
		t := warehouse.CountTask{Site: site, Bin: b.Code, Reason: "asked", Day: today, At: o.Clock(), By: u.Name, Note: strings.TrimSpace(note)}
		if id, err = warehousedb.InsertCount(ctx, tx, t); err != nil || id == 0 {
			return err
		}
		err = audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "count.ask", Thing: audit.Thing{Kind: "count", ID: fmt.Sprint(id)}, After: map[string]any{"bin": b.Code, "note": note}})
		if err != nil {
			return err
		}
		return events.Tell(ctx, tx, "floor", fmt.Sprint(site))
	})
	return id, err
}

// Counts lists counts of a site: those to be done and those that wait for a lead, or those of the states asked for.
func (o *Ops) Counts(ctx context.Context, site catalog.SiteID, states []warehouse.CountState, limit int) ([]warehouse.CountTask, error) {
	if err := o.maySee(ctx, site); err != nil {
		return nil, err
	}
	if len(states) == 0 {
		states = []warehouse.CountState{warehouse.CountOpen, warehouse.CountRecount, warehouse.CountReview}
	}
	if limit <= 0 {
		limit = 200
	}
	return warehousedb.Counts(ctx, o.Pool, site, states, o.Clock(), min(limit, 1000))
}

// TakeCount puts a count into the worker's hand for half an hour and says what the book has there, without numbers.
// warehouse.ErrNoCount, warehouse.ErrTaskTaken, warehouse.ErrSamePerson for a recount of one's own.
func (o *Ops) TakeCount(ctx context.Context, id int64) (*warehouse.CountTask, error) {
	u, err := access.Require(ctx, access.WorkFloor)
	if err != nil {
		return nil, err
	}
	var t *warehouse.CountTask
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if t, err = o.lockCount(ctx, tx, u, id); err != nil {
			return err
		}
		if err := warehousedb.TakeCount(ctx, tx, id, account(u), o.Clock().Add(inHand)); err != nil {
			return err
		}
		booked, err := warehousedb.BookedIn(ctx, tx, t.Site, t.Bin)
		if err != nil {
			return err
		}
		var skus []catalog.SKUID
		for _, b := range booked {
			skus = append(skus, b.SKU)
		}
		wares, err := warehousedb.Wares(ctx, tx, skus...)
		for _, b := range booked {
			t.Known = append(t.Known, warehouse.CountGoods{Ware: wares[b.SKU], Lot: b.Lot, Owner: b.Owner})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	t.Difference, t.Value = 0, 0 // blind
	return t, nil
}

// lockCount locks a count that the user may do.
func (o *Ops) lockCount(ctx context.Context, tx pgx.Tx, u access.User, id int64) (*warehouse.CountTask, error) {
	t, err := warehousedb.LockCount(ctx, tx, id, o.Clock())
	if err != nil {
		return nil, err
	}
	if err := within(u, t.Site); err != nil {
		return nil, err
	}
	if t.State != warehouse.CountOpen && t.State != warehouse.CountRecount {
		return nil, warehouse.ErrNoCount
	}
	if t.TakenBy != 0 && t.TakenBy != int64(u.ID) {
		return nil, warehouse.ErrTaskTaken
	}
	if t.State == warehouse.CountOpen {
		return t, nil
	}
	before, err := warehousedb.CountEntries(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(before, func(e warehouse.CountEntry) bool { return e.Account == int64(u.ID) && u.ID != 0 }) {
		return nil, warehouse.ErrSamePerson
	}
	return t, nil
}

// goodsKey names a lot in a bin.
