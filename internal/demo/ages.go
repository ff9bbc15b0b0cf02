package demo

// Births gives the relative number of babies born a month around the day, counted in days from today: 1 is usual. They are those that
// the sales of SKUs for an age follow.
func Births(days float64) float64 { return births(days) }

// Ages gives the months of age that SKUs are for, from..to, by code; those for every age are absent.
func (w *World) Ages() map[string][2]int {
	out := map[string][2]int{}
	for i := range w.list {
		it := &w.list[i]
		if from, to := int(it.from), int(it.to); to > from && to <= 72 {
			out[it.Code] = [2]int{from, to}
		}
	}
	return out
}
