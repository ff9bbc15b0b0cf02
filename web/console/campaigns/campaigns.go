package campaigns

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/lotplan"
	"milkrun/c2m/supplier"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/web/console/desk"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Pages are what members ask to have made: the list, and each campaign from its draft to its last delivery.
type Pages struct {
	desk.Directory
	Ops   *campaignops.Ops
	Codes CampaignCodes
	// Orders names the factory orders of lots.
	Orders *c2mops.Ops
	// Rates gives what a hundredth of each currency is worth.
	Rates func(context.Context) (map[supplier.Currency]supplier.Rate, error)
	// Public gives the address of a campaign's public page.
	Public func(number string) string
}

// CampaignCodes names goods, sites and factories.
type CampaignCodes interface {
	SKUs(ctx context.Context, ids ...catalog.SKUID) (map[catalog.SKUID]catalog.SKU, error)
	SKUsByCode(ctx context.Context, codes ...string) (map[string]catalog.SKU, error)
	Sites(ctx context.Context) ([]catalog.Site, error)
	Suppliers(ctx context.Context, ids ...catalog.SupplierID) (map[catalog.SupplierID]catalog.Supplier, error)
	SupplierByCode(ctx context.Context, code string) (catalog.Supplier, error)
}

// Screens gives the routes of the campaigns.
func (s Pages) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{
			route.GET("/campaigns", access.ViewOrders, s.list),
			route.GET("/campaigns/new", access.EditOrders, s.newForm),
			route.POST("/campaigns", access.EditOrders, s.create),
			route.GET("/campaigns/{number}", access.ViewOrders, s.one),
			route.GET("/campaigns/{number}/edit", access.EditOrders, s.editForm),
			route.POST("/campaigns/{number}/edit", access.EditOrders, s.edit),
			route.GET("/campaigns/{number}/goods", access.EditOrders, s.goodsForm),
			route.POST("/campaigns/{number}/goods", access.EditOrders, s.saveGoods),
			route.GET("/campaigns/{number}/pictures/{id}", access.ViewOrders, s.showPicture),
			{Method: http.MethodPost, Pattern: "/campaigns/{number}/pictures", Permission: access.EditOrders, Handler: s.addPicture, MaxBody: maxPicture},
			route.POST("/campaigns/{number}/pictures/{id}/remove", access.EditOrders, s.removePicture),
			route.GET("/campaigns/{number}/offers", access.ViewOrders, s.offers),
			route.POST("/campaigns/{number}/offers", access.EditOrders, s.saveOffer),
			route.POST("/campaigns/{number}/offers/{factory}/withdraw", access.EditOrders, s.endOffer),
			route.GET("/campaigns/{number}/bill", access.EditOrders, s.bill),
			route.POST("/campaigns/{number}/bill", access.EditOrders, s.saveBill),
			route.POST("/campaigns/{number}/materials", access.EditOrders, s.orderMaterials),
			route.POST("/campaigns/{number}/materials/{code}", access.EditOrders, s.receiveMaterial),
			route.GET("/surplus", access.ViewOrders, s.surplus),
			route.GET("/campaigns/{number}/plan", access.ViewOrders, s.plan),
			route.GET("/campaigns/{number}/lots", access.ViewOrders, s.lots),
			route.POST("/campaigns/{number}/lots/{lot}/report", access.EditOrders, s.report),
			route.POST("/campaigns/{number}/lots/{lot}/release", access.EditOrders, s.release),
			route.POST("/campaigns/{number}/rule", access.EditOrders, s.rule),
			route.GET("/campaigns/{number}/messages", access.ViewOrders, s.messages),
			route.POST("/campaigns/{number}/messages/hold", access.EditOrders, s.hold),
			route.POST("/campaigns/{number}/messages/free", access.EditOrders, s.free),
			route.POST("/campaigns/{number}/messages/{id}/anew", access.EditOrders, s.anew),
			route.GET("/message-channels", access.ViewOrders, s.channels),
			route.POST("/message-channels", access.EditOrders, s.saveChannel),
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
		return route.Invalid("campaigns.refused.terms", "Fields", faultFields(terms))
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
	campaign.ErrPledgeState: "campaigns.refused.pledge_state", campaignops.ErrRule: "campaigns.refused.rule", campaignops.ErrNoMaterial: "campaigns.refused.no_material",
	campaignops.ErrReference: "campaigns.refused.reference", campaignops.ErrMaterial: "campaigns.refused.material",
}

// faultFields names the fields that keep a draft from being published, each once: "tiers.1.price" is the tiers.
func faultFields(e *campaign.TermsError) string {
	var fields []string
	for _, f := range e.Faults {
		field, _, _ := strings.Cut(f.Field, ".")
		if !slices.Contains(fields, field) {
			fields = append(fields, field)
		}
	}
	return strings.Join(fields, ", ")
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
	Orders    map[c2m.OrderID]orderOf // the lots' factory orders
	Work      *campaignops.Work
	Offers    []campaign.Quotation
	Pictures  []int64
	Vote      *campaignops.Outcome // the vote that it came from, nil for none
	Log       desk.ChangeLog
	Public    string
	Here      string
	Edit      bool
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
	v := &campaignView{Page: page, Here: campaignHref(page.Number), Edit: desk.Can(ctx, access.EditOrders) && !page.State.Over()}
	if s.Public != nil && page.State.Public() {
		v.Public = s.Public(page.Number)
	}
	if v.Work, err = s.Ops.LotWork(ctx, page.Campaign, page.Lots); err != nil {
		return nil, err
	}
	if v.Pictures, err = s.Ops.Pictures(ctx, page.Campaign); err != nil {
		return nil, err
	}
	if page.Proposal != 0 {
		if v.Vote, err = s.Ops.VoteOf(ctx, page.Campaign); err != nil {
			return nil, err
		}
	}
	if !page.State.Over() && len(page.Lots) == 0 {
		if v.Offers, err = s.Ops.Offers(ctx, page.Campaign); err != nil {
			return nil, err
		}
	}
	if s.Accounts != nil {
		if v.Log, err = s.History(ctx, "campaign", strconv.FormatInt(int64(page.ID), 10)); err != nil {
			return nil, err
		}
	}
	return v, s.name(ctx, v)
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
	v.Orders = map[c2m.OrderID]orderOf{}
	for _, l := range v.Lots {
		ids = append(ids, l.Supplier)
		if id := c2m.OrderID(l.Order); id != 0 && v.Orders[id].Number == "" {
			if v.Orders[id], err = s.orderOf(ctx, l); err != nil {
				return err
			}
		}
	}
	v.Suppliers, err = s.Codes.Suppliers(ctx, ids...)
	return err
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
