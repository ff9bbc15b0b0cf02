package console

import (
	"context"
	"math"
	"strings"

	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

// heatSources gives the words of the heat sources that the house knows; a new one shows its code.
var heatSources = map[string]catalog.Name{
	"xiaohongshu": {ZH: "小红书", EN: "Xiaohongshu"}, "douyin": {ZH: "抖音", EN: "Douyin"}, "baidu": {ZH: "百度指数", EN: "Baidu Index"},
	"weibo": {ZH: "微博", EN: "Weibo"}, "zhihu": {ZH: "知乎", EN: "Zhihu"}, "kuaishou": {ZH: "快手", EN: "Kuaishou"}, "bilibili": {ZH: "B 站", EN: "Bilibili"},
}

func sourceName(ctx context.Context, code string) string {
	if n, ok := heatSources[code]; ok {
		return ui.Name(ctx, n)
	}
	return code
}

// stockStatus gives the status word of a rank of the stock list.
func stockStatus(rank int16) string {
	statuses := [...]string{"out", "running_out", "low", "too_much", "enough"}
	if rank < 0 || int(rank) >= len(statuses) {
		return ""
	}
	return statuses[rank]
}

// classes lists the demand classes in the order of the screens.
func classes() []forecasting.Class {
	return []forecasting.Class{forecasting.ClassSmooth, forecasting.ClassErratic, forecasting.ClassIntermittent, forecasting.ClassLumpy, forecasting.ClassNew, forecasting.ClassDead}
}

func classWord(ctx context.Context, c forecasting.Class) string {
	return ui.T(ctx, "demand.class_"+string(c))
}

// atPickedSite bounds the acting user to the site picked in the top bar, so that every verb shows that site alone. It never
// widens what the user may see: the picker offers the user's own sites.
func atPickedSite(ctx context.Context, sites []catalog.SiteRecord) (context.Context, catalog.Site) {
	u, ok := access.FromContext(ctx)
	site, found := desk.SiteByCode(sites, ui.From(ctx).Site)
	if !ok || !found || !u.MayTouchSite(site.ID) {
		return ctx, catalog.Site{}
	}
	u.Sites = []catalog.SiteID{site.ID}
	return access.WithUser(ctx, u), site
}

// siteShort gives a site's name without the word of its tier, for narrow columns.
func siteShort(ctx context.Context, s catalog.Site) string {
	name := ui.Name(ctx, s.Name)
	for _, tail := range []string{"前置仓", "仓", " front", " regional", " bonded", " overseas", " station"} {
		if short, ok := strings.CutSuffix(name, tail); ok && short != "" {
			return short
		}
	}
	return name
}

// yuanShort writes much money in few characters: ¥4,823 万, ¥48.2M.
func yuanShort(ctx context.Context, f money.Fen) string {
	if f < 0 {
		return "−" + yuanShort(ctx, -f)
	}
	v := math.Round(float64(f) / 100)
	if step := math.Pow(10, math.Floor(math.Log10(max(v, 1)))-2); step > 1 { // three digits that count are enough
		v = math.Round(v/step) * step
	}
	return "¥" + ui.Axis(ctx, v)
}

// percentOf writes a figure that is in percent already.
func percentOf(v float64, decimals int) string { return ui.Percent(v/100, decimals) }

func plainCategories(all []catalog.CategoryRecord) []catalog.Category {
	out := make([]catalog.Category, len(all))
	for i, c := range all {
		out[i] = c.Category
	}
	return out
}

// peak gives the day by which an event is known: the last one of a shopping feast, the first one of a holiday.
func peak(e forecasting.Event) calendar.Day {
	switch e.Code {
	case "618", "double11", "double12", "women_day", "children_day", "520", "qixi", "mid_autumn":
		return e.To
	case "dragon_boat":
		return e.From.AddDays(1)
	}
	return e.From
}

// bigEvents are the feasts that a long chart shows; the rest are flags of the short ones.
var bigEvents = map[string]bool{"618": true, "double11": true, "cny": true}

// feast tells whether an event is one that has a day of its own; the others are what leads up to them and follows.
func feast(code string) bool {
	return !strings.HasSuffix(code, "_warm") && !strings.HasSuffix(code, "_after") && !strings.HasSuffix(code, "_shopping") && !strings.HasSuffix(code, "_eve")
}

// shortFlags are names short enough to stand side by side over a long span.
var shortFlags = map[string]catalog.Name{"cny": {ZH: "春节", EN: "CNY"}, "double11": {ZH: "双11", EN: "11.11"}, "double12": {ZH: "双12", EN: "12.12"}}

func flagName(e forecasting.EventSpan) catalog.Name {
	if n, ok := shortFlags[e.Code]; ok {
		return n
	}
	return e.Name
}

// spanFlags gives the flags of a chart; over a long span only the big feasts.
// shown is how many days the chart spans: flags that would stand on each other's names are dropped, the big feasts last.
func spanFlags(ctx context.Context, events []forecasting.EventSpan, long bool, shown int) []ui.ChartEvent {
	var out []ui.ChartEvent
	var big []bool
	for _, e := range events {
		if !feast(e.Code) || long && !bigEvents[e.Code] {
			continue
		}
		flag := ui.ChartEvent{Day: peak(e.Event), Name: ui.Name(ctx, flagName(e))}
		if n := len(out); n > 0 && flag.Day.Sub(out[n-1].Day) < shown*7/100 {
			if big[n-1] || !bigEvents[e.Code] {
				continue
			}
			out, big = out[:n-1], big[:n-1]
		}
		out, big = append(out, flag), append(big, bigEvents[e.Code])
	}
	return out
}

// wide brings a stored series into a chart's.
func wide(v []float32) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}

func classChoices(ctx context.Context) []ui.Choice {
	out := []ui.Choice{{Text: ui.T(ctx, "demand.all_classes")}}
	for _, c := range classes() {
		out = append(out, ui.Choice{Value: string(c), Text: classWord(ctx, c)})
	}
	return out
}

func topicChoices(ctx context.Context, all []catalog.TopicRecord) []ui.Choice {
	out := []ui.Choice{{Text: ui.T(ctx, "demand.all_topics")}}
	for _, t := range all {
		out = append(out, ui.Choice{Value: t.Code, Text: ui.Name(ctx, t.Name)})
	}
	return out
}

func topicCode(p demandPage) string {
	for _, t := range p.Topics {
		if t.ID == p.Query.Topic {
			return t.Code
		}
	}
	return ""
}

func siteChoices(ctx context.Context, all []catalog.SiteRecord) []ui.Choice {
	out := []ui.Choice{{Text: ui.T(ctx, "shell.allsites")}}
	for _, s := range all {
		out = append(out, ui.Choice{Value: s.Code, Text: ui.Name(ctx, s.Name)})
	}
	return out
}
