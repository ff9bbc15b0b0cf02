package route

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"golang.org/x/text/width"

	"milkrun/internal/quantity"
)

// Param gives a part of the path by its name in the pattern.
func Param(r *http.Request, name string) string {
	v := chi.URLParam(r, name)
	if u, err := url.PathUnescape(v); err == nil {
		return u
	}
	return v
}

// ID gives a number in the path. Anything else leads nowhere: NotFound.
func ID(r *http.Request, name string) (int64, error) {
	n, err := strconv.ParseInt(Param(r, name), 10, 64)
	if err != nil || n <= 0 {
		return 0, NotFound()
	}
	return n, nil
}

// IDs gives the numbers of the selected rows: the form's values of the name, without repeats, in their order.
func IDs(r *http.Request, name string) ([]int64, error) {
	if err := r.ParseForm(); err != nil {
		return nil, Invalid("error.form").Because(err)
	}
	seen := make(map[int64]bool, len(r.Form[name]))
	var out []int64
	for _, s := range r.Form[name] {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n <= 0 {
			return nil, Invalid("error.form").Because(err)
		}
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	if len(out) == 0 {
		return nil, Invalid("error.noneselected")
	}
	return out, nil
}

// Pieces reads a quantity as people type it: with commas, spaces or full-width digits. ok is false for anything else
// than a whole number from 0 to a billion.
func Pieces(s string) (p quantity.Pieces, ok bool) {
	s = strings.Map(func(r rune) rune {
		switch r {
		case ',', ' ', '\u00a0', '\u2009', '，':
			return -1
		}
		return r
	}, width.Narrow.String(strings.TrimSpace(s)))
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > 1_000_000_000 {
		return 0, false
	}
	return quantity.Pieces(n), true
}

// Back gives the page to come back to after a verb: the form's "back" when it is an address of this house, else the
// fallback. It never leads to another host.
func Back(r *http.Request, fallback string) string {
	b := r.PostFormValue("back")
	u, err := url.Parse(b)
	if err != nil || b == "" || u.IsAbs() || u.Host != "" || !strings.HasPrefix(b, "/") || strings.HasPrefix(b, "//") || strings.ContainsAny(b, "\\\r\n") {
		return fallback
	}
	return b
}
