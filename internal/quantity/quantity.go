// Package quantity holds the integer count of goods used in every domain.
package quantity

import "fmt"

// Pieces is a number of sales units of one SKU (a tin, a pack, a garment).
// Stock is never fractional: fractions live only inside the mathematics.
type Pieces int64

// CeilTo rounds p up to the next whole multiple of pack. A pack below 2 leaves p
// unchanged; a negative p is rounded toward zero.
func (p Pieces) CeilTo(pack Pieces) Pieces {
	if pack < 2 {
		return p
	}
	if r := p % pack; r > 0 {
		return p + pack - r
	} else if r < 0 {
		return p - r
	}
	return p
}

// FloorTo rounds p down to a whole multiple of pack. A pack below 2 leaves p unchanged.
func (p Pieces) FloorTo(pack Pieces) Pieces {
	if pack < 2 {
		return p
	}
	if r := p % pack; r > 0 {
		return p - r
	} else if r < 0 {
		return p - r - pack
	}
	return p
}

// Packs gives the whole packs in p and the pieces left over. It panics on a pack below 1.
func (p Pieces) Packs(pack Pieces) (packs, rest Pieces) {
	if pack < 1 {
		panic(fmt.Sprintf("quantity: pack of %d pieces", pack))
	}
	return p / pack, p % pack
}
