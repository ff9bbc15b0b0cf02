package c2m

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// TakeAnswer records the supplier's answer to the current version. Lines that meet the ask are agreed at once; the others
// become deviations that a buyer decides on. An answer that says the same as the last one changes nothing: repeated is true.
//
// An order that was confirmed may be answered again while nothing has been shipped: what differs from the agreement is then to be
// decided, and the old promises hold until then.
//
// *VersionError for another version, *StateError once goods are on their way.
func (o *FactoryOrder) TakeAnswer(a Answer, now time.Time) (repeated bool, err error) {
	if o.Current == nil {
		return false, &StateError{Number: o.Number, State: o.State, Verb: "answer"}
	}
	if a.Version != o.Current.No {
		return false, &VersionError{Number: o.Number, Sheet: a.Version, Current: o.Current.No}
	}
	if o.Answer != nil && o.Answer.Hash() == a.Hash() {
		return true, nil
	}
	if err := o.require("answer", StateSent, StateAnswered, StateConfirmed, StateProducing); err != nil {
		return false, err
	}
	o.Answer = &a
	o.Deviations = compare(*o.Current, o.Agreed, a)
	for _, l := range a.Lines {
		_, known := o.Current.Line(l.Line)
		if known && !slices.ContainsFunc(o.Deviations, func(d Deviation) bool { return d.Line == l.Line }) {
			o.agree(l.Line, l.Splits)
		}
	}
	was := o.State
	if len(o.Deviations) == 0 && (was == StateConfirmed || was == StateProducing) {
		return false, nil // a new answer that only repeats what is agreed
	}
	o.move(StateAnswered, now)
	o.settle(now)
	return false, nil
}

// Undecided counts the deviations that wait for the buyer.
func (o *FactoryOrder) Undecided() int {
	n := 0
	for _, d := range o.Deviations {
		if d.Decision == DecisionOpen {
			n++
		}
	}
	return n
}

// asksAgain tells whether a refusal has to be put to the supplier in a new version.
func (o *FactoryOrder) asksAgain() bool {
	return slices.ContainsFunc(o.Deviations, func(d Deviation) bool { return d.Decision == DecisionRefused && !o.closed(d) })
}

// closed tells whether nothing more is to be said about a deviation: it was accepted; or it was refused, and it was an offer
// that is now off the table, or a wish to change what is agreed and stays agreed.
func (o *FactoryOrder) closed(d Deviation) bool {
	_, agreed := o.Agreed[d.Line]
	return d.Decision == DecisionAccepted || d.Decision == DecisionRefused && (d.Kind == DeviationUnknown || agreed)
}

// Select says which open deviations a decision is about: those of a line (0 for every line) and of these kinds (none for every kind).
type Select struct {
	Line  int
	Kinds []DeviationKind
}

func (s Select) matches(d Deviation) bool {
	return d.Decision == DecisionOpen && (s.Line == 0 || s.Line == d.Line) && (len(s.Kinds) == 0 || slices.Contains(s.Kinds, d.Kind))
}

// Accept agrees to the selected deviations. When the last one of a line is accepted, the line is agreed as answered. An accepted
// offer becomes a new line of the working copy, to be sent with the next version; an accepted silence drops the line's goods.
//
// Silence and offers are accepted by naming their line only, never with "everything": left lists the lines passed over.
// ErrState, and ErrDecided when nothing was selected.
func (o *FactoryOrder) Accept(sel Select, by Person, why string, now time.Time, today calendar.Day) (left []int, err error) {
	if err := o.require("decide on", StateAnswered); err != nil {
		return nil, err
	}
	found := false
	for i := range o.Deviations {
		d := &o.Deviations[i]
		if !sel.matches(*d) {
			continue
		}
		if sel.Line == 0 && (d.Kind == DeviationUnknown || d.Kind == DeviationUnanswered) {
			left = append(left, d.Line)
			continue
		}
		if d.Kind == DeviationUnknown {
			if err := o.takeOffer(*d, today); err != nil {
				return left, err
			}
		}
		found = true
		d.Decision, d.By, d.At, d.Why = DecisionAccepted, by, &now, strings.TrimSpace(why)
	}
	if !found {
		return left, ErrDecided
	}
	o.mergeAccepted()
	o.agreeAccepted()
	o.settle(now)
	return left, nil
}

// takeOffer makes a line of what the supplier offered on its own.
func (o *FactoryOrder) takeOffer(d Deviation, today calendar.Day) error {
	a, _ := o.Answer.Line(d.Line)
	no, err := o.AddLine(Line{SKU: d.SKU, Pieces: d.Pieces, Price: d.Price, ByHand: true, TaxBP: DefaultTaxBP, Due: d.Day, Note: a.Note}, today)
	if err != nil {
		return err
	}
	o.agree(no, a.Splits)
	return nil
}

// mergeAccepted takes accepted values over into the working copy of lines that were otherwise refused, except where the counter-offer
// has a value of its own: the next version then asks for what both sides already agree on.
func (o *FactoryOrder) mergeAccepted() {
	refused := map[int]bool{}
	for _, d := range o.Deviations {
		refused[d.Line] = refused[d.Line] || d.Decision == DecisionRefused
	}
	for _, d := range o.Deviations {
		asked, known := o.Current.Line(d.Line)
		i := o.index(d.Line)
		if d.Decision != DecisionAccepted || !refused[d.Line] || !known || i < 0 {
			continue
		}
		switch l := &o.Lines[i]; {
		case d.Kind == DeviationPieces && l.Pieces == asked.Pieces && d.Pieces > 0:
			l.Pieces = d.Pieces
		case d.Kind == DeviationDay && l.Due == asked.Due:
			l.Due = d.Day
		case d.Kind == DeviationPrice && l.Price == asked.Price:
			l.Price, l.ByHand = d.Price, true
		}
	}
}

// agreeAccepted makes agreements of the answered lines whose deviations are all accepted.
func (o *FactoryOrder) agreeAccepted() {
	rest := map[int]bool{}
	for _, d := range o.Deviations {
		rest[d.Line] = rest[d.Line] || d.Decision != DecisionAccepted
	}
	for line, waits := range rest {
		if _, known := o.Current.Line(line); waits || !known {
			continue
		}
		a, _ := o.Answer.Line(line) // silence has no splits: nothing will come
		o.agree(line, a.Splits)
	}
}

// Counter is what a buyer asks for instead; nil asks again for what was asked before.
type Counter struct {
	Pieces *quantity.Pieces
	Due    *calendar.Day
	Price  *money.Fen
}

// Refuse turns the selected deviations down and puts the counter-offer, if any, into the working copy of the line, for the next version
// to ask; without one it asks for the same again. Where other deviations of the line are accepted, before or after, their answered values are taken over unless the counter-offer
// names its own. ErrState, ErrReason, ErrUnknown for a counter-offer without a line, ErrDecided when nothing was selected, or a *LineError.
func (o *FactoryOrder) Refuse(sel Select, c Counter, by Person, why string, now time.Time, today calendar.Day) error {
	if err := o.require("decide on", StateAnswered); err != nil {
		return err
	}
	why = strings.TrimSpace(why)
	switch {
	case sel.Line == 0 && c != (Counter{}):
		return ErrUnknown // a counter-offer is for one line
	case why == "":
		return ErrReason
	case utf8.RuneCountInString(why) > MaxText:
		return ErrLong
	}
	if !slices.ContainsFunc(o.Deviations, sel.matches) {
		return ErrDecided
	}
	if o.index(sel.Line) >= 0 && c != (Counter{}) {
		change := LineChange{Pieces: c.Pieces, Due: c.Due, Price: c.Price}
		if _, _, err := o.ChangeLine(sel.Line, change, why, today); err != nil {
			return err
		}
	}
	for i := range o.Deviations {
		if d := &o.Deviations[i]; sel.matches(*d) {
			d.Decision, d.By, d.At, d.Why = DecisionRefused, by, &now, why
		}
	}
	o.mergeAccepted()
	o.settle(now)
	return nil
}
