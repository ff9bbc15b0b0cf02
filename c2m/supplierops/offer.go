package supplierops

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/statement"
	"milkrun/c2m/supplier"
	"milkrun/c2m/supplierdb"
	"milkrun/internal/access"
	"milkrun/internal/audit"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Trade gives the terms on which a supplier is paid.
func (o *Ops) Trade(ctx context.Context, id catalog.SupplierID) (statement.Terms, error) {
	_, id, err := either(ctx, access.ViewSuppliers, id)
	if err != nil {
		return statement.Terms{}, err
	}
	return supplierdb.Trade(ctx, o.Pool, id)
}

// SaveTrade stores the terms on which a supplier is paid. *statement.TermsFault.
func (o *Ops) SaveTrade(ctx context.Context, id catalog.SupplierID, t statement.Terms) error {
	if err := t.Check(); err != nil {
		return err
	}
	return o.change(ctx, "supplier.trade", thing(id), func(ctx context.Context, tx pgx.Tx, u access.User, now time.Time) (any, error) {
		return t, supplierdb.SaveTrade(ctx, tx, id, t, name(u), now)
	})
}

// Rates gives the exchange rates in force.
func (o *Ops) Rates(ctx context.Context) (map[supplier.Currency]supplierdb.DayRate, error) {
	if _, err := access.Require(ctx, access.ViewSuppliers); err != nil {
		return nil, err
	}
	return supplierdb.Rates(ctx, o.Pool, o.Today())
}

// SaveRate stores a currency's rate of today. supplier.ErrRate for a rate that cannot be.
func (o *Ops) SaveRate(ctx context.Context, c supplier.Currency, rate supplier.Rate) error {
	if c == supplier.CNY || !slices.Contains(supplier.Currencies(), c) || rate <= 0 || rate > 1_000_000_000 {
		return supplier.ErrRate
	}
	return o.change(ctx, "rate.set", audit.Thing{Kind: "policy", ID: "rate-" + string(c)}, func(ctx context.Context, tx pgx.Tx, u access.User, _ time.Time) (any, error) {
		r := supplierdb.DayRate{Currency: c, Day: o.Today(), Rate: rate}
		return r, supplierdb.SaveRate(ctx, tx, r, name(u))
	})
}

// SaveOffer stores what a supplier asks for a SKU. *supplier.OfferFault.
func (o *Ops) SaveOffer(ctx context.Context, offer supplier.Offer) error {
	if err := offer.Check(o.Today()); err != nil {
		return err
	}
	return o.change(ctx, "supplier.offer", thing(offer.Supplier), func(ctx context.Context, tx pgx.Tx, u access.User, now time.Time) (any, error) {
		trace := map[string]any{"sku": offer.SKU, "currency": offer.Currency, "incoterm": offer.Incoterm, "from": offer.From, "price": offer.Price, "moq": offer.MOQ}
		return trace, supplierdb.SaveOffer(ctx, tx, offer, name(u), now)
	})
}

// Comparison sets what suppliers ask for a SKU side by side, the cheapest landed first.
type Comparison struct {
	SKU    catalog.SKUID
	Code   string
	Name   catalog.Name
	Grams  int
	Pieces quantity.Pieces
	Rows   []Compared
	Rates  map[supplier.Currency]supplierdb.DayRate
}

// Compared is one supplier's offer for the quantity.
type Compared struct {
	Code  string
	Name  catalog.Name
	Terms bool // from the terms of trade, not from an offer
	supplier.Landed
	Total   money.Fen // Cost of all pieces
	NoRate  bool      // the currency has no rate: nothing is reckoned
	Below   bool      // the quantity is below the minimum
	Barred  bool      // banned or switched off
	Score   float64
	Tier    supplier.Tier
	PlusBP  int // dearer than the cheapest usable one, in hundredths of a percent
	Foreign bool
}

// Compare reckons the landed cost of a SKU at all suppliers, for a number of pieces. ErrUnknown.
func (o *Ops) Compare(ctx context.Context, sku catalog.SKUID, pieces quantity.Pieces) (Comparison, error) {
	c := Comparison{SKU: sku, Pieces: max(1, pieces)}
	if _, err := access.Require(ctx, access.ViewSuppliers); err != nil {
		return c, err
	}
	var ok bool
	var err error
	if c.Code, c.Name, c.Grams, ok, err = supplierdb.Goods(ctx, o.Pool, sku); err != nil || !ok {
		if err == nil {
			err = ErrUnknown
		}
		return c, err
	}
	offers, err := supplierdb.Offers(ctx, o.Pool, sku, o.Today())
	if err != nil {
		return c, err
	}
	if c.Rates, err = supplierdb.Rates(ctx, o.Pool, o.Today()); err != nil {
		return c, err
	}
	cards, err := o.scorecards(ctx, o.Pool, nil)
	if err != nil {
		return c, err
	}
	best := map[catalog.SupplierID]supplierdb.Offered{} // the highest break that the quantity reaches, else the lowest there is
	for _, x := range offers {
		b, had := best[x.Supplier]
		if !had || x.From <= c.Pieces && x.From > b.From || b.From > c.Pieces && x.From < b.From {
			best[x.Supplier] = x
		}
	}
	for id, x := range best {
		row := Compared{Code: x.Code, Name: catalog.Name{ZH: x.NameZH, EN: x.NameEN}, Terms: x.Terms, Below: max(x.From, x.MOQ) > c.Pieces, Barred: x.Banned != "" || !x.Active, Foreign: x.Currency != supplier.CNY,
			Tier: supplier.Trial}
		if s, ok := cards[id]; ok {
			row.Score, row.Tier = s.Score, s.Tier
		}
		row.Landed, err = supplier.LandedCost(x.Offer(sku), c.Pieces, c.Grams, c.Rates[x.Currency].Rate)
		if row.NoRate = errors.Is(err, supplier.ErrRate); err != nil && !row.NoRate {
			return c, err
		}
		row.Total = row.Cost * money.Fen(c.Pieces)
		c.Rows = append(c.Rows, row)
	}
	rank(c.Rows)
	return c, nil
}

// rank sorts: usable offers by cost, then those below their minimum, then those that nothing is reckoned of or that are barred.
func rank(rows []Compared) {
	class := func(r Compared) int {
		switch {
		case r.NoRate || r.Barred:
			return 2
		case r.Below:
			return 1
		}
		return 0
	}
	slices.SortFunc(rows, func(a, b Compared) int {
		return cmp.Or(cmp.Compare(class(a), class(b)), cmp.Compare(a.Cost, b.Cost), cmp.Compare(a.Code, b.Code))
	})
	for i := range rows {
		if best := rows[0].Cost; best > 0 && class(rows[0]) == 0 && !rows[i].NoRate {
			rows[i].PlusBP = int((rows[i].Cost - best) * 10_000 / best)
		}
	}
}
