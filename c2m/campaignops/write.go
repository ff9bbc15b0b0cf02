package campaignops

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
)

func fenOf(n int64) money.Fen { return money.Fen(n) }

// Create makes a draft. A draft may be incomplete; Publish checks it. The acting user owns it.
func (o *Ops) Create(ctx context.Context, about campaign.About, t campaign.Terms) (*campaign.Campaign, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	if !validMode(t) {
		return nil, t.Check(o.Clock())
	}
	about.OwnerID, about.Owner = int64(u.ID), u.Name
	var c *campaign.Campaign
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		c, err = o.insert(ctx, tx, about, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// validMode tells whether a draft can be stored at all.
func validMode(t campaign.Terms) bool {
	for _, m := range campaign.Modes() {
		if m == t.Mode {
			return true
		}
	}
	return false
}

func (o *Ops) insert(ctx context.Context, tx pgx.Tx, about campaign.About, t campaign.Terms) (*campaign.Campaign, error) {
	number, err := campaigndb.NextNumber(ctx, tx, o.Today())
	if err != nil {
		return nil, err
	}
	now := o.Clock()
	c := campaign.New(number, about, t)
	c.Stops.Created = now
	if err := campaigndb.Insert(ctx, tx, c); err != nil {
		return nil, err
	}
	entry := audit.Change{Verb: "campaign.create", Thing: audit.Thing{Kind: "campaign", ID: itoa(int64(c.ID))},
		After: map[string]any{"number": number, "name": about.Name, "terms": t}}
	if err := audit.Write(ctx, tx, now, entry); err != nil {
		return nil, err
	}
	return c, tell(ctx, tx, c.ID)
}

// Change replaces what a draft says.
func (o *Ops) Change(ctx context.Context, id campaign.ID, revision int64, about campaign.About, t campaign.Terms) (*campaign.Campaign, error) {
	return o.verb(ctx, id, revision, "campaign.change", func(a *act) error {
		if !validMode(t) {
			return t.Check(a.now)
		}
		a.before, a.after = a.c.Terms, t
		about.OwnerID, about.Owner, about.Proposal = a.c.OwnerID, a.c.Owner, a.c.Proposal
		return a.c.Change(about, t)
	})
}

// Publish shows a draft to members. See campaign.Campaign.Publish.
func (o *Ops) Publish(ctx context.Context, id campaign.ID, revision int64) (*campaign.Campaign, error) {
	return o.verb(ctx, id, revision, "campaign.publish", func(a *act) error { return a.c.Publish(a.now) })
}

// Pause stops taking pledges for a while.
func (o *Ops) Pause(ctx context.Context, id campaign.ID, revision int64) (*campaign.Campaign, error) {
	return o.verb(ctx, id, revision, "campaign.pause", func(a *act) error { return a.c.Pause() })
}

// Resume takes pledges again.
func (o *Ops) Resume(ctx context.Context, id campaign.ID, revision int64) (*campaign.Campaign, error) {
	return o.verb(ctx, id, revision, "campaign.resume", func(a *act) error { return a.c.Resume(a.now) })
}

// Extend moves the deadline. See campaign.Campaign.Extend.
func (o *Ops) Extend(ctx context.Context, id campaign.ID, revision int64, to time.Time) (*campaign.Campaign, error) {
	return o.verb(ctx, id, revision, "campaign.extend", func(a *act) error {
		a.before, a.after = a.c.Deadline, to
		return a.c.Extend(to, a.now)
	})
}

// verb is a change that a buyer makes and whose state is all that matters.
func (o *Ops) verb(ctx context.Context, id campaign.ID, revision int64, name string, f func(*act) error) (*campaign.Campaign, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	return o.change(ctx, u, id, revision, func(_ context.Context, a *act) error {
		a.verb, a.before = name, a.c.State
		if err := f(a); err != nil {
			return err
		}
		if a.after == nil {
			a.after = a.c.State
		}
		return nil
	})
}

// Cancel ends a campaign by the house's will and gives all money back. See campaign.Campaign.CancelAll.
func (o *Ops) Cancel(ctx context.Context, id campaign.ID, revision int64, reason string) (*campaign.Campaign, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	return o.change(ctx, u, id, revision, func(ctx context.Context, a *act) error {
		ps, err := campaigndb.Pledges(ctx, a.tx, id, campaign.PledgeStates()...)
		if err != nil {
			return err
		}
		was := states(ps)
		a.verb, a.before = "campaign.cancel", a.c.State
		back, err := a.c.CancelAll(ps, reason, a.now)
		if err != nil {
			return err
		}
		a.after = map[string]any{"reason": a.c.Reason, "refunds": len(back)}
		a.settleAll(ps, was, campaign.Outcome{Ask: back})
		a.facts = append(a.facts, c2m.CampaignCancelled{Campaign: int64(id), Number: a.c.Number, At: a.now})
		return a.relot(ctx)
	})
}

// states notes the states of pledges before a rule changes them.
func states(ps []*campaign.Pledge) []campaign.PledgeState {
	was := make([]campaign.PledgeState, len(ps))
	for i, p := range ps {
		was[i] = p.State
	}
	return was
}

// settleAll queues what a rule made of all pledges: those that changed, what is asked and booked; what was not sent for pledges that are
// over is withdrawn.
func (a *act) settleAll(ps []*campaign.Pledge, was []campaign.PledgeState, out campaign.Outcome) {
	touched := map[int64]bool{}
	for _, i := range out.Ask {
		touched[i.Seq] = true
	}
	var changed []*campaign.Pledge
	var over []int64
	for i, p := range ps {
		if p.State != was[i] || touched[p.Seq] {
			changed = append(changed, p)
		}
		if p.State != was[i] && !p.State.Live() {
			over = append(over, p.Seq)
		}
	}
	campaigndb.SavePledges(&a.batch, a.c.ID, changed)
	campaigndb.Drop(&a.batch, a.c.ID, over)
	a.ask(out.Ask, out.Entries)
}
