package c2mxlsx

import (
	"context"
	"slices"

	"milkrun/c2m"
	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet"
)

// KeySupplier is the field of a forecast row that names the supplier whose sheet it was.
const KeySupplier = "supplier"

// Commitment is what a supplier says to a week of the forecast.
type Commitment struct {
	Index     int    // of the row, for Fail
	Supplier  string // code of the supplier whose sheet it was, "" where the column is not there
	SKU       string
	Monday    calendar.Day
	Committed *quantity.Pieces
	Capacity  *quantity.Pieces
}

// Commitments is a sheet with a supplier's reply to the forecast.
type Commitments struct {
	*upload
	Weeks []Commitment
}

// ReadForecast reads the reply columns of the forecast. Close it when done. For a file that cannot be read, or that lacks a column, the
// error is told by Refused. Codes of goods are not looked up.
func ReadForecast(ctx context.Context, content []byte) (*Commitments, error) {
	u, err := open(content, forecastColumns, map[string]string{c2m.KeySKU: colSKU, KeySupplier: colSupplier, KeyWeek: colWeek}, unanswered)
	if err != nil {
		return nil, err
	}
	c := &Commitments{upload: u}
	if err := u.read(ctx, c.row); err != nil {
		_ = u.Close()
		return nil, err
	}
	return c, nil
}

// ReadCommitments is ReadForecast for the forecast that came along with an answer: nil without an error when the file has none.
func ReadCommitments(ctx context.Context, content []byte) (*Commitments, error) {
	c, err := ReadForecast(ctx, content)
	if _, refused := Refused(err); refused {
		return nil, nil
	}
	return c, err
}

func (c *Commitments) row(r *sheet.Row) bool {
	if !anyOf(r, colCommitted, colCapacity) {
		return false
	}
	w := Commitment{Index: c.Rows(), Supplier: code(r, colSupplier), SKU: code(r, colSKU)}
	monday, ok := r.Week(colWeek)
	if !ok {
		return true
	}
	w.Monday = monday
	for id, p := range map[string]**quantity.Pieces{colCommitted: &w.Committed, colCapacity: &w.Capacity} {
		if n, ok := r.Pieces(id); ok {
			*p = &n
		}
	}
	c.Weeks = append(c.Weeks, w)
	return true
}

// Bad tells whether any row of the sheet is wrong.
func (c *Commitments) Bad() bool {
	return slices.ContainsFunc(c.results, func(r sheet.Result) bool { return r.Status == sheet.Bad })
}
