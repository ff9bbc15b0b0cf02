package scanner

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/warehouse"
	"milkrun/web/route"
)

// login signs a worker in by the scan of a badge, or by login and password.
func (s Scanner) login(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var in struct{ Badge, Login, Password string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return route.Invalid("scanner.error.batch").Because(err)
	}
	var u access.User
	var err error
	if in.Badge != "" {
		u, err = s.Badge(ctx, warehouse.CleanCode(in.Badge))
	} else {
		u, err = s.SignIn(ctx, in.Login, in.Password)
	}
	if err == nil && !access.Can(u, access.WorkFloor) {
		err = access.ErrForbidden
	}
	if err != nil {
		if r := explainSignIn(err, in.Badge != ""); r != nil {
			return write(w, http.StatusOK, map[string]any{"refusal": r})
		}
		return err
	}
	if err := s.Sessions.SignIn(ctx, u.ID); err != nil {
		return err
	}
	me, err := s.me(access.WithUser(ctx, u))
	if err != nil {
		return err
	}
	return write(w, http.StatusOK, map[string]any{"user": me})
}

func explainSignIn(err error, badge bool) *Refused {
	var wait interface{ WaitMinutes() int }
	switch {
	case errors.As(err, &wait):
		return &Refused{Code: "wait", Text: Says("scanner.login.wait", "Minutes", wait.WaitMinutes())}
	case errors.Is(err, access.ErrPassword) && badge:
		return &Refused{Code: "badge", Text: Says("scanner.login.nobadge"), Next: Says("scanner.login.nobadge.next")}
	case errors.Is(err, access.ErrPassword):
		return &Refused{Code: "password", Text: Says("scanner.login.wrong")}
	case errors.Is(err, access.ErrInactive):
		return &Refused{Code: "inactive", Text: Says("scanner.login.inactive")}
	case errors.Is(err, access.ErrForbidden):
		return &Refused{Code: "forbidden", Text: Says("scanner.login.forbidden")}
	}
	return nil
}

func (s Scanner) logout(w http.ResponseWriter, r *http.Request) error {
	if err := s.Sessions.SignOut(r.Context()); err != nil {
		return err
	}
	return write(w, http.StatusOK, map[string]any{"ok": true})
}

type user struct {
	ID       access.ID `json:"id"`
	Name     string    `json:"name"`
	Language string    `json:"language"`
	Lead     bool      `json:"lead"`
	// By goes with every command that this user makes (commands.by).
	By uuid.UUID `json:"by,omitzero"`
}

func userOf(u access.User) user {
	return user{ID: u.ID, Name: u.Name, Language: u.Language, Lead: access.Can(u, access.LeadFloor)}
}

// me tells the device who works with it.
func (s Scanner) me(ctx context.Context) (user, error) {
	u := userOf(route.User(ctx))
	var err error
	u.By, err = s.Ops.MakerSign(ctx)
	return u, err
}

type site struct {
	ID   catalog.SiteID `json:"id"`
	Code string         `json:"code"`
	Name catalog.Name   `json:"name"`
	Zone string         `json:"zone"`
}

// sitesOf gives the sites that the user works at, and the one that was asked for: the only one without asking.
func (s Scanner) sitesOf(r *http.Request) (all []site, at *site, err error) {
	u := route.User(r.Context())
	list, err := s.Sites(r.Context())
	if err != nil {
		return nil, nil, err
	}
	asked := r.URL.Query().Get("site")
	for _, x := range list {
		if !x.Active || x.Tier == catalog.Station || !u.MayTouchSite(x.ID) {
			continue
		}
		all = append(all, site{x.ID, x.Code, x.Name, cmp.Or(x.TimeZone, "Asia/Shanghai")})
	}
	for i := range all {
		if all[i].Code == asked || strconv.Itoa(int(all[i].ID)) == asked {
			at = &all[i]
		}
	}
	if at == nil && len(all) == 1 {
		at = &all[0]
	}
	return all, at, nil
}

// state tells who works where, and what waits: what the page asks when it begins and between tasks.
func (s Scanner) state(w http.ResponseWriter, r *http.Request) error {
	all, at, err := s.sitesOf(r)
	if err != nil {
		return err
	}
	me, err := s.me(r.Context())
	if err != nil {
		return err
	}
	out := struct {
		Now   time.Time `json:"now"`
		User  user      `json:"user"`
		Sites []site    `json:"sites"`
		Site  *site     `json:"site"`
		Jobs  []Job     `json:"jobs"`
		Stuck int       `json:"stuck"`
	}{Now: s.Clock(), User: me, Sites: all, Site: at, Jobs: []Job{}}
	if at != nil {
		for _, p := range s.Parts {
			if p.Jobs == nil {
				continue
			}
			jobs, err := p.Jobs(r.Context(), at.ID)
			if err != nil {
				return err
			}
			out.Jobs = append(out.Jobs, jobs...)
		}
		sortJobs(out.Jobs)
		stuck, err := s.Ops.Stuck(r.Context(), []catalog.SiteID{at.ID}, false, 100)
		if err != nil {
			return err
		}
		out.Stuck = len(stuck)
	}
	return write(w, http.StatusOK, out)
}
