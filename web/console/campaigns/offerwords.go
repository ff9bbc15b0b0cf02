package campaigns

import (
	"context"

	"milkrun/c2m/campaign"
	"milkrun/c2m/supplier"
	"milkrun/internal/quantity"
	"milkrun/web/ui"
)

// saidPrice is the price of an offer in its own currency.
func saidPrice(q campaign.Quotation) string {
	return q.Said.Currency + " " + written(supplier.Currency(q.Said.Currency), q.Said.Price)
}

// unbounded is the capacity of terms of trade that name none.
const unbounded quantity.Pieces = campaign.MaxPieces

func capacityWord(ctx context.Context, q campaign.Quotation) string {
	if q.Capacity >= unbounded {
		return ui.T(ctx, "campaigns.unbounded")
	}
	return ui.Pieces(q.Capacity)
}

func offerTitle(ctx context.Context, p *offersPage) string {
	if p.Changing != "" {
		return ui.T(ctx, "campaigns.offer.change", "Factory", p.Changing)
	}
	return ui.T(ctx, "campaigns.offer.new")
}

// currencyChoices offers the currencies that have a rate.
func currencyChoices(p *offersPage) []ui.Choice {
	var out []ui.Choice
	for _, c := range supplier.Currencies() {
		if rate, ok := p.Rates[c]; ok && c != supplier.CNY {
			out = append(out, ui.Choice{Value: string(c), Text: string(c) + " × " + ui.Decimal(float64(rate)/1e6, 4)})
		} else if c == supplier.CNY {
			out = append(out, ui.Choice{Value: string(c), Text: string(c)})
		}
	}
	return out
}

// billColumns are the columns of the bill of materials.
var billColumns = []string{"code", "name", "name_en", "unit", "per", "scrap", "on_hand", "pack", "moq"}

func billNumber(name string) bool {
	switch name {
	case "per", "scrap", "on_hand", "pack", "moq":
		return true
	}
	return false
}
