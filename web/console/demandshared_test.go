package console

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"milkrun/forecasting"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/warehouse"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

func TestFlagsNeverStandOnEachOther(t *testing.T) {
	ctx := readers()["zh"]
	all := forecasting.China().Spans(calendar.Date(2024, 11, 1), calendar.Date(2027, 2, 20))
	var spans []forecasting.EventSpan
	for _, e := range all {
		spans = append(spans, forecasting.EventSpan{Event: e, Name: forecasting.EventName(e.Code)})
	}
	for _, c := range []struct {
		long  bool
		shown int
	}{{true, 830}, {false, 238}, {false, 88}} {
		flags := spanFlags(ctx, spans, c.long, c.shown)
		for i := 1; i < len(flags); i++ {
			if gap := flags[i].Day.Sub(flags[i-1].Day); gap < c.shown*7/100 {
				t.Errorf("%+v: %s and %s stand %d days apart", c, flags[i-1].Name, flags[i].Name, gap)
			}
		}
		names := fmt.Sprint(flags)
		if !strings.Contains(names, "双11") || !strings.Contains(names, "618") || strings.Contains(names, "预热") {
			t.Errorf("%+v: %s", c, names)
		}
	}
	if d := peak(forecasting.Event{Code: "double11", From: calendar.Date(2026, 11, 10), To: calendar.Date(2026, 11, 11)}); d != calendar.Date(2026, 11, 11) {
		t.Errorf("double 11 is on %s", d)
	}
}

func TestRegionsFollowTheLanes(t *testing.T) {
	site := func(id catalog.SiteID, code string, tier catalog.Tier) catalog.SiteRecord {
		return catalog.SiteRecord{Site: catalog.Site{ID: id, Code: code, Tier: tier}}
	}
	lane := func(from, to catalog.SiteID, priority int) catalog.LaneRecord {
		return catalog.LaneRecord{Lane: catalog.Lane{From: from, To: to, Priority: priority}}
	}
	sites := []catalog.SiteRecord{site(1, "NGB", catalog.Bonded), site(2, "JX", catalog.Regional), site(3, "FS", catalog.Regional), site(4, "XH", catalog.Front), site(5, "ST", catalog.Station), site(6, "LOOP", catalog.Front), site(7, "ALONE", catalog.Front)}
	lanes := []catalog.LaneRecord{lane(1, 2, 1), lane(3, 4, 2), lane(2, 4, 1), lane(4, 5, 1), lane(5, 6, 2), lane(6, 6, 1)}
	got := regions(sites, lanes)
	if len(got) != 2 || got[0].Code != "JX" || !slices.Equal(got[0].Sites, []catalog.SiteID{2, 4, 5}) || !slices.Equal(got[1].Sites, []catalog.SiteID{3}) {
		t.Errorf("regions: %+v", got)
	}
}

func TestStoryAddsUpAndWeighs(t *testing.T) {
	week := []float64{1, 1, 1, 1, 1, 1, 1}
	sites := []forecasting.SiteOutlook{
		{PerDay: 30, Model: "theta2+ets+window91+2", Name: catalog.Name{ZH: "嘉兴"}, Why: forecasting.Explanation{Level: 30, TrendPerDay: 0.1, Weekly: []float64{1, 1, 1, 1, 1, 2, 0}, HistoryDays: 700,
			Promotion: &forecasting.PromotionNote{Elasticity: 2, PastDays: 30}, Censored: forecasting.CensoredNote{Days: 4, Sold: 10, Demand: 25}, FVA: forecasting.FVANote{Naive: 1, Percent: 20}, Notes: []forecasting.Note{forecasting.NoteGaps}}},
		{PerDay: 10, Model: "tsb", Why: forecasting.Explanation{Level: 10, TrendPerDay: -0.1, Weekly: week, HistoryDays: 400, FVA: forecasting.FVANote{Naive: 1, Percent: -20}, Notes: []forecasting.Note{forecasting.NoteGaps}}},
	}
	s := storyOf(sites)
	if s.Level != 40 || math.Abs(s.Trend) > 1e-9 || s.History != 700 || s.SoldOut != 4 || s.Demand-s.Sold != 15 || len(s.Notes) != 1 {
		t.Errorf("sums: %+v", s)
	}
	if math.Abs(s.Week[5]-1.75) > 1e-9 || math.Abs(s.Week[6]-0.25) > 1e-9 || math.Abs(s.Better-10) > 1e-9 || math.Abs(s.Cut-math.Exp(0.4)) > 1e-9 {
		t.Errorf("weights: week %v, better %v, cut %v", s.Week, s.Better, s.Cut)
	}
	if empty := storyOf(nil); empty.Weekly || empty.Yearly || empty.BetterMeasured {
		t.Errorf("of nothing: %+v", empty)
	}
	zh, en := readers()["zh"], readers()["en"]
	if got := modelName(zh, "theta2+ets+window91+2"); got != "Theta + ETS + 91 天均值 等 5 个加权" {
		t.Errorf("model: %s", got)
	}
	if got := modelName(en, "ets_index"); got != "ETS (season taken out)" {
		t.Errorf("model: %s", got)
	}
	if got := modelName(en, "something_new"); got != "something_new" {
		t.Errorf("an unknown model is called %s", got)
	}
	for _, b := range weekdayBars(zh, s) {
		if b.Height < 0 || b.Height > 40 || b.Name == "" {
			t.Errorf("bar %+v", b)
		}
	}
}

func TestLatelyComparesWithTheSameWeekday(t *testing.T) {
	from := calendar.Date(2026, 10, 5)
	d := forecasting.SKUPage{From: from}
	for i := range 49 {
		n := 10.0
		if i%7 == 5 {
			n = 40
		}
		if i >= 46 {
			n *= 2
		}
		d.Daily = append(d.Daily, forecasting.DemandDay{Known: true, Demand: n})
	}
	if got := lately(d, from.AddDays(47)); math.Abs(got-2) > 1e-9 {
		t.Errorf("doubled demand is ×%v", got)
	}
	if got := lately(d, from.AddDays(40)); math.Abs(got-1) > 1e-9 {
		t.Errorf("usual demand is ×%v", got)
	}
	if got := lately(forecasting.SKUPage{From: from}, from); got != 1 {
		t.Errorf("nothing known is ×%v", got)
	}
}

func TestSmallWords(t *testing.T) {
	zh := readers()["zh"]
	if got := desk.Dots("", "a", "", "b"); got != "a · b" {
		t.Errorf("dots: %q", got)
	}
	for f, want := range map[money.Fen]string{3_594_550_000: "¥3,590 万", 1_234_500: "¥1.2 万", 99_900: "¥999", 0: "¥0", -1_234_500: "−¥1.2 万"} {
		if got := yuanShort(zh, f); got != want {
			t.Errorf("%d fen: %s, want %s", f, got, want)
		}
	}
	for name, want := range map[string]string{"上海徐汇前置仓": "上海徐汇", "嘉兴区域仓": "嘉兴区域", "上海龙漕驿站": "上海龙漕驿站", "仓": "仓"} {
		if got := siteShort(zh, catalog.Site{Name: catalog.Name{ZH: name}}); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for c, want := range map[replenishops.CoverCell]string{{SKUs: 100, Out: 10}: "running_out", {SKUs: 100, Out: 9, Short: 25}: "low", {SKUs: 100, TooMuch: 40}: "too_much", {SKUs: 100, TooMuch: 30}: "enough", {}: "enough"} {
		if got := coverState(c); got != want {
			t.Errorf("%+v: %s, want %s", c, got, want)
		}
	}
	today := calendar.Date(2026, 11, 23)
	soon, late, gone := today.AddDays(30), today.AddDays(300), today.AddDays(-1)
	for expiry, want := range map[*calendar.Day]ui.Tone{&soon: ui.Watch, &late: ui.OK, &gone: ui.Risk, nil: ui.Plain} {
		if got := lifeTone(warehouse.LotStock{Expiry: expiry}, 60, today); got != want {
			t.Errorf("expiry %v: %s", expiry, got)
		}
	}
}

// TestEveryComputedWordIsWritten says every word whose id is put together, in both languages.
func TestEveryComputedWordIsWritten(t *testing.T) {
	var ids []string
	each := func(prefix string, names ...string) {
		for _, n := range names {
			ids = append(ids, prefix+n)
		}
	}
	for _, c := range classes() {
		each("demand.class_", string(c))
	}
	for rank := range int16(5) {
		each("status.stock.", stockStatus(rank))
	}
	for _, s := range []forecasting.RunState{forecasting.RunQueued, forecasting.RunEffects, forecasting.RunShards, forecasting.RunFinishing, forecasting.RunPublished, forecasting.RunFailed} {
		each("runs.doing_", string(s))
		each("status.job.", runStatus(s))
	}
	each("runs.kind_", string(forecasting.Nightly), string(forecasting.Manual))
	for _, n := range []forecasting.Note{forecasting.NoteNoHistory, forecasting.NoteShortHistory, forecasting.NoteNoDemand, forecasting.NoteDead, forecasting.NoteGaps, forecasting.NoteMostlyEmpty, forecasting.NoteHeatGated,
		forecasting.NoteHeatStale, forecasting.NotePromoAssumed} {
		each("sku.remark_", string(n))
	}
	for _, tier := range catalog.Tiers() {
		each("sku.tier_", string(tier))
	}
	for _, x := range spans {
		each("sku.span_", x.Key)
		each("sku.chart_", x.Key)
	}
	for _, s := range warehouse.Statuses() {
		each("stock.status_", string(s))
	}
	for _, s := range []forecasting.SpikeState{forecasting.SpikeOpen, forecasting.SpikeEnded, forecasting.SpikeWithdrawn} {
		each("topics.state_", string(s))
	}
	each("search.over_", string(catalog.SKUHit), string(catalog.SupplierHit))
	each("sku.verb_", "suggestion_approve", "suggestion_change", "suggestion_reject", "suggestion_take_back", "sku_edit", "sku_add")
	each("runs.cause_", "manual", "forecast", "settings", "heat", "stock")
	for language, ctx := range readers() {
		for _, id := range ids {
			if ui.T(ctx, id, ui.Count, 2) == id {
				t.Errorf("%s: %s is not written", language, id)
			}
		}
	}
}

func TestHistoryIsSaid(t *testing.T) {
	zh := readers()["zh"]
	e := audit.Entry{Verb: "suggestion.change", Thing: "suggestion", Before: []byte(`{"pieces":4200,"note":""}`), After: []byte(`{"pieces":4000,"note":"预算"}`)}
	if got := historyVerb(zh, e) + " " + historyNote(zh, e); got != "改数 4,200 → 4,000 · 预算" {
		t.Errorf("a change: %q", got)
	}
	if got := historyNote(zh, audit.Entry{Verb: "sku.edit", Thing: "sku", After: []byte(`{"Price":3290,"GTIN":"1"}`)}); got != "改了 GTIN, Price" {
		t.Errorf("an edit: %q", got)
	}
	if got := historyNote(zh, audit.Entry{Thing: "suggestion", Before: []byte(`null`), After: []byte(`broken`)}); got != "" {
		t.Errorf("what cannot be read: %q", got)
	}
	if got := historyVerb(zh, audit.Entry{Verb: "new.verb"}); got != "new.verb" {
		t.Errorf("a new verb: %q", got)
	}
}

func TestQuietCardSpeaksInFigures(t *testing.T) {
	zh := readers()["zh"]
	y := skuWhy{Levels: []replenishment.WaterLevel{{OnHand: 100, Available: 90, OnOrder: 20, SafetyPieces: 30, OwnPerDay: 9}}}
	if got := quiet(zh, y); !strings.Contains(got, "在手 100，在途 20，够卖 10 天；水位 30") {
		t.Errorf("quiet: %s", got)
	}
	at := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	y.Last = &replenishment.Suggestion{State: replenishment.StateRejected, Pieces: 60, Note: "将换代", At: &at, Key: replenishment.Key{Kind: replenishment.Buy}}
	if got := decisionWords(zh, y); !strings.Contains(got, "驳回采购 60") || !strings.HasSuffix(got, "：将换代") {
		t.Errorf("last decision: %s", got)
	}
}

func TestMattersComeInTheOrderOfTheJob(t *testing.T) {
	m := mattersFor{page: &todayPage{}}
	for _, r := range []access.Role{access.Buyer, access.Planner, access.Lead, access.Warehouse, access.Admin} {
		if n := len(m.order(r)); n < todoMost {
			t.Errorf("%s: only %d things may wait", r, n)
		}
	}
}
