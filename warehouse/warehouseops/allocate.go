package warehouseops

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/allocation"
	"milkrun/warehouse/warehousedb"
)

// Sizes of the batches of allocation.
const (
	// batchShipments is how many shipments one transaction allocates: beyond it the cost of a line hardly falls, and those who
	// wait for the same balances wait longer.
	batchShipments = 1000
	// shortHeads is how many earlier lines of a SKU compete with new ones where pieces have come meanwhile.
	shortHeads = 200
)

// Tally counts what allocation did.
type Tally struct {
	Shipments, Lines, Allocated, Short int
	Pieces                             quantity.Pieces
}

// Add adds up two tallies.
func (t Tally) Add(u Tally) Tally {
	return Tally{t.Shipments + u.Shipments, t.Lines + u.Lines, t.Allocated + u.Allocated, t.Short + u.Short, t.Pieces + u.Pieces}
}

// AllocateBatch allocates up to limit shipments of the site's queue in one transaction, in fair order; none where the queue is
// empty or all of it is with other workers. today is the site's day: it decides what has expired.
func (o *Ops) AllocateBatch(ctx context.Context, site catalog.SiteID, today calendar.Day, limit int) (Tally, error) {
	var t Tally
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		claimed, err := warehousedb.Claim(ctx, tx, site, limit)
		if err != nil || len(claimed) == 0 {
			t = Tally{}
			return err
		}
		lines, err := warehousedb.OpenLines(ctx, tx, site, claimed)
		if err != nil {
			return err
		}
		skus := skusOf(lines)
		wanted, err := warehousedb.WantedSKUs(ctx, tx, site, skus)
		if err != nil {
			return err
		}
		for _, sku := range skus {
			if !wanted[catalog.SKUID(sku)].Late {
				continue
			}
			heads, err := warehousedb.ClaimShort(ctx, tx, site, sku, nil, shortHeads)
			if err != nil {
				return err
			}
			lines = append(lines, heads...)
		}
		t, err = o.decide(ctx, tx, site, today, claimed, lines, wanted)
		return err
	})
	if err != nil {
		return Tally{}, fmt.Errorf("warehouseops: allocate at site %d: %w", site, err)
	}
	return t, nil
}

// serveShort gives pieces that have come to the lines that wait for the SKU, in fair order, page by page as long as there is
// both.
func (o *Ops) serveShort(ctx context.Context, site catalog.SiteID, today calendar.Day, sku int32) (Tally, error) {
	var total Tally
	for after := (*warehousedb.OpenLine)(nil); ; {
		next := after
		var t Tally
		more := false
		err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
			more, t = false, Tally{}
			wanted, err := warehousedb.WantedSKUs(ctx, tx, site, []int32{sku})
			if err != nil || !wanted[catalog.SKUID(sku)].Late {
				return err
			}
			lines, err := warehousedb.ClaimShort(ctx, tx, site, sku, after, batchShipments)
			if err != nil || len(lines) == 0 {
				return err
			}
			more = len(lines) == batchShipments
			next = &lines[len(lines)-1]
			t, err = o.decide(ctx, tx, site, today, nil, lines, wanted)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("warehouseops: serve shortages of sku %d at site %d: %w", sku, site, err)
		}
		if total = total.Add(t); !more {
			return total, nil
		}
		after = next
	}
}

// decide locks the stock, gives it to the lines and writes what came of it. The shipments of the lines are locked.
func (o *Ops) decide(ctx context.Context, tx pgx.Tx, site catalog.SiteID, today calendar.Day, claimed []warehousedb.Claimed,
	lines []warehousedb.OpenLine, wanted map[catalog.SKUID]warehousedb.Wanted,
) (Tally, error) {
	stock, err := warehousedb.LockStock(ctx, tx, site, skusOf(lines))
	if err != nil {
		return Tally{}, err
	}
	result := allocation.Batch(asked(lines, wanted), shelves(stock), today)
	d := warehousedb.NewDecision(len(lines) + 16)
	missing := make([]quantity.Pieces, len(lines))
	for _, s := range result.Shortages {
		missing[s.Line] = s.Missing
	}
	for _, take := range result.Takes {
		d.Take(&lines[take.Line], stock[take.Position].Position, take.Pieces)
	}
	t := Tally{Shipments: len(claimed), Lines: len(lines)}
	open := make(map[int64]struct{})
	for i := range lines {
		l := &lines[i]
		d.Line(l, l.Want-missing[i], missing[i])
		t.Pieces += l.Want - missing[i]
		if missing[i] > 0 {
			open[l.Shipment] = struct{}{}
			t.Short++
		} else {
			t.Allocated++
		}
	}
	for _, c := range claimed {
		_, short := open[c.Shipment]
		d.Shipment(c.Shipment, !short)
	}
	return t, d.Write(ctx, tx, site, o.Clock())
}

func asked(lines []warehousedb.OpenLine, wanted map[catalog.SKUID]warehousedb.Wanted) []allocation.Line {
	out := make([]allocation.Line, len(lines))
	for i, l := range lines {
		out[i] = allocation.Line{Order: int64(l.Outbound), No: l.No, Queued: l.Rank, SKU: l.SKU, Want: l.Want, MinRemainingDays: l.MinRemainingDays,
			NearExpiryDays: warehouse.NearExpiryDays(wanted[l.SKU].ShelfLifeDays), Whole: l.Whole}
	}
	return out
}

func shelves(stock []warehousedb.FreeStock) []allocation.Position {
	out := make([]allocation.Position, len(stock))
	for i, s := range stock {
		out[i] = allocation.Position{ID: s.Position, SKU: s.SKU, Lot: s.Lot, Expiry: s.Expiry, Free: s.Free}
		if s.Reserve {
			out[i].Rank = 1
		}
	}
	return out
}

func skusOf(lines []warehousedb.OpenLine) []int32 {
	seen := make(map[catalog.SKUID]struct{}, len(lines))
	out := make([]int32, 0, len(lines))
	for i := range lines {
		if _, ok := seen[lines[i].SKU]; !ok {
			seen[lines[i].SKU] = struct{}{}
			out = append(out, int32(lines[i].SKU))
		}
	}
	return out
}

// AllocateSite empties the queue of the site, batch by batch, after it has served the lines that were short of the freed SKUs;
// nil stands for all of them.
func (o *Ops) AllocateSite(ctx context.Context, site catalog.SiteID, freed []catalog.SKUID) (Tally, error) {
	zone, err := warehousedb.SiteZone(ctx, o.Pool, site)
	if err != nil {
		return Tally{}, err
	}
	total, err := o.serveFreed(ctx, site, zone, freed)
	if err != nil {
		return total, err
	}
	for ctx.Err() == nil {
		t, err := o.AllocateBatch(ctx, site, calendar.Of(o.Clock(), zone), o.intake.batch(ctx))
		if err != nil {
			return total, err
		}
		if t.Shipments == 0 {
			return total, nil
		}
		total = total.Add(t)
	}
	return total, ctx.Err()
}

func (o *Ops) serveFreed(ctx context.Context, site catalog.SiteID, zone *time.Location, freed []catalog.SKUID) (total Tally, err error) {
	ids := make([]int32, len(freed))
	for i, s := range freed {
		ids[i] = int32(s)
	}
	if freed == nil {
		if ids, err = warehousedb.ShortSKUsOf(ctx, o.Pool, site); err != nil {
			return total, err
		}
	}
	for _, sku := range ids {
		t, err := o.serveShort(ctx, site, calendar.Of(o.Clock(), zone), sku)
		if err != nil {
			return total, err
		}
		total = total.Add(t)
	}
	return total, nil
}
