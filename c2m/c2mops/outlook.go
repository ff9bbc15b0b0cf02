package c2mops

import (
	"context"
	"fmt"
	"math"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// forecast gathers the rolling forecast of the order's goods and notes that the supplier is told. It is the demand over all sites,
// before stock, from the first Monday to come: what a supplier plans its capacity by. A backup supplier gets none.
func (a *act) forecast(ctx context.Context) ([]c2m.ForecastRow, error) {
	if a.ops.Forecasts == nil {
		return nil, nil
	}
	o := a.order
	terms, err := c2mdb.Terms(ctx, a.tx, o.Supplier, skusOf(o)...)
	if err != nil {
		return nil, err
	}
	var skus []catalog.SKUID
	for _, id := range skusOf(o) {
		if t, ok := terms[id]; ok && !t.Backup {
			skus = append(skus, id)
		}
	}
	if len(skus) == 0 {
		return nil, nil
	}
	outlooks, err := a.ops.Forecasts.Weekly(ctx, a.tx, skus, 0, a.ops.ForecastWeeks+2) // the run may be a week old
	if err != nil {
		return nil, fmt.Errorf("c2mops: forecast for %s: %w", o.Number, err)
	}
	from := mondayOf(a.today.AddDays(6))
	told, err := a.told(ctx, skus, from)
	if err != nil {
		return nil, err
	}
	var rows []c2m.ForecastRow
	var tell []c2mdb.Week
	for _, out := range outlooks {
		row := a.forecastRow(out, terms[out.SKU], from, told)
		for _, w := range row.Weeks {
			tell = append(tell, c2mdb.Week{SKUID: row.SKU, Monday: w.Monday, Pieces: w.Pieces, Firm: w.Firm})
		}
		if len(row.Weeks) > 0 {
			rows = append(rows, row)
		}
	}
	return rows, c2mdb.TellWeeks(ctx, a.tx, o.Supplier, tell, a.now)
}

// forecastRow brings one SKU's outlook into ISO weeks. Weeks that begin within the lead time are firm.
func (a *act) forecastRow(out forecasting.WeeklyOutlook, t catalog.Term, from calendar.Day, told map[weekKey]c2mdb.Week) c2m.ForecastRow {
	row := c2m.ForecastRow{SKU: out.SKU, PartNo: t.PartNo, MOQ: t.MOQ, Pack: t.Pack}
	firm := a.today.AddDays(int(math.Ceil(t.LeadMean)))
	for i, mean := range isoWeeks(out.Weeks, from, a.ops.ForecastWeeks) {
		w := c2m.ForecastWeek{Monday: from.AddDays(7 * i), Pieces: wholePieces(mean)}
		w.Firm = w.Monday < firm
		if old, ok := told[weekKey{out.SKU, w.Monday}]; ok {
			w.Before, w.Committed, w.Capacity = &old.Pieces, old.Committed, old.Capacity
		}
		row.Weeks = append(row.Weeks, w)
	}
	return row
}

// isoWeeks spreads weeks that begin on any day evenly over their days and sums them up again by weeks from the Monday on, at most n;
// it ends with the last one that is wholly known.
func isoWeeks(weeks []forecasting.Week, from calendar.Day, n int) []float64 {
	var out []float64
	for i := range n {
		first, sum, days := from.AddDays(7*i), 0.0, 0
		for _, w := range weeks {
			shared := min(w.From.AddDays(7).Sub(first), first.AddDays(7).Sub(w.From), 7)
			if shared > 0 {
				sum += w.Mean * float64(shared) / 7
				days += shared
			}
		}
		if days < 7 {
			break
		}
		out = append(out, sum)
	}
	return out
}

// wholePieces rounds an expected demand; what is no number counts as none.
func wholePieces(mean float64) quantity.Pieces {
	if math.IsNaN(mean) || mean < 0 {
		return 0
	}
	return quantity.Pieces(math.Round(min(mean, float64(c2m.MaxPieces))))
}

type weekKey struct {
	sku    catalog.SKUID
	monday calendar.Day
}

func (a *act) told(ctx context.Context, skus []catalog.SKUID, from calendar.Day) (map[weekKey]c2mdb.Week, error) {
	weeks, err := c2mdb.Weeks(ctx, a.tx, a.order.Supplier, skus, from)
	if err != nil {
		return nil, err
	}
	told := map[weekKey]c2mdb.Week{}
	for _, w := range weeks {
		told[weekKey{w.SKUID, w.Monday}] = w
	}
	return told, nil
}
