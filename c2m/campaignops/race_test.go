package campaignops_test

import (
	"fmt"
	"sync"
	"testing"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/c2m/campaignops"
)

// Two processes race for the last pieces: exactly the quota is accepted, the rest wait in the order of their numbers, nothing twice.
func TestTheLastPieceIsSoldOnce(t *testing.T) {
	w := newWorld(t)
	terms := w.terms(campaign.AllOrNothing)
	terms.Quota = 101
	c := w.open(terms)
	houses := []*campaignops.Ops{w.ops, w.another()}
	var wg sync.WaitGroup
	faults := make(chan error, 600)
	for i := range 300 {
		for h, ops := range houses { // both processes hear of the same pledge
			wg.Go(func() {
				_, err := ops.Pledge(w.shop, c.ID, campaignops.NewPledge{Request: campaign.Request{Member: fmt.Sprintf("m%d", i), Tier: "std", Units: 1}, Key: fmt.Sprintf("k%d", i)})
				if err != nil {
					faults <- fmt.Errorf("house %d: %w", h, err)
				}
			})
		}
	}
	wg.Wait()
	close(faults)
	for err := range faults {
		t.Error(err)
	}
	got := w.get(c.ID)
	if got.Reserved != 101 || got.Backers != 101 || got.Waiting != 199 || got.LastSeq != 300 {
		t.Errorf("%d reserved, %d backers, %d waiting, %d pledges", got.Reserved, got.Backers, got.Waiting, got.LastSeq)
	}
	ps, err := campaigndb.Pledges(t.Context(), w.pool, c.ID, campaign.Accepted, campaign.Waiting)
	if err != nil || len(ps) != 300 {
		t.Fatal(len(ps), err)
	}
	for i, p := range ps {
		if (p.State == campaign.Accepted) != (i < 101) || p.Seq != int64(i+1) {
			t.Fatalf("pledge %d is the %d-th and %s", p.Seq, i+1, p.State)
		}
	}
	if _, err := w.ops.CancelPledge(w.shop, c.ID, 7); err != nil {
		t.Fatal(err)
	}
	if p := w.of(c.ID, 102); p.State != campaign.Accepted {
		t.Errorf("the first of the waitlist is %s", p.State)
	}
	w.pay()
	w.proved(c.ID)
}
