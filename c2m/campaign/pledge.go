package campaign

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Pledge is what a member promised, and its money.
type Pledge struct {
	// Seq numbers the pledges of a campaign from 1 as they came; the waitlist and the lots follow it.
	Seq    int64
	Member string
	Tier   string
	Units  int64
	Pieces quantity.Pieces
	// Price is the price of a unit when pledged: the most that is ever charged for it.
	Price money.Fen
	State PledgeState
	// Group is the group of a group buy that the pledge belongs to.
	Group string
	At    time.Time

	// Paid counts what the provider confirmed, Refunded what is or will be given back of it, Penalty what the house owes on top.
	Paid, Refunded, Penalty money.Fen
	// Authorized is what the provider promised, in campaigns that charge on success.
	Authorized money.Fen
	// Claims numbers the refunds after success.
	Claims int
	// Key is the idempotency key that the pledge came with.
	Key string
	// Lot is the factory lot that the pledge is served from, 0 before one is planned; Promise is its promised day, nil for none.
	Lot     int
	Promise *calendar.Day
}

// Net gives Paid − Refunded: what the house keeps, at this moment.
func (p *Pledge) Net() money.Fen { return p.Paid - p.Refunded }

func (p *Pledge) key(why Purpose) string { return fmt.Sprintf("%d/%s", p.Seq, why) }

func (p *Pledge) instruct(k Kind, why Purpose, fen money.Fen) Instruction {
	i := Instruction{Key: p.key(why) + "/" + string(k), Kind: k, Purpose: why, Seq: p.Seq, Member: p.Member, Fen: fen}
	if k == Refund {
		i.From = p.purse()
	}
	return i
}

// purse is the account that holds what was paid for the pledge.
func (p *Pledge) purse() Account {
	switch p.State {
	case PledgeDelivered:
		return Sales
	case Defaulted:
		return Forfeits
	}
	return Escrow
}

// refund owes money back and notes it.
func (p *Pledge) refund(why Purpose, fen money.Fen) []Instruction {
	if fen <= 0 {
		return nil
	}
	p.Refunded += fen
	return []Instruction{p.instruct(Refund, why, fen)}
}

// letGo gives everything back that was paid, and lets go of what was authorised.
func (p *Pledge) letGo(why Purpose) []Instruction {
	if p.Authorized > 0 && p.Paid == 0 {
		fen := p.Authorized
		p.Authorized = 0
		return []Instruction{p.instruct(Void, why, fen)}
	}
	return p.refund(why, p.Net())
}

// Request is a pledge as a member makes it.
type Request struct {
	Member string
	Tier   string // empty for a campaign's only tier
	Units  int64
	Group  string // the group to join; empty opens one
}

// Standing is what is known of the member and the group of a request.
type Standing struct {
	// Live tells that the member has a live pledge.
	Live bool
	// Group counts the live accepted pledges of the group to join, -1 when there is no such group.
	Group int
}

// Pledge takes a pledge: accepted whole where campaign and tier have room for it, waiting otherwise. What is refused changes nothing:
// *StateError, ErrNotStarted, *DeadlineError, ErrUnits, ErrMember, ErrTier, *LimitError, ErrTwice, ErrGroup.
func (c *Campaign) Pledge(r Request, s Standing, now time.Time) (*Pledge, []Instruction, error) {
	switch {
	case now.After(c.Deadline):
		return nil, nil, &DeadlineError{c.Deadline, now}
	case c.State != Open && c.State != Scheduled:
		return nil, nil, &StateError{c.Number, c.State, "pledge"}
	case now.Before(c.Start):
		return nil, nil, ErrNotStarted
	}
	t, err := c.offer(r, now)
	if err != nil {
		return nil, nil, err
	}
	pieces := quantity.Pieces(r.Units) * t.Pieces
	switch {
	case c.PerMember > 0 && pieces > c.PerMember:
		return nil, nil, &LimitError{pieces, c.PerMember}
	case s.Live:
		return nil, nil, ErrTwice
	case r.Group != "" && (c.GroupSize < 2 || s.Group < 0 || s.Group >= c.GroupSize):
		return nil, nil, ErrGroup
	}
	c.State = Open
	c.LastSeq++
	p := &Pledge{Seq: c.LastSeq, Member: r.Member, Tier: t.Code, Units: r.Units, Pieces: pieces, Price: t.First(), Group: r.Group, At: now, State: Waiting}
	if c.GroupSize > 1 && r.Group == "" {
		p.Group = fmt.Sprintf("G%d", p.Seq)
	}
	if !c.fits(p) {
		c.Waiting++
		return p, nil, nil
	}
	return p, c.accept(p), nil
}

// offer gives the tier of a request, after a look at what it says.
func (c *Campaign) offer(r Request, now time.Time) (Tier, error) {
	if r.Member == "" || strings.TrimSpace(r.Member) != r.Member || !printable(r.Member, maxMember) {
		return Tier{}, ErrMember
	}
	if !printable(r.Group, maxMember) {
		return Tier{}, ErrGroup
	}
	if r.Units < 1 || r.Units > MaxUnits {
		return Tier{}, ErrUnits
	}
	t, ok := c.Tier(r.Tier)
	if !ok || t.Until != nil && now.After(*t.Until) {
		return Tier{}, fmt.Errorf("%w: %q", ErrTier, r.Tier)
	}
	return t, nil
}

// printable tells whether a text can be stored and shown.
func printable(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, unicode.IsControl)
}

// CheckKey refuses an idempotency key that is missing, longer than 100 characters, or not printable. ErrKey.
func CheckKey(key string) error {
	if key == "" || !printable(key, maxMember) {
		return fmt.Errorf("%w: 1 to %d printable characters are needed", ErrKey, maxMember)
	}
	return nil
}

// fits tells whether campaign and tier have room for the whole pledge.
func (c *Campaign) fits(p *Pledge) bool {
	t, _ := c.Tier(p.Tier)
	return (c.Quota == 0 || c.Reserved+p.Pieces <= c.Quota) && (t.Quota == 0 || c.Taken[p.Tier]+p.Pieces <= t.Quota)
}

// accept reserves the pledge's pieces and asks for its money.
func (c *Campaign) accept(p *Pledge) []Instruction {
	p.State = Accepted
	c.Reserved += p.Pieces
	c.Taken[p.Tier] += p.Pieces
	c.Backers++
	switch {
	case c.Mode == DepositBalance:
		return []Instruction{p.instruct(Charge, ForPledge, c.deposit(p))}
	case c.Charge == OnSuccess:
		return []Instruction{p.instruct(Authorize, ForPledge, p.Price*money.Fen(p.Units))}
	}
	return []Instruction{p.instruct(Charge, ForPledge, p.Price*money.Fen(p.Units))}
}

func (c *Campaign) deposit(p *Pledge) money.Fen { return c.Deposit * money.Fen(p.Pieces) }

// free gives an accepted pledge's pieces back.
func (c *Campaign) free(p *Pledge) {
	c.Reserved -= p.Pieces
	c.Taken[p.Tier] -= p.Pieces
	c.Backers--
}

// Cancel takes a member's pledge back, in time: all money is given back and the quota freed, which Promote then gives to the waitlist.
// *DeadlineError, *StateError, ErrPledgeState.
func (c *Campaign) Cancel(p *Pledge, now time.Time) ([]Instruction, error) {
	switch {
	case now.After(c.Deadline):
		return nil, &DeadlineError{c.Deadline, now}
	case !c.State.Running():
		return nil, &StateError{c.Number, c.State, "cancel a pledge of"}
	}
	switch p.State {
	case Waiting:
		c.Waiting--
		p.State = PledgeCancelled
		return nil, nil
	case Accepted:
		c.free(p)
		p.State = PledgeCancelled
		return p.letGo(ForCancel), nil
	}
	return nil, ErrPledgeState
}

// Promote accepts, in their order, the waiting pledges that fit what is free. ps need only hold some of those that may fit.
func (c *Campaign) Promote(ps []*Pledge, now time.Time) (promoted []*Pledge, ask []Instruction) {
	if !c.State.Running() || now.After(c.Deadline) {
		return nil, nil
	}
	for _, p := range ps {
		if p.State != Waiting || !c.fits(p) {
			continue
		}
		c.Waiting--
		p.At = now
		ask = append(ask, c.accept(p)...)
		promoted = append(promoted, p)
	}
	return promoted, ask
}

// Room gives the pieces that are free, MaxPieces where there is no bound, and the codes of the tiers that have room.
func (c *Campaign) Room() (quantity.Pieces, []string) {
	room := MaxPieces
	if c.Quota > 0 {
		room = c.Quota - c.Reserved
	}
	var tiers []string
	for _, t := range c.Tiers {
		if t.Quota == 0 || c.Taken[t.Code] < t.Quota {
			tiers = append(tiers, t.Code)
		}
	}
	return room, tiers
}

// Lapse lets go of an accepted pledge whose charge was not paid in time, and tells whether it did.
func (c *Campaign) Lapse(p *Pledge, now time.Time) bool {
	if c.PayWithin == 0 || p.State != Accepted || !c.State.Running() || c.funded(p) || !now.After(p.At.Add(c.PayWithin)) {
		return false
	}
	c.free(p)
	p.State = Lapsed
	return true
}

// funded tells whether the money that a pledge owes before the deadline is there.
func (c *Campaign) funded(p *Pledge) bool {
	switch {
	case c.Mode == DepositBalance:
		return p.Paid >= c.deposit(p)
	case c.Charge == OnSuccess:
		return p.Authorized > 0
	}
	return p.Net() >= p.Price*money.Fen(p.Units)
}
