package warehouseops

import (
	"bytes"
	"context"
	"slices"

	"milkrun/internal/access"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
	"milkrun/warehouse/warehousexlsx"
)

// Differences gives the lines of a delivery that came otherwise than announced: less, more, damaged, refused, another lot, too
// short a life. warehouse.ErrNoDelivery.
func (o *Ops) Differences(ctx context.Context, id warehouse.DeliveryID) ([]warehouse.Difference, error) {
	r, err := o.Receipt(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []warehouse.Difference
	for _, l := range r.Delivery.Lines {
		w := r.Wares[l.SKU]
		d := warehouse.Difference{Line: l, SKUCode: w.Code, Name: w.Name, Unit: w.Unit}
		for _, a := range r.Arrivals {
			if a.Line != l.No || a.Undone {
				continue
			}
			for _, f := range a.Faults {
				if !slices.Contains(d.Faults, f) {
					d.Faults = append(d.Faults, f)
				}
			}
			if a.Note != "" && !slices.Contains(d.Notes, a.Note) {
				d.Notes = append(d.Notes, a.Note)
			}
		}
		if d.Matters() {
			out = append(out, d)
		}
	}
	return out, nil
}

// DifferenceSheet gives the workbook that tells the supplier what came otherwise than announced, and the name of its file.
func (o *Ops) DifferenceSheet(ctx context.Context, id warehouse.DeliveryID) (content []byte, name string, err error) {
	if _, err := access.RequireAny(ctx, access.ViewStock, access.WorkFloor); err != nil {
		return nil, "", err
	}
	d, err := warehousedb.Delivery(ctx, o.Pool, id)
	if err != nil {
		return nil, "", err
	}
	rows, err := o.Differences(ctx, id)
	if err != nil {
		return nil, "", err
	}
	head := warehousexlsx.DifferenceHead{Number: d.Number, Carrier: d.Carrier, Tracking: d.Tracking, Arrives: d.Arrives, Closed: d.Closed, ClosedBy: d.ClosedBy, Zone: o.Zone}
	if head.Supplier, err = warehousedb.SupplierName(ctx, o.Pool, d.Supplier); err != nil {
		return nil, "", err
	}
	if head.Site, err = warehousedb.SiteName(ctx, o.Pool, d.Site); err != nil {
		return nil, "", err
	}
	var b bytes.Buffer
	if err := warehousexlsx.WriteDifferences(&b, head, rows); err != nil {
		return nil, "", err
	}
	return b.Bytes(), "收货差异-" + d.Number + ".xlsx", nil
}
