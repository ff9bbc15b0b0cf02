package console

import (
	"net/http"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// supplierForm is the drawer in which a supplier is made or changed. A new one has no ID.
type supplierForm struct {
	catalog.SupplierRecord
	Form *posted
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
		return route.See(w, r, supplierHref(rec.Code))
	}
	return route.Render(w, r, supplierDrawer(supplierForm{SupplierRecord: rec}))
}

// fill puts what was typed into the supplier.
func (f *posted) supplier(s catalog.Supplier) catalog.Supplier {
	s.Name = catalog.Name{ZH: f.text("name_zh"), EN: f.text("name_en")}
	s.City = catalog.Name{ZH: f.text("city_zh"), EN: f.text("city_en")}
	s.Contact = catalog.Contact{Person: f.text("contact"), Phone: f.text("phone"), Email: f.text("email")}
	s.Active = f.on("active")
	return s
}

var supplierFaults = map[string]string{"name": "name_zh", "banned": "reason"}

func (s Suppliers) add(w http.ResponseWriter, r *http.Request) error {
	form, err := readPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	draft := form.supplier(catalog.Supplier{Code: form.text("code")})
	rec, err := s.Catalog.AddSupplier(ctx, draft)
	switch {
	case err == nil:
		route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "suppliers.added", "Name", ui.Name(ctx, rec.Name))})
		return route.See(w, r, supplierHref(rec.Code))
	case form.faults(err, supplierFaults):
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, supplierDrawer(supplierForm{SupplierRecord: catalog.SupplierRecord{Supplier: draft}, Form: form}))
	}
	return err
}

func (s Suppliers) edit(w http.ResponseWriter, r *http.Request) error {
	form, err := readPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	rec, err := s.find(r)
	if err != nil {
		return err
	}
	if form.unchanged(form.supplier(rec.Supplier), rec.Supplier, rec.UpdatedAt) {
		return route.See(w, r, supplierHref(rec.Code))
	}
	_, err = s.Catalog.EditSupplier(ctx, form.version(), form.supplier(rec.Supplier))
	switch {
	case err == nil:
		route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "suppliers.saved", "Name", ui.Name(ctx, form.supplier(rec.Supplier).Name))})
		return route.See(w, r, supplierHref(rec.Code))
	case form.faults(err, supplierFaults):
		// The version stays the one that the form was made from.
		rec.UpdatedAt = form.version()
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, supplierDrawer(supplierForm{SupplierRecord: rec, Form: form}))
	case isStale(err):
		if form.Lost, err = s.raced(ctx, "supplier", itoa(rec.ID), supplierHref(rec.Code)); err != nil {
			return err
		}
		return route.RenderStatus(w, r, http.StatusConflict, supplierDrawer(supplierForm{SupplierRecord: rec, Form: form}))
	}
	return err
}

// ban stops orders to the supplier, for a reason.
func (s Suppliers) ban(w http.ResponseWriter, r *http.Request) error {
	form, err := readPosted(r)
	if err != nil {
		return err
	}
	reason := form.text("reason")
	if reason == "" {
		form.bad("reason", "suppliers.reason_needed")
	}
	return s.setBan(w, r, form, reason)
}

// unban lets the supplier have orders again.
func (s Suppliers) unban(w http.ResponseWriter, r *http.Request) error {
	form, err := readPosted(r)
	if err != nil {
		return err
	}
	return s.setBan(w, r, form, "")
}

func (s Suppliers) setBan(w http.ResponseWriter, r *http.Request, form *posted, reason string) error {
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
	if !form.ok() {
		return again(http.StatusUnprocessableEntity, rec)
	}
	changed := rec.Supplier
	changed.Banned = reason
	_, err = s.Catalog.EditSupplier(ctx, form.version(), changed)
	switch {
	case form.faults(err, supplierFaults):
		return again(http.StatusUnprocessableEntity, rec)
	case isStale(err):
		if form.Lost, err = s.raced(ctx, "supplier", itoa(rec.ID), supplierHref(rec.Code)); err != nil {
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
	return route.See(w, r, supplierHref(rec.Code))
}

// termForm is the drawer of one term. A new one has no SKU yet.
type termForm struct {
	catalog.TermRecord
	New     bool
	Sites   []catalog.SiteRecord
	Log     changeLog
	Form    *posted
	MayEdit bool
}

// newTerm stands for the SKU in the path of a term that is still to be made.
const newTerm = "-"

var termFaults = map[string]string{"price": "breaks"}

func (s Suppliers) termDrawer(r *http.Request) (termForm, error) {
	ctx := r.Context()
	f := termForm{MayEdit: can(ctx, access.EditSuppliers)}
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
				f.Log, err = s.history(ctx, "term", rec.Code+"/"+sku.Code)
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
		return route.See(w, r, supplierHref(f.SupplierCode)+"?open="+route.Param(r, "sku"))
	}
	return route.Render(w, r, termPanel(f))
}

// term puts what was typed into the term.
func (f *posted) term(t catalog.Term, sites []catalog.SiteRecord) catalog.Term {
	t.PartNo, t.MOQ, t.Pack, t.CapacityDay = f.text("part_no"), f.pieces("moq"), f.pieces("pack"), f.pieces("capacity_day")
	t.LeadMean, t.LeadSD, t.Backup = f.decimal("lead_days"), f.decimal("lead_sd_days"), f.on("backup")
	t.ShipsTo = 0
	if code := f.text("ships_to"); code != "" {
		for _, s := range sites {
			if s.Code == code {
				t.ShipsTo = s.ID
			}
		}
		if t.ShipsTo == 0 {
			f.bad("ships_to", "fault.unknown", "Value", code)
		}
	}
	t.Breaks = f.breaks()
	return t
}

// breaks reads the rows of prices; rows that are empty are left out.
func (f *posted) breaks() []catalog.PriceBreak {
	from, price := f.form["break_from"], f.form["break_price"]
	var out []catalog.PriceBreak
	for i := range from {
		p := ""
		if i < len(price) {
			p = price[i]
		}
		if strings.TrimSpace(from[i]) == "" && strings.TrimSpace(p) == "" {
			continue
		}
		row := posted{ctx: f.ctx, form: map[string][]string{"from": {from[i]}, "price": {p}}, Errors: map[string]string{}}
		out = append(out, catalog.PriceBreak{From: row.pieces("from"), Price: row.yuan("price")})
		for _, word := range row.Errors {
			if f.Errors["breaks"] == "" {
				f.Errors["breaks"] = word
			}
		}
	}
	return out
}

func (s Suppliers) saveTerm(w http.ResponseWriter, r *http.Request) error {
	form, err := readPosted(r)
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
	t := form.term(f.Term, f.Sites)
	if f.New {
		sku, err := s.Catalog.SKUByCode(ctx, form.text("sku"))
		if err != nil {
			form.bad("sku", "fault.unknown", "Value", form.text("sku"))
		}
		t.SKU = sku.ID
	}
	if !form.ok() {
		return again(http.StatusUnprocessableEntity)
	}
	if !f.New && form.unchanged(t, f.Term, f.UpdatedAt) {
		return route.See(w, r, supplierHref(f.SupplierCode))
	}
	version := form.version()
	saved, err := s.Catalog.EditTerm(ctx, version, t)
	switch {
	case err == nil:
		route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "suppliers.term_saved", "SKU", saved.SKUCode)})
		return route.See(w, r, supplierHref(f.SupplierCode))
	case form.faults(err, termFaults):
		f.UpdatedAt = version
		return again(http.StatusUnprocessableEntity)
	case isStale(err) && f.New:
		form.bad("sku", "suppliers.term_exists", "Value", form.text("sku"))
		return again(http.StatusConflict)
	case isStale(err):
		if form.Lost, err = s.raced(ctx, "term", f.SupplierCode+"/"+f.SKUCode, supplierHref(f.SupplierCode)+"?open="+f.SKUCode); err != nil {
			return err
		}
		return again(http.StatusConflict)
	}
	return err
}

func (s Suppliers) removeTerm(w http.ResponseWriter, r *http.Request) error {
	form, err := readPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	f, err := s.termDrawer(r)
	if err != nil {
		return err
	}
	err = s.Catalog.RemoveTerm(ctx, form.version(), f.Supplier, f.SKU)
	if isStale(err) {
		f.Form = &posted{ctx: ctx}
		if f.Form.Lost, err = s.raced(ctx, "term", f.SupplierCode+"/"+f.SKUCode, supplierHref(f.SupplierCode)+"?open="+f.SKUCode); err != nil {
			return err
		}
		return route.RenderStatus(w, r, http.StatusConflict, termPanel(f))
	}
	if err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "suppliers.term_removed", "SKU", f.SKUCode)})
	return route.See(w, r, supplierHref(f.SupplierCode))
}
