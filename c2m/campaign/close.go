package campaign

import (
	"strings"
	"time"

	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// CloseAt is when the campaign can be closed: the deadline, and as long after it as a charge may take.
func (c *Campaign) CloseAt() time.Time { return c.Deadline.Add(c.PayWithin) }

// Outcome is what closing asks the provider to do and books at once.
type Outcome struct {
	Ask     []Instruction
	Entries []Entry
}

// Close ends the taking of pledges after the deadline and decides. Pledges without money lapse, groups that are not full are let go; what
// is left decides: won (the break reached is everybody's price, and what was paid above it goes back) or failed (everything goes back).
// ps are all pledges of the campaign, in any order. *StateError, ErrNotDue.
func (c *Campaign) Close(ps []*Pledge, now time.Time) (Outcome, error) {
	var out Outcome
	if !c.State.Running() {
		return out, &StateError{c.Number, c.State, "close"}
	}
	if !now.After(c.Deadline) {
		return out, ErrNotDue
	}
	out.Ask = c.settleGroups(ps)
	var pieces quantity.Pieces
	for _, p := range ps {
		if p.State != Accepted {
			continue
		}
		if !c.funded(p) {
			c.free(p)
			p.State = Lapsed
			continue
		}
		pieces += p.Pieces
	}
	c.AtClose, c.Stops.Closed = &pieces, &now
	if pieces == 0 || c.Mode != KeepItAll && pieces < c.Goal {
		c.fail(ps, &out)
		return out, nil
	}
	c.win(ps, &out, now)
	return out, nil
}

// settleGroups lets the pledges of groups go that are not full.
func (c *Campaign) settleGroups(ps []*Pledge) (ask []Instruction) {
	if c.GroupSize < 2 {
		return nil
	}
	size := map[string]int{}
	for _, p := range ps {
		if p.State == Accepted && c.funded(p) {
			size[p.Group]++
		}
	}
	for _, p := range ps {
		if p.State == Accepted && c.funded(p) && size[p.Group] < c.GroupSize {
			c.free(p)
			ask = append(ask, p.letGo(ForGroup)...)
			p.State = Released
		}
	}
	return ask
}

func (c *Campaign) fail(ps []*Pledge, out *Outcome) {
	c.State = Failed
	for _, p := range ps {
		if p.State == Accepted {
			out.Ask = append(out.Ask, p.letGo(ForFailure)...)
			p.State = Released
		}
	}
}

func (c *Campaign) win(ps []*Pledge, out *Outcome, now time.Time) {
	c.State, c.Final = Succeeded, map[string]money.Fen{}
	for _, t := range c.Tiers {
		c.Final[t.Code] = t.PriceAt(*c.AtClose)
	}
	if c.Mode == DepositBalance {
		c.State = Balance
		return
	}
	c.Stops.Settled = &now
	for _, p := range ps {
		if p.State != Accepted {
			continue
		}
		if c.Charge == OnSuccess {
			out.Ask = append(out.Ask, p.instruct(Capture, ForSuccess, c.price(p)))
			continue
		}
		out.Ask = append(out.Ask, p.refund(ForDifference, p.Net()-c.price(p))...)
		c.confirm(p)
	}
}

// price gives what a pledge costs at the final price of its tier.
func (c *Campaign) price(p *Pledge) money.Fen { return c.Final[p.Tier] * money.Fen(p.Units) }

// confirm makes a fully paid pledge one that will be delivered.
func (c *Campaign) confirm(p *Pledge) {
	p.State = Confirmed
	c.ToDeliver += p.Pieces
}

// BalanceOf gives what an accepted pledge of a won campaign still owes, false where nothing is due.
func (c *Campaign) BalanceOf(p *Pledge) (money.Fen, bool) {
	if c.State != Balance || p.State != Accepted {
		return 0, false
	}
	due := c.price(p) - p.Net()
	return due, due > 0
}

// PayBalance asks for the balance of a pledge, after the deadline and up to the balance deadline. ErrBalance, *DeadlineError.
func (c *Campaign) PayBalance(p *Pledge, now time.Time) (Instruction, error) {
	due, ok := c.BalanceOf(p)
	switch {
	case !ok:
		return Instruction{}, ErrBalance
	case now.After(c.BalanceEnd()):
		return Instruction{}, &DeadlineError{c.BalanceEnd(), now}
	}
	return p.instruct(Charge, ForBalance, due), nil
}

// CloseBalance ends the balance window: who paid is delivered to, who did not has defaulted and loses the deposit, or gets it back where
// the terms say so. *StateError, ErrNotDue.
func (c *Campaign) CloseBalance(ps []*Pledge, now time.Time) (Outcome, error) {
	var out Outcome
	if c.State != Balance {
		return out, &StateError{c.Number, c.State, "close the balance window of"}
	}
	if !now.After(c.BalanceEnd()) {
		return out, ErrNotDue
	}
	for _, p := range ps {
		if p.State != Accepted {
			continue
		}
		if p.Net() >= c.price(p) {
			c.confirm(p)
			continue
		}
		c.free(p)
		if !c.Forfeit {
			out.Ask = append(out.Ask, p.refund(ForDefault, p.Net())...)
		} else if p.Net() > 0 {
			out.Entries = append(out.Entries, earn(p, Forfeits, ForDefault, p.Net()))
		}
		p.State = Defaulted
	}
	c.State, c.Stops.Settled = Succeeded, &now
	return out, nil
}

// Confirm brings in that the provider has done an instruction. Money that comes for a pledge that is not there any more, or after its
// window, is taken into the books and given back at once. It is called once for each instruction; the caller sees to that by the key.
func (c *Campaign) Confirm(p *Pledge, i Instruction, now time.Time) (Outcome, error) {
	var out Outcome
	if i.Kind == Authorize {
		if p.State != Accepted || !c.State.Running() {
			out.Ask = []Instruction{p.instruct(Void, ForLate, i.Fen)}
			return out, nil
		}
		p.Authorized = i.Fen
		return out, nil
	}
	e, moves := i.Done()
	if !moves {
		return out, nil
	}
	out.Entries = append(out.Entries, e)
	if !i.Kind.In() {
		return out, nil
	}
	p.Paid += i.Fen
	switch {
	case i.Purpose == ForPledge && (p.State != Accepted || !c.State.Running()),
		i.Purpose == ForBalance && (p.State != Accepted || c.State != Balance || now.After(c.BalanceEnd())),
		i.Purpose == ForSuccess && (p.State != Accepted || c.Final == nil):
		out.Ask = append(out.Ask, p.lateRefund(i)...)
	case i.Purpose == ForSuccess:
		p.Authorized = 0
		c.confirm(p)
	}
	return out, nil
}

// lateRefund gives back what came too late, under a key of its own.
func (p *Pledge) lateRefund(i Instruction) []Instruction {
	p.Refunded += i.Fen
	back := p.instruct(Refund, ForLate, i.Fen)
	back.Key, back.From = i.Key+"/late", Escrow // it came just now and was never earned
	return []Instruction{back}
}

// GiveUp brings in that the provider refused an incoming instruction for good: the pledge lapses and its quota is free. It tells whether
// anything changed.
func (c *Campaign) GiveUp(p *Pledge, i Instruction) bool {
	switch {
	case p.State != Accepted:
		return false
	case i.Purpose == ForPledge && c.State.Running() && (i.Kind.In() || i.Kind == Authorize), i.Purpose == ForSuccess:
		c.free(p)
		p.State = Lapsed
		return true
	}
	return false
}

// Claim is why money is given back after success.
type Claim string

// The claims.
const (
	LateDelivery    Claim = "late"
	PartialDelivery Claim = "partial"
	QualityFailure  Claim = "quality"
)

// Compensate gives a member money back after success: for a late or a partial delivery, or a failure of quality. ErrPledgeState,
// *RefundError, ErrReason.
func (c *Campaign) Compensate(p *Pledge, why Claim, fen money.Fen, note string) ([]Instruction, error) {
	switch {
	case why != LateDelivery && why != PartialDelivery && why != QualityFailure, strings.TrimSpace(note) == "":
		return nil, ErrReason
	case p.State != Confirmed && p.State != PledgeDelivered:
		return nil, ErrPledgeState
	case fen < 1 || fen > p.Net():
		return nil, &RefundError{fen, p.Net()}
	}
	p.Claims++
	p.Refunded += fen
	i := p.instruct(Refund, ForClaim, fen)
	i.Key += "/" + string(why) + "/" + itoa(p.Claims)
	return []Instruction{i}, nil
}

// Produce notes that lots have been ordered. *StateError.
func (c *Campaign) Produce(now time.Time) error {
	if c.State != Succeeded && c.State != Producing {
		return &StateError{c.Number, c.State, "produce for"}
	}
	if c.State != Producing {
		c.State, c.Stops.Produced = Producing, &now
	}
	return nil
}

// Deliver notes that a pledge's goods have reached the member; the money is earned. ErrPledgeState.
func (c *Campaign) Deliver(p *Pledge) (Outcome, error) {
	if p.State != Confirmed {
		return Outcome{}, ErrPledgeState
	}
	p.State = PledgeDelivered
	var out Outcome
	if p.Net() > 0 {
		out.Entries = append(out.Entries, earn(p, Sales, ForSuccess, p.Net()))
	}
	return out, nil
}

// Finish notes that every confirmed pledge has been delivered, when ps hold none that is not, and tells whether it did.
func (c *Campaign) Finish(ps []*Pledge, now time.Time) bool {
	if c.State != Succeeded && c.State != Producing {
		return false
	}
	served := false
	for _, p := range ps {
		if p.State == Confirmed || p.State == Accepted {
			return false
		}
		served = served || p.State == PledgeDelivered
	}
	if served {
		c.State, c.Stops.Delivered = Delivered, &now
	}
	return served
}
