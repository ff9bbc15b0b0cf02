package campaigns

import (
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"milkrun/c2m/campaign"
	"milkrun/web/ui"
)

func draftTitle(ctx context.Context, f campaignForm) string {
	if f.Number == "" {
		return ui.T(ctx, "campaigns.new")
	}
	return ui.T(ctx, "campaigns.edit_title", "Number", f.Number)
}

func (f campaignForm) back() string {
	if f.Number == "" {
		return "/campaigns"
	}
	return campaignHref(f.Number)
}

// ask is a field of the form with what was typed and what is wrong.
func (f campaignForm) ask(ctx context.Context, name string, field ui.Field) templ.Component {
	field.Name, field.Label = name, ui.T(ctx, "campaigns.form."+name)
	return ui.Ask(f.Of(field, ""))
}

// shown are the fields of the form beside those of the tiers.
var shown = []string{"name_zh", "name_en", "story_zh", "story_en", "spec", "sku", "site", "promise", "mode", "charge", "deposit", "balance_deadline", "group_size", "goal", "quota",
	"per_member", "moq", "start", "deadline", "pay_hours", "extensions", "threshold"}

// strays gives the faults that stand beside no field.
func (f campaignForm) strays() []string {
	known := slices.Clone(shown)
	for field := range f.Errors {
		if strings.HasPrefix(field, "t") && len(field) > 3 && field[1] >= '0' && field[1] <= '9' {
			known = append(known, field)
		}
	}
	return f.Rest(known...)
}

func cellType(kind string) string {
	if kind == "num" {
		return "text"
	}
	return kind
}

func (f campaignForm) siteChoices(ctx context.Context) []ui.Choice {
	out := []ui.Choice{{Value: "", Text: ui.Nothing}}
	for _, s := range f.Sites {
		out = append(out, ui.Choice{Value: s.Code, Text: ui.Name(ctx, s.Name)})
	}
	return out
}

func modeChoices(ctx context.Context) []ui.Choice {
	var out []ui.Choice
	for _, m := range campaign.Modes() {
		out = append(out, ui.Choice{Value: string(m), Text: ui.T(ctx, "campaigns.mode."+string(m))})
	}
	return out
}

func chargeChoices(ctx context.Context) []ui.Choice {
	return []ui.Choice{{Value: string(campaign.AtPledge), Text: ui.T(ctx, "campaigns.charge.at_pledge")}, {Value: string(campaign.OnSuccess), Text: ui.T(ctx, "campaigns.charge.on_success")}}
}
