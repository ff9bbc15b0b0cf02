package replenishops

import (
	"context"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishdb"
)

// unforecast reads what is known of the demand that no forecast in force tells of: sales of sites without one, pledges, and
// for goods without any past the demand of those they are likened to.
func (o *Ops) unforecast(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, goods map[catalog.SKUID]Goods,
	demand map[catalog.SKUID][]replenishment.Demand, today calendar.Day,
) (pasts map[catalog.SKUID]Past, launches map[catalog.SKUID]replenishment.Launch, err error) {
	if o.Pasts != nil {
		if pasts, err = o.Pasts.Pasts(ctx, q, skus, today); err != nil {
			return nil, nil, err
		}
	}
	launches = map[catalog.SKUID]replenishment.Launch{}
	if o.Pledges != nil {
		pledges, err := o.Pledges.Pledges(ctx, q, skus, today)
		if err != nil {
			return nil, nil, err
		}
		for id, p := range pledges {
			launches[id] = replenishment.Launch{Pledges: p}
		}
	}
	var naked []catalog.SKUID
	for _, id := range skus {
		if g, ok := goods[id]; ok && len(demand[id]) == 0 && len(pasts[id].Histories) == 0 && (g.SKU.Retired == nil || *g.SKU.Retired > today) {
			naked = append(naked, id)
		}
	}
	return pasts, launches, o.liken(ctx, q, naked, launches, today)
}

// liken gives goods without demand of their own that of the goods they are likened to. Where there are several, it is their mean.
func (o *Ops) liken(ctx context.Context, q pgdb.Querier, naked []catalog.SKUID, launches map[catalog.SKUID]replenishment.Launch, today calendar.Day) error {
	if len(naked) == 0 {
		return nil
	}
	likes, err := replenishdb.Likes(ctx, q, naked, today)
	if err != nil || len(likes) == 0 {
		return err
	}
	var models []catalog.SKUID
	seen := map[catalog.SKUID]bool{}
	for _, all := range likes {
		for _, l := range all {
			if !seen[l.Like] {
				seen[l.Like] = true
				models = append(models, l.Like)
			}
		}
	}
	demand, err := o.Forecasts.Demand(ctx, q, models, today)
	if err != nil {
		return err
	}
	for id, all := range likes {
		l := launches[id]
		for _, like := range all {
			l.Like = append(l.Like, replenishment.Scaled(demand[like.Like], like.Ratio/float64(len(all)))...)
		}
		l.Like = replenishment.Together(l.Like)
		launches[id] = l
	}
	return nil
}

// foreseen tells whether anything is known of the demand to come, beside what is pledged.
func foreseen(in replenishment.Snapshot) bool {
	return len(in.Demand) > 0 || len(in.Histories) > 0 || len(in.Launch.Like) > 0
}

// pledged gives the suggestions that bring goods, where some are pledged: they are needed whatever else will be asked for.
func pledged(in replenishment.Snapshot, all []replenishment.Suggestion) (out []replenishment.Suggestion) {
	if len(in.Launch.Pledges) == 0 {
		return nil
	}
	for _, s := range all {
		if s.Kind == replenishment.Buy || s.Kind == replenishment.Transfer {
			out = append(out, s)
		}
	}
	return out
}
