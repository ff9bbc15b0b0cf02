package ui

import "context"

// CoverMatrix is days of cover by site and category.
type CoverMatrix struct {
	Label   string
	Columns []string
	Rows    []CoverRow
}

// CoverRow is one site. Cells are as many as the matrix has columns.
type CoverRow struct {
	Name  string
	Cells []CoverCell
}

// CoverCell is how many days the stock lasts. State is a status of the kind "stock"; None draws –; Note tells more to who points at it.
type CoverCell struct {
	Days  float64
	State string
	Href  string
	Note  string
	None  bool
}

func (c CoverCell) class() string {
	switch {
	case c.None:
		return "is-none"
	case c.State == "low":
		return "is-low"
	case c.State == "running_out" || c.State == "out":
		return "is-out"
	case c.State == "too_much":
		return "is-much"
	}
	return ""
}

// word says the state to those who do not see its colour.
func (c CoverCell) word(ctx context.Context) string {
	if c.class() == "" || c.None {
		return ""
	}
	return T(ctx, "status.stock."+c.State)
}
