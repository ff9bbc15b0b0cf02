package solver

// carry checks what does not depend on times: skills, loads in every
// dimension, goods that clash, pairs in order and on one trip, stops and
// trips. It gives the first breach.
func (m *model) carry(v int, visits []Visit, t *tape) (Breach, bool) {
	veh := &m.Vehicles[v]
	stops, trips := 0, 1
	for k := 0; k < len(visits); {
		end := k
		for end < len(visits) && visits[end].Action != Reload {
			end++
		}
		stops += end - k
		if b, ok := m.carryTrip(v, visits, k, end, t); !ok {
			return b, false
		}
		if end < len(visits) {
			trips++
		}
		k = end + 1
	}
	if veh.MaxStops > 0 && stops > veh.MaxStops {
		return Breach{MaxStops, v, -1, -1, int64(stops - veh.MaxStops)}, false
	}
	if trips > veh.trips() {
		return Breach{MaxTrips, v, -1, -1, int64(trips - veh.trips())}, false
	}
	return Breach{}, true
}

// aboard is what is in the vehicle.
type aboard struct {
	load    [mostDimensions]int64
	count   [mostClasses]int32
	classes uint64
}

func (a *aboard) add(m *model, j *Job) {
	for d, q := range j.Load {
		a.load[d] += q
	}
	if m.mixing && j.Goods > 0 {
		a.count[j.Goods]++
		a.classes |= 1 << j.Goods
	}
}

func (a *aboard) take(m *model, j *Job) {
	for d, q := range j.Load {
		a.load[d] -= q
	}
	if m.mixing && j.Goods > 0 {
		if a.count[j.Goods]--; a.count[j.Goods] == 0 {
			a.classes &^= 1 << j.Goods
		}
	}
}

// over is the first dimension's excess, 0 if all fits.
func (a *aboard) over(veh *Vehicle) int64 {
	for d, q := range a.load {
		limit := int64(0)
		if d < len(veh.Capacity) {
			limit = veh.Capacity[d]
		}
		if q > limit {
			return q - limit
		}
	}
	return 0
}

func (a *aboard) clash(m *model) bool {
	for rest, g := a.classes, 0; m.mixing && rest != 0; rest, g = rest>>1, g+1 {
		if rest&1 != 0 && a.classes&m.clash[g] != 0 {
			return true
		}
	}
	return false
}

// carryTrip follows the loads of visits[from:to], a trip.
func (m *model) carryTrip(v int, visits []Visit, from, to int, t *tape) (Breach, bool) {
	veh := &m.Vehicles[v]
	var on aboard
	t.tripNo++
	for k := from; k < to; k++ {
		x := visits[k]
		j := &m.Jobs[x.Job]
		if !m.allowed[x.Job][v] {
			c := OtherVehicle
			if j.Skills&^veh.Skills != 0 {
				c = NoSkill
			}
			return Breach{c, v, x.Job, k, 0}, false
		}
		if x.Action == Deliver && len(j.Pickup) == 0 {
			on.add(m, j)
		}
	}
	if by := on.over(veh); by > 0 {
		return Breach{Capacity, v, -1, from, by}, false
	}
	if on.clash(m) {
		return Breach{Mixing, v, -1, from, 0}, false
	}
	for k := from; k < to; k++ {
		x := visits[k]
		j := &m.Jobs[x.Job]
		if x.Action == Deliver {
			if len(j.Pickup) > 0 {
				if t.trip[x.Job] != t.tripNo {
					return Breach{PairOrder, v, x.Job, k, 0}, false
				}
				t.trip[x.Job] = 0
			}
			on.take(m, j)
			continue
		}
		on.add(m, j)
		if len(j.Delivery) > 0 {
			t.trip[x.Job] = t.tripNo
		}
		if by := on.over(veh); by > 0 {
			return Breach{Capacity, v, x.Job, k, by}, false
		}
		if on.clash(m) {
			return Breach{Mixing, v, x.Job, k, 0}, false
		}
	}
	// A pair that was begun must be ended on the trip.
	for k := from; k < to; k++ {
		if x := visits[k]; x.Action == PickUp && t.trip[x.Job] == t.tripNo && len(m.Jobs[x.Job].Delivery) > 0 {
			return Breach{PairOrder, v, x.Job, k, 0}, false
		}
	}
	return Breach{}, true
}
