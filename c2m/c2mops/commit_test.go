package c2mops_test

import (
	"testing"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/access"
	"milkrun/internal/quantity"
)

func TestCommitmentsFromTheFormConcernTheSuppliersOwnWeeks(t *testing.T) {
	w := newWorld(t)
	w.story()
	rows, err := w.ops.PortalForecast(w.beili, 0)
	if err != nil || len(rows) == 0 || len(rows[0].Weeks) < 2 {
		t.Fatalf("%+v, %v", rows, err)
	}
	monday := rows[0].Weeks[1].Monday
	week := c2mops.Week{SKUID: w.skus[0], Monday: monday, Committed: ptr(quantity.Pieces(2000)), Capacity: ptr(quantity.Pieces(3600))}
	for i, want := range []int{1, 0} { // the second time it says nothing new
		if n, err := w.ops.CommitForecast(w.beili, []c2mops.Week{week}); err != nil || n != want {
			t.Errorf("time %d: %d weeks, %v", i+1, n, err)
		}
	}
	strange := week
	strange.Monday = monday.AddDays(-70)
	if n, err := w.ops.CommitForecast(w.beili, []c2mops.Week{strange}); err != nil || n != 0 {
		t.Errorf("a week that it was told nothing of: %d, %v", n, err)
	}
	if n, err := w.ops.CommitForecast(w.other, []c2mops.Week{week}); err != nil || n != 0 {
		t.Errorf("another supplier: %d, %v", n, err)
	}
	week.Committed = ptr(quantity.Pieces(-1))
	_, err = w.ops.CommitForecast(w.beili, []c2mops.Week{week})
	wantErr(t, "less than nothing", err, c2m.ErrPieces)
	_, err = w.ops.CommitForecast(w.buyer, nil)
	wantErr(t, "a buyer", err, access.ErrForbidden)
	rows, err = w.ops.PortalForecast(w.beili, 0)
	if err != nil || rows[0].Weeks[1].Committed == nil || *rows[0].Weeks[1].Committed != 2000 || *rows[0].Weeks[1].Capacity != 3600 || rows[0].Weeks[0].Committed != nil {
		t.Errorf("%+v, %v", rows[0].Weeks[:2], err)
	}
}
