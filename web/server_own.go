package web

import (
	"net/http"
	"slices"
	"time"

	"milkrun/internal/access"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Names of the cookies that keep a reader's choices where no account does.
const (
	cookieLanguage = "mk_language"
	cookieTheme    = "mk_theme"
	cookieKeys     = "mk_keys"
	cookieSite     = "mk_site"
)

// own are the routes of the shell itself.
func (s *Server) own() []route.Route {
	routes := []route.Route{
		route.POST("/preferences", access.Public, s.prefer),
		route.GET("/favicon.ico", access.Public, func(w http.ResponseWriter, r *http.Request) error {
			http.Redirect(w, r, ui.Asset("mark.svg"), http.StatusFound)
			return nil
		}),
	}
	if s.cfg.Live != nil {
		live := route.GET("/live", access.SignedIn, s.live)
		live.Stream = true
		routes = append(routes, live)
	}
	return routes
}

func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// ready answers 503 while the server cannot do its work; the reason is for the log alone.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if s.cfg.Ready != nil {
		if err := s.cfg.Ready(r.Context()); err != nil {
			s.log.WarnContext(r.Context(), "not ready", "error", err)
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
	}
	s.healthy(w, r)
}

// prefer keeps the reader's language, theme, keys or site, and leads back to the page.
func (s *Server) prefer(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return route.Invalid("error.form").Because(err)
	}
	u, signedIn := access.FromContext(r.Context())
	changed := false
	set := func(field, cookie string, allowed []string, keep func(string)) {
		v, ok := r.PostForm[field]
		if !ok || len(v) == 0 || allowed != nil && !slices.Contains(allowed, v[0]) {
			return
		}
		http.SetCookie(w, &http.Cookie{Name: cookie, Value: v[0], Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()),
			HttpOnly: true, Secure: s.cfg.Secure, SameSite: http.SameSiteLaxMode})
		if keep != nil {
			keep(v[0])
			changed = true
		}
	}
	set("language", cookieLanguage, []string{"zh", "en"}, func(v string) { u.Language = v })
	set("theme", cookieTheme, []string{"light", "dark", "device"}, func(v string) { u.Theme = themeOf(v) })
	set("keys", cookieKeys, []string{"on", "off"}, func(v string) { u.KeysOff = v == "off" })
	if site := r.PostFormValue("site"); len(site) <= 32 && s.offered(r, site) {
		set("site", cookieSite, nil, nil)
	}
	if signedIn && changed {
		if err := s.cfg.Accounts.Prefer(r.Context(), u); err != nil {
			return err
		}
	}
	return route.See(w, r, route.Back(r, "/"))
}

// offered tells whether the site is one the user may pick; empty is all.
func (s *Server) offered(r *http.Request, code string) bool {
	if code == "" {
		return true
	}
	return slices.ContainsFunc(ui.From(r.Context()).Sites, func(o ui.SiteOption) bool { return o.Code == code })
}

func themeOf(v string) string {
	if v == "device" {
		return ""
	}
	return v
}
