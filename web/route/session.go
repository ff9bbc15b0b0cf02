package route

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"milkrun/internal/access"
	"milkrun/web/ui"
)

// Names under which the session keeps its values.
const (
	sessionUser  = "user"
	sessionStamp = "stamp"
	sessionFlash = "flash"
)

// Sessions are the signed-in browsers.
type Sessions struct{ *scs.SessionManager }

// NewSessions keeps sessions in the store: twelve hours without use end one, a week in all. secure marks the cookie
// for HTTPS only.
func NewSessions(store scs.Store, secure bool) *Sessions {
	m := scs.New()
	m.Store = store
	m.Lifetime = 7 * 24 * time.Hour
	m.IdleTimeout = 12 * time.Hour
	m.HashTokenInStore = true
	m.Cookie.Name = "milkrun"
	m.Cookie.HttpOnly = true
	m.Cookie.Secure = secure
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Path = "/"
	return &Sessions{m}
}

// SignIn makes the account the user of this browser, under a new token.
func (s *Sessions) SignIn(ctx context.Context, id access.ID) error {
	if err := s.RenewToken(ctx); err != nil {
		return err
	}
	s.Put(ctx, sessionUser, int64(id))
	s.Remove(ctx, sessionStamp)
	return nil
}

// Holds tells whether this browser still may act for the user: a changed password ends the sessions that began under the old
// one. The session remembers the password's time from its first page on.
func (s *Sessions) Holds(ctx context.Context, u access.User) bool {
	stamp := u.PasswordAt.UnixMicro()
	if !s.Exists(ctx, sessionStamp) {
		s.Put(ctx, sessionStamp, stamp)
	}
	return s.GetInt64(ctx, sessionStamp) == stamp
}

// SignOut ends the session of this browser.
func (s *Sessions) SignOut(ctx context.Context) error { return s.Destroy(ctx) }

// Account gives the account of this browser, 0 for none.
func (s *Sessions) Account(ctx context.Context) access.ID {
	return access.ID(s.GetInt64(ctx, sessionUser))
}

// Tell keeps notes for the next page this browser opens: what was done, after a redirect.
func (s *Sessions) Tell(ctx context.Context, notes ...ui.Flash) {
	b, err := json.Marshal(append(s.told(ctx), notes...))
	if err != nil {
		return // strings always marshal
	}
	s.Put(ctx, sessionFlash, b)
}

// Told gives the notes kept for this page and forgets them.
func (s *Sessions) Told(ctx context.Context) []ui.Flash {
	notes := s.told(ctx)
	if notes != nil {
		s.Remove(ctx, sessionFlash)
	}
	return notes
}

func (s *Sessions) told(ctx context.Context) []ui.Flash {
	b := s.GetBytes(ctx, sessionFlash)
	if len(b) == 0 {
		return nil
	}
	var notes []ui.Flash
	if err := json.Unmarshal(b, &notes); err != nil {
		return nil
	}
	return notes
}

// Renew begins the session of this browser anew, after its user has changed the password.
func Renew(ctx context.Context) error {
	s, ok := ctx.Value(sessionsKey{}).(*Sessions)
	if !ok || s.Account(ctx) == 0 {
		return nil
	}
	return s.SignIn(ctx, s.Account(ctx))
}

type sessionsKey struct{}

// WithSessions puts the sessions on the context, for Tell.
func WithSessions(ctx context.Context, s *Sessions) context.Context {
	return context.WithValue(ctx, sessionsKey{}, s)
}

// Tell keeps a note for the next page this browser opens. Without sessions it does nothing.
func Tell(ctx context.Context, notes ...ui.Flash) {
	if s, ok := ctx.Value(sessionsKey{}).(*Sessions); ok {
		s.Tell(ctx, notes...)
	}
}
