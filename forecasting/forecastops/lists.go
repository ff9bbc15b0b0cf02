package forecastops

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/heatmix"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// Demand gives a page of the demand list. A user bound to sites who asks for all of them gets the first of theirs; the
// page says which. Before the first run the page is empty and its Run is zero. forecasting.ErrPlace for an After that
// is not of this list.
func (o *Ops) Demand(ctx context.Context, d forecasting.DemandQuery) (forecasting.DemandPage, error) {
	u, err := access.Require(ctx, access.ViewDemand)
	if err != nil {
		return forecasting.DemandPage{}, err
	}
	if d.Site == 0 && len(u.Sites) > 0 {
		d.Site = u.Sites[0]
	}
	if d.Site != 0 && !u.MayTouchSite(d.Site) {
		return forecasting.DemandPage{}, fmt.Errorf("demand list: %w: site %d", access.ErrForbidden, d.Site)
	}
	if d.Sort == "" {
		d.Sort = forecasting.BySold
	}
	if d.Limit <= 0 {
		d.Limit = 50
	}
	d.Limit = min(d.Limit, 500)
	page := forecasting.DemandPage{Site: d.Site}
	page.Run, err = forecastdb.CurrentRun(ctx, o.Pool)
	if errors.Is(err, forecasting.ErrNoRun) {
		return page, nil
	}
	if err != nil {
		return page, err
	}
	categories, err := o.below(ctx, d.Category)
	if err != nil {
		return page, err
	}
	page.Rows, page.Next, page.Total, err = forecastdb.DemandPage(ctx, o.Pool, page.Run.ID, d, categories)
	return page, err
}

// below gives a category and all below it, nil for 0.
func (o *Ops) below(ctx context.Context, c catalog.CategoryID) ([]catalog.CategoryID, error) {
	if c == 0 {
		return nil, nil
	}
	return forecastdb.Below(ctx, o.Pool, c)
}

// Topics gives where every topic with heat stands, the one furthest above its usual first.
func (o *Ops) Topics(ctx context.Context) ([]forecasting.TopicStanding, error) {
	if _, err := access.Require(ctx, access.ViewDemand); err != nil {
		return nil, err
	}
	return forecastdb.Standings(ctx, o.Pool)
}

// TopicPage is what the page of one topic shows.
type TopicPage struct {
	forecasting.TopicStanding
	// Effect is what the topic does to demand as the run in force has found it; nil for a topic of complaints or one
	// without sales.
	Effect *forecasting.TopicEffect
	Heat   []forecasting.HeatSeries // all sources, two years
	// Mix is the heat of the sources together, which a demand topic is watched and forecast by.
	Mix  heatmix.Mix
	Open *forecasting.SpikeRecord // with its SKUs
	Past []forecasting.SpikeRecord
}

// Topic gives the page of a topic. catalog.ErrUnknown when the topic does not exist or has no heat yet.
func (o *Ops) Topic(ctx context.Context, id catalog.TopicID) (TopicPage, error) {
	if _, err := access.Require(ctx, access.ViewDemand); err != nil {
		return TopicPage{}, err
	}
	all, err := forecastdb.Standings(ctx, o.Pool)
	if err != nil {
		return TopicPage{}, err
	}
	i := slices.IndexFunc(all, func(s forecasting.TopicStanding) bool { return s.ID == id })
	if i < 0 {
		return TopicPage{}, fmt.Errorf("topic %d: %w", id, catalog.ErrUnknown)
	}
	p := TopicPage{TopicStanding: all[i]}
	effects, err := o.currentEffects(ctx)
	if err != nil {
		return p, err
	}
	if e, ok := effects[id]; ok {
		p.Effect = &e
	}
	today := o.today()
	if p.Heat, err = forecastdb.HeatSeries(ctx, o.Pool, []catalog.TopicID{id}, today.AddDays(-2*365), today.AddDays(1)); err != nil {
		return p, err
	}
	p.Mix = heatmix.Of(p.Heat, p.Source)
	past, err := forecastdb.PastSpikes(ctx, o.Pool, id, 20)
	if err != nil {
		return p, err
	}
	for _, s := range past {
		if s.State != forecasting.SpikeOpen {
			p.Past = append(p.Past, s)
			continue
		}
		if s, err = forecastdb.Spike(ctx, o.Pool, s.ID); err != nil {
			return p, err
		}
		p.Open = &s
	}
	return p, nil
}

// Spikes gives the open spikes, those of demand topics first and the largest addition first, each with its SKUs.
// Spikes of complaint topics are quality alerts.
func (o *Ops) Spikes(ctx context.Context) ([]forecasting.SpikeRecord, error) {
	if _, err := access.Require(ctx, access.ViewDemand); err != nil {
		return nil, err
	}
	list, err := forecastdb.OpenSpikes(ctx, o.Pool)
	if err != nil {
		return nil, err
	}
	for i, s := range list {
		if list[i], err = forecastdb.Spike(ctx, o.Pool, s.ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// TakeNote notes that the acting user has seen a spike, with a remark that may be empty. forecasting.ErrNoSpike.
func (o *Ops) TakeNote(ctx context.Context, spike int64, remark string) (forecasting.SpikeRecord, error) {
	u, err := access.Require(ctx, access.ViewDemand)
	if err != nil {
		return forecasting.SpikeRecord{}, err
	}
	var out forecasting.SpikeRecord
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		before, err := forecastdb.Spike(ctx, tx, spike)
		if err != nil {
			return err
		}
		if err := forecastdb.SeeSpike(ctx, tx, spike, u.Name, remark, o.Clock()); err != nil {
			return err
		}
		change := audit.Change{
			Verb: "spike.seen", Thing: audit.Thing{Kind: "topic", ID: fmt.Sprint(before.Topic.ID)},
			After: map[string]any{"spike": spike, "note": remark},
		}
		if err := audit.Write(ctx, tx, o.Clock(), change); err != nil {
			return err
		}
		if out, err = forecastdb.Spike(ctx, tx, spike); err != nil {
			return err
		}
		return events.Tell(ctx, tx, liveHeat, "")
	})
	return out, err
}

// Forecasts gives the forecasts in force of some SKUs (at most 500), for other systems: every site that the user may see,
// in the order of SKU and site, the running day completed from what has come of it. forecasting.ErrNoRun before the first run.
func (o *Ops) Forecasts(ctx context.Context, skus []catalog.SKUID) (forecasting.Run, []forecasting.Outlook, error) {
	u, err := requireAny(ctx, access.ReadData, access.ViewDemand)
	if err != nil {
		return forecasting.Run{}, nil, err
	}
	run, err := forecastdb.CurrentRun(ctx, o.Pool)
	if err != nil {
		return forecasting.Run{}, nil, err
	}
	list, err := forecastdb.Reader{}.Outlooks(ctx, o.Pool, skus[:min(len(skus), 500)])
	if err != nil {
		return run, nil, err
	}
	list = slices.DeleteFunc(list, func(f forecasting.Outlook) bool { return !u.MayTouchSite(f.Site) })
	keys := make([]forecasting.Key, len(list))
	for i, f := range list {
		keys[i] = f.Key
	}
	now, err := o.running(ctx, o.Pool, keys)
	for i := range list {
		list[i].Forecast = now.current(list[i].Forecast)
	}
	return run, list, err
}
