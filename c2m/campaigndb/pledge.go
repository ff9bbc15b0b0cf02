package campaigndb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/campaign"
	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

type pledgeRow struct {
	Seq                                             int64
	Member, Key, Tier                               string
	Units                                           int64
	Pieces                                          quantity.Pieces
	PriceFen                                        money.Fen
	State                                           campaign.PledgeState
	Team                                            string
	At                                              time.Time
	PaidFen, RefundedFen, PenaltyFen, AuthorizedFen money.Fen
	Claims, Lot                                     int
	Promise                                         *calendar.Day
}

const pledgeColumns = `seq, member, key, tier, units, pieces, price_fen, state, team, at, paid_fen, refunded_fen, penalty_fen, authorized_fen, claims, lot, promise`

func (r pledgeRow) pledge() *campaign.Pledge {
	return &campaign.Pledge{Seq: r.Seq, Member: r.Member, Key: r.Key, Tier: r.Tier, Units: r.Units, Pieces: r.Pieces, Price: r.PriceFen, State: r.State,
		Group: r.Team, At: r.At, Paid: r.PaidFen, Refunded: r.RefundedFen, Penalty: r.PenaltyFen, Authorized: r.AuthorizedFen, Claims: r.Claims,
		Lot: r.Lot, Promise: r.Promise}
}

func pledges(ctx context.Context, q pgdb.Querier, what, sql string, args ...any) ([]*campaign.Pledge, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: %s: %w", what, err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[pledgeRow])
	if err != nil {
		return nil, fmt.Errorf("campaigndb: %s: %w", what, err)
	}
	out := make([]*campaign.Pledge, len(stored))
	for i, r := range stored {
		out[i] = r.pledge()
	}
	return out, nil
}

const (
	sqlPledges = `select ` + pledgeColumns + ` from c2m.pledge where campaign_id = $1 and state = any($2) order by seq`
	sqlKnown   = `select ` + pledgeColumns + ` from c2m.pledge where campaign_id = $1
		and (key = any($3) or member = any($2) and state in ('accepted','waiting','confirmed'))`
	sqlTeams = `select team, count(*)::int from c2m.pledge where campaign_id = $1 and team = any($2) and state in ('accepted','confirmed') group by team`
	sqlOne   = `select ` + pledgeColumns + ` from c2m.pledge where campaign_id = $1 and seq = $2`
	sqlSome  = `select ` + pledgeColumns + ` from c2m.pledge where campaign_id = $1 and seq = any($2) order by seq for update`
	sqlFits  = `select ` + pledgeColumns + ` from c2m.pledge where campaign_id = $1 and state = 'waiting' and seq > $2 and pieces <= $3 and tier = any($4)
		order by seq limit $5`
	sqlStale = `select ` + pledgeColumns + ` from c2m.pledge where campaign_id = $1 and state = 'accepted' and paid_fen = 0 and authorized_fen = 0 and at < $2
		order by seq limit 5000`
	sqlPage = `select ` + pledgeColumns + ` from c2m.pledge where campaign_id = $1 and seq > $2 and ($3 = '' or state = $3) and ($4 = '' or member = $4)
		order by seq limit $5`
)

// Pledges gives the pledges of a campaign in these states, in their order.
func Pledges(ctx context.Context, q pgdb.Querier, id campaign.ID, states ...campaign.PledgeState) ([]*campaign.Pledge, error) {
	names := make([]string, len(states))
	for i, s := range states {
		names[i] = string(s)
	}
	return pledges(ctx, q, "pledges", sqlPledges, id, names)
}

// Known gives the live pledges of these members and the pledges of these keys.
func Known(ctx context.Context, q pgdb.Querier, id campaign.ID, members, keys []string) ([]*campaign.Pledge, error) {
	return pledges(ctx, q, "known pledges", sqlKnown, id, members, keys)
}

// Teams counts the accepted pledges of groups; groups without any are left out.
func Teams(ctx context.Context, q pgdb.Querier, id campaign.ID, names []string) (map[string]int, error) {
	rows, err := q.Query(ctx, sqlTeams, id, names)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: groups: %w", err)
	}
	out := map[string]int{}
	var name string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&name, &n}, func() error {
		out[name] = n
		return nil
	})
	return out, wrap(err, "campaigndb: groups")
}

// Pledge gives one pledge. campaign.ErrUnknown.
func Pledge(ctx context.Context, q pgdb.Querier, id campaign.ID, seq int64) (*campaign.Pledge, error) {
	ps, err := pledges(ctx, q, "pledge", sqlOne, id, seq)
	if err == nil && len(ps) == 0 {
		err = campaign.ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	return ps[0], nil
}

// LockPledges gives these pledges, which nobody else changes before the transaction ends, in their order.
func LockPledges(ctx context.Context, tx pgx.Tx, id campaign.ID, seqs []int64) ([]*campaign.Pledge, error) {
	return pledges(ctx, tx, "lock pledges", sqlSome, id, seqs)
}

// Fitting gives the next waiting pledges after one, in these tiers, that need no more than so many pieces.
func Fitting(ctx context.Context, q pgdb.Querier, id campaign.ID, after int64, room quantity.Pieces, tiers []string, limit int) ([]*campaign.Pledge, error) {
	return pledges(ctx, q, "waitlist", sqlFits, id, after, room, tiers, limit)
}

// Unpaid gives accepted pledges from before an instant for which no money has come.
func Unpaid(ctx context.Context, q pgdb.Querier, id campaign.ID, before time.Time) ([]*campaign.Pledge, error) {
	return pledges(ctx, q, "unpaid pledges", sqlStale, id, before)
}

// Page gives the pledges after one, in a state or in all, of a member or of all.
func Page(ctx context.Context, q pgdb.Querier, id campaign.ID, after int64, state campaign.PledgeState, member string, limit int) ([]*campaign.Pledge, error) {
	return pledges(ctx, q, "pledges", sqlPage, id, after, state, member, limit)
}

const sqlInsertPledges = `insert into c2m.pledge (campaign_id, seq, member, key, tier, units, pieces, price_fen, state, team, at, by_id)
	select $1, s, m, k, t, u, n, p, st, g, $11, b from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
		$9::text[], $10::text[], $12::bigint[]) as x (s, m, k, t, u, n, p, st, g, b)`

// InsertPledges queues new pledges to be stored; by holds the account that pledged for each.
func InsertPledges(b *pgx.Batch, id campaign.ID, ps []*campaign.Pledge, by []int64, now time.Time) {
	if len(ps) == 0 {
		return
	}
	b.Queue(sqlInsertPledges, id, column(ps, func(p *campaign.Pledge) int64 { return p.Seq }), column(ps, func(p *campaign.Pledge) string { return p.Member }),
		column(ps, func(p *campaign.Pledge) string { return p.Key }), column(ps, func(p *campaign.Pledge) string { return p.Tier }),
		column(ps, func(p *campaign.Pledge) int64 { return p.Units }), column(ps, func(p *campaign.Pledge) int64 { return int64(p.Pieces) }),
		column(ps, func(p *campaign.Pledge) int64 { return int64(p.Price) }), column(ps, func(p *campaign.Pledge) string { return string(p.State) }),
		column(ps, func(p *campaign.Pledge) string { return p.Group }), now, by)
}

const sqlSavePledges = `update c2m.pledge p set state = x.st, at = x.a, paid_fen = x.pa, refunded_fen = x.re, penalty_fen = x.pe, authorized_fen = x.au,
	claims = x.cl, lot = x.lo, promise = x.pr
	from unnest($2::bigint[], $3::text[], $4::timestamptz[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::int[], $10::int[], $11::date[])
		as x (s, st, a, pa, re, pe, au, cl, lo, pr)
	where p.campaign_id = $1 and p.seq = x.s`

// SavePledges queues changed pledges to be stored.
func SavePledges(b *pgx.Batch, id campaign.ID, ps []*campaign.Pledge) {
	if len(ps) == 0 {
		return
	}
	b.Queue(sqlSavePledges, id, column(ps, func(p *campaign.Pledge) int64 { return p.Seq }), column(ps, func(p *campaign.Pledge) string { return string(p.State) }),
		column(ps, func(p *campaign.Pledge) time.Time { return p.At }), column(ps, func(p *campaign.Pledge) int64 { return int64(p.Paid) }),
		column(ps, func(p *campaign.Pledge) int64 { return int64(p.Refunded) }), column(ps, func(p *campaign.Pledge) int64 { return int64(p.Penalty) }),
		column(ps, func(p *campaign.Pledge) int64 { return int64(p.Authorized) }), column(ps, func(p *campaign.Pledge) int32 { return int32(p.Claims) }),
		column(ps, func(p *campaign.Pledge) int32 { return int32(p.Lot) }), column(ps, func(p *campaign.Pledge) *calendar.Day { return p.Promise }))
}

// Run sends what was queued; the first fault ends it.
func Run(ctx context.Context, tx pgx.Tx, b *pgx.Batch) error {
	if b.Len() == 0 {
		return nil
	}
	return wrap(tx.SendBatch(ctx, b).Close(), "campaigndb: store")
}

const sqlSums = `select state, count(*)::int as n, sum(pieces)::bigint as pieces, sum(paid_fen)::bigint as paid, sum(refunded_fen)::bigint as refunded,
	sum(units * price_fen)::bigint as pledged from c2m.pledge where campaign_id = $1 group by state`

// Sum is what the pledges of a state add up to.
type Sum struct {
	State                   campaign.PledgeState
	N                       int
	Pieces                  quantity.Pieces
	Paid, Refunded, Pledged money.Fen
}

// Sums adds up the pledges of a campaign by state.
func Sums(ctx context.Context, q pgdb.Querier, id campaign.ID) ([]Sum, error) {
	rows, err := q.Query(ctx, sqlSums, id)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: sums: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Sum])
	return out, wrap(err, "campaigndb: sums")
}

const sqlTierSums = `select tier, count(*)::int as n, sum(pieces)::bigint as pieces, sum(units * price_fen)::bigint as pledged
	from c2m.pledge where campaign_id = $1 and state in ('accepted','confirmed','delivered') group by tier`

// TierSum is what the live pledges of a tier add up to.
type TierSum struct {
	Tier    string
	N       int
	Pieces  quantity.Pieces
	Pledged money.Fen
}

// TierSums adds up the live pledges of a campaign by tier.
func TierSums(ctx context.Context, q pgdb.Querier, id campaign.ID) (map[string]TierSum, error) {
	rows, err := q.Query(ctx, sqlTierSums, id)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: tiers: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[TierSum])
	out := make(map[string]TierSum, len(list))
	for _, s := range list {
		out[s.Tier] = s
	}
	return out, wrap(err, "campaigndb: tiers")
}

func column[T, V any](all []T, f func(T) V) []V {
	out := make([]V, len(all))
	for i, x := range all {
		out[i] = f(x)
	}
	return out
}
