package records

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"milkrun/warehouse"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Books proves that ledger, positions and reservations agree; warehouseops.Ops is one.
type Books interface {
	AuditRuns(ctx context.Context, limit int) ([]warehouse.AuditRun, error)
	Audit(ctx context.Context, all bool) (warehouse.AuditRun, error)
}

// booksShown is how many proofs the page shows.
const booksShown = 8

// prove proves the books now.
func (s System) prove(w http.ResponseWriter, r *http.Request) error {
	if s.Books == nil {
		return route.NotFound()
	}
	if _, err := s.Books.Audit(r.Context(), false); err != nil {
		return err
	}
	return route.See(w, r, "/system")
}

// faultWords says what disagrees.
func faultWords(ctx context.Context, f warehouse.Fault) string {
	where := fmt.Sprintf("#%d %s %s", f.Position, f.Place.Bin, f.Place.Lot)
	is, should := f.OnHand, f.Ledger
	switch f.Kind {
	case warehouse.FaultReserved:
		is, should = f.Reserved, f.Promised
	case warehouse.FaultAllocated:
		where, is, should = fmt.Sprintf("%s / %d", f.Order, f.Line), f.Allocated, f.Promised
	case warehouse.FaultOrphan:
		where = fmt.Sprint(f.Allocation)
	}
	return ui.T(ctx, "system.fault_"+string(f.Kind), "Is", is, "Should", should, "Where", where)
}

// culpritWords names the entry that can have broken it first.
func culpritWords(ctx context.Context, f warehouse.Fault) string {
	if f.First == nil {
		return ui.T(ctx, "system.fault_behind")
	}
	return ui.T(ctx, "system.fault_first", "Entry", fmt.Sprint(f.First.Entry), "Cause", f.First.Cause, "By", f.First.By, "At", ui.Moment(ctx, f.First.At))
}

func tookText(d time.Duration) string { return ui.Decimal(d.Seconds(), 1) + " s" }
