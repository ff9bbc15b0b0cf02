package rounds

import (
	"net/http"
	"strconv"
	"strings"

	"milkrun/routing/routingops"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// rulesForm is the form of a site's rules: a field each.
type rulesForm []ruleField

type ruleField struct{ Name, Value, Error string }

// ruleFields are the rules that a dispatcher changes: how to read and to write each, in the unit of the form.
var ruleFields = []struct {
	name string
	get  func(routingops.Rules) float64
	set  func(*routingops.Rules, float64)
}{
	{"kmh", func(r routingops.Rules) float64 { return r.Kmh }, func(r *routingops.Rules, v float64) { r.Kmh = v }},
	{"detour", func(r routingops.Rules) float64 { return r.Detour }, func(r *routingops.Rules, v float64) { r.Detour = v }},
	{"lost", func(r routingops.Rules) float64 { return float64(r.Lost) }, func(r *routingops.Rules, v float64) { r.Lost = int64(v) }},
	{"load", func(r routingops.Rules) float64 { return float64(r.Load) }, func(r *routingops.Rules, v float64) { r.Load = int64(v) }},
	{"margin", func(r routingops.Rules) float64 { return float64(r.Margin) / 60 }, func(r *routingops.Rules, v float64) { r.Margin = int64(60 * v) }},
	{"crowded", func(r routingops.Rules) float64 { return float64(r.Crowded) / 10 }, func(r *routingops.Rules, v float64) { r.Crowded = int(10 * v) }},
	{"late_per_hour", func(r routingops.Rules) float64 { return float64(r.LatePerHour) / 100 }, func(r *routingops.Rules, v float64) { r.LatePerHour = int64(100 * v) }},
	{"offer_seconds", func(r routingops.Rules) float64 { return float64(r.OfferSeconds) }, func(r *routingops.Rules, v float64) { r.OfferSeconds = int64(v) }},
	{"station_hours", func(r routingops.Rules) float64 { return float64(r.StationHours) }, func(r *routingops.Rules, v float64) { r.StationHours = int64(v) }},
}

func (s Pages) rules(w http.ResponseWriter, r *http.Request) error {
	site, _, err := s.site(r)
	if err != nil {
		return err
	}
	if site.ID == 0 {
		return route.See(w, r, "/rounds")
	}
	b, err := s.Ops.Board(r.Context(), site.ID)
	if err != nil {
		return err
	}
	var f rulesForm
	for _, x := range ruleFields {
		f = append(f, ruleField{Name: x.name, Value: strconv.FormatFloat(x.get(b.Rules), 'f', -1, 64)})
	}
	return route.Render(w, r, roundRules(site.Code, f))
}

func (s Pages) saveRules(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	site, _, err := s.site(r)
	if err != nil {
		return err
	}
	if site.ID == 0 {
		return route.See(w, r, "/rounds")
	}
	b, err := s.Ops.Board(ctx, site.ID)
	if err != nil {
		return err
	}
	rules, f, bad := b.Rules, rulesForm{}, false
	for _, x := range ruleFields {
		field := ruleField{Name: x.name, Value: strings.TrimSpace(r.FormValue(x.name))}
		v, err := strconv.ParseFloat(strings.ReplaceAll(field.Value, ",", ""), 64)
		was := rules
		if err == nil {
			x.set(&rules, v)
		}
		if err != nil || rules.Check() != nil {
			field.Error, bad, rules = ui.T(ctx, "rounds.bad_rule"), true, was
		}
		f = append(f, field)
	}
	if bad {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, roundRules(site.Code, f))
	}
	if err := s.Ops.SetRules(ctx, site.ID, rules); err != nil {
		return err
	}
	return route.See(w, r, roundsPath(site.Code, 0))
}
