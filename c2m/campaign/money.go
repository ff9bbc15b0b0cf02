package campaign

import (
	"fmt"

	"milkrun/internal/money"
)

// Account is one side of an entry.
type Account string

// The accounts. Member is the purse of the member; Escrow holds money for goods not yet earned; Payable is owed back; Sales and Forfeits
// are earned; House bears penalties.
const (
	Member   Account = "member"
	Escrow   Account = "escrow"
	Payable  Account = "payable"
	Sales    Account = "sales"
	Forfeits Account = "forfeits"
	House    Account = "house"
)

// Kind is what a payment provider is asked to do.
type Kind string

// The kinds. Authorize, Charge and Capture bring money in (Authorize only promises it), Refund and Penalty pay out, Void lets an
// authorisation go.
const (
	Authorize Kind = "authorize"
	Charge    Kind = "charge"
	Capture   Kind = "capture"
	Void      Kind = "void"
	Refund    Kind = "refund"
	Penalty   Kind = "penalty"
)

// In tells whether the kind takes money from the member.
func (k Kind) In() bool { return k == Charge || k == Capture }

// Out tells whether the kind pays money to the member.
func (k Kind) Out() bool { return k == Refund || k == Penalty }

// Purpose says why money moves; with the pledge it makes the idempotency key.
type Purpose string

// The purposes.
const (
	ForPledge     Purpose = "pledge"
	ForBalance    Purpose = "balance"
	ForSuccess    Purpose = "success"
	ForCancel     Purpose = "cancel"
	ForDifference Purpose = "difference"
	ForFailure    Purpose = "failure"
	ForMerchant   Purpose = "merchant_cancel"
	ForGroup      Purpose = "group"
	ForLate       Purpose = "late_payment"
	ForClaim      Purpose = "claim"
	ForDefault    Purpose = "default"
	ForPenalty    Purpose = "penalty"
)

// Instruction is what the payment provider is asked to do. The same key is the same instruction: sent twice it happens once.
type Instruction struct {
	Key     string
	Kind    Kind
	Purpose Purpose
	Seq     int64
	Member  string
	Fen     money.Fen
	// From is the account that a refund comes out of.
	From Account
}

// Entry is one movement of money. Entries are only ever added; the same key moves once.
type Entry struct {
	Key      string
	From, To Account
	Fen      money.Fen
	Seq      int64
	Member   string
	Purpose  Purpose
}

// Ledger is the entries of a campaign by key, with the balances of its accounts.
type Ledger struct {
	entries map[string]Entry
	order   []string
	balance map[Account]money.Fen
}

// NewLedger gives an empty ledger.
func NewLedger() *Ledger {
	return &Ledger{entries: map[string]Entry{}, balance: map[Account]money.Fen{}}
}

// Post books an entry and tells whether it is new. ErrKey for a key that stands for another movement; amounts are above 0.
func (l *Ledger) Post(e Entry) (bool, error) {
	if was, ok := l.entries[e.Key]; ok {
		if was != e {
			return false, fmt.Errorf("%w: %s", ErrKey, e.Key)
		}
		return false, nil
	}
	if e.Fen <= 0 || e.From == e.To {
		return false, fmt.Errorf("%w: %d fen from %s to %s", ErrRefund, e.Fen, e.From, e.To)
	}
	l.entries[e.Key], l.order = e, append(l.order, e.Key)
	l.balance[e.From] -= e.Fen
	l.balance[e.To] += e.Fen
	return true, nil
}

// Balance gives the balance of an account. The balances of all accounts add up to 0.
func (l *Ledger) Balance(a Account) money.Fen { return l.balance[a] }

// Entries gives the entries in the order of their booking.
func (l *Ledger) Entries() []Entry {
	out := make([]Entry, len(l.order))
	for i, k := range l.order {
		out[i] = l.entries[k]
	}
	return out
}

// Owed gives the entry that an outgoing instruction makes at once: the money leaves the escrow for what is owed. False for the others,
// which move money only when the provider has confirmed them.
func (i Instruction) Owed() (Entry, bool) {
	e := Entry{Key: i.Key + "/due", To: Payable, Fen: i.Fen, Seq: i.Seq, Member: i.Member, Purpose: i.Purpose}
	switch i.Kind {
	case Refund:
		e.From = i.From
	case Penalty:
		e.From = House
	default:
		return Entry{}, false
	}
	return e, true
}

// Done gives the entry of an instruction that the provider has confirmed, false for those that move nothing.
func (i Instruction) Done() (Entry, bool) {
	e := Entry{Key: i.Key + "/done", Fen: i.Fen, Seq: i.Seq, Member: i.Member, Purpose: i.Purpose}
	switch {
	case i.Kind.In():
		e.From, e.To = Member, Escrow
	case i.Kind.Out():
		e.From, e.To = Payable, Member
	default:
		return Entry{}, false
	}
	return e, true
}

// earn is the entry of money that is the house's now.
func earn(p *Pledge, to Account, why Purpose, fen money.Fen) Entry {
	return Entry{Key: p.key(why) + "/earned", From: Escrow, To: to, Fen: fen, Seq: p.Seq, Member: p.Member, Purpose: why}
}
