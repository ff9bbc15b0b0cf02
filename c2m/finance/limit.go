package finance

import (
	"errors"
	"fmt"
	"math"

	"milkrun/c2m/supplier"
	"milkrun/internal/money"
)

// ErrRules refuses rules that cannot be; *RulesFault names the field.
var ErrRules = errors.New("finance: the rules cannot be")

// RulesFault says which field of the rules is wrong.
type RulesFault struct{ Field string }

func (e *RulesFault) Error() string { return fmt.Sprintf("%v: %s", ErrRules, e.Field) }

// Unwrap gives ErrRules.
func (e *RulesFault) Unwrap() error { return ErrRules }

// Step is the share that is expected to be lost from a number of days late on.
type Step struct {
	Days    int `json:"days"`
	Percent int `json:"percent"`
}

// Rules are how much is lent, as data. Percentages are whole.
type Rules struct {
	// Lent is the share of a base's value that is lent at most.
	Lent map[Base]int `json:"lent"`
	// TurnoverPart is the share of the last twelve months' deliveries that the limit begins with.
	TurnoverPart int `json:"turnover_part"`
	// A score of ScoreFrom earns nothing, one of ScoreFull everything, between them in a line.
	ScoreFrom float64 `json:"score_from"`
	ScoreFull float64 `json:"score_full"`
	// TierPart is the share by tier.
	TierPart map[supplier.Tier]int `json:"tier_part"`
	// LateOff is taken off for each advance of the last twelve months that came back late, RedOff while a red card is open.
	LateOff int `json:"late_off"`
	RedOff  int `json:"red_off"`
	// Most bounds any limit.
	Most money.Fen `json:"most_fen"`
	// FeeBP is the fee in basis points a year, Days how long an advance runs.
	FeeBP int `json:"fee_bp"`
	Days  int `json:"days"`
	// Loss is the expected loss by days late, ascending.
	Loss []Step `json:"loss"`
}

// DefaultRules are those of a house that has set none.
func DefaultRules() Rules {
	return Rules{Lent: map[Base]int{OnOrder: 30, OnStock: 60, OnReceivable: 80}, TurnoverPart: 25, ScoreFrom: 60, ScoreFull: 95,
		TierPart: map[supplier.Tier]int{supplier.Preferred: 100, supplier.Standard: 70, supplier.Trial: 0}, LateOff: 25, RedOff: 50, Most: 500_000_000,
		FeeBP: 720, Days: 60, Loss: []Step{{1, 2}, {31, 10}, {61, 35}, {91, 80}}}
}

// Check tells by *RulesFault what is wrong.
func (r Rules) Check() error {
	share := func(n int) bool { return n < 0 || n > 100 }
	for _, b := range Bases() {
		if share(r.Lent[b]) {
			return &RulesFault{"lent"}
		}
	}
	for _, t := range supplier.Tiers() {
		if share(r.TierPart[t]) {
			return &RulesFault{"tier_part"}
		}
	}
	for i, s := range r.Loss {
		if s.Days < 1 || share(s.Percent) || i > 0 && (s.Days <= r.Loss[i-1].Days || s.Percent < r.Loss[i-1].Percent) {
			return &RulesFault{"loss"}
		}
	}
	for _, c := range []struct {
		field string
		bad   bool
	}{
		{"turnover_part", share(r.TurnoverPart)}, {"score_full", !(r.ScoreFrom >= 0 && r.ScoreFull > r.ScoreFrom && r.ScoreFull <= 100)},
		{"late_off", share(r.LateOff)}, {"red_off", share(r.RedOff)}, {"most_fen", r.Most < 0}, {"fee_bp", r.FeeBP < 0 || r.FeeBP > 3600},
		{"days", r.Days < 1 || r.Days > 365}, {"loss", len(r.Loss) > 12},
	} {
		if c.bad {
			return &RulesFault{c.field}
		}
	}
	return nil
}

// History is what the limit rests on beside the card.
type History struct {
	Year money.Fen // delivered in the last twelve months, at the agreed prices
	Late int       // advances of the last twelve months that came back late, or are late now
}

// Limit is a supplier's credit limit with the pieces that made it, in the order of the sum: Year × TurnoverPart % = Base, then × Score % ×
// Tier % × Late % × Card % = Sum, bounded by Most = Limit. All in whole percent, each product rounded down.
type Limit struct {
	Year         money.Fen     `json:"year"`
	TurnoverPart int           `json:"turnover_part"`
	Base         money.Fen     `json:"base"`
	Score        float64       `json:"score"`
	ScorePart    int           `json:"score_part"`
	Tier         supplier.Tier `json:"tier"`
	TierPart     int           `json:"tier_part"`
	Late         int           `json:"late"`
	LatePart     int           `json:"late_part"`
	CardPart     int           `json:"card_part"` // 100, less RedOff under a red card, 0 when banned
	Sum          money.Fen     `json:"sum"`
	Most         money.Fen     `json:"most"`
	Limit        money.Fen     `json:"limit"`
}

// LimitOf reckons the limit.
func LimitOf(c Card, h History, r Rules) Limit {
	l := Limit{Year: max(0, h.Year), TurnoverPart: r.TurnoverPart, Score: c.Score, Tier: c.Tier, TierPart: r.TierPart[c.Tier], Late: h.Late,
		LatePart: max(0, 100-h.Late*r.LateOff), CardPart: 100, Most: r.Most}
	l.Base = l.Year * money.Fen(l.TurnoverPart) / 100
	if !math.IsNaN(c.Score) {
		l.ScorePart = int(math.Floor(100*min(1, max(0, (c.Score-r.ScoreFrom)/(r.ScoreFull-r.ScoreFrom))) + 1e-9))
	}
	switch {
	case c.Bar:
		l.CardPart = 0
	case c.Red:
		l.CardPart = 100 - r.RedOff
	}
	l.Sum = l.Base
	for _, p := range []int{l.ScorePart, l.TierPart, l.LatePart, l.CardPart} {
		l.Sum = l.Sum * money.Fen(p) / 100
	}
	l.Limit = min(l.Sum, l.Most)
	return l
}

// Bucket is an age of what is outstanding: From to To days late, To 0 for no end.
type Bucket struct {
	From, To int
	Open     money.Fen
	Advances int
	Percent  int // expected to be lost
	Loss     money.Fen
}

// Ageing sorts what is outstanding by the days late into the steps of the rules, the first bucket being what is in time. Loss of each is
// rounded up to the fen.
func Ageing(all []*Advance, r Rules, days func(*Advance) int) []Bucket {
	out := []Bucket{{}}
	for i, s := range r.Loss {
		b := Bucket{From: s.Days, Percent: s.Percent}
		if i+1 < len(r.Loss) {
			b.To = r.Loss[i+1].Days - 1
		}
		out = append(out, b)
	}
	for _, a := range all {
		if a.Outstanding() <= 0 {
			continue
		}
		at, late := 0, days(a)
		for i, b := range out {
			if late >= b.From {
				at = i
			}
		}
		out[at].Open += a.Outstanding()
		out[at].Advances++
	}
	for i := range out {
		out[i].Loss = (out[i].Open*money.Fen(out[i].Percent) + 99) / 100
	}
	return out
}

// ExpectedLoss sums up the buckets' losses.
func ExpectedLoss(all []Bucket) money.Fen {
	var sum money.Fen
	for _, b := range all {
		sum += b.Loss
	}
	return sum
}
