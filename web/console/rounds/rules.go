package rounds

import (
	"errors"
	"fmt"
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
	{"crowded", func(r routingops.Rules) float64 { return float64(r.Crowded) / 10 }, func(r *routingops.Rules, v float64) { r.Crowded = int64(10 * v) }},
	{"prize", func(r routingops.Rules) float64 { return float64(r.Prize) / 10 }, func(r *routingops.Rules, v float64) { r.Prize = int64(10 * v) }},
	{"patience", func(r routingops.Rules) float64 { return float64(r.Patience) / 60 }, func(r *routingops.Rules, v float64) { r.Patience = int64(60 * v) }},
	{"ahead", func(r routingops.Rules) float64 { return float64(r.Ahead) / 60 }, func(r *routingops.Rules, v float64) { r.Ahead = int64(60 * v) }},
	{"worth", func(r routingops.Rules) float64 { return float64(r.Worth) / 100 }, func(r *routingops.Rules, v float64) { r.Worth = int64(100 * v) }},
	{"again", func(r routingops.Rules) float64 { return float64(r.Again) / 60 }, func(r *routingops.Rules, v float64) { r.Again = int64(60 * v) }},
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
	return route.Render(w, r, roundRules(site.Code, f, ruleField{Value: hourlyText(b.Rules.Hourly)}))
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
	hourly := ruleField{Value: strings.TrimSpace(r.FormValue("hourly"))}
	if rules.Hourly, err = hourlyOf(hourly.Value); err != nil {
		hourly.Error, bad = ui.T(ctx, "rounds.bad_hourly"), true
	}
	if bad {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, roundRules(site.Code, f, hourly))
	}
	if err := s.Ops.SetRules(ctx, site.ID, rules); err != nil {
		return err
	}
	return route.See(w, r, roundsPath(site.Code, 0))
}

// hourlyText writes speeds by the hour as people do: "7-9:80, 17-19:70"; hours that are not named ride at 100 %.
func hourlyText(percent []int) string {
	var parts []string
	for from := 0; from < len(percent); {
		to := from + 1
		for to < len(percent) && percent[to] == percent[from] {
			to++
		}
		if percent[from] != 100 {
			parts = append(parts, fmt.Sprintf("%d-%d:%d", from, to, percent[from]))
		}
		from = to
	}
	return strings.Join(parts, ", ")
}

var errHourly = errors.New("rounds: hours are like 7-9:80, 17-19:70")

// hourlyOf reads what hourlyText writes; nothing is nil.
func hourlyOf(text string) ([]int, error) {
	text = strings.NewReplacer("，", ",", "：", ":", "–", "-", "%", "", " ", "").Replace(text)
	if text == "" {
		return nil, nil
	}
	out := make([]int, 24)
	for h := range out {
		out[h] = 100
	}
	for _, part := range strings.Split(text, ",") {
		var from, to, percent int
		if n, err := fmt.Sscanf(part, "%d-%d:%d", &from, &to, &percent); err != nil || n != 3 || from < 0 || to > 24 || from >= to || percent < 10 || percent > 300 || fmt.Sprintf("%d-%d:%d", from, to, percent) != part {
			return nil, errHourly
		}
		for h := from; h < to; h++ {
			out[h] = percent
		}
	}
	return out, nil
}
