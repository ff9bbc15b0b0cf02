package catalogops

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
)

// EditSupplier stores a supplier as it was changed from the version seen; see EditSKU for the refusals. A ban or its end
// makes plans out of date.
func (o *Ops) EditSupplier(ctx context.Context, seen time.Time, s catalog.Supplier) (catalog.SupplierRecord, error) {
	var out catalog.SupplierRecord
	if _, err := access.Require(ctx, access.EditSuppliers); err != nil {
		return out, err
	}
	err := o.inTx(ctx, func(tx pgx.Tx) error {
		before, err := catalogdb.LockSupplier(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		if !sameVersion(before.UpdatedAt, seen) {
			return fmt.Errorf("catalogops: supplier %s: %w", before.Code, catalog.ErrStale)
		}
		s.Code = before.Code
		if err := s.Validate(); err != nil {
			return err
		}
		out = before
		out.Supplier = s
		if out.UpdatedAt, err = catalogdb.UpdateSupplier(ctx, tx, s); err != nil {
			return err
		}
		if err := o.trace(ctx, tx, "supplier.edit", "supplier", number(s.ID), before, out); err != nil {
			return err
		}
		if before.Banned == s.Banned && before.Active == s.Active {
			return nil
		}
		return o.changedBySupplier(ctx, tx, s.ID)
	})
	return out, err
}

// changedBySupplier publishes that plans for all SKUs of a supplier may be out of date.
func (o *Ops) changedBySupplier(ctx context.Context, tx pgx.Tx, id catalog.SupplierID) error {
	var skus []catalog.SKUID
	for after := catalog.SKUID(0); ; {
		page, err := catalogdb.SupplierTerms(ctx, tx, id, after, catalog.MaxPage)
		if err != nil {
			return err
		}
		for _, t := range page {
			skus = append(skus, t.SKU)
			after = t.SKU
		}
		if len(page) < catalog.MaxPage {
			break
		}
	}
	if len(skus) == 0 {
		return nil
	}
	return o.changed(ctx, tx, skus...)
}

// AddSupplier makes a new supplier. It answers catalog.Faults for a broken rule or a code in use.
func (o *Ops) AddSupplier(ctx context.Context, s catalog.Supplier) (catalog.SupplierRecord, error) {
	var out catalog.SupplierRecord
	if _, err := access.Require(ctx, access.EditSuppliers); err != nil {
		return out, err
	}
	if err := s.Validate(); err != nil {
		return out, err
	}
	err := o.inTx(ctx, func(tx pgx.Tx) error {
		if err := unused(catalogdb.SupplierCodes(ctx, tx, []string{s.Code})); err != nil {
			return err
		}
		if _, err := catalogdb.UpsertSuppliers(ctx, tx, []catalog.Supplier{s}); err != nil {
			return err
		}
		ids, err := catalogdb.SupplierCodes(ctx, tx, []string{s.Code})
		if err != nil {
			return err
		}
		if out, err = catalogdb.Supplier(ctx, tx, ids[s.Code]); err != nil {
			return err
		}
		return o.trace(ctx, tx, "supplier.add", "supplier", number(out.ID), nil, out)
	})
	return out, err
}

// EditTerm stores a term as it was changed from the version seen; a zero seen makes a new one. It answers catalog.Faults for
// a broken rule or an unknown supplier, SKU or site, and catalog.ErrStale when another has changed, made or removed it.
func (o *Ops) EditTerm(ctx context.Context, seen time.Time, t catalog.Term) (catalog.TermRecord, error) {
	var out catalog.TermRecord
	if _, err := access.Require(ctx, access.EditSuppliers); err != nil {
		return out, err
	}
	if err := t.Validate(); err != nil {
		return out, err
	}
	err := o.inTx(ctx, func(tx pgx.Tx) error {
		// The supplier's lock keeps two from making the same term.
		if _, err := catalogdb.LockSupplier(ctx, tx, t.Supplier); err != nil {
			return err
		}
		before, err := catalogdb.LockTerm(ctx, tx, t.Supplier, t.SKU)
		exists := err == nil
		if err != nil && !errors.Is(err, catalog.ErrUnknown) {
			return err
		}
		if exists == seen.IsZero() || exists && !sameVersion(before.UpdatedAt, seen) {
			return fmt.Errorf("catalogops: term of supplier %d for SKU %d: %w", t.Supplier, t.SKU, catalog.ErrStale)
		}
		draft, err := o.termDraft(ctx, tx, t)
		if err != nil {
			return err
		}
		if _, err := catalogdb.UpsertTerms(ctx, tx, []catalog.TermDraft{draft}); err != nil {
			return single(err)
		}
		if out, err = catalogdb.LockTerm(ctx, tx, t.Supplier, t.SKU); err != nil {
			return err
		}
		verb, was := "term.edit", any(before)
		if !exists {
			verb, was = "term.add", nil
		}
		if err := o.trace(ctx, tx, verb, "term", out.SupplierCode+"/"+out.SKUCode, was, out); err != nil {
			return err
		}
		return o.changed(ctx, tx, t.SKU)
	})
	return out, err
}

// termDraft names a term's ends by their codes.
func (o *Ops) termDraft(ctx context.Context, tx pgx.Tx, t catalog.Term) (catalog.TermDraft, error) {
	d := catalog.TermDraft{Term: t}
	supplier, err := catalogdb.Supplier(ctx, tx, t.Supplier)
	if err != nil {
		return d, err
	}
	sku, err := catalogdb.SKU(ctx, tx, t.SKU)
	if err != nil {
		return d, err
	}
	d.SupplierCode, d.SKUCode = supplier.Code, sku.Code
	if t.ShipsTo == 0 {
		return d, nil
	}
	sites, err := catalogdb.Sites(ctx, tx)
	if err != nil {
		return d, err
	}
	for _, s := range sites {
		if s.ID == t.ShipsTo {
			d.ShipsToCode = s.Code
			return d, nil
		}
	}
	return d, catalog.Faults{{Field: "ships_to", Problem: catalog.NotKnown, Value: number(t.ShipsTo)}}
}

// RemoveTerm ends a term that is still of the version seen.
func (o *Ops) RemoveTerm(ctx context.Context, seen time.Time, supplier catalog.SupplierID, sku catalog.SKUID) error {
	if _, err := access.Require(ctx, access.EditSuppliers); err != nil {
		return err
	}
	return o.inTx(ctx, func(tx pgx.Tx) error {
		before, err := catalogdb.LockTerm(ctx, tx, supplier, sku)
		if err != nil {
			return err
		}
		if !sameVersion(before.UpdatedAt, seen) {
			return fmt.Errorf("catalogops: term of %s for %s: %w", before.SupplierCode, before.SKUCode, catalog.ErrStale)
		}
		if err := catalogdb.DeleteTerm(ctx, tx, supplier, sku); err != nil {
			return err
		}
		if err := o.trace(ctx, tx, "term.remove", "term", before.SupplierCode+"/"+before.SKUCode, before, nil); err != nil {
			return err
		}
		return o.changed(ctx, tx, sku)
	})
}

// single gives the faults of the one row of a list of one.
func single(err error) error {
	var bad *catalog.BadRows
	if errors.As(err, &bad) && len(bad.Rows) > 0 {
		return bad.Rows[0].Faults
	}
	return err
}
