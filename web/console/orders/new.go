package orders

import (
	"context"
	"errors"
	"net/http"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/catalog"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// newOrder is the form of a new draft.
type newOrder struct {
	Form      *desk.Posted
	Suppliers []catalog.SupplierRecord
	Sites     []catalog.SiteRecord
	Supplier  catalog.SupplierID // chosen
	Site      catalog.SiteID
	Drafts    []c2mops.Row // of the chosen supplier
}

func (s Pages) newPage(ctx context.Context, supplier, site string) (newOrder, error) {
	var f newOrder
	var err error
	if f.Suppliers, err = s.Catalog.Suppliers(ctx, catalog.SupplierQuery{}); err != nil {
		return f, err
	}
	if f.Sites, err = s.Catalog.Sites(ctx); err != nil {
		return f, err
	}
	for _, x := range f.Suppliers {
		if x.Code == supplier && supplier != "" {
			f.Supplier = x.ID
		}
	}
	for _, x := range f.Sites {
		if x.Code == site && site != "" {
			f.Site = x.ID
		}
	}
	if f.Supplier == 0 {
		return f, nil
	}
	page, err := s.Ops.Orders(ctx, c2mops.Query{Limit: 10, Filter: c2mops.Filter{Supplier: f.Supplier, States: []c2m.State{c2m.StateDraft}}})
	f.Drafts = page.Rows
	return f, err
}

func (s Pages) newForm(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	site := q.Get("site")
	if site == "" {
		site = ui.From(r.Context()).Site
	}
	f, err := s.newPage(r.Context(), q.Get("supplier"), site)
	if err != nil {
		return err
	}
	if route.Partial(r) && r.Header.Get("HX-Target") == "drafts" {
		return route.Render(w, r, orderDrafts(f))
	}
	return route.Render(w, r, orderNewScreen(f))
}

func (s Pages) create(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	f, err := s.newPage(ctx, form.Text("supplier"), form.Text("site"))
	if err != nil {
		return err
	}
	f.Form = form
	again := func() error {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, orderNewScreen(f))
	}
	if f.Supplier == 0 {
		form.Bad("supplier", "orders.choose_supplier")
	}
	if f.Site == 0 {
		form.Bad("site", "orders.choose_site")
	}
	if !form.OK() {
		return again()
	}
	o, err := s.Ops.CreateDraft(ctx, c2mops.NewOrder{Supplier: f.Supplier, ShipTo: f.Site, Conditions: readConditions(form)})
	switch {
	case errors.Is(err, c2m.ErrSupplier):
		form.Bad("supplier", "orders.refused_supplier", "Why", whyNotSupplier(ctx, f))
		return again()
	case errors.Is(err, c2m.ErrLong):
		form.Bad("note", "order.err.long")
		return again()
	case err != nil:
		return refused(err, "/orders")
	}
	return route.See(w, r, orderHref(o.Number)+"?open=lines/new")
}

func readConditions(form *desk.Posted) c2m.Conditions {
	return c2m.Conditions{Contract: form.Text("contract"), Payment: form.Text("payment"), Licence: form.Text("licence"), Note: form.Text("note")}
}

// whyNotSupplier says why nothing may be ordered from the chosen supplier.
func whyNotSupplier(ctx context.Context, f newOrder) string {
	for _, x := range f.Suppliers {
		if x.ID == f.Supplier && x.Banned != "" {
			return x.Banned
		}
	}
	return ui.T(ctx, "orders.inactive")
}

// supplierChoices are the suppliers that may be ordered from.
func supplierChoices(ctx context.Context, f newOrder) []ui.Choice {
	out := []ui.Choice{{Text: ui.T(ctx, "orders.new_choose")}}
	for _, x := range f.Suppliers {
		if x.Active && x.Banned == "" || x.ID == f.Supplier {
			out = append(out, ui.Choice{Value: x.Code, Text: ui.Name(ctx, x.Name) + " · " + x.Code})
		}
	}
	return out
}

// shipToChoices are the sites that a factory may deliver to, the regional ones first.
func shipToChoices(ctx context.Context, f newOrder) []ui.Choice {
	out := []ui.Choice{{Text: ui.T(ctx, "orders.new_choose")}}
	for _, regional := range []bool{true, false} {
		for _, x := range f.Sites {
			if (x.Active || x.ID == f.Site) && (x.Tier == catalog.Regional) == regional {
				out = append(out, ui.Choice{Value: x.Code, Text: ui.Name(ctx, x.Name) + " · " + x.Code})
			}
		}
	}
	return out
}

func (f newOrder) supplierCode() string {
	for _, x := range f.Suppliers {
		if x.ID == f.Supplier {
			return x.Code
		}
	}
	return ""
}

func (f newOrder) siteCode() string {
	for _, x := range f.Sites {
		if x.ID == f.Site {
			return x.Code
		}
	}
	return ""
}
