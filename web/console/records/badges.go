package records

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"milkrun/internal/access"
	"milkrun/warehouse/label"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// badgesMost bounds how many badges are made at once: a page of paper holds twelve.
const badgesMost = 60

// badgesPage chooses whose badges are made.
type badgesPage struct {
	Staff []access.Account
	Error string
}

// badge is a badge for paper: the name, and the code as Code 128. The code is shown this once.
type badge struct {
	Name, Role string
	Picture    string
}

// badgeRoutes are the routes of the badges by which workers sign in at handhelds.
func (s Users) badgeRoutes() []route.Route {
	return []route.Route{
		route.GET("/system/badges", access.ManageUsers, s.badges),
		{Method: http.MethodPost, Pattern: "/system/badges", Permission: access.ManageUsers, Handler: s.printBadges, PerMinute: 20},
	}
}

// floorStaff are the accounts that work on the floor and may sign in.
func (s Users) floorStaff(r *http.Request) ([]access.Account, error) {
	all, err := s.Accounts.Users(r.Context())
	if err != nil {
		return nil, err
	}
	var out []access.Account
	for _, a := range all {
		if a.Active && access.Can(a.User, access.WorkFloor) {
			out = append(out, a)
		}
	}
	return out, nil
}

func (s Users) badges(w http.ResponseWriter, r *http.Request) error {
	staff, err := s.floorStaff(r)
	if err != nil {
		return err
	}
	return route.Render(w, r, badgesScreen(badgesPage{Staff: staff}))
}

// printBadges makes a badge for each account chosen, which ends the one before, and answers the page for the printer.
func (s Users) printBadges(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := r.ParseForm(); err != nil {
		return route.Invalid("error.form").Because(err)
	}
	staff, err := s.floorStaff(r)
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, id := range r.PostForm["id"] {
		wanted[id] = true
	}
	if len(wanted) == 0 || len(wanted) > badgesMost {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, badgesScreen(badgesPage{Staff: staff, Error: ui.T(ctx, "badges.choose", ui.Count, badgesMost)}))
	}
	var made []badge
	for _, a := range staff {
		if !wanted[strconv.FormatInt(int64(a.ID), 10)] {
			continue
		}
		code, err := s.Accounts.AddBadge(ctx, a.ID)
		if err != nil {
			return err
		}
		l, err := label.Bin{Code: code, Zone: a.Name}.Label()
		if err != nil {
			return fmt.Errorf("console: badge of account %d: %w", a.ID, err)
		}
		svg, err := l.SVG()
		if err != nil {
			return fmt.Errorf("console: badge of account %d: %w", a.ID, err)
		}
		made = append(made, badge{Name: a.Name, Role: ui.T(ctx, "role."+string(a.Role)),
			Picture: "data:image/svg+xml," + strings.NewReplacer("%", "%25", "#", "%23", "<", "%3C", ">", "%3E", "\"", "%22", "\n", "%0A").Replace(svg)})
	}
	w.Header().Set("Cache-Control", "no-store")
	return route.Render(w, r, badgesPaper(made))
}
