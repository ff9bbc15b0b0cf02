package models

import (
	"context"
	"runtime"

	"milkrun/forecasting"
	"milkrun/forecasting/models/boost"
)

// GlobalOptions set up the training of a Global. The zero GlobalOptions are usable.
type GlobalOptions struct {
	Horizon int     // longest horizon learnt, in periods; 0 = 28
	Year    float64 // periods of a year; 0 = that of the engine
	MaxRows int     // rows of the training table; 0 = 100,000
	Trees   int     // of each part; 0 = 220
	Seed    uint64
	Workers int // 0 = one a processor; the outcome does not depend on it
}

func (o GlobalOptions) filled(e *Engine) GlobalOptions {
	if o.Horizon < 1 {
		o.Horizon = 28
	}
	if o.Year == 0 {
		o.Year = e.options.Year
	}
	if o.MaxRows < 1 {
		o.MaxRows = 100_000
	}
	if o.Trees < 1 {
		o.Trees = 220
	}
	if o.Workers < 1 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	return o
}

// Global is what is learnt over many series at once: a pooled log-linear regression on the drivers, gradient-boosted trees that
// learn what it leaves, and, from origins held back, for which classes of demand this pays and how far off the quantiles are.
// It is immutable, safe for concurrent use, and can be stored: trained once for a run, it serves every shard.
type Global struct {
	Shape     panelShape
	Linear    *LogLinear
	Means     []*boost.Model // one a meanKind
	Quantiles []*boost.Model // one a probability
	Counts    *Counts        // nil where demand is not sparse
	Groups    []map[string]*groupTrack
	Classes   map[forecasting.Class]Lesson
	Series    int // learnt from
}

// The kinds of trees for the mean.
const (
	fromDue   = iota // factor on level and drivers, by Poisson's deviance
	fromLevel        // factor on a slow level alone, by Poisson's deviance
	fromLog          // difference of logarithms, by squares
	meanKinds
)

// TrainGlobal learns from a panel. Only what the members' series hold is looked at, never their futures. The last horizons are
// first held back, to judge and to calibrate; then the means are trained on everything. It stops when ctx ends.
func (e *Engine) TrainGlobal(ctx context.Context, members []Member, o GlobalOptions) (*Global, error) {
	o = o.filled(e)
	shape := e.shapeOf(members, o)
	early, err := e.train(ctx, heldBack(members, judgedSpans*o.Horizon, shape), shape, o)
	if err != nil {
		return nil, err
	}
	lessons, err := e.judge(ctx, early, members, o)
	if err != nil {
		return nil, err
	}
	pays := false
	for _, l := range lessons {
		pays = pays || l.learnt()
	}
	if !pays {
		early.Classes = lessons
		return early, nil
	}
	g, err := e.train(ctx, members, shape, o)
	if err != nil {
		return nil, err
	}
	g.Classes = lessons
	return g, nil
}

// train fits all parts on the members.
func (e *Engine) train(ctx context.Context, members []Member, shape panelShape, o GlobalOptions) (*Global, error) {
	tracks := make([]*track, len(members))
	parallel(o.Workers, len(members), func(i int) { tracks[i] = e.newTrack(&members[i], shape, 0) })
	g := &Global{Shape: shape, Linear: fitLogLinear(tracks, shape, o.Workers), Series: len(members)}
	parallel(o.Workers, len(tracks), func(i int) {
		tracks[i].setKnown(shape.columns())
		tracks[i].setLevels(shape.Halves)
	})
	g.Groups = groupTracks(tracks, shape)
	rows := g.rows(tracks, o)
	table := boost.NewTable(rows.x)
	grow := boost.Options{
		Trees: o.Trees, Workers: o.Workers, Intercept: true,
		Rate: .05, Leaves: 24, MinRows: 60, Ridge: 10, RowShare: .5, Columns: .5,
	}
	for kind := range meanKinds {
		y, w, offset, loss := rows.target(kind)
		grow.Seed = o.Seed + uint64(kind)
		m, err := boost.Train(ctx, table, y, w, offset, loss, grow)
		if err != nil {
			return nil, err
		}
		g.Means = append(g.Means, m)
	}
	y, w := rows.ratios()
	for _, p := range probabilities {
		grow.Seed, grow.Trees, grow.Leaves, grow.MinRows = o.Seed+uint64(1000*p), o.Trees/2, 16, 150
		m, err := boost.Train(ctx, table, y, w, nil, boost.Quantile{P: p}, grow)
		if err != nil {
			return nil, err
		}
		g.Quantiles = append(g.Quantiles, m)
	}
	var err error
	g.Counts, err = trainCounts(ctx, table, rows, o)
	return g, err
}

// heldBack gives the members without their last periods. Those that become too short to teach anything are left out.
func heldBack(members []Member, periods int, s panelShape) []Member {
	out := make([]Member, 0, len(members))
	for _, m := range members {
		if n := m.Series.Len() - periods; n >= s.leastAge() {
			out = append(out, m.before(n))
		}
	}
	return out
}

// before gives the member as it was after n periods; what came of promotions and drivers is its plan.
func (m Member) before(n int) Member {
	whole := m.Series
	m.Future = futureOf(&whole, n)
	m.Series = whole.Before(whole.Day(n))
	return m
}
