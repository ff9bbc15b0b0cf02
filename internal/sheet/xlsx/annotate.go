package xlsx

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"iter"
	"strconv"

	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

// Tone colours a cell.
type Tone uint8

// The tones: as it is, right, mended, wrong, passed over, and the header of the added column.
const (
	Plain Tone = iota
	Good
	Mended
	Bad
	Skipped
	Header
)

// Mark colours one cell of a row; only Mended and Bad apply.
type Mark struct {
	Col  int
	Tone Tone
}

// Note is what is written beside one row.
type Note struct {
	Row  int
	Text string
	Tone Tone
	// Marks ascend by Col.
	Marks []Mark
}

// MaxCol gives the last column of the sheet with content.
func (w *Workbook) MaxCol(ctx context.Context, s Sheet) (int, error) {
	rows, err := w.Rows(s)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var row grid.Row
	last := 0
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		err := rows.Next(&row)
		if err == io.EOF {
			return last, nil
		}
		if err != nil {
			return 0, err
		}
		if n := len(row.Cells); n > 0 {
			last = max(last, row.Cells[n-1].Col)
		}
	}
}

// Annotate writes a copy of the workbook with a note beside each row of the sheet, in column col, and marks in its cells.
// Everything else is copied as it is: formats, pictures, other sheets, parts that nobody here knows. Notes must ascend
// by row; what the column held before is replaced. Memory does not grow with the file.
func (w *Workbook) Annotate(ctx context.Context, dst io.Writer, s Sheet, col int, notes iter.Seq2[Note, error]) error {
	if col > 16383 {
		return notice.Refuse(notice.TooManyColumns, nil, 16384, 1)
	}
	z := zip.NewWriter(dst)
	palette, err := w.readPalette()
	if err != nil {
		return err
	}
	sheet, styles := partName(s.part), partName(w.stylesPart)
	for _, f := range w.zip.zip.File {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		switch name := partName(f.Name); {
		case name == sheet:
			err = w.annotateSheet(ctx, z, f.Name, s, col, palette, notes)
		case name == styles && palette != nil:
			err = writePart(z, f.Name, func(out io.Writer) error { return palette.write(w, out) })
		default:
			if err = z.Copy(f); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, zip.ErrFormat) {
				err = notice.Refuse(notice.FileDamaged, err) // a part that nobody has read yet
			}
		}
		if err != nil {
			return err
		}
	}
	return z.Close()
}

func writePart(z *zip.Writer, name string, write func(io.Writer) error) error {
	out, err := z.Create(name)
	if err != nil {
		return err
	}
	return write(out)
}

func (w *Workbook) annotateSheet(ctx context.Context, z *zip.Writer, name string, s Sheet, col int, p *palette, notes iter.Seq2[Note, error]) error {
	in, err := w.zip.scan(s.part)
	if err != nil {
		return err
	}
	defer in.Close()
	next, stop := iter.Pull2(notes)
	defer stop()
	return writePart(z, name, func(out io.Writer) error {
		a := annotator{scanner: in.scanner, out: buffered{w: out}, col: col, palette: p, next: next}
		if err := a.advance(); err != nil {
			return err
		}
		if err := a.copy(ctx); err != nil {
			return xmlFault(err)
		}
		return a.out.flush()
	})
}

// buffered is a small buffer that keeps its first error.
type buffered struct {
	w   io.Writer
	b   []byte
	err error
}

func (o *buffered) Write(p []byte) (int, error) {
	o.b = append(o.b, p...)
	if len(o.b) > 32<<10 {
		return len(p), o.flush()
	}
	return len(p), o.err
}

func (o *buffered) text(parts ...string) {
	for _, p := range parts {
		o.b = append(o.b, p...)
	}
}

// attr writes an attribute whose value is raw, in whatever quotes it stood.
func (o *buffered) attr(name, value []byte) {
	o.text(" ", string(name), `="`)
	if bytes.IndexByte(value, '"') >= 0 {
		value = bytes.ReplaceAll(value, []byte(`"`), []byte("&quot;"))
	}
	o.b = append(o.b, value...)
	o.text(`"`)
}

func (o *buffered) flush() error {
	if o.err == nil {
		_, o.err = o.w.Write(o.b)
	}
	o.b = o.b[:0]
	return o.err
}

// annotator copies the XML of a sheet token by token.
type annotator struct {
	*scanner
	out     buffered
	col     int
	palette *palette
	next    func() (Note, error, bool)
	note    Note // the next one to write; Row 0 behind the last
	prefix  string
	number  int
	wide    bool // the column's width has been set
}

// advance takes the next note.
func (a *annotator) advance() error {
	last := a.note.Row
	n, err, ok := a.next()
	if err != nil {
		return err
	}
	if !ok {
		n = Note{}
	} else if n.Row <= last {
		return errOrder
	}
	a.note = n
	return nil
}

func (a *annotator) copy(ctx context.Context) error {
	a.out.text(xml.Header)
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		err := a.scanner.next()
		if err == io.EOF {
			return a.out.err
		}
		if err != nil {
			return err
		}
		switch {
		case a.kind == other && bytes.HasPrefix(a.raw(), []byte("<?xml ")):
		case a.kind != other && a.kind != charData && string(a.name) == "dimension":
			// It would have to grow; it may be left out.
		case a.is(endTag, "cols"):
			if !a.wide {
				a.width()
			}
			a.keep()
		case a.is(startTag, "col"):
			// A width that covers the column already stays.
			last, _ := strconv.Atoi(a.attr("max"))
			a.wide = a.wide || last > a.col
			a.keep()
		case a.is(startTag, "sheetData"):
			a.prefix = tagPrefix(a.raw())
			if !a.wide {
				a.out.text("<", a.prefix, "cols>")
				a.width()
				a.out.text("</", a.prefix, "cols>")
			}
			a.keep()
			if err := a.rows(ctx); err != nil {
				return err
			}
		default:
			a.keep()
		}
	}
}

// keep copies the current token.
func (a *annotator) keep() { _, _ = a.out.Write(a.raw()) }

func (a *annotator) width() {
	if a.prefix == "" {
		a.prefix = tagPrefix(a.raw())
	}
	c := strconv.Itoa(a.col + 1)
	a.out.text("<", a.prefix, `col min="`, c, `" max="`, c, `" width="48" customWidth="1"/>`)
	a.wide = true
}

// tagPrefix gives the namespace prefix of a tag with its colon, usually nothing.
func tagPrefix(raw []byte) string {
	raw = bytes.TrimLeft(raw, "</")
	end := bytes.IndexAny(raw, " \t\r\n/>")
	if end < 0 {
		end = len(raw)
	}
	return string(raw[:bytes.IndexByte(raw[:end], ':')+1])
}

// rows copies up to the end of sheetData.
func (a *annotator) rows(ctx context.Context) error {
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := a.inner(); err != nil {
			return err
		}
		switch {
		case a.is(endTag, "sheetData"):
			a.keep()
			return nil
		case a.is(startTag, "row"):
			if err := a.row(); err != nil {
				return err
			}
		default:
			a.keep()
		}
	}
}

func (a *annotator) inner() error {
	err := a.scanner.next()
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
