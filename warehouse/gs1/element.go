package gs1

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// GS is the group separator, which stands behind an element of variable length unless it is the last.
const GS = "\x1d"

// Element is one Application Identifier with its data.
type Element struct{ AI, Data string }

// check tells what is wrong with the element, which stands at the byte at of a scan.
func (e Element) check(at int) error {
	d := Lookup(e.AI)
	if d == nil {
		return &Error{Fault: ErrUnknownAI, Value: e.AI, At: at}
	}
	fault := func(kind error, offset int, want string) error {
		return &Error{Fault: kind, AI: e.AI, Title: d.Title, Value: e.Data, At: at + len(e.AI) + offset, Want: want}
	}
	least, most := d.Length()
	if len(e.Data) > most {
		return fault(ErrTooLong, most, strconv.Itoa(most))
	}
	rest, offset := e.Data, 0
	for _, p := range d.Parts {
		if rest == "" && p.Optional {
			break
		}
		n := min(len(rest), p.Max)
		for i := range n {
			if !charsets[p.Set][rest[i]] {
				return fault(ErrCharacter, offset+i, "")
			}
		}
		if n < p.Min {
			return fault(ErrTooShort, offset+n, strconv.Itoa(max(least, offset+p.Min)))
		}
		if p.Set == Text64 && !padded(rest[:n]) {
			return fault(ErrCharacter, offset+len(strings.TrimRight(rest[:n], "=")), "")
		}
		for _, c := range p.checks {
			if !c.ok(rest[:n]) {
				return fault(c.fault, offset, rightDigit(c, rest[:n]))
			}
		}
		rest, offset = rest[n:], offset+n
	}
	return nil
}

// padded tells whether the signs = stand at the end alone, at most two of them, and fill the text up to a multiple of three.
func padded(s string) bool {
	pads := len(s) - len(strings.TrimRight(s, "="))
	return strings.Count(s, "=") == pads && pads <= 2 && (pads == 0 || len(s)%3 == 0)
}

// rightDigit names the check digit that a key should have.
func rightDigit(c check, key string) string {
	if c.name != checkDigit.name || key == "" {
		return ""
	}
	return strconv.Itoa(CheckDigit(key[:len(key)-1]))
}

// ParseElements reads a string of elements: what a GS1 symbol holds behind its identifier, with GS behind each element of
// variable length but the last. A GS behind other elements does no harm. Unlike Parse it takes nothing else for GS. It answers
// an *Error.
func ParseElements(s string) ([]Element, error) {
	return elements(strings.TrimRight(s, "\r\n\t"), 0)
}

// elements reads the elements of s, in which GS alone separates. base is where s begins in the scan.
func elements(s string, base int) ([]Element, error) {
	all := s
	s = strings.TrimLeft(s, GS)
	if s == "" {
		return nil, &Error{Fault: ErrEmpty, At: base}
	}
	var list []Element
	for s != "" {
		at := base + len(all) - len(s)
		ai, d := leading(s)
		if d == nil {
			return nil, &Error{Fault: ErrUnknownAI, Value: ai, At: at}
		}
		e := Element{AI: ai, Data: s[len(ai):]}
		if i := strings.Index(e.Data, GS); i >= 0 {
			e.Data = e.Data[:i]
		}
		if _, most := d.Length(); d.Predefined && len(e.Data) > most {
			e.Data = e.Data[:most]
		}
		if err := e.check(at); err != nil {
			return nil, lost(err, d, all)
		}
		list = append(list, e)
		s = strings.TrimLeft(s[len(ai)+len(e.Data):], GS)
	}
	return list, nil
}

// lost turns the fault of an element that is too long into that of a lost separator, if the string holds none.
func lost(err error, d *Definition, all string) error {
	var e *Error
	if errors.As(err, &e) && e.Fault == ErrTooLong && !d.Predefined && !strings.Contains(all, GS) {
		e.Fault = ErrSeparator
	}
	return err
}

// once refuses an AI that comes twice with different data, and drops equal repeats.
func once(list []Element) ([]Element, error) {
	seen := make(map[string]string, len(list))
	kept := make([]Element, 0, len(list))
	for _, e := range list {
		before, twice := seen[e.AI]
		if twice && before != e.Data {
			return nil, &Error{Fault: ErrRepeated, AI: e.AI, Title: Lookup(e.AI).Title, Value: e.Data, Want: before}
		}
		if !twice {
			seen[e.AI] = e.Data
			kept = append(kept, e)
		}
	}
	return kept, nil
}

// Encode gives the string of elements that a symbol is to hold behind its FNC1: GS behind each element whose length readers
// do not know, unless it is the last. It answers an *Error for an element that breaks a rule.
func Encode(list []Element) (string, error) {
	var b strings.Builder
	for i, e := range list {
		if err := e.check(b.Len()); err != nil {
			return "", err
		}
		b.WriteString(e.AI + e.Data)
		if i < len(list)-1 && !Lookup(e.AI).Predefined {
			b.WriteString(GS)
		}
	}
	if b.Len() == 0 {
		return "", &Error{Fault: ErrEmpty}
	}
	return b.String(), nil
}

// Bracketed gives the elements as people read them: (01)…(10)…. A bracket within data is marked by a backslash.
func Bracketed(list []Element) string {
	var b strings.Builder
	for _, e := range list {
		b.WriteString("(" + e.AI + ")" + strings.ReplaceAll(e.Data, "(", `\(`))
	}
	return b.String()
}

// ParseBracketed reads elements with their AIs in brackets, as Bracketed writes them. It answers an *Error.
func ParseBracketed(s string) ([]Element, error) {
	if s = clean(s); s == "" {
		return nil, &Error{Fault: ErrEmpty}
	}
	var list []Element
	for at := 0; at < len(s); {
		end := strings.IndexByte(s[at:], ')')
		if s[at] != '(' || end < 0 {
			return nil, &Error{Fault: ErrBrackets, Value: s[at:], At: at}
		}
		ai, begin := s[at+1:at+end], at
		at += end + 1
		var data strings.Builder
		for ; at < len(s) && s[at] != '('; at++ {
			if s[at] == '\\' && at+1 < len(s) && s[at+1] == '(' {
				at++
			}
			data.WriteByte(s[at])
		}
		e := Element{AI: ai, Data: data.String()}
		if err := e.check(begin + 2); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// Check tells what is wrong with elements that stand on one thing, taken from all of its symbols: an *Error for an AI that
// lacks another beside it, or that excludes another. A lot without a GTIN, for example, says nothing.
func Check(list []Element) error {
	for _, e := range list {
		d := Lookup(e.AI)
		if d == nil {
			return &Error{Fault: ErrUnknownAI, Value: e.AI}
		}
		for _, group := range strings.Fields(d.needs) {
			if !slices.ContainsFunc(strings.Split(group, ","), func(all string) bool { return hasAll(list, all) }) {
				return &Error{Fault: ErrMissing, AI: e.AI, Title: d.Title, Value: e.Data, Want: group}
			}
		}
		for _, pattern := range strings.Split(d.excludes, ",") {
			for _, other := range list {
				if other.AI != e.AI && matches(other.AI, pattern) {
					return &Error{Fault: ErrTogether, AI: e.AI, Title: d.Title, Value: e.Data, Want: other.AI}
				}
			}
		}
	}
	return nil
}

// hasAll tells whether the list holds each of the AIs joined by +.
func hasAll(list []Element, joined string) bool {
	for _, pattern := range strings.Split(joined, "+") {
		if !slices.ContainsFunc(list, func(e Element) bool { return matches(e.AI, pattern) }) {
			return false
		}
	}
	return true
}
