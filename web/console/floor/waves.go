package floor

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// wavesPage lists the waves of a site, or of all.
type wavesPage struct {
	floorSite
	Waves []warehouse.Wave
	All   bool
	Now   time.Time
}

func (s Pages) waves(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.shown(r, "/warehouse/waves", true)
	if err != nil {
		return err
	}
	p := wavesPage{floorSite: f, Now: s.Clock(), All: r.URL.Query().Get("all") != ""}
	if p.Waves, err = s.Ops.Waves(ctx, p.ids(), p.All, 200); err != nil {
		return err
	}
	return route.Render(w, r, wavesScreen(p))
}

// proposeWaves puts what is ready into waves now.
func (s Pages) proposeWaves(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := r.ParseForm(); err != nil {
		return route.Invalid("floor.refused.form").Because(err)
	}
	f, err := s.shown(r, "/warehouse/waves", true)
	if err != nil {
		return err
	}
	if x, ok := desk.SiteByCode(f.Sites, r.FormValue("site")); ok {
		f.Site = x
	}
	ids, err := s.Ops.ProposeWaves(ctx, f.Site.ID)
	if err != nil {
		return err
	}
	word := "floor.waves_made"
	if len(ids) == 0 {
		word = "floor.waves_none_ready"
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, word, ui.Count, len(ids))})
	return route.See(w, r, "/warehouse/waves?site="+f.Site.Code)
}

// wavePage is one wave.
type wavePage struct {
	Wave      warehouse.Wave
	Tasks     []warehouseops.WaveTask
	Shipments []warehouseops.WaveShipment
	Now       time.Time
}

func (s Pages) wave(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	p := wavePage{Now: s.Clock()}
	if p.Wave, p.Tasks, p.Shipments, err = s.Ops.Wave(r.Context(), id); err != nil {
		return err
	}
	return drawn(w, r, "/warehouse/waves", "waves", waveDrawer(p))
}

func (s Pages) releaseWave(w http.ResponseWriter, r *http.Request) error {
	return s.onWave(w, r, s.Ops.ReleaseWave)
}

func (s Pages) cancelWave(w http.ResponseWriter, r *http.Request) error {
	return s.onWave(w, r, s.Ops.CancelWave)
}

// ruleFieldsOfWaves are the numbers of a wave rule by the form.
var ruleFieldsOfWaves = []struct {
	name string
	of   func(*warehouse.WaveRule) *int
}{
	{"max_shipments", func(r *warehouse.WaveRule) *int { return &r.MaxShipments }}, {"totes", func(r *warehouse.WaveRule) *int { return &r.Totes }},
	{"release_minutes", func(r *warehouse.WaveRule) *int { return &r.ReleaseMinutes }}, {"lease_minutes", func(r *warehouse.WaveRule) *int { return &r.LeaseMinutes }},
	{"weight_permille", func(r *warehouse.WaveRule) *int { return &r.WeightPermille }},
}

// waveRulePage is a site's rule for its waves, and what yesterday's orders would have been by it.
type waveRulePage struct {
	Site      string
	Rule      warehouse.WaveRule
	Errors    map[string]string
	Now, Then *warehouseops.Rehearsal
}

func (s Pages) waveRule(w http.ResponseWriter, r *http.Request) error {
	f, err := s.shown(r, "/warehouse/waves", true)
	if err != nil {
		return err
	}
	p := waveRulePage{Site: f.Site.Code}
	if p.Rule, err = s.Ops.WaveRule(r.Context(), f.Site.ID); err != nil {
		return err
	}
	return drawn(w, r, "/warehouse/waves", "waves", waveRuleDrawer(p))
}

// saveWaveRule stores the rule, or rehearses it on the orders of the last day where the form asks for that.
func (s Pages) saveWaveRule(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := s.shown(r, "/warehouse/waves", true)
	if err != nil {
		return err
	}
	if x, ok := desk.SiteByCode(f.Sites, r.FormValue("site")); ok {
		f.Site = x
	}
	p := waveRulePage{Site: f.Site.Code, Errors: map[string]string{}}
	if p.Rule, err = s.Ops.WaveRule(ctx, f.Site.ID); err != nil {
		return err
	}
	for _, x := range ruleFieldsOfWaves {
		n, err := strconv.Atoi(strings.TrimSpace(r.FormValue(x.name)))
		if err != nil {
			p.Errors[x.name] = ui.T(ctx, "floor.whole_number")
			continue
		}
		was := *x.of(&p.Rule)
		*x.of(&p.Rule) = n
		if p.Rule.Check() != nil {
			p.Errors[x.name] = ui.T(ctx, "floor.out_of_bounds")
			*x.of(&p.Rule) = was
		}
	}
	p.Rule.ByZone, p.Rule.BySingle, p.Rule.Urgent = r.FormValue("by_zone") != "", r.FormValue("by_single") != "", r.FormValue("urgent") != ""
	if len(p.Errors) > 0 {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, waveRuleDrawer(p))
	}
	if r.FormValue("rehearse") != "" {
		to := s.Clock()
		now, then, err := s.Ops.RehearseWaves(ctx, p.Rule, to.Add(-24*time.Hour), to)
		if err != nil {
			return err
		}
		p.Now, p.Then = &now, &then
		return route.Render(w, r, waveRuleDrawer(p))
	}
	if err := s.Ops.SetWaveRule(ctx, p.Rule); err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "floor.rule_saved")})
	return route.See(w, r, "/warehouse/waves?site="+f.Site.Code)
}

// slow are the tasks of a wave that somebody should look at: taken long ago and not done.
func (p wavePage) slow(t warehouseops.WaveTask) bool {
	return t.DoneAt == nil && t.TakenAt != nil && p.Now.Sub(*t.TakenAt) > time.Hour
}

// waiting counts the shipments of a wave that are not picked yet.
func (p wavePage) waiting() (n int) {
	for _, x := range p.Shipments {
		if slices.Contains([]string{"ready", "released", "picking"}, x.State) {
			n++
		}
	}
	return n
}

func (s Pages) onWave(w http.ResponseWriter, r *http.Request, verb func(context.Context, int64) error) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	if err := verb(r.Context(), id); err != nil {
		return err
	}
	return route.See(w, r, route.Back(r, "/warehouse/waves"))
}
