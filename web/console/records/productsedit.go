package records

import (
	"context"
	"errors"
	"net/http"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// productPage is one SKU with its form. A new one has no ID.
type productPage struct {
	catalogops.SKUDetail
	Categories []catalog.CategoryRecord
	Topics     []catalog.TopicRecord // all of them, to choose from
	Log        desk.ChangeLog
	Form       *desk.Posted
	WeightForm *desk.Posted
	MayEdit    bool
}

// productFields are what the form of a SKU asks for.
var productFields = []string{"code", "gtin", "name_zh", "name_en", "category", "unit_zh", "unit_en", "temperature", "shelf_life_days", "min_remaining_days",
	"carton_pieces", "weight_grams", "volume_ml", "price", "launched", "retired", "successor"}

var productFaults = map[string]string{"name": "name_zh", "unit": "unit_zh"}

func (s Products) page(ctx context.Context, d catalogops.SKUDetail) (productPage, error) {
	p := productPage{SKUDetail: d, MayEdit: desk.Can(ctx, access.EditCatalog)}
	var err error
	if p.Categories, err = s.Catalog.Categories(ctx); err != nil {
		return p, err
	}
	if p.Topics, err = s.Catalog.Topics(ctx); err != nil {
		return p, err
	}
	if d.ID != 0 {
		p.Log, err = s.History(ctx, "sku", desk.Itoa(d.ID))
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

// productOf puts what was typed into the SKU; category and successor are named by their codes.
func productOf(f *desk.Posted, k catalog.SKU) catalog.SKUDraft {
	k.GTIN = f.Plain("gtin")
	k.Name = catalog.Name{ZH: f.Text("name_zh"), EN: f.Text("name_en")}
	k.Unit = catalog.Name{ZH: f.Text("unit_zh"), EN: f.Text("unit_en")}
	k.Core, k.Temperature = f.On("core"), catalog.Temperature(f.Text("temperature"))
	k.ShelfLifeDays, k.MinRemainingDays = f.Small("shelf_life_days"), f.Small("min_remaining_days")
	k.CartonPieces, k.WeightGrams, k.VolumeML = f.Pieces("carton_pieces"), f.Small("weight_grams"), f.Small("volume_ml")
	k.Price, k.Launched, k.Retired = f.Yuan("price"), f.Day("launched"), f.Day("retired")
	return catalog.SKUDraft{SKU: k, CategoryCode: f.Text("category"), SuccessorCode: f.Text("successor")}
}

func (s Products) add(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	draft := productOf(form, catalog.SKU{Code: form.Text("code")})
	if form.OK() {
		rec, err := s.Catalog.AddSKU(ctx, draft)
		if err == nil {
			route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "products.added", "Code", rec.Code)})
			return route.See(w, r, desk.ProductHref(rec.Code))
		}
		if !form.Faults(err, productFaults) {
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
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	d, err := s.find(r)
	if err != nil {
		return err
	}
	draft := productOf(form, d.SKU)
	if err := s.resolve(ctx, form, &draft); err != nil {
		return err
	}
	status := http.StatusUnprocessableEntity
	if form.OK() && form.Unchanged(draft.SKU, d.SKU, d.UpdatedAt) {
		return route.See(w, r, desk.ProductHref(d.Code))
	}
	if form.OK() {
		saved, err := s.Catalog.EditSKU(ctx, form.Version(), draft.SKU)
		switch {
		case err == nil:
			route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "products.saved", "Code", saved.Code)})
			return route.See(w, r, desk.ProductHref(saved.Code))
		case desk.IsStale(err):
			status = http.StatusConflict
			if form.Lost, err = s.Raced(ctx, "sku", desk.Itoa(d.ID), desk.ProductHref(d.Code)); err != nil {
				return err
			}
		case !form.Faults(err, productFaults):
			return err
		}
	}
	if form.Lost == nil {
		d.UpdatedAt = form.Version() // still made from the version that the form was shown with
	}
	p, err := s.page(ctx, d)
	if err != nil {
		return err
	}
	p.Form = form
	return route.RenderStatus(w, r, status, productScreen(p))
}

// resolve turns the codes of category and successor into ids.
func (s Products) resolve(ctx context.Context, form *desk.Posted, d *catalog.SKUDraft) error {
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
		form.Bad("category", "fault.missing")
	}
	d.Successor = 0
	if d.SuccessorCode == "" {
		return nil
	}
	next, err := s.Catalog.SKUByCode(ctx, d.SuccessorCode)
	if errors.Is(err, catalog.ErrUnknown) {
		form.Bad("successor", "fault.unknown", "Value", d.SuccessorCode)
		return nil
	}
	d.Successor = next.ID
	return err
}

// weigh says how strongly a topic concerns the SKU; nothing or 0 takes it out.
func (s Products) weigh(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	d, err := s.find(r)
	if err != nil {
		return err
	}
	topic, weight := catalog.TopicID(desk.Number(form.Text("topic"))), form.Decimal("weight")
	if topic == 0 {
		form.Bad("topic", "fault.missing")
	}
	if form.OK() {
		err := s.Catalog.SetWeight(ctx, topic, d.ID, weight)
		if err == nil {
			route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "products.weight_saved")})
			return route.See(w, r, desk.ProductHref(d.Code)+"#topics")
		}
		if !form.Faults(err, nil) {
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
