package workbench

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/catalog"
	"milkrun/web/ui"
)

// percent writes a figure that is a percentage already.
func percent(v float64, decimals int) string { return ui.Percent(v/100, decimals) }

func pieces(v float64) string { return ui.Int(int64(math.Round(v))) }

// accuracyRow is one line of a table of accuracy, with the same line of the run measured before.
type accuracyRow struct {
	Name, Href string
	Now        forecasting.ClassAccuracy
	Before     *forecasting.ClassAccuracy
}

func categoryRows(ctx context.Context, w forecastops.Workbench) []accuracyRow {
	var out []accuracyRow
	for _, c := range w.Accuracy.Categories {
		row := accuracyRow{Name: ui.Name(ctx, w.Categories[c.Category]), Href: "/demand?category=" + strconv.Itoa(int(c.Category)), Now: c.ClassAccuracy}
		if w.Before != nil {
			for i, b := range w.Before.Categories {
				if b.Category == c.Category {
					row.Before = &w.Before.Categories[i].ClassAccuracy
				}
			}
		}
		out = append(out, row)
	}
	return out
}

func horizonRows(ctx context.Context, w forecastops.Workbench) []accuracyRow {
	var out []accuracyRow
	for _, h := range w.Accuracy.Horizons {
		row := accuracyRow{Name: ui.T(ctx, "workbench.week_ahead", "Week", strconv.Itoa(h.Week)), Now: h.ClassAccuracy}
		if w.Before != nil {
			for i, b := range w.Before.Horizons {
				if b.Week == h.Week {
					row.Before = &w.Before.Horizons[i].ClassAccuracy
				}
			}
		}
		out = append(out, row)
	}
	return out
}

func classRows(ctx context.Context, w forecastops.Workbench) []accuracyRow {
	var out []accuracyRow
	for _, c := range w.Accuracy.Classes {
		row := accuracyRow{Name: classWord(ctx, c.Class), Href: "/demand?class=" + string(c.Class), Now: c}
		if w.Before != nil {
			for i, b := range w.Before.Classes {
				if b.Class == c.Class {
					row.Before = &w.Before.Classes[i]
				}
			}
		}
		out = append(out, row)
	}
	return out
}

func classWord(ctx context.Context, c forecasting.Class) string {
	if c == "" {
		return ui.T(ctx, "workbench.all_classes")
	}
	return ui.T(ctx, "demand.class_"+string(c))
}

// fvaTone colours the value added: a loss is a risk.
func fvaTone(v float64) ui.Tone {
	if v < 0 {
		return ui.Risk
	}
	return ui.OK
}

// beforeWords writes the error of the run before, with the change since.
func beforeWords(r accuracyRow) string {
	if r.Before == nil || r.Before.Actual == 0 {
		return ui.Nothing
	}
	return percent(r.Before.WAPE, 1)
}

// weekBar is a week of the chart: the forecast's error beside that of the naive forecast, and a mark where the run before had it.
type weekBar struct {
	X, W           string // of the pair's first bar
	X2             string // of the second
	Y, H, Y2, H2   string
	Mark           string // y of the mark, "" for none
	MarkFrom       string
	MarkTo         string
	Label, LabelAt string
	Value          string
}

// chartHeight is the height of the bars, in px.
const chartHeight = 150.0

// weekBars fits the weeks into the width; their greatest error is the height.
func weekBars(ctx context.Context, w forecastops.Workbench) (bars []weekBar, top float64) {
	weeks := w.Accuracy.Weeks
	before := map[string]float64{}
	if w.Before != nil {
		for _, x := range w.Before.Weeks {
			if x.Actual > 0 {
				before[x.From.String()] = x.WAPE
			}
		}
	}
	for _, x := range weeks {
		top = max(top, x.WAPE, x.Naive)
	}
	if top == 0 || len(weeks) == 0 {
		return nil, 0
	}
	step := 100 / float64(len(weeks))
	y := func(v float64) (string, string) {
		h := v / top * (chartHeight - 20)
		return fmt.Sprintf("%.1f", chartHeight-h), fmt.Sprintf("%.1f", h)
	}
	at := func(v float64) string { return fmt.Sprintf("%.2f%%", v) }
	for i, x := range weeks {
		left := float64(i) * step
		b := weekBar{X: at(left + .12*step), X2: at(left + .5*step), W: at(.34 * step), LabelAt: at(left + .48*step), Label: ui.Day(ctx, x.From), Value: percent(x.WAPE, 0)}
		b.Y, b.H = y(x.WAPE)
		b.Y2, b.H2 = y(x.Naive)
		if v, ok := before[x.From.String()]; ok {
			b.Mark, _ = y(min(v, top))
			b.MarkFrom, b.MarkTo = at(left+.08*step), at(left+.5*step)
		}
		bars = append(bars, b)
	}
	return bars, top
}

// heatRow is a topic with what its heat does to demand.
type heatRow struct {
	Topic  forecasting.TopicStanding
	Effect forecasting.TopicEffect
}

// heatRows are the demand topics that were estimated, those that are used first, then by how sure their effect is.
func heatRows(w forecastops.Workbench) []heatRow {
	var out []heatRow
	for _, t := range w.Topics {
		if e, ok := w.Effects[t.ID]; ok && t.Kind == catalog.DemandTopic {
			out = append(out, heatRow{t, e})
		}
	}
	slices.SortStableFunc(out, func(a, b heatRow) int {
		if a.Effect.Gate != b.Effect.Gate {
			if a.Effect.Gate {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.Effect.PValue, b.Effect.PValue), cmp.Compare(b.Effect.Gain, a.Effect.Gain))
	})
	return out
}

func sourceWord(ctx context.Context, source string) string {
	for _, known := range []string{"xiaohongshu", "douyin", "baidu", "weibo", "zhihu"} {
		if source == known {
			return ui.T(ctx, "workbench.source_"+known)
		}
	}
	return source
}

// levelName names a row of the hierarchy.
func levelName(ctx context.Context, w forecastops.Workbench, r forecasting.HierarchyRow) string {
	switch r.Level {
	case forecasting.LevelRegion:
		return r.Name
	case forecasting.LevelCategory:
		return ui.Name(ctx, w.Categories[catalog.CategoryID(r.ID)])
	case forecasting.LevelSite:
		return ui.Name(ctx, w.Sites[catalog.SiteID(r.ID)])
	}
	return ui.T(ctx, "workbench.level_total")
}

func shift(bottom, agreed float64) string {
	if bottom <= 0 {
		return ui.Nothing
	}
	return ui.PercentSigned(agreed/bottom-1, 1)
}

// ChangeWords says what a change does: "×1.3" or "40 a day".
func ChangeWords(ctx context.Context, o forecasting.Override) string {
	if o.Factor > 0 {
		return "×" + ui.Decimal(o.Factor, 2)
	}
	return ui.T(ctx, "workbench.per_day", "Pieces", ui.Decimal(o.Pieces, 1))
}

func changeTone(s forecasting.OverrideState) ui.Tone {
	switch s {
	case forecasting.OverrideActive:
		return ui.Forecast
	case forecasting.OverrideWaiting:
		return ui.Watch
	}
	return ui.Plain
}

// siteWords names the site of a change, or all of them.
func siteWords(ctx context.Context, o forecasting.OverrideRecord) string {
	if o.Site == 0 {
		return ui.T(ctx, "workbench.all_sites")
	}
	return ui.Name(ctx, o.SiteName)
}

// WarningWords says what an alarm has measured.
func WarningWords(ctx context.Context, a forecasting.AlarmRecord) string {
	switch a.Kind {
	case forecasting.AlarmBias:
		if a.Value > 0 {
			return ui.T(ctx, "workbench.bias_high", "Share", percent(a.Value, 0))
		}
		return ui.T(ctx, "workbench.bias_low", "Share", percent(-a.Value, 0))
	case forecasting.AlarmTracking:
		return ui.T(ctx, "workbench.tracking", "Value", ui.Decimal(a.Value, 1), "Limit", ui.Decimal(a.Limit, 0))
	case forecasting.AlarmDrift:
		return ui.T(ctx, "workbench.drift", "Value", ui.Decimal(a.Value, 1), "Limit", ui.Decimal(a.Limit, 0))
	case forecasting.AlarmHole:
		return ui.T(ctx, "workbench.hole", ui.Count, int(a.Value))
	}
	return ui.T(ctx, "workbench.silence", "Day", a.From)
}

func warningIcon(k forecasting.AlarmKind) string {
	switch k {
	case forecasting.AlarmHole:
		return "database"
	case forecasting.AlarmSilence:
		return "moon"
	}
	return "alert-triangle"
}

// kinds are the alarms in the order of the screen.
var kinds = []forecasting.AlarmKind{forecasting.AlarmHole, forecasting.AlarmSilence, forecasting.AlarmBias, forecasting.AlarmTracking, forecasting.AlarmDrift}

func lastRun(ctx context.Context, w forecastops.Workbench) string {
	if w.Before == nil {
		return ""
	}
	return ui.T(ctx, "workbench.last_run", "Share", percent(w.Before.Total.WAPE, 1), "Run", strconv.FormatInt(w.BeforeRun, 10))
}

func globalNote(ctx context.Context, g *forecasting.GlobalNote) string {
	if g == nil || g.Series == 0 {
		return ""
	}
	return ui.T(ctx, "workbench.global_note", ui.Count, g.Series, "Seconds", strconv.Itoa(int(g.Seconds+.5)))
}

// scoreWords says whether a change helped.
func scoreWords(ctx context.Context, s forecasting.OverrideScore) string {
	word := "workbench.did_harm"
	if s.Helped() {
		word = "workbench.did_help"
	}
	return ui.T(ctx, word, "Before", pieces(s.Before), "After", pieces(s.After))
}
