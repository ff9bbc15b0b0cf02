package forecastops

import (
	"context"
	"math"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/models"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// cohorts holds the babies of the regions, and for which ages the SKUs of a span are.
type cohorts struct {
	born    []forecasting.Cohort
	regions map[catalog.SiteID]string
	stages  map[catalog.SKUID]forecasting.SKUStage
	origin  calendar.Day
	paths   map[cohortKey]cohortPath
}

type cohortKey struct {
	region   string
	from, to int
}

type cohortPath struct {
	region  string // "" where the region itself is not known well enough
	months  []float64
	usable  bool
	daily   []float64    // from day on
	since   calendar.Day // first day of daily
	through calendar.Day // first day after it
}

// readCohorts gives the cohorts for a span; one that holds nothing where no births are known.
func readCohorts(ctx context.Context, q pgdb.Querier, span forecastdb.Span) (*cohorts, error) {
	c := &cohorts{origin: span.Origin, paths: map[cohortKey]cohortPath{}}
	var err error
	if c.stages, err = forecastdb.Stages(ctx, q, span); err != nil || len(c.stages) == 0 {
		return c, err
	}
	if c.born, err = forecastdb.Cohorts(ctx, q); err != nil {
		return c, err
	}
	c.regions, err = forecastdb.Regions(ctx, q)
	return c, err
}

// monthsAhead is how many months after the origin a path of a cohort holds; beyond, its last value stands.
const monthsAhead = 26

// path gives the need for the stage of a SKU at a site, day by day around the origin; false where it has none or too little is known.
func (c *cohorts) path(k forecasting.Key) (forecasting.SKUStage, cohortPath, bool) {
	s, ok := c.stages[k.SKU]
	if !ok || len(c.born) == 0 {
		return s, cohortPath{}, false
	}
	key := cohortKey{c.regions[k.Site], s.From, s.To}
	p, ok := c.paths[key]
	if !ok {
		p = c.make(key)
		c.paths[key] = p
	}
	return s, p, p.usable
}

func (c *cohorts) make(key cohortKey) cohortPath {
	at := forecasting.MonthOf(c.origin)
	first := at - forecastdb.HistoryDays/30 - 2
	p := cohortPath{region: key.region}
	stage := forecasting.EvenStage(key.from, key.to)
	n := at - first + monthsAhead
	p.months, p.usable = forecasting.CohortPath(c.born, key.region, stage, first, n, at)
	if !p.usable && key.region != "" {
		p.region = ""
		p.months, p.usable = forecasting.CohortPath(c.born, "", stage, first, n, at)
	}
	if !p.usable {
		return p
	}
	p.since = c.origin.AddDays(-forecastdb.HistoryDays)
	p.through = c.origin.AddDays(forecasting.MaxHorizon + 1)
	p.daily = forecasting.CohortDays(p.months, first, p.since, p.through.Sub(p.since))
	return p
}

// at gives the need of a day against the mean of the past year.
func (p cohortPath) at(d calendar.Day) float64 {
	return p.daily[min(max(d.Sub(p.since), 0), len(p.daily)-1)]
}

// drive gives the member the logarithm of the cohort's path as a further driver of the past and the next h days.
func (c *cohorts) drive(m *models.Member, h int) {
	_, p, ok := c.path(m.Series.Key)
	if !ok {
		return
	}
	past, future := make([]float64, m.Series.Len()), make([]float64, h)
	for i := range past {
		past[i] = math.Log(p.at(m.Series.Day(i)))
	}
	for i := range future {
		future[i] = math.Log(p.at(m.Series.End().AddDays(i)))
	}
	m.Series.Extra, m.Future.Extra = [][]float64{past}, [][]float64{future}
}

// explain notes what the cohort has done to the forecast.
func (c *cohorts) explain(f *forecasting.Forecast) {
	slopes := f.Explanation.Slopes
	f.Explanation.Slopes = nil
	s, p, ok := c.path(f.Key)
	if !ok || len(slopes) == 0 {
		return
	}
	n := &forecasting.CohortNote{Region: p.region, From: s.From, To: s.To, Elasticity: slopes[0], Multiplier: make([]float64, f.Horizon())}
	for i := range n.Multiplier {
		n.Multiplier[i] = math.Exp(slopes[0] * math.Log(p.at(f.Day(i))))
	}
	f.Explanation.Cohort = n
}

// withCohort gives the prior with the belief that demand follows the babies in proportion, unless the history of a SKU says
// otherwise. nil is the neutral prior.
func withCohort(p *models.Prior) *models.Prior {
	if p == nil {
		return &models.Prior{Extra: []float64{1}}
	}
	q := *p
	q.Extra = []float64{1}
	return &q
}
