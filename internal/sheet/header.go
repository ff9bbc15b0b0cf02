package sheet

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"milkrun/internal/catalog"
	"milkrun/internal/sheet/cell"
	"milkrun/internal/sheet/grid"
)

// ResultHeader is the header of the column that WriteResult adds. It is known again when the file comes back.
const ResultHeader = "结果 / Result"

// How well a header fits a name, from a part of it to the whole.
const (
	fitPart = iota + 1
	fitBase
	fitWhole
)

var (
	brackets   = regexp.MustCompile(`[（(\[【［｛{]([^）)\]】］｝}]*)[）)\]】］｝}]`)
	unitBehind = regexp.MustCompile(`[/／:：]\s*(箱|件|元|分|万元|kg|g|cm|mm|m3|ctn|pcs)\s*$`)
)

// caption is the text of a header cell, taken apart.
type caption struct {
	whole string // folded
	base  string // folded, without what stands in brackets
	parts []string
	unit  string
}

func captionOf(text string) caption {
	if len(text) > 512 {
		text = text[:512]
	}
	text = strings.ToValidUTF8(text, "")
	c := caption{whole: catalog.Fold(text)}
	bare := brackets.ReplaceAllStringFunc(text, func(s string) string {
		if c.unit == "" {
			c.unit = cell.UnitIn(brackets.FindStringSubmatch(s)[1])
		}
		return " "
	})
	if m := unitBehind.FindStringSubmatch(bare); m != nil && c.unit == "" {
		c.unit = m[1]
	}
	if c.base = catalog.Fold(bare); c.base == "" {
		c.base = c.whole
	}
	c.parts = captionParts(bare)
	return c
}

// captionParts splits a bilingual header: at line breaks, slashes and bars, and between Chinese and Latin.
func captionParts(s string) []string {
	var out []string
	var b strings.Builder
	han := false
	flush := func() {
		if p := catalog.Fold(b.String()); p != "" {
			out = append(out, p)
		}
		b.Reset()
	}
	for _, r := range s {
		switch {
		case strings.ContainsRune("/|\n\r／｜、;；", r):
			flush()
			continue
		case unicode.Is(unicode.Han, r) && !han:
			flush()
			han = true
		case unicode.IsLetter(r) && !unicode.Is(unicode.Han, r) && han:
			flush()
			han = false
		}
		b.WriteRune(r)
	}
	flush()
	return out
}

// lexicon knows the names of the wanted columns.
type lexicon struct {
	cols  []Column
	names map[string]int
}

func newLexicon(cols []Column) *lexicon {
	l := &lexicon{cols: cols, names: map[string]int{}}
	for i, c := range cols {
		for _, name := range append([]string{c.Title.ZH, c.Title.EN, c.ID}, c.Names...) {
			if key := catalog.Fold(name); key != "" {
				if _, taken := l.names[key]; !taken {
					l.names[key] = i
				}
			}
		}
	}
	return l
}

// find gives the column that a caption means, and how well it fits; fit 0 means none.
func (l *lexicon) find(c caption) (col, fit int) {
	if i, ok := l.names[c.whole]; ok {
		return i, fitWhole
	}
	if i, ok := l.names[c.base]; ok {
		return i, fitBase
	}
	found := -1
	for _, p := range c.parts {
		if i, ok := l.names[p]; ok {
			if found >= 0 && found != i {
				return 0, 0 // the parts mean different columns
			}
			found = i
		}
	}
	if found < 0 {
		return 0, 0
	}
	return found, fitPart
}

// hit is a cell of a candidate header that names a wanted column.
type hit struct {
	at, fit int
	text    string
	unit    string
}

// candidate is a row, or two, read as a header.
type candidate struct {
	first, last int // indices of rows
	hits        map[int]hit
	twins       map[int]int // wanted column → the other place
	other       map[int]string
	score       int
	complete    bool
}

func (l *lexicon) try(rows []grid.Row, first, last int) candidate {
	c := candidate{first: first, last: last, hits: map[int]hit{}, twins: map[int]int{}, other: map[int]string{}}
	for at, texts := range headerTexts(rows, first, last) {
		col, h := -1, hit{at: at, text: texts[0]}
		for _, text := range texts {
			named := captionOf(text)
			if i, fit := l.find(named); fit > h.fit {
				col, h.fit, h.unit, h.text = i, fit, named.unit, text
			} else if h.unit == "" && i == col {
				h.unit = named.unit
			}
		}
		if col < 0 {
			c.other[at] = texts[0]
			continue
		}
		c.take(col, h)
	}
	c.complete = true
	for i := range l.cols {
		h, ok := c.hits[i]
		switch {
		case ok && l.cols[i].Required:
			c.score += h.fit + 6
		case ok:
			c.score += h.fit + 1
		case l.cols[i].Required:
			_, other := c.hits[l.index(l.cols[i].Or)]
			c.complete = c.complete && other
		}
	}
	return c
}

// index gives the place of the column with that ID among the wanted ones, -1 for none.
func (l *lexicon) index(id string) int {
	return slices.IndexFunc(l.cols, func(c Column) bool { return c.ID == id && id != "" })
}

// take keeps the better of two cells that name the same column, and the left one of equals.
func (c *candidate) take(col int, h hit) {
	old, ok := c.hits[col]
	switch {
	case !ok:
		c.hits[col] = h
		return
	case h.fit == old.fit:
		if h.at < old.at {
			old, h = h, old
		}
		if other, ok := c.twins[col]; !ok || h.at < other {
			c.twins[col] = h.at
		}
		c.hits[col] = old
		c.other[h.at] = h.text
		return
	case h.fit < old.fit:
		c.other[h.at] = h.text
		return
	}
	c.hits[col] = h
	c.other[old.at] = old.text
	delete(c.twins, col)
}

// headerTexts gives, for each column, the texts by which a header of one or two rows may be meant. Above a second row, a
// group's caption reaches right over the empty cells beside it.
func headerTexts(rows []grid.Row, first, last int) map[int][]string {
	out := map[int][]string{}
	text := func(c *grid.Cell) string { return strings.TrimSpace(string(c.Text)) }
	top := &rows[first]
	if first == last {
		for i := range top.Cells {
			if c := &top.Cells[i]; c.From == 0 {
				out[c.Col] = []string{text(c)}
			}
		}
		return out
	}
	bottom := &rows[last]
	for i := range top.Cells {
		if c := &top.Cells[i]; bottom.At(c.Col) == nil {
			out[c.Col] = []string{text(c)}
		}
	}
	group, next := "", 0
	for i := range bottom.Cells {
		c := &bottom.Cells[i]
		for next < len(top.Cells) && top.Cells[next].Col <= c.Col {
			group = text(&top.Cells[next])
			next++
		}
		t := text(c)
		out[c.Col] = []string{t}
		if group != "" && group != t {
			out[c.Col] = []string{t, group + t, t + group}
		}
	}
	return out
}
