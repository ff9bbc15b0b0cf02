package sheet

import (
	"milkrun/internal/catalog"
	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

// Kind is what a column holds. It decides how merged cells and templates are treated; the value itself is read by the
// accessor of Row that the caller chooses.
type Kind uint8

// The kinds of column.
const (
	Text Kind = iota
	Code
	GTIN
	Pieces
	Money
	Percent
	Number
	Measure
	Day
	Week
	Moment
	Bool
)

// additive tells whether a value stands for one row only: under a merged cell it must not be repeated.
func (k Kind) additive() bool {
	return k == Pieces || k == Money || k == Number || k == Measure
}

// Column is one column that the caller wants to read or write.
type Column struct {
	// ID names the column in the program.
	ID string
	// Title is what it is called in templates, exports and messages, in both languages.
	Title catalog.Name
	// Names are further words that senders use for it, in any language. They are compared without regard to case, width,
	// blanks, punctuation and what stands in brackets.
	Names []string
	// Required columns must be in the header, and filled in every row unless BlankOK.
	Required, BlankOK bool
	// Or is the ID of a column that may stand in for this required one, as a barcode for a SKU: one of the two must be there.
	Or   string
	Kind Kind
	// Signed lets numbers be negative.
	Signed bool
	// Carton is the ID of the column with the pieces per carton, for quantities in cartons.
	Carton string
	// Unit is the unit of a Measure that says none ("kg").
	Unit string
	// Max is the longest text in characters; 0 means 200.
	Max int
	// Hint says in the template what to write; optional.
	Hint catalog.Name
	// Choices are the values offered as a list in the template; optional.
	Choices []string
	// Width is the width in exports and templates, in characters; 0 means one that fits the kind.
	Width float64
}

func (c *Column) max() int {
	if c.Max > 0 {
		return c.Max
	}
	return 200
}

// Remark is something to say about a cell, or about a row where Column is empty: a problem, or what was mended.
type Remark struct {
	Row int `json:"row"`
	// Column is the Column's ID; Col is where it stands, from 0, -1 where it has no place.
	Column string `json:"column,omitempty"`
	Col    int    `json:"col"`
	// Header is what the file calls the column.
	Header string `json:"header,omitempty"`
	// Raw is what stands in the cell.
	Raw  string      `json:"raw,omitempty"`
	Note notice.Note `json:"note"`
}

// Ref names the cell as the user sees it, "E5"; the row's number alone where there is no cell.
func (r Remark) Ref() string {
	if r.Col < 0 {
		return grid.Ref(r.Row, -1)
	}
	return grid.Ref(r.Row, r.Col)
}

// What can be wrong with a row beyond its cells.
var (
	// Missing is a required cell that is empty.
	Missing = &notice.Reason{Code: "sheet.missing", ZH: "“{0}”没有填", EN: "{0} is empty",
		FixZH: "补上再传", FixEN: "Fill it in"}
	// ExtraCells is a line of a CSV with more fields than the header.
	ExtraCells = &notice.Reason{Code: "sheet.extra_cells", ZH: "这一行比表头多 {0} 格", EN: "the row has {0} cells more than the header",
		FixZH: "内容里有逗号的要加引号，或另存为 .xlsx 再传", FixEN: "Quote texts that hold a comma, or save the sheet as .xlsx"}
)
