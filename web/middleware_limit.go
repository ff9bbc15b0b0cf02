package web

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/httprate"

	"milkrun/internal/access"
	"milkrun/web/route"
)

// apiPerMinute bounds what one system may ask of the API. A push of a day's sales is a handful of requests.
const apiPerMinute = 1200

// limits makes rate limiters, one for each route.
type limits struct{ mu sync.Mutex }

func newLimits() *limits { return &limits{} }

// perMinute gives a limiter, or nil for no bound.
func (l *limits) perMinute(n int) *httprate.RateLimiter {
	if n <= 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return httprate.NewRateLimiter(n, time.Minute)
}

// caller is whom a rate is counted for: the user, else the address.
func caller(r *http.Request) string {
	if u, ok := access.FromContext(r.Context()); ok {
		return "user " + strconv.FormatInt(int64(u.ID), 10)
	}
	return "ip " + httprate.CanonicalizeIP(middleware.GetClientIP(r.Context()))
}

// tooMany is the refusal of a caller who asks too fast; the limiter has written Retry-After.
func tooMany(w http.ResponseWriter) error {
	wait := w.Header().Get("Retry-After")
	if wait == "" {
		wait = "60"
	}
	return route.Refuse(http.StatusTooManyRequests, "error.toomany", "Seconds", wait)
}

// limitedAPI bounds the rate below an API's prefix.
func (s *Server) limitedAPI(m route.Mount) func(http.Handler) http.Handler {
	if !m.API {
		return func(next http.Handler) http.Handler { return next }
	}
	limit := s.limits.perMinute(apiPerMinute)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if limit.OnLimit(w, r, caller(r)) {
				s.fail(w, r, tooMany(w))
				return
			}
			r.Body = http.MaxBytesReader(w, r.Body, fileBytes)
			next.ServeHTTP(w, r)
		})
	}
}
