package console

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"milkrun/internal/access"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// SignIn is the way in and out.
type SignIn struct {
	// Check answers the account of a login and password: access.ErrPassword, access.ErrInactive.
	Check    func(ctx context.Context, login, password string) (access.User, error)
	Sessions *route.Sessions
	// Home gives the first page of a role.
	Home func(access.Role) string
	// Demo lists logins to show below the form of a demo house; DemoPassword is the one of all.
	Demo         []DemoLogin
	DemoPassword string
}

// DemoLogin is an account that a visitor of the demo may use.
type DemoLogin struct {
	Login string
	Role  access.Role
}

// Screens gives the routes of signing in and out.
func (s SignIn) Screens() route.Screens {
	return route.Screens{Routes: []route.Route{
		route.GET("/login", access.Public, s.form),
		{Method: http.MethodPost, Pattern: "/login", Permission: access.Public, Handler: s.enter, Heavy: true},
		route.POST("/logout", access.Public, s.leave),
		route.GET("/", access.Public, s.home),
	}}
}

// signInPage is the form with what was typed and what is wrong.
type signInPage struct {
	Login, Back, Error string
	Demo               []DemoLogin
	DemoPassword       string
}

func (s SignIn) page(r *http.Request) signInPage {
	return signInPage{Login: strings.TrimSpace(r.FormValue("login")), Back: r.FormValue("back"), Demo: s.Demo, DemoPassword: s.DemoPassword}
}

func (s SignIn) home(w http.ResponseWriter, r *http.Request) error {
	if u, ok := access.FromContext(r.Context()); ok {
		return route.See(w, r, s.Home(u.Role))
	}
	return route.See(w, r, "/login")
}

func (s SignIn) form(w http.ResponseWriter, r *http.Request) error {
	if u, ok := access.FromContext(r.Context()); ok {
		return route.See(w, r, s.Home(u.Role))
	}
	p := s.page(r)
	return route.Render(w, r, signInForm(p))
}

func (s SignIn) enter(w http.ResponseWriter, r *http.Request) error {
	ctx, p := r.Context(), s.page(r)
	refuse := func(word string, args ...any) error {
		p.Error = ui.T(ctx, word, args...)
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, signInForm(p))
	}
	if p.Login == "" || r.FormValue("password") == "" {
		return refuse("signin.missing")
	}
	u, err := s.Check(ctx, p.Login, r.FormValue("password"))
	var wait interface{ WaitMinutes() int }
	switch {
	case errors.As(err, &wait):
		return refuse("signin.wait", "Minutes", wait.WaitMinutes())
	case errors.Is(err, access.ErrPassword):
		return refuse("signin.wrong")
	case errors.Is(err, access.ErrInactive):
		return refuse("signin.inactive")
	case err != nil:
		return err
	}
	if err := s.Sessions.SignIn(ctx, u.ID); err != nil {
		return err
	}
	return route.See(w, r, route.Back(r, s.Home(u.Role)))
}

func (s SignIn) leave(w http.ResponseWriter, r *http.Request) error {
	if err := s.Sessions.SignOut(r.Context()); err != nil {
		return err
	}
	return route.See(w, r, "/login")
}
