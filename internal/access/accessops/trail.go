package accessops

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/access/accessdb"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
)

// Trail gives a page of the changes of the whole house.
func (o *Ops) Trail(ctx context.Context, q audit.Query) ([]audit.Entry, error) {
	if _, err := access.Require(ctx, access.ViewAudit); err != nil {
		return nil, err
	}
	return audit.Find(ctx, o.Pool, q)
}

// Actors gives everybody who has ever changed anything.
func (o *Ops) Actors(ctx context.Context) ([]audit.Actor, error) {
	if _, err := access.Require(ctx, access.ViewAudit); err != nil {
		return nil, err
	}
	return audit.Actors(ctx, o.Pool)
}

// Names gives the names of accounts, for the pages of the audit. Ids without an account are left out.
func (o *Ops) Names(ctx context.Context, ids ...access.ID) (map[access.ID]string, error) {
	if _, err := access.Require(ctx, access.ViewAudit); err != nil {
		return nil, err
	}
	return accessdb.Names(ctx, o.Pool, ids)
}

// Logins gives the accounts of a supplier's people, those in use first. Whoever sees suppliers sees who may sign in for them.
func (o *Ops) Logins(ctx context.Context, supplier catalog.SupplierID) ([]access.Account, error) {
	if _, err := access.Require(ctx, access.ViewSuppliers); err != nil {
		return nil, err
	}
	all, err := accessdb.Accounts(ctx, o.Pool)
	var out []access.Account
	for _, a := range all {
		if a.Role == access.Supplier && a.Supplier == supplier {
			out = append(out, a)
		}
	}
	return out, err
}

// Rename gives the acting user another name. It answers *access.AccountError for one that cannot be.
func (o *Ops) Rename(ctx context.Context, name string) error {
	actor, err := access.Require(ctx, access.SignedIn)
	if err != nil {
		return err
	}
	name = strings.TrimSpace(name)
	return o.inTx(ctx, func(tx pgx.Tx) error {
		s, err := accessdb.Lock(ctx, tx, actor.ID)
		if err != nil {
			return known(actor.ID, err)
		}
		before := faceOf(s.Account)
		if s.Name = name; s.Name == before.Name {
			return nil
		}
		if err := s.Account.Validate(); err != nil {
			return err
		}
		if err := accessdb.Update(ctx, tx, s.Account); err != nil {
			return fmt.Errorf("accessops: rename %s: %w", s.Login, err)
		}
		return o.trace(ctx, tx, "user.rename", s.ID, map[string]string{"Name": before.Name}, map[string]string{"Name": name})
	})
}
