package dispatch

import (
	"cmp"
	"slices"
)

// Greedy sends every rider who is in with the oldest parcel that is ready and the nearest others, door by door, as long as
// each of them is in time and fits. Nothing ready stays while somebody is in.
func Greedy(s Site, now int64, parcels []Parcel, riders []Rider) []Trip {
	var open []Parcel
	for _, p := range parcels {
		if p.Ready <= now {
			open = append(open, p)
		}
	}
	slices.SortStableFunc(open, func(a, b Parcel) int { return cmp.Compare(a.Due, b.Due) })
	var trips []Trip
	for _, r := range riders {
		if r.Free > now || r.Until <= now {
			continue
		}
		if round := s.nearest(r, now, &open); len(round) > 0 {
			trips = append(trips, s.Ride(r, now+s.Load, round))
		}
	}
	return trips
}

// nearest takes the rider's round out of open: the most urgent parcel, then the nearest to the last.
func (s Site) nearest(r Rider, now int64, open *[]Parcel) []Parcel {
	var round []Parcel
	for {
		best, bestWay := -1, int64(0)
		for i, p := range *open {
			if !r.Takes(p, round) {
				continue
			}
			if len(round) == 0 {
				if t := s.Ride(r, now+s.Load, []Parcel{p}); t.Back <= r.Until {
					best = i
					break
				}
				continue
			}
			way, _ := s.way(round[len(round)-1].Door, p.Door)
			if best >= 0 && way >= bestWay {
				continue
			}
			t := s.Ride(r, now+s.Load, append(slices.Clone(round), p))
			if t.Parcels[len(round)].Late == 0 && t.Warm == 0 && t.Back <= r.Until {
				best, bestWay = i, way
			}
		}
		if best < 0 {
			return round
		}
		round = append(round, (*open)[best])
		*open = slices.Delete(*open, best, best+1)
	}
}

// Takes tells whether the rider may carry the parcel beside those of the round.
func (r Rider) Takes(p Parcel, round []Parcel) bool {
	grams := p.Grams
	for _, q := range round {
		grams += q.Grams
	}
	return (p.Rider == 0 || p.Rider == r.ID) && (!p.Cold || r.ColdBox) &&
		(r.Parcels == 0 || len(round) < r.Parcels) && (r.Grams == 0 || grams <= r.Grams)
}
