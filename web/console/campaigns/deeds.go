package campaigns

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

func pieces(n int64) quantity.Pieces { return quantity.Pieces(n) }

// deed finds the campaign of a posted form and the revision that its page showed.
func (s Pages) deed(r *http.Request) (*campaign.Campaign, int64, error) {
	c, err := s.Ops.ByNumber(r.Context(), route.Param(r, "number"))
	if err != nil {
		return nil, 0, err
	}
	revision, _ := strconv.ParseInt(r.FormValue("revision"), 10, 64)
	return c, revision, nil
}

// done tells what was done and shows the campaign again.
func (s Pages) done(w http.ResponseWriter, r *http.Request, c *campaign.Campaign, word string, args ...any) error {
	route.Tell(r.Context(), ui.Flash{Tone: ui.OK, Text: ui.T(r.Context(), word, args...)})
	return route.See(w, r, "/campaigns/"+c.Number)
}

// simple is a verb that needs nothing but the campaign.
func (s Pages) simple(w http.ResponseWriter, r *http.Request, word string, f func(context.Context, campaign.ID, int64) (*campaign.Campaign, error)) error {
	c, revision, err := s.deed(r)
	if err != nil {
		return err
	}
	if c, err = f(r.Context(), c.ID, revision); err != nil {
		return err
	}
	return s.done(w, r, c, word)
}

func (s Pages) publish(w http.ResponseWriter, r *http.Request) error {
	return s.simple(w, r, "campaigns.done.publish", s.Ops.Publish)
}

func (s Pages) pause(w http.ResponseWriter, r *http.Request) error {
	return s.simple(w, r, "campaigns.done.pause", s.Ops.Pause)
}

func (s Pages) resume(w http.ResponseWriter, r *http.Request) error {
	return s.simple(w, r, "campaigns.done.resume", s.Ops.Resume)
}

func (s Pages) extend(w http.ResponseWriter, r *http.Request) error {
	c, revision, err := s.deed(r)
	if err != nil {
		return err
	}
	to, err := localTime(r.Context(), r.FormValue("deadline"))
	if err != nil {
		return route.Invalid("campaigns.bad_time")
	}
	if c, err = s.Ops.Extend(r.Context(), c.ID, revision, to); err != nil {
		return err
	}
	return s.done(w, r, c, "campaigns.done.extend", "At", ui.Moment(r.Context(), to))
}

func (s Pages) cancel(w http.ResponseWriter, r *http.Request) error {
	c, revision, err := s.deed(r)
	if err != nil {
		return err
	}
	if c, err = s.Ops.Cancel(r.Context(), c.ID, revision, r.FormValue("reason")); err != nil {
		return err
	}
	return s.done(w, r, c, "campaigns.done.cancel")
}

func (s Pages) orderLots(w http.ResponseWriter, r *http.Request) error {
	c, revision, err := s.deed(r)
	if err != nil {
		return err
	}
	extra, err := strconv.ParseInt(strings.TrimSpace(r.FormValue("extra")), 10, 64)
	days, daysErr := strconv.Atoi(r.FormValue("days"))
	if err != nil || daysErr != nil || extra < 0 || days < 1 {
		return route.Invalid("campaigns.bad_plan")
	}
	if c, err = s.Ops.OrderLots(r.Context(), c.ID, revision, making(extra, days)); err != nil {
		return err
	}
	return s.done(w, r, c, "campaigns.done.lots")
}

func (s Pages) tell(w http.ResponseWriter, r *http.Request) error {
	c, _, err := s.deed(r)
	if err != nil {
		return err
	}
	n, err := s.Ops.ReleaseMessages(r.Context(), c.ID)
	if err != nil {
		return err
	}
	return s.done(w, r, c, "campaigns.done.tell", ui.Count, n)
}

func (s Pages) retry(w http.ResponseWriter, r *http.Request) error {
	c, _, err := s.deed(r)
	if err != nil {
		return err
	}
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	if err := s.Ops.RetryPayment(r.Context(), campaignops.PaymentID(id)); err != nil {
		return err
	}
	return s.done(w, r, c, "campaigns.done.retry")
}

// campaignForm is a new campaign as it was typed, with what is wrong by field.
type campaignForm struct {
	Values map[string]string
	Errors map[string]string
	Sites  []catalog.Site
}

// tierRows is how many tiers the form offers.
const tierRows = 3

func (s Pages) newForm(w http.ResponseWriter, r *http.Request) error {
	sites, err := s.Codes.Sites(r.Context())
	if err != nil {
		return err
	}
	now := ui.From(r.Context()).Now
	f := campaignForm{Sites: sites, Errors: map[string]string{}, Values: map[string]string{"mode": string(campaign.AllOrNothing), "charge": string(campaign.AtPledge),
		"start": formTime(r.Context(), now), "deadline": formTime(r.Context(), now.AddDate(0, 0, 14)), "t0_pieces": "1", "pay_hours": "24", "extensions": "1"}}
	return route.Render(w, r, campaignNewScreen(f))
}

func (s Pages) create(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sites, err := s.Codes.Sites(ctx)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return route.Invalid("error.form").Because(err)
	}
	f := campaignForm{Sites: sites, Errors: map[string]string{}, Values: map[string]string{}}
	for k := range r.PostForm {
		f.Values[k] = strings.TrimSpace(r.PostForm.Get(k))
	}
	about, terms := f.read(ctx)
	if code := f.Values["sku"]; code != "" {
		known, err := s.Codes.SKUsByCode(ctx, code)
		if err != nil {
			return err
		}
		if about.SKU = known[code].ID; about.SKU == 0 {
			f.bad(ctx, "sku", "unknown")
		}
	}
	var faults *campaign.TermsError
	if err := terms.Check(ui.From(ctx).Now); errors.As(err, &faults) {
		for _, x := range faults.Faults {
			f.bad(ctx, formField(x.Field), string(x.Word))
		}
	}
	if len(f.Errors) > 0 {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, campaignNewScreen(f))
	}
	c, err := s.Ops.Create(ctx, about, terms)
	if err != nil {
		return err
	}
	return s.done(w, r, c, "campaigns.done.create")
}

// formField gives the form's field of a field of the terms: "tiers.1.price" is "t1_price".
func formField(field string) string {
	rest, ok := strings.CutPrefix(field, "tiers.")
	if !ok {
		return field
	}
	no, name, _ := strings.Cut(rest, ".")
	if name == "breaks" {
		name = "break_price"
	}
	return "t" + no + "_" + name
}

func (f *campaignForm) bad(ctx context.Context, field, word string) {
	if f.Errors[field] == "" {
		f.Errors[field] = ui.T(ctx, "campaigns.fault."+word)
	}
}

func (f *campaignForm) number(ctx context.Context, field string) quantity.Pieces {
	text := f.Values[field]
	if text == "" {
		return 0
	}
	n, ok := route.Pieces(text)
	if !ok {
		f.bad(ctx, field, "number")
	}
	return n
}

func (f *campaignForm) yuan(ctx context.Context, field string) money.Fen {
	text := f.Values[field]
	if text == "" {
		return 0
	}
	fen, err := money.ParseYuan(text)
	if err != nil {
		f.bad(ctx, field, "money")
	}
	return fen
}

func (f *campaignForm) time(ctx context.Context, field string) time.Time {
	if f.Values[field] == "" {
		return time.Time{}
	}
	t, err := localTime(ctx, f.Values[field])
	if err != nil {
		f.bad(ctx, field, "time")
	}
	return t
}

// read makes the campaign of what was typed.
func (f *campaignForm) read(ctx context.Context) (campaign.About, campaign.Terms) {
	v := f.Values
	about := campaign.About{Name: catalog.Name{ZH: v["name_zh"], EN: v["name_en"]}, Story: catalog.Name{ZH: v["story_zh"], EN: v["story_en"]}, Spec: v["spec"]}
	if v["name_zh"] == "" {
		f.bad(ctx, "name_zh", "missing")
	}
	for _, s := range f.Sites {
		if s.Code == v["site"] {
			about.ShipTo = s.ID
		}
	}
	t := campaign.Terms{Mode: campaign.Mode(v["mode"]), Charge: campaign.Timing(v["charge"]), Goal: f.number(ctx, "goal"), Quota: f.number(ctx, "quota"),
		PerMember: f.number(ctx, "per_member"), MOQ: f.number(ctx, "moq"), Threshold: f.number(ctx, "threshold"), Start: f.time(ctx, "start"),
		Deadline: f.time(ctx, "deadline"), PayWithin: time.Duration(f.number(ctx, "pay_hours")) * time.Hour, Extensions: int(f.number(ctx, "extensions"))}
	if t.Mode == campaign.DepositBalance {
		t.Deposit, t.Forfeit, t.Double = f.yuan(ctx, "deposit"), true, true
		if end := f.time(ctx, "balance_deadline"); !end.IsZero() {
			t.BalanceDeadline = &end
		}
	}
	if t.Mode == campaign.GroupBuy {
		t.GroupSize = int(f.number(ctx, "group_size"))
	}
	for i := range tierRows {
		at := "t" + strconv.Itoa(i) + "_"
		if v[at+"name"] == "" && v[at+"price"] == "" {
			continue
		}
		name := v[at+"name"]
		x := campaign.Tier{Code: "t" + strconv.Itoa(i+1), Name: catalog.Name{ZH: name, EN: v[at+"name_en"]}, Pieces: max(1, f.number(ctx, at+"pieces")),
			Quota: f.number(ctx, at+"quota"), Breaks: []campaign.Break{{Price: f.yuan(ctx, at+"price")}}}
		if from := f.number(ctx, at+"break_from"); from > 0 {
			x.Breaks = append(x.Breaks, campaign.Break{From: from, Price: f.yuan(ctx, at+"break_price")})
		}
		t.Tiers = append(t.Tiers, x)
	}
	return about, t
}

// The form's times are those of the reader's zone.
const timeForm = "2006-01-02T15:04"

func localTime(ctx context.Context, text string) (time.Time, error) {
	return time.ParseInLocation(timeForm, text, desk.ZoneOf(ctx))
}

func formTime(ctx context.Context, t time.Time) string {
	return t.In(desk.ZoneOf(ctx)).Format(timeForm)
}
