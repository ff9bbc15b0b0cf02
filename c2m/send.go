package c2m

import (
	"slices"
	"strings"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// Send freezes the working copy as the next version and asks the supplier to answer it until replyBy. A later version needs a
// reason. Lines that were agreed and ask the same as before stay agreed; when every line is agreed because the buyer only took
// over what the supplier had offered, the order is confirmed at once.
//
// ErrState, ErrNoLines, ErrNothingNew, ErrReason, money.ErrOverflow, or a *LineError for a line that cannot be asked for.
func (o *FactoryOrder) Send(by Person, reason string, replyBy, now time.Time, today calendar.Day) error {
	if !o.State.Editable() {
		return &StateError{Number: o.Number, State: o.State, Verb: "send"}
	}
	if err := o.sendable(reason, today); err != nil {
		return err
	}
	next := Version{No: o.Version() + 1, SentAt: now, By: by, ReplyBy: replyBy, Reason: strings.TrimSpace(reason),
		Conditions: o.Conditions, Lines: slices.Clone(o.Lines)}
	slices.SortFunc(next.Lines, func(a, b Line) int { return a.No - b.No })
	asked := o.keepAgreements(next)
	o.Current, o.Answer, o.Deviations = &next, nil, nil
	o.move(StateSent, now)
	if !asked && o.allAgreed() {
		o.move(StateConfirmed, now)
	}
	return nil
}

func (o *FactoryOrder) sendable(reason string, today calendar.Day) error {
	if len(o.Lines) == 0 {
		return ErrNoLines
	}
	if o.Current != nil {
		if !o.Changed() && !o.asksAgain() {
			return ErrNothingNew
		}
		if strings.TrimSpace(reason) == "" {
			return ErrReason
		}
	}
	for _, l := range o.Lines {
		day := today
		if _, agreed := o.Agreed[l.No]; agreed {
			day = min(day, l.Due) // what is agreed is not asked for anew
		}
		if err := l.check(day); err != nil {
			return err
		}
		if l.Price < 1 {
			return &LineError{Line: l.No, SKU: l.SKU, Field: FieldPrice, Err: ErrPrice}
		}
	}
	_, err := TotalsOf(o.Lines)
	return err
}

// keepAgreements drops the agreements on lines that the next version asks anew or no longer asks. It tells whether the
// version asks the supplier for anything that the supplier has not offered.
func (o *FactoryOrder) keepAgreements(next Version) (asked bool) {
	var last Version
	if o.Current != nil {
		last = *o.Current
	}
	asked = o.Current == nil || last.Conditions != next.Conditions
	for _, l := range last.Lines {
		if _, still := next.Line(l.No); !still {
			asked = true
		}
	}
	for no, a := range o.Agreed {
		is, still := next.Line(no)
		was, before := last.Line(no)
		switch {
		case !still, before && !sameAsk(was, is), !before && !a.meets(is):
			delete(o.Agreed, no)
		}
	}
	for _, l := range next.Lines {
		if _, ok := o.Agreed[l.No]; !ok {
			asked = true
		}
	}
	return asked
}

// Limits are a supplier's terms for a SKU as far as a quantity can break them; 0 for none.
type Limits struct{ MOQ, Pack quantity.Pieces }

// Breaks tells whether n pieces are below the minimum, and whether they are not whole packs.
func (l Limits) Breaks(n quantity.Pieces) (moq, pack bool) {
	return n > 0 && n < l.MOQ, l.Pack > 1 && n%l.Pack != 0
}

// CautionKind says what a buyer should look at before sending.
type CautionKind string

// The cautions. None forbids to send.
const (
	CautionMOQ       CautionKind = "moq"      // fewer pieces of the SKU than the minimum: Unit
	CautionPack      CautionKind = "pack"     // not whole packs of Unit
	CautionLead      CautionKind = "lead"     // due sooner than the usual lead time allows: Day
	CautionPrice     CautionKind = "price"    // the terms say another price: Price
	CautionTerms     CautionKind = "terms"    // the supplier has no terms for the SKU
	CautionElsewhere CautionKind = "ships_to" // the terms say another ship-to site
)

// Caution is one thing to look at, with what the terms say.
type Caution struct {
	Line  int
	SKU   catalog.SKUID
	Kind  CautionKind
	Unit  quantity.Pieces
	Day   calendar.Day // the first day the usual lead time allows
	Price PriceMove
}

// Cautions lists what the working copy has against the supplier's terms, by line. Minimum and price break count all the
// order's pieces of a SKU together.
func (o *FactoryOrder) Cautions(terms map[catalog.SKUID]catalog.Term, today calendar.Day) []Caution {
	sums := pieces(o.Lines)
	var cs []Caution
	for _, l := range o.Lines {
		if _, agreed := o.Agreed[l.No]; agreed {
			continue
		}
		t, ok := terms[l.SKU]
		if !ok {
			cs = append(cs, Caution{Line: l.No, SKU: l.SKU, Kind: CautionTerms})
			continue
		}
		moq, _ := Limits{MOQ: t.MOQ}.Breaks(sums[l.SKU])
		_, pack := Limits{Pack: t.Pack}.Breaks(l.Pieces)
		if moq {
			cs = append(cs, Caution{Line: l.No, SKU: l.SKU, Kind: CautionMOQ, Unit: t.MOQ})
		}
		if pack {
			cs = append(cs, Caution{Line: l.No, SKU: l.SKU, Kind: CautionPack, Unit: t.Pack})
		}
		if soonest := today.AddDays(int(t.LeadMean + 0.5)); l.Due < soonest {
			cs = append(cs, Caution{Line: l.No, SKU: l.SKU, Kind: CautionLead, Day: soonest})
		}
		if p := t.PriceAt(sums[l.SKU]); p != 0 && p != l.Price {
			cs = append(cs, Caution{Line: l.No, SKU: l.SKU, Kind: CautionPrice,
				Price: PriceMove{Line: l.No, SKU: l.SKU, Price: l.Price, Terms: p}})
		}
		if t.ShipsTo != 0 && t.ShipsTo != o.ShipTo {
			cs = append(cs, Caution{Line: l.No, SKU: l.SKU, Kind: CautionElsewhere})
		}
	}
	return cs
}

// Reprice sets the price of every line that no buyer priced by hand and that is not agreed to what the terms say for the
// order's pieces of the SKU, and gives the moves made.
func (o *FactoryOrder) Reprice(terms map[catalog.SKUID]catalog.Term) []PriceMove {
	moves := o.PriceMoves(terms)
	for _, m := range moves {
		o.Lines[o.index(m.Line)].Price = m.Terms
	}
	return moves
}

// PriceMoves lists the lines whose price is neither agreed nor set by hand and is not the one of the terms.
func (o *FactoryOrder) PriceMoves(terms map[catalog.SKUID]catalog.Term) []PriceMove {
	sums := pieces(o.Lines)
	var moves []PriceMove
	for _, l := range o.Lines {
		_, agreed := o.Agreed[l.No]
		t := terms[l.SKU]
		if p := t.PriceAt(sums[l.SKU]); p != 0 && p != l.Price && !l.ByHand && !agreed {
			moves = append(moves, PriceMove{Line: l.No, SKU: l.SKU, Price: l.Price, Terms: p})
		}
	}
	return moves
}

// KeepPrices marks the prices of the moves as the buyer's own, so that they are not checked again.
func (o *FactoryOrder) KeepPrices(moves []PriceMove) {
	for _, m := range moves {
		o.Lines[o.index(m.Line)].ByHand = true
	}
}

func pieces(lines []Line) map[catalog.SKUID]quantity.Pieces {
	sums := map[catalog.SKUID]quantity.Pieces{}
	for _, l := range lines {
		sums[l.SKU] += l.Pieces
	}
	return sums
}
