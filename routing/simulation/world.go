// Package simulation plays a city's day: orders come in with two peaks, riders work their shifts, and a policy decides every
// half minute who leaves with what. Two policies on the same world differ in nothing but their decisions.
package simulation

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"milkrun/routing/dispatch"
	"milkrun/routing/solver"
)

// Order is one order of a warehouse; instants are seconds of the day.
type Order struct {
	dispatch.Parcel
	Placed int64
}

// House is one front warehouse with its day.
type House struct {
	Name   string
	Site   dispatch.Site
	Orders []Order          // by Placed
	Riders []dispatch.Rider // Free is the begin of the shift
}

// Setting is what a day is made from.
type Setting struct {
	Seed   uint64
	Orders int
	// PromiseMinutes from the order to the door.
	PromiseMinutes int64
	// PerRiderHour is how many drops an hour a rider is counted on when shifts are laid.
	PerRiderHour float64
	// Reach is the farthest door in metres, by the straight line.
	Reach float64
}

// hours are the shares of the hours of a day: lunch and evening stand out.
var hours = [24]float64{8: 2, 9: 3.5, 10: 5, 11: 9, 12: 10, 13: 6, 14: 4.5, 15: 4.5, 16: 5.5, 17: 8.5, 18: 11, 19: 10.5, 20: 8, 21: 4}

// Day makes the day of the warehouses; the orders are shared out by weight.
func Day(s Setting, sites []dispatch.Site, names []string, weights []float64) []House {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	houses := make([]House, len(sites))
	for i, site := range sites {
		rng := rand.New(rand.NewPCG(s.Seed, uint64(i)+1))
		n := int(math.Round(float64(s.Orders) * weights[i] / total))
		houses[i] = House{Name: names[i], Site: site, Orders: orders(s, site, n, rng)}
		houses[i].Riders = shifts(s, n)
	}
	return houses
}

func orders(s Setting, site dispatch.Site, n int, rng *rand.Rand) []Order {
	estates := make([]solver.Point, 60)
	for i := range estates {
		estates[i] = offset(site.Door, rng.Float64()*2*math.Pi, s.Reach*math.Sqrt(rng.Float64()))
	}
	out := make([]Order, n)
	for i := range out {
		o := &out[i]
		o.Placed = instant(rng)
		o.Ready = o.Placed + 180 + rng.Int64N(240)
		o.Due = o.Placed + 60*s.PromiseMinutes
		o.Service = 80 + rng.Int64N(80)
		o.Grams = 500 + rng.Int64N(5000)
		o.Cold = rng.Float64() < .08
		if o.Cold {
			o.MaxRide = 45 * 60
		}
		if rng.Float64() < .65 {
			o.Door = offset(estates[rng.IntN(len(estates))], rng.Float64()*2*math.Pi, 140*math.Abs(rng.NormFloat64()))
		} else {
			o.Door = offset(site.Door, rng.Float64()*2*math.Pi, s.Reach*math.Sqrt(rng.Float64()))
		}
	}
	slices.SortFunc(out, func(a, b Order) int { return cmp.Compare(a.Placed, b.Placed) })
	for i := range out {
		out[i].ID = int64(i + 1)
	}
	return out
}

// instant draws when an order is placed.
func instant(rng *rand.Rand) int64 {
	total := 0.0
	for _, h := range hours {
		total += h
	}
	u := rng.Float64() * total
	for h, w := range hours {
		if u < w {
			return int64(h)*3600 + int64(u/w*3600)
		}
		u -= w
	}
	return 21*3600 + 3599
}

// shifts lays shifts of eight and of four hours until each hour has the riders its orders need, long ones first.
func shifts(s Setting, n int) []dispatch.Rider {
	total := 0.0
	for _, h := range hours {
		total += h
	}
	var need [24]float64
	for h, w := range hours {
		need[h] = float64(n) * w / total / s.PerRiderHour
	}
	var riders []dispatch.Rider
	lay := func(from, length int) {
		for h := from; h < min(from+length, 24); h++ {
			need[h]--
		}
		r := dispatch.Rider{ID: int64(len(riders) + 1), Free: int64(from) * 3600, Until: int64(min(from+length, 23)) * 3600,
			Parcels: 6, Grams: 30_000, ColdBox: len(riders)%2 == 0, PerHour: 3000, PerKm: 60}
		riders = append(riders, r)
	}
	for h := range need {
		for need[h] > 0 {
			// A long shift pays where the hours after it are short of riders too.
			lacking := 0
			for k := h; k < min(h+8, 22); k++ {
				if need[k] > 0 {
					lacking++
				}
			}
			if lacking >= 7 {
				lay(h, 8)
			} else {
				lay(h, 4)
			}
		}
	}
	return riders
}

// offset gives the point so many metres away in a direction.
func offset(p solver.Point, angle, metres float64) solver.Point {
	lat := p.Lat + metres*math.Cos(angle)/111_195
	return solver.Point{Lat: lat, Lon: p.Lon + metres*math.Sin(angle)/(111_195*math.Cos(p.Lat*math.Pi/180))}
}
