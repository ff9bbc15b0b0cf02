package financeops_test

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"

	"milkrun/c2m/c2mops"
	"milkrun/c2m/statement"
)

// The supplier's words on a statement come back in its workbook: all rows or none, and only on the statement that they belong to.
func TestAStatementComesBackAsAWorkbook(t *testing.T) {
	w := newWorld(t)
	w.order(300, "2026-09-20", "2026-10-10", 300, "2026-10-13")
	w.at("2026-11-03")
	s, err := w.statements.Make(w.buyer, w.supplier, day("2026-10-01"), day("2026-10-31"))
	w.must(err)
	_, err = w.statements.Send(w.buyer, s.Number, 0)
	w.must(err)
	s, err = w.statements.Get(w.beili, s.Number)
	w.must(err)
	file, err := w.orders.StatementSheet(w.beili, s, "zh")
	w.must(err)
	fill := func(cells map[string]any) []byte {
		book, err := excelize.OpenReader(bytes.NewReader(file.Content))
		w.must(err)
		defer book.Close()
		for at, v := range cells {
			w.must(book.SetCellValue("对账单", at, v))
		}
		var out bytes.Buffer
		w.must(book.Write(&out))
		return out.Bytes()
	}
	send := func(cells map[string]any) c2mops.Uploaded {
		t.Helper()
		up, err := w.orders.UploadStatement(w.beili, w.statements, s.Number, c2mops.Uploading{Name: "对账.xlsx", Content: fill(cells)})
		w.must(err)
		return up
	}
	// The lines stand from row 6 on; column N says agree or dispute, O the amount, P the reason.
	for what, cells := range map[string]map[string]any{
		"no reason":         {"N6": "同意", "N7": "异议"},
		"a wrong word":      {"N6": "也许"},
		"another statement": {"A6": "ST-2609-001", "N6": "同意"},
		"no such line":      {"B6": 9, "N6": "异议", "P6": "没有"},
		"nothing":           {},
		"a claim that grew": {"N7": "异议", "O7": 10, "P7": "多扣"},
	} {
		if up := send(cells); up.Outcome != c2mops.Refused || len(up.Problems) == 0 || up.Problems[0].Reason.ZH == "" || up.Problems[0].Reason.EN == "" {
			t.Errorf("%s: %s %+v", what, up.Outcome, up.Problems)
		}
	}
	if s, _ = w.statements.Get(w.buyer, s.Number); s.Totals().Agreed+s.Totals().Disputed != 0 {
		t.Fatalf("half a sheet was taken: %+v", s.Totals())
	}
	if up := send(map[string]any{"N6": "同意", "N7": "异议", "O7": -10.5, "P7": "台风停运"}); len(up.Problems) != 0 {
		t.Fatalf("%+v", up.Problems)
	}
	s, err = w.statements.Get(w.buyer, s.Number)
	w.must(err)
	if l := s.Lines[1]; s.State != statement.Disputed || s.Lines[0].Word != statement.AgreedTo || l.Reason != "台风停运" || l.Claim == nil || *l.Claim != -1050 {
		t.Errorf("%s %+v", s.State, s.Lines)
	}
	if _, err := w.orders.UploadStatement(w.other, w.statements, s.Number, c2mops.Uploading{Name: "x.xlsx", Content: fill(map[string]any{"N6": "同意"})}); err == nil {
		t.Error("another supplier's sheet was taken")
	}
}
