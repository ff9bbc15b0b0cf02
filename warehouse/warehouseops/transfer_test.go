package warehouseops_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"milkrun/internal/calendar"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
)

// shelf holds suggestions as the planner's side would.
type shelf map[replenishment.SuggestionID]*replenishment.Suggestion

func (s shelf) Suggestions(_ context.Context, _ pgdb.Querier, ids []replenishment.SuggestionID) (out []replenishment.Suggestion, _ error) {
	for _, id := range ids {
		if one := s[id]; one != nil {
			out = append(out, *one)
		}
	}
	return out, nil
}

// work runs the jobs of the desk until none is left.
func (d *orderDesk) work(t *testing.T) {
	t.Helper()
	workers := river.NewWorkers()
	d.ops.Register(workers)
	client, err := river.NewClient(riverpgxv5.New(d.pool), &river.Config{Workers: workers, TestOnly: true, FetchPollInterval: 20 * time.Millisecond, FetchCooldown: 10 * time.Millisecond,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}, "allocation": {MaxWorkers: 2}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; {
		if n := ask[int](t, d, `select count(*) from river_job where finalized_at is null`); n == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the jobs do not end")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := client.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	if failed := ask[string](t, d, `select coalesce(string_agg(kind || ' ' || errors[1]::text, '; '), '') from river_job where errors is not null`); failed != "" {
		t.Error(failed)
	}
}

func TestApprovedTransfersBecomeOrders(t *testing.T) {
	d := openDesk(t)
	d.stock(t, "JX", "RING", "", 0, 40)
	s := shelf{
		7: {ID: 7, SKU: d.skus["RING"], Key: replenishment.Key{Kind: replenishment.Transfer, Site: d.sites["XH"], From: d.sites["JX"]}, Pieces: 30, State: replenishment.StateApproved,
			ArriveBy: calendar.Date(2026, time.November, 25)},
		8: {ID: 8, SKU: d.skus["RING"], Key: replenishment.Key{Kind: replenishment.Buy, Site: d.sites["JX"]}, Pieces: 30, State: replenishment.StateApproved},
	}
	d.ops.Suggestions = s
	tell := func(fact any) {
		t.Helper()
		if err := pgdb.InTx(t.Context(), d.pool, func(tx pgx.Tx) error { return d.bus.Publish(t.Context(), tx, fact) }); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		tell(replenishment.Approved{SuggestionIDs: []replenishment.SuggestionID{7, 8}})
	}
	d.work(t)
	if got := d.lineStates(t, "TR-2611-0001"); got != "RING 30 allocated JX" {
		t.Errorf("%s", got)
	}
	if n := ask[int](t, d, `select count(*) from warehouse.outbound where kind = 'transfer' and suggestion_id = 7 and to_site = $1`, d.sites["XH"]); n != 1 {
		t.Errorf("%d transfers", n)
	}
	s[7].State = replenishment.StateOpen
	tell(replenishment.TakenBack{SuggestionIDs: []replenishment.SuggestionID{7}})
	d.work(t)
	if got := d.lineStates(t, "TR-2611-0001"); got != "RING 30 cancelled JX" || d.reserved(t) != 0 {
		t.Errorf("taken back: %s, %d reserved", got, d.reserved(t))
	}
	d.sound(t)
}

// Orders go all the way by jobs alone, and freed pieces reach who waits.
func TestJobsCarryOrdersToTheFloor(t *testing.T) {
	d := openDesk(t)
	d.stock(t, "XH", "RING", "", 0, 1)
	d.place(t, order("J1", line("RING", 1, 1)))
	d.pass(time.Second)
	d.place(t, order("J2", line("RING", 1, 1)))
	time.Sleep(300 * time.Millisecond) // the pokes of the intake
	d.work(t)
	if a, b := d.lineStates(t, "J1"), d.lineStates(t, "J2"); a != "RING 1 allocated XH" || b != "RING 1 short XH" {
		t.Errorf("%s; %s", a, b)
	}
	if _, err := d.ops.CancelOrder(d.ctx, d.id(t, "J1"), ""); err != nil {
		t.Fatal(err)
	}
	d.work(t)
	if b := d.lineStates(t, "J2"); b != "RING 1 allocated XH" {
		t.Errorf("the freed piece: %s", b)
	}
	d.sound(t)
}
