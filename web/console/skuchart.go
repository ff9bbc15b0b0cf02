package console

import (
	"context"
	"math"
	"net/http"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/sheet"
	"milkrun/web/console/desk"
	"milkrun/web/console/workbench"
	"milkrun/web/ui"
)

// How far ahead the chart looks, by its span.
const (
	weeksAheadLong  = 13
	weeksAheadShort = 8
	daysAhead       = 28
)

// chartTopic is the topic whose heat stands below the chart: one whose effect is used, else the hottest.
func chartTopic(topics []forecasting.TopicLine) *forecasting.TopicLine {
	var best *forecasting.TopicLine
	better := func(a, b *forecasting.TopicLine) bool {
		if (a.Spike != 0) != (b.Spike != 0) {
			return a.Spike != 0
		}
		if a.Proven != b.Proven {
			return a.Proven
		}
		return a.Ratio*a.Weight > b.Ratio*b.Weight
	}
	for i := range topics {
		t := &topics[i]
		if t.Kind == catalog.DemandTopic && len(t.Heat) > 0 && (best == nil || better(t, best)) {
			best = t
		}
	}
	return best
}

// skuChart is the chart of the page for its span.
func skuChart(ctx context.Context, p skuPage) ui.DemandChart {
	c := ui.DemandChart{ID: "sku-chart", Today: ui.Today(ctx), Unit: ui.Unit(ctx, 2, p.SKU.Unit), Export: "/demand/" + p.SKU.Code + "/days.xlsx"}
	if p.Group != "" {
		c.Export += "?at=" + p.Group
	}
	for _, x := range spans {
		c.Tools = append(c.Tools, ui.Link{Text: ui.T(ctx, "sku.span_"+x.Key), Href: ui.With(ctx, "span", x.Key), Current: p.Span == x.Key})
	}
	if p.Span == "60d" {
		dailyChart(ctx, &c, p.Demand)
	} else {
		weeklyChart(ctx, &c, p.Demand, p.Span == "2y")
	}
	c.Title = ui.T(ctx, "sku.chart_"+p.Span, "Name", ui.Name(ctx, p.SKU.Name))
	return c
}

// chartFrame lays the days of a chart: so many steps of the past and ahead.
func chartFrame(c *ui.DemandChart, from calendar.Day, n int) {
	c.Days = make([]calendar.Day, n)
	for i := range c.Days {
		c.Days[i] = from.AddDays(i * c.Step)
	}
	c.Sales, c.Demand = gaps(n), gaps(n)
}

func weeklyChart(ctx context.Context, c *ui.DemandChart, d forecasting.SKUPage, long bool) {
	c.Step = 7
	past, ahead := d.Weekly, d.ForecastWeeks
	// Weeks after the origin are the forecast's; what has been sold in them since is too little to show.
	for len(past) > 0 && past[len(past)-1].From >= d.ForecastFrom {
		past = past[:len(past)-1]
	}
	if !long {
		past = past[max(0, len(past)-26):]
	}
	ahead = ahead[:min(len(ahead), map[bool]int{true: weeksAheadLong, false: weeksAheadShort}[long])]
	from := d.ForecastFrom.AddDays(-7 * len(past))
	chartFrame(c, from, len(past)+len(ahead))
	for i, w := range past {
		if w.Known == 0 || i == 0 && w.Known < 7 {
			continue
		}
		c.Sales[i] = w.Sold
		if w.SoldOutDays > 0 && w.Demand > w.Sold*1.02+0.5 {
			c.Demand[i] = w.Demand
		}
	}
	band(c, ahead, len(past))
	c.Events = spanFlags(ctx, d.Events, long, 7*len(c.Days))
	heatStrip(ctx, c, d)
	notes(ctx, c, d, len(past))
}

func dailyChart(ctx context.Context, c *ui.DemandChart, d forecasting.SKUPage) {
	c.Step = 1
	past := d.Daily
	from := d.From
	if n := len(past); n > 60 {
		past, from = past[n-60:], from.AddDays(n-60)
	}
	ahead := d.Forecast[:min(len(d.Forecast), daysAhead)]
	end := from.AddDays(len(past))
	if n := len(ahead); n > 0 {
		end = max(end, ahead[n-1].From.AddDays(1))
	}
	chartFrame(c, from, end.Sub(from))
	for i, x := range past {
		if !x.Known {
			continue
		}
		c.Sales[i] = x.Sold
		if x.SoldOut > 0 && x.Demand > x.Sold*1.02+0.5 {
			c.Demand[i] = x.Demand
		}
	}
	band(c, ahead, -1)
	c.Events = spanFlags(ctx, d.Events, false, len(c.Days))
	heatStrip(ctx, c, d)
	notes(ctx, c, d, len(past))
}

// band puts the forecast into the chart: from the point at on, or where its days lie when at is below 0.
func band(c *ui.DemandChart, ahead []forecasting.Week, at int) {
	if len(ahead) == 0 {
		return
	}
	n := len(c.Days)
	c.Mean, c.P10, c.P90 = gaps(n), gaps(n), gaps(n)
	for k, w := range ahead {
		i := at + k
		if at < 0 {
			i = w.From.Sub(c.Days[0])
		}
		if i >= 0 && i < n && !(at < 0 && !math.IsNaN(c.Sales[i])) {
			c.Mean[i], c.P10[i], c.P90[i] = w.Mean, w.P10, w.P90
		}
	}
}

// heatStrip puts the heat of the page's topic below the chart: of each week the hottest day.
func heatStrip(ctx context.Context, c *ui.DemandChart, d forecasting.SKUPage) {
	t := chartTopic(d.Topics)
	if t == nil {
		return
	}
	heat, known := gaps(len(c.Days)), false
	for i, day := range c.Days {
		for k := range c.Step {
			at := day.AddDays(k).Sub(d.From)
			if at < 0 || at >= len(t.Heat) || math.IsNaN(t.Heat[at]) {
				continue
			}
			if math.IsNaN(heat[i]) || t.Heat[at] > heat[i] {
				heat[i], known = t.Heat[at], true
			}
		}
	}
	if known {
		c.Heat, c.Topic = heat, ui.Name(ctx, t.Name)
	}
}

// notes writes beside the points that matter: the coming peak, the leap of the heat, the largest hole that was restored.
func notes(ctx context.Context, c *ui.DemandChart, d forecasting.SKUPage, now int) {
	top, sum, n := -1, 0.0, 0
	for i, v := range c.Mean {
		if math.IsNaN(v) {
			continue
		}
		sum, n = sum+v, n+1
		if top < 0 || v > c.Mean[top] {
			top = i
		}
	}
	if top >= 0 && sum > 0 && c.Mean[top] > 1.15*sum/float64(n) {
		value := ui.Int(int64(math.Round(c.Mean[top])))
		text := ui.T(ctx, "sku.note_peak", "Day", c.Days[top], "Pieces", value)
		if c.Step == 7 && top == now {
			text = ui.T(ctx, "sku.note_next", "Pieces", value)
		}
		c.Notes = append(c.Notes, ui.ChartNote{Day: c.Days[top], On: "forecast", Text: text})
	}
	if x := leap(d); x != nil && c.Topic == ui.Name(ctx, x.Topic.Name) {
		c.Notes = append(c.Notes, ui.ChartNote{Day: x.Spike.Day, On: "heat", Text: ui.T(ctx, "sku.note_heat", "Day", x.Spike.Start,
			"Usual", ui.Int(int64(math.Round(x.Spike.Usual))), "Value", ui.Int(int64(math.Round(x.Spike.Value)))), Sub: sourceName(ctx, x.Spike.Source)})
	}
	for _, o := range d.Overrides {
		if s := o.State(c.Today); s != forecasting.OverrideActive && s != forecasting.OverrideWaiting {
			continue
		}
		for i, day := range c.Days {
			if i < len(c.Mean) && !math.IsNaN(c.Mean[i]) && day.AddDays(c.Step) > o.From && len(c.Notes) < 4 {
				c.Notes = append(c.Notes, ui.ChartNote{Day: day, On: "forecast", Text: ui.T(ctx, "workbench.change_mark", "Change", workbench.ChangeWords(ctx, o.Override), "Reason", o.Reason), Sub: o.By})
				break
			}
		}
	}
	worst := -1
	for i, v := range c.Demand {
		if !math.IsNaN(v) && (worst < 0 || v-c.Sales[i] > c.Demand[worst]-c.Sales[worst]) {
			worst = i
		}
	}
	if worst >= 0 && c.Demand[worst] > 1.15*c.Sales[worst] {
		c.Notes = append(c.Notes, ui.ChartNote{Day: c.Days[worst], On: "soldout", Text: ui.T(ctx, "sku.note_restored", "Pieces", ui.Int(int64(math.Round(c.Demand[worst]-c.Sales[worst]))))})
	}
}

// leap is the open spike of a demand topic that adds most to the SKU.
func leap(d forecasting.SKUPage) *forecasting.SpikeRecord {
	var best *forecasting.SpikeRecord
	for i := range d.Spikes {
		x := &d.Spikes[i]
		if x.Topic.Kind == catalog.DemandTopic && (best == nil || x.Spike.Ratio > best.Spike.Ratio) {
			best = x
		}
	}
	return best
}

// heatStory is how heat becomes sales for this SKU: the multiplier day by day, and the figures behind it.
type heatStory struct {
	Topic  forecasting.TopicLine
	Effect forecasting.TopicEffect
	Curve  ui.HeatEffect
	Peak   float64
	Spike  *forecasting.SpikeRecord
}

// storyBack and storyAhead are the days that the curve shows.
const (
	storyBack  = 5
	storyAhead = 16
)

// heatStoryOf gives the story of the topic that moves the SKU most, nil when none does.
func heatStoryOf(ctx context.Context, d forecasting.SKUPage) *heatStory {
	t := chartTopic(d.Topics)
	if t == nil || t.Effect == nil || !t.Effect.Gate || len(d.HeatPath) == 0 {
		return nil
	}
	s := &heatStory{Topic: *t, Effect: *t.Effect, Peak: 1}
	today := ui.Today(ctx)
	first := today.AddDays(-storyBack)
	s.Curve = ui.HeatEffect{First: first, Today: today}
	for i := range storyBack + storyAhead + 1 {
		day := first.AddDays(i)
		at := day.Sub(d.ForecastFrom)
		switch {
		case at >= 0 && at < len(d.HeatPath):
			s.Curve.Factor = append(s.Curve.Factor, d.HeatPath[at])
			s.Peak = max(s.Peak, d.HeatPath[at])
		case at < 0:
			s.Curve.Factor = append(s.Curve.Factor, lately(d, day))
		}
	}
	for i := range d.Spikes {
		if d.Spikes[i].Topic.ID == t.ID {
			s.Spike = &d.Spikes[i]
		}
	}
	s.Curve.Label = ui.T(ctx, "sku.curve", "Topic", ui.Name(ctx, t.Name), "Peak", ui.Times(s.Peak))
	return s
}

// lately gives the demand of a past day against what the same weekday brought in the four weeks before the last, smoothed
// over three days; 1 where that is not known.
func lately(d forecasting.SKUPage, day calendar.Day) float64 {
	got, usual := 0.0, 0.0
	for k := -1; k <= 1; k++ {
		at := day.AddDays(k).Sub(d.From)
		if at < 0 || at >= len(d.Daily) || !d.Daily[at].Known {
			continue
		}
		base, n := 0.0, 0
		for w := 2; w <= 5; w++ {
			if i := at - 7*w; i >= 0 && d.Daily[i].Known {
				base, n = base+d.Daily[i].Demand, n+1
			}
		}
		if n > 0 {
			got, usual = got+d.Daily[at].Demand, usual+base/float64(n)
		}
	}
	if usual < 3 { // too few pieces to speak of a multiplier
		return 1
	}
	return min(max(got/usual, 0.3), 5)
}

// export gives two years day by day with the forecast as a workbook.
func (s SKU) export(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, asked, err := s.place(r)
	if err != nil {
		return err
	}
	d, err := s.Forecasts.SKUPage(ctx, forecastops.SKUQuery{SKU: p.SKU.ID, Sites: asked})
	if err != nil {
		return err
	}
	columns := []sheet.Column{
		desk.Column("day", ui.T(ctx, "chart.period"), sheet.Day), desk.Column("sold", ui.T(ctx, "chart.sales"), sheet.Number), desk.Column("demand", ui.T(ctx, "chart.restored"), sheet.Number),
		desk.Column("sold_out", ui.T(ctx, "sku.sold_out_sites"), sheet.Pieces), desk.Column("promo", ui.T(ctx, "sku.promo_depth"), sheet.Percent), desk.Column("mean", ui.T(ctx, "chart.forecast"), sheet.Number),
		desk.Column("low", ui.T(ctx, "chart.low"), sheet.Number), desk.Column("high", ui.T(ctx, "chart.high"), sheet.Number),
	}
	t := chartTopic(d.Topics)
	if t != nil {
		columns = append(columns, desk.Column("heat", ui.T(ctx, "chart.heatof", "Topic", ui.Name(ctx, t.Name)), sheet.Number))
	}
	return desk.Export(w, r, "demand-"+p.SKU.Code, p.SKU.Code, columns, func(row func(...any) error) error {
		end := d.From.AddDays(len(d.Daily))
		if n := len(d.Forecast); n > 0 {
			end = max(end, d.Forecast[n-1].From.AddDays(1))
		}
		for day := d.From; day < end; day++ {
			if err := row(dayValues(d, t, day)...); err != nil {
				return err
			}
		}
		return nil
	})
}

func dayValues(d forecasting.SKUPage, t *forecasting.TopicLine, day calendar.Day) []any {
	out := []any{day, nil, nil, nil, nil, nil, nil, nil}
	at := day.Sub(d.From)
	if at >= 0 && at < len(d.Daily) && d.Daily[at].Known {
		x := d.Daily[at]
		out[1], out[2], out[3], out[4] = x.Sold, x.Demand, x.SoldOut, x.Promo
	}
	if k := day.Sub(d.ForecastFrom); k >= 0 && k < len(d.Forecast) {
		f := d.Forecast[k]
		out[5], out[6], out[7] = f.Mean, f.P10, f.P90
	}
	if t == nil {
		return out
	}
	if at >= 0 && at < len(t.Heat) && !math.IsNaN(t.Heat[at]) {
		return append(out, t.Heat[at])
	}
	return append(out, nil)
}
