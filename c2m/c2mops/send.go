package c2mops

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m"
	"milkrun/c2m/c2mdb"
	"milkrun/c2m/c2mxlsx"
	"milkrun/internal/access"
	"milkrun/internal/catalog"
)

// Prices says what to do with prices that are not those of the terms any more.
type Prices string

// The choices. AskPrices refuses to send and lists them (*c2m.PricesMovedError).
const (
	AskPrices  Prices = ""
	TermPrices Prices = "terms" // take the prices of the terms
	KeepPrices Prices = "keep"  // send what the order says
)

// Sending is how a version is sent.
type Sending struct {
	Revision int64
	Reason   string     // needed from the second version on
	ReplyBy  *time.Time // nil for the usual deadline
	Prices   Prices
}

// Send freezes the order as a new version, makes its workbook and asks the supplier to answer. Prices are checked against the terms.
// *c2m.StateError, *c2m.PricesMovedError, *c2m.LackError, c2m.ErrSupplier, and the refusals of c2m.FactoryOrder.Send.
func (o *Ops) Send(ctx context.Context, id c2m.OrderID, s Sending) (*c2m.FactoryOrder, error) {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return nil, err
	}
	return o.change(ctx, u, id, s.Revision, func(ctx context.Context, a *act) error {
		a.verb = "order.send"
		return a.send(ctx, s)
	})
}

func (a *act) send(ctx context.Context, s Sending) error {
	if !a.order.State.Editable() {
		return &c2m.StateError{Number: a.order.Number, State: a.order.State, Verb: "send"}
	}
	if err := mayOrder(ctx, a.tx, a.order.Supplier, a.order.ShipTo); err != nil {
		return err
	}
	if err := a.papers(ctx); err != nil {
		return err
	}
	if err := a.settlePrices(ctx, s.Prices); err != nil {
		return err
	}
	replyBy := a.ops.replyBy(a.now)
	if s.ReplyBy != nil {
		replyBy = *s.ReplyBy
	}
	if !replyBy.After(a.now) || replyBy.After(a.now.AddDate(0, 3, 0)) {
		return &c2m.LineError{Field: "reply_by", Err: c2m.ErrDay}
	}
	before := a.order.Current
	if err := a.order.Send(person(a.user), s.Reason, replyBy, a.now, a.today); err != nil {
		return err
	}
	paper, err := a.makePaper(ctx, before)
	if err != nil {
		return err
	}
	a.paper = &paper
	sum, err := c2m.TotalsOf(a.order.Lines)
	if err != nil {
		return err
	}
	a.after = map[string]any{"version": a.order.Version(), "lines": sum.Lines, "pieces": sum.Pieces, "amount_fen": sum.Gross, "reply_by": replyBy,
		"reason": s.Reason}
	return a.makeSheet(paper)
}

// papers refuses a new order while a certificate that its goods need is not valid today. One that was sent before may be changed: its goods
// are looked at on the day of receipt.
func (a *act) papers(ctx context.Context) error {
	if a.order.Current != nil {
		return nil
	}
	lacks, err := (c2mdb.Quality{}).Lacking(ctx, a.tx, a.order.Supplier, skusOf(a.order), a.today)
	if err == nil && len(lacks) > 0 {
		err = &c2m.LackError{Day: a.today, Lacks: lacks}
	}
	return err
}

// settlePrices applies the choice for prices that moved.
func (a *act) settlePrices(ctx context.Context, choice Prices) error {
	terms, err := c2mdb.Terms(ctx, a.tx, a.order.Supplier, skusOf(a.order)...)
	if err != nil {
		return err
	}
	moves := a.order.PriceMoves(terms)
	switch {
	case len(moves) == 0:
	case choice == TermPrices:
		a.before = map[string]any{"prices": moves}
		a.order.Reprice(terms)
	case choice == KeepPrices:
		a.order.KeepPrices(moves)
	default:
		return &c2m.PricesMovedError{Moves: moves}
	}
	return nil
}

// makePaper gathers what the sheet of the version just made says.
func (a *act) makePaper(ctx context.Context, before *c2m.Version) (c2m.Paper, error) {
	o := a.order
	p := c2m.Paper{Number: o.Number, Version: *o.Current, Buyer: person(a.user), Goods: map[catalog.SKUID]c2m.Goods{}, Agreed: o.Agreed}
	supplier, err := c2mdb.Supplier(ctx, a.tx, o.Supplier)
	if err != nil {
		return p, err
	}
	site, err := c2mdb.Site(ctx, a.tx, o.ShipTo)
	if err != nil {
		return p, err
	}
	p.Supplier = c2m.Party{Code: supplier.Code, Name: supplier.Name, City: supplier.City}
	p.ShipTo = c2m.Party{Code: site.Code, Name: site.Name, City: site.City}
	p.TimeZone = site.TimeZone
	if before != nil {
		p.Mark(*before)
	}
	ids := skusOf(o)
	for _, l := range p.Removed {
		ids = append(ids, l.SKU)
	}
	skus, err := c2mdb.SKUs(ctx, a.tx, ids)
	if err != nil {
		return p, err
	}
	for id, k := range skus {
		p.Goods[id] = c2m.Goods{Code: k.Code, GTIN: k.GTIN, Name: k.Name, Unit: k.Unit, CartonPieces: k.CartonPieces,
			ShelfLifeDays: k.ShelfLifeDays, Temperature: k.Temperature}
	}
	p.Forecast, err = a.forecast(ctx)
	return p, err
}

// makeSheet makes the workbook in Chinese before the version counts as sent: a sheet that cannot be made stops the sending.
func (a *act) makeSheet(p c2m.Paper) error {
	file, err := sheetOf(p, "zh", a.order.Supplier, a.now, person(a.user))
	a.sheet = file
	return err
}

// sheetOf makes the workbook of a version in a language.
func sheetOf(p c2m.Paper, lang string, supplier catalog.SupplierID, now time.Time, by c2m.Person) (*c2mdb.File, error) {
	content, err := c2mxlsx.Order(p, lang)
	if err != nil {
		return nil, err
	}
	return &c2mdb.File{Kind: c2mdb.OrderFile, SupplierID: supplier, Name: c2mxlsx.OrderName(p.Number, p.Version.No), MIME: c2mxlsx.MIME,
		Content: content, At: now, ByID: by.ID, ByName: by.Name}, nil
}

// keepSheet stores the workbook of a version.
func keepSheet(ctx context.Context, tx pgx.Tx, id c2m.OrderID, version int, lang string, file *c2mdb.File) error {
	if err := c2mdb.InsertFile(ctx, tx, file); err != nil {
		return err
	}
	_, err := c2mdb.KeepOrderSheet(ctx, tx, id, version, lang, file.ID)
	return err
}
