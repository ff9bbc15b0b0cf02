package statement_test

import (
	"testing"

	"pgregory.net/rapid"

	"milkrun/c2m/statement"
	"milkrun/c2m/supplier"
	"milkrun/internal/money"
)

func TestADebtBecomesALineOfTheNextStatement(t *testing.T) {
	debts := []statement.Debt{{Number: "ST-2609-001", Day: day("2026-09-30"), Fen: 300}, {Number: "ST-2610-004", Day: day("2026-10-31"), Fen: 50}}
	lines := statement.CarryOver(debts, func(s string) bool { return s == "carried:ST-2609-001" })
	if len(lines) != 1 || lines[0].Kind != statement.Carried || lines[0].Amount != -50 || lines[0].Source != "carried:ST-2610-004" || lines[0].Tax() != 0 || lines[0].Why.ZH == "" || lines[0].Why.EN == "" {
		t.Fatalf("%+v", lines)
	}
	s := &statement.Statement{State: statement.Draft, Currency: supplier.CNY, Lines: lines}
	if !s.Bare() {
		t.Error("a debt alone makes a statement")
	}
	s.Lines = append(s.Lines, statement.Line{Kind: statement.Receipt, Number: "FO-1", Amount: 120, TaxBP: 1300}, statement.Line{Kind: statement.Late, Number: "FO-1", Amount: -20, TaxBP: 1300})
	s.Sort()
	if sum := s.Totals(); s.Lines[0].Kind != statement.Carried || s.Lines[0].No != 1 || sum.Carried != -50 || sum.Goods != 120 || sum.Deductions != -20 || sum.Total != 50 || s.Fresh() != 100 || s.Bare() {
		t.Errorf("%+v, fresh %d", sum, s.Fresh())
	}
	// The supplier has paid 30 of it by bank and says so: the difference counts to this period.
	_ = s.Send(now)
	claim := money.Fen(-20)
	if err := s.Dispute(1, "已转账 30 分", &claim, "王姐", now); err != nil {
		t.Fatal(err)
	}
	if err := s.Answer(1, true, nil, "到账", "周敏", now); err != nil || s.Totals().Carried != -20 || s.Fresh() != 130 {
		t.Errorf("%v, %+v, fresh %d", err, s.Totals(), s.Fresh())
	}
}

// Over many periods, with debts, disputes and statements that are withdrawn, the house pays in all exactly what the periods came to, as far as
// they came to more than nothing: no debt is lost, and none is taken twice.
func TestDebtsAreCarriedExactlyOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		live, debts := map[string]bool{}, []statement.Debt{}
		var fresh, paid, owed money.Fen
		for i := range rapid.IntRange(1, 12).Draw(t, "periods") {
			number := string(rune('A' + i))
			s := &statement.Statement{Number: number, State: statement.Draft, Currency: supplier.CNY, Lines: statement.CarryOver(debts, func(x string) bool { return live[x] })}
			carried := len(s.Lines) > 0
			s.Lines = append(s.Lines, statement.Line{Kind: statement.Other, Source: number, Amount: money.Fen(rapid.Int64Range(-500, 500).Draw(t, "period")), Word: statement.Unsaid})
			s.Sort()
			for _, l := range s.Lines {
				live[l.Source] = true
			}
			_ = s.Send(now)
			if rapid.IntRange(0, 3).Draw(t, "withdraw") == 0 {
				_ = s.Withdraw("x")
				for _, l := range s.Lines {
					delete(live, l.Source)
				}
				continue
			}
			if carried && rapid.Bool().Draw(t, "dispute") { // refused: the amount stays
				_ = s.Dispute(1, "不认", nil, "s", now)
				if s.Agree("h", now, 1, 0) == nil {
					t.Fatal("agreed while disputed")
				}
				_ = s.Answer(1, false, nil, "上期已双方确认", "h", now)
			}
			_ = s.AgreeTo(nil, "s", now)
			if err := s.Agree("h", now, 1, 0); err != nil {
				t.Fatal(err)
			}
			fresh += s.Fresh()
			paid += s.Balance()
			_ = s.Pay(s.Balance(), now)
			if s.Owed() > 0 {
				debts = append(debts, statement.Debt{Number: number, Fen: s.Owed()})
			}
		}
		for _, d := range debts {
			if !live["carried:"+d.Number] {
				owed += d.Fen
			}
		}
		if paid-owed != fresh {
			t.Fatalf("paid %d, still owed %d, the periods came to %d", paid, owed, fresh)
		}
	})
}
