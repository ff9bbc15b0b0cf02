package campaigndb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/campaign"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
)

// PaymentID identifies a stored instruction.
type PaymentID int64

// PaymentState is where an instruction stands with the provider.
type PaymentState string

// The states: to be sent, sent and not yet answered, done, refused for good, dropped before it was sent.
const (
	Pending PaymentState = "pending"
	Sent    PaymentState = "sent"
	Done    PaymentState = "done"
	Refused PaymentState = "refused"
	Dropped PaymentState = "dropped"
)

// Payment is a stored instruction.
type Payment struct {
	ID         PaymentID
	CampaignID campaign.ID
	Number     string // of the campaign
	Seq        int64
	Key        string
	Kind       campaign.Kind
	Purpose    campaign.Purpose
	Member     string
	Fen        money.Fen
	From       campaign.Account
	State      PaymentState
	Attempts   int
	NextAt     *time.Time
	Error      string
	Reference  string
	AskedAt    time.Time
	DoneAt     *time.Time
}

// Instruction gives what the provider is asked to do.
func (p Payment) Instruction() campaign.Instruction {
	return campaign.Instruction{Key: p.Key, Kind: p.Kind, Purpose: p.Purpose, Seq: p.Seq, Member: p.Member, Fen: p.Fen, From: p.From}
}

const paymentColumns = `p.id, p.campaign_id, c.number, p.seq, p.key, p.kind, p.purpose, p.member, p.fen, p.from_account as "from", p.state, p.attempts, p.next_at,
	p.error, p.reference, p.asked_at, p.done_at`

const sqlAsk = `insert into c2m.payment (campaign_id, seq, key, kind, purpose, member, fen, from_account, next_at, asked_at)
	select $1, s, k, ki, pu, m, f, fr, $9, $9 from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[])
		as x (s, k, ki, pu, m, f, fr) on conflict (campaign_id, key) do nothing`

// Ask queues instructions to be stored, and the entries of what they owe. The same key is stored once.
func Ask(b *pgx.Batch, id campaign.ID, all []campaign.Instruction, now time.Time) {
	if len(all) == 0 {
		return
	}
	b.Queue(sqlAsk, id, column(all, func(i campaign.Instruction) int64 { return i.Seq }), column(all, func(i campaign.Instruction) string { return i.Key }),
		column(all, func(i campaign.Instruction) string { return string(i.Kind) }), column(all, func(i campaign.Instruction) string { return string(i.Purpose) }),
		column(all, func(i campaign.Instruction) string { return i.Member }), column(all, func(i campaign.Instruction) int64 { return int64(i.Fen) }),
		column(all, func(i campaign.Instruction) string { return string(i.From) }), now)
	var owed []campaign.Entry
	for _, i := range all {
		if e, ok := i.Owed(); ok {
			owed = append(owed, e)
		}
	}
	Book(b, id, owed, now)
}

const sqlBook = `insert into c2m.money_entry (campaign_id, seq, key, from_account, to_account, fen, purpose, at)
	select $1, s, k, f, t, n, p, $8 from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[]) as x (s, k, f, t, n, p)`

// Book queues entries to be added to the ledger. A key booked before is a fault of the caller and fails the transaction.
func Book(b *pgx.Batch, id campaign.ID, all []campaign.Entry, now time.Time) {
	if len(all) == 0 {
		return
	}
	b.Queue(sqlBook, id, column(all, func(e campaign.Entry) int64 { return e.Seq }), column(all, func(e campaign.Entry) string { return e.Key }),
		column(all, func(e campaign.Entry) string { return string(e.From) }), column(all, func(e campaign.Entry) string { return string(e.To) }),
		column(all, func(e campaign.Entry) int64 { return int64(e.Fen) }), column(all, func(e campaign.Entry) string { return string(e.Purpose) }), now)
}

const sqlDrop = `update c2m.payment set state = 'dropped', next_at = null where campaign_id = $1 and seq = any($2) and state = 'pending' and attempts = 0
	and kind in ('authorize','charge','capture') returning key`

// Drop withdraws what was to be taken from these pledges and was never sent.
func Drop(b *pgx.Batch, id campaign.ID, seqs []int64) {
	if len(seqs) > 0 {
		b.Queue(sqlDrop, id, seqs)
	}
}

const sqlClaim = `update c2m.payment p set state = 'sent', attempts = p.attempts + 1, next_at = $1::timestamptz + interval '1 minute' * least(power(2, p.attempts), 720),
		error = '' from c2m.campaign c
	where c.id = p.campaign_id and p.id in (select id from c2m.payment where state in ('pending','sent') and next_at <= $1 order by next_at, id
		limit $2 for update skip locked)
	returning ` + paymentColumns

// Claim takes up to so many instructions that are due to be sent, or sent again, and puts them off: the wait doubles with each
// attempt, from one minute to twelve hours.
func Claim(ctx context.Context, q pgdb.Querier, now time.Time, limit int) ([]Payment, error) {
	return payments(ctx, q, "claim payments", sqlClaim, now, limit)
}

func payments(ctx context.Context, q pgdb.Querier, what, sql string, args ...any) ([]Payment, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: %s: %w", what, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Payment])
	return out, wrap(err, "campaigndb: "+what)
}

const (
	sqlPaymentByKey = `select ` + paymentColumns + ` from c2m.payment p join c2m.campaign c on c.id = p.campaign_id where c.number = $1 and p.key = $2`
	sqlLockPayments = `select ` + paymentColumns + ` from c2m.payment p join c2m.campaign c on c.id = p.campaign_id where p.id = any($1) order by p.id for update of p`
	sqlOfPledge     = `select ` + paymentColumns + ` from c2m.payment p join c2m.campaign c on c.id = p.campaign_id where p.campaign_id = $1 and p.seq = $2 order by p.id`
	sqlTroubled     = `select ` + paymentColumns + ` from c2m.payment p join c2m.campaign c on c.id = p.campaign_id
		where ($1::bigint = 0 or p.campaign_id = $1) and (p.state = 'refused' or p.state in ('pending','sent') and p.error <> '') order by p.id desc limit $2`
)

// PaymentByKey gives an instruction by the number of its campaign and its key. campaign.ErrUnknown.
func PaymentByKey(ctx context.Context, q pgdb.Querier, number, key string) (Payment, error) {
	all, err := payments(ctx, q, "payment", sqlPaymentByKey, number, key)
	if err == nil && len(all) == 0 {
		err = campaign.ErrUnknown
	}
	if err != nil {
		return Payment{}, err
	}
	return all[0], nil
}

// LockPayments gives instructions that nobody else changes before the transaction ends.
func LockPayments(ctx context.Context, tx pgx.Tx, ids []PaymentID) ([]Payment, error) {
	return payments(ctx, tx, "lock payments", sqlLockPayments, ids)
}

// PaymentsOf gives the instructions of a pledge, the oldest first.
func PaymentsOf(ctx context.Context, q pgdb.Querier, id campaign.ID, seq int64) ([]Payment, error) {
	return payments(ctx, q, "payments of a pledge", sqlOfPledge, id, seq)
}

// Troubled gives instructions that the provider refused or that did not get through, of a campaign or of all (0), the newest first.
func Troubled(ctx context.Context, q pgdb.Querier, id campaign.ID, limit int) ([]Payment, error) {
	return payments(ctx, q, "troubled payments", sqlTroubled, id, limit)
}

const sqlSettle = `update c2m.payment p set state = x.s, error = x.e, reference = case when x.r = '' then p.reference else x.r end,
		done_at = case when x.s = 'done' then $5::timestamptz end, next_at = case when x.s in ('done','refused') then null else p.next_at end
	from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) as x (id, s, e, r) where p.id = x.id`

// Settle queues the new states of instructions: what the provider said to each.
func Settle(b *pgx.Batch, all []Payment, now time.Time) {
	if len(all) == 0 {
		return
	}
	b.Queue(sqlSettle, column(all, func(p Payment) int64 { return int64(p.ID) }), column(all, func(p Payment) string { return string(p.State) }),
		column(all, func(p Payment) string { return p.Error }), column(all, func(p Payment) string { return p.Reference }), now)
}

const sqlRetry = `update c2m.payment set state = 'pending', next_at = $2, error = '' where id = $1 and (state = 'refused' and kind in ('refund','penalty','void')
	or state in ('pending','sent'))`

// Retry puts an instruction to the front again and tells whether it could: one that is open, or a payout that was refused.
func Retry(ctx context.Context, tx pgx.Tx, id PaymentID, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, sqlRetry, id, now)
	return err == nil && tag.RowsAffected() == 1, wrap(err, "campaigndb: retry")
}

const sqlHear = `insert into c2m.payment_message (id, payment_id, outcome, note, at) values ($1, $2, $3, $4, $5) on conflict do nothing`

// Hear notes a message of the provider and tells whether it is the first of its id.
func Hear(ctx context.Context, tx pgx.Tx, message string, id PaymentID, outcome, note string, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, sqlHear, message, id, outcome, note, now)
	return err == nil && tag.RowsAffected() == 1, wrap(err, "campaigndb: hear")
}

const sqlBalances = `select account, sum(fen)::bigint as fen from (
	select to_account as account, fen from c2m.money_entry where campaign_id = $1
	union all select from_account, -fen from c2m.money_entry where campaign_id = $1) x group by account`

// Balances gives the balances of a campaign's accounts. They add up to 0.
func Balances(ctx context.Context, q pgdb.Querier, id campaign.ID) (map[campaign.Account]money.Fen, error) {
	rows, err := q.Query(ctx, sqlBalances, id)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: balances: %w", err)
	}
	out := map[campaign.Account]money.Fen{}
	var a campaign.Account
	var fen money.Fen
	_, err = pgx.ForEachRow(rows, []any{&a, &fen}, func() error {
		out[a] = fen
		return nil
	})
	return out, wrap(err, "campaigndb: balances")
}

const sqlEntries = `select e.key, e.from_account, e.to_account, e.fen, e.seq, coalesce(p.member, ''), e.purpose from c2m.money_entry e
	left join c2m.pledge p on p.campaign_id = e.campaign_id and p.seq = e.seq where e.campaign_id = $1 and ($2::bigint = 0 or e.seq = $2) order by e.id limit $3`

// Entries gives the ledger of a campaign, or of one of its pledges, the oldest first.
func Entries(ctx context.Context, q pgdb.Querier, id campaign.ID, seq int64, limit int) ([]campaign.Entry, error) {
	rows, err := q.Query(ctx, sqlEntries, id, seq, limit)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: entries: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[campaign.Entry])
	return out, wrap(err, "campaigndb: entries")
}

// Fault is a pledge whose money disagrees with the ledger.
type Fault struct {
	Seq          int64
	Pledge, Kept money.Fen
}

const sqlProve = `select p.seq, p.paid_fen - p.refunded_fen as pledge, coalesce(l.fen, 0)::bigint as kept from c2m.pledge p
	left join (select seq, sum(case when to_account in ('escrow','sales','forfeits') then fen else 0 end
			- case when from_account in ('escrow','sales','forfeits') then fen else 0 end) as fen
		from c2m.money_entry where campaign_id = $1 group by seq) l on l.seq = p.seq
	where p.campaign_id = $1 and p.paid_fen - p.refunded_fen <> coalesce(l.fen, 0) order by p.seq limit 100`

// Prove gives the pledges of a campaign for which paid − refunded is not what the ledger keeps: none.
func Prove(ctx context.Context, q pgdb.Querier, id campaign.ID) ([]Fault, error) {
	rows, err := q.Query(ctx, sqlProve, id)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: prove: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Fault])
	return out, wrap(err, "campaigndb: prove")
}
