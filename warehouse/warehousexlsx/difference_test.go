package warehousexlsx_test

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousexlsx"
)

func TestDifferenceSheetSaysWhatCame(t *testing.T) {
	day := calendar.Date(2028, 2, 14)
	rows := []warehouse.Difference{{
		Line:    warehouse.DeliveryLine{No: 1, OrderNumber: "FO-2611-0007", Lot: "=MH260815", Expiry: &day, Pieces: 240, Good: 180, Damaged: 6, Refused: 12},
		SKUCode: "MR-1", Name: catalog.Name{ZH: "奶粉", EN: "Milk powder"}, Faults: []warehouse.ArrivalFault{warehouse.FaultShortLife}, Notes: []string{"箱角压坏"},
	}}
	var b bytes.Buffer
	if err := warehousexlsx.WriteDifferences(&b, warehousexlsx.DifferenceHead{Number: "SH-1", Supplier: catalog.Name{ZH: "贝栗"}}, rows); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sheet := f.GetSheetName(0)
	for at, want := range map[string]string{"D2": "SH-1", "D3": "贝栗", "B8": "FO-2611-0007", "D8": "奶粉 Milk powder", "E8": "=MH260815", "F8": "2028-02-14",
		"H8": "240", "I8": "186", "J8": "−54", "K8": "6", "L8": "12", "M8": "少到 short；破损 damaged；拒收 refused；剩余效期不足 too short a life", "N8": "箱角压坏"} {
		if got, err := f.GetCellValue(sheet, at); err != nil || got != want {
			t.Errorf("%s = %q, want %q (%v)", at, got, want, err)
		}
	}
	if formula, _ := f.GetCellFormula(sheet, "E8"); formula != "" {
		t.Errorf("a lot became the formula %q", formula)
	}
}
