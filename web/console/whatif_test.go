package console

import (
	"net/url"
	"strings"
	"testing"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishops"
	"milkrun/web/ui"
)

// TestChangeOfTheForm reads boxes as people fill them, and marks each that is wrong.
func TestChangeOfTheForm(t *testing.T) {
	ctx := ui.WithView(access.WithUser(t.Context(), access.User{}), &ui.View{Language: ui.Chinese})
	p := whatIfPage{Errors: map[string]string{}, Values: url.Values{"service": {"98.5%"}, "lead": {"-2.5"}, "moq": {"1,200"}, "heat_peak": {"3"}, "outage_days": {"7"}}}
	p.change(ctx)
	if c := p.Change; len(p.Errors) > 0 || c.Service != 0.985 || c.LeadDays != -2.5 || c.MOQ == nil || *c.MOQ != 1200 || c.HeatPeak != 3 || c.HeatDays != 10 || c.OutageDays != 7 {
		t.Errorf("%+v, %v", p.Change, p.Errors)
	}
	for box, text := range map[string]string{"service": "120", "lead": "soon", "moq": "2.5", "heat_peak": "NaN", "outage_days": "-1", "heat_from": "1e9"} {
		p := whatIfPage{Errors: map[string]string{}, Values: url.Values{box: {text}}}
		if p.change(ctx); p.Errors[box] == "" || len(p.Errors) != 1 {
			t.Errorf("%s = %s: %v", box, text, p.Errors)
		}
	}
}

// TestFiguresSideBySide: what gets worse is red, what gets better green, what stays has no difference.
func TestFiguresSideBySide(t *testing.T) {
	ctx := ui.WithView(access.WithUser(t.Context(), access.User{}), &ui.View{Language: ui.Chinese})
	var r replenishops.WhatIf
	r.Now = replenishment.Scenario{StockoutRate: 0.05, FillRate: 0.95, AvgStock: 1000, Cash: 10_000_00}
	r.Then = replenishment.Scenario{StockoutRate: 0.02, FillRate: 0.98, AvgStock: 1200, Cash: 10_000_00}
	rows := whatIfPage{Result: &r}.rows(ctx)
	if f := rows[0]; f.Now != "5.0%" || f.Then != "2.0%" || f.Diff != "−3.0%" || f.Tone != ui.OK {
		t.Errorf("%+v", f)
	}
	if f := rows[1]; f.Tone != ui.OK || f.Diff != "+3.0%" {
		t.Errorf("%+v", f)
	}
	if f := rows[3]; f.Tone != ui.Risk || f.Diff != "+200" {
		t.Errorf("%+v", f)
	}
	if f := rows[6]; f.Diff != ui.Nothing || f.Tone != "" {
		t.Errorf("%+v", f)
	}
}

// TestAlarmWords: every kind and remedy has its words in both languages, and each alarm leads somewhere.
func TestAlarmWords(t *testing.T) {
	for _, lang := range []ui.Language{ui.Chinese, ui.English} {
		ctx := ui.WithView(access.WithUser(t.Context(), access.User{}), &ui.View{Language: lang})
		for _, w := range replenishment.Watches() {
			a := replenishops.AlarmLine{SKUCode: "MR-1", SiteName: catalog.Name{ZH: "嘉兴", EN: "Jiaxing"}}
			a.Watch, a.Value, a.Pieces = w, 2.5, quantity.Pieces(40)
			for _, word := range []string{watchWord(ctx, w), alarmValue(ctx, a), ui.T(ctx, "alarms.limit_"+string(w)), ui.T(ctx, "alarms.unit_"+string(w))} {
				if word == "" || strings.Contains(word, "alarms.") {
					t.Errorf("%s of %s: %q", lang, w, word)
				}
			}
			if href := alarmHref(a); !strings.HasPrefix(href, "/") || href == "/alarms" {
				t.Errorf("%s leads to %s", w, href)
			}
		}
		for _, r := range []replenishment.Remedy{replenishment.RemedyBackup, replenishment.RemedyBuy, replenishment.RemedyTransfer, replenishment.RemedyPresell,
			replenishment.RemedyExpedite, replenishment.RemedyClear, replenishment.RemedySource, replenishment.RemedyInspect, replenishment.RemedyLead} {
			if word := remedyWord(ctx, r); word == "" || strings.Contains(word, "alarms.") {
				t.Errorf("%s of %s: %q", lang, r, word)
			}
		}
	}
}
