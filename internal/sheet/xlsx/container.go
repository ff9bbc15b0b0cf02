package xlsx

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"
	"sync/atomic"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"

	"milkrun/internal/sheet/grid"
	"milkrun/internal/sheet/notice"
)

// directoryBytes bounds what is read to list the parts: about 20,000 of them. A workbook has dozens, one full of pictures
// thousands; a million tiny entries would otherwise be held in memory.
const directoryBytes = 2 << 20

var errDirectory = errors.New("xlsx: the zip directory is too large")

// metered is a ReaderAt that gives at most left bytes while on.
type metered struct {
	r    io.ReaderAt
	on   bool
	left int64
}

func (m *metered) ReadAt(p []byte, off int64) (int, error) {
	if m.on {
		if m.left -= int64(len(p)); m.left < 0 {
			return 0, errDirectory
		}
	}
	return m.r.ReadAt(p, off)
}

// container is the zip around a workbook.
type container struct {
	zip    *zip.Reader
	parts  map[string]*zip.File // by lower-case name without leading slash
	limits grid.Limits
}

func openContainer(r io.ReaderAt, size int64, limits grid.Limits) (*container, error) {
	m := &metered{r: r, on: true, left: directoryBytes}
	z, err := zip.NewReader(m, size)
	m.on = false
	if errors.Is(err, errDirectory) {
		return nil, notice.Refuse(notice.FileBomb, err)
	}
	if err != nil {
		return nil, notice.Refuse(notice.FileDamaged, err)
	}
	c := &container{zip: z, parts: make(map[string]*zip.File, len(z.File)), limits: limits}
	for _, f := range z.File {
		name := partName(f.Name)
		if c.parts[name] != nil {
			return nil, notice.Refuse(notice.FileDamaged, errors.New("xlsx: a part occurs twice: "+name))
		}
		c.parts[name] = f
	}
	return c, c.recognise()
}

// partName brings a name to the form in which parts are compared: the standard compares them without case.
func partName(name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+name), "/"))
}

// recognise turns away the zips that are something else than a plain workbook.
func (c *container) recognise() error {
	has := func(name string) bool { return c.parts[name] != nil }
	switch {
	case has("xl/workbook.bin"):
		return notice.Refuse(notice.FileBinaryWorkbook, nil)
	case has("content.xml") && has("meta-inf/manifest.xml"):
		return notice.Refuse(notice.FileOpenDocument, nil)
	case has("word/document.xml"):
		return notice.Refuse(notice.FileNotSheet, nil, "Word")
	case has("ppt/presentation.xml"):
		return notice.Refuse(notice.FileNotSheet, nil, "PowerPoint")
	case has("index/document.iwa"):
		return notice.Refuse(notice.FileNotSheet, nil, "Apple Numbers")
	case len(c.parts) == 0:
		return notice.Refuse(notice.FileNotSheet, nil, "zip")
	}
	for name, f := range c.parts {
		if path.Base(name) == "vbaproject.bin" {
			return notice.Refuse(notice.FileHasMacros, nil)
		}
		if f.Flags&1 != 0 {
			return notice.Refuse(notice.FileEncrypted, nil)
		}
	}
	return nil
}

// inflating counts what comes out of a part and stops a bomb.
type inflating struct {
	r      io.Reader
	c      io.Closer
	packed int64
	out    atomic.Int64
	limits grid.Limits
}

func (i *inflating) Read(p []byte) (int, error) {
	n, err := i.r.Read(p)
	out := i.out.Add(int64(n))
	if out > i.limits.PartBytes || (out > 32<<20 && out/(i.packed+1) > i.limits.Ratio) {
		return 0, notice.Refuse(notice.FileBomb, nil)
	}
	if err != nil && err != io.EOF {
		err = notice.Refuse(notice.FileDamaged, err)
	}
	return n, err
}

func (i *inflating) Close() error { return i.c.Close() }

// open gives the inflated bytes of a part, nil if there is none.
func (c *container) open(name string) (*inflating, error) {
	f := c.parts[partName(name)]
	if f == nil {
		return nil, nil
	}
	rc, err := f.Open()
	if err != nil {
		return nil, notice.Refuse(notice.FileDamaged, err)
	}
	return &inflating{r: rc, c: rc, packed: int64(min(f.CompressedSize64, 1<<62)), limits: c.limits}, nil
}

// part is an opened part with a tokenizer on it.
type part struct {
	*scanner
	in *inflating
	// size is the inflated size that the directory claims.
	size int64
}

func (p *part) Close() error { return p.in.Close() }

// scan opens a part for tokenizing, nil if there is none.
func (c *container) scan(name string) (*part, error) {
	in, err := c.open(name)
	if in == nil || err != nil {
		return nil, err
	}
	text, err := asUTF8(in)
	if err != nil {
		in.Close()
		return nil, err
	}
	size := int64(min(c.parts[partName(name)].UncompressedSize64, 1<<62))
	return &part{newScanner(text, c.limits.CellBytes), in, size}, nil
}

// asUTF8 looks at the first bytes of an XML part and gives its text as UTF-8 without a byte order mark.
func asUTF8(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 4<<10)
	head, err := b.Peek(256)
	if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
		return nil, err
	}
	utf16 := func(e unicode.Endianness) (io.Reader, error) {
		return unicode.UTF16(e, unicode.UseBOM).NewDecoder().Reader(b), nil
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		_, err := b.Discard(3)
		return b, err
	case bytes.HasPrefix(head, []byte("\xFE\xFF")), bytes.HasPrefix(head, []byte("\x00<")):
		return utf16(unicode.BigEndian)
	case bytes.HasPrefix(head, []byte("\xFF\xFE")), bytes.HasPrefix(head, []byte("<\x00")):
		return utf16(unicode.LittleEndian)
	}
	enc, err := declared(head)
	if err != nil {
		return nil, notice.Refuse(notice.FileEncoding, err)
	}
	if enc == nil {
		return b, nil
	}
	return enc.NewDecoder().Reader(b), nil
}

// declared gives the encoding that an XML declaration names, nil for UTF-8.
func declared(head []byte) (encoding.Encoding, error) {
	decl, _, ok := bytes.Cut(head, []byte("?>"))
	if !ok || !bytes.HasPrefix(decl, []byte("<?xml")) {
		return nil, nil
	}
	for rest := decl[5:]; ; {
		name, value, more, ok := nextAttr(rest)
		if !ok {
			return nil, nil
		}
		if string(name) == "encoding" {
			label := strings.ToLower(string(value))
			if label == "utf-8" || label == "utf8" || label == "us-ascii" {
				return nil, nil
			}
			return htmlindex.Get(label)
		}
		rest = more
	}
}

// xmlFault turns the tokenizer's fault into a refusal and lets refusals through.
func xmlFault(err error) error {
	switch {
	case err == nil || notice.As(err) != nil:
		return err
	case errors.Is(err, errEntity):
		return notice.Refuse(notice.FileUnsafeXML, err)
	default:
		return notice.Refuse(notice.FileDamaged, err)
	}
}
