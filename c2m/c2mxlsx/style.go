package c2mxlsx

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// Number formats.
const (
	asText    = "@"
	asPieces  = "#,##0"
	asMoney   = "#,##0.00"
	asDay     = "yyyy-mm-dd"
	asPercent = "0.00%"
	asSigned  = "+#,##0;-#,##0;0"
	asWeight  = "#,##0.###"
)

// Colours of the house: ink, second ink, line, sunk paper, the yellow of what waits for someone, the violet of a change.
const (
	ink, ink2   = "1C2430", "475160"
	line        = "D5CEC1"
	sunk, watch = "F4F1EA", "FBF3DC"
	changed     = "4345AB"
	action      = "1F3F6E"
)

// define gives the style of a name: words divided by blanks, of which one may be a number format.
//
//	head: header of a column · title: of a sheet · label, plain: text · cell: a cell of the table · input: one to fill in
//	right, wrap, bold, changed: as they say
func (b *book) define(name string) (int, error) {
	if id, ok := b.styles[name]; ok {
		return id, nil
	}
	s := &excelize.Style{Font: &excelize.Font{Size: 10, Color: ink, Family: b.font()}, Alignment: &excelize.Alignment{Vertical: "center"}}
	format := asText
	for _, word := range strings.Fields(name) {
		if !look(s, word) {
			format = word
		}
	}
	if format != asText {
		s.Alignment.Horizontal = "right"
	} else if strings.Contains(name, "cell") || strings.Contains(name, "head") {
		s.Alignment.Horizontal, s.Alignment.Indent = "left", 1
	}
	if !strings.Contains(name, "title") && !strings.Contains(name, "label") && !strings.Contains(name, "head") {
		s.CustomNumFmt = &format
	}
	id, err := b.f.NewStyle(s)
	b.styles[name] = id
	return id, err
}

// font is one that Office and WPS bring along.
func (b *book) font() string { return b.in("Microsoft YaHei", "Arial") }

// look changes a style by a word and tells whether it knew the word.
func look(s *excelize.Style, word string) bool {
	switch word {
	case "title":
		s.Font.Size, s.Font.Bold = 16, true
	case "label":
		s.Font.Color = ink2
	case "plain":
	case "head":
		s.Font.Bold = true
		s.Fill = fill(sunk)
		s.Border = frame()
		s.Alignment.WrapText = true
		s.Alignment.Vertical = "center"
	case "ask":
		s.Fill = fill(watch)
	case "cell":
		s.Border = frame()
		s.Alignment.WrapText = true
	case "input":
		s.Border = frame()
		s.Fill = fill(watch)
		s.Alignment.WrapText = true
		s.Protection = &excelize.Protection{Locked: false}
	case "open":
		s.Protection = &excelize.Protection{Locked: false}
	case "sunk":
		s.Fill = fill(sunk)
	case "wrap":
		s.Alignment.WrapText, s.Alignment.Vertical = true, "top"
	case "bold":
		s.Font.Bold = true
	case "changed":
		s.Font.Bold, s.Font.Color = true, changed
	case "action":
		s.Font.Bold, s.Font.Color = true, action
	case "right":
		s.Alignment.Horizontal = "right"
	default:
		return false
	}
	return true
}

func fill(colour string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
}

func frame() []excelize.Border {
	var bs []excelize.Border
	for _, side := range []string{"left", "right", "top", "bottom"} {
		bs = append(bs, excelize.Border{Type: side, Color: line, Style: 1})
	}
	return bs
}
