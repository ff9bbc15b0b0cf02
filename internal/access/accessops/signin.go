package accessops

import (
	"context"
	"errors"
	"unicode/utf8"

	"milkrun/internal/access"
	"milkrun/internal/access/accessdb"
)

// SignIn gives the account of a login and password. It answers access.ErrPassword when they do not go together (in the same
// time whether the login exists or not), *access.WaitError after too many failures, and access.ErrInactive for the right
// password of an account that is switched off.
func (o *Ops) SignIn(ctx context.Context, login, password string) (access.User, error) {
	login = access.CleanLogin(login)
	if access.CheckLogin(login) != nil || len(password) > access.MaxPassword || !utf8.ValidString(password) {
		_, _, err := o.hasher.verify(ctx, "", "")
		return access.User{}, errors.Join(access.ErrPassword, err)
	}
	now := o.Clock()
	failures, until, allowed, err := accessdb.Begin(ctx, o.Pool, login, now)
	if err != nil {
		return access.User{}, err
	}
	if !allowed {
		return access.User{}, &access.WaitError{Until: *until, Now: now}
	}
	account, err := accessdb.ByLogin(ctx, o.Pool, login)
	if err != nil && !errors.Is(err, accessdb.ErrNone) {
		return access.User{}, err
	}
	ok, outdated, err := o.hasher.verify(ctx, password, account.Hash)
	switch {
	case err != nil:
		return access.User{}, err
	case !ok && until != nil:
		o.Log.WarnContext(ctx, "sign-in rests after failures", "login", login, "failures", failures, "until", *until)
		return access.User{}, &access.WaitError{Until: *until, Now: now}
	case !ok:
		return access.User{}, access.ErrPassword
	}
	if err := o.entered(ctx, account, password, outdated); err != nil {
		return access.User{}, err
	}
	if !account.Active {
		return access.User{}, access.ErrInactive
	}
	return account.User, nil
}

// entered takes the failures back and notes the sign-in, with a new hash where the cost has changed.
func (o *Ops) entered(ctx context.Context, account accessdb.Stored, password string, outdated bool) error {
	if err := accessdb.Forget(ctx, o.Pool, account.Login); err != nil {
		return err
	}
	if err := accessdb.ForgetOld(ctx, o.Pool, o.Clock()); err != nil {
		return err
	}
	if outdated {
		hash, err := o.hasher.hash(ctx, password)
		if err != nil {
			return err
		}
		if err := accessdb.Rehash(ctx, o.Pool, account.ID, account.Hash, hash); err != nil {
			return err
		}
	}
	if !account.Active {
		return nil
	}
	return accessdb.SignedIn(ctx, o.Pool, account.ID, o.Clock())
}
