package warehouseops

import (
	"github.com/riverqueue/river"

	"milkrun/internal/events"
)

// Register adds the workers of the domain.
func (o *Ops) Register(w *river.Workers) {
	o.registerOrders(w)
	o.registerMoves(w)
	o.registerTransfers(w)
	o.registerInbound(w)
	o.registerFloor(w)
	o.registerStock(w)
	o.registerLastMile(w)
}

// Subscribe subscribes the domain to the facts of others and to its own.
func (o *Ops) Subscribe(b *events.Bus) {
	o.subscribeOrders(b)
	subscribeMoves(b)
	subscribeTransfers(b)
	o.subscribeInbound(b)
	o.subscribeFloor(b)
	subscribeLastMile(b)
}

// Periodic gives the jobs that run by the clock.
func (o *Ops) Periodic() []*river.PeriodicJob {
	all := append(append(periodicOrders(), periodicMoves()...), periodicStock()...)
	return append(all, periodicFloor()...)
}
