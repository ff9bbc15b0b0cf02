package campaignops_test

import (
	"testing"
	"time"

	"milkrun/c2m"
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/c2m/campaignops"
)

func TestAllOrNothingIsWonAtTheBreakReached(t *testing.T) {
	w := newWorld(t)
	c := w.open(w.terms(campaign.AllOrNothing))
	w.pledge(c.ID, "an", "early", 4)
	late := w.pledge(c.ID, "bo", "early", 1) // the early birds are gone
	w.pledge(c.ID, "cui", "std", 6)
	gone := w.pledge(c.ID, "deng", "std", 2)
	w.pledge(c.ID, "e", "pair", 2)
	if late.State != campaign.Waiting || pieces(w.get(c.ID)) != 16 {
		t.Fatalf("%s, %d pieces", late.State, pieces(w.get(c.ID)))
	}
	w.pay()
	if got := w.proved(c.ID)[campaign.Escrow]; got != 4*26900+8*29900+2*56900 {
		t.Errorf("in escrow %d", got)
	}
	if _, err := w.ops.CancelPledge(w.shop, c.ID, gone.Seq); err != nil {
		t.Fatal(err)
	}
	w.pay()
	if p := w.of(c.ID, gone.Seq); p.State != campaign.PledgeCancelled || p.Refunded != 2*29900 {
		t.Errorf("%+v", p)
	}
	w.pass(24*time.Hour + time.Minute)
	w.tick()
	w.pay()
	c = w.get(c.ID)
	if c.State != campaign.Succeeded || *c.AtClose != 14 || c.ToDeliver != 14 || c.FactoryPieces() != 15 || c.Final["std"] != 28900 {
		t.Errorf("%+v", c)
	}
	if p := w.of(c.ID, 3); p.State != campaign.Confirmed || p.Refunded != 6*1000 {
		t.Errorf("the difference of the price: %+v", p)
	}
	all := w.proved(c.ID)
	if all[campaign.Escrow] != 4*26900+6*28900+2*56900 || all[campaign.Payable] != 0 {
		t.Errorf("%v", all)
	}
	if len(w.facts) != 1 || w.facts[0].(c2m.CampaignClosed).Pieces != 14 || !w.facts[0].(c2m.CampaignClosed).Won {
		t.Errorf("facts %+v", w.facts)
	}
	w.tick() // closing again changes nothing
	w.proved(c.ID)
	_, err := w.ops.Pledge(w.shop, c.ID, campaignops.NewPledge{Request: campaign.Request{Member: "f", Tier: "std", Units: 1}, Key: "late"})
	is(t, err, campaign.ErrDeadline)
}

func TestMissedGoalGivesEverythingBackOneByOne(t *testing.T) {
	w := newWorld(t)
	c := w.open(w.terms(campaign.GroupBuy))
	w.pledge(c.ID, "an", "std", 2)
	w.pledge(c.ID, "noaccount-bo", "std", 3)
	w.pledge(c.ID, "cui", "std", 1)
	w.pay()
	w.pass(25 * time.Hour)
	w.tick()
	w.pay()
	if got := w.get(c.ID).State; got != campaign.Failed {
		t.Fatalf("%s", got)
	}
	all := w.proved(c.ID)
	if all[campaign.Escrow] != 0 || all[campaign.Payable] != 3*29900 || all[campaign.Member] != -3*29900 {
		t.Errorf("one refund failed, the others are paid: %v", all)
	}
	troubled, err := campaigndb.Troubled(t.Context(), w.pool, c.ID, 10)
	if err != nil || len(troubled) != 1 || troubled[0].Member != "noaccount-bo" || troubled[0].State != campaigndb.Refused {
		t.Fatalf("%+v, %v", troubled, err)
	}
	if err := w.ops.RetryPayment(w.buyer, troubled[0].ID); err != nil {
		t.Error(err)
	}
	if _, err := w.ops.Hear(w.house, campaignops.Message{ID: "evt-1", Key: c.Number + "/" + troubled[0].Key, Outcome: campaignops.Done, Fen: 3 * 29900}); err != nil {
		t.Fatal(err)
	}
	if all := w.proved(c.ID); all[campaign.Payable] != 0 || all[campaign.Member] != 0 {
		t.Errorf("%v", all)
	}
}

func TestDepositThenBalance(t *testing.T) {
	w := newWorld(t)
	c := w.open(w.terms(campaign.DepositBalance))
	a, b := w.pledge(c.ID, "an", "std", 6), w.pledge(c.ID, "bo", "std", 6)
	w.pay()
	w.pass(25 * time.Hour)
	w.tick()
	if c = w.get(c.ID); c.State != campaign.Balance {
		t.Fatalf("%s", c.State)
	}
	i, err := w.ops.PayBalance(w.shop, c.ID, a.Seq)
	if err != nil || i.Fen != 6*28900-6*5000 {
		t.Fatalf("%+v, %v", i, err)
	}
	if _, err := w.ops.PayBalance(w.shop, c.ID, a.Seq); err != nil { // asked twice, charged once
		t.Fatal(err)
	}
	w.pay()
	_, err = w.ops.PayBalance(w.shop, c.ID, a.Seq)
	is(t, err, campaign.ErrBalance)
	w.pass(48 * time.Hour)
	_, err = w.ops.PayBalance(w.shop, c.ID, b.Seq)
	is(t, err, campaign.ErrDeadline)
	w.tick()
	c = w.get(c.ID)
	if c.State != campaign.Succeeded || c.ToDeliver != 6 || c.FactoryPieces() != 15 || w.of(c.ID, b.Seq).State != campaign.Defaulted {
		t.Errorf("%s, %d to deliver", c.State, c.ToDeliver)
	}
	if all := w.proved(c.ID); all[campaign.Forfeits] != 6*5000 || all[campaign.Escrow] != 6*28900 {
		t.Errorf("%v", all)
	}
	if _, err := w.ops.Cancel(w.buyer, c.ID, c.Revision, "面料断供"); err != nil {
		t.Fatal(err)
	}
	w.pay()
	if all := w.proved(c.ID); all[campaign.House] != -6*5000 || all[campaign.Member] != 6*5000 || all[campaign.Escrow] != 0 || all[campaign.Forfeits] != 0 {
		t.Errorf("everything back, and the deposit of who was owed goods once more: %v", all)
	}
}

func TestAPaymentThatComesTooLateGoesBack(t *testing.T) {
	w := newWorld(t)
	terms := w.terms(campaign.AllOrNothing)
	terms.PayWithin = 15 * time.Minute
	c := w.open(terms)
	slow := w.pledge(c.ID, "slow-an", "std", 6)
	w.pledge(c.ID, "bo", "std", 6)
	w.pledge(c.ID, "cui", "std", 6)
	next := w.pledge(c.ID, "deng", "std", 5)
	w.pay()
	w.pass(16 * time.Minute)
	w.tick()
	if got := w.of(c.ID, slow.Seq).State; got != campaign.Lapsed {
		t.Fatalf("%s", got)
	}
	if got := w.of(c.ID, next.Seq).State; got != campaign.Accepted {
		t.Errorf("the waitlist was not served: %s", got)
	}
	m := campaignops.Message{ID: "evt-7", Key: c.Number + "/1/pledge/charge", Outcome: campaignops.Done, Fen: 6 * 29900}
	short := m
	short.Fen, short.ID = 1, "evt-6"
	_, err := w.ops.Hear(w.house, short)
	is(t, err, campaignops.ErrAmount)
	first, err := w.ops.Hear(w.house, m)
	if err != nil || !first.Returned || first.Again {
		t.Fatalf("%+v, %v", first, err)
	}
	if twice, err := w.ops.Hear(w.house, m); err != nil || !twice.Again {
		t.Errorf("%+v, %v", twice, err)
	}
	m.ID = "evt-8" // another message that says the same
	if twice, err := w.ops.Hear(w.house, m); err != nil || !twice.Again {
		t.Errorf("%+v, %v", twice, err)
	}
	if p := w.of(c.ID, slow.Seq); p.Paid != 6*29900 || p.Refunded != p.Paid {
		t.Errorf("%+v", p)
	}
	w.pay()
	w.proved(c.ID)
	m.Key = c.Number + "/99/pledge/charge"
	_, err = w.ops.Hear(w.house, m)
	is(t, err, campaign.ErrUnknown)
}

func TestADeclinedChargeFreesItsQuota(t *testing.T) {
	w := newWorld(t)
	c := w.open(w.terms(campaign.KeepItAll))
	for _, m := range []string{"an", "bo", "decline-cui"} {
		w.pledge(c.ID, m, "std", 6)
	}
	next := w.pledge(c.ID, "deng", "std", 6)
	if next.State != campaign.Waiting {
		t.Fatalf("%s", next.State)
	}
	w.pay()
	if got := w.of(c.ID, next.Seq).State; got != campaign.Accepted {
		t.Errorf("%s", got)
	}
	if c = w.get(c.ID); c.Reserved != 18 || c.Waiting != 0 || c.Backers != 3 {
		t.Errorf("%d reserved, %d waiting, %d backers", c.Reserved, c.Waiting, c.Backers)
	}
	w.proved(c.ID)
}

func TestWhatIsRefusedChangesNothing(t *testing.T) {
	w := newWorld(t)
	c := w.open(w.terms(campaign.AllOrNothing))
	w.pledge(c.ID, "an", "std", 2)
	for name, x := range map[string]struct {
		r    campaign.Request
		key  string
		want error
	}{
		"wrong tier":      {campaign.Request{Member: "bo", Tier: "gold", Units: 1}, "a", campaign.ErrTier},
		"no units":        {campaign.Request{Member: "bo", Tier: "std"}, "b", campaign.ErrUnits},
		"over the limit":  {campaign.Request{Member: "bo", Tier: "pair", Units: 4}, "c", campaign.ErrLimit},
		"second pledge":   {campaign.Request{Member: "an", Tier: "std", Units: 1}, "d", campaign.ErrTwice},
		"nobody":          {campaign.Request{Tier: "std", Units: 1}, "e", campaign.ErrMember},
		"broken text":     {campaign.Request{Member: "a\x00b", Tier: "std", Units: 1}, "f", campaign.ErrMember},
		"no key":          {campaign.Request{Member: "bo", Tier: "std", Units: 1}, "", campaign.ErrKey},
		"key of another":  {campaign.Request{Member: "bo", Tier: "std", Units: 1}, "k-anstd2", campaign.ErrKey},
		"group elsewhere": {campaign.Request{Member: "bo", Tier: "std", Units: 1, Group: "G1"}, "g", campaign.ErrGroup},
	} {
		_, err := w.ops.Pledge(w.shop, c.ID, campaignops.NewPledge{Request: x.r, Key: x.key})
		if is(t, err, x.want); t.Failed() {
			t.Log(name)
		}
	}
	again, err := w.ops.Pledge(w.shop, c.ID, campaignops.NewPledge{Request: campaign.Request{Member: "an", Tier: "std", Units: 2}, Key: "k-anstd2"})
	if err != nil || !again.Again || again.Seq != 1 {
		t.Errorf("the same pledge again: %+v, %v", again, err)
	}
	if got := w.get(c.ID); got.Reserved != 2 || got.LastSeq != 1 {
		t.Errorf("%d reserved, %d pledges", got.Reserved, got.LastSeq)
	}
	if _, err := w.ops.Publish(w.buyer, c.ID, 0); err == nil {
		t.Error("published twice")
	}
	_, err = w.ops.Extend(w.buyer, c.ID, 1, c.Deadline.Add(time.Hour))
	is(t, err, campaign.ErrStale)
	if _, err = w.ops.Extend(w.buyer, c.ID, 0, c.Deadline.Add(time.Hour)); err != nil {
		t.Error(err)
	}
	_, err = w.ops.Extend(w.buyer, c.ID, 0, c.Deadline.Add(2*time.Hour))
	is(t, err, campaign.ErrExtend)
}
