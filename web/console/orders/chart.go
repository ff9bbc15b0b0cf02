package orders

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/a-h/templ"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
	"milkrun/web/ui"
)

// arrivalKind says what a part of the arrivals is.
type arrivalKind string

// The kinds: promised in time, promised late, on the road, come, and not to come at all.
const (
	arrivalPlanned arrivalKind = "plan"
	arrivalLate    arrivalKind = "late"
	arrivalRoad    arrivalKind = "road"
	arrivalCame    arrivalKind = "came"
	arrivalNone    arrivalKind = "none"
)

// arrivalPart is a delivery of a line: it is being made or carried From a day and arrives on Day.
type arrivalPart struct {
	Kind      arrivalKind
	From, Day calendar.Day
	Pieces    quantity.Pieces
	Text      string // on the bar
	Words     string // for screen readers
}

// arrivalRow are the deliveries of one line.
type arrivalRow struct {
	Name  string
	Parts []arrivalPart
}

// arrivalChart shows when the goods of an order come.
type arrivalChart struct {
	Rows        []arrivalRow
	First, Last calendar.Day
	Ticks       []calendar.Day
	Today       calendar.Day
	GapFrom     calendar.Day
	GapTo       calendar.Day // before GapFrom for none
	More        int          // lines that are not shown
}

// mostArrivals is how many lines the chart shows.
const mostArrivals = 10

// arrivals draws the chart of an order's deliveries.
func arrivals(ctx context.Context, p orderPage) arrivalChart {
	c := arrivalChart{First: p.Today, Last: p.Today.AddDays(7), Today: p.Today, GapTo: -1}
	for _, pair := range p.Pairs {
		row := arrivalRow{Name: ui.Name(ctx, pair.SKU.Name), Parts: partsOf(ctx, p, pair)}
		if len(row.Parts) == 0 {
			continue
		}
		if len(c.Rows) == mostArrivals {
			c.More++
			continue
		}
		c.Rows = append(c.Rows, row)
	}
	days := map[calendar.Day]bool{}
	for _, r := range c.Rows {
		for _, part := range r.Parts {
			c.First, c.Last = min(c.First, part.From), max(c.Last, part.Day)
			days[part.Day] = true
		}
	}
	c.Last = c.Last.AddDays(1 + c.Last.Sub(c.First)/20)
	// What arrives soon needs room for its number before the ring.
	if room := c.Last.Sub(c.First)/6 + 1; len(days) > 0 {
		soonest := slices.Min(slices.Collect(maps.Keys(days)))
		c.First = min(c.First, soonest.AddDays(-room))
	}
	for i, g := range p.Effects.Gaps {
		if i == 0 || g.From < c.GapFrom {
			c.GapFrom, c.GapTo = g.From, min(g.To.AddDays(1), c.Last)
		}
	}
	c.tick(days)
	return c
}

// tick picks days for the axis that stand far enough apart, the ones on which something comes first.
func (c *arrivalChart) tick(days map[calendar.Day]bool) {
	clear := func(d calendar.Day) bool {
		return d > c.Today && !slices.ContainsFunc(c.Ticks, func(t calendar.Day) bool { return absolute(c.at(t)-c.at(d)) < 0.09 }) && c.at(d)-c.at(c.Today) > 0.09 && c.at(d) < 0.97
	}
	var wanted []calendar.Day
	for d := range days {
		wanted = append(wanted, d)
	}
	slices.Sort(wanted)
	for d := c.Today.AddDays(7); d < c.Last; d = d.AddDays(7) {
		wanted = append(wanted, d)
	}
	for _, d := range wanted {
		if clear(d) {
			c.Ticks = append(c.Ticks, d)
		}
	}
	slices.Sort(c.Ticks)
}

func absolute(v float64) float64 { return max(v, -v) }

// at gives where a day stands, from 0 to 1.
func (c arrivalChart) at(d calendar.Day) float64 {
	return float64(d.Sub(c.First)) / float64(max(1, c.Last.Sub(c.First)))
}

func (c arrivalChart) left(d calendar.Day) templ.SafeCSS {
	return templ.SafeCSS(fmt.Sprintf("left:%.2f%%", c.at(d)*100))
}

// span places a bar by its end: the number on it must stand even where the days are few.
func (c arrivalChart) span(from, to calendar.Day) templ.SafeCSS {
	return templ.SafeCSS(fmt.Sprintf("left:%.2f%%;width:%.2f%%", c.at(from)*100, max(0, c.at(to)-c.at(from))*100))
}

func (c arrivalChart) bar(p arrivalPart) templ.SafeCSS {
	return templ.SafeCSS(fmt.Sprintf("right:%.2f%%;width:%.2f%%", (1-c.at(p.Day))*100, max(0, c.at(p.Day)-c.at(p.From))*100))
}

// partsOf gives the deliveries of a line: what has come, what is on the road, what is promised or asked, or that nothing comes.
func partsOf(ctx context.Context, p orderPage, pair c2mops.Pair) []arrivalPart {
	var out []arrivalPart
	unit := pair.SKU.Unit
	words := func(id string, n quantity.Pieces, d calendar.Day) string {
		return ui.T(ctx, "order.arrival."+id, "Quantity", ui.Quantity(ctx, n, unit), "Day", d)
	}
	came := map[calendar.Day]quantity.Pieces{}
	for _, r := range p.Receipts {
		if r.Line == pair.Line.No {
			came[r.Day] += r.Pieces
		}
	}
	for d, n := range came {
		out = append(out, arrivalPart{Kind: arrivalCame, From: d.AddDays(-1), Day: d, Pieces: n, Text: ui.Pieces(n), Words: words("came", n, d)})
	}
	capacity := p.Terms[pair.SKU.ID].CapacityDay
	for _, s := range pair.Supply {
		part := arrivalPart{Kind: arrivalPlanned, Day: s.Day, Pieces: s.Pieces, Text: ui.Pieces(s.Pieces), From: s.Day.AddDays(-max(1, capacityDays(s.Pieces, capacity)))}
		switch {
		case s.Dispatched:
			part.Kind, part.From = arrivalRoad, min(p.Today, s.Day.AddDays(-1))
		case s.Day > pair.Line.Due && pair.Line.Pieces > 0 || s.Overdue:
			part.Kind = arrivalLate
		}
		if s.Day >= p.Today {
			part.From = max(part.From, min(p.Today, s.Day.AddDays(-1)))
		}
		part.Words = words(string(part.Kind), s.Pieces, s.Day)
		out = append(out, part)
	}
	if splits, known := p.answered(pair); len(out) == 0 && known && p.Order.State.Awaited() && pair.Line.Pieces > 0 {
		out = append(out, nothingComes(ctx, p, pair, splits))
	}
	slices.SortFunc(out, func(a, b arrivalPart) int { return a.Day.Sub(b.Day) })
	return out
}

// nothingComes is the part of a line that the supplier cannot deliver, with its reason and the day from which it could.
func nothingComes(ctx context.Context, p orderPage, pair c2mops.Pair, splits []c2m.Split) arrivalPart {
	text := ui.T(ctx, "order.arrival.none")
	if pair.Answer != nil {
		if reason := ui.Name(ctx, pair.Answer.Reason.Name()); reason != "" {
			text = reason
		}
	}
	day := max(pair.Line.Due, p.Today.AddDays(3))
	if len(splits) > 0 && splits[0].Day > pair.Line.Due {
		day = splits[0].Day
		text = ui.T(ctx, "order.arrival.later", "Reason", text, "Day", day)
	}
	return arrivalPart{Kind: arrivalNone, From: max(p.Today, day.AddDays(-8)), Day: day, Text: text, Words: text}
}
