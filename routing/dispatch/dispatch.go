// Package dispatch decides, minute by minute, which parcels of a front warehouse leave now, in which rounds and with which
// riders, and which wait for company.
//
// A parcel has a promise, and the way to its door takes a part of the time until then. What is left is slack. While a round
// has slack, waiting may bring parcels for the same way and save a ride; once the slack is used up the round must go. Planner
// plans everything that is open at every epoch and lets go what must go or gains nothing by waiting; Greedy is what a
// dispatcher does by hand: whoever is in takes the oldest parcel and what lies near it, at once.
//
// Instants and durations are seconds from an origin that the caller chooses, distances metres, money fen.
package dispatch

import "milkrun/routing/solver"

// Parcel is one parcel in the open pool of a warehouse.
type Parcel struct {
	ID      int64
	Door    solver.Point
	Ready   int64 // packed, or expected to be
	Due     int64 // promised to be at the door
	Service int64 // at the door
	Grams   int64
	Cold    bool
	// MaxRide is the longest time out of the cold room; 0: any.
	MaxRide int64
	// Rider, if not 0, is the only rider that may take it: a dispatcher has pinned it.
	Rider int64
	// Pickup says that it is fetched at the door, from Ready on, and brought to the warehouse. Again says that it is in the bag and its
	// door is tried once more, from Ready on.
	Pickup, Again bool
}

// Rider is one rider of the warehouse.
type Rider struct {
	ID int64
	// Free is when the rider is (back) at the warehouse, Until when the shift ends.
	Free, Until int64
	// Parcels and Grams bound a round; 0: no bound.
	Parcels int
	Grams   int64
	ColdBox bool
	PerHour int64 // fen an hour on the road
	PerKm   int64 // fen a kilometre
}

// Site is the warehouse and how its riders move.
type Site struct {
	Door solver.Point
	// Detour times the straight line is ridden at Kmh; Lost seconds go at each start.
	Detour, Kmh float64
	Lost        int64
	// Load is the time to load a round at the warehouse.
	Load int64
	// Roads, if any, knows the ways of a road network; points that it does not know are joined by the straight line.
	Roads *Roads
	// Speed are the factors by time of day, on the clock of the instants; none: the same all day.
	Speed []solver.SpeedStep
}

// Roads are ways of a road network between points.
type Roads struct {
	index   map[solver.Point]int
	profile solver.Profile
}

// NewRoads takes the ways of a profile over the points, which are in the order of its places.
func NewRoads(points []solver.Point, p solver.Profile) *Roads {
	r := &Roads{index: make(map[solver.Point]int, len(points)), profile: p}
	for i, x := range points {
		r.index[x] = i
	}
	return r
}

// way gives the way from a to b; ok is false where one of them is not known.
func (r *Roads) way(a, b solver.Point) (seconds, metres int64, ok bool) {
	i, there := r.index[a]
	j, also := r.index[b]
	if !there || !also {
		return 0, 0, false
	}
	at := i*r.profile.Size + j
	return int64(r.profile.Seconds[at]), int64(r.profile.Metres[at]), true
}

// Trip is one round: out, along the doors, and back.
type Trip struct {
	Rider   int64
	Leaves  int64 // from the warehouse, loaded
	Parcels []Drop
	Back    int64
	Metres  int64
	Cost    int64 // fen: hours on the road and kilometres
	// Slack is how much later the round could leave without being (more) late.
	Slack int64
	// Warm is how many seconds cold goods would be out of the cold room beyond their limit, all together.
	Warm int64
}

// Drop is one parcel of a trip with the instant at its door.
type Drop struct {
	Parcel int64
	At     int64
	Late   int64 // seconds after the promise
}

// way gives the riding time and distance between two points with free roads.
func (s Site) way(a, b solver.Point) (seconds, metres int64) {
	if a == b {
		return 0, 0
	}
	if s.Roads != nil {
		if seconds, metres, ok := s.Roads.way(a, b); ok {
			return seconds + s.Lost, metres
		}
	}
	m := solver.Metres(a, b) * s.Detour
	return int64(m/(s.Kmh/3.6)+.999999) + s.Lost, int64(m + .5)
}

// wayAt is way when it is begun at the instant: slower while roads are full.
func (s Site) wayAt(a, b solver.Point, at int64) (seconds, metres int64) {
	seconds, metres = s.way(a, b)
	if len(s.Speed) > 0 {
		p := solver.Profile{Size: 1, Seconds: []int32{int32(seconds)}, Metres: []int32{0}, Speed: s.Speed}
		seconds, _ = p.Way(0, 0, at)
	}
	return seconds, metres
}

// Ride times a round of the rider with the parcels in the order given, leaving at the instant or when its last parcel is
// ready.
func (s Site) Ride(r Rider, leaves int64, parcels []Parcel) Trip {
	t := Trip{Rider: r.ID, Leaves: leaves, Slack: solver.Horizon}
	for _, p := range parcels {
		if !p.Pickup {
			t.Leaves = max(t.Leaves, p.Ready+s.Load)
		}
	}
	now, at := t.Leaves, s.Door
	for _, p := range parcels {
		seconds, metres := s.wayAt(at, p.Door, now)
		now, at, t.Metres = now+seconds, p.Door, t.Metres+metres
		if p.Pickup {
			now = max(now, p.Ready)
		}
		t.Parcels = append(t.Parcels, Drop{Parcel: p.ID, At: now, Late: max(0, now-p.Due)})
		t.Slack = min(t.Slack, max(0, p.Due-now))
		if p.MaxRide > 0 && !p.Pickup {
			t.Warm += max(0, now-t.Leaves-p.MaxRide)
		}
		now += p.Service
	}
	seconds, metres := s.wayAt(at, s.Door, now)
	t.Back, t.Metres = now+seconds, t.Metres+metres
	t.Cost = ((t.Back-t.Leaves)*r.PerHour+1800)/3600 + (t.Metres*r.PerKm+500)/1000
	return t
}
