// Package statementdb is the SQL of statements of account.
package statementdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"milkrun/c2m"
	"milkrun/c2m/statement"
	"milkrun/c2m/supplier"
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
	return fmt.Errorf("statementdb: %s: %w", what, err)
}

func collect[T any](ctx context.Context, q pgdb.Querier, what, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, wrap(err, what)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	return out, wrap(err, what)
}

const sqlNext = `insert into c2m.paper_month (kind, month, last) values ('ST', $1, 1) on conflict (kind, month) do update set last = c2m.paper_month.last + 1 returning last`

// NextNumber gives the next number of the day's month: ST-2611-007.
func NextNumber(ctx context.Context, tx pgx.Tx, day calendar.Day) (string, error) {
	month := day.Time().Format("0601")
	var n int
	err := tx.QueryRow(ctx, sqlNext, month).Scan(&n)
	return fmt.Sprintf("ST-%s-%03d", month, n), wrap(err, "next number")
}

// row is a statement without its lines, as it is stored.
type row struct {
	ID         statement.ID
	Number     string
	Supplier   catalog.SupplierID
	FromDay    calendar.Day
	ToDay      calendar.Day
	State      statement.State
	Revision   int64
	Currency   supplier.Currency
	Rate       supplier.Rate
	Due        *calendar.Day
	Invoice    string
	Prepaid    money.Fen
	Paid       money.Fen
	CreatedAt  time.Time
	MadeBy     string
	SentAt     *time.Time
	AcceptedAt *time.Time
	AcceptedBy string
	AgreedAt   *time.Time
	AgreedBy   string
	PaidAt     *time.Time
	Reason     string
	CarriedTo  string
}

func (r row) statement() *statement.Statement {
	s := &statement.Statement{ID: r.ID, Number: r.Number, Supplier: r.Supplier, From: r.FromDay, To: r.ToDay, State: r.State, Revision: r.Revision, Currency: r.Currency, Rate: r.Rate,
		Invoice: r.Invoice, Prepaid: r.Prepaid, PaidFen: r.Paid, Created: r.CreatedAt, MadeBy: r.MadeBy, SentAt: r.SentAt, AcceptedAt: r.AcceptedAt, AcceptedBy: r.AcceptedBy,
		AgreedAt: r.AgreedAt, AgreedBy: r.AgreedBy, PaidAt: r.PaidAt, Reason: r.Reason, CarriedTo: r.CarriedTo}
	if r.Due != nil {
		s.Due = *r.Due
	}
	return s
}

const columns = `id, number, supplier_id as supplier, from_day, to_day, state, revision, currency, rate, due, invoice, prepaid_fen as prepaid, paid_fen as paid, created_at, made_by, sent_at,
	accepted_at, accepted_by, agreed_at, agreed_by, paid_at, reason, ` + carriedTo + ` as carried_to`

// carriedTo is the number of the live statement that took over the debt of the statement s.
const carriedTo = `coalesce((select t.number from c2m.statement_line x join c2m.statement t on t.id = x.statement_id
		where x.supplier_id = s.supplier_id and x.live and x.source = 'carried:' || s.number), '')`

const (
	sqlByNumber = `select ` + columns + ` from c2m.statement s where number = $1`
	sqlLock     = `select ` + columns + ` from c2m.statement s where number = $1 for update of s`
	sqlLines    = `select no, kind, source, coalesce(order_id, 0) as order_id, order_number, order_line, coalesce(receipt_id, 0) as receipt_id, coalesce(sku_id, 0) as sku_id, day, pieces, price_fen, tax_bp,
		amount_fen, why, word, reason, claim_fen, said_by, said_at, answer, reply, answer_by, answer_at, was_fen from c2m.statement_line where statement_id = $1 order by no`
)

// ByNumber gives a statement with its lines. statement.ErrUnknown.
func ByNumber(ctx context.Context, q pgdb.Querier, number string) (*statement.Statement, error) {
	return one(ctx, q, sqlByNumber, number)
}

// Lock gives a statement and keeps others from changing it. statement.ErrUnknown.
func Lock(ctx context.Context, tx pgx.Tx, number string) (*statement.Statement, error) {
	return one(ctx, tx, sqlLock, number)
}

func one(ctx context.Context, q pgdb.Querier, sql, number string) (*statement.Statement, error) {
	all, err := collect[row](ctx, q, "statement "+number, sql, number)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%w: %s", statement.ErrUnknown, number)
	}
	if err != nil {
		return nil, err
	}
	s := all[0].statement()
	s.Lines, err = lines(ctx, q, s.ID)
	return s, err
}

func lines(ctx context.Context, q pgdb.Querier, id statement.ID) ([]statement.Line, error) {
	rows, err := q.Query(ctx, sqlLines, id)
	if err != nil {
		return nil, wrap(err, "lines")
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (l statement.Line, err error) {
		err = r.Scan(&l.No, &l.Kind, &l.Source, &l.Order, &l.Number, &l.OrderLine, &l.Receipt, &l.SKU, &l.Day, &l.Pieces, &l.Price, &l.TaxBP, &l.Amount, &l.Why, &l.Word, &l.Reason,
			&l.Claim, &l.SaidBy, &l.SaidAt, &l.Answer, &l.Reply, &l.AnswerBy, &l.AnswerAt, &l.Was)
		return l, err
	})
	return out, wrap(err, "lines")
}

const (
	sqlInsert = `insert into c2m.statement (number, supplier_id, from_day, to_day, state, currency, created_at, made_by, line_count, disputed_count, total_fen, claimed_fen)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id`
	sqlInsertLine = `insert into c2m.statement_line (statement_id, no, supplier_id, kind, source, order_id, order_number, order_line, receipt_id, sku_id, day, pieces, price_fen, tax_bp, amount_fen, why)
		values ($1, $2, $3, $4, $5, nullif($6::bigint, 0), $7, $8, nullif($9::bigint, 0), nullif($10::int, 0), $11, $12, $13, $14, $15, $16)`
)

// Insert stores a new statement with its lines and gives it its id. statement.ErrStale when one of its lines was put on another meanwhile.
func Insert(ctx context.Context, tx pgx.Tx, s *statement.Statement) error {
	t := s.Totals()
	err := tx.QueryRow(ctx, sqlInsert, s.Number, s.Supplier, s.From, s.To, s.State, s.Currency, s.Created, s.MadeBy, len(s.Lines), t.Disputed, t.Total, t.Claimed).Scan(&s.ID)
	if err != nil {
		return wrap(err, "new statement")
	}
	s.Revision = 1
	b := &pgx.Batch{}
	for _, l := range s.Lines {
		b.Queue(sqlInsertLine, s.ID, l.No, s.Supplier, l.Kind, l.Source, l.Order, l.Number, l.OrderLine, l.Receipt, l.SKU, l.Day, l.Pieces, l.Price, l.TaxBP, l.Amount, l.Why)
	}
	err = tx.SendBatch(ctx, b).Close()
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" {
		return statement.ErrStale
	}
	return wrap(err, "lines")
}

const (
	sqlSaveLine = `update c2m.statement_line set amount_fen = $3, word = $4, reason = $5, claim_fen = $6, said_by = $7, said_at = $8, answer = $9, reply = $10, answer_by = $11, answer_at = $12,
		was_fen = $13 where statement_id = $1 and no = $2`
	sqlSave = `update c2m.statement set state = $2, revision = revision + 1, rate = $3, due = $4, invoice = $5, prepaid_fen = $6, paid_fen = $7, sent_at = $8, accepted_at = $9, accepted_by = $10,
		agreed_at = $11, agreed_by = $12, paid_at = $13, reason = $14, disputed_count = $15, total_fen = $16, claimed_fen = $17 where id = $1`
	sqlFree = `update c2m.statement_line set live = false where statement_id = $1`
)

// Save stores what became of a locked statement. was is its state before: the lines of one that was closed then are left alone.
func Save(ctx context.Context, tx pgx.Tx, s *statement.Statement, was statement.State) error {
	b := &pgx.Batch{}
	if !was.Closed() {
		for _, l := range s.Lines {
			b.Queue(sqlSaveLine, s.ID, l.No, l.Amount, l.Word, l.Reason, l.Claim, l.SaidBy, l.SaidAt, l.Answer, l.Reply, l.AnswerBy, l.AnswerAt, l.Was)
		}
	}
	if s.State == statement.Void {
		b.Queue(sqlFree, s.ID)
	}
	t := s.Totals()
	var due *calendar.Day
	if s.Due != 0 {
		due = &s.Due
	}
	b.Queue(sqlSave, s.ID, s.State, s.Rate, due, s.Invoice, s.Prepaid, s.PaidFen, s.SentAt, s.AcceptedAt, s.AcceptedBy, s.AgreedAt, s.AgreedBy, s.PaidAt, s.Reason, t.Disputed, t.Total, t.Claimed)
	s.Revision++
	return wrap(tx.SendBatch(ctx, b).Close(), "save "+s.Number)
}

// Brief is a statement in a list.
type Brief struct {
	ID            statement.ID
	Number        string
	Supplier      catalog.SupplierID
	Code          string
	NameZH        string
	NameEN        string
	FromDay       calendar.Day
	ToDay         calendar.Day
	State         statement.State
	Currency      supplier.Currency
	LineCount     int
	DisputedCount int
	Total         money.Fen
	Claimed       money.Fen
	Prepaid       money.Fen
	Paid          money.Fen
	Due           *calendar.Day
	SentAt        *time.Time
	AgreedAt      *time.Time
	Invoice       string
	CarriedTo     string
}

// Owed is what the supplier owes by an agreed statement on which more was taken off than was delivered.
func (b Brief) Owed() money.Fen {
	if b.State != statement.Agreed && b.State != statement.Paid {
		return 0
	}
	return max(0, -b.Total)
}

// Balance is what is still to be paid of an agreed statement.
func (b Brief) Balance() money.Fen {
	if b.State != statement.Agreed {
		return 0
	}
	return max(0, b.Total-b.Prepaid-b.Paid)
}

const sqlList = `select s.id, s.number, s.supplier_id as supplier, u.code, u.name_zh, u.name_en, s.from_day, s.to_day, s.state, s.currency, s.line_count, s.disputed_count, s.total_fen as total,
		s.claimed_fen as claimed, s.prepaid_fen as prepaid, s.paid_fen as paid, s.due, s.sent_at, s.agreed_at, s.invoice, ` + carriedTo + ` as carried_to
	from c2m.statement s join catalog.supplier u on u.id = s.supplier_id
	where ($1::int = 0 or s.supplier_id = $1) and (cardinality($2::text[]) = 0 or s.state = any($2)) and ($3::bigint = 0 or s.id < $3) and (not $4 or s.state not in ('draft','void'))
	order by s.id desc limit $5`

// List gives statements, the newest first: of a supplier or all (0), in these states or all, before an id; shown leaves out drafts and those
// withdrawn.
func List(ctx context.Context, q pgdb.Querier, id catalog.SupplierID, states []statement.State, before statement.ID, shown bool, limit int) ([]Brief, error) {
	names := make([]string, len(states))
	for i, s := range states {
		names[i] = string(s)
	}
	return collect[Brief](ctx, q, "statements", sqlList, id, names, before, shown, limit)
}

// Count is how many statements are in a state, and what they come to.
type Count struct {
	State statement.State
	N     int
	Total money.Fen
}

const sqlCounts = `select state, count(*)::int as n, sum(total_fen)::bigint as total from c2m.statement where ($1::int = 0 or supplier_id = $1) group by state`

// Counts counts statements by state: of a supplier or all (0).
func Counts(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) (map[statement.State]Count, error) {
	all, err := collect[Count](ctx, q, "count statements", sqlCounts, id)
	out := map[statement.State]Count{}
	for _, c := range all {
		out[c.State] = c
	}
	return out, err
}

const (
	sqlLockAccount = `select pg_advisory_xact_lock(hashtextextended('c2m.account:' || $1::int, 0))`
	sqlSources     = `select source from c2m.statement_line where supplier_id = $1 and live`
	sqlDelivered   = `select l.order_id as order, o.number, l.no as line, l.sku_id as sku, l.tax_bp,
			coalesce((select min(p.price_fen) from c2m.promise p where p.order_id = l.order_id and p.line = l.no), l.price_fen) as price,
			coalesce((select jsonb_agg(jsonb_build_object('pieces', f.pieces, 'day', f.day)) from c2m.first_promise f where f.order_id = l.order_id and f.line = l.no
				and f.version = (select max(version) from c2m.first_promise where order_id = l.order_id and line = l.no)), '[]') as promised,
			coalesce((select jsonb_agg(jsonb_build_object('id', r.id, 'pieces', r.pieces, 'day', r.day)) from c2m.receipt r where r.order_id = l.order_id and r.line = l.no), '[]') as receipts,
			case when o.state = 'closed' then (o.closed_at at time zone $4)::date end as closed,
			greatest(0, coalesce((select sum(p.pieces) from c2m.promise p where p.order_id = l.order_id and p.line = l.no), 0) - l.came)::bigint as missing
		from c2m.order_line l join c2m.factory_order o on o.id = l.order_id
		where o.supplier_id = $1 and o.state not in ('draft','cancelled') and (
			exists (select from c2m.receipt r where r.order_id = l.order_id and r.line = l.no and r.day between $2::date - 400 and $3
				and not exists (select from c2m.statement_line x where x.supplier_id = $1 and x.live and x.source = 'receipt:' || r.id))
			or o.state = 'closed' and (o.closed_at at time zone $4)::date between $2::date - 400 and $3)`
	sqlRefused = `select r.inspection_id as inspection, r.sku_id as sku, r.lot, r.at from c2m.lot_result r where r.supplier_id = $1 and r.what = 'refused' and not r.void and r.inspection_id is not null
		and r.at < $2 and not exists (select from c2m.statement_line x where x.supplier_id = $1 and x.live and x.source = 'inspection:' || r.inspection_id) order by r.at`
	sqlLastPrice = `select l.price_fen, l.tax_bp, o.number from c2m.order_line l join c2m.factory_order o on o.id = l.order_id where o.supplier_id = $1 and l.sku_id = $2 and l.came > 0 order by o.id desc limit 1`
)

// LockAccount lets one transaction at a time account with a supplier.
func LockAccount(ctx context.Context, tx pgx.Tx, id catalog.SupplierID) error {
	_, err := tx.Exec(ctx, sqlLockAccount, id)
	return wrap(err, "lock the account")
}

// Sources gives what stands on live statements of a supplier.
func Sources(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) (map[string]bool, error) {
	rows, err := q.Query(ctx, sqlSources, id)
	if err != nil {
		return nil, wrap(err, "sources")
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	out := map[string]bool{}
	for _, s := range all {
		out[s] = true
	}
	return out, wrap(err, "sources")
}

const sqlDebts = `select s.number, s.to_day as day, -s.total_fen as fen from c2m.statement s where s.supplier_id = $1 and s.state in ('agreed','paid') and s.total_fen < 0
	and not exists (select from c2m.statement_line x where x.supplier_id = $1 and x.live and x.source = 'carried:' || s.number) order by s.id`

// Debts gives what a supplier owes by agreed statements that no live statement has taken over.
func Debts(ctx context.Context, q pgdb.Querier, id catalog.SupplierID) ([]statement.Debt, error) {
	return collect[statement.Debt](ctx, q, "debts", sqlDebts, id)
}

// Delivered gives the order lines of a supplier with receipts up to a day that stand on no statement yet, or that were closed short.
func Delivered(ctx context.Context, q pgdb.Querier, id catalog.SupplierID, from, to calendar.Day, zone string) ([]statement.Delivered, error) {
	type stored struct {
		Order    c2m.OrderID
		Number   string
		Line     int
		SKU      catalog.SKUID
		TaxBP    int
		Price    money.Fen
		Promised json.RawMessage
		Receipts json.RawMessage
		Closed   *calendar.Day
		Missing  quantity.Pieces
	}
	rows, err := collect[stored](ctx, q, "deliveries", sqlDelivered, id, from, to, zone)
	if err != nil {
		return nil, err
	}
	out := make([]statement.Delivered, len(rows))
	for i, r := range rows {
		d := statement.Delivered{Order: r.Order, Number: r.Number, Line: r.Line, SKU: r.SKU, Price: r.Price, TaxBP: r.TaxBP, ClosedShort: r.Closed, Missing: r.Missing}
		if err := json.Unmarshal(r.Promised, &d.Promised); err != nil {
			return nil, wrap(err, "deliveries")
		}
		if err := json.Unmarshal(r.Receipts, &d.Receipts); err != nil {
			return nil, wrap(err, "deliveries")
		}
		out[i] = d
	}
	return out, nil
}

// RefusedLot is a refused lot that stands on no statement.
type RefusedLot struct {
	Inspection int64
	SKU        catalog.SKUID
	Lot        string
	At         time.Time
}

// Refused gives a supplier's refused lots before an instant that stand on no statement.
func Refused(ctx context.Context, q pgdb.Querier, id catalog.SupplierID, before time.Time) ([]RefusedLot, error) {
	return collect[RefusedLot](ctx, q, "refused lots", sqlRefused, id, before)
}

// LastPrice gives the price of the last order that brought a SKU, its tax rate and the order's number; zeros when none did.
func LastPrice(ctx context.Context, q pgdb.Querier, id catalog.SupplierID, sku catalog.SKUID) (price money.Fen, taxBP int, number string, err error) {
	err = q.QueryRow(ctx, sqlLastPrice, id, sku).Scan(&price, &taxBP, &number)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, "", nil
	}
	return price, taxBP, number, wrap(err, "last price")
}
