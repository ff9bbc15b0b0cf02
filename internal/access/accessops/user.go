package accessops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/access/accessdb"
	"milkrun/internal/catalog"
)

// face is what the audit keeps of an account: nothing secret.
type face struct {
	Login, Name string
	Role        access.Role
	Sites       []catalog.SiteID   `json:",omitempty"`
	Supplier    catalog.SupplierID `json:",omitempty"`
	Active      bool
}

func faceOf(a access.Account) face {
	return face{a.Login, a.Name, a.Role, a.Sites, a.Supplier, a.Active}
}

// Users gives all accounts, those in use first.
func (o *Ops) Users(ctx context.Context) ([]access.Account, error) {
	if _, err := access.Require(ctx, access.ManageUsers); err != nil {
		return nil, err
	}
	return accessdb.Accounts(ctx, o.Pool)
}

// Account gives one account; catalog.ErrUnknown when there is none. Everybody sees the own one.
func (o *Ops) Account(ctx context.Context, id access.ID) (access.Account, error) {
	u, err := access.Require(ctx, access.SignedIn)
	if err != nil {
		return access.Account{}, err
	}
	if u.ID != id {
		if _, err := access.Require(ctx, access.ManageUsers); err != nil {
			return access.Account{}, err
		}
	}
	s, err := accessdb.ByID(ctx, o.Pool, id)
	return s.Account, known(id, err)
}

func known(id access.ID, err error) error {
	if errors.Is(err, accessdb.ErrNone) {
		return fmt.Errorf("accessops: account %d: %w", id, catalog.ErrUnknown)
	}
	return err
}

// AddUser makes an account in use. An empty password leaves it without one: it then acts by API keys alone. It answers
// access.ErrTaken, access.ErrLogin, *access.AccountError and *access.WeakError. The house itself (command line) may set any
// password.
func (o *Ops) AddUser(ctx context.Context, u access.User, password string) (access.Account, error) {
	actor, err := access.Require(ctx, access.ManageUsers)
	if err != nil {
		return access.Account{}, err
	}
	u.Login = access.CleanLogin(u.Login)
	u.Sites = distinct(u.Sites)
	if err := u.Validate(); err != nil {
		return access.Account{}, err
	}
	hash, err := o.newHash(ctx, actor, u.Login, password)
	if err != nil {
		return access.Account{}, err
	}
	var out access.Account
	err = o.inTx(ctx, func(tx pgx.Tx) error {
		id, err := accessdb.Insert(ctx, tx, accessdb.Stored{Account: access.Account{User: u, Active: true}, Hash: hash}, o.Clock())
		if err != nil {
			return err
		}
		s, err := accessdb.ByID(ctx, tx, id)
		if err != nil {
			return err
		}
		out = s.Account
		return o.trace(ctx, tx, "user.add", id, nil, faceOf(out))
	})
	return out, err
}

// newHash checks and hashes a password that is to be set for the login; the empty one stays empty.
func (o *Ops) newHash(ctx context.Context, actor access.User, login, password string) (string, error) {
	if password == "" {
		return "", nil
	}
	if actor.Role != access.System {
		if err := access.CheckPassword(login, password); err != nil {
			return "", err
		}
	}
	return o.hasher.hash(ctx, password)
}

func distinct(sites []catalog.SiteID) []catalog.SiteID {
	out := slices.Clone(sites)
	slices.Sort(out)
	return slices.Compact(out)
}

// EditUser stores login, name, role, bounds, preferences and whether it is in use, as changed from the version seen. The
// refusals are those of AddUser, catalog.ErrStale when another has changed it meanwhile, catalog.ErrUnknown, and
// access.ErrLastAdmin when nobody would be left to manage users.
func (o *Ops) EditUser(ctx context.Context, seen time.Time, a access.Account) (access.Account, error) {
	if _, err := access.Require(ctx, access.ManageUsers); err != nil {
		return access.Account{}, err
	}
	a.Login = access.CleanLogin(a.Login)
	a.Sites = distinct(a.Sites)
	if err := a.User.Validate(); err != nil {
		return access.Account{}, err
	}
	var out access.Account
	err := o.inTx(ctx, func(tx pgx.Tx) error {
		// Administrators are locked first and in order: two who remove each other wait for one another here.
		admins, err := accessdb.LockAdmins(ctx, tx)
		if err != nil {
			return err
		}
		before, err := accessdb.Lock(ctx, tx, a.ID)
		if err != nil {
			return known(a.ID, err)
		}
		if !before.UpdatedAt.Truncate(time.Microsecond).Equal(seen.Truncate(time.Microsecond)) {
			return fmt.Errorf("accessops: account %s: %w", before.Login, catalog.ErrStale)
		}
		if slices.Equal(admins, []access.ID{a.ID}) && (a.Role != access.Admin || !a.Active) {
			return access.ErrLastAdmin
		}
		if err := accessdb.Update(ctx, tx, a); err != nil {
			return err
		}
		s, err := accessdb.ByID(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		out = s.Account
		return o.trace(ctx, tx, "user.edit", a.ID, faceOf(before.Account), faceOf(out))
	})
	return out, err
}

// SetPassword gives an account a new password and lets it sign in at once.
func (o *Ops) SetPassword(ctx context.Context, id access.ID, password string) error {
	actor, err := access.Require(ctx, access.ManageUsers)
	if err != nil {
		return err
	}
	s, err := accessdb.ByID(ctx, o.Pool, id)
	if err != nil {
		return known(id, err)
	}
	return o.storePassword(ctx, actor, s, password, "user.password.set")
}

// ChangePassword gives the acting user a new password; old must be the present one. It answers access.ErrPassword,
// *access.WaitError and *access.WeakError.
func (o *Ops) ChangePassword(ctx context.Context, old, password string) error {
	actor, err := access.Require(ctx, access.SignedIn)
	if err != nil {
		return err
	}
	s, err := accessdb.ByID(ctx, o.Pool, actor.ID)
	if err != nil {
		return known(actor.ID, err)
	}
	if err := access.CheckPassword(s.Login, password); err != nil {
		return err
	}
	// A stolen session must not be a way to guess the password: failures count like those of signing in.
	if _, err := o.SignIn(ctx, s.Login, old); err != nil {
		return err
	}
	return o.storePassword(ctx, actor, s, password, "user.password.change")
}

func (o *Ops) storePassword(ctx context.Context, actor access.User, s accessdb.Stored, password, verb string) error {
	if password == "" {
		return &access.WeakError{Reason: "short"}
	}
	hash, err := o.newHash(ctx, actor, s.Login, password)
	if err != nil {
		return err
	}
	return o.inTx(ctx, func(tx pgx.Tx) error {
		if err := accessdb.SetPassword(ctx, tx, s.ID, hash); err != nil {
			return err
		}
		if err := accessdb.Forget(ctx, tx, s.Login); err != nil {
			return err
		}
		return o.trace(ctx, tx, verb, s.ID, nil, nil)
	})
}
