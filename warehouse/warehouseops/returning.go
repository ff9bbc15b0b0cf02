package warehouseops

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"milkrun/internal/access"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// FindReturn finds an order that was handed over by its number or by that of a parcel, with what may come back of it.
// warehouse.ErrNoReturn.
func (o *Ops) FindReturn(ctx context.Context, code string) (warehouse.Returnable, error) {
	if _, err := access.Require(ctx, access.WorkFloor); err != nil {
		return warehouse.Returnable{}, err
	}
	r, err := warehousedb.Returnable(ctx, o.Pool, strings.TrimSpace(code))
	if err != nil {
		return r, err
	}
	var skus []catalog.SKUID
	for _, l := range r.Lines {
		skus = append(skus, l.Ware.SKU)
	}
	wares, err := warehousedb.Wares(ctx, o.Pool, skus...)
	for i := range r.Lines {
		r.Lines[i].Ware = wares[r.Lines[i].Ware.SKU]
	}
	return r, err
}

// Returning is what came back. Outbound 0 is goods that no order is found for: they need a reason and a lead.
type Returning struct {
	Site     catalog.SiteID
	Outbound warehouse.OutboundID
	Line     int
	SKU      catalog.SKUID
	Lot      string
	Expiry   *calendar.Day // of goods without an order
	Pieces   quantity.Pieces
	Grade    warehouse.Grade // "" to be graded later
	Bin      string          // "" for the site's place for returns
	Reason   string          // the customer's
	Note     string
}

// TakeReturn books what a customer sent back, with its lot and expiry. Grade A is available at once and serves what waits for it, B is
// damaged, C is scrap and never stock; ungraded pieces wait. Goods of a frozen lot are held whatever their grade, expired ones
// become B. *warehouse.ReturnedError for more than went out, *warehouse.ScanError for a lot that did not go out,
// warehouse.ErrNoReturn, ErrReason, ErrGrade, ErrNoPieces, *UnknownBinError.
func (o *Ops) TakeReturn(ctx context.Context, c warehouse.Command, in Returning) (warehouse.Return, error) {
	p := access.WorkFloor
	if in.Outbound == 0 {
		p = access.LeadFloor
	}
	return once(ctx, o, p, c, "return.take", "return", func(ctx context.Context, x *deed) (warehouse.Return, error) {
		r, err := o.returning(ctx, x, in)
		if err != nil {
			return r, err
		}
		if r.Grade, err = o.graded(ctx, x, &r); err != nil {
			return r, err
		}
		if r.Grade != warehouse.Ungraded {
			r.Graded, r.GradedBy = &x.now, x.user.Name
		}
		if r.Grade == warehouse.GradeC {
			r.Bin = ""
		} else if r.Bin, err = o.returnsBin(ctx, x, in); err != nil {
			return r, err
		}
		if err := warehousedb.InsertReturn(ctx, x.tx, &r, x.op); err != nil {
			return r, err
		}
		if r.Grade != warehouse.GradeC {
			to, err := o.statusOf(ctx, x, r)
			if err != nil {
				return r, err
			}
			place := warehouse.Place{Site: r.Site, Bin: r.Bin, SKU: r.Ware.SKU, Lot: r.Lot, Status: to}
			if err := x.post(ctx, warehouse.Move{To: &place, Pieces: r.Pieces, Expiry: r.Expiry}); err != nil {
				return r, err
			}
			if to == warehouse.Available {
				if err := o.freed(ctx, x, r.Site, []catalog.SKUID{r.Ware.SKU}); err != nil {
					return r, err
				}
			}
		}
		return r, o.cameBack(ctx, x, r)
	})
}

// cameBack takes what came back of an order off the sales of the site that had sent it, on the site's day: wherever it is taken
// in, it was sold there.
func (o *Ops) cameBack(ctx context.Context, x *deed, r warehouse.Return) error {
	if r.Outbound == 0 {
		return nil
	}
	sender, price, err := warehousedb.SenderOf(ctx, x.tx, r.Outbound, r.Line, r.Lot)
	if err != nil {
		return err
	}
	today, err := o.siteToday(ctx, x.tx, sender)
	if err != nil {
		return err
	}
	back := warehouse.Sold{Source: fmt.Sprintf("return %d", r.ID), SKU: r.Ware.SKU, Site: sender, Day: today, Pieces: -r.Pieces, Amount: -price * money.Fen(r.Pieces)}
	return o.publish(ctx, x.tx, warehouse.CameBack{Site: sender, Pieces: []warehouse.Sold{back}, At: x.now})
}

// returning checks what came back against what went out. The order is locked, so that two do not take the same piece back.
func (o *Ops) returning(ctx context.Context, x *deed, in Returning) (warehouse.Return, error) {
	r := warehouse.Return{Site: in.Site, Outbound: in.Outbound, Line: in.Line, Lot: strings.TrimSpace(in.Lot), Expiry: in.Expiry, Pieces: in.Pieces, Grade: in.Grade,
		Reason: strings.TrimSpace(in.Reason), Note: strings.TrimSpace(in.Note), At: x.now, By: x.user.Name}
	switch {
	case in.Pieces < 1 || in.Pieces > warehouse.MaxArrival:
		return r, warehouse.ErrNoPieces
	case !in.Grade.Known():
		return r, warehouse.ErrGrade
	case in.Outbound == 0 && r.Reason == "":
		return r, warehouse.ErrReason
	}
	if err := within(x.user, in.Site); err != nil {
		return r, err
	}
	wares, err := warehousedb.Wares(ctx, x.tx, in.SKU)
	if err != nil {
		return r, err
	}
	ware, known := wares[in.SKU]
	if !known {
		return r, &warehouse.UnknownGoodsError{Scanned: "SKU"}
	}
	r.Ware = ware
	if in.Outbound == 0 {
		return r, nil
	}
	locked, err := warehousedb.LockOutbound(ctx, x.tx, in.Outbound)
	if err != nil {
		return r, err
	}
	r.Number = locked.Number
	return r, o.wentOut(ctx, x, &r)
}

func (o *Ops) wentOut(ctx context.Context, x *deed, r *warehouse.Return) error {
	lines, err := warehousedb.ReturnableLines(ctx, x.tx, r.Outbound)
	if err != nil {
		return err
	}
	wanted := ""
	for _, l := range lines {
		if l.Ware.SKU != r.Ware.SKU || r.Line != 0 && l.Line != r.Line {
			continue
		}
		wanted = l.Lot.Code
		if l.Lot.Code != r.Lot || r.Line == 0 && l.Back >= l.Out {
			continue
		}
		if l.Back+r.Pieces > l.Out {
			return &warehouse.ReturnedError{SKU: r.Ware.SKU, Lot: r.Lot, Want: r.Pieces, Out: l.Out, Back: l.Back}
		}
		r.Line, r.Expiry = l.Line, l.Lot.Expiry
		return nil
	}
	if wanted == "" {
		return warehouse.ErrNoReturn
	}
	if wanted == r.Lot {
		return &warehouse.ReturnedError{SKU: r.Ware.SKU, Lot: r.Lot, Want: r.Pieces}
	}
	return &warehouse.ScanError{Fault: warehouse.FaultLot, Scanned: r.Lot, Wanted: wanted, Name: r.Ware.Name}
}

// graded lowers the grade of pieces that have expired or are about to: they cannot be sold again.
func (o *Ops) graded(ctx context.Context, x *deed, r *warehouse.Return) (warehouse.Grade, error) {
	if r.Grade != warehouse.GradeA || r.Ware.ShelfLifeDays == 0 {
		return r.Grade, nil
	}
	if r.Expiry == nil {
		l, err := warehousedb.Lot(ctx, x.tx, warehouse.LotKey{SKU: r.Ware.SKU, Code: r.Lot})
		if err != nil && !errors.Is(err, warehouse.ErrNoLot) {
			return r.Grade, err
		}
		r.Expiry = l.Expiry
	}
	today, err := o.siteToday(ctx, x.tx, r.Site)
	if err != nil {
		return r.Grade, err
	}
	if r.Expiry == nil || r.Expiry.Sub(today) < warehouse.NearExpiryDays(r.Ware.ShelfLifeDays) {
		return warehouse.GradeB, nil
	}
	return r.Grade, nil
}

func (o *Ops) returnsBin(ctx context.Context, x *deed, in Returning) (string, error) {
	if in.Bin != "" {
		b, err := o.activeBin(ctx, x, in.Site, in.Bin)
		return b.Code, err
	}
	bins, err := warehousedb.BinsOfKind(ctx, x.tx, in.Site, warehouse.BinReturns)
	if err != nil || len(bins) == 0 {
		return "", err // a site without racks keeps returns on its floor
	}
	return bins[0].Code, nil
}

// statusOf gives the status of returned pieces by their grade, and that of the freeze of their lot.
func (o *Ops) statusOf(ctx context.Context, x *deed, r warehouse.Return) (warehouse.Status, error) {
	frozen, err := warehousedb.FrozenLots(ctx, x.tx, []warehouse.LotKey{{SKU: r.Ware.SKU, Code: r.Lot}})
	if err != nil {
		return "", err
	}
	if s, is := frozen[warehouse.LotKey{SKU: r.Ware.SKU, Code: r.Lot}]; is {
		return s, nil
	}
	switch r.Grade {
	case warehouse.GradeA:
		return warehouse.Available, nil
	case warehouse.GradeB:
		return warehouse.Damaged, nil
	}
	return warehouse.Returned, nil
}

// GradeReturn grades pieces that wait for it; see TakeReturn. warehouse.ErrNoReturn, ErrGrade, *ShortError when they have been moved.
func (o *Ops) GradeReturn(ctx context.Context, c warehouse.Command, id int64, g warehouse.Grade) (warehouse.Return, error) {
	return once(ctx, o, access.WorkFloor, c, "return.grade", "return", func(ctx context.Context, x *deed) (warehouse.Return, error) {
		r, err := warehousedb.LockReturn(ctx, x.tx, id)
		if err != nil {
			return r, err
		}
		if err := within(x.user, r.Site); err != nil {
			return r, err
		}
		if r.Grade != warehouse.Ungraded || g == warehouse.Ungraded || !g.Known() {
			return r, warehouse.ErrGrade
		}
		wares, err := warehousedb.Wares(ctx, x.tx, r.Ware.SKU)
		if err != nil {
			return r, err
		}
		r.Ware, r.Grade = wares[r.Ware.SKU], g
		if r.Grade, err = o.graded(ctx, x, &r); err != nil {
			return r, err
		}
		from := warehouse.Place{Site: r.Site, Bin: r.Bin, SKU: r.Ware.SKU, Lot: r.Lot, Status: warehouse.Returned}
		m := warehouse.Move{From: &from, Pieces: r.Pieces}
		if r.Grade != warehouse.GradeC {
			to := from
			if to.Status, err = o.statusOf(ctx, x, r); err != nil {
				return r, err
			}
			m.To = &to
		}
		if err := x.post(ctx, m); err != nil {
			return r, err
		}
		r.Graded, r.GradedBy = &x.now, x.user.Name
		if err := warehousedb.GradeReturn(ctx, x.tx, id, r.Grade, x.now, x.user.Name); err != nil {
			return r, err
		}
		if m.To == nil || m.To.Status != warehouse.Available {
			return r, nil
		}
		return r, o.freed(ctx, x, r.Site, []catalog.SKUID{r.Ware.SKU})
	})
}

// Returns lists what came back to a site, the ungraded first.
func (o *Ops) Returns(ctx context.Context, site catalog.SiteID, open bool, limit int) ([]warehouse.Return, error) {
	if err := o.maySee(ctx, site); err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = 200
	}
	all, err := warehousedb.Returns(ctx, o.Pool, site, open, min(limit, 1000))
	if err != nil {
		return nil, err
	}
	var skus []catalog.SKUID
	for _, r := range all {
		skus = append(skus, r.Ware.SKU)
	}
	wares, err := warehousedb.Wares(ctx, o.Pool, skus...)
	for i := range all {
		all[i].Ware = wares[all[i].Ware.SKU]
	}
	return all, err
}
