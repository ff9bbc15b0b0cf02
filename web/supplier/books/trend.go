package books

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"milkrun/c2m/supplier"
	"milkrun/c2m/supplierops"
	"milkrun/web/ui"
)

// The trend's drawing is 720 × 180 units: months side by side, shares from 0 to 100 percent.
const (
	trendWidth, trendHeight = 720.0, 180.0
	trendLeft, trendTop     = 44.0, 14.0
	trendFoot               = 152.0
)

// trendMonth is a month of the drawing.
type trendMonth struct {
	X, Mid, W  string
	Y, H       string // of the bar of the score
	Text       string // the score
	TextY      string
	Name       string
	Known      bool
	Now        bool
	Figures    supplier.Figures
	Score      float64
	Title      string
	PassKnown  bool
	PassRate   float64
	MonthLabel string
}

// trendDrawing is the whole: bars for the score, lines for OTIF and passed lots.
type trendDrawing struct {
	Months     []trendMonth
	OTIF, Pass string // points of the lines
	Grid       []trendGrid
	Any        bool
}

type trendGrid struct{ Y, TextY, Text string }

func unit(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

func trendY(share float64) float64 { return trendFoot - share*(trendFoot-trendTop) }

// trend draws the months of a scorecard.
func trend(ctx context.Context, c supplierops.Scorecard) trendDrawing {
	var t trendDrawing
	for _, g := range []float64{0, 0.5, 1} {
		t.Grid = append(t.Grid, trendGrid{unit(trendY(g)), unit(trendY(g) + 4), ui.Percent(g, 0)})
	}
	slot := (trendWidth - trendLeft) / float64(max(1, len(c.Months)))
	var otif, pass []string
	for i, m := range c.Months {
		left := trendLeft + slot*float64(i)
		x := trendMonth{X: unit(left + slot*0.18), W: unit(slot * 0.64), Mid: unit(left + slot/2), Known: m.Figures.Lines > 0, Figures: m.Figures, Now: i == len(c.Months)-1}
		x.Name = fmt.Sprintf("%02d", int(m.From.Time().Month()))
		x.MonthLabel = m.From.Time().Format("2006-01")
		if i == 0 || m.From.Time().Month() == 1 {
			x.Name = m.From.Time().Format("06-01")
		}
		if x.PassRate, x.PassKnown = m.Figures.PassRate(); x.PassKnown {
			pass = append(pass, x.Mid+","+unit(trendY(x.PassRate)))
		}
		if x.Known {
			t.Any = true
			x.Score = m.Figures.Score(c.Rules)
			y := trendY(x.Score / 100)
			x.Y, x.H, x.Text, x.TextY = unit(y), unit(max(1, trendFoot-y)), ui.Decimal(x.Score, 0), unit(trendFoot-6)
			otif = append(otif, x.Mid+","+unit(trendY(m.Figures.OTIF)))
		}
		t.Months = append(t.Months, x)
	}
	t.OTIF, t.Pass = strings.Join(otif, " "), strings.Join(pass, " ")
	return t
}

func trendLegends(ctx context.Context) []ui.Legend {
	return []ui.Legend{{Text: ui.T(ctx, "books.score"), Color: "var(--mk-line-2)", Shape: "bar"}, {Text: ui.T(ctx, "books.m_otif"), Color: "var(--mk-stock)"}, {Text: ui.T(ctx, "books.m_pass"), Color: "var(--mk-forecast)"}}
}
