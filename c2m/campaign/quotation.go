package campaign

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// ErrQuotation refuses an offer that cannot be one; *QuotationError names the fields.
var ErrQuotation = errors.New("campaign: a quotation needs a capacity of at least its MOQ, a price, and a lead time of 1 to 365 days")

// MaxNote bounds the note of a quotation, in characters.
const MaxNote = 500

// Quotation is what a factory offers for a campaign.
type Quotation struct {
	Supplier      catalog.SupplierID
	MOQ, Capacity quantity.Pieces
	Price, Setup  money.Fen
	LeadDays      int
	// Grade is the quality grade of what the factory makes, higher is better.
	Grade int
	// Breaks are the prices of all pieces from a quantity on, ascending in From and falling; Price holds below the first.
	Breaks []Break
	// Materials is what the materials of a piece cost us beside the price, 0 where the factory brings them.
	Materials money.Fen
	// Said is the offer in the words of its currency.
	Said Said
	Note string
	// ShareBP is the factory's share of what is ordered of the goods, in ten-thousandths, moved by its score; 0 for none.
	ShareBP int
	// Terms is true where it was taken from the terms of trade, not said for this campaign.
	Terms bool
}

// Said is an offer in hundredths (whole yen for the yen) of its currency, and the rate at which the fen of the quotation were reckoned:
// what a hundredth is worth in millionths of a fen. The zero Said was said in fen.
type Said struct {
	Currency string      `json:"currency,omitempty"`
	Rate     int64       `json:"rate,omitempty"`
	Price    int64       `json:"price,omitempty"`
	Setup    int64       `json:"setup,omitempty"`
	Breaks   []SaidBreak `json:"breaks,omitempty"`
}

// SaidBreak is a price from a quantity on, in the currency of the offer.
type SaidBreak struct {
	From  quantity.Pieces `json:"from"`
	Price int64           `json:"price"`
}

// Foreign tells whether the offer was made in another currency than ours.
func (s Said) Foreign() bool { return s.Currency != "" && s.Currency != "CNY" }

// QuotationError lists the faults of a quotation by the field's name.
type QuotationError struct{ Faults []Fault }

func (e *QuotationError) Error() string { return fmt.Sprintf("%v: %v", ErrQuotation, e.Faults) }

// Unwrap gives ErrQuotation.
func (e *QuotationError) Unwrap() error { return ErrQuotation }

// Check refuses an offer that cannot be one by a *QuotationError with everything that is wrong.
func (q Quotation) Check() error {
	var c termsCheck
	if q.Supplier == 0 {
		c.add("supplier", Missing)
	}
	c.range64("capacity", int64(q.Capacity), 1, int64(MaxPieces))
	c.range64("moq", int64(q.MOQ), 0, int64(MaxPieces))
	if q.Capacity > 0 && q.MOQ > q.Capacity {
		c.add("moq", BadOrder)
	}
	c.range64("price", int64(q.Price), 1, int64(MaxPrice))
	c.range64("setup", int64(q.Setup), 0, int64(MaxPrice)*100)
	c.range64("materials", int64(q.Materials), 0, int64(MaxPrice))
	c.range64("lead_days", int64(q.LeadDays), 1, 365)
	c.range64("grade", int64(q.Grade), -9, 9)
	if utf8.RuneCountInString(q.Note) > MaxNote {
		c.add("note", TooLong)
	}
	q.breaks(&c)
	if c.faults == nil {
		return nil
	}
	return &QuotationError{c.faults}
}

func (q Quotation) breaks(c *termsCheck) {
	if len(q.Breaks) > MaxBreaks {
		c.add("breaks", TooLarge)
		return
	}
	from, price := quantity.Pieces(0), q.Price
	for i, b := range q.Breaks {
		at := func(field string) string { return fmt.Sprintf("breaks.%d.%s", i, field) }
		if b.From <= from || q.Capacity > 0 && b.From > q.Capacity {
			c.add(at("from"), BadOrder)
		}
		if b.Price < 1 {
			c.add(at("price"), TooSmall)
		} else if b.Price > price {
			c.add(at("price"), BadOrder)
		}
		from, price = b.From, b.Price
	}
}

// PriceAt gives the price of a piece of so many, materials left out.
func (q Quotation) PriceAt(pieces quantity.Pieces) money.Fen {
	price := q.Price
	for _, b := range q.Breaks {
		if pieces >= b.From {
			price = b.Price
		}
	}
	return price
}
