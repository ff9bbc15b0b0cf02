package replenishops

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishdb"
)

// The shapes in which bounds are read.
type (
	MinMaxLine  = replenishdb.MinMaxLine
	VMISupplier = replenishdb.VMISupplier
)

// minMaxes gives the bounds for the suppliers who keep the stock up by themselves.
func minMaxes(in replenishment.Snapshot, r replenishment.Result, vmi map[catalog.SupplierID]bool) []replenishment.MinMax {
	concerns := false
	for _, s := range in.Sources {
		concerns = concerns || vmi[s.Supplier]
	}
	if !concerns {
		return nil
	}
	all := replenishment.MinMaxes(in, r)
	out := all[:0]
	for _, m := range all {
		if vmi[m.Supplier] {
			out = append(out, m)
		}
	}
	return out
}

// SetVMI says whether a supplier keeps the stock of his goods up by himself, between bounds that each plan sets anew. The
// bounds of his goods are there after the next plan; SetVMI plans those that he is the usual source of at once.
func (o *Ops) SetVMI(ctx context.Context, supplier catalog.SupplierID, on bool) error {
	u, err := access.Require(ctx, access.SetPolicy)
	if err != nil {
		return err
	}
	err = pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		changed, err := replenishdb.SetVMI(ctx, tx, supplier, on, int64(u.ID), o.Clock())
		if err != nil || !changed {
			return err
		}
		if on {
			skus, err := replenishdb.SuppliedBy(ctx, tx, supplier)
			if err != nil {
				return err
			}
			if err := o.Bus.Enqueue(ctx, tx, news("vmi", skus)...); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "vmi.set", Thing: audit.Thing{Kind: "supplier", ID: strconv.Itoa(int(supplier))},
			Before: map[string]any{"vmi": !on}, After: map[string]any{"vmi": on}})
	})
	if err != nil {
		return fmt.Errorf("replenishops: vmi of supplier %d: %w", supplier, err)
	}
	return nil
}

// VMI lists the suppliers who keep stock up by themselves, with how many goods they do so for and how many need something now.
func (o *Ops) VMI(ctx context.Context) ([]VMISupplier, error) {
	if _, err := access.Require(ctx, access.ViewStock); err != nil {
		return nil, err
	}
	return replenishdb.VMIList(ctx, o.Pool)
}

// MinMaxes gives a supplier's bounds as the last plan of each SKU set them, what needs something first.
func (o *Ops) MinMaxes(ctx context.Context, supplier catalog.SupplierID, limit int) ([]MinMaxLine, error) {
	u, err := access.Require(ctx, access.ViewStock)
	if err != nil {
		return nil, err
	}
	all, err := replenishdb.MinMaxes(ctx, o.Pool, supplier, limit)
	if err != nil {
		return nil, err
	}
	seen := all[:0]
	for _, m := range all {
		if u.MayTouchSite(m.Site) {
			seen = append(seen, m)
		}
	}
	return seen, nil
}
