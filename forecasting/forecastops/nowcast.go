package forecastops

import (
	"context"
	"math"
	"slices"
	"time"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// noteProgress keeps what has come by now of the running days that some sales are of.
func (o *Ops) noteProgress(ctx context.Context, q pgdb.Querier, sales []forecasting.Sale) error {
	told := map[catalog.SiteID]map[calendar.Day]bool{}
	for _, s := range sales {
		if told[s.Site] == nil {
			told[s.Site] = map[calendar.Day]bool{}
		}
		told[s.Site][s.Day] = true
	}
	places, err := forecastdb.Places(ctx, q)
	if err != nil {
		return err
	}
	for _, p := range places {
		day, minutes := o.clockOf(p.Zone)
		if !told[p.ID][day] {
			continue
		}
		if err := forecastdb.NoteProgress(ctx, q, p.ID, day, minutes/60); err != nil {
			return err
		}
	}
	return nil
}

// clockOf gives the business day in a zone and the minutes that have passed of it.
func (o *Ops) clockOf(zone string) (calendar.Day, int) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = shanghai
	}
	now := o.Clock().In(loc)
	return calendar.Of(now, loc), now.Hour()*60 + now.Minute()
}

// running is the present day of the sites: how much of it has usually come by now, and what has been sold of some SKUs.
type running struct {
	days map[catalog.SiteID]runningSite
	sold map[forecasting.Key]forecasting.Sale
}

type runningSite struct {
	day   calendar.Day
	share float64 // of the day's sales that has usually come when the site last told of them
	told  bool    // it has told of today
}

// running reads what has come of the present day of the series.
func (o *Ops) running(ctx context.Context, q pgdb.Querier, keys []forecasting.Key) (running, error) {
	r := running{days: map[catalog.SiteID]runningSite{}, sold: map[forecasting.Key]forecasting.Sale{}}
	zones := map[catalog.SiteID]string{}
	places, err := forecastdb.Places(ctx, q)
	if err != nil {
		return r, err
	}
	for _, p := range places {
		zones[p.ID] = p.Zone
	}
	var asked []forecasting.Sale
	for _, k := range keys {
		if _, ok := r.days[k.Site]; !ok {
			if r.days[k.Site], err = o.runningSite(ctx, q, k.Site, zones[k.Site]); err != nil {
				return r, err
			}
		}
		asked = append(asked, forecasting.Sale{Key: k, Day: r.days[k.Site].day})
	}
	if len(asked) == 0 {
		return r, nil
	}
	list, err := forecastdb.SalesOf(ctx, q, asked)
	if err != nil {
		return r, err
	}
	for _, s := range list {
		r.sold[s.Key] = s
	}
	return r, nil
}

func (o *Ops) runningSite(ctx context.Context, q pgdb.Querier, site catalog.SiteID, zone string) (runningSite, error) {
	day, minutes := o.clockOf(zone)
	s := runningSite{day: day}
	hour, told, err := forecastdb.ToldAt(ctx, q, site, day)
	if err != nil || !told {
		return s, err
	}
	seen, err := forecastdb.Progress(ctx, q, site, day)
	if err != nil {
		return s, err
	}
	s.told, s.share = true, forecasting.LearnCurve(seen).Share(min(minutes, 60*(hour+1)))
	return s, nil
}

// complete gives what the running day of a series is expected to sell when all is told, false when the site has told nothing of it,
// or the SKU has sold out and tells nothing more.
func (r running) complete(f forecasting.Forecast) (forecasting.RunningDay, bool) {
	site, ok := r.days[f.Site]
	sale := r.sold[f.Key]
	i := site.day.Sub(f.Origin)
	if !ok || !site.told || sale.SoldOut || i < 0 || i >= f.Horizon() {
		return forecasting.RunningDay{}, false
	}
	d := forecasting.RunningDay{Site: f.Site, Day: site.day, Share: site.share, Sold: float64(sale.Pieces), Forecast: float64(f.Mean[i])}
	d.Expected = forecasting.CompleteDay(d.Forecast, f.Deviation(i), d.Sold, d.Share)
	return d, true
}

// current gives the forecast with its running day completed: the mean as it is expected by now, the quantiles drawn in as the day goes by.
func (r running) current(f forecasting.Forecast) forecasting.Forecast {
	d, ok := r.complete(f)
	if !ok {
		return f
	}
	i := d.Day.Sub(f.Origin)
	mean := f.Mean[i]
	f.Mean = slices.Clone(f.Mean)
	f.Mean[i] = float32(d.Expected)
	for _, q := range []*[]float32{&f.Q10, &f.Q50, &f.Q90, &f.Q95} {
		*q = slices.Clone(*q)
		(*q)[i] = float32(max(d.Expected+(1-d.Share)*float64((*q)[i]-mean), d.Sold))
	}
	return f
}

// upToNow gives the series of a refresh to the first day that is forecast anew, late days after the origin of the run: with the sales of
// the days that have passed since, and the running one completed. What is not known stays so.
func (r running) upToNow(s forecasting.Series, since map[forecasting.Key]forecasting.Series, was forecasting.Forecast, late int) forecasting.Series {
	end := s.End().AddDays(late)
	if fresh, ok := since[s.Key]; ok && fresh.Len() > 0 {
		s = fresh.Before(end)
	}
	s = unknownDays(s, end.Sub(s.End()))
	if d, ok := r.complete(was); ok {
		if i := d.Day.Sub(s.Start); i >= 0 && i < s.Len() && math.IsNaN(s.Sales[i]) {
			s.Sales = slices.Clone(s.Sales)
			s.Sales[i] = d.Expected
		}
	}
	return s
}
