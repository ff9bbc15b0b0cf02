// Package heatmix makes one heat of the several sources of a topic (search index, posts, comments, a rival's price) and says how far
// ahead that heat may enter a forecast. It is pure mathematics.
package heatmix

import (
	"math"
	"slices"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
)

// Settings of the combination. Figures of heat are compared by their logarithms.
const (
	silentDays  = 14  // without a value while others deliver
	leastCommon = 60  // days that two sources must share before their agreement is believed
	leastAgree  = .4  // correlation of weeks below which a source speaks of something else
	alignDays   = 91  // days around, which say how a source stands to the leading one
	leastJitter = .05 // of the noise of a source
	clipAt      = 2.0 // deviations of its own noise that a source may stand off the middle of all
	leastClip   = .1
)

// Mix is the heat of a topic over all its sources.
type Mix struct {
	// Heat bears the name and the scale of the leading source.
	Heat    forecasting.HeatSeries
	Sources []forecasting.SourceNote // the leading one first, then by weight
	// Apart are the sources that move otherwise, mended: spam, or another matter that may have an effect of its own.
	Apart []forecasting.HeatSeries
}

// Of combines the sources of one topic. lead names the source that leads, so that the scale stays what it was; "" chooses the one with
// the longest, calmest record that agrees best with the others.
//
// Single days far above their surroundings are taken out; a source that has begun to count on another scale is brought to the new one
// throughout; one that does not move with the leading one is left aside. The others are brought to the scale of the leading one by the
// days around and averaged, each by how calm it is and how well it agrees; one that stands far off the middle of all on a day is drawn
// in (a Winsorised mean: Tukey & McLaughlin, 1963, Sankhyā A 25). Days that no source has delivered stay NaN. One source
// alone is given back as it is, but for a change of its scale.
func Of(sources []forecasting.HeatSeries, lead string) Mix {
	var list []*source
	for _, h := range sources {
		if s := newSource(h); s != nil {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return Mix{}
	}
	start, end := list[0].heat.Start, list[0].heat.End()
	for _, s := range list {
		start, end = min(start, s.heat.Start), max(end, s.heat.End())
	}
	for _, s := range list {
		s.lay(start, end.Sub(start))
	}
	mendScales(list, start)
	first := leader(list, lead)
	for _, s := range list {
		s.judge(first, start)
	}
	slices.SortStableFunc(list, func(a, b *source) int {
		switch {
		case a == first || b != first && a.weight > b.weight:
			return -1
		case b == first || a.weight < b.weight:
			return 1
		}
		return 0
	})
	return combine(list, start)
}

// source is one source on its way into the mix.
type source struct {
	heat   forecasting.HeatSeries
	offset float64   // added before taking the logarithm
	x      []float64 // logarithm over the days of all sources, NaN = unknown
	mended bool      // bursts were taken out or the scale was brought in line
	z      []float64 // on the scale of the leading source
	weight float64
	jitter float64
	note   forecasting.SourceNote
}

// newSource gives nil for a source without a value, or with one that cannot be read.
func newSource(h forecasting.HeatSeries) *source {
	if h.Validate() != nil {
		return nil
	}
	first, last := -1, -1
	var positive []float64
	n := forecasting.SourceNote{Source: h.Source}
	hole := 0
	for t, v := range h.Value {
		if v != v {
			hole++
			continue
		}
		if first < 0 {
			first = t
		} else {
			n.Holes += hole
			n.Longest = max(n.Longest, hole)
		}
		hole, last = 0, t
		n.Known++
		if v > 0 {
			positive = append(positive, v)
		}
	}
	if first < 0 {
		return nil
	}
	h.Start, h.Value = h.Start.AddDays(first), h.Value[first:last+1]
	n.First, n.Last = h.Start, h.End().AddDays(-1)
	s := &source{heat: h, offset: .1, note: n}
	if len(positive) > 0 {
		s.offset = .1 * median(positive)
	}
	return s
}

// lay puts the logarithms on the axis of all sources, without bursts.
func (s *source) lay(start calendar.Day, n int) {
	s.x = make([]float64, n)
	for t := range s.x {
		s.x[t] = math.Log(s.heat.At(start.AddDays(t)) + s.offset)
	}
	s.note.Bursts = calmBursts(s.x)
	s.mended = s.note.Bursts > 0
}

// Settings of bursts.
const (
	burst      = 2.5 // times its surroundings that a single day may be
	burstReach = 3
)

// calmBursts takes single days far above the days around for the median of these. A leap at the newest end is believed.
func calmBursts(x []float64) int {
	n := 0
	out := slices.Clone(x)
	for t := burstReach; t < len(x)-burstReach; t++ {
		if x[t] != x[t] {
			continue
		}
		near := known(x[t-burstReach : t+burstReach+1])
		if m := median(near); len(near) >= 4 && x[t] > m+math.Log(burst) {
			out[t] = m
			n++
		}
	}
	copy(x, out)
	return n
}

// leader gives the source that leads: the named one if it is there, else the best.
func leader(list []*source, name string) *source {
	best, most := list[0], -1.0
	for _, s := range list {
		if s.heat.Source == name {
			return s
		}
		s.jitter = jitter(s.x)
		agree, others := 0.0, 0.0
		for _, o := range list {
			if o != s {
				c, n := agreement(s.x, o.x)
				if n >= leastCommon {
					agree += max(c, 0)
				}
				others++
			}
		}
		quality := math.Sqrt(float64(s.note.Known)) / (s.jitter + leastJitter)
		if others > 0 {
			quality *= .2 + agree/others
		}
		if quality > most {
			best, most = s, quality
		}
	}
	return best
}

// judge brings the source to the scale of the leading one and says what it is good for.
func (s *source) judge(first *source, start calendar.Day) {
	end := start.AddDays(len(s.x))
	s.jitter = jitter(s.x)
	s.note.State, s.note.Agreement = forecasting.SourceUsed, 1
	if s == first {
		s.z = s.x
	} else {
		c, n := agreement(s.x, first.x)
		s.note.Agreement = c
		switch {
		case n < leastCommon:
			s.note.State = forecasting.SourceShort
			return
		case c < leastAgree:
			s.note.State = forecasting.SourceApart
			return
		}
		s.z = aligned(s.x, first.x)
	}
	noise := jitter(s.z)
	s.weight = s.note.Agreement * s.note.Agreement / (noise*noise + leastJitter*leastJitter)
	if end.Sub(s.heat.End()) >= silentDays {
		s.note.State = forecasting.SourceSilent
	}
}

// combine averages the used sources.
func combine(list []*source, start calendar.Day) Mix {
	first := list[0]
	var used []*source
	total := 0.0
	for _, s := range list {
		if s.z != nil {
			used = append(used, s)
			total += s.weight
		}
	}
	m := Mix{Heat: first.heat}
	for _, s := range list {
		s.note.Weight = s.weight / total
		m.Sources = append(m.Sources, s.note)
		if s.note.State == forecasting.SourceApart {
			m.Apart = append(m.Apart, s.series(start, s.x))
		}
	}
	if len(used) == 1 {
		if len(first.note.Rebased) > 0 {
			m.Heat = first.series(start, first.x)
		}
		return m
	}
	path := make([]float64, len(first.x))
	var at, weights []float64
	for t := range path {
		at, weights = at[:0], weights[:0]
		for _, s := range used {
			if v := s.z[t]; v == v {
				at, weights = append(at, v), append(weights, s.weight)
			}
		}
		path[t] = math.NaN()
		if len(at) == 0 {
			continue
		}
		middle := weightedMedian(at, weights)
		sum, sumW := 0.0, 0.0
		for _, s := range used {
			if v := s.z[t]; v == v {
				reach := clipAt * max(s.jitter, leastClip)
				sum += s.weight * min(max(v, middle-reach), middle+reach)
				sumW += s.weight
			}
		}
		path[t] = sum / sumW
	}
	m.Heat = first.series(start, path)
	return m
}

// series gives a path of logarithms as heat of the source, from its first known day to its last.
func (s *source) series(start calendar.Day, x []float64) forecasting.HeatSeries {
	first, last := 0, len(x)-1
	for first < last && x[first] != x[first] {
		first++
	}
	for last > first && x[last] != x[last] {
		last--
	}
	h := forecasting.HeatSeries{Topic: s.heat.Topic, Source: s.heat.Source, Start: start.AddDays(first), Value: make([]float64, last-first+1)}
	for i := range h.Value {
		h.Value[i] = math.NaN()
		if v := x[first+i]; v == v {
			h.Value[i] = max(math.Exp(v)-s.offset, 0)
		}
	}
	return h
}

// rescale is how far the usual heat may stray from what an effect was learnt at before it is taken for another scale.
const rescale = 1.67

// At gives the heat on the scale on which its usual value is the given one, that of an effect which was learnt earlier. A source may
// have been re-based since; heat that has merely become more or less usual is left as it is.
func (m Mix) At(usual float64) forecasting.HeatSeries {
	now := median(known(m.Heat.Value))
	if !(now > 0 && usual > 0) || now < usual*rescale && now > usual/rescale {
		return m.Heat
	}
	h := m.Heat
	h.Value = slices.Clone(h.Value)
	for i := range h.Value {
		h.Value[i] *= usual / now
	}
	return h
}
