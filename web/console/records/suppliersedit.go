package records

import (
	"net/http"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// supplierForm is the drawer in which a supplier is made or changed. A new one has no ID.
type supplierForm struct {
	catalog.SupplierRecord
	Form *desk.Posted
}

// supplierFields are what the form of a supplier asks for.
var supplierFields = []string{"code", "name_zh", "name_en", "city_zh", "city_en", "contact", "phone", "email"}

func (s Suppliers) newForm(w http.ResponseWriter, r *http.Request) error {
	if !route.Partial(r) {
		return route.See(w, r, "/suppliers?open=new")
	}
	return route.Render(w, r, supplierDrawer(supplierForm{SupplierRecord: catalog.SupplierRecord{Supplier: catalog.Supplier{Active: true}}}))
}

func (s Suppliers) editForm(w http.ResponseWriter, r *http.Request) error {
	rec, err := s.find(r)
	if err != nil {
		return err
	}
	if !route.Partial(r) {
		return route.See(w, r, desk.SupplierHref(rec.Code))
	}
	return route.Render(w, r, supplierDrawer(supplierForm{SupplierRecord: rec}))
}

// fill puts what was typed into the supplier.
func supplierOf(f *desk.Posted, s catalog.Supplier) catalog.Supplier {
	s.Name = catalog.Name{ZH: f.Text("name_zh"), EN: f.Text("name_en")}
	s.City = catalog.Name{ZH: f.Text("city_zh"), EN: f.Text("city_en")}
	s.Contact = catalog.Contact{Person: f.Text("contact"), Phone: f.Text("phone"), Email: f.Text("email")}
	s.Active = f.On("active")
	return s
}

var supplierFaults = map[string]string{"name": "name_zh", "banned": "reason"}

func (s Suppliers) add(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	draft := supplierOf(form, catalog.Supplier{Code: form.Text("code")})
	rec, err := s.Catalog.AddSupplier(ctx, draft)
	switch {
	case err == nil:
		route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "suppliers.added", "Name", ui.Name(ctx, rec.Name))})
		return route.See(w, r, desk.SupplierHref(rec.Code))
	case form.Faults(err, supplierFaults):
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, supplierDrawer(supplierForm{SupplierRecord: catalog.SupplierRecord{Supplier: draft}, Form: form}))
	}
	return err
}

func (s Suppliers) edit(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	rec, err := s.find(r)
	if err != nil {
		return err
	}
	if form.Unchanged(supplierOf(form, rec.Supplier), rec.Supplier, rec.UpdatedAt) {
		return route.See(w, r, desk.SupplierHref(rec.Code))
	}
	_, err = s.Catalog.EditSupplier(ctx, form.Version(), supplierOf(form, rec.Supplier))
	switch {
	case err == nil:
		route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "suppliers.saved", "Name", ui.Name(ctx, supplierOf(form, rec.Supplier).Name))})
		return route.See(w, r, desk.SupplierHref(rec.Code))
	case form.Faults(err, supplierFaults):
		// The version stays the one that the form was made from.
		rec.UpdatedAt = form.Version()
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, supplierDrawer(supplierForm{SupplierRecord: rec, Form: form}))
	case desk.IsStale(err):
		if form.Lost, err = s.Raced(ctx, "supplier", desk.Itoa(rec.ID), desk.SupplierHref(rec.Code)); err != nil {
			return err
		}
		return route.RenderStatus(w, r, http.StatusConflict, supplierDrawer(supplierForm{SupplierRecord: rec, Form: form}))
	}
	return err
}

// ban stops orders to the supplier, for a reason.
func (s Suppliers) ban(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	reason := form.Text("reason")
	if reason == "" {
		form.Bad("reason", "suppliers.reason_needed")
	}
	return s.setBan(w, r, form, reason)
}

// unban lets the supplier have orders again.
func (s Suppliers) unban(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	return s.setBan(w, r, form, "")
}

func (s Suppliers) setBan(w http.ResponseWriter, r *http.Request, form *desk.Posted, reason string) error {
	ctx := r.Context()
	rec, err := s.find(r)
	if err != nil {
		return err
	}
	again := func(status int, rec catalog.SupplierRecord) error {
		p, err := s.page(r, rec)
		if err != nil {
			return err
		}
		p.Form = form
		return route.RenderStatus(w, r, status, supplierScreen(p))
	}
	if !form.OK() {
		return again(http.StatusUnprocessableEntity, rec)
	}
	changed := rec.Supplier
	changed.Banned = reason
	_, err = s.Catalog.EditSupplier(ctx, form.Version(), changed)
	switch {
	case form.Faults(err, supplierFaults):
		return again(http.StatusUnprocessableEntity, rec)
	case desk.IsStale(err):
		if form.Lost, err = s.Raced(ctx, "supplier", desk.Itoa(rec.ID), desk.SupplierHref(rec.Code)); err != nil {
			return err
		}
		return again(http.StatusConflict, rec)
	case err != nil:
		return err
	}
	word := "suppliers.banned_note"
	if reason == "" {
		word = "suppliers.unbanned_note"
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, word, "Name", ui.Name(ctx, rec.Name))})
	return route.See(w, r, desk.SupplierHref(rec.Code))
}

// termForm is the drawer of one term. A new one has no SKU yet.
type termForm struct {
	catalog.TermRecord
	New     bool
	Sites   []catalog.SiteRecord
	Log     desk.ChangeLog
	Form    *desk.Posted
	MayEdit bool
}

// newTerm stands for the SKU in the path of a term that is still to be made.
const newTerm = "-"

var termFaults = map[string]string{"price": "breaks"}

func (s Suppliers) termDrawer(r *http.Request) (termForm, error) {
	ctx := r.Context()
	f := termForm{MayEdit: desk.Can(ctx, access.EditSuppliers)}
	rec, err := s.find(r)
	if err != nil {
		return f, err
	}
	if f.Sites, err = s.Catalog.Sites(ctx); err != nil {
		return f, err
	}
	if code := route.Param(r, "sku"); code != newTerm {
		sku, err := s.Catalog.SKUByCode(ctx, code)
		if err != nil {
			return f, err
		}
		for _, t := range sku.Terms {
			if t.Supplier == rec.ID {
				f.TermRecord = t
				f.Log, err = s.History(ctx, "term", rec.Code+"/"+sku.Code)
				return f, err
			}
		}
		return f, route.NotFound()
	}
	f.New = true
	f.Supplier, f.SupplierCode, f.SupplierName, f.MOQ, f.Pack = rec.ID, rec.Code, rec.Name, 1, 1
	return f, nil
}

func (s Suppliers) term(w http.ResponseWriter, r *http.Request) error {
	f, err := s.termDrawer(r)
	if err != nil {
		return err
	}
	if !route.Partial(r) {
		return route.See(w, r, desk.SupplierHref(f.SupplierCode)+"?open="+route.Param(r, "sku"))
	}
	return route.Render(w, r, termPanel(f))
}

// termOf puts what was typed into the term.
func termOf(f *desk.Posted, t catalog.Term, sites []catalog.SiteRecord) catalog.Term {
	t.PartNo, t.MOQ, t.Pack, t.CapacityDay = f.Text("part_no"), f.Pieces("moq"), f.Pieces("pack"), f.Pieces("capacity_day")
	t.LeadMean, t.LeadSD, t.Backup = f.Decimal("lead_days"), f.Decimal("lead_sd_days"), f.On("backup")
	t.ShipsTo = 0
	if code := f.Text("ships_to"); code != "" {
		for _, s := range sites {
			if s.Code == code {
				t.ShipsTo = s.ID
			}
		}
		if t.ShipsTo == 0 {
			f.Bad("ships_to", "fault.unknown", "Value", code)
		}
	}
	t.Breaks = breaksOf(f)
	return t
}

// breaksOf reads the rows of prices; rows that are empty are left out.
func breaksOf(f *desk.Posted) []catalog.PriceBreak {
	from, price := f.Form["break_from"], f.Form["break_price"]
	var out []catalog.PriceBreak
	for i := range from {
		p := ""
		if i < len(price) {
			p = price[i]
		}
		if strings.TrimSpace(from[i]) == "" && strings.TrimSpace(p) == "" {
			continue
		}
		row := desk.Posted{Ctx: f.Ctx, Form: map[string][]string{"from": {from[i]}, "price": {p}}, Errors: map[string]string{}}
		out = append(out, catalog.PriceBreak{From: row.Pieces("from"), Price: row.Yuan("price")})
		for _, word := range row.Errors {
			if f.Errors["breaks"] == "" {
				f.Errors["breaks"] = word
			}
		}
	}
	return out
}

func (s Suppliers) saveTerm(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	f, err := s.termDrawer(r)
	if err != nil {
		return err
	}
	f.Form = form
	again := func(status int) error { return route.RenderStatus(w, r, status, termPanel(f)) }
	t := termOf(form, f.Term, f.Sites)
	if f.New {
		sku, err := s.Catalog.SKUByCode(ctx, form.Text("sku"))
		if err != nil {
			form.Bad("sku", "fault.unknown", "Value", form.Text("sku"))
		}
		t.SKU = sku.ID
	}
	if !form.OK() {
		return again(http.StatusUnprocessableEntity)
	}
	if !f.New && form.Unchanged(t, f.Term, f.UpdatedAt) {
		return route.See(w, r, desk.SupplierHref(f.SupplierCode))
	}
	version := form.Version()
	saved, err := s.Catalog.EditTerm(ctx, version, t)
	switch {
	case err == nil:
		route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "suppliers.term_saved", "SKU", saved.SKUCode)})
		return route.See(w, r, desk.SupplierHref(f.SupplierCode))
	case form.Faults(err, termFaults):
		f.UpdatedAt = version
		return again(http.StatusUnprocessableEntity)
	case desk.IsStale(err) && f.New:
		form.Bad("sku", "suppliers.term_exists", "Value", form.Text("sku"))
		return again(http.StatusConflict)
	case desk.IsStale(err):
		if form.Lost, err = s.Raced(ctx, "term", f.SupplierCode+"/"+f.SKUCode, desk.SupplierHref(f.SupplierCode)+"?open="+f.SKUCode); err != nil {
			return err
		}
		return again(http.StatusConflict)
	}
	return err
}

func (s Suppliers) removeTerm(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	f, err := s.termDrawer(r)
	if err != nil {
		return err
	}
	err = s.Catalog.RemoveTerm(ctx, form.Version(), f.Supplier, f.SKU)
	if desk.IsStale(err) {
		f.Form = &desk.Posted{Ctx: ctx}
		if f.Form.Lost, err = s.Raced(ctx, "term", f.SupplierCode+"/"+f.SKUCode, desk.SupplierHref(f.SupplierCode)+"?open="+f.SKUCode); err != nil {
			return err
		}
		return route.RenderStatus(w, r, http.StatusConflict, termPanel(f))
	}
	if err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "suppliers.term_removed", "SKU", f.SKUCode)})
	return route.See(w, r, desk.SupplierHref(f.SupplierCode))
}
