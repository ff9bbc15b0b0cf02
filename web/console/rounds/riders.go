package rounds

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"milkrun/internal/access"
	"milkrun/internal/money"
	"milkrun/routing"
	"milkrun/routing/routingops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Accounts finds the account that a rider signs in with.
type Accounts interface {
	UserByLogin(ctx context.Context, login string) (access.User, error)
	User(ctx context.Context, id access.ID) (access.User, error)
}

func riderPath(site string, id routing.RiderID) string {
	q := url.Values{"site": {site}}
	if id != 0 {
		q.Set("id", strconv.FormatInt(int64(id), 10))
	}
	return "/rounds/rider?" + q.Encode()
}

// rider is the form of one rider.
func (s Pages) rider(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	site, _, err := s.site(r)
	if err != nil {
		return err
	}
	x := routing.Rider{Site: site.ID, Kind: routing.FullTime, Parcels: 6, Grams: 30_000, ColdBox: true, PerHour: 3000, PerKm: 60, Active: true}
	login := ""
	if id := r.FormValue("id"); id != "" {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return route.NotFound()
		}
		if x, err = s.Ops.Rider(ctx, routing.RiderID(n)); err != nil {
			return err
		}
		if x.Account != 0 && s.Accounts != nil {
			if u, err := s.Accounts.User(ctx, access.ID(x.Account)); err == nil {
				login = u.Login
			}
		}
	}
	return route.Render(w, r, riderForm(site.Code, x, login, nil))
}

func (s Pages) saveRider(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	site, _, err := s.site(r)
	if err != nil {
		return err
	}
	f, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	id, _ := strconv.ParseInt(f.Text("id"), 10, 64)
	x := routing.Rider{ID: routing.RiderID(id), Site: site.ID, Name: f.Text("name"), Phone: f.Text("phone"), Kind: routing.RiderKind(f.Text("kind")), Parcels: f.Small("parcels"),
		Grams: int64(1000 * f.Decimal("kilos")), ColdBox: f.On("cold"), PerHour: f.Yuan("hour_cost"), PerKm: f.Yuan("km_cost"), Active: !f.On("gone")}
	if x.Name == "" {
		f.Bad("name", "rounds.rider_name_missing")
	}
	if login := f.Text("login"); login != "" {
		u, err := s.Accounts.UserByLogin(ctx, login)
		if err != nil || u.Role != access.Courier {
			f.Bad("login", "rounds.rider_no_login")
		}
		x.Account = int64(u.ID)
	}
	if f.OK() {
		_, err = s.Ops.SaveRider(ctx, x)
		var state *routing.StateError
		switch {
		case errors.Is(err, routingops.ErrAccount):
			f.Bad("login", "rounds.rider_login_taken")
		case errors.Is(err, routingops.ErrRules):
			f.Bad("parcels", "rounds.bad_rule")
		case errors.As(err, &state):
			f.Bad("gone", "rounds.rider_on_round")
		case err != nil:
			return err
		}
	}
	if !f.OK() {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, riderForm(site.Code, x, f.Text("login"), f))
	}
	return route.See(w, r, roundsPath(site.Code, 0))
}

func riderTitle(ctx context.Context, x routing.Rider) string {
	if x.ID == 0 {
		return ui.T(ctx, "rounds.new_rider")
	}
	return x.Name
}

func riderID(x routing.Rider) string {
	if x.ID == 0 {
		return ""
	}
	return strconv.FormatInt(int64(x.ID), 10)
}

func kindChoices(ctx context.Context) []ui.Choice {
	return []ui.Choice{{Value: string(routing.FullTime), Text: ui.T(ctx, "rounds.kind_full_time")}, {Value: string(routing.Crowd), Text: ui.T(ctx, "rounds.kind_crowd")}}
}

func yuanText(f money.Fen) string { return desk.TrimDecimal(float64(f) / 100) }
