// Package accessops holds the use cases of accounts: signing in, users and their bounds, passwords, API keys, preferences, and
// the pages of the audit.
package accessops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/internal/access"
	"milkrun/internal/access/accessdb"
	"milkrun/internal/audit"
	"milkrun/internal/pgdb"
)

// Deps is what the use cases of accounts stand on.
type Deps struct {
	Pool  *pgxpool.Pool
	Clock func() time.Time
	Log   *slog.Logger
	// Cost is that of new passwords; zero is DefaultCost. Passwords of another cost are hashed anew when they are next used.
	Cost Cost
}

// Ops holds the use cases of accounts.
type Ops struct {
	Deps
	hasher *hasher
}

// New gives the use cases.
func New(d Deps) *Ops { return &Ops{Deps: d, hasher: newHasher(d.Cost)} }

// User gives the account that a session belongs to: access.ErrSignedOut when it is gone, access.ErrInactive when it is
// switched off.
func (o *Ops) User(ctx context.Context, id access.ID) (access.User, error) {
	return open(accessdb.ByID(ctx, o.Pool, id))
}

// UserByLogin gives an account in use by its login, for the command line.
func (o *Ops) UserByLogin(ctx context.Context, login string) (access.User, error) {
	return open(accessdb.ByLogin(ctx, o.Pool, access.CleanLogin(login)))
}

func open(s accessdb.Stored, err error) (access.User, error) {
	switch {
	case errors.Is(err, accessdb.ErrNone):
		return access.User{}, access.ErrSignedOut
	case err != nil:
		return access.User{}, err
	case !s.Active:
		return access.User{}, access.ErrInactive
	}
	return s.User, nil
}

// Prefer keeps the acting user's language, theme and shortcuts: those of u, whose ID must be the actor's.
func (o *Ops) Prefer(ctx context.Context, u access.User) error {
	actor, err := access.Require(ctx, access.SignedIn)
	if err != nil {
		return err
	}
	if actor.ID == 0 || actor.ID != u.ID {
		return fmt.Errorf("accessops: preferences of another: %w", access.ErrForbidden)
	}
	actor.Language, actor.Theme, actor.KeysOff = u.Language, u.Theme, u.KeysOff
	if err := actor.Validate(); err != nil {
		return err
	}
	found, err := accessdb.Prefer(ctx, o.Pool, u.ID, u.Language, u.Theme, u.KeysOff)
	if err == nil && !found {
		return access.ErrSignedOut
	}
	return err
}

// Recent gives up to limit changes of the whole house below the entry before (0 for the newest), of one kind of thing
// ("sku", "order", …) or of all.
func (o *Ops) Recent(ctx context.Context, before int64, kind string, limit int) ([]audit.Entry, error) {
	if _, err := access.Require(ctx, access.ViewAudit); err != nil {
		return nil, err
	}
	return audit.Recent(ctx, o.Pool, before, kind, min(max(limit, 1), 1000))
}

// History gives up to limit changes of one thing, the newest first.
func (o *Ops) History(ctx context.Context, t audit.Thing, limit int) ([]audit.Entry, error) {
	if _, err := access.Require(ctx, access.ViewAudit); err != nil {
		return nil, err
	}
	return audit.History(ctx, o.Pool, t, min(max(limit, 1), 1000))
}

func (o *Ops) inTx(ctx context.Context, f func(pgx.Tx) error) error { return pgdb.InTx(ctx, o.Pool, f) }

func (o *Ops) trace(ctx context.Context, tx pgx.Tx, verb string, id access.ID, before, after any) error {
	thing := audit.Thing{Kind: "user", ID: strconv.FormatInt(int64(id), 10)}
	return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: verb, Thing: thing, Before: before, After: after})
}
