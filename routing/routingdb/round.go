package routingdb

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/routing"
)

type roundRow struct {
	ID                    int64
	Number                string
	SiteID                catalog.SiteID
	RiderID               int64
	State                 string
	OfferedAt, ExpiresAt  time.Time
	AnsweredAt, StartedAt *time.Time
	FinishedAt            *time.Time
	LeavesAt, BackAt      time.Time
	Metres                int64
	CostFen               money.Fen
	CO2Grams              int64 `db:"co2_grams"`
	Reason                string
	Version, SeenVersion  int
	Changed               routing.RoundChange
}

type stopRow struct {
	RoundID    int64
	No         int
	ParcelID   int64
	DueAt, ETA time.Time
	DoneAt     *time.Time
	Outcome    string
	Reason     string
	Photo      string
	Lat, Lon   *float64

	TriedAt     *time.Time
	TriedReason string
}

func (r roundRow) round() routing.Round {
	return routing.Round{ID: routing.RoundID(r.ID), Number: r.Number, Site: r.SiteID, Rider: routing.RiderID(r.RiderID), State: routing.RoundState(r.State),
		Offered: r.OfferedAt, Expires: r.ExpiresAt, Answered: instant(r.AnsweredAt), Started: instant(r.StartedAt), Finished: instant(r.FinishedAt),
		Leaves: r.LeavesAt, Back: r.BackAt, Metres: r.Metres, Cost: r.CostFen, CO2: r.CO2Grams, Reason: r.Reason,
		Version: r.Version, SeenVersion: r.SeenVersion, Changed: r.Changed}
}

func (s stopRow) stop() routing.Stop {
	return routing.Stop{No: s.No, Parcel: routing.ParcelID(s.ParcelID), Due: s.DueAt, ETA: s.ETA, Done: instant(s.DoneAt),
		Outcome: routing.ParcelState(s.Outcome), Reason: routing.FailReason(s.Reason), Photo: s.Photo, At: routing.Place{Lat: value(s.Lat), Lon: value(s.Lon)},
		Tried: instant(s.TriedAt), TriedReason: routing.FailReason(s.TriedReason)}
}

const roundFields = `select id, number, site_id, rider_id, state, offered_at, expires_at, answered_at, started_at, finished_at, leaves_at, back_at, metres,
	cost_fen, co2_grams, reason, version, seen_version, changed from routing.round `

const sqlOpenRounds = roundFields + `where site_id = $1 and state in ('offered','accepted','started') order by leaves_at, id`

// OpenRounds gives the rounds of a site that are offered, accepted or on their way.
func OpenRounds(ctx context.Context, q pgdb.Querier, site catalog.SiteID) ([]routing.Round, error) {
	return rounds(ctx, q, sqlOpenRounds, int32(site))
}

const sqlRecentRounds = roundFields + `where site_id = $1 and state = 'finished' and finished_at >= $2 order by finished_at desc limit $3`

// FinishedRounds gives the rounds of a site that ended since the instant, the last first.
func FinishedRounds(ctx context.Context, q pgdb.Querier, site catalog.SiteID, since time.Time, limit int) ([]routing.Round, error) {
	return rounds(ctx, q, sqlRecentRounds, int32(site), since, limit)
}

const sqlRidersRounds = roundFields + `where rider_id = $1 and state in ('offered','accepted','started') order by (state = 'started') desc, leaves_at, id`

// RoundsOf gives a rider's rounds that are not over, the one on its way first.
func RoundsOf(ctx context.Context, q pgdb.Querier, rider routing.RiderID) ([]routing.Round, error) {
	return rounds(ctx, q, sqlRidersRounds, int64(rider))
}

const sqlRound = roundFields + `where id = $1`

// Round gives one round, pgx.ErrNoRows for none.
func Round(ctx context.Context, q pgdb.Querier, id routing.RoundID) (routing.Round, error) {
	return first(rounds(ctx, q, sqlRound, int64(id)))
}

const sqlLockRound = roundFields + `where id = $1 for update`

// LockRound gives one round and holds it to the end of the transaction.
func LockRound(ctx context.Context, tx pgx.Tx, id routing.RoundID) (routing.Round, error) {
	return first(rounds(ctx, tx, sqlLockRound, int64(id)))
}

const sqlExpired = `select id from routing.round where state = 'offered' and expires_at < $1 order by id for update skip locked limit 200`

// Expired gives the offers that ran out, and holds them.
func Expired(ctx context.Context, tx pgx.Tx, now time.Time) ([]routing.RoundID, error) {
	type row struct{ ID routing.RoundID }
	list, err := collect[row](ctx, tx, "expired offers", sqlExpired, now)
	out := make([]routing.RoundID, len(list))
	for i, r := range list {
		out[i] = r.ID
	}
	return out, err
}

const sqlStops = `select round_id, no, parcel_id, due_at, eta, done_at, outcome, reason, photo, lat, lon, tried_at, tried_reason from routing.stop where round_id = any($1) order by round_id, no`

func rounds(ctx context.Context, q pgdb.Querier, sql string, args ...any) ([]routing.Round, error) {
	rows, err := collect[roundRow](ctx, q, "rounds", sql, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	out, ids, at := make([]routing.Round, len(rows)), make([]int64, len(rows)), map[int64]int{}
	for i, r := range rows {
		out[i], ids[i], at[r.ID] = r.round(), r.ID, i
	}
	stops, err := collect[stopRow](ctx, q, "stops", sqlStops, ids)
	for _, s := range stops {
		r := &out[at[s.RoundID]]
		r.Stops = append(r.Stops, s.stop())
	}
	return out, err
}

const sqlDroppedAt = `select max(done_at) from routing.stop where parcel_id = $1 and outcome in ('delivered','stored')`

// DroppedAt gives when a parcel was handed over; zero before.
func DroppedAt(ctx context.Context, q pgdb.Querier, id routing.ParcelID) (time.Time, error) {
	var at *time.Time
	err := q.QueryRow(ctx, sqlDroppedAt, int64(id)).Scan(&at)
	return instant(at), err
}

const sqlNextNumber = `insert into routing.counter (day, last) values ($1, $2) on conflict (day) do update set last = counter.last + $2 returning last`

// Numbers gives the first of n new round numbers of the day; they follow each other: R-MMDD-0001.
func Numbers(ctx context.Context, tx pgx.Tx, day calendar.Day, n int) ([]string, error) {
	var last int
	if err := tx.QueryRow(ctx, sqlNextNumber, day.Time(), n).Scan(&last); err != nil {
		return nil, fmt.Errorf("routingdb: round number: %w", err)
	}
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("R-%s-%04d", day.Time().Format("060102"), last-n+1+i)
	}
	return out, nil
}

const sqlInsertRound = `insert into routing.round (number, site_id, rider_id, state, offered_at, expires_at, answered_at, leaves_at, back_at, metres, cost_fen, co2_grams)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id`

const sqlInsertStops = `insert into routing.stop (round_id, no, parcel_id, due_at, eta, done_at, outcome, reason, photo, lat, lon, tried_at, tried_reason)
	select $1, * from unnest($2::int[], $3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[], $9::text[],
		$10::float8[], $11::float8[], $12::timestamptz[], $13::text[])`

// InsertRound stores a new round with its stops and sets its ID.
func InsertRound(ctx context.Context, tx pgx.Tx, r *routing.Round) error {
	err := tx.QueryRow(ctx, sqlInsertRound, r.Number, int32(r.Site), int64(r.Rider), string(r.State), r.Offered, r.Expires, stored(r.Answered),
		r.Leaves, r.Back, r.Metres, int64(r.Cost), r.CO2).Scan(&r.ID)
	if err != nil {
		return fmt.Errorf("routingdb: add round: %w", err)
	}
	return insertStops(ctx, tx, r)
}

func insertStops(ctx context.Context, tx pgx.Tx, r *routing.Round) error {
	x := columnsOf(r.Stops)
	_, err := exec(ctx, tx, "add stops", sqlInsertStops, int64(r.ID), x.no, x.parcel, x.due, x.eta, x.done, x.outcome, x.reason, x.photo, x.lat, x.lon, x.tried, x.why)
	return err
}

// stopColumns are stops as arrays of columns.
type stopColumns struct {
	no                          []int32
	parcel                      []int64
	due, eta                    []time.Time
	done, tried                 []*time.Time
	outcome, reason, photo, why []string
	lat, lon                    []*float64
}

func columnsOf(stops []routing.Stop) (x stopColumns) {
	for i := range stops {
		s := &stops[i]
		x.no, x.parcel, x.due, x.eta = append(x.no, int32(s.No)), append(x.parcel, int64(s.Parcel)), append(x.due, s.Due), append(x.eta, s.ETA)
		x.done, x.tried = append(x.done, stored(s.Done)), append(x.tried, stored(s.Tried))
		x.outcome, x.reason, x.photo, x.why = append(x.outcome, string(s.Outcome)), append(x.reason, string(s.Reason)), append(x.photo, s.Photo), append(x.why, string(s.TriedReason))
		var lat, lon *float64
		if s.At != (routing.Place{}) {
			lat, lon = &s.At.Lat, &s.At.Lon
		}
		x.lat, x.lon = append(x.lat, lat), append(x.lon, lon)
	}
	return x
}

const sqlSaveRound = `update routing.round set state = $2, answered_at = $3, started_at = $4, finished_at = $5, leaves_at = $6, back_at = $7, metres = $8,
	cost_fen = $9, co2_grams = $10, reason = $11, rider_id = $12,
	version = $13, seen_version = $14, changed = $15 where id = $1`

const sqlSaveStops = `update routing.stop s set eta = v.eta, done_at = v.done, outcome = v.outcome, reason = v.reason, photo = v.photo, lat = v.lat, lon = v.lon,
		tried_at = v.tried, tried_reason = v.why
	from unnest($2::int[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::float8[], $9::float8[],
		$10::timestamptz[], $11::text[]) as v (no, eta, done, outcome, reason, photo, lat, lon, tried, why)
	where s.round_id = $1 and s.no = v.no`

// SaveRound stores what rules changed of a locked round and its stops.
func SaveRound(ctx context.Context, tx pgx.Tx, r *routing.Round) error {
	changed, err := json.Marshal(r.Changed)
	if err != nil {
		return fmt.Errorf("routingdb: save round: %w", err)
	}
	_, err = exec(ctx, tx, "save round", sqlSaveRound, int64(r.ID), string(r.State), stored(r.Answered), stored(r.Started), stored(r.Finished), r.Leaves, r.Back,
		r.Metres, int64(r.Cost), r.CO2, r.Reason, int64(r.Rider), r.Version, r.SeenVersion, changed)
	if err != nil {
		return err
	}
	x := columnsOf(r.Stops)
	_, err = exec(ctx, tx, "save stops", sqlSaveStops, int64(r.ID), x.no, x.eta, x.done, x.outcome, x.reason, x.photo, x.lat, x.lon, x.tried, x.why)
	return err
}

const sqlDeleteStops = `delete from routing.stop where round_id = $1`

// ReplaceStops stores the stops of a changed round anew.
func ReplaceStops(ctx context.Context, tx pgx.Tx, r *routing.Round) error {
	if _, err := exec(ctx, tx, "remove stops", sqlDeleteStops, int64(r.ID)); err != nil {
		return err
	}
	return insertStops(ctx, tx, r)
}
