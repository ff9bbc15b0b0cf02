package warehouseops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/importer"
	"milkrun/internal/pgdb"
	"milkrun/warehouse"
	"milkrun/warehouse/warehousedb"
)

// bundlesAtOnce is the length of a page of bundles where none is asked for.
const bundlesAtOnce = 50

// Bundles gives the bundles in whose code or name, or those of a component, a text occurs; after is the Next of the page before.
func (o *Ops) Bundles(ctx context.Context, find, after string, limit int) (warehouse.BundlePage, error) {
	var page warehouse.BundlePage
	if _, err := access.Require(ctx, access.ViewCatalog); err != nil {
		return page, err
	}
	if limit <= 0 {
		limit = bundlesAtOnce
	}
	codes, err := warehousedb.BundleCodes(ctx, o.Pool, strings.TrimSpace(find))
	if err != nil {
		return page, err
	}
	page.Total = len(codes)
	if at, _ := slices.BinarySearch(codes, after+"\x00"); after != "" {
		codes = codes[at:]
	}
	if len(codes) > limit {
		codes = codes[:limit]
		page.Next = codes[limit-1]
	}
	page.Bundles, err = warehousedb.Bundles(ctx, o.Pool, codes)
	return page, err
}

// Bundle gives a SKU with its components; one without any is no bundle yet. catalog.ErrUnknown.
func (o *Ops) Bundle(ctx context.Context, code string) (warehouse.Bundle, error) {
	if _, err := access.Require(ctx, access.ViewCatalog); err != nil {
		return warehouse.Bundle{}, err
	}
	return o.bundle(ctx, o.Pool, code)
}

func (o *Ops) bundle(ctx context.Context, q pgdb.Querier, code string) (warehouse.Bundle, error) {
	found, err := warehousedb.Bundles(ctx, q, []string{code})
	if err != nil || len(found) == 1 {
		return first(found), err
	}
	skus, err := warehousedb.BundleSKUs(ctx, q, []string{code})
	s, known := skus[code]
	if err == nil && !known {
		err = fmt.Errorf("warehouseops: sku %q: %w", code, catalog.ErrUnknown)
	}
	return warehouse.Bundle{SKU: s.ID, Code: s.Code, Name: s.Name}, err
}

func first[T any](list []T) (v T) {
	if len(list) > 0 {
		v = list[0]
	}
	return v
}

// SetBundle replaces the components of a bundle as it was seen (warehouse.Bundle.Stamp); without parts it is dissolved. Orders that came
// before keep the components that they were given. *warehouse.BundleFault.
func (o *Ops) SetBundle(ctx context.Context, seen string, d warehouse.BundleDraft) (warehouse.Bundle, error) {
	var is warehouse.Bundle
	if _, err := access.Require(ctx, access.EditCatalog); err != nil {
		return is, err
	}
	err := pgdb.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		if err := warehousedb.LockBundles(ctx, tx); err != nil {
			return err
		}
		was, err := o.bundle(ctx, tx, d.Code)
		switch {
		case errors.Is(err, catalog.ErrUnknown):
			return &warehouse.BundleFault{Problem: warehouse.BundleUnknown, Bundle: d.Code}
		case err != nil:
			return err
		case was.Stamp() != seen:
			return &warehouse.BundleFault{Problem: warehouse.BundleChanged, Bundle: d.Code}
		case len(d.Parts) == 0 && len(was.Components) == 0:
			return &warehouse.BundleFault{Problem: warehouse.BundleNothing, Bundle: d.Code}
		}
		if _, err := o.storeBundles(ctx, tx, []warehouse.BundleDraft{d}); err != nil {
			return err
		}
		if is, err = o.bundle(ctx, tx, d.Code); err != nil {
			return err
		}
		return audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "bundle.set", Thing: audit.Thing{Kind: "sku", ID: d.Code}, Before: was.Stamp(), After: is.Stamp()})
	})
	return is, err
}

// storeBundles stores checked bundles and answers which there were before, by code. LockBundles has been called.
func (o *Ops) storeBundles(ctx context.Context, tx pgx.Tx, drafts []warehouse.BundleDraft) (map[string]warehousedb.BundleSKU, error) {
	skus, faults, err := bundleFaults(ctx, tx, drafts)
	if err != nil {
		return nil, err
	}
	set := map[catalog.SKUID][]warehouse.Component{}
	for _, d := range drafts {
		if f := faults[d.Code]; f != nil {
			return nil, f
		}
		id := skus[d.Code].ID
		set[id] = nil
		for _, p := range d.Parts {
			set[id] = append(set[id], warehouse.Component{SKU: skus[p.Code].ID, Pieces: p.Pieces, ShareBP: p.ShareBP})
		}
	}
	return skus, warehousedb.SetComponents(ctx, tx, set)
}

// bundleFaults tells what is wrong with bundles, by code, the first thing each.
func bundleFaults(ctx context.Context, q pgdb.Querier, drafts []warehouse.BundleDraft) (map[string]warehousedb.BundleSKU, map[string]*warehouse.BundleFault, error) {
	var codes []string
	bundle, part := map[string]bool{}, map[string]bool{}
	for _, d := range drafts {
		codes = append(codes, d.Code)
		bundle[d.Code] = len(d.Parts) > 0
		for _, p := range d.Parts {
			codes = append(codes, p.Code)
			part[p.Code] = true
		}
	}
	skus, err := warehousedb.BundleSKUs(ctx, q, codes)
	if err != nil {
		return nil, nil, err
	}
	faults := map[string]*warehouse.BundleFault{}
	for _, d := range drafts {
		if f := bundleFault(d, skus, bundle, part); f != nil && faults[d.Code] == nil {
			faults[d.Code] = f
		}
	}
	return skus, faults, nil
}

func bundleFault(d warehouse.BundleDraft, skus map[string]warehousedb.BundleSKU, bundle, part map[string]bool) *warehouse.BundleFault {
	var f *warehouse.BundleFault
	if errors.As(d.Check(), &f) {
		return f
	}
	s, known := skus[d.Code]
	fault := func(p warehouse.BundleProblem, component string, n int64) *warehouse.BundleFault {
		return &warehouse.BundleFault{Problem: p, Bundle: d.Code, Component: component, Value: n}
	}
	switch {
	case !known:
		return fault(warehouse.BundleUnknown, "", 0)
	case len(d.Parts) == 0:
		return nil
	case s.Component || part[d.Code]:
		return fault(warehouse.BundleNested, "", 0)
	case !s.Bundle && s.Stock > 0:
		return fault(warehouse.BundleStock, "", int64(s.Stock))
	case !s.Bundle && s.Open > 0:
		return fault(warehouse.BundleOpenLines, "", s.Open)
	}
	for _, p := range d.Parts {
		c, known := skus[p.Code]
		becomes, named := bundle[p.Code]
		switch {
		case !known:
			return fault(warehouse.BundleUnknown, p.Code, 0)
		case becomes, !named && c.Bundle:
			return fault(warehouse.BundleNested, p.Code, 0)
		}
	}
	return nil
}

// lookBundles tells what is wrong with the bundles of a sheet, by code.
func (o *Ops) lookBundles(ctx context.Context, q pgdb.Querier, drafts []warehouse.BundleDraft) (map[string]*warehouse.BundleFault, error) {
	_, faults, err := bundleFaults(ctx, q, drafts)
	return faults, err
}

// loadBundles stores the bundles of a sheet, all or none.
func (o *Ops) loadBundles(ctx context.Context, tx pgx.Tx, operation uuid.UUID, note string, drafts []warehouse.BundleDraft) (out importer.Outcome, err error) {
	if _, err := access.Require(ctx, access.EditCatalog); err != nil {
		return out, err
	}
	if err := warehousedb.LockBundles(ctx, tx); err != nil {
		return out, err
	}
	codes := make([]string, len(drafts))
	for i, d := range drafts {
		codes[i] = d.Code
	}
	before, err := warehousedb.Bundles(ctx, tx, codes)
	if err != nil {
		return out, err
	}
	was := map[string]warehouse.Bundle{}
	for _, b := range before {
		was[b.Code] = b
	}
	var changed []warehouse.BundleDraft
	for _, d := range drafts {
		switch b, there := was[d.Code]; {
		case !there:
			out.Inserted++
		case b.Stamp() == stampOf(d):
			out.Unchanged++
			continue
		default:
			out.Changed++
		}
		changed = append(changed, d)
	}
	if len(changed) == 0 {
		return out, nil
	}
	if _, err := o.storeBundles(ctx, tx, changed); err != nil {
		return out, err
	}
	return out, audit.Write(ctx, tx, o.Clock(), audit.Change{Verb: "bundle.load", Thing: audit.Thing{Kind: "import", ID: operation.String()},
		After: map[string]any{"new": out.Inserted, "changed": out.Changed, "note": note}})
}

func stampOf(d warehouse.BundleDraft) string {
	b := warehouse.Bundle{Components: make([]warehouse.BundleComponent, len(d.Parts))}
	for i, p := range d.Parts {
		b.Components[i] = warehouse.BundleComponent{Code: p.Code, Pieces: p.Pieces, ShareBP: p.ShareBP}
	}
	return b.Stamp()
}
