package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"milkrun/internal/access"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// session loads the browser's session and keeps it.
func (s *Server) session(next http.Handler) http.Handler {
	m := s.cfg.Sessions
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, err) }
	return m.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(route.WithSessions(r.Context(), m)))
	}))
}

// identified finds out who asks: by API key below an API's prefix, by session elsewhere.
func (s *Server) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, err := s.user(r)
		switch {
		case err == nil:
			if c, ok := r.Context().Value(whoKey{}).(*who); ok {
				c.user = u.Login
			}
			r = r.WithContext(access.WithUser(r.Context(), u))
		case errors.Is(err, access.ErrSignedOut), errors.Is(err, access.ErrInactive):
			// Nobody, or no longer anybody: only public pages open.
		default:
			s.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) user(r *http.Request) (access.User, error) {
	if s.isAPI(r) {
		if key, ok := apiKey(r); ok {
			return s.cfg.Accounts.UserByKey(r.Context(), key)
		}
	}
	if s.cfg.Sessions == nil {
		return access.User{}, access.ErrSignedOut
	}
	id := s.cfg.Sessions.Account(r.Context())
	if id == 0 {
		return access.User{}, access.ErrSignedOut
	}
	u, err := s.cfg.Accounts.User(r.Context(), id)
	if err == nil && !s.cfg.Sessions.Holds(r.Context(), u) {
		return access.User{}, access.ErrSignedOut
	}
	return u, err
}

func apiKey(r *http.Request) (string, bool) {
	if k := r.Header.Get("X-API-Key"); k != "" {
		return k, true
	}
	kind, k, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if ok && strings.EqualFold(kind, "Bearer") && k != "" {
		return strings.TrimSpace(k), true
	}
	return "", false
}

func (s *Server) isAPI(r *http.Request) bool {
	for _, m := range s.mounts {
		if m.API && (r.URL.Path == m.Prefix || strings.HasPrefix(r.URL.Path, strings.TrimSuffix(m.Prefix, "/")+"/")) {
			return true
		}
	}
	return false
}

// viewed puts on the context what pages know about their reader.
func (s *Server) viewed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.isAPI(r) {
			next.ServeHTTP(w, r.WithContext(ui.WithView(r.Context(), s.plainView(r))))
			return
		}
		v, err := s.view(r)
		ctx := ui.WithView(r.Context(), v)
		if err != nil {
			s.fail(w, r.WithContext(ctx), err)
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// plainView is what is known of any reader: language, theme, clock.
func (s *Server) plainView(r *http.Request) *ui.View {
	u, _ := access.FromContext(r.Context())
	return &ui.View{
		Language: languageOf(r, u), Theme: themeFor(r, u), Keys: cookie(r, cookieKeys) != "off", Zone: s.cfg.Zone,
		Now: s.cfg.Clock(), URL: pageOf(r), Request: number(r.Context()),
	}
}

func (s *Server) view(r *http.Request) (*ui.View, error) {
	v := s.plainView(r)
	u, ok := access.FromContext(r.Context())
	if !ok {
		return v, nil
	}
	ctx := r.Context()
	v.Keys = !u.KeysOff
	v.Menu = ui.Permitted(s.menu, u)
	v.Search, v.Bell, v.Profile = s.cfg.SearchPath, s.cfg.BellPath, s.cfg.ProfilePath
	if s.cfg.Sites != nil {
		sites, err := s.cfg.Sites(ctx, u)
		if err != nil {
			return v, err
		}
		v.Sites = sites
		for _, o := range sites {
			if o.Code == cookie(r, cookieSite) {
				v.Site = o.Code
			}
		}
	}
	if route.Partial(r) {
		return v, nil // parts of pages show neither bell nor flash
	}
	return v, s.frame(ctx, u, v)
}

// frame fills what only whole pages show.
func (s *Server) frame(ctx context.Context, u access.User, v *ui.View) (err error) {
	if s.cfg.Unread != nil {
		if v.Unread, err = s.cfg.Unread(ctx, u); err != nil {
			return err
		}
	}
	if s.cfg.DataAsOf != nil {
		var at time.Time
		if at, err = s.cfg.DataAsOf(ctx); err != nil {
			return err
		}
		v.DataAsOf = at
	}
	return nil
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	v, err := strconv.Unquote(`"` + c.Value + `"`)
	if err != nil {
		return ""
	}
	return v
}

var languages = language.NewMatcher([]language.Tag{language.Chinese, language.English})

// languageOf follows the user's choice, then the browser's cookie, then what the browser asks for, then Chinese.
func languageOf(r *http.Request, u access.User) ui.Language {
	for _, v := range []string{u.Language, cookie(r, cookieLanguage)} {
		switch ui.Language(v) {
		case ui.Chinese, ui.English:
			return ui.Language(v)
		}
	}
	asked, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(asked) == 0 {
		return ui.Chinese
	}
	if _, i, c := languages.Match(asked...); i == 1 && c > language.No {
		return ui.English
	}
	return ui.Chinese
}

func themeFor(r *http.Request, u access.User) ui.Theme {
	v := u.Theme
	if u.Role == "" {
		v = cookie(r, cookieTheme)
	}
	switch ui.Theme(v) {
	case ui.Light, ui.Dark:
		return ui.Theme(v)
	}
	if u.Role == "" && v == "" {
		return ui.Light
	}
	return ""
}

// pageOf gives the address of the page the reader sees: for a part asked by htmx, that of the page around it.
func pageOf(r *http.Request) *url.URL {
	if route.Partial(r) {
		if u, err := url.Parse(r.Header.Get("HX-Current-URL")); err == nil && u.Path != "" {
			return &url.URL{Path: u.Path, RawQuery: u.RawQuery}
		}
	}
	return r.URL
}
