package forecastdb

import (
	"context"
	"errors"
	"fmt"

	"milkrun/forecasting"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// Reader reads what is in force for other domains, which declare the methods that they need as an interface.
type Reader struct{}

// CurrentRun gives the run in force. forecasting.ErrNoRun when there is none.
func (Reader) CurrentRun(ctx context.Context, q pgdb.Querier) (forecasting.Run, error) {
	return CurrentRun(ctx, q)
}

// Outlooks gives the forecasts in force of the SKUs, in the order of SKU and site. Without a run in force it gives none.
func (Reader) Outlooks(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID) ([]forecasting.Outlook, error) {
	return outlooks(ctx, q, SpanOf(skus))
}

// OutlookRange gives the forecasts in force of a range of SKUs, both ends included, like Outlooks.
func (Reader) OutlookRange(ctx context.Context, q pgdb.Querier, from, to catalog.SKUID) ([]forecasting.Outlook, error) {
	return outlooks(ctx, q, Span{From: from, To: to})
}

func outlooks(ctx context.Context, q pgdb.Querier, span Span) ([]forecasting.Outlook, error) {
	run, err := CurrentRun(ctx, q)
	if errors.Is(err, forecasting.ErrNoRun) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := Results(ctx, q, run, span, 0, true)
	if err != nil {
		return nil, err
	}
	topics, err := Standings(ctx, q)
	if err != nil {
		return nil, err
	}
	byID := make(map[catalog.TopicID]*forecasting.TopicStanding, len(topics))
	for i := range topics {
		byID[topics[i].ID] = &topics[i]
	}
	out := make([]forecasting.Outlook, len(list))
	for i, r := range list {
		o := forecasting.Outlook{Forecast: r.Forecast, Heat: r.Heat, Sold28: r.Sold28, SoldOut28: r.SoldOut28}
		if t := byID[strongest(r.Explanation.Heat)]; t != nil {
			o.Topic, o.TopicName, o.TopicRatio = t.ID, t.Name, t.Ratio
		}
		out[i] = o
	}
	return out, nil
}

// strongest gives the topic with the highest multiplier within the horizon, 0 for none.
func strongest(notes []forecasting.HeatNote) catalog.TopicID {
	var topic catalog.TopicID
	top := 0.0
	for _, n := range notes {
		for _, m := range n.Multiplier {
			if m > top {
				top, topic = m, n.Topic
			}
		}
	}
	return topic
}

// Weekly gives the expected demand of the SKUs for the coming weeks at a site, or over all sites when site is 0, in the
// order of the SKUs' ids. SKUs without a forecast are left out. At most as many weeks are given as the horizon holds.
func (Reader) Weekly(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, site catalog.SiteID, weeks int) ([]forecasting.WeeklyOutlook, error) {
	run, err := CurrentRun(ctx, q)
	if errors.Is(err, forecasting.ErrNoRun) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := Results(ctx, q, run, SpanOf(skus), site, false)
	if err != nil {
		return nil, fmt.Errorf("weekly forecast: %w", err)
	}
	var out []forecasting.WeeklyOutlook
	for i := 0; i < len(list); {
		var band forecasting.Band
		sku := list[i].SKU
		for ; i < len(list) && list[i].SKU == sku; i++ {
			band.Add(list[i].Weeks(), 1)
		}
		o := forecasting.WeeklyOutlook{SKU: sku}
		for w := range min(weeks, len(band.Mean)) {
			low, high := band.Bounds(w, forecasting.SiteCorrelation)
			o.Weeks = append(o.Weeks, forecasting.Week{From: run.Origin.AddDays(7 * w), Mean: band.Mean[w], P10: low, P90: high})
		}
		out = append(out, o)
	}
	return out, nil
}
