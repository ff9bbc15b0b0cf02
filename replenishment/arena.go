package replenishment

import "sync"

// arena hands out the number series of one plan and is used again for the next: planning hundreds of thousands of SKUs
// would otherwise keep the collector busier than the planner. Nothing that a Result holds may come from it.
type arena struct {
	block []float64
	used  int
}

var arenas = sync.Pool{New: func() any { return &arena{block: make([]float64, 16384)} }}

// take gives n zeros. A full block is left to the collector and replaced by a greater one.
func (a *arena) take(n int) []float64 {
	if a.used+n > len(a.block) {
		a.block, a.used = make([]float64, max(2*len(a.block), n)), 0
	}
	part := a.block[a.used : a.used+n : a.used+n]
	a.used += n
	clear(part)
	return part
}

// maxArena is the largest block that is kept, in numbers.
const maxArena = 1 << 18

// release gives the arena back for another plan.
func (a *arena) release() {
	if a.used = 0; len(a.block) <= maxArena {
		arenas.Put(a)
	}
}
