package campaign

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// ID identifies a campaign inside the house; outside it is named by its number.
type ID int64

// About is what a campaign is about, beside its terms.
type About struct {
	Name catalog.Name
	// Story is what members read about it, Spec the winning specification.
	Story catalog.Name
	Spec  string
	// SKU and ShipTo are what is made and where to; 0 while not settled.
	SKU    catalog.SKUID
	ShipTo catalog.SiteID
	// Proposal is the vote that it came from, 0 for none.
	Proposal int64
	OwnerID  int64
	Owner    string
	// Promise is the day by which the first goods are promised, nil for none.
	Promise *calendar.Day
}

// Stops are the instants at which a campaign came to its states; nil for those that it has not.
type Stops struct {
	Created                                                  time.Time
	Published, Closed, Settled, Produced, Delivered, Stopped *time.Time
}

// Campaign is a campaign with the counts that its rules need. Its pledges are kept beside it.
type Campaign struct {
	ID     ID
	Number string // CP-YYMM-NNN
	About
	Terms
	Stops    Stops
	State    State
	Revision int64

	// Reserved counts the pieces of accepted pledges, Taken those of each tier; Backers the accepted pledges, Waiting those that wait.
	Reserved quantity.Pieces
	Taken    map[string]quantity.Pieces
	Backers  int
	Waiting  int
	LastSeq  int64

	// AtClose is the accepted pieces at the deadline; Final the price of a unit by tier, nil before and when nothing is made.
	AtClose *quantity.Pieces
	Final   map[string]money.Fen
	// ToDeliver is what is to be delivered, known once all money is in.
	ToDeliver quantity.Pieces
	Extended  int
	Reason    string // why cancelled
}

// New gives a draft under these terms.
func New(number string, about About, t Terms) *Campaign {
	return &Campaign{Number: number, About: about, Terms: t, State: Draft, Taken: map[string]quantity.Pieces{}}
}

// Publish shows the campaign to members; pledges are taken from its start on. *StateError, *TermsError.
func (c *Campaign) Publish(now time.Time) error {
	if c.State != Draft {
		return &StateError{c.Number, c.State, "publish"}
	}
	if err := c.Check(now); err != nil {
		return err
	}
	c.State, c.Stops.Published = Scheduled, &now
	c.Begin(now)
	return nil
}

// Begin opens a scheduled campaign whose start has come, and tells whether it did.
func (c *Campaign) Begin(now time.Time) bool {
	if c.State != Scheduled || now.Before(c.Start) {
		return false
	}
	c.State = Open
	return true
}

// Change replaces the terms of a draft. *StateError.
func (c *Campaign) Change(about About, t Terms) error {
	if c.State != Draft {
		return &StateError{c.Number, c.State, "change"}
	}
	c.About, c.Terms = about, t
	return nil
}

// Pause stops taking pledges; members may still cancel theirs. The deadline stays. *StateError.
func (c *Campaign) Pause() error {
	if c.State != Open && c.State != Scheduled {
		return &StateError{c.Number, c.State, "pause"}
	}
	c.State = Paused
	return nil
}

// Resume takes pledges again. *StateError, *DeadlineError.
func (c *Campaign) Resume(now time.Time) error {
	if c.State != Paused {
		return &StateError{c.Number, c.State, "resume"}
	}
	if now.After(c.Deadline) {
		return &DeadlineError{c.Deadline, now}
	}
	c.State = Scheduled
	c.Begin(now)
	return nil
}

// Extend moves the deadline, in time and as often as the terms allow; the balance deadline moves along. *StateError, *DeadlineError,
// ErrExtend.
func (c *Campaign) Extend(to, now time.Time) error {
	switch {
	case !c.State.Running():
		return &StateError{c.Number, c.State, "extend"}
	case now.After(c.Deadline):
		return &DeadlineError{c.Deadline, now}
	case c.Extended >= c.Extensions, !to.After(c.Deadline), to.After(c.Start.AddDate(0, 0, MaxDays)):
		return ErrExtend
	}
	if c.BalanceDeadline != nil {
		moved := c.BalanceDeadline.Add(to.Sub(c.Deadline))
		c.BalanceDeadline = &moved
	}
	c.Deadline = to
	c.Extended++
	return nil
}

// CancelAll ends the campaign by the house's will: all money goes back, and in a campaign with deposits the deposit once more where the
// terms say so. Once goods have been delivered it cannot be cancelled, only compensated. ps are all its pledges. *StateError, ErrReason.
func (c *Campaign) CancelAll(ps []*Pledge, reason string, now time.Time) ([]Instruction, error) {
	if c.State.Over() {
		return nil, &StateError{c.Number, c.State, "cancel"}
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return nil, ErrReason
	}
	if slices.ContainsFunc(ps, func(p *Pledge) bool { return p.State == PledgeDelivered }) {
		return nil, &StateError{c.Number, c.State, "cancel the delivered goods of"}
	}
	if c.AtClose == nil && now.After(c.Deadline) {
		at := c.Reserved
		c.AtClose = &at
	}
	var ask []Instruction
	for _, p := range ps {
		if p.State != Accepted && p.State != Confirmed && (p.State != Defaulted || p.Net() == 0) {
			continue
		}
		owes := c.Mode == DepositBalance && c.Double && p.Net() > 0 && p.State != Defaulted
		ask = append(ask, p.letGo(ForMerchant)...)
		if owes {
			p.Penalty = c.deposit(p)
			ask = append(ask, p.instruct(Penalty, ForPenalty, p.Penalty))
		}
		p.State = Released
	}
	c.State, c.Final, c.ToDeliver, c.Reason, c.Stops.Stopped = Cancelled, nil, 0, reason, &now
	return ask, nil
}

// MayOrder tells whether lots may be ordered: the campaign is won, or has passed the threshold that the buyer set.
func (c *Campaign) MayOrder() bool {
	return c.State == Succeeded || c.State == Producing || c.State == Balance && c.Threshold > 0 ||
		c.Threshold > 0 && c.Reserved >= c.Threshold && (c.State == Open || c.State == Paused)
}

// FactoryPieces gives what the factory is asked for: what will be delivered, at least its MOQ; 0 when nothing will be.
func (c *Campaign) FactoryPieces() quantity.Pieces {
	if c.ToDeliver == 0 {
		return 0
	}
	return max(c.ToDeliver, c.MOQ)
}

func itoa(n int) string { return strconv.Itoa(n) }
