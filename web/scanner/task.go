package scanner

import (
	"cmp"
	"errors"
	"net/http"
	"slices"

	"milkrun/internal/catalog"
	"milkrun/warehouse"
	"milkrun/web/route"
)

// sortJobs puts a worker's own task first, then what is urgent, then what is due first.
func sortJobs(all []Job) {
	score := func(j Job) int {
		switch {
		case j.Mine:
			return 0
		case j.Urgent:
			return 1
		case j.Due != "":
			return 2
		}
		return 3
	}
	slices.SortStableFunc(all, func(a, b Job) int { return cmp.Or(score(a)-score(b), cmp.Compare(a.Due, b.Due)) })
}

// task gives the state of a task that a device opens or looks at anew.
func (s Scanner) task(w http.ResponseWriter, r *http.Request) error {
	p := s.part(route.Param(r, "kind"))
	if p == nil || p.Task == nil {
		return route.NotFound()
	}
	_, at, err := s.sitesOf(r)
	if err != nil {
		return err
	}
	if at == nil {
		return route.Invalid("scanner.error.site")
	}
	t, err := p.Task(r.Context(), at.ID, route.Param(r, "key"))
	return s.found(w, t, err)
}

// find opens what a scan anywhere leads to: a tote, a parcel, a bin, a delivery.
func (s Scanner) find(w http.ResponseWriter, r *http.Request) error {
	scan := r.URL.Query().Get("code")
	if scan == "" {
		return write(w, http.StatusOK, map[string]any{})
	}
	_, at, err := s.sitesOf(r)
	if err != nil {
		return err
	}
	if at == nil {
		return route.Invalid("scanner.error.site")
	}
	for _, p := range s.Parts {
		if p.Find == nil {
			continue
		}
		t, err := p.Find(r.Context(), at.ID, scan)
		if errors.Is(err, warehouse.ErrNoWork) || errors.Is(err, catalog.ErrUnknown) || err == nil && t == nil {
			continue
		}
		return s.found(w, t, err)
	}
	return write(w, http.StatusOK, map[string]any{"refusal": &Refused{Code: "nothing", Text: Says("scanner.fault.nothing"), Next: Says("scanner.next.nothing"), Scanned: scan}})
}

func (s Scanner) found(w http.ResponseWriter, t any, err error) error {
	if err != nil {
		if e := s.explain(err); e != nil {
			return write(w, http.StatusOK, map[string]any{"refusal": e})
		}
		return err
	}
	return write(w, http.StatusOK, map[string]any{"task": t})
}
