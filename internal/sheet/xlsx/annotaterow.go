package xlsx

import (
	"bytes"
	"encoding/xml"
	"strconv"

	"milkrun/internal/sheet/grid"
)

// row copies one row: its cells, those that must be coloured, and its note.
func (a *annotator) row() error {
	a.number++
	a.out.text("<", a.prefix, "row")
	for rest := a.attrs; ; {
		name, value, more, ok := nextAttr(rest)
		if !ok {
			break
		}
		rest = more
		switch string(name) {
		case "spans": // it would have to grow; it may be left out
			continue
		case "r":
			n, err := strconv.Atoi(string(value))
			if err != nil || n < a.number {
				return errOrder
			}
			a.number = n
		}
		a.out.attr(name, value)
	}
	a.out.text(">")
	for a.note.Row > 0 && a.note.Row < a.number {
		if err := a.advance(); err != nil {
			return err
		}
	}
	var note *Note
	if a.note.Row == a.number {
		note = &a.note
	}
	if err := a.cells(note); err != nil {
		return err
	}
	a.out.text("</", a.prefix, "row>")
	if a.out.err != nil {
		return a.out.err
	}
	if note != nil {
		return a.advance()
	}
	return nil
}

func (a *annotator) cells(note *Note) error {
	var marks []Mark
	written := note == nil
	if note != nil {
		marks = note.Marks
	}
	upTo := func(col int) {
		for len(marks) > 0 && marks[0].Col < col {
			if marks[0].Col != a.col {
				a.empty(marks[0])
			}
			marks = marks[1:]
		}
		if !written && col > a.col {
			a.result(note)
			written = true
		}
	}
	col := -1
	for {
		if err := a.inner(); err != nil {
			return err
		}
		if a.is(endTag, "row") {
			upTo(1 << 20)
			return nil
		}
		if !a.is(startTag, "c") {
			a.keep()
			continue
		}
		var attrs cellAttrs
		if err := attrs.read(a.attrs); err != nil {
			return err
		}
		if attrs.col < 0 {
			attrs.col = col + 1
		}
		col = attrs.col
		upTo(col)
		tone := Plain
		if len(marks) > 0 && marks[0].Col == col {
			tone, marks = marks[0].Tone, marks[1:]
		}
		if err := a.cell(attrs, tone); err != nil {
			return err
		}
	}
}

// cell copies one cell, or drops it where the note goes.
func (a *annotator) cell(attrs cellAttrs, tone Tone) error {
	drop := attrs.col == a.col
	switch {
	case drop:
	case tone == Plain || a.palette == nil:
		a.keep()
	default:
		a.restyled(attrs.style, tone)
	}
	for {
		if err := a.inner(); err != nil {
			return err
		}
		if !drop {
			a.keep()
		}
		if a.is(endTag, "c") {
			return nil
		}
	}
}

// restyled writes the start tag of a cell with another style.
func (a *annotator) restyled(style int, tone Tone) {
	a.out.text("<", a.prefix, "c")
	for rest := a.attrs; ; {
		name, value, more, ok := nextAttr(rest)
		if !ok {
			break
		}
		if rest = more; string(name) != "s" {
			a.out.attr(name, value)
		}
	}
	a.out.text(` s="`, strconv.Itoa(a.palette.marked(style, tone)), `"`)
	if a.closed {
		a.out.text("/")
	}
	a.out.text(">")
}

// empty writes a coloured cell where there was none.
func (a *annotator) empty(m Mark) {
	if a.palette == nil {
		return
	}
	a.out.text("<", a.prefix, `c r="`, grid.Ref(a.number, m.Col), `" s="`, strconv.Itoa(a.palette.marked(0, m.Tone)), `"/>`)
}

func (a *annotator) result(n *Note) {
	if n.Text == "" {
		return
	}
	a.out.text("<", a.prefix, `c r="`, grid.Ref(a.number, a.col), `"`)
	if a.palette != nil {
		a.out.text(` s="`, strconv.Itoa(a.palette.result(n.Tone)), `"`)
	}
	a.out.text(` t="inlineStr"><`, a.prefix, `is><`, a.prefix, `t xml:space="preserve">`)
	var text bytes.Buffer
	_ = xml.EscapeText(&text, []byte(n.Text))
	a.out.b = append(a.out.b, text.Bytes()...)
	a.out.text(`</`, a.prefix, `t></`, a.prefix, `is></`, a.prefix, `c>`)
}
