package campaignops

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
)

var openStates = []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning,
	rivertype.JobStateScheduled}

// Port is a payment provider. Ask tells it one instruction; the key makes that instruction happen once, however often it is told. The
// answer may be final (Done, Refused) or come later as a message (Later). An error says that it did not get through: it is told again.
type Port interface {
	Ask(ctx context.Context, r PaymentRequest) (PaymentAnswer, error)
}

// PaymentRequest is an instruction as the provider is told it.
type PaymentRequest struct {
	// Key is unique in the whole house: the campaign's number and the instruction's key.
	Key      string
	Kind     campaign.Kind
	Purpose  campaign.Purpose
	Campaign string
	Member   string
	Fen      money.Fen
}

// Answered is what a provider says to an instruction.
type Answered string

// The answers.
const (
	Done    Answered = "done"
	Refused Answered = "refused"
	Later   Answered = "later"
)

// PaymentAnswer is the provider's word on an instruction.
type PaymentAnswer struct {
	Outcome   Answered
	Reference string // the provider's own number
	Reason    string // why it was refused
}

// Refusals of a provider's message.
var (
	// ErrAmount refuses a message about another amount than was asked; nothing is booked.
	ErrAmount = errors.New("campaignops: the message's amount is not the one that was asked")
	// ErrMessage refuses a message without id, key or a known outcome.
	ErrMessage = errors.New("campaignops: a message needs an id, a key, and the outcome done or refused")
)

// Message is what the provider says later about an instruction. The same id is the same message.
type Message struct {
	ID        string
	Key       string // as in PaymentRequest
	Outcome   Answered
	Fen       money.Fen
	Reference string
	Reason    string
}

// Heard is what became of a message. Again tells that it, or another with the same content, was taken in before.
type Heard struct {
	State campaigndb.PaymentState
	Again bool
	// Returned is true when the money came too late and goes back.
	Returned bool
}

// answer is the provider's word on one instruction, on its way into the books.
type answer struct {
	payment campaigndb.PaymentID
	word    PaymentAnswer
	failed  error  // it did not get through
	message string // the id of the message that it came by, "" for a direct answer
	heard   Heard
	err     error
	ready   chan struct{}
}

// Hear takes a message of the provider in. A message sent twice counts once. campaign.ErrUnknown, ErrAmount, ErrMessage.
func (o *Ops) Hear(ctx context.Context, m Message) (Heard, error) {
	if m.ID == "" || campaign.CheckKey(m.ID) != nil || m.Key == "" || m.Outcome != Done && m.Outcome != Refused {
		return Heard{}, ErrMessage
	}
	number, key, ok := cutKey(m.Key)
	if !ok {
		return Heard{}, campaign.ErrUnknown
	}
	p, err := campaigndb.PaymentByKey(ctx, o.Pool, number, key)
	if err != nil {
		return Heard{}, err
	}
	if m.Fen != p.Fen {
		return Heard{}, fmt.Errorf("%w: %d fen, asked %d", ErrAmount, m.Fen, p.Fen)
	}
	a := &answer{payment: p.ID, word: PaymentAnswer{Outcome: m.Outcome, Reference: m.Reference, Reason: m.Reason}, message: m.ID, ready: make(chan struct{})}
	if err := o.settling.put(access.WithUser(ctx, access.TheSystem()), p.CampaignID, a); err != nil {
		return Heard{}, err
	}
	select {
	case <-a.ready:
		return a.heard, a.err
	case <-ctx.Done():
		return Heard{}, ctx.Err() // the provider sends it again
	}
}

func houseKey(p campaigndb.Payment) string { return p.Number + "/" + p.Key }

func cutKey(s string) (number, key string, ok bool) {
	const n = len("CP-2611-001")
	if len(s) <= n+1 {
		return "", "", false
	}
	for i := n; i < len(s) && i < n+4; i++ {
		if s[i] == '/' {
			return s[:i], s[i+1:], campaign.CheckKey(s) == nil
		}
	}
	return "", "", false
}

// asking is how many instructions are told to the provider at once.
const asking = 8

// SendPayments tells the provider all instructions that are due, each by itself: one that fails is told again later and keeps no other from
// its turn. It gives how many were told.
func (o *Ops) SendPayments(ctx context.Context) (int, error) {
	if _, err := access.RequireAny(ctx, access.EditOrders, access.PushData); err != nil {
		return 0, err
	}
	if o.Payments == nil {
		return 0, nil
	}
	n := 0
	for ctx.Err() == nil {
		due, err := campaigndb.Claim(ctx, o.Pool, o.Clock(), 400)
		if err != nil || len(due) == 0 {
			return n, err
		}
		o.tellAll(ctx, due)
		n += len(due)
	}
	return n, ctx.Err()
}

// tellAll tells instructions to the provider and brings the answers into the books, campaign by campaign.
func (o *Ops) tellAll(ctx context.Context, due []campaigndb.Payment) {
	answers := make([]*answer, len(due))
	var wg sync.WaitGroup
	turn := make(chan struct{}, asking)
	for i, p := range due {
		turn <- struct{}{}
		wg.Go(func() {
			defer func() { <-turn }()
			word, err := o.Payments.Ask(ctx, PaymentRequest{Key: houseKey(p), Kind: p.Kind, Purpose: p.Purpose, Campaign: p.Number, Member: p.Member, Fen: p.Fen})
			answers[i] = &answer{payment: p.ID, word: word, failed: err, ready: make(chan struct{})}
		})
	}
	wg.Wait()
	byCampaign := map[campaign.ID][]*answer{}
	for i, p := range due {
		byCampaign[p.CampaignID] = append(byCampaign[p.CampaignID], answers[i])
	}
	for id, all := range byCampaign {
		o.settle(ctx, id, all)
	}
}

// settle brings answers into the books in one transaction.
func (o *Ops) settle(ctx context.Context, id campaign.ID, batch []*answer) {
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return o.settleIn(ctx, tx, id, batch) })
	if err != nil {
		o.Log.ErrorContext(ctx, "answers of the payment provider were not booked; they will be asked for again", "campaign", id, "error", err)
	}
	for _, a := range batch {
		if err != nil {
			a.err = err
		}
		close(a.ready)
	}
}

func (o *Ops) settleIn(ctx context.Context, tx pgx.Tx, id campaign.ID, batch []*answer) error {
	c, err := campaigndb.Lock(ctx, tx, id)
	if err != nil {
		return err
	}
	u, _ := access.FromContext(ctx)
	s := &settling{act: act{ops: o, tx: tx, user: u, now: o.Clock(), c: c, counted: true}}
	if err := s.load(ctx, batch); err != nil {
		return err
	}
	for _, a := range batch {
		a.heard, a.err = Heard{}, nil
		if err := s.one(ctx, a); err != nil {
			return err
		}
	}
	campaigndb.SavePledges(&s.batch, id, s.changed())
	campaigndb.Settle(&s.batch, s.settled, s.now)
	s.ask(s.out.Ask, s.out.Entries)
	if s.freed {
		if err := campaigndb.Run(ctx, tx, &s.batch); err != nil {
			return err
		}
		s.batch = pgx.Batch{}
		if err := s.promote(ctx); err != nil {
			return err
		}
		campaigndb.Mark(&s.batch, c, s.now)
	}
	return s.finish(ctx)
}

// settling is a batch of answers at work.
type settling struct {
	act
	payments map[campaigndb.PaymentID]campaigndb.Payment
	pledges  map[int64]*campaign.Pledge
	touched  map[int64]bool
	settled  []campaigndb.Payment
	out      campaign.Outcome
	freed    bool
}

func (s *settling) load(ctx context.Context, batch []*answer) error {
	s.payments, s.pledges, s.touched = map[campaigndb.PaymentID]campaigndb.Payment{}, map[int64]*campaign.Pledge{}, map[int64]bool{}
	ids := make([]campaigndb.PaymentID, len(batch))
	for i, a := range batch {
		ids[i] = a.payment
	}
	pays, err := campaigndb.LockPayments(ctx, s.tx, ids)
	if err != nil {
		return err
	}
	seqs := make([]int64, len(pays))
	for i, p := range pays {
		s.payments[p.ID], seqs[i] = p, p.Seq
	}
	ps, err := campaigndb.LockPledges(ctx, s.tx, s.c.ID, seqs)
	for _, p := range ps {
		s.pledges[p.Seq] = p
	}
	return err
}

func (s *settling) changed() []*campaign.Pledge {
	var out []*campaign.Pledge
	for seq := range s.touched {
		out = append(out, s.pledges[seq])
	}
	return out
}

// one brings one answer into the books; an instruction that is settled already stays as it is.
func (s *settling) one(ctx context.Context, a *answer) error {
	pay := s.payments[a.payment]
	if a.message != "" {
		first, err := campaigndb.Hear(ctx, s.tx, a.message, pay.ID, string(a.word.Outcome), a.word.Reason, s.now)
		if err != nil {
			return err
		}
		a.heard = Heard{State: pay.State, Again: !first}
		if !first {
			return nil
		}
	}
	done := pay.State == campaigndb.Done
	if done || pay.State == campaigndb.Refused && a.word.Outcome != Done {
		a.heard.State, a.heard.Again = pay.State, true
		return nil
	}
	p := s.pledges[pay.Seq]
	switch {
	case a.failed != nil:
		pay.Error = short(a.failed.Error())
	case a.word.Outcome == Done:
		out, err := s.c.Confirm(p, pay.Instruction(), s.now)
		if err != nil {
			return err
		}
		pay.State, pay.Error = campaigndb.Done, ""
		a.heard.Returned = len(out.Ask) > 0
		s.touched[p.Seq] = true
		s.out.Ask, s.out.Entries = append(s.out.Ask, out.Ask...), append(s.out.Entries, out.Entries...)
	case a.word.Outcome == Refused:
		pay.State, pay.Error = campaigndb.Refused, short(a.word.Reason)
		if s.c.GiveUp(p, pay.Instruction()) {
			s.touched[p.Seq], s.freed = true, true
		}
	}
	pay.Reference = a.word.Reference
	a.heard.State = pay.State
	s.payments[pay.ID] = pay
	s.settled = append(s.settled, pay)
	return nil
}

func short(s string) string {
	if r := []rune(s); len(r) > 300 {
		return string(r[:300])
	}
	return s
}

// RetryPayment tells the provider an instruction again at once: one that did not get through, or a payout that was refused.
// campaign.ErrUnknown where nothing can be told again.
func (o *Ops) RetryPayment(ctx context.Context, id campaigndb.PaymentID) error {
	if _, err := access.Require(ctx, access.EditOrders); err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		ok, err := campaigndb.Retry(ctx, tx, id, o.Clock())
		if err != nil {
			return err
		}
		if !ok {
			return campaign.ErrUnknown
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "payment.retry", Thing: audit.Thing{Kind: "payment", ID: itoa(int64(id))}})
	})
}
