package sisr

import "math"

// random is xorshift64*: fast, good enough for a search, and the same
// everywhere.
type random uint64

func newRandom(seed int64) random {
	z := uint64(seed)*0x9e3779b97f4a7c15 + 0x632be59bd9b4e019
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	if z ^= z >> 31; z == 0 {
		z = 1
	}
	return random(z)
}

func (r *random) next() uint64 {
	x := uint64(*r)
	x ^= x >> 12
	x ^= x << 25
	x ^= x >> 27
	*r = random(x)
	return x * 0x2545f4914f6cdd1d
}

// below is uniform on 0 … n−1.
func (r *random) below(n int) int {
	return int((r.next() >> 32) * uint64(n) >> 32)
}

// unit is uniform on (0, 1).
func (r *random) unit() float64 {
	return (float64(r.next()>>11) + 0.5) / (1 << 53)
}

// skip is how many trials pass before the next success of probability p,
// given log(1−p).
func (r *random) skip(logMiss float64) int {
	return int(math.Log(r.unit()) / logMiss)
}
