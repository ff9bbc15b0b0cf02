package replenishops

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishdb"
)

// Refusal is why one suggestion of several could not be decided.
type Refusal struct {
	ID  replenishment.SuggestionID
	Err error
}

// Decided is what came of deciding several suggestions: those that are decided now, and why the others are not.
type Decided struct {
	Done    []replenishment.Suggestion
	Refused []Refusal
}

// Approve accepts the suggestions at the number that counts. Those that cannot be approved are refused one by one.
// Their fact is published when the undo window has passed.
func (o *Ops) Approve(ctx context.Context, ids ...replenishment.SuggestionID) (Decided, error) {
	return o.decide(ctx, "suggestion.approve", ids, func(s *replenishment.Suggestion, u access.User, at time.Time) error {
		return s.Approve(int64(u.ID), at)
	}, func(ctx context.Context, tx pgx.Tx, u access.User, done []replenishment.SuggestionID, at time.Time) error {
		if n, err := replenishdb.CloseDone(ctx, tx, done, int64(u.ID), at); err != nil {
			return err
		} else if n > 0 {
			if err := events.Tell(ctx, tx, "alarms", ""); err != nil {
				return err
			}
		}
		job := events.Job(AnnounceArgs{IDs: done, By: int64(u.ID), At: at})
		if o.UndoWindow > 0 {
			job.InsertOpts = &river.InsertOpts{ScheduledAt: time.Now().Add(o.UndoWindow)}
		}
		return o.Bus.Enqueue(ctx, tx, job)
	})
}

// announce publishes the approval of those that are still approved.
func (o *Ops) announce(ctx context.Context, a AnnounceArgs) error {
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		all, err := replenishdb.LockSuggestions(ctx, tx, a.IDs)
		if err != nil {
			return err
		}
		fact := replenishment.Approved{By: a.By, At: a.At}
		for _, s := range all {
			// One that was taken back and approved again is announced by the later job.
			if s.State == replenishment.StateApproved && s.At != nil && s.At.Equal(a.At.Truncate(time.Microsecond)) {
				fact.SuggestionIDs = append(fact.SuggestionIDs, s.ID)
			}
		}
		if len(fact.SuggestionIDs) == 0 {
			return nil
		}
		return o.Bus.Publish(ctx, tx, fact)
	})
}

// Reject refuses the suggestions for a reason.
func (o *Ops) Reject(ctx context.Context, reason string, ids ...replenishment.SuggestionID) (Decided, error) {
	return o.decide(ctx, "suggestion.reject", ids, func(s *replenishment.Suggestion, u access.User, at time.Time) error {
		return s.Reject(reason, int64(u.ID), at)
	}, func(ctx context.Context, tx pgx.Tx, u access.User, done []replenishment.SuggestionID, at time.Time) error {
		return o.Bus.Publish(ctx, tx, replenishment.Rejected{SuggestionIDs: done, By: int64(u.ID), At: at})
	})
}

// TakeBack undoes the decisions, as long as no order came of them.
func (o *Ops) TakeBack(ctx context.Context, ids ...replenishment.SuggestionID) (Decided, error) {
	return o.decide(ctx, "suggestion.take_back", ids, func(s *replenishment.Suggestion, u access.User, at time.Time) error {
		return s.TakeBack(int64(u.ID), at)
	}, func(ctx context.Context, tx pgx.Tx, u access.User, done []replenishment.SuggestionID, at time.Time) error {
		return o.Bus.Publish(ctx, tx, replenishment.TakenBack{SuggestionIDs: done, By: int64(u.ID), At: at})
	})
}

// Change puts the buyer's number in place of the planner's, for a reason. The suggestion still waits for approval.
func (o *Ops) Change(ctx context.Context, id replenishment.SuggestionID, pieces quantity.Pieces, reason string) (replenishment.Suggestion, error) {
	d, err := o.decide(ctx, "suggestion.change", []replenishment.SuggestionID{id}, func(s *replenishment.Suggestion, u access.User, at time.Time) error {
		return s.Change(pieces, reason, int64(u.ID), at)
	}, nil)
	if err != nil {
		return replenishment.Suggestion{}, err
	}
	if len(d.Refused) > 0 {
		return replenishment.Suggestion{}, d.Refused[0].Err
	}
	return d.Done[0], nil
}

// decide locks the suggestions, applies the rule to each, saves those that it allows with their audit row, and runs after for them.
func (o *Ops) decide(ctx context.Context, verb string, ids []replenishment.SuggestionID,
	rule func(*replenishment.Suggestion, access.User, time.Time) error,
	after func(context.Context, pgx.Tx, access.User, []replenishment.SuggestionID, time.Time) error,
) (Decided, error) {
	u, err := access.Require(ctx, access.DecideSuggestions)
	if err != nil {
		return Decided{}, err
	}
	var out Decided
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		out = Decided{}
		now := o.Clock().Truncate(time.Microsecond)
		all, err := replenishdb.LockSuggestions(ctx, tx, ids)
		if err != nil {
			return err
		}
		out.Refused = missing(ids, all)
		var changes []audit.Change
		var done []replenishment.SuggestionID
		for _, s := range all {
			before := decision(s)
			if !mayTouch(u, s) {
				out.Refused = append(out.Refused, Refusal{s.ID, access.ErrForbidden})
				continue
			}
			if err := rule(&s, u, now); err != nil {
				out.Refused = append(out.Refused, Refusal{s.ID, err})
				continue
			}
			if err := replenishdb.SaveDecision(ctx, tx, s); err != nil {
				return err
			}
			out.Done, done = append(out.Done, s), append(done, s.ID)
			changes = append(changes, audit.Change{Verb: verb, Before: before, After: decision(s),
				Thing: audit.Thing{Kind: "suggestion", ID: strconv.FormatInt(int64(s.ID), 10)}})
		}
		if len(done) == 0 {
			return nil
		}
		if err := audit.Write(ctx, tx, now, changes...); err != nil {
			return err
		}
		if err := events.Tell(ctx, tx, "suggestions", ""); err != nil {
			return err
		}
		if after == nil {
			return nil
		}
		return after(ctx, tx, u, done, now)
	})
	if err != nil {
		return Decided{}, fmt.Errorf("replenishops: %s: %w", verb, err)
	}
	return out, nil
}

// missing refuses the ids that no suggestion has.
func missing(ids []replenishment.SuggestionID, found []replenishment.Suggestion) []Refusal {
	var out []Refusal
	for _, id := range ids {
		if !slices.ContainsFunc(found, func(s replenishment.Suggestion) bool { return s.ID == id }) {
			out = append(out, Refusal{id, replenishdb.ErrUnknown})
		}
	}
	return out
}

func mayTouch(u access.User, s replenishment.Suggestion) bool {
	return u.MayTouchSite(s.Site) && (s.From == 0 || u.MayTouchSite(s.From))
}

// decision is what the audit keeps of a suggestion.
func decision(s replenishment.Suggestion) map[string]any {
	return map[string]any{"state": s.State, "pieces": s.Quantity(), "suggested": s.Pieces, "note": s.Note}
}

// Ordered notes that the suggestions became the order of that number, or joined it. Repeating it changes nothing.
func (o *Ops) Ordered(ctx context.Context, tx pgx.Tx, number string, ids []replenishment.SuggestionID) error {
	all, err := replenishdb.LockSuggestions(ctx, tx, ids)
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.State != replenishment.StateApproved {
			continue
		}
		if err := s.Order(o.Clock()); err != nil {
			return fmt.Errorf("replenishops: suggestion %d: %w", s.ID, err)
		}
		if err := replenishdb.SaveDecision(ctx, tx, s); err != nil {
			return err
		}
	}
	if err := replenishdb.SaveOrderRef(ctx, tx, ids, number); err != nil {
		return err
	}
	return events.Tell(ctx, tx, "suggestions", "")
}
