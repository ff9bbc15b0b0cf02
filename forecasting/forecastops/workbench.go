package forecastops

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
)

// Workbench is what the forecast workbench shows of the run in force.
type Workbench struct {
	Run forecasting.Run // in force; its zero value when there is none
	// Accuracy is the newest that is measured, of MeasuredRun; Before that of the run measured before it, of BeforeRun.
	Accuracy, Before       *forecasting.RunAccuracy
	MeasuredRun, BeforeRun int64
	Global                 *forecasting.GlobalNote // nil without one
	Hierarchy              []forecasting.HierarchyRow
	Categories             map[catalog.CategoryID]catalog.Name
	Sites                  map[catalog.SiteID]catalog.Name
	Worst                  []WorstSeries // those of sites that the user may see
	Topics                 []forecasting.TopicStanding
	Effects                map[catalog.TopicID]forecasting.TopicEffect
	Alarms                 []forecasting.AlarmCount
}

// WorstSeries is a series with a large error, with its names.
type WorstSeries struct {
	forecasting.Offender
	Code           string
	Name, SiteName catalog.Name
}

// worstShown is how many of the worst series are named.
const worstShown = 20

// runsBack is how far back a measured run is looked for.
const runsBack = 20

// Workbench gives the forecast workbench. Before the first run it is empty.
func (o *Ops) Workbench(ctx context.Context) (Workbench, error) {
	u, err := access.Require(ctx, access.ViewDemand)
	if err != nil {
		return Workbench{}, err
	}
	var w Workbench
	if w.Run, err = forecastdb.CurrentRun(ctx, o.Pool); err != nil {
		if errors.Is(err, forecasting.ErrNoRun) {
			err = nil
		}
		return w, err
	}
	list, err := forecastdb.Runs(ctx, o.Pool, 0, runsBack)
	if err != nil {
		return w, err
	}
	for _, r := range list {
		switch {
		case r.Accuracy == nil:
		case w.Accuracy == nil:
			w.Accuracy, w.MeasuredRun = r.Accuracy, r.ID
		case w.Before == nil:
			w.Before, w.BeforeRun = r.Accuracy, r.ID
		}
	}
	if w.Global, err = forecastdb.GlobalNote(ctx, o.Pool, w.Run.ID); err != nil {
		return w, err
	}
	if w.Categories, err = forecastdb.CategoryNames(ctx, o.Pool); err != nil {
		return w, err
	}
	places, err := forecastdb.Places(ctx, o.Pool)
	if err != nil {
		return w, err
	}
	w.Sites = map[catalog.SiteID]catalog.Name{}
	for _, p := range places {
		w.Sites[p.ID] = p.Name()
	}
	if w.Hierarchy, err = o.hierarchy(ctx, w.Run.ID); err != nil {
		return w, err
	}
	if w.Topics, err = forecastdb.Standings(ctx, o.Pool); err != nil {
		return w, err
	}
	if w.Effects, err = forecastdb.Effects(ctx, o.Pool, w.Run.ID); err != nil {
		return w, err
	}
	sites, err := bounded(u, nil)
	if err != nil {
		return w, err
	}
	if w.Alarms, err = forecastdb.AlarmCounts(ctx, o.Pool, sites); err != nil {
		return w, err
	}
	return w, o.nameWorst(ctx, u, &w)
}

// nameWorst names the worst series of the sites that the user may see.
func (o *Ops) nameWorst(ctx context.Context, u access.User, w *Workbench) error {
	if w.Accuracy == nil {
		return nil
	}
	var skus []catalog.SKUID
	for _, x := range w.Accuracy.Worst {
		if u.MayTouchSite(x.Site) && len(w.Worst) < worstShown {
			w.Worst = append(w.Worst, WorstSeries{Offender: x, SiteName: w.Sites[x.Site]})
			skus = append(skus, x.SKU)
		}
	}
	names, err := forecastdb.SKUNames(ctx, o.Pool, skus)
	if err != nil {
		return err
	}
	for i := range w.Worst {
		n := names[w.Worst[i].SKU]
		w.Worst[i].Code, w.Worst[i].Name = n.Code, n.Name()
	}
	return nil
}

// hierarchy adds the lifts of a run up by level: the whole, regions, top categories, sites.
func (o *Ops) hierarchy(ctx context.Context, run int64) ([]forecasting.HierarchyRow, error) {
	lifts, err := forecastdb.LiftsOf(ctx, o.Pool, run)
	if err != nil || len(lifts) == 0 {
		return nil, err
	}
	regions, err := forecastdb.Regions(ctx, o.Pool)
	if err != nil {
		return nil, err
	}
	type place struct {
		level forecasting.HierarchyLevel
		id    int32
		name  string
	}
	sums := map[place]*forecasting.HierarchyRow{}
	add := func(p place, l forecasting.Lift) {
		if sums[p] == nil {
			sums[p] = &forecasting.HierarchyRow{Level: p.level, ID: p.id, Name: p.name}
		}
		sums[p].Bottom += l.Bottom
		sums[p].Top += l.Top
		sums[p].Agreed += l.Agreed
	}
	for k, l := range lifts {
		add(place{level: forecasting.LevelTotal}, l)
		add(place{level: forecasting.LevelCategory, id: int32(k.Category)}, l)
		add(place{level: forecasting.LevelSite, id: int32(k.Site)}, l)
		if r := regions[k.Site]; r != "" {
			add(place{level: forecasting.LevelRegion, name: r}, l)
		}
	}
	order := []forecasting.HierarchyLevel{forecasting.LevelTotal, forecasting.LevelRegion, forecasting.LevelCategory, forecasting.LevelSite}
	var out []forecasting.HierarchyRow
	for _, r := range sums {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b forecasting.HierarchyRow) int {
		return cmp.Or(slices.Index(order, a.Level)-slices.Index(order, b.Level), cmp.Compare(b.Agreed, a.Agreed), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Name, b.Name))
	})
	return out, nil
}
