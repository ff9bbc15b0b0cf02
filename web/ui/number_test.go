package ui

import (
	"context"
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

func in(l Language) context.Context {
	v := From(context.Background())
	v.Language = l
	return WithView(context.Background(), v)
}

// The expected forms are those of the design system's page on numbers.
func TestNumbers(t *testing.T) {
	zh, en := in(Chinese), in(English)
	tin := catalog.Name{ZH: "罐", EN: "tin"}
	for got, want := range map[string]string{
		Pieces(4200):                           "4,200",
		Pieces(0):                              "0",
		Pieces(-1200):                          "−1,200",
		Pieces(999):                            "999",
		Pieces(1234567):                        "1,234,567",
		PiecesOr(nil):                          "–",
		SignedInt(20):                          "+20",
		SignedInt(-1200) + "s":                 "−1,200s",
		Yuan(5376000):                          "¥53,760.00",
		Yuan(-5):                               "−¥0.05",
		YuanRound(5376049):                     "¥53,760",
		YuanRound(5376050):                     "¥53,761",
		YuanRound(-49):                         "¥0",
		YuanRound(-150):                        "−¥2",
		Amount(1280):                           "12.80",
		Amount(8052000):                        "80,520.00",
		Percent(0.975, 1):                      "97.5%",
		Percent(0.98, 0):                       "98%",
		Percent(-0.021, 1):                     "−2.1%",
		PercentSigned(0.021, 1):                "+2.1%",
		PercentSigned(0.0001, 1):               "0.0%",
		Percent(math.NaN(), 1):                 "–",
		Times(2.6):                             "×2.6",
		Times(1):                               "×1.0",
		Decimal(-0.04, 1):                      "0.0",
		Decimal(1234.5, 1):                     "1,234.5",
		Days(3.14):                             "3.1",
		Days(46.2):                             "46",
		Axis(zh, 8000):                         "8,000",
		Axis(zh, 16000):                        "1.6 万",
		Axis(zh, 24000):                        "2.4 万",
		Axis(zh, 120000000):                    "1.2 亿",
		Axis(zh, 0):                            "0",
		Axis(en, 8000):                         "8k",
		Axis(en, 24000):                        "24k",
		Axis(en, 2500000):                      "2.5M",
		Axis(en, 800):                          "800",
		Quantity(zh, 4200, tin):                "4,200 罐",
		Quantity(en, 4200, tin):                "4,200 tins",
		Quantity(en, 1, tin):                   "1 tin",
		Quantity(en, 2, catalog.Name{ZH: "件"}): "2 件",
		Quantity(en, 2, catalog.Name{ZH: "盒", EN: "box"}):            "2 boxes",
		Quantity(en, 2, catalog.Name{ZH: "件", EN: "pcs"}) + " as is": "2 pcs as is",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestGroupingKeepsEveryDigit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		s := Int(n)
		plain := strings.ReplaceAll(strings.Replace(s, minus, "-", 1), ",", "")
		if want := Pieces(quantity.Pieces(n)); want != s {
			t.Fatalf("Int %q, Pieces %q", s, want)
		}
		for i, part := range strings.Split(strings.TrimPrefix(s, minus), ",") {
			if len(part) != 3 && i > 0 || len(part) > 3 {
				t.Fatalf("%q is not grouped by three", s)
			}
		}
		if want := money.Fen(n); n%100 == 0 && n > math.MinInt64 && strings.ReplaceAll(strings.Replace(Amount(want), minus, "-", 1), ",", "") != want.Yuan() {
			t.Fatalf("Amount(%d) = %q", n, Amount(want))
		}
		if back, err := strconv.ParseInt(plain, 10, 64); err != nil || back != n {
			t.Fatalf("%d is written %q", n, s)
		}
	})
}
