package workbench

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"milkrun/forecasting"
	"milkrun/forecasting/forecastops"
	"milkrun/forecasting/heatmix"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

var today = calendar.Date(2026, 11, 23)

// draw renders a page for a role in a language.
func draw(t *testing.T, role access.Role, language string, c templ.Component) string {
	t.Helper()
	u := access.User{Name: "陈嘉禾", Role: role}
	ctx := ui.WithView(access.WithUser(context.Background(), u), &ui.View{Language: ui.Language(language), Now: today.Time().Add(10 * time.Hour), Zone: time.UTC})
	var b strings.Builder
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, raw := range []string{"workbench.", "runs.week", "%!", "NaN", "&lt;no value"} {
		if strings.Contains(page, raw) {
			t.Errorf("%q stands in the page: …%s…", raw, page[max(0, strings.Index(page, raw)-80):min(len(page), strings.Index(page, raw)+80)])
		}
	}
	return page
}

func holds(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(page, p) {
			t.Errorf("the page does not say %q", p)
		}
	}
}

func accuracy(wape float64) *forecasting.RunAccuracy {
	c := forecasting.ClassAccuracy{Class: forecasting.ClassSmooth, Series: 40, Actual: 8120, WAPE: wape, Naive: 43.6, Bias: -2.1, Inside: 81}
	a := &forecasting.RunAccuracy{Through: today.AddDays(-1), Total: c, Classes: []forecasting.ClassAccuracy{c}}
	a.Categories = []forecasting.CategoryAccuracy{{Category: 3, ClassAccuracy: c}}
	a.Horizons = []forecasting.HorizonAccuracy{{Week: 1, ClassAccuracy: c}, {Week: 4, ClassAccuracy: c}}
	for i := range 8 {
		a.Weeks = append(a.Weeks, forecasting.WeeklyAccuracy{From: today.AddDays(-56 + 7*i), Actual: 1000, WAPE: wape + float64(i), Naive: 44, Inside: 80})
	}
	return a
}

func TestWorkbenchShowsWhatIsKnown(t *testing.T) {
	w := forecastops.Workbench{
		Run: forecasting.Run{ID: 9}, Accuracy: accuracy(35.3), Before: accuracy(36.1), BeforeRun: 8,
		Global:     &forecasting.GlobalNote{Series: 225, Seconds: 12, Lessons: []forecasting.GlobalLesson{{Class: forecasting.ClassLumpy, Alone: .9, With: .81, Share: 1}, {Class: forecasting.ClassSmooth, Alone: .7, With: .7}}},
		Categories: map[catalog.CategoryID]catalog.Name{3: {ZH: "奶粉", EN: "Formula"}}, Sites: map[catalog.SiteID]catalog.Name{1: {ZH: "嘉兴", EN: "Jiaxing"}},
		Hierarchy: []forecasting.HierarchyRow{{Level: forecasting.LevelTotal, Bottom: 1000, Agreed: 1050}, {Level: forecasting.LevelRegion, Name: "华东", Bottom: 600, Agreed: 640}, {Level: forecasting.LevelSite, ID: 1, Bottom: 600, Agreed: 640}},
		Worst:     []forecastops.WorstSeries{{Offender: forecasting.Offender{Key: forecasting.Key{SKU: 1, Site: 1}, Class: forecasting.ClassErratic, Actual: 500, Forecast: 300, Abs: 210, NaiveAbs: 260}, Code: "MR-1", Name: catalog.Name{ZH: "牙胶", EN: "Teether"}}},
		Topics:    []forecasting.TopicStanding{{Topic: catalog.Topic{ID: 5, Code: "teething", Name: catalog.Name{ZH: "出牙", EN: "Teething"}, Kind: catalog.DemandTopic}}},
		Effects:   map[catalog.TopicID]forecasting.TopicEffect{5: {Topic: 5, Source: "xiaohongshu", Lag: 4, Elasticity: .42, StdErr: .05, PValue: .01, Gain: 6.2, Gate: true, Members: 60, Days: 730}},
	}
	holds(t, draw(t, access.Planner, "zh", benchScreen(w)), "35.3%", "36.1%", "奶粉", "第 4 周", "占 100%", "不划算", "华东", "+5.0%", "牙胶", "出牙", "0.42", "小红书", "安慰剂")
	holds(t, draw(t, access.Buyer, "en", benchScreen(w)), "Formula", "Week 4", "Does not pay", "Teething", "Placebo p", "F-8")
	holds(t, draw(t, access.Buyer, "zh", benchScreen(forecastops.Workbench{})), "还没有可比的预测")
}

func TestWarnings(t *testing.T) {
	p := warningsPage{State: forecasting.AlarmOpen, Counts: []forecasting.AlarmCount{{Kind: forecasting.AlarmHole, Open: 1}, {Kind: forecasting.AlarmBias, Open: 2, Acked: 1}}}
	for i, k := range kinds {
		p.List = append(p.List, forecasting.AlarmRecord{ID: int64(i + 1), Key: forecasting.Key{SKU: catalog.SKUID(min(i, 1)), Site: 1}, Code: "MR-1", Kind: k, State: forecasting.AlarmOpen, Value: 6, Limit: 2, From: today.AddDays(-20), Weight: 30})
	}
	page := draw(t, access.Planner, "zh", warningsScreen(p))
	holds(t, page, "整个仓", "连续 6 天没有销售数据", "预测一直偏高", "跟踪信号", "漂移", "全部 3", "/demand/warnings/1/seen")
	if page := draw(t, access.Buyer, "en", warningsScreen(p)); strings.Contains(page, "/seen\"") {
		t.Error("a buyer may take note")
	}
	holds(t, draw(t, access.Buyer, "en", warningsScreen(warningsPage{State: forecasting.AlarmOpen})), "No warnings")
}

func TestChanges(t *testing.T) {
	o := forecasting.OverrideRecord{ID: 4, Code: "MR-1", MadeAt: today.Time(), Override: forecasting.Override{Key: forecasting.Key{SKU: 1}, From: today, To: today.AddDays(3), Factor: 1.25, Reason: "母婴展", By: "陈嘉禾", Expiry: today.AddDays(4)}}
	past := o
	past.ID, past.From, past.To, past.Expiry, past.Factor, past.Pieces = 5, today.AddDays(-9), today.AddDays(-6), today.AddDays(-5), 0, 40
	past.Score = &forecasting.OverrideScore{Days: 4, Before: 31, After: 12}
	page := draw(t, access.Planner, "zh", changesScreen(changesPage{List: []forecasting.OverrideRecord{o, past}}))
	holds(t, page, "×1.25", "母婴展", "生效中", "/demand/changes/4/withdraw", "每天 40", "有用：差 31 → 12 件", "已过期", "所有仓")
	if strings.Contains(page, "/demand/changes/5/withdraw") {
		t.Error("what is over can be withdrawn")
	}
}

func TestChangeFormSaysWhatIsWrong(t *testing.T) {
	ctx := ui.WithView(context.Background(), &ui.View{Language: "zh", Now: today.Time(), Zone: time.UTC})
	for name, c := range map[string]struct {
		form map[string]string
		bad  string
	}{
		"good":     {map[string]string{"from": "2026-11-24", "to": "2026-11-30", "value": "+30", "reason": "团购"}, ""},
		"pieces":   {map[string]string{"from": "2026-11-24", "to": "2026-11-30", "value": "40", "kind": "pieces", "reason": "团购"}, ""},
		"no days":  {map[string]string{"to": "2026-11-30", "value": "30", "reason": "团购"}, "from"},
		"not day":  {map[string]string{"from": "x", "to": "2026-11-30", "value": "30", "reason": "团购"}, "from"},
		"turned":   {map[string]string{"from": "2026-11-30", "to": "2026-11-24", "value": "30", "reason": "团购"}, "to"},
		"past":     {map[string]string{"from": "2026-11-01", "to": "2026-11-04", "value": "30", "reason": "团购"}, "to"},
		"no value": {map[string]string{"from": "2026-11-24", "to": "2026-11-30", "reason": "团购"}, "value"},
		"words":    {map[string]string{"from": "2026-11-24", "to": "2026-11-30", "value": "很多", "reason": "团购"}, "value"},
		"nothing":  {map[string]string{"from": "2026-11-24", "to": "2026-11-30", "value": "-100", "reason": "团购"}, "value"},
		"huge":     {map[string]string{"from": "2026-11-24", "to": "2026-11-30", "value": "99999", "reason": "团购"}, "value"},
		"no word":  {map[string]string{"from": "2026-11-24", "to": "2026-11-30", "value": "30", "reason": " "}, "reason"},
		"site":     {map[string]string{"from": "2026-11-24", "to": "2026-11-30", "value": "30", "reason": "团购", "site": "NOWHERE"}, "site"},
		"expiry":   {map[string]string{"from": "2026-11-24", "to": "2026-11-30", "value": "30", "reason": "团购", "expiry": "2026-11-20"}, "expiry"},
	} {
		f := changeForm{Form: &desk.Posted{Ctx: ctx, Form: map[string][]string{}, Errors: map[string]string{}}}
		for k, v := range c.form {
			f.Form.Form.Set(k, v)
		}
		o := readChange(ctx, f)
		if _, marked := f.Form.Errors[c.bad]; c.bad == "" && !f.Form.OK() || c.bad != "" && !marked {
			t.Errorf("%s: %v", name, f.Form.Errors)
		}
		if name == "good" && o.Factor != 1.3 || name == "pieces" && (o.Pieces != 40 || o.Factor != 0) {
			t.Errorf("%s is read as %+v", name, o)
		}
	}
}

func TestCohorts(t *testing.T) {
	p := cohortsPage{CohortPage: forecastops.CohortPage{First: 24300, Now: 24318}, Regions: []string{"华东"}}
	for m := 24260; m < 24320; m++ {
		p.Cohorts = append(p.Cohorts, forecasting.Cohort{Region: "华东", Month: m, Babies: float64(9000 + 10*m%700)})
	}
	path := make([]float64, 31)
	for i := range path {
		path[i] = 1 + float64(i-18)/50
	}
	p.Stages = []forecastops.CohortStage{{StageCount: forecasting.StageCount{From: 6, To: 12, SKUs: 31, Forecast28: 4200}, Path: path}, {StageCount: forecasting.StageCount{From: 36, To: 72, SKUs: 2}}}
	p.Sites = []forecastops.CohortSite{{Code: "JX", Name: catalog.Name{ZH: "嘉兴", EN: "Jiaxing"}, Region: "华东"}}
	holds(t, draw(t, access.Planner, "zh", cohortsScreen(p)), "6–12 个月", "4,200", "华东", "嘉兴", "/demand/cohorts/site", "出生数不够", "导入出生人数")
	holds(t, draw(t, access.Lead, "en", cohortsScreen(p)), "6–12 months", "Births by month")
	holds(t, draw(t, access.Buyer, "en", cohortsScreen(cohortsPage{})), "No births yet")
}

// TestSourcesAndGates: what a heat is made of and how far ahead it pays, in both languages.
func TestSourcesAndGates(t *testing.T) {
	e := forecasting.TopicEffect{Source: "baidu", Gate: true, Horizons: []forecasting.HorizonGate{
		{From: 1, To: 7, Days: 300, Without: 18.9, With: 12.1, Open: true}, {From: 8, To: 14, Days: 280, Without: 19.7, With: 20.2}, {From: 57},
	}}
	m := heatmix.Mix{Sources: []forecasting.SourceNote{
		{Source: "baidu", State: forecasting.SourceUsed, Weight: .62, Known: 700, Holes: 14, Longest: 9, Last: today.AddDays(-1), Agreement: 1,
			Rebased: []forecasting.Rebase{{Day: today.AddDays(-90), Factor: 3}}},
		{Source: "rival-price", State: forecasting.SourceSilent, Weight: .38, Known: 500, Last: today.AddDays(-30), Agreement: .7, Bursts: 2},
		{Source: "weibo", State: forecasting.SourceApart, Known: 650, Last: today, Agreement: .05},
		{Source: "zhihu", State: forecasting.SourceShort, Known: 9, Last: today},
	}}
	e.Sources = m.Sources
	holds(t, draw(t, access.Planner, "zh", SourcesCard(m)), "百度指数", "62%", "缺 14 天，最长连缺 9 天", "口径变为", "rival-price", "断了", "剔除暴涨 2 天", "走势不一，不用", "太短", "以它的口径为准")
	holds(t, draw(t, access.Planner, "en", SourcesCard(m)), "Baidu", "14 days missing, 9 on end", "Re-based on", "Moves otherwise", "2 bursts taken out")
	holds(t, draw(t, access.Planner, "zh", GateTable(e)), "1–7", "12.1%", "20.2%", "57+", "不用")
	holds(t, draw(t, access.Planner, "en", gates(e)), "1–7", "8–14", "Error without heat 19.7%, with heat 20.2%", "Too few days to tell")
	if got := sourcesWords(ui.WithView(context.Background(), &ui.View{Language: "zh"}), e); got != "百度指数 +1" {
		t.Errorf("sources: %q", got)
	}
	run := &forecasting.RunningDay{Day: today, Share: .4, Sold: 12, Forecast: 24, Expected: 31, WeekFrom: today, WeekSold: 12, WeekForecast: 168, WeekExpected: 175}
	holds(t, draw(t, access.Buyer, "zh", RunningCard(run)), "今天预计", "31", "已卖 12，原预测 24", "175")
	holds(t, draw(t, access.Buyer, "en", RunningCard(run)), "This week, expected", "40%")
}
