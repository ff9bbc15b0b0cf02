package replenishops

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
)

// Alternatives sets the suppliers of a SKU side by side.
type Alternatives struct {
	SKU   catalog.SKU
	Today calendar.Day
	Days  int // that the effects are played over
	// Asked is what the plan would buy now, over all suppliers; 0 when nothing is needed.
	Asked quantity.Pieces
	// Now is what is to be expected with the suppliers as they are.
	Now  replenishment.Scenario
	Rows []Alternative
	// Foreseen is false while nothing is known of the demand: there are no effects then.
	Foreseen bool
	Likes    []replenishment.Likeness // what it is likened to, where it has no past
}

// Alternative is one supplier.
type Alternative struct {
	replenishment.Source
	Usual bool // the one that is ordered from today
	Real  LeadRecord
	// Then is what is to be expected were he the usual one, from the next order on; nil for one that may not be ordered from.
	Then *replenishment.Scenario
}

// Choices of the comparison.
const (
	alternativeDays  = 84
	alternativePaths = 6
	leadDays         = 730 // orders looked at
)

// Alternatives compares the suppliers of a SKU: their terms, how they have delivered, and what would come of ordering from each.
// Nothing is saved. ErrNoSKU.
func (o *Ops) Alternatives(ctx context.Context, sku catalog.SKUID) (Alternatives, error) {
	e, err := o.Explain(ctx, sku)
	if err != nil {
		return Alternatives{}, err
	}
	if _, err := access.Require(ctx, access.ViewSuggestions); err != nil {
		return Alternatives{}, err
	}
	out := Alternatives{SKU: e.SKU, Today: e.Today, Days: alternativeDays, Foreseen: foreseen(e.Snapshot), Likes: e.Likes}
	for _, s := range e.Suggestions {
		if s.Kind == replenishment.Buy {
			out.Asked += s.Pieces
		}
	}
	leads := map[catalog.SupplierID]LeadRecord{}
	if o.LeadsOf != nil {
		if leads, err = o.LeadsOf.Leads(ctx, o.Pool, sku, o.Clock().AddDate(0, 0, -leadDays)); err != nil {
			return out, fmt.Errorf("replenishops: deliveries of sku %d: %w", sku, err)
		}
	}
	usual := replenishment.UsualSource(e.Sources)
	for _, s := range e.Sources {
		out.Rows = append(out.Rows, Alternative{Source: s, Usual: s.Supplier == usual, Real: leads[s.Supplier]})
	}
	if out.Foreseen {
		err = out.play(ctx, e.Snapshot)
	}
	return out, err
}

// play works out the effects, as many at a time as there are processors.
func (a *Alternatives) play(ctx context.Context, in replenishment.Snapshot) error {
	found, faults := make([]replenishment.Comparison, len(a.Rows)), make([]error, len(a.Rows))
	var wait sync.WaitGroup
	gate := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, r := range a.Rows {
		if r.Banned != "" {
			continue
		}
		gate <- struct{}{}
		wait.Go(func() {
			defer func() { <-gate }()
			if faults[i] = ctx.Err(); faults[i] == nil {
				found[i], faults[i] = replenishment.WhatIf(in, replenishment.Change{Usual: r.Supplier}, a.Days, alternativePaths)
			}
		})
	}
	wait.Wait()
	for i, err := range faults {
		if err != nil {
			return fmt.Errorf("replenishops: effect of supplier %d: %w", a.Rows[i].Supplier, err)
		}
		if a.Rows[i].Banned == "" {
			a.Now, a.Rows[i].Then = found[i].Now, &found[i].Then
		}
	}
	return nil
}
