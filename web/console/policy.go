package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"reflect"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Policy is how the planner plans: service targets, rhythm, bounds of cover, costs.
type Policy struct {
	desk.Directory
	Plan *replenishops.Ops
}

// Screens gives the routes of the policy.
func (s Policy) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/system/policy", access.ViewSuggestions, s.show),
			route.POST("/system/policy", access.SetPolicy, s.save),
		},
		Menu: []ui.MenuItem{{Key: "system", Sub: "settings", Path: "/system/policy", Permission: access.ViewSuggestions}},
	}
}

// setting is one number of the policy: the name it has in replenishment.Settings, how it is written, what it may be.
type setting struct {
	Name string
	Kind settingKind
	// Low and High bound the number as the form shows it; Open leaves the bounds themselves out.
	Low, High float64
	Open      bool
	get       func(*replenishment.Settings) float64
	set       func(*replenishment.Settings, float64)
}

// settingKind is how a number is written.
type settingKind string

const (
	sharePercent settingKind = "share" // a ratio, written as a percentage
	numberOfDays settingKind = "days"
	wholeDays    settingKind = "whole"
	wholePieces  settingKind = "pieces"
	yesOrNo      settingKind = "yes" // 1 or 0
	plainRatio   settingKind = "ratio"
	amountOfYuan settingKind = "yuan"
)

// unit is what stands behind the box.
func (s setting) unit(ctx context.Context) string {
	switch s.Kind {
	case sharePercent:
		return "%"
	case numberOfDays, wholeDays:
		return ui.T(ctx, "policy.days")
	case amountOfYuan:
		return ui.T(ctx, "products.yuan")
	}
	return ""
}

// text writes the number as the form shows it.
func (s setting) text(v float64) string {
	switch s.Kind {
	case sharePercent:
		return desk.PercentValue(v)
	case amountOfYuan:
		return ui.Amount(money.Fen(v))
	}
	return desk.TrimDecimal(v)
}

// read reads the number from the form and notes what is wrong with it.
func (s setting) read(f *desk.Posted) float64 {
	if f.Text(s.Name) == "" {
		f.Bad(s.Name, "fault.missing")
		return 0
	}
	var v, shown float64
	switch s.Kind {
	case sharePercent:
		v = f.Share(s.Name)
		shown = v * 100
	case amountOfYuan:
		fen := f.Yuan(s.Name)
		v, shown = float64(fen), float64(fen)/100
	case wholeDays, wholePieces, yesOrNo:
		v = float64(f.Small(s.Name))
		shown = v
	default:
		v = f.Decimal(s.Name)
		shown = v
	}
	if shown < s.Low || shown > s.High || s.Open && (shown == s.Low || shown == s.High) {
		word := "policy.between"
		if s.Open {
			word = "policy.within"
		}
		places := 0
		if s.High != math.Trunc(s.High) {
			places = 1
		}
		f.Bad(s.Name, word, "Low", ui.Decimal(s.Low, 0), "High", ui.Decimal(s.High, places), "Unit", s.unit(f.Ctx))
	}
	return v
}

// single makes a setting of one field.
func single(name string, kind settingKind, high float64, at func(*replenishment.Settings) *float64) setting {
	return setting{Name: name, Kind: kind, High: high,
		get: func(s *replenishment.Settings) float64 { return *at(s) }, set: func(s *replenishment.Settings, v float64) { *at(s) = v }}
}

// counted makes a setting of one whole number.
func counted(name string, at func(*replenishment.Settings) *int) setting {
	return setting{Name: name, Kind: wholeDays, High: 365,
		get: func(s *replenishment.Settings) float64 { return float64(*at(s)) }, set: func(s *replenishment.Settings, v float64) { *at(s) = int(v) }}
}

func paid(name string, at func(*replenishment.Settings) *money.Fen) setting {
	return setting{Name: name, Kind: amountOfYuan, High: 1_000_000,
		get: func(s *replenishment.Settings) float64 { return float64(*at(s)) }, set: func(s *replenishment.Settings, v float64) { *at(s) = money.Fen(v) }}
}

// serviceSettings are the targets by class.
func serviceSettings() []setting {
	var out []setting
	for _, c := range replenishment.Classes() {
		out = append(out, setting{Name: "service." + string(c), Kind: sharePercent, High: 100, Open: true,
			get: func(s *replenishment.Settings) float64 { return s.Service[c] }, set: func(s *replenishment.Settings, v float64) { s.Service[c] = v }})
	}
	return out
}

// exceptionSettings are targets of a class that hold for some sites only; 0 leaves them to the class.
func exceptionSettings(c replenishment.Class) []setting {
	exception := func(name string, at func(*replenishment.Settings) *map[replenishment.Class]float64) setting {
		return setting{Name: name + "." + string(c), Kind: sharePercent, High: 99.9,
			get: func(s *replenishment.Settings) float64 { return (*at(s))[c] },
			set: func(s *replenishment.Settings, v float64) {
				if v == 0 {
					return
				}
				if *at(s) == nil {
					*at(s) = map[replenishment.Class]float64{}
				}
				(*at(s))[c] = v
			}}
	}
	return []setting{
		exception("shelf_service", func(s *replenishment.Settings) *map[replenishment.Class]float64 { return &s.ShelfService }),
		exception("lonely_service", func(s *replenishment.Settings) *map[replenishment.Class]float64 { return &s.LonelyService }),
	}
}

// tierSettings are the rhythm and the bounds of cover of one tier.
func tierSettings(t catalog.Tier) []setting {
	cover := func(name string, at func(*replenishment.Cover) *int) setting {
		return setting{Name: "cover." + string(t) + "." + name, Kind: wholeDays, High: 3650,
			get: func(s *replenishment.Settings) float64 { c := s.Cover[t]; return float64(*at(&c)) },
			set: func(s *replenishment.Settings, v float64) { c := s.Cover[t]; *at(&c) = int(v); s.Cover[t] = c }}
	}
	return []setting{
		{Name: "review_days." + string(t), Kind: numberOfDays, High: 365,
			get: func(s *replenishment.Settings) float64 { return s.Review[t] }, set: func(s *replenishment.Settings, v float64) { s.Review[t] = v }},
		cover("min", func(c *replenishment.Cover) *int { return &c.MinDays }),
		cover("max", func(c *replenishment.Cover) *int { return &c.MaxDays }),
		{Name: "cover." + string(t) + ".pieces", Kind: wholePieces, High: 1_000_000,
			get: func(s *replenishment.Settings) float64 { return float64(s.Cover[t].MinPieces) },
			set: func(s *replenishment.Settings, v float64) {
				c := s.Cover[t]
				c.MinPieces = quantity.Pieces(v)
				s.Cover[t] = c
			}},
	}
}

// The settings of the other cards.
var (
	calmSettings = []setting{
		counted("freeze.rejected_days", func(s *replenishment.Settings) *int { return &s.Freeze.RejectedDays }),
		single("freeze.regrow_share", sharePercent, 10_000, func(s *replenishment.Settings) *float64 { return &s.Freeze.RegrowShare }),
		single("freeze.keep_share", sharePercent, 100, func(s *replenishment.Settings) *float64 { return &s.Freeze.KeepShare }),
	}
	costSettings = []setting{
		single("holding_rate", sharePercent, 1000, func(s *replenishment.Settings) *float64 { return &s.HoldingRate }),
		paid("order_cost", func(s *replenishment.Settings) *money.Fen { return &s.OrderCost }),
		paid("transfer_cost", func(s *replenishment.Settings) *money.Fen { return &s.TransferCost }),
		{Name: "economic_lots", Kind: yesOrNo, High: 1,
			get: func(s *replenishment.Settings) float64 {
				if s.EconomicLots {
					return 1
				}
				return 0
			},
			set: func(s *replenishment.Settings, v float64) { s.EconomicLots = v > 0 }},
		single("hold_back", sharePercent, 100, func(s *replenishment.Settings) *float64 { return &s.HoldBack }),
		single("forward_lead_days", numberOfDays, 365, func(s *replenishment.Settings) *float64 { return &s.ForwardLeadDays }),
		single("break_share", sharePercent, 1000, func(s *replenishment.Settings) *float64 { return &s.BreakShare }),
	}
	signSettings = []setting{
		single("running_out_days", numberOfDays, 365, func(s *replenishment.Settings) *float64 { return &s.RunningOutDays }),
		counted("overdue_days", func(s *replenishment.Settings) *int { return &s.OverdueDays }),
		counted("presell_gap_days", func(s *replenishment.Settings) *int { return &s.PresellGapDays }),
		single("heat_share", sharePercent, 1000, func(s *replenishment.Settings) *float64 { return &s.HeatShare }),
		single("shelf_life_share", sharePercent, 100, func(s *replenishment.Settings) *float64 { return &s.ShelfLifeShare }),
		single("error_correlation", plainRatio, 1, func(s *replenishment.Settings) *float64 { return &s.ErrorCorrelation }),
	}
)

// everySetting lists all numbers of the policy.
func everySetting() []setting {
	out := serviceSettings()
	for _, c := range replenishment.Classes() {
		out = append(out, exceptionSettings(c)...)
	}
	for _, t := range catalog.Tiers() {
		out = append(out, tierSettings(t)...)
	}
	out = append(out, calmSettings...)
	out = append(out, costSettings...)
	return append(out, signSettings...)
}

// presets are settings to begin from, by the name in the address.
var presets = map[string]func() replenishment.Settings{"daily": replenishment.DefaultSettings, "weekly": replenishment.WeeklySettings}

// presetNames lists the presets in the order in which they are offered.
func presetNames() []string { return []string{"daily", "weekly"} }

// policyPage is what the page shows.
type policyPage struct {
	Settings replenishment.Settings
	Preset   string // the one whose numbers fill the form, not saved yet
	Seen     string // fingerprint of the settings the form was made from
	Running  *replenishops.Run
	Log      desk.ChangeLog
	Form     *desk.Posted
	MayEdit  bool
}

// fingerprint tells two settings apart.
func fingerprint(s replenishment.Settings) string {
	b, err := json.Marshal(s)
	if err != nil {
		return "" // numbers and maps always marshal
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

func (s Policy) page(ctx context.Context) (policyPage, error) {
	p := policyPage{MayEdit: desk.Can(ctx, access.SetPolicy)}
	var err error
	if p.Settings, err = s.Plan.Settings(ctx); err != nil {
		return p, err
	}
	p.Seen = fingerprint(p.Settings)
	runs, err := s.Plan.Runs(ctx, 1)
	if err != nil {
		return p, err
	}
	if len(runs) > 0 && runs[0].State == "running" {
		p.Running = &runs[0]
	}
	p.Log, err = s.History(ctx, "policy", "replenishment")
	return p, err
}

func (s Policy) show(w http.ResponseWriter, r *http.Request) error {
	p, err := s.page(r.Context())
	if err != nil {
		return err
	}
	if fill := presets[r.URL.Query().Get("preset")]; fill != nil && p.MayEdit {
		p.Preset, p.Settings = r.URL.Query().Get("preset"), fill()
	}
	return route.Render(w, r, policyScreen(p))
}

// askedSettings reads the settings that the form asks for.
func askedSettings(f *desk.Posted, was replenishment.Settings) replenishment.Settings {
	out := was
	out.Measure = replenishment.Measure(f.Text("measure"))
	// The maps are copied: what was must stay what it was.
	out.ShelfService, out.LonelyService = nil, nil
	out.Service, out.Review, out.Cover = map[replenishment.Class]float64{}, map[catalog.Tier]float64{}, map[catalog.Tier]replenishment.Cover{}
	for _, x := range everySetting() {
		x.set(&out, x.read(f))
	}
	for _, t := range catalog.Tiers() {
		if c := out.Cover[t]; c.MaxDays > 0 && c.MinDays > c.MaxDays {
			f.Bad("cover."+string(t)+".max", "policy.cover_order", "Min", c.MinDays)
		}
	}
	return out
}

func (s Policy) save(w http.ResponseWriter, r *http.Request) error {
	form, err := desk.ReadPosted(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	p, err := s.page(ctx)
	if err != nil {
		return err
	}
	p.Form = form
	again := func(status int) error { return route.RenderStatus(w, r, status, policyScreen(p)) }
	lost := func() error {
		if p, err = s.page(ctx); err != nil {
			return err
		}
		p.Form = form
		if form.Lost, err = s.Raced(ctx, "policy", "replenishment", "/system/policy"); err != nil {
			return err
		}
		return again(http.StatusConflict)
	}
	asked := askedSettings(form, p.Settings)
	switch {
	case form.Text("seen") != p.Seen:
		return lost()
	case !form.OK():
		return again(http.StatusUnprocessableEntity)
	case reflect.DeepEqual(asked, p.Settings):
		route.Tell(ctx, ui.Flash{Tone: ui.Plain, Text: ui.T(ctx, "policy.same")})
		return route.See(w, r, "/system/policy")
	}
	err = s.Plan.ReplaceSettings(ctx, p.Settings, asked)
	switch {
	case desk.IsStale(err): // changed within the blink between reading and storing
		return lost()
	case errors.Is(err, replenishment.ErrSettings):
		form.Bad(badSetting(err), "fault.range", "Value", "")
		return again(http.StatusUnprocessableEntity)
	case err != nil:
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "policy.saved")})
	return route.See(w, r, "/system/policy")
}

// badSetting gives the field that replenishment.ErrSettings names: "…: cover.front = {5 3}".
func badSetting(err error) string {
	_, rest, _ := strings.Cut(err.Error(), replenishment.ErrSettings.Error()+": ")
	field, _, _ := strings.Cut(rest, " = ")
	if strings.HasPrefix(field, "cover.") {
		field += ".max"
	}
	return field
}
