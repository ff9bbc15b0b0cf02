package campaigns

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// campaignForm is a campaign as a draft is written: what was typed, with what is wrong by field.
type campaignForm struct {
	*desk.Posted
	Sites    []catalog.Site
	Number   string // of the draft that is changed, "" for a new one
	Revision int64
	Rows     int // of tiers
	Pictures []int64
}

// Rows of the form: tiers at least and at most, and the cheaper prices of each.
const (
	leastTiers = 3
	breakRows  = 2
)

// path is where the form goes.
func (f campaignForm) path() string {
	if f.Number == "" {
		return "/campaigns"
	}
	return "/campaigns/" + f.Number + "/edit"
}

func (s Pages) newForm(w http.ResponseWriter, r *http.Request) error {
	sites, err := s.Codes.Sites(r.Context())
	if err != nil {
		return err
	}
	ctx, now := r.Context(), ui.From(r.Context()).Now
	values := url.Values{"mode": {string(campaign.AllOrNothing)}, "charge": {string(campaign.AtPledge)}, "start": {formTime(ctx, now)},
		"deadline": {formTime(ctx, now.AddDate(0, 0, 14))}, "t0_pieces": {"1"}, "pay_hours": {"24"}, "extensions": {"1"}, "forfeit": {"1"}, "double": {"1"}}
	f := campaignForm{Posted: &desk.Posted{Ctx: ctx, Form: values, Errors: map[string]string{}}, Sites: sites, Rows: leastTiers}
	return route.Render(w, r, draftScreen(f))
}

func (s Pages) create(w http.ResponseWriter, r *http.Request) error {
	f, about, terms, err := s.typed(r)
	if err != nil {
		return err
	}
	if !f.OK() {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, draftScreen(f))
	}
	c, err := s.Ops.Create(r.Context(), about, terms)
	if err != nil {
		return err
	}
	return s.stored(w, r, c, "campaigns.done.create")
}

// editForm shows a draft as it is stored. Asked to check, it names everything that keeps it from being published.
func (s Pages) editForm(w http.ResponseWriter, r *http.Request) error {
	f, c, err := s.draft(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	f.Posted = &desk.Posted{Ctx: ctx, Form: s.write(ctx, c, f.Sites), Errors: map[string]string{}}
	if c.SKU != 0 {
		goods, err := s.Codes.SKUs(ctx, c.SKU)
		if err != nil {
			return err
		}
		f.Form.Set("sku", goods[c.SKU].Code)
	}
	if r.URL.Query().Get("check") != "" {
		f.judge(c.Terms.Check(ui.From(ctx).Now), false)
	}
	return route.Render(w, r, draftScreen(f))
}

// draft finds the draft that a form is about.
func (s Pages) draft(r *http.Request) (campaignForm, *campaign.Campaign, error) {
	ctx := r.Context()
	c, err := s.Ops.ByNumber(ctx, route.Param(r, "number"))
	if err != nil {
		return campaignForm{}, nil, err
	}
	if c.State != campaign.Draft {
		return campaignForm{}, nil, route.Conflict("campaigns.refused.published").With("campaigns.refused.to_page", campaignHref(c.Number))
	}
	f := campaignForm{Number: c.Number, Revision: c.Revision, Rows: min(max(leastTiers, len(c.Terms.Tiers)+1), campaign.MaxTiers)}
	if f.Sites, err = s.Codes.Sites(ctx); err != nil {
		return f, nil, err
	}
	f.Pictures, err = s.Ops.Pictures(ctx, c)
	return f, c, err
}

func (s Pages) edit(w http.ResponseWriter, r *http.Request) error {
	stored, c, err := s.draft(r)
	if err != nil {
		return err
	}
	f, about, terms, err := s.typed(r)
	if err != nil {
		return err
	}
	f.Number, f.Pictures = c.Number, stored.Pictures
	if f.Revision, err = strconv.ParseInt(f.Form.Get("revision"), 10, 64); err != nil {
		return route.Invalid("error.form").Because(err)
	}
	if !f.OK() {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, draftScreen(f))
	}
	if c, err = s.Ops.Change(r.Context(), c.ID, f.Revision, about, terms); err != nil {
		return err
	}
	return s.stored(w, r, c, "campaigns.done.edit")
}

// stored says that a draft was saved, and publishes it where that was asked.
func (s Pages) stored(w http.ResponseWriter, r *http.Request, c *campaign.Campaign, word string) error {
	if r.PostForm.Get("do") != "publish" {
		return s.done(w, r, c, word)
	}
	published, err := s.Ops.Publish(r.Context(), c.ID, c.Revision)
	if err != nil {
		return err
	}
	return s.done(w, r, published, "campaigns.done.publish")
}

// typed reads the form. A draft may be incomplete, but not contradict itself; published it must be whole.
func (s Pages) typed(r *http.Request) (campaignForm, campaign.About, campaign.Terms, error) {
	ctx := r.Context()
	var about campaign.About
	var terms campaign.Terms
	sites, err := s.Codes.Sites(ctx)
	if err != nil {
		return campaignForm{}, about, terms, err
	}
	posted, err := desk.ReadPosted(r)
	if err != nil {
		return campaignForm{}, about, terms, err
	}
	f := campaignForm{Posted: posted, Sites: sites, Rows: leastTiers}
	if n, err := strconv.Atoi(posted.Form.Get("rows")); err == nil {
		f.Rows = min(max(n, leastTiers), campaign.MaxTiers)
	}
	about, terms = f.about(), f.terms()
	if code := f.Text("sku"); code != "" {
		known, err := s.Codes.SKUsByCode(ctx, code)
		if err != nil {
			return f, about, terms, err
		}
		if about.SKU = known[code].ID; about.SKU == 0 {
			f.Bad("sku", "campaigns.fault.unknown")
		}
	}
	f.judge(terms.Check(ui.From(ctx).Now), f.Form.Get("do") != "publish")
	return f, about, terms, nil
}

// judge puts the faults of terms beside their fields; those that a draft may have are left out where lenient.
func (f *campaignForm) judge(err error, lenient bool) {
	var faults *campaign.TermsError
	if !errors.As(err, &faults) {
		return
	}
	for _, x := range faults.Faults {
		if lenient && (x.Word == campaign.Missing || x.Field == "goal" && x.Word == campaign.TooSmall) {
			continue
		}
		word := x.Word
		if word == campaign.TooSmall && f.Text(x.Field) == "" {
			word = campaign.Missing
		}
		f.Bad(f.fieldOf(x.Field), "campaigns.fault."+string(word))
	}
}

// fieldOf gives the form's field of a field of the terms: "tiers.1.price" is "t1_price", in the row where that tier was typed.
func (f *campaignForm) fieldOf(field string) string {
	rest, ok := strings.CutPrefix(field, "tiers.")
	if !ok {
		switch field {
		case "pay_within":
			return "pay_hours"
		case "tiers": // none at all: the first row is where to begin
			return tierField(0, "price")
		}
		return field
	}
	text, name, _ := strings.Cut(rest, ".")
	no, _ := strconv.Atoi(text)
	if rows := f.tierRows(); no < len(rows) {
		no = rows[no]
	}
	if name == "breaks" {
		name = "b1_price"
	}
	return tierField(no, name)
}

func tierField(row int, name string) string { return "t" + strconv.Itoa(row) + "_" + name }

// tierRows gives the rows in which a tier was typed.
func (f *campaignForm) tierRows() []int {
	var out []int
	for i := range f.Rows {
		if slices.ContainsFunc([]string{"name", "name_en", "price", "quota", "until", "b1_price", "b2_price"}, func(x string) bool { return f.Text(tierField(i, x)) != "" }) {
			out = append(out, i)
		}
	}
	return out
}

func (f *campaignForm) about() campaign.About {
	a := campaign.About{Name: catalog.Name{ZH: f.Text("name_zh"), EN: f.Text("name_en")}, Story: catalog.Name{ZH: f.Text("story_zh"), EN: f.Text("story_en")},
		Spec: f.Text("spec"), Promise: f.Day("promise")}
	if a.Name.ZH == "" {
		f.Bad("name_zh", "campaigns.fault.missing")
	}
	for field, most := range map[string]int{"name_zh": 120, "name_en": 120, "story_zh": 4000, "story_en": 4000, "spec": 1000} {
		if n := len([]rune(f.Text(field))); n > most {
			f.Bad(field, "campaigns.fault.at_most", "Most", most, "Has", n)
		}
	}
	if code := f.Text("site"); code != "" {
		i := slices.IndexFunc(f.Sites, func(s catalog.Site) bool { return s.Code == code })
		if i < 0 {
			f.Bad("site", "campaigns.fault.choice")
		} else {
			a.ShipTo = f.Sites[i].ID
		}
	}
	return a
}

func (f *campaignForm) terms() campaign.Terms {
	t := campaign.Terms{Mode: campaign.Mode(f.Text("mode")), Charge: campaign.Timing(f.Text("charge")), Goal: f.Pieces("goal"), Quota: f.Pieces("quota"),
		PerMember: f.Pieces("per_member"), MOQ: f.Pieces("moq"), Threshold: f.Pieces("threshold"), Start: f.time("start"), Deadline: f.time("deadline"),
		PayWithin: time.Duration(f.Small("pay_hours")) * time.Hour, Extensions: f.Small("extensions")}
	switch t.Mode {
	case campaign.DepositBalance:
		t.Deposit, t.Forfeit, t.Double = f.Yuan("deposit"), f.On("forfeit"), f.On("double")
		if end := f.time("balance_deadline"); !end.IsZero() {
			t.BalanceDeadline = &end
		}
	case campaign.GroupBuy:
		t.GroupSize = f.Small("group_size")
	}
	for _, i := range f.tierRows() {
		t.Tiers = append(t.Tiers, f.tier(i))
	}
	return t
}

func (f *campaignForm) tier(row int) campaign.Tier {
	at := func(name string) string { return tierField(row, name) }
	x := campaign.Tier{Code: f.Text(at("code")), Name: catalog.Name{ZH: f.Text(at("name")), EN: f.Text(at("name_en"))}, Pieces: f.Pieces(at("pieces")), Quota: f.Pieces(at("quota"))}
	if x.Code == "" {
		x.Code = "t" + strconv.Itoa(row+1)
	}
	if f.Text(at("pieces")) == "" {
		x.Pieces = 1
	}
	if x.Name.ZH == "" {
		f.Bad(at("name"), "campaigns.fault.missing")
	}
	if until := f.time(at("until")); !until.IsZero() {
		x.Until = &until
	}
	if f.Text(at("price")) != "" {
		x.Breaks = []campaign.Break{{Price: f.Yuan(at("price"))}}
	}
	for b := 1; b <= breakRows; b++ {
		from, price := at("b"+strconv.Itoa(b)+"_from"), at("b"+strconv.Itoa(b)+"_price")
		switch hasFrom, hasPrice := f.Text(from) != "", f.Text(price) != ""; {
		case hasFrom && hasPrice:
			x.Breaks = append(x.Breaks, campaign.Break{From: f.Pieces(from), Price: f.Yuan(price)})
		case hasFrom:
			f.Bad(price, "campaigns.fault.missing")
		case hasPrice:
			f.Bad(from, "campaigns.fault.missing")
		}
	}
	return x
}

func (f *campaignForm) time(field string) time.Time {
	if f.Text(field) == "" {
		return time.Time{}
	}
	t, err := localTime(f.Ctx, f.Text(field))
	if err != nil {
		f.Bad(field, "campaigns.fault.time")
	}
	return t
}

// write gives a stored draft as the form's values.
func (s Pages) write(ctx context.Context, c *campaign.Campaign, sites []catalog.Site) url.Values {
	v := url.Values{}
	set := func(field, text string) { v.Set(field, text) }
	count := func(field string, n quantity.Pieces) {
		if n != 0 {
			set(field, ui.Int(int64(n)))
		}
	}
	at := func(field string, t time.Time) {
		if !t.IsZero() {
			set(field, formTime(ctx, t))
		}
	}
	set("name_zh", c.Name.ZH)
	set("name_en", c.Name.EN)
	set("story_zh", c.Story.ZH)
	set("story_en", c.Story.EN)
	set("spec", c.Spec)
	set("promise", desk.DayValue(c.Promise))
	for _, x := range sites {
		if x.ID == c.ShipTo {
			set("site", x.Code)
		}
	}
	set("mode", string(c.Mode))
	set("charge", string(c.Charge))
	count("goal", c.Goal)
	count("quota", c.Quota)
	count("per_member", c.PerMember)
	count("moq", c.MOQ)
	count("threshold", c.Threshold)
	count("group_size", quantity.Pieces(c.GroupSize))
	count("pay_hours", quantity.Pieces(c.PayWithin/time.Hour))
	set("extensions", strconv.Itoa(c.Extensions))
	at("start", c.Start)
	at("deadline", c.Deadline)
	if c.BalanceDeadline != nil {
		at("balance_deadline", *c.BalanceDeadline)
	}
	if c.Deposit > 0 {
		set("deposit", c.Deposit.Yuan())
	}
	for field, on := range map[string]bool{"forfeit": c.Forfeit || c.Mode != campaign.DepositBalance, "double": c.Double || c.Mode != campaign.DepositBalance} {
		if on {
			set(field, "1")
		}
	}
	for i, t := range c.Terms.Tiers {
		f := func(name string) string { return tierField(i, name) }
		set(f("code"), t.Code)
		set(f("name"), t.Name.ZH)
		set(f("name_en"), t.Name.EN)
		count(f("pieces"), t.Pieces)
		count(f("quota"), t.Quota)
		if t.Until != nil {
			at(f("until"), *t.Until)
		}
		for b, x := range t.Breaks {
			if b == 0 {
				set(f("price"), x.Price.Yuan())
				continue
			}
			count(f("b"+strconv.Itoa(b)+"_from"), x.From)
			set(f("b"+strconv.Itoa(b)+"_price"), x.Price.Yuan())
		}
	}
	return v
}
