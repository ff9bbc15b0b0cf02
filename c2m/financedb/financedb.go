// Package financedb is the SQL of money lent to suppliers, of the ledger between house and suppliers, and of what the payment provider is asked.
package financedb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/finance"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

func wrap(err error, what string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("financedb: %s: %w", what, err)
}

func collect[T any](ctx context.Context, q pgdb.Querier, what, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, wrap(err, what)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	return out, wrap(err, what)
}

const (
	sqlNext = `insert into c2m.paper_month (kind, month, last) values ('AD', $1, 1) on conflict (kind, month) do update set last = c2m.paper_month.last + 1 returning last`
	sqlLock = `select pg_advisory_xact_lock(hashtextextended('c2m.finance:' || $1::int, 0))`
)

// NextNumber gives the next number of the day's month: AD-2611-007.
func NextNumber(ctx context.Context, tx pgx.Tx, day calendar.Day) (string, error) {
	month := day.Time().Format("0601")
	var n int
	err := tx.QueryRow(ctx, sqlNext, month).Scan(&n)
	return fmt.Sprintf("AD-%s-%03d", month, n), wrap(err, "next number")
}

// Lock lets one transaction at a time take from a supplier's limit.
func Lock(ctx context.Context, tx pgx.Tx, id catalog.SupplierID) error {
	_, err := tx.Exec(ctx, sqlLock, id)
	return wrap(err, "lock a supplier's advances")
}

const zero = `date '1970-01-01'`

const columns = `id, number, supplier_id, base, document, state, revision, amount_fen, fee_bp, days, pending_fen, drawn_fen, repaid_fen, fee_paid_fen, fee_accrued,
	coalesce(accrued_to, ` + zero + `), coalesce(drawn_on, ` + zero + `), coalesce(due, ` + zero + `), coalesce(repaid_on, ` + zero + `), note, reason, ended_by, applied_at, applied_by,
	coalesce(first_by_id, -1), first_by, first_at, first_note, coalesce(second_by_id, -1), second_by, second_at, second_note, credit from c2m.advance`

func scan(r pgx.CollectableRow) (*finance.Advance, error) {
	a := &finance.Advance{}
	var first, second finance.Sign
	var firstAt, secondAt *time.Time
	err := r.Scan(&a.ID, &a.Number, &a.Supplier, &a.Base, &a.Document, &a.State, &a.Revision, &a.Amount, &a.FeeBP, &a.Days, &a.Pending, &a.Drawn, &a.Repaid, &a.FeePaid, &a.Fee, &a.AccruedTo,
		&a.DrawnOn, &a.Due, &a.RepaidOn, &a.Note, &a.Reason, &a.EndedBy, &a.Applied, &a.AppliedBy, &first.ID, &first.Name, &firstAt, &first.Note, &second.ID, &second.Name, &secondAt, &second.Note, &a.Limit)
	if firstAt != nil {
		first.At, a.First = *firstAt, &first
	}
	if secondAt != nil {
		second.At, a.Second = *secondAt, &second
	}
	return a, err
}

func advances(ctx context.Context, q pgdb.Querier, sql string, args ...any) ([]*finance.Advance, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, wrap(err, "advances")
	}
	out, err := pgx.CollectRows(rows, scan)
	return out, wrap(err, "advances")
}

const (
	sqlOf   = `select ` + columns + ` where supplier_id = $1 order by id desc`
	sqlOne  = `select ` + columns + ` where number = $1`
	sqlList = `select ` + columns + ` where (cardinality($1::text[]) = 0 or state = any($1)) and ($2::bigint = 0 or id < $2) and ($4::int = 0 or supplier_id = $4) order by id desc limit $3`
	sqlKey  = `select ` + columns + ` where supplier_id = $1 and key = $2`
	sqlOut  = `select ` + columns + ` where drawn_fen > repaid_fen order by due, id`
)

// Of gives all advances of a supplier, the newest first.
func Of(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) ([]*finance.Advance, error) {
	return advances(ctx, q, sqlOf, id)
}

// One gives an advance by its number. finance.ErrUnknown.
func One(ctx context.Context, q pgdb.Querier, number string) (*finance.Advance, error) {
	all, err := advances(ctx, q, sqlOne, number)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%w: %s", finance.ErrUnknown, number)
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// List gives advances in these states or all, the newest first, before an id: of a supplier or of all (0).
func List(ctx context.Context, q pgdb.Querier, id catalog.SupplierID, states []finance.State, before finance.ID, limit int) ([]*finance.Advance, error) {
	names := make([]string, len(states))
	for i, s := range states {
		names[i] = string(s)
	}
	return advances(ctx, q, sqlList, names, before, limit, id)
}

// ByKey gives the application that a supplier's key stands for, nil for none.
func ByKey(ctx context.Context, q pgdb.Querier, id catalog.SupplierID, key string) (*finance.Advance, error) {
	if key == "" {
		return nil, nil
	}
	all, err := advances(ctx, q, sqlKey, id, key)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// Outstanding gives all advances of which money is out, the first due first.
func Outstanding(ctx context.Context, q pgdb.Querier) ([]*finance.Advance, error) {
	return advances(ctx, q, sqlOut)
}

const (
	sqlInsert = `insert into c2m.advance (number, supplier_id, base, document, state, amount_fen, fee_bp, days, note, applied_at, applied_by, credit, key)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning id`
	sqlSave = `update c2m.advance set state = $2, revision = revision + 1, pending_fen = $3, drawn_fen = $4, repaid_fen = $5, fee_paid_fen = $6, fee_accrued = $7,
		accrued_to = nullif($8::date, ` + zero + `), drawn_on = nullif($9::date, ` + zero + `), due = nullif($10::date, ` + zero + `), repaid_on = nullif($11::date, ` + zero + `), reason = $12, ended_by = $13,
		first_by_id = $14, first_by = $15, first_at = $16, first_note = $17, second_by_id = $18, second_by = $19, second_at = $20, second_note = $21, credit = $22 where id = $1`
)

// Insert stores an application under its key ("" for none) and gives it its id.
func Insert(ctx context.Context, tx pgx.Tx, a *finance.Advance, key string) error {
	err := tx.QueryRow(ctx, sqlInsert, a.Number, a.Supplier, a.Base, a.Document, a.State, a.Amount, a.FeeBP, a.Days, a.Note, a.Applied, a.AppliedBy, a.Limit, key).Scan(&a.ID)
	a.Revision = 1
	return wrap(err, "new advance")
}

// Save stores what became of an advance whose supplier is locked.
func Save(ctx context.Context, tx pgx.Tx, a *finance.Advance) error {
	sign := func(s *finance.Sign) (*int64, string, *time.Time, string) {
		if s == nil {
			return nil, "", nil, ""
		}
		return &s.ID, s.Name, &s.At, s.Note
	}
	id1, by1, at1, note1 := sign(a.First)
	id2, by2, at2, note2 := sign(a.Second)
	a.Revision++
	_, err := tx.Exec(ctx, sqlSave, a.ID, a.State, a.Pending, a.Drawn, a.Repaid, a.FeePaid, a.Fee, a.AccruedTo, a.DrawnOn, a.Due, a.RepaidOn, a.Reason, a.EndedBy,
		id1, by1, at1, note1, id2, by2, at2, note2, a.Limit)
	return wrap(err, "save "+a.Number)
}

const (
	sqlYear = `select coalesce(sum(r.pieces * coalesce((select min(p.price_fen) from c2m.promise p where p.order_id = l.order_id and p.line = l.no), l.price_fen)), 0)::bigint
		from c2m.receipt r join c2m.order_line l on l.order_id = r.order_id and l.no = r.line join c2m.factory_order o on o.id = r.order_id
		where o.supplier_id = $1 and r.day > $2::date - 365 and r.day <= $2`
	sqlLate = `select count(*)::int from c2m.advance where supplier_id = $1 and (repaid_on > due and repaid_on > $2::date - 365 or state = 'drawn' and due < $2)`
	sqlBar  = `select s.banned <> '' or not s.active, exists (select from c2m.card k where k.supplier_id = s.id and k.ended_at is null and k.kind in ('red','ban'))
		from catalog.supplier s where s.id = $1`
)

// History gives what a limit rests on beside the scorecard, and whether the supplier is barred or holds a red card. finance.ErrUnknown for a
// supplier that there is not.
func History(ctx context.Context, q pgdb.Querier, id catalog.SupplierID, today calendar.Day) (h finance.History, barred, red bool, err error) {
	if err = q.QueryRow(ctx, sqlBar, id).Scan(&barred, &red); errors.Is(err, pgx.ErrNoRows) {
		return h, false, false, finance.ErrUnknown
	}
	if err == nil {
		err = q.QueryRow(ctx, sqlYear, id, today).Scan(&h.Year)
	}
	if err == nil {
		err = q.QueryRow(ctx, sqlLate, id, today).Scan(&h.Late)
	}
	return h, barred, red, wrap(err, "history")
}

const (
	sqlOrders = `select o.number as document, sum(greatest(0, x.pieces - l.came) * x.price)::bigint as value from c2m.factory_order o join c2m.order_line l on l.order_id = o.id
		join lateral (select sum(p.pieces) as pieces, min(p.price_fen) as price from c2m.promise p where p.order_id = l.order_id and p.line = l.no) x on x.pieces is not null
		where o.supplier_id = $1 and o.state in ('confirmed','producing','shipped') group by o.number having sum(greatest(0, x.pieces - l.came) * x.price) > 0 order by o.number`
	sqlUnbilled = `select l.sku_id as sku, sum(r.pieces)::bigint as pieces, sum(r.pieces * coalesce((select min(p.price_fen) from c2m.promise p where p.order_id = l.order_id and p.line = l.no), l.price_fen))::bigint as value
		from c2m.receipt r join c2m.order_line l on l.order_id = r.order_id and l.no = r.line join c2m.factory_order o on o.id = r.order_id
		where o.supplier_id = $1 and r.day > $2::date - 365 and not exists (select from c2m.statement_line x where x.supplier_id = $1 and x.live and x.source = 'receipt:' || r.id) group by l.sku_id`
	sqlReceivable = `select number as document, (total_fen - prepaid_fen - paid_fen)::bigint as value from c2m.statement where supplier_id = $1 and state = 'agreed' and total_fen > prepaid_fen + paid_fen order by number`
)

// Worth is a document and what it is worth.
type Worth struct {
	Document string
	Value    money.Fen
}

// OpenOrders gives a supplier's confirmed orders and the value of what has not come of them.
func OpenOrders(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) ([]Worth, error) {
	return collect[Worth](ctx, q, "orders", sqlOrders, id)
}

// Receivables gives a supplier's agreed statements and what is still to be paid of them.
func Receivables(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) ([]Worth, error) {
	return collect[Worth](ctx, q, "receivables", sqlReceivable, id)
}

// Unbilled is what came of a SKU in the last year and stands on no statement.
type Unbilled struct {
	SKU    catalog.SKUID
	Pieces quantity.Pieces
	Value  money.Fen
}

// UnbilledGoods gives a supplier's goods that came and stand on no statement.
func UnbilledGoods(ctx context.Context, q pgdb.Querier, id catalog.SupplierID, today calendar.Day) ([]Unbilled, error) {
	return collect[Unbilled](ctx, q, "goods without a statement", sqlUnbilled, id, today)
}

const (
	sqlBook = `insert into c2m.supplier_entry (supplier_id, key, from_account, to_account, fen, document, day, at, by_name) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	sqlTold = `select exists (select from c2m.supplier_entry where key = $1)`
	// The ledger of a supplier or of one document, the oldest first.
	sqlLedger = `select key, from_account as "from", to_account as "to", fen, document, day, at, by_name from c2m.supplier_entry
		where ($1::int = 0 or supplier_id = $1) and ($2 = '' or document = $2 or key like '%/net/' || $2 || '%') order by id desc limit $3`
	// What the ledger and the advances say of each supplier; a difference is a fault of the program.
	sqlProve = `select a.supplier_id as supplier, a.out, coalesce(e.lent, 0)::bigint as lent, a.fees, coalesce(e.fees, 0)::bigint as booked from
		(select supplier_id, sum(drawn_fen - repaid_fen)::bigint as out, sum(fee_paid_fen)::bigint as fees from c2m.advance group by 1) a
		left join (select supplier_id, sum(case when to_account = 'advance' then fen when from_account = 'advance' then -fen else 0 end) as lent,
			sum(case when from_account = 'fee' then fen else 0 end) as fees from c2m.supplier_entry group by 1) e using (supplier_id)
		where a.out <> coalesce(e.lent, 0) or a.fees <> coalesce(e.fees, 0)`
)

// Booked is a stored entry.
type Booked struct {
	finance.Entry
	At     time.Time
	ByName string
}

// Book adds entries to the ledger. A key that was booked before fails the transaction.
func Book(ctx context.Context, tx pgx.Tx, id catalog.SupplierID, all []finance.Entry, by string, now time.Time) error {
	if len(all) == 0 {
		return nil
	}
	b := &pgx.Batch{}
	for _, e := range all {
		b.Queue(sqlBook, id, e.Key, e.From, e.To, e.Fen, e.Document, e.Day, now, by)
	}
	return wrap(tx.SendBatch(ctx, b).Close(), "book")
}

// IsBooked tells whether a key stands in the ledger.
func IsBooked(ctx context.Context, q pgdb.Querier, key string) (ok bool, err error) {
	err = q.QueryRow(ctx, sqlTold, key).Scan(&ok)
	return ok, wrap(err, "ledger")
}

// Ledger gives entries of a supplier (0 for all) or a document ("" for all), the newest first.
func Ledger(ctx context.Context, q pgdb.Querier, id catalog.SupplierID, document string, limit int) ([]Booked, error) {
	rows, err := q.Query(ctx, sqlLedger, id, document, limit)
	if err != nil {
		return nil, wrap(err, "ledger")
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (b Booked, err error) {
		err = r.Scan(&b.Key, &b.From, &b.To, &b.Fen, &b.Document, &b.Day, &b.At, &b.ByName)
		return b, err
	})
	return out, wrap(err, "ledger")
}

// Fault is a supplier whose ledger and advances differ.
type Fault struct {
	Supplier  catalog.SupplierID
	Out, Lent money.Fen
	Fees      money.Fen
	Booked    money.Fen
}

// Prove gives the suppliers whose ledger and advances differ: none.
func Prove(ctx context.Context, q pgdb.Querier) ([]Fault, error) {
	return collect[Fault](ctx, q, "prove", sqlProve)
}
