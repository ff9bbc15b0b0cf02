package catalogops

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/pgdb"
)

// Master is master data from outside, in the order in which it must go in. Any list may be empty.
type Master struct {
	Categories []catalog.CategoryDraft
	Sites      []catalog.Site
	Lanes      []catalog.LaneDraft
	Suppliers  []catalog.Supplier
	SKUs       []catalog.SKUDraft
	Terms      []catalog.TermDraft
	Topics     []catalog.Topic
	Weights    []catalog.TopicSKUDraft
}

// Loaded counts what a load did, by kind: "category", "site", "lane", "supplier", "sku", "term", "topic", "weight".
type Loaded map[string]catalog.Saved

// Load stores master data in one transaction: all of it, or nothing. note says where it comes from, for the audit. It answers
// *catalog.BadRows, wrapped with the kind, for the first list in which a row breaks a rule or names what is not known.
func (o *Ops) Load(ctx context.Context, note string, m Master) (Loaded, error) {
	if _, err := access.Require(ctx, access.Import); err != nil {
		return nil, err
	}
	var out Loaded
	err := o.inTx(ctx, func(tx pgx.Tx) (err error) {
		out, err = o.LoadIn(ctx, tx, note, m)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// LoadIn is Load within the transaction of an import.
func (o *Ops) LoadIn(ctx context.Context, tx pgx.Tx, note string, m Master) (Loaded, error) {
	if _, err := access.Require(ctx, access.Import); err != nil {
		return nil, err
	}
	out := Loaded{}
	for _, step := range []func() error{
		func() error { return load(ctx, tx, out, "category", m.Categories, catalogdb.UpsertCategories) },
		func() error { return load(ctx, tx, out, "site", m.Sites, catalogdb.UpsertSites) },
		func() error { return load(ctx, tx, out, "lane", m.Lanes, catalogdb.UpsertLanes) },
		func() error { return load(ctx, tx, out, "supplier", m.Suppliers, catalogdb.UpsertSuppliers) },
		func() error { return load(ctx, tx, out, "sku", m.SKUs, catalogdb.UpsertSKUs) },
		func() error { return load(ctx, tx, out, "term", m.Terms, catalogdb.UpsertTerms) },
		func() error { return load(ctx, tx, out, "topic", m.Topics, catalogdb.UpsertTopics) },
		func() error { return load(ctx, tx, out, "weight", m.Weights, catalogdb.UpsertWeights) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return out, nil
	}
	if err := o.trace(ctx, tx, "catalog.load", "import", note, nil, out); err != nil {
		return nil, err
	}
	return out, o.changed(ctx, tx)
}

func load[D catalog.Draft](ctx context.Context, tx pgx.Tx, out Loaded, kind string, rows []D,
	write func(context.Context, pgdb.Querier, []D) (catalog.Saved, error),
) error {
	if len(rows) == 0 {
		return nil
	}
	if err := catalog.Check(rows); err != nil {
		return fmt.Errorf("catalogops: load %s: %w", kind, err)
	}
	saved, err := write(ctx, tx, rows)
	if err != nil {
		return fmt.Errorf("catalogops: load %s: %w", kind, err)
	}
	out[kind] = saved
	return nil
}

// fillBatch is how many SKUs one transaction of Fill stores.
const fillBatch = 20_000

// Fill stores a long list of SKUs as it comes, batch by batch, each in a transaction of its own; progress is told the number
// stored so far after each. What went in before an error stays.
func (o *Ops) Fill(ctx context.Context, rows iter.Seq[catalog.SKUDraft], progress func(stored int)) (catalog.Saved, error) {
	var total catalog.Saved
	if _, err := access.Require(ctx, access.Import); err != nil {
		return total, err
	}
	stored := 0
	part := make([]catalog.SKUDraft, 0, fillBatch)
	flush := func() error {
		if len(part) == 0 {
			return nil
		}
		done, err := o.Load(ctx, "fill", Master{SKUs: part})
		if err != nil {
			return err
		}
		total = total.Add(done["sku"])
		stored += len(part)
		part = part[:0]
		if progress != nil {
			progress(stored)
		}
		return nil
	}
	for d := range rows {
		if part = append(part, d); len(part) == fillBatch {
			if err := flush(); err != nil {
				return total, err
			}
		}
	}
	return total, flush()
}
