package gs1

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// Code is what a scan says.
type Code struct {
	Symbology string // "]C1" and the like, "" where the scanner sent none
	Elements  []Element
}

// Parse reads a scan: with or without symbology identifier, a GTIN of 8, 12, 13 or 14 digits, an SSCC of 18, a string of
// elements, elements with AIs in brackets, or a GS1 Digital Link. GTINs come as 14 digits under AI 01, SSCCs under 00.
//
// Without an identifier, elements are recognised by a key at their beginning (00, 01, 02 …), by a separator, or as two and more
// of which one is a date; any other text answers ErrNotGS1, so that bins' and orders' own codes find their way. It answers an
// *Error.
func Parse(scan string) (Code, error) {
	s := clean(scan)
	if s == "" {
		return Code{}, &Error{Fault: ErrEmpty}
	}
	if s[0] != ']' {
		return finish(bare(s, 0))("")
	}
	if len(s) < 3 {
		return Code{}, &Error{Fault: ErrSymbology, Value: s}
	}
	id, data := s[:3], s[3:]
	if other := swapCase(id); !known(id) && known(other) { // the keyboard's caps lock is on: letters of lots come wrong too
		return Code{}, &Error{Fault: ErrSymbology, Value: id, Want: other}
	}
	switch id {
	case "]C1", "]d2", "]Q3", "]e0", "]J1":
		list, err := symbol(data, 3)
		return finish(list, err)(id)
	case "]E0":
		return finish(retail(data, 13))(id)
	case "]E3": // with an add-on of two or five digits
		return finish(retail(data[:min(13, len(data))], 13))(id)
	case "]E4":
		return finish(retail(data, 8))(id)
	case "]I0", "]I1", "]I3":
		return finish(key("01", data, 14, 3))(id)
	}
	if known(id) {
		// A symbol that claims no GS1 data: Code 39, plain Code 128, Data Matrix, QR … Suppliers print GS1 in them all the same.
		return finish(bare(data, 3))(id)
	}
	return Code{}, &Error{Fault: ErrSymbology, Value: id}
}

// known tells whether the identifier is of a symbology that goods are marked with. Source: ISO/IEC 15424.
func known(id string) bool {
	return strings.ContainsRune("ACdQJFGLEeI", rune(id[1])) && id[2] >= '0' && id[2] <= '9'
}

// finish makes the code of elements unless they contradict each other.
func finish(list []Element, err error) func(symbology string) (Code, error) {
	return func(symbology string) (Code, error) {
		if err != nil {
			return Code{}, err
		}
		list, err := once(list)
		if err != nil {
			return Code{}, err
		}
		return Code{Symbology: symbology, Elements: list}, nil
	}
}

// symbol reads the data of a symbol that promises GS1 data.
func symbol(data string, base int) ([]Element, error) {
	if strings.HasPrefix(data, "(") {
		if list, err := ParseBracketed(data); err == nil {
			return list, nil
		}
	}
	s, err := separated(data, base)
	if err != nil {
		return nil, err
	}
	return elements(s, base)
}

// retail reads an EAN or UPC symbol of n digits, behind which a composite part may stand.
func retail(data string, n int) ([]Element, error) {
	primary, second, composite := data, "", false
	if i := strings.Index(data, "]e0"); i >= 0 {
		primary, second, composite = strings.TrimSuffix(data[:i], "|"), data[i+3:], true
	}
	list, err := key("01", primary, n, 3)
	if err != nil || !composite {
		return list, err
	}
	rest, err := symbol(second, 3+len(data)-len(second))
	return append(list, rest...), err
}

// key reads a GTIN or SSCC of n digits.
func key(ai, data string, n, base int) ([]Element, error) {
	title := Lookup(ai).Title
	fault := func(kind error, at int, want string) error {
		return &Error{Fault: kind, AI: ai, Title: title, Value: data, At: base + at, Want: want}
	}
	if data == "" {
		return nil, &Error{Fault: ErrEmpty, At: base}
	}
	for i := range len(data) {
		if !charsets[Digits][data[i]] {
			return nil, fault(ErrCharacter, i, "")
		}
	}
	switch {
	case len(data) < n:
		return nil, fault(ErrTooShort, len(data), strconv.Itoa(n))
	case len(data) > n:
		return nil, fault(ErrTooLong, n, strconv.Itoa(n))
	case !ValidCheckDigit(data):
		return nil, fault(ErrCheckDigit, n-1, rightDigit(checkDigit, data))
	}
	if ai == "01" {
		data = GTIN14(data)
	}
	return []Element{{AI: ai, Data: data}}, nil
}

// GTIN14 fills a shorter GTIN up to 14 digits with leading zeros.
func GTIN14(gtin string) string {
	return strings.Repeat("0", max(0, 14-len(gtin))) + gtin
}

// bare reads data that nothing marks as GS1.
func bare(s string, base int) ([]Element, error) {
	digitsOnly := only(charsets[Digits])(s)
	switch n := len(s); {
	case s == "":
		return nil, &Error{Fault: ErrEmpty, At: base}
	case s[0] == '(':
		list, err := ParseBracketed(s)
		if err != nil && !isDigit(s[1:]) {
			err = &Error{Fault: ErrNotGS1, Value: s, At: base}
		}
		return list, err
	case strings.HasPrefix(strings.ToLower(s), "http://"), strings.HasPrefix(strings.ToLower(s), "https://"):
		return digitalLink(s, base)
	case digitsOnly && (n == 8 || n == 12 || n == 13 || n == 14) && ValidCheckDigit(s):
		return key("01", s, n, base)
	case digitsOnly && n == 18 && ValidCheckDigit(s):
		return key("00", s, n, base)
	}
	list, err := symbol(s, base)
	if err == nil && plausible(s, list) {
		return list, nil
	}
	switch n := len(s); {
	case err != nil && meant(s):
		return nil, err
	case digitsOnly && n >= 12 && n <= 14:
		return key("01", s, n, base)
	case digitsOnly && n == 18:
		return key("00", s, n, base)
	}
	return nil, &Error{Fault: ErrNotGS1, Value: s, At: base}
}

func isDigit(s string) bool { return s != "" && charsets[Digits][s[0]] }

// plausible tells whether elements without a symbology identifier are elements indeed, and not a code of another kind that
// can be read so.
func plausible(s string, list []Element) bool {
	if d := Lookup(list[0].AI); strings.Contains(s, GS) || d.Key || list[0].AI == "02" {
		return true
	}
	for _, e := range list {
		if isDate(e.AI) && len(list) > 1 {
			return true
		}
	}
	return false
}

// meant tells whether a text that cannot be read was meant as elements: it has a separator, or the beginning of one with a
// GTIN or an SSCC.
func meant(s string) bool {
	if strings.Contains(s, GS) {
		return isDigit(strings.TrimLeft(s, GS))
	}
	return len(s) >= 16 && (strings.HasPrefix(s, "00") || strings.HasPrefix(s, "01") || strings.HasPrefix(s, "02")) &&
		only(charsets[Digits])(s[:16])
}

// digitalLink reads a GS1 Digital Link: https://host/01/GTIN/10/lot?17=date. Source: GS1 Digital Link Standard: URI Syntax.
func digitalLink(s string, base int) ([]Element, error) {
	notGS1 := &Error{Fault: ErrNotGS1, Value: s, At: base}
	u, err := url.Parse(s)
	if err != nil {
		return nil, notGS1
	}
	segments := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	for len(segments) >= 2 {
		if d := Lookup(segments[0]); d != nil && d.Key {
			break
		}
		segments = segments[1:]
	}
	if len(segments) < 2 || len(segments)%2 != 0 {
		return nil, notGS1
	}
	var pairs []Element
	for i := 0; i < len(segments); i += 2 {
		pairs = append(pairs, Element{AI: segments[i], Data: segments[i+1]})
	}
	for _, parameter := range strings.FieldsFunc(u.RawQuery, func(r rune) bool { return r == '&' || r == ';' }) {
		if ai, data, _ := strings.Cut(parameter, "="); Lookup(ai) != nil {
			pairs = append(pairs, Element{AI: ai, Data: data})
		}
	}
	for i, p := range pairs {
		data, err := url.PathUnescape(p.Data)
		if err != nil {
			return nil, notGS1
		}
		if p.AI == "01" {
			data = GTIN14(data)
		}
		pairs[i].Data = data
		if err := pairs[i].check(base); err != nil {
			return nil, err
		}
	}
	return pairs, nil
}

// IsNotGS1 tells whether the refusal means a code of another kind, and gives its text.
func IsNotGS1(err error) (text string, ok bool) {
	var e *Error
	if errors.As(err, &e) && e.Fault == ErrNotGS1 {
		return e.Value, true
	}
	return "", false
}
