package route

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
)

func TestPieces(t *testing.T) {
	for text, want := range map[string]int64{"4,000": 4000, " 4000 ": 4000, "４，０００": 4000, "1 200": 1200, "0": 0, "1\u00a0200": 1200} {
		if got, ok := Pieces(text); !ok || int64(got) != want {
			t.Errorf("%q: %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "-1", "约 800", "1.5", "4000件", "1e3", "99999999999", "0x10", "+"} {
		if got, ok := Pieces(text); ok {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}

func FuzzPieces(f *testing.F) {
	f.Add("4,000")
	f.Add("４，０００")
	f.Fuzz(func(t *testing.T, s string) {
		if p, ok := Pieces(s); ok && (p < 0 || p > 1_000_000_000) {
			t.Fatalf("%q: %d", s, p)
		}
	})
}

func FuzzBackStaysInTheHouse(f *testing.F) {
	for _, s := range []string{"/list?open=1", "//evil.example", `/\evil.example`, "/\t/evil.example", "https://evil.example", "/%2f/evil"} {
		f.Add(s)
	}
	base, _ := url.Parse("https://milkrun.example/here")
	f.Fuzz(func(t *testing.T, s string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(url.Values{"back": {s}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		back := Back(r, "/")
		u, err := base.Parse(back)
		// Browsers drop tabs and line ends and read \ as /, so none of them may be there.
		if err != nil || u.Host != base.Host || strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\t\r\n") {
			t.Fatalf("%q leads to %q", s, back)
		}
	})
}

func TestIDs(t *testing.T) {
	ask := func(q string) ([]int64, error) {
		return IDs(httptest.NewRequest(http.MethodGet, "/?"+q, nil), "id")
	}
	if got, err := ask("id=3&id=1&id=3"); err != nil || len(got) != 2 || got[0] != 3 || got[1] != 1 {
		t.Errorf("%v, %v", got, err)
	}
	for _, q := range []string{"", "id=x", "id=0", "id=-4", "id=99999999999999999999"} {
		var e *Refusal
		if _, err := ask(q); !errors.As(err, &e) || e.Status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %v", q, err)
		}
	}
}

func TestExplain(t *testing.T) {
	own := errors.New("own")
	mapper := func(err error) *Refusal {
		if errors.Is(err, own) {
			return Conflict("error.stale")
		}
		return nil
	}
	for err, want := range map[error]int{
		own: 409, catalog.ErrUnknown: 404, catalog.ErrStale: 409, access.ErrForbidden: 403, access.ErrSignedOut: 401,
		NotFound(): 404, errors.New("anything"): 500, error(&http.MaxBytesError{Limit: 1 << 20}): 413,
	} {
		e := Explain(err, mapper)
		if e.Status != want {
			t.Errorf("%v: %d, want %d", err, e.Status, want)
		}
		if want >= 500 && !errors.Is(e, err) {
			t.Errorf("%v is lost to the log", err)
		}
	}
}

func TestPartial(t *testing.T) {
	for _, c := range []struct {
		headers map[string]string
		want    bool
	}{
		{nil, false}, {map[string]string{"HX-Request": "true"}, true},
		{map[string]string{"HX-Request": "true", "HX-Boosted": "true"}, false},
		{map[string]string{"HX-Request": "true", "HX-History-Restore-Request": "true"}, false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		for k, v := range c.headers {
			r.Header.Set(k, v)
		}
		if Partial(r) != c.want {
			t.Errorf("%v", c.headers)
		}
	}
}
