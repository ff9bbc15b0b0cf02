package models

// Aggregated is the multiple aggregation prediction algorithm (MAPA) of Kourentzes, Petropoulos & Trapero (2014), "Improving
// forecasting by estimating time series structural components across multiple frequencies", International Journal of Forecasting
// 30, on demand freed of its season: the series is summed in blocks of one, two, three … periods up to a season, each sum is
// forecast by exponential smoothing, and level and trend are the mean over the levels of aggregation. On sparse demand with a
// moving mean instead it is IMAPA (Petropoulos & Kourentzes, 2015, Journal of the Operational Research Society 66).
type Aggregated struct {
	Sparse bool // smooth by simple exponential smoothing, for demand with gaps
}

// Name implements Model.
func (a Aggregated) Name() string {
	if a.Sparse {
		return "imapa"
	}
	return "mapa"
}

// Fit implements Model; it needs eight known values.
func (a Aggregated) Fit(p Problem) (Fitted, bool) {
	if observed(p.Y) < 8 {
		return nil, false
	}
	f := aggregated{sparse: a.Sparse, period: max(p.Season, 1)}
	y := p.Y
	if !a.Sparse && isSeasonal(y, p.Season) {
		f.multiplicative = positiveTrend(y, p.Season)
		if idx, ok := seasonIndex(y, p.Season, f.multiplicative); ok {
			f.season = idx
			y = deseasonal{season: idx, multiplicative: f.multiplicative}.strip(y)
		}
	}
	f.next = len(p.Y) % f.period
	return f.fitted(y)
}

// blockSizes gives the levels of aggregation: up to a season (a year of months, a week of days), or to a twelfth of the series.
func blockSizes(n, period int) []int {
	most := period
	if most < 2 || most > 12 {
		most = 12
	}
	var out []int
	for k := 1; k <= most && n/k >= 8; k++ {
		if k <= 2 || k%3 == 0 && k != 9 {
			out = append(out, k)
		}
	}
	return out
}

type aggregated struct {
	sparse, multiplicative bool
	period, next           int
	season                 []float64
	past                   []float64 // without season
	parts                  []Fitted
	blocks                 []int
}

// fitted fits each level of aggregation.
func (f aggregated) fitted(y []float64) (aggregated, bool) {
	f.past, f.parts, f.blocks = y, nil, nil
	for _, k := range blockSizes(len(y), f.period) {
		var m Model = ETS{Plain: true, Evals: 25}
		if f.sparse {
			m = Smoothing{}
		}
		if part, ok := m.Fit(Problem{Y: blockMeans(y, k), Season: 1}); ok {
			f.parts, f.blocks = append(f.parts, part), append(f.blocks, k)
		}
	}
	return f, len(f.parts) > 0
}

// blockMeans gives the means of blocks of k values, the last block ending with the last value.
func blockMeans(y []float64, k int) []float64 {
	if k == 1 {
		return y
	}
	out := make([]float64, 0, len(y)/k)
	for i := len(y) % k; i < len(y); i += k {
		part := y[i : i+k]
		if 2*observed(part) < k {
			out = append(out, nan)
			continue
		}
		out = append(out, meanOf(part))
	}
	return out
}

func (f aggregated) Mean(dst []float64) {
	clear(dst)
	for i, part := range f.parts {
		k := f.blocks[i]
		path := make([]float64, (len(dst)+k-1)/k+1)
		part.Mean(path)
		for h := range dst {
			dst[h] += between(path, (float64(h)+.5)/float64(k)-.5) / float64(len(f.parts))
		}
	}
	for h := range dst {
		if f.season == nil {
			continue
		}
		if s := f.season[(f.next+h)%len(f.season)]; f.multiplicative {
			dst[h] *= s
		} else {
			dst[h] += s
		}
	}
}

// between gives the value of a path at a place between its points, the first one before them.
func between(path []float64, at float64) float64 {
	if at <= 0 {
		return path[0]
	}
	i := int(at)
	if i+1 >= len(path) {
		return path[len(path)-1]
	}
	return path[i] + (at-float64(i))*(path[i+1]-path[i])
}

func (f aggregated) Extend(y []float64) Fitted {
	if f.season != nil {
		y = deseasonal{season: f.season, multiplicative: f.multiplicative, next: f.next}.strip(y)
	}
	f.next = (f.next + len(y)) % f.period
	past := append(append([]float64(nil), f.past...), y...)
	parts := make([]Fitted, len(f.parts))
	for i, p := range f.parts {
		// Blocks end with the last value, so they are drawn anew; the constants stay.
		again := Problem{Y: blockMeans(past, f.blocks[i]), Season: 1}
		if r, ok := p.(Restarter); ok {
			if q, ok := r.Restart(again); ok {
				parts[i] = q
				continue
			}
		}
		parts[i] = p
	}
	f.past, f.parts = past, parts
	return f
}
