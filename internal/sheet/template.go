package sheet

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"milkrun/internal/catalog"
	"milkrun/internal/sheet/grid"
)

// templateRows is how many rows of a template carry formats and lists.
const templateRows = 2000

var (
	guideSheet = catalog.Name{ZH: "填写说明", EN: "Guide"}
	guideHead  = []catalog.Name{{ZH: "列", EN: "Column"}, {ZH: "必填", EN: "Required"}, {ZH: "怎么填", EN: "What to write"}}
	kindHints  = map[Kind]catalog.Name{
		Text:    {ZH: "文字", EN: "Text"},
		Code:    {ZH: "编码，前面的 0 要保留", EN: "A code; keep leading zeros"},
		GTIN:    {ZH: "8、12、13 或 14 位条码", EN: "A barcode of 8, 12, 13 or 14 digits"},
		Pieces:  {ZH: "整数件数，例如 1200；按箱填写成 5箱", EN: "Whole pieces, such as 1200; cartons as 5箱"},
		Money:   {ZH: "元，最多两位小数，例如 12.80", EN: "Yuan with at most two decimals, such as 12.80"},
		Percent: {ZH: "百分比，例如 13%", EN: "A percentage, such as 13%"},
		Number:  {ZH: "数字", EN: "A number"},
		Measure: {ZH: "数字，可带单位，例如 2.5kg", EN: "A number, with its unit if need be, such as 2.5kg"},
		Day:     {ZH: "日期，例如 2026-11-02", EN: "A date, such as 2026-11-02"},
		Week:    {ZH: "周，例如 2026-W45", EN: "A week, such as 2026-W45"},
		Moment:  {ZH: "日期和时间，例如 2026-11-02 08:30", EN: "Date and time, such as 2026-11-02 08:30"},
		Bool:    {ZH: "是 或 否", EN: "Yes or no"},
	}
)

// WriteTemplate writes an empty workbook for the table's columns: the header, cells with the right formats (so that Excel
// leaves codes alone), lists to choose from, and a second sheet that says how to fill in each column.
func WriteTemplate(w io.Writer, t Table) error {
	b := NewWorkbook("")
	defer func() { _ = b.Discard() }()
	name := sheetName(t.Name, 1)
	if err := b.f.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	for i := range t.Columns {
		if err := b.templateColumn(name, &t, i); err != nil {
			return fmt.Errorf("column %s: %w", t.Columns[i].ID, err)
		}
	}
	err := b.f.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
	if err != nil {
		return err
	}
	if err := b.guide(&t); err != nil {
		return err
	}
	_, err = b.f.WriteTo(w)
	return err
}

func (b *Workbook) templateColumn(sheet string, t *Table, i int) error {
	c := &t.Columns[i]
	letter := grid.Letters(i)
	body, err := b.style(c.Kind)
	if err != nil {
		return err
	}
	head, err := b.named(headStyle(c))
	if err != nil {
		return err
	}
	title := t.header(c)
	if c.Required {
		title += " *"
	}
	last := fmt.Sprintf("%s%d", letter, templateRows)
	for _, do := range []func() error{
		func() error { return b.f.SetColWidth(sheet, letter, letter, c.width(title)) },
		func() error { return b.f.SetCellStyle(sheet, letter+"2", last, body) },
		func() error { return b.f.SetCellStr(sheet, letter+"1", title) },
		func() error { return b.f.SetCellStyle(sheet, letter+"1", letter+"1", head) },
	} {
		if err := do(); err != nil {
			return err
		}
	}
	choices := c.Choices
	if c.Kind == Bool && len(choices) == 0 {
		choices = []string{t.yes(true), t.yes(false)}
	}
	if len(choices) == 0 {
		return nil
	}
	list := excelize.NewDataValidation(true)
	list.Sqref = letter + "2:" + last
	if err := list.SetDropList(choices); err != nil {
		return nil // a list too long for a cell is left out
	}
	return b.f.AddDataValidation(sheet, list)
}

// guide adds the sheet that explains the columns.
func (b *Workbook) guide(t *Table) error {
	language := t.Language
	if language == "" {
		language = "zh"
	}
	name := guideSheet.In(language)
	if _, err := b.f.NewSheet(name); err != nil {
		return err
	}
	rows := [][]any{{}}
	for _, h := range guideHead {
		rows[0] = append(rows[0], h.In(language))
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		required := ""
		if c.Required {
			required = t.yes(true)
		}
		hint := c.Hint.In(language)
		if hint == "" {
			hint = kindHints[c.Kind].In(language)
		}
		rows = append(rows, []any{t.header(c), required, hint})
	}
	for i, row := range rows {
		if err := b.f.SetSheetRow(name, fmt.Sprintf("A%d", i+1), &row); err != nil {
			return err
		}
	}
	head, err := b.named("head")
	if err != nil {
		return err
	}
	if err := b.f.SetCellStyle(name, "A1", "C1", head); err != nil {
		return err
	}
	if err := b.f.SetColWidth(name, "A", "A", 24); err != nil {
		return err
	}
	return b.f.SetColWidth(name, "C", "C", 60)
}
