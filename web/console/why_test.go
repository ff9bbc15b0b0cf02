package console

import (
	"context"
	"strings"
	"testing"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/replenishment"
	"milkrun/web/ui"
)

// readers are contexts of a Chinese and an English reader.
func readers() map[string]context.Context {
	out := map[string]context.Context{}
	for _, l := range []ui.Language{ui.Chinese, ui.English} {
		out[string(l)] = ui.WithView(context.Background(), &ui.View{Language: l, Now: time.Unix(1795400000, 0)})
	}
	return out
}

func TestEveryStepAndWarningIsSaid(t *testing.T) {
	day := calendar.Day(20780)
	name := catalog.Name{ZH: "嘉兴", EN: "Jiaxing"}
	args := replenishment.Args{Days: 12.5, LeadDays: 9, ReviewDays: 3, DownstreamDays: .5, PerDay: 214, BasePerDay: 117, Heat: 1.83, Service: .975, LifeShare: .31,
		Date: &day, Refs: []string{"FO-2611-0387"}, SiteName: &name, SupplierName: &name, Sites: 4, OnHand: 1236, Reserved: 96, Need: 4180, MOQ: 1200, Pack: 60, Packs: 70,
		Pieces: 4200, UnitPrice: 1280, Money: 5376000}
	for language, ctx := range readers() {
		for _, k := range replenishment.StepKeys() {
			rows := whyRows(ctx, replenishment.Explanation{Steps: []replenishment.Step{{Op: replenishment.OpPlus, Key: k, Pieces: 7, Args: args}}})
			for _, text := range []string{rows[0].Label, rows[0].Note} {
				if text == "" || strings.Contains(text, "why") || strings.Contains(text, "<no value>") {
					t.Errorf("%s: %s is said as %q", language, k, text)
				}
			}
		}
		for _, w := range replenishment.TurnWhys() {
			turn := &replenishment.Turn{Why: w, Rivals: []replenishment.Rival{{Name: name, Chosen: true, ShareBP: 6000, Given: 1200, GivenBP: 4800, Unit: 1280, LeadDays: 9}, {Name: name, Backup: true, Unit: 1320, LeadDays: 3}}}
			all := turnText(ctx, turn)
			for _, pair := range turnPairs(ctx, turn) {
				all += pair[0] + pair[1]
			}
			if strings.Contains(all, "turn_") || strings.Contains(all, "rival") || strings.Contains(all, "<no value>") || !strings.Contains(all, "60%") {
				t.Errorf("%s: the choice %s is said as %q", language, w, all)
			}
		}
		for _, c := range replenishment.WarningCodes() {
			if text := warningText(ctx, replenishment.Warning{Code: c, Ref: "FO-1", Args: args}); strings.Contains(text, "warn.") || strings.Contains(text, "<no value>") {
				t.Errorf("%s: %s is said as %q", language, c, text)
			}
		}
	}
}
