package c2mxlsx

import (
	"context"
	"slices"

	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet"
)

// Commitment is what a supplier says to a week of the forecast.
type Commitment struct {
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

// ReadCommitments reads the reply columns of the forecast. Close it when done. nil without an error when the file has no such sheet.
func ReadCommitments(ctx context.Context, content []byte) (*Commitments, error) {
	u, err := open(content, forecastColumns, map[string]string{}, unanswered)
	if _, refused := Refused(err); refused {
		return nil, nil
	}
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

func (c *Commitments) row(r *sheet.Row) bool {
	if !anyOf(r, colCommitted, colCapacity) {
		return false
	}
	w := Commitment{SKU: code(r, colSKU)}
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
