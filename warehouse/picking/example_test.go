package picking_test

import (
	"fmt"

	"milkrun/warehouse/picking"
)

func ExamplePlan() {
	l := picking.Usual(4, 10)
	bins := []picking.Place{{Aisle: 3, Bay: 9}, {Aisle: 1, Bay: 4}, {Aisle: 3, Bay: 2}, {Aisle: 1, Bay: 8}}
	r := picking.Plan(l, bins)
	fmt.Println(r.Order, r.CM <= picking.Serpentine(l, bins).CM)
	// Output: [1 3 0 2] true
}

func ExampleSuspects() {
	parts := []picking.Part{picking.PartOf(2, 900, picking.Learned{}), picking.PartOf(3, 350, picking.Learned{})}
	w := picking.Expect(200, parts, 5)
	off, ok := w.Off(2150)
	fmt.Println(off, ok, picking.Suspects(w, parts, 2150)[0].Missing)
	// Output: -900 false map[0:1]
}
