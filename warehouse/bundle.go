package warehouse

import (
	"errors"
	"math/big"
	"slices"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// ErrEmptyBundle refuses to explode a bundle without components.
var ErrEmptyBundle = errors.New("warehouse: the bundle has no components")

// Component is a part of a bundle: so many pieces of a SKU in each bundle.
type Component struct {
	SKU    catalog.SKUID
	Pieces quantity.Pieces
	// ShareBP is the part of the bundle's price in ten-thousandths. Where no component has one, the retail prices divide it.
	ShareBP int
	Price   money.Fen // retail, a piece
}

// Part is what a bundle's line becomes for one component.
type Part struct {
	SKU    catalog.SKUID
	Pieces quantity.Pieces
	Amount money.Fen
}

// Explode gives the components of so many bundles that were paid with amount. The amounts of the parts add up to it to the
// fen: each gets its share rounded down, and the rest goes fen by fen to the largest remainders (Hare–Niemeyer).
func Explode(components []Component, bundles quantity.Pieces, amount money.Fen) ([]Part, error) {
	if len(components) == 0 {
		return nil, ErrEmptyBundle
	}
	weights := weigh(components)
	total := new(big.Int)
	for _, w := range weights {
		total.Add(total, w)
	}
	out := make([]Part, len(components))
	rests := make([]*big.Int, len(components))
	left := amount
	for i, c := range components {
		share, rest := new(big.Int).DivMod(new(big.Int).Mul(big.NewInt(int64(amount)), weights[i]), total, new(big.Int))
		out[i] = Part{SKU: c.SKU, Pieces: c.Pieces * bundles, Amount: money.Fen(share.Int64())}
		rests[i] = rest
		left -= out[i].Amount
	}
	order := make([]int, len(components))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return rests[b].Cmp(rests[a]) })
	for _, i := range order[:left] {
		out[i].Amount++
	}
	return out, nil
}

// weigh gives what divides the price: the shares, else retail prices, else pieces. Their sum is above zero.
func weigh(components []Component) []*big.Int {
	for _, weight := range []func(Component) *big.Int{
		func(c Component) *big.Int { return big.NewInt(int64(c.ShareBP)) },
		func(c Component) *big.Int {
			return new(big.Int).Mul(big.NewInt(int64(c.Price)), big.NewInt(int64(c.Pieces)))
		},
	} {
		weights, some := make([]*big.Int, len(components)), false
		for i, c := range components {
			weights[i] = weight(c)
			some = some || weights[i].Sign() > 0
		}
		if some {
			return weights
		}
	}
	weights := make([]*big.Int, len(components))
	for i, c := range components {
		weights[i] = big.NewInt(int64(max(c.Pieces, 1)))
	}
	return weights
}
