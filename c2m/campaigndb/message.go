package campaigndb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/campaign"
	"milkrun/internal/calendar"
	"milkrun/internal/pgdb"
)

// The channel of a pledge is that of the account that pledged, else the one for everybody else; none leaves the message to be fetched.
const channelOf = `coalesce((select c.id from c2m.channel c where c.account_id = p.by_id), (select c.id from c2m.channel c where c.account_id is null))`

const sqlTell = `insert into c2m.member_message (campaign_id, seq, member, kind, was, promise, body_zh, body_en, at, channel_id, state, delivery, next_at)
	select $1, x.s, x.m, x.k, x.w, x.p, x.z, x.e, $9, c.id, case when c.automatic then 'released' else 'draft' end, case when c.automatic then 'waiting' else '' end,
		case when c.automatic then $9::timestamptz end
	from unnest($2::bigint[], $3::text[], $4::text[], $5::date[], $6::date[], $7::text[], $8::text[]) as x (s, m, k, w, p, z, e)
	join c2m.pledge p on p.campaign_id = $1 and p.seq = x.s left join c2m.channel c on c.id = ` + channelOf + ` order by x.s`

// Tell queues the drafts of messages to members. Those of a channel that releases by itself go out at once.
func Tell(b *pgx.Batch, id campaign.ID, all []campaign.Notice, now time.Time) {
	if len(all) == 0 {
		return
	}
	b.Queue(sqlTell, id, column(all, func(n campaign.Notice) int64 { return n.Seq }), column(all, func(n campaign.Notice) string { return n.Member }),
		column(all, func(n campaign.Notice) string { return string(n.Kind) }), column(all, func(n campaign.Notice) *calendar.Day { return n.Was }),
		column(all, func(n campaign.Notice) *calendar.Day { return n.Is }), column(all, func(n campaign.Notice) string { return n.Text.ZH }),
		column(all, func(n campaign.Notice) string { return n.Text.EN }), now)
}

// MemberMessage is a message to a member. State says whether it may go out: draft, held or released. Delivery says what became of a released
// one: "" is fetched by the communities, "waiting" goes out by webhook, "sent" was accepted, "failed" was refused or given up.
type MemberMessage struct {
	ID              int64
	CampaignID      campaign.ID
	Number          string // of the campaign
	Seq             int64
	Member, Kind    string
	Was, Promise    *calendar.Day
	BodyZH, BodyEN  string
	State, Delivery string
	Channel         string // code, "" for none
	Attempts, Again int
	NextAt, SentAt  *time.Time
	Error, Note     string
	At              time.Time
}

// Key gives the key under which the message is told.
func (m MemberMessage) Key() string { return campaign.LetterKey(m.ID, m.Again) }

const messageColumns = `m.id, m.campaign_id, k.number, m.seq, m.member, m.kind, m.was, m.promise, m.body_zh, m.body_en, m.state, m.delivery, coalesce(c.code, '') as channel,
	m.attempts, m.again, m.next_at, m.sent_at, m.error, m.note, m.at`

const messageFrom = ` from c2m.member_message m join c2m.campaign k on k.id = m.campaign_id left join c2m.channel c on c.id = m.channel_id`

const (
	sqlMessages = `select ` + messageColumns + messageFrom + ` where ($1::bigint = 0 or m.campaign_id = $1) and m.id > $2 and ($3 = '' or m.state = $3)
		and ($4 = '' or m.delivery = $4) and ($5::bigint = 0 or m.seq = $5) order by m.id limit $6`
	sqlDrafts = `select count(*)::int from c2m.member_message where campaign_id = $1 and state = 'draft'`
	// What is released goes to the channel of its pledge as that stands now.
	sqlRelease = `update c2m.member_message m set state = 'released', note = '', channel_id = ` + channelOf + `,
			delivery = case when ` + channelOf + ` is null then '' when m.delivery = 'sent' then 'sent' else 'waiting' end,
			next_at = case when ` + channelOf + ` is not null and m.delivery <> 'sent' then $3::timestamptz end
		from c2m.pledge p where p.campaign_id = m.campaign_id and p.seq = m.seq and m.campaign_id = $1 and m.state = any($2)
			and (cardinality($4::bigint[]) = 0 or m.id = any($4))`
	sqlHold = `update c2m.member_message set state = 'held', note = $3 where campaign_id = $1 and (cardinality($2::bigint[]) = 0 or id = any($2))
		and (state = 'draft' or state = 'released' and delivery = 'waiting')`
	// One that was accepted is sent anew under a new key; one that was not keeps its key, so that it cannot come twice.
	sqlAnew = `update c2m.member_message m set again = m.again + case when m.delivery = 'sent' then 1 else 0 end, delivery = 'waiting', attempts = 0, next_at = $3, error = '', sent_at = null,
			channel_id = ` + channelOf + `
		from c2m.pledge p where p.campaign_id = m.campaign_id and p.seq = m.seq and m.campaign_id = $1 and m.id = any($2) and m.state = 'released'
			and ` + channelOf + ` is not null`
)

// MessageFilter says which messages are shown; the zero value shows all.
type MessageFilter struct {
	Campaign        campaign.ID
	State, Delivery string
	Pledge          int64
	After           int64 // the id of the last of the page before
	Limit           int
}

// Messages gives messages to members in the order in which they were written.
func Messages(ctx context.Context, q pgdb.Querier, f MessageFilter) ([]MemberMessage, error) {
	return messages(ctx, q, "messages", sqlMessages, f.Campaign, f.After, f.State, f.Delivery, f.Pledge, f.Limit)
}

func messages(ctx context.Context, q pgdb.Querier, what, sql string, args ...any) ([]MemberMessage, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: %s: %w", what, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[MemberMessage])
	return out, wrap(err, "campaigndb: "+what)
}

// Drafts counts the messages of a campaign that wait to be released.
func Drafts(ctx context.Context, q pgdb.Querier, id campaign.ID) (n int, err error) {
	err = q.QueryRow(ctx, sqlDrafts, id).Scan(&n)
	return n, wrap(err, "campaigndb: drafts")
}

// Release lets messages of a campaign in one of these states go and tells how many: these ids, or all without any.
func Release(ctx context.Context, tx pgx.Tx, id campaign.ID, states []string, ids []int64, now time.Time) (int, error) {
	tag, err := tx.Exec(ctx, sqlRelease, id, states, now, idsOr(ids))
	return int(tag.RowsAffected()), wrap(err, "campaigndb: release")
}

// Hold keeps messages of a campaign back that have not gone out, and tells how many: these ids, or all without any.
func Hold(ctx context.Context, tx pgx.Tx, id campaign.ID, ids []int64, note string) (int, error) {
	tag, err := tx.Exec(ctx, sqlHold, id, idsOr(ids), note)
	return int(tag.RowsAffected()), wrap(err, "campaigndb: hold")
}

// Anew puts released messages to the front again and tells how many could be.
func Anew(ctx context.Context, tx pgx.Tx, id campaign.ID, ids []int64, now time.Time) (int, error) {
	tag, err := tx.Exec(ctx, sqlAnew, id, idsOr(ids), now)
	return int(tag.RowsAffected()), wrap(err, "campaigndb: send anew")
}

func idsOr(ids []int64) []int64 {
	if ids == nil {
		return []int64{}
	}
	return ids
}

// Outgoing is a message that is told now, with its channel.
type Outgoing struct {
	MemberMessage
	URL    string
	Secret []byte
}

const (
	sqlClaimMessage = `update c2m.member_message m set attempts = m.attempts + 1, next_at = $1::timestamptz + interval '1 minute' * least(power(2, m.attempts), 720)
		from c2m.campaign k, c2m.channel c
		where k.id = m.campaign_id and c.id = m.channel_id and m.id in (select x.id from c2m.member_message x join c2m.channel h on h.id = x.channel_id and h.active
			where x.state = 'released' and x.delivery = 'waiting' and x.next_at <= $1 order by x.next_at, x.id limit 1 for update of x skip locked)
		returning ` + messageColumns + `, c.url, c.secret`
	sqlDelivered = `update c2m.member_message set delivery = $3, error = $4, sent_at = case when $3 = 'sent' then $5::timestamptz end,
			next_at = case when $3 = 'waiting' then next_at end
		where id = $1 and again = $2 and delivery = 'waiting'`
)

// ClaimMessage takes the message whose turn it is and puts it off: the wait doubles with each attempt, from one minute to twelve hours. Two
// that claim at once get two messages. Nil when nothing is due.
func ClaimMessage(ctx context.Context, q pgdb.Querier, now time.Time) (*Outgoing, error) {
	rows, err := q.Query(ctx, sqlClaimMessage, now)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: claim message: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Outgoing])
	if err != nil || len(all) == 0 {
		return nil, wrap(err, "campaigndb: claim message")
	}
	return &all[0], nil
}

// Delivered notes what became of a message that was told: "sent", "failed", or "waiting" to be tried again. One that was settled or sent anew
// meanwhile stays as it is.
func Delivered(ctx context.Context, q pgdb.Querier, m MemberMessage, delivery, fault string, now time.Time) error {
	_, err := q.Exec(ctx, sqlDelivered, m.ID, m.Again, delivery, fault, now)
	return wrap(err, "campaigndb: delivered")
}
