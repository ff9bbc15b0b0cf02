package c2mdb

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/internal/catalog"
)

const sqlInsertOrder = `insert into c2m.factory_order (number, supplier_id, ship_to, buyer_id, buyer, state, created_at, touched_at, search)
	select $1, $2, $3, $4, $5, $6, $7, $7, $8 returning id, revision`

// InsertOrder stores a new order without lines and gives it its id. Save stores the rest.
func InsertOrder(ctx context.Context, tx pgx.Tx, o *c2m.FactoryOrder) error {
	err := tx.QueryRow(ctx, sqlInsertOrder, o.Number, o.Supplier, o.ShipTo, o.Buyer.ID, o.Buyer.Name, o.State, o.Stops.Created,
		catalog.SearchTerms(o.Number)).Scan(&o.ID, &o.Revision)
	if err != nil {
		return fmt.Errorf("c2mdb: insert %s: %w", o.Number, err)
	}
	return nil
}

// Save stores an order that the caller has locked, as it stands, and counts its revision up. A version that is new is stored with
// paper, an answer that is new gets its id; answerFile is the sheet that it came in, 0 for none.
func Save(ctx context.Context, tx pgx.Tx, o *c2m.FactoryOrder, now time.Time, paper *c2m.Paper, answerFile int64) error {
	s := saver{ctx: ctx, tx: tx, o: o}
	for _, step := range []func() error{
		func() error { return s.version(paper) },
		func() error { return s.answer(answerFile) },
		func() error { return s.head(now) },
		s.lines, s.deviations, s.agreements,
	} {
		if err := step(); err != nil {
			return fmt.Errorf("c2mdb: save %s: %w", o.Number, err)
		}
	}
	return nil
}

type saver struct {
	ctx context.Context
	tx  pgx.Tx
	o   *c2m.FactoryOrder
}

const sqlInsertVersion = `insert into c2m.order_version (order_id, version, sent_at, by_id, by_name, reply_by, reason, conditions, lines, paper)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

const (
	sqlDropSent   = `delete from c2m.sent_line where order_id = $1`
	sqlInsertSent = `insert into c2m.sent_line (order_id, no, sku_id, pieces, due, suggestion_id)
		select v.order_id, x.no, x.sku, x.pieces, x.due, nullif(x.suggestion, 0) from c2m.order_version v
		cross join lateral jsonb_to_recordset(v.lines) as x (no int, sku int, pieces bigint, due date, suggestion bigint)
		where v.order_id = $1 and v.version = $2`
)

func (s saver) version(paper *c2m.Paper) error {
	if paper == nil {
		return nil
	}
	v := s.o.Current
	b := &pgx.Batch{}
	b.Queue(sqlInsertVersion, s.o.ID, v.No, v.SentAt, v.By.ID, v.By.Name, v.ReplyBy, v.Reason, v.Conditions, v.Lines, paper)
	b.Queue(sqlDropSent, s.o.ID)
	b.Queue(sqlInsertSent, s.o.ID, v.No)
	return wrap(s.tx.SendBatch(s.ctx, b).Close(), "version")
}

const sqlInsertAnswer = `insert into c2m.answer (order_id, version, at, by_id, by_name, file_id, lines)
	values ($1, $2, $3, $4, $5, nullif($6::bigint, 0), $7) returning id`

func (s saver) answer(file int64) error {
	a := s.o.Answer
	if a == nil || a.ID != 0 {
		return nil
	}
	return s.tx.QueryRow(s.ctx, sqlInsertAnswer, s.o.ID, a.Version, a.At, a.By.ID, a.By.Name, file, a.Lines).Scan(&a.ID)
}

const sqlSaveHead = `update c2m.factory_order set state = $2, revision = revision + 1, next_line = $3, version = $4, answer_id = $5,
	contract = $6, payment = $7, licence = $8, note = $9, reason = $10, sent_at = $11, answered_at = $12, confirmed_at = $13,
	producing_at = $14, dispatched_at = $15, received_at = $16, closed_at = $17, cancelled_at = $18, touched_at = $19,
	line_count = $20, pieces = $21, amount_fen = $22, due = $23, next_day = $24, reply_by = $25, undecided = $26, changed = $27,
	confirmation = $28, buyer_id = $29, buyer = $30
	where id = $1 returning revision`

func (s saver) head(now time.Time) error {
	o := s.o
	sum, err := o.AgreedTotals()
	if err != nil {
		return err
	}
	var answer *int64
	if o.Answer != nil {
		answer = &o.Answer.ID
	}
	var replyBy *time.Time
	if o.Current != nil {
		replyBy = &o.Current.ReplyBy
	}
	st, c := o.Stops, o.Conditions
	return s.tx.QueryRow(s.ctx, sqlSaveHead, o.ID, o.State, o.NextLine, o.Version(), answer, c.Contract, c.Payment, c.Licence, c.Note, o.Reason,
		st.Sent, st.Answered, st.Confirmed, st.Producing, st.Dispatched, st.Received, st.Closed, st.Cancelled, now,
		sum.Lines, sum.Pieces, sum.Gross, o.Due(), o.NextDay(), replyBy, o.Undecided(), o.Changed(), o.Confirmation(),
		o.Buyer.ID, o.Buyer.Name).Scan(&o.Revision)
}

const (
	sqlDropLines   = `delete from c2m.order_line where order_id = $1 and no <> all($2)`
	sqlUpsertLines = `insert into c2m.order_line as l (order_id, no, sku_id, pieces, price_fen, by_hand, tax_bp, due, min_remaining_days,
			part_no, pack, moq, suggestion_id, spec, note, shipped, came)
		select $1, n.no, n.sku, n.pieces, n.price, n.by_hand, n.tax, date '1970-01-01' + n.due, n.life, n.part, n.pack, n.moq,
			nullif(n.suggestion, 0), n.spec, n.note, n.shipped, n.came
		from unnest($2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::bool[], $7::int[], $8::int[], $9::int[], $10::text[], $11::bigint[],
			$12::bigint[], $13::bigint[], $14::text[], $15::text[], $16::bigint[], $17::bigint[])
			as n (no, sku, pieces, price, by_hand, tax, due, life, part, pack, moq, suggestion, spec, note, shipped, came)
		on conflict (order_id, no) do update set pieces = excluded.pieces, price_fen = excluded.price_fen, by_hand = excluded.by_hand,
			tax_bp = excluded.tax_bp, due = excluded.due, min_remaining_days = excluded.min_remaining_days, part_no = excluded.part_no,
			pack = excluded.pack, moq = excluded.moq, spec = excluded.spec, note = excluded.note, shipped = excluded.shipped, came = excluded.came
		where (l.pieces, l.price_fen, l.by_hand, l.tax_bp, l.due, l.min_remaining_days, l.part_no, l.pack, l.moq, l.spec, l.note, l.shipped, l.came)
			is distinct from (excluded.pieces, excluded.price_fen, excluded.by_hand, excluded.tax_bp, excluded.due, excluded.min_remaining_days,
			excluded.part_no, excluded.pack, excluded.moq, excluded.spec, excluded.note, excluded.shipped, excluded.came)`
)

func (s saver) lines() error {
	ls := s.o.Lines
	nos := column(ls, func(l c2m.Line) int32 { return int32(l.No) })
	if _, err := s.tx.Exec(s.ctx, sqlDropLines, s.o.ID, nos); err != nil {
		return fmt.Errorf("lines: %w", err)
	}
	if len(ls) == 0 {
		return nil
	}
	_, err := s.tx.Exec(s.ctx, sqlUpsertLines, s.o.ID, nos,
		column(ls, func(l c2m.Line) int32 { return int32(l.SKU) }),
		column(ls, func(l c2m.Line) int64 { return int64(l.Pieces) }),
		column(ls, func(l c2m.Line) int64 { return int64(l.Price) }),
		column(ls, func(l c2m.Line) bool { return l.ByHand }),
		column(ls, func(l c2m.Line) int32 { return int32(l.TaxBP) }),
		column(ls, func(l c2m.Line) int32 { return int32(l.Due) }),
		column(ls, func(l c2m.Line) int32 { return int32(l.MinRemainingDays) }),
		column(ls, func(l c2m.Line) string { return l.PartNo }),
		column(ls, func(l c2m.Line) int64 { return int64(l.Pack) }),
		column(ls, func(l c2m.Line) int64 { return int64(l.MOQ) }),
		column(ls, func(l c2m.Line) int64 { return l.Suggestion }),
		column(ls, func(l c2m.Line) string { return l.Spec }),
		column(ls, func(l c2m.Line) string { return l.Note }),
		column(ls, func(l c2m.Line) int64 { return int64(l.Shipped) }),
		column(ls, func(l c2m.Line) int64 { return int64(l.Came) }))
	if err != nil {
		return fmt.Errorf("lines: %w", err)
	}
	return nil
}

func column[T, C any](ts []T, f func(T) C) []C {
	cs := make([]C, len(ts))
	for i, t := range ts {
		cs[i] = f(t)
	}
	return cs
}

const (
	sqlDropDeviations  = `delete from c2m.deviation where order_id = $1`
	sqlInsertDeviation = `insert into c2m.deviation (order_id, line, kind, sku_id, asked_pieces, pieces, asked_day, day, days, moved,
		asked_price_fen, price_fen, unit, below_moq, decision, by_id, by_name, at, why)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`
)

func (s saver) deviations() error {
	b := &pgx.Batch{}
	b.Queue(sqlDropDeviations, s.o.ID)
	for _, d := range s.o.Deviations {
		b.Queue(sqlInsertDeviation, s.o.ID, d.Line, d.Kind, d.SKU, d.AskedPieces, d.Pieces, d.AskedDay, d.Day, d.Days, d.Moved,
			d.AskedPrice, d.Price, d.Unit, d.BelowMOQ, d.Decision, d.By.ID, d.By.Name, d.At, d.Why)
	}
	if err := s.tx.SendBatch(s.ctx, b).Close(); err != nil {
		return fmt.Errorf("deviations: %w", err)
	}
	return nil
}

const (
	sqlDropAgreements  = `delete from c2m.agreement where order_id = $1`
	sqlInsertAgreement = `insert into c2m.agreement (order_id, line, version) values ($1, $2, $3)`
	sqlInsertPromise   = `insert into c2m.promise (order_id, line, split, pieces, day, price_fen) values ($1, $2, $3, $4, $5, $6)`
	// The first promises of a line in a version stay, however the promises move later.
	sqlKeepFirst = `insert into c2m.first_promise (order_id, line, version, split, pieces, day)
		select p.order_id, p.line, a.version, p.split, p.pieces, p.day
		from c2m.promise p join c2m.agreement a on a.order_id = p.order_id and a.line = p.line
		where p.order_id = $1 and not exists (select from c2m.first_promise f
			where f.order_id = p.order_id and f.line = p.line and f.version = a.version)`
)

func (s saver) agreements() error {
	b := &pgx.Batch{}
	b.Queue(sqlDropAgreements, s.o.ID)
	lines := make([]int, 0, len(s.o.Agreed))
	for line := range s.o.Agreed {
		lines = append(lines, line)
	}
	slices.Sort(lines)
	for _, line := range lines {
		a := s.o.Agreed[line]
		b.Queue(sqlInsertAgreement, s.o.ID, line, a.Version)
		for i, p := range a.Splits {
			b.Queue(sqlInsertPromise, s.o.ID, line, i+1, p.Pieces, p.Day, p.Price)
		}
	}
	b.Queue(sqlKeepFirst, s.o.ID)
	if err := s.tx.SendBatch(s.ctx, b).Close(); err != nil {
		return fmt.Errorf("agreements: %w", err)
	}
	return nil
}
