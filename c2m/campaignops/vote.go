package campaignops

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/c2m/vote"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// usualPace is how many ballots a community may hand in within a minute where the proposal says nothing.
const usualPace = 600

// Propose makes a draft of a proposal. vote.ErrProposal.
func (o *Ops) Propose(ctx context.Context, p vote.Proposal) (*vote.Proposal, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	if p.PerMinute <= 0 {
		p.PerMinute = usualPace
	}
	p.State, p.Owner, p.Revision = vote.Draft, u.Name, 1
	now := o.Clock()
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if p.Number, err = campaigndb.NextProposal(ctx, tx, o.Today()); err != nil {
			return err
		}
		if err := campaigndb.InsertProposal(ctx, tx, &p, now); err != nil {
			return err
		}
		return audit.Write(ctx, tx, now, audit.Change{Verb: "proposal.create", Thing: audit.Thing{Kind: "proposal", ID: p.Number}, After: p})
	})
	return &p, err
}

// decideProposal locks a proposal, applies a rule and saves it.
func (o *Ops) decideProposal(ctx context.Context, number, verb string, f func(context.Context, pgx.Tx, *vote.Proposal) error) (*vote.Proposal, error) {
	if _, err := access.Require(ctx, access.EditOrders); err != nil {
		return nil, err
	}
	var p *vote.Proposal
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		var err error
		if p, err = campaigndb.LockProposal(ctx, tx, number); err != nil {
			return err
		}
		was := p.State
		if err := f(ctx, tx, p); err != nil {
			return err
		}
		if err := campaigndb.SaveProposal(ctx, tx, p); err != nil {
			return err
		}
		entry := audit.Change{Verb: verb, Thing: audit.Thing{Kind: "proposal", ID: number}, Before: was, After: map[string]any{"state": p.State, "campaign": p.Campaign}}
		if err := audit.Write(ctx, tx, o.Clock(), entry); err != nil {
			return err
		}
		return events.Tell(ctx, tx, "proposals", number)
	})
	return p, err
}

// OpenVote opens a draft to communities.
func (o *Ops) OpenVote(ctx context.Context, number string) (*vote.Proposal, error) {
	return o.decideProposal(ctx, number, "proposal.open", func(_ context.Context, _ pgx.Tx, p *vote.Proposal) error { return p.Publish() })
}

// CloseVote ends a vote and makes the fact of its interest.
func (o *Ops) CloseVote(ctx context.Context, number string) (*vote.Proposal, error) {
	return o.decideProposal(ctx, number, "proposal.close", func(ctx context.Context, tx pgx.Tx, p *vote.Proposal) error {
		if err := p.Close(); err != nil {
			return err
		}
		ballots, err := campaigndb.Ballots(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		fact := c2m.VoteClosed{Proposal: number, SKU: p.SKU, Voters: len(ballots), At: o.Clock()}
		for _, b := range vote.Without(ballots, vote.Guard(ballots)) {
			if b.WouldBuy {
				fact.WouldBuy++
			}
		}
		return o.Bus.Publish(ctx, tx, fact)
	})
}

// Vote takes a member's ballot; a second one takes the first one's place, which it tells. The refusals are those of vote.Proposal.Take and
// vote.ErrRate.
func (o *Ops) Vote(ctx context.Context, number string, b vote.Ballot) (changed bool, err error) {
	if _, err := access.RequireAny(ctx, access.PushData, access.EditOrders); err != nil {
		return false, err
	}
	b.At = o.Clock()
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		p, err := campaigndb.ShareProposal(ctx, tx, number)
		if err != nil {
			return err
		}
		if err := p.Take(b, b.At); err != nil {
			return err
		}
		pace, err := campaigndb.Pace(ctx, tx, p.ID, b.Community, b.At.Add(-time.Minute))
		if err != nil {
			return err
		}
		if pace >= p.PerMinute {
			return vote.ErrRate
		}
		changed, err = campaigndb.PutBallot(ctx, tx, p.ID, b)
		return err
	})
	return changed, err
}

// Outcome is a proposal with its results: all ballots, those without what is suspected, and by segment.
type Outcome struct {
	*vote.Proposal
	Voters, WouldBuy int
	Results, Clean   []vote.Result
	Segments         map[string][]vote.Result
	Suspicions       []vote.Suspicion
}

// Winner gives the option that wins a feature, of the ballots that nothing is held against.
func (o *Outcome) Winner(feature string) (vote.Option, bool) {
	for i, f := range o.Features {
		if f.Code != feature || i >= len(o.Clean) || o.Clean[i].Voters == 0 {
			continue
		}
		for _, x := range f.Options {
			if x.Code == o.Clean[i].Winner {
				return x, true
			}
		}
	}
	return vote.Option{}, false
}

// Spec writes the winning specification, in Chinese as the factory reads it.
func (o *Outcome) Spec() string {
	var parts []string
	for _, f := range o.Features {
		if x, ok := o.Winner(f.Code); ok {
			parts = append(parts, f.Name.In("zh")+" "+x.Name.In("zh"))
		}
	}
	return strings.Join(parts, "；")
}

// Votes gives a proposal with its results. vote.ErrUnknown.
func (o *Ops) Votes(ctx context.Context, number string) (*Outcome, error) {
	if _, err := access.RequireAny(ctx, access.ViewOrders, access.ReadData); err != nil {
		return nil, err
	}
	p, err := campaigndb.Proposal(ctx, o.Pool, number)
	if err != nil {
		return nil, err
	}
	return o.outcome(ctx, o.Pool, p)
}

func (o *Ops) outcome(ctx context.Context, q pgdb.Querier, p *vote.Proposal) (*Outcome, error) {
	ballots, err := campaigndb.Ballots(ctx, q, p.ID)
	if err != nil {
		return nil, err
	}
	out := &Outcome{Proposal: p, Voters: len(ballots), Suspicions: vote.Guard(ballots)}
	clean := vote.Without(ballots, out.Suspicions)
	out.Results, out.Clean, out.Segments = p.Tally(ballots), p.Tally(clean), p.BySegment(clean)
	for _, b := range clean {
		if b.WouldBuy {
			out.WouldBuy++
		}
	}
	return out, nil
}

// Proposals gives the newest proposals.
func (o *Ops) Proposals(ctx context.Context) ([]*vote.Proposal, error) {
	if _, err := access.RequireAny(ctx, access.ViewOrders, access.ReadData); err != nil {
		return nil, err
	}
	return campaigndb.Proposals(ctx, o.Pool, 200)
}

// Adopt makes a campaign of a closed vote, with the winning specification: a draft under the usual terms, for the buyer to fill in.
func (o *Ops) Adopt(ctx context.Context, number string, t campaign.Terms) (*campaign.Campaign, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	var c *campaign.Campaign
	_, err = o.decideProposal(ctx, number, "proposal.adopt", func(ctx context.Context, tx pgx.Tx, p *vote.Proposal) error {
		if p.State != vote.Closed {
			return vote.ErrState
		}
		out, err := o.outcome(ctx, tx, p)
		if err != nil {
			return err
		}
		about := campaign.About{Name: p.Name, Story: p.Story, Spec: out.Spec(), SKU: p.SKU, Proposal: p.ID, OwnerID: int64(u.ID), Owner: u.Name}
		if c, err = o.insert(ctx, tx, about, t); err != nil {
			return err
		}
		p.State, p.Campaign = vote.Adopted, c.Number
		return nil
	})
	return c, err
}
