package xlsx

import (
	"bytes"
	"errors"
	"io"
)

// Faults of the tokenizer; the package's callers turn them into refusals.
var (
	errXML    = errors.New("xlsx: not well-formed XML")
	errEntity = errors.New("xlsx: a DOCTYPE or an unknown entity")
	errLong   = errors.New("xlsx: a token is too long")
)

type tokenKind uint8

const (
	startTag tokenKind = iota + 1
	endTag
	charData
	other // declaration, comment, processing instruction
)

// scanner is a pull tokenizer for the XML of a workbook's parts. It holds one token at a time in a buffer that grows to
// max bytes at most, drops namespace prefixes, knows the five standard entities and refuses every DOCTYPE. Names of end
// tags are not compared with their start tags: only the depth is watched.
type scanner struct {
	r     io.Reader
	buf   []byte
	start int // of the current token
	pos   int // behind it
	end   int // of what has been read
	max   int
	eof   bool

	kind   tokenKind
	name   []byte // local name of a tag
	attrs  []byte // raw attributes of a start tag
	cdata  bool
	closed bool // a self-closed start tag: its end tag is still to be reported
	depth  int
	tmp    []byte
}

func newScanner(r io.Reader, maxToken int) *scanner {
	return &scanner{r: r, buf: make([]byte, 64<<10), max: max(maxToken, 64<<10)}
}

// fill reads more input, keeping everything from s.start on.
func (s *scanner) fill() error {
	if s.eof {
		return io.EOF
	}
	if s.start > 0 {
		copy(s.buf, s.buf[s.start:s.end])
		s.pos -= s.start
		s.end -= s.start
		s.start = 0
	}
	if s.end == len(s.buf) {
		if len(s.buf) >= s.max {
			return errLong
		}
		s.buf = append(s.buf, make([]byte, min(len(s.buf), s.max-len(s.buf)))...)
	}
	for range 100 {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if err == io.EOF {
			s.eof = true
			if n == 0 {
				return io.EOF
			}
			return nil
		}
		if err != nil {
			return err
		}
		if n > 0 {
			return nil
		}
	}
	return io.ErrNoProgress
}

// next moves to the next token. At the end of well-formed input it answers io.EOF, at the end of a fragment
// io.ErrUnexpectedEOF.
func (s *scanner) next() error {
	if s.closed {
		s.closed = false
		s.start = s.pos
		s.kind = endTag
		s.depth--
		return nil
	}
	s.start = s.pos
	if s.pos == s.end {
		if err := s.fill(); err != nil {
			if err == io.EOF && s.depth > 0 {
				return io.ErrUnexpectedEOF
			}
			return err
		}
	}
	if s.buf[s.pos] != '<' {
		return s.chars()
	}
	return s.markup()
}

func (s *scanner) chars() error {
	s.kind, s.cdata = charData, false
	from := s.pos
	for {
		if i := bytes.IndexByte(s.buf[from:s.end], '<'); i >= 0 {
			s.pos = from + i
			return nil
		}
		from = s.end - s.start
		if err := s.fill(); err == io.EOF {
			s.pos = s.end
			return nil
		} else if err != nil {
			return err
		}
	}
}

// need makes sure that n bytes follow s.start.
func (s *scanner) need(n int) error {
	for s.end-s.start < n {
		if err := s.fill(); err == io.EOF {
			return io.ErrUnexpectedEOF
		} else if err != nil {
			return err
		}
	}
	return nil
}

// until moves s.pos behind the mark, searched for from s.start+skip on.
func (s *scanner) until(mark string, skip int) error {
	for {
		from := min(s.start+skip, s.end)
		if i := bytes.Index(s.buf[from:s.end], []byte(mark)); i >= 0 {
			s.pos = from + i + len(mark)
			return nil
		}
		skip = max(skip, s.end-s.start-len(mark)+1)
		if err := s.fill(); err == io.EOF {
			return io.ErrUnexpectedEOF
		} else if err != nil {
			return err
		}
	}
}

func (s *scanner) markup() error {
	if err := s.need(2); err != nil {
		return err
	}
	switch s.buf[s.start+1] {
	case '?':
		s.kind = other
		return s.until("?>", 2)
	case '!':
		return s.declaration()
	case '/':
		if err := s.until(">", 2); err != nil {
			return err
		}
		s.kind = endTag
		s.depth--
		s.name = local(bytes.TrimRight(s.buf[s.start+2:s.pos-1], " \t\r\n"))
		if s.depth < 0 || len(s.name) == 0 {
			return errXML
		}
		return nil
	}
	return s.open()
}

func (s *scanner) declaration() error {
	if err := s.need(4); err != nil {
		return err
	}
	if bytes.HasPrefix(s.buf[s.start:s.end], []byte("<!--")) {
		s.kind = other
		return s.until("-->", 4)
	}
	if err := s.need(9); err != nil {
		return err
	}
	if bytes.HasPrefix(s.buf[s.start:s.end], []byte("<![CDATA[")) {
		s.kind, s.cdata = charData, true
		return s.until("]]>", 9)
	}
	return errEntity
}

// open reads a start tag. A '>' inside a quoted value does not end it.
func (s *scanner) open() error {
	if err := s.until(">", 1); err != nil {
		return err
	}
	if !balanced(s.buf[s.start+1 : s.pos-1]) {
		if err := s.quoted(); err != nil {
			return err
		}
	}
	tag := s.buf[s.start+1 : s.pos-1]
	if n := len(tag); n > 0 && tag[n-1] == '/' {
		s.closed = true
		tag = tag[:n-1]
	}
	s.kind = startTag
	if s.depth++; s.depth > 256 {
		return errXML
	}
	i := 0
	for i < len(tag) && !space(tag[i]) {
		i++
	}
	s.name, s.attrs = local(tag[:i]), tag[i:]
	if len(s.name) == 0 || s.name[0] == '<' {
		return errXML
	}
	return nil
}

// quoted moves s.pos behind a start tag that has '>' inside a value, in one walk.
func (s *scanner) quoted() error {
	quote := byte(0)
	for i := 1; ; i++ {
		if s.start+i >= s.end {
			if err := s.fill(); err == io.EOF {
				return io.ErrUnexpectedEOF
			} else if err != nil {
				return err
			}
		}
		switch c := s.buf[s.start+i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			s.pos = s.start + i + 1
			return nil
		}
	}
}

// balanced tells whether every quoted value in the tag is closed.
func balanced(tag []byte) bool {
	for {
		i := bytes.IndexAny(tag, `"'`)
		if i < 0 {
			return true
		}
		j := bytes.IndexByte(tag[i+1:], tag[i])
		if j < 0 {
			return false
		}
		tag = tag[i+j+2:]
	}
}

func space(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func local(name []byte) []byte {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}

// raw gives the current token as it stands in the file; empty for the end of a self-closed tag.
func (s *scanner) raw() []byte { return s.buf[s.start:s.pos] }

// is tells whether the current token is a tag of that kind and local name.
func (s *scanner) is(kind tokenKind, name string) bool {
	return s.kind == kind && string(s.name) == name
}
