package ui

import (
	"context"
	"strings"

	"milkrun/internal/calendar"
)

// HeatEffect is the multiplier that heat puts on a normal day's sales, day by day: 1 is normal.
type HeatEffect struct {
	Label  string
	First  calendar.Day
	Today  calendar.Day
	Factor []float64
}

type heatDrawing struct {
	Past, Ahead, Area, Normal, Today string
	Texts                            []label
}

func (h HeatEffect) draw(ctx context.Context) heatDrawing {
	n := len(h.Factor)
	if n < 2 {
		return heatDrawing{Normal: "52", Today: "0"}
	}
	top, peak := 1.2, 0
	for i, f := range h.Factor {
		if f > top {
			top, peak = f, i
		}
	}
	x := func(i int) float64 { return float64(i) / float64(n-1) }
	y := func(f float64) float64 { return 52 - (max(0.5, f)-1)/(top-1)*39 }
	now := min(n-1, max(0, h.Today.Sub(h.First)))
	path := func(from, to int) string {
		var b strings.Builder
		for i := from; i <= to; i++ {
			if i > from {
				b.WriteString(" L")
			} else {
				b.WriteString("M")
			}
			b.WriteString(num(x(i)*1000) + " " + num(y(h.Factor[i])))
		}
		return b.String()
	}
	g := heatDrawing{Past: path(0, now), Ahead: path(now, n-1), Normal: num(y(1)), Today: percent(x(now))}
	g.Area = g.Ahead + " L1000 " + num(y(1)) + " L" + num(x(now)*1000) + " " + num(y(1)) + "Z"
	g.Texts = []label{
		{"0", "81", "start", "", Day(ctx, h.First)},
		{"100%", "81", "end", "", Day(ctx, h.First.AddDays(n-1))},
		{"100%", num(y(1) + 14), "end", "mk-halo", T(ctx, "chart.normal", "Times", Times(1))},
	}
	if near(x(now)) {
		g.Texts = append(g.Texts, label{g.Today, "81", "middle", "", T(ctx, "chart.projection.today")})
	}
	if top > 1.2 {
		at, anchor := x(peak)+0.03, "start"
		if at > 0.85 {
			at, anchor = x(peak)-0.02, "end"
		}
		g.Texts = append(g.Texts, label{percent(at), "15", anchor, "t-forecast mk-b mk-halo", Times(top)})
	}
	return g
}
