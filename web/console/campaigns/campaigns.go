package campaigns

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/lotplan"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Pages are what members ask to have made: the list, and each campaign from its draft to its last delivery.
type Pages struct {
	Ops   *campaignops.Ops
	Codes CampaignCodes
	// Orders names the factory orders of lots.
	Orders *c2mops.Ops
	// Public gives the address of a campaign's public page.
	Public func(number string) string
}

// CampaignCodes names goods, sites and factories.
type CampaignCodes interface {
	SKUs(ctx context.Context, ids ...catalog.SKUID) (map[catalog.SKUID]catalog.SKU, error)
	SKUsByCode(ctx context.Context, codes ...string) (map[string]catalog.SKU, error)
	Sites(ctx context.Context) ([]catalog.Site, error)
	Suppliers(ctx context.Context, ids ...catalog.SupplierID) (map[catalog.SupplierID]catalog.Supplier, error)
}

// Screens gives the routes of the campaigns.
func (s Pages) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/campaigns", access.ViewOrders, s.list),
			route.GET("/campaigns/new", access.EditOrders, s.newForm),
			route.POST("/campaigns", access.EditOrders, s.create),
			route.GET("/campaigns/{number}", access.ViewOrders, s.one),
			route.GET("/campaigns/{number}/pledges", access.ViewOrders, s.pledges),
			route.POST("/campaigns/{number}/publish", access.EditOrders, s.publish),
			route.POST("/campaigns/{number}/pause", access.EditOrders, s.pause),
			route.POST("/campaigns/{number}/resume", access.EditOrders, s.resume),
			route.POST("/campaigns/{number}/extend", access.EditOrders, s.extend),
			route.POST("/campaigns/{number}/cancel", access.EditOrders, s.cancel),
			route.POST("/campaigns/{number}/lots", access.EditOrders, s.orderLots),
			route.POST("/campaigns/{number}/tell", access.EditOrders, s.tell),
			route.POST("/campaigns/{number}/payments/{id}/retry", access.EditOrders, s.retry),
		},
		Menu:   []ui.MenuItem{{Key: "campaigns", Path: "/campaigns", Permission: access.ViewOrders, Count: s.running}},
		Errors: []route.Mapper{explainCampaign},
	}
}

// running counts the campaigns that members can pledge to now, for the menu.
func (s Pages) running(ctx context.Context) int {
	n, err := s.Ops.Counts(ctx)
	if err != nil {
		return 0
	}
	return n[campaign.Open] + n[campaign.Balance]
}

// explainCampaign says a campaign's refusal in words.
func explainCampaign(err error) *route.Refusal {
	var state *campaign.StateError
	var short *lotplan.ShortError
	var terms *campaign.TermsError
	switch {
	case errors.Is(err, campaign.ErrUnknown), errors.Is(err, campaign.ErrNumber):
		return route.NotFound()
	case errors.Is(err, campaign.ErrStale):
		return route.Conflict("error.stale")
	case errors.As(err, &state):
		return route.Conflict("campaigns.refused.state")
	case errors.As(err, &short):
		return route.Conflict("campaigns.refused.short", "Want", short.Want, "Most", short.Most)
	case errors.As(err, &terms):
		return route.Invalid("campaigns.refused.terms", "Fields", campaignFaults(terms))
	}
	for known, word := range campaignRefusals {
		if errors.Is(err, known) {
			return route.Conflict(word)
		}
	}
	return nil
}

var campaignRefusals = map[error]string{
	campaign.ErrDeadline: "campaigns.refused.deadline", campaign.ErrReason: "campaigns.refused.reason", campaign.ErrExtend: "campaigns.refused.extend",
	campaign.ErrNoGoods: "campaigns.refused.goods", campaign.ErrLots: "campaigns.refused.lots", campaign.ErrNoFactory: "campaigns.refused.factory",
}

func campaignFaults(e *campaign.TermsError) string {
	text := ""
	for i, f := range e.Faults {
		if i > 0 {
			text += ", "
		}
		text += f.Field
	}
	return text
}

// campaignViews are the choices of the list and the states that each shows.
var campaignViews = []struct {
	Key    string
	States []campaign.State
}{
	{"", nil}, {"running", []campaign.State{campaign.Scheduled, campaign.Open, campaign.Paused, campaign.Balance}}, {"draft", []campaign.State{campaign.Draft}},
	{"made", []campaign.State{campaign.Succeeded, campaign.Producing}}, {"over", []campaign.State{campaign.Delivered, campaign.Failed, campaign.Cancelled}},
}

// campaignList is what the list shows.
type campaignList struct {
	Rows   []*campaign.Campaign
	Counts map[string]int // by view
	View   string
	Query  string
	Next   campaign.ID
	First  bool
}

func (s Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	p := campaignList{View: q.Get("view"), Query: q.Get("q"), Counts: map[string]int{}}
	before, _ := strconv.ParseInt(q.Get("before"), 10, 64)
	p.First = before == 0
	query := campaignops.Query{Text: p.Query, Before: campaign.ID(before), Limit: 50}
	counts, err := s.Ops.Counts(ctx)
	if err != nil {
		return err
	}
	for _, v := range campaignViews {
		for state, n := range counts {
			for _, x := range v.States {
				if x == state {
					p.Counts[v.Key] += n
				}
			}
			if v.States == nil {
				p.Counts[v.Key] += n
			}
		}
		if v.Key == p.View {
			query.States = v.States
		}
	}
	if p.Rows, p.Next, err = s.Ops.Campaigns(ctx, query); err != nil {
		return err
	}
	if route.Partial(r) {
		return route.Render(w, r, campaignTable(p))
	}
	return route.Render(w, r, campaignsScreen(p))
}

// campaignView is one campaign as its page shows it.
type campaignView struct {
	*campaignops.Page
	Goods     *catalog.SKU
	Site      *catalog.Site
	Suppliers map[catalog.SupplierID]catalog.Supplier
	Plan      *campaignops.Plan // what lots would cost, where they can be ordered
	PlanFault *route.Refusal
	Extra     int64
	Days      int
	Orders    map[c2m.OrderID]string // numbers of the lots' factory orders
	Public    string
	Here      string
}

func (s Pages) one(w http.ResponseWriter, r *http.Request) error {
	v, err := s.view(r)
	if err != nil {
		return err
	}
	if route.Partial(r) {
		return route.Render(w, r, campaignBody(v))
	}
	return route.Render(w, r, campaignScreen(v))
}

func (s Pages) view(r *http.Request) (*campaignView, error) {
	ctx := r.Context()
	page, err := s.Ops.Open(ctx, route.Param(r, "number"))
	if err != nil {
		return nil, err
	}
	v := &campaignView{Page: page, Here: "/campaigns/" + page.Number, Days: 60}
	if s.Public != nil && page.State.Public() {
		v.Public = s.Public(page.Number)
	}
	if err := s.name(ctx, v); err != nil {
		return nil, err
	}
	if page.MayOrder() && len(page.Lots) == 0 && page.SKU != 0 && desk.Can(ctx, access.EditOrders) {
		s.plan(r, v)
	}
	return v, nil
}

// name finds what the page names.
func (s Pages) name(ctx context.Context, v *campaignView) error {
	if v.SKU != 0 {
		goods, err := s.Codes.SKUs(ctx, v.SKU)
		if err != nil {
			return err
		}
		if g, ok := goods[v.SKU]; ok {
			v.Goods = &g
		}
	}
	sites, err := s.Codes.Sites(ctx)
	if err != nil {
		return err
	}
	for _, x := range sites {
		if x.ID == v.ShipTo {
			v.Site = &x
		}
	}
	var ids []catalog.SupplierID
	var orders []c2m.OrderID
	for _, l := range v.Lots {
		ids = append(ids, l.Supplier)
		if l.Order != 0 {
			orders = append(orders, c2m.OrderID(l.Order))
		}
	}
	if v.Orders, err = s.Orders.Numbers(ctx, orders); err != nil {
		return err
	}
	v.Suppliers, err = s.Codes.Suppliers(ctx, ids...)
	return err
}

// plan adds what the lots would cost at each date.
func (s Pages) plan(r *http.Request, v *campaignView) {
	if n, err := strconv.ParseInt(r.URL.Query().Get("extra"), 10, 64); err == nil && n >= 0 {
		v.Extra = min(n, int64(campaign.MaxPieces))
	}
	if n, err := strconv.Atoi(r.URL.Query().Get("days")); err == nil && n > 0 {
		v.Days = min(n, 365)
	}
	plan, err := s.Ops.PlanLots(r.Context(), v.ID, making(v.Extra, v.Days))
	if err != nil {
		v.PlanFault = route.Explain(err, explainCampaign)
		return
	}
	v.Plan = plan
	ids := make([]catalog.SupplierID, 0, len(plan.Offers))
	for _, q := range plan.Offers {
		ids = append(ids, q.Supplier)
	}
	if named, err := s.Codes.Suppliers(r.Context(), ids...); err == nil {
		v.Suppliers = named
	}
}

// stockCost is what a piece costs that nobody pledged, in fen: a tenth of a usual margin lost to holding and clearing it.
const stockCost = 300

func making(extra int64, days int) campaignops.Making {
	return campaignops.Making{Extra: pieces(extra), DueDays: days, Surplus: stockCost, Release: lotplan.DefaultRelease}
}

func (s Pages) pledges(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	c, err := s.Ops.ByNumber(ctx, route.Param(r, "number"))
	if err != nil {
		return err
	}
	q := r.URL.Query()
	after, _ := strconv.ParseInt(q.Get("after"), 10, 64)
	state := campaign.PledgeState(q.Get("state"))
	list, next, err := s.Ops.Pledges(ctx, c.ID, after, state, q.Get("member"), 100)
	if err != nil {
		return err
	}
	return route.Render(w, r, pledgesScreen(pledgeList{Campaign: c, Rows: list, Next: next, First: after == 0, State: state, Member: q.Get("member")}))
}

// pledgeList is a page of a campaign's pledges.
type pledgeList struct {
	*campaign.Campaign
	Rows   []*campaign.Pledge
	Next   int64
	First  bool
	State  campaign.PledgeState
	Member string
}
