package warehouseops

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// ErrStillOpen refuses to erase the consignee of an order that has yet to be delivered.
var ErrStillOpen = errors.New("warehouseops: the order is still open; cancel it first, or erase the data once it has been delivered")

// Consignee opens the data of an order's consignee. Who read them stands in the audit.
func (o *Ops) Consignee(ctx context.Context, id warehouse.OutboundID) (c warehouse.Consignee, err error) {
	if _, err := access.Require(ctx, access.ViewConsignee); err != nil {
		return c, err
	}
	if o.Seal == nil {
		return c, ErrNoSeal
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		h, err := warehousedb.LockOutbound(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case h.ErasedAt != nil || h.Sealed == nil:
			return warehouse.ErrErased
		}
		if c, err = o.Seal.Open(h.Channel, h.Number, h.Sealed); err != nil {
			return err
		}
		return o.traceOrder(ctx, tx, "consignee.read", id, nil, nil)
	})
	if err != nil {
		return warehouse.Consignee{}, fmt.Errorf("warehouseops: consignee of order %d: %w", id, err)
	}
	return c, nil
}

// EraseConsignee forgets who an order went to: the sealed data, what is shown of them, and their fingerprints. Only the city is
// kept, for statistics. An order that is still open is refused with ErrStillOpen; erasing twice does nothing.
func (o *Ops) EraseConsignee(ctx context.Context, id warehouse.OutboundID, reason string) error {
	u, err := access.RequireAny(ctx, access.ViewConsignee, access.PushData)
	if err != nil {
		return err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		h, err := warehousedb.LockOutbound(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case h.ErasedAt != nil:
			return nil
		case !h.State.Gone() && h.State != warehouse.OutboundCancelled:
			return ErrStillOpen
		}
		now := o.Clock()
		if err := warehousedb.EraseConsignee(ctx, tx, id, warehouse.Prints(h.Prints).Erase(), now); err != nil {
			return err
		}
		if err := warehousedb.AddEvent(ctx, tx, id, now, "erased", u.Name, map[string]any{"reason": reason}); err != nil {
			return err
		}
		return o.traceOrder(ctx, tx, "consignee.erase", id, nil, map[string]any{"reason": reason})
	})
	if err != nil {
		return fmt.Errorf("warehouseops: erase the consignee of order %d: %w", id, err)
	}
	return nil
}

// Reseal seals up to limit orders anew whose consignees stand under an old key, and answers how many it did: 0 once the old keys
// can be thrown away.
func (o *Ops) Reseal(ctx context.Context, limit int) (n int, err error) {
	if _, err := access.Require(ctx, access.ViewSystem); err != nil {
		return 0, err
	}
	if o.Seal == nil {
		return 0, ErrNoSeal
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		old, err := warehousedb.SealedOtherwise(ctx, tx, o.Seal.KeyID(), limit)
		if err != nil {
			return err
		}
		n = len(old)
		for _, s := range old {
			c, err := o.Seal.Open(s.Channel, s.Number, s.Sealed)
			if err != nil {
				return fmt.Errorf("order %s %s: %w", s.Channel, s.Number, err)
			}
			sealed, err := o.Seal.Close(s.Channel, s.Number, c)
			if err != nil {
				return err
			}
			if err := warehousedb.SetSealed(ctx, tx, s.ID, sealed); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("warehouseops: seal anew: %w", err)
	}
	return n, nil
}
