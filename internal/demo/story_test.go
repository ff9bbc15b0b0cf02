package demo

import (
	"math"
	"testing"

	"milkrun/internal/calendar"
	"milkrun/internal/money"
)

func TestTheStoryIsThere(t *testing.T) {
	for _, day := range []calendar.Day{today, calendar.Date(2027, 4, 5)} {
		w := Generate(day, 1)
		it := w.find(StorySKU)
		if it == nil || it.Name.ZH != "贝栗 硅胶牙胶 小雪糕款" || it.GTIN != "6972048170035" || it.Price != 2990 {
			t.Fatalf("the teether is %+v", it)
		}
		for _, d := range w.Terms {
			if d.SKUCode == StorySKU && (d.SupplierCode != StorySupplier || d.Pack != 60 || d.MOQ != 1200 || d.PriceAt(4200) != money.Fen(1280) || d.PriceAt(4000) != 1280) {
				t.Errorf("its term is %+v", d)
			}
		}
		east := []string{"JX", "SH-XH", "HZ-BJ", "NJ-JY"}
		usual, next := 0.0, 0.0
		for _, site := range east {
			for d := range 12 {
				next += w.Mean(StorySKU, site, day.AddDays(d))
			}
			usual += w.Mean(StorySKU, site, day.AddDays(-7))
		}
		t.Logf("%s: usual %.0f a day, the next 12 days %.0f (×%.2f)", day, usual, next, next/12/usual)
		if r := next / 12 / usual; r < 1.5 || r > 2.6 {
			t.Errorf("heat moves the next 12 days by ×%.2f", r)
		}
		// Most of the effect is still to come.
		if r := w.Mean(StorySKU, "JX", day.AddDays(-1)) / w.Mean(StorySKU, "JX", day.AddDays(-8)); r > 1.6 {
			t.Errorf("yesterday was already at ×%.2f", r)
		}
	}
}

func TestTheTopicLeaps(t *testing.T) {
	for _, h := range world.HeatSeries() {
		if h.Topic != StoryTopic || h.Source != "xiaohongshu" {
			continue
		}
		n := len(h.Values)
		if h.Start.AddDays(n) != today {
			t.Errorf("heat ends on %s", h.Start.AddDays(n-1))
		}
		sum, days := 0.0, 0.0
		for _, v := range h.Values[n-34 : n-5] {
			if !math.IsNaN(v) {
				sum += v
				days++
			}
		}
		if r := h.Values[n-1] / (sum / days); r < 8.5 || r > 11.5 {
			t.Errorf("yesterday's heat is ×%.1f", r)
		}
		if h.Values[n-4] < 2.5*h.Values[n-5] {
			t.Errorf("the leap begins at %v", h.Values[n-6:])
		}
		return
	}
	t.Error("the topic is not measured")
}

func TestHeatHasNoiseGapsAndNoInfinities(t *testing.T) {
	missing, all := 0, 0
	for _, h := range world.HeatSeries() {
		if len(h.Values) != History+warmUp || h.Start != world.First.AddDays(-warmUp) {
			t.Fatalf("%s at %s: %d days from %s", h.Topic, h.Source, len(h.Values), h.Start)
		}
		for _, v := range h.Values {
			all++
			if math.IsNaN(v) {
				missing++
			} else if v < 0 || math.IsInf(v, 0) || v > 1e6 {
				t.Fatalf("%s at %s: %v", h.Topic, h.Source, v)
			}
		}
	}
	if p := float64(missing) / float64(all); p < .005 || p > .05 {
		t.Errorf("%.3f of the days missing", p)
	}
}

func TestOrdersCanBePlayed(t *testing.T) {
	states := map[OrderState]int{}
	disputed := 0
	for i, o := range world.Orders {
		states[o.State]++
		if len(o.Lines) == 0 || o.Created > today || i > 0 && o.Created < world.Orders[i-1].Created {
			t.Errorf("order %d: %+v", i, o)
		}
		if !(o.Created <= o.Sent && o.Sent <= o.Answered && o.Answered <= o.Confirmed && o.Confirmed <= today) {
			t.Errorf("order %d: days out of order", i)
		}
		for _, l := range o.Lines {
			if l.Pieces <= 0 || l.Price <= 0 || l.Due < today || len(l.Answer) == 0 {
				t.Errorf("order %d: %+v", i, l)
			}
			found := false
			for _, d := range world.Terms {
				found = found || d.SKUCode == l.SKU && d.SupplierCode == o.Supplier && l.Pieces%d.Pack == 0
			}
			if !found {
				t.Errorf("order %d: %s does not offer %d of %s", i, o.Supplier, l.Pieces, l.SKU)
			}
			if o.State == OrderAnswered && (len(l.Answer) > 1 || l.Answer[0].Pieces != l.Pieces || l.Price2 != l.Price || l.Answer[0].Day != l.Due) {
				disputed++
			}
		}
	}
	if len(states) != 5 || disputed < 3 {
		t.Errorf("states %v, %d lines in dispute", states, disputed)
	}
}
