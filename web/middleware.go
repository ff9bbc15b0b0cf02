package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"milkrun/internal/access"
	"milkrun/web/route"
)

type numberKey struct{}

// number gives the number of the request, under which the log has it.
func number(ctx context.Context) string {
	n, _ := ctx.Value(numberKey{}).(string)
	return n
}

// numbered gives every request a number, also to the client as X-Request-Id.
func (s *Server) numbered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := strings.ToLower(rand.Text()[:12])
		w.Header().Set("X-Request-Id", n)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), numberKey{}, n)))
	})
}

// clientIP finds the address of the client: that of the connection, or what a trusted proxy says.
func (s *Server) clientIP() func(http.Handler) http.Handler {
	if len(s.cfg.Proxies) > 0 {
		return middleware.ClientIPFromXFF(s.cfg.Proxies...)
	}
	return middleware.ClientIPFromRemoteAddr
}

// who lets the log learn the user, who is found out further inside.
type who struct{ user string }

type whoKey struct{}

// logged writes one line a request and counts it. Static files and probes are counted only.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		caller := &who{}
		r = r.WithContext(context.WithValue(r.Context(), whoKey{}, caller))
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			status := ww.Status()
			if status == 0 {
				status = http.StatusOK
			}
			took := time.Since(began)
			pattern := patternOf(r)
			s.metrics.count(r.Method, pattern, status, took)
			if pattern == "/static/*" || pattern == "/healthz" || pattern == "/readyz" {
				return
			}
			s.log.InfoContext(r.Context(), "request", "id", number(r.Context()), "method", r.Method, "path", r.URL.Path,
				"route", pattern, "status", status, "bytes", ww.BytesWritten(), "ms", took.Milliseconds(),
				"user", caller.user, "ip", middleware.GetClientIP(r.Context()))
		}()
		next.ServeHTTP(ww, r)
	})
}

func patternOf(r *http.Request) string {
	if c := chi.RouteContext(r.Context()); c != nil {
		if p := c.RoutePattern(); p != "" {
			return p
		}
	}
	return "none"
}

// recovered turns a panic into the error page and a log entry with its stack.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler { // the value itself is panicked with
				panic(p)
			}
			s.log.ErrorContext(r.Context(), "panic", "id", number(r.Context()), "path", r.URL.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			if started(w) {
				panic(http.ErrAbortHandler) // half an answer is on its way; only breaking it off is honest
			}
			s.fail(w, r, fmt.Errorf("web: panic: %v", p))
		}()
		next.ServeHTTP(w, r)
	})
}

// started tells whether the answer has begun, by the log's writer below all others.
func started(w http.ResponseWriter) bool {
	for {
		switch v := w.(type) {
		case middleware.WrapResponseWriter:
			return v.Status() != 0
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return false
		}
	}
}

// contentPolicy allows our own files and nothing else. Style attributes carry widths and colours of meters and
// charts; style elements and inline scripts are forbidden.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; " +
	"img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// guarded sets the headers that tell the browser what this site never does.
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()")
		if s.cfg.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// policy replaces the content security policy for a foreign handler that needs another.
func (s *Server) policy(value string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		if value == "" {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", value)
			next.ServeHTTP(w, r)
		})
	}
}

// crossOrigin stops changes that another site makes a browser send.
func (s *Server) crossOrigin(next http.Handler) http.Handler {
	p := http.NewCrossOriginProtection()
	p.SetDenyHandler(s.wrap(func(http.ResponseWriter, *http.Request) error {
		return route.Refuse(http.StatusForbidden, "error.crossorigin")
	}))
	return p.Handler(next)
}

// permitted lets through who holds the permission.
func (s *Server) permitted(p access.Permission) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			u, signedIn := access.FromContext(r.Context())
			switch {
			case access.Can(u, p):
				next.ServeHTTP(w, r)
			case !signedIn:
				s.fail(w, r, access.ErrSignedOut)
			default:
				s.fail(w, r, fmt.Errorf("%w: %s needs %s", access.ErrForbidden, u.Role, p))
			}
		})
	}
}

const (
	formBytes = 1 << 20
	fileBytes = 64 << 20
	quick     = 30 * time.Second
	slow      = 5 * time.Minute
)

// bounded limits a route's time, body and rate.
func (s *Server) bounded(rt route.Route) func(http.Handler) http.Handler {
	body, long := int64(formBytes), quick
	if rt.Heavy {
		body, long = fileBytes, slow
	}
	if rt.MaxBody > 0 {
		body = rt.MaxBody
	}
	rate := rt.PerMinute
	if rate == 0 && rt.Heavy {
		rate = 30
	}
	limit := s.limits.perMinute(rate)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if limit != nil && limit.OnLimit(w, r, caller(r)) {
				s.fail(w, r, tooMany(w))
				return
			}
			r.Body = http.MaxBytesReader(w, r.Body, body)
			if !rt.Stream {
				ctx, cancel := context.WithTimeout(r.Context(), long)
				defer cancel()
				r = r.WithContext(ctx)
			}
			next.ServeHTTP(w, r)
		})
	}
}
