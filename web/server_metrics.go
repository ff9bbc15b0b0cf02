package web

import (
	"crypto/subtle"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"milkrun/internal/access"
)

// meters count requests by route.
type meters struct {
	registry *prometheus.Registry
	seconds  *prometheus.HistogramVec
}

func newMeters(reg *prometheus.Registry) *meters {
	m := &meters{registry: reg, seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "milkrun_http_request_seconds",
		Help:    "Time to answer a request, by method, route pattern and status.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
	}, []string{"method", "route", "status"})}
	reg.MustRegister(m.seconds)
	return m
}

func (m *meters) count(method, pattern string, status int, took time.Duration) {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
	default:
		method = "other"
	}
	m.seconds.WithLabelValues(method, pattern, strconv.Itoa(status)).Observe(took.Seconds())
}

func (m *meters) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// readsMetrics lets a collector with the token through, and users who may see the system.
func (s *Server) readsMetrics(next http.Handler) http.Handler {
	users := s.permitted(access.ViewSystem)(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if ok && s.cfg.MetricsToken != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.cfg.MetricsToken)) == 1 {
			next.ServeHTTP(w, r)
			return
		}
		users.ServeHTTP(w, r)
	})
}
