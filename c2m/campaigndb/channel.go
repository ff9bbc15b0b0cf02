package campaigndb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"milkrun/c2m/campaign"
	"milkrun/internal/pgdb"
)

// StoredChannel is a channel with its sealed secret and what became of its messages.
type StoredChannel struct {
	ID                    int64
	Code, Name            string
	Account               int64
	URL                   string
	Active, Automatic     bool
	Secret                []byte
	At                    time.Time
	ByName                string
	Login                 string // of the account, "" for none
	Waiting, Sent, Failed int
}

// Channel gives the channel without its secret.
func (s StoredChannel) Channel() campaign.Channel {
	return campaign.Channel{ID: s.ID, Code: s.Code, Name: s.Name, Account: s.Account, URL: s.URL, Active: s.Active, Automatic: s.Automatic}
}

const channelColumns = `c.id, c.code, c.name, coalesce(c.account_id, 0) as account, c.url, c.active, c.automatic, c.secret, c.at, c.by_name, coalesce(a.login, '') as login`

const (
	sqlChannels = `select ` + channelColumns + `,
			count(m.id) filter (where m.delivery = 'waiting' and m.state = 'released')::int as waiting, count(m.id) filter (where m.delivery = 'sent')::int as sent,
			count(m.id) filter (where m.delivery = 'failed')::int as failed
		from c2m.channel c left join access.account a on a.id = c.account_id left join c2m.member_message m on m.channel_id = c.id
		group by c.id, a.login order by c.account_id is null, c.code`
	sqlLockChannel = `select ` + channelColumns + `, 0 as waiting, 0 as sent, 0 as failed from c2m.channel c left join access.account a on a.id = c.account_id
		where c.code = $1 for update of c`
	sqlInsertChannel = `insert into c2m.channel (code, name, account_id, url, secret, active, automatic, at, by_name)
		values ($1, $2, nullif($3::bigint, 0), $4, $5, $6, $7, $8, $9) returning id`
	sqlSaveChannel = `update c2m.channel set name = $2, account_id = nullif($3::bigint, 0), url = $4, secret = $5, active = $6, automatic = $7, at = $8, by_name = $9 where code = $1`
)

// Channels gives all channels, the one for everybody else last.
func Channels(ctx context.Context, q pgdb.Querier) ([]StoredChannel, error) {
	return channels(ctx, q, "channels", sqlChannels)
}

func channels(ctx context.Context, q pgdb.Querier, what, sql string, args ...any) ([]StoredChannel, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: %s: %w", what, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[StoredChannel])
	return out, wrap(err, "campaigndb: "+what)
}

// LockChannel gives a channel by its code, nil for none.
func LockChannel(ctx context.Context, tx pgx.Tx, code string) (*StoredChannel, error) {
	all, err := channels(ctx, tx, "lock channel", sqlLockChannel, code)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// ErrAccount is the answer to an account that has a channel already, or does not exist.
var ErrAccount = errors.New("campaigndb: the account has a channel already, or there is no such account")

// SaveChannel stores a channel: a new one where its id is 0. ErrAccount.
func SaveChannel(ctx context.Context, tx pgx.Tx, s StoredChannel) error {
	var err error
	if s.ID == 0 {
		err = tx.QueryRow(ctx, sqlInsertChannel, s.Code, s.Name, s.Account, s.URL, s.Secret, s.Active, s.Automatic, s.At, s.ByName).Scan(&s.ID)
	} else {
		_, err = tx.Exec(ctx, sqlSaveChannel, s.Code, s.Name, s.Account, s.URL, s.Secret, s.Active, s.Automatic, s.At, s.ByName)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "23505" || pg.Code == "23503") {
		return ErrAccount
	}
	return wrap(err, "campaigndb: save channel")
}
