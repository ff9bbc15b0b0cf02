package warehouseops_test

import (
	"errors"
	"testing"

	"milkrun/internal/access"
	"milkrun/warehouse"
)

func TestBundleIsReadEditedAndDissolved(t *testing.T) {
	d := openDesk(t)
	d.stock(t, "XH", "MILK", "L", 500, 7)
	d.stock(t, "PD", "BIB", "", 0, 5)
	page, err := d.ops.Bundles(d.ctx, "milk", "", 0)
	if err != nil || page.Total != 1 || len(page.Bundles) != 1 || page.Bundles[0].Code != "SET" || page.Bundles[0].Sets() != 2 {
		t.Fatalf("%+v, %v", page, err)
	}
	set := page.Bundles[0]
	// 300.00 for a tin against two bibs of 10.00.
	if s := set.Shares(); len(s) != 2 || s[0] != 625 || s[1] != 9375 {
		t.Errorf("shares %v of %+v", s, set.Components)
	}
	is, err := d.ops.SetBundle(d.ctx, set.Stamp(), warehouse.BundleDraft{Code: "SET", Parts: []warehouse.BundlePart{{Code: "MILK", Pieces: 2, ShareBP: 9000}, {Code: "RING", Pieces: 1, ShareBP: 1000}}})
	if err != nil || len(is.Components) != 2 || is.Components[1].Code != "RING" || is.Stamp() == set.Stamp() {
		t.Fatalf("%+v, %v", is, err)
	}
	if n := ask[int](t, d, `select count(*) from audit.entry where verb = 'bundle.set'`); n != 1 {
		t.Errorf("%d rows say who changed it", n)
	}
	d.place(t, order("B1", line("SET", 1, 1000)))
	d.settle(t)
	if got := d.lineStates(t, "B1"); got != "MILK 2 allocated XH, RING 1 short XH" {
		t.Errorf("%s", got)
	}
	for problem, x := range map[warehouse.BundleProblem]warehouse.BundleDraft{
		warehouse.BundleUnknown: {Code: "SET", Parts: []warehouse.BundlePart{{Code: "NONE", Pieces: 1}}},
		warehouse.BundleItself:  {Code: "SET", Parts: []warehouse.BundlePart{{Code: "SET", Pieces: 1}}},
		warehouse.BundleTwice:   {Code: "SET", Parts: []warehouse.BundlePart{{Code: "BIB", Pieces: 1}, {Code: "BIB", Pieces: 1}}},
		warehouse.BundlePieces:  {Code: "SET", Parts: []warehouse.BundlePart{{Code: "BIB", Pieces: 0}}},
		warehouse.BundleShare:   {Code: "SET", Parts: []warehouse.BundlePart{{Code: "BIB", Pieces: 1, ShareBP: -1}}},
		warehouse.BundleShares:  {Code: "SET", Parts: []warehouse.BundlePart{{Code: "BIB", Pieces: 1, ShareBP: 9999}}},
	} {
		var f *warehouse.BundleFault
		if _, err := d.ops.SetBundle(d.ctx, is.Stamp(), x); !errors.As(err, &f) || f.Problem != problem {
			t.Errorf("%s: %v", problem, err)
		}
	}
	var f *warehouse.BundleFault
	if _, err := d.ops.SetBundle(d.ctx, "", warehouse.BundleDraft{Code: "MILK", Parts: []warehouse.BundlePart{{Code: "BIB", Pieces: 1}}}); !errors.As(err, &f) || f.Problem != warehouse.BundleNested {
		t.Errorf("a component as a bundle: %v", err)
	}
	if _, err := d.ops.SetBundle(d.ctx, "", warehouse.BundleDraft{Code: "BIB", Parts: []warehouse.BundlePart{{Code: "ICE", Pieces: 1}}}); !errors.As(err, &f) || f.Problem != warehouse.BundleStock || f.Value != 5 {
		t.Errorf("stocked goods as a bundle: %v", err)
	}
	if _, err := d.ops.SetBundle(d.ctx, set.Stamp(), warehouse.BundleDraft{Code: "SET"}); !errors.As(err, &f) || f.Problem != warehouse.BundleChanged {
		t.Errorf("changed by another: %v", err)
	}
	buyer := access.WithUser(t.Context(), access.User{ID: 1, Role: access.Buyer})
	if _, err := d.ops.SetBundle(buyer, is.Stamp(), warehouse.BundleDraft{Code: "SET"}); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a buyer edits: %v", err)
	}
	if is, err = d.ops.SetBundle(d.ctx, is.Stamp(), warehouse.BundleDraft{Code: "SET"}); err != nil || len(is.Components) != 0 || is.Code != "SET" {
		t.Errorf("%+v, %v", is, err)
	}
}
