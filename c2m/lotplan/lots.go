package lotplan

import (
	"cmp"
	"slices"

	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
)

// Release says how lots are let go: a small first one, later ones as the first sells through. Data, not code: a campaign has its own.
type Release struct {
	// FirstShare is the share of each factory's part that its first lot holds, in percent; 100 lets everything go at once.
	FirstShare int `json:"first_share"`
	// FirstMax bounds the pieces of all first lots together beyond what is pledged; 0 for no bound.
	FirstMax quantity.Pieces `json:"first_max,omitempty"`
	// SellThrough is the share of the lots before, in percent, that must be sold before the next is let go.
	SellThrough int `json:"sell_through"`
	// GapDays is how long after the lot before the next one can be ready at the soonest.
	GapDays int `json:"gap_days"`
}

// DefaultRelease is small batch, quick response (小单快反): a third first, the rest when 70 % of it has gone.
var DefaultRelease = Release{FirstShare: 34, SellThrough: 70, GapDays: 7}

// Lot is one production lot. Its number orders the lots by the day on which they are promised.
type Lot struct {
	No      int
	Factory string
	Pieces  quantity.Pieces
	Promise calendar.Day
	// Pledged is how many of its pieces serve pledges; the rest is stock.
	Pledged quantity.Pieces
	// Held is true for a lot that waits for the lots before it to sell.
	Held bool
}

// Lots cuts a split into lots: what is pledged is never held back, only what is made beyond it is let go by sell-through. Each factory's
// part is cut at its MOQ and pack: the first lot holds what is pledged, or FirstShare of the part where that is more. start is the day on
// which the factories begin, forecast the pieces of the split that nobody pledged.
func Lots(s Split, pledged quantity.Pieces, r Release, moq map[string]quantity.Pieces, start calendar.Day) []Lot {
	parts := slices.Clone(s.Parts)
	slices.SortStableFunc(parts, func(a, b Part) int { return cmp.Or(cmp.Compare(a.Days, b.Days), cmp.Compare(a.Factory, b.Factory)) })
	var lots []Lot
	left := pledged
	for _, p := range parts {
		ready := start.AddDays(p.Days)
		serves := min(left, p.Pieces)
		left -= serves
		first := max(serves, quantity.Pieces(int64(p.Pieces)*int64(min(max(r.FirstShare, 1), 100))/100), min(moq[p.Factory], p.Pieces))
		if rest := p.Pieces - first; rest < moq[p.Factory] || rest <= 0 {
			first = p.Pieces // a rest below the MOQ cannot be ordered by itself
		}
		lots = append(lots, Lot{Factory: p.Factory, Pieces: first, Promise: ready})
		if rest := p.Pieces - first; rest > 0 {
			lots = append(lots, Lot{Factory: p.Factory, Pieces: rest, Promise: ready.AddDays(max(r.GapDays, 1)), Held: true})
		}
	}
	slices.SortStableFunc(lots, func(a, b Lot) int { return cmp.Compare(a.Promise, b.Promise) })
	for i := range lots {
		lots[i].No = i + 1
	}
	return lots
}

// Claim is a pledge as far as lots go.
type Claim struct {
	Seq    int64
	Pieces quantity.Pieces
}

// Serving is the lot that serves a pledge: the one that holds its last piece, so that the whole pledge is there on its promise day.
type Serving struct {
	Seq     int64
	Lot     int
	Promise calendar.Day
}

// Assign gives each pledge its lot, earlier pledges the earlier lots, and counts what of each lot is pledged. Pledges for which nothing is
// left get lot 0. Held lots serve nobody before they are let go.
func Assign(lots []Lot, claims []Claim) []Serving {
	claims = slices.Clone(claims)
	slices.SortFunc(claims, func(a, b Claim) int { return cmp.Compare(a.Seq, b.Seq) })
	out := make([]Serving, 0, len(claims))
	i := 0
	for k := range lots {
		lots[k].Pledged = 0
	}
	var room quantity.Pieces
	next := func() bool {
		for ; i < len(lots); i++ {
			if room = lots[i].Pieces - lots[i].Pledged; !lots[i].Held && room > 0 {
				return true
			}
		}
		return false
	}
	for _, c := range claims {
		s := Serving{Seq: c.Seq}
		for need := c.Pieces; need > 0; {
			if !next() {
				s = Serving{Seq: c.Seq}
				break
			}
			n := min(need, room)
			lots[i].Pledged += n
			need -= n
			s.Lot, s.Promise = lots[i].No, lots[i].Promise
		}
		out = append(out, s)
	}
	return out
}

// Ripe tells whether the next held lot may be let go: of what was let go before it, enough has been sold.
func Ripe(r Release, letGo, sold quantity.Pieces) bool {
	return letGo > 0 && int64(sold)*100 >= int64(letGo)*int64(r.SellThrough)
}
