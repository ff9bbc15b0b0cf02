package floor

import (
	"net/http"

	"github.com/a-h/templ"

	"milkrun/web/route"
)

// drawn answers a drawer to the page that asked for it; who comes by a link of their own, as from the search box, gets a page that
// opens it. list is the page behind the drawer, current its tab.
func drawn(w http.ResponseWriter, r *http.Request, list, current string, drawer templ.Component) error {
	w.Header().Add("Vary", "HX-Request")
	if route.Partial(r) || r.Method != http.MethodGet {
		return route.Render(w, r, drawer)
	}
	return route.Render(w, r, drawnScreen(r.URL.RequestURI(), list, current))
}
