package c2mops_test

import (
	"testing"

	"milkrun/c2m/c2mops"
)

func TestSheetKindIsToldByWhatWasFilledIn(t *testing.T) {
	w := newWorld(t)
	o := w.story()
	note, err := w.ops.ASNForm(w.beili, o.ID, "zh")
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		content []byte
		want    c2mops.FileKind
		ok      bool
	}{
		"the workbook with an answer":         {w.sheet(o.ID, "采购单", storyCells()), c2mops.AnswerFile, true},
		"the workbook with a delivery note":   {w.sheet(o.ID, "送货单", map[string]any{"A5": "SH-1", "H5": "L1", "K5": 60}), c2mops.ASNFile, true},
		"the workbook with commitments":       {w.sheet(o.ID, "预测", map[string]any{"N5": 4200}), c2mops.ForecastFile, true},
		"the form for delivery notes, empty":  {note.Content, c2mops.ASNFile, true},
		"commitments by themselves":           {[]byte("SKU,周,承诺数量\nMR-204817-P,2026-W48,4000\n"), c2mops.ForecastFile, true},
		"a sheet of something else":           {[]byte("姓名,电话\n王,1\n"), "", false},
		"something that is not a sheet":       {[]byte("\x89PNG\r\n\x1a\n"), "", false},
		"an answer in a table of one's own":   {[]byte("订单号,行号,答复数量\nFO-2611-0001,1,5\n"), c2mops.AnswerFile, true},
		"a delivery note of one's own making": {[]byte("送货单号,订单号,行号,本次数量\nSH-1,FO-2611-0001,1,5\n"), c2mops.ASNFile, true},
	} {
		kind, ok, err := w.ops.SheetKind(w.beili, c.content)
		if err != nil || kind != c.want || ok != c.ok {
			t.Errorf("%s: %q %v, %v", what, kind, ok, err)
		}
	}
}
