package campaignops

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/c2m"
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// lookBack is how far back the clock looks for lots that inspection refused: each run of it finds what the last one missed.
const lookBack = time.Hour

// grace is how long after the deadline closing waits for pledges that came in time and are still being stored.
const grace = 5 * time.Second

// Tick lets the clock do its work: campaigns whose start has come begin, pledges not paid in time lapse, campaigns past their deadline are
// closed, lots that are late or refused are re-planned, held lots whose time has come are let go, and late pledges get what lots have left. It gives how many campaigns changed. A
// campaign that cannot be closed does not keep the others from it.
func (o *Ops) Tick(ctx context.Context) (int, error) {
	if _, err := access.RequireAny(ctx, access.EditOrders, access.PushData); err != nil {
		return 0, err
	}
	now := o.Clock()
	ids, err := campaigndb.Due(ctx, o.Pool, now)
	if err != nil {
		return 0, err
	}
	running, err := campaigndb.List(ctx, o.Pool, []campaign.State{campaign.Open, campaign.Paused}, 0, "", 10_000)
	if err != nil {
		return 0, err
	}
	n := 0
	var faults []error
	for _, c := range running {
		if c.PayWithin > 0 {
			lapsed, err := o.lapse(ctx, c.ID, now.Add(-c.PayWithin))
			if n += lapsed; err != nil {
				faults = append(faults, err)
			}
		}
	}
	for _, id := range ids {
		changed, err := o.turn(ctx, id)
		if err != nil {
			faults = append(faults, err)
		} else if changed {
			n++
		}
	}
	for _, later := range []func(context.Context) (int, error){o.followOverdue, o.releaseRipe, o.serveLate} {
		more, err := later(ctx)
		if n += more; err != nil {
			faults = append(faults, err)
		}
	}
	return n, errors.Join(faults...)
}

// lapse lets go of pledges that were not paid in time and gives their quota to the waitlist.
func (o *Ops) lapse(ctx context.Context, id campaign.ID, before time.Time) (int, error) {
	late, err := campaigndb.Unpaid(ctx, o.Pool, id, before)
	if err != nil || len(late) == 0 {
		return 0, err
	}
	seqs := make([]int64, len(late))
	for i, p := range late {
		seqs[i] = p.Seq
	}
	n := 0
	u, _ := access.FromContext(ctx)
	_, err = o.change(ctx, u, id, 0, func(ctx context.Context, a *act) error {
		a.counted = true
		ps, err := campaigndb.LockPledges(ctx, a.tx, id, seqs)
		if err != nil {
			return err
		}
		var gone []*campaign.Pledge
		var over []int64
		for _, p := range ps {
			if a.c.Lapse(p, a.now) {
				gone, over = append(gone, p), append(over, p.Seq)
			}
		}
		if n = len(gone); n == 0 {
			return nil
		}
		campaigndb.SavePledges(&a.batch, id, gone)
		campaigndb.Drop(&a.batch, id, over)
		a.verb, a.after = "pledge.lapse", map[string]any{"pledges": over}
		if err := campaigndb.Run(ctx, a.tx, &a.batch); err != nil {
			return err
		}
		a.batch = pgx.Batch{}
		return a.promote(ctx)
	})
	return n, err
}

// turn brings a campaign to the state that the clock asks for, and tells whether it changed.
func (o *Ops) turn(ctx context.Context, id campaign.ID) (bool, error) {
	u, _ := access.FromContext(ctx)
	changed := false
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		changed = false
		c, err := campaigndb.Lock(ctx, tx, id)
		if err != nil {
			return err
		}
		a := &act{ops: o, tx: tx, user: u, now: o.Clock(), c: c, before: c.State}
		if changed, err = a.turn(ctx); err != nil || !changed {
			return err
		}
		if a.after == nil {
			a.after = c.State
		}
		return a.finish(ctx)
	})
	return changed, err
}

func (a *act) turn(ctx context.Context) (bool, error) {
	if a.c.Begin(a.now) {
		a.verb = "campaign.begin"
		return true, nil
	}
	switch {
	case a.c.State.Running() && a.now.After(a.c.Deadline.Add(grace)):
		if a.now.Before(a.c.CloseAt().Add(grace)) {
			unpaid, err := campaigndb.Unpaid(ctx, a.tx, a.c.ID, a.now)
			if err != nil || len(unpaid) > 0 {
				return false, err // their money may still come
			}
		}
		return true, a.close(ctx, "campaign.close", a.c.Close)
	case a.c.State == campaign.Balance && a.now.After(a.c.BalanceEnd().Add(grace)):
		return true, a.close(ctx, "campaign.settle", a.c.CloseBalance)
	}
	return false, nil
}

// close applies a closing rule to all pledges and makes the fact of it.
func (a *act) close(ctx context.Context, verb string, rule func([]*campaign.Pledge, time.Time) (campaign.Outcome, error)) error {
	ps, err := campaigndb.Pledges(ctx, a.tx, a.c.ID, campaign.Accepted, campaign.Confirmed)
	if err != nil {
		return err
	}
	was := states(ps)
	out, err := rule(ps, a.now)
	if err != nil {
		return err
	}
	a.settleAll(ps, was, out)
	a.verb = verb
	a.after = map[string]any{"state": a.c.State, "pieces": a.c.AtClose, "to_deliver": a.c.ToDeliver, "final": a.c.Final, "asked": len(out.Ask)}
	if err := a.relot(ctx); err != nil {
		return err
	}
	a.facts = append(a.facts, a.closed())
	return nil
}

func (a *act) closed() c2m.CampaignClosed {
	pieces := a.c.ToDeliver
	if a.c.State == campaign.Balance {
		pieces = *a.c.AtClose
	}
	return c2m.CampaignClosed{Campaign: int64(a.c.ID), Number: a.c.Number, SKU: a.c.SKU, ShipTo: a.c.ShipTo, Won: a.c.State.Won(), Pieces: pieces, At: a.now}
}

// ClockArgs lets the clock do its work.
type ClockArgs struct{}

// Kind names the job.
func (ClockArgs) Kind() string { return "campaign.clock" }

// PayArgs sends what the payment provider is asked.
type PayArgs struct{}

// Kind names the job.
func (PayArgs) Kind() string { return "campaign.pay" }

type clockWorker struct {
	river.WorkerDefaults[ClockArgs]
	ops *Ops
}

func (w *clockWorker) Work(ctx context.Context, _ *river.Job[ClockArgs]) error {
	_, err := w.ops.Tick(access.WithUser(ctx, access.TheSystem()))
	return err
}

type payWorker struct {
	river.WorkerDefaults[PayArgs]
	ops *Ops
}

func (w *payWorker) Work(ctx context.Context, _ *river.Job[PayArgs]) error {
	_, err := w.ops.SendPayments(access.WithUser(ctx, access.TheSystem()))
	return err
}

// FollowArgs lets lots follow their factory orders: what is awaited of these SKUs at a site changed.
type FollowArgs struct {
	Site catalog.SiteID  `json:"site"`
	SKUs []catalog.SKUID `json:"skus"`
}

// Kind names the job.
func (FollowArgs) Kind() string { return "campaign.follow" }

type followWorker struct {
	river.WorkerDefaults[FollowArgs]
	ops *Ops
}

func (w *followWorker) Work(ctx context.Context, job *river.Job[FollowArgs]) error {
	return w.ops.Follow(access.WithUser(ctx, access.TheSystem()), job.Args.Site, job.Args.SKUs)
}

// Follow re-plans the campaigns whose lots bring these SKUs to a site.
func (o *Ops) Follow(ctx context.Context, site catalog.SiteID, skus []catalog.SKUID) error {
	ids, err := campaigndb.Making(ctx, o.Pool, site, skus)
	if err != nil {
		return err
	}
	var faults []error
	for _, id := range ids {
		if _, err := o.Replan(ctx, id); err != nil {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// Subscribe lets lots follow their factory orders.
func (o *Ops) Subscribe(b *events.Bus) {
	events.Subscribe(b, func(f c2m.SupplyChanged) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(FollowArgs{Site: f.Site, SKUs: f.SKUs})}
	})
}

// Register adds the workers.
func (o *Ops) Register(w *river.Workers) {
	river.AddWorker(w, &clockWorker{ops: o})
	river.AddWorker(w, &payWorker{ops: o})
	river.AddWorker(w, &followWorker{ops: o})
	river.AddWorker(w, &tellWorker{ops: o})
}

// Periodic gives the jobs that run by themselves: the clock every ten seconds, payments and messages every five. One at a time in the whole house; what
// a run misses the next one finds.
func (o *Ops) Periodic() []*river.PeriodicJob {
	once := func(args river.JobArgs) func() (river.JobArgs, *river.InsertOpts) {
		return func() (river.JobArgs, *river.InsertOpts) {
			return args, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: openStates}}
		}
	}
	return []*river.PeriodicJob{
		river.NewPeriodicJob(river.PeriodicInterval(10*time.Second), once(ClockArgs{}), &river.PeriodicJobOpts{RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(5*time.Second), once(PayArgs{}), &river.PeriodicJobOpts{RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(5*time.Second), once(TellArgs{}), &river.PeriodicJobOpts{RunOnStart: true}),
	}
}
