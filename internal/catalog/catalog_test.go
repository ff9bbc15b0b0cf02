package catalog

import (
	"slices"
	"testing"

	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

func TestPriceAt(t *testing.T) {
	term := Term{Breaks: []PriceBreak{{From: 100, Price: 1500}, {From: 1000, Price: 1280}, {From: 5000, Price: 1190}}}
	for n, want := range map[quantity.Pieces]money.Fen{1: 1500, 100: 1500, 999: 1500, 1000: 1280, 4200: 1280, 5000: 1190} {
		if got := term.PriceAt(n); got != want {
			t.Errorf("PriceAt(%d) = %d, want %d", n, got, want)
		}
	}
	if got := (Term{}).PriceAt(5); got != 0 {
		t.Errorf("no breaks: %d", got)
	}
}

func TestNameFallsBack(t *testing.T) {
	n := Name{ZH: "牙胶"}
	if n.In("en") != "牙胶" || n.In("zh") != "牙胶" || (Name{EN: "Teether"}).In("zh") != "Teether" {
		t.Error("a name in one language must serve both")
	}
}

func TestSearchFindsPartsOfNames(t *testing.T) {
	index := SearchTerms("MR-204817", "贝栗 硅胶牙胶 小雪糕款", "Beili Silicone Teether", "6972048170035")
	for _, q := range []string{"牙胶", "MR-2048", "mr204817", "雪糕", "teeth", "硅胶 小雪", "6972048170035", "ＭＲ２０４", "贝"} {
		for _, term := range QueryTerms(q) {
			if !slices.Contains(index, term) {
				t.Errorf("%q: %q is not in the index", q, term)
			}
		}
	}
	if slices.Contains(index, QueryTerms("奶粉")[0]) {
		t.Error("found what is not there")
	}
}
