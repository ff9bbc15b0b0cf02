package sheet

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"milkrun/internal/catalog"
	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

// Why says why rows hold no data.
type Why string

// The rows that are skipped.
const (
	Blank    Why = "blank"
	Total    Why = "total"
	Repeated Why = "repeated" // the header once more
	Footer   Why = "note"
	Hidden   Why = "hidden"
)

var whyNotes = map[Why]*notice.Reason{
	Blank:    {Code: "sheet.skip_blank", ZH: "空行，跳过", EN: "Empty, skipped"},
	Total:    {Code: "sheet.skip_total", ZH: "合计行，跳过", EN: "Total, skipped"},
	Repeated: {Code: "sheet.skip_repeated", ZH: "重复的表头，跳过", EN: "Header again, skipped"},
	Footer:   {Code: "sheet.skip_note", ZH: "说明文字，跳过", EN: "Note, skipped"},
	Hidden:   {Code: "sheet.skip_hidden", ZH: "隐藏的行，跳过", EN: "Hidden, skipped"},
}

// Note says it in words.
func (w Why) Note() notice.Note { return notice.Note{Reason: whyNotes[w]} }

// Skip is a row, or a run of empty rows, without data.
type Skip struct {
	Why         Why
	First, Last int
}

// Rows is how many rows it is.
func (s *Skip) Rows() int { return s.Last - s.First + 1 }

var (
	totalWords = []string{"合计", "总计", "小计", "共计", "累计", "总和", "汇总", "合計", "總計"}
	totalNames = map[string]bool{"total": true, "totals": true, "subtotal": true, "grandtotal": true, "sum": true, "总": true, "总数": true, "sumtotal": true, "totalpcs": true, "totalqty": true}
	footers    = []string{"备注", "说明", "注", "附注", "注意", "填写说明", "填表说明", "温馨提示", "制表", "制单", "审核", "复核", "签字", "签名", "盖章", "打印时间", "打印日期", "联系人", "以下空白", "以下无正文",
		"note", "notes", "remark", "remarks", "prepared by", "approved by", "signature", "printed", "page ", "end of"}
)

// classify gives why a row is skipped, "" for data.
func (l *Layout) classify(raw *grid.Row) Why {
	switch {
	case raw.Hidden && !l.file.options.IncludeHidden:
		return Hidden
	case l.isTotal(raw):
		return Total
	case l.isHeader(raw):
		return Repeated
	case l.isFooter(raw):
		return Footer
	}
	return ""
}

// isTotal looks for a word that says total, in a row whose required codes are empty (or hold that word).
func (l *Layout) isTotal(raw *grid.Row) bool {
	at := -1
	for i := range raw.Cells {
		if c := &raw.Cells[i]; c.Kind == grid.Text && c.From == 0 && len(c.Text) <= 64 && saysTotal(c.Text) {
			at = c.Col
			break
		}
	}
	if at < 0 {
		return false
	}
	for i, f := range l.Found {
		if l.needed[i] && (f.Column.Kind == Code || f.Column.Kind == GTIN) && f.At != at {
			if c := raw.At(f.At); c != nil && c.From == 0 {
				return false
			}
		}
	}
	return true
}

// saysTotal tells whether the text is a total's label: 合计, 合计：12 件, Total:. A name that only begins with such a word
// (Total Care) is none.
func saysTotal(text []byte) bool {
	if first := text[0]; first < 0x80 && first|0x20 != 't' && first|0x20 != 's' && first|0x20 != 'g' && first > ' ' {
		return false
	}
	s := catalog.Fold(string(text))
	if totalNames[s] {
		return true
	}
	for _, w := range totalWords {
		rest, ok := strings.CutPrefix(s, w)
		if !ok {
			continue
		}
		rest = strings.TrimFunc(rest, unicode.IsDigit)
		if utf8.RuneCountInString(rest) <= 2 {
			return true
		}
	}
	return false
}

// isHeader tells whether the row repeats the header: at least two of its cells, and more than half, stand under the same
// words.
func (l *Layout) isHeader(raw *grid.Row) bool {
	same, other := 0, 0
	for i := range raw.Cells {
		c := &raw.Cells[i]
		if c.From > 0 {
			continue
		}
		if h, ok := l.headers[c.Col]; ok && h != "" && c.Kind == grid.Text && len(c.Text) < 512 && catalog.Fold(string(c.Text)) == h {
			same++
		} else if other++; other > 2 && same == 0 {
			return false
		}
	}
	return same >= 2 && same > other
}

// isFooter tells whether the row is a remark: one or two texts in a row without the required cells, of which the first
// begins like one or is a sentence.
func (l *Layout) isFooter(raw *grid.Row) bool {
	var first *grid.Cell
	own := 0
	for i := range raw.Cells {
		c := &raw.Cells[i]
		if c.From > 0 {
			continue
		}
		if own++; own > 4 {
			return false
		}
		if first == nil {
			first = c
		}
	}
	if first == nil || first.Kind != grid.Text {
		return false
	}
	for i, f := range l.Found {
		if c := raw.At(f.At); l.needed[i] && f.At != first.Col && c != nil && c.From == 0 {
			return false
		}
	}
	s := strings.ToLower(strings.TrimLeft(strings.TrimSpace(string(first.Text)), "*※#【[（(＊"))
	for _, w := range footers {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return own <= 2 && utf8.RuneCountInString(s) > 24
}
