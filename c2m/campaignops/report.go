package campaignops

import (
	"context"
	"errors"
	"strings"

	"milkrun/c2m"
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/c2m/lotplan"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// Refusals of a report on a lot.
var (
	// ErrNotAgreed refuses a report on a lot that its factory has not confirmed: the order itself is still to be changed.
	ErrNotAgreed = errors.New("campaignops: the factory has not confirmed this lot yet, change its order")
	// ErrNoNews refuses a report that says what is known already.
	ErrNoNews = errors.New("campaignops: the lot has these pieces and this day already")
)

// Report is news of a lot that its factory has confirmed: how many pieces it will make, and by when. No pieces say that it failed.
type Report struct {
	Pieces quantity.Pieces
	Day    calendar.Day
	Reason string
}

// Effect is what news of a lot did to the promises.
type Effect struct {
	Was, Is []campaigndb.Serving
	// Later, Earlier and Unserved count the messages that were drafted: of a later day, an earlier one, and of no lot at all.
	Later, Earlier, Unserved int
}

// ReportLot takes news of a lot in: the agreement of its factory order is changed accordingly, and the promises of all pledges are planned
// anew; members whose promise moved get the draft of a message. campaign.ErrUnknown, ErrNotAgreed, ErrNoNews, campaign.ErrReason, and the
// refusals of c2m.FactoryOrder.Reschedule.
func (o *Ops) ReportLot(ctx context.Context, id campaign.ID, no int, r Report) (*Effect, error) {
	if _, err := access.Require(ctx, access.EditOrders); err != nil {
		return nil, err
	}
	if r.Reason = strings.TrimSpace(r.Reason); r.Reason == "" {
		return nil, campaign.ErrReason
	}
	lots, err := campaigndb.Lots(ctx, o.Pool, id)
	if err != nil {
		return nil, err
	}
	var lot *campaign.Lot
	for i := range lots {
		if lots[i].No == no {
			lot = &lots[i]
		}
	}
	switch {
	case lot == nil:
		return nil, campaign.ErrUnknown
	case lot.Order == 0 || lot.State != campaign.LotOrdered:
		return nil, ErrNotAgreed
	case r.Pieces == lot.Pieces && (r.Day == lot.Promise || r.Pieces == 0):
		return nil, ErrNoNews
	}
	detail, err := o.Orders.Detail(ctx, c2m.OrderID(lot.Order))
	if err != nil {
		return nil, err
	}
	if _, agreed := detail.Order.Agreed[lot.Line]; !agreed {
		return nil, ErrNotAgreed
	}
	var splits []c2m.Split
	if r.Pieces > 0 {
		splits = []c2m.Split{{Pieces: r.Pieces, Day: r.Day}}
	}
	e := &Effect{}
	if e.Was, err = campaigndb.Servings(ctx, o.Pool, id); err != nil {
		return nil, err
	}
	last, err := campaigndb.LastMessage(ctx, o.Pool, id)
	if err != nil {
		return nil, err
	}
	if _, err := o.Orders.Reschedule(ctx, detail.Order.ID, detail.Order.Revision, lot.Line, splits, r.Reason); err != nil {
		return nil, err
	}
	if _, err := o.Replan(ctx, id); err != nil {
		return nil, err
	}
	if e.Is, err = campaigndb.Servings(ctx, o.Pool, id); err != nil {
		return nil, err
	}
	return e, o.count(ctx, id, last, e)
}

// count counts the messages that were drafted after one.
func (o *Ops) count(ctx context.Context, id campaign.ID, after int64, e *Effect) error {
	kinds, err := campaigndb.CountMessages(ctx, o.Pool, id, after)
	e.Later, e.Earlier, e.Unserved = kinds[string(campaign.Later)], kinds[string(campaign.Earlier)], kinds[string(campaign.Short)]
	return err
}

// Work is what the page of a campaign's lots shows beside the lots themselves.
type Work struct {
	Selling  Selling
	Servings []campaigndb.Serving
	Drafted  []campaigndb.Drafted
	Bill     []campaigndb.BillLine
}

// LotWork gives how far lots have sold, whom they serve, what members are about to be told, and the bill of materials.
func (o *Ops) LotWork(ctx context.Context, c *campaign.Campaign, lots []campaign.Lot) (*Work, error) {
	if _, err := access.Require(ctx, access.ViewOrders); err != nil {
		return nil, err
	}
	var w Work
	var err error
	if w.Selling, err = o.selling(ctx, o.Pool, c, lots); err != nil {
		return nil, err
	}
	if w.Servings, err = campaigndb.Servings(ctx, o.Pool, c.ID); err != nil {
		return nil, err
	}
	if w.Drafted, err = campaigndb.DraftedOf(ctx, o.Pool, c.ID); err != nil {
		return nil, err
	}
	if c.SKU != 0 {
		w.Bill, err = campaigndb.Bill(ctx, o.Pool, c.SKU)
	}
	return &w, err
}

// Offers gives what factories offer for a campaign, their terms of trade among it.
func (o *Ops) Offers(ctx context.Context, c *campaign.Campaign) ([]campaign.Quotation, error) {
	if _, err := access.Require(ctx, access.ViewOrders); err != nil {
		return nil, err
	}
	return campaigndb.Quotations(ctx, o.Pool, c.ID, c.SKU)
}

// Bill gives the bill of materials of a SKU.
func (o *Ops) Bill(ctx context.Context, sku catalog.SKUID) ([]campaigndb.BillLine, error) {
	if _, err := access.Require(ctx, access.ViewOrders); err != nil {
		return nil, err
	}
	return campaigndb.Bill(ctx, o.Pool, sku)
}

// Purchases gives what has to be bought of each line of a bill for so many pieces, line by line.
func Purchases(pieces quantity.Pieces, bill []campaigndb.BillLine) []lotplan.Purchase {
	materials := make([]lotplan.Material, len(bill))
	for i, l := range bill {
		materials[i] = l.Material()
	}
	return lotplan.Buy(pieces, materials)
}

// Lots gives the lots of a campaign.
func (o *Ops) Lots(ctx context.Context, c *campaign.Campaign) ([]campaign.Lot, error) {
	if _, err := access.Require(ctx, access.ViewOrders); err != nil {
		return nil, err
	}
	return campaigndb.Lots(ctx, o.Pool, c.ID)
}

// Goods is what a campaign makes and where to; nothing of it changes what members have pledged for.
type Goods struct {
	SKU     catalog.SKUID
	ShipTo  catalog.SiteID
	Spec    string
	Promise *calendar.Day
}

// SetGoods settles the goods of a campaign of which nothing is ordered yet. campaign.ErrLots, *campaign.StateError.
func (o *Ops) SetGoods(ctx context.Context, id campaign.ID, revision int64, g Goods) (*campaign.Campaign, error) {
	return o.verb(ctx, id, revision, "campaign.goods", func(a *act) error {
		if a.c.State.Over() {
			return &campaign.StateError{Number: a.c.Number, State: a.c.State, Verb: "settle the goods of"}
		}
		lots, err := campaigndb.Lots(ctx, a.tx, id)
		if err != nil {
			return err
		}
		if len(lots) > 0 {
			return campaign.ErrLots
		}
		a.before, a.after = Goods{a.c.SKU, a.c.ShipTo, a.c.Spec, a.c.Promise}, g
		a.c.SKU, a.c.ShipTo, a.c.Spec, a.c.About.Promise = g.SKU, g.ShipTo, g.Spec, g.Promise
		return nil
	})
}

// VoteOf gives the vote that a campaign came from. vote.ErrUnknown.
func (o *Ops) VoteOf(ctx context.Context, c *campaign.Campaign) (*Outcome, error) {
	if _, err := access.Require(ctx, access.ViewOrders); err != nil {
		return nil, err
	}
	p, err := campaigndb.ProposalByID(ctx, o.Pool, c.Proposal)
	if err != nil {
		return nil, err
	}
	return o.outcome(ctx, o.Pool, p)
}
