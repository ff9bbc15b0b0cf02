package planning

import (
	"net/http"
	"net/url"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/sheet"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// vmiPage lists the suppliers who keep stock up by themselves, and the bounds of one of them.
type vmiPage struct {
	List   []replenishops.VMISupplier
	Others []ui.Choice // suppliers who do not
	Shown  replenishops.VMISupplier
	Lines  []replenishops.MinMaxLine
	More   bool
}

// vmiRows is how many bounds the page shows; the workbook holds all.
const vmiRows = 200

func (s Pages) readVMI(r *http.Request, limit int) (p vmiPage, err error) {
	ctx := r.Context()
	if p.List, err = s.Plan.VMI(ctx); err != nil || len(p.List) == 0 {
		return p, err
	}
	p.Shown = p.List[0]
	for _, x := range p.List {
		if x.Code == r.URL.Query().Get("supplier") {
			p.Shown = x
		}
	}
	p.Lines, err = s.Plan.MinMaxes(ctx, p.Shown.ID, limit+1)
	if p.More = len(p.Lines) > limit; p.More {
		p.Lines = p.Lines[:limit]
	}
	return p, err
}

func (s Pages) vmi(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.readVMI(r, vmiRows)
	if err != nil {
		return err
	}
	if desk.Can(ctx, access.SetPolicy) {
		keeps := map[catalog.SupplierID]bool{}
		for _, x := range p.List {
			keeps[x.ID] = true
		}
		all, err := s.Catalog.Suppliers(ctx, catalog.SupplierQuery{})
		if err != nil {
			return err
		}
		for _, x := range all {
			if x.Active && x.Banned == "" && !keeps[x.ID] {
				p.Others = append(p.Others, ui.Choice{Value: x.Code, Text: ui.Name(ctx, x.Name)})
			}
		}
	}
	return route.Render(w, r, vmiScreen(p))
}

// setVMI takes a supplier into the list or out of it.
func (s Pages) setVMI(w http.ResponseWriter, r *http.Request) error {
	f, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	all, err := s.Catalog.Suppliers(ctx, catalog.SupplierQuery{})
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.Code == f.Text("supplier") {
			if err := s.Plan.SetVMI(ctx, x.ID, !f.On("off")); err != nil {
				return err
			}
			return route.See(w, r, "/vmi?supplier="+url.QueryEscape(x.Code))
		}
	}
	return route.NotFound()
}

// vmiExport gives the bounds of a supplier as the workbook that goes to him.
func (s Pages) vmiExport(w http.ResponseWriter, r *http.Request) error {
	p, err := s.readVMI(r, desk.ExportMost)
	if err != nil {
		return err
	}
	ctx := r.Context()
	say := func(id string) string { return ui.T(ctx, "vmi."+id) }
	columns := []sheet.Column{
		desk.Column("sku", "SKU", sheet.Code), desk.Column("part", say("col_part"), sheet.Code), desk.Column("name", ui.T(ctx, "suggestions.col_goods"), sheet.Text),
		desk.Column("site", ui.T(ctx, "suggestions.site"), sheet.Text), desk.Column("min", say("col_min"), sheet.Pieces), desk.Column("max", say("col_max"), sheet.Pieces),
		desk.Column("position", say("col_position"), sheet.Pieces), desk.Column("send", say("col_send"), sheet.Pieces), desk.Column("day", say("col_day"), sheet.Day),
	}
	return desk.Export(w, r, "vmi-"+p.Shown.Code, say("title"), columns, func(row func(...any) error) error {
		for _, l := range p.Lines {
			if err := row(l.SKUCode, l.PartNo, ui.Name(ctx, l.SKUName), ui.Name(ctx, l.SiteName), l.Min, l.Max, l.Position, l.Send, l.Planned); err != nil {
				return err
			}
		}
		return nil
	})
}
