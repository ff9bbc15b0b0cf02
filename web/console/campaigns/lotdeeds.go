package campaigns

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"milkrun/c2m"
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
	"milkrun/internal/quantity"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// orderOf looks at the factory order of a lot.
func (s Pages) orderOf(ctx context.Context, l campaign.Lot) (orderOf, error) {
	d, err := s.Orders.Detail(ctx, c2m.OrderID(l.Order))
	if err != nil {
		return orderOf{}, err
	}
	_, agreed := d.Order.Agreed[l.Line]
	open := d.Order.State == c2m.StateConfirmed || d.Order.State == c2m.StateProducing || d.Order.State == c2m.StateDispatched
	return orderOf{Number: d.Order.Number, State: string(d.Order.State), Agreed: agreed && open}, nil
}

// lotOf finds the lot of the address.
func (p *lotsPage) lotOf(r *http.Request) (campaign.Lot, error) {
	no, err := strconv.Atoi(route.Param(r, "lot"))
	if err != nil {
		return campaign.Lot{}, route.NotFound()
	}
	for _, l := range p.Lots {
		if l.No == no {
			return l, nil
		}
	}
	return campaign.Lot{}, route.NotFound()
}

// report takes news of a lot in: late, short or failed.
func (s Pages) report(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.lotsOf(r)
	if err != nil {
		return err
	}
	lot, err := p.lotOf(r)
	if err != nil {
		return err
	}
	if p.Posted, err = desk.ReadPosted(r); err != nil {
		return err
	}
	p.Asked = lot.No
	report := p.news(lot)
	if p.OK() {
		effect, err := s.Ops.ReportLot(ctx, p.ID, lot.No, report)
		if err == nil {
			route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: effectWord(ctx, lot.No, effect)})
			return route.See(w, r, campaignHref(p.Number)+"/lots")
		}
		if !p.refused(err) {
			return err
		}
	}
	return route.RenderStatus(w, r, http.StatusUnprocessableEntity, lotsScreen(p))
}

// news reads the form of a report: what happened decides which of its fields count.
func (p *lotsPage) news(lot campaign.Lot) campaignops.Report {
	out := campaignops.Report{Pieces: lot.Pieces, Day: lot.Promise, Reason: p.Text("reason")}
	if out.Reason == "" {
		p.Bad("reason", "campaigns.report.bad_reason")
	}
	switch p.Text("what") {
	case "late":
		if d := p.Day("day"); d != nil {
			out.Day = *d
		} else {
			p.Bad("day", "campaigns.fault.missing")
		}
		if out.Day == lot.Promise {
			p.Bad("day", "campaigns.report.bad_same")
		}
	case "short":
		if out.Pieces = p.Pieces("pieces"); out.Pieces < 1 || out.Pieces >= lot.Pieces {
			p.Bad("pieces", "campaigns.report.bad_pieces", "Most", lot.Pieces-1)
		}
		if d := p.Day("day"); d != nil {
			out.Day = *d
		}
	case "failed":
		out.Pieces = 0
	default:
		p.Bad("what", "campaigns.fault.choice")
	}
	return out
}

// refused puts a refusal beside its field and tells whether it was one.
func (p *lotsPage) refused(err error) bool {
	for known, at := range map[error][2]string{campaignops.ErrNoNews: {"what", "campaigns.report.no_news"}, campaignops.ErrNotAgreed: {"what", "campaigns.report.not_agreed"},
		c2m.ErrDay: {"day", "campaigns.report.bad_day"}, c2m.ErrShipped: {"pieces", "campaigns.report.shipped"}, c2m.ErrStale: {"what", "error.stale"}, campaign.ErrReason: {"reason", "campaigns.report.bad_reason"}} {
		if errors.Is(err, known) {
			p.Bad(at[0], at[1])
			return true
		}
	}
	return false
}

// release lets a held lot go: by the rule where enough has sold, else by the buyer's will with a reason.
func (s Pages) release(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.lotsOf(r)
	if err != nil {
		return err
	}
	lot, err := p.lotOf(r)
	if err != nil {
		return err
	}
	if p.Posted, err = desk.ReadPosted(r); err != nil {
		return err
	}
	p.Asked = lot.No
	selling := p.Work.Selling
	if selling.Ripe() && selling.Next == lot.No {
		_, err = s.Ops.ReleaseLot(ctx, p.ID, lot.No, selling.Sold(), selling.Release())
	} else if reason := p.Text("reason"); reason == "" {
		p.Bad("reason", "campaigns.report.bad_release")
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, lotsScreen(p))
	} else {
		_, err = s.Ops.LetGo(ctx, p.ID, lot.No, reason)
	}
	if err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "campaigns.done.release", "No", lot.No)})
	return route.See(w, r, campaignHref(p.Number)+"/lots")
}

// rule stores how later lots are let go.
func (s Pages) rule(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.lotsOf(r)
	if err != nil {
		return err
	}
	if p.Posted, err = desk.ReadPosted(r); err != nil {
		return err
	}
	rule := campaignops.Rule{FirstShare: p.Work.Selling.FirstShare, SellThrough: p.Small("sell_through"), GapDays: p.Small("gap_days"), Automatic: p.On("automatic")}
	if p.Text("sell_through") == "" || rule.SellThrough < 0 || rule.SellThrough > 100 {
		p.Bad("sell_through", "campaigns.rule.bad_share")
	}
	if rule.GapDays < 1 || rule.GapDays > 365 {
		p.Bad("gap_days", "campaigns.rule.bad_gap")
	}
	if !p.OK() {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, lotsScreen(p))
	}
	if err := s.Ops.SetRule(ctx, p.ID, rule); err != nil {
		return err
	}
	route.Tell(ctx, ui.Flash{Tone: ui.OK, Text: ui.T(ctx, "campaigns.done.rule")})
	return route.See(w, r, campaignHref(p.Number)+"/lots")
}

// goodsForm settles what is made and where to: the one thing that may be filled in after a campaign was published.
func (s Pages) goodsForm(w http.ResponseWriter, r *http.Request) error {
	p, err := s.goodsOf(r)
	if err != nil {
		return err
	}
	p.Posted = &desk.Posted{Ctx: r.Context(), Form: p.Values, Errors: map[string]string{}}
	return route.Render(w, r, goodsScreen(p))
}

func (s Pages) saveGoods(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.goodsOf(r)
	if err != nil {
		return err
	}
	if p.Posted, err = desk.ReadPosted(r); err != nil {
		return err
	}
	g := campaignops.Goods{Promise: p.Day("promise"), Spec: p.Text("spec")}
	code := p.Text("sku")
	known, err := s.Codes.SKUsByCode(ctx, code)
	if err != nil {
		return err
	}
	if g.SKU = known[code].ID; g.SKU == 0 {
		p.Bad("sku", "campaigns.fault.unknown")
	}
	for _, x := range p.Sites {
		if x.Code == p.Text("site") {
			g.ShipTo = x.ID
		}
	}
	if g.ShipTo == 0 {
		p.Bad("site", "campaigns.fault.choice")
	}
	if len([]rune(g.Spec)) > 1000 {
		p.Bad("spec", "campaigns.fault.at_most", "Most", 1000, "Has", len([]rune(g.Spec)))
	}
	if g.Promise != nil && *g.Promise < s.Ops.Today() {
		p.Bad("promise", "campaigns.fault.past")
	}
	if !p.OK() {
		return route.RenderStatus(w, r, http.StatusUnprocessableEntity, goodsScreen(p))
	}
	revision, _ := strconv.ParseInt(p.Form.Get("revision"), 10, 64)
	c, err := s.Ops.SetGoods(ctx, p.ID, revision, g)
	if err != nil {
		return err
	}
	return s.done(w, r, c, "campaigns.done.goods")
}

// goodsPage settles the goods of a campaign.
type goodsPage struct {
	*campaign.Campaign
	*desk.Posted
	Sites  siteList
	Values map[string][]string
}

// open counts the pledged pieces that no lot makes, and the pledges without a lot.
func (p *lotsPage) open() (pledges int, pieces quantity.Pieces) {
	for _, x := range p.Work.Servings {
		if x.Lot == 0 {
			pledges, pieces = pledges+x.Pledges, pieces+quantity.Pieces(x.Pieces)
		}
	}
	return pledges, pieces
}
