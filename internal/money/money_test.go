package money

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestParseYuan(t *testing.T) {
	for text, want := range map[string]Fen{"12.8": 1280, "12.80": 1280, "-3": -300, "0.05": 5, "9999999999.99": 999999999999} {
		if got, err := ParseYuan(text); err != nil || got != want {
			t.Errorf("ParseYuan(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-", ".5", "5.", "1.234", "1,000", "¥3", "1e3", "--1", "12345678901234567"} {
		if got, err := ParseYuan(text); !errors.Is(err, ErrAmount) {
			t.Errorf("ParseYuan(%q) = %d, %v; want ErrAmount", text, got, err)
		}
	}
}

func TestYuanRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Fen(rapid.Int64Range(-1e15, 1e15).Draw(t, "fen"))
		if got, err := ParseYuan(f.Yuan()); err != nil || got != f {
			t.Fatalf("%d → %q → %d, %v", f, f.Yuan(), got, err)
		}
	})
}

func TestTimes(t *testing.T) {
	if got, err := Fen(1280).Times(4200); err != nil || got != 5_376_000 {
		t.Errorf("12.80 × 4200 = %d, %v", got, err)
	}
	if got, err := Fen(-5).Times(3); err != nil || got != -15 {
		t.Errorf("-0.05 × 3 = %d, %v", got, err)
	}
	if _, err := Fen(math.MaxInt64).Times(2); !errors.Is(err, ErrOverflow) {
		t.Errorf("overflow not refused: %v", err)
	}
}
