package warehouseops

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// CarrierLoads gives what waits for each carrier at a site, the earliest first.
func (o *Ops) CarrierLoads(ctx context.Context, site catalog.SiteID) ([]warehouse.CarrierLoad, error) {
	if _, err := onFloor(ctx, site); err != nil {
		return nil, err
	}
	return warehousedb.CarrierLoads(ctx, o.Pool, site)
}

// OpenManifest gives the open manifest of the carrier of a packed parcel, a new one where there is none.
func (o *Ops) OpenManifest(ctx context.Context, cmd warehouse.Command, site catalog.SiteID, parcel string) (warehouse.Manifest, error) {
	u, err := onFloor(ctx, site)
	if err != nil {
		return warehouse.Manifest{}, err
	}
	if err := cmd.Check(); err != nil {
		return warehouse.Manifest{}, err
	}
	p, err := warehousedb.ParcelByNumber(ctx, o.Pool, warehouse.CleanCode(parcel))
	switch {
	case err != nil:
		return warehouse.Manifest{}, err
	case p.Site != site:
		return warehouse.Manifest{}, &warehouse.ScanError{Fault: warehouse.FaultParcel, Scanned: p.Number}
	case p.State != "packed" && p.State != "loaded":
		return warehouse.Manifest{}, warehouse.ErrParcelGone
	}
	return o.manifestOf(ctx, site, p.Carrier, u.Name)
}

// ManifestOf gives the open manifest of a carrier at a site, a new one where there is none.
func (o *Ops) ManifestOf(ctx context.Context, site catalog.SiteID, carrier string) (warehouse.Manifest, error) {
	u, err := onFloor(ctx, site)
	if err != nil {
		return warehouse.Manifest{}, err
	}
	return o.manifestOf(ctx, site, carrier, u.Name)
}

func (o *Ops) manifestOf(ctx context.Context, site catalog.SiteID, carrier, by string) (warehouse.Manifest, error) {
	var id int64
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) (err error) {
		id, err = warehousedb.OpenManifest(ctx, tx, site, carrier, o.Clock(), by)
		return err
	})
	if err != nil {
		return warehouse.Manifest{}, fmt.Errorf("warehouseops: manifest: %w", err)
	}
	return warehousedb.Manifest(ctx, o.Pool, id)
}

// LoadParcel puts a parcel on a manifest; loaded twice it is loaded once. *warehouse.CancelledError for a cancelled order,
// *warehouse.ScanError for another carrier's parcel.
func (o *Ops) LoadParcel(ctx context.Context, cmd warehouse.Command, manifest int64, number string) (warehouse.Manifest, error) {
	return o.onManifest(ctx, cmd, manifest, number, func(tx pgx.Tx, carrier string, site catalog.SiteID, p warehousedb.ParcelLock) error {
		switch {
		case p.State == "loaded" && p.Manifest != nil && *p.Manifest == manifest:
			return nil
		case p.Cancelled:
			return &warehouse.CancelledError{Order: p.Order, Parcel: p.Number}
		case p.Site != site:
			return &warehouse.ScanError{Fault: warehouse.FaultParcel, Scanned: p.Number}
		case p.Carrier != carrier:
			return &warehouse.ScanError{Fault: warehouse.FaultCarrier, Scanned: p.Carrier, Wanted: carrier}
		case p.State != "packed" || p.ShipmentState != "packed":
			return warehouse.ErrParcelGone
		}
		now := o.Clock()
		return warehousedb.SetParcels(ctx, tx, []int64{p.ID}, "loaded", &manifest, &now)
	})
}

// UnloadParcel takes a parcel off a manifest that is still open.
func (o *Ops) UnloadParcel(ctx context.Context, cmd warehouse.Command, manifest int64, number string) (warehouse.Manifest, error) {
	return o.onManifest(ctx, cmd, manifest, number, func(tx pgx.Tx, _ string, _ catalog.SiteID, p warehousedb.ParcelLock) error {
		if p.State == "packed" {
			return nil
		}
		if p.State != "loaded" || p.Manifest == nil || *p.Manifest != manifest {
			return warehouse.ErrParcelGone
		}
		return warehousedb.SetParcels(ctx, tx, []int64{p.ID}, "packed", nil, nil)
	})
}

func (o *Ops) onManifest(ctx context.Context, cmd warehouse.Command, manifest int64, number string, do func(pgx.Tx, string, catalog.SiteID, warehousedb.ParcelLock) error) (warehouse.Manifest, error) {
	u, err := access.Require(ctx, access.WorkFloor)
	if err != nil {
		return warehouse.Manifest{}, err
	}
	if err := cmd.Check(); err != nil {
		return warehouse.Manifest{}, err
	}
	code := warehouse.CleanCode(number)
	if !warehouse.IsParcelNumber(code) {
		return warehouse.Manifest{}, &warehouse.ScanError{Fault: warehouse.FaultParcel, Scanned: code}
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		shipment, err := warehousedb.ShipmentOfParcel(ctx, tx, code)
		if err != nil {
			return err
		}
		if err := warehousedb.LockToPack(ctx, tx, []int64{shipment}); err != nil {
			return err
		}
		site, carrier, state, err := warehousedb.LockManifest(ctx, tx, manifest)
		if err != nil {
			return err
		}
		if err := within(u, site); err != nil {
			return err
		}
		p, err := warehousedb.LockParcel(ctx, tx, code)
		if err != nil {
			return err
		}
		if state != "open" && !(p.Manifest != nil && *p.Manifest == manifest) {
			return warehouse.ErrManifestClosed
		}
		return do(tx, carrier, site, p)
	})
	if err != nil {
		return warehouse.Manifest{}, err
	}
	return warehousedb.Manifest(ctx, o.Pool, manifest)
}

// CloseManifest hands the loaded parcels over to their carrier: the pieces leave the house, or are on their way to another site,
// and the orders are shipped. signed names who took them, where told. Closed twice it is closed once.
func (o *Ops) CloseManifest(ctx context.Context, cmd warehouse.Command, manifest int64, signed string) (warehouse.Manifest, error) {
	u, err := access.Require(ctx, access.WorkFloor)
	if err != nil {
		return warehouse.Manifest{}, err
	}
	if len(signed) > 100 {
		signed = signed[:100]
	}
	before, err := warehousedb.Manifest(ctx, o.Pool, manifest)
	if err != nil {
		return before, err
	}
	if err := within(u, before.Site); err != nil {
		return before, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		// Orders before the manifest, as everywhere; what is loaded meanwhile is found by the second look.
		if err := warehousedb.LockToPack(ctx, tx, shipmentsOn(before)); err != nil {
			return err
		}
		_, _, state, err := warehousedb.LockManifest(ctx, tx, manifest)
		if err != nil {
			return err
		}
		fresh, err := o.beginFloor(ctx, tx, u, cmd, "ship")
		if err != nil || !fresh {
			return err
		}
		if state != "open" {
			return warehouse.ErrManifestClosed
		}
		return o.handOver(ctx, tx, u, cmd, manifest, before.Site, signed)
	})
	if err != nil {
		return before, err
	}
	return warehousedb.Manifest(ctx, o.Pool, manifest)
}

func shipmentsOn(m warehouse.Manifest) []int64 {
	var ids []int64
	for _, p := range m.Parcels {
		if p.State == "loaded" {
			ids = append(ids, p.Shipment)
		}
	}
	return ids
}

func (o *Ops) handOver(ctx context.Context, tx pgx.Tx, u access.User, cmd warehouse.Command, manifest int64, site catalog.SiteID, signed string) error {
	loaded, err := warehousedb.LockLoaded(ctx, tx, manifest)
	if err != nil {
		return err
	}
	if len(loaded) == 0 {
		return warehouse.ErrManifestEmpty
	}
	parcels, shipments := make([]int64, len(loaded)), make([]int64, len(loaded))
	for i, p := range loaded {
		if p.Cancelled {
			return &warehouse.CancelledError{Order: p.Order, Parcel: p.Number}
		}
		parcels[i], shipments[i] = p.ID, p.Shipment
	}
	content, err := warehousedb.TakenIn(ctx, tx, parcels)
	if err != nil {
		return err
	}
	ids, err := o.leave(ctx, tx, u, cmd, content)
	if err != nil {
		return err
	}
	now := o.Clock()
	gone, outbounds, err := warehousedb.HandOver(ctx, tx, manifest, ids, shipments, now, u.Name, signed)
	if err != nil {
		return err
	}
	if err := warehousedb.SendBackGone(ctx, tx, outbounds, now); err != nil {
		return err
	}
	return o.Bus.Publish(ctx, tx, warehouse.Shipped{Site: site, Shipments: gone, Outbounds: outbounds, At: now})
}

// leave moves pieces out of the house, those of transfers onto the way to their site, as an operation of their own.
func (o *Ops) leave(ctx context.Context, tx pgx.Tx, u access.User, cmd warehouse.Command, content []warehousedb.Taken) ([]int64, error) {
	var sold, sent []warehouse.Move
	var ids []int64
	for _, x := range content {
		from := x.At()
		m := warehouse.Move{From: &from, Pieces: quantity.Pieces(x.Pieces), FromReserved: true}
		ids = append(ids, x.Allocation)
		if x.Kind == "transfer" && x.ToSite != nil {
			to := warehouse.Place{Site: *x.ToSite, SKU: x.SKU, Lot: x.Lot, Owner: x.Owner, Status: warehouse.InTransit}
			m.To = &to
			sent = append(sent, m)
			continue
		}
		sold = append(sold, m)
	}
	if _, err := warehousedb.Post(ctx, tx, cmd.Op, sold); err != nil {
		return nil, err
	}
	if len(sent) == 0 {
		return ids, nil
	}
	op := o.floorOp(u, cmd, "transfer_out", nil)
	op.ID = uuid.NewSHA1(cmd.Op, []byte("transfer"))
	if _, err := warehousedb.Begin(ctx, tx, op); err != nil {
		return nil, err
	}
	_, err := warehousedb.Post(ctx, tx, op.ID, sent)
	return ids, err
}

// Manifest gives a manifest with its parcels.
func (o *Ops) Manifest(ctx context.Context, id int64) (warehouse.Manifest, error) {
	m, err := warehousedb.Manifest(ctx, o.Pool, id)
	if err != nil {
		return m, err
	}
	return m, o.maySee(ctx, m.Site)
}

// Manifests gives the open manifests of the sites and those closed since.
func (o *Ops) Manifests(ctx context.Context, sites []catalog.SiteID, since time.Time, limit int) ([]warehouse.Manifest, error) {
	u, err := access.Require(ctx, access.ViewStock)
	if err != nil {
		return nil, err
	}
	return warehousedb.Manifests(ctx, o.Pool, bounded(u, sites), since, limit)
}
