package forecastops

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/models"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// MaxReason bounds the reason of an override, in bytes.
const MaxReason = 500

// MakeOverride changes the forecast of a SKU on some days, at a site or (site 0) at all of them, and makes the forecast anew with it.
// Without an expiry it counts up to its last day. forecasting.ErrOverride for a change that cannot be used, access.ErrForbidden for a
// site beyond the user's bounds, forecasting.ErrNoRun before the first run.
func (o *Ops) MakeOverride(ctx context.Context, d forecasting.Override) (forecasting.OverrideRecord, error) {
	u, err := access.Require(ctx, access.RunForecast)
	if err != nil {
		return forecasting.OverrideRecord{}, err
	}
	if d.Site != 0 && !u.MayTouchSite(d.Site) || d.Site == 0 && len(u.Sites) > 0 {
		return forecasting.OverrideRecord{}, fmt.Errorf("override: %w: site %d", access.ErrForbidden, d.Site)
	}
	d.By, d.Reason = u.Name, strings.TrimSpace(d.Reason)
	if d.Expiry == 0 {
		d.Expiry = d.To.AddDays(1)
	}
	run, err := forecastdb.CurrentRun(ctx, o.Pool)
	if err != nil {
		return forecasting.OverrideRecord{}, err
	}
	if err := o.checkOverride(run, d); err != nil {
		return forecasting.OverrideRecord{}, err
	}
	var id int64
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		var err error
		if id, err = forecastdb.InsertOverride(ctx, tx, d, u.ID, o.Clock()); err != nil {
			return err
		}
		after := map[string]any{"override": id, "site": d.Site, "from": d.From, "to": d.To, "factor": d.Factor, "pieces": d.Pieces, "reason": d.Reason, "expiry": d.Expiry}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "forecast.override", Thing: skuThing(d.SKU), After: after})
	})
	if err != nil {
		return forecasting.OverrideRecord{}, err
	}
	if err := o.renewSKU(ctx, d.SKU); err != nil {
		return forecasting.OverrideRecord{}, err
	}
	return forecastdb.Override(ctx, o.Pool, id)
}

func (o *Ops) checkOverride(run forecasting.Run, d forecasting.Override) error {
	if err := d.Validate(); err != nil {
		return err
	}
	switch today := o.today(); {
	case d.Expiry <= today || d.To < today:
		return fmt.Errorf("%w: its days lie before today, %s", forecasting.ErrOverride, today)
	case d.From >= run.Origin.AddDays(run.Horizon):
		return fmt.Errorf("%w: it begins on %s, the forecast ends on %s", forecasting.ErrOverride, d.From, run.Origin.AddDays(run.Horizon-1))
	case len(d.Reason) > MaxReason:
		return fmt.Errorf("%w: its reason is longer than %d bytes", forecasting.ErrOverride, MaxReason)
	}
	return nil
}

func skuThing(id catalog.SKUID) audit.Thing {
	return audit.Thing{Kind: "sku", ID: strconv.Itoa(int(id))}
}

// WithdrawOverride ends a change and makes the forecast anew without it. forecasting.ErrNoOverride when there is none in force.
func (o *Ops) WithdrawOverride(ctx context.Context, id int64) (forecasting.OverrideRecord, error) {
	u, err := access.Require(ctx, access.RunForecast)
	if err != nil {
		return forecasting.OverrideRecord{}, err
	}
	r, err := forecastdb.Override(ctx, o.Pool, id)
	if err != nil {
		return r, err
	}
	if r.Site != 0 && !u.MayTouchSite(r.Site) || r.Site == 0 && len(u.Sites) > 0 {
		return r, fmt.Errorf("override %d: %w", id, access.ErrForbidden)
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := forecastdb.WithdrawOverride(ctx, tx, id, u.Name, o.Clock()); err != nil {
			return err
		}
		before := map[string]any{"override": id, "reason": r.Reason}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "forecast.override-withdrawn", Thing: skuThing(r.SKU), Before: before})
	})
	if err != nil {
		return r, err
	}
	if err := o.renewSKU(ctx, r.SKU); err != nil {
		return r, err
	}
	return forecastdb.Override(ctx, o.Pool, id)
}

// renewSKU makes the forecasts of one SKU anew in the run in force, whichever that is by then.
func (o *Ops) renewSKU(ctx context.Context, sku catalog.SKUID) error {
	err := o.Refresh(ctx, []catalog.SKUID{sku})
	if errors.Is(err, errSwitched) {
		err = o.Refresh(ctx, []catalog.SKUID{sku})
	}
	if errors.Is(err, forecasting.ErrNoRun) {
		return nil
	}
	return err
}

// Overrides gives the planners' changes below the id before (0 for the newest), the newest first.
func (o *Ops) Overrides(ctx context.Context, before int64, limit int) ([]forecasting.OverrideRecord, error) {
	if _, err := access.Require(ctx, access.ViewDemand); err != nil {
		return nil, err
	}
	return forecastdb.Overrides(ctx, o.Pool, before, min(max(limit, 1), 200))
}

// applyOverrides puts the changes of one SKU on the forecasts of its sites, in the order in which they were made, and gives what each of
// them was put upon.
func applyOverrides(list []forecasting.Forecast, changes []forecasting.OverrideRecord) (plain map[int64]map[catalog.SiteID][]float32) {
	plain = map[int64]map[catalog.SiteID][]float32{}
	for _, c := range changes {
		was := map[catalog.SiteID][]float32{}
		total := dayTotals(list, c)
		for i, f := range list {
			if c.Site != 0 && c.Site != f.Site || f.Origin >= c.Expiry {
				continue
			}
			was[f.Site] = daysOf(f, c)
			list[i] = changed(f, c, total, len(list)).Step(forecasting.StepOverride, f, c.ID, c.Reason)
		}
		if len(was) > 0 {
			plain[c.ID] = was
		}
	}
	return plain
}

// dayTotals gives the expected pieces of all sites by day, for a change that names those of all sites together.
func dayTotals(list []forecasting.Forecast, c forecasting.OverrideRecord) []float64 {
	if c.Site != 0 || c.Factor > 0 {
		return nil
	}
	var out []float64
	for _, f := range list {
		for i, v := range f.Mean {
			if i == len(out) {
				out = append(out, 0)
			}
			out[i] += float64(v)
		}
	}
	return out
}

// daysOf gives the forecast of the days of a change, as far as it reaches.
func daysOf(f forecasting.Forecast, c forecasting.OverrideRecord) []float32 {
	from := min(max(c.From.Sub(f.Origin), 0), len(f.Mean))
	to := min(max(c.To.Sub(f.Origin)+1, from), len(f.Mean))
	return f.Mean[from:to:to]
}

// changed gives a forecast with a change; sites share what is meant for all of them in proportion to what is expected of each.
func changed(f forecasting.Forecast, c forecasting.OverrideRecord, total []float64, sites int) forecasting.Forecast {
	mean := widened(f.Mean)
	for i := range mean {
		if day := f.Day(i); day < c.From || day > c.To {
			continue
		}
		switch {
		case c.Factor > 0:
			mean[i] *= c.Factor
		case c.Site != 0:
			mean[i] = c.Pieces
		case total[i] > 0:
			mean[i] *= c.Pieces / total[i]
		default:
			mean[i] = c.Pieces / float64(sites)
		}
	}
	return models.Moved(f, mean)
}

// overrideRun puts the planners' changes on the forecasts of a run that is about to come into force. tx holds the run.
func (o *Ops) overrideRun(ctx context.Context, tx pgx.Tx, run forecasting.Run) error {
	changes, err := forecastdb.ActiveOverrides(ctx, tx, run.Origin, nil)
	if err != nil || len(changes) == 0 {
		return err
	}
	bySKU := map[catalog.SKUID][]forecasting.OverrideRecord{}
	var skus []catalog.SKUID
	for _, c := range changes {
		if bySKU[c.SKU] == nil {
			skus = append(skus, c.SKU)
		}
		bySKU[c.SKU] = append(bySKU[c.SKU], c)
	}
	span := forecastdb.SpanOf(skus)
	results, err := forecastdb.Results(ctx, tx, run, span, 0, true)
	if err != nil {
		return err
	}
	totals := forecastdb.Totals{}
	for part := range chunksBy(results, func(r forecastdb.Result) catalog.SKUID { return r.SKU }) {
		for _, r := range part {
			totals.Add(r.Forecast, r.Top, -1)
		}
		if err := override(ctx, tx, part, bySKU[part[0].SKU]); err != nil {
			return err
		}
		for _, r := range part {
			totals.Add(r.Forecast, r.Top, 1)
		}
	}
	if err := forecastdb.SaveResults(ctx, tx, run.ID, span, results, o.Clock()); err != nil {
		return err
	}
	return forecastdb.MoveTotals(ctx, tx, run.ID, totals)
}

// override puts the changes of one SKU on its results and keeps what they were put upon.
func override(ctx context.Context, q pgdb.Querier, part []forecastdb.Result, changes []forecasting.OverrideRecord) error {
	if len(changes) == 0 {
		return nil
	}
	list := make([]forecasting.Forecast, len(part))
	for i := range part {
		list[i] = part[i].Forecast
	}
	for id, plain := range applyOverrides(list, changes) {
		if err := forecastdb.SavePlain(ctx, q, id, plain); err != nil {
			return err
		}
	}
	for i := range part {
		part[i].Forecast = list[i]
	}
	return nil
}

// scoredAtOnce is how many changes are scored in a run; the rest waits for the next.
const scoredAtOnce = 500

// scoreOverrides compares the changes whose days have passed with what came: did they help?
func (o *Ops) scoreOverrides(ctx context.Context, run forecasting.Run) error {
	due, err := forecastdb.OverridesToScore(ctx, o.Pool, run.Origin, scoredAtOnce)
	if err != nil || len(due) == 0 {
		return err
	}
	for _, c := range due {
		span := forecastdb.SpanOf([]catalog.SKUID{c.SKU})
		span.Origin = run.Origin
		members, err := forecastdb.Members(ctx, o.Pool, span)
		if err != nil {
			return err
		}
		known, err := o.reported(ctx, o.Pool, run.Origin, nil)
		if err != nil {
			return err
		}
		sales := map[catalog.SiteID]forecasting.Series{}
		for s, err := range forecastdb.Histories(ctx, o.Pool, span, members, known) {
			if err != nil {
				return err
			}
			sales[s.Site] = s
		}
		if err := forecastdb.SaveOverrideScore(ctx, o.Pool, c.ID, scoreOverride(c, sales), o.Clock()); err != nil {
			return err
		}
	}
	return nil
}

// scoreOverride adds the scores of the sites up.
func scoreOverride(c forecasting.OverrideRecord, sales map[catalog.SiteID]forecasting.Series) forecasting.OverrideScore {
	var list []forecasting.Forecast
	for site, days := range c.Plain {
		f := models.LaunchForecast(forecasting.Key{SKU: c.SKU, Site: site}, c.From, widened(days), 0)
		list = append(list, f)
	}
	total := dayTotals(list, c)
	var sum forecasting.OverrideScore
	for _, plain := range list {
		s := sales[plain.Site]
		actual := make([]float64, plain.Horizon())
		for i := range actual {
			y, ok := sold(s, plain.Day(i))
			if !ok {
				y = math.NaN()
			}
			actual[i] = y
		}
		one := forecasting.ScoreOverride(c.Override, plain, changed(plain, c, total, len(list)), actual)
		sum.Days += one.Days
		sum.Before += one.Before
		sum.After += one.After
	}
	return sum
}
