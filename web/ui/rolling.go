package ui

import (
	"context"
	"math"
	"strconv"

	"milkrun/internal/quantity"
)

// RollingChart is a forecast by week for a supplier.
type RollingChart struct {
	Label         string
	Weeks         []RollingWeek
	Capacity      quantity.Pieces // a week; 0 draws no line
	CapacityLabel string          // 贵厂周产能 3,600
}

// RollingWeek is one week: firm when the buyer stands by it, tentative otherwise.
type RollingWeek struct {
	Name   string // W48
	Pieces quantity.Pieces
	Firm   bool
}

type rollingBar struct{ X, W, Y, H, Mid, TextY, Text, Name, Class, TextClass string }

type gridLine struct{ Y, TextY, Text string }

type rollingDrawing struct {
	Bars                   []rollingBar
	Grid                   []gridLine
	Capacity, CapacityText string
}

func (c RollingChart) draw(ctx context.Context) rollingDrawing {
	top := c.Capacity
	for _, w := range c.Weeks {
		top = max(top, w.Pieces)
	}
	step := niceStep(float64(max(1, top)) / 3)
	full := math.Max(step*2, float64(top)*1.12)
	y := func(v float64) float64 { return 112 - v/full*94 }
	var g rollingDrawing
	for v := 0.0; v <= full; v += step {
		g.Grid = append(g.Grid, gridLine{num(y(v)), num(y(v) + 4), Axis(ctx, v)})
	}
	slot := 0.94 / float64(max(1, len(c.Weeks)))
	for i, w := range c.Weeks {
		left, at := 0.06+slot*(float64(i)+0.13), y(float64(w.Pieces))
		b := rollingBar{
			X: percent(left), W: percent(slot * 0.74), Y: num(at), H: num(max(0, 112-at)), Mid: percent(left + slot*0.37),
			Text: Pieces(w.Pieces), Name: w.Name, Class: "soft", TextY: num(max(12, at-5)), TextClass: "mk-halo",
		}
		if text := max(12, at-5); c.Capacity > 0 {
			b.TextY = num(max(12, above(text, y(float64(c.Capacity)))))
		}
		if w.Firm {
			b.Class = "firm"
			if 112-at > 24 {
				b.TextY, b.TextClass = num(clearOf(at+16, y(float64(c.Capacity)))), "on"
			}
		}
		g.Bars = append(g.Bars, b)
	}
	if c.Capacity > 0 {
		at := y(float64(c.Capacity))
		g.Capacity, g.CapacityText = num(at), strconv.Itoa(int(max(12, at-5)))
	}
	return g
}

// clearOf moves a text that the capacity line would cross below the line.
func clearOf(text, line float64) float64 {
	if line > text-14 && line < text+4 {
		return line + 15
	}
	return text
}

// above moves a text that the capacity line would cross above the line.
func above(text, line float64) float64 {
	if line > text-14 && line < text+4 {
		return line - 4
	}
	return text
}

// niceStep rounds a step of an axis up to 1, 2, 2.5 or 5 times a power of ten.
func niceStep(v float64) float64 {
	if v <= 0 {
		return 1
	}
	p := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if v <= m*p*(1+1e-9) {
			return m * p
		}
	}
	return 10 * p
}
