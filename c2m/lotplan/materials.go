package lotplan

import "milkrun/internal/quantity"

// Material is a line of a bill of materials with what is there of it. Quantities are thousandths of the material's unit.
type Material struct {
	Code          string
	PerUnit       int64 // for one piece
	ScrapPermille int64 // of what goes in, below 1000
	OnHand        int64
	Pack, MOQ     int64
}

// Purchase is what is to be bought of a material, in thousandths of its unit.
type Purchase struct {
	Code            string
	Gross, Net, Buy int64
}

// Buy reckons the material for so many pieces: gross = ⌈pieces·per unit ÷ (1 − scrap)⌉, net = gross − on hand, and bought is the net, at
// least the MOQ, rounded up to whole packs; nothing where the net is 0.
func Buy(pieces quantity.Pieces, bom []Material) []Purchase {
	out := make([]Purchase, len(bom))
	for i, m := range bom {
		p := Purchase{Code: m.Code}
		yield := 1000 - min(max(m.ScrapPermille, 0), 999)
		p.Gross = ceil(int64(pieces)*m.PerUnit*1000, yield)
		p.Net = max(0, p.Gross-m.OnHand)
		if p.Net > 0 {
			pack := max(m.Pack, 1)
			p.Buy = ceil(max(p.Net, m.MOQ), pack) * pack
		}
		out[i] = p
	}
	return out
}

func ceil(n, by int64) int64 { return (n + by - 1) / by }
