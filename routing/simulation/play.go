package simulation

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"milkrun/routing/dispatch"
)

// Epoch is how often a policy decides, in seconds.
const Epoch = 30

// Policy decides which rounds leave now. riders are all on shift; Free of those on the road is when they are expected back.
// parcels are those not yet on the road, the ones still being packed included.
type Policy func(ctx context.Context, site dispatch.Site, now int64, parcels []dispatch.Parcel, riders []dispatch.Rider) ([]dispatch.Trip, error)

// Result is what a day came to.
type Result struct {
	Orders, Dropped, OnTime int
	LateMinutes             float64 // over all late drops
	Minutes                 []float64
	Trips                   int
	Metres                  int64
	RoadSeconds             int64
	ShiftSeconds            int64
	Cost                    int64 // fen: hours on the road and kilometres
	RiderDrops              []int
	Planning                time.Duration
}

// Add joins the results of two warehouses.
func (r *Result) Add(o Result) {
	r.Orders, r.Dropped, r.OnTime, r.LateMinutes = r.Orders+o.Orders, r.Dropped+o.Dropped, r.OnTime+o.OnTime, r.LateMinutes+o.LateMinutes
	r.Minutes, r.Trips, r.Metres = append(r.Minutes, o.Minutes...), r.Trips+o.Trips, r.Metres+o.Metres
	r.RoadSeconds, r.ShiftSeconds, r.Cost = r.RoadSeconds+o.RoadSeconds, r.ShiftSeconds+o.ShiftSeconds, r.Cost+o.Cost
	r.RiderDrops, r.Planning = append(r.RiderDrops, o.RiderDrops...), r.Planning+o.Planning
}

// ride is a rider's state in the play.
type ride struct {
	dispatch.Rider
	back  int64 // really
	drops int
}

// Play plays the day of one warehouse. Rides take longer or shorter than planned, by the same luck for every policy.
func Play(ctx context.Context, h House, policy Policy) (Result, error) {
	res := Result{Orders: len(h.Orders)}
	riders := make([]ride, len(h.Riders))
	for i, r := range h.Riders {
		riders[i] = ride{Rider: r, back: r.Free}
		res.ShiftSeconds += r.Until - r.Free
	}
	open, next := map[int64]Order{}, 0
	for now := int64(7 * 3600); now < 24*3600 && (next < len(h.Orders) || len(open) > 0); now += Epoch {
		for next < len(h.Orders) && h.Orders[next].Placed <= now {
			open[h.Orders[next].ID] = h.Orders[next]
			next++
		}
		parcels, on := view(now, open, riders)
		if len(parcels) == 0 || len(on) == 0 {
			continue
		}
		begin := time.Now()
		trips, err := policy(ctx, h.Site, now, parcels, on)
		if err != nil {
			return res, err
		}
		res.Planning += time.Since(begin)
		for _, t := range trips {
			res.leave(t, open, &riders[slices.IndexFunc(riders, func(r ride) bool { return r.ID == t.Rider })])
		}
	}
	for _, r := range riders {
		res.RiderDrops = append(res.RiderDrops, r.drops)
	}
	return res, nil
}

// view is what the policy may know.
func view(now int64, open map[int64]Order, riders []ride) (parcels []dispatch.Parcel, on []dispatch.Rider) {
	for _, o := range open {
		parcels = append(parcels, o.Parcel)
	}
	slices.SortFunc(parcels, func(a, b dispatch.Parcel) int { return int(a.ID - b.ID) })
	for i := range riders {
		r := &riders[i]
		if r.back > now {
			r.Free = max(r.Free, now+60) // overdue: expected any minute
		} else {
			r.Free = min(r.Free, now)
			r.Free = max(r.Free, r.back)
		}
		if r.Until > now && (r.back <= now || r.drops > 0 || r.Free <= now+1800) {
			on = append(on, r.Rider)
		}
	}
	return parcels, on
}

// leave lets a round happen: its way takes as long as luck has it.
func (res *Result) leave(t dispatch.Trip, open map[int64]Order, r *ride) {
	luck := rand.New(rand.NewPCG(uint64(t.Parcels[0].Parcel), uint64(t.Leaves/600)))
	factor := math.Exp(.12 * luck.NormFloat64())
	res.Trips++
	res.Metres += t.Metres
	for _, d := range t.Parcels {
		o, there := open[d.Parcel]
		if !there {
			continue // two rounds with the same parcel count it once
		}
		delete(open, d.Parcel)
		at := t.Leaves + int64(float64(d.At-t.Leaves)*factor)
		res.Dropped++
		r.drops++
		res.Minutes = append(res.Minutes, float64(at-o.Placed)/60)
		if at <= o.Due {
			res.OnTime++
		} else {
			res.LateMinutes += float64(at-o.Due) / 60
		}
	}
	took := int64(float64(t.Back-t.Leaves) * factor)
	r.back, r.Free = t.Leaves+took, t.Back
	res.RoadSeconds += took
	res.Cost += (took*r.PerHour+1800)/3600 + (t.Metres*r.PerKm+500)/1000
}
