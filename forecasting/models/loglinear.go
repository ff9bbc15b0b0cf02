package models

import (
	"math"
)

// LogLinear is a log-linear regression of demand on its drivers, pooled over a panel: the slopes of a series are shrunk
// towards those of its group, these towards those of the coarser group, and so up to all. The level of a series is no slope:
// it is drawn through what the drivers leave, and moves. The fit is by Poisson scores, so days without demand are no
// trouble, with the weights of a negative binomial.
type LogLinear struct {
	Columns int
	All     []float64              // slopes of all series together
	Groups  []map[string][]float64 // by level of Member.Groups and name
}

// Settings of the pooled regression.
const (
	slopeRounds = 5
	groupSD     = .35 // of the slopes of groups around those of the coarser one
	seriesSD    = .18 // of the slopes of a series around those of its group

	allSD    = 1.5
	poolSize = 6.0 // r of the negative binomial that sets the weights
)

// normal holds the sums of one step of Newton: info·b = target at the slopes b that fit best.
type normal struct {
	target []float64
	info   []float64 // p×p, upper triangle used
}

func newNormal(p int) *normal { return &normal{make([]float64, p), make([]float64, p*p)} }

func (s *normal) add(o *normal) {
	for i, v := range o.target {
		s.target[i] += v
	}
	for i, v := range o.info {
		s.info[i] += v
	}
}

// towards turns scores at the slopes at into targets.
func (s *normal) towards(at []float64) {
	p := len(at)
	for i := range p {
		for j := range p {
			s.target[i] += s.info[min(i, j)*p+max(i, j)] * at[j]
		}
	}
}

// slopes gives the slopes that fit best under a normal prior around prior.
func (s *normal) slopes(prior []float64, sd float64) []float64 {
	p := len(prior)
	a, b := make([]float64, p*p), make([]float64, p)
	k := 1 / (sd * sd)
	for i := range p {
		for j := range p {
			a[i*p+j] = s.info[min(i, j)*p+max(i, j)]
		}
		a[i*p+i] += k
		b[i] = s.target[i] + k*prior[i]
	}
	out := solve(a, b)
	for i := range out {
		out[i] = min(max(out[i], -maxSlope), maxSlope)
	}
	return out
}

// solve solves the symmetric positive definite system a·x = b by Cholesky's decomposition, in place.
func solve(a, b []float64) []float64 {
	p := len(b)
	for i := range p {
		for j := range i + 1 {
			sum := a[i*p+j]
			for k := range j {
				sum -= a[i*p+k] * a[j*p+k]
			}
			if i == j {
				a[i*p+i] = math.Sqrt(max(sum, 1e-12))
			} else {
				a[i*p+j] = sum / a[j*p+j]
			}
		}
	}
	x := append([]float64(nil), b...)
	for i := range p {
		for k := range i {
			x[i] -= a[i*p+k] * x[k]
		}
		x[i] /= a[i*p+i]
	}
	for i := p - 1; i >= 0; i-- {
		for k := i + 1; k < p; k++ {
			x[i] -= a[k*p+i] * x[k]
		}
		x[i] /= a[i*p+i]
	}
	return x
}

// fitLogLinear fits the tracks and sets their slopes.
func fitLogLinear(tracks []*track, s panelShape, workers int) *LogLinear {
	p := s.columns()
	l := &LogLinear{Columns: p, All: make([]float64, p), Groups: make([]map[string][]float64, s.Levels)}
	for i := range l.Groups {
		l.Groups[i] = map[string][]float64{}
	}
	for _, t := range tracks {
		t.beta = make([]float64, p)
	}
	for range slopeRounds {
		sums := make([]*normal, len(tracks))
		parallel(workers, len(tracks), func(i int) { sums[i] = tracks[i].slopeSums(s) })
		l.update(tracks, sums)
	}
	return l
}

// update makes one step for all, then for the groups from coarse to fine, then for the series.
func (l *LogLinear) update(tracks []*track, sums []*normal) {
	all := newNormal(l.Columns)
	for _, s := range sums {
		if s != nil {
			all.add(s)
		}
	}
	l.All = all.slopes(make([]float64, l.Columns), allSD)
	for level := range l.Groups {
		group, where := map[string]*normal{}, map[string]*track{}
		for i, t := range tracks {
			name := t.group(level)
			if name == "" || sums[i] == nil {
				continue
			}
			if group[name] == nil {
				group[name], where[name] = newNormal(l.Columns), t
			}
			group[name].add(sums[i])
		}
		l.Groups[level] = map[string][]float64{}
		for name, g := range group {
			l.Groups[level][name] = g.slopes(l.prior(where[name].member.Groups[:level]), groupSD)
		}
	}
	for i, t := range tracks {
		l.adapt(t, sums[i])
	}
}

// prior gives the slopes of the finest known group.
func (l *LogLinear) prior(groups []string) []float64 {
	for level := min(len(groups), len(l.Groups)) - 1; level >= 0; level-- {
		if b := l.Groups[level][groups[level]]; b != nil {
			return b
		}
	}
	return l.All
}

// adapt sets the slopes of a series.
func (l *LogLinear) adapt(t *track, sums *normal) {
	prior := l.prior(t.member.Groups)
	if sums == nil {
		t.beta = append([]float64(nil), prior...)
		return
	}
	t.beta = sums.slopes(prior, seriesSD)
}

// adaptNew sets the slopes of a series that was not among those learnt from.
func (l *LogLinear) adaptNew(t *track, s panelShape) {
	t.beta = append([]float64(nil), l.prior(t.member.Groups)...)
	for range 2 {
		l.adapt(t, t.slopeSums(s))
	}
}

// group gives the name of the group of a level, "" where there is none.
func (t *track) group(level int) string {
	if level < len(t.member.Groups) {
		return t.member.Groups[level]
	}
	return ""
}

// slopeSums gives score and information of the slopes at their present values around a two-sided level, nil for a series
// without demand.
func (t *track) slopeSums(s panelShape) *normal {
	if t.n-t.first < 4 {
		return nil
	}
	p := s.columns()
	n := t.n - t.first
	factor, weight, level, scratch := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, 2*n)
	for i := range n {
		factor[i] = t.factor(t.first+i, p)
		if v := t.y[t.first+i]; v == v {
			weight[i] = 1
		}
	}
	y := t.y[t.first:t.n]
	if !localLevel(level, y, factor, weight, slopeHalfLife(s), scratch) {
		return nil
	}
	out := newNormal(p)
	active := make([]int, 0, p)
	for i, v := range y {
		mu := level[i] * factor[i]
		if weight[i] == 0 || !(mu > 0) {
			continue
		}
		w := 1 / (1 + mu/poolSize)
		if !t.sure[t.first+i] {
			w *= .3
		}
		x := t.row(t.first+i, p)
		active = active[:0]
		for c, a := range x {
			if a != 0 {
				active = append(active, c)
			}
		}
		v = min(v, mu+8*math.Sqrt(mu+mu*mu/poolSize)+3)
		for k, c := range active {
			a := float64(x[c])
			out.target[c] += w * a * (v - mu)
			for _, c2 := range active[k:] {
				out.info[c*p+c2] += w * a * float64(x[c2]) * mu
			}
		}
	}
	out.towards(t.beta)
	return out
}

// slopeHalfLife is the half-life of the level around which slopes are drawn: shorter than that of a forecast, for both sides are
// known and slow changes are not to be taken for the work of a driver.
func slopeHalfLife(s panelShape) float64 {
	if s.Season == 7 {
		return 14
	}
	return 3
}
