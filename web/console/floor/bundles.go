package floor

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// bundles are the routes of SKUs that are sold and never stocked.
func (s Pages) bundles() []route.Route {
	return []route.Route{
		route.GET("/warehouse/bundles", access.ViewCatalog, s.bundleList),
		route.GET("/warehouse/bundles/new", access.EditCatalog, s.newBundle),
		route.GET("/warehouse/bundles/edit", access.ViewCatalog, s.bundle),
		route.POST("/warehouse/bundles/edit", access.EditCatalog, s.saveBundle),
	}
}

// spareRows is how many empty rows a bundle's form offers.
const spareRows = 3

type bundlesPage struct {
	warehouse.BundlePage
	Find  string
	Place desk.Trail
}

func (p bundlesPage) pager(ctx context.Context) ui.Pager {
	return p.Place.Pager(ctx, desk.PageSize, len(p.Bundles), int64(p.Total), p.Next)
}

// bundleRow is a component as the form has it: as typed, with what is wrong.
type bundleRow struct {
	Code, Pieces, Share string
	Name                string
	Free                quantity.Pieces
	Gets                int // ten-thousandths of the price, as orders divide it; -1 for a new row
	Error               string
}

// bundlePage is one bundle with its form.
type bundlePage struct {
	warehouse.Bundle
	New   bool
	Code  string
	Rows  []bundleRow
	Error string
}

func bundleHref(code string) string { return "/warehouse/bundles/edit?code=" + url.QueryEscape(code) }

func (s Pages) bundleList(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	p := bundlesPage{Find: strings.TrimSpace(v.Get("q")), Place: desk.ReadTrail(v.Get("after"))}
	var err error
	if p.BundlePage, err = s.Ops.Bundles(r.Context(), p.Find, p.Place.Here(), desk.PageSize); err != nil {
		return err
	}
	return route.Render(w, r, bundlesScreen(p))
}

func (s Pages) newBundle(w http.ResponseWriter, r *http.Request) error {
	return drawn(w, r, "/warehouse/bundles", "bundles", bundleDrawer(bundlePage{New: true}.spare()))
}

func (s Pages) bundle(w http.ResponseWriter, r *http.Request) error {
	code := r.URL.Query().Get("code")
	if code == "" {
		return route.See(w, r, "/warehouse/bundles")
	}
	b, err := s.Ops.Bundle(r.Context(), code)
	if err != nil {
		return err
	}
	return drawn(w, r, "/warehouse/bundles", "bundles", bundleDrawer(bundleForm(r.Context(), b)))
}

// bundleForm fills the form from what is stored.
func bundleForm(ctx context.Context, b warehouse.Bundle) bundlePage {
	p := bundlePage{Bundle: b, Code: b.Code}
	shares := b.Shares()
	for i, c := range b.Components {
		row := bundleRow{Code: c.Code, Pieces: strconv.FormatInt(int64(c.Pieces), 10), Name: ui.Name(ctx, c.Name), Free: c.Free, Gets: shares[i]}
		if c.ShareBP > 0 {
			row.Share = strconv.FormatFloat(float64(c.ShareBP)/100, 'f', -1, 64)
		}
		p.Rows = append(p.Rows, row)
	}
	return p.spare()
}

func (p bundlePage) spare() bundlePage {
	for range spareRows {
		p.Rows = append(p.Rows, bundleRow{Gets: -1})
	}
	return p
}

func (s Pages) saveBundle(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	code := strings.ToUpper(f.Text("code"))
	p := bundlePage{New: f.On("new"), Code: code}
	if b, err := s.Ops.Bundle(ctx, code); err == nil {
		p.Bundle = b
	}
	d := warehouse.BundleDraft{Code: code}
	bad := code == ""
	if bad {
		p.Error = ui.T(ctx, "bundle.code_missing")
	}
	for i, part := range f.Form["part"] {
		row := readBundleRow(ctx, f, i, part)
		if row.Code == "" && row.Pieces == "" && row.Share == "" {
			continue
		}
		draft, ok := row.draft(ctx)
		bad = bad || !ok
		p.Rows, d.Parts = append(p.Rows, row.Row()), append(d.Parts, draft)
	}
	if f.On("dissolve") {
		d.Parts, bad = nil, false
	} else if !bad && len(d.Parts) == 0 {
		bad, p.Error = true, ui.T(ctx, "bundle.no_parts")
	}
	if bad {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, bundleDrawer(p.spare()))
	}
	_, err = s.Ops.SetBundle(ctx, f.Form.Get("seen"), d)
	var fault *warehouse.BundleFault
	if errors.As(err, &fault) {
		p.say(ctx, fault)
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, bundleDrawer(p.spare()))
	}
	if err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "bundle.saved", "Code", code, ui.Count, len(d.Parts))})
	return route.See(w, r, "/warehouse/bundles?q="+url.QueryEscape(code))
}

// typedRow is a row while it is read.
type typedRow struct{ bundleRow }

// Row gives the row as the form shows it.
func (t *typedRow) Row() bundleRow { return t.bundleRow }

func readBundleRow(_ context.Context, f *desk.Posted, i int, part string) *typedRow {
	at := func(name string) string {
		if all := f.Form[name]; i < len(all) {
			return strings.TrimSpace(all[i])
		}
		return ""
	}
	return &typedRow{bundleRow{Code: strings.ToUpper(strings.TrimSpace(part)), Pieces: at("pieces"), Share: strings.TrimSuffix(at("share"), "%"), Gets: -1}}
}

func (t *typedRow) draft(ctx context.Context) (warehouse.BundlePart, bool) {
	d := warehouse.BundlePart{Code: t.Code}
	n, ok := route.Pieces(t.Pieces)
	switch {
	case t.Code == "":
		t.Error = ui.T(ctx, "bundle.part_missing")
	case !ok:
		t.Error = ui.T(ctx, "floor.whole_number")
	}
	d.Pieces = n
	if t.Share != "" {
		share, err := strconv.ParseFloat(t.Share, 64)
		if err != nil || !(share >= 0 && share <= 100) {
			t.Error = ui.T(ctx, "bundle.fault_share", "Component", t.Code)
		} else {
			d.ShareBP = int(share*100 + 0.5)
		}
	}
	return d, t.Error == ""
}

// say puts a refusal where it belongs: on the row of its component, or over the form.
func (p *bundlePage) say(ctx context.Context, fault *warehouse.BundleFault) {
	subject := fault.Component
	if subject == "" {
		subject = fault.Bundle
	}
	text := ui.T(ctx, "bundle.fault_"+string(fault.Problem), "Bundle", fault.Bundle, "Component", subject, "Value", fault.Value, "Percent", ui.Percent(float64(fault.Value)/10_000, 2))
	for i := range p.Rows {
		if fault.Component != "" && p.Rows[i].Code == fault.Component && p.Rows[i].Error == "" {
			p.Rows[i].Error = text
			return
		}
	}
	p.Error = text
}

// partsInWords lists the components of a bundle: "MILK × 2, BIB × 1".
func partsInWords(ctx context.Context, b warehouse.Bundle) string {
	parts := make([]string, len(b.Components))
	for i, c := range b.Components {
		parts[i] = ui.Name(ctx, c.Name) + " × " + ui.Pieces(c.Pieces)
	}
	return desk.Dots(parts...)
}

func bundleTitle(ctx context.Context, p bundlePage) string {
	if p.New || p.SKU == 0 {
		return ui.T(ctx, "bundle.new")
	}
	return ui.Name(ctx, p.Name)
}
