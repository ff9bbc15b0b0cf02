package console

import (
	"context"
	"strings"
	"testing"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/web/ui"
)

// TestExplainTextTellsTheWholeDecision: the sum, the level and who delivers stand in the text, in both languages; another site's
// figures do not.
func TestExplainTextTellsTheWholeDecision(t *testing.T) {
	today := calendar.Date(2026, 11, 23)
	in := replenishment.Snapshot{Today: today, Class: replenishment.ClassHot, Settings: replenishment.WeeklySettings(),
		SKU:   catalog.SKU{ID: 7, Code: "MR-204817", Name: catalog.Name{ZH: "硅胶牙胶", EN: "Teether"}, Price: 29_90, CartonPieces: 60},
		Sites: []catalog.Site{{ID: 1, Code: "JX", Name: catalog.Name{ZH: "嘉兴", EN: "Jiaxing"}, Tier: catalog.Regional, Active: true}, {ID: 2, Code: "FS", Name: catalog.Name{ZH: "佛山", EN: "Foshan"}, Tier: catalog.Regional, Active: true}},
		Sources: []replenishment.Source{{Code: "B", Name: catalog.Name{ZH: "贝栗", EN: "Beili"}, Term: catalog.Term{Supplier: 3, SKU: 7, MOQ: 1200, Pack: 60, LeadMean: 9, LeadSD: 1,
			Breaks: []catalog.PriceBreak{{From: 1, Price: 12_80}}}}},
		Positions: []replenishment.Position{{Site: 1, OnHand: 300}},
		Supply:    []replenishment.Supply{{Kind: replenishment.SupplyOrder, Ref: "FO-2611-0387", Site: 1, Pieces: 120, Arrives: today.AddDays(3)}}}
	d := replenishment.Demand{Site: 1, Model: "ETS"}
	for range 60 {
		d.Mean, d.CumSD = append(d.Mean, 80), append(d.CumSD, 60)
	}
	in.Demand = []replenishment.Demand{d}
	e := replenishops.Explained{Snapshot: in, Result: replenishment.Plan(in)}
	e.MinMaxes = replenishment.MinMaxes(in, e.Result)
	var buy replenishment.Suggestion
	for _, s := range e.Suggestions {
		if s.Kind == replenishment.Buy {
			buy = s
		}
	}
	if buy.Pieces == 0 {
		t.Fatal("nothing is bought")
	}
	for language, want := range map[ui.Language][]string{
		ui.Chinese: {"MR-204817 硅胶牙胶", "嘉兴", "贝栗", "FO-2611-0387", "安全水位", "建议采购", "补货点", "到嘉兴", ui.Pieces(buy.Pieces)},
		ui.English: {"MR-204817 Teether", "Jiaxing", "Beili", "FO-2611-0387", "Safety stock", "Suggested purchase", "reorder point", ui.Pieces(buy.Pieces)},
	} {
		ctx := ui.WithView(context.Background(), &ui.View{Language: language, Now: time.Now(), Zone: time.UTC})
		var out strings.Builder
		if err := ExplainText(ctx, &out, e, 0); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%s: no %q in\n%s", language, w, out.String())
			}
		}
		if strings.Contains(out.String(), "explain.") || strings.Contains(out.String(), "<no value>") {
			t.Errorf("%s: a message is missing:\n%s", language, out.String())
		}
		var other strings.Builder
		if err := ExplainText(ctx, &other, e, 2); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(other.String(), "FO-2611-0387") {
			t.Errorf("%s: the other site's supply is told", language)
		}
	}
}
