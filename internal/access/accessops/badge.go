package accessops

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/access/accessdb"
	"milkrun/internal/audit"
)

// badgeMark is what every badge begins with, so that a handheld knows one from goods.
const badgeMark = "MKB"

var badgeText = base32.NewEncoding("ABCDEFGHJKLMNPQRSTUVWXYZ23456789").WithPadding(base32.NoPadding)

// AddBadge makes a badge for an account that works on the floor and gives its code, this once: print it. An older badge of the
// account ends with it. access.ErrForbidden for an account without work on the floor.
func (o *Ops) AddBadge(ctx context.Context, account access.ID) (string, error) {
	if _, err := access.Require(ctx, access.ManageUsers); err != nil {
		return "", err
	}
	raw := make([]byte, 10)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("accessops: make a badge: %w", err)
	}
	code := badgeMark + badgeText.EncodeToString(raw)
	err := o.inTx(ctx, func(tx pgx.Tx) error {
		owner, err := accessdb.Lock(ctx, tx, account)
		if err != nil {
			return known(account, err)
		}
		if !access.Can(owner.User, access.WorkFloor) {
			return access.ErrForbidden
		}
		if err := accessdb.RevokeBadges(ctx, tx, account, o.Clock()); err != nil {
			return err
		}
		if err := accessdb.InsertBadge(ctx, tx, account, keyHash(code), o.Clock()); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "user.badge", Thing: audit.Thing{Kind: "user", ID: fmt.Sprint(account)}})
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

// UserByBadge gives the account of a scanned badge: access.ErrPassword when no badge in use is that one, access.ErrInactive when
// the account is switched off. 80 random bits need neither a slow hash nor a count of failures.
func (o *Ops) UserByBadge(ctx context.Context, code string) (access.User, error) {
	code = strings.ToUpper(strings.TrimSpace(code))
	if !strings.HasPrefix(code, badgeMark) || len(code) > 40 {
		return access.User{}, access.ErrPassword
	}
	hash := keyHash(code)
	u, err := open(accessdb.ByBadge(ctx, o.Pool, hash))
	switch {
	case err == access.ErrSignedOut: //nolint:errorlint // the bare refusal of open
		return u, access.ErrPassword
	case err != nil:
		return u, err
	case !access.Can(u, access.WorkFloor):
		return access.User{}, access.ErrForbidden
	}
	return u, accessdb.UseBadge(ctx, o.Pool, hash, o.Clock())
}
