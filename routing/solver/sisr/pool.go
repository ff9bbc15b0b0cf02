package sisr

// pool remembers rounds of good plans: routes, or with several trips all trips
// of a vehicle. Of each set of customers it keeps the shortest order met.
type pool struct {
	marks []uint64         // of each customer, by chance
	index map[uint64]int32 // by the marks of the customers and the depot
	flat  []int32
	cut   []bool  // with trips: a trip begins here
	from  []int32 // of each round in flat
	size  []int32
	cost  []int32
	home  []int32
	most  int
}

func newPool(nodes, most int) *pool {
	p := &pool{marks: make([]uint64, nodes), index: map[uint64]int32{}, most: most}
	rnd := newRandom(1)
	for i := range p.marks {
		p.marks[i] = rnd.next()
	}
	return p
}

func (p *pool) full() bool { return len(p.from) >= p.most }

// add remembers a round unless a shorter one of the same customers is known.
func (p *pool) add(home, cost int32, tours ...[]int32) {
	key, size := p.marks[home], int32(0)
	for _, tour := range tours {
		size += int32(len(tour))
		for _, u := range tour {
			key ^= p.marks[u]
		}
	}
	at := int32(len(p.flat))
	if k, ok := p.index[key]; ok {
		if cost >= p.cost[k] || size != p.size[k] {
			return
		}
		p.cost[k] = cost
		at = p.from[k]
	} else {
		if p.full() {
			return
		}
		p.index[key] = int32(len(p.from))
		p.from = append(p.from, at)
		p.size = append(p.size, size)
		p.cost = append(p.cost, cost)
		p.home = append(p.home, home)
		for range size {
			p.flat, p.cut = append(p.flat, 0), append(p.cut, false)
		}
	}
	for _, tour := range tours {
		for i, u := range tour {
			p.flat[at], p.cut[at] = u, i == 0
			at++
		}
	}
}

// merge adds what another pool knows.
func (p *pool) merge(o *pool) {
	for k := range o.from {
		p.add(o.home[k], o.cost[k], o.trips(int32(k))...)
	}
}

// tour is all customers of round k in order.
func (p *pool) tour(k int32) []int32 { return p.flat[p.from[k] : p.from[k]+p.size[k]] }

// trips is round k by trips.
func (p *pool) trips(k int32) [][]int32 {
	var out [][]int32
	lo, hi := p.from[k], p.from[k]+p.size[k]
	for i := lo + 1; i <= hi; i++ {
		if i == hi || p.cut[i] {
			out = append(out, p.flat[lo:i])
			lo = i
		}
	}
	return out
}

// collect remembers the rounds changed in this iteration.
func (st *state) collect(p *pool) {
	if st.trips == nil {
		for _, r := range st.touched {
			if len(st.tour[r]) > 0 {
				p.add(st.depot[r], st.cost[r], st.tour[r])
			}
		}
		return
	}
	for _, v := range st.trips.touched {
		st.collectVehicle(p, v)
	}
}

func (st *state) collectVehicle(p *pool, v int32) {
	var buf [16][]int32
	tours, cost := buf[:0], int32(0)
	for _, r := range st.trips.seq[v] {
		tours = append(tours, st.tour[r])
		cost += st.cost[r]
	}
	if len(tours) > 0 {
		p.add(0, cost, tours...)
	}
}

// collectAll remembers the rounds of a whole plan.
func (st *state) collectAll(p *pool) {
	if st.trips != nil {
		for v := range st.trips.seq {
			st.collectVehicle(p, int32(v))
		}
		return
	}
	for _, r := range st.active {
		p.add(st.depot[r], st.cost[r], st.tour[r])
	}
}
