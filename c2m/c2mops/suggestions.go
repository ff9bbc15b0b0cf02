package c2mops

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
	"milkrun/warehouse"
)

// SuggestionArgs is the job that brings draft orders in line with suggestions that were approved or taken back.
type SuggestionArgs struct {
	IDs []replenishment.SuggestionID `json:"ids"`
}

// Kind names the job.
func (SuggestionArgs) Kind() string { return "c2m.suggestions" }

// suggestionWorker carries the job out.
type suggestionWorker struct {
	river.WorkerDefaults[SuggestionArgs]
	ops *Ops
}

// Work brings the drafts in line. It may run any number of times.
func (w *suggestionWorker) Work(ctx context.Context, job *river.Job[SuggestionArgs]) error {
	_, err := w.ops.TakeSuggestions(access.WithUser(ctx, access.TheSystem()), job.Args.IDs)
	return err
}

// Register adds the workers of factory orders.
func (o *Ops) Register(w *river.Workers) {
	river.AddWorker(w, &suggestionWorker{ops: o})
	river.AddWorker(w, &arrivalWorker{ops: o})
	river.AddWorker(w, &resultWorker{ops: o})
}

// Subscribe listens to the replenishment side (approved purchases go onto draft orders, those taken back come off them) and to the
// warehouse (what came with a delivery note counts on its orders, what was inspected stands in the supplier's record).
func (o *Ops) Subscribe(b *events.Bus) {
	events.Subscribe(b, func(f warehouse.Received) []river.InsertManyParams {
		if f.Delivery == 0 {
			return nil
		}
		return []river.InsertManyParams{events.Job(ArrivalArgs{Delivery: f.Delivery})}
	})
	events.Subscribe(b, func(f warehouse.Inspected) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(ResultArgs{Inspection: f.Inspection})}
	})
	events.Subscribe(b, func(f replenishment.Approved) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(SuggestionArgs{IDs: f.SuggestionIDs})}
	})
	events.Subscribe(b, func(f replenishment.TakenBack) []river.InsertManyParams {
		return []river.InsertManyParams{events.Job(SuggestionArgs{IDs: f.SuggestionIDs})}
	})
}

// draftKey says which draft a suggestion belongs on.
type draftKey struct {
	supplier catalog.SupplierID
	site     catalog.SiteID
}

// TakeSuggestions reads the suggestions anew and puts approved purchases onto the newest draft for supplier and site, or a new one,
// each once however often it is called; purchases that are no longer approved come off the draft if it was never sent. It gives the
// drafts that it changed.
func (o *Ops) TakeSuggestions(ctx context.Context, ids []replenishment.SuggestionID) ([]c2m.OrderID, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	stored, err := o.Suggestions.Suggestions(ctx, o.Pool, ids)
	if err != nil {
		return nil, err
	}
	groups := map[draftKey][]replenishment.Suggestion{}
	for _, s := range stored {
		if s.Kind == replenishment.Buy && s.Supplier != 0 {
			k := draftKey{s.Supplier, s.Site}
			groups[k] = append(groups[k], s)
		}
	}
	keys := make([]draftKey, 0, len(groups))
	for k := range groups {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b draftKey) int {
		return cmp.Or(cmp.Compare(a.supplier, b.supplier), cmp.Compare(a.site, b.site))
	})
	var changed []c2m.OrderID
	for _, k := range keys {
		id, err := o.takeGroup(ctx, u, k, groups[k])
		if err != nil {
			return changed, err
		}
		if id != 0 {
			changed = append(changed, id)
		}
	}
	return changed, nil
}

// takeGroup brings the draft of one supplier and site in line.
func (o *Ops) takeGroup(ctx context.Context, u access.User, k draftKey, group []replenishment.Suggestion) (c2m.OrderID, error) {
	var changed c2m.OrderID
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		changed = 0
		draft, err := c2mdb.OpenDraft(ctx, tx, k.supplier, k.site)
		if err != nil {
			return err
		}
		// Read again now that no other transaction works on this draft.
		fresh, err := o.Suggestions.Suggestions(ctx, tx, idsOf(group))
		if err != nil {
			return err
		}
		taken, err := c2mdb.SuggestionsTaken(ctx, tx, numbersOf(group))
		if err != nil {
			return err
		}
		var put []replenishment.Suggestion
		for _, s := range fresh {
			on, is := taken[int64(s.ID)]
			switch {
			case !is && s.State == replenishment.StateApproved:
				put = append(put, s)
			case is && s.State != replenishment.StateApproved && s.State != replenishment.StateOrdered:
				if err := o.takeOff(ctx, tx, u, on); err != nil {
					return err
				}
			}
		}
		if len(put) == 0 {
			return nil
		}
		changed, err = o.putOn(ctx, tx, u, k, draft, put)
		return err
	})
	return changed, err
}

func idsOf(ss []replenishment.Suggestion) []replenishment.SuggestionID {
	ids := make([]replenishment.SuggestionID, len(ss))
	for i, s := range ss {
		ids[i] = s.ID
	}
	return ids
}

func numbersOf(ss []replenishment.Suggestion) []int64 {
	ids := make([]int64, len(ss))
	for i, s := range ss {
		ids[i] = int64(s.ID)
	}
	return ids
}

// putOn adds suggestions to the draft, which is 0 for a new one.
func (o *Ops) putOn(ctx context.Context, tx pgx.Tx, u access.User, k draftKey, draft c2m.OrderID, put []replenishment.Suggestion) (c2m.OrderID, error) {
	var a *act
	var err error
	if draft != 0 {
		a, err = o.begin(ctx, tx, u, draft)
		if err == nil && a.order.State != c2m.StateDraft { // sent while we waited for its lock
			a, err = nil, nil
		}
	}
	if err == nil && a == nil {
		var buyer c2m.Person
		if buyer, err = c2mdb.Account(ctx, tx, put[0].By); err == nil {
			a, err = o.newDraft(ctx, tx, u, k.supplier, k.site, buyer)
		}
	}
	if err != nil {
		return 0, err
	}
	a.verb = "order.suggestions"
	var lines []c2m.Line
	var done []int64
	for _, s := range put {
		no, err := a.addSuggestion(ctx, s)
		var refused *c2m.LineError
		if errors.As(err, &refused) {
			o.Log.ErrorContext(ctx, "an approved suggestion cannot be ordered", "suggestion", s.ID, "order", a.order.Number, "error", err)
			continue
		}
		if err != nil {
			return 0, err
		}
		l, _ := a.order.Line(no)
		lines, done = append(lines, l), append(done, int64(s.ID))
	}
	if err := a.reprice(ctx); err != nil {
		return 0, err
	}
	a.after = lines
	if err := a.finish(ctx); err != nil {
		return 0, err
	}
	for _, l := range lines {
		t := c2mdb.TakenOn{SuggestionID: l.Suggestion, OrderID: a.order.ID, Line: l.No}
		if _, err := c2mdb.TakeSuggestion(ctx, tx, t, a.now); err != nil {
			return 0, err
		}
	}
	return a.order.ID, o.Bus.Publish(ctx, tx, c2m.Drafted{Order: a.order.ID, Number: a.order.Number, Suggestions: done})
}

// addSuggestion makes a line of a suggestion. A day that has passed meanwhile becomes today.
func (a *act) addSuggestion(ctx context.Context, s replenishment.Suggestion) (int, error) {
	due := min(max(s.ArriveBy, a.today), a.today.AddDays(c2m.MaxDaysAhead))
	n := NewLine{SKU: s.SKU, Pieces: s.Quantity(), Due: &due}
	if s.Unit > 0 {
		n.Price = &s.Unit
	}
	no, err := a.addLine(ctx, n)
	if err != nil {
		return 0, err
	}
	l := &a.order.Lines[len(a.order.Lines)-1]
	l.Suggestion = int64(s.ID)
	l.ByHand = false // the planner's price is the terms' of its day, no buyer's word
	return no, nil
}

// takeOff takes a suggestion off a draft that was never sent; off another order only the buyer may take it.
func (o *Ops) takeOff(ctx context.Context, tx pgx.Tx, u access.User, on c2mdb.TakenOn) error {
	a, err := o.begin(ctx, tx, u, on.OrderID)
	if err != nil {
		return err
	}
	l, still := a.order.Line(on.Line)
	if a.order.State != c2m.StateDraft || still && l.Suggestion != on.SuggestionID {
		o.Log.WarnContext(ctx, "a suggestion was taken back after it was ordered", "suggestion", on.SuggestionID, "order", a.order.Number)
		return nil
	}
	if still {
		if _, err := a.order.RemoveLine(on.Line, ""); err != nil {
			return err
		}
		a.verb, a.before, a.after = "order.line.remove", l, withReason{nil, "suggestion " + itoa(on.SuggestionID) + " taken back"}
		if err := a.finish(ctx); err != nil {
			return err
		}
	}
	return c2mdb.GiveBackSuggestion(ctx, tx, on.SuggestionID)
}
