package console

import (
	"context"
	"errors"
	"net/http"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// productPage is one SKU with its form. A new one has no ID.
type productPage struct {
	catalogops.SKUDetail
	Categories []catalog.CategoryRecord
	Topics     []catalog.TopicRecord // all of them, to choose from
	Log        changeLog
	Form       *posted
	WeightForm *posted
	MayEdit    bool
}

// productFields are what the form of a SKU asks for.
var productFields = []string{"code", "gtin", "name_zh", "name_en", "category", "unit_zh", "unit_en", "temperature", "shelf_life_days", "min_remaining_days",
	"carton_pieces", "weight_grams", "volume_ml", "price", "launched", "retired", "successor"}

var productFaults = map[string]string{"name": "name_zh", "unit": "unit_zh"}

func (s Products) page(ctx context.Context, d catalogops.SKUDetail) (productPage, error) {
	p := productPage{SKUDetail: d, MayEdit: can(ctx, access.EditCatalog)}
	var err error
	if p.Categories, err = s.Catalog.Categories(ctx); err != nil {
		return p, err
	}
	if p.Topics, err = s.Catalog.Topics(ctx); err != nil {
		return p, err
	}
	if d.ID != 0 {
		p.Log, err = s.history(ctx, "sku", itoa(d.ID))
	}
	return p, err
}

func (s Products) find(r *http.Request) (catalogops.SKUDetail, error) {
	d, err := s.Catalog.SKUByCode(r.Context(), route.Param(r, "code"))
	if errors.Is(err, catalog.ErrUnknown) {
		return d, route.NotFound().With("products.to_list", "/products").Because(err)
	}
	return d, err
}

func (s Products) one(w http.ResponseWriter, r *http.Request) error {
	d, err := s.find(r)
	if err != nil {
		return err
	}
	p, err := s.page(r.Context(), d)
	if err != nil {
		return err
	}
	return route.Render(w, r, productScreen(p))
}

func (s Products) newForm(w http.ResponseWriter, r *http.Request) error {
	var d catalogops.SKUDetail
	d.Temperature, d.CartonPieces, d.Unit = catalog.Ambient, 1, catalog.Name{ZH: "件", EN: "pc"}
	p, err := s.page(r.Context(), d)
	if err != nil {
		return err
	}
	return route.Render(w, r, productScreen(p))
}

// product puts what was typed into the SKU; category and successor are named by their codes.
func (f *posted) product(k catalog.SKU) catalog.SKUDraft {
	k.GTIN = f.plain("gtin")
	k.Name = catalog.Name{ZH: f.text("name_zh"), EN: f.text("name_en")}
	k.Unit = catalog.Name{ZH: f.text("unit_zh"), EN: f.text("unit_en")}
	k.Core, k.Temperature = f.on("core"), catalog.Temperature(f.text("temperature"))
	k.ShelfLifeDays, k.MinRemainingDays = f.small("shelf_life_days"), f.small("min_remaining_days")
	k.CartonPieces, k.WeightGrams, k.VolumeML = f.pieces("carton_pieces"), f.small("weight_grams"), f.small("volume_ml")
	k.Price, k.Launched, k.Retired = f.yuan("price"), f.day("launched"), f.day("retired")
	return catalog.SKUDraft{SKU: k, CategoryCode: f.text("category"), SuccessorCode: f.text("successor")}
}

func (s Products) add(w http.ResponseWriter, r *http.Request) error {
	form, err := readPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	draft := form.product(catalog.SKU{Code: form.text("code")})
	if form.ok() {
		rec, err := s.Catalog.AddSKU(ctx, draft)
		if err == nil {
			route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "products.added", "Code", rec.Code)})
			return route.See(w, r, productHref(rec.Code))
		}
		if !form.faults(err, productFaults) {
			return err
		}
	}
	p, err := s.page(ctx, catalogops.SKUDetail{SKURecord: catalog.SKURecord{SKU: draft.SKU}})
	if err != nil {
		return err
	}
	p.ID, p.Form = 0, form
	return route.RenderStatus(w, r, http.StatusUnprocessableEntity, productScreen(p))
}

func (s Products) edit(w http.ResponseWriter, r *http.Request) error {
	form, err := readPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	d, err := s.find(r)
	if err != nil {
		return err
	}
	draft := form.product(d.SKU)
	if err := s.resolve(ctx, form, &draft); err != nil {
		return err
	}
	status := http.StatusUnprocessableEntity
	if form.ok() && form.unchanged(draft.SKU, d.SKU, d.UpdatedAt) {
		return route.See(w, r, productHref(d.Code))
	}
	if form.ok() {
		saved, err := s.Catalog.EditSKU(ctx, form.version(), draft.SKU)
		switch {
		case err == nil:
			route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "products.saved", "Code", saved.Code)})
			return route.See(w, r, productHref(saved.Code))
		case isStale(err):
			status = http.StatusConflict
			if form.Lost, err = s.raced(ctx, "sku", itoa(d.ID), productHref(d.Code)); err != nil {
				return err
			}
		case !form.faults(err, productFaults):
			return err
		}
	}
	if form.Lost == nil {
		d.UpdatedAt = form.version() // still made from the version that the form was shown with
	}
	p, err := s.page(ctx, d)
	if err != nil {
		return err
	}
	p.Form = form
	return route.RenderStatus(w, r, status, productScreen(p))
}

// resolve turns the codes of category and successor into ids.
func (s Products) resolve(ctx context.Context, form *posted, d *catalog.SKUDraft) error {
	categories, err := s.Catalog.Categories(ctx)
	if err != nil {
		return err
	}
	d.Category = 0
	for _, c := range categories {
		if c.Code == d.CategoryCode {
			d.Category = c.ID
		}
	}
	if d.Category == 0 {
		form.bad("category", "fault.missing")
	}
	d.Successor = 0
	if d.SuccessorCode == "" {
		return nil
	}
	next, err := s.Catalog.SKUByCode(ctx, d.SuccessorCode)
	if errors.Is(err, catalog.ErrUnknown) {
		form.bad("successor", "fault.unknown", "Value", d.SuccessorCode)
		return nil
	}
	d.Successor = next.ID
	return err
}

// weigh says how strongly a topic concerns the SKU; nothing or 0 takes it out.
func (s Products) weigh(w http.ResponseWriter, r *http.Request) error {
	form, err := readPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	d, err := s.find(r)
	if err != nil {
		return err
	}
	topic, weight := catalog.TopicID(number(form.text("topic"))), form.decimal("weight")
	if topic == 0 {
		form.bad("topic", "fault.missing")
	}
	if form.ok() {
		err := s.Catalog.SetWeight(ctx, topic, d.ID, weight)
		if err == nil {
			route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "products.weight_saved")})
			return route.See(w, r, productHref(d.Code)+"#topics")
		}
		if !form.faults(err, nil) {
			return err
		}
	}
	p, err := s.page(ctx, d)
	if err != nil {
		return err
	}
	p.WeightForm = form
	return route.RenderStatus(w, r, http.StatusUnprocessableEntity, productScreen(p))
}
