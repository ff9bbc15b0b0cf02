package campaignops_test

import (
	"testing"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaignops"
)

// A member's balance is on its way when the window closes: the provider's word comes a minute late, twice. The money goes back whole, once; the
// pledge stays one that defaulted, and its deposit is kept.
func TestABalanceThatComesAfterItsWindowGoesBackOnce(t *testing.T) {
	w := newWorld(t)
	c := w.open(w.terms(campaign.DepositBalance))
	w.pledge(c.ID, "bo", "std", 6)
	late := w.pledge(c.ID, "an", "std", 6)
	w.pay()
	w.pass(25 * time.Hour)
	w.tick()
	if _, err := w.ops.PayBalance(w.shop, c.ID, 1); err != nil {
		t.Fatal(err)
	}
	w.pay()
	i, err := w.ops.PayBalance(w.shop, c.ID, late.Seq) // asked in time …
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.pool.Exec(t.Context(), `update c2m.payment set state = 'sent', attempts = 1, next_at = null where key = $1`, i.Key); err != nil { // … and told, without an answer
		t.Fatal(err)
	}
	w.pass(48*time.Hour + time.Minute)
	w.tick()
	if p := w.of(c.ID, late.Seq); p.State != campaign.Defaulted {
		t.Fatalf("%s", p.State)
	}
	before := w.proved(c.ID)
	m := campaignops.Message{ID: "evt-1", Key: c.Number + "/" + i.Key, Outcome: campaignops.Done, Fen: i.Fen}
	for n, again := range []bool{false, true} {
		if h, err := w.ops.Hear(w.house, m); err != nil || h.Again != again || h.Returned == again {
			t.Errorf("time %d: %+v, %v", n+1, h, err)
		}
	}
	w.pay()
	after := w.proved(c.ID)
	if p := w.of(c.ID, late.Seq); p.State != campaign.Defaulted || p.Paid != i.Fen+6*5000 || p.Refunded != i.Fen {
		t.Errorf("%+v", p)
	}
	for _, a := range []campaign.Account{campaign.Escrow, campaign.Forfeits, campaign.Payable, campaign.Member} {
		if before[a] != after[a] {
			t.Errorf("%s was %d, is %d", a, before[a], after[a])
		}
	}
	if c = w.get(c.ID); c.ToDeliver != 6 {
		t.Errorf("%d to deliver", c.ToDeliver)
	}
	_, err = w.ops.PayBalance(w.shop, c.ID, late.Seq)
	is(t, err, campaign.ErrBalance)
}
