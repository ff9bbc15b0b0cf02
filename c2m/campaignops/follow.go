package campaignops

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// overdueDays is by how much a promise moves whose day has passed without the goods, where nobody has said a new one: members hear of it once a
// week at most.
const overdueDays = 7

// Replan reads anew what the factories have agreed to make and when, what is on its way, and what inspection refused, and moves lots and
// promises accordingly: a late lot moves its pledges, a short, refused or cancelled one leaves pledges to the next lot. Members whose promise
// moved get the draft of a message. What came of a lot beyond its pledges is booked as stock of its owner. It tells whether anything moved.
func (o *Ops) Replan(ctx context.Context, id campaign.ID) (bool, error) {
	u, err := access.RequireAny(ctx, access.EditOrders, access.PushData)
	if err != nil {
		return false, err
	}
	moved := false
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		moved = false
		c, err := campaigndb.Lock(ctx, tx, id)
		if err != nil {
			return err
		}
		lots, err := campaigndb.Lots(ctx, tx, id)
		if err != nil || len(lots) == 0 {
			return err
		}
		a := &act{ops: o, tx: tx, user: u, now: o.Clock(), c: c, verb: "campaign.replan"}
		came, changed, err := a.follow(ctx, lots)
		if err != nil {
			return err
		}
		if changed && !c.State.Over() {
			moved, a.after = true, map[string]any{"lots": lots}
			if err := a.serve(ctx, lots); err != nil {
				return err
			}
		}
		a.stock(lots, came)
		if !moved {
			return campaigndb.Run(ctx, tx, &a.batch)
		}
		return a.finish(ctx)
	})
	return moved, err
}

// follow brings lots in line with their factory orders. It gives what has come in full of each, by its number, and whether any lot moved.
func (a *act) follow(ctx context.Context, lots []campaign.Lot) (came map[int]quantity.Pieces, moved bool, err error) {
	came = map[int]quantity.Pieces{}
	for i := range lots {
		l := &lots[i]
		if l.Order == 0 {
			continue
		}
		was := *l
		in, done, err := a.followOne(ctx, l)
		if err != nil {
			return nil, false, err
		}
		if done {
			came[l.No] = in
		}
		moved = moved || l.Pieces != was.Pieces || l.Promise != was.Promise || l.State != was.State
	}
	return came, moved, nil
}

// followOne brings one lot in line with its order's line. It gives the good pieces that came, and whether no more will.
func (a *act) followOne(ctx context.Context, l *campaign.Lot) (in quantity.Pieces, done bool, err error) {
	order, err := c2mdb.Order(ctx, a.tx, c2m.OrderID(l.Order))
	if err != nil {
		return 0, false, err
	}
	line, ok := order.Line(l.Line)
	if order.State == c2m.StateCancelled || !ok {
		l.State, l.Pieces, l.Pledged = campaign.LotCancelled, 0, 0
		return 0, true, nil
	}
	refused, err := campaigndb.RefusedOf(ctx, a.tx, l.Order, l.Line)
	if err != nil {
		return 0, false, err
	}
	pieces, day := line.Pieces, line.Due
	if agreed, has := order.Agreed[l.Line]; has {
		pieces = 0
		for _, s := range agreed.Splits {
			pieces, day = pieces+s.Pieces, s.Day
		}
	}
	if done = order.State == c2m.StateClosed || order.State == c2m.StateReceived; done {
		pieces = line.Came
	}
	l.State, l.Pieces = campaign.LotOrdered, max(0, pieces-refused)
	if line.Came < pieces {
		if day, err = a.expected(ctx, order, l, day); err != nil {
			return 0, false, err
		}
		l.Promise = day
	}
	l.Pledged = min(l.Pledged, l.Pieces)
	return max(0, line.Came-refused), done, nil
}

// expected gives the day by which all of a lot should be there: what was agreed, or later where the goods on their way arrive later or the
// factory reports a later finish. A day that has passed moves on by a week.
func (a *act) expected(ctx context.Context, order *c2m.FactoryOrder, l *campaign.Lot, agreed calendar.Day) (calendar.Day, error) {
	day, today := agreed, a.ops.Today()
	notes, err := c2mdb.ASNsOfOrder(ctx, a.tx, order.ID)
	if err != nil {
		return 0, err
	}
	for _, s := range order.SupplyLines(notes) {
		if s.Line != l.Line {
			continue
		}
		s.Answered = nil // an answer that waits for the buyer's word promises nothing yet
		for _, open := range s.Open(today) {
			day = max(day, open.Day)
		}
	}
	finish, err := campaigndb.FinishOf(ctx, a.tx, l.Order, l.Line)
	if err != nil {
		return 0, err
	}
	if day = max(day, finish); day >= today {
		return day, nil
	}
	if l.Promise >= today { // moved on already, and that day has not passed
		return l.Promise, nil
	}
	return today.AddDays(overdueDays), nil
}

// stock books what came of lots beyond their pledges as stock of the lots' owners.
func (a *act) stock(lots []campaign.Lot, came map[int]quantity.Pieces) {
	for _, l := range lots {
		if in, ok := came[l.No]; ok {
			campaigndb.BookSurplus(&a.batch, a.c, l, max(0, in-l.Pledged), a.now)
		}
	}
}

// relot lets the lots of a campaign that was closed or cancelled serve those pledges that are left, and notes that a won one is being made:
// its lots were ordered before, past the threshold.
func (a *act) relot(ctx context.Context) error {
	lots, err := campaigndb.Lots(ctx, a.tx, a.c.ID)
	if err != nil || len(lots) == 0 {
		return err
	}
	if err := campaigndb.Run(ctx, a.tx, &a.batch); err != nil { // the pledges have to be stored before they are read
		return err
	}
	a.batch = pgx.Batch{}
	if err := a.serve(ctx, lots); err != nil {
		return err
	}
	if a.c.State == campaign.Succeeded {
		return a.c.Produce(a.now)
	}
	return nil
}

// followOverdue re-plans the campaigns with a lot whose day has passed without its goods, whose factory reports a later finish, or of which
// inspection has refused something lately. It tells how many moved.
func (o *Ops) followOverdue(ctx context.Context) (n int, err error) {
	ids, err := campaigndb.Overdue(ctx, o.Pool, o.Today(), o.Clock().Add(-lookBack))
	if err != nil {
		return 0, err
	}
	var faults []error
	for _, id := range ids {
		moved, err := o.Replan(ctx, id)
		if err != nil {
			faults = append(faults, err)
		} else if moved {
			n++
		}
	}
	return n, errors.Join(faults...)
}

// Surplus gives what campaigns left as stock, of an owner or of all (""), the newest first.
func (o *Ops) Surplus(ctx context.Context, owner string) ([]campaigndb.Surplus, error) {
	if _, err := access.Require(ctx, access.ViewOrders); err != nil {
		return nil, err
	}
	return campaigndb.SurplusOf(ctx, o.Pool, 0, owner)
}
