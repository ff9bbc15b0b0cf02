package warehouseops

import (
	"context"
	"sync/atomic"
	"time"
)

// Allocation is work for the whole machine; a customer's order that comes in meanwhile waits for an answer.
const (
	// fewOrders is how many orders at most are taken for somebody who waits; larger batches are bulk work themselves.
	fewOrders = 20
	// intakeLately is how long after an order allocation expects the next one.
	intakeLately = time.Second
	// calmShipments is the size of a batch of allocation while orders come in: about ten milliseconds of work.
	calmShipments = 200
	// giveWayMost bounds how long a batch waits for orders that are being stored, so that a flood of them never stops allocation.
	giveWayMost = 15 * time.Millisecond
)

// intake counts the orders that this process is storing for somebody who waits. The zero value is ready.
type intake struct {
	open atomic.Int32
	last atomic.Int64 // Unix nanoseconds of the latest
}

// enter marks the begin of storing so many orders; leave is to be called at its end.
func (i *intake) enter(orders int) (leave func()) {
	if orders > fewOrders {
		return func() {}
	}
	i.open.Add(1)
	i.last.Store(time.Now().UnixNano())
	return func() { i.open.Add(-1) }
}

// batch gives how many shipments the next batch of allocation may take, once the orders that are being stored have been answered
// or the wait for them has been long enough.
func (i *intake) batch(ctx context.Context) int {
	if time.Since(time.Unix(0, i.last.Load())) > intakeLately {
		return batchShipments
	}
	for end := time.Now().Add(giveWayMost); i.open.Load() > 0 && ctx.Err() == nil && time.Now().Before(end); {
		time.Sleep(500 * time.Microsecond)
	}
	return calmShipments
}
