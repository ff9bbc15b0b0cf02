package xlsx

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strconv"
	"unicode/utf8"

	"milkrun/internal/sheet/notice"
)

const (
	blockStrings = 64
	maxStrings   = 1 << 26
	// cacheBytes is what one reader keeps of the blocks that lie in the temporary file.
	cacheBytes = 8 << 20
)

var errString = errors.New("xlsx: no such shared string")

// stringTable is the workbook's table of shared strings. It is cut into blocks of 64 strings: the ends of the strings
// (64 × uint32) and then their bytes. Blocks stay in memory up to a bound; those behind it go to a temporary file, of
// which memory holds 8 bytes a block, that is 125 kB for a million strings.
type stringTable struct {
	n       int
	mem     [][]byte
	held    int64
	bound   int64
	offsets []int64 // of the blocks in the file; one more than there are blocks
	file    *os.File
	tempDir string

	ends   [blockStrings]uint32 // of the block being built
	filled int
	data   []byte
}

// readStrings reads a shared string part; nil if there is none.
func (c *container) readStrings(name, tempDir string) (*stringTable, error) {
	p, err := c.scan(name)
	if p == nil || err != nil {
		return nil, err
	}
	defer p.Close()
	t := &stringTable{bound: c.limits.MemoryBytes, tempDir: tempDir}
	if err := t.read(p, c.limits.CellBytes); err != nil {
		return nil, errors.Join(xmlFault(err), t.Close())
	}
	return t, nil
}

func (t *stringTable) read(p *part, limit int) error {
	var text []byte
	for {
		err := p.next()
		if err == io.EOF {
			return t.flush()
		}
		if err != nil {
			return err
		}
		if !p.is(startTag, "si") {
			continue
		}
		if text, err = richText(p.scanner, text[:0], "si", limit); err != nil {
			if errors.Is(err, errLong) {
				return notice.Refuse(notice.CellTooLong, err, strconv.Itoa(t.n+1), limit)
			}
			return err
		}
		if err := t.add(text); err != nil {
			return err
		}
	}
}

// richText appends the text of a string item (shared or inline) up to its end tag: the runs one after the other, without
// the phonetic hints.
func richText(s *scanner, dst []byte, end string, limit int) ([]byte, error) {
	inText, phonetic, from := false, 0, len(dst)
	for {
		if err := s.next(); err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return dst, err
		}
		switch s.kind {
		case startTag:
			if string(s.name) == "rPh" {
				phonetic++
			}
			inText = string(s.name) == "t"
		case endTag:
			switch string(s.name) {
			case end:
				return unescapeHex(dst, from), nil
			case "rPh":
				phonetic--
			}
			inText = false
		case charData:
			if !inText || phonetic > 0 {
				continue
			}
			text, err := s.text()
			if err != nil {
				return dst, err
			}
			if dst = append(dst, text...); len(dst)-from > limit {
				return dst, errLong
			}
		}
	}
}

// unescapeHex resolves _x000D_ and the like in b[from:] (ECMA-376 part 1, 22.9.2.19, ST_Xstring).
func unescapeHex(b []byte, from int) []byte {
	out := from
	for i := from; i < len(b); i++ {
		if b[i] == '_' && i+6 < len(b) && b[i+1] == 'x' && b[i+6] == '_' {
			if v, err := strconv.ParseUint(string(b[i+2:i+6]), 16, 16); err == nil && utf8.ValidRune(rune(v)) {
				// Never longer than the seven bytes it replaces.
				out += utf8.EncodeRune(b[out:out+3:len(b)], rune(v))
				i += 6
				continue
			}
		}
		b[out] = b[i]
		out++
	}
	return b[:out]
}

func (t *stringTable) add(text []byte) error {
	if t.n >= maxStrings {
		return notice.Refuse(notice.FileBomb, nil)
	}
	t.data = append(t.data, text...)
	t.ends[t.filled] = uint32(len(t.data))
	t.n++
	if t.filled++; t.filled == blockStrings {
		return t.flush()
	}
	return nil
}

// flush closes the block being built.
func (t *stringTable) flush() error {
	if t.filled == 0 {
		return nil
	}
	block := make([]byte, blockStrings*4, blockStrings*4+len(t.data))
	for i := range t.filled {
		binary.LittleEndian.PutUint32(block[i*4:], t.ends[i])
	}
	t.filled = 0
	block = append(block, t.data...)
	if t.data = t.data[:0]; cap(t.data) > 1<<20 {
		t.data = nil
	}
	if t.file == nil && t.held+int64(len(block)) <= t.bound {
		t.held += int64(len(block))
		t.mem = append(t.mem, block)
		return nil
	}
	return t.spill(block)
}

func (t *stringTable) spill(block []byte) error {
	if t.file == nil {
		f, err := os.CreateTemp(t.tempDir, "milkrun-strings-*")
		if err != nil {
			return err
		}
		// Where the system allows it the file has no name from now on and cannot be left behind.
		os.Remove(f.Name())
		t.file, t.offsets = f, append(t.offsets, 0)
	}
	if _, err := t.file.Write(block); err != nil {
		return err
	}
	t.offsets = append(t.offsets, t.offsets[len(t.offsets)-1]+int64(len(block)))
	return nil
}

// Close removes the temporary file.
func (t *stringTable) Close() error {
	if t.file == nil {
		return nil
	}
	name := t.file.Name()
	err := t.file.Close()
	os.Remove(name)
	return err
}

// stringReader looks strings up for one reader, with a cache of its own.
type stringReader struct {
	t     *stringTable
	cache map[int][]byte
	held  int
	last  int // the block in use
	block []byte
}

func (t *stringTable) reader() *stringReader {
	return &stringReader{t: t, cache: map[int][]byte{}, last: -1}
}

// get gives string number i. The bytes are never overwritten.
func (r *stringReader) get(i int) ([]byte, error) {
	if r.t == nil || i < 0 || i >= r.t.n {
		return nil, errString
	}
	if b := i / blockStrings; b != r.last {
		block, err := r.load(b)
		if err != nil {
			return nil, err
		}
		r.last, r.block = b, block
	}
	at, start := i%blockStrings, uint32(0)
	if at > 0 {
		start = binary.LittleEndian.Uint32(r.block[(at-1)*4:])
	}
	end := binary.LittleEndian.Uint32(r.block[at*4:])
	return r.block[blockStrings*4+start : blockStrings*4+end], nil
}

func (r *stringReader) load(b int) ([]byte, error) {
	if b < len(r.t.mem) {
		return r.t.mem[b], nil
	}
	if block, ok := r.cache[b]; ok {
		return block, nil
	}
	i := b - len(r.t.mem)
	block := make([]byte, r.t.offsets[i+1]-r.t.offsets[i])
	if _, err := r.t.file.ReadAt(block, r.t.offsets[i]); err != nil {
		return nil, err
	}
	if r.held += len(block); r.held > cacheBytes {
		clear(r.cache)
		r.held = len(block)
	}
	r.cache[b] = block
	return block, nil
}
