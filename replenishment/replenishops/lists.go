package replenishops

import (
	"context"
	"fmt"

	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/replenishment"
	"milkrun/replenishment/replenishdb"
)

// The shapes of the lists, so that screens need not know where they are stored.
type (
	StockQuery = replenishdb.StockQuery
	StockSort  = replenishdb.StockSort
	Brief      = replenishdb.Brief
	TopicStock = replenishdb.TopicStock
)

// The sorts of the stock list; see replenishdb.StockSort.
const (
	ByUrgency = replenishdb.ByUrgency
	ByCover   = replenishdb.ByCover
	ByOnHand  = replenishdb.ByOnHand
	ByValue   = replenishdb.ByValue
	ByPerDay  = replenishdb.ByPerDay
	// MostStock is how far the stock list is counted.
	MostStock = replenishdb.MostStock
)

// ErrPlace is the refusal of a place in a list that the list has not given out.
var ErrPlace = replenishdb.ErrPlace

// StockPage is a page of the stock list.
type StockPage struct {
	Lines []StockLine
	Total int         // up to MostStock; one more stands for "more"
	Ranks []RankCount // of the whole range or of the site, whatever the other filters say
	Next  string      // for StockQuery.After; empty on the last page
	Site  catalog.SiteID
}

// StockPage gives a page of the stock list. below are the categories of d.Category and under it. A user bound to sites who asks
// for all of them gets the first of theirs; the page says which.
func (o *Ops) StockPage(ctx context.Context, d StockQuery, below []catalog.CategoryID) (StockPage, error) {
	u, err := access.Require(ctx, access.ViewStock)
	if err != nil {
		return StockPage{}, err
	}
	if d.Site, err = seenSite(u, d.Site); err != nil {
		return StockPage{}, err
	}
	if d.Sort == "" {
		d.Sort = ByUrgency
	}
	if d.Limit <= 0 {
		d.Limit = 50
	}
	d.Limit = min(d.Limit, 1000)
	page := StockPage{Site: d.Site}
	if page.Lines, page.Next, err = replenishdb.StockPage(ctx, o.Pool, d, below); err != nil {
		return page, err
	}
	if page.Total = len(page.Lines); d.After != "" || page.Next != "" {
		if page.Total, err = replenishdb.StockCount(ctx, o.Pool, d, below); err != nil {
			return page, err
		}
	}
	page.Ranks, err = o.rankCounts(ctx, d.Site)
	return page, err
}

// rankCounts counts the SKUs by how urgent their stock is, over all sites (0) or at one.
func (o *Ops) rankCounts(ctx context.Context, site catalog.SiteID) ([]RankCount, error) {
	return remember(ctx, o, fmt.Sprint("ranks ", site), func(ctx context.Context) ([]RankCount, error) {
		if site != 0 {
			return replenishdb.SiteRankCounts(ctx, o.Pool, site)
		}
		return replenishdb.RankCounts(ctx, o.Pool)
	})
}

// seenSite gives the site that a list is of: the one asked for, or the first of a user's own.
func seenSite(u access.User, asked catalog.SiteID) (catalog.SiteID, error) {
	if asked == 0 && len(u.Sites) > 0 {
		return u.Sites[0], nil
	}
	if asked != 0 && !u.MayTouchSite(asked) {
		return 0, fmt.Errorf("replenishops: site %d: %w", asked, access.ErrForbidden)
	}
	return asked, nil
}

// Briefs gives where the stock of the SKUs stands, over all sites (0) or at one, for lists of SKUs.
func (o *Ops) Briefs(ctx context.Context, site catalog.SiteID, skus ...catalog.SKUID) (map[catalog.SKUID]Brief, error) {
	u, err := access.Require(ctx, access.ViewStock)
	if err != nil {
		return nil, err
	}
	if site, err = seenSite(u, site); err != nil {
		return nil, err
	}
	return replenishdb.Briefs(ctx, o.Pool, skus, site)
}

// TopicStocks counts the SKUs of topics by how urgent their stock is.
func (o *Ops) TopicStocks(ctx context.Context, topics ...catalog.TopicID) (map[catalog.TopicID]TopicStock, error) {
	if _, err := access.Require(ctx, access.ViewStock); err != nil {
		return nil, err
	}
	return replenishdb.TopicStocks(ctx, o.Pool, topics)
}

// Latest gives the suggestion of the SKU that was decided last with the number of the order it became, false before the
// first or when it is not for the user.
func (o *Ops) Latest(ctx context.Context, sku catalog.SKUID) (s replenishment.Suggestion, order string, ok bool, err error) {
	u, err := access.Require(ctx, access.ViewSuggestions)
	if err != nil {
		return s, "", false, err
	}
	list, err := replenishdb.Latest(ctx, o.Pool, sku)
	if err != nil || len(list) == 0 || !mayTouch(u, list[0]) {
		return s, "", false, err
	}
	order, err = replenishdb.OrderRef(ctx, o.Pool, list[0].ID)
	return list[0], order, err == nil, err
}

// SKUHistory gives who changed the SKU's master data or decided on its suggestions, the newest first.
func (o *Ops) SKUHistory(ctx context.Context, sku catalog.SKUID) ([]audit.Entry, error) {
	if _, err := access.Require(ctx, access.ViewSuggestions); err != nil {
		return nil, err
	}
	return replenishdb.SKUHistory(ctx, o.Pool, sku, 60)
}
