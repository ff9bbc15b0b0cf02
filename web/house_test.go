package web_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"

	"milkrun/internal/access"
	"milkrun/internal/e2e"
	"milkrun/web"
	"milkrun/web/route"
	"milkrun/web/ui"
	"milkrun/web/ui/kittest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	e2e.Close()
	os.Exit(code)
}

// now is the morning of the story on the mocks: 2026-11-23 09:42 in Shanghai.
var now = time.Date(2026, 11, 23, 1, 42, 0, 0, time.UTC)

// accounts are users in memory: one of each role, their id is their place in access.Roles plus one.
type accounts struct {
	mu    sync.Mutex
	users map[access.ID]access.User
}

func newAccounts() *accounts {
	a := &accounts{users: map[access.ID]access.User{}}
	for i, r := range access.Roles() {
		id := access.ID(i + 1)
		a.users[id] = access.User{ID: id, Login: string(r), Name: "周敏", Role: r, Theme: "light"}
	}
	return a
}

func (a *accounts) User(_ context.Context, id access.ID) (access.User, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	u, ok := a.users[id]
	if !ok {
		return u, access.ErrSignedOut
	}
	return u, nil
}

func (a *accounts) UserByKey(ctx context.Context, key string) (access.User, error) {
	for i, r := range access.Roles() {
		if key == "mk_"+string(r) {
			return a.User(ctx, access.ID(i+1))
		}
	}
	return access.User{}, access.ErrSignedOut
}

func (a *accounts) Prefer(_ context.Context, u access.User) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.users[u.ID] = u
	return nil
}

// live is a house in which the test tells.
type live struct{ told chan string }

func (l *live) Listen(string) (<-chan string, func()) { return l.told, func() {} }

var errShort = errors.New("short")

// screens are the kit's pages and routes that fail in every way.
func screens(sessions *route.Sessions) route.Screens {
	page := func(path string, p access.Permission, h route.Handler) route.Route { return route.GET(path, p, h) }
	return route.Screens{
		Menu: []ui.MenuItem{
			{Key: "today", Path: "/small", Permission: access.Console},
			{Key: "demand", Path: "/demand", Permission: access.ViewDemand, Count: func(context.Context) int { return 3 }},
			{Key: "suggestions", Path: "/list", Permission: access.ViewSuggestions, Count: func(context.Context) int { return 38 }},
			{Key: "system", Sub: "users", Path: "/users", Permission: access.ManageUsers},
			{Key: "system", Sub: "audit", Path: "/audit", Permission: access.ViewAudit},
		},
		Routes: []route.Route{
			page("/", access.SignedIn, func(w http.ResponseWriter, r *http.Request) error { return route.See(w, r, "/small") }),
			page("/kit", access.Console, func(w http.ResponseWriter, r *http.Request) error { return route.Render(w, r, kittest.Kit()) }),
			page("/small", access.Console, func(w http.ResponseWriter, r *http.Request) error {
				return route.Render(w, r, kittest.Small())
			}),
			page("/demand", access.ViewDemand, func(w http.ResponseWriter, r *http.Request) error {
				return route.Render(w, r, kittest.Demand(r.URL.Query().Get("s") != "60d"))
			}),
			page("/list", access.ViewSuggestions, func(w http.ResponseWriter, r *http.Request) error {
				return route.Render(w, r, kittest.List())
			}),
			page("/drawer/{id}", access.ViewSuggestions, func(w http.ResponseWriter, r *http.Request) error {
				n, err := strconv.Atoi(route.Param(r, "id"))
				if err != nil {
					return route.NotFound()
				}
				return route.Render(w, r, kittest.Drawer(n))
			}),
			route.POST("/approve/{id}", access.DecideSuggestions, func(w http.ResponseWriter, r *http.Request) error {
				n, _ := strconv.Atoi(route.Param(r, "id"))
				return route.Render(w, r, kittest.Row(n, "approved"))
			}),
			route.POST("/reject/{id}", access.DecideSuggestions, func(http.ResponseWriter, *http.Request) error { return errShort }),
			route.POST("/panic", access.SignedIn, func(http.ResponseWriter, *http.Request) error { panic("a fault") }),
			page("/broken", access.SignedIn, func(http.ResponseWriter, *http.Request) error { return errors.New("secret cause") }),
			{Method: "POST", Pattern: "/slowly", Permission: access.SignedIn, PerMinute: 2, Handler: done},
			route.POST("/tell", access.SignedIn, func(w http.ResponseWriter, r *http.Request) error {
				route.Tell(r.Context(), ui.Flash{Tone: ui.OK, Text: "已批准 3 条", Undo: "/undo"})
				return route.See(w, r, route.Back(r, "/small"))
			}),
			route.POST("/form", access.SignedIn, func(w http.ResponseWriter, r *http.Request) error {
				if _, err := io.Copy(io.Discard, r.Body); err != nil {
					return err
				}
				return done(w, r)
			}),
			page("/running", access.Console, func(w http.ResponseWriter, r *http.Request) error { return route.Render(w, r, kittest.Live(1)) }),
			page("/progress", access.Console, func(w http.ResponseWriter, r *http.Request) error {
				return route.Render(w, r, kittest.Progress(3))
			}),
			{Method: "POST", Pattern: "/portal/upload", Permission: access.UsePortal, Heavy: true, Handler: func(w http.ResponseWriter, r *http.Request) error {
				f, head, err := r.FormFile("file")
				if err != nil {
					return route.Invalid("error.form").Because(err)
				}
				defer f.Close()
				route.Tell(r.Context(), ui.Flash{Tone: ui.OK, Text: "收到 " + head.Filename})
				return route.See(w, r, "/portal")
			}},
			page("/portal", access.UsePortal, func(w http.ResponseWriter, r *http.Request) error { return route.Render(w, r, kittest.Portal()) }),
			page("/login", access.Public, func(w http.ResponseWriter, r *http.Request) error { return route.Render(w, r, kittest.Login()) }),
			page("/enter/{id}", access.Public, func(w http.ResponseWriter, r *http.Request) error {
				id, err := route.ID(r, "id")
				if err != nil {
					return err
				}
				if err := sessions.SignIn(r.Context(), access.ID(id)); err != nil {
					return err
				}
				return route.See(w, r, "/")
			}),
			page("/search", access.Console, func(w http.ResponseWriter, r *http.Request) error {
				return route.Render(w, r, ui.Results("SKU", []ui.Link{{Text: "MR-204817 " + r.URL.Query().Get("q"), Href: "/demand"}}, []string{"1,140"}))
			}),
		},
		Errors: []route.Mapper{func(err error) *route.Refusal {
			if errors.Is(err, errShort) {
				return route.Conflict("error.stale").With("error.next.reload", "/list")
			}
			return nil
		}},
		Mounts: []route.Mount{{Prefix: "/api/v1", Permission: access.ReadData, API: true, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"ok":true}`))
		})}},
	}
}

func done(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// house is a server of the kit's pages.
type house struct {
	*web.Server
	http     *httptest.Server
	accounts *accounts
	live     *live
}

func open(t *testing.T, change ...func(*web.Config)) *house {
	t.Helper()
	store := memstore.NewWithCleanupInterval(0)
	sessions := route.NewSessions(store, false)
	h := &house{accounts: newAccounts(), live: &live{told: make(chan string)}}
	cfg := web.Config{
		Log: slog.New(slog.DiscardHandler), Clock: func() time.Time { return now }, Sessions: sessions, Accounts: h.accounts, Live: h.live,
		Sites: func(context.Context, access.User) ([]ui.SiteOption, error) {
			return []ui.SiteOption{{Code: "JX", Name: "嘉兴区域仓"}, {Code: "XH", Name: "上海徐汇"}}, nil
		},
		DataAsOf:   func(context.Context) (time.Time, error) { return now, nil },
		Unread:     func(context.Context, access.User) (int, error) { return 2, nil },
		SearchPath: "/search", BellPath: "/notifications", ProfilePath: "/profile",
	}
	for _, c := range change {
		c(&cfg)
	}
	srv, err := web.New(cfg, screens(sessions))
	if err != nil {
		t.Fatal(err)
	}
	h.Server = srv
	h.http = httptest.NewServer(srv)
	t.Cleanup(h.http.Close)
	return h
}

// idOf gives the account of a role.
func idOf(r access.Role) string {
	for i, each := range access.Roles() {
		if each == r {
			return strconv.Itoa(i + 1)
		}
	}
	return "0"
}
