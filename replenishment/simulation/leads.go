package simulation

import "math"

// LeadStats is what has been observed of a lane: the leads of all orders that have arrived by a day.
type LeadStats struct {
	Mean, SD float64
	counts   []int // counts[d]: orders that took d days
}

// statistics gives a lane's statistics as known at the end of each day from first on. It holds nothing of orders that are
// still on their way that day.
func statistics(leads []int, first, days int) []LeadStats {
	longest := 0
	for _, d := range leads[:days] {
		longest = max(longest, d)
	}
	arriving := make([][]int, days) // leads by day of arrival
	for t, d := range leads[:days] {
		if t+d < days {
			arriving[t+d] = append(arriving[t+d], d)
		}
	}
	out := make([]LeadStats, 0, days-first)
	counts := make([]int, longest+1)
	for day := range days {
		for _, d := range arriving[day] {
			counts[d]++
		}
		if day >= first {
			out = append(out, statsOf(counts))
		}
	}
	return out
}

func statsOf(counts []int) LeadStats {
	n, sum, square := 0, 0.0, 0.0
	for d, k := range counts {
		n += k
		sum += float64(k * d)
		square += float64(k * d * d)
	}
	if n == 0 {
		return LeadStats{Mean: 1}
	}
	s := LeadStats{Mean: sum / float64(n), counts: append([]int(nil), counts...)}
	s.SD = math.Sqrt(max(square/float64(n)-s.Mean*s.Mean, 0))
	return s
}

// Remaining gives how many more days an order is expected to take that was placed elapsed days ago and has not arrived:
// the mean of the observed leads that were longer, less elapsed; at least 1.
func (s LeadStats) Remaining(elapsed int) int {
	n, sum := 0, 0
	for d := elapsed + 1; d < len(s.counts); d++ {
		n += s.counts[d]
		sum += s.counts[d] * d
	}
	if n == 0 {
		return 1
	}
	return max(int(math.Round(float64(sum)/float64(n)))-elapsed, 1)
}
