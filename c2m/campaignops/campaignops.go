// Package campaignops holds the use cases of campaigns: opening them, pledges at a rate, the money of pledges, the clock that closes
// them, and what their pages show.
//
// A verb locks the campaign, applies a rule (a method of campaign.Campaign), and saves what came of it in one transaction: pledges,
// instructions to the payment provider, entries of the ledger, the audit entry, and the word to the live pages ("campaign/<id>" and
// "campaigns"). Pledges and the provider's answers are gathered: all that wait for a campaign are decided in one transaction, in the order
// in which they came.
package campaignops

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/c2m/c2mops"
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// Deps is what the use cases stand on.
type Deps struct {
	Pool  *pgxpool.Pool
	Bus   *events.Bus
	Clock func() time.Time
	Log   *slog.Logger
	// Payments is the payment provider; nil leaves instructions pending.
	Payments Port
	// Secret signs and proves the provider's messages; nil refuses all of them.
	Secret []byte
	// Orders writes the factory orders of lots.
	Orders *c2mops.Ops
	// Sales tells what of a lot has sold over the counter; nil counts pledges alone.
	Sales Sales
	// Demand tells what is expected to be sold over the counter; nil proposes nothing for stock.
	Demand Demand
	// Messenger tells members' messages to their channels; nil leaves them waiting.
	Messenger Messenger
	// Seal keeps the channels' secrets; nil keeps them as they are, which only tests do.
	Seal Seal
	// Zone is where a business day begins and ends; nil means Asia/Shanghai.
	Zone *time.Location
}

// Ops holds the use cases of campaigns.
type Ops struct {
	Deps
	pledging *collector[*ask]
	settling *collector[*answer]
	ids      sync.Map // campaign.ID by number
}

// New gives the use cases.
func New(d Deps) *Ops {
	if d.Zone == nil {
		d.Zone = time.FixedZone("Asia/Shanghai", 8*60*60)
	}
	o := &Ops{Deps: d}
	o.pledging = newCollector(o.decide)
	o.settling = newCollector(o.settle)
	return o
}

// Today is the business day of the clock.
func (o *Ops) Today() calendar.Day { return calendar.Of(o.Clock(), o.Zone) }

// act is one verb at work on a locked campaign.
type act struct {
	ops     *Ops
	tx      pgx.Tx
	user    access.User
	now     time.Time
	c       *campaign.Campaign
	batch   pgx.Batch
	verb    string
	before  any
	after   any
	facts   []any
	counted bool // only the counts changed
}

// change locks a campaign, lets f work on it, and saves it with its audit entry. revision 0 does not ask which revision was seen.
func (o *Ops) change(ctx context.Context, u access.User, id campaign.ID, revision int64, f func(context.Context, *act) error) (*campaign.Campaign, error) {
	var c *campaign.Campaign
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		var err error
		if c, err = campaigndb.Lock(ctx, tx, id); err != nil {
			return err
		}
		if revision != 0 && revision != c.Revision {
			return campaign.ErrStale
		}
		a := &act{ops: o, tx: tx, user: u, now: o.Clock(), c: c}
		if err := f(ctx, a); err != nil {
			return err
		}
		return a.finish(ctx)
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// finish saves what the verb changed.
func (a *act) finish(ctx context.Context) error {
	if a.counted {
		campaigndb.Count(&a.batch, a.c, a.now)
	} else if err := campaigndb.Save(ctx, a.tx, a.c, a.now); err != nil {
		return err
	}
	if err := campaigndb.Run(ctx, a.tx, &a.batch); err != nil {
		return err
	}
	if a.verb != "" {
		entry := audit.Change{Verb: a.verb, Thing: audit.Thing{Kind: "campaign", ID: itoa(int64(a.c.ID))}, Before: a.before, After: a.after}
		if err := audit.Write(ctx, a.tx, a.now, entry); err != nil {
			return err
		}
	}
	for _, fact := range a.facts {
		if err := a.ops.Bus.Publish(ctx, a.tx, fact); err != nil {
			return err
		}
	}
	return tell(ctx, a.tx, a.c.ID)
}

// tell wakes the pages that show the campaign.
func tell(ctx context.Context, q pgdb.Querier, id campaign.ID) error {
	if err := events.Tell(ctx, q, "campaigns", itoa(int64(id))); err != nil {
		return err
	}
	return events.Tell(ctx, q, "campaign/"+itoa(int64(id)), "")
}

// ask queues instructions and entries.
func (a *act) ask(all []campaign.Instruction, entries []campaign.Entry) {
	campaigndb.Book(&a.batch, a.c.ID, entries, a.now)
	campaigndb.Ask(&a.batch, a.c.ID, all, a.now)
}

// promote gives what is free to the waitlist, in its order, and queues what came of it.
func (a *act) promote(ctx context.Context) error {
	const page = 500
	after := int64(0)
	for a.c.State.Running() && a.c.Waiting > 0 {
		room, tiers := a.c.Room()
		if room <= 0 || len(tiers) == 0 {
			return nil
		}
		ps, err := campaigndb.Fitting(ctx, a.tx, a.c.ID, after, room, tiers, page)
		if err != nil || len(ps) == 0 {
			return err
		}
		after = ps[len(ps)-1].Seq
		promoted, ask := a.c.Promote(ps, a.now)
		campaigndb.SavePledges(&a.batch, a.c.ID, promoted)
		a.ask(ask, nil)
		if len(ps) < page {
			return nil
		}
	}
	return nil
}
