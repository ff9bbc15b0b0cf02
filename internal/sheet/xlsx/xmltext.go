package xlsx

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// nextAttr splits the first attribute off. The value is raw.
func nextAttr(attrs []byte) (name, value, rest []byte, ok bool) {
	i := 0
	for i < len(attrs) && space(attrs[i]) {
		i++
	}
	start := i
	for i < len(attrs) && attrs[i] != '=' && !space(attrs[i]) {
		i++
	}
	name = attrs[start:i]
	for i < len(attrs) && (attrs[i] == '=' || space(attrs[i])) {
		i++
	}
	if len(name) == 0 || i >= len(attrs) || (attrs[i] != '"' && attrs[i] != '\'') {
		return nil, nil, nil, false
	}
	end := bytes.IndexByte(attrs[i+1:], attrs[i])
	if end < 0 {
		return nil, nil, nil, false
	}
	return name, attrs[i+1 : i+1+end], attrs[i+2+end:], true
}

// attr gives the value of the attribute with that local name, unescaped; empty if there is none.
func (s *scanner) attr(name string) string {
	for rest := s.attrs; ; {
		key, value, more, ok := nextAttr(rest)
		if !ok {
			return ""
		}
		if string(local(key)) == name {
			out, err := unescape(nil, value)
			if err != nil {
				return ""
			}
			return string(out)
		}
		rest = more
	}
}

// text gives the characters of a charData token, valid until the next one.
func (s *scanner) text() ([]byte, error) {
	raw := s.raw()
	if s.cdata {
		return raw[9 : len(raw)-3], nil
	}
	if bytes.IndexByte(raw, '&') < 0 && bytes.IndexByte(raw, '\r') < 0 {
		return raw, nil
	}
	var err error
	s.tmp, err = unescape(s.tmp[:0], raw)
	return s.tmp, err
}

// unescape appends src with its entities resolved and its line ends made \n.
func unescape(dst, src []byte) ([]byte, error) {
	for i := 0; i < len(src); {
		switch c := src[i]; c {
		case '\r':
			if i+1 < len(src) && src[i+1] == '\n' {
				i++
			}
			dst = append(dst, '\n')
			i++
		case '&':
			end := bytes.IndexByte(src[i:min(len(src), i+12)], ';')
			if end < 0 {
				return dst, errXML
			}
			var err error
			if dst, err = entity(dst, src[i+1:i+end]); err != nil {
				return dst, err
			}
			i += end + 1
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst, nil
}

func entity(dst, name []byte) ([]byte, error) {
	switch string(name) {
	case "amp":
		return append(dst, '&'), nil
	case "lt":
		return append(dst, '<'), nil
	case "gt":
		return append(dst, '>'), nil
	case "quot":
		return append(dst, '"'), nil
	case "apos":
		return append(dst, '\''), nil
	}
	if len(name) < 2 || name[0] != '#' {
		return dst, errEntity
	}
	digits, base := string(name[1:]), 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	r, err := strconv.ParseUint(digits, base, 32)
	if err != nil || r > utf8.MaxRune {
		return dst, errXML
	}
	return utf8.AppendRune(dst, rune(r)), nil
}
