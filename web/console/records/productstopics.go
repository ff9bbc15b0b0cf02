package records

import (
	"net/http"
	"slices"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/sheet"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// topicPage is one topic with the SKUs that it concerns. A new one has no ID.
type topicPage struct {
	catalog.TopicRecord
	SKUs []catalog.TopicSKURecord // of this page
	Page int
	Log  desk.ChangeLog
	Form *desk.Posted
	// WeightForm is the form below the table.
	WeightForm *desk.Posted
	MayEdit    bool
}

var topicFaults = map[string]string{"name": "name_zh"}

func (s Products) topics(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Catalog.Topics(r.Context())
	if err != nil {
		return err
	}
	return route.Render(w, r, masterTopics(list))
}

func (s Products) findTopic(r *http.Request) (catalog.TopicRecord, error) {
	list, err := s.Catalog.Topics(r.Context())
	if err != nil {
		return catalog.TopicRecord{}, err
	}
	code := route.Param(r, "code")
	if i := slices.IndexFunc(list, func(t catalog.TopicRecord) bool { return t.Code == code }); i >= 0 {
		return list[i], nil
	}
	return catalog.TopicRecord{}, route.NotFound().With("products.to_topics", "/topics")
}

func (s Products) topicPage(r *http.Request, t catalog.TopicRecord) (topicPage, error) {
	ctx := r.Context()
	p := topicPage{TopicRecord: t, MayEdit: desk.Can(ctx, access.EditCatalog), Page: max(1, int(desk.Number(r.URL.Query().Get("page"))))}
	if t.ID == 0 {
		return p, nil
	}
	all, err := s.Catalog.TopicSKUs(ctx, t.ID)
	if err != nil {
		return p, err
	}
	from := min((p.Page-1)*desk.PageSize, len(all))
	p.SKUs = all[from:min(from+desk.PageSize, len(all))]
	p.TopicRecord.SKUs = len(all)
	p.Log, err = s.History(ctx, "topic", desk.Itoa(t.ID))
	return p, err
}

func (s Products) topic(w http.ResponseWriter, r *http.Request) error {
	t, err := s.findTopic(r)
	if err != nil {
		return err
	}
	p, err := s.topicPage(r, t)
	if err != nil {
		return err
	}
	return route.Render(w, r, masterTopic(p))
}

func (s Products) newTopic(w http.ResponseWriter, r *http.Request) error {
	p, err := s.topicPage(r, catalog.TopicRecord{Topic: catalog.Topic{Kind: catalog.DemandTopic}})
	if err != nil {
		return err
	}
	return route.Render(w, r, masterTopic(p))
}

func topicOf(f *desk.Posted, t catalog.Topic) catalog.Topic {
	t.Name = catalog.Name{ZH: f.Text("name_zh"), EN: f.Text("name_en")}
	t.Kind = catalog.TopicKind(f.Text("kind"))
	return t
}

func (s Products) addTopic(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	draft := topicOf(form, catalog.Topic{Code: form.Text("code")})
	rec, err := s.Catalog.AddTopic(ctx, draft)
	switch {
	case err == nil:
		route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "products.topic_added", "Name", ui.Name(ctx, rec.Name))})
		return route.See(w, r, desk.TopicHref(rec.Code))
	case !form.Faults(err, topicFaults):
		return err
	}
	p, err := s.topicPage(r, catalog.TopicRecord{Topic: draft})
	if err != nil {
		return err
	}
	p.Form = form
	return route.RenderStatus(w, r, http.StatusUnprocessableEntity, masterTopic(p))
}

func (s Products) editTopic(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	t, err := s.findTopic(r)
	if err != nil {
		return err
	}
	if form.Unchanged(topicOf(form, t.Topic), t.Topic, t.UpdatedAt) {
		return route.See(w, r, desk.TopicHref(t.Code))
	}
	status := http.StatusUnprocessableEntity
	_, err = s.Catalog.EditTopic(ctx, form.Version(), topicOf(form, t.Topic))
	switch {
	case err == nil:
		route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "products.topic_saved", "Name", ui.Name(ctx, topicOf(form, t.Topic).Name))})
		return route.See(w, r, desk.TopicHref(t.Code))
	case desk.IsStale(err):
		status = http.StatusConflict
		if form.Lost, err = s.Raced(ctx, "topic", desk.Itoa(t.ID), desk.TopicHref(t.Code)); err != nil {
			return err
		}
	case form.Faults(err, topicFaults):
		t.UpdatedAt = form.Version()
	default:
		return err
	}
	p, err := s.topicPage(r, t)
	if err != nil {
		return err
	}
	p.Form = form
	return route.RenderStatus(w, r, status, masterTopic(p))
}

// weighTopic says how strongly the topic concerns a SKU; nothing or 0 takes it out.
func (s Products) weighTopic(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	t, err := s.findTopic(r)
	if err != nil {
		return err
	}
	weight := form.Decimal("weight")
	sku, err := s.Catalog.SKUByCode(ctx, form.Text("sku"))
	if err != nil {
		form.Bad("sku", "fault.unknown", "Value", form.Text("sku"))
	}
	if form.OK() {
		err := s.Catalog.SetWeight(ctx, t.ID, sku.ID, weight)
		if err == nil {
			route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "products.weight_saved")})
			return route.See(w, r, route.Back(r, desk.TopicHref(t.Code)))
		}
		if !form.Faults(err, nil) {
			return err
		}
	}
	p, err := s.topicPage(r, t)
	if err != nil {
		return err
	}
	p.WeightForm = form
	return route.RenderStatus(w, r, http.StatusUnprocessableEntity, masterTopic(p))
}

// exportTopic gives the weights of a topic as a workbook.
func (s Products) exportTopic(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	t, err := s.findTopic(r)
	if err != nil {
		return err
	}
	all, err := s.Catalog.TopicSKUs(ctx, t.ID)
	if err != nil {
		return err
	}
	columns := []sheet.Column{desk.Column("topic", ui.T(ctx, "products.topic"), sheet.Code), desk.Column("sku", "SKU", sheet.Code),
		desk.Column("name", ui.T(ctx, "products.name"), sheet.Text), desk.Column("weight", ui.T(ctx, "products.weight"), sheet.Number)}
	return desk.Export(w, r, "topic-"+desk.Itoa(t.ID), ui.T(ctx, "products.topic"), columns, func(row func(...any) error) error {
		for _, x := range all {
			if err := row(x.TopicCode, x.SKUCode, ui.Name(ctx, x.SKUName), x.Weight); err != nil {
				return err
			}
		}
		return nil
	})
}
