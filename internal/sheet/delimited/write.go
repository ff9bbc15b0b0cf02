package delimited

import (
	"bytes"
	"context"
	"io"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"

	"milkrun/internal/sheet/grid"
)

// Writer writes lines in an encoding.
type Writer struct {
	w     io.WriteCloser
	comma byte
	end   string
	buf   []byte
	first bool
}

// NewWriter writes the byte order mark, where the encoding has one, and gives a writer of lines ending with \r\n.
func NewWriter(w io.Writer, e Encoding, comma byte) (*Writer, error) {
	out := &Writer{comma: comma, end: "\r\n", first: true}
	switch e {
	case UTF8BOM:
		if _, err := io.WriteString(w, "\uFEFF"); err != nil {
			return nil, err
		}
	case UTF16LE, UTF16BE, GB18030:
		out.w = transform.NewWriter(w, encoding.ReplaceUnsupported(e.of().NewEncoder()))
		if e != GB18030 {
			if _, err := io.WriteString(out.w, "\uFEFF"); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	out.w = nopCloser{w}
	return out, nil
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// Field adds a field to the current line. Text that a spreadsheet would take for a formula (it begins with = + - @, a tab
// or a return) gets an apostrophe before it when guard is set.
func (w *Writer) Field(text string, guard bool) {
	if !w.first {
		w.buf = append(w.buf, w.comma)
	}
	w.first = false
	w.buf = appendField(w.buf, text, w.comma, guard)
}

func appendField(dst []byte, text string, comma byte, guard bool) []byte {
	if guard && text != "" && bytes.IndexByte([]byte("=+-@\t\r"), text[0]) >= 0 {
		text = "'" + text
	}
	quote := false
	for i := 0; i < len(text) && !quote; i++ {
		c := text[i]
		quote = c == comma || c == '"' || c == '\n' || c == '\r' || c == ' ' && (i == 0 || i == len(text)-1)
	}
	if !quote {
		return append(dst, text...)
	}
	dst = append(dst, '"')
	for i := range len(text) {
		if text[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, text[i])
	}
	return append(dst, '"')
}

// Line ends the current line and writes it.
func (w *Writer) Line() error {
	w.buf = append(w.buf, w.end...)
	_, err := w.w.Write(w.buf)
	w.buf, w.first = w.buf[:0], true
	return err
}

// Close flushes the encoder.
func (w *Writer) Close() error { return w.w.Close() }

// Width gives the number of fields of the longest line.
func (t *Text) Width(ctx context.Context) (int, error) {
	rows, err := t.Rows()
	if err != nil {
		return 0, err
	}
	var row grid.Row
	width := 0
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		err := rows.Next(&row)
		if err == io.EOF {
			return width, nil
		}
		if err != nil {
			return 0, err
		}
		width = max(width, row.Width)
	}
}

// Annotate copies the text to w in its own encoding with one more column at col (from 0), where note gives the text for a
// row. Every line is copied as it stands up to that column; a column that is there already is replaced, so that a file
// that came back once can come back again. A text that was pure ASCII gets a byte order mark, without which a spreadsheet
// would misread the Chinese notes.
func (t *Text) Annotate(w io.Writer, col int, note func(row int) (string, error)) error {
	e := t.Encoding
	if e == ASCII {
		e = UTF8BOM
	}
	out, err := NewWriter(w, e, t.Comma)
	if err != nil {
		return err
	}
	if t.skip {
		out.buf = append(append(out.buf, "sep="...), t.Comma)
		if err := out.Line(); err != nil {
			return err
		}
	}
	rows, err := t.Rows()
	if err != nil {
		return err
	}
	var row grid.Row
	for {
		err := rows.Next(&row)
		if err == io.EOF {
			return out.Close()
		}
		if err != nil {
			return err
		}
		text, err := note(row.Number)
		if err != nil {
			return err
		}
		if row.Width <= col {
			out.buf = append(out.buf, rows.line()...)
			if text != "" {
				out.buf = append(out.buf, bytes.Repeat([]byte{t.Comma}, col-row.Width+1)...)
				out.buf = appendField(out.buf, text, t.Comma, true)
			}
		} else {
			t.rewrite(out, &row, col, text)
		}
		if err := out.Line(); err != nil {
			return err
		}
	}
}

// rewrite writes a line anew with the field at col replaced.
func (t *Text) rewrite(out *Writer, row *grid.Row, col int, text string) {
	for i := range row.Width {
		switch cell := row.At(i); {
		case i == col:
			out.Field(text, true)
		case cell == nil:
			out.Field("", false)
		default:
			out.Field(string(cell.Text), false)
		}
	}
}
