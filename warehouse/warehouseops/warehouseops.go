// Package warehouseops holds the use cases of stock: opening counts, receipts, what stands where, and the check of the ledger.
package warehouseops

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// Deps is what the use cases of stock stand on.
type Deps struct {
	Pool  *pgxpool.Pool
	Bus   *events.Bus
	Clock func() time.Time
	Log   *slog.Logger
	// Seal encrypts consignees; without it no customer's order is taken.
	Seal *warehouse.Seal
	// Zone is where the house's own day begins and ends; nil means Asia/Shanghai. A site's day is by the site's zone.
	Zone *time.Location
	// Notes reads suppliers' delivery notes; nil expects none.
	Notes Notes
	// Quality knows suppliers' records and certificates; nil inspects by the house's rule alone.
	Quality Quality
	// Lanes takes observed times of lanes; nil keeps the promised ones.
	Lanes Lanes
	// Suggestions reads what planners have approved; nil makes no transfers of it.
	Suggestions Suggestions
}

// Ops holds the use cases of stock.
type Ops struct {
	Deps
	sourcing poke
	intake   intake
	picture  atomic.Pointer[sourcing] // what the last run of sourcing saw of long queues
}

// New gives the use cases.
func New(d Deps) *Ops {
	if d.Zone == nil {
		d.Zone = time.FixedZone("Asia/Shanghai", 8*60*60) // China has one zone and no summer time
	}
	return &Ops{Deps: d}
}

// SetOpening books the counts as the stock that the positions hold, within tx, as one operation: what stood there before is
// corrected by the difference. The operation id makes a repeated command harmless. It answers how many positions changed.
func (o *Ops) SetOpening(ctx context.Context, tx pgx.Tx, operation uuid.UUID, note string, counts []warehouse.Count) (int, error) {
	u, err := access.Require(ctx, access.Import)
	if err != nil {
		return 0, err
	}
	for _, c := range counts {
		if !u.MayTouchSite(c.Site) {
			return 0, fmt.Errorf("warehouseops: site %d: %w", c.Site, access.ErrForbidden)
		}
	}
	op := warehousedb.Operation{ID: operation, Cause: "opening", At: o.Clock(), Account: account(u), Actor: u.Name, Note: note}
	fresh, err := warehousedb.Begin(ctx, tx, op)
	if err != nil || !fresh {
		return 0, err
	}
	changed, err := warehousedb.SetCounts(ctx, tx, operation, counts)
	if err != nil {
		return 0, fmt.Errorf("warehouseops: opening stock: %w", err)
	}
	if changed == 0 {
		return 0, nil
	}
	err = audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "stock.opening", Thing: audit.Thing{Kind: "operation", ID: operation.String()},
		After: map[string]any{"positions": changed, "note": note}})
	if err != nil {
		return 0, err
	}
	return changed, o.Bus.Publish(ctx, tx, warehouse.Counted{SKUs: skus(counts)})
}

// Opening is SetOpening in a transaction of its own.
func (o *Ops) Opening(ctx context.Context, operation uuid.UUID, note string, counts []warehouse.Count) (changed int, err error) {
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		changed, err = o.SetOpening(ctx, tx, operation, note, counts)
		return err
	})
	return changed, err
}

// Stock gives what the sites that the user may see have of the SKUs.
func (o *Ops) Stock(ctx context.Context, ids []catalog.SKUID, today calendar.Day) ([]warehouse.Stock, error) {
	u, err := access.Require(ctx, access.ViewStock)
	if err != nil {
		return nil, err
	}
	all, err := warehousedb.Stock(ctx, o.Pool, ids, today)
	if err != nil {
		return nil, err
	}
	seen := all[:0]
	for _, s := range all {
		if u.MayTouchSite(s.Site) {
			seen = append(seen, s)
		}
	}
	return seen, nil
}

// Lots gives the lots of one SKU at the sites that the user may see.
func (o *Ops) Lots(ctx context.Context, sku catalog.SKUID) ([]warehouse.LotStock, error) {
	u, err := access.Require(ctx, access.ViewStock)
	if err != nil {
		return nil, err
	}
	all, err := warehousedb.Lots(ctx, o.Pool, sku)
	if err != nil {
		return nil, err
	}
	seen := all[:0]
	for _, l := range all {
		if u.MayTouchSite(l.Site) {
			seen = append(seen, l)
		}
	}
	return seen, nil
}

func account(u access.User) *int64 {
	if u.ID == 0 {
		return nil
	}
	n := int64(u.ID)
	return &n
}

func skus(counts []warehouse.Count) []catalog.SKUID {
	seen := map[catalog.SKUID]struct{}{}
	var out []catalog.SKUID
	for _, c := range counts {
		if _, ok := seen[c.SKU]; !ok {
			seen[c.SKU] = struct{}{}
			out = append(out, c.SKU)
		}
	}
	return out
}
