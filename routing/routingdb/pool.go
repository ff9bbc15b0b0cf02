package routingdb

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/routing"
)

const sqlWaitingSites = `select site_id from routing.parcel where state = 'waiting' union select site_id from routing.round where state in ('accepted','started') order by site_id`

// WaitingSites gives the sites where parcels wait for a ride or riders are on one.
func WaitingSites(ctx context.Context, q pgdb.Querier) ([]catalog.SiteID, error) {
	type row struct{ SiteID catalog.SiteID }
	list, err := collect[row](ctx, q, "waiting sites", sqlWaitingSites)
	out := make([]catalog.SiteID, len(list))
	for i, r := range list {
		out[i] = r.SiteID
	}
	return out, err
}

const sqlSaveOutlook = `insert into routing.pool (site_id, planned_at, outlook) values ($1, $2, $3)
	on conflict (site_id) do update set planned_at = excluded.planned_at, outlook = excluded.outlook`

// SaveOutlook stores what the plan thought of the parcels that wait: rounds not offered yet, as JSON.
func SaveOutlook(ctx context.Context, tx pgx.Tx, site catalog.SiteID, at time.Time, outlook []byte) error {
	_, err := exec(ctx, tx, "save outlook", sqlSaveOutlook, int32(site), at, outlook)
	return err
}

const sqlOutlook = `select planned_at, outlook from routing.pool where site_id = $1`

// Outlook gives what the last plan stored; zero and nil before the first.
func Outlook(ctx context.Context, q pgdb.Querier, site catalog.SiteID) (at time.Time, outlook []byte, err error) {
	var planned *time.Time
	err = q.QueryRow(ctx, sqlOutlook, int32(site)).Scan(&planned, &outlook)
	if errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, nil, nil
	}
	return instant(planned), outlook, err
}

const sqlSiteRule = `select rules from routing.site_rule where site_id = $1`

// SiteRules gives a site's rules as JSON, nil for the program's defaults.
func SiteRules(ctx context.Context, q pgdb.Querier, site catalog.SiteID) (rules []byte, err error) {
	err = q.QueryRow(ctx, sqlSiteRule, int32(site)).Scan(&rules)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return rules, err
}

const sqlSetSiteRule = `insert into routing.site_rule (site_id, rules, updated_at, by_name) values ($1, $2, $3, $4)
	on conflict (site_id) do update set rules = excluded.rules, updated_at = excluded.updated_at, by_name = excluded.by_name`

// SetSiteRules stores a site's rules.
func SetSiteRules(ctx context.Context, tx pgx.Tx, site catalog.SiteID, rules []byte, at time.Time, by string) error {
	_, err := exec(ctx, tx, "set rules", sqlSetSiteRule, int32(site), rules, at, by)
	return err
}

const sqlBeginCommand = `insert into routing.command (id, rider_id, kind, at, made_at) values ($1, $2, $3, $4, $5) on conflict (id) do nothing`

// BeginCommand records a command of a rider's phone and tells whether it is new: false means that it was done before.
func BeginCommand(ctx context.Context, tx pgx.Tx, id uuid.UUID, rider routing.RiderID, kind string, at time.Time, madeAt *time.Time) (bool, error) {
	n, err := exec(ctx, tx, "command", sqlBeginCommand, id, int64(rider), kind, at, madeAt)
	return n == 1, err
}

const sqlDropsToday = `select r.rider_id as rider, count(*)::int as drops from routing.stop s join routing.round r on r.id = s.round_id
	where r.site_id = $1 and s.done_at >= $2 and s.outcome <> 'failed' group by r.rider_id`

// Drops gives the drops of each rider of a site since the instant.
func Drops(ctx context.Context, q pgdb.Querier, site catalog.SiteID, since time.Time) (map[routing.RiderID]int, error) {
	type row struct {
		Rider routing.RiderID
		Drops int
	}
	list, err := collect[row](ctx, q, "drops", sqlDropsToday, int32(site), since)
	out := make(map[routing.RiderID]int, len(list))
	for _, r := range list {
		out[r.Rider] = r.Drops
	}
	return out, err
}

const sqlPhoto = `insert into routing.photo (key, round_id, mime, content, at) values ($1, $2, $3, $4, $5) on conflict (key) do nothing`

// SavePhoto stores a picture of a drop under its key.
func SavePhoto(ctx context.Context, tx pgx.Tx, key string, round routing.RoundID, mime string, content []byte, at time.Time) error {
	_, err := exec(ctx, tx, "save photo", sqlPhoto, key, int64(round), mime, content, at)
	return err
}

const sqlReadPhoto = `select mime, content from routing.photo where key = $1`

// Photo gives a picture, pgx.ErrNoRows for none.
func Photo(ctx context.Context, q pgdb.Querier, key string) (mime string, content []byte, err error) {
	err = q.QueryRow(ctx, sqlReadPhoto, key).Scan(&mime, &content)
	return mime, content, err
}

// Figures is what a site's rounds came to since an instant.
type Figures struct {
	Drops, Late, Failed int
	Metres              int64
	CostFen             int64
	CO2Grams            int64 `db:"co2_grams"`
	Rounds              int
}

const sqlFigures = `select
		(select count(*) from routing.stop s join routing.round r on r.id = s.round_id where r.site_id = $1 and s.done_at >= $2 and s.outcome in ('delivered','stored','fetched'))::int as drops,
		(select count(*) from routing.stop s join routing.round r on r.id = s.round_id where r.site_id = $1 and s.done_at >= $2 and s.outcome in ('delivered','stored','fetched') and s.done_at > s.due_at)::int as late,
		(select count(*) from routing.stop s join routing.round r on r.id = s.round_id where r.site_id = $1 and s.done_at >= $2 and s.outcome = 'failed')::int as failed,
		coalesce(sum(metres), 0)::bigint as metres, coalesce(sum(cost_fen), 0)::bigint as cost_fen, coalesce(sum(co2_grams), 0)::bigint as co2_grams, count(*)::int as rounds
	from routing.round where site_id = $1 and started_at >= $2`

// SiteFigures adds up what a site's rounds came to since the instant.
func SiteFigures(ctx context.Context, q pgdb.Querier, site catalog.SiteID, since time.Time) (Figures, error) {
	return first(collect[Figures](ctx, q, "figures", sqlFigures, int32(site), since))
}

const sqlLetGo = `select rider_id as rider, max(case when state = 'expired' then expires_at else answered_at end) as at from routing.round
	where site_id = $1 and state in ('refused','expired') and offered_at >= $2::timestamptz - interval '1 hour' group by rider_id`

// LetGo gives the riders of a site who refused an offer or let it run out after the instant, with when their pause is over.
func LetGo(ctx context.Context, q pgdb.Querier, site catalog.SiteID, since time.Time, pause time.Duration) (map[routing.RiderID]time.Time, error) {
	type row struct {
		Rider routing.RiderID
		At    time.Time
	}
	list, err := collect[row](ctx, q, "riders who let offers go", sqlLetGo, int32(site), since)
	out := map[routing.RiderID]time.Time{}
	for _, r := range list {
		if r.At.After(since) {
			out[r.Rider] = r.At.Add(pause)
		}
	}
	return out, err
}

// Answers is what a rider said to offers.
type Answers struct {
	Rider                             routing.RiderID
	Offered, Taken, Refused, Unheeded int
}

const sqlAnswers = `select rider_id as rider, count(*)::int as offered, count(*) filter (where state in ('accepted','started','finished'))::int as taken,
		count(*) filter (where state = 'refused')::int as refused, count(*) filter (where state = 'expired')::int as unheeded
	from routing.round where site_id = $1 and offered_at >= $2 and state <> 'withdrawn' group by rider_id`

// RiderAnswers gives what the riders of a site said to the offers since the instant.
func RiderAnswers(ctx context.Context, q pgdb.Querier, site catalog.SiteID, since time.Time) (map[routing.RiderID]Answers, error) {
	list, err := collect[Answers](ctx, q, "riders' answers", sqlAnswers, int32(site), since)
	out := make(map[routing.RiderID]Answers, len(list))
	for _, a := range list {
		out[a.Rider] = a
	}
	return out, err
}
