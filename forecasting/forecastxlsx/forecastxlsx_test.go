package forecastxlsx

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"milkrun/forecasting"
	"milkrun/internal/catalog"
	"milkrun/internal/sheet"
)

// rows reads a CSV with the columns of a sheet.
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

func TestPromotionDepth(t *testing.T) {
	for text, want := range map[string]string{
		"20%": "2000", "0.2": "2000", "20": "2000", "": "0", "否": "0", "无": "0", "0": "0", "8折": "2000", "８折": "2000", "85折": "1500", "8.5折": "1500", "９.８折": "200", "10折": "0",
		"是": "forecast.no_depth", "1": "sheet.percent_unclear", "120%": "sheet.out_of_range", "大促": "sheet.not_number", "-5%": "sheet.negative",
	} {
		rows(t, salesSpec.Columns, "SKU,仓,日期,销量,促销\nA,B,2026-11-02,1,"+text+"\n", func(row *sheet.Row) {
			got := fmt.Sprint(promoOf(row))
			if p := row.Problems(); len(p) > 0 {
				got = p[0].Note.Code()
			}
			if got != want {
				t.Errorf("%q: %s, want %s", text, got, want)
			}
		})
	}
}

func TestDiscountIsReadOnlyInItsOwnWords(t *testing.T) {
	for text, want := range map[string]string{"8折": "2000", "85折": "1500", "不打折": "0", "": "0", "0.8": "forecast.bad_discount", "20%": "forecast.bad_discount", "8": "forecast.bad_discount"} {
		rows(t, salesSpec.Columns, "SKU,仓,日期,销量,折扣\nA,B,2026-11-02,1,"+text+"\n", func(row *sheet.Row) {
			got := fmt.Sprint(promoOf(row))
			if p := row.Problems(); len(p) > 0 {
				got = p[0].Note.Code()
			}
			if got != want {
				t.Errorf("%q: %s, want %s", text, got, want)
			}
		})
	}
}

func TestPriceFromTheAmount(t *testing.T) {
	for line, want := range map[string]int64{
		"3,,38.41": 1280, "2,,0.05": 3, "-2,,-25.60": 1280, "0,,5": 0, "3,9.90,38.41": 990, "3,,": 0, "3,,-5": 0,
	} {
		rows(t, salesSpec.Columns, "SKU,仓,日期,销量,均价,销售额\nA,B,2026-11-02,"+line+"\n", func(row *sheet.Row) {
			n, _ := row.Pieces("pieces")
			if got := priceOf(row, forecasting.Sale{Pieces: n}); int64(got) != want || !row.OK() {
				t.Errorf("%s: %d, want %d, %v", line, got, want, row.Problems())
			}
		})
	}
}

func TestSourcesHaveOneName(t *testing.T) {
	for text, want := range map[string]string{"小红书": "xiaohongshu", "XHS": "xiaohongshu", "Google Trends": "google", "自有 社区": "自有 社区", " Weibo ": "weibo"} {
		rows(t, heatSpec.Columns, "话题,来源,日期,热度\nA,"+text+",2026-11-02,1\n", func(row *sheet.Row) {
			s, _ := row.Text("source")
			if got := sourceOf(row, s); got != want {
				t.Errorf("%q is kept as %q, want %q", text, got, want)
			}
		})
	}
}

func FuzzPromotion(f *testing.F) {
	for _, s := range []string{"8折", "85 折", "20%", "是", "０.８", "-", "折"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.NewReplacer(",", "", "\"", "", "\n", "", "\r", "", "\x00", "").Replace(s)
		text := "SKU,仓,日期,销量,促销\nA,B,2026-11-02,1," + s + "\n"
		file, err := sheet.OpenReader(strings.NewReader(text), int64(len(text)), sheet.Options{})
		if err != nil {
			return
		}
		l, err := file.Match(salesSpec.Columns)
		if err != nil {
			return
		}
		for row, err := range l.Rows(context.Background()) {
			if err != nil {
				return
			}
			if bp := promoOf(row); bp < 0 || bp > 10_000 {
				t.Errorf("%q: %d", s, bp)
			}
		}
	})
}

func TestNamesOfColumnsAreTheirOwn(t *testing.T) {
	for _, columns := range [][]sheet.Column{salesSpec.Columns, heatSpec.Columns, cohortSpec.Columns, stageSpec.Columns} {
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
