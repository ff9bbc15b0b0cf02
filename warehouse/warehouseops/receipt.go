package warehouseops

import (
	"context"
	"fmt"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// siteToday is the business day of a site.
func (o *Ops) siteToday(ctx context.Context, q pgdb.Querier, site catalog.SiteID) (calendar.Day, error) {
	zone, err := warehousedb.SiteZone(ctx, q, site)
	if err != nil {
		return 0, err
	}
	return calendar.Of(o.Clock(), zone), nil
}

// Receipt is a delivery with its scans, the earliest first, and what the screen has to know of its goods.
type Receipt struct {
	Delivery warehouse.Delivery
	Wares    map[catalog.SKUID]warehouse.Ware
	Arrivals []warehouse.Arrival
}

// Scanned is the answer to a scan at the dock: the scan (nil after the last one was taken back), the line as it stands now,
// and how far the delivery has come.
type Scanned struct {
	Delivery        warehouse.DeliveryID
	Arrival         *warehouse.Arrival
	Line            warehouse.DeliveryLine
	Announced, Came quantity.Pieces
}

func scanned(d *warehouse.Delivery, a *warehouse.Arrival) Scanned {
	s := Scanned{Delivery: d.ID, Arrival: a}
	s.Announced, s.Came, _, _ = d.Totals()
	if a != nil {
		s.Line = *d.Line(a.Line)
	}
	return s
}

// StartReceipt begins to scan a delivery in at a dock; dock "" takes the site's first. Beginning again goes on with what was
// scanned. The goods stand at the dock, held, until the receipt is closed.
// warehouse.ErrNoDelivery, *warehouse.DeliveryStateError, warehouse.ErrNoDock, warehouse.ErrNotDock, *warehouse.UnknownBinError.
func (o *Ops) StartReceipt(ctx context.Context, c warehouse.Command, id warehouse.DeliveryID, dock string) (Receipt, error) {
	return o.receiptAfter(ctx)(once(ctx, o, access.WorkFloor, c, "receipt.start", "receipt", func(ctx context.Context, x *deed) (warehouse.DeliveryID, error) {
		d, err := o.lockDelivery(ctx, x.tx, x.user, id)
		if err != nil {
			return 0, err
		}
		if err := d.Require("receive", warehouse.DeliveryExpected, warehouse.DeliveryReceiving); err != nil {
			return 0, err
		}
		return d.ID, o.begin(ctx, x, d, dock)
	}))
}

// begin opens the receipt of a locked delivery.
func (o *Ops) begin(ctx context.Context, x *deed, d *warehouse.Delivery, dock string) error {
	if d.State == warehouse.DeliveryReceiving && (dock == "" || warehouse.CleanBinCode(dock) == d.Dock) {
		return nil
	}
	bin, err := o.dock(ctx, x, d.Site, dock)
	if err != nil {
		return err
	}
	d.Dock = bin
	if d.State == warehouse.DeliveryExpected {
		d.State, d.Started, d.StartedBy = warehouse.DeliveryReceiving, &x.now, x.user.Name
		if d.Kind == warehouse.TransferDelivery && d.Shipped != nil {
			if err := warehousedb.InsertLaneTime(ctx, x.tx, d, x.now); err != nil {
				return err
			}
		}
	}
	if err := warehousedb.SaveDelivery(ctx, x.tx, d, 0); err != nil {
		return err
	}
	return o.tellDock(ctx, x.tx, d)
}

func (o *Ops) dock(ctx context.Context, x *deed, site catalog.SiteID, code string) (string, error) {
	if code != "" {
		b, err := o.activeBin(ctx, x, site, code)
		if err == nil && b.Kind != warehouse.BinDock {
			err = fmt.Errorf("%w: %s", warehouse.ErrNotDock, b.Code)
		}
		return b.Code, err
	}
	docks, err := warehousedb.BinsOfKind(ctx, x.tx, site, warehouse.BinDock)
	if err == nil && len(docks) == 0 {
		err = warehouse.ErrNoDock
	}
	if err != nil {
		return "", err
	}
	return docks[0].Code, nil
}

// activeBin gives a bin in use. *warehouse.UnknownBinError.
func (o *Ops) activeBin(ctx context.Context, x *deed, site catalog.SiteID, code string) (warehouse.Bin, error) {
	b, err := warehousedb.Bin(ctx, x.tx, site, warehouse.CleanBinCode(code))
	if err == nil && !b.Active {
		err = &warehouse.UnknownBinError{Site: site, Code: b.Code, Inactive: true}
	}
	return b.Bin, err
}

// Receipt gives a delivery with its scans. warehouse.ErrNoDelivery.
func (o *Ops) Receipt(ctx context.Context, id warehouse.DeliveryID) (Receipt, error) {
	u, err := access.RequireAny(ctx, access.ViewStock, access.WorkFloor)
	if err != nil {
		return Receipt{}, err
	}
	d, err := warehousedb.Delivery(ctx, o.Pool, id)
	if err == nil {
		err = within(u, d.Site)
	}
	if err != nil {
		return Receipt{}, err
	}
	r := Receipt{Delivery: *d}
	if r.Arrivals, err = warehousedb.Arrivals(ctx, o.Pool, id); err != nil {
		return r, err
	}
	var skus []catalog.SKUID
	for _, l := range d.Lines {
		skus = append(skus, l.SKU)
	}
	r.Wares, err = warehousedb.Wares(ctx, o.Pool, skus...)
	return r, err
}

// receiptAfter reads the receipt that a command has left.
func (o *Ops) receiptAfter(ctx context.Context) func(warehouse.DeliveryID, error) (Receipt, error) {
	return func(id warehouse.DeliveryID, err error) (Receipt, error) {
		if err != nil {
			return Receipt{}, err
		}
		return o.Receipt(ctx, id)
	}
}

// Docks lists deliveries of a site: the open ones, or those of the states asked for.
func (o *Ops) Docks(ctx context.Context, q warehouse.DockQuery) ([]warehouse.Dock, error) {
	if err := o.maySee(ctx, q.Site); err != nil {
		return nil, err
	}
	if len(q.State) == 0 {
		q.State = []warehouse.DeliveryState{warehouse.DeliveryExpected, warehouse.DeliveryReceiving}
	}
	if q.Limit <= 0 {
		q.Limit = 200
	}
	q.Limit = min(q.Limit, 1000)
	return warehousedb.Docks(ctx, o.Pool, q)
}

// Blind is a delivery without a note.
type Blind struct {
	Site     catalog.SiteID
	Supplier catalog.SupplierID // 0 where nobody knows
	Number   string             // of the paper that came with it, if any
	Carrier  string
	Reason   string // why it is taken in without a note
	Dock     string
}

// StartBlind begins to receive goods that came without a note. warehouse.ErrReason without a reason; see StartReceipt.
func (o *Ops) StartBlind(ctx context.Context, c warehouse.Command, b Blind) (Receipt, error) {
	return o.receiptAfter(ctx)(once(ctx, o, access.WorkFloor, c, "receipt.blind", "receipt", func(ctx context.Context, x *deed) (warehouse.DeliveryID, error) {
		if err := within(x.user, b.Site); err != nil {
			return 0, err
		}
		b.Reason = strings.TrimSpace(b.Reason)
		if b.Reason == "" {
			return 0, warehouse.ErrReason
		}
		today, err := o.siteToday(ctx, x.tx, b.Site)
		if err != nil {
			return 0, err
		}
		number, err := warehousedb.NextNumber(ctx, x.tx, "BR", today)
		if err != nil {
			return 0, err
		}
		d := &warehouse.Delivery{Kind: warehouse.BlindDelivery, Number: number, Site: b.Site, Supplier: b.Supplier, Carrier: b.Carrier, Tracking: b.Number, Arrives: &today,
			State: warehouse.DeliveryExpected, Reason: b.Reason, Expected: x.now}
		if err := warehousedb.InsertDelivery(ctx, x.tx, d, 0); err != nil {
			return 0, err
		}
		if err := o.begin(ctx, x, d, b.Dock); err != nil {
			return 0, err
		}
		return d.ID, audit.Write(ctx, x.tx, x.now, audit.Change{Verb: "delivery.blind", Thing: deliveryThing(d), After: map[string]any{"number": number, "reason": b.Reason}})
	}))
}
