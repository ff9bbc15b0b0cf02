package models

// Combination forecasts the weighted mean of several models. The mean of an exponential-smoothing model and the Theta
// model is a standard that most entries of the M competitions did not beat.
type Combination struct {
	Title   string
	Members []Model
	Weights []float64 // as many as Members; nil = equal
}

// Name implements Model.
func (c Combination) Name() string { return c.Title }

// Fit implements Model; the members that cannot be fitted are left out.
func (c Combination) Fit(p Problem) (Fitted, bool) {
	var f combined
	for i, m := range c.Members {
		w := 1.0
		if c.Weights != nil {
			w = c.Weights[i]
		}
		if w <= 0 {
			continue
		}
		if part, ok := m.Fit(p); ok {
			f.parts = append(f.parts, part)
			f.weights = append(f.weights, w)
			f.sum += w
		}
	}
	return f, len(f.parts) > 0
}

type combined struct {
	parts   []Fitted
	weights []float64
	sum     float64
}

func (f combined) Mean(dst []float64) {
	clear(dst)
	part := make([]float64, len(dst))
	for i, p := range f.parts {
		p.Mean(part)
		for j, v := range part {
			dst[j] += v * f.weights[i] / f.sum
		}
	}
}

func (f combined) Extend(y []float64) Fitted {
	parts := make([]Fitted, len(f.parts))
	for i, p := range f.parts {
		parts[i] = p.Extend(y)
	}
	f.parts = parts
	return f
}

// Deseasonal divides out a season that passes the test, lets another model forecast the rest and puts the season
// back: on short series the indices of a decomposition are steadier than those of a smoothing that moves.
type Deseasonal struct{ Inner Model }

// Name implements Model.
func (d Deseasonal) Name() string { return d.Inner.Name() + "_index" }

// Fit implements Model; it answers false where no season passes the test, so that it does not repeat Inner.
func (d Deseasonal) Fit(p Problem) (Fitted, bool) {
	if !isSeasonal(p.Y, p.Season) {
		return nil, false
	}
	f := deseasonal{multiplicative: positiveTrend(p.Y, p.Season)}
	idx, ok := seasonIndex(p.Y, p.Season, f.multiplicative)
	if !ok {
		return nil, false
	}
	f.season = idx
	f.inner, ok = d.Inner.Fit(Problem{Y: f.strip(p.Y), Season: 1})
	f.next = len(p.Y) % len(idx)
	return f, ok
}

type deseasonal struct {
	season         []float64
	multiplicative bool
	next           int // place of the next period
	inner          Fitted
}

// strip takes the season out of values that follow the state.
func (f deseasonal) strip(y []float64) []float64 {
	out := make([]float64, len(y))
	for i, v := range y {
		if s := f.season[(f.next+i)%len(f.season)]; f.multiplicative {
			out[i] = v / s
		} else {
			out[i] = v - s
		}
	}
	return out
}

func (f deseasonal) Mean(dst []float64) {
	f.inner.Mean(dst)
	f.dress(dst)
}

// dress puts the season back.
func (f deseasonal) dress(dst []float64) {
	for i := range dst {
		if s := f.season[(f.next+i)%len(f.season)]; f.multiplicative {
			dst[i] *= s
		} else {
			dst[i] += s
		}
	}
}

func (f deseasonal) Extend(y []float64) Fitted {
	f.inner = f.inner.Extend(f.strip(y))
	f.next = (f.next + len(y)) % len(f.season)
	return f
}
