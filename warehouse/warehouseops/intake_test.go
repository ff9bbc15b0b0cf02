package warehouseops

import (
	"testing"
	"time"
)

func TestAllocationGivesWayToIntake(t *testing.T) {
	var i intake
	if got := i.batch(t.Context()); got != batchShipments {
		t.Errorf("quiet: batches of %d, want %d", got, batchShipments)
	}
	i.enter(fewOrders + 1)() // bulk: nobody waits
	if got := i.batch(t.Context()); got != batchShipments {
		t.Errorf("after bulk: batches of %d, want %d", got, batchShipments)
	}
	leave := i.enter(1)
	gone := make(chan struct{})
	go func() { time.Sleep(2 * time.Millisecond); leave(); close(gone) }()
	if got := i.batch(t.Context()); got != calmShipments {
		t.Errorf("while an order comes in: batches of %d, want %d", got, calmShipments)
	}
	<-gone
	held := i.enter(1)
	if got := i.batch(t.Context()); got != calmShipments { // answers although the order never ends
		t.Errorf("behind an order that hangs: batches of %d, want %d", got, calmShipments)
	}
	held()
	if n := i.open.Load(); n != 0 {
		t.Errorf("%d orders are still counted", n)
	}
}
