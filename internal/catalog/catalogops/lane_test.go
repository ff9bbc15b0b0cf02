package catalogops_test

import (
	"math"
	"testing"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/pgdb"
)

// What transfers really took is what the planner reads of the lane from then on.
func TestObservedTimesAreThoseOfTheNetwork(t *testing.T) {
	ctx, o, pool := house(t)
	before, err := catalogdb.Lanes(ctx, pool)
	if err != nil || len(before) == 0 {
		t.Fatal(before, err)
	}
	lane := before[0]
	if err := pgdb.InTx(ctx, pool, func(tx pgx.Tx) error { return o.ObserveLane(ctx, tx, lane.From, lane.To, 6.75, 1.5, 12) }); err != nil {
		t.Fatal(err)
	}
	after, err := catalogdb.Lanes(ctx, pool)
	if err != nil || len(after) != len(before) {
		t.Fatal(after, err)
	}
	for i, l := range after {
		want := before[i]
		if l.From == lane.From && l.To == lane.To {
			want.LeadMean, want.LeadSD = 6.75, 1.5
		}
		if l.From != want.From || l.To != want.To || math.Abs(l.LeadMean-want.LeadMean) > 1e-6 || math.Abs(l.LeadSD-want.LeadSD) > 1e-6 || l.CostFen != want.CostFen {
			t.Errorf("%+v, want %+v", l, want)
		}
	}
	if err := pgdb.InTx(ctx, pool, func(tx pgx.Tx) error { return o.ObserveLane(ctx, tx, lane.To, catalog.SiteID(9999), 1, 1, 9) }); err == nil {
		t.Error("a lane that there is not was observed")
	}
}
