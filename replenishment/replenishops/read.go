package replenishops

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
	"milkrun/internal/quantity"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishdb"
)

// List is a page of suggestions with the figures above it.
type List struct {
	Lines   []Line
	Tallies []Tally // of the view without the kind, for the tabs
	// Threatened counts the SKUs that run out within seven days if nothing is approved.
	Threatened int
}

// List gives the suggestions that the user may see.
func (o *Ops) List(ctx context.Context, f Filter) (List, error) {
	u, err := access.RequireAny(ctx, access.ViewSuggestions, access.ReadData)
	if err != nil {
		return List{}, err
	}
	f.Sites, f.Since = u.Sites, o.Clock().Add(-24*time.Hour)
	if f.Limit <= 0 {
		f.Limit = 50
	}
	var out List
	if out.Lines, err = replenishdb.Lines(ctx, o.Pool, f); err != nil {
		return out, err
	}
	all := f
	all.Kind = ""
	if f.View == "waiting" {
		all.View = "open"
	}
	if out.Tallies, err = replenishdb.Tallies(ctx, o.Pool, all); err != nil {
		return out, err
	}
	out.Threatened, err = replenishdb.Threatened(ctx, o.Pool, o.Today().AddDays(7))
	return out, err
}

// Get gives one suggestion with its whole explanation.
func (o *Ops) Get(ctx context.Context, id replenishment.SuggestionID) (replenishment.Suggestion, error) {
	u, err := access.Require(ctx, access.ViewSuggestions)
	if err != nil {
		return replenishment.Suggestion{}, err
	}
	return o.one(ctx, o.Pool, u, id)
}

func (o *Ops) one(ctx context.Context, q pgdb.Querier, u access.User, id replenishment.SuggestionID) (replenishment.Suggestion, error) {
	all, err := replenishdb.Suggestions(ctx, q, []replenishment.SuggestionID{id})
	if err != nil {
		return replenishment.Suggestion{}, err
	}
	if len(all) == 0 {
		return replenishment.Suggestion{}, fmt.Errorf("replenishops: suggestion %d: %w", id, replenishdb.ErrUnknown)
	}
	if !mayTouch(u, all[0]) {
		return replenishment.Suggestion{}, fmt.Errorf("replenishops: suggestion %d: %w", id, access.ErrForbidden)
	}
	return all[0], nil
}

// Review tells what follows from giving the suggestion another number, before anything is saved.
func (o *Ops) Review(ctx context.Context, id replenishment.SuggestionID, pieces quantity.Pieces) (replenishment.Suggestion, replenishment.Review, error) {
	u, err := access.Require(ctx, access.ViewSuggestions)
	if err != nil {
		return replenishment.Suggestion{}, replenishment.Review{}, err
	}
	var s replenishment.Suggestion
	var terms replenishment.Source
	err = pgdb.InSnapshot(ctx, o.Pool, func(tx pgx.Tx) error {
		if s, err = o.one(ctx, tx, u, id); err != nil || s.Kind != replenishment.Buy {
			return err
		}
		goods, err := o.Catalog.Goods(ctx, tx, []catalog.SKUID{s.SKU})
		if err != nil {
			return err
		}
		for _, t := range goods[s.SKU].Sources {
			if t.Supplier == s.Supplier {
				terms = t
			}
		}
		return nil
	})
	if err != nil {
		return s, replenishment.Review{}, err
	}
	r, err := replenishment.ReviewQuantity(s, pieces, terms)
	return s, r, err
}

// Changes gives who did what to the suggestion, the newest first.
func (o *Ops) Changes(ctx context.Context, id replenishment.SuggestionID) ([]audit.Entry, error) {
	if _, err := access.Require(ctx, access.ViewSuggestions); err != nil {
		return nil, err
	}
	return audit.History(ctx, o.Pool, audit.Thing{Kind: "suggestion", ID: strconv.FormatInt(int64(id), 10)}, 50)
}

// Of gives the undecided suggestions of one SKU that the user may see, the most urgent first, with their explanations.
func (o *Ops) Of(ctx context.Context, sku catalog.SKUID) ([]replenishment.Suggestion, error) {
	l, err := o.List(ctx, Filter{View: "open", SKU: sku, Limit: 50})
	if err != nil || len(l.Lines) == 0 {
		return nil, err
	}
	ids := make([]replenishment.SuggestionID, len(l.Lines))
	for i, line := range l.Lines {
		ids[i] = line.ID
	}
	all, err := replenishdb.Suggestions(ctx, o.Pool, ids)
	if err != nil {
		return nil, err
	}
	by := map[replenishment.SuggestionID]replenishment.Suggestion{}
	for _, s := range all {
		by[s.ID] = s
	}
	out := make([]replenishment.Suggestion, 0, len(ids))
	for _, id := range ids {
		if s, ok := by[id]; ok {
			out = append(out, s)
		}
	}
	return out, nil
}

// Levels gives the water levels of a SKU at the sites that the user may see, from far to near.
func (o *Ops) Levels(ctx context.Context, skus ...catalog.SKUID) ([]replenishment.WaterLevel, error) {
	u, err := access.Require(ctx, access.ViewStock)
	if err != nil {
		return nil, err
	}
	all, err := replenishdb.Levels(ctx, o.Pool, skus)
	if err != nil {
		return nil, err
	}
	seen := all[:0]
	for _, l := range all {
		if u.MayTouchSite(l.Site) {
			seen = append(seen, l)
		}
	}
	return seen, nil
}

// StockList gives the stock of the range, SKU by SKU.
func (o *Ops) StockList(ctx context.Context, f StockFilter) ([]StockLine, error) {
	if _, err := access.Require(ctx, access.ViewStock); err != nil {
		return nil, err
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	return replenishdb.Stock(ctx, o.Pool, f)
}

// StockCounts counts the SKUs by how urgent their stock is.
func (o *Ops) StockCounts(ctx context.Context) ([]RankCount, error) {
	if _, err := access.Require(ctx, access.ViewStock); err != nil {
		return nil, err
	}
	return o.rankCounts(ctx, 0)
}

// StockTotals gives the figures of the whole stock.
func (o *Ops) StockTotals(ctx context.Context) (Totals, error) {
	if _, err := access.Require(ctx, access.ViewStock); err != nil {
		return Totals{}, err
	}
	return remember(ctx, o, "totals", func(ctx context.Context) (Totals, error) { return replenishdb.StockTotals(ctx, o.Pool) })
}

// Cover gives the matrix of cover by site and top category, at the sites that the user may see.
func (o *Ops) Cover(ctx context.Context) ([]CoverCell, error) {
	u, err := access.Require(ctx, access.ViewStock)
	if err != nil {
		return nil, err
	}
	all, err := remember(ctx, o, "cover", func(ctx context.Context) ([]CoverCell, error) { return replenishdb.Cover(ctx, o.Pool) })
	if err != nil {
		return nil, err
	}
	seen := make([]CoverCell, 0, len(all)) // the remembered list stays whole
	for _, c := range all {
		if u.MayTouchSite(c.Site) {
			seen = append(seen, c)
		}
	}
	return seen, nil
}

// Settings gives the planner's settings.
func (o *Ops) Settings(ctx context.Context) (replenishment.Settings, error) {
	if _, err := access.Require(ctx, access.ViewSuggestions); err != nil {
		return replenishment.Settings{}, err
	}
	return replenishdb.Settings(ctx, o.Pool)
}
