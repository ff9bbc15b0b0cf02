// Package campaigndb holds the SQL of campaigns, their pledges, their money, and votes.
package campaigndb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/campaign"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

const sqlNextNumber = `insert into c2m.campaign_month as m (month, last) values ($1, 1)
	on conflict (month) do update set last = m.last + 1 returning last`

// NextNumber gives the next campaign number of the month of the day, within the transaction.
func NextNumber(ctx context.Context, tx pgx.Tx, day calendar.Day) (string, error) {
	var n int
	if err := tx.QueryRow(ctx, sqlNextNumber, campaign.Month(day)).Scan(&n); err != nil {
		return "", fmt.Errorf("campaigndb: next number: %w", err)
	}
	return campaign.FormatNumber(day, n), nil
}

// row is a stored campaign, column by column.
type row struct {
	ID                                                                   campaign.ID
	Number, NameZH, NameEN, StoryZH, StoryEN, Spec                       string
	SKUID, ShipTo                                                        int32
	ProposalID, OwnerID                                                  int64
	Owner                                                                string
	Promise                                                              *calendar.Day
	Terms                                                                campaign.Terms
	State                                                                campaign.State
	Revision                                                             int64
	Reserved                                                             quantity.Pieces
	Taken                                                                map[string]quantity.Pieces
	Backers, Waiting                                                     int
	LastSeq                                                              int64
	AtClose                                                              *quantity.Pieces
	Final                                                                map[string]money.Fen
	ToDeliver                                                            quantity.Pieces
	Extended                                                             int
	Reason                                                               string
	CreatedAt                                                            time.Time
	PublishedAt, ClosedAt, SettledAt, ProducedAt, DeliveredAt, StoppedAt *time.Time
}

const columns = `id, number, name_zh, name_en, story_zh, story_en, spec, coalesce(sku_id, 0) as sku_id, coalesce(ship_to, 0) as ship_to,
	coalesce(proposal_id, 0) as proposal_id, owner_id, owner, promise, terms, state, revision, reserved, taken, backers, waiting, last_seq,
	at_close, final, to_deliver, extended, reason, created_at, published_at, closed_at, settled_at, produced_at, delivered_at, stopped_at`

func (r row) campaign() *campaign.Campaign {
	c := &campaign.Campaign{ID: r.ID, Number: r.Number, Terms: r.Terms, State: r.State, Revision: r.Revision, Reserved: r.Reserved, Taken: r.Taken,
		Backers: r.Backers, Waiting: r.Waiting, LastSeq: r.LastSeq, AtClose: r.AtClose, Final: r.Final, ToDeliver: r.ToDeliver, Extended: r.Extended,
		Reason: r.Reason}
	c.About = campaign.About{Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN}, Story: catalog.Name{ZH: r.StoryZH, EN: r.StoryEN}, Spec: r.Spec,
		SKU: catalog.SKUID(r.SKUID), ShipTo: catalog.SiteID(r.ShipTo), Proposal: r.ProposalID, OwnerID: r.OwnerID, Owner: r.Owner, Promise: r.Promise}
	c.Stops = campaign.Stops{Created: r.CreatedAt, Published: r.PublishedAt, Closed: r.ClosedAt, Settled: r.SettledAt, Produced: r.ProducedAt,
		Delivered: r.DeliveredAt, Stopped: r.StoppedAt}
	if c.Taken == nil {
		c.Taken = map[string]quantity.Pieces{}
	}
	return c
}

func one(rows pgx.Rows, err error, what string) (*campaign.Campaign, error) {
	if err != nil {
		return nil, fmt.Errorf("campaigndb: %s: %w", what, err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[row])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("%s: %w", what, campaign.ErrUnknown)
	}
	if err != nil {
		return nil, fmt.Errorf("campaigndb: %s: %w", what, err)
	}
	return r.campaign(), nil
}

const (
	sqlLock = `select ` + columns + ` from c2m.campaign where id = $1 for update`
	// A plan made while a campaign had few pledges would be kept while it grows by thousands a second.
	sqlFreshPlans = `set local plan_cache_mode = force_custom_plan`
	sqlByID       = `select ` + columns + ` from c2m.campaign where id = $1`
	sqlByNumber   = `select ` + columns + ` from c2m.campaign where number = $1`
)

// Lock gives a campaign that nobody else changes before the transaction ends. campaign.ErrUnknown.
func Lock(ctx context.Context, tx pgx.Tx, id campaign.ID) (*campaign.Campaign, error) {
	if _, err := tx.Exec(ctx, sqlFreshPlans); err != nil {
		return nil, fmt.Errorf("campaigndb: lock campaign: %w", err)
	}
	rows, err := tx.Query(ctx, sqlLock, id)
	return one(rows, err, "lock campaign")
}

// Get gives a campaign. campaign.ErrUnknown.
func Get(ctx context.Context, q pgdb.Querier, id campaign.ID) (*campaign.Campaign, error) {
	rows, err := q.Query(ctx, sqlByID, id)
	return one(rows, err, "campaign")
}

// ByNumber gives the campaign of a number. campaign.ErrUnknown.
func ByNumber(ctx context.Context, q pgdb.Querier, number string) (*campaign.Campaign, error) {
	rows, err := q.Query(ctx, sqlByNumber, number)
	return one(rows, err, "campaign "+number)
}

const sqlInsert = `insert into c2m.campaign (number, name_zh, name_en, story_zh, story_en, spec, sku_id, ship_to, proposal_id, owner_id, owner, promise,
		terms, mode, goal, quota, start_at, deadline, balance_end, close_at, state, taken, created_at, touched_at)
	values ($1, $2, $3, $4, $5, $6, nullif($7::int, 0), nullif($8::int, 0), nullif($9::bigint, 0), $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, '{}', $22, $22)
	returning id`

// Insert stores a new campaign and gives it its id.
func Insert(ctx context.Context, tx pgx.Tx, c *campaign.Campaign) error {
	a := c.About
	err := tx.QueryRow(ctx, sqlInsert, c.Number, a.Name.ZH, a.Name.EN, a.Story.ZH, a.Story.EN, a.Spec, int32(a.SKU), int32(a.ShipTo), a.Proposal, a.OwnerID,
		a.Owner, a.Promise, c.Terms, c.Mode, c.Goal, c.Quota, c.Start, c.Deadline, c.BalanceEnd(), c.CloseAt(), c.State, c.Stops.Created).Scan(&c.ID)
	c.Revision = 1
	return wrap(err, "campaigndb: insert")
}

const sqlSave = `update c2m.campaign set name_zh = $2, name_en = $3, story_zh = $4, story_en = $5, spec = $6, sku_id = nullif($7::int, 0),
	ship_to = nullif($8::int, 0), owner_id = $9, owner = $10, promise = $11, terms = $12, mode = $13, goal = $14, quota = $15, start_at = $16, deadline = $17,
	balance_end = $18, close_at = $19, state = $20, revision = $21, reserved = $22, taken = $23, backers = $24, waiting = $25, last_seq = $26, at_close = $27,
	final = $28, to_deliver = $29, extended = $30, reason = $31, published_at = $32, closed_at = $33, settled_at = $34, produced_at = $35, delivered_at = $36,
	stopped_at = $37, touched_at = $38 where id = $1`

// Save stores a locked campaign under a new revision.
func Save(ctx context.Context, tx pgx.Tx, c *campaign.Campaign, now time.Time) error {
	c.Revision++
	a, s := c.About, c.Stops
	_, err := tx.Exec(ctx, sqlSave, c.ID, a.Name.ZH, a.Name.EN, a.Story.ZH, a.Story.EN, a.Spec, int32(a.SKU), int32(a.ShipTo), a.OwnerID, a.Owner, a.Promise,
		c.Terms, c.Mode, c.Goal, c.Quota, c.Start, c.Deadline, c.BalanceEnd(), c.CloseAt(), c.State, c.Revision, c.Reserved, c.Taken, c.Backers, c.Waiting,
		c.LastSeq, c.AtClose, c.Final, c.ToDeliver, c.Extended, c.Reason, s.Published, s.Closed, s.Settled, s.Produced, s.Delivered, s.Stopped, now)
	return wrap(err, "campaigndb: save")
}

const sqlCount = `update c2m.campaign set state = $2, reserved = $3, taken = $4, backers = $5, waiting = $6, last_seq = $7, to_deliver = $8, touched_at = $9
	where id = $1`

// Count queues the counts of a locked campaign to be stored: what pledging changes, without a new revision.
func Count(b *pgx.Batch, c *campaign.Campaign, now time.Time) {
	b.Queue(sqlCount, c.ID, c.State, c.Reserved, c.Taken, c.Backers, c.Waiting, c.LastSeq, c.ToDeliver, now)
}

const sqlHour = `insert into c2m.campaign_hour as h (campaign_id, hour, pieces) values ($1, date_trunc('hour', $2::timestamptz), $3)
	on conflict (campaign_id, hour) do update set pieces = excluded.pieces`

// Mark queues the pieces reserved at an instant as those of its hour.
func Mark(b *pgx.Batch, c *campaign.Campaign, now time.Time) {
	b.Queue(sqlHour, c.ID, now, c.Reserved)
}

// Point is the pieces reserved at the end of an hour.
type Point struct {
	Hour   time.Time
	Pieces quantity.Pieces
}

const sqlCurve = `select hour, pieces from c2m.campaign_hour where campaign_id = $1 order by hour`

// Curve gives how the reserved pieces grew; hours without change are left out.
func Curve(ctx context.Context, q pgdb.Querier, id campaign.ID) ([]Point, error) {
	rows, err := q.Query(ctx, sqlCurve, id)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: curve: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Point])
	return out, wrap(err, "campaigndb: curve")
}

const sqlDue = `select id from c2m.campaign where (state = 'scheduled' and start_at <= $1) or (state in ('scheduled','open','paused') and deadline < $1)
	or (state = 'balance' and balance_end < $1) order by id`

// Due gives the campaigns whose start, deadline or balance deadline has come.
func Due(ctx context.Context, q pgdb.Querier, now time.Time) ([]campaign.ID, error) {
	rows, err := q.Query(ctx, sqlDue, now)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: due: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[campaign.ID])
	return ids, wrap(err, "campaigndb: due")
}

const sqlList = `select ` + columns + ` from c2m.campaign where (cardinality($1::text[]) = 0 or state = any($1)) and ($2::bigint = 0 or id < $2)
	and ($3 = '' or number ilike '%' || $3 || '%' or name_zh ilike '%' || $3 || '%' or name_en ilike '%' || $3 || '%') order by id desc limit $4`

// List gives campaigns below an id (0 for the newest), in some states or in all, whose number or name holds a text.
func List(ctx context.Context, q pgdb.Querier, states []campaign.State, before campaign.ID, text string, limit int) ([]*campaign.Campaign, error) {
	names := make([]string, len(states))
	for i, s := range states {
		names[i] = string(s)
	}
	rows, err := q.Query(ctx, sqlList, names, before, text, limit)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: list: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return nil, fmt.Errorf("campaigndb: list: %w", err)
	}
	out := make([]*campaign.Campaign, len(stored))
	for i, r := range stored {
		out[i] = r.campaign()
	}
	return out, nil
}

const sqlStates = `select state, count(*)::int from c2m.campaign group by state`

// Counts gives how many campaigns are in each state.
func Counts(ctx context.Context, q pgdb.Querier) (map[campaign.State]int, error) {
	rows, err := q.Query(ctx, sqlStates)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: counts: %w", err)
	}
	out := map[campaign.State]int{}
	var s campaign.State
	var n int
	_, err = pgx.ForEachRow(rows, []any{&s, &n}, func() error {
		out[s] = n
		return nil
	})
	return out, wrap(err, "campaigndb: counts")
}

func wrap(err error, what string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
