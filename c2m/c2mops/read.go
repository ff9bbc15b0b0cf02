package c2mops

import (
	"context"
	"slices"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
)

// Short names for what lists and files are made of, so that the pages need not know where they are stored.
type (
	Filter        = c2mdb.Filter
	Sort          = c2mdb.Sort
	Cursor        = c2mdb.Cursor
	Row           = c2mdb.Row
	Sum           = c2mdb.Sum
	File          = c2mdb.File
	Upload        = c2mdb.Upload
	UploadProblem = c2mdb.UploadProblem
	Outcome       = c2mdb.Outcome
	FileKind      = c2mdb.FileKind
	Receipt       = c2mdb.Receipt
	Message       = c2mdb.Message
	Week          = c2mdb.Week
)

// The sorts of a list, the outcomes and the kinds of uploads.
const (
	ByNumber = c2mdb.ByNumber
	ByDue    = c2mdb.ByDue
	ByNext   = c2mdb.ByNext
	ByAmount = c2mdb.ByAmount
	ByReply  = c2mdb.ByReply

	Taken    = c2mdb.Taken
	Repeated = c2mdb.Repeated
	Refused  = c2mdb.Refused

	AnswerFile   = c2mdb.AnswerFile
	ASNFile      = c2mdb.ASNFile
	ForecastFile = c2mdb.ForecastFile
)

// pageSize bounds a page of a list.
const pageSize = 200

// Query is what a list shows and where its page begins.
type Query struct {
	Filter
	Sort    Sort
	Reverse bool
	After   *Cursor // nil for the first page
	Limit   int     // 0 means 50
}

// Page is a page of a list. Next is where the next one begins, nil on the last. Sums count what the filter finds, by state, whatever
// states the page shows.
type Page struct {
	Rows []Row
	Next *Cursor
	Sums []Sum
}

// Total adds up the sums of some states, of all where none are named.
func (p Page) Total(states ...c2m.State) Sum {
	var t Sum
	for _, s := range p.Sums {
		if len(states) > 0 && !slices.Contains(states, s.State) {
			continue
		}
		t.Orders += s.Orders
		t.Pieces += s.Pieces
		t.AmountFen += s.AmountFen
		t.Late += s.Late
		t.Undecided += s.Undecided
	}
	return t
}

// Orders lists orders within the user's sites.
func (o *Ops) Orders(ctx context.Context, q Query) (Page, error) {
	u, err := access.RequireAny(ctx, access.ViewOrders, access.ReadData)
	if err != nil {
		return Page{}, err
	}
	if len(u.Sites) > 0 {
		q.Sites = within(u.Sites, q.Sites)
	}
	return o.page(ctx, q)
}

// within gives the wanted sites that are allowed; all that are allowed where none are wanted, an impossible one where none remain.
func within(allowed, wanted []catalog.SiteID) []catalog.SiteID {
	if len(wanted) == 0 {
		return allowed
	}
	var both []catalog.SiteID
	for _, s := range wanted {
		if slices.Contains(allowed, s) {
			both = append(both, s)
		}
	}
	if len(both) == 0 {
		return []catalog.SiteID{-1}
	}
	return both
}

func (o *Ops) page(ctx context.Context, q Query) (Page, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, pageSize)
	now, today := o.Clock(), o.Today()
	rows, err := c2mdb.List(ctx, o.Pool, q.Filter, q.Sort, q.Reverse, q.After, limit+1, today, now)
	if err != nil {
		return Page{}, err
	}
	p := Page{Rows: rows}
	if len(rows) > limit {
		p.Rows = rows[:limit]
		last := p.Rows[limit-1]
		p.Next = &Cursor{Key: last.Key, ID: last.ID}
	}
	p.Sums, err = c2mdb.Sums(ctx, o.Pool, q.Filter, today, now)
	return p, err
}

// Number finds an order by its number, however it is typed. c2m.ErrNumber, c2m.ErrUnknown.
func (o *Ops) Number(ctx context.Context, number string) (c2m.OrderID, error) {
	u, err := eitherSide(ctx, access.ViewOrders, access.ReadData)
	if err != nil {
		return 0, err
	}
	number, err = c2m.ParseNumber(number)
	if err != nil {
		return 0, err
	}
	id, err := c2mdb.OrderID(ctx, o.Pool, number)
	if err != nil {
		return 0, err
	}
	order, err := c2mdb.Order(ctx, o.Pool, id)
	if err != nil {
		return 0, err
	}
	return id, mayTouch(u, order)
}

// OpenSupply gives what is ordered of the SKUs (of all, where none are named) and has not come.
func (o *Ops) OpenSupply(ctx context.Context, skus ...catalog.SKUID) ([]c2m.Supply, error) {
	if _, err := access.Require(ctx, access.ViewStock); err != nil {
		return nil, err
	}
	return c2mdb.OpenSupply(ctx, o.Pool, o.Today(), skus...)
}

// Score reckons a supplier's figures over the last c2m.ScoreDays days. A supplier sees its own.
func (o *Ops) Score(ctx context.Context, supplier catalog.SupplierID) (c2m.Score, error) {
	u, err := eitherSide(ctx, access.ViewSuppliers)
	if err != nil {
		return c2m.Score{}, err
	}
	if !u.MayTouchSupplier(supplier) {
		return c2m.Score{}, c2m.ErrUnknown
	}
	return c2mdb.Score(ctx, o.Pool, supplier, o.Today())
}
