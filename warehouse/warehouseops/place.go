package warehouseops

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// Outcome is what became of an order that was sent in.
type Outcome string

// The outcomes: stored now; stored before with the same content; refused for its faults; refused because another order stands
// under its channel and number.
const (
	Accepted  Outcome = "accepted"
	Existing  Outcome = "existing"
	Refused   Outcome = "refused"
	Different Outcome = "different"
)

// Placed is the answer to one order of a batch.
type Placed struct {
	Channel, Number string
	Outcome         Outcome
	ID              warehouse.OutboundID
	State           warehouse.OutboundState
	// Faults are what is wrong, for Refused.
	Faults catalog.Faults
	// Fields are where the order differs from the one that is stored, for Different.
	Fields []string
}

// ErrNoSeal is the answer of a house that has no key to encrypt consignees with.
var ErrNoSeal = errors.New("warehouseops: no key to seal consignees with")

// placeBatch is how many orders are stored in one transaction: large enough for set-based writes, small enough that an order
// sent alone meanwhile does not wait long.
const placeBatch = 500

// PlaceOrders stores customers' orders and answers each of them, in the order of drafts: good ones are taken though others are
// bad. The key of an order is its channel and number; the same again is answered with what is stored. Orders are given to
// sites and allocated by jobs. When an error is answered, some of the orders may be stored: the batch can be sent again.
func (o *Ops) PlaceOrders(ctx context.Context, drafts []warehouse.OutboundDraft) ([]Placed, error) {
	if _, err := access.Require(ctx, access.PushData); err != nil {
		return nil, err
	}
	switch {
	case len(drafts) > warehouse.MaxOrders:
		return nil, warehouse.ErrTooManyOrders
	case o.Seal == nil:
		return nil, ErrNoSeal
	}
	defer o.intake.enter(len(drafts))()
	out := make([]Placed, len(drafts))
	fresh := false
	for from := 0; from < len(drafts); from += placeBatch {
		to := min(from+placeBatch, len(drafts))
		some, err := o.place(ctx, drafts[from:to], out[from:to])
		if err != nil {
			return nil, fmt.Errorf("warehouseops: place orders: %w", err)
		}
		fresh = fresh || some
	}
	if fresh {
		o.wakeSourcing()
	}
	return out, nil
}

// place stores a part of a batch and fills its answers. It tells whether any order was new.
func (o *Ops) place(ctx context.Context, drafts []warehouse.OutboundDraft, out []Placed) (bool, error) {
	goods, err := warehousedb.Goods(ctx, o.Pool, codesOf(drafts))
	if err != nil {
		return false, err
	}
	now := o.Clock()
	var orders []warehousedb.NewOutbound
	var at []int // of orders in drafts
	first := map[[2]string]int{}
	for i, d := range drafts {
		d = d.Usual(now)
		out[i] = Placed{Channel: d.Channel, Number: d.Number, Outcome: Accepted, State: warehouse.OutboundNew}
		f := d.Validate(now)
		n, more := o.explode(d, goods)
		if f = append(f, more...); len(f) > 0 {
			out[i].Outcome, out[i].Faults, out[i].State = Refused, f, ""
			continue
		}
		key := [2]string{d.Channel, d.Number}
		if _, twice := first[key]; twice {
			continue // answered as one that is stored, below
		}
		first[key] = i
		n.Prints, n.Masked = o.Seal.Print(drafts[i]), d.Consignee.Masked()
		if n.Sealed, err = o.Seal.Close(d.Channel, d.Number, d.Consignee); err != nil {
			return false, err
		}
		orders, at = append(orders, n), append(at, i)
	}
	if len(orders) == 0 {
		return false, nil
	}
	var ids []warehouse.OutboundID
	if err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		ids, err = warehousedb.InsertOutbounds(ctx, tx, now, orders)
		return err
	}); err != nil {
		return false, err
	}
	fresh := false
	for i, id := range ids {
		out[at[i]].ID = id
		fresh = fresh || id != 0
	}
	return fresh, o.answerStored(ctx, drafts, out)
}

// answerStored fills the answers of the orders that were there before, or stand earlier in the same batch.
func (o *Ops) answerStored(ctx context.Context, drafts []warehouse.OutboundDraft, out []Placed) error {
	var channels, numbers []string
	var at []int
	for i := range out {
		if out[i].ID == 0 && out[i].Outcome == Accepted {
			channels, numbers, at = append(channels, out[i].Channel), append(numbers, out[i].Number), append(at, i)
		}
	}
	if at == nil {
		return nil
	}
	stored, err := warehousedb.StoredOutbounds(ctx, o.Pool, channels, numbers)
	if err != nil {
		return err
	}
	for k, i := range at {
		s, ok := stored[k]
		if !ok {
			return fmt.Errorf("order %s %s: %w", channels[k], numbers[k], warehouse.ErrNoOutbound)
		}
		p := &out[i]
		p.ID, p.State, p.Outcome = s.ID, s.State, Existing
		if p.Fields, err = o.Seal.Differ(s.Prints, drafts[i]); err != nil {
			return fmt.Errorf("order %s %s: %w", channels[k], numbers[k], err)
		}
		if len(p.Fields) > 0 {
			p.Outcome = Different
		}
	}
	return nil
}

func codesOf(drafts []warehouse.OutboundDraft) []string {
	seen := map[string]struct{}{}
	var out []string
	for _, d := range drafts {
		for _, l := range d.Lines {
			if _, ok := seen[l.SKU]; !ok {
				seen[l.SKU] = struct{}{}
				out = append(out, l.SKU)
			}
		}
	}
	return out
}

// explode gives the order with its bundles as components, and the lines whose SKU is unknown.
func (o *Ops) explode(d warehouse.OutboundDraft, goods map[string]*warehousedb.Good) (warehousedb.NewOutbound, catalog.Faults) {
	n := warehousedb.NewOutbound{Kind: warehouse.Sale, Channel: d.Channel, Number: d.Number, PlacedAt: d.PlacedAt, Promise: d.Promise, LotDay: d.LotDay,
		Priority: d.Priority, Note: d.Note, Amount: d.Amount()}
	if !d.PromiseAt.IsZero() {
		n.PromiseAt = &d.PromiseAt
	}
	var f catalog.Faults
	for i, l := range d.Lines {
		if l.SKU == "" || l.Pieces <= 0 || l.Amount < 0 {
			continue // told by Validate
		}
		good, ok := goods[l.SKU]
		if !ok {
			f = append(f, catalog.Fault{Field: fmt.Sprintf("lines/%d/sku", i), Problem: catalog.NotKnown, Value: l.SKU})
			continue
		}
		n.Lines = append(n.Lines, linesOf(i+1, l, good)...)
	}
	return n, f
}

func linesOf(no int, l warehouse.DraftLine, good *warehousedb.Good) []warehousedb.NewLine {
	if !good.Bundle {
		return []warehousedb.NewLine{{SKU: good.ID, Pieces: l.Pieces, Amount: l.Amount, MinRemainingDays: l.MinRemainingDays}}
	}
	parts, err := warehouse.Explode(good.Components, l.Pieces, l.Amount)
	if err != nil {
		return nil // a good that says it is a bundle has components
	}
	out := make([]warehousedb.NewLine, len(parts))
	for i, p := range parts {
		out[i] = warehousedb.NewLine{SKU: p.SKU, Pieces: p.Pieces, Amount: p.Amount, BundleNo: no, BundleSKU: good.ID, BundlePieces: l.Pieces,
			MinRemainingDays: l.MinRemainingDays}
	}
	return out
}

// wakeSourcing lets a job give new orders to sites: at most one job in wakeEvery is queued by this process, however many orders
// come in. Orders whose process died before it woke anybody are found by the clock (Periodic).
func (o *Ops) wakeSourcing() { o.sourcing.poke(wakeEvery, func() { o.enqueueLater(sourceArgs{}) }) }

const wakeEvery = 100 * time.Millisecond
