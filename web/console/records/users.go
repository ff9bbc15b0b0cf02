package records

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/sheet"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Users are the accounts of the house: who may sign in, as what, and where.
type Users struct{ desk.Directory }

// Screens gives the routes of the accounts.
func (s Users) Screens() route.Screens {
	return route.Screens{
		Routes: append(s.badgeRoutes(), []route.Route{
			route.GET("/system/users", access.ManageUsers, s.list),
			{Method: http.MethodGet, Pattern: "/system/users.xlsx", Permission: access.ManageUsers, Handler: s.export, Heavy: true},
			route.GET("/system/users/-/new", access.ManageUsers, s.newForm),
			{Method: http.MethodPost, Pattern: "/system/users", Permission: access.ManageUsers, Handler: s.add, Heavy: true},
			route.GET("/system/users/{id}", access.ManageUsers, s.one),
			route.POST("/system/users/{id}", access.ManageUsers, s.edit),
			{Method: http.MethodPost, Pattern: "/system/users/{id}/password", Permission: access.ManageUsers, Handler: s.password, Heavy: true},
		}...),
		Menu: []ui.MenuItem{{Key: "system", Sub: "users", Path: "/system/users", Permission: access.ManageUsers}},
		Errors: []route.Mapper{func(err error) *route.Refusal {
			switch {
			case errors.Is(err, access.ErrLastAdmin):
				return route.Conflict("users.last_admin").With("users.to_list", "/system/users")
			case errors.Is(err, access.ErrTaken):
				return route.Conflict("users.taken")
			}
			return nil
		}},
	}
}

// userList is what the list shows.
type userList struct {
	Users  []access.Account // of this page
	Sites  map[catalog.SiteID]catalog.Name
	Counts map[string]int // by state, and "" for all
	View   string
	Role   access.Role
	Query  string
	Sort   string
	Page   int
	Total  int
}

// userState is the account's status word.
func userState(ctx context.Context, a access.Account) string {
	switch {
	case !a.Active:
		return "inactive"
	case a.WaitUntil != nil && a.WaitUntil.After(ui.From(ctx).Now):
		return "locked"
	}
	return "active"
}

var userViews = []string{"", "active", "locked", "inactive"}

func (s Users) read(r *http.Request) (userList, error) {
	ctx, q := r.Context(), r.URL.Query()
	p := userList{Query: q.Get("q"), Page: max(1, int(desk.Number(q.Get("page")))), Counts: map[string]int{}, Sites: map[catalog.SiteID]catalog.Name{}}
	if v := q.Get("view"); slices.Contains(userViews, v) {
		p.View = v
	}
	if role := access.Role(q.Get("role")); slices.Contains(access.Roles(), role) {
		p.Role = role
	}
	by, desc := ui.Sorted(q, "name", "name", "login", "role", "seen")
	if p.Sort = by; desc {
		p.Sort = "-" + by
	}
	sites, err := s.Catalog.Sites(ctx)
	if err != nil {
		return p, err
	}
	for _, x := range sites {
		p.Sites[x.ID] = x.Name
	}
	all, err := s.Accounts.Users(ctx)
	if err != nil {
		return p, err
	}
	for _, a := range all {
		if p.Role != "" && a.Role != p.Role || !userMatches(a, p.Query) {
			continue
		}
		state := userState(ctx, a)
		p.Counts[""]++
		p.Counts[state]++
		if p.View == "" || p.View == state {
			p.Users = append(p.Users, a)
		}
	}
	slices.SortStableFunc(p.Users, func(a, b access.Account) int {
		c := compareUsers(by, a, b)
		if desc {
			c = -c
		}
		return c
	})
	p.Total = len(p.Users)
	return p, nil
}

// userMatches tells whether every word of the query is in the login, the names or the supplier.
func userMatches(a access.Account, query string) bool {
	text := catalog.Fold(a.Login + "\n" + a.Name + "\n" + a.SupplierName.ZH + "\n" + a.SupplierName.EN)
	for _, w := range strings.Fields(query) {
		if f := catalog.Fold(w); f != "" && !strings.Contains(text, f) {
			return false
		}
	}
	return true
}

func compareUsers(by string, a, b access.Account) int {
	switch by {
	case "login":
		return cmp.Compare(a.Login, b.Login)
	case "role":
		return cmp.Compare(slices.Index(access.Roles(), a.Role), slices.Index(access.Roles(), b.Role))
	case "seen":
		switch {
		case a.SignedInAt == nil && b.SignedInAt == nil:
			return 0
		case a.SignedInAt == nil:
			return -1
		case b.SignedInAt == nil:
			return 1
		}
		return a.SignedInAt.Compare(*b.SignedInAt)
	}
	return cmp.Compare(a.Name, b.Name)
}

func (s Users) list(w http.ResponseWriter, r *http.Request) error {
	p, err := s.read(r)
	if err != nil {
		return err
	}
	from := min((p.Page-1)*desk.PageSize, len(p.Users))
	p.Users = p.Users[from:min(from+desk.PageSize, len(p.Users))]
	if route.Partial(r) && r.Header.Get("HX-Target") == "user-list" {
		return route.Render(w, r, usersTable(p))
	}
	return route.Render(w, r, usersScreen(p))
}

func (s Users) export(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.read(r)
	if err != nil {
		return err
	}
	say := func(id string) string { return ui.T(ctx, "users."+id) }
	columns := []sheet.Column{desk.Column("login", say("login"), sheet.Code), desk.Column("name", say("name"), sheet.Text), desk.Column("role", say("role"), sheet.Text),
		desk.Column("bounds", say("bounds"), sheet.Text), desk.Column("state", say("state"), sheet.Text), desk.Column("keys", say("keys"), sheet.Pieces),
		desk.Column("seen", say("seen"), sheet.Moment), desk.Column("made", say("made"), sheet.Moment)}
	return desk.Export(w, r, "users", say("title"), columns, func(row func(...any) error) error {
		for _, a := range p.Users {
			var seen any
			if a.SignedInAt != nil {
				seen = *a.SignedInAt
			}
			if err := row(a.Login, a.Name, ui.T(ctx, "role."+string(a.Role)), boundsOf(ctx, a, p.Sites), ui.T(ctx, "status.account."+userState(ctx, a)), int64(a.Keys), seen, a.CreatedAt); err != nil {
				return err
			}
		}
		return nil
	})
}

// boundsOf says where an account may act.
func boundsOf(ctx context.Context, a access.Account, sites map[catalog.SiteID]catalog.Name) string {
	if a.Role == access.Supplier {
		return ui.Name(ctx, a.SupplierName)
	}
	if len(a.Sites) == 0 {
		return ui.T(ctx, "users.everywhere")
	}
	var names []string
	for _, id := range a.Sites {
		name := ui.Name(ctx, sites[id])
		if name == "" {
			name = "#" + desk.Itoa(id)
		}
		names = append(names, name)
	}
	return strings.Join(names, ui.T(ctx, "audit.and"))
}

// userPage is one account. A new one has no ID.
type userPage struct {
	access.Account
	Sites     []catalog.SiteRecord
	Suppliers []catalog.SupplierRecord
	Keys      []access.Key
	Log       desk.ChangeLog
	Form      *desk.Posted
	PassForm  *desk.Posted
	Self      bool
}

func (s Users) page(ctx context.Context, a access.Account) (userPage, error) {
	p := userPage{Account: a, Self: a.ID != 0 && route.User(ctx).ID == a.ID}
	var err error
	if p.Sites, err = s.Catalog.Sites(ctx); err != nil {
		return p, err
	}
	if p.Suppliers, err = s.Catalog.Suppliers(ctx, catalog.SupplierQuery{}); err != nil {
		return p, err
	}
	if a.ID == 0 {
		return p, nil
	}
	if p.Keys, err = s.Accounts.Keys(ctx, a.ID); err != nil {
		return p, err
	}
	p.Log, err = s.History(ctx, "user", strconv.FormatInt(int64(a.ID), 10))
	return p, err
}

func (s Users) find(r *http.Request) (access.Account, error) {
	id, err := route.ID(r, "id")
	if err != nil {
		return access.Account{}, err
	}
	return s.Accounts.Account(r.Context(), access.ID(id))
}

func (s Users) one(w http.ResponseWriter, r *http.Request) error {
	a, err := s.find(r)
	if err != nil {
		return err
	}
	p, err := s.page(r.Context(), a)
	if err != nil {
		return err
	}
	return route.Render(w, r, userScreen(p))
}

func (s Users) newForm(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	a := access.Account{User: access.User{Role: access.Buyer, Language: "zh"}, Active: true}
	if role := access.Role(q.Get("role")); slices.Contains(access.Roles(), role) {
		a.Role = role
	}
	a.Supplier = catalog.SupplierID(desk.Number(q.Get("supplier")))
	p, err := s.page(r.Context(), a)
	if err != nil {
		return err
	}
	return route.Render(w, r, userScreen(p))
}

// accountOf puts what was typed into the account. Bounds that the role has not are dropped.
func accountOf(f *desk.Posted, a access.Account) access.Account {
	a.Login, a.Name, a.Role, a.Language = f.Text("login"), f.Text("name"), access.Role(f.Text("role")), f.Text("language")
	a.Supplier, a.Sites = 0, nil
	if a.Role == access.Supplier {
		a.Supplier = catalog.SupplierID(desk.Number(f.Text("supplier")))
		return a
	}
	for _, s := range f.Form["site"] {
		if n := desk.Number(s); n > 0 {
			a.Sites = append(a.Sites, catalog.SiteID(n))
		}
	}
	return a
}

// accountRefused puts what accounts object to beside its field, and tells whether err was such.
func accountRefused(f *desk.Posted, err error) bool {
	var field *access.AccountError
	var weak *access.WeakError
	switch {
	case errors.Is(err, access.ErrTaken):
		f.Bad("login", "users.taken")
	case errors.Is(err, access.ErrLogin):
		f.Bad("login", "users.bad_login")
	case errors.Is(err, access.ErrLastAdmin):
		f.Bad("role", "users.last_admin")
	case errors.As(err, &field):
		f.Bad(field.Field, "users.bad_"+field.Field)
	case errors.As(err, &weak):
		f.Bad("password", "users.weak_"+weak.Reason)
	default:
		return false
	}
	return true
}

func (s Users) add(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	draft := accountOf(form, access.Account{Active: true})
	made, err := s.Accounts.AddUser(ctx, draft.User, form.Form.Get("password"))
	if err == nil {
		route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "users.added", "Name", made.Name)})
		return route.See(w, r, desk.UserHref(made.ID))
	}
	if !accountRefused(form, err) {
		return err
	}
	p, err := s.page(ctx, draft)
	if err != nil {
		return err
	}
	p.Form = form
	return route.RenderStatus(w, r, http.StatusUnprocessableEntity, userScreen(p))
}

func (s Users) edit(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	a, err := s.find(r)
	if err != nil {
		return err
	}
	draft := accountOf(form, a)
	draft.Active = form.On("active")
	if slices.Equal(draft.Sites, a.Sites) { // none is none, whether as nil or as an empty list
		draft.Sites = a.Sites
	}
	if form.Unchanged(draft, a, a.UpdatedAt) {
		return route.See(w, r, desk.UserHref(a.ID))
	}
	status := http.StatusUnprocessableEntity
	saved, err := s.Accounts.EditUser(ctx, form.Version(), draft)
	switch {
	case err == nil:
		route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "users.saved", "Name", saved.Name)})
		return route.See(w, r, desk.UserHref(saved.ID))
	case desk.IsStale(err):
		status = http.StatusConflict
		draft.UpdatedAt = a.UpdatedAt
		if form.Lost, err = s.Raced(ctx, "user", strconv.FormatInt(int64(a.ID), 10), desk.UserHref(a.ID)); err != nil {
			return err
		}
	case accountRefused(form, err):
		draft.UpdatedAt = form.Version()
	default:
		return err
	}
	p, err := s.page(ctx, draft)
	if err != nil {
		return err
	}
	p.Form = form
	return route.RenderStatus(w, r, status, userScreen(p))
}

// password gives the account a new password.
func (s Users) password(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	a, err := s.find(r)
	if err != nil {
		return err
	}
	if form.Form.Get("password") != form.Form.Get("again") {
		form.Bad("again", "users.not_alike")
	}
	if form.OK() {
		err := s.Accounts.SetPassword(ctx, a.ID, form.Form.Get("password"))
		if err == nil {
			route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "users.password_set", "Name", a.Name)})
			return route.See(w, r, desk.UserHref(a.ID))
		}
		if !accountRefused(form, err) {
			return err
		}
	}
	p, err := s.page(ctx, a)
	if err != nil {
		return err
	}
	p.PassForm = forgetting(form, "password", "again")
	return route.RenderStatus(w, r, http.StatusUnprocessableEntity, userScreen(p))
}

// forgetting takes secrets out of what was typed, so that they never travel back.
func forgetting(f *desk.Posted, fields ...string) *desk.Posted {
	for _, name := range fields {
		f.Form.Del(name)
	}
	return f
}
