package warehouse

import (
	"fmt"
	"slices"
	"strings"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Bounds of a bundle.
const (
	MaxComponents      = 50
	MaxComponentPieces = quantity.Pieces(1000)
)

// BundleProblem says what is wrong with a bundle. The pages hold the words.
type BundleProblem string

// What can be wrong with a bundle.
const (
	BundleUnknown   BundleProblem = "unknown"   // no such SKU
	BundleItself    BundleProblem = "itself"    // it would be a component of itself
	BundleTwice     BundleProblem = "twice"     // a component comes twice
	BundleNested    BundleProblem = "nested"    // a component is a bundle, or the bundle is a component of another
	BundlePieces    BundleProblem = "pieces"    // pieces of a component below 1 or above MaxComponentPieces
	BundleShare     BundleProblem = "share"     // a share below 0 or above 100 %
	BundleShares    BundleProblem = "shares"    // shares that do not add up to 100 %
	BundleTooMany   BundleProblem = "too_many"  // more than MaxComponents
	BundleStock     BundleProblem = "stock"     // pieces of the SKU itself stand in the house
	BundleOpenLines BundleProblem = "open"      // open orders ask for the SKU itself
	BundleChanged   BundleProblem = "changed"   // another has changed it meanwhile
	BundleNothing   BundleProblem = "no_change" // a bundle that is none has nothing to dissolve
)

// BundleFault is a bundle that cannot be stored: Component is the code that it is about, empty for the bundle as a whole; Value is
// what was given, or how many pieces stand in the way.
type BundleFault struct {
	Problem           BundleProblem
	Bundle, Component string
	Value             int64
}

func (e *BundleFault) Error() string {
	return fmt.Sprintf("warehouse: bundle %s, component %q: %s (%d)", e.Bundle, e.Component, e.Problem, e.Value)
}

// BundlePart is a component as people give it.
type BundlePart struct {
	Code   string
	Pieces quantity.Pieces
	// ShareBP is the part of the bundle's price in ten-thousandths; 0 on all divides by retail prices.
	ShareBP int
}

// BundleDraft is a bundle as people give it. Without parts it is dissolved: the SKU is stocked itself again.
type BundleDraft struct {
	Code  string
	Parts []BundlePart
}

// Check answers a *BundleFault for the first thing that is wrong with the draft by itself.
func (d BundleDraft) Check() error {
	if len(d.Parts) > MaxComponents {
		return &BundleFault{BundleTooMany, d.Code, "", int64(len(d.Parts))}
	}
	seen, sum := map[string]bool{}, 0
	for _, p := range d.Parts {
		switch {
		case p.Code == d.Code:
			return &BundleFault{BundleItself, d.Code, p.Code, 0}
		case seen[p.Code]:
			return &BundleFault{BundleTwice, d.Code, p.Code, 0}
		case p.Pieces < 1 || p.Pieces > MaxComponentPieces:
			return &BundleFault{BundlePieces, d.Code, p.Code, int64(p.Pieces)}
		case p.ShareBP < 0 || p.ShareBP > 10_000:
			return &BundleFault{BundleShare, d.Code, p.Code, int64(p.ShareBP)}
		}
		seen[p.Code] = true
		sum += p.ShareBP
	}
	if sum != 0 && sum != 10_000 {
		return &BundleFault{BundleShares, d.Code, "", int64(sum)}
	}
	return nil
}

// BundleComponent is a component as pages show it, with what is free of it in the whole house.
type BundleComponent struct {
	SKU     catalog.SKUID
	Code    string
	Name    catalog.Name
	Pieces  quantity.Pieces
	ShareBP int
	Price   money.Fen
	Free    quantity.Pieces
}

// Bundle is a SKU that is sold and never stocked.
type Bundle struct {
	SKU        catalog.SKUID
	Code       string
	Name       catalog.Name
	Price      money.Fen
	Components []BundleComponent
}

// Stamp tells one state of the components from another.
func (b Bundle) Stamp() string {
	parts := make([]string, len(b.Components))
	for i, c := range b.Components {
		parts[i] = fmt.Sprintf("%s*%d/%d", c.Code, c.Pieces, c.ShareBP)
	}
	slices.Sort(parts)
	return strings.Join(parts, "+")
}

// Sets is how many of the bundle the free pieces of the house make.
func (b Bundle) Sets() quantity.Pieces {
	sets := quantity.Pieces(-1)
	for _, c := range b.Components {
		if n := c.Free / c.Pieces; sets < 0 || n < sets {
			sets = n
		}
	}
	return max(0, sets)
}

// Shares gives the part of the bundle's price that each component gets, in ten-thousandths, as orders divide it.
func (b Bundle) Shares() []int {
	parts := make([]Component, len(b.Components))
	for i, c := range b.Components {
		parts[i] = Component{SKU: c.SKU, Pieces: c.Pieces, ShareBP: c.ShareBP, Price: c.Price}
	}
	out := make([]int, len(parts))
	exploded, err := Explode(parts, 1, 10_000)
	for i := range exploded {
		out[i] = int(exploded[i].Amount)
	}
	if err != nil {
		return nil
	}
	return out
}

// BundlePage is a page of bundles by code. Next is the code to go on behind, empty at the end.
type BundlePage struct {
	Bundles []Bundle
	Total   int
	Next    string
}
