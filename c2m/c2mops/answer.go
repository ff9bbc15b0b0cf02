package c2mops

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/c2m/c2mxlsx"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// UploadAnswer takes a supplier's sheet with confirmations, of one order or several, and its commitments to the forecast where the sheet
// has them. All of it is taken, or with any bad row nothing: Uploaded.Problems then names each, and the annotated copy is kept. The same
// sheet twice changes nothing.
func (o *Ops) UploadAnswer(ctx context.Context, in Uploading) (Uploaded, error) {
	s, err := o.receiveSheet(ctx, in, c2mdb.AnswerFile)
	if err != nil {
		return Uploaded{}, err
	}
	sheet, err := c2mxlsx.ReadAnswer(ctx, in.Content)
	if p, refused := c2mxlsx.Refused(err); refused {
		err = s.refuse(ctx, []c2mxlsx.Problem{p}, nil)
		return s.out, err
	}
	if err != nil {
		return Uploaded{}, err
	}
	defer sheet.Close()
	t := &answerTaker{incoming: s, sheet: sheet}
	if err := t.prepare(ctx); err != nil {
		return Uploaded{}, err
	}
	if t.weeks != nil {
		defer t.weeks.Close()
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return t.take(ctx, tx) })
	if errors.Is(err, errBadSheet) {
		err = s.refuse(ctx, t.problems(), sheet)
	}
	if err != nil {
		return Uploaded{}, err
	}
	return s.out, nil
}

// errBadSheet ends a transaction in which a sheet turned out to be bad.
var errBadSheet = errors.New("c2mops: the sheet has bad rows")

// answerTaker takes the rows of one sheet.
type answerTaker struct {
	*incoming
	sheet  *c2mxlsx.Answer
	weeks  *c2mxlsx.Commitments
	codes  map[string]catalog.SKU
	orders map[string]c2m.OrderID // by number
	failed bool
}

// prepare looks up what the rows name, and reads the commitments.
func (t *answerTaker) prepare(ctx context.Context) (err error) {
	if t.weeks, err = c2mxlsx.ReadCommitments(ctx, t.in.Content); err != nil {
		return err
	}
	var codes []string
	numbers := map[string]bool{}
	for _, r := range t.sheet.Replies {
		codes = append(codes, r.SKU)
		numbers[r.Order] = true
	}
	if t.weeks != nil {
		for _, w := range t.weeks.Weeks {
			codes = append(codes, w.SKU)
		}
	}
	if t.codes, err = c2mdb.SKUsByCode(ctx, t.ops.Pool, codes); err != nil {
		return err
	}
	t.orders, err = c2mdb.OrderIDs(ctx, t.ops.Pool, t.supplier, slices.Collect(maps.Keys(numbers)))
	t.out.RowCount = t.sheet.Rows()
	return err
}

func (t *answerTaker) fail(p c2m.Problem) {
	t.failed = true
	t.sheet.Fail(p)
}

// problems lists everything wrong with the sheet and with its commitments.
func (t *answerTaker) problems() []c2mxlsx.Problem {
	ps := t.sheet.Problems()
	if t.weeks != nil {
		ps = append(ps, t.weeks.Problems()...)
	}
	return ps
}

// take works through the orders of the sheet in the order of their ids. Everything is looked at before anything is saved; errBadSheet
// when something is wrong.
func (t *answerTaker) take(ctx context.Context, tx pgx.Tx) error {
	t.failed, t.out.Changed, t.out.Repeats, t.out.Orders = false, nil, nil, nil
	rows := t.group()
	ids := slices.Sorted(maps.Keys(rows))
	locked := make([]*act, len(ids)) // all locks first: a transaction that loses here runs again without a trace
	for i, id := range ids {
		var err error
		if locked[i], err = t.ops.begin(ctx, tx, t.user, id); err != nil {
			return err
		}
		t.out.Orders = append(t.out.Orders, int64(id))
	}
	var acts []*act
	for i, id := range ids {
		changed, err := t.answer(locked[i], rows[id])
		if err != nil {
			return err
		}
		switch {
		case changed:
			acts = append(acts, locked[i])
		case !t.failed:
			t.out.Repeats = append(t.out.Repeats, outcomeOf(locked[i].order))
		}
	}
	var commitments []c2mdb.Week
	if t.weeks != nil {
		commitments = weeksOf(t.weeks, t.codes)
	}
	if len(ids) == 0 && len(commitments) == 0 && len(t.problems()) == 0 {
		t.fail(c2m.Problem{Row: -1, Reason: both("表里没有填任何答复", "no answer was filled in"),
			Remedy: both("请在“采购单”的黄色列填确认数量，不能交货填 0", "give the confirmed quantities in the yellow columns of “Order”, 0 if you cannot deliver")})
	}
	if t.failed || len(t.problems()) > 0 {
		return errBadSheet
	}
	return t.save(ctx, tx, acts, commitments)
}

// save stores a good sheet and what it changed.
func (t *answerTaker) save(ctx context.Context, tx pgx.Tx, acts []*act, commitments []c2mdb.Week) error {
	if err := t.keep(ctx, tx); err != nil {
		return err
	}
	for _, a := range acts {
		if t.out.FileID != nil {
			a.answerFile = *t.out.FileID
		}
		if err := a.finish(ctx); err != nil {
			return err
		}
		t.out.Changed = append(t.out.Changed, outcomeOf(a.order))
	}
	n, err := c2mdb.CommitWeeks(ctx, tx, t.supplier, commitments, t.out.At)
	if err != nil {
		return err
	}
	t.out.Weeks = n
	t.out.Outcome = c2mdb.Taken
	if len(acts) == 0 && t.out.Weeks == 0 {
		t.out.Outcome = c2mdb.Repeated
	}
	return t.note(ctx, tx)
}

// group sorts the rows by order; the value holds indices of rows. Rows of orders that are not the supplier's are bad.
func (t *answerTaker) group() map[c2m.OrderID][]int {
	rows := map[c2m.OrderID][]int{}
	for i, r := range t.sheet.Replies {
		id, ok := t.orders[r.Order]
		switch {
		case r.Order == "" && t.in.Order != 0:
			id, ok = t.in.Order, true
		case r.Order == "" && t.sheet.OK(i):
			t.fail(c2m.Problem{Row: i, Field: c2m.KeyOrder, Reason: both("缺订单号", "the order number is missing"),
				Remedy: both("请照订单表填写订单号，或在该订单的页面上传", "give the number of the order sheet, or upload on the order's page")})
		case !ok && t.sheet.OK(i):
			t.fail(c2m.Problem{Row: i, Field: c2m.KeyOrder, Reason: both("没有给贵司的订单 "+r.Order, "there is no order "+r.Order+" for you"),
				Remedy: both("请核对订单号", "check the order number")})
		case ok && r.Order != "" && t.in.Order != 0 && id != t.in.Order:
			t.fail(c2m.Problem{Row: i, Field: c2m.KeyOrder, Reason: both("这一行是另一张订单 "+r.Order+" 的", "this row belongs to another order, "+r.Order),
				Remedy: both("请在“订单”页上传含多张订单的表，或在 "+r.Order+" 的页面上传", "upload sheets of several orders on the page Orders, or this one on the page of "+r.Order)})
			ok = false
		}
		if ok {
			rows[id] = append(rows[id], i)
		}
	}
	return rows
}

// answer applies the rows of one order to it, in memory. It tells whether the order changed.
func (t *answerTaker) answer(a *act, rows []int) (changed bool, err error) {
	if a.order.Current == nil {
		return false, &c2m.StateError{Number: a.order.Number, State: a.order.State, Verb: "answer"}
	}
	var replies []c2m.Reply
	var index []int
	for _, i := range rows {
		r := t.sheet.Replies[i]
		if !t.sheet.OK(i) || !t.versionFits(i, r, a.order) || !t.goods(i, &r) {
			continue
		}
		replies, index = append(replies, r.Reply), append(index, i)
	}
	answer, problems := c2m.ReadReplies(*a.order.Current, replies, a.today)
	for _, p := range problems {
		if p.Row >= 0 {
			p.Row = index[p.Row]
		}
		t.fail(p)
	}
	if t.failed || len(t.problems()) > 0 {
		return false, nil
	}
	return t.record(a, answer, rows[0])
}

// record puts the answer on the order. A state that takes no answer is a problem of the sheet, not a fault of the program.
func (t *answerTaker) record(a *act, answer c2m.Answer, row int) (changed bool, err error) {
	answer.At, answer.By = a.now, person(a.user)
	repeated, err := a.order.TakeAnswer(answer, a.now)
	var state *c2m.StateError
	if errors.As(err, &state) {
		t.fail(c2m.Problem{Row: row, Field: c2m.KeyOrder, Reason: both(a.order.Number+" 已发货或已结束，不能再改答复", a.order.Number+" is on its way or over and takes no new answer"),
			Remedy: both("请给采购留言，由采购改期", "leave the buyer a message: the buyer can change the dates")})
		return false, nil
	}
	if err != nil || repeated {
		return false, err
	}
	a.verb, a.after = "order.answer", map[string]any{"version": answer.Version, "lines": answer.Lines, "undecided": a.order.Undecided(), "sheet": t.in.Name}
	return true, nil
}

// versionFits refuses rows that answer another version than the current one; rows without a version are taken for the current one.
func (t *answerTaker) versionFits(i int, r c2mxlsx.AnswerRow, order *c2m.FactoryOrder) bool {
	if r.Version == 0 || r.Version == order.Version() {
		return true
	}
	t.fail(c2m.Problem{Row: i, Field: c2m.KeyVersion, Reason: both(fmt.Sprintf("这是第 %d 版，%s 现在是第 %d 版", r.Version, order.Number, order.Version()),
		fmt.Sprintf("this is version %d, %s is at version %d now", r.Version, order.Number, order.Version())),
		Remedy: both("请下载最新的订单表再填", "download the current order sheet and fill in that one")})
	return false
}

// goods looks up the row's SKU.
func (t *answerTaker) goods(i int, r *c2mxlsx.AnswerRow) bool {
	if r.SKU == "" {
		return true
	}
	k, ok := t.codes[r.SKU]
	if !ok {
		t.fail(c2m.Problem{Row: i, Field: c2m.KeySKU, Reason: both("没有 SKU “"+r.SKU+"”", "there is no SKU “"+r.SKU+"”"),
			Remedy: both("请照订单表填写 SKU；知道行号时可以留空", "copy the SKU of the order sheet; leave it empty if the line number is given")})
		return false
	}
	r.Reply.SKU = k.ID
	return true
}

// weeksOf gives the commitments to goods that are known.
func weeksOf(c *c2mxlsx.Commitments, codes map[string]catalog.SKU) []c2mdb.Week {
	var weeks []c2mdb.Week
	for _, w := range c.Weeks {
		if k, ok := codes[w.SKU]; ok {
			weeks = append(weeks, c2mdb.Week{SKUID: k.ID, Monday: w.Monday, Committed: w.Committed, Capacity: w.Capacity})
		}
	}
	return weeks
}

// AnswerOnline takes a supplier's answer from the portal's form, for the order's current version, by the rules of the sheet. The problems
// name replies by their index; with any nothing is taken. repeated is true when it said the same as before.
func (o *Ops) AnswerOnline(ctx context.Context, id c2m.OrderID, version int, replies []c2m.Reply) (order *c2m.FactoryOrder, repeated bool, problems []c2m.Problem, err error) {
	u, err := eitherSide(ctx, access.EditOrders)
	if err != nil {
		return nil, false, nil, err
	}
	order, err = o.change(ctx, u, id, 0, func(_ context.Context, a *act) error {
		if a.order.Current == nil {
			return &c2m.StateError{Number: a.order.Number, State: a.order.State, Verb: "answer"}
		}
		if version != a.order.Version() {
			return &c2m.VersionError{Number: a.order.Number, Sheet: version, Current: a.order.Version()}
		}
		answer, found := c2m.ReadReplies(*a.order.Current, replies, a.today)
		if len(answer.Lines) == 0 && len(found) == 0 {
			found = []c2m.Problem{{Row: -1, Reason: both("没有填任何答复", "no answer was filled in"), Remedy: both("请填确认数量，不能交货填 0", "give the confirmed quantities, 0 if you cannot deliver")}}
		}
		if problems = found; len(problems) > 0 {
			return errBadSheet
		}
		answer.At, answer.By = a.now, person(u)
		if repeated, err = a.order.TakeAnswer(answer, a.now); err != nil {
			return err
		}
		a.still = repeated
		a.verb, a.after = "order.answer", map[string]any{"version": version, "lines": answer.Lines, "undecided": a.order.Undecided()}
		return nil
	})
	if errors.Is(err, errBadSheet) {
		return nil, false, problems, nil
	}
	return order, repeated, nil, err
}
