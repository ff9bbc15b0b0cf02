package ui

import (
	"context"
	"fmt"
	"math"
	"strings"

	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
)

// StockProjection is the stock day by day if the suggestion is taken, from the planner's own sum.
type StockProjection struct {
	Label    string // for screen readers: 28 天库存推演
	First    calendar.Day
	Stock    []quantity.Pieces // at the end of each day from First on
	Level    quantity.Pieces   // water level
	Arrivals []Arrival
}

// Arrival is goods that come in on a day. Ours marks the order under decision.
type Arrival struct {
	Day    calendar.Day
	Pieces quantity.Pieces
	Ours   bool
}

// label is a text at a place of a drawing; X is a CSS length, mostly a percentage.
type label struct{ X, Y, Anchor, Class, Text string }

type span2 struct{ X, W string }

type projectionDrawing struct {
	Line, Area, Level string
	Gaps              []span2
	Texts             []label
	dates             []float64 // where dates stand on the axis
}

const (
	projectionTop  = 50.0
	projectionBase = 128.0
)

func (p StockProjection) draw(ctx context.Context) projectionDrawing {
	n := len(p.Stock)
	if n < 2 {
		return projectionDrawing{Level: num(projectionBase)}
	}
	top := max(1, p.Level)
	for _, s := range p.Stock {
		top = max(top, s)
	}
	x := func(i int) float64 { return float64(i) / float64(n-1) }
	y := func(s quantity.Pieces) float64 {
		return projectionBase - max(0, float64(s))/float64(top)*(projectionBase-projectionTop)
	}
	var line strings.Builder
	for i, s := range p.Stock {
		verb := " L"
		if i == 0 {
			verb = "M"
		}
		fmt.Fprintf(&line, "%s%s %s", verb, num(x(i)*1000), num(y(s)))
	}
	g := projectionDrawing{
		Line:  line.String(),
		Area:  line.String() + fmt.Sprintf(" L1000 %[1]s L0 %[1]sZ", num(projectionBase)),
		Level: num(y(p.Level)),
	}
	g.Texts = append(g.Texts,
		label{"0", "145", "start", "", T(ctx, "chart.projection.today")},
		label{"100%", "145", "end", "", Day(ctx, p.First.AddDays(n-1))})
	if p.Level > 0 {
		below := y(p.Level) + 15
		if below > projectionBase-2 {
			below = y(p.Level) - 5
		}
		g.Texts = append(g.Texts, label{"100%", num(below), "end", "t-stock mk-halo", T(ctx, "chart.projection.level", Count, p.Level)})
	}
	g.gaps(ctx, p, x)
	g.arrivals(ctx, p, x, y)
	return g
}

// gaps tints the runs of days without stock and says how long the longest is.
func (g *projectionDrawing) gaps(ctx context.Context, p StockProjection, x func(int) float64) {
	longest, at := 0, 0
	for i := 0; i < len(p.Stock); i++ {
		if p.Stock[i] > 0 {
			continue
		}
		from := i
		for i+1 < len(p.Stock) && p.Stock[i+1] <= 0 {
			i++
		}
		to := min(i+1, len(p.Stock)-1)
		g.Gaps = append(g.Gaps, span2{percent(x(from)), percent(x(to) - x(from))})
		if i-from+1 > longest {
			longest, at = i-from+1, from
		}
		g.date(ctx, x(from), p.First.AddDays(from))
	}
	if longest > 0 {
		mid := (x(at) + x(min(at+longest, len(p.Stock)-1))) / 2
		g.Texts = append(g.Texts, label{percent(min(0.92, max(0.08, mid))), "30", "middle", "t-risk mk-b mk-halo", T(ctx, "chart.projection.gap", Count, longest)})
	}
}

func (g *projectionDrawing) arrivals(ctx context.Context, p StockProjection, x func(int) float64, y func(quantity.Pieces) float64) {
	for _, a := range p.Arrivals {
		i := a.Day.Sub(p.First)
		if i < 0 || i >= len(p.Stock) {
			continue
		}
		word, class, anchor, at := "chart.projection.onorder", "mk-halo", "start", x(i)+0.015
		if a.Ours {
			word, class = "chart.projection.thisorder", "t-stock mk-b mk-halo"
		}
		if at > 0.7 {
			anchor, at = "end", 1
		}
		g.Texts = append(g.Texts, label{percent(at), num(max(12, y(p.Stock[i])-6)), anchor, class, T(ctx, word, Count, a.Pieces)})
		g.date(ctx, x(i), a.Day)
	}
}

// date writes a day under the axis unless it would touch the first, the last or another.
func (g *projectionDrawing) date(ctx context.Context, x float64, d calendar.Day) {
	const apart = 0.12 // the width of a date, of a drawing as narrow as the drawer
	for _, other := range append([]float64{0, 1}, g.dates...) {
		if math.Abs(x-other) < apart {
			return
		}
	}
	g.dates = append(g.dates, x)
	g.Texts = append(g.Texts, label{percent(x), "145", "middle", "", Day(ctx, d)})
}

// near tells whether a date may stand there without touching the first and last.
func near(x float64) bool { return x > 0.12 && x < 0.88 }

func percent(x float64) string { return fmt.Sprintf("%.2f%%", x*100) }
