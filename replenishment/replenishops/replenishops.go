// Package replenishops holds the use cases of planning: runs over the whole range, plans of single SKUs after news, and the
// buyer's decisions on what is suggested.
package replenishops

import (
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/internal/calendar"
	"milkrun/internal/events"
)

// Deps is what planning stands on.
type Deps struct {
	Pool      *pgxpool.Pool
	Bus       *events.Bus
	Clock     func() time.Time
	Log       *slog.Logger
	Catalog   Catalog
	Forecasts Forecasts
	Stock     Stock
	Orders    Orders
	// Pasts may be nil: what has no forecast is then planned without one. Pledges may be nil: nothing is sold in advance.
	Pasts   Pasts
	Pledges Pledges
	// LeadsOf may be nil: suppliers are then compared by their terms alone.
	LeadsOf Leads
	// Records may be nil: suppliers, lanes and sites are then not watched.
	Records Records
	// Zone is where a business day begins and ends.
	Zone *time.Location
	// UndoWindow is how long after an approval its fact is published, so that it can be taken back before an order comes of it.
	UndoWindow time.Duration
	// ShardSKUs is how many SKUs one job plans; 0 means 500.
	ShardSKUs int
}

// Ops holds the use cases of planning.
type Ops struct {
	Deps
	figures *figures
}

// New gives the use cases.
func New(d Deps) *Ops {
	if d.ShardSKUs == 0 {
		d.ShardSKUs = 500
	}
	return &Ops{Deps: d, figures: &figures{}}
}

// Today is the business day of the clock.
func (o *Ops) Today() calendar.Day { return calendar.Of(o.Clock(), o.Zone) }
