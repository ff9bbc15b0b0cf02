package warehouseops_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

func TestABinIsMadeOnceOnly(t *testing.T) {
	h := openHouse(t)
	var made, taken atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			switch _, err := h.ops.AddBin(h.lead, warehouse.UsualBin(h.jx, "b09-01-1")); {
			case err == nil:
				made.Add(1)
			case errors.Is(err, warehouse.ErrBinTaken):
				taken.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 || taken.Load() != 3 {
		t.Errorf("made %d, taken %d", made.Load(), taken.Load())
	}
	b, content, err := h.ops.Bin(h.worker, h.jx, "B09-01-1 ")
	if err != nil || b.Zone != "B" || b.Aisle != 9 || len(content) != 0 {
		t.Errorf("%+v, %v, %v", b, content, err)
	}
	if _, err := h.ops.AddBin(h.worker, warehouse.UsualBin(h.jx, "B09-02-1")); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a worker makes bins: %v", err)
	}
}

func TestABinWithGoodsStaysInUse(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 10)
	if _, err := h.ops.SwitchBin(h.lead, h.jx, "A01-01-1", false); !errors.Is(err, warehouse.ErrBinFull) {
		t.Errorf("switched off while full: %v", err)
	}
	was, _, err := h.ops.Bin(h.lead, h.jx, "A01-01-1")
	if err != nil {
		t.Fatal(err)
	}
	colder := was.Bin
	colder.Temperature = catalog.Chilled
	if _, err := h.ops.EditBin(h.lead, was.UpdatedAt, colder); !errors.Is(err, warehouse.ErrBinFull) {
		t.Errorf("made cold while full: %v", err)
	}
	wider := was.Bin
	wider.CapacityML = 5_000_000
	if _, err := h.ops.EditBin(h.lead, was.UpdatedAt, wider); err != nil {
		t.Error(err)
	}
	if _, err := h.ops.EditBin(h.lead, was.UpdatedAt, wider); !errors.Is(err, warehouse.ErrBinStale) {
		t.Errorf("changed from an old version: %v", err)
	}
	if _, err := h.ops.SwitchBin(h.lead, h.jx, "A01-02-1", false); err != nil {
		t.Errorf("an empty bin: %v", err)
	}
	list, err := h.ops.Bins(h.lead, warehouse.BinQuery{Site: h.jx, Prefix: "a01-01"})
	if err != nil || len(list) != 2 || list[0].Pieces != 10 || list[0].UsedML != 20_000 {
		t.Fatalf("%+v, %v", list, err)
	}
	if share, ok := list[0].Share(); !ok || share != .004 {
		t.Errorf("share %v", share)
	}
}

func TestBinsComeFromASheet(t *testing.T) {
	h := openHouse(t)
	h.put(t, h.jx, "A01-01-1", h.milk, "L1", 10)
	load := func(ds ...warehouse.BinDraft) (done warehouseops.BinsLoaded, err error) {
		err = pgdb.InTx(t.Context(), h.pool, func(tx pgx.Tx) error {
			done, err = h.ops.LoadBins(h.lead, tx, uuid.New(), "bins.csv", ds)
			return err
		})
		return done, err
	}
	b, off := "B", false
	done, err := load(warehouse.BinDraft{Site: h.jx, Code: "C01-01-1"}, warehouse.BinDraft{Site: h.jx, Code: "A01-02-1", Velocity: &b},
		warehouse.BinDraft{Site: h.jx, Code: "A01-02-4"}, warehouse.BinDraft{Site: h.jx, Code: "A01-01-4", Velocity: &b})
	if err != nil || done != (warehouseops.BinsLoaded{New: 1, Changed: 1, Same: 2}) {
		t.Errorf("%+v, %v", done, err)
	}
	if _, err := load(warehouse.BinDraft{Site: h.jx, Code: "C02-01-1"}, warehouse.BinDraft{Site: h.jx, Code: "A01-01-1", Active: &off}); !errors.Is(err, warehouse.ErrBinFull) {
		t.Errorf("a full bin is switched off by a sheet: %v", err)
	}
	if _, _, err := h.ops.Bin(h.lead, h.jx, "C02-01-1"); !errors.Is(err, warehouse.ErrUnknownBin) {
		t.Errorf("half of a refused sheet was taken: %v", err)
	}
}
