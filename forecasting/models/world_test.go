package models

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// world is a folder of heat_world: sales that follow heat by a known lag. See its README.
type world struct {
	start    calendar.Day
	calendar *forecasting.Calendar
	series   []*worldSeries
	byID     map[string]*worldSeries
	topics   []string
	heat     map[string]forecasting.HeatSeries
	truth    struct {
		Topics map[string]struct {
			Effect     bool
			Role       string
			Lag        *int
			Before     *int      `json:"lag_before_day_400"`
			Elasticity float64   `json:"elasticity"`
			LogFactor  []float64 `json:"log_factor"`
		}
		SoldOut map[string][][]float64 `json:"sold_out_demand"`
	}
}

type worldSeries struct {
	id, topic          string
	forecasting.Series           // all days, those of the test included
	demand, mu         []float64 // of the test days
}

// firstTest is the first day of the test part.
const firstTest = 670

// readWorld reads one seed.
func readWorld(t testing.TB, seed string) *world {
	t.Helper()
	dir := filepath.Join(dataDir(t), "heat_world", seed)
	w := &world{start: calendar.Date(2023, 1, 2), byID: map[string]*worldSeries{}, heat: map[string]forecasting.HeatSeries{}}
	holidays := map[int]string{}
	for _, part := range []string{"train.csv", "test.csv"} {
		table(t, filepath.Join(dir, part), func(get func(string) string) {
			s := w.byID[get("series_id")]
			day := int(number(t, get("t")))
			if s == nil {
				s = &worldSeries{id: strings.Clone(get("series_id")), topic: strings.Clone(get("topic"))}
				s.Start = w.start.AddDays(day)
				s.SKU = catalog.SKUID(number(t, get("sku")[1:]))
				s.Site = catalog.SiteID(number(t, get("location")[1:]))
				w.byID[s.id] = s
				w.series = append(w.series, s)
			}
			for w.start.AddDays(day) > s.End() { // a closed code has no rows
				s.Sales, s.SoldOut, s.Promo = append(s.Sales, math.NaN()), append(s.SoldOut, false), append(s.Promo, 0)
			}
			s.Sales = append(s.Sales, number(t, get("sales")))
			s.SoldOut = append(s.SoldOut, get("sold_out") == "1")
			s.Promo = append(s.Promo, number(t, get("promo")))
			if part == "test.csv" {
				s.demand = append(s.demand, number(t, get("demand")))
				s.mu = append(s.mu, number(t, get("mu")))
			}
			if h := get("holiday"); h != "" {
				holidays[day] = strings.Clone(h)
			}
		})
	}
	var events []forecasting.Event
	for day, code := range holidays {
		d := w.start.AddDays(day)
		events = append(events, forecasting.Event{Code: code, From: d, To: d})
	}
	slices.SortFunc(events, func(a, b forecasting.Event) int { return int(a.From - b.From) })
	w.calendar = forecasting.NewCalendar(events)
	table(t, filepath.Join(dir, "heat.csv"), func(get func(string) string) {
		h, ok := w.heat[get("topic")]
		if !ok {
			topic := strings.Clone(get("topic"))
			w.topics = append(w.topics, topic)
			h = forecasting.HeatSeries{Topic: catalog.TopicID(number(t, topic[1:])), Source: "heat", Start: w.start}
		}
		h.Value = append(h.Value, number(t, get("heat")))
		w.heat[strings.Clone(get("topic"))] = h
	})
	raw, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &w.truth); err != nil {
		t.Fatal(err)
	}
	return w
}

// train gives the series of a topic before the test days.
func (w *world) train(topic string) []forecasting.Series {
	var out []forecasting.Series
	for _, s := range w.series {
		if s.topic == topic {
			out = append(out, s.Before(w.start.AddDays(firstTest)))
		}
	}
	return out
}
