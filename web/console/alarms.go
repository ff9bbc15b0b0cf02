package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/sheet"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Alarms is the list of what needs somebody: each with what to do, an owner and a clock.
type Alarms struct {
	Plan *replenishops.Ops
}

// Screens gives the routes of the alarms.
func (s Alarms) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/alarms", access.ViewSuggestions, s.list),
			{Method: http.MethodGet, Pattern: "/alarms.xlsx", Permission: access.ViewSuggestions, Handler: s.export, Heavy: true},
			route.GET("/alarms/rules", access.ViewSuggestions, s.rules),
			route.POST("/alarms/rules", access.SetPolicy, s.saveRules),
			route.POST("/alarms/{id}/take", access.DecideSuggestions, s.take),
			route.POST("/alarms/{id}/close", access.DecideSuggestions, s.close),
		},
		Errors: []route.Mapper{func(err error) *route.Refusal {
			switch {
			case errors.Is(err, replenishment.ErrAlarmClosed):
				return route.Conflict("alarms.err_closed").With("alarms.err_next", "/alarms")
			case errors.Is(err, replenishops.ErrNoAlarm):
				return route.NotFound()
			}
			return nil
		}},
	}
}

// alarmsPage is what the list shows.
type alarmsPage struct {
	Lines  []replenishops.AlarmLine
	Counts []replenishops.AlarmCount
	Filter replenishops.AlarmFilter
	View   string // "", mine or closed
	Now    time.Time
}

func (p alarmsPage) sum(of func(replenishops.AlarmCount) int) (n int) {
	for _, c := range p.Counts {
		n += of(c)
	}
	return n
}

const alarmRows = 200

func (s Alarms) read(r *http.Request, limit int) (p alarmsPage, err error) {
	ctx, q := r.Context(), r.URL.Query()
	p.Filter = replenishops.AlarmFilter{Limit: limit}
	for _, w := range replenishment.Watches() {
		if q.Get("watch") == string(w) {
			p.Filter.Watch = w
		}
	}
	switch p.View = q.Get("view"); p.View {
	case "closed":
		p.Filter.Closed = true
	case "mine":
		p.Filter.Mine = true
	default:
		p.View = ""
	}
	p.Now = ui.From(ctx).Now
	if p.Lines, err = s.Plan.Alarms(ctx, p.Filter); err != nil {
		return p, err
	}
	p.Counts, err = s.Plan.AlarmCounts(ctx)
	return p, err
}

func (s Alarms) list(w http.ResponseWriter, r *http.Request) error {
	p, err := s.read(r, alarmRows)
	if err != nil {
		return err
	}
	if route.Partial(r) && r.Header.Get("HX-Target") == "alarm-list" {
		return route.Render(w, r, alarmsList(p))
	}
	return route.Render(w, r, alarmsScreen(p))
}

func (s Alarms) take(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	if _, err := s.Plan.Acknowledge(ctx, int64(id)); err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "alarms.taken")})
	return route.See(w, r, route.Back(r, "/alarms"))
}

func (s Alarms) close(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	_, err = s.Plan.CloseAlarm(ctx, int64(id), r.FormValue("note"))
	if errors.Is(err, replenishment.ErrReasonNeeded) {
		return route.Invalid("alarms.err_note").With("alarms.err_next", "/alarms")
	}
	if err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "alarms.closed")})
	return route.See(w, r, route.Back(r, "/alarms"))
}

// export gives the list with its filters as a workbook.
func (s Alarms) export(w http.ResponseWriter, r *http.Request) error {
	p, err := s.read(r, desk.ExportMost)
	if err != nil {
		return err
	}
	ctx := r.Context()
	say := func(id string) string { return ui.T(ctx, "alarms."+id) }
	columns := []sheet.Column{
		desk.Column("watch", say("col_what"), sheet.Text), desk.Column("sku", "SKU", sheet.Code), desk.Column("name", ui.T(ctx, "suggestions.col_goods"), sheet.Text),
		desk.Column("where", say("col_where"), sheet.Text), desk.Column("value", say("col_value"), sheet.Text), desk.Column("remedy", say("col_do"), sheet.Text),
		desk.Column("owner", say("col_owner"), sheet.Text), desk.Column("raised", say("col_raised"), sheet.Text), desk.Column("due", say("col_due"), sheet.Text),
		desk.Column("state", say("col_state"), sheet.Text), desk.Column("note", say("col_note"), sheet.Text),
	}
	return desk.Export(w, r, "alarms", say("title"), columns, func(row func(...any) error) error {
		for _, a := range p.Lines {
			if err := row(watchWord(ctx, a.Watch), a.SKUCode, ui.Name(ctx, a.SKUName), alarmPlace(ctx, a), alarmValue(ctx, a), remedyWord(ctx, a.Remedy),
				a.OwnerName, ui.Moment(ctx, a.Raised), ui.Moment(ctx, a.Due), say("state_"+string(a.State)), alarmNote(ctx, a)); err != nil {
				return err
			}
		}
		return nil
	})
}

func watchWord(ctx context.Context, w replenishment.Watch) string {
	return ui.T(ctx, "alarms.watch_"+string(w))
}

func remedyWord(ctx context.Context, r replenishment.Remedy) string {
	return ui.T(ctx, "alarms.remedy_"+string(r))
}

// alarmPlace says where it is: the site, the lane, the supplier, the order.
func alarmPlace(ctx context.Context, a replenishops.AlarmLine) string {
	switch a.Watch {
	case replenishment.WatchLane:
		return ui.Name(ctx, a.FromName) + " → " + ui.Name(ctx, a.SiteName)
	case replenishment.WatchFailing, replenishment.WatchOneSource:
		return ui.Name(ctx, a.SupplierName)
	case replenishment.WatchLate:
		return desk.Dots(a.Ref, ui.Name(ctx, a.SiteName))
	}
	return ui.Name(ctx, a.SiteName)
}

// alarmValue says how bad it is, in the words of its kind.
func alarmValue(ctx context.Context, a replenishops.AlarmLine) string {
	switch a.Watch {
	case replenishment.WatchSpike:
		return desk.Dots(ui.Times(a.Value), ui.T(ctx, "alarms.value_more", ui.Count, a.Pieces))
	case replenishment.WatchLate:
		return desk.Dots(ui.T(ctx, "alarms.value_late", ui.Count, int(a.Value)), ui.T(ctx, "alarms.value_pieces", ui.Count, a.Pieces))
	case replenishment.WatchFailing:
		return desk.Dots(ui.Percent(a.Value, 0), ui.T(ctx, "alarms.value_lots", ui.Count, a.Pieces))
	case replenishment.WatchLane:
		return desk.Dots(ui.T(ctx, "alarms.value_slower", "Days", ui.Decimal(a.Value, 1)), ui.T(ctx, "alarms.value_moves", ui.Count, a.Pieces))
	case replenishment.WatchExpiring:
		return desk.Dots(axisYuan(ctx, a.Value), ui.T(ctx, "alarms.value_pieces", ui.Count, a.Pieces))
	case replenishment.WatchFull:
		return ui.Percent(a.Value, 0)
	case replenishment.WatchOneSource:
		return ui.T(ctx, "alarms.value_daily", "Money", axisYuan(ctx, a.Value))
	}
	return ui.Decimal(a.Value, 1)
}

func axisYuan(ctx context.Context, v float64) string { return "¥" + ui.Axis(ctx, v) }

// alarmNote says how it was closed.
func alarmNote(ctx context.Context, a replenishops.AlarmLine) string {
	switch a.Note {
	case "done", "gone":
		return ui.T(ctx, "alarms.note_"+a.Note)
	}
	return a.Note
}

// alarmHref gives the page on which the remedy is carried out.
func alarmHref(a replenishops.AlarmLine) string {
	switch {
	case a.Suggestion != 0:
		return "/suggestions?open=" + strconv.FormatInt(int64(a.Suggestion), 10)
	case a.Watch == replenishment.WatchLate && a.Ref != "":
		return "/orders/" + a.Ref
	case a.Watch == replenishment.WatchOneSource && a.SKUCode != "":
		return "/alternatives/" + a.SKUCode
	case a.Watch == replenishment.WatchFailing, a.Watch == replenishment.WatchOneSource:
		return "/suppliers"
	case a.Watch == replenishment.WatchLane:
		return "/system/network"
	case a.Watch == replenishment.WatchFull:
		return "/excess"
	case a.SKUCode != "":
		return "/demand/" + a.SKUCode
	}
	return "/alarms"
}

// rulesPage is the form of the rules.
type rulesPage struct {
	Rules  []replenishment.AlarmRule
	Texts  map[string]string // what was typed, by field, after a fault
	Errors map[string]string
}

// text is a field's value: what was typed, or what is stored.
func (p rulesPage) text(field, stored string) string {
	if v, ok := p.Texts[field]; ok {
		return v
	}
	return stored
}

func (s Alarms) rules(w http.ResponseWriter, r *http.Request) error {
	rules, err := s.Plan.AlarmRules(r.Context())
	if err != nil {
		return err
	}
	return route.Render(w, r, rulesScreen(rulesPage{Rules: rules}))
}

// limitScale is how a limit is written: shares as percentages.
func limitScale(w replenishment.Watch) float64 {
	if w == replenishment.WatchFailing || w == replenishment.WatchFull {
		return 100
	}
	return 1
}

func (s Alarms) saveRules(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := r.ParseForm(); err != nil {
		return route.Invalid("alarms.err_form").Because(err)
	}
	rules, err := s.Plan.AlarmRules(ctx)
	if err != nil {
		return err
	}
	p := rulesPage{Rules: rules, Texts: map[string]string{}, Errors: map[string]string{}}
	for i := range rules {
		rule, name := &rules[i], string(rules[i].Watch)
		rule.On = r.PostForm.Get(name+".on") != ""
		p.Texts[name+".limit"], p.Texts[name+".hours"] = r.PostForm.Get(name+".limit"), r.PostForm.Get(name+".hours")
		limit, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(p.Texts[name+".limit"]), ",", ""), 64)
		if rule.Limit = limit / limitScale(rule.Watch); err != nil {
			p.Errors[name+".limit"] = ui.T(ctx, "alarms.err_limit")
		}
		if rule.Hours, err = strconv.Atoi(strings.TrimSpace(p.Texts[name+".hours"])); err != nil {
			p.Errors[name+".hours"] = ui.T(ctx, "alarms.err_hours")
		}
		if err := rule.Check(); err != nil && p.Errors[name+".limit"] == "" && p.Errors[name+".hours"] == "" {
			if strings.Contains(err.Error(), "hours") {
				p.Errors[name+".hours"] = ui.T(ctx, "alarms.err_hours")
			} else {
				p.Errors[name+".limit"] = ui.T(ctx, "alarms.err_limit")
			}
		}
	}
	if len(p.Errors) > 0 {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, rulesScreen(p))
	}
	if err := s.Plan.SetAlarmRules(ctx, rules); err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "alarms.rules_saved")})
	return route.See(w, r, "/alarms")
}
