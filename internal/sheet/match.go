package sheet

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"milkrun/internal/catalog"
	"milkrun/internal/sheet/cell"
	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

// headerRows is how many rows with content are searched for the header.
const headerRows = 30

// Found is a wanted column in the file.
type Found struct {
	Column *Column
	// At is its place, from 0.
	At int
	// Header is what the file calls it; Unit is what stands in its brackets.
	Header, Unit string
}

// Heading is a column of the file that was not asked for.
type Heading struct {
	At   int
	Text string
}

// Layout is a sheet whose header has been understood.
type Layout struct {
	// Sheet is the worksheet's name, empty in a CSV.
	Sheet string
	// HeaderRow is the row of the header, HeaderLast the last row of it (a header may have two rows).
	HeaderRow, HeaderLast int
	// Found are the wanted columns that are there, in the order of the file.
	Found []Found
	// Unused are the other columns that have a header.
	Unused []Heading
	// Twins are optional columns whose header occurs twice; the left one is read.
	Twins []Heading
	// Also names further visible worksheets that would fit; they are not read.
	Also []string
	// Merged says that merged cells below the header are expanded.
	Merged bool

	file    *File
	sheet   int
	columns []Column
	at      map[string]int // ID → index in Found; -1 where the file lacks it
	headers map[int]string // place → folded header
	needed  []bool         // by Found: the column is required, or stands in for one that is
	width   int            // fields of a CSV's header
	merges  []grid.Merge
	result  int // place of the result column of an earlier round, -1 for none
	orders  map[int]cell.DateOrder
}

// Match finds the header: among the first rows with content of each visible worksheet (or of the one the options name), the
// row, or pair of rows, that names the most of the wanted columns, in any order and language. It answers a
// *notice.Refusal when no row does, when required columns are missing, or when a required one occurs twice.
func (f *File) Match(columns []Column) (*Layout, error) {
	sheets, err := f.eligible()
	if err != nil {
		return nil, err
	}
	lex := newLexicon(columns)
	var best *proposal
	var also []string
	for _, i := range sheets {
		p, err := f.propose(lex, i)
		if err != nil {
			return nil, err
		}
		switch {
		case p == nil:
		case best == nil || p.better(best):
			if best != nil && best.complete {
				also = append(also, f.Sheets()[best.sheet].Name)
			}
			best = p
		case p.complete:
			also = append(also, f.Sheets()[i].Name)
		}
	}
	if err := refuse(f, lex, best); err != nil {
		return nil, err
	}
	l := f.layout(lex, best)
	l.Also = also
	if f.book != nil {
		if l.merges, err = f.book.Merges(f.book.Sheets[l.sheet]); err != nil {
			return nil, err
		}
		l.Merged = slices.ContainsFunc(l.merges, func(m grid.Merge) bool {
			return int(m.Top) > l.HeaderLast && m.Bottom > m.Top
		})
	}
	if l.orders, err = l.dateOrders(); err != nil {
		return nil, err
	}
	return l, nil
}

// eligible gives the worksheets to look at.
func (f *File) eligible() ([]int, error) {
	var out []int
	var names []string
	for i, s := range f.Sheets() {
		names = append(names, s.Name)
		if f.options.Sheet != "" && f.book != nil {
			if strings.EqualFold(strings.TrimSpace(s.Name), strings.TrimSpace(f.options.Sheet)) {
				return []int{i}, nil
			}
		} else if !s.Hidden {
			out = append(out, i)
		}
	}
	if f.options.Sheet != "" && f.book != nil {
		return nil, notice.Refuse(notice.NoSuchSheet, nil, f.options.Sheet, names)
	}
	if len(out) == 0 {
		return nil, notice.Refuse(notice.NoVisibleSheet, nil)
	}
	return out, nil
}

// proposal is the best header of one worksheet.
type proposal struct {
	candidate
	sheet int
	rows  []grid.Row
}

func (p *proposal) better(q *proposal) bool {
	if p.complete != q.complete {
		return p.complete
	}
	return p.score > q.score
}

func (f *File) propose(lex *lexicon, sheet int) (*proposal, error) {
	rows, err := f.head(sheet)
	if err != nil {
		return nil, err
	}
	best := &proposal{sheet: sheet, rows: rows}
	for depth := range 2 { // one row is preferred to two that say no more
		for i := range len(rows) - depth {
			if depth == 1 && rows[i+1].Number != rows[i].Number+1 {
				continue
			}
			c := lex.try(rows, i, i+depth)
			if p := (&proposal{candidate: c}); p.score > 0 && (best.hits == nil || p.better(best)) {
				best.candidate = c
			}
		}
	}
	if best.hits == nil {
		return nil, nil
	}
	return best, nil
}

// head reads the first rows that are not empty.
func (f *File) head(sheet int) ([]grid.Row, error) {
	src, err := f.source(sheet)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	var out []grid.Row
	var row grid.Row
	for len(out) < headerRows {
		if err := src.Next(&row); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if len(row.Cells) == 0 {
			continue
		}
		kept := row
		kept.Cells = slices.Clone(row.Cells)
		for i := range kept.Cells {
			kept.Cells[i].Text = bytes.Clone(kept.Cells[i].Text)
		}
		out = append(out, kept)
	}
	return out, nil
}

// refuse says what is wrong with the best header, nil if nothing is.
func refuse(f *File, lex *lexicon, best *proposal) error {
	wanted := func(language string, missing bool) []string {
		var out []string
		for i, c := range lex.cols {
			_, ok := best.get(i)
			name, other := c.Title.In(language), lex.index(c.Or)
			if other >= 0 {
				_, instead := best.get(other)
				ok = ok || instead
				name += map[string]string{"zh": " 或 ", "en": " or "}[language] + lex.cols[other].Title.In(language)
			}
			if c.Required && (!missing || !ok) {
				out = append(out, name)
			}
		}
		return out
	}
	if best == nil || (!best.complete && len(best.hits) < min(2, len(lex.cols))) {
		best = nil
		return notice.Refuse(notice.NoHeader, nil, headerRows, wanted("zh", false), wanted("en", false))
	}
	if !best.complete {
		name := f.Sheets()[best.sheet].Name
		if f.book == nil {
			name = "CSV"
		}
		var unused []string
		for _, at := range slices.Sorted(maps.Keys(best.other)) {
			unused = append(unused, cell.Shown(best.other[at]))
		}
		return notice.Refuse(notice.MissingColumns, nil, name, best.rows[best.first].Number, wanted("zh", true), wanted("en", true), unused)
	}
	for i, other := range best.twins {
		if c := lex.cols[i]; c.Required {
			return notice.Refuse(notice.TwinColumns, nil, c.Title, place(best.hits[i].at, best.hits[i].text), place(other, best.other[other]))
		}
	}
	return nil
}

func (p *proposal) get(col int) (hit, bool) {
	if p == nil {
		return hit{}, false
	}
	h, ok := p.hits[col]
	return h, ok
}

// place names a column as the user sees it: E “数量”.
func place(at int, text string) string { return grid.Letters(at) + " “" + cell.Shown(text) + "”" }

func (f *File) layout(lex *lexicon, p *proposal) *Layout {
	l := &Layout{
		Sheet: f.Sheets()[p.sheet].Name, HeaderRow: p.rows[p.first].Number, HeaderLast: p.rows[p.last].Number,
		file: f, sheet: p.sheet, columns: slices.Clone(lex.cols), at: map[string]int{}, headers: map[int]string{}, result: -1,
		width: p.rows[p.first].Width,
	}
	for i, h := range p.hits {
		l.Found = append(l.Found, Found{&l.columns[i], h.at, h.text, h.unit})
		l.headers[h.at] = catalog.Fold(h.text)
	}
	slices.SortFunc(l.Found, func(a, b Found) int { return a.At - b.At })
	for i := range l.columns {
		l.at[l.columns[i].ID] = slices.IndexFunc(l.Found, func(x Found) bool { return x.Column == &l.columns[i] })
	}
	for _, x := range l.Found {
		standsIn := slices.ContainsFunc(l.columns, func(c Column) bool { return c.Required && c.Or == x.Column.ID })
		l.needed = append(l.needed, x.Column.Required || standsIn)
	}
	twins := slices.Collect(maps.Values(p.twins))
	for _, at := range slices.Sorted(maps.Keys(p.other)) {
		h := Heading{at, p.other[at]}
		switch {
		case catalog.Fold(h.Text) == catalog.Fold(ResultHeader):
			l.result = at
		case slices.Contains(twins, at):
			l.Twins = append(l.Twins, h)
		default:
			l.Unused = append(l.Unused, h)
		}
		l.headers[at] = catalog.Fold(h.Text)
	}
	return l
}

// Has tells whether the file has the column.
func (l *Layout) Has(id string) bool { return l.index(id) >= 0 }

// index panics on an ID that was never declared: that is a slip of the program, not of the file.
func (l *Layout) index(id string) int {
	i, ok := l.at[id]
	if !ok {
		panic("sheet: column " + id + " was not declared")
	}
	return i
}

// column gives the wanted column of that ID.
func (l *Layout) column(id string) *Column {
	i := slices.IndexFunc(l.columns, func(c Column) bool { return c.ID == id })
	if i < 0 {
		panic("sheet: column " + id + " was not declared")
	}
	return &l.columns[i]
}
