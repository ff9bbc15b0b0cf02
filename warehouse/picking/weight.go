package picking

import (
	"cmp"
	"math"
	"slices"
)

// Learned is what is known of the weight of one piece of an SKU from weighings: their number, mean and spread, kept up with
// each new one (Welford, Technometrics 4(3), 1962). The zero Learned has seen none.
type Learned struct {
	N    int     `json:"n"`
	Mean float64 `json:"mean"` // grams
	M2   float64 `json:"m2"`   // sum of squared differences from the mean
}

// Observe gives what is known after a weighing of one piece, or of several by their mean.
func (l Learned) Observe(grams float64) Learned {
	l.N++
	d := grams - l.Mean
	l.Mean += d / float64(l.N)
	l.M2 += d * (grams - l.Mean)
	return l
}

// SD gives the standard deviation in grams, 0 below two weighings.
func (l Learned) SD() float64 {
	if l.N < 2 {
		return 0
	}
	return math.Sqrt(max(0, l.M2) / float64(l.N-1))
}

// enough weighings make what was learned count for more than the catalog's weight.
const enough = 5

// Part is pieces of one SKU in a parcel, each of a weight in grams with a standard deviation.
type Part struct {
	Pieces    int64
	Grams, SD float64
}

// PartOf gives the part for pieces of an SKU: by its weighings once there are five, else by the weight of the catalog with the
// tolerance that packages have (two per cent).
func PartOf(pieces int64, catalogGrams int, l Learned) Part {
	if l.N >= enough {
		return Part{Pieces: pieces, Grams: l.Mean, SD: max(l.SD(), 0.5)}
	}
	return Part{Pieces: pieces, Grams: float64(catalogGrams), SD: max(0.02*float64(catalogGrams), 0.5)}
}

// Weight is what a parcel should weigh, give or take Tolerance, in grams.
type Weight struct {
	Grams, Tolerance float64
	// Blind are the parts of which one piece is lighter than the tolerance: the scale cannot tell that it is missing. Unknown is
	// set when a part has no weight: then nothing can be said.
	Blind   []int
	Unknown bool
}

// sigmas is how many standard deviations of the content a parcel may be off.
const sigmas = 3

// Expect gives what a parcel in a box should weigh: three standard deviations of its content, and what the scale is off.
func Expect(boxGrams float64, parts []Part, scaleGrams float64) Weight {
	w := Weight{Grams: boxGrams}
	variance := 0.0
	for _, p := range parts {
		w.Grams += float64(p.Pieces) * p.Grams
		variance += float64(p.Pieces) * p.SD * p.SD
		w.Unknown = w.Unknown || p.Pieces > 0 && p.Grams <= 0
	}
	w.Tolerance = scaleGrams + sigmas*math.Sqrt(variance)
	for i, p := range parts {
		if p.Pieces > 0 && p.Grams <= w.Tolerance {
			w.Blind = append(w.Blind, i)
		}
	}
	return w
}

// Off gives by how many grams a weighing is off, and whether that is within the tolerance. Of a content of unknown weight every
// weighing is.
func (w Weight) Off(measured float64) (grams float64, ok bool) {
	off := measured - w.Grams
	return off, w.Unknown || math.Abs(off) <= w.Tolerance
}

// Suspect is what would explain a wrong weight: pieces of parts that are missing (positive) or too many (negative), and by how
// many grams it still would be off.
type Suspect struct {
	Missing map[int]int64 // by the index of the part
	Rest    float64
}

// extraPieces bounds how many pieces too many a hand takes.
const extraPieces = 2

// Suspects gives what would explain a weighing, the likeliest first, at most five: pieces of one part missing or too many,
// pieces of two parts missing, or one taken for another. What needs fewer mistakes is likelier than what comes a little nearer.
func Suspects(w Weight, parts []Part, measured float64) []Suspect {
	off, ok := w.Off(measured)
	if ok {
		return nil
	}
	type candidate struct {
		Suspect
		score float64
		key   [4]int64
	}
	var list []candidate
	try := func(i int, n int64, j int, m int64) {
		rest := off + float64(n)*parts[i].Grams
		missing, mistakes := map[int]int64{i: n}, 0.0
		if m != 0 {
			rest += float64(m) * parts[j].Grams
			missing[j] = m
			mistakes = 1
		}
		if math.Abs(rest) > w.Tolerance {
			return
		}
		mistakes += 0.2 * float64(max(n, -n)-1+max(0, max(m, -m)-1))
		list = append(list, candidate{Suspect{missing, rest}, mistakes + math.Abs(rest)/max(w.Tolerance, 1), [4]int64{int64(i), n, int64(j), m}})
	}
	for i, p := range parts {
		for n := int64(-extraPieces); n <= p.Pieces; n++ {
			if n != 0 {
				try(i, n, 0, 0)
			}
		}
		for j := range parts {
			if j == i || p.Pieces == 0 {
				continue
			}
			try(i, 1, j, -1) // one of i was taken for one of j
			if j > i && parts[j].Pieces > 0 {
				try(i, 1, j, 1)
			}
		}
	}
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.score, b.score), slices.Compare(a.key[:], b.key[:]))
	})
	var suspects []Suspect
	for _, c := range list[:min(len(list), 5)] {
		suspects = append(suspects, c.Suspect)
	}
	return suspects
}
