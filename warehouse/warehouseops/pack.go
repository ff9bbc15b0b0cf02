package warehouseops

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/picking"
	"milkrun/warehouse/warehousedb"
)

// ToPack gives the shipment that a scan at the packing bench leads to: a tote, an order's or a parcel's number. Of a tote that
// holds several shipments of one line, item chooses: without one the answer has the id 0 and counts those that wait.
// warehouse.ErrNotPicked where nothing of it waits.
func (o *Ops) ToPack(ctx context.Context, site catalog.SiteID, code, item string) (warehouse.PackTask, error) {
	if _, err := onFloor(ctx, site); err != nil {
		return warehouse.PackTask{}, err
	}
	code = warehouse.CleanCode(code)
	ids, err := warehousedb.ToPack(ctx, o.Pool, site, code)
	switch {
	case err != nil:
		return warehouse.PackTask{}, err
	case len(ids) == 0:
		return warehouse.PackTask{}, warehouse.ErrNotPicked
	case len(ids) == 1:
		return o.packTask(ctx, ids[0])
	case item == "":
		return warehouse.PackTask{Kind: "pack", Site: int32(site), Tote: code, Waiting: len(ids), Lines: []warehouse.PackLine{}, Parcels: []warehouse.Parcel{}, Boxes: warehouse.Boxes()}, nil
	}
	got, err := warehouse.ReadItem(item, o.todayAt())
	if err != nil {
		return warehouse.PackTask{}, &warehouse.ScanError{Fault: warehouse.FaultUnread, Scanned: item}
	}
	held, err := warehousedb.HeldBy(ctx, o.Pool, ids)
	if err != nil {
		return warehouse.PackTask{}, err
	}
	for _, x := range held {
		if warehouse.SameTrade(got.Trade(), x.GTIN) || got.Text != "" && strings.EqualFold(got.Text, x.Code) {
			return o.packTask(ctx, x.Shipment)
		}
	}
	return warehouse.PackTask{}, &warehouse.ScanError{Fault: warehouse.FaultSKU, Scanned: got.Trade() + got.Text}
}

// PackTask gives a shipment at the packing bench.
func (o *Ops) PackTask(ctx context.Context, shipment int64) (warehouse.PackTask, error) {
	t, err := o.packTask(ctx, shipment)
	if err != nil {
		return t, err
	}
	_, err = onFloor(ctx, catalog.SiteID(t.Site))
	return t, err
}

func (o *Ops) packTask(ctx context.Context, shipment int64) (warehouse.PackTask, error) {
	t, err := warehousedb.PackTask(ctx, o.Pool, shipment)
	if err != nil {
		return t, err
	}
	rule, err := warehousedb.WaveRule(ctx, o.Pool, catalog.SiteID(t.Site))
	t.Permille = rule.WeightPermille
	return t, err
}

// PackedItem is pieces of a SKU that a packer scanned into a box.
type PackedItem struct {
	SKU    catalog.SKUID   `json:"sku"`
	Pieces quantity.Pieces `json:"pieces"`
}

// Packing is a box that is closed. Weight is what the scale said in grams, 0 where there is none; Accepted, where not empty,
// says why a weight that is off, or none, is right all the same.
type Packing struct {
	Shipment int64        `json:"shipment"`
	Items    []PackedItem `json:"items"`
	Box      string       `json:"box"`
	Weight   int64        `json:"weight"`
	Accepted string       `json:"accepted"`
}

// ClosePack closes a box: its pieces move to the packing bench as a parcel with a number, and with the last of them the shipment
// is packed. *warehouse.WeightError where the scale says otherwise than the content, *warehouse.CancelledError for a cancelled
// order, *warehouse.ScanError for pieces that the shipment does not have.
func (o *Ops) ClosePack(ctx context.Context, cmd warehouse.Command, in Packing) (warehouse.PackTask, error) {
	err := o.atBench(ctx, cmd, in.Shipment, "pack", nil, func(b *bench) error {
		if b.task.Cancelled {
			return &warehouse.CancelledError{Order: b.task.Order}
		}
		content, boxed, err := b.choose(ctx, in.Items)
		if err != nil {
			return err
		}
		expected, err := warehouse.CheckWeight(in.Weight, warehouse.BoxGrams(in.Box), content, b.rule.WeightPermille)
		if err != nil && in.Accepted == "" {
			return err
		}
		if err == nil && in.Accepted == "" {
			if err := b.learn(ctx, in, content); err != nil {
				return err
			}
		}
		id, err := b.box(ctx, in, expected, boxed)
		if err != nil {
			return err
		}
		b.o.Log.InfoContext(ctx, "parcel packed", "parcel", id, "shipment", in.Shipment, "device", cmd.Device)
		full, err := warehousedb.PackShipment(ctx, b.tx, in.Shipment, b.now)
		if err != nil || !full {
			return err
		}
		return o.Bus.Publish(ctx, b.tx, warehouse.Packed{Shipment: in.Shipment, Outbound: boxed[0].Outbound, Site: b.site(), At: b.now})
	})
	if err != nil {
		return warehouse.PackTask{}, err
	}
	return o.packTask(ctx, in.Shipment)
}

// bench is a deed on a shipment within its transaction.
type bench struct {
	o    *Ops
	tx   pgx.Tx
	u    access.User
	cmd  warehouse.Command
	task warehouse.PackTask
	rule warehouse.WaveRule
	now  time.Time
}

func (b *bench) site() catalog.SiteID { return catalog.SiteID(b.task.Site) }

// atBench runs a deed on a locked shipment, once for an operation id.
func (o *Ops) atBench(ctx context.Context, cmd warehouse.Command, shipment int64, cause string, reverses *uuid.UUID, do func(*bench) error) error {
	u, err := access.Require(ctx, access.WorkFloor)
	if err != nil {
		return err
	}
	if err := cmd.Check(); err != nil {
		return err
	}
	return pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := warehousedb.LockToPack(ctx, tx, []int64{shipment}); err != nil {
			return err
		}
		t, err := warehousedb.PackTask(ctx, tx, shipment)
		if err != nil {
			return err
		}
		if err := within(u, catalog.SiteID(t.Site)); err != nil {
			return err
		}
		fresh, err := warehousedb.Begin(ctx, tx, o.floorOp(u, cmd, cause, reverses))
		if err != nil || !fresh {
			return err
		}
		rule, err := warehousedb.WaveRule(ctx, tx, catalog.SiteID(t.Site))
		if err != nil {
			return err
		}
		return do(&bench{o: o, tx: tx, u: u, cmd: cmd, task: t, rule: rule, now: o.Clock()})
	})
}

// choose finds the allocations that the scanned pieces are of, what expires first in front; a part of one is split off.
func (b *bench) choose(ctx context.Context, items []PackedItem) ([]warehouse.Weighed, []warehousedb.Taken, error) {
	all, err := warehousedb.TakenOf(ctx, b.tx, b.task.ID, "picked")
	if err != nil {
		return nil, nil, err
	}
	var content []warehouse.Weighed
	var boxed []warehousedb.Taken
	for _, it := range items {
		left := int64(it.Pieces)
		for i := range all {
			a := &all[i]
			if a.SKU != it.SKU || a.Pieces == 0 || left <= 0 {
				continue
			}
			take := *a
			if take.Pieces > left {
				rest := take.Pieces - left
				if _, err := warehousedb.SplitAllocation(ctx, b.tx, a.Allocation, quantity.Pieces(rest)); err != nil {
					return nil, nil, err
				}
				take.Pieces = left
			}
			left -= take.Pieces
			a.Pieces = 0
			boxed = append(boxed, take)
		}
		if left > 0 || it.Pieces <= 0 {
			return nil, nil, &warehouse.ScanError{Fault: warehouse.FaultExtra, Scanned: fmt.Sprint(it.Pieces), Wanted: fmt.Sprint(int64(it.Pieces) - left)}
		}
		for _, l := range b.task.Lines {
			if l.Goods.ID == it.SKU {
				content = append(content, warehouse.Weighed{Goods: l.Goods, Pieces: int64(it.Pieces)})
			}
		}
	}
	if len(boxed) == 0 {
		return nil, nil, warehouse.ErrNotPicked
	}
	return content, boxed, nil
}

// packBin is where packed parcels stand: the site's packing bench, else where it stages.
func (b *bench) packBin(ctx context.Context) (string, error) {
	bins, err := warehousedb.BinsOfKind(ctx, b.tx, b.site(), warehouse.BinPack, warehouse.BinStage)
	if err != nil {
		return "", err
	}
	for _, kind := range []warehouse.BinKind{warehouse.BinPack, warehouse.BinStage} {
		for _, x := range bins {
			if x.Kind == kind {
				return x.Code, nil
			}
		}
	}
	return "PACK", nil // a site without a bench in its plan
}

func (b *bench) box(ctx context.Context, in Packing, expected int64, boxed []warehousedb.Taken) (int64, error) {
	bin, err := b.packBin(ctx)
	if err != nil {
		return 0, err
	}
	if err := b.move(ctx, boxed, func(warehousedb.Taken) string { return bin }, true, "packed"); err != nil {
		return 0, err
	}
	id, err := warehousedb.AddParcel(ctx, b.tx, warehousedb.NewParcel{Shipment: in.Shipment, Site: b.site(), Bin: bin, Box: in.Box, Reason: in.Accepted,
		Weight: in.Weight, ExpectedGrams: expected, Op: b.cmd.Op, At: b.now, By: b.u.Name})
	if err != nil {
		return 0, err
	}
	allocations, pieces := make([]int64, len(boxed)), make([]int64, len(boxed))
	for i, x := range boxed {
		allocations[i], pieces[i] = x.Allocation, x.Pieces
	}
	return id, warehousedb.FillParcel(ctx, b.tx, id, allocations, pieces)
}

// move takes promised pieces to the bin that to names, with their promise or without.
func (b *bench) move(ctx context.Context, all []warehousedb.Taken, to func(warehousedb.Taken) string, promised bool, state string) error {
	moves, ids := make([]warehouse.Move, len(all)), make([]int64, len(all))
	for i, x := range all {
		from, into := x.At(), x.At()
		into.Bin = to(x)
		moves[i] = warehouse.Move{From: &from, To: &into, Pieces: quantity.Pieces(x.Pieces), FromReserved: true, ToReserved: promised}
		ids[i] = x.Allocation
	}
	posted, err := warehousedb.Post(ctx, b.tx, b.cmd.Op, moves)
	if err != nil {
		return err
	}
	at := make([]int64, len(posted))
	for i, p := range posted {
		at[i] = p.To
	}
	return warehousedb.MoveAllocations(ctx, b.tx, ids, at, state)
}

// learn keeps what one piece weighs where a weighed box holds one kind of goods alone.
func (b *bench) learn(ctx context.Context, in Packing, content []warehouse.Weighed) error {
	if len(content) != 1 || in.Weight == 0 || in.Box == "" {
		return nil
	}
	sku := content[0].Goods.ID
	n, mean, m2, err := warehousedb.LearnedWeight(ctx, b.tx, sku)
	if err != nil {
		return err
	}
	one := float64(in.Weight-warehouse.BoxGrams(in.Box)) / float64(content[0].Pieces)
	l := picking.Learned{N: int(n), Mean: mean, M2: m2}.Observe(one)
	return warehousedb.LearnWeight(ctx, b.tx, sku, int64(l.N), l.Mean, l.M2)
}

// OpenParcel opens a parcel again that has not left: its pieces are back in the tote and are scanned anew.
func (o *Ops) OpenParcel(ctx context.Context, cmd warehouse.Command, shipment, parcel int64) (warehouse.PackTask, error) {
	p, err := warehousedb.ParcelByID(ctx, o.Pool, parcel)
	if err != nil {
		return warehouse.PackTask{}, err
	}
	err = o.atBench(ctx, cmd, shipment, "reversal", nil, func(b *bench) error {
		at, err := warehousedb.LockParcel(ctx, b.tx, p.Number)
		if err != nil {
			return err
		}
		if at.State != "packed" || at.Shipment != shipment {
			return warehouse.ErrParcelGone
		}
		all, err := warehousedb.TakenIn(ctx, b.tx, []int64{parcel})
		if err != nil {
			return err
		}
		tote := b.task.Tote
		if tote == "" {
			return warehouse.ErrParcelGone
		}
		if err := b.move(ctx, all, func(warehousedb.Taken) string { return tote }, true, "picked"); err != nil {
			return err
		}
		if err := warehousedb.SetParcels(ctx, b.tx, []int64{parcel}, "opened", nil, nil); err != nil {
			return err
		}
		return warehousedb.UnpackShipment(ctx, b.tx, shipment)
	})
	if err != nil {
		return warehouse.PackTask{}, err
	}
	return o.packTask(ctx, shipment)
}

// PutBackShipment returns all that was picked or packed for a cancelled order to the bin that was scanned: a shelf, or the place
// of returns. It may be sold again at once where it stands on a shelf.
func (o *Ops) PutBackShipment(ctx context.Context, cmd warehouse.Command, shipment int64, bin string) (warehouse.PackTask, error) {
	err := o.atBench(ctx, cmd, shipment, "unpick", nil, func(b *bench) error {
		if !b.task.Cancelled {
			return warehouse.ErrTaskGone
		}
		code := warehouse.CleanCode(bin)
		found, err := warehousedb.LockBins(ctx, b.tx, []catalog.SiteID{b.site()}, []string{code})
		if err != nil {
			return err
		}
		if len(found) == 0 || !found[0].Active || !found[0].Kind.Stores() && found[0].Kind != warehouse.BinReturns {
			return &warehouse.ScanError{Fault: warehouse.FaultBin, Scanned: code}
		}
		return b.putBack(ctx, code)
	})
	if err != nil {
		return warehouse.PackTask{}, err
	}
	return o.packTask(ctx, shipment)
}

func (b *bench) putBack(ctx context.Context, bin string) error {
	all, err := warehousedb.TakenOf(ctx, b.tx, b.task.ID, "picked", "packed")
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return warehouse.ErrTaskGone
	}
	for _, p := range b.task.Parcels {
		if p.State != "packed" {
			return warehouse.ErrParcelGone
		}
	}
	if err := b.move(ctx, all, func(warehousedb.Taken) string { return bin }, false, "released"); err != nil {
		return err
	}
	freed, ids := warehouse.Freed{Site: b.site()}, []int64{}
	for _, x := range all {
		ids = append(ids, x.Allocation)
		freed.SKUs = append(freed.SKUs, x.SKU)
		if err := warehousedb.LineReleased(ctx, b.tx, x.Outbound, x.LineNo, quantity.Pieces(x.Pieces)); err != nil {
			return err
		}
	}
	if _, err := warehousedb.PutBackDone(ctx, b.tx, ids, b.now, b.cmd.Op); err != nil {
		return err
	}
	opened := []int64{}
	for _, p := range b.task.Parcels {
		opened = append(opened, p.ID)
	}
	if err := warehousedb.SetParcels(ctx, b.tx, opened, "opened", nil, nil); err != nil {
		return err
	}
	if err := warehousedb.CancelShipment(ctx, b.tx, b.task.ID); err != nil {
		return err
	}
	return b.o.Bus.Publish(ctx, b.tx, freed)
}

// Parcels gives the parcels that the sites packed in a span of time; state "" is every state.
func (o *Ops) Parcels(ctx context.Context, sites []catalog.SiteID, from, to time.Time, state string, limit int) ([]warehouse.Parcel, error) {
	u, err := access.Require(ctx, access.ViewStock)
	if err != nil {
		return nil, err
	}
	return warehousedb.Parcels(ctx, o.Pool, bounded(u, sites), from, to, state, limit)
}

// Label gives what stands on a parcel's label. The consignee is masked unless the user may see it and nothing has erased it.
func (o *Ops) Label(ctx context.Context, parcel int64) (warehouse.ParcelLabel, error) {
	if _, err := access.RequireAny(ctx, access.WorkFloor, access.ViewSales); err != nil {
		return warehouse.ParcelLabel{}, err
	}
	r, err := warehousedb.Label(ctx, o.Pool, parcel)
	if err != nil {
		return r, err
	}
	return r, o.maySee(ctx, r.Site)
}
