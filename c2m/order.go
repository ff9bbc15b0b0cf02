package c2m

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
)

// OrderID identifies an order inside the house; outside it is named by its number.
type OrderID int64

// Person is who did something: an account and its name at the time. ID 0 is the system.
type Person struct {
	ID   int64  `json:"id,omitempty"`
	Name string `json:"name"`
}

// Conditions are what the whole order is subject to. All are plain text for the paper.
type Conditions struct {
	Contract string `json:"contract,omitempty"` // contract number
	Payment  string `json:"payment,omitempty"`  // payment and delivery terms
	Licence  string `json:"licence,omitempty"`  // brand licence number
	Note     string `json:"note,omitempty"`
}

// FactoryOrder is an order at one supplier for one site: what is asked, answered, agreed, on its way and received.
type FactoryOrder struct {
	ID       OrderID
	Number   string // FO-YYMM-NNNN
	Supplier catalog.SupplierID
	ShipTo   catalog.SiteID
	Buyer    Person
	State    State
	// Revision counts the saved changes; a screen sends back the one it showed.
	Revision int64

	// Conditions and Lines are the buyer's working copy. NextLine is the number that the next new line gets.
	Conditions Conditions
	Lines      []Line
	NextLine   int

	// Current is the version that was sent last, nil for a draft that was never sent.
	Current *Version
	// Answer is the supplier's last answer to Current, nil for none; Deviations are where it differs.
	Answer     *Answer
	Deviations []Deviation
	// Agreed holds the lines on which both sides agree, by line number.
	Agreed map[int]Agreement

	Stops  Stops
	Reason string // why cancelled or closed short
}

// Stops are the instants at which the order reached its states last; nil for those that it has not.
type Stops struct {
	Created                                                                       time.Time
	Sent, Answered, Confirmed, Producing, Dispatched, Received, Closed, Cancelled *time.Time
}

// At gives the instant at which the order reached the state, nil when it has not.
func (s Stops) At(st State) *time.Time {
	if st == StateDraft {
		return &s.Created
	}
	if p := s.at(st); p != nil {
		return *p
	}
	return nil
}

func (s *Stops) at(st State) **time.Time {
	switch st {
	case StateSent:
		return &s.Sent
	case StateAnswered:
		return &s.Answered
	case StateConfirmed:
		return &s.Confirmed
	case StateProducing:
		return &s.Producing
	case StateDispatched:
		return &s.Dispatched
	case StateReceived:
		return &s.Received
	case StateClosed:
		return &s.Closed
	case StateCancelled:
		return &s.Cancelled
	}
	return nil
}

// move sets the state and its instant.
func (o *FactoryOrder) move(to State, now time.Time) {
	if p := o.Stops.at(to); p != nil && (o.State != to || *p == nil) {
		*p = &now
	}
	o.State = to
}

// require refuses a verb outside the given states.
func (o *FactoryOrder) require(verb string, states ...State) error {
	if slices.Contains(states, o.State) {
		return nil
	}
	return &StateError{Number: o.Number, State: o.State, Verb: verb}
}

// Line gives the line of the working copy with that number, and false when there is none.
func (o *FactoryOrder) Line(no int) (Line, bool) {
	if i := o.index(no); i >= 0 {
		return o.Lines[i], true
	}
	return Line{}, false
}

func (o *FactoryOrder) index(no int) int {
	return slices.IndexFunc(o.Lines, func(l Line) bool { return l.No == no })
}

// Version gives the number of the last version sent, 0 before the first.
func (o *FactoryOrder) Version() int {
	if o.Current == nil {
		return 0
	}
	return o.Current.No
}

// AddLine puts a new line at the end of the working copy and gives its number.
// ErrState, or a *LineError that says what is wrong with it.
func (o *FactoryOrder) AddLine(l Line, today calendar.Day) (int, error) {
	if !o.State.Editable() {
		return 0, &StateError{Number: o.Number, State: o.State, Verb: "change"}
	}
	l.No = max(o.NextLine, 1)
	l.Spec, l.Note = strings.TrimSpace(l.Spec), strings.TrimSpace(l.Note)
	l.Shipped, l.Came = 0, 0
	if err := l.check(today); err != nil {
		return 0, err
	}
	o.NextLine = l.No + 1
	o.Lines = append(o.Lines, l)
	return l.No, nil
}

// ChangeLine changes a line of the working copy and gives it as it was and as it is. A change of a term of trade needs a reason
// once the order has been sent; a price against the terms needs one always. Once sent, the change waits for the next version.
// ErrState, ErrUnknown, ErrReason, or a *LineError.
func (o *FactoryOrder) ChangeLine(no int, c LineChange, reason string, today calendar.Day) (was, is Line, err error) {
	if !o.State.Editable() {
		return was, is, &StateError{Number: o.Number, State: o.State, Verb: "change"}
	}
	i := o.index(no)
	if i < 0 {
		return was, is, &LineError{Line: no, Err: ErrUnknown}
	}
	was = o.Lines[i]
	is, moved := c.apply(was)
	if strings.TrimSpace(reason) == "" && moved && (o.State != StateDraft || is.Price != was.Price) {
		return was, is, &LineError{Line: no, SKU: was.SKU, Field: FieldReason, Err: ErrReason}
	}
	if utf8.RuneCountInString(reason) > MaxText {
		return was, is, &LineError{Line: no, SKU: was.SKU, Field: FieldReason, Err: ErrLong}
	}
	// An untouched old due day may have passed meanwhile; Send looks at it again.
	day := today
	if is.Due == was.Due {
		day = min(today, is.Due)
	}
	if err := is.check(day); err != nil {
		return was, is, err
	}
	if is.Pieces < max(was.Shipped, was.Came) {
		return was, is, &LineError{Line: no, SKU: was.SKU, Field: FieldPieces, Err: ErrShipped}
	}
	o.Lines[i] = is
	return was, is, nil
}

// RemoveLine takes a line off the working copy and gives it. After the order was sent this needs a reason.
// ErrState, ErrUnknown, ErrReason, ErrShipped.
func (o *FactoryOrder) RemoveLine(no int, reason string) (Line, error) {
	if !o.State.Editable() {
		return Line{}, &StateError{Number: o.Number, State: o.State, Verb: "change"}
	}
	i := o.index(no)
	if i < 0 {
		return Line{}, &LineError{Line: no, Err: ErrUnknown}
	}
	l := o.Lines[i]
	if l.Shipped > 0 || l.Came > 0 {
		return l, &LineError{Line: no, SKU: l.SKU, Err: ErrShipped}
	}
	if o.State != StateDraft && strings.TrimSpace(reason) == "" {
		return l, &LineError{Line: no, SKU: l.SKU, Field: FieldReason, Err: ErrReason}
	}
	o.Lines = slices.Delete(o.Lines, i, i+1)
	return l, nil
}

// SetConditions changes what the whole order is subject to. ErrState, ErrLong.
func (o *FactoryOrder) SetConditions(c Conditions) error {
	if !o.State.Editable() {
		return &StateError{Number: o.Number, State: o.State, Verb: "change"}
	}
	for _, p := range []*string{&c.Contract, &c.Payment, &c.Licence, &c.Note} {
		if *p = strings.TrimSpace(*p); utf8.RuneCountInString(*p) > MaxText {
			return ErrLong
		}
	}
	o.Conditions = c
	return nil
}

// Changed tells whether the working copy differs from the version sent last. A draft is always changed.
func (o *FactoryOrder) Changed() bool {
	return o.Current == nil || !DiffOf(*o.Current, o.working()).Empty()
}

// Discard brings the working copy back to the version sent last. ErrState for a draft or an order that cannot be edited.
func (o *FactoryOrder) Discard(now time.Time) error {
	if o.Current == nil || !o.State.Editable() {
		return &StateError{Number: o.Number, State: o.State, Verb: "discard changes of"}
	}
	counts := map[int]Line{}
	for _, l := range o.Lines {
		counts[l.No] = l
	}
	o.Lines = slices.Clone(o.Current.Lines)
	for i := range o.Lines {
		o.Lines[i].Shipped, o.Lines[i].Came = counts[o.Lines[i].No].Shipped, counts[o.Lines[i].No].Came
	}
	o.Conditions = o.Current.Conditions
	o.reopen()
	o.settle(now)
	return nil
}

// reopen makes the decisions that had changed the working copy undecided again: counter-offers and offers taken.
func (o *FactoryOrder) reopen() {
	for no := range o.Agreed {
		if _, known := o.Current.Line(no); !known {
			delete(o.Agreed, no)
		}
	}
	for i := range o.Deviations {
		d := &o.Deviations[i]
		if d.Decision == DecisionRefused || d.Kind == DeviationUnknown {
			d.Decision, d.By, d.At, d.Why = DecisionOpen, Person{}, nil, ""
		}
	}
}
