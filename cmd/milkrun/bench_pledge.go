package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/c2m/campaignops"
	"milkrun/internal/catalog"
	"milkrun/internal/quantity"
)

// BenchPledgeCmd takes the pledges of a hot campaign's last minute.
type BenchPledgeCmd struct {
	Pledges int `help:"Pledges handed in, one piece each." default:"50000"`
	Quota   int `help:"Pieces that there are." default:"10000"`
	Rate    int `help:"Pledges a second of the first part, as members come." default:"1000"`
	Shops   int `help:"Shops that hand in at once in the second part, each as fast as it is answered." default:"64"`
	Paid    int `help:"Of a hundred members, those whose payment is confirmed by the provider meanwhile." default:"20"`
}

// Run measures twice: members who come at a rate, whether or not the house keeps up (the latency counts from when each came), and shops
// that hand in as fast as they are answered. It fails when the quota is not kept exactly or the waitlist is out of order.
func (c *BenchPledgeCmd) Run(ctx context.Context, cfg *Config) error {
	if c.Pledges < 1 || c.Quota < 1 || c.Rate < 1 || c.Shops < 1 {
		return errors.New("every number must be at least 1")
	}
	h, leave, err := benchHouse(ctx, cfg)
	if err != nil {
		return err
	}
	defer leave()
	ctx = h.asSystem(ctx)
	fmt.Printf("%d pledges of one piece, quota %d, %d CPUs\n\n", c.Pledges, c.Quota, runtime.NumCPU())
	fmt.Printf("%-34s %10s %8s %8s %8s %8s %10s %14s\n", "", "pledges/s", "p50", "p95", "p99", "max", "accepted", "CPU s (own)")
	for _, part := range []struct {
		name string
		hand func(context.Context, *house, *campaign.Campaign) ([]time.Duration, error)
	}{
		{fmt.Sprintf("members come at %d/s", c.Rate), c.atRate},
		{fmt.Sprintf("%d shops, as fast as answered", c.Shops), c.atOnce},
	} {
		if err := c.measure(ctx, h, part.name, part.hand); err != nil {
			return err
		}
	}
	return nil
}

func (c *BenchPledgeCmd) measure(ctx context.Context, h *house, name string, hand func(context.Context, *house, *campaign.Campaign) ([]time.Duration, error)) error {
	now := time.Now()
	hot, err := h.Campaigns.Create(ctx, campaign.About{Name: catalog.Name{ZH: "压测", EN: "Bench"}}, campaign.Terms{Mode: campaign.AllOrNothing,
		Charge: campaign.AtPledge, Goal: 1, Quota: quantity.Pieces(c.Quota), PerMember: 2, Start: now, Deadline: now.Add(24 * time.Hour),
		Tiers: []campaign.Tier{{Code: "std", Pieces: 1, Breaks: []campaign.Break{{Price: 29900}}}}})
	if err != nil {
		return err
	}
	if hot, err = h.Campaigns.Publish(ctx, hot.ID, 0); err != nil {
		return err
	}
	if _, err := h.db.Pool.Exec(ctx, "analyze"); err != nil {
		return err
	}
	began, cpu := time.Now(), ownCPU()
	took, err := hand(ctx, h, hot)
	if err != nil {
		return err
	}
	all, own := time.Since(began), ownCPU()-cpu
	slices.Sort(took)
	at := func(share float64) float64 { return ms(took[min(len(took)-1, int(share*float64(len(took))))]) }
	if err := c.prove(ctx, h, hot.ID); err != nil {
		return err
	}
	got, err := campaigndb.Get(ctx, h.db.Pool, hot.ID)
	if err != nil {
		return err
	}
	fmt.Printf("%-34s %10.0f %5.1f ms %5.1f ms %5.1f ms %5.1f ms %10d %14.1f\n", name, float64(len(took))/all.Seconds(), at(.5), at(.95), at(.99), at(1),
		got.Reserved, own.Seconds())
	return nil
}

// atRate hands pledges in at a steady rate, from as many goroutines as it takes.
func (c *BenchPledgeCmd) atRate(ctx context.Context, h *house, hot *campaign.Campaign) ([]time.Duration, error) {
	took := make([]time.Duration, c.Pledges)
	faults := make([]error, c.Pledges)
	var wg sync.WaitGroup
	began := time.Now()
	for i := range c.Pledges {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(c.Rate))
		if wait := time.Until(due); wait > 0 {
			time.Sleep(wait)
		}
		wg.Go(func() {
			faults[i] = c.one(ctx, h, hot, i)
			took[i] = time.Since(due)
		})
	}
	wg.Wait()
	return took, errors.Join(faults...)
}

// atOnce hands pledges in from a number of shops, each as soon as its last was answered.
func (c *BenchPledgeCmd) atOnce(ctx context.Context, h *house, hot *campaign.Campaign) ([]time.Duration, error) {
	took := make([]time.Duration, c.Pledges)
	faults := make([]error, c.Shops)
	next := make(chan int)
	var wg sync.WaitGroup
	for w := range c.Shops {
		wg.Go(func() {
			for i := range next {
				at := time.Now()
				if err := c.one(ctx, h, hot, i); err != nil {
					faults[w] = err
				}
				took[i] = time.Since(at)
			}
		})
	}
	for i := range c.Pledges {
		next <- i
	}
	close(next)
	wg.Wait()
	return took, errors.Join(faults...)
}

// one hands one pledge in; of some the provider's confirmation comes at once.
func (c *BenchPledgeCmd) one(ctx context.Context, h *house, hot *campaign.Campaign, i int) error {
	p, err := h.Campaigns.Pledge(ctx, hot.ID, campaignops.NewPledge{Request: campaign.Request{Member: fmt.Sprintf("m%07d", i), Tier: "std", Units: 1}, Key: fmt.Sprintf("k%07d", i)})
	if err != nil || p.State != campaign.Accepted || i%100 >= c.Paid {
		return err
	}
	go func() { // the provider comes by itself; the books are proved below
		_, _ = h.Campaigns.Hear(ctx, campaignops.Message{ID: fmt.Sprintf("%s-%d", hot.Number, p.Seq), Key: fmt.Sprintf("%s/%d/pledge/charge", hot.Number, p.Seq),
			Outcome: campaignops.Done, Fen: 29900})
	}()
	return nil
}

const (
	sqlBenchOrder = `select count(*) filter (where state = 'accepted'), count(*) filter (where state = 'waiting'),
		coalesce(max(seq) filter (where state = 'accepted') < min(seq) filter (where state = 'waiting'), true), count(distinct member), count(*)
		from c2m.pledge where campaign_id = $1`
)

// prove fails when more or less than the quota was accepted, the waitlist is not behind it, or the books disagree.
func (c *BenchPledgeCmd) prove(ctx context.Context, h *house, id campaign.ID) error {
	var accepted, waiting, members, all int
	var ordered bool
	if err := h.db.Pool.QueryRow(ctx, sqlBenchOrder, id).Scan(&accepted, &waiting, &ordered, &members, &all); err != nil {
		return err
	}
	want := min(c.Quota, c.Pledges)
	if accepted != want || waiting != c.Pledges-want || !ordered || members != c.Pledges || all != c.Pledges {
		return fmt.Errorf("%d accepted and %d waiting of %d (%d stored, %d members), in order: %v", accepted, waiting, c.Pledges, all, members, ordered)
	}
	faults, err := campaigndb.Prove(ctx, h.db.Pool, id)
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("the books of %d pledges disagree", len(faults))
	}
	return err
}

// ownCPU is the processor time of this process; the database's is not in it.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
