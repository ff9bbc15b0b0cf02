package sheet

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// numberFormats are the formats of the kinds that need one.
var numberFormats = map[Kind]string{
	Pieces: "#,##0", Measure: "#,##0", Money: "#,##0.00", Percent: "0.00%", Day: "yyyy-mm-dd", Moment: "yyyy-mm-dd hh:mm",
	Code: "@", GTIN: "@", Text: "@", Week: "@",
}

// style gives the style of a kind's cells.
func (b *Workbook) style(k Kind) (int, error) {
	format, ok := numberFormats[k]
	if !ok {
		return 0, nil
	}
	return b.define(format, &excelize.Style{CustomNumFmt: &format})
}

// headStyle is numbers to the right, like the figures under them; required columns in red.
func headStyle(c *Column) string {
	name := "head"
	if c.Kind.additive() || c.Kind == Percent {
		name += " right"
	}
	if c.Required {
		name += " required"
	}
	return name
}

func (b *Workbook) named(name string) (int, error) {
	s := &excelize.Style{
		Font:      &excelize.Font{Bold: true, Color: "1F2937"},
		Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"F3F1EA"}},
		Border:    []excelize.Border{{Type: "bottom", Color: "9CA3AF", Style: 1}},
		Alignment: &excelize.Alignment{Vertical: "center", WrapText: true},
	}
	if name == "note" {
		s = &excelize.Style{Font: &excelize.Font{Color: "6B7280"}}
	}
	if strings.Contains(name, "right") {
		s.Alignment.Horizontal = "right"
	}
	if strings.Contains(name, "required") {
		s.Font.Color = "B42318"
	}
	return b.define(name, s)
}

func (b *Workbook) define(name string, s *excelize.Style) (int, error) {
	if id, ok := b.styles[name]; ok {
		return id, nil
	}
	id, err := b.f.NewStyle(s)
	if err == nil {
		b.styles[name] = id
	}
	return id, err
}

// width is a column's width in characters: its own, or one that fits the kind and the header (a Chinese character is two).
func (c *Column) width(header string) float64 {
	if c.Width > 0 {
		return min(c.Width, 255)
	}
	w := map[Kind]float64{Text: 24, Code: 16, GTIN: 16, Pieces: 11, Money: 12, Percent: 9, Number: 10, Measure: 11, Day: 12, Week: 11, Moment: 17, Bool: 8}[c.Kind]
	n := float64(utf8.RuneCountInString(header)+len(header))/2 + 3
	return min(max(w, n), 60)
}

// sheetName makes a name that Excel takes: at most 31 characters, none of :\/?*[], no apostrophe at the ends.
func sheetName(name string, number int) string {
	name = strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]`, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(name, "")), "' ")
	if name == "" {
		name = "Sheet" + strconv.Itoa(number)
	}
	if r := []rune(name); len(r) > 31 {
		name = string(r[:31])
	}
	return name
}
