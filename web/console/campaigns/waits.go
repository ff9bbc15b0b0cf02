package campaigns

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"milkrun/c2m"
	"milkrun/c2m/campaign"
	"milkrun/web/ui"
)

// waits is one thing that waits for the reader, with the way to do it.
type waits struct {
	Tone ui.Tone
	Icon string
	Text string
	Href string
	Word string
}

// campaignWaits lists what waits for the buyer, the most pressing first.
func campaignWaits(ctx context.Context, v *campaignView) []waits {
	look := ui.T(ctx, "campaigns.wait.look")
	var out []waits
	if n := len(v.Troubled); n > 0 {
		out = append(out, waits{ui.Risk, "cash", ui.T(ctx, "campaigns.wait.money", ui.Count, n), "#money", look})
	}
	out = append(out, lotWaits(ctx, v)...)
	if v.State == campaign.Draft {
		out = append(out, draftWaits(ctx, v)...)
	}
	if v.Drafts > 0 {
		out = append(out, waits{ui.Watch, "message", ui.T(ctx, "campaigns.wait.messages", ui.Count, v.Drafts), v.Here + "/messages", look})
	}
	return out
}

// draftWaits says what keeps a draft from being published.
func draftWaits(ctx context.Context, v *campaignView) []waits {
	var faults *campaign.TermsError
	if errors.As(v.Terms.Check(v.Now), &faults) {
		return []waits{{ui.Act, "pencil", ui.T(ctx, "campaigns.wait.draft", ui.Count, len(fieldWords(ctx, faults)), "Fields", strings.Join(fieldWords(ctx, faults), ui.Pick(ctx, "、", ", "))),
			v.Here + "/edit?check=1", ui.T(ctx, "campaigns.wait.edit")}}
	}
	return []waits{{ui.Act, "speakerphone", ui.T(ctx, "campaigns.wait.publish"), "", ""}}
}

// fieldWords names the faulty fields of a draft, each once.
func fieldWords(ctx context.Context, e *campaign.TermsError) []string {
	var out []string
	for _, f := range e.Faults {
		field, _, inTier := strings.Cut(f.Field, ".")
		word := ui.T(ctx, "campaigns.form."+strings.Replace(field, "pay_within", "pay_hours", 1))
		if inTier || field == "tiers" {
			word = ui.T(ctx, "campaigns.tiers")
		}
		if !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

// lotWaits says what is to be done about the lots.
func lotWaits(ctx context.Context, v *campaignView) []waits {
	look, here := ui.T(ctx, "campaigns.wait.look"), v.Here+"/lots"
	var out []waits
	switch {
	case v.MayOrder() && (v.SKU == 0 || v.ShipTo == 0):
		out = append(out, waits{ui.Watch, "alert-triangle", ui.T(ctx, "campaigns.refused.goods"), v.Here + "/goods", ui.T(ctx, "campaigns.refused.to_goods")})
	case canPlan(v) && len(v.Lots) == 0:
		out = append(out, waits{ui.Act, "building-factory-2", ui.T(ctx, "campaigns.wait.lots"), v.Here + "/plan", ui.T(ctx, "campaigns.wait.choose")})
	}
	if n, pieces := unserved(v); n > 0 && len(v.Lots) > 0 && !v.State.Over() {
		out = append(out, waits{ui.Risk, "alert-octagon", ui.T(ctx, "campaigns.wait.unserved", ui.Count, n, "Pieces", pieces), v.Here + "/plan", ui.T(ctx, "campaigns.order_rest")})
	}
	drafts := 0
	seen := map[int64]bool{}
	first := ""
	for _, l := range v.Lots {
		if order := v.Orders[c2m.OrderID(l.Order)]; l.Order != 0 && !seen[l.Order] && order.State == string(c2m.StateDraft) {
			if drafts++; first == "" {
				first = "/orders/" + order.Number
			}
		}
		seen[l.Order] = true
	}
	if drafts > 0 && !v.State.Over() {
		out = append(out, waits{ui.Act, "send", ui.T(ctx, "campaigns.wait.orders", ui.Count, drafts), first, look})
	}
	if n := openMaterials(v); n > 0 && !v.State.Over() {
		out = append(out, waits{ui.Act, "shopping-cart", ui.T(ctx, "campaigns.wait.materials", ui.Count, n), "#materials", look})
	}
	for _, l := range v.Lots {
		if l.Late() > 0 && l.State == campaign.LotOrdered && !v.State.Over() {
			out = append(out, waits{ui.Risk, "clock-exclamation", ui.T(ctx, "campaigns.wait.late", "No", l.No, ui.Count, l.Late()), fmt.Sprintf("%s#lot-%d", here, l.No), look})
		}
	}
	if s := v.Work.Selling; s.Ripe() && !v.State.Over() {
		out = append(out, waits{ui.Act, "package-export", ui.T(ctx, "campaigns.wait.ripe", ui.Count, s.Next, "Share", ui.Percent(s.Share(), 0)), fmt.Sprintf("%s#lot-%d", here, s.Next), look})
	}
	return out
}

// canPlan tells whether the reader may choose a plan for pieces that no lot makes.
func canPlan(v *campaignView) bool {
	if !v.Edit || !v.MayOrder() || v.SKU == 0 || v.ShipTo == 0 {
		return false
	}
	n, _ := unserved(v)
	return len(v.Lots) == 0 || n > 0
}

// unserved counts the live pledges that no lot serves, and their pieces.
func unserved(v *campaignView) (pledges int, pieces int64) {
	for _, x := range v.Work.Servings {
		if x.Lot == 0 {
			pledges, pieces = pledges+x.Pledges, pieces+x.Pieces
		}
	}
	return pledges, pieces
}

// nothingWaits says what comes next where nothing waits for the reader.
func nothingWaits(ctx context.Context, v *campaignView) string {
	switch {
	case v.State.Over():
		return ui.T(ctx, "campaigns.calm_over")
	case v.State.Running():
		return ui.T(ctx, "campaigns.calm_running", "At", ui.Moment(ctx, v.Deadline))
	case v.State == campaign.Balance:
		return ui.T(ctx, "campaigns.calm_balance", "At", ui.Moment(ctx, v.BalanceEnd()))
	}
	return ui.T(ctx, "campaigns.calm_making")
}
