package campaignops_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"milkrun/c2m"
	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/campaignops/payport"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/dbtest"
	"milkrun/internal/events"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// world is a small house with a sandbox for a provider and a clock that the test moves.
type world struct {
	t     *testing.T
	pool  *pgxpool.Pool
	ops   *campaignops.Ops
	buyer context.Context
	shop  context.Context
	house context.Context

	mu    sync.Mutex
	now   time.Time
	facts []any
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, pool: dbtest.Pool(t), now: time.Date(2026, 11, 20, 10, 0, 0, 0, zone)}
	var account int64
	if err := w.pool.QueryRow(t.Context(), `insert into access.account (login, name, role) values ('zhoumin', '周敏', 'buyer') returning id`).Scan(&account); err != nil {
		t.Fatal(err)
	}
	w.buyer = access.WithUser(t.Context(), access.User{ID: access.ID(account), Name: "周敏", Role: access.Buyer, Language: "zh"})
	w.shop = access.WithUser(t.Context(), access.User{Name: "shop", Role: access.Integrator, Language: "zh"})
	w.house = access.WithUser(t.Context(), access.TheSystem())
	w.ops = w.another()
	return w
}

// another gives the use cases once more, as a second process has them.
func (w *world) another() *campaignops.Ops {
	bus := events.NewBus()
	remember[c2m.CampaignClosed](w, bus)
	remember[c2m.CampaignCancelled](w, bus)
	client, err := river.NewClient(riverpgxv5.New(w.pool), &river.Config{Logger: slog.New(slog.DiscardHandler), TestOnly: true})
	if err != nil {
		w.t.Fatal(err)
	}
	bus.Bind(client)
	return campaignops.New(campaignops.Deps{Pool: w.pool, Bus: bus, Clock: w.clock, Log: slog.New(slog.DiscardHandler), Payments: payport.Sandbox{},
		Secret: []byte("secret"), Zone: zone})
}

func remember[F any](w *world, bus *events.Bus) {
	events.Subscribe(bus, func(f F) []river.InsertManyParams {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.facts = append(w.facts, f)
		return nil
	})
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func price(breaks ...campaign.Break) []campaign.Break { return breaks }

// terms are those of a small sleeping-bag campaign that runs for a day.
func (w *world) terms(mode campaign.Mode) campaign.Terms {
	t := campaign.Terms{Mode: mode, Charge: campaign.AtPledge, Goal: 10, Quota: 20, PerMember: 6, Start: w.clock(), Deadline: w.clock().Add(24 * time.Hour),
		Extensions: 1, MOQ: 15, Tiers: []campaign.Tier{
			{Code: "early", Name: catalog.Name{ZH: "早鸟", EN: "Early bird"}, Pieces: 1, Quota: 4, Breaks: price(campaign.Break{From: 0, Price: 26900})},
			{Code: "std", Name: catalog.Name{ZH: "标准", EN: "Standard"}, Pieces: 1, Breaks: price(campaign.Break{From: 0, Price: 29900}, campaign.Break{From: 12, Price: 28900})},
			{Code: "pair", Name: catalog.Name{ZH: "双件装", EN: "Pair"}, Pieces: 2, Breaks: price(campaign.Break{From: 0, Price: 56900})}}}
	if mode == campaign.DepositBalance {
		end := t.Deadline.Add(48 * time.Hour)
		t.Deposit, t.BalanceDeadline, t.Forfeit, t.Double = 5000, &end, true, true
	}
	return t
}

func (w *world) open(t campaign.Terms) *campaign.Campaign {
	w.t.Helper()
	c, err := w.ops.Create(w.buyer, campaign.About{Name: catalog.Name{ZH: "小岛 恒温睡袋 Pro", EN: "Isla sleeping bag Pro"}}, t)
	if err == nil {
		c, err = w.ops.Publish(w.buyer, c.ID, c.Revision)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) pledge(id campaign.ID, member, tier string, units int64) *campaign.Pledge {
	w.t.Helper()
	p, err := w.ops.Pledge(w.shop, id, campaignops.NewPledge{Request: campaign.Request{Member: member, Tier: tier, Units: units}, Key: "k-" + member + tier + fmt.Sprint(units)})
	if err != nil {
		w.t.Fatalf("%s: %v", member, err)
	}
	return p.Pledge
}

// pay lets the sandbox do everything that is due.
func (w *world) pay() {
	w.t.Helper()
	if _, err := w.ops.SendPayments(w.house); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) tick() {
	w.t.Helper()
	if _, err := w.ops.Tick(w.house); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) get(id campaign.ID) *campaign.Campaign {
	w.t.Helper()
	c, err := campaigndb.Get(w.t.Context(), w.pool, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) of(id campaign.ID, seq int64) *campaign.Pledge {
	w.t.Helper()
	p, err := campaigndb.Pledge(w.t.Context(), w.pool, id, seq)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// proved fails when the ledger and the pledges disagree, or the accounts do not add up.
func (w *world) proved(id campaign.ID) map[campaign.Account]money.Fen {
	w.t.Helper()
	faults, err := campaigndb.Prove(w.t.Context(), w.pool, id)
	if err != nil || len(faults) > 0 {
		w.t.Fatalf("the books disagree: %+v, %v", faults, err)
	}
	all, err := campaigndb.Balances(w.t.Context(), w.pool, id)
	if err != nil {
		w.t.Fatal(err)
	}
	var sum money.Fen
	for _, fen := range all {
		sum += fen
	}
	if sum != 0 {
		w.t.Fatalf("the accounts add up to %d: %v", sum, all)
	}
	return all
}

func is(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func pieces(c *campaign.Campaign) quantity.Pieces { return c.Reserved }
