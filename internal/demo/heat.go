package demo

import (
	"math"
	"strings"

	"milkrun/internal/calendar"
)

// Heat is the index of one topic at one source, a value a day from Start to yesterday. NaN = not delivered that day.
type Heat struct {
	Topic, Source string
	Start         calendar.Day
	Values        []float64
}

// warmUp is how many days before the sales history the heat begins, so that every kernel has its past.
const warmUp = 60

// surge is a rise of a topic: from its first day it climbs to peak times the usual in rise days and halves every half.
type surge struct {
	day  int // from the start of the heat
	rise int
	peak float64
	half float64
}

// at gives the ratio to the usual on a day.
func (s surge) at(day int) float64 {
	n := day - s.day
	switch {
	case n < 0:
		return 1
	case n < s.rise:
		return math.Exp(math.Log(s.peak) * float64(n+1) / float64(s.rise))
	default:
		return 1 + (s.peak-1)*math.Exp2(-float64(n-s.rise+1)/s.half)
	}
}

// storyHalf is the half-life of the leap of the story, in days.
const storyHalf = 4

// excitement gives the logarithm of the heat of topic t against its usual level, its own season apart, for each day from
// the start of the heat to the end of the horizon: calm weather of its own plus surges.
func (w *World) excitement(n int) []float64 {
	t := topics[n]
	rng := w.random("heat " + t.code)
	days := warmUp + History + Horizon
	now := warmUp + History // index of today
	calm, level := make([]float64, days), 0.0
	for i := range calm {
		level = .86*level + .075*rng.NormFloat64()
		calm[i] = level
		if i >= now-20 { // what is coming is expected to calm down, and what is there now is the story's to tell
			level *= .8
		}
	}
	surges := w.surges(n, rng)
	out := make([]float64, days)
	for i := range out {
		ratio := 1.0
		for _, s := range surges {
			ratio *= s.at(i)
		}
		out[i] = calm[i] + math.Log(ratio)
	}
	switch {
	case t.code == StoryTopic:
		for i, ratio := range storyLeap {
			out[now-len(storyLeap)+i] = math.Log(ratio)
		}
		top := storyLeap[len(storyLeap)-1]
		for i := now; i < days; i++ {
			out[i] = math.Log(1 + (top-1)*math.Exp2(-float64(i-now+1)/storyHalf))
		}
	case t.role == follows:
		for i := range out {
			effect, _ := festive(w.First.AddDays(i - warmUp - 3))
			out[i] = .5*calm[i] + 1.1*effect
		}
	}
	return out
}

// surges places a topic's rises apart from each other and, but for the hot ones of today, away from today.
func (w *World) surges(n int, rng *random) []surge {
	t := topics[n]
	now := warmUp + History
	var out []surge
	span := (now - 40) / max(t.spikes, 1)
	for i := range t.spikes {
		out = append(out, surge{
			day:  i*span + rng.IntN(max(span-30, 1)) + 5,
			rise: 1 + rng.IntN(3),
			peak: rng.between(2.2, 6.5),
			half: rng.between(3, 8),
		})
	}
	for _, h := range w.hot() {
		if t.code == h.code {
			out = append(out, surge{day: now - h.daysAgo, rise: 3, peak: h.peak, half: 14})
		}
	}
	return out
}

type hotTopic struct {
	code    string
	daysAgo int
	peak    float64
}

// hot gives the topics that are hot today besides the story's: those that suit the time of the year.
func (w *World) hot() []hotTopic {
	if m := w.Today.Time().Month(); m >= 4 && m <= 9 {
		return []hotTopic{{"sunscreen", 9, 2.6}, {"mosquito", 6, 3.1}}
	}
	return []hotTopic{{"autumn-skin", 9, 2.6}, {"cold-snap", 6, 3.2}}
}

// HeatSeries gives the heat of every topic at each of its sources, with noise, gaps and rises that lead nowhere.
func (w *World) HeatSeries() []Heat {
	var out []Heat
	for n, t := range topics {
		for place, code := range strings.Fields(t.sources) {
			out = append(out, w.measured(n, place, sources[code]))
		}
	}
	return out
}

func (w *World) measured(n, place int, s source) Heat {
	t := topics[n]
	rng := w.random("source " + t.code + " " + s.code)
	h := Heat{Topic: t.code, Source: s.code, Start: w.First.AddDays(-warmUp), Values: make([]float64, warmUp+History)}
	spam := surge{day: 40 + rng.IntN(History-60), rise: 1, peak: rng.between(2.5, 4.5), half: 1.2}
	gap := -100
	if place > 0 && rng.chance(.25) { // a source that could not be read for two weeks
		gap = 30 + rng.IntN(History-120)
	}
	for i := range h.Values {
		d := h.Start.AddDays(i)
		x := w.excite[n][i]
		noise := .07 * rng.NormFloat64()
		missing := rng.chance(.015) || (i >= gap && i < gap+14)
		if i >= len(h.Values)-8 {
			missing = false
		}
		if t.code == StoryTopic && i >= len(h.Values)-len(storyLeap) {
			noise *= .1
		}
		if place > 0 && place == len(strings.Fields(t.sources))-1 {
			x += math.Log(spam.at(i)) // bought attention at one source
		}
		v := t.level * s.level * math.Exp(s.gain*x+noise+.35*seasonal(t.season, d))
		if wd := d.Weekday(); wd == 0 || wd == 6 {
			v *= 1.06
		}
		h.Values[i] = math.Round(v)
		if missing {
			h.Values[i] = math.NaN()
		}
	}
	return h
}

// TopicTruth is what a topic's heat does to the demand of a SKU of weight 1.
type TopicTruth struct {
	Leads      bool
	Lag        int     // days
	Width      float64 // days, standard deviation of the kernel
	Elasticity float64
}

// Truth gives what is true of each topic by code.
func (w *World) Truth() map[string]TopicTruth {
	out := map[string]TopicTruth{}
	for _, t := range topics {
		out[t.code] = TopicTruth{Leads: t.role == leads, Lag: t.lag, Width: t.width, Elasticity: t.elasticity}
	}
	return out
}

// push gives for each day of history and horizon the logarithm of what topic n does to a SKU of weight 1; nil for none.
func (w *World) push(n int) []float64 {
	t := topics[n]
	if t.role != leads {
		return nil
	}
	var kernel []float64
	sum := 0.0
	for k := 0; k <= t.lag+int(math.Ceil(3*t.width)); k++ {
		z := float64(k-t.lag) / t.width
		v := math.Exp(-z * z / 2)
		if k == 0 {
			v = 0 // heat of the day itself is never felt
		}
		kernel = append(kernel, v)
		sum += v
	}
	out := make([]float64, History+Horizon)
	for i := range out {
		for k, v := range kernel {
			out[i] += t.elasticity * v / sum * w.excite[n][i+warmUp-k]
		}
	}
	return out
}
