package records

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/sheet"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Network is where goods stand and move: sites and the lanes between them.
type Network struct{ desk.Directory }

// Screens gives the routes of the network.
func (s Network) Screens() route.Screens {
	return route.Screens{Routes: []route.Route{
		route.GET("/network", access.ViewCatalog, s.list),
		{Method: http.MethodGet, Pattern: "/network.xlsx", Permission: access.ViewCatalog, Handler: s.export, Heavy: true},
		route.GET("/network/site/{code}", access.ViewCatalog, s.site),
		route.POST("/network/site/{code}", access.EditCatalog, s.saveSite),
		route.GET("/network/lane/{from}/{to}", access.ViewCatalog, s.lane),
		route.POST("/network/lane/{from}/{to}", access.EditCatalog, s.saveLane),
		route.POST("/network/lane/{from}/{to}/remove", access.EditCatalog, s.removeLane),
	}}
}

// networkPage is what the page shows.
type networkPage struct {
	Sites []catalog.SiteRecord
	Lanes []catalog.LaneRecord
	In    map[catalog.SiteID]int // lanes that end at a site
	Out   map[catalog.SiteID]int // lanes that begin there
}

func (s Network) read(ctx context.Context) (networkPage, error) {
	p := networkPage{In: map[catalog.SiteID]int{}, Out: map[catalog.SiteID]int{}}
	var err error
	if p.Sites, err = s.Catalog.Sites(ctx); err != nil {
		return p, err
	}
	if p.Lanes, err = s.Catalog.Lanes(ctx); err != nil {
		return p, err
	}
	rank := map[catalog.SiteID]int{}
	for i, x := range p.Sites {
		rank[x.ID] = i
	}
	for _, l := range p.Lanes {
		p.In[l.To]++
		p.Out[l.From]++
	}
	slices.SortStableFunc(p.Lanes, func(a, b catalog.LaneRecord) int {
		return cmp.Or(cmp.Compare(rank[a.To], rank[b.To]), cmp.Compare(a.Priority, b.Priority))
	})
	return p, nil
}

func (s Network) list(w http.ResponseWriter, r *http.Request) error {
	p, err := s.read(r.Context())
	if err != nil {
		return err
	}
	return route.Render(w, r, networkScreen(p))
}

func (s Network) export(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.read(ctx)
	if err != nil {
		return err
	}
	say := func(id string) string { return ui.T(ctx, "network."+id) }
	columns := []sheet.Column{
		desk.Column("from", say("from"), sheet.Code), desk.Column("from_name", say("from_name"), sheet.Text), desk.Column("to", say("to"), sheet.Code), desk.Column("to_name", say("to_name"), sheet.Text),
		desk.Column("lead", say("lead_days"), sheet.Number), desk.Column("sd", say("lead_sd_days"), sheet.Number), desk.Column("priority", say("priority"), sheet.Pieces), desk.Column("cost", say("cost"), sheet.Money),
	}
	return desk.Export(w, r, "lanes", say("lanes"), columns, func(row func(...any) error) error {
		for _, l := range p.Lanes {
			if err := row(l.FromCode, ui.Name(ctx, l.FromName), l.ToCode, ui.Name(ctx, l.ToName), l.LeadMean, l.LeadSD, int64(l.Priority), l.CostFen); err != nil {
				return err
			}
		}
		return nil
	})
}

// siteForm is the drawer of one site. A new one has no ID.
type siteForm struct {
	catalog.SiteRecord
	Log     desk.ChangeLog
	Form    *desk.Posted
	MayEdit bool
}

// newSite stands for the code in the path of a site that is still to be made.
const newSite = "-"

var siteFields = []string{"code", "name_zh", "name_en", "city_zh", "city_en", "tier", "lat", "lon", "time_zone"}
var siteFaults = map[string]string{"name": "name_zh", "city": "city_zh"}

func (s Network) findSite(r *http.Request) (siteForm, error) {
	ctx := r.Context()
	f := siteForm{MayEdit: desk.Can(ctx, access.EditCatalog)}
	code := route.Param(r, "code")
	if code == newSite {
		f.Tier, f.TimeZone, f.Active = catalog.Front, "Asia/Shanghai", true
		return f, nil
	}
	sites, err := s.Catalog.Sites(ctx)
	if err != nil {
		return f, err
	}
	i := slices.IndexFunc(sites, func(x catalog.SiteRecord) bool { return x.Code == code })
	if i < 0 {
		return f, route.NotFound().With("network.to_network", "/network")
	}
	f.SiteRecord = sites[i]
	f.Log, err = s.History(ctx, "site", desk.Itoa(f.ID))
	return f, err
}

func (s Network) site(w http.ResponseWriter, r *http.Request) error {
	f, err := s.findSite(r)
	if err != nil {
		return err
	}
	if !route.Partial(r) {
		return route.See(w, r, "/network?open="+siteHref(f.Code))
	}
	return route.Render(w, r, sitePanel(f))
}

func siteOf(f *desk.Posted, s catalog.Site) catalog.Site {
	s.Name = catalog.Name{ZH: f.Text("name_zh"), EN: f.Text("name_en")}
	s.City = catalog.Name{ZH: f.Text("city_zh"), EN: f.Text("city_en")}
	s.Tier, s.TimeZone = catalog.Tier(f.Text("tier")), f.Text("time_zone")
	s.Lat, s.Lon, s.Active = f.Decimal("lat"), f.Decimal("lon"), f.On("active")
	return s
}

func (s Network) saveSite(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	f, err := s.findSite(r)
	if err != nil {
		return err
	}
	f.Form = form
	again := func(status int) error { return route.RenderStatus(w, r, status, sitePanel(f)) }
	draft := siteOf(form, f.Site)
	if f.ID == 0 {
		draft.Code = form.Text("code")
	}
	if !form.OK() {
		return again(http.StatusUnprocessableEntity)
	}
	if f.ID != 0 && form.Unchanged(draft, f.Site, f.UpdatedAt) {
		return route.See(w, r, "/network")
	}
	if f.ID == 0 {
		_, err = s.Catalog.AddSite(ctx, draft)
	} else {
		_, err = s.Catalog.EditSite(ctx, form.Version(), draft)
	}
	switch {
	case err == nil:
		route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "network.site_saved", "Name", ui.Name(ctx, draft.Name))})
		return route.See(w, r, "/network")
	case form.Faults(err, siteFaults):
		f.UpdatedAt = form.Version()
		return again(http.StatusUnprocessableEntity)
	case desk.IsStale(err):
		if form.Lost, err = s.Raced(ctx, "site", desk.Itoa(f.ID), "/network?open="+siteHref(f.Code)); err != nil {
			return err
		}
		return again(http.StatusConflict)
	}
	return err
}

// laneForm is the drawer of one lane. New is true for one that is still to be made.
type laneForm struct {
	catalog.LaneRecord
	New     bool
	Sites   []catalog.SiteRecord
	Form    *desk.Posted
	MayEdit bool
}

func (s Network) findLane(r *http.Request) (laneForm, error) {
	ctx := r.Context()
	f := laneForm{MayEdit: desk.Can(ctx, access.EditCatalog)}
	p, err := s.read(ctx)
	if err != nil {
		return f, err
	}
	f.Sites = p.Sites
	from, to := route.Param(r, "from"), route.Param(r, "to")
	if from == newSite && to == newSite {
		f.New = true
		f.Priority, f.LeadMean = 1, 1
		return f, nil
	}
	i := slices.IndexFunc(p.Lanes, func(l catalog.LaneRecord) bool { return l.FromCode == from && l.ToCode == to })
	if i < 0 {
		return f, route.NotFound().With("network.to_network", "/network")
	}
	f.LaneRecord = p.Lanes[i]
	return f, nil
}

func (s Network) lane(w http.ResponseWriter, r *http.Request) error {
	f, err := s.findLane(r)
	if err != nil {
		return err
	}
	if !route.Partial(r) {
		return route.See(w, r, "/network?open="+laneHref(f.FromCode, f.ToCode))
	}
	return route.Render(w, r, lanePanel(f))
}

var laneFields = []string{"from", "to", "lead_days", "lead_sd_days", "priority", "cost"}

func (s Network) saveLane(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	f, err := s.findLane(r)
	if err != nil {
		return err
	}
	f.Form = form
	again := func(status int) error { return route.RenderStatus(w, r, status, lanePanel(f)) }
	d := catalog.LaneDraft{Lane: f.Lane, FromCode: f.FromCode, ToCode: f.ToCode}
	if f.New {
		d.FromCode, d.ToCode = form.Text("from"), form.Text("to")
	}
	d.LeadMean, d.LeadSD, d.Priority, d.CostFen = form.Decimal("lead_days"), form.Decimal("lead_sd_days"), form.Small("priority"), form.Yuan("cost")
	if !form.OK() {
		return again(http.StatusUnprocessableEntity)
	}
	if !f.New && form.Unchanged(d.Lane, f.Lane, f.UpdatedAt) {
		return route.See(w, r, "/network")
	}
	_, err = s.Catalog.EditLane(ctx, form.Version(), d)
	switch {
	case err == nil:
		route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "network.lane_saved", "From", d.FromCode, "To", d.ToCode)})
		return route.See(w, r, "/network")
	case form.Faults(err, nil):
		f.UpdatedAt = form.Version()
		return again(http.StatusUnprocessableEntity)
	case desk.IsStale(err) && f.New:
		form.Bad("to", "network.lane_exists")
		return again(http.StatusConflict)
	case desk.IsStale(err):
		if form.Lost, err = s.Raced(ctx, "site", desk.Itoa(f.To), "/network?open="+laneHref(f.FromCode, f.ToCode)); err != nil {
			return err
		}
		return again(http.StatusConflict)
	}
	return err
}

func (s Network) removeLane(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	f, err := s.findLane(r)
	if err != nil {
		return err
	}
	err = s.Catalog.RemoveLane(ctx, form.Version(), f.From, f.To)
	if desk.IsStale(err) {
		f.Form = &desk.Posted{Ctx: ctx}
		if f.Form.Lost, err = s.Raced(ctx, "site", desk.Itoa(f.To), "/network?open="+laneHref(f.FromCode, f.ToCode)); err != nil {
			return err
		}
		return route.RenderStatus(w, r, http.StatusConflict, lanePanel(f))
	}
	if err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "network.lane_removed", "From", f.FromCode, "To", f.ToCode)})
	return route.See(w, r, "/network")
}
