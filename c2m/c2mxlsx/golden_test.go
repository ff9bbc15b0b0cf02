package c2mxlsx

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"milkrun/c2m"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

var update = flag.Bool("update", false, "write the golden files anew")

func day(s string) calendar.Day {
	d, err := calendar.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func ptr[T any](v T) *T { return &v }

// firstPaper is the order of the pictures as it was sent first.
func firstPaper() c2m.Paper {
	sent := time.Date(2026, 11, 20, 8, 2, 0, 0, time.UTC)
	goods := map[catalog.SKUID]c2m.Goods{
		1: {Code: "MR-204817-P", GTIN: "6972048170035", Name: both("贝栗 硅胶牙胶 小雪糕款 粉", "Beili Silicone Teether Popsicle Pink"), Unit: both("件", "pcs"), CartonPieces: 60},
		2: {Code: "MR-204817-B", GTIN: "6972048170042", Name: both("贝栗 硅胶牙胶 小雪糕款 蓝", "Beili Silicone Teether Popsicle Blue"), Unit: both("件", "pcs"), CartonPieces: 60},
		3: {Code: "MR-204833", GTIN: "6972048330033", Name: both("贝栗 果蔬咬咬袋", "Beili Fruit Feeder"), Unit: both("件", "pcs"), CartonPieces: 40},
		4: {Code: "MR-204840", Name: both("牙胶收纳盒", "Teether Box"), Unit: both("件", "pcs")},
	}
	lines := []c2m.Line{
		{No: 1, SKU: 1, Pieces: 2400, Price: 1280, TaxBP: 1300, Due: day("2026-12-02"), Pack: 60, MOQ: 1200, PartNo: "BL-017P", Spec: "粉色"},
		{No: 2, SKU: 2, Pieces: 1800, Price: 1280, TaxBP: 1300, Due: day("2026-12-02"), Pack: 60, MOQ: 1200, PartNo: "BL-017B", Spec: "蓝色", Suggestion: 12},
		{No: 3, SKU: 3, Pieces: 2400, Price: 890, TaxBP: 1300, Due: day("2026-12-03"), Pack: 40, PartNo: "BL-033", MinRemainingDays: 360},
		{No: 4, SKU: 4, Pieces: 1200, Price: 450, TaxBP: 600, Due: day("2026-12-02"), Note: "=cmd|' /C calc'!A0"},
	}
	p := c2m.Paper{Number: "FO-2611-0412", TimeZone: "Asia/Shanghai",
		Version: c2m.Version{No: 1, SentAt: sent, ReplyBy: sent.Add(50 * time.Hour), By: c2m.Person{ID: 1, Name: "周敏"},
			Conditions: c2m.Conditions{Contract: "HT-2026-018", Payment: "月结 30 天", Licence: "BL-SQ-2026", Note: "周末不收货"}, Lines: lines},
		Supplier: c2m.Party{Code: "S-BEILI", Name: both("温岭贝栗婴童用品厂", "Wenling Beili Baby Goods"), City: both("温岭", "Wenling")},
		ShipTo:   c2m.Party{Code: "JX", Name: both("嘉兴区域仓", "Jiaxing regional"), City: both("嘉兴", "Jiaxing")},
		Buyer:    c2m.Person{ID: 1, Name: "周敏"}, Goods: goods}
	for i, n := range []quantity.Pieces{4200, 3141, 2121} {
		w := c2m.ForecastWeek{Monday: day("2026-11-23").AddDays(7 * i), Pieces: n, Firm: i < 2}
		if i == 1 {
			w.Before, w.Committed = ptr(quantity.Pieces(3000)), ptr(quantity.Pieces(3100))
		}
		if len(p.Forecast) == 0 {
			p.Forecast = []c2m.ForecastRow{{SKU: 1, PartNo: "BL-017P", MOQ: 1200, Pack: 60}}
		}
		p.Forecast[0].Weeks = append(p.Forecast[0].Weeks, w)
	}
	return p
}

// secondPaper is the version after the counter-offer: line 2 agreed in two deliveries, line 3 changed, line 4 gone, line 5 new.
func secondPaper() c2m.Paper {
	p := firstPaper()
	before := p.Version
	p.Version.No, p.Version.Reason = 2, "还价"
	lines := append([]c2m.Line(nil), before.Lines[:3]...)
	lines[2].Price, lines[2].Due = 900, day("2026-12-06")
	p.Version.Lines = append(lines, c2m.Line{No: 5, SKU: 4, Pieces: 600, Price: 440, TaxBP: 1300, Due: day("2026-12-09")})
	p.Agreed = map[int]c2m.Agreement{
		1: {Line: 1, Version: 1, Splits: []c2m.Split{{Pieces: 2400, Day: day("2026-12-02"), Price: 1280}}},
		2: {Line: 2, Version: 1, Splits: []c2m.Split{{Pieces: 1200, Day: day("2026-12-02"), Price: 1300}, {Pieces: 600, Day: day("2026-12-09"), Price: 1300}}},
	}
	p.Mark(before)
	return p
}

// dump writes every cell of a workbook as text: value, formula, and whether it is locked.
func dump(t *testing.T, content []byte) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b strings.Builder
	for _, name := range f.GetSheetList() {
		visible, _ := f.GetSheetVisible(name)
		fmt.Fprintf(&b, "## %s visible=%v\n", name, visible)
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for j, v := range row {
				at := ref(j+1, i+1)
				formula, _ := f.GetCellFormula(name, at)
				if v == "" && formula == "" {
					continue
				}
				if formula != "" {
					v = "=" + formula
				}
				fmt.Fprintf(&b, "%s%s\t%s\n", at, map[bool]string{true: "*"}[unlocked(t, f, name, at)], strings.ReplaceAll(v, "\n", "⏎"))
			}
		}
		rules, err := f.GetDataValidations(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rules {
			fmt.Fprintf(&b, "rule %s %s %s %s..%s\n", r.Sqref, r.Type, r.Operator, r.Formula1, r.Formula2)
		}
	}
	return b.String()
}

func unlocked(t *testing.T, f *excelize.File, sheet, at string) bool {
	t.Helper()
	id, err := f.GetCellStyle(sheet, at)
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	return s.Protection != nil && !s.Protection.Locked
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run with -update)", err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s differs, run with -update and look at the difference:\n%s", path, d)
	}
}

func TestOrderWorkbook(t *testing.T) {
	for name, c := range map[string]struct {
		paper c2m.Paper
		lang  string
	}{"order-v1-zh": {firstPaper(), "zh"}, "order-v2-zh": {secondPaper(), "zh"}, "order-v2-en": {secondPaper(), "en"}} {
		content, err := Order(c.paper, c.lang)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, dump(t, content))
		again, err := Order(c.paper, c.lang)
		if err != nil || dump(t, again) != dump(t, content) {
			t.Errorf("%s: the same paper gives another workbook (%v)", name, err)
		}
		if dir := os.Getenv("MILKRUN_KEEP"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, name+".xlsx"), content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestDeliveryNoteForm(t *testing.T) {
	content, err := DeliveryNote([]c2m.Awaited{
		{Number: "FO-2611-0412", Line: 1, SKU: catalog.SKU{Code: "MR-204817-P", GTIN: "6972048170035", Name: both("牙胶", "Teether"), CartonPieces: 60}, Open: 2400},
		{Number: "FO-2611-0412", Line: 4, SKU: catalog.SKU{Code: "MR-204840"}, Open: 0},
	}, "en", time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "delivery-note-en", dump(t, content))
}

// Every cell but those to fill in is locked, on every sheet, and the sheets are protected.
func TestOnlyTheSuppliersCellsAreOpen(t *testing.T) {
	content, err := Order(secondPaper(), "zh")
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range f.GetSheetList() {
		if p, err := f.GetSheetProtection(name); err != nil || p.FormatCells || p.DeleteColumns || p.InsertColumns {
			t.Errorf("%s is not protected: %+v, %v", name, p, err)
		}
	}
	header := headerRow(t, f, "采购单")
	for row := 1; row < header+18; row++ {
		for col := 1; col <= len(answerColumns)+2; col++ {
			reply := col >= firstReply && col <= lastReply
			lines, spare := row > header && row <= header+4, row > header+6 && row <= header+6+spareReplies
			want := reply && (lines || spare) || spare && (col == at(colLine) || col == at(colSKU))
			if got := unlocked(t, f, "采购单", ref(col, row)); got != want {
				t.Errorf("%s: unlocked %v, want %v", ref(col, row), got, want)
			}
		}
	}
}

func headerRow(t *testing.T, f *excelize.File, sheet string) int {
	t.Helper()
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if len(r) > 3 && (r[2] == "SKU" || r[3] == "SKU") {
			return i + 1
		}
	}
	t.Fatal("no header in " + sheet)
	return 0
}
