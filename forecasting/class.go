package forecasting

import "math"

// Class is the demand pattern of a series.
type Class string

// The classes. The four in the middle are the quadrants of Syntetos, Boylan and Croston.
const (
	ClassNew          Class = "new"          // too little history to say
	ClassSmooth       Class = "smooth"       // ADI < 1.32, CV² < 0.49
	ClassIntermittent Class = "intermittent" // ADI ≥ 1.32, CV² < 0.49
	ClassErratic      Class = "erratic"      // ADI < 1.32, CV² ≥ 0.49
	ClassLumpy        Class = "lumpy"        // ADI ≥ 1.32, CV² ≥ 0.49
	ClassDead         Class = "dead"         // no demand for a long time
)

// Cut-offs of the demand quadrants: Syntetos, Boylan & Croston (2005), "On the categorization of demand
// patterns", Journal of the Operational Research Society 56(5), 495–503.
const (
	ADICut = 1.32 // average periods between two periods with demand
	CV2Cut = 0.49 // squared coefficient of variation of the demand of the periods that have one
)

// Limits of the classes at both ends of a product's life, in periods.
const (
	newUnder  = 28  // fewer known periods since the first demand: new
	deadAfter = 180 // and at least eight usual gaps without demand: dead
)

// Classify gives the class of a demand history (NaN = unknown, skipped).
func Classify(demand []float64) Class {
	adi, cv2, known, gap := pattern(demand)
	switch {
	case known == 0 || math.IsInf(adi, 1) && known < newUnder:
		return ClassNew
	case math.IsInf(adi, 1) || gap >= deadAfter && float64(gap) > 8*adi:
		return ClassDead
	case known < newUnder:
		return ClassNew
	case adi < ADICut && cv2 < CV2Cut:
		return ClassSmooth
	case adi < ADICut:
		return ClassErratic
	case cv2 < CV2Cut:
		return ClassIntermittent
	default:
		return ClassLumpy
	}
}

// Pattern gives the average interval between periods with demand (ADI, +Inf without demand) and the squared
// coefficient of variation of the sizes (CV²), counted from the first demand on.
func Pattern(demand []float64) (adi, cv2 float64) {
	adi, cv2, _, _ = pattern(demand)
	return adi, cv2
}

// pattern also counts the known periods from the first demand on (all of them when there is none) and the
// known periods since the last demand.
func pattern(demand []float64) (adi, cv2 float64, known, gap int) {
	var sum, sum2 float64
	var hits, silent int
	for _, v := range demand {
		switch {
		case math.IsNaN(v):
			continue
		case v > 0:
			hits++
			sum += v
			sum2 += v * v
			gap = 0
		case hits == 0:
			silent++
			continue
		default:
			gap++
		}
		known++
	}
	if hits == 0 {
		return math.Inf(1), 0, silent, silent
	}
	mean := sum / float64(hits)
	if hits > 1 {
		cv2 = max(sum2/float64(hits)-mean*mean, 0) / (mean * mean)
	}
	return float64(known) / float64(hits), cv2, known, gap
}
