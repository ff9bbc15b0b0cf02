// Package web is the HTTP shell of the house: it composes the screens into one server with sessions, permissions,
// limits, logs and errors in words. It knows no domain; screens bring their routes by package route.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"milkrun/internal/access"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Config is what the server needs from the rest of the house. Log, Clock and Accounts are required.
type Config struct {
	Log   *slog.Logger
	Clock func() time.Time
	Zone  *time.Location // business zone of the console; nil is Asia/Shanghai
	// Sessions are the signed-in browsers; nil serves only what is public and API keys.
	Sessions *route.Sessions
	Accounts Accounts
	// Sites gives the choices of the site picker for a user, within the user's bounds. nil hides the picker.
	Sites func(context.Context, access.User) ([]ui.SiteOption, error)
	// Unread counts the user's unseen notifications. nil is none.
	Unread func(context.Context, access.User) (int, error)
	// DataAsOf gives when the figures were last computed. nil hides the line.
	DataAsOf func(context.Context) (time.Time, error)
	// Live gives what the house tells under a topic; nil answers /live with 404.
	Live Live
	// Ready tells whether the server can do its work, for /readyz. nil is always.
	Ready func(context.Context) error
	// Metrics collects and is shown at /metrics; nil makes a registry of its own.
	Metrics *prometheus.Registry
	// MetricsToken lets a collector read /metrics by "Authorization: Bearer"; without it a user who may see the system.
	MetricsToken string
	// Secure says the house is reached by HTTPS: strict transport security and secure cookies.
	Secure bool
	// Proxies are the networks of the reverse proxies in front, whose X-Forwarded-For is believed.
	Proxies []string
	// Addresses of the parts of the frame; empty hides each.
	SearchPath, BellPath, ProfilePath string
	// Home gives the first page of a role, for "/" and the way back from errors. nil is "/".
	Home func(access.Role) string
}

// Accounts are how the server learns who asks.
type Accounts interface {
	// User gives the active account, or access.ErrInactive, access.ErrSignedOut when it is gone.
	User(ctx context.Context, id access.ID) (access.User, error)
	// UserByKey gives the account of an API key, or access.ErrSignedOut.
	UserByKey(ctx context.Context, key string) (access.User, error)
	// Prefer keeps what the user has chosen: Language, Theme and KeysOff of u.
	Prefer(ctx context.Context, u access.User) error
}

// Server is the composed house.
type Server struct {
	cfg     Config
	log     *slog.Logger
	routes  []route.Route
	mounts  []route.Mount
	menu    []ui.MenuItem
	errors  []route.Mapper
	metrics *meters
	limits  *limits
	handler http.Handler
	closing context.Context // ends when the server shuts down, and with it every open stream
	close   context.CancelFunc
}

// New composes screens into a server. A route without a permission, or declared twice, is an error.
func New(cfg Config, screens ...route.Screens) (*Server, error) {
	if cfg.Log == nil || cfg.Clock == nil || cfg.Accounts == nil {
		return nil, errors.New("web: Log, Clock and Accounts are required")
	}
	if cfg.Metrics == nil {
		cfg.Metrics = prometheus.NewRegistry()
	}
	s := &Server{cfg: cfg, log: cfg.Log, metrics: newMeters(cfg.Metrics), limits: newLimits()}
	s.closing, s.close = context.WithCancel(context.Background())
	s.routes = append(s.routes, s.own()...)
	for _, sc := range screens {
		s.routes = append(s.routes, sc.Routes...)
		s.mounts = append(s.mounts, sc.Mounts...)
		s.menu = append(s.menu, sc.Menu...)
		s.errors = append(s.errors, sc.Errors...)
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	s.handler = s.compose()
	return s, nil
}

// check finds faults of declaration, all of them at once.
func (s *Server) check() error {
	var faults []error
	seen := map[string]bool{}
	for _, r := range s.routes {
		at := r.Method + " " + r.Pattern
		switch {
		case r.Method == "" || r.Pattern == "" || r.Handler == nil:
			faults = append(faults, fmt.Errorf("web: route %q lacks a method, pattern or handler", at))
		case r.Permission == "":
			faults = append(faults, fmt.Errorf("web: route %q names no permission", at))
		case seen[at]:
			faults = append(faults, fmt.Errorf("web: route %q is declared twice", at))
		}
		seen[at] = true
	}
	for _, m := range s.mounts {
		if m.Permission == "" || m.Prefix == "" || m.Handler == nil {
			faults = append(faults, fmt.Errorf("web: mount %q lacks a prefix, permission or handler", m.Prefix))
		}
	}
	for _, it := range s.menu {
		if it.Permission == "" || it.Path == "" || !known(it.Key) {
			faults = append(faults, fmt.Errorf("web: menu item %q (%s) is not complete or not an area", it.Key, it.Path))
		}
	}
	return errors.Join(faults...)
}

func known(key string) bool {
	for _, a := range ui.Areas() {
		if a == key {
			return true
		}
	}
	return false
}

// Routes lists every declared route, for tests that walk them.
func (s *Server) Routes() []route.Route { return s.routes }

// Mounts lists every foreign handler, for tests that walk them.
func (s *Server) Mounts() []route.Mount { return s.mounts }

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// compose puts the middleware around the routes: the outermost first.
func (s *Server) compose() http.Handler {
	r := chi.NewRouter()
	r.Use(s.numbered, s.clientIP(), s.logged, s.recovered, s.guarded, middleware.GetHead)
	known := chi.Middlewares{s.crossOrigin}
	if s.cfg.Sessions != nil {
		known = append(known, s.session)
	}
	known = append(known, s.identified, s.viewed, s.recovered)
	r.NotFound(known.HandlerFunc(s.wrap(func(http.ResponseWriter, *http.Request) error { return route.NotFound() })).ServeHTTP)
	r.MethodNotAllowed(known.HandlerFunc(s.wrap(func(http.ResponseWriter, *http.Request) error {
		return route.Refuse(http.StatusMethodNotAllowed, "error.method")
	})).ServeHTTP)
	compress := middleware.Compress(5)
	r.With(compress).Method(http.MethodGet, "/static/*", ui.Static())
	r.Get("/healthz", s.healthy)
	r.Get("/readyz", s.ready)
	r.Group(func(r chi.Router) {
		r.Use(known...)
		for _, rt := range s.routes {
			one := r.With(s.bounded(rt), s.permitted(rt.Permission))
			if !rt.Stream {
				one = one.With(compress)
			}
			one.Method(rt.Method, rt.Pattern, s.wrap(rt.Handler))
		}
		r.With(s.readsMetrics).Method(http.MethodGet, "/metrics", s.metrics.handler())
		for _, m := range s.mounts {
			r.With(s.policy(m.Policy), s.limitedAPI(m), s.permitted(m.Permission), compress).Mount(m.Prefix, m.Handler)
		}
	})
	return otelhttp.NewHandler(r, "web", otelhttp.WithFilter(func(r *http.Request) bool {
		return r.URL.Path != "/healthz" && r.URL.Path != "/readyz" && r.URL.Path != "/metrics"
	}))
}

// Serve answers on the listener until ctx ends, then lets open requests finish for at most ten seconds.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       5 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	select {
	case err := <-done:
		return fmt.Errorf("web: serve: %w", err)
	case <-ctx.Done():
	}
	s.close()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		return fmt.Errorf("web: shut down: %w", err)
	}
	return nil
}
