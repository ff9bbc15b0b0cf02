package demo

import (
	"math"
	"strings"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// terms makes what each item's firm has agreed, and for some items what a trading house offers at once and dearer.
func (w *World) terms() []catalog.TermDraft {
	var out []catalog.TermDraft
	for i := range w.list {
		it := &w.list[i]
		rng := w.random("terms " + it.Code)
		main := w.term(it, it.firm, rng)
		out = append(out, main)
		if it.Code == StorySKU || it.Retired != nil || !rng.chance(.16) {
			continue
		}
		house := "S-0304"
		if it.firm.origin == domestic {
			house = []string{"S-0301", "S-0301", "S-0302", "S-0303"}[rng.IntN(4)]
		}
		f := firmOf(house)
		second := main
		second.SupplierCode, second.ShipsToCode = house, f.shipsTo
		second.PartNo = "Z" + digits(rng.IntN(100_000), 5)
		second.Backup = true
		second.LeadMean, second.LeadSD = f.lead, f.spread
		second.MOQ = second.Pack
		second.CapacityDay = max(second.Pack, main.CapacityDay/4)
		price := float64(main.Breaks[0].Price) * rng.between(1.08, 1.2)
		second.Breaks = []catalog.PriceBreak{{From: second.MOQ, Price: cents(price)}}
		out = append(out, second)
	}
	return out
}

func (w *World) term(it *item, f firm, rng *random) catalog.TermDraft {
	t := catalog.TermDraft{SupplierCode: f.code, SKUCode: it.Code, ShipsToCode: f.shipsTo}
	t.PartNo = strings.TrimPrefix(f.code, "S-0") + "-" + strings.TrimPrefix(it.Code, "MR-")
	t.LeadMean, t.LeadSD = f.lead, f.spread
	t.Pack = packOf(it, f)
	// The least a factory runs is about a week of sales, in whole packs.
	t.MOQ = quantity.Pieces(max(it.rate*7, 1)).CeilTo(t.Pack)
	t.CapacityDay = quantity.Pieces(math.Max(float64(f.weekly)/7*math.Min(it.rate/60, 1), float64(t.Pack)))
	cost := float64(it.Price) * rng.between(.44, .56)
	if strings.HasPrefix(it.CategoryCode, "milk") {
		cost = float64(it.Price) * rng.between(.55, .6)
	}
	if it.Code == StorySKU {
		t.Pack, t.MOQ, t.LeadMean, t.LeadSD, t.CapacityDay = storyPack, storyMOQ, storyLead, storySpread, 520
		t.Breaks = []catalog.PriceBreak{{From: storyMOQ, Price: storyCost}, {From: 5 * storyMOQ, Price: storyCost * 95 / 100}}
		return t
	}
	t.Breaks = []catalog.PriceBreak{{From: t.MOQ, Price: cents(cost)}}
	if it.rate > 3 {
		t.Breaks = append(t.Breaks,
			catalog.PriceBreak{From: t.MOQ * 4, Price: cents(cost * .96)},
			catalog.PriceBreak{From: t.MOQ * 12, Price: cents(cost * .92)})
	}
	return t
}

// packOf gives what an item is ordered in: whole pallets of what sells a pallet in ten days, else cartons, and for slow
// goods an even part of a carton.
func packOf(it *item, f firm) quantity.Pieces {
	carton := it.CartonPieces
	if pallet := carton * quantity.Pieces(f.pallet); float64(pallet) < it.rate*10 {
		return pallet
	}
	pack := carton
	for pack%2 == 0 && float64(pack) > it.rate*21 {
		pack /= 2
	}
	return pack
}

// cents rounds an amount in fen to whole ten fen, as price lists do.
func cents(fen float64) money.Fen { return max(money.Fen(math.Round(fen/10))*10, 10) }
