package campaignops

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/pgdb"
)

// Seal keeps secrets in the database: sealed under the name of what they belong to.
type Seal interface {
	Close(name, secret string) ([]byte, error)
	Open(name string, sealed []byte) (string, error)
}

// Channel is a channel as staff see it: without its secret, with what became of its messages.
type Channel struct {
	campaign.Channel
	Login                 string // of the account whose pledges it is for, "" for all others
	Waiting, Sent, Failed int
	At                    time.Time
	By                    string
}

// Channels gives where the messages to members go, the channel for everybody else last.
func (o *Ops) Channels(ctx context.Context) ([]Channel, error) {
	if _, err := access.Require(ctx, access.ViewOrders); err != nil {
		return nil, err
	}
	stored, err := campaigndb.Channels(ctx, o.Pool)
	out := make([]Channel, len(stored))
	for i, s := range stored {
		out[i] = Channel{Channel: s.Channel(), Login: s.Login, Waiting: s.Waiting, Sent: s.Sent, Failed: s.Failed, At: s.At, By: s.ByName}
	}
	return out, err
}

// SaveChannel stores a channel under its code, a new one or in place of the one of that code. An empty secret keeps the one that is stored; a
// new channel needs one. The secret is never shown again and stands in no trace. *campaign.ChannelError.
func (o *Ops) SaveChannel(ctx context.Context, c campaign.Channel, secret string) error {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return err
	}
	c.Code, c.Name, c.URL = strings.TrimSpace(c.Code), strings.TrimSpace(c.Name), strings.TrimSpace(c.URL)
	if err := c.Check(secret); err != nil {
		return err
	}
	now := o.Clock()
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		had, err := campaigndb.LockChannel(ctx, tx, c.Code)
		if err != nil {
			return err
		}
		s := campaigndb.StoredChannel{Code: c.Code, Name: c.Name, Account: c.Account, URL: c.URL, Active: c.Active, Automatic: c.Automatic, At: now, ByName: u.Name}
		var before any
		if had != nil {
			s.ID, s.Secret, before = had.ID, had.Secret, had.Channel()
		}
		switch {
		case secret != "":
			if s.Secret, err = o.seal(c.Code, secret); err != nil {
				return err
			}
		case had == nil:
			return &campaign.ChannelError{Faults: []campaign.Fault{{Field: "secret", Word: campaign.Missing}}}
		}
		err = campaigndb.SaveChannel(ctx, tx, s)
		if errors.Is(err, campaigndb.ErrAccount) {
			return &campaign.ChannelError{Faults: []campaign.Fault{{Field: "account", Word: campaign.Repeated}}}
		}
		if err != nil {
			return err
		}
		after := map[string]any{"channel": c, "new_secret": secret != ""}
		return audit.Write(ctx, tx, now, audit.Change{Verb: "channel.save", Thing: audit.Thing{Kind: "channel", ID: c.Code}, Before: before, After: after})
	})
}

func (o *Ops) seal(code, secret string) ([]byte, error) {
	if o.Seal == nil {
		return []byte(secret), nil
	}
	return o.Seal.Close(code, secret)
}

func (o *Ops) unseal(code string, sealed []byte) (string, error) {
	if o.Seal == nil {
		return string(sealed), nil
	}
	return o.Seal.Open(code, sealed)
}
