package c2mops_test

import (
	"testing"
	"time"

	"milkrun/c2m"
	"milkrun/c2m/c2mops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
)

// What is told of many suppliers at once is what the list and the score of each tell.
func TestDealingsAgreeWithListsAndScores(t *testing.T) {
	w := newWorld(t)
	draft := func(site catalog.SiteID) *c2m.FactoryOrder {
		o, err := w.ops.CreateDraft(w.buyer, c2mops.NewOrder{Supplier: w.supplier, ShipTo: site, Lines: []c2mops.NewLine{{SKU: w.skus[0], Pieces: 1200, Due: ptr(w.ops.Today().AddDays(20))}}})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	w.send(draft(w.site), "")
	w.send(draft(w.far), "")
	draft(w.site) // a draft is not dealt with yet
	none, err := w.ops.Dealings(w.buyer, nil)
	if err != nil || len(none) != 0 {
		t.Fatal(none, err)
	}
	compare := func(open, late int) {
		t.Helper()
		got, err := w.ops.Dealings(w.buyer, []catalog.SupplierID{w.supplier, 9999})
		if err != nil {
			t.Fatal(err)
		}
		score, err := w.ops.Score(w.buyer, w.supplier)
		if err != nil {
			t.Fatal(err)
		}
		d := got[w.supplier]
		if d.Open != open || d.Late != late || d.Score != score {
			t.Errorf("%+v, want %d open, %d late, score %+v", d, open, late, score)
		}
		if _, ok := got[9999]; ok {
			t.Error("dealings with a supplier that is none")
		}
		list, err := w.ops.Orders(w.buyer, c2mops.Query{Filter: c2mops.Filter{Supplier: w.supplier, Late: true}})
		if err != nil || len(list.Rows) != late {
			t.Errorf("the list has %d late orders, %v", len(list.Rows), err)
		}
	}
	compare(2, 0)
	w.pass(30 * 24 * time.Hour) // no answer came
	compare(2, 2)

	// Who is bounded to a site counts what goes there.
	u, _ := access.FromContext(w.buyer)
	u.Sites = []catalog.SiteID{w.far}
	here, err := w.ops.Dealings(access.WithUser(w.buyer, u), []catalog.SupplierID{w.supplier})
	if err != nil || here[w.supplier].Open != 1 {
		t.Errorf("%+v, %v", here, err)
	}
	_, err = w.ops.Dealings(w.beili, []catalog.SupplierID{w.supplier})
	wantErr(t, "a supplier asks for the dealings of others", err, access.ErrForbidden)
	numbers, err := w.ops.Numbers(w.buyer, []c2m.OrderID{1, 3, 999})
	if err != nil || len(numbers) != 2 || numbers[1] == "" || numbers[1] == numbers[3] {
		t.Errorf("%v, %v", numbers, err)
	}
}
