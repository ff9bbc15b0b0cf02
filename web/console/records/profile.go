package records

import (
	"context"
	"errors"
	"net/http"

	"milkrun/internal/access"
	"milkrun/internal/access/accessops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Profile is everybody's own page: name, language, theme, shortcuts, password, API keys.
type Profile struct{ Accounts *accessops.Ops }

// Screens gives the routes of the profile.
func (s Profile) Screens() route.Screens {
	return route.Screens{Routes: []route.Route{
		route.GET("/profile", access.SignedIn, s.show),
		route.POST("/profile/name", access.SignedIn, s.rename),
		{Method: http.MethodPost, Pattern: "/profile/password", Permission: access.SignedIn, Handler: s.password, PerMinute: 10, Heavy: true},
		{Method: http.MethodPost, Pattern: "/profile/keys", Permission: access.ReadData, Handler: s.addKey, PerMinute: 10},
		route.POST("/profile/keys/{id}/revoke", access.ReadData, s.revoke),
	}}
}

// profilePage is what the page shows. Made is an API key that has just been made.
type profilePage struct {
	access.Account
	Keys     []access.Key
	NameForm *desk.Posted
	PassForm *desk.Posted
	KeyForm  *desk.Posted
	Made     string
	Key      access.Key
}

func (s Profile) page(ctx context.Context) (profilePage, error) {
	var p profilePage
	var err error
	if p.Account, err = s.Accounts.Account(ctx, route.User(ctx).ID); err != nil {
		return p, err
	}
	if mayHaveKeys(p.User) {
		p.Keys, err = s.Accounts.Keys(ctx, p.ID)
	}
	return p, err
}

func (s Profile) show(w http.ResponseWriter, r *http.Request) error {
	p, err := s.page(r.Context())
	if err != nil {
		return err
	}
	return route.Render(w, r, profileScreen(p))
}

// again shows the page with what was wrong.
func (s Profile) again(w http.ResponseWriter, r *http.Request, put func(*profilePage)) error {
	p, err := s.page(r.Context())
	if err != nil {
		return err
	}
	put(&p)
	return route.RenderStatus(w, r, http.StatusUnprocessableEntity, profileScreen(p))
}

func (s Profile) rename(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = s.Accounts.Rename(ctx, form.Text("name"))
	switch {
	case err == nil:
		route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "profile.renamed")})
		return route.See(w, r, "/profile")
	case accountRefused(form, err):
		return s.again(w, r, func(p *profilePage) { p.NameForm = form })
	}
	return err
}

func (s Profile) password(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	old, fresh := form.Form.Get("old"), form.Form.Get("password")
	switch {
	case old == "":
		form.Bad("old", "fault.missing")
	case fresh != form.Form.Get("again"):
		form.Bad("again", "users.not_alike")
	case fresh == old:
		form.Bad("password", "profile.same_password")
	default:
		err := s.Accounts.ChangePassword(ctx, old, fresh)
		var wait *access.WaitError
		switch {
		case err == nil:
			if err := route.Renew(ctx); err != nil {
				return err
			}
			route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "profile.password_changed")})
			return route.See(w, r, "/profile")
		case errors.As(err, &wait):
			form.Bad("old", "profile.wait", ui.Count, wait.WaitMinutes())
		case errors.Is(err, access.ErrPassword):
			form.Bad("old", "profile.wrong_password")
		case !accountRefused(form, err):
			return err
		}
	}
	return s.again(w, r, func(p *profilePage) { p.PassForm = forgetting(form, "old", "password", "again") })
}

func (s Profile) addKey(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	made, key, err := s.Accounts.AddKey(ctx, route.User(ctx).ID, form.Text("name"))
	if errors.Is(err, accessops.ErrKeyName) {
		form.Bad("name", "apikeys.bad_name")
		return s.again(w, r, func(p *profilePage) { p.KeyForm = form })
	}
	if err != nil {
		return err
	}
	p, err := s.page(ctx)
	if err != nil {
		return err
	}
	p.Made, p.Key = made, key
	return route.Render(w, r, profileScreen(p))
}

func (s Profile) revoke(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	if err := s.Accounts.RevokeKey(r.Context(), id); err != nil {
		return err
	}
	route.Tell(r.Context(), ui.Flash{Tone: ui.OK, Text: ui.T(r.Context(), "apikeys.revoked_note")})
	return route.See(w, r, "/profile")
}
