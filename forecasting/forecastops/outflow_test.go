package forecastops_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"milkrun/forecasting/forecastops"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/dbtest"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
)

// outflow is what some shipments have taken out.
type outflow map[int64][]warehouse.Sold

func (o outflow) Sold(_ context.Context, _ pgdb.Querier, shipments []int64) (out []warehouse.Sold, _ error) {
	for _, s := range shipments {
		out = append(out, o[s]...)
	}
	return out, nil
}

func TestShipmentsAreSalesOnce(t *testing.T) {
	pool, bus := dbtest.Pool(t), events.NewBus()
	var site catalog.SiteID
	var sku catalog.SKUID
	if err := pool.QueryRow(t.Context(), `with s as (insert into catalog.site (code, name_zh, tier, lat, lon) values ('F1', '前置仓', 'front', 31, 121) returning id),
		c as (insert into catalog.category (code, name_zh) values ('milk', '奶粉') returning id),
		k as (insert into catalog.sku (code, name_zh, category_id) select 'MR-1', '奶粉', id from c returning id)
		select s.id, k.id from s, k`).Scan(&site, &sku); err != nil {
		t.Fatal(err)
	}
	day := calendar.Date(2026, time.November, 23)
	sold := func(source string, n int64) warehouse.Sold {
		return warehouse.Sold{Source: source, SKU: sku, Site: site, Day: day, Pieces: quantity.Pieces(n)}
	}
	first := sold("shipment 1", 3)
	first.Amount = 3000
	second := sold("shipment 2", 1)
	second.Amount = 2000
	ops := forecastops.New(forecastops.Deps{Pool: pool, Bus: bus, Clock: time.Now, Log: slog.New(slog.DiscardHandler), Outflow: outflow{1: {first}, 2: {second}}})
	workers := river.NewWorkers()
	ops.Register(workers)
	ops.Subscribe(bus)
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Workers: workers, Logger: slog.New(slog.DiscardHandler), TestOnly: true,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}}, FetchPollInterval: 20 * time.Millisecond, FetchCooldown: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	bus.Bind(client)
	done, cancel := client.Subscribe(river.EventKindJobCompleted, river.EventKindJobFailed)
	defer cancel()
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Stop(context.WithoutCancel(t.Context())) }()
	facts := []any{warehouse.Shipped{Site: site, Shipments: []int64{1}}, warehouse.Shipped{Site: site, Shipments: []int64{1, 2}}, warehouse.Shipped{Site: site, Shipments: []int64{2}},
		warehouse.CameBack{Site: site, Pieces: []warehouse.Sold{sold("return 9", -1)}}, warehouse.CameBack{Site: site, Pieces: []warehouse.Sold{sold("return 9", -1)}}}
	for _, f := range facts {
		if err := pgdb.InTx(t.Context(), pool, func(tx pgx.Tx) error { return bus.Publish(t.Context(), tx, f) }); err != nil {
			t.Fatal(err)
		}
		if e := <-done; e.Kind != river.EventKindJobCompleted {
			t.Fatalf("%s: %v", e.Job.Kind, e.Job.Errors)
		}
	}
	var pieces, price int64
	if err := pool.QueryRow(t.Context(), `select pieces, price_fen from forecast.sale where sku_id = $1`, sku).Scan(&pieces, &price); err != nil {
		t.Fatal(err)
	}
	if pieces != 3 || price != 1250 {
		t.Errorf("%d pieces at %d fen, want 3 (four went out, one came back) at 1250", pieces, price)
	}
	var total int64
	if err := pool.QueryRow(t.Context(), `select sum(pieces) from forecast.sale_total`).Scan(&total); err != nil || total != 3 {
		t.Errorf("the sums say %d, %v", total, err)
	}
}
