package financeops_test

import (
	"errors"
	"testing"

	"milkrun/c2m/finance"
	"milkrun/c2m/financedb"
	"milkrun/c2m/statement"
	"milkrun/c2m/statementops"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// short lets an order of 100 pieces at 10.00 come with a few and closes it: the rest is charged in full.
func (w *world) short(sent, due string, came quantity.Pieces) {
	w.t.Helper()
	o := w.order(100, sent, due, came, due)
	_, err := w.orders.Close(w.buyer, o.ID, o.Revision, "不再补货")
	w.must(err)
}

// settled sends a statement, lets the supplier agree to all and closes it.
func (w *world) settled(from, to string) *statement.Statement {
	w.t.Helper()
	s, err := w.statements.Make(w.buyer, w.supplier, day(from), day(to))
	w.must(err)
	s, err = w.statements.Send(w.buyer, s.Number, s.Revision)
	w.must(err)
	s, err = w.statements.Say(w.beili, s.Number, s.Revision, nil)
	w.must(err)
	s, err = w.statements.Agree(w.boss, s.Number, s.Revision)
	w.must(err)
	return s
}

// payable gives what the house owes the supplier by the ledger: below zero when the supplier owes.
func (w *world) payable() money.Fen {
	w.t.Helper()
	all, err := financedb.Ledger(w.t.Context(), w.pool, w.supplier, "", 1000)
	w.must(err)
	var sum money.Fen
	for _, e := range all {
		if e.From == finance.Payable { // what is bought is owed
			sum += e.Fen
		}
		if e.To == finance.Payable {
			sum -= e.Fen
		}
	}
	return sum
}

func TestAnOwingSupplierIsCarriedOverOnce(t *testing.T) {
	w := newWorld(t)
	terms := statement.DefaultTerms()
	terms.ShortBP = 10_000
	w.must(w.suppliers.SaveTrade(w.buyer, w.supplier, terms))

	w.short("2026-08-20", "2026-09-10", 10) // 100.00 of goods, 900.00 taken off
	w.at("2026-10-02")
	sept := w.settled("2026-09-01", "2026-09-30")
	if sept.Totals().Total != -80_000 || sept.Owed() != 80_000 || sept.Balance() != 0 || sept.State != statement.Paid || w.payable() != -80_000 {
		t.Fatalf("%+v, payable %d", sept.Totals(), w.payable())
	}
	// Nothing came in between: a debt alone makes no statement.
	if _, err := w.statements.Make(w.buyer, w.supplier, day("2026-09-01"), day("2026-10-01")); !errors.Is(err, statement.ErrEmpty) {
		t.Error(err)
	}

	// October brings less than is owed: its statement is withdrawn once, made anew, and owes in its turn.
	w.order(60, "2026-10-05", "2026-10-20", 60, "2026-10-20") // 600.00
	w.at("2026-11-02")
	void, err := w.statements.Make(w.buyer, w.supplier, day("2026-10-01"), day("2026-10-31"))
	w.must(err)
	if l := void.Lines[0]; l.Kind != statement.Carried || l.Amount != -80_000 || l.No != 1 || void.Totals().Total != -20_000 {
		t.Fatalf("%+v", void.Lines)
	}
	if s, err := w.statements.Get(w.buyer, sept.Number); err != nil || s.CarriedTo != void.Number {
		t.Errorf("carried to %q, %v", s.CarriedTo, err)
	}
	_, err = w.statements.Withdraw(w.buyer, void.Number, 0, "期间开错")
	w.must(err)
	if s, err := w.statements.Get(w.buyer, sept.Number); err != nil || s.CarriedTo != "" {
		t.Errorf("a withdrawn statement keeps the debt: %q, %v", s.CarriedTo, err)
	}
	oct := w.disputed("2026-10-01", "2026-10-31")
	if oct.Totals().Total != -20_000 || oct.Totals().Carried != -80_000 || w.payable() != -20_000 {
		t.Fatalf("%+v, payable %d", oct.Totals(), w.payable())
	}

	// November pays it all back: the balance of October alone is taken off, September's not again.
	w.order(60, "2026-11-05", "2026-11-20", 60, "2026-11-20")
	w.at("2026-12-02")
	nov := w.settled("2026-11-01", "2026-11-30")
	if sum := nov.Totals(); sum.Carried != -20_000 || sum.Total != 100_000 || nov.Balance() != 100_000 || len(nov.Lines) != 3 || w.payable() != 100_000 {
		t.Fatalf("%+v, %d lines, payable %d", sum, len(nov.Lines), w.payable())
	}
	page, err := w.statements.List(w.beili, 0, nil, 0)
	w.must(err)
	to := map[string]string{}
	for _, b := range page.Rows {
		if b.Owed() > 0 {
			to[b.Number] = b.CarriedTo
		}
	}
	if len(to) != 2 || to[sept.Number] != oct.Number || to[oct.Number] != nov.Number {
		t.Errorf("the supplier sees %v", to)
	}
	w.at("2027-01-03")
	w.paidAll()
	if w.payable() != 0 {
		t.Errorf("payable %d", w.payable())
	}
	w.order(10+50, "2027-01-04", "2027-01-20", 60, "2027-01-20")
	w.at("2027-02-02")
	jan, err := w.statements.Make(w.buyer, w.supplier, day("2027-01-01"), day("2027-01-31"))
	if err != nil || jan.Totals().Carried != 0 {
		t.Errorf("%+v, %v", jan, err)
	}
}

// disputed plays a statement on which the supplier objects to what was carried over. While it does, the next statement does not take the debt.
func (w *world) disputed(from, to string) *statement.Statement {
	t := w.t
	t.Helper()
	s, err := w.statements.Make(w.buyer, w.supplier, day(from), day(to))
	w.must(err)
	s, err = w.statements.Send(w.buyer, s.Number, s.Revision)
	w.must(err)
	claim := money.Fen(0)
	s, err = w.statements.Say(w.beili, s.Number, s.Revision, []statementops.Saying{{Line: 1, Reason: "上月已转账", Claim: &claim}})
	w.must(err)
	w.order(60, "2026-11-02", "2026-11-03", 60, "2026-11-03")
	w.at("2026-11-05")
	other, err := w.statements.Make(w.buyer, w.supplier, day("2026-11-01"), day("2026-11-04"))
	if err != nil || other.Totals().Carried != 0 {
		t.Errorf("the debt of a disputed line was taken again: %+v, %v", other, err)
	}
	_, err = w.statements.Withdraw(w.buyer, other.Number, 0, "试开")
	w.must(err)
	s, err = w.statements.Answer(w.buyer, s.Number, s.Revision, 1, false, nil, "银行没有这笔")
	w.must(err)
	s, err = w.statements.Say(w.beili, s.Number, s.Revision, nil)
	w.must(err)
	s, err = w.statements.Agree(w.boss, s.Number, s.Revision)
	w.must(err)
	return s
}

// paidAll lets the provider do every payment that is due.
func (w *world) paidAll() {
	w.t.Helper()
	_, err := w.finance.SendPayments(w.system)
	w.must(err)
}
