package solver

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Profile is how a kind of vehicle moves between places.
type Profile struct {
	// Size is the number of places. Seconds[a*Size+b] and Metres[a*Size+b] are
	// the way from a to b. Both may be the same slice.
	Size            int
	Seconds, Metres []int32
	// Speed, if any, are factors by time of day: from From on, ways take
	// 100/Percent as long. Sorted by From; before the first, 100.
	Speed []SpeedStep
}

// SpeedStep is a speed that holds from an instant on.
type SpeedStep struct {
	From    int64
	Percent int
}

// Way is the seconds and metres from a to b, leaving at the instant t. With
// speed steps a way that crosses a step goes on at the new speed, so that who
// leaves later never arrives earlier.
func (p *Profile) Way(a, b int, t int64) (seconds, metres int64) {
	at := a*p.Size + b
	s, m := int64(p.Seconds[at]), int64(p.Metres[at])
	if len(p.Speed) > 0 {
		s = p.stretch(s, t)
	}
	return s, m
}

// stretch is how long a way of base seconds takes when it is begun at t.
func (p *Profile) stretch(base, t int64) int64 {
	work, now := base*100, t // work in seconds × percent
	k := p.step(t)
	for work > 0 {
		percent := int64(100)
		if k >= 0 {
			percent = int64(p.Speed[k].Percent)
		}
		need := (work + percent - 1) / percent
		if k+1 >= len(p.Speed) || now+need <= p.Speed[k+1].From {
			return now + need - t
		}
		work -= (p.Speed[k+1].From - now) * percent
		now = p.Speed[k+1].From
		k++
	}
	return now - t
}

// step is the index of the speed that holds at t, −1 before the first.
func (p *Profile) step(t int64) int {
	i, ok := slices.BinarySearchFunc(p.Speed, t, func(s SpeedStep, t int64) int {
		switch {
		case s.From < t:
			return -1
		case s.From > t:
			return 1
		}
		return 0
	})
	if ok {
		return i
	}
	return i - 1
}

// departure is the latest instant at which a way of base seconds can be begun
// to arrive by t.
func (p *Profile) departure(base, t int64) int64 {
	if len(p.Speed) == 0 {
		return t - base
	}
	lo, hi := t-100*base-1, t // percent is at least 1
	for lo+1 < hi {
		mid := lo + (hi-lo)/2
		if mid+p.stretch(base, mid) <= t {
			lo = mid
		} else {
			hi = mid
		}
	}
	if hi+p.stretch(base, hi) <= t {
		return hi
	}
	return lo
}

// Point is a place on the earth in degrees (WGS 84).
type Point struct{ Lat, Lon float64 }

// EarthRadius is the mean radius in metres (IUGG).
const EarthRadius = 6371008.8

// Metres is the great-circle distance of two points (haversine formula).
func Metres(a, b Point) float64 {
	const rad = math.Pi / 180
	dLat, dLon := (b.Lat-a.Lat)*rad, (b.Lon-a.Lon)*rad
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*math.Pow(math.Sin(dLon/2), 2)
	return 2 * EarthRadius * math.Asin(math.Min(1, math.Sqrt(h)))
}

// Straight is the profile of a vehicle that drives detour times the straight
// line at so many kilometres an hour, with so many seconds lost at each start
// (lights, parking).
func Straight(points []Point, detour, kmh float64, lost int64) Profile {
	n := len(points)
	p := Profile{Size: n, Seconds: make([]int32, n*n), Metres: make([]int32, n*n)}
	for i := range n {
		for j := range n {
			if i == j {
				continue
			}
			m := Metres(points[i], points[j]) * detour
			p.Metres[i*n+j] = int32(math.Round(m))
			p.Seconds[i*n+j] = int32(math.Ceil(m/(kmh/3.6))) + int32(lost)
		}
	}
	return p
}

// Roads tells the ways between points: from straight lines, or from a road
// network's server behind a cache.
type Roads interface {
	// Ways gives the profile of a kind of vehicle ("bike", "van", …) between
	// the points.
	Ways(ctx context.Context, kind string, points []Point) (Profile, error)
}

// StraightRoads are Roads without a network: detour times the straight line,
// by kind of vehicle.
type StraightRoads map[string]Straightness

// Straightness is how a kind of vehicle gets along: detour over the straight
// line, kilometres an hour, and seconds lost at each start.
type Straightness struct {
	Detour, KmH float64
	Lost        int64
}

// Ways implements Roads.
func (s StraightRoads) Ways(_ context.Context, kind string, points []Point) (Profile, error) {
	k, ok := s[kind]
	if !ok {
		return Profile{}, fmt.Errorf("%w: no profile for vehicles of kind %q", ErrProblem, kind)
	}
	return Straight(points, k.Detour, k.KmH, k.Lost), nil
}
