package allocation_test

import (
	"fmt"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
	"milkrun/warehouse/allocation"
)

func ExampleBatch() {
	today := calendar.Date(2026, time.November, 23)
	soon, late := today.AddDays(100), today.AddDays(300)
	r := allocation.Batch(
		[]allocation.Line{{Order: 1, SKU: 7, Want: 5}, {Order: 2, SKU: 7, Want: 4, MinRemainingDays: 180}},
		[]allocation.Position{{ID: 11, SKU: 7, Lot: 1, Expiry: &soon, Free: 2}, {ID: 12, SKU: 7, Lot: 2, Expiry: &late, Free: 5}},
		today)
	fmt.Println(r.Takes, r.Shortages)
	// Output: [{0 0 2} {0 1 3} {1 1 2}] [{1 2 0}]
}

func ExampleSource() {
	sites := []allocation.Site{
		{ID: 1, Code: "front", Tier: catalog.Front, Promise: allocation.Minutes30, ParcelFen: 600, Free: map[catalog.SKUID]quantity.Pieces{7: 1}},
		{ID: 2, Code: "regional", Tier: catalog.Regional, Promise: allocation.NextDay, ParcelFen: 900, Free: map[catalog.SKUID]quantity.Pieces{7: 9}},
	}
	s := allocation.Source(allocation.Order{Promise: allocation.NextDay, Needs: []allocation.Need{{SKU: 7, Pieces: 2}}}, sites, allocation.DefaultRules())
	for _, p := range s.Parcels {
		fmt.Println(sites[p.Site].Code, p.Portions[0].Pieces, p.OnTime)
	}
	// Output: regional 2 true
}
