package financedb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/finance"
	"milkrun/c2m/supplier"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
)

// PaymentState is where an instruction stands with the provider.
type PaymentState string

// The states: to be sent, sent and not yet answered, done, refused for good.
const (
	Pending PaymentState = "pending"
	Sent    PaymentState = "sent"
	Done    PaymentState = "done"
	Refused PaymentState = "refused"
)

// Payment is a stored instruction: Fen in the house's currency, Amount in the minor unit of the one that it is paid in.
type Payment struct {
	ID        int64
	Key       string
	Kind      finance.Kind
	Supplier  catalog.SupplierID
	Code      string
	Document  string
	Fen       money.Fen
	Currency  supplier.Currency
	Amount    int64
	State     PaymentState
	Attempts  int
	NextAt    *time.Time
	Error     string
	Reference string
	AskedAt   time.Time
	AskedBy   string
	DoneAt    *time.Time
}

// Instruction gives what the provider is asked to do.
func (p Payment) Instruction() finance.Instruction {
	return finance.Instruction{Key: p.Key, Kind: p.Kind, Document: p.Document, Fen: p.Fen}
}

const paymentColumns = `p.id, p.key, p.kind, p.supplier_id as supplier, s.code, p.document, p.fen, p.currency, p.amount, p.state, p.attempts, p.next_at, p.error, p.reference, p.asked_at, p.asked_by, p.done_at`

const (
	sqlAsk = `insert into c2m.supplier_payment (key, kind, supplier_id, document, fen, currency, amount, next_at, asked_at, asked_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	// Another sender leaves claimed rows alone until their next time; the wait doubles from a minute to twelve hours.
	sqlClaim = `update c2m.supplier_payment p set state = 'sent', attempts = p.attempts + 1, next_at = $1::timestamptz + interval '1 minute' * least(power(2, p.attempts), 720), error = ''
		from catalog.supplier s where s.id = p.supplier_id and p.id in (select id from c2m.supplier_payment where state in ('pending','sent') and next_at <= $1 order by next_at, id limit $2
			for update skip locked) returning ` + paymentColumns
	sqlLockPayment  = `select ` + paymentColumns + ` from c2m.supplier_payment p join catalog.supplier s on s.id = p.supplier_id where p.key = $1 for update of p`
	sqlPayments     = `select ` + paymentColumns + ` from c2m.supplier_payment p join catalog.supplier s on s.id = p.supplier_id where ($1 = '' or p.document = $1) and ($2::int = 0 or p.supplier_id = $2) order by p.id desc limit $3`
	sqlSavePayment  = `update c2m.supplier_payment set state = $2, error = $3, reference = $4, done_at = $5, next_at = case when $2 in ('done','refused') then null else next_at end where id = $1`
	sqlRetryPayment = `update c2m.supplier_payment set state = 'pending', next_at = $2, error = '' where key = $1 and (state in ('pending','sent') or state = 'refused' and kind = 'statement')`
	sqlHear         = `insert into c2m.supplier_payment_message (id, payment_id, outcome, at) values ($1, $2, $3, $4) on conflict do nothing`
	sqlTrouble      = `select ` + paymentColumns + ` from c2m.supplier_payment p join catalog.supplier s on s.id = p.supplier_id where p.state = 'refused' or p.state in ('pending','sent') and p.error <> '' order by p.id desc limit 100`
)

// Ask stores an instruction; it is due at an instant. A key that is there already fails the transaction.
func Ask(ctx context.Context, tx pgx.Tx, p Payment, at time.Time, now time.Time) error {
	_, err := tx.Exec(ctx, sqlAsk, p.Key, p.Kind, p.Supplier, p.Document, p.Fen, p.Currency, p.Amount, at, now, p.AskedBy)
	return wrap(err, "ask "+p.Key)
}

// Claim takes up to so many instructions that are due to be sent, or sent again, and puts them off.
func Claim(ctx context.Context, q pgdb.Querier, now time.Time, limit int) ([]Payment, error) {
	return collect[Payment](ctx, q, "claim payments", sqlClaim, now, limit)
}

// LockPayment gives an instruction by its key and keeps others from settling it. finance.ErrUnknown.
func LockPayment(ctx context.Context, tx pgx.Tx, key string) (Payment, error) {
	all, err := collect[Payment](ctx, tx, "payment", sqlLockPayment, key)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%w: payment %s", finance.ErrUnknown, key)
	}
	if err != nil {
		return Payment{}, err
	}
	return all[0], nil
}

// Payments gives instructions of a document ("" for all) or supplier (0 for all), the newest first.
func Payments(ctx context.Context, q pgdb.Querier, document string, id catalog.SupplierID, limit int) ([]Payment, error) {
	return collect[Payment](ctx, q, "payments", sqlPayments, document, id, limit)
}

// Troubled gives the instructions that were refused or did not get through.
func Troubled(ctx context.Context, q pgdb.Querier) ([]Payment, error) {
	return collect[Payment](ctx, q, "payments", sqlTrouble)
}

// SavePayment stores what became of a locked instruction.
func SavePayment(ctx context.Context, tx pgx.Tx, p Payment) error {
	_, err := tx.Exec(ctx, sqlSavePayment, p.ID, p.State, p.Error, p.Reference, p.DoneAt)
	return wrap(err, "save payment")
}

// Retry lets an instruction be sent at once; false when it is not one to be sent.
func Retry(ctx context.Context, tx pgx.Tx, key string, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, sqlRetryPayment, key, now)
	return err == nil && tag.RowsAffected() == 1, wrap(err, "retry")
}

// Hear notes a message; false when it was heard before.
func Hear(ctx context.Context, tx pgx.Tx, id string, payment int64, outcome string, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, sqlHear, id, payment, outcome, now)
	return err == nil && tag.RowsAffected() == 1, wrap(err, "message")
}
