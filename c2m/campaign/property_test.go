package campaign_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"milkrun/c2m/campaign"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// machine drives a campaign with random events and a provider that answers late, twice, or never.
type machine struct {
	c      *campaign.Campaign
	all    []*campaign.Pledge
	open   []campaign.Instruction // asked and not yet answered
	done   map[string]bool
	ledger *campaign.Ledger
	now    time.Time
	lowest map[int64]money.Fen
}

func drawTerms(t *rapid.T, start time.Time) campaign.Terms {
	terms := campaign.Terms{Mode: rapid.SampledFrom(campaign.Modes()).Draw(t, "mode"), Charge: campaign.AtPledge,
		Quota: quantity.Pieces(rapid.IntRange(1, 20).Draw(t, "quota")), PerMember: quantity.Pieces(rapid.IntRange(0, 6).Draw(t, "limit")),
		Start: start, Deadline: start.Add(100 * time.Second), Extensions: rapid.IntRange(0, 2).Draw(t, "extensions"),
		PayWithin: time.Duration(rapid.SampledFrom([]int{0, 20}).Draw(t, "pay within")) * time.Second, MOQ: 50}
	terms.Goal = quantity.Pieces(rapid.IntRange(1, int(terms.Quota)).Draw(t, "goal"))
	std := campaign.Tier{Code: "std", Pieces: 1, Breaks: []campaign.Break{{0, 1000}, {6, 900}, {12, 800}}}
	early := campaign.Tier{Code: "early", Pieces: 1, Quota: 3, Breaks: []campaign.Break{{0, 700}}}
	pair := campaign.Tier{Code: "pair", Pieces: 2, Breaks: []campaign.Break{{0, 1900}, {10, 1650}}}
	terms.Tiers = []campaign.Tier{std, early, pair}
	switch terms.Mode {
	case campaign.DepositBalance:
		end := terms.Deadline.Add(60 * time.Second)
		terms.Deposit, terms.BalanceDeadline = 300, &end
		terms.Forfeit, terms.Double = rapid.Bool().Draw(t, "forfeit"), rapid.Bool().Draw(t, "double")
	case campaign.GroupBuy:
		terms.GroupSize = rapid.IntRange(0, 3).Draw(t, "group")
		fallthrough
	default:
		terms.Charge = rapid.SampledFrom([]campaign.Timing{campaign.AtPledge, campaign.OnSuccess}).Draw(t, "charge")
	}
	return terms
}

func (m *machine) ask(t *rapid.T, all []campaign.Instruction) {
	for _, i := range all {
		if i.Fen <= 0 {
			t.Fatalf("asked for %d fen: %+v", i.Fen, i)
		}
		if e, ok := i.Owed(); ok {
			m.post(t, e)
		}
		m.open = append(m.open, i)
	}
}

func (m *machine) post(t *rapid.T, e campaign.Entry) {
	if first, err := m.ledger.Post(e); err != nil || !first {
		t.Fatalf("%+v: new %v, %v", e, first, err)
	}
}

func (m *machine) book(t *rapid.T, out campaign.Outcome) {
	for _, e := range out.Entries {
		m.post(t, e)
	}
	m.ask(t, out.Ask)
}

// answer lets the provider answer one instruction; it may answer the same one again, which the key keeps from counting.
func (m *machine) answer(t *rapid.T) {
	if len(m.open) == 0 {
		return
	}
	n := rapid.IntRange(0, len(m.open)-1).Draw(t, "which")
	i := m.open[n]
	if rapid.IntRange(0, 3).Draw(t, "again") > 0 {
		m.open = append(m.open[:n], m.open[n+1:]...)
	}
	if m.done[i.Key] {
		return
	}
	m.done[i.Key] = true
	p := m.all[i.Seq-1]
	if i.Kind != campaign.Refund && i.Kind != campaign.Penalty && rapid.IntRange(0, 5).Draw(t, "refuse") == 0 {
		if m.c.GiveUp(p, i) {
			m.promote(t)
		}
		return
	}
	out, err := m.c.Confirm(p, i, m.now)
	if err != nil {
		t.Fatal(err)
	}
	m.book(t, out)
}

func (m *machine) promote(t *rapid.T) {
	_, ask := m.c.Promote(m.all, m.now)
	m.ask(t, ask)
}

func (m *machine) pledge(t *rapid.T) {
	user := fmt.Sprintf("u%d", rapid.IntRange(0, 12).Draw(t, "user"))
	r := campaign.Request{Member: user, Tier: rapid.SampledFrom([]string{"std", "early", "pair", "none"}).Draw(t, "tier"), Units: int64(rapid.IntRange(0, 4).Draw(t, "units"))}
	s := campaign.Standing{Group: -1}
	if len(m.all) > 0 && rapid.Bool().Draw(t, "join") {
		r.Group = m.all[rapid.IntRange(0, len(m.all)-1).Draw(t, "group")].Group
	}
	for _, p := range m.all {
		s.Live = s.Live || p.Member == user && p.State.Live()
		if p.Group == r.Group && p.Group != "" && p.State == campaign.Accepted {
			s.Group = max(s.Group, 0) + 1
		}
	}
	before, seq := m.c.Reserved, m.c.LastSeq
	p, ask, err := m.c.Pledge(r, s, m.now)
	if err != nil {
		if m.c.Reserved != before || m.c.LastSeq != seq {
			t.Fatalf("the refusal %v changed the campaign", err)
		}
		return
	}
	if s.Live || m.now.After(m.c.Deadline) || r.Tier == "none" || r.Units == 0 {
		t.Fatalf("taken: %+v at %s", r, m.now)
	}
	m.all = append(m.all, p)
	m.lowest[p.Seq] = p.Price
	m.ask(t, ask)
}

func (m *machine) pass(t *rapid.T, seconds int) {
	m.now = m.now.Add(time.Duration(seconds) * time.Second)
	for _, p := range m.all {
		if m.c.Lapse(p, m.now) {
			m.promote(t)
		}
	}
	if m.c.State.Running() && m.now.After(m.c.CloseAt()) {
		out, err := m.c.Close(m.all, m.now)
		if err != nil {
			t.Fatal(err)
		}
		m.book(t, out)
	}
	if m.c.State == campaign.Balance && m.now.After(m.c.BalanceEnd()) {
		out, err := m.c.CloseBalance(m.all, m.now)
		if err != nil {
			t.Fatal(err)
		}
		m.book(t, out)
	}
}

// paid begins with members whose pledges are paid for.
func (m *machine) paid(t *rapid.T, n int) {
	for i := range n {
		p, ask, err := m.c.Pledge(campaign.Request{Member: fmt.Sprintf("early%d", i), Tier: "pair", Units: 1}, campaign.Standing{Group: -1}, m.now)
		if err != nil {
			return // the limit may be one piece
		}
		m.all, m.lowest[p.Seq] = append(m.all, p), p.Price
		m.ask(t, ask)
		for len(m.open) > 0 {
			i := m.open[0]
			m.open, m.done[i.Key] = m.open[1:], true
			out, err := m.c.Confirm(p, i, m.now)
			if err != nil {
				t.Fatal(err)
			}
			m.book(t, out)
		}
	}
}

// holds are the promises of the package, whatever happened in whatever order.
func (m *machine) holds(t *rapid.T) {
	var net money.Fen
	var reserved quantity.Pieces
	taken, live := map[string]quantity.Pieces{}, map[string]int{}
	waiting := 0
	for _, p := range m.all {
		net += p.Net()
		if p.State.Live() {
			live[p.Member]++
		}
		if p.State == campaign.Accepted || p.State == campaign.Confirmed || p.State == campaign.PledgeDelivered || p.State == campaign.Released {
			reserved += p.Pieces
			taken[p.Tier] += p.Pieces
		}
		if p.State == campaign.Waiting {
			waiting++
		}
		if p.Refunded > p.Paid || p.Net() > m.lowest[p.Seq]*money.Fen(p.Units) {
			t.Fatalf("pledge %d: paid %d, refunded %d, pledged %d × %d", p.Seq, p.Paid, p.Refunded, p.Units, m.lowest[p.Seq])
		}
		if (m.c.State == campaign.Failed || m.c.State == campaign.Cancelled) && p.Net() != 0 {
			t.Fatalf("%s, and pledge %d (%s) is captured %d", m.c.State, p.Seq, p.State, p.Net())
		}
		if p.State == campaign.Confirmed && p.Claims == 0 && p.Net() != m.c.Final[p.Tier]*money.Fen(p.Units) {
			t.Fatalf("pledge %d is confirmed at %d, the price is %d × %d", p.Seq, p.Net(), p.Units, m.c.Final[p.Tier])
		}
	}
	for user, n := range live {
		if n > 1 {
			t.Fatalf("%s has %d live pledges", user, n)
		}
	}
	if m.c.GroupSize < 2 && m.c.State != campaign.Failed && m.c.State != campaign.Cancelled && reserved != m.c.Reserved {
		t.Fatalf("reserved %d, the pledges say %d", m.c.Reserved, reserved)
	}
	if m.c.Reserved < 0 || m.c.Reserved > m.c.Quota || m.c.Taken["early"] > 3 || m.c.Waiting != waiting {
		t.Fatalf("reserved %d of %d, early %d, waiting %d and %d", m.c.Reserved, m.c.Quota, m.c.Taken["early"], m.c.Waiting, waiting)
	}
	l := m.ledger
	if kept := l.Balance(campaign.Escrow) + l.Balance(campaign.Sales) + l.Balance(campaign.Forfeits); kept != net {
		t.Fatalf("the ledger keeps %d, the pledges say %d", kept, net)
	}
	if l.Balance(campaign.Escrow) < 0 || l.Balance(campaign.Payable) < 0 {
		t.Fatalf("escrow %d, payable %d", l.Balance(campaign.Escrow), l.Balance(campaign.Payable))
	}
}

// Random interleavings of pledge, pay, cancel, extend, pause, fail and house's cancellation keep the money and the quota right.
func TestWhateverHappensTheBooksBalance(t *testing.T) {
	reached, settled := map[campaign.State]bool{}, map[campaign.PledgeState]bool{}
	check := func(t *rapid.T) {
		start := time.Unix(1_800_000_000, 0).UTC()
		m := &machine{c: campaign.New("CP-TEST", campaign.About{}, drawTerms(t, start)), done: map[string]bool{}, ledger: campaign.NewLedger(),
			now: start, lowest: map[int64]money.Fen{}}
		if err := m.c.Publish(start); err != nil {
			t.Fatal(err)
		}
		pick := func() *campaign.Pledge {
			if len(m.all) == 0 {
				return nil
			}
			return m.all[rapid.IntRange(0, len(m.all)-1).Draw(t, "pledge")]
		}
		m.paid(t, rapid.SampledFrom([]int{0, 5, 9}).Draw(t, "begin with"))
		t.Repeat(map[string]func(*rapid.T){
			"pledge":  m.pledge,
			"pledge2": m.pledge,
			"answer":  m.answer,
			"answer2": m.answer,
			"pass":    func(t *rapid.T) { m.pass(t, rapid.SampledFrom([]int{0, 1, 7, 30, 70}).Draw(t, "seconds")) },
			"cancel": func(t *rapid.T) {
				if p := pick(); p != nil {
					if ask, err := m.c.Cancel(p, m.now); err == nil {
						m.ask(t, ask)
						m.promote(t)
					}
				}
			},
			"balance": func(t *rapid.T) {
				if p := pick(); p != nil {
					if i, err := m.c.PayBalance(p, m.now); err == nil {
						for _, x := range m.open {
							if x.Key == i.Key {
								return
							}
						}
						if !m.done[i.Key] {
							m.ask(t, []campaign.Instruction{i})
						}
					}
				}
			},
			"extend": func(t *rapid.T) { _ = m.c.Extend(m.c.Deadline.Add(20*time.Second), m.now) },
			"pause": func(t *rapid.T) {
				if m.c.Pause() != nil {
					_ = m.c.Resume(m.now)
				}
			},
			"house": func(t *rapid.T) {
				if rapid.IntRange(0, 30).Draw(t, "really") == 0 {
					if ask, err := m.c.CancelAll(m.all, "no yarn", m.now); err == nil {
						m.ask(t, ask)
					}
				}
			},
			"deliver": func(t *rapid.T) {
				if p := pick(); p != nil {
					if out, err := m.c.Deliver(p); err == nil {
						m.book(t, out)
					}
				}
			},
			"claim": func(t *rapid.T) {
				if p := pick(); p != nil {
					if ask, err := m.c.Compensate(p, campaign.LateDelivery, money.Fen(rapid.IntRange(1, 900).Draw(t, "fen")), "ten days late"); err == nil {
						m.ask(t, ask)
					}
				}
			},
			"": func(t *rapid.T) {
				m.holds(t)
				reached[m.c.State] = true
			},
		})
		for len(m.open) > 0 { // the provider answers everything in the end
			m.answer(t)
		}
		m.holds(t)
		if m.ledger.Balance(campaign.Payable) != 0 {
			t.Fatalf("%d fen are owed after every refund was paid", m.ledger.Balance(campaign.Payable))
		}
		for _, p := range m.all {
			settled[p.State] = true
		}
	}
	for n := 0; n < 5 || n < 500 && len(settled) < len(campaign.PledgeStates()); n++ { // the rare ends need many runs
		rapid.Check(t, check)
	}
	for _, s := range []campaign.State{campaign.Open, campaign.Paused, campaign.Balance, campaign.Succeeded, campaign.Failed, campaign.Cancelled} {
		if !reached[s] {
			t.Errorf("no run came to %s", s)
		}
	}
	for _, s := range campaign.PledgeStates() {
		if !settled[s] {
			t.Errorf("no pledge ended %s", s)
		}
	}
}

func TestTheWaitlistIsServedInOrder(t *testing.T) {
	start := at(0)
	c := campaign.New("CP", campaign.About{}, campaign.Terms{Mode: campaign.AllOrNothing, Charge: campaign.AtPledge, Goal: 1, Quota: 5, Start: start,
		Deadline: at(100), Tiers: []campaign.Tier{{Pieces: 1, Breaks: []campaign.Break{{0, 100}}}}})
	if err := c.Publish(start); err != nil {
		t.Fatal(err)
	}
	var all []*campaign.Pledge
	for i, units := range []int64{3, 2, 4, 1, 2, 1} {
		p, _, err := c.Pledge(campaign.Request{Member: fmt.Sprint(i), Units: units}, campaign.Standing{}, at(int64(i)))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if _, err := c.Cancel(all[0], at(100)); err != nil { // exactly at the deadline is in time
		t.Fatal(err)
	}
	promoted, ask := c.Promote(all, at(100))
	if len(promoted) != 2 || promoted[0] != all[3] || promoted[1] != all[4] || len(ask) != 2 || c.Reserved != 5 || c.Waiting != 2 {
		t.Errorf("promoted %v, reserved %d, waiting %d", promoted, c.Reserved, c.Waiting)
	}
	if _, err := c.Cancel(all[1], at(101)); !errors.Is(err, campaign.ErrDeadline) {
		t.Errorf("cancelled after the deadline: %v", err)
	}
}

func TestGroupsThatAreNotFullAreLetGo(t *testing.T) {
	c := campaign.New("CP", campaign.About{}, campaign.Terms{Mode: campaign.GroupBuy, Charge: campaign.AtPledge, Goal: 2, GroupSize: 2, Start: at(0),
		Deadline: at(100), Tiers: []campaign.Tier{{Pieces: 1, Breaks: []campaign.Break{{0, 100}}}}})
	if err := c.Publish(at(0)); err != nil {
		t.Fatal(err)
	}
	take := func(member, group string, size int) *campaign.Pledge {
		p, ask, err := c.Pledge(campaign.Request{Member: member, Units: 1, Group: group}, campaign.Standing{Group: size}, at(1))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Confirm(p, ask[0], at(2)); err != nil {
			t.Fatal(err)
		}
		return p
	}
	a := take("a", "", -1)
	b := take("b", a.Group, 1)
	alone := take("c", "", -1)
	if _, _, err := c.Pledge(campaign.Request{Member: "d", Units: 1, Group: a.Group}, campaign.Standing{Group: 2}, at(3)); !errors.Is(err, campaign.ErrGroup) {
		t.Errorf("a full group took another: %v", err)
	}
	out, err := c.Close([]*campaign.Pledge{a, b, alone}, at(101))
	if err != nil {
		t.Fatal(err)
	}
	if c.State != campaign.Succeeded || c.ToDeliver != 2 || alone.State != campaign.Released || len(out.Ask) != 1 || out.Ask[0].Fen != 100 {
		t.Errorf("%s, %d to deliver, %s, %+v", c.State, c.ToDeliver, alone.State, out.Ask)
	}
}

func TestTermsAreChecked(t *testing.T) {
	good := campaign.Terms{Mode: campaign.AllOrNothing, Charge: campaign.AtPledge, Goal: 10, Quota: 100, Start: at(10), Deadline: at(100),
		Tiers: []campaign.Tier{{Code: "a", Pieces: 1, Breaks: []campaign.Break{{0, 100}}}}}
	if err := good.Check(at(0)); err != nil {
		t.Fatal(err)
	}
	end := at(99)
	for name, c := range map[string]struct {
		spoil func(*campaign.Terms)
		want  campaign.Fault
	}{
		"no goal":          {func(x *campaign.Terms) { x.Goal = 0 }, campaign.Fault{Field: "goal", Word: campaign.TooSmall}},
		"goal above quota": {func(x *campaign.Terms) { x.Goal = 101 }, campaign.Fault{Field: "quota", Word: campaign.BadOrder}},
		"dearer break": {func(x *campaign.Terms) {
			x.Tiers = []campaign.Tier{{Code: "a", Pieces: 1, Breaks: []campaign.Break{{0, 100}, {5, 101}}}}
		}, campaign.Fault{Field: "tiers.0.breaks", Word: campaign.BadOrder}},
		"code twice": {func(x *campaign.Terms) { x.Tiers = append(x.Tiers, x.Tiers[0]) }, campaign.Fault{Field: "tiers.1.code", Word: campaign.Repeated}},
		"over":       {func(x *campaign.Terms) { x.Start, x.Deadline = at(-10), at(-1) }, campaign.Fault{Field: "deadline", Word: campaign.Past}},
		"deposit above price": {func(x *campaign.Terms) { x.Mode, x.Deposit, x.BalanceDeadline = campaign.DepositBalance, 101, &end },
			campaign.Fault{Field: "balance_deadline", Word: campaign.BadOrder}},
		"mode": {func(x *campaign.Terms) { x.Mode = "lottery" }, campaign.Fault{Field: "mode", Word: campaign.NotAChoice}},
	} {
		x := good
		x.Tiers = append([]campaign.Tier{}, good.Tiers...)
		c.spoil(&x)
		var e *campaign.TermsError
		if err := x.Check(at(0)); !errors.As(err, &e) || e.Faults[0] != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
