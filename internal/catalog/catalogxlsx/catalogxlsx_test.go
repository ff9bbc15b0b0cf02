package catalogxlsx

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"milkrun/internal/catalog"
	"milkrun/internal/sheet"
)

func rows(t *testing.T, columns []sheet.Column, text string, f func(row *sheet.Row)) {
	t.Helper()
	file, err := sheet.OpenReader(strings.NewReader(text), int64(len(text)), sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	l, err := file.Match(columns)
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range l.Rows(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		f(row)
	}
}

func TestPriceBreaks(t *testing.T) {
	for text, want := range map[string]string{
		"1200:12.80; 5000:11.90":    "[{1200 1280} {5000 1190}]",
		"5,000：11.9元；1,200：12.8元":   "[{1200 1280} {5000 1190}]",
		"1200件以上 12.80\n5000+ 11.9": "[{1200 1280} {5000 1190}]",
		"≥100 = ￥15":                "[{100 1500}]",
		"100起/15":                   "[{100 1500}]",
		"便宜":                        "catalog.bad_breaks",
		"100:15.555":                "catalog.bad_breaks",
		"100:":                      "catalog.bad_breaks",
		";":                         "[]",
	} {
		rows(t, termKind.spec.Columns, "供应商,SKU,阶梯价\nA,B,\""+text+"\"\n", func(row *sheet.Row) {
			breaks, _ := readBreaks(row)
			got := fmt.Sprint(breaks)
			if p := row.Problems(); len(p) > 0 {
				got = p[0].Note.Code()
			}
			if got != want {
				t.Errorf("%q: %s, want %s", text, got, want)
			}
		})
	}
}

func TestWordsForChoices(t *testing.T) {
	for text, want := range map[string]catalog.Temperature{"常温": catalog.Ambient, "Frozen": catalog.Frozen, "冷 藏": catalog.Chilled, "COOL": catalog.Cool} {
		rows(t, skuKind.spec.Columns, "SKU,温层\nA,"+text+"\n", func(row *sheet.Row) {
			if got, ok := temperatures.read(row, "temperature"); got != want || !ok {
				t.Errorf("%s: %s, %v", text, got, row.Problems())
			}
		})
	}
	for _, tier := range catalog.Tiers() {
		rows(t, siteKind.spec.Columns, "仓编码,层级\nA,"+string(tier)+"\n", func(row *sheet.Row) {
			if got, ok := tiers.read(row, "tier"); got != tier || !ok {
				t.Errorf("%s: %s", tier, got)
			}
		})
	}
	if got := fmt.Sprint(tiers.offered()); got != "[海外仓 保税仓 区域仓 前置仓 驿站]" {
		t.Errorf("offered: %s", got)
	}
}

// Every fault of a draft has words, and every field a column or a name of its own.
func TestEveryFaultHasWords(t *testing.T) {
	for _, p := range []catalog.Problem{
		catalog.Missing, catalog.TooLong, catalog.BadForm, catalog.BadCheck, catalog.Negative, catalog.NotAbove0, catalog.OutOfRange,
		catalog.NotOneOf, catalog.NotKnown, catalog.Repeated, catalog.OutOfOrder,
	} {
		n := skuKind.words(catalog.Fault{Field: "name", Problem: p, Value: "x"})
		if !strings.Contains(n.Text("zh"), "中文名") || !strings.Contains(n.Text("en"), "Chinese name") || n.Fix("zh") == "" || n.Fix("en") == "" {
			t.Errorf("%s: %s | %s", p, n.Full("zh"), n.Full("en"))
		}
	}
}

// No two columns of a kind may answer to the same name.
func TestNamesOfColumnsAreTheirOwn(t *testing.T) {
	for _, columns := range [][]sheet.Column{
		categoryKind.spec.Columns, siteKind.spec.Columns, laneKind.spec.Columns, supplierKind.spec.Columns, skuKind.spec.Columns,
		termKind.spec.Columns, topicKind.spec.Columns, weightKind.spec.Columns,
	} {
		owner := map[string]string{}
		for _, c := range columns {
			for _, name := range append([]string{c.Title.ZH, c.Title.EN}, c.Names...) {
				key := catalog.Fold(name)
				if other, taken := owner[key]; taken && other != c.ID {
					t.Errorf("%q means both %s and %s", name, other, c.ID)
				}
				owner[key] = c.ID
			}
		}
	}
}
