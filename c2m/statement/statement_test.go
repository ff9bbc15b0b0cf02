package statement_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"milkrun/c2m"
	"milkrun/c2m/statement"
	"milkrun/c2m/supplier"
	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

var now = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

func day(s string) calendar.Day {
	d, err := calendar.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func none(string) bool { return false }

func made(t *testing.T) *statement.Statement {
	t.Helper()
	closed := day("2026-10-28")
	terms := statement.DefaultTerms()
	terms.RebateBP, terms.RebateFrom = 100, 10_000_00
	lines := statement.Make(day("2026-10-01"), day("2026-10-31"), terms, []statement.Delivered{
		{Order: 7, Number: "FO-2610-0007", Line: 1, SKU: 1, Price: 1280, TaxBP: 1300, Promised: []c2m.Split{{Pieces: 600, Day: day("2026-10-10")}, {Pieces: 400, Day: day("2026-10-12")}},
			Receipts:    []statement.Came{{ID: 91, Pieces: 600, Day: day("2026-10-11")}, {ID: 92, Pieces: 300, Day: day("2026-10-15")}, {ID: 93, Pieces: 50, Day: day("2026-11-02")}},
			ClosedShort: &closed, Missing: 50},
	}, []statement.Refused{{Inspection: 5, SKU: 1, Lot: "L1", Day: day("2026-10-12"), Pieces: 20, Price: 1280, TaxBP: 1300, Number: "FO-2610-0007"}}, none)
	return &statement.Statement{Number: "ST-2610-001", State: statement.Draft, Currency: supplier.CNY, Lines: lines}
}

func TestLinesAreReckonedFromReceipts(t *testing.T) {
	s := made(t)
	want := []struct {
		kind   statement.Kind
		pieces quantity.Pieces
		amount money.Fen
	}{
		{statement.Rebate, 0, -11_520}, // 1 % of 900 × 12.80
		{statement.Quality, 20, -25_600},
		{statement.Short, 50, -1280}, // 2 % of 50 × 12.80
		{statement.Receipt, 600, 768_000},
		{statement.Receipt, 300, 384_000},
		{statement.Late, 300, -5760}, // 3 days × 0.5 % of 3,840.00
	}
	if len(s.Lines) != len(want) {
		t.Fatalf("%+v", s.Lines)
	}
	for i, w := range want {
		if l := s.Lines[i]; l.Kind != w.kind || l.Pieces != w.pieces || l.Amount != w.amount || l.No != i+1 {
			t.Errorf("line %d: %s %d %d, want %+v", i+1, l.Kind, l.Pieces, l.Amount, w)
		}
	}
	total := s.Totals()
	if total.Goods != 1_152_000 || total.Deductions != -32_640 || total.Rebates != -11_520 || total.Total != 1_107_840 || total.Open != 6 {
		t.Errorf("%+v", total)
	}
	if tax := s.Lines[3].Tax(); tax != 88_354 { // 7,680 − 7,680 ÷ 1.13
		t.Error(tax)
	}
	again := statement.Make(day("2026-10-01"), day("2026-10-31"), statement.DefaultTerms(), nil, []statement.Refused{{Inspection: 5, Pieces: 20, Price: 1280}},
		func(source string) bool { return source == "inspection:5" })
	if len(again) != 0 {
		t.Errorf("what stands on a statement was accounted for again: %+v", again)
	}
}

func TestDisputeAnswerAgreement(t *testing.T) {
	s := made(t)
	if err := s.Send(now); err != nil {
		t.Fatal(err)
	}
	claim := money.Fen(-2000)
	if err := s.Dispute(6, " ", &claim, "王姐", now); !errors.Is(err, statement.ErrReason) {
		t.Error(err)
	}
	wrong := money.Fen(100)
	if err := s.Dispute(6, "门口排队", &wrong, "王姐", now); !errors.Is(err, statement.ErrClaim) {
		t.Error(err)
	}
	if err := s.Dispute(6, "门口排队", &claim, "王姐", now); err != nil || s.State != statement.Disputed {
		t.Fatal(err, s.State)
	}
	if err := s.AgreeTo(nil, "王姐", now); err != nil || s.State != statement.Disputed || s.Totals().Agreed != 5 {
		t.Fatal(err, s.State)
	}
	if err := s.Agree("周敏", now, 0, 0); !errors.Is(err, statement.ErrOpen) {
		t.Error(err)
	}
	if err := s.Answer(6, false, nil, "门禁记录没有排队", "周敏", now); err != nil || s.State != statement.Sent {
		t.Fatal(err, s.State)
	}
	if err := s.Dispute(6, "有照片", &claim, "王姐", now); err != nil {
		t.Fatal(err)
	}
	if err := s.Answer(6, true, nil, "照片属实", "周敏", now); err != nil || s.State != statement.Accepted || s.Lines[5].Amount != claim || *s.Lines[5].Was != -5760 {
		t.Fatal(err, s.State, s.Lines[5])
	}
	if err := s.Agree("周敏", now, day("2026-12-23"), 0); err != nil || s.State != statement.Agreed {
		t.Fatal(err)
	}
	for what, err := range map[string]error{"dispute": s.Dispute(1, "x", nil, "", now), "agree": s.AgreeTo(nil, "", now), "answer": s.Answer(6, false, nil, "x", "", now),
		"withdraw": s.Withdraw("x"), "send": s.Send(now)} {
		if !errors.Is(err, statement.ErrClosed) {
			t.Errorf("%s on a closed statement: %v", what, err)
		}
	}
	if err := s.Net(100_000); err != nil || s.Balance() != 1_111_600-100_000 {
		t.Error(err, s.Balance())
	}
	if s.Net(1) == nil || s.Pay(s.Balance()+1, now) == nil {
		t.Error("netted twice, or paid too much")
	}
	if err := s.Pay(s.Balance(), now); err != nil || s.State != statement.Paid {
		t.Error(err)
	}
}

func TestForeignMoneyNeedsARate(t *testing.T) {
	s := made(t)
	s.Currency = "USD"
	_ = s.Send(now)
	_ = s.AgreeTo(nil, "x", now)
	if err := s.Agree("y", now, 0, 0); !errors.Is(err, supplier.ErrRate) {
		t.Error(err)
	}
	if err := s.Agree("y", now, 0, 7_100_000); err != nil || s.Rate != 7_100_000 {
		t.Error(err)
	}
}

// Whatever is said, the state follows the lines, closed statements do not change, and no money is paid twice.
func TestStatesFollowTheLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &statement.Statement{State: statement.Draft, Currency: supplier.CNY}
		for i := range rapid.IntRange(1, 4).Draw(t, "lines") {
			s.Lines = append(s.Lines, statement.Line{No: i + 1, Kind: statement.Receipt, Amount: money.Fen(rapid.Int64Range(1, 1e6).Draw(t, "amount")), Word: statement.Unsaid})
		}
		_ = s.Send(now)
		for range rapid.IntRange(0, 20).Draw(t, "steps") {
			closed, before := s.State.Closed(), s.Totals().Total
			no := rapid.IntRange(1, len(s.Lines)).Draw(t, "line")
			claim := money.Fen(rapid.Int64Range(0, 1e6).Draw(t, "claim"))
			switch rapid.IntRange(0, 5).Draw(t, "verb") {
			case 0:
				_ = s.AgreeTo([]int{no}, "s", now)
			case 1:
				_ = s.Dispute(no, "because", &claim, "s", now)
			case 2:
				_ = s.Answer(no, rapid.Bool().Draw(t, "accept"), nil, "because", "h", now)
			case 3:
				_ = s.Agree("h", now, 1, 0)
			case 4:
				_ = s.Net(claim)
			case 5:
				_ = s.Pay(claim, now)
			}
			if closed && s.Totals().Total != before {
				t.Fatal("a closed statement changed")
			}
			sums := s.Totals()
			if s.Prepaid+s.PaidFen > max(0, sums.Total) {
				t.Fatalf("paid %d of %d", s.Prepaid+s.PaidFen, sums.Total)
			}
			if (s.State == statement.Accepted || s.State.Closed()) != (sums.Open+sums.Disputed == 0) || s.State == statement.Disputed && sums.Disputed == 0 {
				t.Fatalf("%s with %+v", s.State, sums)
			}
		}
	})
}
