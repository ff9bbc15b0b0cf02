package campaignops

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/internal/access"
	"milkrun/internal/pgdb"
)

// NewPledge is a pledge as a shop or community hands it in. The same key is the same pledge: sent twice, it is taken once.
type NewPledge struct {
	campaign.Request
	Key string
}

// Pledged is what became of a pledge. Place is its place on the waitlist, from 1, 0 for a pledge that was accepted. Again tells that the
// key was known already.
type Pledged struct {
	*campaign.Pledge
	Again bool
}

// ask is a pledge that waits for its decision.
type ask struct {
	in    NewPledge
	by    access.User
	at    time.Time
	out   Pledged
	err   error
	ready chan struct{}
}

// Pledge takes a member's pledge: accepted whole while quota has room, else waiting. It answers when the pledge is stored. The refusals
// are those of campaign.Campaign.Pledge, campaign.ErrKey for a key used for another pledge, and ErrBusy.
func (o *Ops) Pledge(ctx context.Context, id campaign.ID, n NewPledge) (Pledged, error) {
	u, err := access.RequireAny(ctx, access.PushData, access.EditOrders)
	if err != nil {
		return Pledged{}, err
	}
	if err := campaign.CheckKey(n.Key); err != nil {
		return Pledged{}, err
	}
	a := &ask{in: n, by: u, at: o.Clock(), ready: make(chan struct{})}
	if err := o.pledging.put(ctx, id, a); err != nil {
		return Pledged{}, err
	}
	select {
	case <-a.ready:
		return a.out, a.err
	case <-ctx.Done():
		return Pledged{}, ctx.Err() // it may be stored yet: asking again with the same key tells
	}
}

// decide takes a batch of pledges in one transaction, in the order in which they came.
func (o *Ops) decide(ctx context.Context, id campaign.ID, batch []*ask) {
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return o.takeAll(ctx, tx, id, batch) })
	for _, a := range batch {
		if err != nil {
			a.out, a.err = Pledged{}, err
		}
		close(a.ready)
	}
}

func (o *Ops) takeAll(ctx context.Context, tx pgx.Tx, id campaign.ID, batch []*ask) error {
	c, err := campaigndb.Lock(ctx, tx, id)
	if err != nil {
		return err
	}
	known, err := o.knownTo(ctx, tx, c, batch)
	if err != nil {
		return err
	}
	now := o.Clock()
	var fresh []*campaign.Pledge
	var by []int64
	var asked []campaign.Instruction
	for _, a := range batch {
		a.out, a.err = Pledged{}, nil
		if p, ok := known.keys[a.in.Key]; ok {
			a.out, a.err = again(p, a.in)
			continue
		}
		p, money, err := c.Pledge(a.in.Request, known.standing(a.in.Request), a.at)
		if err != nil {
			a.err = err
			continue
		}
		p.Key = a.in.Key
		known.add(p)
		fresh, by, asked = append(fresh, p), append(by, int64(a.by.ID)), append(asked, money...)
		a.out = Pledged{Pledge: p}
	}
	if len(fresh) == 0 {
		return nil
	}
	var b pgx.Batch
	campaigndb.InsertPledges(&b, id, fresh, by, now)
	campaigndb.Ask(&b, id, asked, now)
	campaigndb.Count(&b, c, now)
	campaigndb.Mark(&b, c, now)
	if err := campaigndb.Run(ctx, tx, &b); err != nil {
		return err
	}
	return tell(ctx, tx, id)
}

// again answers a pledge whose key is known.
func again(p *campaign.Pledge, n NewPledge) (Pledged, error) {
	if p.Member != n.Member || p.Units != n.Units || n.Tier != "" && p.Tier != n.Tier {
		return Pledged{}, campaign.ErrKey
	}
	return Pledged{Pledge: p, Again: true}, nil
}

// known is what a batch needs to know of what was stored before it, kept up as it goes.
type known struct {
	keys  map[string]*campaign.Pledge
	live  map[string]bool
	teams map[string]int
}

func (o *Ops) knownTo(ctx context.Context, tx pgx.Tx, c *campaign.Campaign, batch []*ask) (*known, error) {
	k := &known{keys: map[string]*campaign.Pledge{}, live: map[string]bool{}, teams: map[string]int{}}
	members, keys := make([]string, len(batch)), make([]string, len(batch))
	var teams []string
	for i, a := range batch {
		members[i], keys[i] = clean(a.in.Member), a.in.Key
		if g := clean(a.in.Group); g != "" && c.GroupSize > 1 {
			teams = append(teams, g)
		}
	}
	ps, err := campaigndb.Known(ctx, tx, c.ID, members, keys)
	if err != nil {
		return nil, err
	}
	for _, p := range ps {
		if slices.Contains(keys, p.Key) {
			k.keys[p.Key] = p
		}
		k.live[p.Member] = k.live[p.Member] || p.State.Live()
	}
	if len(teams) > 0 {
		if k.teams, err = campaigndb.Teams(ctx, tx, c.ID, teams); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// clean gives a text that a query may hold; what is refused as a name is never looked up.
func clean(s string) string {
	if campaign.CheckKey(s) != nil {
		return ""
	}
	return s
}

func (k *known) standing(r campaign.Request) campaign.Standing {
	s := campaign.Standing{Live: k.live[r.Member], Group: -1}
	if n, ok := k.teams[r.Group]; ok && r.Group != "" {
		s.Group = n
	}
	return s
}

func (k *known) add(p *campaign.Pledge) {
	k.keys[p.Key], k.live[p.Member] = p, true
	if p.Group != "" && p.State == campaign.Accepted {
		k.teams[p.Group]++
	}
}

// CancelPledge takes a pledge back for its member. The refusals are those of campaign.Campaign.Cancel. A pledge taken back already is no
// fault: it is given as it is.
func (o *Ops) CancelPledge(ctx context.Context, id campaign.ID, seq int64) (*campaign.Pledge, error) {
	u, err := access.RequireAny(ctx, access.PushData, access.EditOrders)
	if err != nil {
		return nil, err
	}
	var p *campaign.Pledge
	_, err = o.change(ctx, u, id, 0, func(ctx context.Context, a *act) error {
		a.counted = true
		ps, err := campaigndb.LockPledges(ctx, a.tx, id, []int64{seq})
		if err != nil {
			return err
		}
		if len(ps) == 0 {
			return campaign.ErrUnknown
		}
		if p = ps[0]; p.State == campaign.PledgeCancelled {
			return nil
		}
		back, err := a.c.Cancel(p, a.now)
		if err != nil {
			return err
		}
		campaigndb.SavePledges(&a.batch, id, ps)
		campaigndb.Drop(&a.batch, id, []int64{seq})
		a.ask(back, nil)
		a.verb, a.after = "pledge.cancel", map[string]any{"pledge": seq, "pieces": p.Pieces, "refund_fen": p.Refunded}
		// The pledge has to be saved before the waitlist is read, or it would be read as it was.
		if err := campaigndb.Run(ctx, a.tx, &a.batch); err != nil {
			return err
		}
		a.batch = pgx.Batch{}
		if err := a.promote(ctx); err != nil {
			return err
		}
		campaigndb.Mark(&a.batch, a.c, a.now)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// PledgeOf gives a pledge with what the provider was asked for it. campaign.ErrUnknown.
func (o *Ops) PledgeOf(ctx context.Context, id campaign.ID, seq int64) (*campaign.Pledge, []campaigndb.Payment, error) {
	if _, err := access.RequireAny(ctx, access.ReadData, access.ViewOrders); err != nil {
		return nil, nil, err
	}
	p, err := campaigndb.Pledge(ctx, o.Pool, id, seq)
	if err != nil {
		return nil, nil, err
	}
	pays, err := campaigndb.PaymentsOf(ctx, o.Pool, id, seq)
	return p, pays, err
}

// PayBalance asks the member of a pledge for the balance. Asked twice, it is asked once. The refusals are those of
// campaign.Campaign.PayBalance.
func (o *Ops) PayBalance(ctx context.Context, id campaign.ID, seq int64) (campaign.Instruction, error) {
	u, err := access.RequireAny(ctx, access.PushData, access.EditOrders)
	if err != nil {
		return campaign.Instruction{}, err
	}
	var i campaign.Instruction
	_, err = o.change(ctx, u, id, 0, func(ctx context.Context, a *act) error {
		a.counted = true
		ps, err := campaigndb.LockPledges(ctx, a.tx, id, []int64{seq})
		if err != nil {
			return err
		}
		if len(ps) == 0 {
			return campaign.ErrUnknown
		}
		if i, err = a.c.PayBalance(ps[0], a.now); err != nil {
			return err
		}
		a.ask([]campaign.Instruction{i}, nil)
		return nil
	})
	return i, err
}

// Compensate gives a member money back after success: late, partial or bad delivery. See campaign.Campaign.Compensate.
func (o *Ops) Compensate(ctx context.Context, id campaign.ID, seq int64, why campaign.Claim, fen int64, note string) (*campaign.Pledge, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	var p *campaign.Pledge
	_, err = o.change(ctx, u, id, 0, func(ctx context.Context, a *act) error {
		a.counted = true
		ps, err := campaigndb.LockPledges(ctx, a.tx, id, []int64{seq})
		if err != nil {
			return err
		}
		if len(ps) == 0 {
			return campaign.ErrUnknown
		}
		p = ps[0]
		back, err := a.c.Compensate(p, why, fenOf(fen), note)
		if err != nil {
			return err
		}
		campaigndb.SavePledges(&a.batch, id, ps)
		a.ask(back, nil)
		a.verb, a.after = "pledge.compensate", map[string]any{"pledge": seq, "why": why, "fen": fen, "reason": note}
		return nil
	})
	return p, err
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
