package forecastops

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// leastAtStake is the number of pieces a week below which the forecasts of a series raise no alarm: it would be about chance.
const leastAtStake = 3

// findings looks at the past weeks of a series for what is wrong with its forecasts. Holes in the data are found by site.
func findings(s forecasting.Series, vintages []forecastdb.Vintage, origin calendar.Day) []forecastdb.Finding {
	first := max(origin.AddDays(-scoreDays), s.Start)
	var from calendar.Day
	var forecast, actual []float64
	var out []bool
	var weight float64
	for day := first; day < origin; day++ {
		v := latest(vintages, day)
		if v == nil {
			if len(forecast) == 0 {
				continue
			}
			forecast, actual, out = append(forecast, 0), append(actual, math.NaN()), append(out, true)
			continue
		}
		if len(forecast) == 0 {
			from = day
		}
		y, ok := sold(s, day)
		if !ok {
			y = math.NaN()
		}
		f := float64(v.Mean[day.Sub(v.Origin)])
		forecast, actual, out = append(forecast, f), append(actual, y), append(out, !ok)
		if ok {
			weight += max(f, y)
		}
	}
	if len(forecast) == 0 {
		return nil
	}
	weight *= 7 / float64(len(forecast))
	if weight < leastAtStake {
		return nil
	}
	var list []forecastdb.Finding
	for _, a := range forecasting.Monitor(forecast, actual, out) {
		if a.Kind == forecasting.AlarmHole {
			continue
		}
		list = append(list, forecastdb.Finding{Key: s.Key, Kind: a.Kind, Value: bounded32(a.Value), Limit: a.Limit, From: from.AddDays(a.From), Weight: bounded32(weight)})
	}
	return list
}

// bounded32 cuts a figure to what a real column holds well.
func bounded32(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return min(max(v, -1e9), 1e9)
}

// siteHoles gives the sites that have not reported days of the past weeks on end.
func (o *Ops) siteHoles(ctx context.Context, run forecasting.Run) ([]forecastdb.Finding, error) {
	known, err := o.reported(ctx, o.Pool, run.Origin, nil)
	if err != nil {
		return nil, err
	}
	places, err := forecastdb.Places(ctx, o.Pool)
	if err != nil {
		return nil, err
	}
	first := run.Origin.AddDays(-scoreDays)
	var list []forecastdb.Finding
	for _, p := range places {
		last, ok := known.Last(p.ID)
		if !ok || last < first {
			continue // it has never sold, or is closed
		}
		came := make([]float64, scoreDays)
		for i := range came {
			if !known.Known(p.ID, first.AddDays(i)) {
				came[i] = math.NaN()
			}
		}
		for _, a := range forecasting.Monitor(make([]float64, scoreDays), came, nil) {
			if a.Kind == forecasting.AlarmHole {
				list = append(list, forecastdb.Finding{
					Key: forecasting.Key{Site: p.ID}, Kind: a.Kind, Value: a.Value, Limit: a.Limit, From: first.AddDays(a.From), Weight: a.Value,
				})
			}
		}
	}
	return list, nil
}

// AlarmQuery asks for alarms.
type AlarmQuery struct {
	State forecasting.AlarmState // empty = open
	Kind  forecasting.AlarmKind  // empty = all
	Limit int                    // 0 = 100, at most 500
}

// Alarms gives the alarms of the sites that the user may see, those of whole sites and then those with most at stake first, and how many
// stand of each kind.
func (o *Ops) Alarms(ctx context.Context, a AlarmQuery) ([]forecasting.AlarmRecord, []forecasting.AlarmCount, error) {
	u, err := access.Require(ctx, access.ViewDemand)
	if err != nil {
		return nil, nil, err
	}
	sites, err := bounded(u, nil)
	if err != nil {
		return nil, nil, err
	}
	if a.State == "" {
		a.State = forecasting.AlarmOpen
	}
	if a.Limit <= 0 {
		a.Limit = 100
	}
	counts, err := forecastdb.AlarmCounts(ctx, o.Pool, sites)
	if err != nil {
		return nil, nil, err
	}
	list, err := forecastdb.Alarms(ctx, o.Pool, a.State, a.Kind, sites, min(a.Limit, 500))
	return list, counts, err
}

// AckAlarm notes that the acting user takes care of an alarm, with a remark that may be empty. It is over when a run does not find it any
// more. forecasting.ErrNoAlarm.
func (o *Ops) AckAlarm(ctx context.Context, id int64, note string) (forecasting.AlarmRecord, error) {
	u, err := access.Require(ctx, access.RunForecast)
	if err != nil {
		return forecasting.AlarmRecord{}, err
	}
	note = strings.TrimSpace(note)
	if len(note) > MaxReason {
		note = note[:MaxReason]
	}
	var out forecasting.AlarmRecord
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		before, err := forecastdb.Alarm(ctx, tx, id)
		if err != nil {
			return err
		}
		if !u.MayTouchSite(before.Site) {
			return fmt.Errorf("alarm %d: %w", id, access.ErrForbidden)
		}
		if err := forecastdb.AckAlarm(ctx, tx, id, u.Name, note, o.Clock()); err != nil {
			return err
		}
		thing := audit.Thing{Kind: "site", ID: strconv.Itoa(int(before.Site))}
		if before.SKU != 0 {
			thing = skuThing(before.SKU)
		}
		change := audit.Change{Verb: "forecast.alarm-seen", Thing: thing, After: map[string]any{"alarm": id, "kind": before.Kind, "note": note}}
		if err := audit.Write(ctx, tx, o.Clock(), change); err != nil {
			return err
		}
		if out, err = forecastdb.Alarm(ctx, tx, id); err != nil {
			return err
		}
		return events.Tell(ctx, tx, liveRun, "")
	})
	return out, err
}
