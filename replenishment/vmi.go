package replenishment

import (
	"cmp"
	"slices"

	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// MinMax is what a supplier who manages the stock himself (VMI) keeps to: when the position of a site with all it feeds is
// at Min or below, he sends what brings it to Max.
type MinMax struct {
	SKU      catalog.SKUID      `json:"sku"`
	Site     catalog.SiteID     `json:"site"`
	Supplier catalog.SupplierID `json:"supplier"`
	Min      quantity.Pieces    `json:"min"`
	Max      quantity.Pieces    `json:"max"`
	Position quantity.Pieces    `json:"position"`
	// Send is what he should send now, in whole packs and at least the minimum order; 0 when nothing.
	Send quantity.Pieces `json:"send"`
}

// MinMaxes gives the bounds for each site that buys, for the supplier it would order from: the levels of a plan as a
// supplier needs them. Sites without demand have none. They are ordered by site.
func MinMaxes(in Snapshot, r Result) []MinMax {
	p := newPlanner(&in)
	defer p.arena.release()
	var out []MinMax
	for _, l := range r.Levels {
		n := p.byID[l.Site]
		if n == nil || !n.buys || l.Echelon.OrderUpTo <= 0 {
			continue
		}
		src := n.sources[0]
		m := MinMax{SKU: in.SKU.ID, Site: l.Site, Supplier: src.Supplier, Min: l.Echelon.ReorderPoint, Max: l.Echelon.OrderUpTo, Position: l.Echelon.Position}
		if m.Position <= m.Min && m.Position < m.Max {
			m.Send = lot(src, m.Max-m.Position)
		}
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b MinMax) int { return cmp.Compare(a.Site, b.Site) })
	return out
}
