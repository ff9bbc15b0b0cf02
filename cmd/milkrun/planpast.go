package main

import (
	"context"
	"errors"
	"math"

	"milkrun/c2m/campaigndb"
	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
)

// planPast gives the planner the sales of what has no forecast in force, with the heat that acts on it.
type planPast struct{ forecastdb.Reader }

// Days that the planner's own estimate looks back, and how old a last sale may be to be looked at at all.
const (
	pastDays  = 400
	staleDays = 56
)

// Pasts gives the sales of the SKUs at sites where they have sold lately without a forecast in force.
func (p planPast) Pasts(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) (map[catalog.SKUID]replenishops.Past, error) {
	series, err := p.Unforecast(ctx, q, skus, today.AddDays(-staleDays), today)
	if err != nil || len(series) == 0 {
		return nil, err
	}
	out := map[catalog.SKUID]replenishops.Past{}
	var list []catalog.SKUID
	for _, s := range series {
		past := out[s.SKU]
		if len(past.Histories) == 0 {
			list = append(list, s.SKU)
		}
		past.Histories = append(past.Histories, history(s, today))
		past.Signals.Past = promotions(past.Signals.Past, s, today)
		out[s.SKU] = past
	}
	return out, heatOf(ctx, q, list, out, today)
}

// history turns a series into the planner's words: whole pieces up to yesterday, −1 for a day that is not known.
func history(s forecasting.Series, today calendar.Day) replenishment.History {
	h := replenishment.History{Site: s.Site}
	from := max(s.Start, today.AddDays(-pastDays))
	for d := from; d < today; d++ {
		i := d.Sub(s.Start)
		sold, out := quantity.Pieces(-1), false
		if i < len(s.Sales) && !math.IsNaN(s.Sales[i]) {
			sold = quantity.Pieces(max(math.Round(s.Sales[i]), 0))
			out = i < len(s.SoldOut) && s.SoldOut[i]
		}
		h.Sold, h.SoldOut = append(h.Sold, sold), append(h.SoldOut, out)
	}
	return h
}

// priceAnswer is how much more a price cut is taken to sell, per share of the price: 30 % off sells 1.9 times as much.
const priceAnswer = 3

// promotions puts the price cuts of a series on the factors of the days up to yesterday, the last one being yesterday's.
func promotions(past []float64, s forecasting.Series, today calendar.Day) []float64 {
	for i, cut := range s.Promo {
		k := today.Sub(s.Day(i)) // days ago
		if !(cut > 0) || k < 1 || k > pastDays {
			continue
		}
		for len(past) < k {
			past = append([]float64{1}, past...)
		}
		past[len(past)-k] = max(past[len(past)-k], 1+priceAnswer*cut)
	}
	return past
}

// heatOf gives each SKU the excess heat of the topics that lead its demand: how far each day stood above the usual, by the
// SKU's share in the topic, the loudest topic counting.
func heatOf(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, pasts map[catalog.SKUID]replenishops.Past, today calendar.Day) error {
	run, err := forecastdb.CurrentRun(ctx, q)
	if errors.Is(err, forecasting.ErrNoRun) {
		return nil
	}
	if err != nil {
		return err
	}
	effects, err := forecastdb.Effects(ctx, q, run.ID)
	if err != nil || len(effects) == 0 {
		return err
	}
	weights, err := forecastdb.Weights(ctx, q, forecastdb.SpanOf(skus))
	if err != nil || len(weights) == 0 {
		return err
	}
	var topics []catalog.TopicID
	for _, w := range weights {
		if e, ok := effects[w.Topic]; ok && e.Gate && e.Usual > 0 {
			topics = append(topics, w.Topic)
		}
	}
	if len(topics) == 0 {
		return nil
	}
	series, err := forecastdb.HeatSeries(ctx, q, topics, today.AddDays(-pastDays), today)
	if err != nil {
		return err
	}
	for _, w := range weights {
		e := effects[w.Topic]
		for _, h := range series {
			if h.Topic != w.Topic || h.Source != e.Source || !e.Gate || e.Usual <= 0 {
				continue
			}
			past := pasts[w.SKU]
			past.Signals.LagDays = max(past.Signals.LagDays, e.Lag)
			past.Signals.Heat = loudest(past.Signals.Heat, h, e.Usual, w.Weight, today)
			pasts[w.SKU] = past
		}
	}
	return nil
}

// loudest raises the heat of the days up to yesterday to what a topic adds: its excess over the usual, as a share of that, times
// the SKU's share in the topic.
func loudest(heat []float64, h forecasting.HeatSeries, usual, weight float64, today calendar.Day) []float64 {
	if heat == nil {
		heat = make([]float64, pastDays)
	}
	for k := 1; k <= pastDays; k++ {
		if v := h.At(today.AddDays(-k)); !math.IsNaN(v) {
			heat[len(heat)-k] = max(heat[len(heat)-k], (v/usual-1)*weight)
		}
	}
	return heat
}

// planPledges gives the planner what is sold in advance.
type planPledges struct{}

// Pledges gives what campaigns promise of the SKUs.
func (planPledges) Pledges(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, _ calendar.Day) (map[catalog.SKUID][]replenishment.Pledge, error) {
	all, err := campaigndb.PromisedOf(ctx, q, skus)
	if err != nil {
		return nil, err
	}
	out := map[catalog.SKUID][]replenishment.Pledge{}
	for _, p := range all {
		out[p.SKU] = append(out[p.SKU], replenishment.Pledge{Site: p.Site, Day: p.Day, Pieces: p.Pieces})
	}
	return out, nil
}
