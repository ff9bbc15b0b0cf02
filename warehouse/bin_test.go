package warehouse_test

import (
	"errors"
	"testing"

	"milkrun/internal/catalog"
	"milkrun/warehouse"
)

func TestUsualBinFollowsFromItsCode(t *testing.T) {
	b := warehouse.UsualBin(1, " a02-11-1 ")
	if b.Code != "A02-11-1" || b.Zone != "A" || b.Aisle != 2 || b.Bay != 11 || b.Level != 1 || b.Side != 1 || b.Kind != warehouse.BinPick {
		t.Errorf("%+v", b)
	}
	if b := warehouse.UsualBin(1, "B12-04-4"); b.Kind != warehouse.BinReserve || b.Side != 0 {
		t.Errorf("a high place is reserve: %+v", b)
	}
	if b := warehouse.UsualBin(1, "DOCK-1"); b.Aisle != 0 || b.Check() != nil {
		t.Errorf("%+v, %v", b, b.Check())
	}
	if got := warehouse.CleanBinCode("ａ０２－１１－１\n"); got != "A02-11-1" {
		t.Errorf("full-width letters become %q", got)
	}
}

func TestBinCheckNamesTheField(t *testing.T) {
	good := warehouse.UsualBin(1, "A01-01-1")
	for field, change := range map[string]func(*warehouse.Bin){
		"code":           func(b *warehouse.Bin) { b.Code = "库位" },
		"kind":           func(b *warehouse.Bin) { b.Kind = "shelf" },
		"aisle":          func(b *warehouse.Bin) { b.Aisle = -1 },
		"side":           func(b *warehouse.Bin) { b.Side = 2 },
		"temperature":    func(b *warehouse.Bin) { b.Temperature = "hot" },
		"capacity_ml":    func(b *warehouse.Bin) { b.CapacityML = -1 },
		"capacity_grams": func(b *warehouse.Bin) { b.CapacityGrams = -5 },
		"velocity":       func(b *warehouse.Bin) { b.Velocity = "D" },
	} {
		b := good
		change(&b)
		var fault *warehouse.BinFault
		if err := b.Check(); !errors.As(err, &fault) || fault.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
}

func TestDraftChangesWhatItSays(t *testing.T) {
	cold, yes := catalog.Chilled, true
	b := warehouse.BinDraft{Temperature: &cold, MixedLots: &yes}.On(warehouse.UsualBin(3, "K01-02-1"))
	if b.Temperature != catalog.Chilled || !b.MixedLots || b.MixedSKUs || b.Kind != warehouse.BinPick || b.Site != 3 {
		t.Errorf("%+v", b)
	}
}
