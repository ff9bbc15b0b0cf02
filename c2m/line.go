package c2m

import (
	"strings"
	"unicode/utf8"

	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
)

// DefaultTaxBP is the rate of value-added tax on the goods, in basis points, where nothing else was agreed:
// 13 %, the general rate of China since 2019-04-01 (MoF, STA, GAC notice 2019 no. 39).
const DefaultTaxBP = 1300

// Line is what is asked for of one SKU.
type Line struct {
	// No numbers the lines of an order from 1; a number is never used twice.
	No     int             `json:"no"`
	SKU    catalog.SKUID   `json:"sku"`
	Pieces quantity.Pieces `json:"pieces"`
	// Price is of one piece, tax included. ByHand is true when a buyer set it against the terms: it is then not checked again.
	Price  money.Fen `json:"price"`
	ByHand bool      `json:"by_hand,omitempty"`
	TaxBP  int       `json:"tax_bp"`
	// Due is the day on which the goods should stand at the ship-to site.
	Due calendar.Day `json:"due"`
	// MinRemainingDays is the shelf life that must be left on arrival; 0 for no rule.
	MinRemainingDays int `json:"min_remaining_days,omitempty"`
	// PartNo, Pack and MOQ are the supplier's terms as they stood when the line was written.
	PartNo string          `json:"part_no,omitempty"`
	Pack   quantity.Pieces `json:"pack,omitempty"`
	MOQ    quantity.Pieces `json:"moq,omitempty"`
	// Suggestion is the replenishment suggestion that the line came from, 0 for none.
	Suggestion int64  `json:"suggestion,omitempty"`
	Spec       string `json:"spec,omitempty"`
	Note       string `json:"note,omitempty"`

	// Shipped counts the pieces on delivery notes, Came the pieces received. Neither is part of what is asked.
	Shipped quantity.Pieces `json:"-"`
	Came    quantity.Pieces `json:"-"`
}

// Field names a field of a line, an answer or a delivery note, in errors and differences.
type Field string

// The fields.
const (
	FieldSKU       Field = "sku"
	FieldPieces    Field = "pieces"
	FieldPrice     Field = "price"
	FieldTax       Field = "tax"
	FieldDue       Field = "due"
	FieldShelfLife Field = "shelf_life"
	FieldSpec      Field = "spec"
	FieldNote      Field = "note"
	FieldReason    Field = "reason"
)

// check refuses a line that cannot be asked for. today is the business day.
func (l Line) check(today calendar.Day) error {
	fail := func(f Field, err error) error { return &LineError{Line: l.No, SKU: l.SKU, Field: f, Err: err} }
	switch {
	case l.SKU == 0:
		return fail(FieldSKU, catalog.ErrUnknown)
	case l.Pieces < 1 || l.Pieces > MaxPieces:
		return fail(FieldPieces, ErrPieces)
	case l.Price < 0 || l.Price > MaxPrice:
		return fail(FieldPrice, ErrPrice)
	case l.TaxBP < 0 || l.TaxBP > 10_000:
		return fail(FieldTax, ErrTax)
	case l.MinRemainingDays < 0 || l.MinRemainingDays > maxShelfDays:
		return fail(FieldShelfLife, ErrShelfLife)
	case utf8.RuneCountInString(l.Spec) > MaxText:
		return fail(FieldSpec, ErrLong)
	case utf8.RuneCountInString(l.Note) > MaxText:
		return fail(FieldNote, ErrLong)
	}
	if err := checkDay(l.Due, today); err != nil {
		return fail(FieldDue, err)
	}
	return nil
}

// LineChange is what a buyer changes of a line; nil leaves a field as it is.
type LineChange struct {
	Pieces           *quantity.Pieces
	Price            *money.Fen
	TaxBP            *int
	Due              *calendar.Day
	MinRemainingDays *int
	Spec, Note       *string
}

// apply gives the line with the change made and tells whether a term of trade (quantity, price, tax, day, shelf life) moved.
func (c LineChange) apply(l Line) (Line, bool) {
	was := l
	if c.Pieces != nil {
		l.Pieces = *c.Pieces
	}
	if c.Price != nil && *c.Price != l.Price {
		l.Price, l.ByHand = *c.Price, true
	}
	if c.TaxBP != nil {
		l.TaxBP = *c.TaxBP
	}
	if c.Due != nil {
		l.Due = *c.Due
	}
	if c.MinRemainingDays != nil {
		l.MinRemainingDays = *c.MinRemainingDays
	}
	if c.Spec != nil {
		l.Spec = strings.TrimSpace(*c.Spec)
	}
	if c.Note != nil {
		l.Note = strings.TrimSpace(*c.Note)
	}
	return l, l.Pieces != was.Pieces || l.Price != was.Price || l.TaxBP != was.TaxBP || l.Due != was.Due ||
		l.MinRemainingDays != was.MinRemainingDays
}

// sameAsk tells whether two lines ask the supplier for the same.
func sameAsk(a, b Line) bool {
	return a.SKU == b.SKU && a.Pieces == b.Pieces && a.Price == b.Price && a.TaxBP == b.TaxBP && a.Due == b.Due &&
		a.MinRemainingDays == b.MinRemainingDays && a.Spec == b.Spec && a.Note == b.Note
}
