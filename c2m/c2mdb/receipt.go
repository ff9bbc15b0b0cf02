package c2mdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/internal/calendar"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// Receipt is what came of a line on a day.
type Receipt struct {
	ID     int64
	Line   int
	Pieces quantity.Pieces
	Day    calendar.Day
	At     time.Time
	ByID   int64
	ByName string
	Note   string
}

const sqlTakeOperation = `insert into c2m.receipt_operation (operation, order_id, at) values ($1, $2, $3) on conflict do nothing`

// TakeOperation notes an operation id and tells whether it is new; one that was noted before must do nothing.
func TakeOperation(ctx context.Context, tx pgx.Tx, operation string, id c2m.OrderID, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, sqlTakeOperation, operation, id, now)
	return err == nil && tag.RowsAffected() == 1, wrap(err, "c2mdb: note the operation")
}

const (
	sqlInsertReceipt = `insert into c2m.receipt (order_id, line, pieces, day, at, by_id, by_name, note) values ($1, $2, $3, $4, $5, $6, $7, $8)`
	// Pieces fill the line's delivery notes: the one that they came with first, then by arrival. Each takes what the earlier ones leave.
	sqlFillASNs = `with open as (
			select l.asn_id, l.no, l.pieces - l.came - l.short as open,
				sum(l.pieces - l.came - l.short) over (order by a.id = $4 desc, a.arrives, a.id, l.no rows between unbounded preceding and 1 preceding) as before
			from c2m.asn_line l join c2m.asn a on a.id = l.asn_id where l.order_id = $1 and l.order_line = $2)
		update c2m.asn_line l set came = l.came + least(o.open, greatest(0, $3 - coalesce(o.before, 0)))
		from open o where l.asn_id = o.asn_id and l.no = o.no`
)

// InsertReceipts stores what came of an order's lines and fills the delivery notes with it, that of the id asn first (0 for none).
func InsertReceipts(ctx context.Context, tx pgx.Tx, id c2m.OrderID, asn int64, receipts []Receipt) error {
	b := &pgx.Batch{}
	for _, r := range receipts {
		b.Queue(sqlInsertReceipt, id, r.Line, r.Pieces, r.Day, r.At, r.ByID, r.ByName, r.Note)
		b.Queue(sqlFillASNs, id, r.Line, r.Pieces, asn)
	}
	return wrap(tx.SendBatch(ctx, b).Close(), fmt.Sprintf("c2mdb: receipts of order %d", id))
}

const sqlReceipts = `select id, line, pieces, day, at, by_id, by_name, note from c2m.receipt where order_id = $1 order by day, id`

// Receipts gives what came of an order, the earliest first.
func Receipts(ctx context.Context, q pgdb.Querier, id c2m.OrderID) ([]Receipt, error) {
	rows, err := q.Query(ctx, sqlReceipts, id)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: receipts of order %d: %w", id, err)
	}
	rs, err := pgx.CollectRows(rows, pgx.RowToStructByName[Receipt])
	return rs, wrap(err, fmt.Sprintf("c2mdb: receipts of order %d", id))
}

// Message is a remark on an order that both sides read.
type Message struct {
	ID           int64
	At           time.Time
	ByID         int64
	ByName       string
	FromSupplier bool
	Body         string
}

const sqlInsertMessage = `insert into c2m.message (order_id, at, by_id, by_name, from_supplier, body) values ($1, $2, $3, $4, $5, $6) returning id`

// InsertMessage stores a remark and gives it its id.
func InsertMessage(ctx context.Context, tx pgx.Tx, id c2m.OrderID, m *Message) error {
	err := tx.QueryRow(ctx, sqlInsertMessage, id, m.At, m.ByID, m.ByName, m.FromSupplier, m.Body).Scan(&m.ID)
	return wrap(err, fmt.Sprintf("c2mdb: message on order %d", id))
}

const sqlMessages = `select id, at, by_id, by_name, from_supplier, body from c2m.message where order_id = $1 order by id`

// Messages gives the remarks on an order, the earliest first.
func Messages(ctx context.Context, q pgdb.Querier, id c2m.OrderID) ([]Message, error) {
	rows, err := q.Query(ctx, sqlMessages, id)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: messages on order %d: %w", id, err)
	}
	ms, err := pgx.CollectRows(rows, pgx.RowToStructByName[Message])
	return ms, wrap(err, fmt.Sprintf("c2mdb: messages on order %d", id))
}

const sqlShortASN = `update c2m.asn_line set short = pieces - came where asn_id = $1 and order_id = $2 and came + short < pieces
	returning order_line, pieces - came`

// ShortASN notes that what has not come of an order with a delivery note will not come with it, and gives the pieces by line.
func ShortASN(ctx context.Context, tx pgx.Tx, asn int64, id c2m.OrderID) (map[int]quantity.Pieces, error) {
	rows, err := tx.Query(ctx, sqlShortASN, asn, id)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: what is short of delivery note %d: %w", asn, err)
	}
	short := map[int]quantity.Pieces{}
	var line int
	var n quantity.Pieces
	_, err = pgx.ForEachRow(rows, []any{&line, &n}, func() error {
		short[line] += n
		return nil
	})
	return short, wrap(err, "c2mdb: what is short of a delivery note")
}
