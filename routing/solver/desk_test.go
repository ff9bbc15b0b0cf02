package solver

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// city is a small town of riders from one front warehouse: place 0, in a
// square of four kilometres.
func city(riders, orders int, seed uint64) *Problem {
	rnd := rand.New(rand.NewPCG(seed, 1))
	points := []Point{{31.23, 121.47}}
	for range orders {
		points = append(points, Point{31.23 + (rnd.Float64()-0.5)*0.036, 121.47 + (rnd.Float64()-0.5)*0.042})
	}
	p := &Problem{Profiles: []Profile{Straight(points, 1.3, 18, 60)}}
	for r := range riders {
		v := Vehicle{ID: fmt.Sprint("rider ", r), Start: 0, End: 0, To: 4 * 3600, Capacity: []int64{12000}, PerHour: 3000, PerKm: 60, Trips: 6, ReloadTime: 120}
		if r%5 == 0 {
			v.Skills = Cold
		}
		p.Vehicles = append(p.Vehicles, v)
	}
	for o := range orders {
		at := rnd.Int64N(3600)
		j := Job{ID: fmt.Sprint("order ", o), Load: []int64{500 + rnd.Int64N(3000)}, Release: at,
			Delivery: []Stop{{Place: o + 1, Service: 120, Windows: []Window{{From: at, To: at + 1800, Until: 4 * 3600, LatePerHour: 3000}}}}}
		if o%9 == 0 {
			j.Skills, j.MaxRide = Cold, 1500
		}
		p.Jobs = append(p.Jobs, j)
	}
	return p
}

func TestOffersAreWhatThePlanWillCost(t *testing.T) {
	p := city(8, 40, 3)
	last := p.Jobs[39]
	p.Jobs = p.Jobs[:39]
	res := solve(t, p, 200, 1)
	d, err := NewDesk(p, res.Plan)
	if err != nil {
		t.Fatal(err)
	}
	offers, err := d.Offers(last)
	if err != nil {
		t.Fatal(err)
	}
	p.Jobs = append(p.Jobs, last)
	for i, o := range offers {
		if i > 0 && offers[i-1].Fits == o.Fits && offers[i-1].Cost > o.Cost {
			t.Errorf("offer %d is cheaper than the one before it", i)
		}
		if !o.Fits {
			t.Errorf("vehicle %d refuses: %v", o.Vehicle, o.Blocked)
			continue
		}
		rounds := map[int][]Visit{}
		for _, r := range res.Routes {
			for _, x := range r.Visits {
				rounds[r.Vehicle] = append(rounds[r.Vehicle], x.Visit)
			}
		}
		rounds[o.Vehicle] = o.Visits
		plan, err := p.Timetable(rounds)
		if err != nil {
			t.Fatal(err)
		}
		if broken := Verify(p, plan); len(broken) > 0 {
			t.Errorf("vehicle %d: %v", o.Vehicle, broken)
		}
		if plan.Score.Cost-res.Score.Cost != o.Cost {
			t.Errorf("vehicle %d asks %d, the plan rises by %d", o.Vehicle, o.Cost, plan.Score.Cost-res.Score.Cost)
		}
	}
}

func TestRefusalsNameTheConstraint(t *testing.T) {
	square := Profile{Size: 2, Seconds: []int32{0, 600, 600, 0}, Metres: []int32{0, 3000, 3000, 0}}
	base := Vehicle{Start: 0, End: 0, To: 7200, Capacity: []int64{10}}
	job := Job{Load: []int64{4}, Delivery: []Stop{{Place: 1, Service: 60}}}
	for _, c := range []struct {
		want   Constraint
		by     int64
		change func(v *Vehicle, j *Job)
	}{
		{NoSkill, 0, func(_ *Vehicle, j *Job) { j.Skills = Cold }},
		{OtherVehicle, 0, func(_ *Vehicle, j *Job) { j.Never = []int{0} }},
		{Capacity, 1, func(_ *Vehicle, j *Job) { j.Load[0] = 11 }},
		{WindowMissed, 100, func(_ *Vehicle, j *Job) { j.Delivery[0].Windows = []Window{{To: 500}} }},
		{Shift, 260, func(v *Vehicle, _ *Job) { v.To = 1000 }},
		{MaxDuration, 60, func(v *Vehicle, _ *Job) { v.MaxDuration = 1200 }},
		{MaxDistance, 1000, func(v *Vehicle, _ *Job) { v.MaxDistance = 5000 }},
		{MaxRide, 1, func(_ *Vehicle, j *Job) { j.MaxRide = 599 }},
	} {
		v, j := base, job
		j.Load = []int64{4}
		j.Delivery = []Stop{job.Delivery[0]}
		c.change(&v, &j)
		p := &Problem{Profiles: []Profile{square}, Vehicles: []Vehicle{v}}
		d, err := NewDesk(p, &Plan{})
		if err != nil {
			t.Fatal(err)
		}
		offers, err := d.Offers(j)
		if err != nil {
			t.Fatal(err)
		}
		if o := offers[0]; o.Fits || o.Blocked.Constraint != c.want || o.Blocked.By != c.by {
			t.Errorf("want %s by %d: %+v", c.want, c.by, o)
		}
	}
}

func TestExplanation(t *testing.T) {
	p := city(6, 30, 5)
	p.Jobs[4].Skills = Heavy
	res := solve(t, p, 200, 1)
	d, err := NewDesk(p, res.Plan)
	if err != nil {
		t.Fatal(err)
	}
	for j := range p.Jobs {
		e, err := d.Explain(j)
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Offers) != 6 {
			t.Fatalf("job %d: %d offers", j, len(e.Offers))
		}
		if j == 4 {
			if e.Vehicle != -1 || e.Offers[0].Blocked.Constraint != NoSkill {
				t.Errorf("job 4: %+v", e)
			}
			continue
		}
		if e.Vehicle < 0 || !e.Offers[0].Fits || e.Offers[0].Cost > e.Cost {
			t.Errorf("job %d: it costs %d here, the best offer is %+v", j, e.Cost, e.Offers[0])
		}
	}
	if e, _ := d.Explain(7); e.Vehicle < 0 {
		t.Error("asking changed the plan")
	}
	if _, err := d.Explain(30); err == nil {
		t.Error("job 30 does not exist")
	}
}

func BenchmarkOffers200Riders(b *testing.B) {
	p := city(200, 600, 9)
	last := p.Jobs[599]
	p.Jobs = p.Jobs[:599]
	res := solve(b, p, 1, 1)
	d, err := NewDesk(p, res.Plan)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := d.Offers(last); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReplan300Orders60Riders(b *testing.B) {
	p := city(60, 300, 9)
	for b.Loop() {
		solve(b, p, 100, 1)
	}
}
