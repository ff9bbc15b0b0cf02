package console

import (
	"net/http"
	"slices"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/sheet"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// topicPage is one topic with the SKUs that it concerns. A new one has no ID.
type topicPage struct {
	catalog.TopicRecord
	SKUs []catalog.TopicSKURecord // of this page
	Page int
	Log  changeLog
	Form *posted
	// WeightForm is the form below the table.
	WeightForm *posted
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
	p := topicPage{TopicRecord: t, MayEdit: can(ctx, access.EditCatalog), Page: max(1, int(number(r.URL.Query().Get("page"))))}
	if t.ID == 0 {
		return p, nil
	}
	all, err := s.Catalog.TopicSKUs(ctx, t.ID)
	if err != nil {
		return p, err
	}
	from := min((p.Page-1)*pageSize, len(all))
	p.SKUs = all[from:min(from+pageSize, len(all))]
	p.TopicRecord.SKUs = len(all)
	p.Log, err = s.history(ctx, "topic", itoa(t.ID))
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

func (f *posted) topic(t catalog.Topic) catalog.Topic {
	t.Name = catalog.Name{ZH: f.text("name_zh"), EN: f.text("name_en")}
	t.Kind = catalog.TopicKind(f.text("kind"))
	return t
}

func (s Products) addTopic(w http.ResponseWriter, r *http.Request) error {
	form, err := readPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	draft := form.topic(catalog.Topic{Code: form.text("code")})
	rec, err := s.Catalog.AddTopic(ctx, draft)
	switch {
	case err == nil:
		route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "products.topic_added", "Name", ui.Name(ctx, rec.Name))})
		return route.See(w, r, topicHref(rec.Code))
	case !form.faults(err, topicFaults):
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
	form, err := readPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	t, err := s.findTopic(r)
	if err != nil {
		return err
	}
	if form.unchanged(form.topic(t.Topic), t.Topic, t.UpdatedAt) {
		return route.See(w, r, topicHref(t.Code))
	}
	status := http.StatusUnprocessableEntity
	_, err = s.Catalog.EditTopic(ctx, form.version(), form.topic(t.Topic))
	switch {
	case err == nil:
		route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "products.topic_saved", "Name", ui.Name(ctx, form.topic(t.Topic).Name))})
		return route.See(w, r, topicHref(t.Code))
	case isStale(err):
		status = http.StatusConflict
		if form.Lost, err = s.raced(ctx, "topic", itoa(t.ID), topicHref(t.Code)); err != nil {
			return err
		}
	case form.faults(err, topicFaults):
		t.UpdatedAt = form.version()
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
	form, err := readPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	t, err := s.findTopic(r)
	if err != nil {
		return err
	}
	weight := form.decimal("weight")
	sku, err := s.Catalog.SKUByCode(ctx, form.text("sku"))
	if err != nil {
		form.bad("sku", "fault.unknown", "Value", form.text("sku"))
	}
	if form.ok() {
		err := s.Catalog.SetWeight(ctx, t.ID, sku.ID, weight)
		if err == nil {
			route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "products.weight_saved")})
			return route.See(w, r, route.Back(r, topicHref(t.Code)))
		}
		if !form.faults(err, nil) {
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
	columns := []sheet.Column{column("topic", ui.T(ctx, "products.topic"), sheet.Code), column("sku", "SKU", sheet.Code),
		column("name", ui.T(ctx, "products.name"), sheet.Text), column("weight", ui.T(ctx, "products.weight"), sheet.Number)}
	return export(w, r, "topic-"+itoa(t.ID), ui.T(ctx, "products.topic"), columns, func(row func(...any) error) error {
		for _, x := range all {
			if err := row(x.TopicCode, x.SKUCode, ui.Name(ctx, x.SKUName), x.Weight); err != nil {
				return err
			}
		}
		return nil
	})
}
