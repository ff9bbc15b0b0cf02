package sisr

// scanPairs looks for the cheapest two places of pickup u and its delivery.
// Costs obey the triangle inequality up to rounding: a pickup alone that costs
// more than the best pair is not followed further.
func (st *state) scanPairs(u int32, routes []int32, p *place, all bool) {
	n := st.Nodes
	v := st.Mate[u]
	a, b := int(u)*n, int(v)*n
	toU, fromU, timeToU, timeFromU := st.distT[a:a+n], st.Dist[a:a+n], st.timeT[a:a+n], st.Time[a:a+n]
	toV, fromV, timeToV, timeFromV := st.distT[b:b+n], st.Dist[b:b+n], st.timeT[b:b+n], st.Time[b:b+n]
	readyU, dueU, serviceU := st.Ready[u], st.Due[u], st.Service[u]
	readyV, dueV, serviceV := st.Ready[v], st.Due[v], st.Service[v]
	room := st.Capacity - st.Demand[u]
	best := p.cost
	for _, r := range routes {
		tour, depot := st.tour[r], st.depot[r]
		size := len(tour)
		i, t, on := depot, st.Ready[depot], int32(0)
		for k := 0; k <= size && t <= dueU; k++ {
			j, lateJ := depot, st.Due[depot]
			if k < size {
				j, lateJ = tour[k], st.slots[tour[k]].late
			}
			in := st.Dist[int(i)*n+int(j)]
			if on > room {
				goto advance
			}
			if up := toU[i] + fromU[j] - in; up < best {
				at := t + timeToU[i]
				if at > dueU {
					break
				}
				leave := max(at, readyU) + serviceU
				// The delivery directly after the pickup.
				if c := toU[i] + fromU[v] + fromV[j] - in; c < best {
					if at := leave + timeFromU[v]; at <= dueV && max(at, readyV)+serviceV+timeFromV[j] <= lateJ && (all || !st.blink()) {
						best, p.route, p.at, p.then = c, r, int32(k), int32(k)
					}
				}
				if k == size || leave > dueV {
					goto advance
				}
				// Or further on, at place m: between x and the customer there.
				x, when, load := j, leave+timeFromU[j], on+st.Demand[u]
				for m := k + 1; ; m++ {
					s := &st.slots[x]
					if when > s.late {
						break
					}
					if load += st.Demand[x]; load > st.Capacity {
						break
					}
					when = max(when, st.Ready[x]) + st.Service[x]
					if when > dueV {
						break
					}
					y, lateY := depot, st.Due[depot]
					if m < size {
						y, lateY = tour[m], st.slots[tour[m]].late
					}
					xy := st.Dist[int(x)*n+int(y)]
					if m < size {
						xy = st.slots[y].in
					}
					if c := up + toV[x] + fromV[y] - xy; c < best {
						if at := when + timeToV[x]; at <= dueV && max(at, readyV)+serviceV+timeFromV[y] <= lateY && (all || !st.blink()) {
							best, p.route, p.at, p.then = c, r, int32(k), int32(m)
						}
					}
					if m == size {
						break
					}
					when += st.Time[int(x)*n+int(y)]
					x = y
				}
			}
		advance:
			if k < size {
				s := &st.slots[j]
				i, t, on = j, s.depart, s.load
			}
		}
	}
	p.cost = best
}
