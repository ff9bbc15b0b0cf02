package delimited

import (
	"bytes"
	"io"

	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

// Reader reads a delimited text line by line. It is a grid.Source. Quotes count where a field begins with one; what
// follows a closing quote is kept as it stands. Lines end with \n, \r\n or \r. NUL characters are dropped.
type Reader struct {
	in     io.Reader
	comma  byte
	limits grid.Limits
	size   int64 // of the decoded text, as far as it is known
	read   int64

	buf        []byte
	start, pos int // of the line; behind what has been looked at
	end        int
	eof        bool
	number     int
	arena      []byte
}

// lineCells bounds a line to so many times the longest cell.
const lineCells = 16

// Done is the share of the text that has been read.
func (r *Reader) Done() float64 {
	if r.size <= 0 {
		return 1
	}
	return min(1, float64(r.read)/float64(r.size))
}

// Close does nothing: the file belongs to the caller.
func (r *Reader) Close() error { return nil }

// fill reads more behind the current line. It answers io.EOF when there is no more.
func (r *Reader) fill() error {
	if r.eof {
		return io.EOF
	}
	if r.start > 0 {
		copy(r.buf, r.buf[r.start:r.end])
		r.pos -= r.start
		r.end -= r.start
		r.start = 0
	}
	if r.end == len(r.buf) {
		if len(r.buf) >= lineCells*r.limits.CellBytes {
			return notice.Refuse(notice.CellTooLong, nil, r.number, r.limits.CellBytes)
		}
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	for range 100 {
		n, err := r.in.Read(r.buf[r.end:])
		r.end += n
		r.read += int64(n)
		if err == io.EOF {
			r.eof = true
			if n == 0 {
				return io.EOF
			}
			return nil
		}
		if err != nil || n > 0 {
			return err
		}
	}
	return io.ErrNoProgress
}

// Next fills row with the next line. Empty lines are rows without cells: the user sees them too.
func (r *Reader) Next(row *grid.Row) error {
	r.start = r.pos
	if r.pos == r.end {
		if err := r.fill(); err != nil {
			return err
		}
	}
	r.number++
	if r.number > r.limits.Rows {
		return notice.Refuse(notice.TooManyRows, nil, r.limits.Rows)
	}
	row.Number, row.Hidden, row.Width, row.Cells = r.number, false, 0, row.Cells[:0]
	r.arena = r.arena[:0]
	for {
		last, err := r.field(row)
		if err != nil || last {
			return err
		}
	}
}

// at gives the byte i behind the start of the line, reading on as needed.
func (r *Reader) at(i int) (byte, bool, error) {
	for r.start+i >= r.end {
		if err := r.fill(); err == io.EOF {
			return 0, false, nil
		} else if err != nil {
			return 0, false, err
		}
	}
	return r.buf[r.start+i], true, nil
}

// field reads one field and what ends it; last says that the line ends with it.
func (r *Reader) field(row *grid.Row) (last bool, err error) {
	from := r.pos - r.start
	i := from
	for {
		// Blanks before a quotation mark are no part of the field.
		c, ok, err := r.at(i)
		if err != nil {
			return false, err
		}
		if !ok || c != ' ' {
			if ok && c == '"' {
				return r.quoted(row, i+1)
			}
			break
		}
		i++
	}
	for {
		if n := r.stop(r.buf[r.start+i : r.end]); n >= 0 {
			i += n
			if err := r.tooLong(i - from); err != nil {
				return false, err
			}
			break
		}
		i = r.end - r.start
		if err := r.tooLong(i - from); err != nil {
			return false, err
		}
		if _, ok, err := r.at(i); err != nil {
			return false, err
		} else if !ok {
			break
		}
	}
	if err := r.keep(row, r.buf[r.start+from:r.start+i]); err != nil {
		return false, err
	}
	return r.ending(i)
}

// stop finds what ends a plain field.
func (r *Reader) stop(b []byte) int {
	for i, c := range b {
		if c == r.comma || c == '\n' || c == '\r' {
			return i
		}
	}
	return -1
}

// ending moves behind the delimiter or line end that stands i behind the start of the line.
func (r *Reader) ending(i int) (last bool, err error) {
	c, ok, err := r.at(i)
	if err != nil {
		return false, err
	}
	switch {
	case !ok:
		r.pos = r.end
		return true, nil
	case c == '\r':
		if c, ok, err = r.at(i + 1); err != nil {
			return false, err
		} else if ok && c == '\n' {
			i++
		}
		fallthrough
	case c == '\n':
		r.pos = r.start + i + 1
		return true, nil
	default:
		r.pos = r.start + i + 1
		return false, nil
	}
}

// quoted reads a field from behind its opening quotation mark.
func (r *Reader) quoted(row *grid.Row, i int) (last bool, err error) {
	from := len(r.arena)
	for {
		if r.start+i < r.end {
			// Copy up to the next mark at once.
			b := r.buf[r.start+i : r.end]
			n := bytes.IndexByte(b, '"')
			if n < 0 {
				n = len(b)
			}
			r.arena = append(r.arena, b[:n]...)
			i += n
			if err := r.tooLong(len(r.arena) - from); err != nil {
				return false, err
			}
		}
		c, ok, err := r.at(i)
		if err != nil {
			return false, err
		}
		if !ok {
			return false, notice.Refuse(notice.FileOpenQuote, nil, r.number)
		}
		if c != '"' {
			continue
		}
		i++
		if c, ok, err = r.at(i); err != nil {
			return false, err
		} else if !ok || c != '"' {
			break
		}
		r.arena = append(r.arena, '"')
		i++
	}
	tail := i
	for {
		c, ok, err := r.at(i)
		if err != nil {
			return false, err
		}
		if !ok || c == r.comma || c == '\n' || c == '\r' {
			break
		}
		i++
		if err := r.tooLong(i - tail); err != nil {
			return false, err
		}
	}
	r.arena = append(r.arena, bytes.TrimRight(r.buf[r.start+tail:r.start+i], " ")...)
	if err := r.keep(row, r.arena[from:len(r.arena):len(r.arena)]); err != nil {
		return false, err
	}
	return r.ending(i)
}

func (r *Reader) tooLong(n int) error {
	if n > r.limits.CellBytes {
		return notice.Refuse(notice.CellTooLong, nil, r.number, r.limits.CellBytes)
	}
	return nil
}

// keep adds a field to the row. Its text is copied: the buffer may move while the rest of the line is read.
func (r *Reader) keep(row *grid.Row, text []byte) error {
	col := row.Width
	row.Width++
	if bytes.IndexByte(text, 0) >= 0 {
		text = bytes.ReplaceAll(text, []byte{0}, nil)
	}
	if blank(text) {
		return nil
	}
	if col >= r.limits.Columns {
		return notice.Refuse(notice.TooManyColumns, nil, r.limits.Columns, r.number)
	}
	from := len(r.arena)
	r.arena = append(r.arena, text...)
	row.Cells = append(row.Cells, grid.Cell{Col: col, Kind: grid.Text, Text: r.arena[from:len(r.arena):len(r.arena)]})
	return nil
}

func blank(text []byte) bool {
	for _, c := range text {
		if c != ' ' && c != '\t' {
			return false
		}
	}
	return true
}

// line gives the line that was read last as it stands, decoded, without its end.
func (r *Reader) line() []byte { return bytes.TrimRight(r.buf[r.start:r.pos], "\r\n") }
