package forecastops

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// MergeCohorts stores babies by region and month that have been checked before, within the transaction of an import. The next run follows
// them.
func (o *Ops) MergeCohorts(ctx context.Context, tx pgx.Tx, rows iter.Seq2[forecasting.Cohort, error]) (forecasting.Merged, error) {
	return forecastdb.MergeCohorts(ctx, tx, rows)
}

// MergeStages stores for which months of age SKUs are, within the transaction of an import.
func (o *Ops) MergeStages(ctx context.Context, tx pgx.Tx, rows iter.Seq2[forecasting.SKUStage, error]) (forecasting.Merged, error) {
	return forecastdb.MergeStages(ctx, tx, rows)
}

// RecordCohorts stores a batch of cohorts in one transaction: all or none; the same again changes nothing. A *forecasting.BatchError
// lists every fault by item and field (region, month, babies).
func (o *Ops) RecordCohorts(ctx context.Context, items []forecasting.Cohort) (forecasting.Merged, error) {
	if _, err := requireAny(ctx, access.PushData, access.Import, access.RunForecast); err != nil {
		return forecasting.Merged{}, err
	}
	if len(items) > MaxBatch {
		return forecasting.Merged{}, fmt.Errorf("record cohorts: %w: %d", ErrTooMany, len(items))
	}
	type key struct {
		region string
		month  int
	}
	var faults forecasting.BatchError
	seen := make(map[key]int, len(items))
	for i := range items {
		c := &items[i]
		c.Region = strings.TrimSpace(c.Region)
		k := key{c.Region, c.Month}
		if first, ok := seen[k]; ok && items[first].Babies != c.Babies {
			faults.Add(i, "month", catalog.Repeated, fmt.Sprintf("%s %d-%02d, item %d", c.Region, c.Month/12, c.Month%12+1, first))
		}
		seen[k] = i
		switch n := utf8.RuneCountInString(c.Region); {
		case n == 0:
			faults.Add(i, "region", catalog.Missing, "")
		case !utf8.ValidString(c.Region) || strings.ContainsRune(c.Region, 0):
			faults.Add(i, "region", catalog.BadForm, c.Region)
		case n > forecasting.MaxRegion:
			faults.Add(i, "region", catalog.TooLong, c.Region)
		}
		if c.Month < forecasting.FirstCohort || c.Month > forecasting.MonthOf(o.today())+12 {
			faults.Add(i, "month", catalog.OutOfRange, fmt.Sprintf("%d-%02d", c.Month/12, c.Month%12+1))
		}
		if !(c.Babies >= 0 && c.Babies <= forecasting.MaxBabies) {
			faults.Add(i, "babies", catalog.OutOfRange, fmt.Sprint(c.Babies))
		}
	}
	if err := faults.OrNil(); err != nil {
		return forecasting.Merged{}, fmt.Errorf("record cohorts: %w", err)
	}
	var merged forecasting.Merged
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		var err error
		merged, err = forecastdb.MergeCohorts(ctx, tx, func(yield func(forecasting.Cohort, error) bool) {
			for _, c := range items {
				if !yield(c, nil) {
					return
				}
			}
		})
		if err != nil || merged.Inserted+merged.Changed == 0 {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "cohorts.record", Thing: audit.Thing{Kind: "cohorts"}, After: merged})
	})
	return merged, err
}

// SetRegion puts a site into a region of births, or for "" into none; the next run follows. catalog.ErrUnknown for a site that is not.
func (o *Ops) SetRegion(ctx context.Context, site catalog.SiteID, region string) error {
	u, err := access.Require(ctx, access.RunForecast)
	if err != nil {
		return err
	}
	region = strings.TrimSpace(region)
	if !u.MayTouchSite(site) {
		return fmt.Errorf("region of site %d: %w", site, access.ErrForbidden)
	}
	places, err := forecastdb.Places(ctx, o.Pool)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(places, func(p forecastdb.Place) bool { return p.ID == site }) {
		return fmt.Errorf("site %d: %w", site, catalog.ErrUnknown)
	}
	if utf8.RuneCountInString(region) > forecasting.MaxRegion {
		return fmt.Errorf("region of site %d: %w: longer than %d characters", site, forecasting.ErrOverride, forecasting.MaxRegion)
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		was, err := forecastdb.Regions(ctx, tx)
		if err != nil {
			return err
		}
		if err := forecastdb.SetRegion(ctx, tx, site, region); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{
			Verb: "site.region", Thing: audit.Thing{Kind: "site", ID: fmt.Sprint(site)}, Before: map[string]any{"region": was[site]}, After: map[string]any{"region": region},
		})
	})
}

// CohortPage is what the page of cohorts shows.
type CohortPage struct {
	Cohorts []forecasting.Cohort
	Sites   []CohortSite
	Stages  []CohortStage
	// First is the month of the first value of the stages' paths, Now that of today.
	First, Now int
}

// CohortSite is a site with its region, "" for none.
type CohortSite struct {
	Code   string
	Name   catalog.Name
	Region string
}

// CohortStage is an age that SKUs are for: how many babies are of it, against the mean of the past year, by month from CohortPage.First on.
type CohortStage struct {
	forecasting.StageCount
	Path []float64 // nil where too little is known
}

// The months of the paths of the cohort page.
const (
	cohortBack  = 18
	cohortAhead = 12
)

// Cohorts gives the page of cohorts of a region, or for "" of all together.
func (o *Ops) Cohorts(ctx context.Context, region string) (CohortPage, error) {
	if _, err := access.Require(ctx, access.ViewDemand); err != nil {
		return CohortPage{}, err
	}
	var p CohortPage
	var err error
	if p.Cohorts, err = forecastdb.Cohorts(ctx, o.Pool); err != nil {
		return p, err
	}
	places, err := forecastdb.Places(ctx, o.Pool)
	if err != nil {
		return p, err
	}
	regions, err := forecastdb.Regions(ctx, o.Pool)
	if err != nil {
		return p, err
	}
	for _, w := range places {
		p.Sites = append(p.Sites, CohortSite{w.Code, w.Name(), regions[w.ID]})
	}
	var run int64
	if r, err := forecastdb.CurrentRun(ctx, o.Pool); err == nil {
		run = r.ID
	}
	counts, err := forecastdb.StageCounts(ctx, o.Pool, run)
	if err != nil {
		return p, err
	}
	today := o.today()
	p.Now = forecasting.MonthOf(today)
	p.First = p.Now - cohortBack
	for _, c := range counts {
		s := CohortStage{StageCount: c}
		if path, ok := forecasting.CohortPath(p.Cohorts, region, forecasting.EvenStage(c.From, c.To), p.First, cohortBack+cohortAhead+1, p.Now); ok {
			s.Path = path
		}
		p.Stages = append(p.Stages, s)
	}
	return p, nil
}
