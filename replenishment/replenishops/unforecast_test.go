package replenishops_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishdb"
	"milkrun/replenishment/replenishops"
)

// late is a world in which some SKUs have no forecast: only what else is known of them.
type late struct {
	*world
	without map[catalog.SKUID]bool
	pasts   map[catalog.SKUID]replenishops.Past
	pledges map[catalog.SKUID][]replenishment.Pledge
}

func (l *late) Demand(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) (map[catalog.SKUID][]replenishment.Demand, error) {
	all, err := l.world.Demand(ctx, q, skus, today)
	for id := range all {
		if l.without[id] {
			delete(all, id)
		}
	}
	return all, err
}

func (l *late) Pasts(context.Context, pgdb.Querier, []catalog.SKUID, calendar.Day) (map[catalog.SKUID]replenishops.Past, error) {
	return l.pasts, nil
}

func (l *late) Pledges(context.Context, pgdb.Querier, []catalog.SKUID, calendar.Day) (map[catalog.SKUID][]replenishment.Pledge, error) {
	return l.pledges, nil
}

func newLate(t *testing.T, n int) *late {
	t.Helper()
	l := &late{world: newWorld(t, n), without: map[catalog.SKUID]bool{}, pasts: map[catalog.SKUID]replenishops.Past{}, pledges: map[catalog.SKUID][]replenishment.Pledge{}}
	l.ops.Forecasts, l.ops.Pasts, l.ops.Pledges = l, l, l
	return l
}

// bought plans a SKU and gives what is suggested to buy of it, with the model that the number stands on.
func (l *late) bought(t *testing.T, sku catalog.SKUID) (quantity.Pieces, string) {
	t.Helper()
	if err := l.ops.Replan(l.buyer, sku); err != nil {
		t.Fatal(err)
	}
	all, err := l.ops.Of(l.buyer, sku)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Kind == replenishment.Buy {
			return s.Pieces, s.Explanation.Inputs.Model
		}
	}
	return 0, ""
}

// TestSalesWithoutAForecastAreBoughtFor: a SKU that sells but has no forecast is planned from its own sales; a heat that
// announces more makes it buy more.
func TestSalesWithoutAForecastAreBoughtFor(t *testing.T) {
	l := newLate(t, 1)
	sku := l.skus[0]
	l.without[sku] = true
	// By economic lots both answers are one lot; by need they differ.
	err := pgdb.InTx(t.Context(), l.pool, func(tx pgx.Tx) error {
		return replenishdb.SaveSettings(t.Context(), tx, replenishment.WeeklySettings(), time.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	if q, _ := l.bought(t, sku); q != 0 {
		t.Fatalf("%d pieces of what nothing is known of", q)
	}
	h := replenishment.History{Site: l.site.ID}
	heat := make([]float64, 90)
	for i := range 90 {
		h.Sold = append(h.Sold, quantity.Pieces(8+i%5))
	}
	l.pasts[sku] = replenishops.Past{Histories: []replenishment.History{h}, Signals: replenishment.Signals{Heat: heat, LagDays: 2}}
	calm, model := l.bought(t, sku)
	if calm < 60 || model != "history" {
		t.Fatalf("%d pieces by %q, want more than a week's by its history", calm, model)
	}
	for i := 84; i < 90; i++ {
		heat[i] = float64(i-82) * 1.2
	}
	if hot, _ := l.bought(t, sku); hot <= calm {
		t.Errorf("%d pieces with heat, %d without", hot, calm)
	}
}

// TestNewGoodsAreBoughtLikeOthers: without a past the SKU is bought like the one a buyer names, times the ratio; and not any
// more once that is taken back.
func TestNewGoodsAreBoughtLikeOthers(t *testing.T) {
	l := newLate(t, 2)
	sku, like := l.skus[0], l.skus[1]
	l.without[sku] = true
	if err := l.ops.Liken(l.buyer, sku, sku, 1); err == nil {
		t.Error("a SKU is likened to itself")
	}
	if err := l.ops.Liken(l.buyer, sku, like, 1); err != nil {
		t.Fatal(err)
	}
	one, model := l.bought(t, sku)
	known, _ := l.bought(t, like)
	if model != "look_alike" || one < known {
		t.Fatalf("%d pieces by %q; the other one is bought %d", one, model, known)
	}
	if err := l.ops.Liken(l.buyer, sku, like, 3); err != nil {
		t.Fatal(err)
	}
	if three, _ := l.bought(t, sku); three < 2*one {
		t.Errorf("three times as much: %d after %d", three, one)
	}
	if err := l.ops.Liken(l.buyer, sku, 0, 0); err != nil {
		t.Fatal(err)
	}
	if q, _ := l.bought(t, sku); q != 0 {
		// The open suggestion is neither renewed nor withdrawn without a forecast; a new one must not have come.
		if likes, err := l.ops.Likenesses(l.buyer, sku); err != nil || len(likes) != 0 {
			t.Errorf("still like %v, %v", likes, err)
		}
	}
}

// TestSuccessorsAreBoughtLikeWhatTheyReplace: the catalogue's word is enough.
func TestSuccessorsAreBoughtLikeWhatTheyReplace(t *testing.T) {
	l := newLate(t, 2)
	sku, old := l.skus[0], l.skus[1]
	l.without[sku] = true
	if _, err := l.pool.Exec(t.Context(), `update catalog.sku set successor_id = $1 where id = $2`, sku, old); err != nil {
		t.Fatal(err)
	}
	if q, model := l.bought(t, sku); q == 0 || model != "look_alike" {
		t.Errorf("%d pieces by %q", q, model)
	}
	likes, err := l.ops.Likenesses(l.buyer, sku)
	if err != nil || len(likes) != 1 || likes[0].Like != old || likes[0].ByHand {
		t.Errorf("%+v, %v", likes, err)
	}
}

// TestLaunchesAreBoughtLikeTheirCategory: around its launch a SKU of which nothing is said sells like its neighbours in price.
func TestLaunchesAreBoughtLikeTheirCategory(t *testing.T) {
	l := newLate(t, 3)
	sku := l.skus[0]
	l.without[sku] = true
	for _, other := range l.skus[1:] {
		if q, _ := l.bought(t, other); q == 0 {
			t.Fatal("the neighbours are not planned")
		}
	}
	if q, _ := l.bought(t, sku); q != 0 {
		t.Fatalf("%d pieces of a SKU without a launch", q)
	}
	if _, err := l.pool.Exec(t.Context(), `update catalog.sku set launched = $2 where id = $1`, sku, l.ops.Today()); err != nil {
		t.Fatal(err)
	}
	if q, model := l.bought(t, sku); q == 0 || model != "look_alike" {
		t.Errorf("%d pieces by %q", q, model)
	}
}

// TestPledgesAreBoughtFor: what is sold in advance is bought on top of the forecast, and alone.
func TestPledgesAreBoughtFor(t *testing.T) {
	l := newLate(t, 2)
	for _, c := range []struct {
		sku  catalog.SKUID
		bare bool
	}{{l.skus[0], false}, {l.skus[1], true}} {
		l.without[c.sku] = c.bare
		before, _ := l.bought(t, c.sku)
		l.pledges[c.sku] = []replenishment.Pledge{{Site: l.site.ID, Day: l.ops.Today().AddDays(9), Pieces: 600}}
		after, _ := l.bought(t, c.sku)
		if after-before < 540 {
			t.Errorf("bare %v: %d pieces before, %d with 600 pledged", c.bare, before, after)
		}
	}
}

// TestPledgesAloneClearNothing: what is known of a SKU by its pledges alone says nothing of the rest of its stock.
func TestPledgesAloneClearNothing(t *testing.T) {
	l := newLate(t, 1)
	sku := l.skus[0]
	l.without[sku] = true
	l.pledges[sku] = []replenishment.Pledge{{Site: l.site.ID, Day: l.ops.Today().AddDays(9), Pieces: 4}}
	if err := l.ops.Replan(l.buyer, sku); err != nil {
		t.Fatal(err)
	}
	if all, err := l.ops.Of(l.buyer, sku); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

// TestSuppliersKeepStockBetweenBounds: the bounds of a supplier who keeps the stock up are there after he is named, say what
// the plan would buy, and go when he is not any more.
func TestSuppliersKeepStockBetweenBounds(t *testing.T) {
	l := newLate(t, 2)
	planned := func() []replenishops.MinMaxLine {
		t.Helper()
		if err := l.ops.Replan(l.buyer, l.skus...); err != nil {
			t.Fatal(err)
		}
		all, err := l.ops.MinMaxes(l.buyer, l.supplier, 100)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if got := planned(); len(got) != 0 {
		t.Fatalf("bounds for a supplier who keeps nothing: %+v", got)
	}
	if err := l.ops.SetVMI(l.buyer, l.supplier, true); err != nil {
		t.Fatal(err)
	}
	got := planned()
	if len(got) != 2 {
		t.Fatalf("%d bounds for 2 SKUs", len(got))
	}
	want, _ := l.bought(t, l.skus[0])
	if m := got[0]; m.Min <= 0 || m.Max <= m.Min || m.Position != 30 || m.Send != want || m.SKUCode != "MR-1" {
		t.Errorf("%+v; the plan buys %d", m, want)
	}
	list, err := l.ops.VMI(l.buyer)
	if err != nil || len(list) != 1 || list[0].Lines != 2 || list[0].Short != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	if err := l.ops.SetVMI(l.buyer, l.supplier, false); err != nil {
		t.Fatal(err)
	}
	if got := planned(); len(got) != 0 {
		t.Errorf("%d bounds are left", len(got))
	}
}
