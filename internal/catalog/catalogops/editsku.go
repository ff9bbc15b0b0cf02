package catalogops

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
)

// EditSKU stores a SKU as it was changed from the version seen. The code stays what it was. It answers catalog.Faults for a
// broken rule, catalog.ErrStale when another has changed it meanwhile, and catalog.ErrUnknown when there is none.
func (o *Ops) EditSKU(ctx context.Context, seen time.Time, s catalog.SKU) (catalog.SKURecord, error) {
	var out catalog.SKURecord
	if _, err := access.Require(ctx, access.EditCatalog); err != nil {
		return out, err
	}
	err := o.inTx(ctx, func(tx pgx.Tx) error {
		before, err := catalogdb.LockSKU(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		if !sameVersion(before.UpdatedAt, seen) {
			return fmt.Errorf("catalogops: SKU %s: %w", before.Code, catalog.ErrStale)
		}
		s.Code = before.Code
		if err := o.checkSKU(ctx, tx, s); err != nil {
			return err
		}
		if _, err := catalogdb.UpdateSKU(ctx, tx, s); err != nil {
			return err
		}
		if out, err = catalogdb.SKU(ctx, tx, s.ID); err != nil {
			return err
		}
		if err := o.trace(ctx, tx, "sku.edit", "sku", number(s.ID), before, out); err != nil {
			return err
		}
		return o.changed(ctx, tx, s.ID)
	})
	return out, err
}

// checkSKU adds to the SKU's own rules those that need the catalog: its category and successor exist, and the line of
// successors does not lead back to it.
func (o *Ops) checkSKU(ctx context.Context, tx pgx.Tx, s catalog.SKU) error {
	if err := s.Validate(); err != nil {
		return err
	}
	all, err := catalogdb.Categories(ctx, tx)
	if err != nil {
		return err
	}
	if catalog.Below(all, s.Category) == nil {
		return catalog.Faults{{Field: "category", Problem: catalog.NotKnown, Value: number(s.Category)}}
	}
	seen := map[catalog.SKUID]bool{s.ID: s.ID != 0}
	for next := s.Successor; next != 0; {
		if seen[next] {
			return catalog.Faults{{Field: "successor", Problem: catalog.OutOfOrder, Value: number(s.Successor)}}
		}
		seen[next] = true
		found, err := catalogdb.SKUs(ctx, tx, []catalog.SKUID{next})
		if err != nil {
			return err
		}
		rec, ok := found[next]
		if !ok {
			return catalog.Faults{{Field: "successor", Problem: catalog.NotKnown, Value: number(next)}}
		}
		next = rec.Successor
	}
	return nil
}

// AddSKU makes a new SKU. It answers catalog.Faults for a broken rule, also for a code or GTIN that is in use.
func (o *Ops) AddSKU(ctx context.Context, d catalog.SKUDraft) (catalog.SKURecord, error) {
	var out catalog.SKURecord
	if _, err := access.Require(ctx, access.EditCatalog); err != nil {
		return out, err
	}
	if err := d.Validate(); err != nil {
		return out, err
	}
	err := o.inTx(ctx, func(tx pgx.Tx) error {
		if err := unused(catalogdb.SKUCodes(ctx, tx, []string{d.Code})); err != nil {
			return err
		}
		if _, err := catalogdb.UpsertSKUs(ctx, tx, []catalog.SKUDraft{d}); err != nil {
			return single(err)
		}
		var err error
		if out, err = catalogdb.SKUByCode(ctx, tx, d.Code); err != nil {
			return err
		}
		if err := o.trace(ctx, tx, "sku.add", "sku", number(out.ID), nil, out); err != nil {
			return err
		}
		return o.changed(ctx, tx, out.ID)
	})
	return out, err
}

// EditTopic stores a topic as it was changed from the version seen; see EditSKU for the refusals.
func (o *Ops) EditTopic(ctx context.Context, seen time.Time, t catalog.Topic) (catalog.TopicRecord, error) {
	var out catalog.TopicRecord
	if _, err := access.Require(ctx, access.EditCatalog); err != nil {
		return out, err
	}
	err := o.inTx(ctx, func(tx pgx.Tx) error {
		before, err := catalogdb.LockTopic(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		if !sameVersion(before.UpdatedAt, seen) {
			return fmt.Errorf("catalogops: topic %s: %w", before.Code, catalog.ErrStale)
		}
		t.Code = before.Code
		if err := t.Validate(); err != nil {
			return err
		}
		out = before
		out.Topic = t
		if out.UpdatedAt, err = catalogdb.UpdateTopic(ctx, tx, t); err != nil {
			return err
		}
		return o.trace(ctx, tx, "topic.edit", "topic", number(t.ID), before, out)
	})
	return out, err
}

// AddTopic makes a new topic that concerns nothing yet. It answers catalog.Faults for a broken rule or a code in use.
func (o *Ops) AddTopic(ctx context.Context, t catalog.Topic) (catalog.TopicRecord, error) {
	var out catalog.TopicRecord
	if _, err := access.Require(ctx, access.EditCatalog); err != nil {
		return out, err
	}
	if err := t.Validate(); err != nil {
		return out, err
	}
	err := o.inTx(ctx, func(tx pgx.Tx) error {
		if err := unused(catalogdb.TopicCodes(ctx, tx, []string{t.Code})); err != nil {
			return err
		}
		if _, err := catalogdb.UpsertTopics(ctx, tx, []catalog.Topic{t}); err != nil {
			return err
		}
		ids, err := catalogdb.TopicCodes(ctx, tx, []string{t.Code})
		if err != nil {
			return err
		}
		if out, err = catalogdb.LockTopic(ctx, tx, ids[t.Code]); err != nil {
			return err
		}
		return o.trace(ctx, tx, "topic.add", "topic", number(out.ID), nil, out)
	})
	return out, err
}

// SetWeight says how strongly a topic concerns a SKU, 0 < w ≤ 1; 0 takes the SKU out of the topic.
func (o *Ops) SetWeight(ctx context.Context, topic catalog.TopicID, sku catalog.SKUID, w float64) error {
	if _, err := access.Require(ctx, access.EditCatalog); err != nil {
		return err
	}
	return o.inTx(ctx, func(tx pgx.Tx) error {
		t, err := catalogdb.LockTopic(ctx, tx, topic)
		if err != nil {
			return err
		}
		s, err := catalogdb.SKU(ctx, tx, sku)
		if err != nil {
			return err
		}
		was, err := weightOf(ctx, tx, topic, sku)
		if err != nil {
			return err
		}
		if w == 0 {
			if _, err := catalogdb.DeleteWeight(ctx, tx, topic, sku); err != nil {
				return err
			}
		} else {
			d := catalog.TopicSKUDraft{TopicCode: t.Code, SKUCode: s.Code, Weight: w}
			if err := d.Validate(); err != nil {
				return err
			}
			if _, err := catalogdb.UpsertWeights(ctx, tx, []catalog.TopicSKUDraft{d}); err != nil {
				return err
			}
		}
		return o.trace(ctx, tx, "topic.weight", "topic", number(topic), map[string]any{s.Code: was}, map[string]any{s.Code: w})
	})
}

func weightOf(ctx context.Context, tx pgx.Tx, topic catalog.TopicID, sku catalog.SKUID) (float64, error) {
	all, err := catalogdb.SKUWeights(ctx, tx, sku)
	for _, x := range all {
		if x.Topic == topic {
			return x.Weight, nil
		}
	}
	return 0, err
}

// unused answers Faults when a look-up by code has found something.
func unused[ID ~int32](found map[string]ID, err error) error {
	for code := range found {
		return catalog.Faults{{Field: "code", Problem: catalog.Repeated, Value: code}}
	}
	return err
}
