package console

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"milkrun/forecasting"
	"milkrun/internal/catalog"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

// forecastStory is what the forecasts of the sites shown have in common, added up or weighted by how much each sells.
type forecastStory struct {
	Level, Trend   float64    // pieces a day, and their change a week
	Week           [7]float64 // multiplier by weekday from Monday on
	Weekly         bool
	Now, InFour    float64 // season of the year: now and in four weeks
	Yearly         bool
	Cut            float64 // what a price cut of 20 % multiplies by
	CutDays        int
	Events         []forecasting.EventNote
	SoldOut        int
	Sold, Demand   float64 // on the sold-out days
	Models         []modelShare
	Candidates     []forecasting.CandidateNote // of the site that sells most
	CandidateSite  catalog.Name
	History        int
	Capped         int
	Notes          []forecasting.Note
	Better         float64 // percent of error less than the naive one in the backtest
	BetterMeasured bool
}

// pieceRows takes the expected demand of four weeks apart, piece by piece, with the sum below.
func pieceRows(ctx context.Context, p skuPage) []ui.WhyRow {
	var rows []ui.WhyRow
	sum := 0.0
	for _, x := range p.Demand.Pieces {
		sum += x.Pieces
		n := int64(math.Round(x.Pieces))
		row := ui.WhyRow{Label: ui.T(ctx, "workbench.piece_"+string(x.Kind)), Value: ui.Int(n)}
		if x.Kind != forecasting.PieceLevel {
			if n == 0 {
				continue
			}
			row.Op, row.Value = "+", ui.Int(n)
			if n < 0 {
				row.Op, row.Value = "−", ui.Int(-n)
			}
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil
	}
	return append(rows, ui.WhyRow{Op: "=", Label: ui.T(ctx, "workbench.piece_sum"), Value: ui.Int(int64(math.Round(sum))), Tone: ui.Forecast, Sum: true})
}

// modelShare is a model with the sites that use it.
type modelShare struct {
	Model string
	Sites int
}

// cutDepth is the price cut that the story speaks of.
const cutDepth = 0.2

func storyOf(sites []forecasting.SiteOutlook) forecastStory {
	var s forecastStory
	var weight, weekWeight, yearWeight, cutWeight, fvaWeight float64
	models := map[string]int{}
	for i, x := range sites {
		y := x.Why
		w := max(x.PerDay, 1e-6)
		weight += w
		s.Level, s.Trend = s.Level+y.Level, s.Trend+7*y.TrendPerDay
		if len(y.Weekly) == 7 {
			for d, f := range y.Weekly {
				s.Week[d] += f * w
			}
			weekWeight += w
		}
		if n := len(y.Yearly); n > 0 {
			s.Now += y.Yearly[0] * w
			s.InFour += y.Yearly[min(27, n-1)] * w
			yearWeight += w
		}
		if y.Promotion != nil && y.Promotion.PastDays > 0 {
			s.Cut += math.Exp(cutDepth*y.Promotion.Elasticity) * w
			s.CutDays = max(s.CutDays, y.Promotion.PastDays)
			cutWeight += w
		}
		if y.FVA.Naive > 0 {
			s.Better += y.FVA.Percent * w
			fvaWeight += w
		}
		s.SoldOut, s.Sold, s.Demand = s.SoldOut+y.Censored.Days, s.Sold+y.Censored.Sold, s.Demand+y.Censored.Demand
		s.History, s.Capped = max(s.History, y.HistoryDays), s.Capped+y.CappedDays
		for _, n := range y.Notes {
			if !slices.Contains(s.Notes, n) {
				s.Notes = append(s.Notes, n)
			}
		}
		models[x.Model]++
		if i == 0 { // the sites come with the largest first
			s.Events, s.Candidates, s.CandidateSite = y.Events, y.Candidates, x.Name
		}
	}
	divide := func(v *float64, by float64) bool {
		if by > 0 {
			*v /= by
		}
		return by > 0
	}
	for d := range s.Week {
		s.Weekly = divide(&s.Week[d], weekWeight)
	}
	divide(&s.Now, yearWeight)
	s.Yearly = divide(&s.InFour, yearWeight)
	divide(&s.Cut, cutWeight)
	s.BetterMeasured = divide(&s.Better, fvaWeight)
	for m, n := range models {
		s.Models = append(s.Models, modelShare{m, n})
	}
	slices.SortFunc(s.Models, func(a, b modelShare) int { return cmp.Or(b.Sites-a.Sites, strings.Compare(a.Model, b.Model)) })
	return s
}

// weekdayBar is one bar of the pattern of the week.
type weekdayBar struct {
	Name   string
	Factor float64
	Height float64 // px of 40
}

func weekdayBars(ctx context.Context, s forecastStory) []weekdayBar {
	names := strings.Split(ui.T(ctx, "sku.weekdays"), " ")
	top := 0.01
	for _, f := range s.Week {
		top = max(top, f)
	}
	out := make([]weekdayBar, 7)
	for i, f := range s.Week {
		out[i] = weekdayBar{Name: names[min(i, len(names)-1)], Factor: f, Height: f / top * 40}
	}
	return out
}

// modelsWords lists the models: "ETS 9 个仓 · Croston 3 个仓".
func modelsWords(ctx context.Context, s forecastStory) string {
	parts := make([]string, 0, 3)
	for _, m := range s.Models[:min(len(s.Models), 2)] {
		parts = append(parts, ui.T(ctx, "sku.model_sites", "Model", modelName(ctx, m.Model), ui.Count, m.Sites))
	}
	return desk.Dots(parts...)
}

// modelName says the name of a model or combination: "theta2+ets+window91+2" is Theta + ETS + the mean of 91 days and two more.
func modelName(ctx context.Context, name string) string {
	parts := strings.Split(name, "+")
	more := 0
	if n, err := strconv.Atoi(parts[len(parts)-1]); err == nil && len(parts) > 1 {
		parts, more = parts[:len(parts)-1], n
	}
	for i, p := range parts {
		parts[i] = plainModel(ctx, p)
	}
	text := strings.Join(parts, " + ")
	if more > 0 {
		text += ui.T(ctx, "sku.model_more", "Total", len(parts)+more)
	}
	return text
}

func plainModel(ctx context.Context, name string) string {
	base, index := strings.CutSuffix(name, "_index")
	var text string
	switch days, err := strconv.Atoi(strings.TrimPrefix(base, "window")); {
	case err == nil && strings.HasPrefix(base, "window"):
		text = ui.T(ctx, "sku.model_window", ui.Count, days)
	case base == "theta", base == "theta2":
		text = "Theta"
	case base == "ets", base == "ets_season":
		text = "ETS"
	case base == "tsb":
		text = "TSB"
	case base == "snaive":
		text = ui.T(ctx, "sku.model_naive")
	default:
		text = base
	}
	if index {
		text = ui.T(ctx, "sku.model_index", "Model", text)
	}
	return text
}

// comingEvents names the feasts within the horizon that move the demand.
func comingEvents(ctx context.Context, s forecastStory) string {
	parts := make([]string, 0, 3)
	for _, e := range s.Events {
		if math.Abs(e.Multiplier-1) < 0.03 || len(parts) == 3 {
			continue
		}
		parts = append(parts, ui.T(ctx, "sku.event", "Event", ui.Name(ctx, forecasting.EventName(e.Code)), "From", e.From, "Factor", "×"+ui.Decimal(e.Multiplier, 2)))
	}
	return desk.Dots(parts...)
}

// noteWord says a remark of the forecast.
func noteWord(ctx context.Context, n forecasting.Note) string {
	return ui.T(ctx, "sku.remark_"+string(n))
}

// betterWords says how much better the models did than the naive forecast in their backtest.
func betterWords(ctx context.Context, s forecastStory) string {
	if !s.BetterMeasured {
		return ""
	}
	return ui.T(ctx, "sku.backtest_gain", "Share", ui.PercentSigned(s.Better/100, 0))
}
