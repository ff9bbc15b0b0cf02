package campaigns

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"milkrun/c2m"
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/lotplan"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// siteList is the sites that goods may be sent to.
type siteList []catalog.Site

// goodsOf finds the goods of a campaign for their form.
func (s Pages) goodsOf(r *http.Request) (*goodsPage, error) {
	ctx := r.Context()
	c, here, err := s.find(r)
	if err != nil {
		return nil, err
	}
	if c.State.Over() {
		return nil, route.Conflict("campaigns.refused.state").With("campaigns.refused.to_page", here)
	}
	p := &goodsPage{Campaign: c, Values: url.Values{"spec": {c.Spec}, "promise": {desk.DayValue(c.Promise)}}}
	sites, err := s.Codes.Sites(ctx)
	if err != nil {
		return nil, err
	}
	p.Sites = sites
	for _, x := range sites {
		if x.ID == c.ShipTo {
			p.Values["site"] = []string{x.Code}
		}
	}
	if c.SKU != 0 {
		goods, err := s.Codes.SKUs(ctx, c.SKU)
		if err != nil {
			return nil, err
		}
		p.Values["sku"] = []string{goods[c.SKU].Code}
	}
	return p, nil
}

// planFields are the assumptions of a plan that go along when it is ordered.
var planFields = []string{"extra", "within", "surplus", "grade", "first", "slack"}

func chosenWeight(on bool) string {
	if on {
		return "600"
	}
	return "400"
}

func dearerWord(fen money.Fen) string {
	if fen == 0 {
		return ui.Nothing
	}
	return "+" + ui.YuanRound(fen)
}

// lastLot gives the number of the last lot that was ordered before.
func lastLot(p *planPage) int { return p.Plan.Last() }

// surplusCost is what of the cost stands for pieces that nobody pledged: what the parts do not explain.
func (p *planPage) surplusCost() money.Fen {
	rest := p.Chosen.Cost
	for _, part := range p.Chosen.Parts {
		rest -= part.Cost()
	}
	return rest
}

// nowCost is what the lots cost that are ordered now.
func (p *planPage) nowCost() money.Fen {
	var sum money.Fen
	for _, part := range p.Chosen.Parts {
		used := false
		for _, l := range p.Lots {
			if l.Factory == part.Factory && !l.Held {
				sum += part.Price * money.Fen(l.Pieces)
				used = true
			}
		}
		if used {
			sum += part.Setup
		}
	}
	return sum
}

func needWords(ctx context.Context, p *planPage) string {
	if p.Plan.Made > 0 {
		return ui.T(ctx, "campaigns.need_rest", "Need", p.Plan.Need, "Pledged", p.Plan.Pledged, "Made", p.Plan.Made)
	}
	return ui.T(ctx, "campaigns.need", "Need", p.Plan.Need, "Pledged", p.Plan.Pledged)
}

func splitWords(ctx context.Context, p *planPage, s lotplan.Split) string {
	var parts []string
	for _, part := range s.Parts {
		parts = append(parts, p.factory(ctx, part.Factory)+" "+ui.Pieces(part.Pieces))
	}
	return strings.Join(parts, " + ")
}

// form gives the form that was sent with a fault where it is the one of this lot, or the rule's (0); nil for others.
func (p *lotsPage) form(no int) *desk.Posted {
	if p.Posted == nil || p.Asked != no {
		return nil
	}
	return p.Posted
}

func reportChecked(f *desk.Posted, what string) bool {
	if f == nil {
		return what == "late"
	}
	return f.Text("what") == what
}

func lotField(name string, l campaign.Lot) string { return fmt.Sprintf("f-%s-%d", name, l.No) }

func orderHint(ctx context.Context, o orderOf) string {
	switch c2m.State(o.State) {
	case c2m.StateDraft:
		return ui.T(ctx, "campaigns.order_draft")
	case c2m.StateSent, c2m.StateAnswered:
		return ui.T(ctx, "campaigns.order_waits")
	}
	return ui.T(ctx, "campaigns.order_over")
}

func lateTone(l campaign.Lot) string {
	if l.Late() > 0 {
		return "t-risk"
	}
	return "t-ok"
}

func movedWord(ctx context.Context, l campaign.Lot) string {
	if n := l.Late(); n > 0 {
		return ui.T(ctx, "campaigns.later_by", ui.Count, n, "Day", ui.Day(ctx, l.First))
	}
	return ui.T(ctx, "campaigns.earlier_by", ui.Count, -l.Late(), "Day", ui.Day(ctx, l.First))
}

// servedWord says which pledges a lot serves.
func servedWord(ctx context.Context, p *lotsPage, l campaign.Lot) string {
	for _, x := range p.Work.Servings {
		if x.Lot == l.No {
			return ui.T(ctx, "campaigns.served", ui.Count, x.Pledges, "First", strconv.FormatInt(x.First, 10), "Last", strconv.FormatInt(x.Last, 10))
		}
	}
	return ""
}

func draftedMembers(all []campaignops.Drafted) (n int) {
	for _, d := range all {
		n += d.Members
	}
	return n
}

// effectWord says what news of a lot did.
func effectWord(ctx context.Context, no int, e *campaignops.Effect) string {
	if e.Later+e.Earlier+e.Unserved == 0 {
		return ui.T(ctx, "campaigns.done.report_still", "No", no)
	}
	return ui.T(ctx, "campaigns.done.report", "No", no, "Later", e.Later, "Earlier", e.Earlier, "Unserved", e.Unserved)
}

func noticeMark(kind string) (ui.Tone, string) {
	switch campaign.NoticeKind(kind) {
	case campaign.Later:
		return ui.Watch, "clock-exclamation"
	case campaign.Earlier:
		return ui.OK, "check"
	case campaign.Short:
		return ui.Risk, "alert-octagon"
	}
	return ui.Plain, "calendar-event"
}

// movedDays writes a promise that moved: the day before, and the one now.
func movedDays(ctx context.Context, was, is *calendar.Day) string {
	switch {
	case was == nil && is == nil:
		return ""
	case was == nil:
		return ui.Day(ctx, *is)
	case is == nil:
		return ui.Day(ctx, *was) + " → " + ui.Nothing
	}
	return ui.Day(ctx, *was) + " → " + ui.Day(ctx, *is)
}

// made gives what a factory makes in a choice, nil for nothing.
func made(x lotplan.Reason) *quantity.Pieces {
	if x.Pieces == 0 {
		return nil
	}
	return &x.Pieces
}

func shareWord(x lotplan.Reason) string {
	if x.ShareBP == 0 {
		return ui.Nothing
	}
	return ui.Percent(float64(x.ShareBP)/10_000, 0)
}

func channelTitle(ctx context.Context, p *channelsPage) string {
	if p.Code != "" {
		return ui.T(ctx, "campaigns.channel.change", "Code", p.Code)
	}
	return ui.T(ctx, "campaigns.channel.new")
}

// withExtra gives the plan's address with so many pieces for stock.
func (p *planPage) withExtra(n quantity.Pieces) string {
	q := url.Values{"extra": {strconv.FormatInt(int64(n), 10)}}
	for _, k := range planFields[1:] {
		if v := p.Text(k); v != "" {
			q.Set(k, v)
		}
	}
	return campaignHref(p.Number) + "/plan?" + q.Encode()
}

// restWords says what is forecast to be wanted beyond the pledges.
func restWords(ctx context.Context, p *planPage) string {
	r := p.Plan.Rest
	if r.Pledges > 0 {
		return ui.T(ctx, "campaigns.plan.rest_both", "Pledges", r.Pledges, "Retail", r.Retail, "Days", r.Days)
	}
	return ui.T(ctx, "campaigns.plan.rest", "Retail", r.Retail, "Days", r.Days)
}

func ownerHref(owner string) string { return "/surplus?" + url.Values{"owner": {owner}}.Encode() }
