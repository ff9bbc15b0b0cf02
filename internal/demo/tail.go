package demo

import (
	"fmt"
	"iter"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// tailStart is the number of the first SKU of a tail, above every code of a World.
const tailStart = 2_000_000

// Tail gives n SKUs in the manner of the assortment, cheaply: to fill a catalog to the size of a large retailer's. Their
// categories are those of a World; codes and GTINs are distinct from its and from each other for n up to eight million.
func Tail(n int) iter.Seq[catalog.SKUDraft] {
	type kind struct {
		offer offer
		brand brand
		v     variant
	}
	var kinds []kind
	for _, o := range offers {
		for _, b := range brands {
			for _, v := range o.variants {
				kinds = append(kinds, kind{o, b, v})
			}
		}
	}
	return func(yield func(catalog.SKUDraft) bool) {
		for i := range n {
			// A step that shares no factor with the number of kinds visits all of them in a scattered order.
			k := kinds[i*7919%len(kinds)]
			series := i/len(kinds) + 1
			number := tailStart + i
			body := fmt.Sprintf("699%09d", number)
			var d catalog.SKUDraft
			d.Code = fmt.Sprintf("MR-%07d", number)
			d.GTIN = body + digits(catalog.GTINCheck(body), 1)
			d.Name = catalog.Name{
				ZH: fmt.Sprintf("%s %s 系列 %d", k.brand.zh, named(k.offer.zh, k.v.zh), series),
				EN: fmt.Sprintf("%s %s Series %d", k.brand.en, named(k.offer.en, k.v.en), series),
			}
			d.CategoryCode, d.Unit, d.Temperature = k.offer.category, units[k.offer.unit], k.offer.temperature
			d.ShelfLifeDays, d.MinRemainingDays = k.offer.shelf, k.offer.shelf*2/3
			d.CartonPieces = quantity.Pieces(k.offer.carton)
			d.WeightGrams, d.VolumeML = k.offer.grams, k.offer.ml
			d.Price = retail(k.offer.yuan*k.v.price) + money.Fen(i%37*100)
			if !yield(d) {
				return
			}
		}
	}
}
