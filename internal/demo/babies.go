package demo

import "math"

// births gives the relative number of customers' babies born x days from today: a wave nineteen months ago, whose
// children grow through the sizes, and a smaller one five months ago.
func births(x float64) float64 {
	bell := func(months, width float64) float64 {
		z := (x/monthDays + months) / width
		return math.Exp(-z * z / 2)
	}
	return 1 + .65*bell(19, 2.2) + .25*bell(5, 1.6)
}

const monthDays = 30.44

// babies gives for each day from first to last (counted from today) the number of babies aged from..to months, in
// proportion to the number on day 0. An empty span of ages gives ones.
func babies(first, last int, from, to float64) []float64 {
	out := make([]float64, last-first+1)
	if to <= from {
		for i := range out {
			out[i] = 1
		}
		return out
	}
	// Sum the births in weekly steps over the span; its ends are soft, for babies of an age differ in size.
	at := func(day float64) float64 {
		sum, weights := 0.0, 0.0
		soft := math.Max(.15*(to-from), .3)
		for age := math.Max(0, from-2*soft); age < to+2*soft; age += .25 {
			w := 1 / ((1 + math.Exp(-(age-from)/soft*2)) * (1 + math.Exp((age-to)/soft*2)))
			sum += w * births(day-age*monthDays)
			weights += w
		}
		return sum / weights
	}
	// The curve is smooth: exact every seventh day, straight between.
	now := at(0)
	for i := 0; i < len(out); i += 7 {
		a, b := at(float64(first+i))/now, at(float64(first+i+7))/now
		for j := i; j < min(i+7, len(out)); j++ {
			out[j] = a + (b-a)*float64(j-i)/7
		}
	}
	return out
}
