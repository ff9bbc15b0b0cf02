package forecastdb

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// HistoryDays is how far back sales are read for forecasting: three years.
const HistoryDays = 3 * 365

// listingDays is the longest time from the launch of a SKU to its first sale at a site that is read as "nobody bought".
// When it took longer, the SKU was more likely not yet on the shelf there, and the series begins with the first sale.
const listingDays = 60

// closedUnder is the mean number of sale rows a day from which a day without any row means that the site did not report
// or was closed: with five rows expected a silent day happens by chance less than once in 148 (e^-5).
const closedUnder = 5

// Reported says up to when and on which days each site has reported sales.
type Reported map[catalog.SiteID]*siteReport

type siteReport struct {
	zone  string
	first calendar.Day
	last  calendar.Day
	rows  map[calendar.Day]int32
	mean  float64
}

const sqlReported = `select t.site_id, w.time_zone, (t.day - date '1970-01-01')::int4, t.sale_rows
	from forecast.site_day t join catalog.site w on w.id = t.site_id
	where t.day >= $1 and ($2::int[] is null or t.site_id = any($2)) order by 1, 3`

const sqlReportedLast = `select coalesce(max(day), '1970-01-01') from forecast.site_day`

// LoadReported reads the days from a day on that the sites (nil for all) have reported.
func LoadReported(ctx context.Context, q pgdb.Querier, from calendar.Day, sites []catalog.SiteID) (Reported, error) {
	var last calendar.Day
	if err := q.QueryRow(ctx, sqlReportedLast).Scan(&last); err != nil {
		return nil, fmt.Errorf("reported days: %w", err)
	}
	rows, err := q.Query(ctx, sqlReported, from, sites)
	if err != nil {
		return nil, fmt.Errorf("reported days: %w", err)
	}
	r := Reported{}
	var site, day, n int32
	var zone string
	_, err = pgx.ForEachRow(rows, []any{&site, &zone, &day, &n}, func() error {
		s := r[catalog.SiteID(site)]
		if s == nil {
			s = &siteReport{zone: zone, first: calendar.Day(day), rows: map[calendar.Day]int32{}}
			r[catalog.SiteID(site)] = s
		}
		s.last = calendar.Day(day)
		s.rows[s.last] = n
		s.mean += float64(n)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reported days: %w", err)
	}
	r.settle(last)
	return r, nil
}

// settle works out the means, and carries sites that sell too little to sell every day on to the last day of the house:
// their silence since the last sale is most likely just that.
func (r Reported) settle(last calendar.Day) {
	for _, s := range r {
		s.mean /= float64(len(s.rows))
		if s.mean < closedUnder {
			s.last = last
		}
	}
}

// Last gives the last day that the site has reported, false when it never did.
func (r Reported) Last(site catalog.SiteID) (calendar.Day, bool) {
	if s := r[site]; s != nil {
		return s.last, true
	}
	return 0, false
}

// Known tells whether a day without a sale row is a day without sales: it lies between the first and the last report of
// the site, and is not one on which a busy site is silent altogether, unless it always is on that day of the week.
func (r Reported) Known(site catalog.SiteID, day calendar.Day) bool {
	s := r[site]
	if s == nil || day < s.first || day > s.last {
		return false
	}
	return s.rows[day] > 0 || s.mean < closedUnder || s.closedOn(day)
}

// Settings of the days of the week on which a site is closed. Sheets of sales seldom hold rows for those days.
const (
	closedWeeks = 4 // weeks looked at before and after the day, and fewest that must have been reported
	closedShare = .8
)

// closedOn tells whether the site is closed on that day of the week: in the weeks around the day it was silent on it, nearly
// always, while it reported most of the days beside it. A silence of whole weeks is a missing delivery and says nothing.
func (s *siteReport) closedOn(day calendar.Day) bool {
	weeks, silent := 0, 0
	for w := -closedWeeks; w <= closedWeeks; w++ {
		d, beside := day.AddDays(7*w), 0
		for k := 1; k <= 3; k++ {
			beside += min(int(s.rows[d.AddDays(k)]), 1) + min(int(s.rows[d.AddDays(-k)]), 1)
		}
		if d < s.first || d > s.last || beside < 4 {
			continue
		}
		weeks++
		if s.rows[d] == 0 {
			silent++
		}
	}
	return weeks >= closedWeeks && float64(silent) >= closedShare*float64(weeks)
}

// Cut takes the days from day on out of what is known, for sites whose own day has not ended yet.
func (r Reported) Cut(day func(zone string) calendar.Day) {
	for _, s := range r {
		s.last = min(s.last, day(s.zone).AddDays(-1))
	}
}

const sqlSitesOf = `select distinct site_id from forecast.series where sku_id = any($1) order by 1`

// SitesOf gives the sites that have ever sold one of the SKUs.
func SitesOf(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID) ([]catalog.SiteID, error) {
	rows, err := q.Query(ctx, sqlSitesOf, skus)
	if err != nil {
		return nil, fmt.Errorf("sites of skus: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[catalog.SiteID])
	if err != nil {
		return nil, fmt.Errorf("sites of skus: %w", err)
	}
	return list, nil
}

const sqlLastReported = `select day from forecast.site_day where day <= $1 and ($2::int[] is null or site_id = any($2)) order by day desc limit 1`

// LastReported gives the last day up to a day that any of the sites (nil for all) has reported, false when there is none.
func LastReported(ctx context.Context, q pgdb.Querier, upTo calendar.Day, sites []catalog.SiteID) (calendar.Day, bool, error) {
	var day calendar.Day
	err := q.QueryRow(ctx, sqlLastReported, upTo, sites).Scan(&day)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("last reported day: %w", err)
	}
	return day, true, nil
}

// Member is a SKU as forecasting needs it.
type Member struct {
	ID       catalog.SKUID
	Category catalog.CategoryID
	Launched *calendar.Day
	Retired  *calendar.Day
}

// On tells whether the SKU is still sold on the day.
func (m Member) On(day calendar.Day) bool { return m.Retired == nil || *m.Retired > day }

const sqlMembersColumns = `select id, category_id as category, launched, retired from catalog.sku `

const (
	sqlMembers   = sqlMembersColumns + `where id between $1 and $2`
	sqlMembersOf = sqlMembersColumns + `where id = any($1)`
)

// Members gives the SKUs of a span, by id.
func Members(ctx context.Context, q pgdb.Querier, span Span) (map[catalog.SKUID]Member, error) {
	rows, err := span.query(ctx, q, sqlMembers, sqlMembersOf)
	if err != nil {
		return nil, fmt.Errorf("members: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Member])
	if err != nil {
		return nil, fmt.Errorf("members: %w", err)
	}
	m := make(map[catalog.SKUID]Member, len(list))
	for _, k := range list {
		m[k.ID] = k
	}
	return m, nil
}

const sqlHistoryColumns = `select sku_id, site_id, (day - date '1970-01-01')::int4, pieces, coalesce(price_fen, 0), promo_bp, sold_out,
	coalesce(sold_out_minutes, 0) from forecast.sale `

const (
	sqlHistory   = sqlHistoryColumns + `where sku_id between $1 and $2 and day >= $3 and day < $4 order by sku_id, site_id, day`
	sqlHistoryOf = sqlHistoryColumns + `where sku_id = any($1) and day >= $2 and day < $3 order by sku_id, site_id, day`
)

// Histories streams the sales of a span as dense series in the order of SKU and site, each from its launch or first
// sale to the day before the origin. A day without a row is 0 where the site has reported it, NaN where it has not.
func Histories(ctx context.Context, q pgdb.Querier, span Span, members map[catalog.SKUID]Member, known Reported) iter.Seq2[forecasting.Series, error] {
	return func(yield func(forecasting.Series, error) bool) {
		floor := span.Origin.AddDays(-HistoryDays)
		rows, err := span.query(ctx, q, sqlHistory, sqlHistoryOf, floor, span.Origin)
		if err != nil {
			yield(forecasting.Series{}, fmt.Errorf("sales: %w", err))
			return
		}
		defer rows.Close()
		b := seriesBuilder{span: span, floor: floor, members: members, known: known}
		var sku, site, day, pieces int32
		var price int64
		var promo, minutes int16
		var out bool
		for rows.Next() {
			if err := rows.Scan(&sku, &site, &day, &pieces, &price, &promo, &out, &minutes); err != nil {
				yield(forecasting.Series{}, fmt.Errorf("sales of sku %d: %w", sku, err))
				return
			}
			key := forecasting.Key{SKU: catalog.SKUID(sku), Site: catalog.SiteID(site)}
			if key != b.s.Key || b.s.Sales == nil {
				if b.s.Sales != nil && !yield(b.finish(), nil) {
					return
				}
				b.start(key, calendar.Day(day))
			}
			b.set(calendar.Day(day), pieces, price, promo, out, minutes)
		}
		if err := rows.Err(); err != nil {
			yield(forecasting.Series{}, fmt.Errorf("sales: %w", err))
			return
		}
		if b.s.Sales != nil {
			yield(b.finish(), nil)
		}
	}
}

// seriesBuilder lays rows on the axis of days.
type seriesBuilder struct {
	span                Span
	floor               calendar.Day
	members             map[catalog.SKUID]Member
	known               Reported
	s                   forecasting.Series
	sold, promo, priced bool
	hours               bool
}

func (b *seriesBuilder) start(key forecasting.Key, first calendar.Day) {
	start := first
	if m, ok := b.members[key.SKU]; ok && m.Launched != nil && *m.Launched < first && first.Sub(*m.Launched) <= listingDays {
		start = max(*m.Launched, b.floor)
	}
	n := b.span.Origin.Sub(start)
	b.s = forecasting.Series{
		Key: key, Start: start, Sales: make([]float64, n),
		SoldOut: make([]bool, n), Promo: make([]float64, n), Price: make([]float64, n),
	}
	b.sold, b.promo, b.priced, b.hours = false, false, false, false
	for i := range n {
		if !b.known.Known(key.Site, start.AddDays(i)) {
			b.s.Sales[i] = math.NaN()
		}
		b.s.Price[i] = math.NaN()
	}
}

func (b *seriesBuilder) set(day calendar.Day, pieces int32, price int64, promo int16, out bool, minutes int16) {
	i := day.Sub(b.s.Start)
	// A row beyond the last known day belongs to a site whose day has not ended: it is part of a day only.
	if last, ok := b.known.Last(b.s.Site); !ok || day > last {
		return
	}
	b.s.Sales[i] = float64(pieces)
	b.s.SoldOut[i], b.sold = out, b.sold || out
	if minutes > 0 {
		if !b.hours {
			b.hours, b.s.OutShare = true, unknownShares(len(b.s.Sales))
		}
		b.s.OutShare[i] = min(float64(minutes)/forecasting.DayMinutes, 1)
	}
	if promo > 0 {
		b.s.Promo[i], b.promo = float64(promo)/10_000, true
	}
	if price > 0 {
		b.s.Price[i], b.priced = float64(price)/100, true
	}
}

func unknownShares(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = math.NaN()
	}
	return v
}

// finish drops the columns in which nothing is known.
func (b *seriesBuilder) finish() forecasting.Series {
	s := b.s
	if !b.sold {
		s.SoldOut = nil
	}
	if !b.promo {
		s.Promo = nil
	}
	if !b.priced {
		s.Price = nil
	}
	return s
}
