package campaign_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// testdata gives a folder of the reference data; it skips loudly where that is absent.
func testdata(t *testing.T, parts ...string) string {
	t.Helper()
	dir := os.Getenv("MILKRUN_TESTDATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	path := filepath.Join(append([]string{dir}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("MILKRUN_REQUIRE") == "1" {
			t.Fatal(err)
		}
		t.Skipf("\n*** SKIPPED, NOT TESTED: %v ***", err)
	}
	return path
}

type replayEvent struct {
	T     int64
	Type  string
	User  string
	Units int64
}

type replayCase struct {
	ID     string
	Inputs struct {
		Mode            campaign.Mode
		GoalUnits       quantity.Pieces `json:"goal_units"`
		QuotaUnits      quantity.Pieces `json:"quota_units"`
		PerUserLimit    quantity.Pieces `json:"per_user_limit"`
		DepositFen      money.Fen       `json:"deposit_fen"`
		Deadline        int64
		BalanceDeadline int64           `json:"balance_deadline"`
		FactoryMOQ      quantity.Pieces `json:"factory_moq"`
		Tiers           []struct {
			MinUnits     quantity.Pieces `json:"min_units"`
			UnitPriceFen money.Fen       `json:"unit_price_fen"`
		}
		Events []replayEvent
	}
	Expected map[string]any
}

// replay plays a campaign whose payments are confirmed at once.
type replay struct {
	t       *testing.T
	c       *campaign.Campaign
	all     []*campaign.Pledge
	ledger  *campaign.Ledger
	late    []any
	refused []any
}

func at(t int64) time.Time { return time.Unix(t, 0).UTC() }

func newReplay(t *testing.T, in replayCase) *replay {
	i := in.Inputs
	terms := campaign.Terms{Mode: i.Mode, Charge: campaign.AtPledge, Goal: i.GoalUnits, Quota: i.QuotaUnits, PerMember: i.PerUserLimit, Start: at(0),
		Deadline: at(i.Deadline), MOQ: i.FactoryMOQ}
	tier := campaign.Tier{Pieces: 1}
	for _, x := range i.Tiers {
		tier.Breaks = append(tier.Breaks, campaign.Break{From: x.MinUnits, Price: x.UnitPriceFen})
	}
	terms.Tiers = []campaign.Tier{tier}
	if i.Mode == campaign.DepositBalance {
		end := at(i.BalanceDeadline)
		terms.Deposit, terms.BalanceDeadline, terms.Forfeit, terms.Double = i.DepositFen, &end, true, true
	}
	r := &replay{t: t, c: campaign.New(in.ID, campaign.About{}, terms), ledger: campaign.NewLedger()}
	r.c.State = campaign.Open // the reference has goals above the quota, which we would not publish
	return r
}

// ask lets the provider do at once what it is asked.
func (r *replay) ask(now time.Time, all []campaign.Instruction) {
	r.t.Helper()
	for _, i := range all {
		if e, ok := i.Owed(); ok {
			r.post(e)
		}
		p := r.all[i.Seq-1]
		out, err := r.c.Confirm(p, i, now)
		if err != nil {
			r.t.Fatal(err)
		}
		r.book(now, out)
	}
}

func (r *replay) book(now time.Time, out campaign.Outcome) {
	for _, e := range out.Entries {
		r.post(e)
	}
	r.ask(now, out.Ask)
}

func (r *replay) post(e campaign.Entry) {
	r.t.Helper()
	if first, err := r.ledger.Post(e); err != nil || !first {
		r.t.Fatalf("%+v: booked %v, %v", e, first, err)
	}
}

// pass closes what falls due before an event.
func (r *replay) pass(now time.Time) {
	r.t.Helper()
	if r.c.State.Running() && now.After(r.c.Deadline) {
		out, err := r.c.Close(r.all, now)
		if err != nil {
			r.t.Fatal(err)
		}
		r.book(now, out)
	}
	if r.c.State == campaign.Balance && now.After(r.c.BalanceEnd()) {
		out, err := r.c.CloseBalance(r.all, now)
		if err != nil {
			r.t.Fatal(err)
		}
		r.book(now, out)
	}
}

func (r *replay) live(user string) *campaign.Pledge {
	for _, p := range r.all {
		if p.Member == user && p.State.Live() {
			return p
		}
	}
	return nil
}

func (r *replay) play(e replayEvent) {
	now := at(e.T)
	r.pass(now)
	switch e.Type {
	case "pledge":
		p, ask, err := r.c.Pledge(campaign.Request{Member: e.User, Units: e.Units}, campaign.Standing{Live: r.live(e.User) != nil}, now)
		switch {
		case errors.Is(err, campaign.ErrDeadline):
			r.late = append(r.late, e.User)
		case errors.Is(err, campaign.ErrLimit), errors.Is(err, campaign.ErrTwice):
			r.refused = append(r.refused, e.User)
		case err != nil:
			r.t.Fatalf("%+v: %v", e, err)
		default:
			r.all = append(r.all, p)
			r.ask(now, ask)
		}
	case "cancel":
		p := r.live(e.User)
		if p == nil {
			return
		}
		ask, err := r.c.Cancel(p, now)
		if err != nil {
			r.t.Fatalf("%+v: %v", e, err)
		}
		r.ask(now, ask)
		_, ask = r.c.Promote(r.all, now)
		r.ask(now, ask)
	case "pay_balance":
		if p := r.live(e.User); p != nil {
			if i, err := r.c.PayBalance(p, now); err == nil {
				r.ask(now, []campaign.Instruction{i})
			}
		}
	case "merchant_cancel":
		ask, err := r.c.CancelAll(r.all, "the moulds broke", now)
		if err != nil {
			r.t.Fatal(err)
		}
		r.ask(now, ask)
	default:
		r.t.Fatalf("unknown event %q", e.Type)
	}
}

// result tells the outcome in the reference's words.
func (r *replay) result() map[string]any {
	paid, refunded, forfeited, penalty := map[string]any{}, map[string]any{}, map[string]any{}, map[string]any{}
	add := func(m map[string]any, user string, fen money.Fen) {
		if fen > 0 {
			was, _ := m[user].(float64)
			m[user] = was + float64(fen)
		}
	}
	waiting := []any{}
	var in, back money.Fen
	for _, p := range r.all {
		add(paid, p.Member, p.Paid)
		add(refunded, p.Member, p.Refunded)
		add(penalty, p.Member, p.Penalty)
		in, back = in+p.Paid, back+p.Refunded
		if p.State == campaign.Defaulted {
			add(forfeited, p.Member, p.Net())
		}
		if p.State == campaign.Waiting {
			waiting = append(waiting, p.Member)
		}
	}
	var price any
	if r.c.Final != nil {
		price = float64(r.c.Final[""])
	}
	return map[string]any{"state": map[campaign.State]string{campaign.Succeeded: "SUCCEEDED", campaign.Failed: "FAILED", campaign.Cancelled: "CANCELLED"}[r.c.State],
		"accepted_units_at_deadline": float64(*r.c.AtClose), "final_unit_price_fen": price, "paid_fen": paid, "refunded_fen": refunded,
		"forfeited_deposit_fen": forfeited, "merchant_penalty_fen": penalty, "waitlist_left": waiting, "rejected_late": list(r.late),
		"rejected_limit_or_duplicate": list(r.refused), "units_to_deliver": float64(r.c.ToDeliver), "factory_order_units": float64(r.c.FactoryPieces()),
		"total_paid_fen": float64(in), "total_refunded_fen": float64(back), "net_captured_fen": float64(in - back)}
}

func list(all []any) []any {
	if all == nil {
		return []any{}
	}
	return all
}

// TestVectors replays the reference campaigns and compares state, prices and every amount exactly.
func TestVectors(t *testing.T) {
	b, err := os.ReadFile(testdata(t, "c2m", "campaigns.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []replayCase }
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	for _, c := range file.Cases {
		t.Run(c.ID, func(t *testing.T) {
			r := newReplay(t, c)
			for _, e := range c.Inputs.Events {
				r.play(e)
			}
			r.pass(at(max(c.Inputs.Deadline, c.Inputs.BalanceDeadline) + 1000))
			got := r.result()
			for key, want := range c.Expected {
				if !reflect.DeepEqual(got[key], want) {
					t.Errorf("%s: %v, want %v", key, got[key], want)
				}
			}
			r.balanced()
		})
	}
	if len(file.Cases) < 20 {
		t.Errorf("%d cases only", len(file.Cases))
	}
}

// balanced proves the ledger against the pledges.
func (r *replay) balanced() {
	r.t.Helper()
	var net, owed money.Fen
	for _, p := range r.all {
		if p.Paid < p.Refunded {
			r.t.Errorf("%s got back %d of %d", p.Member, p.Refunded, p.Paid)
		}
		net += p.Net()
		owed += p.Penalty
	}
	l := r.ledger
	if kept := l.Balance(campaign.Escrow) + l.Balance(campaign.Sales) + l.Balance(campaign.Forfeits); kept != net {
		r.t.Errorf("the ledger keeps %d, the pledges say %d", kept, net)
	}
	if got := -l.Balance(campaign.Member); got != net-owed {
		r.t.Errorf("members gave %d net, want %d", got, net-owed)
	}
	if l.Balance(campaign.Payable) != 0 || -l.Balance(campaign.House) != owed {
		r.t.Errorf("payable %d, house %d", l.Balance(campaign.Payable), l.Balance(campaign.House))
	}
}
