package campaigndb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/campaign"
	"milkrun/c2m/lotplan"
	"milkrun/internal/calendar"
	"milkrun/internal/pgdb"
)

const (
	sqlRule     = `select first_share, sell_through, gap_days, automatic from c2m.lot_release where campaign_id = $1`
	sqlSaveRule = `insert into c2m.lot_release (campaign_id, first_share, sell_through, gap_days, automatic, at) values ($1, $2, $3, $4, $5, $6)
		on conflict (campaign_id) do update set first_share = excluded.first_share, sell_through = excluded.sell_through, gap_days = excluded.gap_days,
			automatic = excluded.automatic, at = excluded.at`
)

// Rule is how the later lots of a campaign are let go. Automatic lets them go by themselves once enough has sold.
type Rule struct {
	FirstShare, SellThrough, GapDays int
	Automatic                        bool
}

// Release gives the rule in the words of the mathematics.
func (r Rule) Release() lotplan.Release {
	return lotplan.Release{FirstShare: r.FirstShare, SellThrough: r.SellThrough, GapDays: r.GapDays}
}

// ReleaseRule gives the rule of a campaign, and false where the usual one holds.
func ReleaseRule(ctx context.Context, q pgdb.Querier, id campaign.ID) (Rule, bool, error) {
	rows, err := q.Query(ctx, sqlRule, id)
	if err != nil {
		return Rule{}, false, fmt.Errorf("campaigndb: release: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Rule])
	if errors.Is(err, pgx.ErrNoRows) {
		d := lotplan.DefaultRelease
		return Rule{FirstShare: d.FirstShare, SellThrough: d.SellThrough, GapDays: d.GapDays}, false, nil
	}
	return r, err == nil, wrap(err, "campaigndb: release")
}

// SaveRule stores the rule of a campaign.
func SaveRule(ctx context.Context, tx pgx.Tx, id campaign.ID, r Rule, now time.Time) error {
	_, err := tx.Exec(ctx, sqlSaveRule, id, r.FirstShare, r.SellThrough, r.GapDays, r.Automatic, now)
	return wrap(err, "campaigndb: save release")
}

const (
	sqlHeld = `select distinct c.id from c2m.campaign c join c2m.lot_release r on r.campaign_id = c.id join c2m.campaign_lot l on l.campaign_id = c.id
		where r.automatic and l.state = 'held' and c.state not in ('delivered','failed','cancelled') order by c.id`
	sqlUnserved = `select c.id from c2m.campaign c where c.state in ('open','paused','balance','succeeded','producing')
		and exists (select from c2m.campaign_lot l where l.campaign_id = c.id and l.state = 'ordered' and l.pieces > l.pledged)
		and exists (select from c2m.pledge p where p.campaign_id = c.id and p.lot = 0 and p.state in ('accepted','confirmed')) order by c.id`
)

// Held gives the campaigns with a lot that waits to be let go by itself.
func Held(ctx context.Context, q pgdb.Querier) ([]campaign.ID, error) {
	return ids(ctx, q, sqlHeld, "held lots")
}

// Unserved gives the campaigns with pledges that have no lot while lots have pieces that nobody pledged.
func Unserved(ctx context.Context, q pgdb.Querier) ([]campaign.ID, error) {
	return ids(ctx, q, sqlUnserved, "pledges without a lot")
}

func ids(ctx context.Context, q pgdb.Querier, sql, what string) ([]campaign.ID, error) {
	rows, err := q.Query(ctx, sql)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: %s: %w", what, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[campaign.ID])
	return out, wrap(err, "campaigndb: "+what)
}

const sqlServing = `select lot, promise, count(*)::int as pledges, sum(pieces)::bigint as pieces, min(seq) as first, max(seq) as last from c2m.pledge
	where campaign_id = $1 and state in ('accepted','confirmed','delivered') group by 1, 2 order by 2 nulls last, 1`

// Serving is how many live pledges a lot serves on a day; lot 0 are those that no lot serves.
type Serving struct {
	Lot         int
	Promise     *calendar.Day
	Pledges     int
	Pieces      int64
	First, Last int64 // numbers of the first and the last of these pledges
}

// Servings gives which lots serve the pledges of a campaign, and by when.
func Servings(ctx context.Context, q pgdb.Querier, id campaign.ID) ([]Serving, error) {
	rows, err := q.Query(ctx, sqlServing, id)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: servings: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Serving])
	return out, wrap(err, "campaigndb: servings")
}

const sqlDrafted = `select kind, was, promise, count(*)::int as members, min(body_zh) as body_zh, min(body_en) as body_en from c2m.member_message
	where campaign_id = $1 and state = 'draft' group by 1, 2, 3 order by min(id)`

// Drafted is a group of drafts of one kind and day, with one of their texts.
type Drafted struct {
	Kind           string
	Was, Promise   *calendar.Day
	Members        int
	BodyZH, BodyEN string
}

// DraftedOf gives the drafts of a campaign's messages in groups, in the order in which they were written.
func DraftedOf(ctx context.Context, q pgdb.Querier, id campaign.ID) ([]Drafted, error) {
	rows, err := q.Query(ctx, sqlDrafted, id)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: drafts: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Drafted])
	return out, wrap(err, "campaigndb: drafts")
}

const (
	sqlLastMessage   = `select coalesce(max(id), 0)::bigint from c2m.member_message where campaign_id = $1`
	sqlCountMessages = `select kind, count(*)::int as n from c2m.member_message where campaign_id = $1 and id > $2 group by 1`
)

// LastMessage gives the id of the last message of a campaign, 0 for none.
func LastMessage(ctx context.Context, q pgdb.Querier, id campaign.ID) (last int64, err error) {
	err = q.QueryRow(ctx, sqlLastMessage, id).Scan(&last)
	return last, wrap(err, "campaigndb: last message")
}

// CountMessages counts the messages of a campaign after one, by their kind.
func CountMessages(ctx context.Context, q pgdb.Querier, id campaign.ID, after int64) (map[string]int, error) {
	rows, err := q.Query(ctx, sqlCountMessages, id, after)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: count messages: %w", err)
	}
	out := map[string]int{}
	var kind string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&kind, &n}, func() error { out[kind] = n; return nil })
	return out, wrap(err, "campaigndb: count messages")
}
