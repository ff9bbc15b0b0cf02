package console

import (
	"context"
	"math"
	"strconv"

	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/replenishment/replenishops"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

// greeting greets by the hour of the reader's zone.
func greeting(ctx context.Context) string {
	u, _ := access.FromContext(ctx)
	v := ui.From(ctx)
	now := v.Now
	if v.Zone != nil {
		now = now.In(v.Zone)
	}
	switch h := now.Hour(); {
	case h >= 4 && h < 11:
		return ui.T(ctx, "today.morning", "Name", u.Name)
	case h >= 11 && h < 13:
		return ui.T(ctx, "today.noon", "Name", u.Name)
	case h >= 13 && h < 18:
		return ui.T(ctx, "today.afternoon", "Name", u.Name)
	}
	return ui.T(ctx, "today.evening", "Name", u.Name)
}

// ahead names the day and the next big event of the season.
func ahead(ctx context.Context) string {
	today := ui.Today(ctx)
	day := ui.DayProse(ctx, today)
	for _, e := range forecasting.China().Spans(today, today.AddDays(100)) {
		if !feast(e.Code) {
			continue
		}
		name, at := ui.Name(ctx, forecasting.EventName(e.Code)), peak(e)
		switch left := at.Sub(today); {
		case left > 0:
			return desk.Dots(day, ui.T(ctx, "today.until", "Event", name, ui.Count, left))
		case left == 0:
			return desk.Dots(day, ui.T(ctx, "today.is", "Event", name))
		}
	}
	return day
}

// lastDay says what was sold on the last reported day.
func lastDay(ctx context.Context, d forecasting.Dashboard) string {
	if d.Day == 0 {
		return ""
	}
	id := "today.sold_on"
	if d.Day == ui.Today(ctx).AddDays(-1) {
		id = "today.sold_yesterday"
	}
	text := ui.T(ctx, id, "Day", d.Day, "Pieces", ui.Int(d.Pieces))
	if d.Revenue > 0 {
		text = desk.Dots(text, ui.YuanRound(d.Revenue))
	}
	return text
}

// stops are the stops of the line of the day that the reader may see.
func stops(ctx context.Context, p todayPage) []ui.RunStop {
	var out []ui.RunStop
	if desk.Can(ctx, access.ViewDemand) {
		out = append(out, heatStop(ctx, p.Dash), forecastStop(ctx, p))
	}
	if desk.Can(ctx, access.ViewSuggestions) {
		out = append(out, suggestionStop(ctx, p))
	}
	if p.Orders != nil {
		out = append(out, orderStop(ctx, *p.Orders))
	}
	if p.Arrivals != nil && p.Orders == nil {
		out = append(out, arrivalStop(ctx, *p.Arrivals))
	}
	if desk.Can(ctx, access.ViewStock) {
		out = append(out, stockStop(ctx, p))
	}
	if len(p.Dash.Service.Trend) > 0 {
		out = append(out, serviceStop(ctx, p.Dash.Service))
	}
	return out
}

func heatStop(ctx context.Context, d forecasting.Dashboard) ui.RunStop {
	s := ui.RunStop{Name: ui.T(ctx, "today.stop_heat"), Icon: "flame", Tone: ui.Heat, Value: strconv.Itoa(d.Spiking), Unit: ui.T(ctx, "today.spiking", ui.Count, d.Spiking),
		News: ui.T(ctx, "today.calm"), Href: "/demand/topics"}
	if d.Hottest != nil {
		s.News, s.Worse = ui.T(ctx, "today.hottest", "Topic", ui.Name(ctx, d.Hottest.Name), "Ratio", ui.Times(d.Hottest.Ratio)), ui.Heat
	}
	if d.Alerts > 0 {
		s.News, s.Worse, s.Tone = ui.T(ctx, "today.alerts", ui.Count, d.Alerts), ui.Risk, ui.Risk
	}
	if d.Hottest != nil && d.Alerts > 0 {
		s.News = desk.Dots(ui.T(ctx, "today.hottest", "Topic", ui.Name(ctx, d.Hottest.Name), "Ratio", ui.Times(d.Hottest.Ratio)), s.News)
	}
	return s
}

func forecastStop(ctx context.Context, p todayPage) ui.RunStop {
	s := ui.RunStop{Name: ui.T(ctx, "today.stop_forecast"), Icon: "chart-line", Tone: ui.Forecast, Value: ui.Nothing, Unit: ui.T(ctx, "today.error"), Href: "/runs"}
	d := p.Dash
	switch {
	case d.Measured:
		s.Value = percentOf(d.LastWeek, 1)
		switch diff := d.LastWeek - d.WeekBefore; {
		case math.Abs(diff) < 0.05:
			s.News = ui.T(ctx, "today.error_same")
		case diff < 0:
			s.News = ui.T(ctx, "today.error_lower", "Points", ui.Decimal(-diff, 1))
		default:
			s.News, s.Worse = ui.T(ctx, "today.error_higher", "Points", ui.Decimal(diff, 1)), ui.Watch
		}
	case p.Running != nil && p.Running.Open():
		s.News = ui.T(ctx, "today.forecast_running")
	default:
		s.News = ui.T(ctx, "today.not_measured")
	}
	if p.Running != nil && p.Running.State == forecasting.RunFailed {
		s.News, s.Worse, s.Tone = ui.T(ctx, "today.forecast_failed"), ui.Risk, ui.Risk
	}
	return s
}

func suggestionStop(ctx context.Context, p todayPage) ui.RunStop {
	n, fen := p.waiting()
	s := ui.RunStop{Name: ui.T(ctx, "today.stop_suggestions"), Icon: "bulb", Tone: ui.Act, Value: ui.Int(int64(n)), Unit: ui.T(ctx, "today.to_review"), News: ui.YuanRound(fen), Href: "/suggestions"}
	if n == 0 {
		s.News = ui.T(ctx, "today.all_decided")
	}
	return s
}

func orderStop(ctx context.Context, o FactoryStanding) ui.RunStop {
	s := ui.RunStop{Name: ui.T(ctx, "today.stop_orders"), Icon: "building-factory-2", Tone: ui.OK, Value: ui.Int(int64(o.Working)), Unit: ui.T(ctx, "today.in_work", ui.Count, o.Working),
		News: ui.T(ctx, "today.in_time"), Href: "/orders"}
	if o.Late > 0 {
		s.News, s.Worse, s.Tone = ui.T(ctx, "today.late_orders", ui.Count, o.Late), ui.Risk, ui.Risk
	} else if len(o.Answered) > 0 {
		s.News, s.Worse, s.Tone = ui.T(ctx, "today.to_decide", ui.Count, len(o.Answered)), ui.Watch, ui.Watch
	}
	return s
}

// arrivalStop is for those who take goods in and do not see orders.
func arrivalStop(ctx context.Context, a FactoryArrivals) ui.RunStop {
	s := ui.RunStop{Name: ui.T(ctx, "today.stop_arrivals"), Icon: "truck", Tone: ui.Act, Value: ui.Pieces(a.Week), Unit: ui.T(ctx, "today.in_seven_days"), News: ui.T(ctx, "today.none_coming")}
	switch {
	case a.Overdue > 0:
		s.News, s.Worse, s.Tone = ui.T(ctx, "today.not_come", ui.Count, a.Overdue), ui.Risk, ui.Risk
	case a.Today > 0:
		s.News = ui.T(ctx, "today.come_today", ui.Count, a.Today)
	case a.Next != "":
		s.News = ui.T(ctx, "today.come_next", "Number", a.Next, "Day", a.Day, "Pieces", a.Pieces)
	}
	return s
}

func stockStop(ctx context.Context, p todayPage) ui.RunStop {
	s := ui.RunStop{Name: ui.T(ctx, "today.stop_stock"), Icon: "building-warehouse", Tone: ui.Stock, Unit: ui.T(ctx, "today.stock_value"), Value: yuanShort(ctx, p.Totals.Value),
		News: ui.T(ctx, "today.stock_fine"), Href: "/stock"}
	if p.Site.ID != 0 || p.Totals.SKUs == 0 {
		n := 0
		for _, r := range p.Ranks {
			n += r.Count
		}
		s.Value, s.Unit = ui.Int(int64(n)), ui.T(ctx, "today.stock_skus", ui.Count, n)
	}
	out, soon := p.ranked(0), p.ranked(1)
	switch {
	case out+soon > 0:
		s.News, s.Worse, s.Tone = stockNews(ctx, out, soon), ui.Risk, ui.Risk
	case len(p.Ranks) == 0:
		s.News = ui.T(ctx, "today.stock_unplanned")
	}
	return s
}

// stockNews says how many SKUs stand empty somewhere, or else will soon.
func stockNews(ctx context.Context, out, soon int) string {
	if out == 0 {
		return ui.T(ctx, "today.ending", ui.Count, soon)
	}
	return ui.T(ctx, "today.sold_out", ui.Count, out)
}

func serviceStop(ctx context.Context, v forecasting.Service) ui.RunStop {
	s := ui.RunStop{Name: ui.T(ctx, "today.stop_service"), Icon: "target-arrow", Tone: ui.OK, Value: percentOf(v.Level, 1), Unit: ui.T(ctx, "today.in_stock"), Href: "/demand?sort=-sold_out"}
	switch diff := v.Level - v.Before; {
	case math.Abs(diff) < 0.05:
		s.News = ui.T(ctx, "today.service_same")
	case diff < 0:
		s.News, s.Worse, s.Tone = ui.T(ctx, "today.service_lower", "Points", ui.Decimal(-diff, 1)), ui.Watch, ui.Watch
	default:
		s.News = ui.T(ctx, "today.service_higher", "Points", ui.Decimal(diff, 1))
	}
	return s
}

// houseChart is the chart of what the house sold and expects, with the heat below.
func houseChart(ctx context.Context, p todayPage) ui.DemandChart {
	c := p.Dash.Chart
	today := ui.Today(ctx)
	end := today
	if n := len(c.Forecast); n > 0 {
		end = max(end, c.Forecast[n-1].From.AddDays(1))
	}
	n := max(end.Sub(c.From), 0)
	out := ui.DemandChart{ID: "house-chart", Title: ui.T(ctx, "today.chart"), Step: 1, Today: today, Height: 288, Unit: ui.T(ctx, "today.unit"),
		Days: make([]calendar.Day, n), Sales: gaps(n), Topic: "", Tools: categoryTools(ctx, p)}
	for i := range out.Days {
		out.Days[i] = c.From.AddDays(i)
	}
	copy(out.Sales, c.Sold)
	known := false
	heat := gaps(n)
	copy(heat, c.Heat)
	for _, h := range heat {
		known = known || !math.IsNaN(h)
	}
	if known {
		out.Heat = heat
	}
	if len(c.Forecast) > 0 {
		out.Mean, out.P10, out.P90 = gaps(n), gaps(n), gaps(n)
		for _, w := range c.Forecast {
			if i := w.From.Sub(c.From); i >= 0 && i < n && w.From >= today {
				out.Mean[i], out.P10[i], out.P90[i] = w.Mean, w.P10, w.P90
			}
		}
	}
	out.Events = spanFlags(ctx, c.Events, false, n)
	return out
}

// gaps gives a series of which nothing is known.
func gaps(n int) ui.Series {
	s := make(ui.Series, n)
	for i := range s {
		s[i] = ui.Gap
	}
	return s
}

func categoryTools(ctx context.Context, p todayPage) []ui.Link {
	chosen := p.Dash.Chart.Category
	links := []ui.Link{{Text: ui.T(ctx, "today.all_categories"), Href: ui.With(ctx, "category", ""), Current: chosen == 0}}
	shown := false
	for i, c := range p.Dash.Categories {
		most := 3
		if ui.Lang(ctx) == ui.English { // its words are longer
			most = 2
		}
		if i >= most && c.ID != chosen {
			continue
		}
		shown = shown || c.ID == chosen
		links = append(links, ui.Link{Text: ui.Name(ctx, c.Name), Href: ui.With(ctx, "category", desk.Digits(c.ID)), Current: c.ID == chosen})
	}
	if len(links) < 2 {
		return nil
	}
	return links
}

// topicStockChip says the worst stock among a topic's SKUs: the status and the words.
func topicStockChip(ctx context.Context, s replenishops.TopicStock) (status, word string) {
	switch {
	case s.Ranks[0] > 0:
		return "out", ui.T(ctx, "today.topic_out", ui.Count, s.Ranks[0])
	case s.Ranks[1] > 0:
		return "running_out", ui.T(ctx, "today.topic_ending", ui.Count, s.Ranks[1])
	case s.Ranks[2] > 0:
		return "low", ui.T(ctx, "today.topic_low", ui.Count, s.Ranks[2])
	case s.Ranks[3]+s.Ranks[4] > 0:
		return "enough", ui.T(ctx, "status.stock.enough")
	}
	return "", ""
}

// emptyDemand is what stands in place of the chart while there is nothing to show in it.
type emptyDemand struct {
	Title, Note  string
	Button, Href string
	Post         string
}

// nothingYet tells why there is no forecast, nil when there is one.
func nothingYet(ctx context.Context, p todayPage) *emptyDemand {
	switch {
	case p.Dash.Run.ID != 0:
		return nil
	case p.Running != nil && p.Running.Open():
		return &emptyDemand{Title: ui.T(ctx, "today.first_running"), Note: ui.T(ctx, "today.first_running_note")}
	case p.Dash.Day == 0:
		e := &emptyDemand{Title: ui.T(ctx, "today.no_sales"), Note: ui.T(ctx, "today.no_sales_note")}
		if desk.Can(ctx, access.Import) {
			e.Button, e.Href = ui.T(ctx, "today.do_import"), "/imports"
		}
		return e
	}
	e := &emptyDemand{Title: ui.T(ctx, "today.no_forecast"), Note: ui.T(ctx, "today.no_forecast_note")}
	if desk.Can(ctx, access.RunForecast) {
		e.Button, e.Post = ui.T(ctx, "today.do_forecast"), "/runs/forecast"
	}
	return e
}

// rankBar is one line of the stock by urgency.
type rankBar struct {
	Rank   int16
	Status string
	Count  int
	Share  float64
	Href   string
}

func rankBars(p todayPage) []rankBar {
	total := 0
	for _, r := range p.Ranks {
		total += r.Count
	}
	var out []rankBar
	for _, r := range p.Ranks {
		b := rankBar{Rank: r.Rank, Status: stockStatus(r.Rank), Count: r.Count, Href: "/stock?rank=" + desk.Digits(int(r.Rank))}
		if p.Site.Code != "" {
			b.Href += "&site=" + p.Site.Code
		}
		if total > 0 {
			b.Share = float64(r.Count) / float64(total)
		}
		out = append(out, b)
	}
	return out
}

func rankTone(rank int16) ui.Tone {
	return [...]ui.Tone{ui.Risk, ui.Risk, ui.Watch, ui.Cold, ui.OK}[min(max(rank, 0), 4)]
}

// topicName gives the words of a topic with where its heat is watched.
func topicSources(ctx context.Context, t forecasting.TopicStanding) string {
	return sourceName(ctx, t.Source)
}

func categoryName(ctx context.Context, all []catalog.CategoryRecord, id catalog.CategoryID) string {
	for _, c := range all {
		if c.ID == id {
			return ui.Name(ctx, c.Name)
		}
	}
	return ui.Nothing
}
