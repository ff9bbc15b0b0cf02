package boost

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"sync"
)

// Options say how a model is grown. The zero Options are usable.
type Options struct {
	Trees     int     // 0 = 200
	Leaves    int     // of a tree; 0 = 24
	Rate      float64 // by which a tree is shrunk; 0 = 0.08
	MinRows   int     // of a leaf; 0 = 40
	Ridge     float64 // added to the second derivatives of a leaf; 0 = 5
	RowShare  float64 // of the rows, drawn for each tree; 0 = 0.6
	Columns   float64 // share of the features, drawn for each tree; 0 = 0.6
	Seed      uint64
	Workers   int     // goroutines; 0 = 1. The outcome does not depend on it
	MaxStep   float64 // bound of the value of a leaf before Rate; 0 = 2 for a loss with a second derivative of its own
	Intercept bool    // start from the best constant instead of 0
}

func (o Options) filled() Options {
	def := func(v *int, d int) {
		if *v < 1 {
			*v = d
		}
	}
	share := func(v *float64, d float64) {
		if !(*v > 0) {
			*v = d
		}
	}
	def(&o.Trees, 200)
	def(&o.Leaves, 24)
	def(&o.MinRows, 40)
	def(&o.Workers, 1)
	share(&o.Rate, .08)
	share(&o.Ridge, 5)
	share(&o.RowShare, .6)
	share(&o.Columns, .6)
	share(&o.MaxStep, 2)
	o.RowShare, o.Columns = min(o.RowShare, 1), min(o.Columns, 1)
	return o
}

// ErrRows is the refusal of targets, weights or offsets that are not as many as the rows.
var ErrRows = errors.New("boost: not as many targets, weights or offsets as rows")

// Train grows a model of y on the table. weight nil = 1 each, offset nil = 0: a score that is known beforehand and to which
// the trees add. It stops when ctx ends.
func Train(ctx context.Context, t *Table, y, weight, offset []float64, loss Loss, o Options) (*Model, error) {
	if len(y) != t.rows || weight != nil && len(weight) != t.rows || offset != nil && len(offset) != t.rows {
		return nil, ErrRows
	}
	o = o.filled()
	g := &grower{t: t, o: o, loss: loss, y: y, w: weight, rng: rand.New(rand.NewPCG(o.Seed, 0x9e3779b97f4a7c15))}
	g.score = make([]float64, t.rows)
	copy(g.score, offset)
	if g.w == nil {
		g.w = make([]float64, t.rows)
		for i := range g.w {
			g.w[i] = 1
		}
	}
	g.grad, g.hess = make([]float32, t.rows), make([]float32, t.rows)
	m := &Model{Features: t.features}
	if t.rows == 0 {
		return m, nil
	}
	if o.Intercept {
		m.Base = g.intercept()
		for i := range g.score {
			g.score[i] += m.Base
		}
	}
	for range o.Trees {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m.Trees = append(m.Trees, g.tree())
	}
	return m, nil
}

type grower struct {
	t          *Table
	o          Options
	loss       Loss
	y, w       []float64
	score      []float64
	grad, hess []float32
	rng        *rand.Rand
	columns    []int   // drawn for the tree
	others     []int32 // rows not drawn
	spare      [][]float64
}

// intercept finds the best constant by a few of Newton's steps, or as a quantile.
func (g *grower) intercept() float64 {
	res := make([]float64, len(g.y))
	for i := range res {
		res[i] = g.y[i] - g.score[i]
	}
	if v := g.loss.Leaf(res, g.w); v == v {
		return v
	}
	at := 0.0
	for range 20 {
		var sg, sh float64
		for i, y := range g.y {
			a, b := g.loss.Gradient(y, g.score[i]+at)
			sg += g.w[i] * a
			sh += g.w[i] * b
		}
		if !(sh > 0) {
			break
		}
		at -= min(max(sg/sh, -1), 1)
	}
	return at
}

// leaf is a leaf that may be split further.
type leaf struct {
	rows   []int32
	hist   []float64 // gradient and second derivative by bin by drawn feature
	sg, sh float64
	node   int
	gain   float64
	column int // index into columns
	bin    uint8
	lg, lh float64 // sums left of the best split
}

// tree grows one tree on a draw of rows and columns, and adds it to the scores.
func (g *grower) tree() Tree {
	g.drawColumns()
	rows := make([]int32, 0, int(float64(g.t.rows)*g.o.RowShare)+64)
	g.others = g.others[:0]
	for r := range g.t.rows {
		if g.o.RowShare < 1 && g.rng.Float64() >= g.o.RowShare {
			g.others = append(g.others, int32(r))
			continue
		}
		a, b := g.loss.Gradient(g.y[r], g.score[r])
		g.grad[r], g.hess[r] = float32(a*g.w[r]), float32(b*g.w[r])
		rows = append(rows, int32(r))
	}
	root := &leaf{rows: rows}
	for _, r := range rows {
		root.sg += float64(g.grad[r])
		root.sh += float64(g.hess[r])
	}
	tree := Tree{{Feature: -1}}
	g.fill(root)
	g.find(root)
	leaves := []*leaf{root}
	for len(leaves) < g.o.Leaves {
		best := 0
		for i, l := range leaves {
			if l.gain > leaves[best].gain {
				best = i
			}
		}
		l := leaves[best]
		if !(l.gain > 0) {
			break
		}
		a, b := g.split(&tree, l)
		leaves[best] = a
		leaves = append(leaves, b)
	}
	for _, l := range leaves {
		tree[l.node].Value = float32(g.o.Rate * g.step(l))
		g.release(l)
	}
	// The leaf of a drawn row is known; the others walk down the tree.
	for _, l := range leaves {
		value := float64(tree[l.node].Value)
		for _, r := range l.rows {
			g.score[r] += value
		}
	}
	for _, r := range g.others {
		g.score[r] += float64(tree.binned(g.t, int(r)))
	}
	return tree
}

func (g *grower) drawColumns() {
	n := max(int(math.Round(float64(g.t.features)*g.o.Columns)), 1)
	g.columns = append(g.columns[:0], g.rng.Perm(g.t.features)[:n]...)
}

// step gives the value of a leaf.
func (g *grower) step(l *leaf) float64 {
	res := make([]float64, 0)
	if _, own := g.loss.(Quantile); own {
		w := make([]float64, 0, len(l.rows))
		for _, r := range l.rows {
			res, w = append(res, g.y[r]-g.score[r]), append(w, g.w[r])
		}
		return g.loss.Leaf(res, w)
	}
	return min(max(-l.sg/(l.sh+g.o.Ridge), -g.o.MaxStep), g.o.MaxStep)
}

// split makes two leaves of one and enters the split into the tree.
func (g *grower) split(tree *Tree, l *leaf) (*leaf, *leaf) {
	feature := g.columns[l.column]
	a, b := &leaf{node: len(*tree), sg: l.lg, sh: l.lh}, &leaf{node: len(*tree) + 1, sg: l.sg - l.lg, sh: l.sh - l.lh}
	(*tree)[l.node] = Node{Feature: int32(feature), Bin: l.bin, Threshold: g.t.threshold(feature, l.bin), Left: int32(a.node)}
	*tree = append(*tree, Node{Feature: -1}, Node{Feature: -1})
	// Rows are parted in place: the left ones come first.
	i, rows := 0, l.rows
	for k, r := range rows {
		if g.t.bins[int(r)*g.t.features+feature] <= l.bin {
			rows[i], rows[k] = rows[k], rows[i]
			i++
		}
	}
	a.rows, b.rows = rows[:i], rows[i:]
	small, large := a, b
	if len(b.rows) < len(a.rows) {
		small, large = b, a
	}
	g.fill(small)
	large.hist = l.hist
	l.hist = nil
	for k, v := range small.hist {
		large.hist[k] -= v
	}
	g.find(a)
	g.find(b)
	return a, b
}

func (g *grower) release(l *leaf) {
	if l.hist != nil {
		g.spare = append(g.spare, l.hist)
	}
}

// fill sums the derivatives of a leaf's rows by bin. Each worker does some of the features.
func (g *grower) fill(l *leaf) {
	if n := len(g.spare); n > 0 {
		l.hist = g.spare[n-1]
		g.spare = g.spare[:n-1]
		clear(l.hist)
	} else {
		l.hist = make([]float64, len(g.columns)*maxBins*2)
	}
	part := func(from, to int) {
		columns, hist := g.columns[from:to], l.hist[from*maxBins*2:to*maxBins*2]
		for _, r := range l.rows {
			row := g.t.bins[int(r)*g.t.features : (int(r)+1)*g.t.features]
			a, b := float64(g.grad[r]), float64(g.hess[r])
			for k, c := range columns {
				at := (k*maxBins + int(row[c])) * 2
				cell := hist[at : at+2 : at+2]
				cell[0] += a
				cell[1] += b
			}
		}
	}
	if g.o.Workers < 2 || len(l.rows) < 4000 {
		part(0, len(g.columns))
		return
	}
	var wg sync.WaitGroup
	for w := range g.o.Workers {
		wg.Go(func() { part(w*len(g.columns)/g.o.Workers, (w+1)*len(g.columns)/g.o.Workers) })
	}
	wg.Wait()
}

// find looks for the split that gains most: ½·(GL²/(HL+λ) + GR²/(HR+λ) − G²/(H+λ)), equation 7 of Chen & Guestrin. The number
// of rows of a side is told from its share of the second derivatives.
func (g *grower) find(l *leaf) {
	l.gain = 0
	if len(l.rows) < 2*g.o.MinRows || !(l.sh > 0) {
		return
	}
	least := l.sh * float64(g.o.MinRows) / float64(len(l.rows))
	ridge := g.o.Ridge
	whole := l.sg * l.sg / (l.sh + ridge)
	for k := range g.columns {
		var lg, lh float64
		hist := l.hist[k*maxBins*2 : (k+1)*maxBins*2]
		bins := len(g.t.cuts[g.columns[k]]) + 1
		for b := range bins {
			lg += hist[2*b]
			lh += hist[2*b+1]
			if lh < least {
				continue
			}
			rh := l.sh - lh
			if rh < least {
				break
			}
			rg := l.sg - lg
			if gain := lg*lg/(lh+ridge) + rg*rg/(rh+ridge) - whole; gain > l.gain+1e-9*whole {
				l.gain, l.column, l.bin, l.lg, l.lh = gain, k, uint8(b), lg, lh
			}
		}
	}
}
