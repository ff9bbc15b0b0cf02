package replenishment

import (
	"cmp"
	"math"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// byShare compares whose turn it is by the suppliers' shares of the SKU: a quota arrangement. A supplier's rating is
//
//	(ordered from it of late + its least order) ÷ share
//
// and the one of the lowest rating gets the next order, so that over time each gets its share, in orders as large as they ought to be. This is
// the rule of quota arrangements in purchasing, the least order standing for the quota base quantity (J. T. Dickersbach, Supply Chain
// Management with SAP APO, 3rd ed. 2009, on quota arrangements in external procurement). Suppliers without a share come after those that
// have one; without any shares all are equal.
func byShare(a, b *Source) int {
	return cmp.Or(compareBool(a.ShareBP == 0, b.ShareBP == 0), cmp.Compare(a.rating(), b.rating()))
}

// rating gives the rating of byShare, 0 without a share.
func (s *Source) rating() float64 {
	if s.ShareBP <= 0 {
		return 0
	}
	return float64(s.Given+max(s.MOQ, 1)) * 10_000 / float64(s.ShareBP)
}

// promised gives what approved suggestions will order from a supplier: it counts as given already.
func (p *planner) promised(id catalog.SupplierID) quantity.Pieces {
	var sum quantity.Pieces
	for _, o := range p.in.Open {
		if o.Kind != Buy || o.Supplier != id || o.State != StateApproved && o.State != StateChanged {
			continue
		}
		ordered := false
		for _, s := range p.in.Supply {
			ordered = ordered || s.Suggestion != 0 && s.Suggestion == o.ID
		}
		if !ordered {
			sum += max(o.Pieces, 0)
		}
	}
	return sum
}

// TurnWhy says why a purchase goes to its supplier.
type TurnWhy string

// The reasons.
const (
	TurnOnly     TurnWhy = "only"     // nobody else may be ordered from
	TurnShare    TurnWhy = "share"    // furthest behind its share of what is ordered
	TurnPrice    TurnWhy = "price"    // the cheapest of those that are no backups
	TurnGap      TurnWhy = "gap"      // it can deliver before the stock ends
	TurnCapacity TurnWhy = "capacity" // the usual supplier cannot make it all in time
)

// TurnWhys lists the reasons, so that words can be checked to exist for each.
func TurnWhys() []TurnWhy { return []TurnWhy{TurnOnly, TurnShare, TurnPrice, TurnGap, TurnCapacity} }

// Turn explains why a purchase goes to its supplier: the suppliers that could have had it, the chosen one among them.
type Turn struct {
	Why    TurnWhy `json:"why"`
	Rivals []Rival `json:"rivals"`
}

// Rival is a supplier that may be ordered from, with what was compared. GivenBP is its part of what was ordered of late from all of them, in
// ten-thousandths.
type Rival struct {
	Supplier catalog.SupplierID `json:"supplier"`
	Name     catalog.Name       `json:"name"`
	Chosen   bool               `json:"chosen,omitempty"`
	Backup   bool               `json:"backup,omitempty"`
	ShareBP  int                `json:"share_bp,omitempty"`
	Given    quantity.Pieces    `json:"given,omitempty"`
	GivenBP  int                `json:"given_bp,omitempty"`
	Unit     money.Fen          `json:"unit"`
	LeadDays float64            `json:"lead_days"`
}

// turn explains the choice of a supplier for a purchase of q pieces.
func (p *planner) turn(n *node, src *Source, q quantity.Pieces, why Reason) *Turn {
	t := &Turn{Rivals: make([]Rival, 0, len(n.sources))}
	var given quantity.Pieces
	for _, s := range n.sources {
		given += s.Given
	}
	for _, s := range n.sources {
		r := Rival{Supplier: s.Supplier, Name: s.Name, Chosen: s.Supplier == src.Supplier, Backup: s.Backup, ShareBP: s.ShareBP, Given: s.Given,
			Unit: s.PriceAt(max(q, s.MOQ, 1)), LeadDays: s.LeadMean}
		if given > 0 {
			r.GivenBP = int(math.Round(float64(s.Given) / float64(given) * 10_000))
		}
		t.Rivals = append(t.Rivals, r)
	}
	switch usual := n.sources[0]; {
	case len(n.sources) == 1 && n.buys:
		t.Why = TurnOnly
	case n.buys && src == usual && src.ShareBP > 0:
		t.Why = TurnShare
	case n.buys && src == usual:
		t.Why = TurnPrice
	case why == ReasonGap:
		t.Why = TurnGap
	default:
		t.Why = TurnCapacity
	}
	return t
}
