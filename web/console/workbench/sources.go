package workbench

import (
	"context"
	"strconv"

	"milkrun/forecasting"
	"milkrun/web/ui"
)

// sourcesWords names the leading source of an effect and how many are used beside it.
func sourcesWords(ctx context.Context, e forecasting.TopicEffect) string {
	n := 0
	for _, s := range e.Sources {
		if s.Weight > 0 {
			n++
		}
	}
	if n < 2 {
		return sourceWord(ctx, e.Source)
	}
	return ui.T(ctx, "workbench.source_of", "Source", sourceWord(ctx, e.Source), "More", strconv.Itoa(n-1))
}

// gateWords names a distance: "1–7" or "57+".
func gateWords(g forecasting.HorizonGate) string {
	if g.To == 0 {
		return strconv.Itoa(g.From) + "+"
	}
	return strconv.Itoa(g.From) + "–" + strconv.Itoa(g.To)
}

// gateTitle says what the backtest has found at a distance.
func gateTitle(ctx context.Context, g forecasting.HorizonGate) string {
	word := ui.T(ctx, "workbench.gate_shut")
	if g.Open {
		word = ui.T(ctx, "workbench.gate_open")
	}
	if g.Days == 0 {
		return ui.T(ctx, "workbench.gate_untold", "Days", gateWords(g), "Gate", word)
	}
	return ui.T(ctx, "workbench.gate_title", "Days", gateWords(g), "Gate", word, "Without", percent(g.Without, 1), "With", percent(g.With, 1))
}

func stateTone(s forecasting.SourceState) ui.Tone {
	switch s {
	case forecasting.SourceUsed:
		return ui.OK
	case forecasting.SourceSilent:
		return ui.Watch
	}
	return ui.Plain
}

// holesWords says what a source has not delivered.
func holesWords(ctx context.Context, n forecasting.SourceNote) string {
	if n.Holes == 0 {
		return ui.T(ctx, "workbench.no_holes")
	}
	return ui.T(ctx, "workbench.holes", ui.Count, n.Holes, "Longest", n.Longest)
}

// mendedWords says what has been mended of a source.
func mendedWords(ctx context.Context, n forecasting.SourceNote) []string {
	var out []string
	for _, r := range n.Rebased {
		out = append(out, ui.T(ctx, "workbench.rebased", "Day", r.Day, "Factor", ui.Times(r.Factor)))
	}
	if n.Bursts > 0 {
		out = append(out, ui.T(ctx, "workbench.bursts", ui.Count, n.Bursts))
	}
	return out
}
