package console

import (
	"context"
	"strconv"

	"milkrun/replenishment"
	"milkrun/web/console/desk"
	"milkrun/web/ui"
)

func watchChoices(ctx context.Context) []ui.Choice {
	out := []ui.Choice{{Text: ui.T(ctx, "alarms.all_kinds")}}
	for _, w := range replenishment.Watches() {
		out = append(out, ui.Choice{Value: string(w), Text: watchWord(ctx, w)})
	}
	return out
}

func dayChoices(ctx context.Context) []ui.Choice {
	var out []ui.Choice
	for _, d := range whatIfDays {
		out = append(out, ui.Choice{Value: strconv.Itoa(d), Text: ui.T(ctx, "whatif.weeks", ui.Count, d/7)})
	}
	return out
}

// whatIfNote names what is played.
func whatIfNote(ctx context.Context, p whatIfPage) string {
	if p.SKU != nil {
		return desk.Dots(p.SKU.Code, ui.Name(ctx, p.SKU.Name))
	}
	return ui.T(ctx, "whatif.top", ui.Count, len(p.Result.SKUs))
}
