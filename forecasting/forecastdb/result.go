package forecastdb

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// Result is a forecast as it is stored, with what the lists need of the past of its series.
type Result struct {
	forecasting.Forecast
	// Heat is what heat multiplies each day by; nil where no topic moves the series.
	Heat []float32
	// Sold28 and SoldBefore28 are the pieces sold in the 28 days before the origin and in the 28 before those;
	// SoldOut28 counts the sold-out days among the former.
	Sold28, SoldBefore28, SoldOut28 int
	// Top is the category at the top of the SKU's branch. Final says that the forecast is as it is in force: reconciled with the totals,
	// and with the planners' changes; Results gives all of them so.
	Top   catalog.CategoryID
	Final bool
}

// Sum gives the expected demand of the first days of the horizon.
func (r Result) Sum(days int) float32 {
	sum := float32(0)
	for _, v := range r.Mean[:min(days, len(r.Mean))] {
		sum += v
	}
	return sum
}

// NewResult gives the result to store for a forecast of the series s.
func NewResult(f forecasting.Forecast, s forecasting.Series) Result {
	r := Result{Forecast: f, Heat: heatProduct(f.Explanation.Heat, f.Horizon())}
	n := s.Len()
	for i := max(0, n-56); i < n; i++ {
		v := s.Sales[i]
		if math.IsNaN(v) {
			continue
		}
		if i < n-28 {
			r.SoldBefore28 += int(v)
			continue
		}
		r.Sold28 += int(v)
		if s.SoldOut != nil && s.SoldOut[i] {
			r.SoldOut28++
		}
	}
	return r
}

func heatProduct(notes []forecasting.HeatNote, h int) []float32 {
	if len(notes) == 0 {
		return nil
	}
	p := make([]float32, h)
	for i := range p {
		m := 1.0
		for _, n := range notes {
			if i < len(n.Multiplier) {
				m *= n.Multiplier[i]
			}
		}
		p[i] = float32(m)
	}
	return p
}

const (
	sqlResultsClear   = `delete from forecast.result where sku_id between $1 and $2 and run_id = $3`
	sqlResultsClearOf = `delete from forecast.result where sku_id = any($1) and run_id = $2`
)

var resultColumns = []string{"run_id", "sku_id", "site_id", "class", "model", "sold_28", "sold_before_28", "sold_out_28",
	"sum_28", "computed_at", "mean", "q10", "q50", "q90", "q95", "cum_sd", "heat", "explanation", "top_id", "final"}

// SaveResults replaces the results of the run for the SKUs of the span by the list. q must be a transaction.
func SaveResults(ctx context.Context, q pgdb.Querier, run int64, span Span, list []Result, now time.Time) error {
	if err := span.exec(ctx, q, sqlResultsClear, sqlResultsClearOf, run); err != nil {
		return fmt.Errorf("save forecasts of run %d: %w", run, err)
	}
	rows := pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
		r := &list[i]
		why, err := json.Marshal(tidy(r.Explanation))
		if err != nil {
			return nil, fmt.Errorf("explanation of %s: %w", r.Key, err)
		}
		return []any{run, int32(r.SKU), int32(r.Site), string(r.Class), r.Model, int32(r.Sold28), int32(r.SoldBefore28), int32(r.SoldOut28),
			r.Sum(28), now, r.Mean, r.Q10, r.Q50, r.Q90, r.Q95, r.CumSD, r.Heat, why, int32(r.Top), r.Final}, nil
	})
	if _, err := q.CopyFrom(ctx, pgx.Identifier{"forecast", "result"}, resultColumns, rows); err != nil {
		return fmt.Errorf("save forecasts of run %d: %w", run, err)
	}
	return nil
}

// tidy rounds the figures of an explanation to five digits, which halves what is stored, and takes out those that JSON
// cannot hold.
func tidy(x forecasting.Explanation) forecasting.Explanation {
	x.Level, x.TrendPerDay = digits(x.Level), digits(x.TrendPerDay)
	x.Weekly, x.Yearly = allDigits(x.Weekly), allDigits(x.Yearly)
	if p := x.Promotion; p != nil {
		c := *p
		c.Elasticity, c.StdErr, c.Multiplier = digits(c.Elasticity), digits(c.StdErr), allDigits(c.Multiplier)
		x.Promotion = &c
	}
	if c := x.Cohort; c != nil {
		k := *c
		k.Elasticity, k.Multiplier = digits(k.Elasticity), allDigits(k.Multiplier)
		x.Cohort = &k
	}
	x.Steps = append([]forecasting.StepNote(nil), x.Steps...)
	for i := range x.Steps {
		x.Steps[i].Pieces = digits(x.Steps[i].Pieces)
	}
	x.Events = append([]forecasting.EventNote(nil), x.Events...)
	for i := range x.Events {
		x.Events[i].Multiplier = digits(x.Events[i].Multiplier)
	}
	x.Heat = append([]forecasting.HeatNote(nil), x.Heat...)
	for i := range x.Heat {
		x.Heat[i].Elasticity, x.Heat[i].Multiplier = digits(x.Heat[i].Elasticity), allDigits(x.Heat[i].Multiplier)
	}
	x.Censored.Sold, x.Censored.Demand = digits(x.Censored.Sold), digits(x.Censored.Demand)
	x.Candidates = append([]forecasting.CandidateNote(nil), x.Candidates...)
	for i := range x.Candidates {
		c := &x.Candidates[i]
		c.RMSSE, c.MASE, c.Bias, c.Weight = digits(c.RMSSE), digits(c.MASE), digits(c.Bias), digits(c.Weight)
	}
	x.FVA = forecasting.FVANote{Naive: digits(x.FVA.Naive), Model: digits(x.FVA.Model), Percent: digits(x.FVA.Percent)}
	return x
}

func allDigits(v []float64) []float64 {
	if v == nil {
		return nil
	}
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = digits(x)
	}
	return out
}

// digits rounds to five significant digits; what is not a finite number becomes 0.
func digits(v float64) float64 {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	e := math.Pow(10, 4-math.Floor(math.Log10(math.Abs(v))))
	if math.IsInf(e, 0) || e == 0 {
		return 0
	}
	return math.Round(v*e) / e
}

// resultRow is a result as the queries below select it.
type resultRow struct {
	SKU                             catalog.SKUID
	Site                            catalog.SiteID
	Class                           forecasting.Class
	Model                           string
	Sold28, SoldBefore28, SoldOut28 int
	Mean, Q10, Q50, Q90, Q95, CumSD []float32
	Heat                            []float32
	Explanation                     []byte
	Top                             catalog.CategoryID
	Final                           bool
	Lift                            []float32
}

const sqlResultsColumns = `select r.sku_id as sku, r.site_id as site, class, model, sold_28, sold_before_28, sold_out_28,
	mean, q10, q50, q90, q95, cum_sd, heat, top_id as top, final, case when final then null else l.factor end as lift, `

const (
	sqlResults = sqlResultsColumns + `case when $5 then explanation end as explanation from forecast.result r
		left join forecast.lift l on (l.run_id, l.site_id, l.category_id) = (r.run_id, r.site_id, r.top_id)
		where r.sku_id between $1 and $2 and r.run_id = $3 and ($4::int = 0 or r.site_id = $4) order by r.sku_id, r.site_id`
	sqlResultsOf = sqlResultsColumns + `case when $4 then explanation end as explanation from forecast.result r
		left join forecast.lift l on (l.run_id, l.site_id, l.category_id) = (r.run_id, r.site_id, r.top_id)
		where r.sku_id = any($1) and r.run_id = $2 and ($3::int = 0 or r.site_id = $3) order by r.sku_id, r.site_id`
)

// Results gives the forecasts of a run for the SKUs of the span at a site (0 for every site), in the order of SKU and site.
// Reading their explanations takes most of the time: leave why false when they are not needed.
func Results(ctx context.Context, q pgdb.Querier, run forecasting.Run, span Span, site catalog.SiteID, why bool) ([]Result, error) {
	rows, err := span.query(ctx, q, sqlResults, sqlResultsOf, run.ID, site, why)
	if err != nil {
		return nil, fmt.Errorf("forecasts of run %d: %w", run.ID, err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Result, error) {
		r, err := pgx.RowToStructByName[resultRow](row)
		if err != nil {
			return Result{}, err
		}
		res := Result{
			Forecast: forecasting.Forecast{
				Key: forecasting.Key{SKU: r.SKU, Site: r.Site}, Origin: run.Origin, Mean: r.Mean, Q10: r.Q10, Q50: r.Q50, Q90: r.Q90,
				Q95: r.Q95, CumSD: r.CumSD, Class: r.Class, Model: r.Model,
			},
			Heat: r.Heat, Sold28: r.Sold28, SoldBefore28: r.SoldBefore28, SoldOut28: r.SoldOut28, Top: r.Top,
		}
		if r.Explanation != nil {
			err = json.Unmarshal(r.Explanation, &res.Explanation)
		}
		return res.Lifted(r.Lift), err
	})
	if err != nil {
		return nil, fmt.Errorf("forecasts of run %d: %w", run.ID, err)
	}
	return list, nil
}
