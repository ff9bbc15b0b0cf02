package warehousexlsx

import (
	"context"
	"errors"
	"testing"

	"milkrun/internal/catalog"
	"milkrun/internal/importer"
	"milkrun/internal/sheet/notice"
	"milkrun/warehouse"
)

func TestEveryStatusHasAWord(t *testing.T) {
	for _, s := range warehouse.Statuses() {
		if statuses[catalog.Fold(string(s))] != s {
			t.Errorf("%s is not known by its own name", s)
		}
	}
	for _, c := range openingSpec.Columns {
		for _, word := range c.Choices {
			if _, ok := statuses[catalog.Fold(word)]; !ok {
				t.Errorf("the template offers %s, which is not read", word)
			}
		}
	}
}

func TestNamesOfColumnsAreTheirOwn(t *testing.T) {
	owner := map[string]string{}
	for _, c := range openingSpec.Columns {
		for _, name := range append([]string{c.Title.ZH, c.Title.EN}, c.Names...) {
			key := catalog.Fold(name)
			if other, taken := owner[key]; taken && other != c.ID {
				t.Errorf("%q means both %s and %s", name, other, c.ID)
			}
			owner[key] = c.ID
		}
	}
}

// A refused count is named by its row of the sheet, also in a later operation.
func TestRefusalsNameTheRow(t *testing.T) {
	place := warehouse.Place{Site: 1, SKU: 2, Bin: "A"}
	b := booking{
		ctx: context.Background(), counts: []warehouse.Count{{Place: warehouse.Place{Site: 9}}, {Place: place, Pieces: 5}}, rows: []int{30_001, 30_002},
		set: func(context.Context, importer.Tx, importer.OperationID, string, []warehouse.Count) (int, error) {
			return 0, &warehouse.ReservedError{Place: place, Counted: 5, Reserved: 8}
		},
	}
	err := b.flush()
	var reserved *warehouse.ReservedError
	if !notice.Is(err, BelowReserved) || !errors.As(err, &reserved) || notice.As(err).Text("en") != "row 30,002 counts 5 pieces, but 8 are reserved for orders; nothing was imported" {
		t.Errorf("%v", err)
	}
	b.set = func(context.Context, importer.Tx, importer.OperationID, string, []warehouse.Count) (int, error) {
		return 0, warehouse.ErrDates
	}
	if err := b.flush(); !errors.Is(err, warehouse.ErrDates) || notice.As(err) != nil {
		t.Errorf("%v", err)
	}
}
