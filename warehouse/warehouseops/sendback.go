package warehouseops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/events"
	"milkrun/internal/money"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

const (
	// supplierChannel is the channel of orders that take goods back to their suppliers.
	supplierChannel = "supplier"
	// collectCarrier is who takes goods that the supplier fetches.
	collectCarrier = "供应商自提"
)

// SendBack makes an order that takes held, damaged or returned pieces back to their supplier: it is reserved where it stands, waits for a
// wave like every other order, is picked, packed and handed over. A unit cost below 0 becomes the purchase price of the supplier's terms.
// *warehouse.SendBackError, *warehouse.ShortError where fewer pieces are free, warehouse.ErrFrozen for recalled lots that are to go as sold.
func (o *Ops) SendBack(ctx context.Context, c warehouse.Command, in warehouse.SendBack) (warehouse.SentBack, error) {
	number, err := once(ctx, o, access.LeadFloor, c, "supplier.return", "hold", func(ctx context.Context, x *deed) (string, error) {
		if err := within(x.user, in.Site); err != nil {
			return "", err
		}
		return o.sendBack(ctx, x, in, nil)
	})
	if err != nil {
		return warehouse.SentBack{}, err
	}
	return o.SentBack(ctx, number)
}

// sendBack reserves the pieces and makes the order. It answers the number.
func (o *Ops) sendBack(ctx context.Context, x *deed, in warehouse.SendBack, inspection *int64) (string, error) {
	in.Reason, in.Carrier = strings.TrimSpace(in.Reason), strings.TrimSpace(in.Carrier)
	if in.Carrier == "" {
		in.Carrier = collectCarrier
	}
	if err := in.Check(); err != nil {
		return "", err
	}
	to, err := warehousedb.Supplier(ctx, x.tx, in.Supplier)
	if errors.Is(err, pgx.ErrNoRows) {
		err = &warehouse.SendBackError{Field: "supplier"}
	}
	if err != nil {
		return "", err
	}
	cold, err := o.price(ctx, x, &in)
	if err != nil {
		return "", err
	}
	today, err := o.siteToday(ctx, x.tx, in.Site)
	if err != nil {
		return "", err
	}
	number, err := warehousedb.NextNumber(ctx, x.tx, "RS", today)
	if err != nil {
		return "", err
	}
	d := warehousedb.SendBackDraft{SendBack: in, Number: number, Inspection: inspection, Cold: cold, Op: x.op.ID, At: x.now, By: x.user.Name}
	if d.Outbound, err = o.sendBackOrder(ctx, x, in, number, to); err != nil {
		return "", err
	}
	places := make([]warehouse.Place, len(in.Lines))
	for i, l := range in.Lines {
		places[i] = l.Place
	}
	at, err := warehousedb.LockPlaces(ctx, x.tx, places)
	if err != nil {
		return "", err
	}
	for i, l := range in.Lines {
		if at[i].Free() < l.Pieces {
			return "", &warehouse.ShortError{Place: l.Place, Want: l.Pieces, Have: at[i].Free()}
		}
		d.Promises = append(d.Promises, warehousedb.PromisedPlace{Line: i + 1, Position: at[i].ID, Pieces: l.Pieces})
	}
	if err := warehousedb.InsertSendBack(ctx, x.tx, d); err != nil {
		return "", err
	}
	if err := audit.Write(ctx, x.tx, x.now, audit.Change{Verb: "supplier.return", Thing: audit.Thing{Kind: "supplier_return", ID: number},
		After: map[string]any{"supplier": to.Code, "lines": len(in.Lines), "reason": in.Reason, "bearer": in.Bearer, "carriage_fen": in.Carriage}}); err != nil {
		return "", err
	}
	return number, events.Tell(ctx, x.tx, "floor", fmt.Sprint(in.Site))
}

// price puts the terms' prices where none is given, and tells whether goods are kept cold.
func (o *Ops) price(ctx context.Context, x *deed, in *warehouse.SendBack) (cold bool, err error) {
	var skus []int32
	var ids []catalog.SKUID
	for _, l := range in.Lines {
		skus, ids = append(skus, int32(l.Place.SKU)), append(ids, l.Place.SKU)
	}
	prices, err := warehousedb.PurchasePrices(ctx, x.tx, in.Supplier, skus)
	if err != nil {
		return false, err
	}
	wares, err := warehousedb.Wares(ctx, x.tx, ids...)
	if err != nil {
		return false, err
	}
	in.Lines = slices.Clone(in.Lines)
	for i := range in.Lines {
		l := &in.Lines[i]
		if l.UnitCost < 0 {
			l.UnitCost = prices[l.Place.SKU]
		}
		w, known := wares[l.Place.SKU]
		if !known {
			return false, &warehouse.SendBackError{Line: i + 1, Field: "sku"}
		}
		cold = cold || w.Temperature != catalog.Ambient
	}
	return cold, nil
}

// sendBackOrder inserts the order that carries the goods.
func (o *Ops) sendBackOrder(ctx context.Context, x *deed, in warehouse.SendBack, number string, to warehousedb.SupplierAddress) (warehouse.OutboundID, error) {
	name := to.Name.ZH
	if name == "" {
		name = to.Name.EN
	}
	n := warehousedb.NewOutbound{Kind: warehouse.SupplierReturn, Channel: supplierChannel, Number: number, Prints: warehouse.Prints{}, PlacedAt: x.now, Promise: warehouse.NoPromise,
		Masked: warehouse.Masked{Name: name, Phone: to.Phone, Address: strings.TrimSpace(to.City.ZH + " " + to.Contact), Area: to.City.ZH}, Note: in.Reason}
	for _, l := range in.Lines {
		amount := l.UnitCost * money.Fen(l.Pieces)
		n.Amount += amount
		n.Lines = append(n.Lines, warehousedb.NewLine{SKU: l.Place.SKU, Pieces: l.Pieces, Amount: amount})
	}
	ids, err := warehousedb.InsertOutbounds(ctx, x.tx, x.now, []warehousedb.NewOutbound{n})
	if err != nil {
		return 0, err
	}
	report, err := json.Marshal(warehouse.SourcingReport{By: x.user.Name, Parcels: []warehouse.ParcelReport{}})
	if err != nil {
		return 0, err
	}
	var out warehousedb.Sourced
	out.Order(ids[0], report, nil)
	return ids[0], out.Write(ctx, x.tx, 0, x.now)
}

// sendLot takes held pieces of an inspected lot back to its supplier, where they stand.
func (o *Ops) sendLot(ctx context.Context, x *deed, i *warehouse.Inspection, s Settling) error {
	at, err := warehousedb.LockLot(ctx, x.tx, i.Site, i.SKU, i.Lot.Code, warehouse.Held)
	if err != nil {
		return err
	}
	in := warehouse.SendBack{Site: i.Site, Supplier: i.Supplier, Carrier: s.Carrier, Reason: s.Reason, Bearer: warehouse.BearerSupplier, Carriage: s.Carriage}
	if s.Bearer != "" {
		in.Bearer = s.Bearer
	}
	left := s.Pieces
	for _, p := range at {
		if take := min(left, p.Free()); take > 0 {
			in.Lines = append(in.Lines, warehouse.SendBackLine{Place: p.Place, Pieces: take, UnitCost: -1})
			left -= take
		}
	}
	if left > 0 {
		return &warehouse.ShortError{Place: warehouse.Place{Site: i.Site, SKU: i.SKU, Lot: i.Lot.Code, Status: warehouse.Held}, Want: s.Pieces, Have: s.Pieces - left}
	}
	_, err = o.sendBack(ctx, x, in, &i.ID)
	return err
}

// SentBacks lists returns to suppliers of a site (0: of all that the user may see), the latest first; state and supplier narrow it.
func (o *Ops) SentBacks(ctx context.Context, site catalog.SiteID, state string, supplier catalog.SupplierID, limit int) ([]warehouse.SentBack, error) {
	u, err := access.RequireAny(ctx, access.ViewStock, access.LeadFloor)
	if err != nil {
		return nil, err
	}
	sites, err := boundTo(u, site)
	if err != nil {
		return nil, err
	}
	if sites == nil {
		if sites, err = warehousedb.SiteIDs(ctx, o.Pool); err != nil {
			return nil, err
		}
	}
	all, err := warehousedb.SentBacks(ctx, o.Pool, sites, state, supplier, max(1, min(limit, 1000)))
	if err != nil {
		return nil, err
	}
	return all, o.nameSent(ctx, o.Pool, all)
}

// SentBack gives a return to a supplier. warehouse.ErrNoSendBack.
func (o *Ops) SentBack(ctx context.Context, number string) (warehouse.SentBack, error) {
	u, err := access.RequireAny(ctx, access.ViewStock, access.LeadFloor)
	if err != nil {
		return warehouse.SentBack{}, err
	}
	s, err := warehousedb.SentBack(ctx, o.Pool, number)
	if err != nil {
		return s, err
	}
	if err := within(u, s.Site); err != nil {
		return warehouse.SentBack{}, err
	}
	return s, o.nameSent(ctx, o.Pool, []warehouse.SentBack{s})
}

func (o *Ops) nameSent(ctx context.Context, q pgdb.Querier, all []warehouse.SentBack) error {
	var skus []catalog.SKUID
	for _, s := range all {
		for _, l := range s.Lines {
			skus = append(skus, l.Ware.SKU)
		}
	}
	wares, err := warehousedb.Wares(ctx, q, skus...)
	for _, s := range all {
		for i := range s.Lines {
			s.Lines[i].Ware = wares[s.Lines[i].Ware.SKU]
		}
	}
	return err
}

// Sendable gives the held, damaged and returned pieces of a site that could go back to a supplier.
func (o *Ops) Sendable(ctx context.Context, site catalog.SiteID) ([]warehouse.SendableGoods, error) {
	u, err := access.Require(ctx, access.LeadFloor)
	if err != nil {
		return nil, err
	}
	if err := within(u, site); err != nil {
		return nil, err
	}
	all, err := warehousedb.Sendable(ctx, o.Pool, site, 500)
	if err != nil {
		return nil, err
	}
	var skus []catalog.SKUID
	bySupplier := map[catalog.SupplierID][]int32{}
	for _, g := range all {
		skus = append(skus, g.Place.SKU)
		bySupplier[g.Supplier] = append(bySupplier[g.Supplier], int32(g.Place.SKU))
	}
	wares, err := warehousedb.Wares(ctx, o.Pool, skus...)
	if err != nil {
		return nil, err
	}
	for supplier, list := range bySupplier {
		prices, err := warehousedb.PurchasePrices(ctx, o.Pool, supplier, list)
		if err != nil {
			return nil, err
		}
		for i := range all {
			if all[i].Supplier == supplier {
				all[i].Cost = prices[all[i].Place.SKU]
			}
		}
	}
	for i := range all {
		all[i].Ware = wares[all[i].Place.SKU]
	}
	return all, nil
}
