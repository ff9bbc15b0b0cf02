package c2mops

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/c2m/c2mxlsx"
	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
)

// PortalOrders lists the supplier's own orders as far as they have been sent.
func (o *Ops) PortalOrders(ctx context.Context, q Query) (Page, error) {
	u, err := access.Require(ctx, access.UsePortal)
	if err != nil {
		return Page{}, err
	}
	if u.Supplier == 0 {
		return Page{}, access.ErrForbidden
	}
	q.Supplier, q.Shown, q.Changed = u.Supplier, true, false
	return o.page(ctx, q)
}

// PortalOrder gives the supplier an order as it was sent to it: no working copy, no cautions, no audit trail, and no word on why
// the buyer decided. c2m.ErrUnknown for another supplier's order and for one that was never sent.
func (o *Ops) PortalOrder(ctx context.Context, id c2m.OrderID) (Detail, error) {
	u, err := access.Require(ctx, access.UsePortal)
	if err != nil {
		return Detail{}, err
	}
	var d Detail
	err = pgdb.InSnapshot(ctx, o.Pool, func(tx pgx.Tx) error {
		if d, err = o.common(ctx, tx, u, id); err != nil {
			return err
		}
		d.Score, err = c2mdb.Score(ctx, tx, d.Order.Supplier, o.Today())
		return err
	})
	if err != nil {
		return Detail{}, err
	}
	shown := make([]Pair, 0, len(d.Pairs))
	for _, p := range d.Pairs {
		if p.Line.Pieces == 0 && p.Answer == nil {
			continue // a new line that was not sent yet
		}
		p.Wanted, p.Struck = nil, false
		p.Line.Suggestion, p.SKU.Price = 0, 0
		for i := range p.Deviations {
			p.Deviations[i].Why, p.Deviations[i].By = "", c2m.Person{}
		}
		shown = append(shown, p)
	}
	d.Pairs = shown
	order := *d.Order
	order.Lines, order.Conditions, order.Deviations = d.Order.Current.Lines, d.Order.Current.Conditions, nil
	d.Order = &order
	return d, nil
}

// OrderSheet gives the workbook of a version (0 for the current one) in "zh" or "en". It is made once and stays the same.
func (o *Ops) OrderSheet(ctx context.Context, id c2m.OrderID, version int, lang string) (File, error) {
	u, err := eitherSide(ctx, access.ViewOrders)
	if err != nil {
		return File{}, err
	}
	if lang != "en" {
		lang = "zh"
	}
	order, err := c2mdb.Order(ctx, o.Pool, id)
	if err != nil {
		return File{}, err
	}
	if err := mayTouch(u, order); err != nil {
		return File{}, err
	}
	if version == 0 {
		version = order.Version()
	}
	if file, err := c2mdb.OrderSheet(ctx, o.Pool, id, version, lang); err == nil || !isUnknown(err) {
		return file, err
	}
	paper, err := c2mdb.Paper(ctx, o.Pool, id, version)
	if err != nil {
		return File{}, err
	}
	file, err := sheetOf(paper, lang, order.Supplier, o.Clock(), person(u))
	if err != nil {
		return File{}, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error { return keepSheet(ctx, tx, id, version, lang, file) })
	if err != nil {
		return File{}, err
	}
	return c2mdb.OrderSheet(ctx, o.Pool, id, version, lang)
}

// ASNForm gives an empty form for delivery notes with everything that the supplier may send: of one order, or of all where id is 0.
func (o *Ops) ASNForm(ctx context.Context, id c2m.OrderID, lang string) (File, error) {
	u, err := eitherSide(ctx, access.ViewOrders)
	if err != nil {
		return File{}, err
	}
	supplier, name := u.Supplier, "ASN.xlsx"
	var numbers []string
	if id != 0 {
		order, err := c2mdb.Order(ctx, o.Pool, id)
		if err != nil {
			return File{}, err
		}
		if err := mayTouch(u, order); err != nil {
			return File{}, err
		}
		supplier, numbers, name = order.Supplier, []string{order.Number}, "ASN_"+order.Number+".xlsx"
	}
	if supplier == 0 {
		return File{}, c2m.ErrUnknown
	}
	lines, err := c2mdb.AwaitedLines(ctx, o.Pool, supplier, numbers...)
	if err != nil {
		return File{}, err
	}
	now := o.Clock()
	content, err := c2mxlsx.DeliveryNote(lines, lang, now)
	if err != nil {
		return File{}, err
	}
	return File{Kind: ASNFile, SupplierID: supplier, Name: name, MIME: c2mxlsx.MIME, Size: len(content), Content: content, At: now}, nil
}

// Uploads gives the last sheets that came in from a supplier (its own for a supplier), newest first.
func (o *Ops) Uploads(ctx context.Context, supplier catalog.SupplierID, limit int) ([]Upload, error) {
	u, err := eitherSide(ctx, access.ViewOrders)
	if err != nil {
		return nil, err
	}
	if u.Role == access.Supplier {
		supplier = u.Supplier
	}
	return c2mdb.Uploads(ctx, o.Pool, supplier, 0, min(max(limit, 1), pageSize))
}

// Upload gives one sheet that came in, with its problems.
func (o *Ops) Upload(ctx context.Context, id int64) (Upload, error) {
	u, err := eitherSide(ctx, access.ViewOrders)
	if err != nil {
		return Upload{}, err
	}
	up, err := c2mdb.ReadUpload(ctx, o.Pool, id)
	if err == nil && !u.MayTouchSupplier(up.SupplierID) {
		err = fmt.Errorf("%w: upload %d", c2m.ErrUnknown, id)
	}
	return up, err
}

// File gives a kept file: a sheet as it came in, its annotated copy, or a sheet that went out.
func (o *Ops) File(ctx context.Context, id int64) (File, error) {
	u, err := eitherSide(ctx, access.ViewOrders)
	if err != nil {
		return File{}, err
	}
	f, err := c2mdb.ReadFile(ctx, o.Pool, id)
	if err == nil && !u.MayTouchSupplier(f.SupplierID) {
		return File{}, fmt.Errorf("%w: file %d", c2m.ErrUnknown, id)
	}
	return f, err
}

// ASNs gives a supplier's last delivery notes (its own for a supplier), newest first.
func (o *Ops) ASNs(ctx context.Context, supplier catalog.SupplierID, limit int) ([]c2m.ASN, error) {
	u, err := eitherSide(ctx, access.ViewOrders)
	if err != nil {
		return nil, err
	}
	if u.Role == access.Supplier {
		supplier = u.Supplier
	}
	return c2mdb.ASNsOfSupplier(ctx, o.Pool, supplier, min(max(limit, 1), pageSize))
}

// ForecastRow is the rolling forecast of one SKU over all sites as the supplier was told it, with what it committed to.
type ForecastRow struct {
	SKU catalog.SKU
	// DayCapacity is the capacity a day of the terms, 0 when it is not known.
	DayCapacity quantity.Pieces
	Weeks       []Week
}

// PortalForecast gives the forecast that a supplier was told of this week and later (its own for a supplier).
func (o *Ops) PortalForecast(ctx context.Context, supplier catalog.SupplierID) ([]ForecastRow, error) {
	u, err := eitherSide(ctx, access.ViewSuppliers)
	if err != nil {
		return nil, err
	}
	if u.Role == access.Supplier {
		supplier = u.Supplier
	}
	today := o.Today()
	weeks, err := c2mdb.Weeks(ctx, o.Pool, supplier, nil, mondayOf(today))
	if err != nil {
		return nil, err
	}
	var ids []catalog.SKUID
	for _, w := range weeks {
		ids = append(ids, w.SKUID)
	}
	skus, err := c2mdb.SKUs(ctx, o.Pool, ids)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	terms, err := c2mdb.Terms(ctx, o.Pool, supplier, ids...)
	if err != nil {
		return nil, err
	}
	var rows []ForecastRow
	for _, w := range weeks {
		if n := len(rows); n == 0 || rows[n-1].SKU.ID != w.SKUID {
			k := skus[w.SKUID]
			if u.Role == access.Supplier {
				k.Price = 0
			}
			rows = append(rows, ForecastRow{SKU: k, DayCapacity: terms[w.SKUID].CapacityDay})
		}
		rows[len(rows)-1].Weeks = append(rows[len(rows)-1].Weeks, w)
	}
	return rows, nil
}

// mondayOf gives the Monday of the day's ISO week.
func mondayOf(d calendar.Day) calendar.Day { return d.AddDays(-(int(d.Weekday()) + 6) % 7) }
