package web

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"milkrun/internal/access"
	"milkrun/web/route"
)

// Live gives what the house tells under a topic, until the returned function is called.
type Live interface {
	Listen(topic string) (<-chan string, func())
}

const (
	mostTopics = 16
	heartbeat  = 20 * time.Second
)

var topicForm = regexp.MustCompile(`^[a-z0-9][a-z0-9/_-]{0,63}$`)

// live streams the names of topics as they are told: GET /live?topic=suggestions&topic=order/12. It says that
// something changed, never what: the page asks again by its own routes, which know who may see it.
func (s *Server) live(w http.ResponseWriter, r *http.Request) error {
	topics := slices.Compact(slices.Sorted(slices.Values(r.URL.Query()["topic"])))
	if len(topics) == 0 || len(topics) > mostTopics {
		return route.Invalid("error.form")
	}
	for _, t := range topics {
		if !topicForm.MatchString(t) || !mayHear(route.User(r.Context()), t) {
			return route.Forbidden()
		}
	}
	told := make(chan string, len(topics))
	for _, t := range topics {
		heard, stop := s.cfg.Live.Listen(t)
		defer stop()
		go func() {
			for {
				select {
				case <-r.Context().Done():
					return
				case _, open := <-heard:
					if !open {
						return
					}
				}
				select {
				case told <- t:
				case <-r.Context().Done():
					return
				}
			}
		}()
	}
	return s.stream(w, r, told)
}

func (s *Server) stream(w http.ResponseWriter, r *http.Request, told <-chan string) error {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx must not keep it back
	w.WriteHeader(http.StatusOK)
	out := http.NewResponseController(w)
	send := func(text string) bool {
		_ = out.SetWriteDeadline(time.Now().Add(heartbeat)) // not every writer knows deadlines
		if _, err := io.WriteString(w, text); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	if !send("retry: 3000\n\n") {
		return nil
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		var ok bool
		select {
		case <-r.Context().Done():
			return nil
		case <-s.closing.Done():
			return nil
		case t := <-told:
			ok = send(fmt.Sprintf("event: %s\ndata: %s\n\n", t, t))
		case <-beat.C:
			ok = send(": still here\n\n")
		}
		if !ok {
			return nil
		}
	}
}

// mayHear keeps suppliers and riders to topics of single things; the staff may hear everything.
func mayHear(u access.User, topic string) bool {
	if access.Can(u, access.Console) {
		return true
	}
	return strings.HasPrefix(topic, "order/") || strings.HasPrefix(topic, "import/")
}
