package campaignops

import (
	"context"
	"slices"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/internal/access"
	"milkrun/internal/money"
)

// Query says which campaigns a list shows.
type Query struct {
	States []campaign.State
	Text   string
	Before campaign.ID // the last of the page before, 0 for the first page
	Limit  int
}

// Campaigns gives campaigns, the newest first, and where the next page begins, 0 at the end.
func (o *Ops) Campaigns(ctx context.Context, q Query) ([]*campaign.Campaign, campaign.ID, error) {
	if _, err := access.RequireAny(ctx, access.ViewOrders, access.ReadData); err != nil {
		return nil, 0, err
	}
	limit := min(max(q.Limit, 1), 200)
	list, err := campaigndb.List(ctx, o.Pool, q.States, q.Before, q.Text, limit+1)
	if err != nil || len(list) <= limit {
		return list, 0, err
	}
	return list[:limit], list[limit-1].ID, nil
}

// Counts gives how many campaigns are in each state.
func (o *Ops) Counts(ctx context.Context) (map[campaign.State]int, error) {
	if _, err := access.RequireAny(ctx, access.ViewOrders, access.ReadData); err != nil {
		return nil, err
	}
	return campaigndb.Counts(ctx, o.Pool)
}

// ByNumber gives the campaign of a number as people type it. campaign.ErrNumber, campaign.ErrUnknown.
func (o *Ops) ByNumber(ctx context.Context, number string) (*campaign.Campaign, error) {
	if _, err := access.RequireAny(ctx, access.ViewOrders, access.ReadData, access.PushData); err != nil {
		return nil, err
	}
	n, err := campaign.ParseNumber(number)
	if err != nil {
		return nil, err
	}
	return campaigndb.ByNumber(ctx, o.Pool, n)
}

// ID gives the id of a campaign's number; it never changes and is asked for once.
func (o *Ops) ID(ctx context.Context, number string) (campaign.ID, error) {
	if id, ok := o.ids.Load(number); ok {
		return id.(campaign.ID), nil
	}
	c, err := o.ByNumber(ctx, number)
	if err != nil {
		return 0, err
	}
	o.ids.Store(number, c.ID)
	return c.ID, nil
}

// Page is all that a campaign's page shows.
type Page struct {
	*campaign.Campaign
	Sums       []campaigndb.Sum
	Tiers      map[string]campaigndb.TierSum
	Curve      []campaigndb.Point
	Projection *campaign.Projection
	Balances   map[campaign.Account]money.Fen
	Troubled   []campaigndb.Payment
	Lots       []campaign.Lot
	Materials  []campaigndb.Purchase
	Drafts     int // messages to members that wait to be released
	Now        time.Time
}

// Held gives what the live pledges come to: the money that waits in escrow, and what is pledged in all at the prices pledged.
func (p Page) Held() (escrow, pledged money.Fen) {
	for _, s := range p.Sums {
		if s.State == campaign.Accepted || s.State == campaign.Confirmed || s.State == campaign.PledgeDelivered {
			pledged += s.Pledged
		}
	}
	return p.Balances[campaign.Escrow], pledged
}

// Open gives everything about a campaign. campaign.ErrUnknown, campaign.ErrNumber.
func (o *Ops) Open(ctx context.Context, number string) (*Page, error) {
	if _, err := access.Require(ctx, access.ViewOrders); err != nil {
		return nil, err
	}
	c, err := o.ByNumber(ctx, number)
	if err != nil {
		return nil, err
	}
	p := &Page{Campaign: c, Now: o.Clock()}
	if p.Sums, err = campaigndb.Sums(ctx, o.Pool, c.ID); err != nil {
		return nil, err
	}
	if p.Tiers, err = campaigndb.TierSums(ctx, o.Pool, c.ID); err != nil {
		return nil, err
	}
	if p.Curve, err = campaigndb.Curve(ctx, o.Pool, c.ID); err != nil {
		return nil, err
	}
	if p.Balances, err = campaigndb.Balances(ctx, o.Pool, c.ID); err != nil {
		return nil, err
	}
	if p.Troubled, err = campaigndb.Troubled(ctx, o.Pool, c.ID, 20); err != nil {
		return nil, err
	}
	if p.Lots, err = campaigndb.Lots(ctx, o.Pool, c.ID); err != nil {
		return nil, err
	}
	if p.Materials, err = campaigndb.Purchases(ctx, o.Pool, c.ID); err != nil {
		return nil, err
	}
	if p.Drafts, err = campaigndb.Drafts(ctx, o.Pool, c.ID); err != nil {
		return nil, err
	}
	p.Projection = o.project(c, p.Curve, p.Now)
	return p, nil
}

func (o *Ops) project(c *campaign.Campaign, curve []campaigndb.Point, now time.Time) *campaign.Projection {
	growth := make([]campaign.Growth, len(curve))
	for i, x := range curve {
		growth[i] = campaign.Growth{At: x.Hour.Add(time.Hour), Pieces: x.Pieces}
		if growth[i].At.After(now) {
			growth[i].At = now
		}
	}
	if p, ok := c.Project(growth, now); ok {
		return &p
	}
	return nil
}

// Pledges gives a page of a campaign's pledges after one, in a state or in all, of a member or of all, and where the next begins.
func (o *Ops) Pledges(ctx context.Context, id campaign.ID, after int64, state campaign.PledgeState, member string, limit int) ([]*campaign.Pledge, int64, error) {
	if _, err := access.RequireAny(ctx, access.ViewOrders, access.ReadData); err != nil {
		return nil, 0, err
	}
	limit = min(max(limit, 1), 1000)
	list, err := campaigndb.Page(ctx, o.Pool, id, after, state, member, limit+1)
	if err != nil || len(list) <= limit {
		return list, 0, err
	}
	return list[:limit], list[limit-1].Seq, nil
}

// Public is what anybody may see of a campaign: nothing about members.
type Public struct {
	*campaign.Campaign
	Now time.Time
}

// ForEverybody gives the public face of a campaign. Drafts are nobody's business: campaign.ErrUnknown.
func (o *Ops) ForEverybody(ctx context.Context, number string) (*Public, error) {
	n, err := campaign.ParseNumber(number)
	if err != nil {
		return nil, campaign.ErrUnknown
	}
	c, err := campaigndb.ByNumber(ctx, o.Pool, n)
	if err != nil {
		return nil, err
	}
	if !c.State.Public() {
		return nil, campaign.ErrUnknown
	}
	return &Public{Campaign: c, Now: o.Clock()}, nil
}

// Left gives the pieces of a tier that can still be had, and false where there is no bound.
func (p Public) Left(t campaign.Tier) (int64, bool) {
	bounded := p.Quota > 0 || t.Quota > 0
	left := p.Quota - p.Reserved
	if own := t.Quota - p.Taken[t.Code]; t.Quota > 0 && (p.Quota == 0 || own < left) {
		left = own
	}
	return int64(max(left, 0)) / int64(t.Pieces), bounded
}

// Next gives the next break of the standard price: how many more pieces it takes, and false when there is none.
func (p Public) Next() (campaign.Break, bool) {
	for _, t := range p.Tiers {
		i := slices.IndexFunc(t.Breaks, func(b campaign.Break) bool { return b.From > p.Reserved })
		if i >= 0 {
			return t.Breaks[i], true
		}
	}
	return campaign.Break{}, false
}
