package floor

import (
	"net/http"

	"milkrun/internal/access"
	"milkrun/warehouse"
	"milkrun/web/route"
)

// lots is the route of a lot's page.
func (s Pages) lots() []route.Route {
	return []route.Route{route.GET("/warehouse/lots", access.ViewStock, s.lot)}
}

func (s Pages) lot(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	if v.Get("sku") == "" {
		return route.See(w, r, "/search") // lots are found by their code
	}
	l, err := s.Ops.LotSheet(r.Context(), v.Get("sku"), v.Get("lot"))
	if err != nil {
		return err
	}
	return route.Render(w, r, lotScreen(l))
}

// onHand adds up where a lot stands.
func onHand(l warehouse.LotSheet) (n, reserved int64) {
	for _, p := range l.Places {
		n, reserved = n+int64(p.OnHand), reserved+int64(p.Reserved)
	}
	return n, reserved
}
