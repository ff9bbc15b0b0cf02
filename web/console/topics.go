package console

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Topics are what people talk about: how hot each is, what its heat does to sales, and the alerts about complaints.
type Topics struct {
	Forecasts *forecastops.Ops
	Plan      *replenishops.Ops
	Catalog   *catalogops.Ops
}

// Screens gives the routes of the topics.
func (s Topics) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/demand/topics", access.ViewDemand, s.list),
			route.GET("/demand/topics/{code}", access.ViewDemand, s.show),
			route.POST("/demand/topics/{code}/seen", access.ViewDemand, s.seen),
		},
	}
}

// topicsPage is the list of topics.
type topicsPage struct {
	Topics []forecasting.TopicStanding
	Alerts []forecasting.SpikeRecord // open spikes of complaints
	Stock  map[catalog.TopicID]replenishops.TopicStock
	// Effects are those of the run in force.
	Effects map[catalog.TopicID]forecasting.TopicEffect
	Spikes  map[catalog.TopicID]forecasting.SpikeRecord
	Kind    catalog.TopicKind
	Counts  map[catalog.TopicKind]int
	Sort    string
}

func (s Topics) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	all, err := s.Forecasts.Topics(ctx)
	if err != nil {
		return err
	}
	p := topicsPage{Kind: catalog.DemandTopic, Counts: map[catalog.TopicKind]int{}, Spikes: map[catalog.TopicID]forecasting.SpikeRecord{}}
	if r.URL.Query().Get("kind") == string(catalog.ComplaintTopic) {
		p.Kind = catalog.ComplaintTopic
	}
	spikes, err := s.Forecasts.Spikes(ctx)
	if err != nil {
		return err
	}
	for _, x := range spikes {
		p.Spikes[x.Topic.ID] = x
		if x.Topic.Kind == catalog.ComplaintTopic {
			p.Alerts = append(p.Alerts, x)
		}
	}
	if p.Effects, err = s.Forecasts.Effects(ctx); err != nil {
		return err
	}
	for _, t := range all {
		p.Counts[t.Kind]++
		if t.Kind == p.Kind {
			p.Topics = append(p.Topics, t)
		}
	}
	by, down := ui.Sorted(r.URL.Query(), "-ratio", "ratio", "value", "effect", "skus", "name")
	sortTopics(ctx, p.Topics, by, down)
	p.Sort = by
	if down {
		p.Sort = "-" + by
	}
	if desk.Can(ctx, access.ViewStock) {
		ids := make([]catalog.TopicID, len(p.Topics))
		for i, t := range p.Topics {
			ids[i] = t.ID
		}
		if p.Stock, err = s.Plan.TopicStocks(ctx, ids...); err != nil {
			return err
		}
	}
	if route.Partial(r) && r.Header.Get("HX-Target") == "topics-list" {
		return route.Render(w, r, topicsList(p))
	}
	return route.Render(w, r, topicsScreen(p))
}

func sortTopics(ctx context.Context, list []forecasting.TopicStanding, by string, down bool) {
	key := func(t forecasting.TopicStanding) float64 {
		switch by {
		case "value":
			return t.Value
		case "effect":
			if !t.Proven {
				return 0
			}
			return t.SalesEffect
		case "skus":
			return float64(t.SKUs)
		}
		return t.Ratio
	}
	slices.SortStableFunc(list, func(a, b forecasting.TopicStanding) int {
		if by == "name" {
			if down {
				a, b = b, a
			}
			return strings.Compare(ui.Name(ctx, a.Name), ui.Name(ctx, b.Name))
		}
		x, y := key(a), key(b)
		if down {
			x, y = y, x
		}
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
}

// find gives the id of a topic by its code: catalog.ErrUnknown's page when it has no heat.
func (s Topics) find(ctx context.Context, code string) (catalog.TopicID, error) {
	all, err := s.Forecasts.Topics(ctx)
	if err != nil {
		return 0, err
	}
	for _, t := range all {
		if t.Code == code {
			return t.ID, nil
		}
	}
	return 0, route.NotFound()
}

// topicScreenData is the page of one topic.
type topicScreenData struct {
	forecastops.TopicPage
	Weights []catalog.TopicSKURecord
	Briefs  map[catalog.SKUID]replenishops.Brief
	Adds    map[catalog.SKUID]float64 // what the open spike adds to each SKU, pieces
	Remark  string                    // typed and refused
	Error   string
}

// weightsShown bounds the table of a topic's SKUs; the demand list shows all of them.
const weightsShown = 40

func (s Topics) read(ctx context.Context, id catalog.TopicID) (topicScreenData, error) {
	d := topicScreenData{Adds: map[catalog.SKUID]float64{}}
	var err error
	if d.TopicPage, err = s.Forecasts.Topic(ctx, id); err != nil {
		return d, err
	}
	if d.Weights, err = s.Catalog.TopicSKUs(ctx, id); err != nil {
		return d, err
	}
	if d.Open != nil {
		for _, x := range d.Open.SKUs {
			d.Adds[x.SKU] = x.Pieces
		}
		slices.SortStableFunc(d.Weights, func(a, b catalog.TopicSKURecord) int {
			switch x, y := d.Adds[a.SKU], d.Adds[b.SKU]; {
			case x > y:
				return -1
			case x < y:
				return 1
			}
			return 0
		})
	}
	if desk.Can(ctx, access.ViewStock) {
		var ids []catalog.SKUID
		for _, x := range d.Weights[:min(len(d.Weights), weightsShown)] {
			ids = append(ids, x.SKU)
		}
		if d.Briefs, err = s.Plan.Briefs(ctx, 0, ids...); err != nil {
			return d, err
		}
	}
	return d, nil
}

func (s Topics) show(w http.ResponseWriter, r *http.Request) error {
	id, err := s.find(r.Context(), route.Param(r, "code"))
	if err != nil {
		return err
	}
	d, err := s.read(r.Context(), id)
	if err != nil {
		return err
	}
	return route.Render(w, r, topicScreen(d))
}

// longestRemark bounds what is noted beside an alert, in characters.
const longestRemark = 500

// seen notes that the reader has seen the topic's open spike.
func (s Topics) seen(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), route.Param(r, "code")
	id, err := s.find(ctx, code)
	if err != nil {
		return err
	}
	d, err := s.read(ctx, id)
	if err != nil {
		return err
	}
	if d.Open == nil {
		return route.Conflict("topics.over").With("topics.over_next", "/demand/topics/"+code)
	}
	remark := strings.TrimSpace(r.FormValue("remark"))
	if utf8.RuneCountInString(remark) > longestRemark {
		d.Remark, d.Error = remark, ui.T(ctx, "topics.remark_long", ui.Count, longestRemark)
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, topicScreen(d))
	}
	if _, err := s.Forecasts.TakeNote(ctx, d.Open.ID, remark); err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "topics.noted", "Topic", ui.Name(ctx, d.Name))})
	return route.See(w, r, route.Back(r, "/demand/topics/"+code))
}
