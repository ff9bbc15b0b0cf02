package rounds

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Tiles is a server of map pictures below the rounds; without an address the map is drawn from our own geometry alone. Its terms are the
// reader's: By is shown on every map.
type Tiles struct {
	// Address of a picture, with {z}, {x} and {y} of the usual Web Mercator grid: https://tiles.example/{z}/{x}/{y}.png.
	Address string
	// By is whom the pictures are by, as their terms ask for: © OpenStreetMap contributors.
	By string
}

// ErrTiles is the refusal of an address that is none of map pictures, or of one without a word whom they are by.
var ErrTiles = errors.New("rounds: want an address like https://tiles.example/{z}/{x}/{y}.png, and whom the pictures are by")

// Check tells whether the address can be used.
func (t Tiles) Check() error {
	if t.Address == "" {
		return nil
	}
	u, err := url.Parse(strings.NewReplacer("{z}", "1", "{x}", "1", "{y}", "1").Replace(t.Address))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || strings.ContainsAny(u.Host, " ;,'\"{}") || strings.TrimSpace(t.By) == "" {
		return ErrTiles
	}
	for _, part := range []string{"{z}", "{x}", "{y}"} {
		if !strings.Contains(t.Address, part) {
			return ErrTiles
		}
	}
	return nil
}

// origin is the server that the browser may fetch pictures from.
func (t Tiles) origin() string {
	u, err := url.Parse(t.Address)
	if err != nil || t.Address == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// allow lets the page that is being answered show the pictures: its policy names their server beside ours.
func (t Tiles) allow(w http.ResponseWriter) {
	if o := t.origin(); o != "" && t.Check() == nil {
		h := w.Header()
		h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "img-src 'self'", "img-src 'self' "+o, 1))
	}
}

// shown is the address and word for the map; "" for none.
func (t Tiles) shown() (address, by string) {
	if t.Check() != nil {
		return "", ""
	}
	return t.Address, t.By
}
