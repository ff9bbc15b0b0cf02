package forecastops_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/forecasting"
	"milkrun/forecasting/forecastdb"
	"milkrun/forecasting/forecastops"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// TestWhatOneSeesAddsUp: after a run with a planner's change, the forecasts of the series sum to those of the lists and of the whole, and
// the pieces of each add up to it.
func TestWhatOneSeesAddsUp(t *testing.T) {
	w := newWorld(t, shape{skus: 12, sites: 3, days: 420, lag: 5})
	w.work()
	w.awaitPublished(w.start().ID)
	w.idle()
	planner := as(access.Planner)

	// A change of one site by a factor, and one of all sites by pieces.
	at := w.outlooks()
	key := forecasting.Key{SKU: 1, Site: 2}
	before := at[key]
	began := time.Now()
	half, err := w.ops.MakeOverride(planner, forecasting.Override{Key: key, From: today.AddDays(3), To: today.AddDays(9), Factor: .5, Reason: "隔壁开了店"})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("changed in %s", time.Since(began))
	now := w.outlooks()[key]
	for i := range now.Mean {
		want := before.Mean[i]
		if i >= 3 && i <= 9 {
			want /= 2
		}
		if math.Abs(float64(now.Mean[i]-want)) > 1e-3*float64(want)+1e-4 {
			t.Fatalf("day %d: %g, want %g", i, now.Mean[i], want)
		}
	}
	if s := now.Explanation.Steps; len(s) == 0 || s[len(s)-1].Step != forecasting.StepOverride || s[len(s)-1].Ref != half.ID {
		t.Errorf("the change is not explained: %+v", s)
	}
	if _, err := w.ops.MakeOverride(planner, forecasting.Override{Key: forecasting.Key{SKU: 2}, From: today, To: today.AddDays(6), Pieces: 90, Reason: "直播"}); err != nil {
		t.Fatal(err)
	}
	sumOfDay := 0.0
	for k, o := range w.outlooks() {
		if k.SKU == 2 {
			sumOfDay += float64(o.Mean[0])
		}
	}
	if math.Abs(sumOfDay-90) > .01 {
		t.Errorf("all sites together expect %g pieces, want 90", sumOfDay)
	}
	w.addsUp()

	// The next run keeps the changes, and adds up as well.
	w.awaitPublished(w.start().ID)
	w.idle()
	w.addsUp()
	if s := w.outlooks()[key].Explanation.Steps; len(s) == 0 || s[len(s)-1].Ref != half.ID {
		t.Errorf("the next run has lost the change: %+v", s)
	}

	// Withdrawn, it is gone.
	if _, err := w.ops.WithdrawOverride(planner, half.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ops.WithdrawOverride(planner, half.ID); !errors.Is(err, forecasting.ErrNoOverride) {
		t.Errorf("withdrawn twice: %v", err)
	}
	for _, s := range w.outlooks()[key].Explanation.Steps {
		if s.Step == forecasting.StepOverride {
			t.Error("the withdrawn change still counts")
		}
	}
	w.addsUp()
}

// addsUp checks the sums of the run in force at every level.
func (w *world) addsUp() {
	w.t.Helper()
	ctx := context.Background()
	total, bySKU := 0.0, map[catalog.SKUID]float64{}
	for k, o := range w.outlooks() {
		total += o.Sum(28)
		bySKU[k.SKU] += o.Sum(28)
		pieces := 0.0
		for _, p := range o.Pieces() {
			pieces += p.Pieces
		}
		if math.Abs(pieces-o.Sum(28)) > 1e-2*(1+o.Sum(28)) {
			w.t.Errorf("%s: the pieces sum to %g, the forecast to %g: %+v", k, pieces, o.Sum(28), o.Pieces())
		}
	}
	run, err := forecastdb.CurrentRun(ctx, w.pool)
	if err != nil {
		w.t.Fatal(err)
	}
	band, err := forecastdb.RunBand(ctx, w.pool, run.ID, nil, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	whole := 0.0
	for _, v := range band.Mean[:28] {
		whole += v
	}
	if math.Abs(whole-total) > 1e-4*total {
		w.t.Errorf("the whole is %g, its series sum to %g", whole, total)
	}
	page, err := w.ops.Demand(system(), forecasting.DemandQuery{Limit: 500})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range page.Rows {
		if math.Abs(r.Forecast28-bySKU[r.SKU]) > 1e-3*(1+bySKU[r.SKU]) {
			w.t.Errorf("sku %d: the list says %g, its series sum to %g", r.SKU, r.Forecast28, bySKU[r.SKU])
		}
	}
	lifts, err := forecastdb.LiftsOf(ctx, w.pool, run.ID)
	if err != nil || len(lifts) == 0 {
		w.t.Errorf("the run is not reconciled: %v %v", lifts, err)
	}
}

// TestOverrideRefusals: a change that cannot be used is refused with its reason.
func TestOverrideRefusals(t *testing.T) {
	w := newWorld(t, shape{skus: 2, sites: 2, days: 120})
	good := forecasting.Override{Key: forecasting.Key{SKU: 1, Site: 1}, From: today, To: today.AddDays(2), Factor: 2, Reason: "团购"}
	if _, err := w.ops.MakeOverride(as(access.Planner), good); !errors.Is(err, forecasting.ErrNoRun) {
		t.Errorf("before the first run: %v", err)
	}
	w.work()
	w.awaitPublished(w.start().ID)
	for name, c := range map[string]struct {
		change func(o *forecasting.Override)
		as     context.Context
		want   error
	}{
		"no reason":     {func(o *forecasting.Override) { o.Reason = "  " }, as(access.Planner), forecasting.ErrOverride},
		"back to front": {func(o *forecasting.Override) { o.To = today.AddDays(-1) }, as(access.Planner), forecasting.ErrOverride},
		"past":          {func(o *forecasting.Override) { o.From, o.To = today.AddDays(-9), today.AddDays(-2) }, as(access.Planner), forecasting.ErrOverride},
		"too far":       {func(o *forecasting.Override) { o.From, o.To = today.AddDays(500), today.AddDays(501) }, as(access.Planner), forecasting.ErrOverride},
		"huge":          {func(o *forecasting.Override) { o.Factor = 1000 }, as(access.Planner), forecasting.ErrOverride},
		"not allowed":   {func(*forecasting.Override) {}, as(access.Buyer), access.ErrForbidden},
		"other site":    {func(*forecasting.Override) {}, as(access.Planner, 2), access.ErrForbidden},
	} {
		o := good
		c.change(&o)
		if _, err := w.ops.MakeOverride(c.as, o); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestOverrideIsScored: once the days of a change have passed, a run says whether it helped.
func TestOverrideIsScored(t *testing.T) {
	w := newWorld(t, shape{skus: 2, sites: 1, days: 200})
	w.work()
	w.awaitPublished(w.start().ID)
	key := forecasting.Key{SKU: 1, Site: 1}
	right, err := w.ops.MakeOverride(as(access.Planner), forecasting.Override{Key: key, From: today, To: today.AddDays(2), Pieces: 60, Reason: "团购"})
	if err != nil {
		t.Fatal(err)
	}
	w.idle()
	w.tx(func(tx pgx.Tx) error {
		_, err := w.ops.MergeSales(context.Background(), tx, func(yield func(forecasting.Sale, error) bool) {
			for i := range 4 {
				for sku := 1; sku <= 2; sku++ {
					if !yield(forecasting.Sale{Key: forecasting.Key{SKU: catalog.SKUID(sku), Site: 1}, Day: today.AddDays(i), Pieces: 58, Price: money.Fen(2990)}, nil) {
						return
					}
				}
			}
		})
		return err
	})
	w.clock = w.clock.AddDate(0, 0, 5)
	w.awaitPublished(w.start().ID)
	list, err := w.ops.Overrides(as(access.Planner), 0, 10)
	if err != nil || len(list) != 1 || list[0].ID != right.ID {
		t.Fatalf("%+v, %v", list, err)
	}
	s := list[0].Score
	if s == nil || s.Days != 3 || !s.Helped() || math.Abs(s.After-6) > .1 {
		t.Errorf("score %+v, want 3 days that it helped, 6 pieces off", s)
	}
	w.idle()
}

// TestAlarms: a series that stops selling raises an alarm, a site that does not report raises one of its own; taken note of, they stay
// until a run does not find them.
func TestAlarms(t *testing.T) {
	w := newWorld(t, shape{skus: 6, sites: 2, days: 260})
	w.work()
	w.exec(`delete from forecast.sale where sku_id = 1 and site_id = 1 and day >= $1::date - 40`, today.Time())
	w.exec(`delete from forecast.sale where site_id = 2 and day between $1::date - 20 and $1::date - 15`, today.Time())
	w.exec(`delete from forecast.site_day where site_id = 2 and day between $1::date - 20 and $1::date - 15`, today.Time())
	w.awaitPublished(w.start().ID)
	w.idle()
	list, counts, err := w.ops.Alarms(as(access.Planner), forecastops.AlarmQuery{})
	if err != nil || len(counts) == 0 {
		t.Fatal(counts, err)
	}
	var hole, silent int64
	for _, a := range list {
		if a.SKU == 0 && a.Site == 2 && a.Kind == forecasting.AlarmHole && a.From == today.AddDays(-20) && a.Value == 6 {
			hole = a.ID
		}
		if a.SKU == 1 && a.Site == 1 {
			silent = a.ID
		}
		if a.SKU != 0 && a.SKU != 1 && a.Kind == forecasting.AlarmSilence {
			t.Errorf("a false alarm: %+v", a)
		}
	}
	if hole == 0 || silent == 0 {
		t.Fatalf("not all was found: %+v", list)
	}
	if _, err := w.ops.AckAlarm(as(access.Buyer), hole, ""); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a buyer: %v", err)
	}
	acked, err := w.ops.AckAlarm(as(access.Planner), hole, "门店停电")
	if err != nil || acked.State != forecasting.AlarmAcked || acked.AckedNote != "门店停电" {
		t.Errorf("%+v, %v", acked, err)
	}
	w.awaitPublished(w.start().ID)
	w.idle()
	if list, _, err = w.ops.Alarms(as(access.Planner), forecastops.AlarmQuery{State: forecasting.AlarmAcked}); err != nil || len(list) != 1 || list[0].ID != hole {
		t.Errorf("the next run has lost the note: %+v, %v", list, err)
	}
	// The missing days are delivered: over.
	w.putSales(shape{skus: 6, sites: 2, days: 260}, w.pastHeat(260))
	w.awaitPublished(w.start().ID)
	w.idle()
	if _, err := w.ops.AckAlarm(as(access.Planner), hole, ""); !errors.Is(err, forecasting.ErrNoAlarm) {
		t.Errorf("the hole is filled: %v", err)
	}
}

// TestLaunches: a SKU that has never sold is forecast from its like, votes raise it, and a successor takes over from one that ends.
func TestLaunches(t *testing.T) {
	w := newWorld(t, shape{skus: 8, sites: 2, days: 400})
	// SKUs 5 and 7 (category 4) were launched half a year ago; 9 is about to be, 10 as well and members have voted for it; 11 takes over from 3.
	w.exec(`delete from forecast.sale where sku_id in (5, 7) and day < $1::date - 180`, today.Time())
	w.exec(`update forecast.series set first_day = $1::date - 180 where sku_id in (5, 7)`, today.Time())
	w.exec(`insert into catalog.sku (code, name_zh, category_id, price_fen, launched) select 'NEW-' || g, '新品', 4, 2990, $1::date + 3 from generate_series(9, 11) g`, today.Time())
	w.exec(`update catalog.sku set launched = null where id = 11`)
	w.exec(`update catalog.sku set successor_id = 11, retired = $1::date + 20 where id = 3`, today.Time())
	// Site 2 is bonded: a supplier ships 10 there and 11 takes over from what is sold there, 9 does not cross the border.
	w.exec(`update catalog.site set tier = 'bonded' where id = 2`)
	w.exec(`insert into catalog.supplier (code, name_zh) values ('S-1', '厂')`)
	w.exec(`insert into catalog.term (supplier_id, sku_id, lead_mean_days, ships_to) select id, 10, 9, 2 from catalog.supplier`)
	w.ops.Subscribe(w.bus)
	w.work()
	w.tx(func(tx pgx.Tx) error {
		if err := w.bus.Publish(context.Background(), tx, c2m.VoteClosed{Proposal: "P-1", SKU: 10, Voters: 900, WouldBuy: 500, At: now}); err != nil {
			return err
		}
		return w.bus.Publish(context.Background(), tx, c2m.CampaignClosed{Campaign: 4, SKU: 10, ShipTo: 1, Won: true, Pieces: quantity.Pieces(200), At: now})
	})
	w.idle()
	w.awaitPublished(w.start().ID)
	at := w.outlooks()
	sum := func(sku catalog.SKUID, from, to int) (total float64) {
		for k, o := range at {
			if k.SKU == sku {
				for _, v := range o.Mean[from:to] {
					total += float64(v)
				}
			}
		}
		return total
	}
	if plain := sum(9, 3, 42); plain <= 0 || sum(9, 0, 3) != 0 {
		t.Errorf("a new SKU expects %g pieces after its launch and %g before", plain, sum(9, 0, 3))
	}
	// 500 × 0.6 + 200 are certain to come; half of them within a fortnight of the launch.
	if more := sum(10, 0, 42) - sum(9, 0, 42); more < 150 || more > 510 {
		t.Errorf("votes and pledges add %g pieces", more)
	}
	for sku, want := range map[catalog.SKUID]bool{9: false, 10: true, 11: true} {
		if _, there := at[forecasting.Key{SKU: sku, Site: 2}]; there != want {
			t.Errorf("SKU %d is forecast at the bonded site: %v", sku, there)
		}
	}
	o := at[forecasting.Key{SKU: 10, Site: 1}]
	if n := o.Explanation.Launch; n == nil || n.Votes != 500 || n.Pledged != 200 || n.Alike == 0 {
		t.Errorf("the launch is explained by %+v", n)
	}
	if old := sum(3, 21, 42); old > .5 {
		t.Errorf("the SKU that ends is forecast %g pieces after its end", old)
	}
	if next := sum(11, 25, 42); next < .5*sum(3, 0, 1)*17 {
		t.Errorf("its successor expects %g pieces", next)
	}
	w.addsUp()
	w.idle()
}

// TestCohorts: with twice as many babies of the age coming, the demand of a SKU of that age rises ahead of its sales.
func TestCohorts(t *testing.T) {
	w := newWorld(t, shape{skus: 4, sites: 2, days: 500})
	w.work()
	w.exec(`insert into forecast.sku_stage values (1, 6, 9)`)
	w.exec(`insert into forecast.site_region values (1, '华东')`)
	m := forecasting.MonthOf(today)
	var list []forecasting.Cohort
	for k := m - 60; k <= m; k++ {
		babies := 1000.0
		if k >= m-6 {
			babies = 2000 // they are six months old from this month on
		}
		list = append(list, forecasting.Cohort{Region: "华东", Month: k, Babies: babies})
	}
	w.tx(func(tx pgx.Tx) error {
		_, err := w.ops.MergeCohorts(context.Background(), tx, func(yield func(forecasting.Cohort, error) bool) {
			for _, c := range list {
				if !yield(c, nil) {
					return
				}
			}
		})
		return err
	})
	w.awaitPublished(w.start().ID)
	at := w.outlooks()
	o := at[forecasting.Key{SKU: 1, Site: 1}]
	c := o.Explanation.Cohort
	if c == nil || c.Region != "华东" || c.From != 6 || c.To != 9 {
		t.Fatalf("the cohort is not explained: %+v", c)
	}
	if rise := c.Multiplier[40] / c.Multiplier[0]; rise < 1.15 {
		t.Errorf("in six weeks the cohort multiplies by %g", rise)
	}
	early, late := 0.0, 0.0
	for i := range 14 {
		early, late = early+float64(o.Mean[i]), late+float64(o.Mean[i+28])
	}
	if late < 1.1*early {
		t.Errorf("demand goes from %g to %g", early, late)
	}
	if at[forecasting.Key{SKU: 2, Site: 1}].Explanation.Cohort != nil {
		t.Error("a SKU of no age follows the babies")
	}
	// The other site has no region: all regions together stand for it.
	if c := at[forecasting.Key{SKU: 1, Site: 2}].Explanation.Cohort; c == nil || c.Region != "" {
		t.Errorf("a site without a region: %+v", c)
	}
	w.addsUp()
	w.idle()
}
