package statement

import (
	"fmt"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
)

// Debt is what a supplier owes by a statement that both sides agreed to, on which more was taken off than was delivered.
type Debt struct {
	Number string       // of the statement
	Day    calendar.Day // the last of its period
	Fen    money.Fen    // above 0
}

// CarryOver gives the lines that carry debts over to the next statement, one for each. had tells of a source whether it stands on a live
// statement: a debt is carried once, and again only when the statement that carried it is withdrawn. The line holds no tax: that was told on
// the statement that it comes from.
func CarryOver(debts []Debt, had func(source string) bool) []Line {
	var out []Line
	for _, d := range debts {
		source := "carried:" + d.Number
		if d.Fen <= 0 || had(source) {
			continue
		}
		out = append(out, Line{Kind: Carried, Source: source, Day: d.Day, Amount: -d.Fen, Word: Unsaid,
			Why: catalog.Name{ZH: fmt.Sprintf("上期对账单 %s 贵司应付 %s，结转本期", d.Number, d.Fen.Yuan()), EN: fmt.Sprintf("%s owed by statement %s, carried over", d.Fen.Yuan(), d.Number)}})
	}
	return out
}

// Bare tells whether nothing stands on the statement but what was carried over: then there is nothing to account for yet.
func (s *Statement) Bare() bool {
	for _, l := range s.Lines {
		if l.Kind != Carried {
			return false
		}
	}
	return true
}

// Fresh gives what the period itself comes to: the total without what was carried over as it was agreed on the statements before. What a
// dispute changed of a carried line counts to the period. It is what the ledger books; the debts were booked with their own statements.
func (s *Statement) Fresh() money.Fen {
	sum := s.Totals().Total
	for _, l := range s.Lines {
		if l.Kind != Carried {
			continue
		}
		if l.Was != nil {
			sum -= *l.Was
		} else {
			sum -= l.Amount
		}
	}
	return sum
}
