package replenishops

import (
	"context"
	"time"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
)

// What planning reads of the other domains. All of it is read in one snapshot (q), for a batch of SKUs.

// Goods is the master data of one SKU.
type Goods struct {
	SKU     catalog.SKU
	Class   replenishment.Class
	Cost    money.Fen // what a piece in stock is worth; 0 when unknown
	Sources []replenishment.Source
}

// Network is where goods can stand and move.
type Network struct {
	Sites []catalog.Site
	Lanes []catalog.Lane
}

// Catalog gives master data.
type Catalog interface {
	Network(ctx context.Context, q pgdb.Querier) (Network, error)
	Goods(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID) (map[catalog.SKUID]Goods, error)
}

// Forecasts gives the demand to come by SKU and site, from today on.
type Forecasts interface {
	Demand(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) (map[catalog.SKUID][]replenishment.Demand, error)
}

// Past is what is known of a SKU at the sites that sell it without a forecast in force: their own sales, and the signals
// beside them.
type Past struct {
	Histories []replenishment.History
	Signals   replenishment.Signals
}

// Pasts gives the past of the SKUs that sell at some site without a forecast in force, of those sites alone. Histories end
// yesterday.
type Pasts interface {
	Pasts(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) (map[catalog.SKUID]Past, error)
}

// Pledges gives what shoppers have pledged for in campaigns that will be delivered, as far as its goods are neither delivered nor
// kept for a lot that is not ordered yet.
type Pledges interface {
	Pledges(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) (map[catalog.SKUID][]replenishment.Pledge, error)
}

// Stock gives what stands where.
type Stock interface {
	Positions(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) (map[catalog.SKUID][]replenishment.Position, error)
}

// Orders gives what is ordered and has not arrived.
type Orders interface {
	Supply(ctx context.Context, q pgdb.Querier, skus []catalog.SKUID, today calendar.Day) (map[catalog.SKUID][]replenishment.Supply, error)
}

// Records gives how suppliers' lots have fared in inspection and how long moves have taken since a moment, and how full
// the sites are. Of a lane it need give no more than its ends.
type Records interface {
	Since(ctx context.Context, q pgdb.Querier, since time.Time) (replenishment.House, error)
}

// LeadRecord is how a supplier's deliveries of a SKU have come: days from the order to what came of it, weighed by pieces.
type LeadRecord struct {
	Lines    int // order lines that came
	Mean, SD float64
}

// Leads gives how suppliers have delivered a SKU since a moment.
type Leads interface {
	Leads(ctx context.Context, q pgdb.Querier, sku catalog.SKUID, since time.Time) (map[catalog.SupplierID]LeadRecord, error)
}
