package delimited

import (
	"bytes"
	"io"

	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

// Text is an open delimited file.
type Text struct {
	Encoding Encoding
	// Comma separates the fields.
	Comma byte

	r      io.ReaderAt
	size   int64
	skip   bool // the first line is Excel's "sep=;"
	limits grid.Limits
}

// Open finds the encoding, for which it reads the whole file once, and the delimiter.
func Open(r io.ReaderAt, size int64, limits grid.Limits) (*Text, error) {
	limits = limits.WithDefaults()
	e, err := detectEncoding(r, size)
	if err != nil {
		return nil, err
	}
	t := &Text{Encoding: e, r: r, size: size, limits: limits}
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(decoded(r, size, e), head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	head = head[:n]
	if len(bytes.TrimSpace(bytes.ReplaceAll(head, []byte{0}, nil))) == 0 && err != nil {
		return nil, notice.Refuse(notice.FileEmpty, nil)
	}
	if len(head) > 5 && bytes.EqualFold(head[:4], []byte("sep=")) && (head[5] == '\r' || head[5] == '\n') {
		t.Comma, t.skip = head[4], true
		return t, nil
	}
	t.Comma = delimiter(head)
	return t, nil
}

// Rows opens the text for reading.
func (t *Text) Rows() (*Reader, error) {
	r := &Reader{in: decoded(t.r, t.size, t.Encoding), comma: t.Comma, limits: t.limits, size: t.decodedSize(),
		buf: make([]byte, 128<<10)}
	if t.skip {
		var row grid.Row
		if err := r.Next(&row); err != nil {
			return nil, err
		}
		r.number = 0 // Excel does not show that line
	}
	return r, nil
}

// decodedSize guesses how many bytes the text has as UTF-8; it serves the progress bar only.
func (t *Text) decodedSize() int64 {
	switch t.Encoding {
	case UTF16LE, UTF16BE:
		return t.size * 5 / 8
	case GB18030:
		return t.size * 9 / 8
	default:
		return t.size
	}
}

// delimiter chooses among comma, semicolon, tab and bar the one that cuts the most of the first lines into the same
// number of fields, and into more of them where that is equal.
func delimiter(head []byte) byte {
	best, bestScore := byte(','), 0
	for _, c := range []byte{',', '\t', ';', '|'} {
		if s := consistency(head, c); s > bestScore {
			best, bestScore = c, s
		}
	}
	return best
}

// consistency counts the lines with the most frequent number of delimiters above zero, outside quotation marks.
func consistency(head []byte, comma byte) int {
	lines := map[int]int{}
	n, quote, seen := 0, false, 0
	for _, c := range head {
		switch {
		case c == '"':
			quote = !quote
		case quote:
		case c == comma:
			n++
		case c == '\n' || c == '\r':
			lines[n]++
			n = 0
			if seen++; seen == 100 {
				return score(lines)
			}
		}
	}
	lines[n]++
	return score(lines)
}

func score(lines map[int]int) int {
	best := 0
	for n, count := range lines {
		if n > 0 {
			best = max(best, count*1000+min(n, 999))
		}
	}
	return best
}
