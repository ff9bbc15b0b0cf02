// Package route is the kernel of the web: what a route is, who may open it, and how a refusal becomes a status and
// words. Screens (web/console, web/supplier, web/api …) declare their routes with it and return errors from their
// handlers; package web composes them into the server.
package route

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"milkrun/internal/access"
	"milkrun/web/ui"
)

// Handler answers a request or returns what went wrong. Nothing has been written when it returns an error.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is one address of the house with the permission it needs. Pattern is a chi pattern: "/orders/{number}".
type Route struct {
	Method     string
	Pattern    string
	Permission access.Permission
	Handler    Handler
	// Heavy marks long work (exports, uploads, runs started by hand): 30 requests a minute and user, five minutes of time.
	Heavy bool
	// PerMinute bounds the requests a minute of one user, or of one address when nobody is signed in; 0 is no bound.
	PerMinute int
	// Stream marks an answer that stays open (server-sent events): no time limit and no compression.
	Stream bool
	// MaxBody bounds the request in bytes; 0 takes the server's bound for forms.
	MaxBody int64
}

// Screens is what a package of screens brings to the server: its routes, its place in the menu, and how its domains'
// refusals are said.
type Screens struct {
	Routes []Route
	Menu   []ui.MenuItem
	Errors []Mapper
	// Mounts are foreign handlers that live under a prefix, such as the job console.
	Mounts []Mount
}

// Mount is a foreign handler under a prefix, for instance "/jobs". Everything below needs the permission.
type Mount struct {
	Prefix     string
	Permission access.Permission
	Handler    http.Handler
	// Policy replaces the content security policy below the prefix; empty keeps the house's.
	Policy string
	// API says that errors are answered as problem documents in JSON instead of pages.
	API bool
}

// GET declares a page.
func GET(pattern string, p access.Permission, h Handler) Route {
	return Route{Method: http.MethodGet, Pattern: pattern, Permission: p, Handler: h}
}

// POST declares a verb.
func POST(pattern string, p access.Permission, h Handler) Route {
	return Route{Method: http.MethodPost, Pattern: pattern, Permission: p, Handler: h}
}

// User gives the signed-in user. Routes that need a permission always have one.
func User(ctx context.Context) access.User {
	u, _ := access.FromContext(ctx)
	return u
}

// Partial tells whether htmx asks for a part of a page only. A page that htmx restores from the history is whole.
func Partial(r *http.Request) bool {
	h := r.Header
	return h.Get("HX-Request") == "true" && h.Get("HX-Boosted") != "true" && h.Get("HX-History-Restore-Request") != "true"
}

// Render answers 200 with a component. It renders into memory first, so that a failing component still becomes a
// proper error page.
func Render(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	return RenderStatus(w, r, http.StatusOK, c)
}

// RenderStatus answers with a component and a status, for instance 422 with the form and its errors.
func RenderStatus(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	buf := templ.GetBuffer()
	defer templ.ReleaseBuffer(buf)
	if err := c.Render(r.Context(), buf); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "HX-Request")
	w.WriteHeader(status)
	_, _ = w.Write(buf.Bytes()) // the reader has gone when this fails
	return nil
}

// See sends the reader to another address after a verb: 303 for pages, a client-side redirect for htmx.
func See(w http.ResponseWriter, r *http.Request, address string) error {
	if Partial(r) {
		w.Header().Set("HX-Redirect", address)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}
