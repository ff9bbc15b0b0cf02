// Package delimited reads and copies .csv files as streams: whatever Excel, WPS or a till writes under that name, in UTF-8,
// UTF-16 or GB18030, with commas, semicolons, tabs or bars, with any line ends.
package delimited

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"milkrun/internal/sheet/notice"
)

// Encoding of the text.
type Encoding uint8

// The encodings that are recognised. ASCII is UTF-8 of which nothing is beyond ASCII.
const (
	ASCII Encoding = iota
	UTF8
	UTF8BOM
	UTF16LE
	UTF16BE
	GB18030
)

// String names the encoding for a person.
func (e Encoding) String() string {
	return [...]string{"ASCII", "UTF-8", "UTF-8 BOM", "UTF-16 LE", "UTF-16 BE", "GB18030"}[e]
}

func (e Encoding) of() encoding.Encoding {
	switch e {
	case UTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case UTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case GB18030:
		return simplifiedchinese.GB18030
	default:
		return encoding.Nop
	}
}

var errBinary = errors.New("delimited: not a text")

// census counts what tells encodings apart, in one walk over the file.
type census struct {
	size, nulEven, nulOdd, control, high int64
	badUTF8, badGB, gbChars              int64
}

// detectEncoding reads the whole text once. UTF-8 is taken when all of it is well formed, GB18030 when that is; a few
// broken characters (one in a thousand bytes) are let through and later shown in their cells.
func detectEncoding(r io.ReaderAt, size int64) (Encoding, error) {
	var head [4]byte
	n, err := r.ReadAt(head[:min(4, size)], 0)
	if err != nil && err != io.EOF {
		return 0, err
	}
	switch h := head[:n]; {
	case bytes.HasPrefix(h, []byte("\xEF\xBB\xBF")):
		return UTF8BOM, nil
	case bytes.HasPrefix(h, []byte("\xFF\xFE")):
		return UTF16LE, nil
	case bytes.HasPrefix(h, []byte("\xFE\xFF")):
		return UTF16BE, nil
	}
	c, err := count(io.NewSectionReader(r, 0, size))
	if err != nil {
		return 0, err
	}
	return c.decide()
}

func (c *census) decide() (Encoding, error) {
	tolerated := c.size / 1000
	switch nul := c.nulEven + c.nulOdd; {
	case nul > c.size/4 && c.nulOdd > 20*c.nulEven:
		return UTF16LE, nil
	case nul > c.size/4 && c.nulEven > 20*c.nulOdd:
		return UTF16BE, nil
	case c.control > 0 && c.control > c.size/200, nul > 8 && nul > c.size/20:
		return 0, notice.Refuse(notice.FileNotSheet, errBinary, kindWords)
	case c.high == 0:
		return ASCII, nil
	// Misread as GB18030, UTF-8 gives many characters; misread as UTF-8, GB18030 gives a fault for almost each.
	case c.badUTF8 == 0, c.badUTF8 <= tolerated && c.badUTF8 <= c.gbChars/50:
		return UTF8, nil
	case c.badGB <= tolerated:
		return GB18030, nil
	case c.badUTF8 <= tolerated:
		return UTF8, nil
	default:
		return 0, notice.Refuse(notice.FileEncoding, nil)
	}
}

type words struct{ zh, en string }

func (w words) In(language string) string {
	if language == "en" {
		return w.en
	}
	return w.zh
}

var kindWords = words{"二进制文件", "a binary file"}

// count walks over the text in pieces, keeping a cut character for the next piece.
func count(r io.Reader) (*census, error) {
	var c census
	buf := make([]byte, 256<<10)
	kept := 0
	for {
		n, err := io.ReadFull(r, buf[kept:])
		last := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !last {
			return nil, err
		}
		b := buf[:kept+n]
		c.bytes(b[kept:])
		ascii := !hasHigh(b)
		kept = 0
		if !ascii {
			kept = c.characters(b, last)
		}
		copy(buf, b[len(b)-kept:])
		if last {
			return &c, nil
		}
	}
}

func hasHigh(b []byte) bool {
	for _, x := range b {
		if x >= 0x80 {
			return true
		}
	}
	return false
}

func (c *census) bytes(b []byte) {
	for i, x := range b {
		switch {
		case x == 0:
			if (c.size+int64(i))%2 == 0 {
				c.nulEven++
			} else {
				c.nulOdd++
			}
		case x < 0x20 && x != '\t' && x != '\n' && x != '\r' && x != 0x0C && x != 0x1A, x == 0x7F:
			c.control++
		case x >= 0x80:
			c.high++
		}
	}
	c.size += int64(len(b))
}

// characters counts malformed characters under both readings and gives the number of bytes at the end to look at again,
// cut at a place that is a boundary for both: behind the last ASCII control or blank.
func (c *census) characters(b []byte, last bool) (kept int) {
	end := len(b)
	if !last {
		// A byte below 0x30 is never part of a longer character in either encoding.
		for end > 0 && b[end-1] >= 0x30 {
			end--
		}
		if len(b)-end > 1024 {
			end = len(b) // no such place: one character may be miscounted
		}
	}
	for s := b[:end]; len(s) > 0; {
		r, n := utf8.DecodeRune(s)
		if r == utf8.RuneError && n == 1 {
			c.badUTF8++
		}
		s = s[n:]
	}
	for s := b[:end]; len(s) > 0; {
		n := gbLen(s)
		switch {
		case n == 0:
			c.badGB++
			n = 1
		case n > 1:
			c.gbChars++
		}
		s = s[n:]
	}
	return len(b) - end
}

// gbLen gives the length of the GB18030 character at the start of s, 0 if there is none (GB 18030-2005, clause 5).
func gbLen(s []byte) int {
	between := func(i int, lo, hi byte) bool { return i < len(s) && s[i] >= lo && s[i] <= hi }
	switch {
	case s[0] < 0x80:
		return 1
	case !between(0, 0x81, 0xFE):
		return 0
	case between(1, 0x40, 0x7E), between(1, 0x80, 0xFE):
		return 2
	case between(1, 0x30, 0x39) && between(2, 0x81, 0xFE) && between(3, 0x30, 0x39):
		return 4
	}
	return 0
}

// decoded gives the text as UTF-8 without byte order mark.
func decoded(r io.ReaderAt, size int64, e Encoding) io.Reader {
	skip := map[Encoding]int64{UTF8BOM: 3}[e]
	in := io.NewSectionReader(r, skip, max(0, size-skip))
	switch e {
	case ASCII, UTF8, UTF8BOM:
		return in
	case UTF16LE, UTF16BE:
		b := bufio.NewReaderSize(e.of().NewDecoder().Reader(in), 64<<10)
		if r, _, err := b.ReadRune(); err == nil && r != '\uFEFF' {
			_ = b.UnreadRune()
		}
		return b
	default:
		return e.of().NewDecoder().Reader(in)
	}
}
