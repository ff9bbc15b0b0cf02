package warehouseops

import (
	"context"
	"errors"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/gs1"
	"milkrun/warehouse/warehousedb"
)

// Proposal is what a scan at the dock says: the goods, the lot and how many, ready to be confirmed with Receive. Fault is what
// would be refused (nil for nothing); Again is the earlier scan of the same carton.
type Proposal struct {
	Ware             warehouse.Ware
	Line             *warehouse.DeliveryLine // nil for goods that were not announced
	Carton           string
	Lot              string
	Produced, Expiry *calendar.Day
	Pieces           quantity.Pieces
	// PerCarton, and Pallet: the pieces of all cartons of the line that have not come.
	PerCarton, Pallet quantity.Pieces
	Remaining         int // days to the expiry
	Fault             *warehouse.ArrivalError
	Again             *warehouse.Arrival
}

// ScanDock reads a scan at the dock: an SSCC or carton number of the note, a GS1 code with lot and expiry, a barcode, or a SKU's
// code. Nothing is booked. *warehouse.UnknownGoodsError for a code that names nothing, with the fault of a damaged GS1 code.
func (o *Ops) ScanDock(ctx context.Context, id warehouse.DeliveryID, scan string) (Proposal, error) {
	u, err := access.Require(ctx, access.WorkFloor)
	if err != nil {
		return Proposal{}, err
	}
	d, err := warehousedb.Delivery(ctx, o.Pool, id)
	if err == nil {
		err = within(u, d.Site)
	}
	if err != nil {
		return Proposal{}, err
	}
	today, err := o.siteToday(ctx, o.Pool, d.Site)
	if err != nil {
		return Proposal{}, err
	}
	p, err := o.readScan(ctx, d, scan, today)
	if err != nil {
		return p, err
	}
	if p.Carton != "" {
		if p.Again, err = warehousedb.ArrivalOfCarton(ctx, o.Pool, d.ID, p.Carton); err != nil {
			return p, err
		}
	}
	if p.Expiry != nil {
		p.Remaining = p.Expiry.Sub(today)
	}
	p.Fault = d.Judge(warehouse.Arrival{SKU: p.Ware.SKU, Lot: p.Lot, Produced: p.Produced, Expiry: p.Expiry, Pieces: p.Pieces}, p.Line, p.Ware.GoodsLife, today)
	return p, nil
}

func (o *Ops) readScan(ctx context.Context, d *warehouse.Delivery, scan string, today calendar.Day) (Proposal, error) {
	text := strings.TrimSpace(scan)
	code, err := gs1.Parse(scan)
	plain, notGS1 := gs1.IsNotGS1(err)
	if err != nil && !notGS1 {
		if p, ok, e := o.byCarton(ctx, d, text); ok || e != nil { // a carton number that looks like a damaged code
			return p, e
		}
		return Proposal{}, &warehouse.UnknownGoodsError{Scanned: text, Cause: err}
	}
	if notGS1 {
		return o.byText(ctx, d, strings.TrimSpace(plain), today)
	}
	r := code.Read(today)
	if r.SSCC != "" {
		p, ok, err := o.byCarton(ctx, d, r.SSCC)
		if err != nil {
			return p, err
		}
		if ok {
			return said(p, r), nil
		}
	}
	if r.Trade() == "" {
		return Proposal{}, &warehouse.UnknownGoodsError{Scanned: text}
	}
	w, err := warehousedb.WareNamed(ctx, o.Pool, gtinForms(r.Trade()), "")
	if err != nil {
		return Proposal{}, err
	}
	if w == nil {
		return Proposal{}, &warehouse.UnknownGoodsError{Scanned: text}
	}
	p := Proposal{Ware: *w, Carton: r.SSCC, Lot: r.Lot, Line: d.LineFor(w.SKU, r.Lot)}
	p = o.usual(p)
	if r.Count > 0 {
		p.Pieces = r.Count
	} else if r.SSCC == "" && r.Lot == "" && p.PerCarton > 1 {
		p.Pieces = 1 // a single pack's barcode
	}
	return said(p, r), nil
}

// said lets the code's own words overrule what the note announces.
func said(p Proposal, r gs1.Reading) Proposal {
	if r.Lot != "" && r.Lot != p.Lot {
		p.Lot, p.Produced, p.Expiry = r.Lot, nil, nil
	}
	if r.Produced != nil {
		p.Produced = r.Produced
	}
	if day := r.LastDay(); day != nil {
		p.Expiry = day
	}
	if p.Expiry == nil && p.Produced != nil && p.Ware.ShelfLifeDays > 0 {
		day := p.Produced.AddDays(p.Ware.ShelfLifeDays)
		p.Expiry = &day
	}
	if r.Count > 0 {
		p.Pieces = r.Count
	}
	return p
}

// gtinForms gives the forms in which the catalog may hold a GTIN of 14 digits.
func gtinForms(gtin string) []string {
	forms := []string{gtin}
	for _, n := range []int{13, 12, 8} {
		if rest, ok := strings.CutPrefix(gtin, strings.Repeat("0", 14-n)); ok && len(rest) == n {
			forms = append(forms, rest)
		}
	}
	return forms
}

// byText finds goods by a text that is no GS1 code: a carton number, a bin-free SKU code.
func (o *Ops) byText(ctx context.Context, d *warehouse.Delivery, text string, _ calendar.Day) (Proposal, error) {
	p, ok, err := o.byCarton(ctx, d, text)
	if ok || err != nil {
		return p, err
	}
	w, err := warehousedb.WareNamed(ctx, o.Pool, []string{text}, text)
	if err != nil {
		return p, err
	}
	if w == nil {
		return p, &warehouse.UnknownGoodsError{Scanned: text}
	}
	line := d.LineFor(w.SKU, "")
	return o.usual(Proposal{Ware: *w, Line: line}), nil
}

// byCarton finds the line whose carton number is on the box.
func (o *Ops) byCarton(ctx context.Context, d *warehouse.Delivery, carton string) (Proposal, bool, error) {
	for i := range d.Lines {
		l := &d.Lines[i]
		if !l.OnCarton(carton) {
			continue
		}
		wares, err := warehousedb.Wares(ctx, o.Pool, l.SKU)
		if err != nil {
			return Proposal{}, false, err
		}
		w, ok := wares[l.SKU]
		if !ok {
			return Proposal{}, false, errors.New("warehouseops: a line names a SKU that is gone")
		}
		return o.usual(Proposal{Ware: w, Line: l, Carton: carton}), true, nil
	}
	return Proposal{}, false, nil
}

// usual fills in what the note announces of the line.
func (o *Ops) usual(p Proposal) Proposal {
	p.PerCarton = max(p.Ware.Carton, 1)
	if l := p.Line; l != nil {
		if l.PerCarton > 0 {
			p.PerCarton = l.PerCarton
		}
		if p.Lot == "" || p.Lot == l.Lot {
			p.Lot, p.Produced, p.Expiry = l.Lot, l.Produced, l.Expiry
		}
		p.Pallet = max(0, l.Pieces-l.Came()-l.Refused)
	}
	p.Pieces = p.PerCarton
	if p.Pallet > 0 {
		p.Pieces = min(p.Pieces, p.Pallet)
	}
	return p
}
