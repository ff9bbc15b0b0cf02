package supplier

import (
	"errors"

	"milkrun/internal/money"
)

// ErrCredit refuses an advance beyond what the limit leaves.
var ErrCredit = errors.New("supplier: the advance is more than the credit limit leaves")

// Base is what an advance stands on, with the share of its value that is lent at most: a confirmed order 30 %, stock in our warehouse 60 %,
// receivables 80 %.
type Base string

// The bases.
const (
	OnOrder      Base = "order"
	OnStock      Base = "stock"
	OnReceivable Base = "receivable"
)

// lent is the share of a base's value that is lent, in percent.
var lent = map[Base]int64{OnOrder: 30, OnStock: 60, OnReceivable: 80}

// Advance gives the most that is lent on a value; 0 for an unknown base.
func Advance(on Base, value money.Fen) money.Fen { return value * money.Fen(lent[on]) / 100 }

// Credit are the parts of a supplier's limit, so that the page can show the sum.
type Credit struct {
	Turnover money.Fen // a quarter of the last twelve months' deliveries
	Factor   int64     // percent by score: 0 below 60 points, 100 at 100
	Limit    money.Fen
	Drawn    money.Fen
	Left     money.Fen
}

// CreditOf gives the limit: a quarter of the year's deliveries, weighted by 2.5 percent for every point of the score above 60, less what is
// drawn. A supplier of the tier trial has none.
func CreditOf(c Card, year, drawn money.Fen) Credit {
	out := Credit{Turnover: year / 4, Drawn: drawn}
	if TierOf(c) != Trial {
		out.Factor = min(100, max(0, int64((c.Score()-60)*2.5)))
	}
	out.Limit = out.Turnover * money.Fen(out.Factor) / 100
	out.Left = max(0, out.Limit-drawn)
	return out
}

// Aged is an advance that is not paid back.
type Aged struct {
	Open     money.Fen
	DaysLate int
}

// loss is the share that is expected to be lost by days late, in percent: 0 in time, then 2, 10, 35 and 80 from the 1st, 31st, 61st and 91st
// day on.
func loss(days int) int64 {
	switch {
	case days > 90:
		return 80
	case days > 60:
		return 35
	case days > 30:
		return 10
	case days > 0:
		return 2
	}
	return 0
}

// ExpectedLoss gives what of advances is expected to be lost, by their age.
func ExpectedLoss(all []Aged) money.Fen {
	var sum money.Fen
	for _, a := range all {
		sum += a.Open * money.Fen(loss(a.DaysLate)) / 100
	}
	return sum
}
