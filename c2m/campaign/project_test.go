package campaign_test

import (
	"testing"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/internal/quantity"
)

func TestProjectionFollowsASteadyRate(t *testing.T) {
	start := time.Unix(1_800_000_000, 0).UTC()
	c := campaign.New("CP", campaign.About{}, campaign.Terms{Start: start, Deadline: start.AddDate(0, 0, 20), Quota: 5000})
	c.State = campaign.Open
	var growth []campaign.Growth
	for h := 1; h <= 240; h++ {
		c.Reserved = quantity.Pieces(h * 5)
		growth = append(growth, campaign.Growth{At: start.Add(time.Duration(h) * time.Hour), Pieces: c.Reserved})
	}
	p, ok := c.Project(growth, start.AddDate(0, 0, 10))
	if !ok || p.Mean != 2400 || p.Rate != 120 || p.Low >= p.Mean || p.High <= p.Mean || p.Low < 2200 || p.High > 2600 {
		t.Errorf("%+v, %v", p, ok)
	}
	c.Quota = 1500
	if p, _ = c.Project(growth, start.AddDate(0, 0, 10)); p.Mean != 1500 || p.High != 1500 {
		t.Errorf("the quota does not bound it: %+v", p)
	}
	if _, ok := c.Project(growth, c.Deadline); ok {
		t.Error("projected beyond the deadline")
	}
}
