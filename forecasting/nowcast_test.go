package forecasting

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestCompleteDay holds the mean against the integral over the gamma distribution, worked out by itself.
func TestCompleteDay(t *testing.T) {
	for _, c := range []struct{ mean, sd, sold, share float64 }{{20, 8, 4, .5}, {20, 8, 18, .5}, {3, 3, 0, .8}, {100, 40, 90, .3}} {
		r := c.mean * c.mean / (c.sd*c.sd - c.mean)
		var top, below float64
		for i := range 200_000 {
			x := (float64(i) + .5) * 12 * c.mean / 200_000 // the rate of the day
			w := math.Exp((r-1)*math.Log(x) - r/c.mean*x + c.sold*math.Log(x) - c.share*x)
			top += w * x
			below += w
		}
		want := c.sold + (1-c.share)*top/below
		if got := CompleteDay(c.mean, c.sd, c.sold, c.share); math.Abs(got-want) > 1e-3*want {
			t.Errorf("%+v: %.4f, want %.4f", c, got, want)
		}
	}
}

func TestCompleteDayBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mean, sd := rapid.Float64Range(0, 1e4).Draw(t, "mean"), rapid.Float64Range(0, 1e4).Draw(t, "sd")
		sold, share := rapid.Float64Range(-5, 1e4).Draw(t, "sold"), rapid.Float64Range(0, 1).Draw(t, "share")
		got := CompleteDay(mean, sd, sold, share)
		if got < max(sold, 0)-1e-9 || math.IsNaN(got) || math.IsInf(got, 0) {
			t.Fatalf("%g", got)
		}
		if more := CompleteDay(mean, sd, max(sold, 0)+1, share); more < got {
			t.Fatalf("a piece more lowers the day from %g to %g", got, more)
		}
		if whole := CompleteDay(mean, sd, sold, 1); math.Abs(whole-max(sold, 0)) > 1e-9 {
			t.Fatalf("the day is over with %g and is completed to %g", sold, whole)
		}
	})
	if got := CompleteDay(20, 8, 0, 0); got != 20 {
		t.Errorf("before anything has come: %g", got)
	}
}

func TestDayCurve(t *testing.T) {
	c := UsualCurve
	if c.Share(0) != 0 || c.Share(DayMinutes) != 1 || math.Abs(c.Share(12*60+30)-(c[11]+c[12])/2) > 1e-12 {
		t.Errorf("%v %v %v", c.Share(0), c.Share(DayMinutes), c.Share(750))
	}
	early := LearnCurve([]HourShare{{Hour: 9, Share: .8, Days: 45}, {Hour: 40, Share: 2, Days: 1}, {Hour: 23, Share: .2, Days: 100}})
	if early[9] < .7 || early[10] < early[9] || early[23] != 1 || early.Share(8*60) > .3 {
		t.Errorf("%v", early)
	}
}
