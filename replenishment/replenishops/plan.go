package replenishops

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishdb"
)

// batchSKUs is how many SKUs are read, planned and saved together: enough to make the queries cheap, few enough that a
// transaction stays short.
const batchSKUs = 250

// snapshot is what the planner sees of a batch, and when it was taken by the database's clock.
type snapshot struct {
	seen  time.Time
	items []replenishment.Snapshot
	rules []replenishment.AlarmRule
	vmi   map[catalog.SupplierID]bool // who keeps the stock up by himself
}

// look reads everything about the SKUs in one state of the database.
func (o *Ops) look(ctx context.Context, today calendar.Day, skus []catalog.SKUID) (snapshot, error) {
	var s snapshot
	err := pgdb.InSnapshot(ctx, o.Pool, func(tx pgx.Tx) error {
		var err error
		if s.seen, err = replenishdb.Now(ctx, tx); err != nil {
			return err
		}
		settings, err := replenishdb.Settings(ctx, tx)
		if err != nil {
			return err
		}
		if s.rules, err = replenishdb.AlarmRules(ctx, tx); err != nil {
			return err
		}
		network, err := o.Catalog.Network(ctx, tx)
		if err != nil {
			return err
		}
		goods, err := o.Catalog.Goods(ctx, tx, skus)
		if err != nil {
			return err
		}
		demand, err := o.Forecasts.Demand(ctx, tx, skus, today)
		if err != nil {
			return err
		}
		positions, err := o.Stock.Positions(ctx, tx, skus, today)
		if err != nil {
			return err
		}
		supply, err := o.Orders.Supply(ctx, tx, skus, today)
		if err != nil {
			return err
		}
		rejected := o.Clock().AddDate(0, 0, -settings.Freeze.RejectedDays-1)
		needs, err := replenishdb.Needs(ctx, tx, skus, rejected)
		if err != nil {
			return err
		}
		pasts, launches, err := o.unforecast(ctx, tx, skus, goods, demand, today)
		if err != nil {
			return err
		}
		if s.vmi, err = replenishdb.VMISuppliers(ctx, tx); err != nil {
			return err
		}
		s.items = s.items[:0]
		for _, id := range skus {
			g, ok := goods[id]
			if !ok {
				continue
			}
			s.items = append(s.items, replenishment.Snapshot{Today: today, SKU: g.SKU, Class: g.Class, Cost: g.Cost, Settings: settings,
				Sites: network.Sites, Lanes: network.Lanes, Sources: g.Sources, Demand: demand[id], Histories: pasts[id].Histories,
				Signals: pasts[id].Signals, Launch: launches[id], Positions: positions[id], Supply: supply[id], Open: needs[id]})
		}
		return nil
	})
	if err != nil {
		return s, fmt.Errorf("replenishops: read the snapshot: %w", err)
	}
	return s, nil
}

// planned is what came of planning a batch.
type planned struct{ skus, suggestions int }

// plan reads, plans and saves the SKUs in batches. Each batch is saved whole or not at all; a batch whose snapshot is older
// than a stored plan is thrown away SKU by SKU. last runs in the transaction of the last batch, also when there is no SKU.
func (o *Ops) plan(ctx context.Context, run int64, skus []catalog.SKUID, last func(context.Context, pgx.Tx, planned) error) error {
	today, total := o.Today(), planned{}
	for {
		n := min(batchSKUs, len(skus))
		batch := skus[:n]
		skus = skus[n:]
		seen, err := o.look(ctx, today, batch)
		if err != nil {
			return err
		}
		plans := make([]replenishdb.Plan, len(seen.items))
		alarms := map[catalog.SKUID][]replenishment.Alarm{}
		for i, in := range seen.items {
			plans[i] = replenishdb.Plan{SKU: in.SKU.ID, Result: replenishment.Plan(in), Cost: cost(in)}
			plans[i].MinMaxes = minMaxes(in, plans[i].Result, seen.vmi)
			if !foreseen(in) {
				// Without any forecast all stock would look like too much: nothing is withdrawn before there is one, and nothing suggested
				// but what is pledged.
				plans[i].Suggestions, plans[i].Withdrawn = pledged(in, plans[i].Suggestions), nil
			}
			if a := replenishment.WatchSKU(in, plans[i].Result, seen.rules); len(a) > 0 {
				alarms[in.SKU.ID] = a
			}
		}
		err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
			saved, err := o.save(ctx, tx, run, today, seen, plans, alarms)
			if err != nil {
				return err
			}
			if len(skus) > 0 {
				total = planned{total.skus + n, total.suggestions + saved}
				return nil
			}
			return last(ctx, tx, planned{total.skus + n, total.suggestions + saved})
		})
		if err != nil {
			return fmt.Errorf("replenishops: save the plan: %w", err)
		}
		if len(skus) == 0 {
			return nil
		}
	}
}

func (o *Ops) save(ctx context.Context, tx pgx.Tx, run int64, today calendar.Day, from snapshot, plans []replenishdb.Plan,
	alarms map[catalog.SKUID][]replenishment.Alarm,
) (int, error) {
	if len(plans) == 0 {
		return 0, nil
	}
	seen := from.seen
	claimed, err := replenishdb.Claim(ctx, tx, plans, seen, run)
	if err != nil {
		return 0, err
	}
	var fresh []replenishdb.Plan
	fact := replenishment.Planned{Run: run, Day: today, At: o.Clock()}
	for _, p := range plans {
		if claimed[p.SKU] {
			fresh, fact.SKUs = append(fresh, p), append(fact.SKUs, p.SKU)
		}
	}
	if len(fresh) == 0 {
		return 0, nil
	}
	if err := replenishdb.SaveLevels(ctx, tx, fresh); err != nil {
		return 0, err
	}
	if len(from.vmi) > 0 {
		if err := replenishdb.SaveMinMaxes(ctx, tx, fresh, today); err != nil {
			return 0, err
		}
	}
	n, err := replenishdb.SaveSuggestions(ctx, tx, fresh, seen, o.Clock())
	if err != nil {
		return 0, err
	}
	var found []replenishment.Alarm
	for _, id := range fact.SKUs {
		found = append(found, alarms[id]...)
	}
	if err := o.watchPlans(ctx, tx, fact.SKUs, found); err != nil {
		return 0, err
	}
	if err := events.Tell(ctx, tx, "suggestions", ""); err != nil {
		return 0, err
	}
	return n, o.Bus.Publish(ctx, tx, fact)
}

// cost is what a piece is worth in the stock list: the snapshot's figure, or the lowest first price of the sources.
func cost(in replenishment.Snapshot) (c money.Fen) {
	if in.Cost > 0 {
		return in.Cost
	}
	for _, s := range in.Sources {
		if p := s.PriceAt(s.MOQ); p > 0 && (c == 0 || p < c) {
			c = p
		}
	}
	return c
}
