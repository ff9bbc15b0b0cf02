package models

import (
	"math"
	"slices"

	"milkrun/forecasting"
)

// panelPath is the forecast of one series by what was learnt over many.
type panelPath struct {
	mean     []float64
	quantile [len(probabilities)][]float64
}

// track makes a member ready for a forecast of h periods.
func (g *Global) track(e *Engine, m *Member, h int) *track {
	t := e.newTrack(m, g.Shape, h)
	g.Linear.adaptNew(t, g.Shape)
	t.setKnown(g.Shape.columns())
	t.setLevels(g.Shape.Halves)
	return t
}

// fromLogPart is the place of the trees on logarithms among the parts of a forecast.
const fromLogPart = 3

// forecast gives mean and quantiles of the future periods of a track. The mean is the geometric mean of the trees, of level and
// drivers alone, and of two smoothings of what the drivers leave: they err in different ways. Where demand has gaps it is the
// arithmetic mean, without the trees on logarithms, for the mean of a logarithm says nothing of a mean there.
func (g *Global) forecast(t *track) panelPath {
	s := g.Shape
	p := panelPath{mean: make([]float64, t.h)}
	for k := range p.quantile {
		p.quantile[k] = make([]float64, t.h)
	}
	if t.first == t.n {
		return p
	}
	adi, _ := forecasting.Pattern(t.y[t.first:])
	gaps := adi >= forecasting.ADICut
	smooth := t.smoothings()
	l := t.lookBack(t.n, s)
	base := t.base(t.n, s)
	var row []float32
	for i := range p.mean {
		at := t.n + i
		row = t.features(row, t.n, at, l, g.Groups, s)
		known := t.known[at]
		due := base * known
		parts := []float64{
			due,
			due * math.Exp(g.Means[fromDue].Score(row)),
			t.slow(t.n) * math.Exp(g.Means[fromLevel].Score(row)),
			(due+1)*math.Exp(g.Means[fromLog].Score(row)) - 1,
		}
		for _, path := range smooth {
			parts = append(parts, path[i]*known)
		}
		if gaps {
			parts = append(parts[:fromLogPart], parts[fromLogPart+1:]...)
			p.mean[i] = finite(meanOf(parts))
		} else {
			p.mean[i] = geometric(parts)
		}
		for k, m := range g.Quantiles {
			p.quantile[k][i] = finite((due + ratioFloor) * m.Score(row))
		}
	}
	return p
}

// smoothings carries on what the drivers leave by exponential smoothing and by the Theta method.
func (t *track) smoothings() [][]float64 {
	y := make([]float64, 0, t.n-t.first)
	for i := t.first; i < t.n; i++ {
		y = append(y, t.y[i]/t.known[i])
	}
	var out [][]float64
	for _, m := range []Model{ETS{Plain: true}, Theta{Fixed: true}} {
		if f, ok := m.Fit(Problem{Y: y, Season: 1}); ok {
			path := make([]float64, t.h)
			f.Mean(path)
			out = append(out, path)
		}
	}
	return out
}

// geometric gives the geometric mean, with an offset that lets a single 0 not rule.
func geometric(v []float64) float64 {
	const offset = .1
	sum := 0.0
	for _, x := range v {
		sum += math.Log(finite(x) + offset)
	}
	return finite(math.Exp(sum/float64(len(v))) - offset)
}

// ascending makes quantiles not fall.
func ascending(q []float64) {
	for i := range q {
		if q[i] = finite(q[i]); i > 0 {
			q[i] = max(q[i], q[i-1])
		}
	}
}

// rankRatio gives the smallest factor c such that the share p of the pairs has actual ≤ c·quantile: the p-quantile of the ratios,
// with one more pair that nothing covers (split conformal prediction: Papadopoulos et al., 2002; Romano, Patterson & Candès,
// 2019, "Conformalized quantile regression").
func rankRatio(ratios []float64, p float64) float64 {
	if len(ratios) == 0 {
		return 1
	}
	slices.Sort(ratios)
	return ratios[min(int(math.Ceil(p*float64(len(ratios)+1)))-1, len(ratios)-1)]
}
