package records

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/access/accessops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Keys are the API keys by which other systems act.
type Keys struct{ desk.Directory }

// Screens gives the routes of the API keys.
func (s Keys) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/system/keys", access.ManageUsers, s.list),
			route.POST("/system/keys", access.ManageUsers, s.add),
			route.POST("/system/keys/{id}/revoke", access.ManageUsers, s.revoke),
		},
		Menu: []ui.MenuItem{{Key: "system", Sub: "keys", Path: "/system/keys", Permission: access.ManageUsers}},
	}
}

// keyPage is what the page shows. Made is a key that has just been made: it is shown this once.
type keyPage struct {
	Keys   []access.Key
	Owners map[access.ID]access.Account
	May    []access.Account // accounts that may have keys
	Of     access.ID        // the account of the filter
	Form   *desk.Posted
	Made   string
	Key    access.Key
}

// mayHaveKeys tells whether an account's role may use the API.
func mayHaveKeys(u access.User) bool {
	return access.Can(u, access.PushData) || access.Can(u, access.ReadData)
}

func (s Keys) page(ctx context.Context, of access.ID) (keyPage, error) {
	p := keyPage{Of: of, Owners: map[access.ID]access.Account{}}
	all, err := s.Accounts.Users(ctx)
	if err != nil {
		return p, err
	}
	for _, a := range all {
		p.Owners[a.ID] = a
		if a.Active && mayHaveKeys(a.User) {
			p.May = append(p.May, a)
		}
	}
	p.Keys, err = s.Accounts.Keys(ctx, of)
	return p, err
}

func accountAsked(text string) access.ID {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return access.ID(n)
}

func (s Keys) list(w http.ResponseWriter, r *http.Request) error {
	p, err := s.page(r.Context(), accountAsked(r.URL.Query().Get("account")))
	if err != nil {
		return err
	}
	return route.Render(w, r, keysScreen(p))
}

// add makes a key and shows it: it is kept nowhere in clear, so the answer is the page itself and not a way to it.
func (s Keys) add(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	of := accountAsked(form.Text("of"))
	owner := accountAsked(form.Text("account"))
	if owner == 0 {
		form.Bad("account", "apikeys.whose")
	}
	var made string
	var key access.Key
	if form.OK() {
		made, key, err = s.Accounts.AddKey(ctx, owner, form.Text("name"))
		switch {
		case errors.Is(err, accessops.ErrKeyName):
			form.Bad("name", "apikeys.bad_name")
		case errors.Is(err, access.ErrForbidden):
			form.Bad("account", "apikeys.not_allowed")
		case err != nil:
			return err
		}
	}
	p, err := s.page(ctx, of)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if p.Made, p.Key = made, key; !form.OK() {
		p.Form, status = form, http.StatusUnprocessableEntity
	}
	return route.RenderStatus(w, r, status, keysScreen(p))
}

func (s Keys) revoke(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	if err := s.Accounts.RevokeKey(r.Context(), id); err != nil {
		return err
	}
	route.Tell(r.Context(), ui.Flash{Tone: ui.OK, Text: ui.T(r.Context(), "apikeys.revoked_note")})
	return route.See(w, r, route.Back(r, "/system/keys"))
}

// keyState says what has become of a key.
func keyState(ctx context.Context, k access.Key) string {
	switch {
	case k.RevokedAt != nil:
		return ui.T(ctx, "apikeys.revoked_at", "Moment", ui.Moment(ctx, *k.RevokedAt))
	case k.UsedAt != nil:
		return ui.T(ctx, "apikeys.used_at", "Moment", ui.Moment(ctx, *k.UsedAt))
	}
	return ui.T(ctx, "apikeys.never_used")
}

// momentOr writes an instant, or – when there is none.
func momentOr(ctx context.Context, t *time.Time) string {
	if t == nil {
		return ui.Nothing
	}
	return ui.Moment(ctx, *t)
}
