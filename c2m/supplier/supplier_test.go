package supplier_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"milkrun/c2m/supplier"
	"milkrun/internal/quantity"
)

// TestVectors compares OTIF, on time, fill and PPM with the reference, to one in a thousand million.
func TestVectors(t *testing.T) {
	dir := os.Getenv("MILKRUN_TESTDATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	b, err := os.ReadFile(filepath.Join(dir, "quality", "scorecard.json"))
	if err != nil {
		if os.Getenv("MILKRUN_REQUIRE") == "1" {
			t.Fatal(err)
		}
		t.Skipf("\n*** SKIPPED, NOT TESTED: %v ***", err)
	}
	var file struct {
		Cases []struct {
			ID     string
			Inputs struct {
				Lines []struct {
					Ordered, Delivered, Defective quantity.Pieces
					Late                          int `json:"days_late"`
				}
				Tolerance int     `json:"late_tolerance_days"`
				Threshold float64 `json:"in_full_threshold"`
			}
			Expected map[string]float64
		}
	}
	if err := json.Unmarshal(b, &file); err != nil || len(file.Cases) < 6 {
		t.Fatal(len(file.Cases), err)
	}
	for _, c := range file.Cases {
		var lines []supplier.Line
		for _, l := range c.Inputs.Lines {
			lines = append(lines, supplier.Line{Ordered: l.Ordered, Delivered: l.Delivered, Defective: l.Defective, DaysLate: l.Late})
		}
		got, _ := supplier.CardOf(lines, supplier.Rule{LateDays: c.Inputs.Tolerance, InFull: c.Inputs.Threshold})
		for key, x := range map[string]float64{"otif": got.OTIF, "on_time": got.OnTime, "unit_fill": got.Fill, "ppm": got.PPM} {
			if want := c.Expected[key]; math.Abs(x-want) > 1e-9*max(1, math.Abs(want)) {
				t.Errorf("%s %s: %v, want %v", c.ID, key, x, want)
			}
		}
	}
}

func TestSharesAddUpAndFollowTheScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "suppliers")
		now, scores, sum := make([]float64, n), make([]float64, n), 0.0
		for i := range n {
			now[i], scores[i] = rapid.Float64Range(0.01, 1).Draw(t, "share"), rapid.Float64Range(1, 100).Draw(t, "score")
			sum += now[i]
		}
		for i := range now {
			now[i] /= sum
		}
		total := 0.0
		for _, x := range supplier.Shares(now, scores) {
			total += x
		}
		if math.Abs(total-1) > 1e-9 {
			t.Fatalf("shares add up to %v", total)
		}
	})
	got := supplier.Shares([]float64{0.5, 0.5}, []float64{95, 40})
	if got[0] <= 0.5 || got[0] > 0.61 {
		t.Errorf("%v", got)
	}
}

func TestCreditIsTransparent(t *testing.T) {
	card := supplier.Card{Lines: 40, OTIF: 0.9, OnTime: 0.95, Fill: 0.98, PPM: 500} // 0.45 + 0.245 + 0.225 = 92 points
	c := supplier.CreditOf(card, 40_000_000, 2_000_000)
	if c.Turnover != 10_000_000 || c.Factor != 80 || c.Limit != 8_000_000 || c.Left != 6_000_000 {
		t.Errorf("%+v, %.3f points", c, card.Score())
	}
	if c := supplier.CreditOf(supplier.Card{Lines: 2, OTIF: 1, Fill: 1}, 40_000_000, 0); c.Limit != 0 {
		t.Errorf("a supplier on trial has a limit of %d", c.Limit)
	}
	if got := supplier.ExpectedLoss([]supplier.Aged{{1000, 0}, {1000, 5}, {1000, 45}, {1000, 75}, {1000, 120}}); got != 20+100+350+800 {
		t.Errorf("expected loss %d", got)
	}
	if supplier.Advance(supplier.OnStock, 1000) != 600 || supplier.Advance("luck", 1000) != 0 {
		t.Error("advances")
	}
}
