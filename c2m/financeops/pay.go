package financeops

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"milkrun/c2m/campaignops"
	"milkrun/c2m/finance"
	"milkrun/c2m/financedb"
	"milkrun/c2m/statement"
	"milkrun/c2m/statementdb"
	"milkrun/c2m/supplier"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
)

// Port is a payment provider. Ask tells it one instruction; the key makes that instruction happen once, however often it is told. An error
// says that it did not get through: it is told again.
type Port interface {
	Ask(ctx context.Context, r PaymentRequest) (PaymentAnswer, error)
}

// PaymentRequest is an instruction to pay a supplier, as the provider is told it.
type PaymentRequest struct {
	Key      string // unique in the whole house
	Kind     finance.Kind
	Supplier string // its code
	Document string
	Currency supplier.Currency
	Amount   int64     // in the currency's minor unit
	Fen      money.Fen // in the house's currency
}

// Outcome is what a provider says to an instruction.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"
	Refused Outcome = "refused"
	Later   Outcome = "later"
)

// PaymentAnswer is the provider's word on an instruction.
type PaymentAnswer struct {
	Outcome   Outcome
	Reference string
	Reason    string
}

// Refusals of a provider's message.
var (
	// ErrPaid refuses a message about another amount than was asked; nothing is booked.
	ErrPaid = errors.New("financeops: the message's amount is not the one that was asked")
	// ErrMessage refuses a message without id, key or a known outcome.
	ErrMessage = errors.New("financeops: a message needs an id, a key, and the outcome done or refused")
)

// Message is what the provider says later about an instruction. The same id is the same message.
type Message struct {
	ID, Key           string
	Outcome           Outcome
	Amount            int64
	Reference, Reason string
}

// Settle nets a statement that was just agreed against the supplier's advances, and asks for the rest to be paid on its due day. Where
// nothing is left the statement is paid at once. It belongs to the transaction that agrees to the statement.
func (o *Ops) Settle(ctx context.Context, tx pgx.Tx, s *statement.Statement, now time.Time, by string) error {
	if err := financedb.Lock(ctx, tx, s.Supplier); err != nil {
		return err
	}
	total, today := s.Totals().Total, o.Today()
	// The period's own sum is booked; what was carried over was booked with the statement that it comes from.
	fresh := s.Fresh()
	entries := []finance.Entry{{Key: s.Number + "/agreed", From: finance.Payable, To: finance.Purchases, Fen: fresh, Document: s.Number, Day: today}}
	switch {
	case fresh == 0:
		entries = nil
	case fresh < 0: // the supplier owes, here or by less on the next statement, which takes the balance over
		entries[0].From, entries[0].To, entries[0].Fen = finance.Purchases, finance.Payable, -fresh
	}
	if total > 0 {
		all, err := financedb.Of(ctx, tx, s.Supplier)
		if err != nil {
			return err
		}
		taken, more, sum := finance.SetOff(finance.Netting{Number: s.Number, Orders: orders(s), Total: total, Due: s.Due}, all, today)
		for _, r := range taken {
			if err := financedb.Save(ctx, tx, r.Advance); err != nil {
				return err
			}
			after := map[string]any{"statement": s.Number, "fee_fen": r.Fee, "principal_fen": r.Principal}
			if err := audit.Write(ctx, tx, now, audit.Change{Verb: "advance.net", Thing: audit.Thing{Kind: "advance", ID: r.Advance.Number}, After: after}); err != nil {
				return err
			}
		}
		if err := s.Net(sum); err != nil {
			return err
		}
		entries = append(entries, more...)
	}
	if err := financedb.Book(ctx, tx, s.Supplier, entries, by, now); err != nil {
		return err
	}
	rest := s.Balance()
	if rest == 0 {
		return s.Pay(0, now)
	}
	amount, err := supplier.Convert(rest, s.Currency, s.Rate)
	if err != nil {
		return err
	}
	p := financedb.Payment{Key: s.Number + "/pay", Kind: finance.PayStatement, Supplier: s.Supplier, Document: s.Number, Fen: rest, Currency: s.Currency, Amount: max(1, amount), AskedBy: by}
	return financedb.Ask(ctx, tx, p, s.Due.In(o.Zone).Add(9*time.Hour), now)
}

// orders lists the numbers of the orders on a statement.
func orders(s *statement.Statement) []string {
	seen := map[string]bool{}
	var out []string
	for _, l := range s.Lines {
		if l.Number != "" && !seen[l.Number] {
			seen[l.Number] = true
			out = append(out, l.Number)
		}
	}
	return out
}

// SendPayments tells the provider all instructions that are due, each by itself. It gives how many were told.
func (o *Ops) SendPayments(ctx context.Context) (int, error) {
	if _, err := access.Require(ctx, access.EditSuppliers); err != nil {
		return 0, err
	}
	if o.Payments == nil {
		return 0, nil
	}
	n := 0
	for ctx.Err() == nil {
		due, err := financedb.Claim(ctx, o.Pool, o.Clock(), 100)
		if err != nil || len(due) == 0 {
			return n, err
		}
		for _, p := range due {
			word, err := o.Payments.Ask(ctx, PaymentRequest{Key: p.Key, Kind: p.Kind, Supplier: p.Code, Document: p.Document, Currency: p.Currency, Amount: p.Amount, Fen: p.Fen})
			if err := o.settle(ctx, p.Key, word, err, "", 0); err != nil {
				o.Log.ErrorContext(ctx, "an answer of the payment provider was not booked; it will be asked for again", "key", p.Key, "error", err)
			}
			n++
		}
	}
	return n, ctx.Err()
}

// Hear takes a message of the provider in. A message sent twice counts once. finance.ErrUnknown, ErrPaid, ErrMessage.
func (o *Ops) Hear(ctx context.Context, m Message) error {
	if m.ID == "" || len(m.ID) > 200 || m.Key == "" || m.Outcome != Done && m.Outcome != Refused {
		return ErrMessage
	}
	return o.settle(access.WithUser(ctx, access.TheSystem()), m.Key, PaymentAnswer{Outcome: m.Outcome, Reference: m.Reference, Reason: m.Reason}, nil, m.ID, m.Amount)
}

// Proves tells whether a message was signed by the house's secret just now; campaignops.ErrSignature otherwise.
func (o *Ops) Proves(body []byte, signature string) error {
	return campaignops.Proves(o.Secret, body, signature, o.Clock())
}

// settle books one answer: once, whichever way it came, and however often.
func (o *Ops) settle(ctx context.Context, key string, word PaymentAnswer, failed error, message string, amount int64) error {
	now := o.Clock()
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		p, err := financedb.LockPayment(ctx, tx, key)
		if err != nil {
			return err
		}
		if message != "" {
			if amount != p.Amount {
				return fmt.Errorf("%w: %d, asked %d", ErrPaid, amount, p.Amount)
			}
			if fresh, err := financedb.Hear(ctx, tx, message, p.ID, string(word.Outcome), now); err != nil || !fresh {
				return err
			}
		}
		if p.State == financedb.Done || p.State == financedb.Refused {
			return nil
		}
		p.Reference = word.Reference
		switch {
		case failed != nil:
			p.Error = short(failed.Error())
		case word.Outcome == Done:
			p.State, p.DoneAt = financedb.Done, &now
			err = o.paid(ctx, tx, p, now)
		case word.Outcome == Refused:
			p.State, p.Error = financedb.Refused, short(word.Reason)
			err = o.refused(ctx, tx, p)
		}
		if err != nil {
			return err
		}
		return financedb.SavePayment(ctx, tx, p)
	})
}

// paid books a payment that was done.
func (o *Ops) paid(ctx context.Context, tx pgx.Tx, p financedb.Payment, now time.Time) error {
	u, _ := access.FromContext(ctx)
	if p.Kind == finance.PayStatement {
		s, err := statementdb.Lock(ctx, tx, p.Document)
		if err != nil {
			return err
		}
		was := s.State
		if err := s.Pay(p.Fen, now); err != nil {
			return err
		}
		entry := finance.Entry{Key: p.Key, From: finance.Cash, To: finance.Payable, Fen: p.Fen, Document: p.Document, Day: o.Today()}
		if err := financedb.Book(ctx, tx, p.Supplier, []finance.Entry{entry}, name(u), now); err != nil {
			return err
		}
		return statementdb.Save(ctx, tx, s, was)
	}
	a, err := o.locked(ctx, tx, p)
	if err != nil {
		return err
	}
	entries, err := a.PaidOut(p.Instruction(), o.Today())
	if err != nil {
		return err
	}
	if err := financedb.Book(ctx, tx, p.Supplier, entries, name(u), now); err != nil {
		return err
	}
	return financedb.Save(ctx, tx, a)
}

// refused frees a drawing that the provider refused. A statement's payment waits to be told again.
func (o *Ops) refused(ctx context.Context, tx pgx.Tx, p financedb.Payment) error {
	if p.Kind == finance.PayStatement {
		return nil
	}
	a, err := o.locked(ctx, tx, p)
	if err != nil {
		return err
	}
	if err := a.NotPaid(p.Instruction()); err != nil {
		return err
	}
	return financedb.Save(ctx, tx, a)
}

func (o *Ops) locked(ctx context.Context, tx pgx.Tx, p financedb.Payment) (*finance.Advance, error) {
	if err := financedb.Lock(ctx, tx, p.Supplier); err != nil {
		return nil, err
	}
	return financedb.One(ctx, tx, p.Document)
}

func short(s string) string {
	if r := []rune(s); len(r) > 300 {
		return string(r[:300])
	}
	return s
}

// RetryPayment tells the provider an instruction again at once: one that did not get through, or a statement's that was refused.
// finance.ErrUnknown where nothing can be told again.
func (o *Ops) RetryPayment(ctx context.Context, key string) error {
	if _, err := access.Require(ctx, access.EditSuppliers); err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		ok, err := financedb.Retry(ctx, tx, key, o.Clock())
		if err == nil && !ok {
			err = finance.ErrUnknown
		}
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "payment.retry", Thing: audit.Thing{Kind: "payment", ID: key}})
	})
}

// PayArgs is the job that tells the provider what is due.
type PayArgs struct{}

// Kind names the job.
func (PayArgs) Kind() string { return "c2m.pay_suppliers" }

type payWorker struct {
	river.WorkerDefaults[PayArgs]
	ops *Ops
}

// Work may run any number of times: instructions are claimed.
func (w *payWorker) Work(ctx context.Context, _ *river.Job[PayArgs]) error {
	_, err := w.ops.SendPayments(access.WithUser(ctx, access.TheSystem()))
	return err
}

// Register adds the jobs' workers.
func (o *Ops) Register(w *river.Workers) { river.AddWorker(w, &payWorker{ops: o}) }

// Periodic gives the jobs that come by themselves: payments every half minute, one run at a time; what a run misses the next one finds.
func (o *Ops) Periodic() []*river.PeriodicJob {
	states := []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled}
	return []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(30*time.Second), func() (river.JobArgs, *river.InsertOpts) {
		return PayArgs{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: states}}
	}, &river.PeriodicJobOpts{RunOnStart: true})}
}
