package c2mxlsx

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"github.com/xuri/excelize/v2"

	"milkrun/internal/calendar"
	"milkrun/internal/money"
	"milkrun/internal/quantity"
	"milkrun/internal/sheet"
)

// book is a workbook being written. The first error stays and makes every later step do nothing.
type book struct {
	f      *excelize.File
	lang   string
	styles map[string]int
	err    error
}

func newBook(lang string) *book {
	return &book{f: excelize.NewFile(), lang: lang, styles: map[string]int{}}
}

// in gives the words of the book's language.
func (b *book) in(zh, en string) string { return both(zh, en).In(b.lang) }

func (b *book) do(step func() error) {
	if b.err == nil {
		b.err = step()
	}
}

// add begins a sheet; the first one takes the place of the one that a new file has.
func (b *book) add(name string) page {
	b.do(func() error {
		if b.f.SheetCount == 1 && b.f.GetSheetName(0) == "Sheet1" {
			return b.f.SetSheetName("Sheet1", name)
		}
		_, err := b.f.NewSheet(name)
		return err
	})
	return page{b, name}
}

// bytes gives the finished file. made is its date of creation, so that the same paper gives the same file.
func (b *book) bytes(title string, made time.Time) ([]byte, error) {
	at := made.UTC().Format(time.RFC3339)
	b.do(func() error {
		return b.f.SetDocProps(&excelize.DocProperties{Title: title, Creator: "Milkrun", LastModifiedBy: "Milkrun", Created: at, Modified: at})
	})
	var out bytes.Buffer
	b.do(func() error { return b.f.Write(&out) })
	if err := b.f.Close(); b.err == nil {
		b.err = err
	}
	if b.err != nil {
		return nil, fmt.Errorf("c2mxlsx: %s: %w", title, b.err)
	}
	return out.Bytes(), nil
}

// page is a sheet of a book.
type page struct {
	*book
	name string
}

func ref(col, row int) string {
	s, err := excelize.CoordinatesToCellName(col, row)
	if err != nil {
		panic("c2mxlsx: " + err.Error()) // a constant layout beyond Excel's bounds
	}
	return s
}

func letters(col int) string {
	s, err := excelize.ColumnNumberToName(col)
	if err != nil {
		panic("c2mxlsx: " + err.Error())
	}
	return s
}

// put writes a value with a style. Days become Excel's day numbers, money yuan; empty values leave the cell empty.
func (s page) put(col, row int, value any, style string) {
	at := ref(col, row)
	s.do(func() error {
		switch v := value.(type) {
		case nil:
			return nil
		case string:
			if v == "" {
				return nil
			}
			return s.f.SetCellStr(s.name, at, v)
		case calendar.Day:
			return s.f.SetCellInt(s.name, at, int64(v.Sub(calendar.Date(1899, time.December, 30))))
		case money.Fen:
			return s.f.SetCellFloat(s.name, at, float64(v)/100, 2, 64)
		case quantity.Pieces:
			return s.f.SetCellInt(s.name, at, int64(v))
		default:
			return s.f.SetCellValue(s.name, at, v)
		}
	})
	s.style(col, row, col, row, style)
}

func (s page) style(col, row, col2, row2 int, style string) {
	if style == "" {
		return
	}
	s.do(func() error {
		id, err := s.define(style)
		if err != nil {
			return err
		}
		return s.f.SetCellStyle(s.name, ref(col, row), ref(col2, row2), id)
	})
}

// widths sets the widths of the columns.
func (s page) widths(columns []sheet.Column) {
	for i, c := range columns {
		s.do(func() error { return s.f.SetColWidth(s.name, letters(i+1), letters(i+1), c.Width) })
	}
}

// protect locks the sheet but for the cells that a style unlocks. There is no password: the lock keeps slips of the hand
// off, and what comes back is checked anyway.
func (s page) protect(insertRows bool) {
	s.do(func() error {
		return s.f.ProtectSheet(s.name, &excelize.SheetProtectionOptions{SelectLockedCells: true, SelectUnlockedCells: true, FormatColumns: true,
			FormatRows: true, AutoFilter: true, Sort: insertRows, InsertRows: insertRows, DeleteRows: insertRows, EditObjects: true, EditScenarios: true})
	})
}

// freeze keeps the rows above and the columns left of the cell in view.
func (s page) freeze(col, row int) {
	s.do(func() error {
		pane := "bottomRight"
		if col == 1 {
			pane = "bottomLeft"
		}
		return s.f.SetPanes(s.name, &excelize.Panes{Freeze: true, XSplit: col - 1, YSplit: row - 1, TopLeftCell: ref(col, row), ActivePane: pane})
	})
}

// check lets Excel refuse what is not a rule's value: rule is one of the functions below.
func (s page) check(col, row, lastRow int, rule func(*excelize.DataValidation) error, title, message string) {
	s.do(func() error {
		dv := excelize.NewDataValidation(true)
		dv.Sqref = ref(col, row) + ":" + ref(col, lastRow)
		if err := rule(dv); err != nil {
			return err
		}
		dv.SetError(excelize.DataValidationErrorStyleStop, title, message)
		dv.SetInput(title, message)
		return s.f.AddDataValidation(s.name, dv)
	})
}

func wholeFrom(low, high int) func(*excelize.DataValidation) error {
	return func(dv *excelize.DataValidation) error {
		return dv.SetRange(low, high, excelize.DataValidationTypeWhole, excelize.DataValidationOperatorBetween)
	}
}

func amountFrom(low, high float64) func(*excelize.DataValidation) error {
	return func(dv *excelize.DataValidation) error {
		return dv.SetRange(low, high, excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween)
	}
}

func daysFrom(low, high calendar.Day) func(*excelize.DataValidation) error {
	epoch := calendar.Date(1899, time.December, 30)
	return func(dv *excelize.DataValidation) error {
		return dv.SetRange(low.Sub(epoch), high.Sub(epoch), excelize.DataValidationTypeDate, excelize.DataValidationOperatorBetween)
	}
}

func textUpTo(n int) func(*excelize.DataValidation) error {
	return func(dv *excelize.DataValidation) error {
		return dv.SetRange(0, n, excelize.DataValidationTypeTextLength, excelize.DataValidationOperatorBetween)
	}
}

func oneOf(list string) func(*excelize.DataValidation) error {
	return func(dv *excelize.DataValidation) error {
		dv.SetSqrefDropList(list)
		return nil
	}
}

// print sets A4 paper, the rows (and columns) repeated on each page, and a foot line with the page number.
func (s page) print(landscape bool, scale uint, titles, area, foot string) {
	size, orientation := 9, "portrait"
	if landscape {
		orientation = "landscape"
	}
	s.do(func() error {
		layout := &excelize.PageLayoutOptions{Size: &size, Orientation: &orientation}
		if scale > 0 {
			layout.AdjustTo = &scale
			return s.f.SetPageLayout(s.name, layout)
		}
		wide, any := 1, 0
		fit := true
		layout.FitToWidth, layout.FitToHeight = &wide, &any
		if err := s.f.SetSheetProps(s.name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
			return err
		}
		return s.f.SetPageLayout(s.name, layout)
	})
	margin, edge := 0.4, 0.6
	s.do(func() error {
		return s.f.SetPageMargins(s.name, &excelize.PageLayoutMarginsOptions{Left: &margin, Right: &margin, Top: &edge, Bottom: &edge})
	})
	s.do(func() error {
		return s.f.SetHeaderFooter(s.name, &excelize.HeaderFooterOptions{OddFooter: "&L&8" + foot + "&R&8" + s.in("第 &P 页，共 &N 页", "Page &P of &N")})
	})
	for name, where := range map[string]string{"_xlnm.Print_Titles": titles, "_xlnm.Print_Area": area} {
		if where != "" {
			s.do(func() error {
				return s.f.SetDefinedName(&excelize.DefinedName{Name: name, RefersTo: where, Scope: s.name})
			})
		}
	}
}

// height makes a row high enough for texts that are wrapped in columns of these widths (in characters).
func (s page) height(row int, texts map[string]float64) {
	lines := 1.0
	for text, width := range texts {
		n := 0
		for _, r := range text {
			if n++; r > 0x2E80 { // Chinese is twice as wide
				n++
			}
		}
		lines = max(lines, math.Ceil(float64(n)/max(1, width-1)))
	}
	s.do(func() error { return s.f.SetRowHeight(s.name, row, 8+13*lines) })
}

// join puts the texts that are not empty into one.
func join(sep string, parts ...string) string {
	out := ""
	for _, p := range parts {
		if p == "" {
			continue
		}
		if out != "" {
			out += sep
		}
		out += p
	}
	return out
}
