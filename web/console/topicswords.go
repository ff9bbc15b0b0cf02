package console

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"milkrun/forecasting"
	"milkrun/internal/catalog"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

func topicTabs(ctx context.Context, p topicsPage) []ui.Link {
	return []ui.Link{
		{Text: ui.T(ctx, "topics.kind_demand"), Href: ui.With(ctx, "kind", ""), Current: p.Kind == catalog.DemandTopic, Count: p.Counts[catalog.DemandTopic]},
		{Text: ui.T(ctx, "topics.kind_complaint"), Href: ui.With(ctx, "kind", string(catalog.ComplaintTopic)), Current: p.Kind == catalog.ComplaintTopic, Count: p.Counts[catalog.ComplaintTopic]},
	}
}

// proofWords says whether the heat of a topic leads sales, and why it is or is not used.
func proofWords(ctx context.Context, e *forecasting.TopicEffect) (tone ui.Tone, icon, word string) {
	switch {
	case e == nil:
		return ui.Plain, "circle-dashed", ui.T(ctx, "topics.no_estimate")
	case e.Gate:
		return ui.OK, "check", ui.T(ctx, "topics.proven")
	}
	return ui.Plain, "x", ui.T(ctx, "topics.unproven")
}

// effectFigures are what the run in force has found of a topic.
func effectFigures(ctx context.Context, e forecasting.TopicEffect) []ui.Figure {
	lag := ui.T(ctx, "topics.lag_note")
	if e.Since != 0 {
		lag = ui.T(ctx, "topics.lag_since", "Day", ui.DayProse(ctx, e.Since))
	}
	return []ui.Figure{
		{Label: ui.T(ctx, "topics.lag"), Value: ui.T(ctx, "topics.days", ui.Count, e.Lag), Note: lag, Small: true},
		{Label: ui.T(ctx, "topics.elasticity"), Value: ui.Decimal(e.Elasticity, 2), Remark: "± " + ui.Decimal(e.StdErr, 2), Note: ui.T(ctx, "topics.elasticity_note", "Percent", ui.Percent(e.Elasticity/100, 2)), Small: true},
		{Label: ui.T(ctx, "topics.half_life"), Value: ui.T(ctx, "topics.days", ui.Count, int(math.Round(e.HalfLife))), Note: ui.T(ctx, "topics.half_life_note"), Small: true},
		{Label: ui.T(ctx, "topics.placebo"), Value: "p = " + ui.Decimal(e.PValue, 3), Note: ui.T(ctx, "topics.placebo_note"), Small: true},
		{Label: ui.T(ctx, "topics.gain"), Value: ui.PercentSigned(e.Gain/100, 1), Note: ui.T(ctx, "topics.gain_note"), Small: true},
	}
}

// heatBox is the drawing of a topic's heat over two years, and the months below it.
type heatBox struct {
	Line, Area string
	Marks      []heatMark // spikes
	Months     []heatTick
	Top        string
	Last       heatMark
}

type heatMark struct{ X, Y, Text string }

type heatTick struct{ X, Text string }

// drawHeat fits the heat of a source into a box of 1000 by 180; gaps are skipped.
func drawHeat(ctx context.Context, h forecasting.HeatSeries) heatBox {
	const height, base, head = 180.0, 172.0, 18.0
	var b heatBox
	top, n := 0.0, len(h.Value)
	for _, v := range h.Value {
		if !math.IsNaN(v) {
			top = max(top, v)
		}
	}
	if n < 2 || top == 0 {
		return b
	}
	x := func(i int) float64 { return float64(i) * 1000 / float64(n-1) }
	y := func(v float64) float64 { return base - v/top*(base-head) }
	var line strings.Builder
	first, last := -1, -1
	for i, v := range h.Value {
		if math.IsNaN(v) {
			continue
		}
		verb := "L"
		if first < 0 {
			verb, first = "M", i
		}
		last = i
		fmt.Fprintf(&line, "%s%.1f %.1f ", verb, x(i), y(v))
	}
	b.Line = line.String()
	b.Area = fmt.Sprintf("%sL%.1f %.0f L%.1f %.0fZ", b.Line, x(last), height, x(first), height)
	b.Top = ui.Int(int64(math.Round(top)))
	b.Last = heatMark{X: fmt.Sprintf("%.2f%%", min(x(last)/10, 99.5)), Y: fmt.Sprintf("%.1f", y(h.Value[last])), Text: ui.Int(int64(math.Round(h.Value[last])))}
	step := 3
	if n < 200 {
		step = 1
	}
	for i := range n {
		d := h.Start.AddDays(i).Time()
		if d.Day() == 1 && (int(d.Month())-1)%step == 0 && x(i) > 20 && x(i) < 980 {
			text := d.Format("01-02")
			if d.Month() == 1 || len(b.Months) == 0 {
				text = d.Format("2006-01")
			} else if step > 1 {
				text = ui.T(ctx, "topics.month", "Month", d.Format("01"))
			}
			b.Months = append(b.Months, heatTick{X: fmt.Sprintf("%.2f%%", x(i)/10), Text: text})
		}
	}
	return b
}

// watched gives the heat that is watched: of a demand topic that of its sources together, of complaints that of one source.
func watched(d topicScreenData) (forecasting.HeatSeries, bool) {
	if h := d.Mix.Heat; d.Kind == catalog.DemandTopic && len(h.Value) > 0 {
		return h, true
	}
	i := slices.IndexFunc(d.Heat, func(h forecasting.HeatSeries) bool { return h.Source == d.Source })
	if i < 0 {
		return forecasting.HeatSeries{}, false
	}
	return d.Heat[i], true
}

// lagBar is one bar of the lag profile.
type lagBar struct {
	Lag         int
	X, Y, W, H  string
	Chosen, Neg bool
}

// lagBars draws the correlation of sales with heat so many days before: right of zero heat leads, left of it follows.
func lagBars(e forecasting.TopicEffect) []lagBar {
	n := len(e.LagProfile)
	if n == 0 {
		return nil
	}
	top := 0.05
	for _, v := range e.LagProfile {
		if !math.IsNaN(v) {
			top = max(top, math.Abs(v))
		}
	}
	out := make([]lagBar, 0, n)
	for i, v := range e.LagProfile {
		if math.IsNaN(v) {
			v = 0
		}
		lag := e.FirstLag + i
		h := math.Abs(v) / top * 52
		bar := lagBar{Lag: lag, X: fmt.Sprintf("%.3f%%", float64(i)*100/float64(n)), W: fmt.Sprintf("%.3f%%", 80/float64(n)), H: fmt.Sprintf("%.1f", h),
			Y: fmt.Sprintf("%.1f", 58-h), Chosen: lag == e.Lag, Neg: lag < 0}
		if v < 0 {
			bar.Y = "58"
			bar.H = fmt.Sprintf("%.1f", min(h, 16))
		}
		out = append(out, bar)
	}
	return out
}

// lagAxis gives the places of the words below the lag profile.
func lagAxis(e forecasting.TopicEffect) (zero, chosen string) {
	n := float64(max(len(e.LagProfile), 1))
	at := func(lag int) string { return fmt.Sprintf("%.2f%%", (float64(lag-e.FirstLag)+0.4)*100/n) }
	return at(0), at(e.Lag)
}

// spikeSpan says when a spike began and what became of it.
func spikeSpan(ctx context.Context, x forecasting.SpikeRecord) string {
	from := ui.Day(ctx, x.Spike.Start)
	if x.EndedAt == nil {
		return ui.T(ctx, "topics.since", "Day", from)
	}
	return from + " – " + ui.Day(ctx, x.Spike.Day)
}

// addsWords says what a spike adds to sales and when.
func addsWords(ctx context.Context, x forecasting.SpikeRecord) string {
	if !x.Proven || x.Pieces < 0.5 {
		return ui.T(ctx, "topics.adds_nothing")
	}
	text := ui.T(ctx, "topics.adds", "Pieces", ui.Int(int64(math.Round(x.Pieces))), ui.Count, len(x.SKUs))
	if x.From != nil && x.To != nil {
		text = desk.Dots(text, ui.Day(ctx, *x.From)+" – "+ui.Day(ctx, *x.To))
	}
	if peak, ok := x.PeakDay(); ok {
		text = desk.Dots(text, ui.T(ctx, "topics.peak", "Day", peak))
	}
	return text
}
