// Package c2mdb holds the SQL of factory orders: orders with their versions, answers and agreements, delivery notes, receipts,
// the sheets that go out and come in, and what is read from them.
package c2mdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

const sqlNextNumber = `insert into c2m.order_month as m (month, last) values ($1, 1)
	on conflict (month) do update set last = m.last + 1 returning last`

// NextNumber gives the next order number of the month of the day. The number is taken when the transaction commits; until then
// others wait, so that no number is left out or given twice.
func NextNumber(ctx context.Context, tx pgx.Tx, day calendar.Day) (string, error) {
	var n int
	if err := tx.QueryRow(ctx, sqlNextNumber, c2m.Month(day)).Scan(&n); err != nil {
		return "", fmt.Errorf("c2mdb: next number: %w", err)
	}
	return c2m.FormatNumber(day, n), nil
}

// headRow is the stored head of an order, column by column.
type headRow struct {
	ID           c2m.OrderID
	Number       string
	SupplierID   catalog.SupplierID
	ShipTo       catalog.SiteID
	BuyerID      int64
	Buyer        string
	State        c2m.State
	Revision     int64
	NextLine     int
	Version      int
	AnswerID     *int64
	Contract     string
	Payment      string
	Licence      string
	Note         string
	Reason       string
	CreatedAt    time.Time
	SentAt       *time.Time
	AnsweredAt   *time.Time
	ConfirmedAt  *time.Time
	ProducingAt  *time.Time
	DispatchedAt *time.Time
	ReceivedAt   *time.Time
	ClosedAt     *time.Time
	CancelledAt  *time.Time
}

func (r headRow) order() *c2m.FactoryOrder {
	return &c2m.FactoryOrder{
		ID: r.ID, Number: r.Number, Supplier: r.SupplierID, ShipTo: r.ShipTo, Buyer: c2m.Person{ID: r.BuyerID, Name: r.Buyer},
		State: r.State, Revision: r.Revision, NextLine: r.NextLine, Reason: r.Reason,
		Conditions: c2m.Conditions{Contract: r.Contract, Payment: r.Payment, Licence: r.Licence, Note: r.Note},
		Agreed:     map[int]c2m.Agreement{},
		Stops: c2m.Stops{Created: r.CreatedAt, Sent: r.SentAt, Answered: r.AnsweredAt, Confirmed: r.ConfirmedAt, Producing: r.ProducingAt,
			Dispatched: r.DispatchedAt, Received: r.ReceivedAt, Closed: r.ClosedAt, Cancelled: r.CancelledAt},
	}
}

const headColumns = `id, number, supplier_id, ship_to, buyer_id, buyer, state, revision, next_line, version, answer_id, contract, payment,
	licence, note, reason, created_at, sent_at, answered_at, confirmed_at, producing_at, dispatched_at, received_at, closed_at, cancelled_at`

const sqlOrder = `select ` + headColumns + ` from c2m.factory_order where id = $1`

// Order gives an order. c2m.ErrUnknown when there is none.
func Order(ctx context.Context, q pgdb.Querier, id c2m.OrderID) (*c2m.FactoryOrder, error) {
	return order(ctx, q, sqlOrder, id)
}

const sqlLockOrder = `select ` + headColumns + ` from c2m.factory_order where id = $1 for update`

// LockOrder gives an order and keeps others from changing it until the transaction ends. Lock several orders in the ascending
// order of their ids. c2m.ErrUnknown when there is none.
func LockOrder(ctx context.Context, tx pgx.Tx, id c2m.OrderID) (*c2m.FactoryOrder, error) {
	return order(ctx, tx, sqlLockOrder, id)
}

const sqlOrderID = `select id from c2m.factory_order where number = $1`

// OrderID finds an order by its number in the written form (c2m.ParseNumber). c2m.ErrUnknown when there is none.
func OrderID(ctx context.Context, q pgdb.Querier, number string) (c2m.OrderID, error) {
	var id c2m.OrderID
	err := q.QueryRow(ctx, sqlOrderID, number).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, fmt.Errorf("%w: %s", c2m.ErrUnknown, number)
	}
	if err != nil {
		return 0, fmt.Errorf("c2mdb: find %s: %w", number, err)
	}
	return id, nil
}

const sqlOrderIDs = `select number, id from c2m.factory_order where supplier_id = $1 and version > 0 and number = any($2)`

// OrderIDs finds the orders of a supplier by their numbers, as far as they have been sent; the others are left out.
func OrderIDs(ctx context.Context, q pgdb.Querier, supplier catalog.SupplierID, numbers []string) (map[string]c2m.OrderID, error) {
	rows, err := q.Query(ctx, sqlOrderIDs, supplier, numbers)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: find orders: %w", err)
	}
	found := map[string]c2m.OrderID{}
	var number string
	var id c2m.OrderID
	_, err = pgx.ForEachRow(rows, []any{&number, &id}, func() error {
		found[number] = id
		return nil
	})
	return found, wrap(err, "c2mdb: find orders")
}

func order(ctx context.Context, q pgdb.Querier, sql string, id c2m.OrderID) (*c2m.FactoryOrder, error) {
	rows, err := q.Query(ctx, sql, id)
	if err != nil {
		return nil, fmt.Errorf("c2mdb: order %d: %w", id, err)
	}
	head, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[headRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("%w: %d", c2m.ErrUnknown, id)
	}
	if err != nil {
		return nil, fmt.Errorf("c2mdb: order %d: %w", id, err)
	}
	o := head.order()
	if err := loadParts(ctx, q, o, head); err != nil {
		return nil, fmt.Errorf("c2mdb: order %s: %w", o.Number, err)
	}
	return o, nil
}

// loadParts fills in what belongs to the head.
func loadParts(ctx context.Context, q pgdb.Querier, o *c2m.FactoryOrder, head headRow) (err error) {
	if o.Lines, err = orderLines(ctx, q, o.ID); err != nil {
		return err
	}
	if head.Version > 0 {
		v, err := Version(ctx, q, o.ID, head.Version)
		if err != nil {
			return err
		}
		o.Current = &v
	}
	if head.AnswerID != nil {
		if o.Answer, err = answer(ctx, q, *head.AnswerID); err != nil {
			return err
		}
	}
	if o.Deviations, err = deviations(ctx, q, o.ID); err != nil {
		return err
	}
	o.Agreed, err = agreements(ctx, q, o.ID)
	return err
}

type lineRow struct {
	No               int
	SKUID            catalog.SKUID
	Pieces           quantity.Pieces
	PriceFen         money.Fen
	ByHand           bool
	TaxBP            int
	Due              calendar.Day
	MinRemainingDays int
	PartNo           string
	Pack             quantity.Pieces
	MOQ              quantity.Pieces
	SuggestionID     *int64
	Spec             string
	Note             string
	Shipped          quantity.Pieces
	Came             quantity.Pieces
}

func (r lineRow) line() c2m.Line {
	l := c2m.Line{No: r.No, SKU: r.SKUID, Pieces: r.Pieces, Price: r.PriceFen, ByHand: r.ByHand, TaxBP: r.TaxBP, Due: r.Due,
		MinRemainingDays: r.MinRemainingDays, PartNo: r.PartNo, Pack: r.Pack, MOQ: r.MOQ, Spec: r.Spec, Note: r.Note,
		Shipped: r.Shipped, Came: r.Came}
	if r.SuggestionID != nil {
		l.Suggestion = *r.SuggestionID
	}
	return l
}

const sqlOrderLines = `select no, sku_id, pieces, price_fen, by_hand, tax_bp, due, min_remaining_days, part_no, pack, moq, suggestion_id,
	spec, note, shipped, came from c2m.order_line where order_id = $1 order by no`

func orderLines(ctx context.Context, q pgdb.Querier, id c2m.OrderID) ([]c2m.Line, error) {
	rows, err := q.Query(ctx, sqlOrderLines, id)
	if err != nil {
		return nil, fmt.Errorf("lines: %w", err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[lineRow])
	if err != nil {
		return nil, fmt.Errorf("lines: %w", err)
	}
	lines := make([]c2m.Line, len(stored))
	for i, r := range stored {
		lines[i] = r.line()
	}
	return lines, nil
}
