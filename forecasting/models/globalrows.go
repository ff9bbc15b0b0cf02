package models

import (
	"math"
	"math/rand/v2"

	"milkrun/forecasting/models/boost"
)

// trainingRows is the table that the trees learn from: features, demand, what level and drivers let expect, and a slow level.
type trainingRows struct {
	x            [][]float32
	y, due, slow []float64
}

// leastAge is the number of periods from the first demand on before a series teaches anything.
func (s panelShape) leastAge() int {
	if s.Season == 7 {
		return 28
	}
	return 10
}

// rows draws targets and, for each, an origin before it.
func (g *Global) rows(tracks []*track, o GlobalOptions) trainingRows {
	s := g.Shape
	total := 0
	for _, t := range tracks {
		total += max(t.n-t.first-s.leastAge(), 0)
	}
	share := min(float64(o.MaxRows)/max(float64(total), 1), 1)
	parts := make([]trainingRows, len(tracks))
	parallel(o.Workers, len(tracks), func(k int) {
		t, p := tracks[k], &parts[k]
		rng := rand.New(rand.NewPCG(o.Seed, uint64(k)))
		looks := map[int]look{}
		for i := t.first + s.leastAge(); i < t.n; i++ {
			draw, ahead := rng.Float64(), rng.IntN(s.Horizon)
			origin := i - ahead
			if draw >= share || origin < t.first+s.leastAge()-1 || !t.sure[i] {
				continue
			}
			l, ok := looks[origin]
			if !ok {
				l = t.lookBack(origin, s)
				looks[origin] = l
			}
			due := t.base(origin, s) * t.known[i]
			p.x = append(p.x, t.features(nil, origin, i, l, g.Groups, s))
			p.y = append(p.y, min(t.y[i], orderCap*due+orderCap))
			p.due = append(p.due, due)
			p.slow = append(p.slow, t.slow(origin))
		}
	})
	var all trainingRows
	for _, p := range parts {
		all.x, all.y = append(all.x, p.x...), append(all.y, p.y...)
		all.due, all.slow = append(all.due, p.due...), append(all.slow, p.slow...)
	}
	return all
}

// orderCap is how many times what was due a single order may teach.
const orderCap = 12

// slow gives the slowest level before period o, never 0.
func (t *track) slow(o int) float64 { return max(t.level[len(t.level)-1][o], 1e-4) }

// weightPower says how much less a busy series counts than its pieces: at 0 the large series rule, at 1 all count alike.
const weightPower = .5

// target gives what the trees of a kind learn.
func (r trainingRows) target(kind int) (y, w, offset []float64, loss boost.Loss) {
	n := len(r.y)
	y, w, offset, loss = r.y, make([]float64, n), make([]float64, n), boost.Poisson{}
	for i := range w {
		switch kind {
		case fromDue:
			offset[i] = math.Log(r.due[i])
		case fromLevel:
			offset[i] = math.Log(r.slow[i])
		}
		w[i] = math.Pow(r.due[i]+.1, -weightPower)
	}
	if kind == fromLog {
		y, loss = make([]float64, n), boost.Squared{}
		for i := range y {
			y[i] = math.Log((r.y[i] + 1) / (r.due[i] + 1))
			w[i] = math.Sqrt(r.due[i] + .1)
		}
	}
	return y, w, offset, loss
}

// ratios gives demand over what was due, with the weights that make the pinball loss of the ratio one of pieces, tempered.
func (r trainingRows) ratios() (y, w []float64) {
	y, w = make([]float64, len(r.y)), make([]float64, len(r.y))
	for i := range y {
		y[i] = r.y[i] / (r.due[i] + ratioFloor)
		w[i] = math.Pow(r.due[i]+ratioFloor, .75)
	}
	return y, w
}

// ratioFloor keeps the ratios of sparse demand tame.
const ratioFloor = .05
