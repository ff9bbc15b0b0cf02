package warehouseops

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// editor gives who may cancel and change orders: staff, and the channels that sent them.
func editor(ctx context.Context) (access.User, error) {
	return access.RequireAny(ctx, access.EditSales, access.PushData)
}

// FindOutbound gives the id of a channel's order.
func (o *Ops) FindOutbound(ctx context.Context, channel, number string) (warehouse.OutboundID, error) {
	if _, err := access.RequireAny(ctx, access.ViewSales, access.ReadData, access.PushData); err != nil {
		return 0, err
	}
	return warehousedb.OutboundID(ctx, o.Pool, channel, number)
}

// hold is an order with its shipments and promises, held by a transaction that changes it.
type hold struct {
	warehousedb.LockedOutbound
	user        access.User
	shipments   []warehousedb.HeldShipment
	allocations []warehousedb.OpenAllocation
}

func (o *Ops) hold(ctx context.Context, tx pgx.Tx, u access.User, id warehouse.OutboundID) (h hold, err error) {
	h.user = u
	if h.LockedOutbound, err = warehousedb.LockOutbound(ctx, tx, id); err != nil {
		return h, err
	}
	if h.shipments, err = warehousedb.LockShipments(ctx, tx, id); err != nil {
		return h, err
	}
	for _, s := range h.shipments {
		if !u.MayTouchSite(s.Site) {
			return h, fmt.Errorf("warehouseops: order %d is sent by site %d: %w", id, s.Site, access.ErrForbidden)
		}
	}
	h.allocations, err = warehousedb.OpenAllocations(ctx, tx, id)
	return h, err
}

// loose tells whether the floor has not begun with what was promised.
func (h *hold) loose(a warehousedb.OpenAllocation) bool {
	i := slices.IndexFunc(h.shipments, func(s warehousedb.HeldShipment) bool { return s.ID == a.Shipment })
	return a.State == "reserved" && (i < 0 || h.shipments[i].Loose())
}

func (h *hold) looseShipments() (ids []int64) {
	for _, s := range h.shipments {
		if s.Loose() {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// floor gives the sites where somebody works on the order.
func (h *hold) floor() (sites []catalog.SiteID) {
	for _, s := range h.shipments {
		if s.OnFloor() && !slices.Contains(sites, s.Site) {
			sites = append(sites, s.Site)
		}
	}
	return sites
}

func (h *hold) partGone() bool {
	return slices.ContainsFunc(h.shipments, func(s warehousedb.HeldShipment) bool { return s.State == "handed_over" })
}

// CancelOrder cancels an order in any state. What nobody has touched is free at once and goes to who waits for it; what is
// being picked or is packed is put back by the floor, which the scanner asks for at the next scan. What has been handed over
// stays so: an order that is gone as a whole is refused with warehouse.ErrShipped. Cancelling twice answers the same.
func (o *Ops) CancelOrder(ctx context.Context, id warehouse.OutboundID, reason string) (out warehouse.Changed, err error) {
	u, err := editor(ctx)
	if err != nil {
		return out, err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		out, err = o.cancel(ctx, tx, u, id, reason)
		return err
	})
	if err != nil {
		return out, fmt.Errorf("warehouseops: cancel order %d: %w", id, err)
	}
	return out, nil
}

func (o *Ops) cancel(ctx context.Context, tx pgx.Tx, u access.User, id warehouse.OutboundID, reason string) (out warehouse.Changed, err error) {
	h, err := o.hold(ctx, tx, u, id)
	switch {
	case err != nil:
		return out, err
	case h.State == warehouse.OutboundCancelled:
		return warehouse.Changed{State: h.State, Revision: h.Revision}, nil
	case h.State.Gone():
		return out, warehouse.ErrShipped
	}
	now := o.Clock()
	var free, carried []warehousedb.OpenAllocation
	for _, a := range h.allocations {
		switch {
		case h.loose(a):
			free = append(free, a)
			out.Released += a.Pieces
		default:
			carried = append(carried, a)
			out.PutBack += a.Pieces
		}
	}
	if err := warehousedb.Release(ctx, tx, free); err != nil {
		return out, err
	}
	if err := warehousedb.AddPutBacks(ctx, tx, carried, reason, now); err != nil {
		return out, err
	}
	out.State = warehouse.OutboundCancelled
	if h.partGone() {
		// A part has left: the order is as shipped as it will get once the rest has been put back.
		out.State = warehouse.OutboundShipped
	}
	if out.Revision, err = warehousedb.CancelRest(ctx, tx, id, h.looseShipments(), out.State, reason, now); err != nil {
		return out, err
	}
	if h.Kind == warehouse.SupplierReturn {
		if err := warehousedb.SendBackOff(ctx, tx, id, now); err != nil {
			return out, err
		}
	}
	if err := warehousedb.AddEvent(ctx, tx, id, now, "cancelled", u.Name, map[string]any{"reason": reason, "released": out.Released, "put_back": out.PutBack}); err != nil {
		return out, err
	}
	if err := o.traceOrder(ctx, tx, "outbound.cancel", id, map[string]any{"state": h.State}, map[string]any{"state": out.State, "reason": reason}); err != nil {
		return out, err
	}
	return out, o.announceChange(ctx, tx, &h, free)
}

// announceChange tells whom the change concerns: who waits for the freed pieces, and the floors that work on the order.
func (o *Ops) announceChange(ctx context.Context, tx pgx.Tx, h *hold, freed []warehousedb.OpenAllocation) error {
	bySite := map[catalog.SiteID][]catalog.SKUID{}
	for _, a := range freed {
		if !slices.Contains(bySite[a.Site], a.SKU) {
			bySite[a.Site] = append(bySite[a.Site], a.SKU)
		}
	}
	for _, site := range slices.Sorted(maps.Keys(bySite)) {
		if err := o.publish(ctx, tx, warehouse.Freed{Site: site, SKUs: bySite[site]}); err != nil {
			return err
		}
	}
	for _, site := range h.floor() {
		if err := o.publish(ctx, tx, warehouse.OutboundChanged{Site: site, Outbounds: []int64{int64(h.ID)}, At: o.Clock()}); err != nil {
			return err
		}
	}
	return nil
}

func (o *Ops) traceOrder(ctx context.Context, tx pgx.Tx, verb string, id warehouse.OutboundID, before, after any) error {
	return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: verb, Thing: audit.Thing{Kind: "outbound", ID: strconv.FormatInt(int64(id), 10)}, Before: before, After: after})
}

// LineError refuses a change for one of its lines: Line counts from 0.
type LineError struct {
	Line  int
	Field string
	Err   error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d, %s: %v", e.Line+1, e.Field, e.Err) }

// Unwrap gives the reason.
func (e *LineError) Unwrap() error { return e.Err }

// ErrLineGone refuses to change a line of which pieces have left the house.
var ErrLineGone = errors.New("warehouse: pieces of the line have been handed over; take them back as a return")

// ChangeOrder changes lines, consignee or note of an order that has not left the house. A line that nobody has touched is
// released and sourced anew. Of a line that is being picked or is packed, more pieces become a further line; fewer let the floor
// put back what it has and send the rest anew. Refusals: warehouse.ErrShipped, ErrCancelled, ErrRevision, *LineError,
// catalog.Faults for what is wrong by itself.
func (o *Ops) ChangeOrder(ctx context.Context, id warehouse.OutboundID, c warehouse.OutboundChange) (out warehouse.Changed, err error) {
	u, err := editor(ctx)
	if err != nil {
		return out, err
	}
	if f := c.Validate(); len(f) > 0 {
		return out, f
	}
	var codes []string
	for _, l := range c.Lines {
		if l.No == 0 {
			codes = append(codes, l.SKU)
		}
	}
	goods, err := warehousedb.Goods(ctx, o.Pool, codes)
	if err != nil {
		return out, err
	}
	source := false
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		ch := orderChange{ops: o, tx: tx, asked: c, goods: goods}
		out, err = ch.run(ctx, u, id)
		source = ch.source
		return err
	})
	if err != nil {
		return out, fmt.Errorf("warehouseops: change order %d: %w", id, err)
	}
	if source {
		o.wakeSourcing()
	}
	return out, nil
}

// orderChange is a change while it happens.
type orderChange struct {
	ops    *Ops
	tx     pgx.Tx
	asked  warehouse.OutboundChange
	goods  map[string]*warehousedb.Good
	held   hold
	source bool // lines wait for a site
	freed  []warehousedb.OpenAllocation
	back   []warehousedb.OpenAllocation
	out    warehouse.Changed
}

func (c *orderChange) run(ctx context.Context, u access.User, id warehouse.OutboundID) (warehouse.Changed, error) {
	var err error
	if c.held, err = c.ops.hold(ctx, c.tx, u, id); err != nil {
		return c.out, err
	}
	h := &c.held
	switch {
	case h.State == warehouse.OutboundCancelled:
		return c.out, warehouse.ErrCancelled
	case h.State.Gone():
		return c.out, warehouse.ErrShipped
	case c.asked.Revision != 0 && c.asked.Revision != h.Revision:
		return c.out, warehouse.ErrRevision
	}
	lines, err := warehousedb.HeldLines(ctx, c.tx, id)
	if err != nil {
		return c.out, err
	}
	for i, l := range c.asked.Lines {
		if err := c.line(ctx, i, l, lines); err != nil {
			return c.out, err
		}
	}
	now := c.ops.Clock()
	if err := warehousedb.AddPutBacks(ctx, c.tx, c.back, c.asked.Reason, now); err != nil {
		return c.out, err
	}
	if err := c.consignee(ctx); err != nil {
		return c.out, err
	}
	c.source = c.source || h.State == warehouse.OutboundNew
	if c.out.Revision, c.out.State, err = warehousedb.SettleChange(ctx, c.tx, id, c.asked.Note, c.source, now); err != nil {
		return c.out, err
	}
	detail := map[string]any{"reason": c.asked.Reason, "lines": len(c.asked.Lines), "consignee": c.asked.Consignee != nil, "put_back": c.out.PutBack}
	if err := warehousedb.AddEvent(ctx, c.tx, id, now, "changed", u.Name, detail); err != nil {
		return c.out, err
	}
	if err := c.ops.traceOrder(ctx, c.tx, "outbound.change", id, lines, map[string]any{"lines": c.asked.Lines, "reason": c.asked.Reason, "revision": c.out.Revision}); err != nil {
		return c.out, err
	}
	return c.out, c.ops.announceChange(ctx, c.tx, h, c.freed)
}

func (c *orderChange) line(ctx context.Context, at int, l warehouse.LineChange, lines []warehousedb.HeldLine) error {
	id := c.held.ID
	if l.No == 0 {
		good, ok := c.goods[l.SKU]
		if !ok {
			return &LineError{at, "sku", catalog.ErrUnknown}
		}
		c.source = true
		for _, n := range linesOf(0, warehouse.DraftLine{SKU: l.SKU, Pieces: l.Pieces, Amount: l.Amount, MinRemainingDays: l.MinRemainingDays}, good) {
			if err := warehousedb.AddLine(ctx, c.tx, id, n); err != nil {
				return err
			}
		}
		return nil
	}
	i := slices.IndexFunc(lines, func(h warehousedb.HeldLine) bool { return h.No == l.No })
	switch {
	case i < 0 || lines[i].State == "cancelled":
		return &LineError{at, "no", catalog.ErrUnknown}
	case lines[i].Shipped > 0:
		return &LineError{at, "no", ErrLineGone}
	}
	have, wanted := lines[i], lines[i].Pieces-lines[i].Cancelled
	var loose, floor []warehousedb.OpenAllocation
	for _, a := range c.held.allocations {
		if a.Line == l.No && c.held.loose(a) {
			loose = append(loose, a)
		} else if a.Line == l.No {
			floor = append(floor, a)
		}
	}
	if l.Pieces == wanted && (l.MinRemainingDays == have.MinRemainingDays || len(floor) > 0) {
		return warehousedb.SetLineTerms(ctx, c.tx, id, l.No, l.Amount, l.MinRemainingDays)
	}
	if len(floor) == 0 {
		if err := warehousedb.Release(ctx, c.tx, loose); err != nil {
			return err
		}
		c.freed = append(c.freed, loose...)
		c.out.Released += promisedPieces(loose)
		c.source = c.source || l.Pieces > 0
		return warehousedb.SetLine(ctx, c.tx, id, l.No, l.Pieces, l.Amount, l.MinRemainingDays)
	}
	return c.onFloor(ctx, l, have, wanted, floor)
}

// onFloor changes a line that somebody works on: more is a further line, less is put back and sent anew.
func (c *orderChange) onFloor(ctx context.Context, l warehouse.LineChange, have warehousedb.HeldLine, wanted quantity.Pieces, floor []warehousedb.OpenAllocation) error {
	further := warehousedb.NewLine{SKU: have.SKU, Pieces: l.Pieces, Amount: l.Amount, MinRemainingDays: l.MinRemainingDays}
	old := have.Amount
	if l.Pieces > wanted {
		further.Pieces, further.Amount = l.Pieces-wanted, max(0, l.Amount-have.Amount)
		old = l.Amount - further.Amount
	} else {
		c.back = append(c.back, floor...)
		c.out.PutBack += promisedPieces(floor)
		old = 0
	}
	if err := warehousedb.SetLineTerms(ctx, c.tx, c.held.ID, l.No, old, have.MinRemainingDays); err != nil {
		return err
	}
	if further.Pieces == 0 {
		return nil
	}
	c.source = true
	return warehousedb.AddLine(ctx, c.tx, c.held.ID, further)
}

func promisedPieces(list []warehousedb.OpenAllocation) (n quantity.Pieces) {
	for _, a := range list {
		n += a.Pieces
	}
	return n
}

func (c *orderChange) consignee(ctx context.Context) error {
	h := &c.held
	switch {
	case c.asked.Consignee == nil:
		return nil
	case h.ErasedAt != nil:
		return warehouse.ErrErased
	case c.ops.Seal == nil:
		return ErrNoSeal
	}
	sealed, err := c.ops.Seal.Close(h.Channel, h.Number, *c.asked.Consignee)
	if err != nil {
		return err
	}
	return warehousedb.SetConsignee(ctx, c.tx, h.ID, c.asked.Consignee.Masked(), sealed, h.Prints, nil)
}
