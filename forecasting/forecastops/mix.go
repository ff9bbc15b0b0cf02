package forecastops

import (
	"math"

	"milkrun/forecasting"
	"milkrun/forecasting/heatmix"
	"milkrun/forecasting/models"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// byTopic parts heat by topic.
func byTopic(list []forecasting.HeatSeries) map[catalog.TopicID][]forecasting.HeatSeries {
	out := map[catalog.TopicID][]forecasting.HeatSeries{}
	for _, h := range list {
		out[h.Topic] = append(out[h.Topic], h)
	}
	return out
}

// effectHeat gives the heat of a topic, over all its sources, on the scale that the effect was learnt at. false when the source that leads
// it is not known any more.
func effectHeat(sources []forecasting.HeatSeries, e forecasting.TopicEffect) (forecasting.HeatSeries, bool) {
	m := heatmix.Of(sources, e.Source)
	if len(m.Heat.Value) == 0 || m.Heat.Source != e.Source {
		return forecasting.HeatSeries{}, false
	}
	return m.At(e.Usual), true
}

// bestEffect estimates what the heat of a topic over all its sources does to demand, and what those do that move otherwise; it gives the one
// that leads demand best, with the distances at which it pays.
func bestEffect(engine *models.Engine, heat []forecasting.HeatSeries, members []forecasting.Series, weights []float64) (best forecasting.TopicEffect) {
	m := heatmix.Of(heat, "")
	led := m.Heat
	for i, h := range append([]forecasting.HeatSeries{m.Heat}, m.Apart...) {
		e := engine.EstimateTopic(h, members, weights)
		if i == 0 || e.Gate && !best.Gate || e.Gate == best.Gate && e.Gain > best.Gain {
			best, led = e, h
		}
	}
	if best.Sources = m.Sources; best.Source != m.Heat.Source {
		best.Sources = heatmix.Of(heat, best.Source).Sources
	}
	if !best.Gate {
		return best
	}
	start, demand, weight := topicDemand(engine, members, weights, forecasting.HeatDriver{Effect: best, Heat: led})
	best.Horizons = heatmix.Horizons(best, led, start, demand, weight)
	best.Gate = false
	for _, g := range best.Horizons {
		best.Gate = best.Gate || g.Open
	}
	return best
}

// knownShare is the share of a topic's demand that must be known of a day.
const knownShare = .9

// topicDemand sums the demand of a topic's series day by day, and gives the mean of their weights. A day of which too much is
// unknown is NaN.
func topicDemand(engine *models.Engine, members []forecasting.Series, weights []float64, driver forecasting.HeatDriver) (start calendar.Day, demand []float64, weight float64) {
	var end calendar.Day
	for i, s := range members {
		if i == 0 || s.Start < start {
			start = s.Start
		}
		if i == 0 || s.End() > end {
			end = s.End()
		}
	}
	n := end.Sub(start)
	demand = make([]float64, n)
	have, want := make([]float64, n), make([]float64, n)
	sizes := 0.0
	for i, s := range members {
		driver.Weight = weights[i]
		y, err := engine.Uncensor(s, []forecasting.HeatDriver{driver})
		if err != nil {
			continue
		}
		size, days := 0.0, 0.0
		for _, v := range y {
			if v == v {
				size += max(v, 0)
				days++
			}
		}
		if days == 0 {
			continue
		}
		weight += size * weights[i]
		sizes += size
		for t, v := range y {
			at := s.Start.Sub(start) + t
			want[at] += size / days
			if v == v {
				demand[at] += max(v, 0)
				have[at] += size / days
			}
		}
	}
	for t := range demand {
		if have[t] <= knownShare*want[t] {
			demand[t] = math.NaN()
		}
	}
	if sizes > 0 {
		weight /= sizes
	}
	return start, demand, weight
}
