package solver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"milkrun/routing/solver/sisr"
)

// Options steer a search.
type Options struct {
	// Seed: the same problem, seed, threads and Iterations give the same plan
	// on every machine. Under Budget alone the clock decides how far a search
	// comes, and plans may differ.
	Seed int64
	// Threads, 1 if 0.
	Threads int
	// Budget is how long to search by Clock; one second if both limits are 0.
	Budget time.Duration
	// Iterations, if not 0, is how many ruins and recreations each thread does
	// at most.
	Iterations int64
	// Clock is the time gone since any moment; the wall's if nil. Measurements
	// hand in the processor's.
	Clock func() time.Duration
}

// ErrInvalid says that the search made a plan that breaks the model: a fault of
// this package. The plan is not given out.
var ErrInvalid = errors.New("the plan found does not hold")

// Result is a plan with what is known about the search.
type Result struct {
	*Plan
	Iterations int64
	// Canceled says that ctx ended before the budget did.
	Canceled bool
}

// Solve searches for a good plan until the budget is used or ctx ends. It
// always answers with a plan that holds, if need be with jobs left out; the
// error is a *FieldError's join for a wrong problem, or ErrInvalid.
func Solve(ctx context.Context, p *Problem, o Options) (*Result, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	m := newModel(p)
	progress := o.progress()
	var rounds map[int][]Visit
	res := &Result{}
	if c, ok := classicOf(m); ok {
		s, err := sisr.Solve(ctx, c.in, sisr.Options{Seed: o.Seed, Threads: o.Threads, Progress: progress})
		if err != nil {
			return nil, err
		}
		rounds, res.Iterations = c.rounds(m, s), s.Iterations
	} else {
		rounds, res.Iterations = searchGeneral(ctx, m, o, progress)
	}
	res.Plan = m.plan(rounds)
	res.Canceled = ctx.Err() != nil
	if broken := Verify(p, res.Plan); len(broken) > 0 {
		return nil, fmt.Errorf("%w: %v (and %d more)", ErrInvalid, broken[0], len(broken)-1)
	}
	return res, nil
}

// searchGeneral runs a general search on each thread and keeps the best.
func searchGeneral(ctx context.Context, m *model, o Options, progress func(int64) float64) (map[int][]Visit, int64) {
	type answer struct {
		rounds map[int][]Visit
		count  int64
	}
	answers := make([]answer, max(o.Threads, 1))
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			own := o
			own.Seed += int64(i) * 1_000_003
			g := newGeneral(ctx, m, own, progress)
			a := &answers[i]
			a.rounds, a.count = g.run()
			if m.Objective.Balance {
				a.rounds = g.balance(a.rounds)
			}
		})
	}
	wg.Wait()
	best, count := answers[0].rounds, int64(0)
	least := m.plan(best).Score
	for _, a := range answers {
		count += a.count
		if s := m.plan(a.rounds).Score; s.Less(least) {
			best, least = a.rounds, s
		}
	}
	return best, count
}

// progress is the share of the budget used, by iterations or clock.
func (o Options) progress() func(int64) float64 {
	if o.Budget == 0 && o.Iterations == 0 {
		o.Budget = time.Second
	}
	clock := o.Clock
	if clock == nil {
		begin := time.Now()
		clock = func() time.Duration { return time.Since(begin) }
	}
	begin := clock()
	return func(iterations int64) float64 {
		var share float64
		if o.Iterations > 0 {
			share = float64(iterations) / float64(o.Iterations)
		}
		if o.Budget > 0 {
			share = max(share, float64(clock()-begin)/float64(o.Budget))
		}
		return share
	}
}
