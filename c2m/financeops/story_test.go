package financeops_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"milkrun/c2m"
	"milkrun/c2m/finance"
	"milkrun/c2m/financedb"
	"milkrun/c2m/financeops"
	"milkrun/c2m/statement"
	"milkrun/c2m/statementops"
	"milkrun/c2m/supplier"
	"milkrun/c2m/supplierdb"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Six orders of 300 pieces at 10.00, one of them three days late; then the account of October with a dispute, an advance on the next order
// that the account nets, and the payment.
func TestFromReceiptsToThePayment(t *testing.T) {
	w := newWorld(t)
	w.must(w.suppliers.SetTier(w.buyer, w.supplier, supplier.Standard, "做了两年"))
	for i := range 5 {
		due := fmt.Sprintf("2026-10-%02d", 5+i)
		w.order(300, "2026-09-20", due, 300, due)
	}
	w.order(300, "2026-09-20", "2026-10-10", 300, "2026-10-13") // three days late
	next := w.order(900, "2026-11-01", "2026-11-25", 0, "")
	w.at("2026-11-03")

	card, err := w.suppliers.Scorecard(w.beili, 0)
	w.must(err)
	if card.Figures.Lines != 6 || card.Figures.OTIF != 5.0/6 || card.Tier != supplier.Standard || len(card.Months) != 12 || card.Months[10].Figures.Lines != 6 {
		t.Fatalf("%+v", card.Figures)
	}

	// An advance on the order that is confirmed: the limit shows its pieces, two people approve, the provider is asked once.
	f, err := w.finance.Facility(w.beili, 0)
	w.must(err)
	if f.Limit.Year != 1_800_000 || f.Limit.Base != 450_000 || f.Limit.TierPart != 70 || len(f.Grounds) != 2 || f.Grounds[0].Document != next.Number || f.Grounds[0].Value != 900_000 || f.Grounds[1].Value != 150_000 {
		t.Fatalf("%+v %+v", f.Limit, f.Grounds)
	}
	if want := 450_000 * money.Fen(f.Limit.ScorePart) / 100 * 70 / 100; f.Limit.Limit != want || want < 100_000 {
		t.Fatalf("limit %d, want %d", f.Limit.Limit, want)
	}
	var base *finance.BaseError
	if _, err := w.finance.Apply(w.beili, financeops.Application{Base: finance.OnOrder, Document: next.Number, Amount: 270_001}); !errors.As(err, &base) || base.Left != 270_000 {
		t.Error(err)
	}
	if _, err := w.finance.Apply(w.other, financeops.Application{Base: finance.OnOrder, Document: next.Number, Amount: 100}); !errors.As(err, &base) || base.Left != 0 {
		t.Errorf("on another's order: %v", err)
	}
	a, err := w.finance.Apply(w.beili, financeops.Application{Base: finance.OnOrder, Document: next.Number, Amount: 100_000, Note: "买料"})
	w.must(err)
	if _, err := w.finance.Approve(w.beili, a.Number, 0, ""); !errors.Is(err, access.ErrForbidden) {
		t.Error(err)
	}
	if _, err := w.finance.Draw(w.beili, a.Number, 100, "k"); !errors.Is(err, finance.ErrState) {
		t.Error(err)
	}
	_, err = w.finance.Approve(w.buyer, a.Number, 0, "料价确实涨了")
	w.must(err)
	if _, err := w.finance.Approve(w.buyer, a.Number, 0, ""); !errors.Is(err, finance.ErrSamePerson) {
		t.Error(err)
	}
	_, err = w.finance.Approve(w.boss, a.Number, 0, "")
	w.must(err)
	var wg sync.WaitGroup
	for range 6 { // the button pressed six times at once
		wg.Go(func() {
			if _, err := w.finance.Draw(w.beili, a.Number, 60_000, "once"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, err := w.finance.Draw(w.beili, a.Number, 70_000, "once"); !errors.Is(err, finance.ErrKey) {
		t.Error(err)
	}
	for range 2 {
		_, err = w.finance.SendPayments(w.system)
		w.must(err)
	}
	w.must(w.finance.Hear(t.Context(), financeops.Message{ID: "m1", Key: a.Number + "/once", Outcome: financeops.Done, Amount: 60_000}))
	d, err := w.finance.Advance(w.beili, a.Number)
	w.must(err)
	if len(w.asked) != 1 || d.Drawn != 60_000 || d.Pending != 0 || d.Outstanding() != 60_000 || len(d.Entries) != 1 {
		t.Fatalf("%d asked, %+v", len(w.asked), d.Advance)
	}
	// A part that the provider refuses is free again.
	w.answers(financeops.Refused)
	_, err = w.finance.Draw(w.beili, a.Number, 40_000, "twice")
	w.must(err)
	_, err = w.finance.SendPayments(w.system)
	w.must(err)
	w.answers(financeops.Done)
	if d, _ = w.finance.Advance(w.buyer, a.Number); d.Pending != 0 || d.Undrawn() != 40_000 {
		t.Fatalf("%+v", d.Advance)
	}

	number := w.account(t)
	// The order's goods come and are billed in November: the account nets what was lent on it, the fee first.
	w.at("2026-11-24")
	_, err = w.orders.Receive(w.buyer, next.ID, receive(900))
	w.must(err)
	w.at("2026-12-02")
	s, err := w.statements.Make(w.buyer, w.supplier, day("2026-11-01"), day("2026-11-30"))
	w.must(err)
	_, err = w.statements.Send(w.buyer, s.Number, s.Revision)
	w.must(err)
	_, err = w.statements.Say(w.beili, s.Number, 0, nil)
	w.must(err)
	s, err = w.statements.Agree(w.buyer, s.Number, 0)
	w.must(err)
	// 29 days × 600.00 × 7.2 % ÷ 365 = 3.43
	if s.State != statement.Agreed || s.Prepaid != 60_343 || s.Balance() != 900_000-60_343 {
		t.Fatalf("%+v", s)
	}
	if d, _ = w.finance.Advance(w.buyer, a.Number); d.State != finance.Repaid || d.Outstanding() != 0 {
		t.Fatalf("%+v", d.Advance)
	}
	if _, err := w.finance.SendPayments(w.system); err != nil || len(w.asked) != 2 {
		t.Errorf("a payment before its day: %v, %d", err, len(w.asked))
	}
	w.at("2027-01-02")
	_, err = w.finance.SendPayments(w.system)
	w.must(err)
	for _, n := range []string{number, s.Number} {
		if s, _ = w.statements.Get(w.buyer, n); s.State != statement.Paid || s.Balance() != 0 {
			t.Errorf("%+v", s)
		}
	}
	if faults, err := financedb.Prove(t.Context(), w.pool); err != nil || len(faults) != 0 {
		t.Errorf("%+v, %v", faults, err)
	}
	if _, err := w.pool.Exec(t.Context(), `update c2m.supplier_entry set fen = fen + 1`); err == nil {
		t.Error("the ledger was changed")
	}
	if _, err := w.pool.Exec(t.Context(), `update c2m.statement_line set amount_fen = 1`); err == nil {
		t.Error("an agreed statement was changed")
	}
}

// account makes the statement of October: six receipts, and a line for the late one that is disputed, refused, disputed anew and granted.
func (w *world) account(t *testing.T) string {
	t.Helper()
	if _, err := w.statements.Make(w.buyer, w.supplier, day("2026-11-01"), day("2026-11-30")); !errors.Is(err, statement.ErrPeriod) {
		t.Error(err)
	}
	s, err := w.statements.Make(w.buyer, w.supplier, day("2026-10-01"), day("2026-10-31"))
	w.must(err)
	if got := s.Totals(); len(s.Lines) != 7 || got.Goods != 1_800_000 || got.Deductions != -4500 { // 3 days × 0.5 % of 3,000.00
		t.Fatalf("%+v", got)
	}
	if _, err := w.statements.Make(w.buyer, w.supplier, day("2026-10-01"), day("2026-10-31")); !errors.Is(err, statement.ErrEmpty) {
		t.Errorf("accounted for twice: %v", err)
	}
	if _, err := w.statements.Get(w.beili, s.Number); !errors.Is(err, statement.ErrUnknown) {
		t.Errorf("a draft is shown to the supplier: %v", err)
	}
	s, err = w.statements.Send(w.buyer, s.Number, s.Revision)
	w.must(err)
	if _, err := w.statements.Say(w.other, s.Number, 0, nil); !errors.Is(err, statement.ErrUnknown) {
		t.Errorf("another supplier speaks: %v", err)
	}
	late := 0
	for _, l := range s.Lines {
		if l.Kind == statement.Late {
			late = l.No
		}
	}
	claim := money.Fen(-1500)
	if _, err := w.statements.Say(w.beili, s.Number, s.Revision+1, nil); !errors.Is(err, statement.ErrStale) {
		t.Error(err)
	}
	s, err = w.statements.Say(w.beili, s.Number, s.Revision, []statementops.Saying{{Line: late, Reason: "台风停运，有通知", Claim: &claim}})
	w.must(err)
	if _, err := w.statements.Agree(w.buyer, s.Number, 0); !errors.Is(err, statement.ErrOpen) {
		t.Error(err)
	}
	s, err = w.statements.Answer(w.buyer, s.Number, s.Revision, late, true, nil, "通知属实")
	w.must(err)
	s, err = w.statements.Say(w.beili, s.Number, s.Revision, nil)
	w.must(err)
	if s.State != statement.Accepted {
		t.Fatal(s.State)
	}
	s, err = w.statements.Agree(w.boss, s.Number, s.Revision)
	w.must(err)
	if s.Totals().Total != 1_798_500 || s.Prepaid != 0 || s.Due != day("2026-12-03") { // the advance is on an order of November, due after this is paid
		t.Fatalf("%+v", s)
	}
	if _, err := w.statements.Withdraw(w.buyer, s.Number, 0, "x"); !errors.Is(err, statement.ErrClosed) {
		t.Error(err)
	}
	return s.Number
}

func TestCalendarOfSheetAndPortal(t *testing.T) {
	w := newWorld(t)
	w.at("2026-11-23")
	monday := day("2026-11-23")
	cal, err := w.suppliers.Calendar(w.beili, 0)
	w.must(err)
	sheet, err := w.orders.CapacitySheet(w.beili, cal, "zh")
	w.must(err)
	if len(sheet.Content) == 0 || len(cal.Rows) != 1 || cal.Rows[0].Week(0) != 4200 {
		t.Fatalf("%+v", cal.Rows)
	}
	taken, err := w.suppliers.WriteCapacity(w.beili, 0, []supplier.Entry{{SKU: w.sku, Monday: monday, Pieces: 3000}})
	w.must(err)
	if taken.Written != 1 {
		t.Fatalf("%+v", taken)
	}
	// The sheet was made before: its week is a conflict, the next week is taken; a row of other goods refuses the whole sheet.
	csv := "SKU,周,周产能,版本\nMR-1,2026-W48,2500,0\nMR-1,2026-W49,2600,0\n"
	up, err := w.orders.UploadCapacity(w.beili, uploading("cap.csv", csv))
	w.must(err)
	if up.Written != 1 || up.Conflicts != 1 || len(up.Problems) != 0 {
		t.Fatalf("%+v %+v", up.Taken, up.Problems)
	}
	if up, err = w.orders.UploadCapacity(w.beili, uploading("cap.csv", csv+"NOT-MINE,2026-W50,1,0\nMR-1,2025-W01,1,0\n")); err != nil || len(up.Problems) != 2 || up.Written != 0 {
		t.Fatalf("%+v %v", up.Problems, err)
	}
	cal, err = w.suppliers.Calendar(w.buyer, w.supplier)
	w.must(err)
	if len(cal.Conflicts) != 1 || cal.Rows[0].Week(0) != 3000 || cal.Rows[0].Week(1) != 2600 || cal.Conflicts[0].Wants != 2500 {
		t.Fatalf("%+v", cal.Conflicts)
	}
	if err := w.suppliers.SettleConflict(w.other, cal.Conflicts[0].ID, true); !errors.Is(err, supplier.ErrConflict) {
		t.Error(err)
	}
	w.must(w.suppliers.SettleConflict(w.beili, cal.Conflicts[0].ID, true))
	if err := w.suppliers.SettleConflict(w.beili, cal.Conflicts[0].ID, true); !errors.Is(err, supplier.ErrConflict) {
		t.Error(err)
	}
	cal, _ = w.suppliers.Calendar(w.beili, 0)
	if cal.Rows[0].Cells[0].Version != 2 || cal.Rows[0].Week(0) != 2500 || len(cal.Conflicts) != 0 {
		t.Errorf("%+v", cal.Rows[0].Cells[0])
	}
	cells, err := supplierdb.CellsOf(t.Context(), w.pool, []catalog.SKUID{w.sku}, monday, monday.AddDays(13))
	if err != nil || supplier.Within(cells[w.supplier][w.sku], 600, monday, monday.AddDays(13)) != 5100 {
		t.Errorf("%+v, %v", cells, err)
	}
}

func TestSharesOffersStockAndWork(t *testing.T) {
	w := newWorld(t)
	o := w.order(300, "2026-11-01", "2026-11-20", 0, "")
	w.at("2026-11-23")
	splits, err := w.suppliers.Splits(w.buyer, w.supplier)
	w.must(err)
	if len(splits) != 1 || len(splits[0].Parts) != 2 || splits[0].Parts[0].ShareBP != 5000 {
		t.Fatalf("%+v", splits)
	}
	_, err = w.suppliers.MoveShares(w.buyer, w.sku)
	w.must(err)
	// What the planner reads: the shares in force, and what was ordered from each of late.
	quotas, err := supplierdb.Quotas(t.Context(), w.pool, []catalog.SKUID{w.sku}, day("2026-06-01").In(zone))
	if err != nil || len(quotas) != 2 || quotas[0].ShareBP+quotas[1].ShareBP != 10_000 || quotas[0].Supplier != w.supplier || quotas[0].Given != 300 || quotas[1].Given != 0 {
		t.Errorf("%+v, %v", quotas, err)
	}
	if late, err := supplierdb.Quotas(t.Context(), w.pool, []catalog.SKUID{w.sku}, day("2026-11-20").In(zone)); err != nil || late[0].Given != 0 {
		t.Errorf("what was ordered before counts: %+v, %v", late, err)
	}
	// In dollars, ex works: dearer once it has landed.
	w.must(w.suppliers.SaveRate(w.buyer, "USD", 7_100_000))
	w.must(w.suppliers.SaveOffer(w.buyer, supplier.Offer{Supplier: w.second, SKU: w.sku, Currency: "USD", Incoterm: supplier.FOB, From: 1, Price: 130, Freight: 2000, DutyBP: 500, VATBP: 1300, LeadDays: 40, MOQ: 500}))
	c, err := w.suppliers.Compare(w.buyer, w.sku, 1000)
	w.must(err)
	if len(c.Rows) != 2 || c.Rows[0].Cost != 885 || c.Rows[1].Cost != 1179 || c.Rows[1].Goods != 923 || c.Rows[1].PlusBP != 3322 { // (9.23 + 2.00) × 1.05
		t.Errorf("%+v", c.Rows)
	}
	var offer *supplier.OfferFault
	if err := w.suppliers.SaveOffer(w.buyer, supplier.Offer{Supplier: w.second, SKU: w.sku, Currency: "ZZZ"}); !errors.As(err, &offer) || offer.Field != "currency" {
		t.Error(err)
	}
	v := supplierdb.VMI{SKU: w.sku, OnHand: 100, Reserved: 101, Day: day("2026-11-23")}
	if err := w.suppliers.ReportStock(w.beili, 0, []supplierdb.VMI{v}); !errors.Is(err, c2m.ErrPieces) {
		t.Error(err)
	}
	v.Reserved, v.MinPieces, v.MaxPieces = 40, 80, 200
	w.must(w.suppliers.ReportStock(w.beili, 0, []supplierdb.VMI{v}))
	p := supplierdb.Progress{Order: o.ID, Line: 1, Stage: "production", Done: 120, Reason: "缺模"}
	w.must(w.suppliers.ReportProgress(w.beili, 0, []supplierdb.Progress{p}))
	if err := w.suppliers.ReportProgress(w.other, 0, []supplierdb.Progress{p}); err == nil {
		t.Error("another supplier reported on the order")
	}
	if p.Done = 301; !errors.Is(w.suppliers.ReportProgress(w.beili, 0, []supplierdb.Progress{p}), c2m.ErrPieces) {
		t.Error("more done than ordered")
	}
	work, err := w.suppliers.Work(w.buyer, w.supplier)
	if err != nil || len(work) != 1 || work[0].Stages["production"].Done != 120 {
		t.Errorf("%+v, %v", work, err)
	}
}

// Each certificate is reminded of once at each distance; one that another follows is nobody's worry.
func TestReminders(t *testing.T) {
	w := newWorld(t)
	w.at("2026-11-01")
	today := day("2026-11-01")
	for i, c := range []c2m.Certificate{{Number: "A", Kind: "iso22000", To: today.AddDays(61)}, {Number: "B", Kind: "infant_food", To: today.AddDays(20)}, {Number: "C", Kind: "ccc", To: today.AddDays(5)}, {Number: "D", Kind: "ccc", To: today.AddDays(400)}} {
		c.Supplier, c.From = w.supplier, today.AddDays(-100-i)
		_, err := w.orders.AddCertificate(w.buyer, c, nil)
		w.must(err)
	}
	got := map[string]int{}
	for range 70 {
		all, err := w.suppliers.Remind(w.system)
		w.must(err)
		for _, r := range all {
			got[fmt.Sprintf("%d@%d", r.Certificate, r.Days)]++
		}
		w.now = w.now.AddDate(0, 0, 1)
	}
	if len(got) != 5 { // A at 60, 30 and 7; B at 30 (20 days left) and 7
		t.Errorf("%v", got)
	}
	for k, n := range got {
		if n != 1 {
			t.Errorf("%s came %d times", k, n)
		}
	}
}

func TestMessagesOfTheProvider(t *testing.T) {
	w := newWorld(t)
	for _, m := range []financeops.Message{{}, {ID: "1", Key: "x", Outcome: "maybe"}, {Key: "x", Outcome: financeops.Done}} {
		if err := w.finance.Hear(t.Context(), m); !errors.Is(err, financeops.ErrMessage) {
			t.Error(err)
		}
	}
	if err := w.finance.Hear(t.Context(), financeops.Message{ID: "1", Key: "AD-2611-001/x", Outcome: financeops.Done}); !errors.Is(err, finance.ErrUnknown) {
		t.Error(err)
	}
}

func receive(n quantity.Pieces) receiving { return receiving{Pieces: map[int]quantity.Pieces{1: n}} }
