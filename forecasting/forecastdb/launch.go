package forecastdb

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

const sqlEvidencePut = `insert into forecast.launch_evidence (kind, ref, sku_id, site_id, pieces, at) values ($1, $2, $3, nullif($4::int, 0), $5, $6)
	on conflict (kind, ref) do update set sku_id = excluded.sku_id, site_id = excluded.site_id, pieces = excluded.pieces, at = excluded.at`

// SaveEvidence keeps launch evidence; the same again, or a later word of the same vote or campaign, replaces it.
func SaveEvidence(ctx context.Context, q pgdb.Querier, e forecasting.Evidence) error {
	if _, err := q.Exec(ctx, sqlEvidencePut, e.Kind, e.Ref, e.SKU, e.Site, e.Pieces, e.At); err != nil {
		return fmt.Errorf("launch evidence %s %s: %w", e.Kind, e.Ref, err)
	}
	return nil
}

const sqlEvidenceDrop = `delete from forecast.launch_evidence where kind = $1 and ref = $2`

// DropEvidence takes launch evidence back, as when a campaign was cancelled.
func DropEvidence(ctx context.Context, q pgdb.Querier, kind forecasting.EvidenceKind, ref string) error {
	if _, err := q.Exec(ctx, sqlEvidenceDrop, kind, ref); err != nil {
		return fmt.Errorf("launch evidence %s %s: %w", kind, ref, err)
	}
	return nil
}

const sqlEvidence = `select kind, ref, sku_id as sku, coalesce(site_id, 0) as site, pieces, at from forecast.launch_evidence
	where at >= $1 and ($2::int[] is null or sku_id = any($2)) order by at desc, kind, ref`

// EvidenceOf gives the launch evidence since an instant for the SKUs (nil for all), the newest first.
func EvidenceOf(ctx context.Context, q pgdb.Querier, since time.Time, skus []catalog.SKUID) ([]forecasting.Evidence, error) {
	rows, err := q.Query(ctx, sqlEvidence, since, skus)
	if err != nil {
		return nil, fmt.Errorf("launch evidence: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[evidenceRow])
	if err != nil {
		return nil, fmt.Errorf("launch evidence: %w", err)
	}
	out := make([]forecasting.Evidence, len(list))
	for i, r := range list {
		out[i] = forecasting.Evidence(r)
	}
	return out, nil
}

type evidenceRow struct {
	Kind   forecasting.EvidenceKind
	Ref    string
	SKU    catalog.SKUID
	Site   catalog.SiteID
	Pieces quantity.Pieces
	At     time.Time
}

// Newcomer is a SKU that is new, or about to be.
type Newcomer struct {
	SKU         catalog.SKUID
	Category    catalog.CategoryID
	PriceFen    int64
	Launched    *calendar.Day
	FirstSale   *calendar.Day
	Predecessor catalog.SKUID // that names it as its successor, 0 for none
	Topic       catalog.TopicID
	StageFrom   int
	StageTo     int
	CrossBorder bool // a supplier ships it to an overseas or bonded warehouse, or one has sold it or its predecessor
}

const sqlNewcomers = `with first as (
		select sku_id, min(first_day) as day from forecast.series where first_day < $1 group by 1),
	house as (select min(day) as day from first),
	heir as (select distinct on (o.successor_id) o.successor_id as sku_id, o.id from catalog.sku o
		where o.successor_id is not null and o.retired >= $1::date - $3::int and o.id in (select sku_id from first)
		order by o.successor_id, o.retired desc, o.id),
	topic as (select distinct on (sku_id) sku_id, topic_id from catalog.topic_sku order by sku_id, weight desc, topic_id)
	select k.id as sku, k.category_id as category, k.price_fen, k.launched, f.day as first_sale,
		coalesce(p.id, 0) as predecessor, coalesce(t.topic_id, 0) as topic, coalesce(g.from_month, 0)::int as stage_from, coalesce(g.to_month, 0)::int as stage_to,
		exists (select from catalog.site w where w.tier in ('overseas', 'bonded') and (
			w.id in (select m.ships_to from catalog.term m where m.sku_id = k.id)
			or w.id in (select r.site_id from forecast.series r where r.sku_id in (k.id, p.id) and r.first_day < $1))) as cross_border
	from catalog.sku k
	cross join house
	left join first f on f.sku_id = k.id
	left join heir p on p.sku_id = k.id
	left join topic t on t.sku_id = k.id
	left join forecast.sku_stage g on g.sku_id = k.id
	where (k.retired is null or k.retired > $1) and house.day < $1::date - 2 * $3::int
		and (f.day >= $1::date - $3::int or f.day is null and (
			k.launched between $1::date - $4::int and $1::date + $5::int or p.id is not null
			or exists (select from forecast.launch_evidence e where e.sku_id = k.id and e.at >= $2)))
	order by k.category_id, k.id limit $6`

// MostNewcomers bounds the launches that a run works out.
const MostNewcomers = 20_000

// Newcomers gives the SKUs on sale that have first sold within YoungDays of the day, or have not yet: those that are launched about
// now, take over from another, or are wanted by votes or pledges since an instant. In a house that has sold for less than twice as
// long nothing is new.
func Newcomers(ctx context.Context, q pgdb.Querier, day calendar.Day, since time.Time) ([]Newcomer, error) {
	rows, err := q.Query(ctx, sqlNewcomers, day, since, forecasting.YoungDays, forecasting.LaunchShelf, forecasting.LaunchAhead, MostNewcomers)
	if err != nil {
		return nil, fmt.Errorf("new skus: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Newcomer])
	if err != nil {
		return nil, fmt.Errorf("new skus: %w", err)
	}
	return list, nil
}

// PastLaunch is a SKU that was launched within the recorded past: what it sold on each day of its life, all sites together.
type PastLaunch struct {
	SKU       catalog.SKUID
	PriceFen  int64
	Topic     catalog.TopicID
	StageFrom int
	StageTo   int
	First     calendar.Day
	Days      []int32 // days since First with sales, ascending
	Pieces    []int64
}

// LaunchDays is how much of the life of a SKU is looked at.
const LaunchDays = 182

const sqlPastLaunches = `with born as (
		select r.sku_id, min(r.first_day) as first from forecast.series r where r.category_id = $1 group by 1),
	house as (select min(first_day) as day from forecast.series),
	picked as (
		select b.sku_id, b.first from born b, house where b.first >= house.day + 45 and b.first < $2::date - 28 order by b.first desc, b.sku_id limit $3)
	select k.id as sku, k.price_fen, coalesce((select topic_id from catalog.topic_sku t where t.sku_id = k.id order by weight desc, topic_id limit 1), 0) as topic,
		coalesce(g.from_month, 0)::int as stage_from, coalesce(g.to_month, 0)::int as stage_to,
		p.first, array_agg(s.day - p.first order by s.day) as days, array_agg(s.pieces order by s.day) as pieces
	from picked p join catalog.sku k on k.id = p.sku_id
	left join forecast.sku_stage g on g.sku_id = k.id
	join lateral (select day, sum(pieces)::bigint as pieces from forecast.sale
		where sku_id = p.sku_id and day between p.first and p.first + $4::int and day < $2 group by 1) s on true
	group by 1, 2, 3, 4, 5, 6 order by p.first desc, 1`

// PastLaunches gives the latest launches of a category before a day, at most limit of them.
func PastLaunches(ctx context.Context, q pgdb.Querier, category catalog.CategoryID, day calendar.Day, limit int) ([]PastLaunch, error) {
	rows, err := q.Query(ctx, sqlPastLaunches, category, day, limit, LaunchDays-1)
	if err != nil {
		return nil, fmt.Errorf("launches of category %d: %w", category, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[PastLaunch])
	if err != nil {
		return nil, fmt.Errorf("launches of category %d: %w", category, err)
	}
	return list, nil
}

// SiteShare is how much of a category a site sells. Abroad says that it is an overseas or bonded warehouse.
type SiteShare struct {
	Site   catalog.SiteID
	Abroad bool
	Pieces int64
}

const sqlSiteShares = `select t.site_id as site, w.tier in ('overseas', 'bonded') as abroad, sum(t.pieces)::bigint as pieces from forecast.sale_total t join catalog.site w on w.id = t.site_id
	where t.day >= $2::date - 91 and t.day < $2 and ($1::int = 0 or t.category_id = $1) and w.active group by 1, 2 having sum(t.pieces) > 0 order by 1`

// SiteShares gives what each site has sold of a category (0 for all) in the quarter before a day.
func SiteShares(ctx context.Context, q pgdb.Querier, category catalog.CategoryID, day calendar.Day) ([]SiteShare, error) {
	rows, err := q.Query(ctx, sqlSiteShares, category, day)
	if err != nil {
		return nil, fmt.Errorf("sites of category %d: %w", category, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[SiteShare])
	if err != nil {
		return nil, fmt.Errorf("sites of category %d: %w", category, err)
	}
	return list, nil
}

const sqlLaunchClear = `delete from forecast.launch where run_id = $1`

// SaveLaunches replaces the launch plans of a run. q must be a transaction.
func SaveLaunches(ctx context.Context, q pgdb.Querier, run int64, list []forecasting.LaunchPlan) error {
	if _, err := q.Exec(ctx, sqlLaunchClear, run); err != nil {
		return fmt.Errorf("launches of run %d: %w", run, err)
	}
	rows := pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
		p := &list[i]
		note, err := json.Marshal(p.Note)
		return []any{run, int32(p.SKU), int32(p.Site), p.Start.Time(), p.Curve, note}, err
	})
	columns := []string{"run_id", "sku_id", "site_id", "start", "curve", "note"}
	if _, err := q.CopyFrom(ctx, pgx.Identifier{"forecast", "launch"}, columns, rows); err != nil {
		return fmt.Errorf("launches of run %d: %w", run, err)
	}
	return nil
}

const sqlLaunchesColumns = `select sku_id, site_id, start, curve, note from forecast.launch where `

const (
	sqlLaunches   = sqlLaunchesColumns + `sku_id between $1 and $2 and run_id = $3 order by 1, 2`
	sqlLaunchesOf = sqlLaunchesColumns + `sku_id = any($1) and run_id = $2 order by 1, 2`
)

// Launches gives the launch plans of a run for the SKUs of a span, by SKU and site.
func Launches(ctx context.Context, q pgdb.Querier, run int64, span Span) ([]forecasting.LaunchPlan, error) {
	rows, err := span.query(ctx, q, sqlLaunches, sqlLaunchesOf, run)
	if err != nil {
		return nil, fmt.Errorf("launches of run %d: %w", run, err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p forecasting.LaunchPlan, err error) {
		var note []byte
		if err = row.Scan(&p.SKU, &p.Site, &p.Start, &p.Curve, &note); err == nil {
			err = json.Unmarshal(note, &p.Note)
		}
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("launches of run %d: %w", run, err)
	}
	return list, nil
}

// Ending is a SKU that ends, or has ended a short while ago, with the SKU that takes its customers over.
type Ending struct {
	SKU, Successor catalog.SKUID
	Retired        calendar.Day
}

const sqlEndingsColumns = `select id as sku, successor_id as successor, retired from catalog.sku where `

const (
	sqlEndings   = sqlEndingsColumns + `successor_id between $1 and $2 and retired >= $3::date - $4::int order by 1`
	sqlEndingsOf = sqlEndingsColumns + `successor_id = any($1) and retired >= $2::date - $3::int order by 1`
)

// Endings gives the SKUs whose successors are of the span and that end after, or ended within YoungDays before, a day.
func Endings(ctx context.Context, q pgdb.Querier, span Span) ([]Ending, error) {
	rows, err := span.query(ctx, q, sqlEndings, sqlEndingsOf, span.Origin, forecasting.YoungDays)
	if err != nil {
		return nil, fmt.Errorf("skus that end: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Ending])
	if err != nil {
		return nil, fmt.Errorf("skus that end: %w", err)
	}
	return list, nil
}
