package console

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"milkrun/forecasting"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/web/ui"
)

// skuCodes are the facts below a SKU's name.
func skuCodes(ctx context.Context, p skuPage) []string {
	out := []string{p.SKU.Code}
	if p.SKU.GTIN != "" {
		out = append(out, p.SKU.GTIN)
	}
	if n := len(p.SKU.Path); n > 0 {
		out = append(out, ui.Name(ctx, p.SKU.Path[n-1].Name))
	}
	if p.SKU.CartonPieces > 0 {
		out = append(out, ui.T(ctx, "sku.carton", ui.Count, p.SKU.CartonPieces))
	}
	if p.SKU.Price > 0 {
		out = append(out, ui.T(ctx, "sku.price", "Price", ui.Yuan(p.SKU.Price)))
	}
	return out
}

// chipOf is a chip of the page's head.
type chipOf struct {
	Tone       ui.Tone
	Icon, Word string
}

// skuChips are the worst two or three things to know of a SKU.
func skuChips(ctx context.Context, p skuPage) []chipOf {
	var out []chipOf
	today := ui.Today(ctx)
	if p.SKU.Retired != nil && *p.SKU.Retired <= today {
		out = append(out, chipOf{ui.Plain, "ban", ui.T(ctx, "sku.retired", "Day", *p.SKU.Retired)})
	}
	for _, kind := range []catalog.TopicKind{catalog.DemandTopic, catalog.ComplaintTopic} {
		i := slices.IndexFunc(p.Demand.Topics, func(t forecasting.TopicLine) bool { return t.Kind == kind && t.Spike != 0 })
		switch {
		case i < 0:
		case kind == catalog.DemandTopic:
			t := p.Demand.Topics[i]
			out = append(out, chipOf{ui.Heat, "flame", ui.T(ctx, "sku.leaping", "Topic", ui.Name(ctx, t.Name), "Ratio", ui.Times(t.Ratio))})
		default:
			out = append(out, chipOf{ui.Risk, "alert-triangle", ui.T(ctx, "sku.complaint", "Topic", ui.Name(ctx, p.Demand.Topics[i].Name))})
		}
	}
	if c, ok := stockChip(ctx, p); ok {
		out = append(out, c)
	}
	if p.SKU.Launched != nil && today.Sub(*p.SKU.Launched) < catalog.NewbornDays && *p.SKU.Launched <= today {
		out = append(out, chipOf{ui.Plain, "star", ui.T(ctx, "sku.newborn")})
	}
	return out[:min(len(out), 3)]
}

// stockChip is the worst of the sites shown: out, running out first, or low.
func stockChip(ctx context.Context, p skuPage) (chipOf, bool) {
	var worst *replenishment.WaterLevel
	rank := func(s replenishment.Status) int {
		return slices.Index([]replenishment.Status{replenishment.Out, replenishment.RunningOut, replenishment.Low}, s)
	}
	n := 0
	for i := range p.Levels {
		l := &p.Levels[i]
		r := rank(l.Status)
		if r < 0 {
			continue
		}
		n++
		if worst == nil || r < rank(worst.Status) || r == rank(worst.Status) && earlier(l.StockoutDay, worst.StockoutDay) {
			worst = l
		}
	}
	if worst == nil {
		return chipOf{}, false
	}
	site, _ := siteByID(p.Sites, worst.Site)
	place := siteShort(ctx, site)
	switch {
	case worst.Status == replenishment.Out:
		return chipOf{ui.Risk, "circle-x", ui.T(ctx, "sku.out", "Site", place)}, true
	case worst.Status == replenishment.RunningOut && worst.StockoutDay != nil:
		return chipOf{ui.Risk, "alert-octagon", ui.T(ctx, "today.runs_out", "Site", place, "Day", *worst.StockoutDay)}, true
	}
	return chipOf{ui.Watch, "alert-triangle", ui.T(ctx, "sku.low", ui.Count, n)}, true
}

// regionLinks are the choice of the region; more than four become a longer row, which wraps.
func regionLinks(ctx context.Context, p skuPage) []ui.Link {
	links := []ui.Link{{Text: ui.T(ctx, "sku.everywhere"), Href: ui.With(ctx, "at", ""), Current: p.Group == ""}}
	for _, g := range p.Groups {
		links = append(links, ui.Link{Text: regionShort(ctx, g), Href: ui.With(ctx, "at", g.Code), Current: p.Group == g.Code})
	}
	return links
}

func regionShort(ctx context.Context, g siteGroup) string {
	name := ui.Name(ctx, g.Name)
	for _, tail := range []string{"区域仓", "仓", " regional"} {
		if short, ok := strings.CutSuffix(name, tail); ok && short != "" {
			return short
		}
	}
	return name
}

func (p skuPage) groupName(ctx context.Context) string {
	if p.Picked.ID != 0 {
		return ui.Name(ctx, p.Picked.Name)
	}
	for _, g := range p.Groups {
		if g.Code == p.Group {
			return regionShort(ctx, g)
		}
	}
	return ui.T(ctx, "sku.everywhere")
}

// levelSum adds up the table of the sites.
type levelSum struct {
	OnHand, Reserved, OnOrder, Safety, Available quantity.Pieces
	PerDay                                       float64
}

func sumLevels(levels []replenishment.WaterLevel) (s levelSum) {
	for _, l := range levels {
		s.OnHand, s.Reserved, s.OnOrder = s.OnHand+l.OnHand, s.Reserved+l.Reserved, s.OnOrder+l.OnOrder
		s.Safety, s.Available, s.PerDay = s.Safety+l.SafetyPieces, s.Available+l.Available, s.PerDay+l.OwnPerDay
	}
	return s
}

func (s levelSum) cover() float64 {
	if s.PerDay <= 0 {
		return replenishment.CoverForever
	}
	return min(float64(s.Available)/s.PerDay, replenishment.CoverForever)
}

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
	return dots(parts...)
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
	return dots(parts...)
}

// noteWord says a remark of the forecast.
func noteWord(ctx context.Context, n forecasting.Note) string {
	return ui.T(ctx, "sku.remark_"+string(n))
}

// whyTitle asks why the suggestion has its number.
func whyTitle(ctx context.Context, y skuWhy) string {
	if y.Shown == nil {
		return ui.T(ctx, "sku.why_not")
	}
	return ui.T(ctx, "why.title", "Pieces", y.Shown.Pieces, "Unit", ui.Unit(ctx, y.Shown.Pieces, y.SKU.Unit))
}

// path is the address of the page with its region and more query values: pairs of name and value.
func (y skuWhy) path(pairs ...string) string {
	q := url.Values{}
	if y.At != "" {
		q.Set("at", y.At)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return (&url.URL{Path: "/demand/" + y.SKU.Code, RawQuery: q.Encode()}).RequestURI()
}

// live is the address of the card alone.
func (y skuWhy) live() string {
	q := url.Values{}
	if y.At != "" {
		q.Set("at", y.At)
	}
	if y.Shown != nil && len(y.Open) > 1 {
		q.Set("s", idText(y.Shown.ID))
	}
	return (&url.URL{Path: "/demand/" + y.SKU.Code + "/why", RawQuery: q.Encode()}).RequestURI()
}

// follow are the attributes by which the card draws itself again; without them while a form is open in it.
func (y skuWhy) follow() templ.Attributes {
	if y.Edit != "" {
		return nil
	}
	return templ.Attributes{"data-mk-live": "suggestions", "hx-get": y.live(), "hx-trigger": "mk:live delay:1s", "hx-swap": "outerHTML"}
}

// edit are the attributes of a button that opens a form in the card, or closes it.
func (y skuWhy) edit(form string) templ.Attributes {
	u := "/demand/" + y.SKU.Code + "/why?" + url.Values{"at": {y.At}, "s": {idText(y.Shown.ID)}, "edit": {form}}.Encode()
	a := templ.Attributes{"hx-get": u, "hx-target": "#sku-why", "hx-swap": "outerHTML"}
	if form == "reject" {
		a["data-key"] = "X" // not printed: the row holds three buttons
	}
	return a
}

// asked is the number in the box: what was typed when it cannot be read.
func (y skuWhy) asked() string {
	if y.Number != "" {
		return y.Number
	}
	return ui.Pieces(y.Asked)
}

// post is the address of a decision on the suggestion.
func (y skuWhy) post(id replenishment.SuggestionID, verb string) string {
	return "/demand/" + y.SKU.Code + "/suggestions/" + idText(id) + "/" + verb
}

// otherLinks lead to the other suggestions that wait.
func otherLinks(ctx context.Context, y skuWhy) []ui.Link {
	if len(y.Open) < 2 {
		return nil
	}
	var out []ui.Link
	for _, g := range y.Open[:min(len(y.Open), 5)] {
		site, _ := siteByID(y.Sites, g.Site)
		id := strconv.FormatInt(int64(g.ID), 10)
		out = append(out, ui.Link{Text: kindWord(ctx, g.Kind) + " " + siteShort(ctx, site), Href: y.path("s", id), Current: g.ID == y.Shown.ID})
	}
	return out
}

// placeOf says where a suggestion's pieces go and come from.
func placeOf(ctx context.Context, y skuWhy, g replenishment.Suggestion) string {
	to, _ := siteByID(y.Sites, g.Site)
	text := ui.Name(ctx, to.Name)
	if from, ok := siteByID(y.Sites, g.From); ok {
		text = ui.Name(ctx, from.Name) + " → " + text
	}
	for _, t := range y.SKU.Terms {
		if g.Supplier != 0 && t.Supplier == g.Supplier {
			text = ui.Name(ctx, t.SupplierName) + " → " + text
		}
	}
	return kindWord(ctx, g.Kind) + " · " + text
}

// quiet says in figures why nothing is suggested.
func quiet(ctx context.Context, y skuWhy) string {
	s := sumLevels(y.Levels)
	if len(y.Levels) == 0 {
		return ui.T(ctx, "today.no_cover_note")
	}
	if s.PerDay <= 0 {
		return ui.T(ctx, "sku.quiet_idle", "OnHand", s.OnHand)
	}
	return ui.T(ctx, "sku.quiet", "OnHand", s.OnHand, "OnOrder", s.OnOrder, "Level", s.Safety, "Days", coverWords(ctx, s.cover()))
}

// decisionWords says what was decided last.
func decisionWords(ctx context.Context, y skuWhy) string {
	g := *y.Last
	args := []any{"Quantity", ui.Quantity(ctx, g.Quantity(), y.SKU.Unit), "Kind", kindWord(ctx, g.Kind), "Moment", ""}
	if g.At != nil {
		args[5] = ui.Moment(ctx, *g.At)
	}
	switch g.State {
	case replenishment.StateRejected:
		return ui.T(ctx, "sku.last_rejected", args...) + ui.T(ctx, "today.colon") + g.Note
	case replenishment.StateApproved:
		return ui.T(ctx, "sku.last_approved", args...)
	}
	return ui.T(ctx, "sku.last_ordered", args...)
}

func (y skuWhy) undoable() bool {
	return y.Last != nil && (y.Last.State == replenishment.StateApproved || y.Last.State == replenishment.StateRejected)
}

// storyWords tells the heat's figures in one sentence.
func storyWords(ctx context.Context, h heatStory) string {
	return ui.T(ctx, "sku.story", "Ratio", ui.Times(h.Topic.Ratio), "Elasticity", ui.Decimal(h.Effect.Elasticity*max(h.Topic.Weight, 0), 2), "Peak", ui.Times(h.Peak),
		ui.Count, h.Effect.Lag, "HalfLife", ui.Decimal(h.Effect.HalfLife, 0))
}

// historyVerb says an entry of the audit.
func historyVerb(ctx context.Context, e audit.Entry) string {
	switch e.Verb {
	case "suggestion.approve", "suggestion.change", "suggestion.reject", "suggestion.take_back", "sku.edit", "sku.add":
		return ui.T(ctx, "sku.verb_"+strings.ReplaceAll(e.Verb, ".", "_"))
	}
	return e.Verb
}

// historyNote says what an entry changed, as far as it is a suggestion's number and reason.
func historyNote(ctx context.Context, e audit.Entry) string {
	if e.Thing != "suggestion" {
		return changedFields(ctx, e)
	}
	var was, is struct {
		Pieces quantity.Pieces `json:"pieces"`
		Note   string          `json:"note"`
	}
	if json.Unmarshal(e.Before, &was) != nil || json.Unmarshal(e.After, &is) != nil {
		return ""
	}
	text := ui.Pieces(is.Pieces)
	if was.Pieces != is.Pieces {
		text = ui.Pieces(was.Pieces) + " → " + text
	}
	return dots(text, is.Note)
}

// changedFields names the fields of master data that an entry changed.
func changedFields(ctx context.Context, e audit.Entry) string {
	var after map[string]json.RawMessage
	if json.Unmarshal(e.After, &after) != nil || e.Verb == "sku.add" {
		return ""
	}
	var names []string
	for k := range after {
		names = append(names, k)
	}
	slices.Sort(names)
	return ui.T(ctx, "sku.fields", "Fields", strings.Join(names[:min(len(names), 6)], ", "))
}

// signedDecimal writes a small figure with its sign.
func signedDecimal(v float64) string {
	s := ui.Decimal(v, 1)
	if v > 0 && strings.Trim(s, "0.") != "" {
		return "+" + s
	}
	return s
}

// betterWords says how much better the models did than the naive forecast in their backtest.
func betterWords(ctx context.Context, s forecastStory) string {
	if !s.BetterMeasured {
		return ""
	}
	return ui.T(ctx, "sku.backtest_gain", "Share", ui.PercentSigned(s.Better/100, 0))
}
