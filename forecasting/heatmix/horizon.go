package heatmix

import (
	"maps"
	"math"
	"slices"

	"milkrun/forecasting"
	"milkrun/forecasting/models"
	"milkrun/internal/calendar"
)

// Settings of the backtest of the heat by distance.
const (
	originStep   = 2    // days from one origin to the next
	originDays   = 365  // before the end, that origins are of
	firstOrigin  = 84   // days of demand before the first of them
	levelHalf    = 21.0 // half-life of the level, days
	differs      = .02  // logarithm by which the two forecasts of a day differ at least to be held against each other
	leastJudged  = 60   // such days below which nothing is said
	blockDays    = 28   // that errors are added up over before they are held against each other: neighbours err alike
	leastSure    = .5   // standard errors that the saving of the blocks lies above nothing: the gate of all has been strict already
	longestAhead = 91
)

// stretches are the distances that are judged together: days ahead from 1, 0 = all further ones.
var stretches = [...][2]int{{1, 7}, {8, 14}, {15, 28}, {29, 56}, {57, 0}}

// Horizons rolls forecasts over the past of a topic, with its heat and without, and says at which distances the heat pays. demand is
// that of the topic's SKUs together, a value a day from start on (NaN = unknown); weight is how much of the topic they take, 0..1.
//
// Both forecasts are a level that fades over weeks times the day of the week; with heat, the level is of demand freed of what heat did to
// it, and what the heat known two days before the origin lets expect is put on top. So both sides of the bargain are measured: heat that
// comes in time, and a level that a surge has not carried away. Where too few days tell, the distance before decides; behind two
// distances at which it does not pay, heat stays out.
func Horizons(effect forecasting.TopicEffect, heat forecasting.HeatSeries, start calendar.Day, demand []float64, weight float64) []forecasting.HorizonGate {
	if !effect.Gate {
		return nil
	}
	effect.Elasticity *= min(max(weight, 0), 1)
	b := newBacktest(effect, heat, start, demand)
	for o := max(firstOrigin, len(demand)-originDays); o < len(demand); o += originStep {
		b.origin(o)
	}
	return b.gates()
}

// backtest adds up the errors of both forecasts by distance.
type backtest struct {
	effect forecasting.TopicEffect
	heat   forecasting.HeatSeries
	start  calendar.Day
	y      []float64 // demand without the day of the week, NaN on days that tell nothing
	with   [len(stretches)]errorSum
	none   [len(stretches)]errorSum
	saved  [len(stretches)]map[int]float64 // squares, by block of the days forecast
	plain  []float64                       // level before each day, without and with heat taken out
	calm   []float64
}

// errorSum adds up squared errors: absolute ones would reward whatever is lower, for surges are rare and large.
type errorSum struct {
	square, sum float64
	n           int
}

func newBacktest(effect forecasting.TopicEffect, heat forecasting.HeatSeries, start calendar.Day, demand []float64) *backtest {
	n := len(demand)
	b := &backtest{effect: effect, heat: heat, start: start}
	b.y = plainDays(start, demand)
	b.plain, b.calm = fading(b.y, nil), fading(b.y, models.PastMultiplier(effect, heat, start, n))
	return b
}

// plainDays divides the day of the week out, and leaves out the festivals and shopping days: both forecasts miss them alike.
func plainDays(start calendar.Day, demand []float64) []float64 {
	around := weekly(demand)
	var sold, due [7]float64
	at := func(t int) int { return int(start.AddDays(t).Weekday()) }
	events := forecasting.China()
	out := make([]float64, len(demand))
	for t, v := range demand {
		out[t] = v
		if len(events.On(start.AddDays(t))) > 0 {
			out[t] = math.NaN()
		}
		if d := out[t] + around[t]; d == d {
			sold[at(t)] += out[t]
			due[at(t)] += around[t]
		}
	}
	for t := range out {
		if k := at(t); sold[k] > 0 && due[k] > 0 {
			out[t] *= due[k] / sold[k]
		}
	}
	return out
}

// fading gives the level before each day: the mean of the days before it over their factors, the older the less.
func fading(y, factor []float64) []float64 {
	keep := math.Exp2(-1 / levelHalf)
	out := make([]float64, len(y)+1)
	var sum, weight float64
	for t := range out {
		out[t] = math.NaN()
		if weight > 0 {
			out[t] = sum / weight
		}
		if t == len(y) {
			break
		}
		sum, weight = sum*keep, weight*keep
		if v := y[t]; v == v {
			f := 1.0
			if factor != nil {
				f = factor[t]
			}
			sum += v
			weight += f
		}
	}
	return out
}

// Carried gives what the level of a series holds of the heat of the past days, the latest last: the fading mean of its multipliers. A
// forecast without heat is one with heat taken out, times this.
func Carried(past []float64) float64 {
	keep := math.Exp2(-1 / levelHalf)
	sum, weight := 0.0, 0.0
	for _, m := range past {
		sum, weight = sum*keep+m, weight*keep+1
	}
	if weight == 0 {
		return 1
	}
	return sum / weight
}

// CarriedDays is how many days of the past Carried needs.
const CarriedDays = 126

// origin holds both forecasts from day o on against what came.
func (b *backtest) origin(o int) {
	h := min(longestAhead, len(b.y)-o)
	ahead := models.Multiplier(b.effect, b.heat, b.start.AddDays(o), h)
	for i, m := range ahead {
		y := b.y[o+i]
		with, none := b.calm[o]*m, b.plain[o]
		if d := y + with + none; d != d || none <= 0 || math.Abs(math.Log(with/none)) < differs {
			continue
		}
		k := stretchOf(i)
		b.with[k].add(with, y)
		b.none[k].add(none, y)
		if b.saved[k] == nil {
			b.saved[k] = map[int]float64{}
		}
		b.saved[k][(o+i)/blockDays] += (none-y)*(none-y) - (with-y)*(with-y)
	}
}

func (s *errorSum) add(forecast, came float64) {
	s.square += (forecast - came) * (forecast - came)
	s.sum += came
	s.n++
}

// stretchOf gives the stretch of the i-th day of a horizon, from 0.
func stretchOf(i int) int {
	for k, s := range stretches {
		if s[1] == 0 || i+1 <= s[1] {
			return k
		}
	}
	return len(stretches) - 1
}

// gates draws the conclusions, near to far.
func (b *backtest) gates() []forecasting.HorizonGate {
	out := make([]forecasting.HorizonGate, len(stretches))
	open := true
	for k, s := range stretches {
		g := forecasting.HorizonGate{From: s[0], To: s[1], Days: b.none[k].n}
		if b.none[k].sum > 0 {
			g.Without, g.With = b.none[k].percent(), b.with[k].percent()
		}
		if g.Days >= leastJudged && g.Without > 0 {
			open = sureness(b.saved[k]) > leastSure
		}
		if k >= 2 && !out[k-1].Open && !out[k-2].Open {
			open = false
		}
		g.Open = open
		out[k] = g
	}
	return out
}

// percent gives the root mean square of the errors in percent of the mean demand.
func (s errorSum) percent() float64 {
	n := float64(s.n)
	return 100 * math.Sqrt(s.square/n) / (s.sum / n)
}

// sureness gives the mean of the blocks in standard errors; blocks are taken as independent.
func sureness(blocks map[int]float64) float64 {
	n := float64(len(blocks))
	if n < 2 {
		return 0
	}
	order := slices.Sorted(maps.Keys(blocks))
	mean := 0.0
	for _, k := range order {
		mean += blocks[k] / n
	}
	ss := 0.0
	for _, k := range order {
		ss += (blocks[k] - mean) * (blocks[k] - mean)
	}
	if ss == 0 {
		return 0
	}
	return mean / math.Sqrt(ss/(n-1)/n)
}
