package records

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/sheet"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Audit is the record of all changes: who, when, what, from what to what.
type Audit struct{ desk.Directory }

// auditKinds are the kinds of things by which the record can be filtered, in the order of the day's work.
var auditKinds = []string{"suggestion", "order", "sku", "term", "supplier", "site", "topic", "stock", "import", "run", "policy", "parcel", "round", "rider", "van", "vanrun", "user"}

// Screens gives the routes of the record.
func (a Audit) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/system/audit", access.ViewAudit, a.list),
			{Method: http.MethodGet, Pattern: "/system/audit.xlsx", Permission: access.ViewAudit, Handler: a.export, Heavy: true},
		},
		Menu: []ui.MenuItem{{Key: "system", Sub: "audit", Path: "/system/audit", Permission: access.ViewAudit}},
	}
}

// auditPage is a page of the record.
type auditPage struct {
	desk.ChangeLog
	Query       audit.Query
	From, Until *calendar.Day
	Actors      []audit.Actor
	Place       desk.Trail
	Next        string
	// Only names the one thing whose changes are shown.
	Only desk.ThingName
}

// readAuditQuery reads the filter. Days are the reader's.
func readAuditQuery(r *http.Request) (auditPage, error) {
	q := r.URL.Query()
	p := auditPage{Place: desk.ReadTrail(q.Get("after")), Query: audit.Query{Kind: q.Get("kind"), ID: q.Get("id"), Limit: desk.PageSize + 1}}
	if p.Query.Kind == "" {
		p.Query.ID = ""
	}
	if n, err := strconv.ParseInt(q.Get("who"), 10, 64); err == nil && n >= audit.House {
		p.Query.Account = n
	}
	if key := p.Place.Here(); key != "" {
		n, err := strconv.ParseInt(key, 10, 64)
		if err != nil || n <= 0 {
			return p, route.NotFound()
		}
		p.Query.Before = n
	}
	zone := ui.From(r.Context()).Zone
	if zone == nil {
		zone = time.UTC
	}
	if d, err := calendar.ParseDay(q.Get("from")); err == nil {
		p.From, p.Query.From = &d, d.In(zone)
	}
	if d, err := calendar.ParseDay(q.Get("until")); err == nil {
		p.Until, p.Query.Until = &d, d.AddDays(1).In(zone)
	}
	return p, nil
}

func (a Audit) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := readAuditQuery(r)
	if err != nil {
		return err
	}
	if p.Entries, err = a.Accounts.Trail(ctx, p.Query); err != nil {
		return err
	}
	if len(p.Entries) > desk.PageSize {
		p.Entries = p.Entries[:desk.PageSize]
		p.Next = strconv.FormatInt(p.Entries[desk.PageSize-1].ID, 10)
	}
	if p.ThingNames, err = a.Names(ctx, p.Entries); err != nil {
		return err
	}
	if p.Query.ID != "" {
		p.Only = p.Of(p.Query.Kind, p.Query.ID)
	}
	if p.Actors, err = a.Accounts.Actors(ctx); err != nil {
		return err
	}
	if route.Partial(r) && r.Header.Get("HX-Target") == "audit-list" {
		return route.Render(w, r, auditList(p))
	}
	return route.Render(w, r, auditScreen(p))
}

// export gives the record of the filter as a workbook: a row for each field that changed.
func (a Audit) export(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := readAuditQuery(r)
	if err != nil {
		return err
	}
	say := func(id string) string { return ui.T(ctx, "audit."+id) }
	columns := []sheet.Column{
		desk.Column("at", say("when"), sheet.Moment), desk.Column("who", say("who"), sheet.Text), desk.Column("verb", say("what"), sheet.Text),
		desk.Column("kind", say("kind"), sheet.Text), desk.Column("thing", say("thing"), sheet.Text), desk.Column("id", say("thing_id"), sheet.Code),
		desk.Column("field", say("field"), sheet.Text), desk.Column("was", say("was"), sheet.Text), desk.Column("is", say("is"), sheet.Text),
	}
	return desk.Export(w, r, "audit", say("title"), columns, func(row func(...any) error) error {
		p.Query.Before, p.Query.Limit = 0, 1000
		for written := 0; written < desk.ExportMost; {
			entries, err := a.Accounts.Trail(ctx, p.Query)
			if err != nil {
				return err
			}
			names, err := a.Names(ctx, entries)
			if err != nil {
				return err
			}
			for _, e := range entries {
				for _, line := range auditLines(ctx, names, e) {
					if err := row(line...); err != nil {
						return err
					}
					written++
				}
			}
			if len(entries) < p.Query.Limit {
				return nil
			}
			p.Query.Before = entries[len(entries)-1].ID
		}
		return nil
	})
}

func auditLines(ctx context.Context, n desk.ThingNames, e audit.Entry) [][]any {
	head := []any{e.At, e.Actor, desk.VerbWord(ctx, e.Verb), desk.KindOfThing(ctx, e.Thing), n.Of(e.Thing, e.ThingID).Label, e.ThingID}
	var out [][]any
	for _, d := range n.Differences(ctx, e) {
		out = append(out, append(append([]any{}, head...), d.Field, d.Was, d.Is))
	}
	if len(out) == 0 {
		out = append(out, append(append([]any{}, head...), "", "", ""))
	}
	return out
}

// auditFilters are the filters in force.
func auditFilters(ctx context.Context, p auditPage) []ui.Filter {
	var out []ui.Filter
	if p.Query.ID != "" {
		out = append(out, ui.Filter{Text: desk.KindOfThing(ctx, p.Query.Kind) + " " + p.Only.Label, Remove: ui.With(ctx, "id", "")})
	} else if p.Query.Kind != "" {
		out = append(out, ui.Filter{Text: desk.KindOfThing(ctx, p.Query.Kind), Remove: ui.With(ctx, "kind", "")})
	}
	if p.Query.Account != 0 {
		out = append(out, ui.Filter{Text: actorName(ctx, p), Remove: ui.With(ctx, "who", "")})
	}
	if p.From != nil {
		out = append(out, ui.Filter{Text: ui.T(ctx, "audit.since", "Day", p.From.String()), Remove: ui.With(ctx, "from", "")})
	}
	if p.Until != nil {
		out = append(out, ui.Filter{Text: ui.T(ctx, "audit.till", "Day", p.Until.String()), Remove: ui.With(ctx, "until", "")})
	}
	return out
}

func actorName(ctx context.Context, p auditPage) string {
	if p.Query.Account == audit.House {
		return ui.T(ctx, "role.system")
	}
	for _, x := range p.Actors {
		if x.AccountID == p.Query.Account {
			return x.Name
		}
	}
	return "#" + strconv.FormatInt(p.Query.Account, 10)
}

// kindChoices are the options of the filter by thing.
func kindChoices(ctx context.Context) []ui.Choice {
	out := []ui.Choice{{Value: "", Text: ui.T(ctx, "audit.all_things")}}
	for _, k := range auditKinds {
		out = append(out, ui.Choice{Value: k, Text: desk.KindOfThing(ctx, k)})
	}
	return out
}

func actorChoices(ctx context.Context, p auditPage) []ui.Choice {
	out := []ui.Choice{{Value: "", Text: ui.T(ctx, "audit.all_people")}, {Value: strconv.FormatInt(audit.House, 10), Text: ui.T(ctx, "role.system")}}
	for _, x := range p.Actors {
		out = append(out, ui.Choice{Value: strconv.FormatInt(x.AccountID, 10), Text: x.Name})
	}
	return out
}
