package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"milkrun/internal/access"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// wrap makes a handler whose errors are answered in words.
func (s *Server) wrap(h route.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, s.withFlash(r)); err != nil {
			s.fail(w, r, err)
		}
	}
}

// withFlash hands a whole page the notes that were kept for it.
func (s *Server) withFlash(r *http.Request) *http.Request {
	if s.cfg.Sessions == nil || r.Method != http.MethodGet || route.Partial(r) || !strings.Contains(r.Header.Get("Accept"), "text/html") {
		return r
	}
	if _, ok := access.FromContext(r.Context()); !ok {
		return r
	}
	v := *ui.From(r.Context())
	v.Flash = s.cfg.Sessions.Told(r.Context())
	return r.WithContext(ui.WithView(r.Context(), &v))
}

// fail answers an error: as a problem document to systems, as a note to a part of a page, as a page to a reader.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		w.WriteHeader(499) // the reader has gone; for the log alone
		return
	}
	e := s.explain(err)
	ctx := r.Context()
	if ui.From(ctx).Request == "" { // it failed before the reader was known
		ctx = ui.WithView(ctx, s.plainView(r))
	}
	if e.Status >= http.StatusInternalServerError {
		s.log.ErrorContext(ctx, "request failed", "id", number(ctx), "method", r.Method, "path", r.URL.Path, "error", err)
	} else if e.Err != nil {
		s.log.DebugContext(ctx, "request refused", "id", number(ctx), "path", r.URL.Path, "status", e.Status, "error", err)
	}
	text := ui.T(ctx, e.Word, append(e.Args, "ID", number(ctx))...)
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case s.isAPI(r) || wantsJSON(r):
		s.problem(ctx, w, e, text)
	case route.Partial(r):
		s.note(ctx, w, r, e, text)
	case e.Status == http.StatusUnauthorized && r.Method == http.MethodGet:
		http.Redirect(w, r, loginPath(r.URL.RequestURI()), http.StatusSeeOther)
	default:
		s.page(ctx, w, r, e, text)
	}
}

// explain says an error; the time limit is ours, whatever the layer below made of it.
func (s *Server) explain(err error) *route.Refusal {
	var e *route.Refusal
	if errors.As(err, &e) {
		return e
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return route.Refuse(http.StatusServiceUnavailable, "error.timeout").Because(err)
	}
	return route.Explain(err, s.errors...)
}

func wantsJSON(r *http.Request) bool {
	a := r.Header.Get("Accept")
	return strings.Contains(a, "json") && !strings.Contains(a, "text/html")
}

func loginPath(back string) string {
	if back == "/" || back == "" {
		return "/login"
	}
	return "/login?back=" + url.QueryEscape(back)
}

// problem is an error for systems: RFC 9457.
func (s *Server) problem(ctx context.Context, w http.ResponseWriter, e *route.Refusal, text string) {
	doc := map[string]any{"type": "about:blank", "title": http.StatusText(e.Status), "status": e.Status, "detail": text, "code": e.Word, "request": number(ctx)}
	if len(e.Fields) > 0 {
		fields := map[string]string{}
		for name, word := range e.Fields {
			fields[name] = ui.T(ctx, word, e.Args...)
		}
		doc["fields"] = fields
	}
	b, err := json.Marshal(doc)
	if err != nil {
		http.Error(w, text, e.Status)
		return
	}
	if e.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="milkrun"`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(e.Status)
	_, _ = w.Write(b)
}

// note is an error beside what was tried. js/errors.js finds its place by the header Mk-Note.
func (s *Server) note(ctx context.Context, w http.ResponseWriter, r *http.Request, e *route.Refusal, text string) {
	ways := waysOn(ctx, e)
	if e.Status == http.StatusUnauthorized {
		ways = []ui.WayOn{{Text: ui.T(ctx, "error.next.login"), Href: loginPath(ui.From(ctx).Here())}}
	}
	if len(ways) == 0 && e.Status >= http.StatusInternalServerError || e.Status == http.StatusConflict && len(ways) == 0 {
		ways = []ui.WayOn{{Text: ui.T(ctx, "error.next.reload"), Href: ui.From(ctx).Here()}}
	}
	var b bytes.Buffer
	if err := ui.ErrorNote(text, ways).Render(ctx, &b); err != nil {
		http.Error(w, text, e.Status)
		return
	}
	w.Header().Set("Mk-Note", "error")
	s.write(w, e.Status, b.Bytes())
}

// page is an error instead of a page: inside the console for its users, alone for everybody else.
func (s *Server) page(ctx context.Context, w http.ResponseWriter, r *http.Request, e *route.Refusal, text string) {
	u, _ := access.FromContext(ctx)
	home := "/"
	if s.cfg.Home != nil {
		home = s.cfg.Home(u.Role)
	}
	ways := waysOn(ctx, e)
	if e.Status >= http.StatusInternalServerError && r.Method == http.MethodGet {
		ways = append(ways, ui.WayOn{Text: ui.T(ctx, "error.next.reload"), Href: r.URL.RequestURI()})
	}
	ways = append(ways, ui.WayOn{Text: ui.T(ctx, "error.next.home"), Href: home})
	var b bytes.Buffer
	if err := errorPage(access.Can(u, access.Console), ui.T(ctx, heading(e.Status)), text, ui.T(ctx, "error.number", "ID", number(ctx)), ways).Render(ctx, &b); err != nil {
		http.Error(w, text, e.Status)
		return
	}
	s.write(w, e.Status, b.Bytes())
}

func (s *Server) write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// heading is the name of an error page.
func heading(status int) string {
	switch status {
	case http.StatusNotFound:
		return "error.heading.notfound"
	case http.StatusForbidden, http.StatusUnauthorized:
		return "error.heading.forbidden"
	case http.StatusConflict:
		return "error.heading.conflict"
	}
	if status >= http.StatusInternalServerError {
		return "error.heading.internal"
	}
	return "error.heading.refused"
}

func waysOn(ctx context.Context, e *route.Refusal) []ui.WayOn {
	var out []ui.WayOn
	for _, n := range e.Next {
		out = append(out, ui.WayOn{Text: ui.T(ctx, n.Word, n.Args...), Href: n.Href, Post: n.Post})
	}
	return out
}
