package sisr

// Weights of the orders in which absent customers are put back: at random, by
// demand, far from the depot first, near first; and with windows by their
// width, begin and end.
var orderWeights = []int{4, 4, 2, 1, 2, 2, 2}

func (s *shared) orders() {
	n := s.Nodes
	demand, far, near := make([]int32, n), make([]int32, n), make([]int32, n)
	for u := s.Depots; u < n; u++ {
		best := int32(never)
		for d := range s.Depots {
			best = min(best, s.Dist[d*n+u])
		}
		demand[u], far[u], near[u] = -s.Demand[u], -best, best
	}
	s.keys = [][]int32{nil, demand, far, near}
	if s.Due != nil {
		width, end := make([]int32, n), make([]int32, n)
		for u := range n {
			width[u], end[u] = s.Due[u]-s.Ready[u], -s.Due[u]
		}
		s.keys = append(s.keys, width, s.Ready, end)
	}
	sum := 0
	for i := range s.keys {
		sum += orderWeights[i]
		s.weights = append(s.weights, sum)
	}
}

// recreate puts back what it can of the absent customers, greedily in a
// random order of orders.
func (st *state) recreate() {
	st.sortMissing()
	left := st.missing[:0]
	for k, u := range st.missing {
		p := st.best(u)
		if p.route >= 0 {
			st.insert(u, p)
			continue
		}
		left = append(left, u)
		if st.strict && len(left) > len(st.oldMiss) {
			// This plan is lost.
			left = append(left, st.missing[k+1:]...)
			break
		}
	}
	st.missing = left
}

func (st *state) sortMissing() {
	m := st.missing
	w, o := st.rnd.below(st.weights[len(st.weights)-1]), 0
	for st.weights[o] <= w {
		o++
	}
	for i := len(m) - 1; i > 0; i-- {
		j := st.rnd.below(i + 1)
		m[i], m[j] = m[j], m[i]
	}
	if o == 0 {
		return
	}
	key := st.keys[o]
	if len(m) > 64 {
		sortBy(m, key)
		return
	}
	for i := 1; i < len(m); i++ {
		u := m[i]
		x := key[u]
		j := i
		for ; j > 0 && key[m[j-1]] > x; j-- {
			m[j] = m[j-1]
		}
		m[j] = u
	}
}
