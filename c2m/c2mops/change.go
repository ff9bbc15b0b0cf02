package c2mops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
)

// act is one verb being carried out on one order.
type act struct {
	ops   *Ops
	tx    pgx.Tx
	user  access.User
	now   time.Time
	today calendar.Day
	order *c2m.FactoryOrder
	was   snapshot

	verb          string // of the audit entry
	before, after any
	paper         *c2m.Paper  // of a version that is new
	sheet         *c2mdb.File // of that version
	answerFile    int64
	still         bool // nothing changed: nothing is saved
}

// snapshot is what an order was before the verb.
type snapshot struct {
	state   c2m.State
	version int
	answer  *c2m.Answer
	skus    []catalog.SKUID
	supply  string // what is awaited, in a form that can be compared
}

func snap(o *c2m.FactoryOrder) snapshot {
	return snapshot{o.State, o.Version(), o.Answer, skusOf(o), supplyOf(o)}
}

// supplyOf writes down what is awaited of an order.
func supplyOf(o *c2m.FactoryOrder) string {
	if !o.State.Awaited() {
		return ""
	}
	var b strings.Builder
	for _, l := range o.SupplyLines(nil) {
		for _, s := range l.Open(0) {
			fmt.Fprintln(&b, s.Line, s.SKU, s.Pieces, s.Day, s.Confirmed)
		}
		fmt.Fprintln(&b, l.Shipped, l.Came)
	}
	return b.String()
}

func skusOf(o *c2m.FactoryOrder) []catalog.SKUID {
	var ids []catalog.SKUID
	for _, l := range o.Lines {
		ids = append(ids, l.SKU)
	}
	if o.Current != nil {
		for _, l := range o.Current.Lines {
			ids = append(ids, l.SKU)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// change carries a verb out on an order: it checks the bounds of the user and the revision that the screen showed (0 for any), lets
// f apply the rules, and saves. f sets the audit entry's verb, before and after.
func (o *Ops) change(ctx context.Context, u access.User, id c2m.OrderID, revision int64, f func(context.Context, *act) error) (*c2m.FactoryOrder, error) {
	var order *c2m.FactoryOrder
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		a, err := o.begin(ctx, tx, u, id)
		if err != nil {
			return err
		}
		if revision != 0 && revision != a.order.Revision {
			return fmt.Errorf("%w: %s", c2m.ErrStale, a.order.Number)
		}
		if err := f(ctx, a); err != nil {
			return err
		}
		order = a.order
		return a.finish(ctx)
	})
	if err != nil {
		return nil, err
	}
	return order, nil
}

// begin locks an order for a user who may touch it.
func (o *Ops) begin(ctx context.Context, tx pgx.Tx, u access.User, id c2m.OrderID) (*act, error) {
	order, err := c2mdb.LockOrder(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if err := mayTouch(u, order); err != nil {
		return nil, err
	}
	return &act{ops: o, tx: tx, user: u, now: o.Clock(), today: o.Today(), order: order, was: snap(order)}, nil
}

// mayTouch refuses an order outside the user's bounds. A supplier learns nothing of orders that are not its own or not sent.
func mayTouch(u access.User, order *c2m.FactoryOrder) error {
	if !u.MayTouchSupplier(order.Supplier) || u.Role == access.Supplier && order.Version() == 0 {
		return fmt.Errorf("%w: %d", c2m.ErrUnknown, order.ID)
	}
	if !u.MayTouchSite(order.ShipTo) {
		return fmt.Errorf("%w: %s ships to another site", access.ErrForbidden, order.Number)
	}
	return nil
}

// finish saves the order and says what happened.
func (a *act) finish(ctx context.Context) error {
	if a.still {
		return nil
	}
	if err := c2mdb.Save(ctx, a.tx, a.order, a.now, a.paper, a.answerFile); err != nil {
		return err
	}
	if a.sheet != nil {
		if err := keepSheet(ctx, a.tx, a.order.ID, a.order.Version(), "zh", a.sheet); err != nil {
			return err
		}
	}
	id := itoa(int64(a.order.ID))
	entry := audit.Change{Verb: a.verb, Thing: audit.Thing{Kind: "order", ID: id}, Before: a.before, After: a.after}
	if err := audit.Write(ctx, a.tx, a.now, entry); err != nil {
		return err
	}
	for _, fact := range a.facts() {
		if err := a.ops.Bus.Publish(ctx, a.tx, fact); err != nil {
			return err
		}
	}
	if err := events.Tell(ctx, a.tx, "orders", id); err != nil {
		return err
	}
	return events.Tell(ctx, a.tx, "order/"+id, "")
}

// facts are what the verb made true.
func (a *act) facts() []any {
	o, at := a.order, a.now
	skus := slices.Concat(a.was.skus, skusOf(o))
	slices.Sort(skus)
	var facts []any
	if supplyOf(o) != a.was.supply {
		facts = append(facts, c2m.SupplyChanged{Site: o.ShipTo, SKUs: slices.Compact(skus)})
	}
	if o.Version() != a.was.version {
		facts = append(facts, c2m.OrderSent{Order: o.ID, Number: o.Number, Version: o.Version(), Supplier: o.Supplier, Suggestions: suggestionsOf(o), At: at})
	}
	if o.Answer != a.was.answer && o.Answer != nil && o.Undecided() > 0 {
		facts = append(facts, c2m.OrderAnswered{Order: o.ID, Number: o.Number, Deviations: o.Undecided(), At: at})
	}
	if o.State == a.was.state {
		return facts
	}
	switch o.State {
	case c2m.StateConfirmed:
		facts = append(facts, c2m.OrderConfirmed{Order: o.ID, Number: o.Number, Site: o.ShipTo, At: at})
	case c2m.StateReceived:
		facts = append(facts, c2m.OrderReceived{Order: o.ID, Number: o.Number, At: at})
	case c2m.StateClosed:
		facts = append(facts, c2m.OrderClosed{Order: o.ID, Number: o.Number, At: at})
	case c2m.StateCancelled:
		facts = append(facts, c2m.OrderCancelled{Order: o.ID, Number: o.Number, Suggestions: suggestionsOf(o), At: at})
	}
	return facts
}

func suggestionsOf(o *c2m.FactoryOrder) []int64 {
	var ids []int64
	for _, l := range o.Lines {
		if l.Suggestion != 0 {
			ids = append(ids, l.Suggestion)
		}
	}
	return ids
}

func isUnknown(err error) bool { return errors.Is(err, c2m.ErrUnknown) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
