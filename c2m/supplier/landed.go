package supplier

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// Currency is an ISO 4217 code.
type Currency string

// CNY is the house's own currency.
const CNY Currency = "CNY"

// Currencies lists the currencies of offers and terms; all have a hundredth but the yen, which has none.
func Currencies() []Currency { return []Currency{CNY, "USD", "EUR", "NZD", "AUD", "GBP", "HKD", "JPY"} }

// Decimals is the number of decimals of a currency's minor unit.
func (c Currency) Decimals() int {
	if c == "JPY" {
		return 0
	}
	return 2
}

// Incoterm says who pays the way of the goods.
type Incoterm string

// The terms of delivery that are in use: at the works, on board, with freight and insurance to the port, delivered with duty paid, and
// delivered within the country.
const (
	EXW      Incoterm = "EXW"
	FOB      Incoterm = "FOB"
	CIF      Incoterm = "CIF"
	DDP      Incoterm = "DDP"
	Domestic Incoterm = "DOM"
)

// Incoterms lists them.
func Incoterms() []Incoterm { return []Incoterm{Domestic, EXW, FOB, CIF, DDP} }

// freight tells whether the buyer pays the freight beside the price, duty whether it pays duty and import VAT.
func (i Incoterm) freight() bool { return i == EXW || i == FOB }
func (i Incoterm) duty() bool    { return i == EXW || i == FOB || i == CIF }

// Rate is what a currency's minor unit is worth, in millionths of a fen: 7.1234 yuan a dollar are 7,123,400.
type Rate int64

// Offer is what a supplier asks for a SKU: Price in hundredths (whole yen for the yen) of its currency for one piece, from From pieces on.
type Offer struct {
	Supplier catalog.SupplierID
	SKU      catalog.SKUID
	Currency Currency
	Incoterm Incoterm
	From     quantity.Pieces
	Price    int64
	Tooling  money.Fen // once, spread over the quantity that is compared
	Freight  money.Fen // of a kilogram, beside the price; counts where the term leaves it to the buyer
	DutyBP   int       // of the value at the border
	VATBP    int       // import VAT; within the country the price holds the tax
	LeadDays int
	MOQ      quantity.Pieces
	ValidTo  calendar.Day // 0 for no end
	Note     string
}

// Refusals of offers and rates.
var (
	// ErrOffer refuses an offer with a field that cannot be; *OfferFault names it.
	ErrOffer = errors.New("supplier: the offer is not complete")
	// ErrRate refuses to compare an offer whose currency has no rate.
	ErrRate = errors.New("supplier: there is no exchange rate for the currency")
)

// OfferFault says which field of an offer is wrong.
type OfferFault struct{ Field string }

func (e *OfferFault) Error() string { return fmt.Sprintf("%v: %s", ErrOffer, e.Field) }

// Unwrap gives ErrOffer.
func (e *OfferFault) Unwrap() error { return ErrOffer }

// Check tells by *OfferFault what is wrong with an offer on a day.
func (o Offer) Check(today calendar.Day) error {
	for _, c := range []struct {
		field string
		bad   bool
	}{
		{"currency", !slices.Contains(Currencies(), o.Currency)},
		{"incoterm", !slices.Contains(Incoterms(), o.Incoterm)},
		{"from", o.From < 1 || o.From > 100_000_000},
		{"price", o.Price < 1 || o.Price > 100_000_000_00},
		{"tooling", o.Tooling < 0 || o.Tooling > 1_000_000_000_00},
		{"freight", o.Freight < 0 || o.Freight > 1_000_000_00},
		{"duty", o.DutyBP < 0 || o.DutyBP > 10_000},
		{"vat", o.VATBP < 0 || o.VATBP > 10_000},
		{"lead_days", o.LeadDays < 1 || o.LeadDays > 365},
		{"moq", o.MOQ < 1 || o.MOQ > 100_000_000},
		{"valid_to", o.ValidTo != 0 && o.ValidTo < today},
	} {
		if c.bad {
			return &OfferFault{c.field}
		}
	}
	return nil
}

// Landed is what a piece costs when it stands in the house, in fen, and the sum that led there. Each step is rounded to the fen, half up.
type Landed struct {
	Offer   Offer
	Goods   money.Fen // price × rate
	Freight money.Fen // weight × freight
	Duty    money.Fen // (goods + freight) × duty
	VAT     money.Fen // (goods + freight + duty) × VAT: paid at the border and reclaimed later
	Tooling money.Fen // its part of the tooling
	// Cost is what the piece costs in the end: without the VAT, which is reclaimed, on both sides of the comparison. Cash is what is paid
	// until it is there.
	Cost, Cash money.Fen
}

// LandedCost reckons an offer for a number of pieces of a weight in grams. rate is that of the offer's currency; for the yuan it may be 0.
// The price of an offer within the country holds its VAT, which is taken out of Cost. ErrRate.
func LandedCost(o Offer, pieces quantity.Pieces, grams int, rate Rate) (Landed, error) {
	l := Landed{Offer: o}
	if o.Currency == CNY {
		rate = 1_000_000
	}
	if rate <= 0 {
		return l, fmt.Errorf("%w: %s", ErrRate, o.Currency)
	}
	scale := int64(1_000_000)
	if o.Currency.Decimals() == 0 {
		scale /= 100
	}
	l.Goods = part(money.Fen(o.Price), int64(rate), scale)
	if o.Incoterm.freight() {
		l.Freight = part(o.Freight, int64(grams), 1000)
	}
	if o.Incoterm.duty() {
		l.Duty = part(l.Goods+l.Freight, int64(o.DutyBP), 10_000)
		l.VAT = part(l.Goods+l.Freight+l.Duty, int64(o.VATBP), 10_000)
	}
	if pieces > 0 {
		l.Tooling = part(o.Tooling, 1, int64(pieces))
	}
	l.Cash = l.Goods + l.Freight + l.Duty + l.VAT + l.Tooling
	l.Cost = l.Cash - l.VAT
	if !o.Incoterm.duty() && o.VATBP > 0 { // the price holds it
		l.VAT = l.Goods - part(l.Goods, 10_000, int64(10_000+o.VATBP))
		l.Cost = l.Cash - l.VAT
	}
	return l, nil
}

// Convert gives an amount of fen in a currency's minor units at a rate, rounded half up. ErrRate.
func Convert(f money.Fen, c Currency, rate Rate) (int64, error) {
	if c == CNY {
		return int64(f), nil
	}
	if rate <= 0 {
		return 0, fmt.Errorf("%w: %s", ErrRate, c)
	}
	scale := int64(1_000_000)
	if c.Decimals() == 0 {
		scale /= 100
	}
	return int64(part(f, scale, int64(rate))), nil
}

// part gives amount × num ÷ den, rounded half away from zero. It saturates beyond the range of Fen.
func part(amount money.Fen, num, den int64) money.Fen {
	neg := (amount < 0) != (num < 0)
	hi, lo := bits.Mul64(uint64(max(amount, -amount)), uint64(max(num, -num)))
	lo, carry := bits.Add64(lo, uint64(den/2), 0)
	hi += carry
	if hi >= uint64(den) {
		return money.Fen(math.MaxInt64)
	}
	q, _ := bits.Div64(hi, lo, uint64(den))
	if q > math.MaxInt64 {
		return money.Fen(math.MaxInt64)
	}
	if neg {
		return -money.Fen(q)
	}
	return money.Fen(q)
}
