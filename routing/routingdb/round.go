package routingdb

import (
	"context"
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
}

func (r roundRow) round() routing.Round {
	return routing.Round{ID: routing.RoundID(r.ID), Number: r.Number, Site: r.SiteID, Rider: routing.RiderID(r.RiderID), State: routing.RoundState(r.State),
		Offered: r.OfferedAt, Expires: r.ExpiresAt, Answered: instant(r.AnsweredAt), Started: instant(r.StartedAt), Finished: instant(r.FinishedAt),
		Leaves: r.LeavesAt, Back: r.BackAt, Metres: r.Metres, Cost: r.CostFen, CO2: r.CO2Grams, Reason: r.Reason}
}

func (s stopRow) stop() routing.Stop {
	return routing.Stop{No: s.No, Parcel: routing.ParcelID(s.ParcelID), Due: s.DueAt, ETA: s.ETA, Done: instant(s.DoneAt),
		Outcome: routing.ParcelState(s.Outcome), Reason: routing.FailReason(s.Reason), Photo: s.Photo, At: routing.Place{Lat: value(s.Lat), Lon: value(s.Lon)}}
}

const roundFields = `select id, number, site_id, rider_id, state, offered_at, expires_at, answered_at, started_at, finished_at, leaves_at, back_at, metres,
	cost_fen, co2_grams, reason from routing.round `

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

const sqlStops = `select round_id, no, parcel_id, due_at, eta, done_at, outcome, reason, photo, lat, lon from routing.stop where round_id = any($1) order by round_id, no`

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

const sqlInsertStops = `insert into routing.stop (round_id, no, parcel_id, due_at, eta)
	select $1, * from unnest($2::int[], $3::bigint[], $4::timestamptz[], $5::timestamptz[])`

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
	n := len(r.Stops)
	no, parcel, due, eta := make([]int32, n), make([]int64, n), make([]time.Time, n), make([]time.Time, n)
	for i, s := range r.Stops {
		no[i], parcel[i], due[i], eta[i] = int32(s.No), int64(s.Parcel), s.Due, s.ETA
	}
	_, err := exec(ctx, tx, "add stops", sqlInsertStops, int64(r.ID), no, parcel, due, eta)
	return err
}

const sqlSaveRound = `update routing.round set state = $2, answered_at = $3, started_at = $4, finished_at = $5, leaves_at = $6, back_at = $7, metres = $8,
	cost_fen = $9, co2_grams = $10, reason = $11, rider_id = $12 where id = $1`

const sqlSaveStops = `update routing.stop s set eta = v.eta, done_at = v.done, outcome = v.outcome, reason = v.reason, photo = v.photo, lat = v.lat, lon = v.lon
	from unnest($2::int[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::float8[], $9::float8[])
		as v (no, eta, done, outcome, reason, photo, lat, lon)
	where s.round_id = $1 and s.no = v.no`

// SaveRound stores what rules changed of a locked round and its stops.
func SaveRound(ctx context.Context, tx pgx.Tx, r *routing.Round) error {
	_, err := exec(ctx, tx, "save round", sqlSaveRound, int64(r.ID), string(r.State), stored(r.Answered), stored(r.Started), stored(r.Finished), r.Leaves, r.Back,
		r.Metres, int64(r.Cost), r.CO2, r.Reason, int64(r.Rider))
	if err != nil {
		return err
	}
	n := len(r.Stops)
	no, eta, done := make([]int32, n), make([]time.Time, n), make([]*time.Time, n)
	outcome, reason, photo, lat, lon := make([]string, n), make([]string, n), make([]string, n), make([]*float64, n), make([]*float64, n)
	for i, s := range r.Stops {
		no[i], eta[i], done[i], outcome[i], reason[i], photo[i] = int32(s.No), s.ETA, stored(s.Done), string(s.Outcome), string(s.Reason), s.Photo
		if s.At != (routing.Place{}) {
			lat[i], lon[i] = &s.At.Lat, &s.At.Lon
		}
	}
	_, err = exec(ctx, tx, "save stops", sqlSaveStops, int64(r.ID), no, eta, done, outcome, reason, photo, lat, lon)
	return err
}

const sqlDeleteStops = `delete from routing.stop where round_id = $1`

// ReplaceStops stores other stops for a round that has not left.
func ReplaceStops(ctx context.Context, tx pgx.Tx, r *routing.Round) error {
	if _, err := exec(ctx, tx, "remove stops", sqlDeleteStops, int64(r.ID)); err != nil {
		return err
	}
	return insertStops(ctx, tx, r)
}
