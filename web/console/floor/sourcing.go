package floor

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"milkrun/warehouse"
	"milkrun/warehouse/allocation"
	"milkrun/warehouse/warehouseops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// sourcingPage is the rules by which orders go to sites: as they are, as they were, and as somebody is about to change them.
type sourcingPage struct {
	Versions []warehouseops.RuleVersion
	Form     rulesForm
	Text     string // the rules as data, for experts
	Expert   bool   // the data were sent, not the fields
	Seen     int    // the version that the form was made from
	Note     string
	Error    string
	Preview  *warehouseops.RulesPreview
}

// inForce are the rules that decide now.
func (p sourcingPage) inForce() (int, warehouse.SourcingRules) {
	if len(p.Versions) == 0 {
		return 0, warehouse.DefaultSourcing()
	}
	return p.Versions[0].Version, p.Versions[0].Rules
}

// diff lists what the i-th version has changed of the one before.
func (p sourcingPage) diff(i int) []changeOfRules {
	before := warehouse.DefaultSourcing()
	if i+1 < len(p.Versions) {
		before = p.Versions[i+1].Rules
	}
	return rulesDiff(before, p.Versions[i].Rules)
}

func (s Pages) readSourcing(r *http.Request) (p sourcingPage, err error) {
	ctx := r.Context()
	if p.Versions, err = s.Ops.SourcingRules(ctx); err != nil {
		return p, err
	}
	all, err := s.Catalog.Sites(ctx)
	if err != nil {
		return p, err
	}
	for _, x := range all {
		if x.Active {
			p.Form.Sites = append(p.Form.Sites, x)
		}
	}
	p.Seen, p.Form.Rules = p.inForce()
	p.Text = asData(p.Form.Rules)
	return p, nil
}

// asData writes the rules as people edit them.
func asData(r warehouse.SourcingRules) string {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return ""
	}
	return string(b)
}

func (s Pages) sourcing(w http.ResponseWriter, r *http.Request) error {
	p, err := s.readSourcing(r)
	if err != nil {
		return err
	}
	return route.Render(w, r, sourcingScreen(p))
}

// ruleFault says which rule is wrong, "" for another error.
func ruleFault(ctx context.Context, err error) string {
	var bad *allocation.RuleError
	switch {
	case errors.As(err, &bad) && bad.Rule == 0:
		return ui.T(ctx, "sourcing.bad_field", "Field", bad.Field, "Value", bad.Value)
	case errors.As(err, &bad):
		return ui.T(ctx, "sourcing.bad_rule", "Rule", bad.Rule, "Field", bad.Field, "Value", bad.Value)
	case errors.Is(err, allocation.ErrRules):
		return ui.T(ctx, "sourcing.bad", "Fault", err.Error())
	}
	return ""
}

// sent reads the rules that were sent, as data or as fields. What cannot be read stands in the page's errors.
func (p *sourcingPage) sent(ctx context.Context, f *desk.Posted) (warehouse.SourcingRules, bool) {
	if p.Expert = f.Text("mode") == "data"; !p.Expert {
		p.Form.Rules, p.Form.Errors = readRules(f), f.Errors
		p.Text = asData(p.Form.Rules)
		return p.Form.Rules, f.OK()
	}
	p.Text = f.Form.Get("rules")
	var rules warehouse.SourcingRules
	d := json.NewDecoder(strings.NewReader(p.Text))
	d.DisallowUnknownFields()
	if err := d.Decode(&rules); err != nil {
		p.Error = ui.T(ctx, "sourcing.not_json", "Fault", err.Error())
		return rules, false
	}
	p.Form.Rules = rules
	return rules, true
}

func (s Pages) saveSourcing(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	p, err := s.readSourcing(r)
	if err != nil {
		return err
	}
	p.Note, p.Seen = f.Text("note"), f.Small("seen")
	rules, ok := p.sent(ctx, f)
	again := func() error { return route.RenderStatus(w, r, http.StatusUnprocessableEntity, sourcingScreen(p)) }
	if !ok {
		if p.Error == "" {
			p.Error = ui.T(ctx, "sourcing.look_below")
		}
		return again()
	}
	preview, err := s.Ops.PreviewSourcing(ctx, rules)
	if err != nil {
		if p.Error = ruleFault(ctx, err); p.Error == "" {
			return err
		}
		var bad *allocation.RuleError
		if errors.As(err, &bad) && !p.Expert {
			f.Errors[ruleField(bad)] = p.Error
		}
		return again()
	}
	p.Preview = &preview
	if !f.On("save") {
		return route.Render(w, r, sourcingScreen(p))
	}
	_, err = s.Ops.SetSourcingRules(ctx, p.Seen, rules, p.Note)
	if errors.Is(err, warehouseops.ErrRulesStale) {
		p.Error = ui.T(ctx, "sourcing.stale")
		return route.RenderStatus(w, r, http.StatusConflict, sourcingScreen(p))
	}
	if err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "sourcing.saved")})
	return route.See(w, r, "/warehouse/sourcing")
}
