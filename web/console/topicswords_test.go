package console

import (
	"strings"
	"testing"
	"time"

	"milkrun/forecasting"
	"milkrun/internal/calendar"
	"milkrun/web/ui"
)

// TestTheLagSaysSinceWhen: a lag that was another one before is shown with the day it holds from.
func TestTheLagSaysSinceWhen(t *testing.T) {
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	for language, want := range map[ui.Language]string{ui.English: "since 9 May;", ui.Chinese: "5 月 9 日"} {
		ctx := ui.WithView(t.Context(), &ui.View{Language: language, Now: now, Zone: time.UTC})
		always := effectFigures(ctx, forecasting.TopicEffect{Lag: 12})[0].Note
		changed := effectFigures(ctx, forecasting.TopicEffect{Lag: 12, Since: calendar.Date(2026, 5, 9)})[0].Note
		if strings.Contains(always, want) || !strings.Contains(changed, want) {
			t.Errorf("%s: %q always, %q since a day", language, always, changed)
		}
	}
}
