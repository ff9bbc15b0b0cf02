package finance_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"milkrun/c2m/finance"
	"milkrun/c2m/supplier"
	"milkrun/internal/calendar"
	"milkrun/internal/money"
)

var now = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

const today = calendar.Day(20_780)

func TestLimitShowsItsPieces(t *testing.T) {
	r := finance.DefaultRules()
	l := finance.LimitOf(finance.Card{Score: 88, Tier: supplier.Standard}, finance.History{Year: 40_000_000, Late: 1}, r)
	// 400,000.00 × 25 % = 100,000.00; × 80 % (28 of 35 points) × 70 % × 75 % = 42,000.00
	if l.Base != 10_000_000 || l.ScorePart != 80 || l.TierPart != 70 || l.LatePart != 75 || l.CardPart != 100 || l.Limit != 4_200_000 {
		t.Errorf("%+v", l)
	}
	if l = finance.LimitOf(finance.Card{Score: 88, Tier: supplier.Standard, Red: true}, finance.History{Year: 40_000_000}, r); l.Limit != 2_800_000 {
		t.Errorf("under a red card: %+v", l)
	}
	for _, c := range []finance.Card{{Score: 100, Tier: supplier.Trial}, {Score: 100, Tier: supplier.Preferred, Bar: true}, {Score: 60, Tier: supplier.Preferred}} {
		if l = finance.LimitOf(c, finance.History{Year: 40_000_000}, r); l.Limit != 0 {
			t.Errorf("%+v has a limit of %d", c, l.Limit)
		}
	}
	if l = finance.LimitOf(finance.Card{Score: 100, Tier: supplier.Preferred}, finance.History{Year: 1e12}, r); l.Limit != r.Most {
		t.Errorf("%+v", l)
	}
	if r.Check() != nil {
		t.Error(r.Check())
	}
	r.Loss = []finance.Step{{30, 10}, {20, 20}}
	var fault *finance.RulesFault
	if !errors.As(r.Check(), &fault) || fault.Field != "loss" {
		t.Error("steps that go back were taken")
	}
}

func facility(limit money.Fen) *finance.Facility {
	return &finance.Facility{Limit: finance.Limit{Limit: limit}, Rules: finance.DefaultRules()}
}

func TestTwoPeopleAndTheFee(t *testing.T) {
	f := facility(1_000_000)
	a := &finance.Advance{Number: "AD-2611-001", Amount: 600_000}
	order := finance.Ground{Base: finance.OnOrder, Document: "FO-2611-0007", Value: 1_900_000}
	var base *finance.BaseError
	if err := f.Apply(a, order, "王姐", now); !errors.As(err, &base) || base.Left != 570_000 {
		t.Fatal(err)
	}
	order.Value = 2_000_000
	if err := f.Apply(a, order, "王姐", now); err != nil {
		t.Fatal(err)
	}
	var limit *finance.LimitError
	if err := f.Apply(&finance.Advance{Amount: 500_000}, finance.Ground{Base: finance.OnStock, Value: 9_000_000}, "王姐", now); !errors.As(err, &limit) || limit.Left != 400_000 {
		t.Fatal(err)
	}
	zhou, lin := finance.Person{ID: 1, Name: "周敏"}, finance.Person{ID: 2, Name: "林"}
	if _, err := f.Draw(a, 1, "d1", today); !errors.Is(err, finance.ErrState) {
		t.Error(err)
	}
	if err := f.Approve(a, order, zhou, "", now); err != nil || a.State != finance.Endorsed {
		t.Fatal(err)
	}
	if err := f.Approve(a, order, zhou, "", now); !errors.Is(err, finance.ErrSamePerson) {
		t.Fatal(err)
	}
	if err := f.Approve(a, order, lin, "", now); err != nil || a.State != finance.Approved {
		t.Fatal(err)
	}
	i, err := f.Draw(a, 400_000, "d1", today)
	if err != nil || a.Undrawn() != 200_000 {
		t.Fatal(err)
	}
	if _, err := f.Draw(a, 200_001, "d2", today); !errors.Is(err, finance.ErrAmount) {
		t.Error(err)
	}
	ledger, err := a.PaidOut(i, today)
	if err != nil || a.Outstanding() != 400_000 || a.Due != today+60 {
		t.Fatal(err)
	}
	if _, err := a.PaidOut(i, today); err == nil {
		t.Error("paid out twice")
	}
	if fee := a.FeeDue(today + 73); fee != 5760 { // 4,000.00 × 7.2 % ÷ 5
		t.Error(fee)
	}
	taken, entries, sum := finance.SetOff(finance.Netting{Number: "ST-1", Orders: []string{"FO-2611-0007"}, Total: 300_000, Due: today + 100}, f.Advances, today+73)
	if sum != 300_000 || len(taken) != 1 || taken[0].Fee != 5760 || a.Outstanding() != 105_760 {
		t.Errorf("%d %+v", sum, taken)
	}
	if err := f.Sound(append(ledger, entries...)); err != nil {
		t.Error(err)
	}
	if a.DaysLate(today+73) != 13 {
		t.Error(a.DaysLate(today + 73))
	}
	buckets := finance.Ageing(f.Advances, f.Rules, func(a *finance.Advance) int { return a.DaysLate(today + 100) })
	if buckets[2].Open != 105_760 || finance.ExpectedLoss(buckets) != 10_576 {
		t.Errorf("%+v", buckets)
	}
}

// Random interleavings of all that may happen to a supplier's advances keep the books.
func TestBooksHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := facility(money.Fen(rapid.Int64Range(0, 1_000_000).Draw(t, "limit")))
		var ledger []finance.Entry
		keys := map[string]bool{}
		day := today
		type flying struct {
			a *finance.Advance
			i finance.Instruction
		}
		var way []flying
		book := func(all []finance.Entry) {
			for _, e := range all {
				if keys[e.Key] || e.Fen <= 0 {
					t.Fatalf("booked %+v again, or nothing", e)
				}
				keys[e.Key] = true
			}
			ledger = append(ledger, all...)
		}
		for step := range rapid.IntRange(1, 60).Draw(t, "steps") {
			fen := money.Fen(rapid.Int64Range(-10, 400_000).Draw(t, "fen"))
			var a *finance.Advance
			if len(f.Advances) > 0 {
				a = rapid.SampledFrom(f.Advances).Draw(t, "advance")
			}
			on := finance.Ground{Base: rapid.SampledFrom(finance.Bases()).Draw(t, "base"), Value: 1_000_000}
			verb := rapid.IntRange(0, 8).Draw(t, "verb")
			before, used := f.Out(), f.Used()
			switch {
			case verb == 0 || a == nil:
				_ = f.Apply(&finance.Advance{Number: fmt.Sprint("AD", step), Amount: fen}, on, "s", now)
			case verb == 1:
				_ = f.Approve(a, on, finance.Person{ID: int64(step)}, "", now)
			case verb == 2:
				if i, err := f.Draw(a, fen, fmt.Sprint("d", step), day); err == nil {
					way = append(way, flying{a, i})
				}
			case verb == 3 && len(way) > 0:
				w := way[0]
				way = way[1:]
				if rapid.Bool().Draw(t, "done") {
					out, err := w.a.PaidOut(w.i, day)
					if err != nil {
						t.Fatal(err)
					}
					book(out)
				} else if err := w.a.NotPaid(w.i); err != nil {
					t.Fatal(err)
				}
			case verb == 4:
				_, out := a.Repay(fen, finance.Cash, fmt.Sprint("r", step), day)
				book(out)
			case verb == 5:
				_, out, sum := finance.SetOff(finance.Netting{Number: fmt.Sprint("ST", step), Total: max(0, fen), Due: day + 30}, f.Advances, day)
				if sum > max(0, fen) {
					t.Fatal("netted more than the statement holds")
				}
				book(out)
			case verb == 6:
				_ = a.End(finance.Withdrawn, "why", "s")
			case verb == 7:
				day += calendar.Day(rapid.IntRange(0, 40).Draw(t, "days"))
			case verb == 8:
				f.Limit.Limit = money.Fen(rapid.Int64Range(0, 1_000_000).Draw(t, "new limit"))
				continue
			}
			if err := f.Sound(ledger); err != nil {
				t.Fatal(err)
			}
			if f.Out() > before && f.Out() > f.Limit.Limit || f.Used() > used && f.Used() > f.Limit.Limit {
				t.Fatalf("limit %d: out %d, used %d", f.Limit.Limit, f.Out(), f.Used())
			}
		}
	})
}
