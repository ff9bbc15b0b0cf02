package workbench

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// warningsPage is the list of alarms.
type warningsPage struct {
	List   []forecasting.AlarmRecord
	Counts []forecasting.AlarmCount
	State  forecasting.AlarmState
	Kind   forecasting.AlarmKind
}

func (p warningsPage) count(k forecasting.AlarmKind) int {
	n := 0
	for _, c := range p.Counts {
		if k == "" || c.Kind == k {
			if p.State == forecasting.AlarmAcked {
				n += c.Acked
			} else {
				n += c.Open
			}
		}
	}
	return n
}

func (s Pages) warnings(w http.ResponseWriter, r *http.Request) error {
	p := warningsPage{State: forecasting.AlarmOpen}
	if r.URL.Query().Get("state") == string(forecasting.AlarmAcked) {
		p.State = forecasting.AlarmAcked
	}
	for _, k := range kinds {
		if r.URL.Query().Get("kind") == string(k) {
			p.Kind = k
		}
	}
	var err error
	if p.List, p.Counts, err = s.Forecasts.Alarms(r.Context(), forecastops.AlarmQuery{State: p.State, Kind: p.Kind, Limit: 200}); err != nil {
		return err
	}
	return route.Render(w, r, warningsScreen(p))
}

func (s Pages) seen(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	a, err := s.Forecasts.AckAlarm(ctx, id, r.FormValue("note"))
	if err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "workbench.noted", "Warning", ui.T(ctx, "workbench.kind_"+string(a.Kind)))})
	return route.See(w, r, route.Back(r, "/demand/warnings"))
}

// changesPage is the list of changes by hand.
type changesPage struct {
	List   []forecasting.OverrideRecord
	Before int64 // for the older ones
	Older  bool
}

const changesLength = 50

func (s Pages) changes(w http.ResponseWriter, r *http.Request) error {
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	list, err := s.Forecasts.Overrides(r.Context(), max(before, 0), changesLength+1)
	if err != nil {
		return err
	}
	p := changesPage{List: list, Older: before > 0}
	if len(list) > changesLength {
		p.List = list[:changesLength]
		p.Before = p.List[changesLength-1].ID
	}
	return route.Render(w, r, changesScreen(p))
}

// changeForm is the form of a change of one SKU.
type changeForm struct {
	SKU   catalogops.SKUDetail
	Sites []catalog.SiteRecord // that the user may see
	Form  *desk.Posted
}

func (s Pages) newForm(r *http.Request) (changeForm, error) {
	ctx := r.Context()
	var f changeForm
	var err error
	if f.SKU, err = s.Catalog.SKUByCode(ctx, r.FormValue("sku")); err != nil {
		return f, err
	}
	all, err := s.Catalog.Sites(ctx)
	if err != nil {
		return f, err
	}
	u := route.User(ctx)
	for _, x := range all {
		if u.MayTouchSite(x.ID) {
			f.Sites = append(f.Sites, x)
		}
	}
	return f, nil
}

func (s Pages) newChange(w http.ResponseWriter, r *http.Request) error {
	if r.FormValue("sku") == "" {
		return route.See(w, r, "/demand/changes")
	}
	f, err := s.newForm(r)
	if err != nil {
		return err
	}
	if route.Partial(r) {
		return route.Render(w, r, changeDrawer(f))
	}
	return route.Render(w, r, changeScreen(f))
}

func (s Pages) makeChange(w http.ResponseWriter, r *http.Request) error {
	posted, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	f, err := s.newForm(r)
	if err != nil {
		return err
	}
	f.Form = posted
	ctx := r.Context()
	o := readChange(ctx, f)
	if posted.OK() {
		_, err := s.Forecasts.MakeOverride(ctx, o)
		switch {
		case err == nil:
			route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "workbench.changed", "Name", ui.Name(ctx, f.SKU.Name), "Change", ChangeWords(ctx, o))})
			return route.See(w, r, "/demand/"+url.PathEscape(f.SKU.Code))
		case errors.Is(err, forecasting.ErrNoRun):
			posted.Bad("value", "workbench.no_run")
		case errors.Is(err, forecasting.ErrOverride):
			posted.Bad("to", "workbench.outside")
		default:
			return err
		}
	}
	if route.Partial(r) {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, changeDrawer(f))
	}
	return route.RenderStatus(w, r, http.StatusUnprocessableEntity, changeScreen(f))
}

// readChange reads the form and notes what is wrong with which field.
func readChange(ctx context.Context, f changeForm) forecasting.Override {
	p := f.Form
	o := forecasting.Override{Key: forecasting.Key{SKU: f.SKU.ID}, Reason: p.Text("reason")}
	if code := p.Text("site"); code != "" {
		for _, x := range f.Sites {
			if x.Code == code {
				o.Site = x.ID
			}
		}
		if o.Site == 0 {
			p.Bad("site", "fault.unknown", "Value", code)
		}
	}
	day := func(field string) calendar.Day {
		d := p.Day(field)
		if d == nil {
			p.Bad(field, "fault.missing")
			return 0
		}
		return *d
	}
	o.From, o.To = day("from"), day("to")
	if o.From != 0 && o.To != 0 && o.To < o.From {
		p.Bad("to", "workbench.back_to_front")
	}
	if o.To != 0 && o.To < ui.Today(ctx) {
		p.Bad("to", "workbench.past")
	}
	if d := p.Day("expiry"); d != nil {
		if o.Expiry = *d; o.Expiry <= o.From {
			p.Bad("expiry", "workbench.early_expiry")
		}
	}
	v := p.Decimal("value")
	switch {
	case p.Text("value") == "":
		p.Bad("value", "fault.missing")
	case p.Text("kind") == "pieces":
		if o.Pieces = v; v < 0 || v > 1e7 {
			p.Bad("value", "fault.range", "Value", p.Text("value"))
		}
	case v <= -100 || v > 100*(forecasting.MaxOverride-1):
		p.Bad("value", "workbench.percent_range")
	default:
		o.Factor = 1 + v/100
	}
	switch n := utf8.RuneCountInString(o.Reason); {
	case n == 0:
		p.Bad("reason", "fault.missing")
	case len(o.Reason) > forecastops.MaxReason:
		p.Bad("reason", "workbench.reason_long")
	}
	return o
}

func (s Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	o, err := s.Forecasts.WithdrawOverride(ctx, id)
	if err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "workbench.withdrawn", "Name", ui.Name(ctx, o.Name))})
	return route.See(w, r, route.Back(r, "/demand/changes"))
}

// cohortsPage is the page of births.
type cohortsPage struct {
	forecastops.CohortPage
	Region  string // shown; "" for all together
	Regions []string
}

func (s Pages) cohorts(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p := cohortsPage{Region: strings.TrimSpace(r.URL.Query().Get("region"))}
	var err error
	if p.CohortPage, err = s.Forecasts.Cohorts(ctx, p.Region); err != nil {
		return err
	}
	p.Regions = regionsOf(p.CohortPage)
	return route.Render(w, r, cohortsScreen(p))
}

func regionsOf(p forecastops.CohortPage) []string {
	var out []string
	for _, c := range p.Cohorts { // sorted by region
		if n := len(out); n == 0 || out[n-1] != c.Region {
			out = append(out, c.Region)
		}
	}
	return out
}

func (s Pages) setRegion(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	all, err := s.Catalog.Sites(ctx)
	if err != nil {
		return err
	}
	site, ok := desk.SiteByCode(all, r.FormValue("site"))
	if !ok || !desk.Can(ctx, access.RunForecast) {
		return route.NotFound()
	}
	if err := s.Forecasts.SetRegion(ctx, site.ID, r.FormValue("region")); err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "workbench.region_set", "Site", ui.Name(ctx, site.Name))})
	return route.See(w, r, "/demand/cohorts")
}

// userSites are the sites that the reader is bound to; none is all of them.
func userSites(ctx context.Context) []catalog.SiteID { return route.User(ctx).Sites }
