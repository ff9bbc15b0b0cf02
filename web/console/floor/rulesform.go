package floor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/warehouse"
	"milkrun/warehouse/allocation"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

// How many empty rows the form offers below those that are there.
const (
	spareAreas = 1
	spareSteps = 1
	spareTakes = 1
	spareRules = 1
)

// promisesOfRules and the like are the choices of the form.
var (
	promisesOfRules = []warehouse.Promise{warehouse.Minutes30, warehouse.NextDay, warehouse.LotDay, warehouse.NoPromise}
	goalsOfRules    = []allocation.Goal{allocation.OnTime, allocation.Filled, allocation.Parcels, allocation.Cost}
)

// rulesForm is a set of rules as its form shows it.
type rulesForm struct {
	Rules  warehouse.SourcingRules
	Sites  []catalog.SiteRecord
	Errors map[string]string
}

// areas are the areas with the empty rows.
func (f rulesForm) areas() []warehouse.Area {
	return append(slices.Clone(f.Rules.Areas), make([]warehouse.Area, spareAreas)...)
}

func (f rulesForm) steps() []warehouse.CarriageStep {
	return append(slices.Clone(f.Rules.Carriage), make([]warehouse.CarriageStep, spareSteps)...)
}

func (f rulesForm) carriers() []warehouse.CarrierRule {
	return append(slices.Clone(f.Rules.Carriers), make([]warehouse.CarrierRule, spareTakes)...)
}

func (f rulesForm) rules() []allocation.Rule {
	return append(slices.Clone(f.Rules.Rules), make([]allocation.Rule, spareRules)...)
}

// plain writes a number as a field takes it.
func plain(v float64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func boundText(r *allocation.Range, most bool) string {
	switch {
	case r == nil || most && r.Max == nil || !most && r.Min == nil:
		return ""
	case most:
		return strconv.FormatFloat(*r.Max, 'f', -1, 64)
	}
	return strconv.FormatFloat(*r.Min, 'f', -1, 64)
}

// scaled gives a range in other units: fen as yuan.
func scaled(r *allocation.Range, by float64) *allocation.Range {
	if r == nil {
		return nil
	}
	out := allocation.Range{}
	if r.Min != nil {
		v := *r.Min * by
		out.Min = &v
	}
	if r.Max != nil {
		v := *r.Max * by
		out.Max = &v
	}
	return &out
}

func polygonText(a warehouse.Area) string {
	if len(a.Polygon) == 0 {
		return ""
	}
	b, err := json.Marshal(a.Polygon)
	if err != nil {
		return ""
	}
	return string(b)
}

// at names a field of the i-th row.
func at(field string, i int) string { return fmt.Sprintf("%s_%d", field, i) }

// readRules reads the form. What is wrong stands in the form's errors; lists leave out rows that are empty.
func readRules(f *desk.Posted) warehouse.SourcingRules {
	var r warehouse.SourcingRules
	for _, g := range f.Form["goal"] {
		r.Goals = append(r.Goals, allocation.Goal(g))
	}
	r.MaxParcels = f.Small("max_parcels")
	r.ParcelFen, r.PieceFen, r.KMFen = f.Yuan("parcel_fen"), f.Yuan("piece_fen"), f.Yuan("km_fen")
	r.Minutes30KM, r.NextDayKM = f.Decimal("minutes30_km"), f.Decimal("next_day_km")
	r.MoveShort = warehouse.MoveShort{Off: !f.On("move_on"), Minutes: f.Small("move_minutes")}
	for i := range f.Small("areas") {
		a := warehouse.Area{Site: f.Text(at("area_site", i)), KM: f.Decimal(at("area_km", i))}
		if p := f.Text(at("area_polygon", i)); p != "" && a.KM == 0 {
			if err := json.Unmarshal([]byte(p), &a.Polygon); err != nil {
				f.Bad(at("area_km", i), "sourcing.bad_polygon")
			}
		}
		if a.Site != "" {
			r.Areas = append(r.Areas, a)
		}
	}
	for i := range f.Small("steps") {
		if f.Text(at("step_km", i)) != "" {
			r.Carriage = append(r.Carriage, warehouse.CarriageStep{KM: f.Decimal(at("step_km", i)), Fen: f.Yuan(at("step_fen", i))})
		}
	}
	for i := range f.Small("carriers") {
		c := warehouse.CarrierRule{Carrier: f.Text(at("carrier", i)), Cutoff: f.Text(at("cutoff", i))}
		for _, p := range f.Form[at("carrier_promise", i)] {
			c.Promises = append(c.Promises, warehouse.Promise(p))
		}
		for _, t := range f.Form[at("carrier_tier", i)] {
			c.Tiers = append(c.Tiers, catalog.Tier(t))
		}
		if c.Carrier != "" {
			r.Carriers = append(r.Carriers, c)
		}
	}
	for name := range f.Form {
		if site, ok := strings.CutPrefix(name, "daily_"); ok && f.Text(name) != "" {
			if r.DailyOrders == nil {
				r.DailyOrders = map[string]int{}
			}
			r.DailyOrders[site] = f.Small(name)
		}
	}
	r.Rules = readRuleRows(f)
	return r
}

// readRuleRows reads the rules in the order of their positions; those without a name are left out.
func readRuleRows(f *desk.Posted) []allocation.Rule {
	type placed struct {
		at int
		allocation.Rule
	}
	var rows []placed
	for i := range f.Small("rules_rows") {
		rule := allocation.Rule{Name: catalog.Name{ZH: f.Text(at("rule_zh", i)), EN: f.Text(at("rule_en", i))}, Off: !f.On(at("rule_on", i)), Last: f.On(at("rule_last", i))}
		if rule.Name.ZH == "" && rule.Name.EN == "" {
			continue
		}
		w := &rule.When
		for _, p := range f.Form[at("rule_promise", i)] {
			w.Promises = append(w.Promises, allocation.Promise(p))
		}
		for _, t := range f.Form[at("rule_tier", i)] {
			w.Tiers = append(w.Tiers, catalog.Tier(t))
		}
		for _, t := range f.Form[at("rule_class", i)] {
			w.Classes = append(w.Classes, catalog.Temperature(t))
		}
		w.Channels, w.Sites = words(f.Text(at("rule_channels", i))), words(f.Text(at("rule_sites", i)))
		switch f.Text(at("rule_cold", i)) {
		case "yes", "no":
			cold := f.Text(at("rule_cold", i)) == "yes"
			w.Cold = &cold
		}
		w.KM, w.Load, w.Pieces = readRange(f, "rule_km", i, 1), readRange(f, "rule_load", i, 1), readRange(f, "rule_pieces", i, 1)
		w.Amount = readRange(f, "rule_amount", i, 100)
		rule.Then = allocation.Effect{Exclude: f.On(at("rule_exclude", i)), AddFen: f.Yuan(at("rule_add", i)), Promise: allocation.Promise(f.Text(at("rule_then", i)))}
		rows = append(rows, placed{f.Small(at("rule_at", i)), rule})
	}
	slices.SortStableFunc(rows, func(a, b placed) int { return a.at - b.at })
	out := make([]allocation.Rule, len(rows))
	for i, r := range rows {
		out[i] = r.Rule
	}
	return out
}

func readRange(f *desk.Posted, field string, i int, by float64) *allocation.Range {
	r := allocation.Range{}
	if name := at(field+"_min", i); f.Text(name) != "" {
		v := f.Decimal(name) * by
		r.Min = &v
	}
	if name := at(field+"_max", i); f.Text(name) != "" {
		v := f.Decimal(name) * by
		r.Max = &v
	}
	if r.Min == nil && r.Max == nil {
		return nil
	}
	return &r
}

// words splits a list that somebody typed.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",，、 ;；", r) })
}

// ruleField is the form's field that a refusal of the rules is about.
func ruleField(bad *allocation.RuleError) string {
	i := bad.Rule - 1
	switch bad.Field {
	case "areas":
		return at("area_km", i)
	case "carriage":
		return at("step_km", i)
	case "carriers":
		return at("cutoff", i)
	case "name":
		return at("rule_zh", i)
	case "km", "load", "amount", "pieces":
		return at("rule_"+bad.Field+"_min", i)
	case "promise", "then":
		return at("rule_then", i)
	case "move_short":
		return "move_minutes"
	}
	if bad.Rule > 0 {
		return at("rule_zh", i)
	}
	return bad.Field
}

// changeOfRules is one difference between two versions.
type changeOfRules struct{ Path, Was, Is string }

// rulesDiff lists what differs between two versions of the rules, by the path of the data.
func rulesDiff(was, is warehouse.SourcingRules) []changeOfRules {
	a, b := flat(was), flat(is)
	var paths []string
	for p := range a {
		paths = append(paths, p)
	}
	for p := range b {
		if _, both := a[p]; !both {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	var out []changeOfRules
	for _, p := range paths {
		if a[p] != b[p] {
			out = append(out, changeOfRules{p, a[p], b[p]})
		}
	}
	return out
}

// flat gives the values of the rules by their path: rules[2].then.add_fen.
func flat(r warehouse.SourcingRules) map[string]string {
	out := map[string]string{}
	b, err := json.Marshal(r)
	if err != nil {
		return out
	}
	var v any
	if json.Unmarshal(b, &v) != nil {
		return out
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch x := v.(type) {
		case map[string]any:
			for k, e := range x {
				walk(strings.TrimPrefix(path+"."+k, "."), e)
			}
		case []any:
			for i, e := range x {
				walk(fmt.Sprintf("%s[%d]", path, i+1), e)
			}
		default:
			out[path] = fmt.Sprint(x)
		}
	}
	walk("", v)
	return out
}

// fenText writes an amount for a field; 0 is empty.
func fenText(f money.Fen) string {
	if f == 0 {
		return ""
	}
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return sign + yuanPlain(f)
}

func tierWord(ctx context.Context, t catalog.Tier) string { return ui.T(ctx, "tier."+string(t)) }

// ruleOf is a promise as the rules of sourcing name it.
func ruleOf(p warehouse.Promise) allocation.Promise { return allocation.Promise(p) }

func coldText(cold *bool) string {
	switch {
	case cold == nil:
		return ""
	case *cold:
		return "yes"
	}
	return "no"
}
