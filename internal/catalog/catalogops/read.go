package catalogops

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/catalog"
	"milkrun/internal/catalog/catalogdb"
	"milkrun/internal/pgdb"
)

// SKUs gives a page of the list of SKUs. catalog.ErrPlace for a sort or place that is not of this list.
func (o *Ops) SKUs(ctx context.Context, d catalog.SKUQuery) (catalog.SKUPage, error) {
	var page catalog.SKUPage
	if _, err := access.Require(ctx, access.ViewCatalog); err != nil {
		return page, err
	}
	if d.Sort == "" {
		d.Sort = catalog.ByCode
	}
	if d.Limit <= 0 {
		d.Limit = catalog.DefaultPage
	}
	d.Limit = min(d.Limit, catalog.MaxPage)
	categories, err := o.below(ctx, d.Category)
	if err != nil {
		return page, err
	}
	today := o.Today()
	if page.Rows, page.Next, err = catalogdb.SKUPage(ctx, o.Pool, d, categories, today); err != nil {
		return page, err
	}
	if d.After == "" && page.Next == "" {
		page.Total = len(page.Rows)
		return page, nil
	}
	n, err := catalogdb.CountSKUs(ctx, o.Pool, d, categories, today, catalog.CountCap+1)
	page.Total, page.More = min(n, catalog.CountCap), n > catalog.CountCap
	return page, err
}

// below gives the category and what lies below it; nil for no category.
func (o *Ops) below(ctx context.Context, id catalog.CategoryID) ([]catalog.CategoryID, error) {
	if id == 0 {
		return nil, nil
	}
	all, err := catalogdb.Categories(ctx, o.Pool)
	if err != nil {
		return nil, err
	}
	ids := catalog.Below(all, id)
	if ids == nil {
		return nil, fmt.Errorf("catalogops: category %d: %w", id, catalog.ErrUnknown)
	}
	return ids, nil
}

// SKUDetail is a SKU with all that the catalog knows of it.
type SKUDetail struct {
	catalog.SKURecord
	Terms  []catalog.TermRecord     // backups last
	Topics []catalog.TopicSKURecord // the strongest first
	// Path is the category with those above it, from the top.
	Path []catalog.Category
}

// SKU gives one SKU with its terms and topics; catalog.ErrUnknown when there is none.
func (o *Ops) SKU(ctx context.Context, id catalog.SKUID) (SKUDetail, error) {
	return o.detail(ctx, func(tx pgx.Tx) (catalog.SKURecord, error) { return catalogdb.SKU(ctx, tx, id) })
}

// SKUByCode gives one SKU by its code; catalog.ErrUnknown when there is none.
func (o *Ops) SKUByCode(ctx context.Context, code string) (SKUDetail, error) {
	return o.detail(ctx, func(tx pgx.Tx) (catalog.SKURecord, error) { return catalogdb.SKUByCode(ctx, tx, code) })
}

func (o *Ops) detail(ctx context.Context, read func(pgx.Tx) (catalog.SKURecord, error)) (SKUDetail, error) {
	u, err := access.Require(ctx, access.ViewCatalog)
	if err != nil {
		return SKUDetail{}, err
	}
	var d SKUDetail
	err = pgdb.InSnapshot(ctx, o.Pool, func(tx pgx.Tx) error {
		if d.SKURecord, err = read(tx); err != nil {
			return err
		}
		if access.Can(u, access.ViewSuppliers) { // prices are not for everybody
			terms, err := catalogdb.Terms(ctx, tx, []catalog.SKUID{d.ID})
			if err != nil {
				return err
			}
			d.Terms = terms[d.ID]
		}
		if d.Topics, err = catalogdb.SKUWeights(ctx, tx, d.ID); err != nil {
			return err
		}
		all, err := catalogdb.Categories(ctx, tx)
		d.Path = path(all, d.Category)
		return err
	})
	return d, err
}

func path(all []catalog.Category, id catalog.CategoryID) []catalog.Category {
	by := map[catalog.CategoryID]catalog.Category{}
	for _, c := range all {
		by[c.ID] = c
	}
	var out []catalog.Category
	for range all { // at most as many steps as there are categories
		c, ok := by[id]
		if !ok {
			break
		}
		out = append([]catalog.Category{c}, out...)
		id = c.Parent
	}
	return out
}

// Categories gives the tree of categories.
func (o *Ops) Categories(ctx context.Context) ([]catalog.CategoryRecord, error) {
	if _, err := access.Require(ctx, access.Console); err != nil {
		return nil, err
	}
	return catalogdb.CategoryRecords(ctx, o.Pool)
}

// Sites gives the sites that the user may touch, from far to near.
func (o *Ops) Sites(ctx context.Context) ([]catalog.SiteRecord, error) {
	u, err := access.Require(ctx, access.SignedIn)
	if err != nil {
		return nil, err
	}
	all, err := catalogdb.SiteRecords(ctx, o.Pool)
	if err != nil {
		return nil, err
	}
	var out []catalog.SiteRecord
	for _, s := range all {
		if u.MayTouchSite(s.ID) {
			out = append(out, s)
		}
	}
	return out, nil
}

// Lanes gives all lanes, by destination and priority.
func (o *Ops) Lanes(ctx context.Context) ([]catalog.LaneRecord, error) {
	if _, err := access.Require(ctx, access.ViewCatalog); err != nil {
		return nil, err
	}
	return catalogdb.LaneRecords(ctx, o.Pool)
}

// Suppliers gives the suppliers of the query, by code.
func (o *Ops) Suppliers(ctx context.Context, d catalog.SupplierQuery) ([]catalog.SupplierRecord, error) {
	if _, err := access.Require(ctx, access.ViewSuppliers); err != nil {
		return nil, err
	}
	categories, err := o.below(ctx, d.Category)
	if err != nil {
		return nil, err
	}
	return catalogdb.Suppliers(ctx, o.Pool, d, categories)
}

// Supplier gives one supplier; catalog.ErrUnknown when there is none. Users of the portal see their own.
func (o *Ops) Supplier(ctx context.Context, id catalog.SupplierID) (catalog.SupplierRecord, error) {
	if err := maySeeSupplier(ctx, id); err != nil {
		return catalog.SupplierRecord{}, err
	}
	return catalogdb.Supplier(ctx, o.Pool, id)
}

// SupplierTerms gives up to limit terms of a supplier above the SKU after (0 for the first). Users of the portal see their own.
func (o *Ops) SupplierTerms(ctx context.Context, id catalog.SupplierID, after catalog.SKUID, limit int) ([]catalog.TermRecord, error) {
	if err := maySeeSupplier(ctx, id); err != nil {
		return nil, err
	}
	return catalogdb.SupplierTerms(ctx, o.Pool, id, after, min(max(limit, 1), catalog.MaxPage))
}

func maySeeSupplier(ctx context.Context, id catalog.SupplierID) error {
	u, err := access.Require(ctx, access.SignedIn)
	if err != nil {
		return err
	}
	need := access.ViewSuppliers
	if u.Role == access.Supplier {
		need = access.UsePortal
	}
	if _, err := access.Require(ctx, need); err != nil {
		return err
	}
	if !u.MayTouchSupplier(id) {
		return fmt.Errorf("catalogops: supplier %d: %w", id, access.ErrForbidden)
	}
	return nil
}

// Topics gives all topics, complaints last.
func (o *Ops) Topics(ctx context.Context) ([]catalog.TopicRecord, error) {
	if _, err := access.Require(ctx, access.ViewCatalog); err != nil {
		return nil, err
	}
	return catalogdb.Topics(ctx, o.Pool)
}

// TopicSKUs gives the SKUs that a topic concerns, the strongest first.
func (o *Ops) TopicSKUs(ctx context.Context, id catalog.TopicID) ([]catalog.TopicSKURecord, error) {
	if _, err := access.Require(ctx, access.ViewCatalog); err != nil {
		return nil, err
	}
	return catalogdb.TopicWeights(ctx, o.Pool, id)
}

// Find gives up to limit SKUs and as many suppliers that a text means, the likeliest first, as far as the user may see them.
func (o *Ops) Find(ctx context.Context, text string, limit int) ([]catalog.Hit, error) {
	u, err := access.Require(ctx, access.Console)
	if err != nil {
		return nil, err
	}
	limit = min(max(limit, 1), 100)
	var hits []catalog.Hit
	if access.Can(u, access.ViewCatalog) {
		if hits, err = catalogdb.FindSKUs(ctx, o.Pool, text, o.Today(), limit); err != nil {
			return nil, err
		}
	}
	if access.Can(u, access.ViewSuppliers) {
		suppliers, err := catalogdb.FindSuppliers(ctx, o.Pool, text, limit)
		if err != nil {
			return nil, err
		}
		hits = append(hits, suppliers...)
	}
	return hits, nil
}
