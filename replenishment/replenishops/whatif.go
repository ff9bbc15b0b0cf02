package replenishops

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/replenishment"
)

// MostWhatIf is how many SKUs a what-if adds up at most.
const MostWhatIf = 40

// WhatIf is what a change would bring for SKUs together, and for each.
type WhatIf struct {
	replenishment.Comparison
	SKUs []SKUWhatIf
}

// SKUWhatIf is what it would bring for one SKU.
type SKUWhatIf struct {
	SKU     catalog.SKU
	Sources []replenishment.Source
	replenishment.Comparison
}

// WhatIf plays the plan forward for days days with a change and without it, for at most MostWhatIf SKUs. Nothing is saved.
// replenishment.ErrChange for a change that makes no sense.
func (o *Ops) WhatIf(ctx context.Context, skus []catalog.SKUID, c replenishment.Change, days int) (WhatIf, error) {
	if _, err := access.Require(ctx, access.ViewSuggestions); err != nil {
		return WhatIf{}, err
	}
	if err := c.Check(); err != nil {
		return WhatIf{}, err
	}
	skus = skus[:min(len(skus), MostWhatIf)]
	seen, err := o.look(ctx, o.Today(), skus)
	if err != nil {
		return WhatIf{}, err
	}
	paths := max(24/max(len(seen.items), 1), 2)
	out := WhatIf{SKUs: make([]SKUWhatIf, len(seen.items))}
	faults := make([]error, len(seen.items))
	var wait sync.WaitGroup
	gate := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range seen.items {
		gate <- struct{}{}
		wait.Go(func() {
			defer func() { <-gate }()
			if faults[i] = ctx.Err(); faults[i] != nil {
				return
			}
			in := seen.items[i]
			out.SKUs[i] = SKUWhatIf{SKU: in.SKU, Sources: in.Sources}
			out.SKUs[i].Comparison, faults[i] = replenishment.WhatIf(in, c, days, paths)
		})
	}
	wait.Wait()
	for i, err := range faults {
		if err != nil {
			return WhatIf{}, fmt.Errorf("replenishops: what-if of sku %d: %w", seen.items[i].SKU.ID, err)
		}
		out.Comparison.Add(out.SKUs[i].Comparison)
	}
	return out, nil
}
