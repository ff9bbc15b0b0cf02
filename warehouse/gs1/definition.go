package gs1

import "strings"

// Charset is the set of characters that a part of an element may hold.
type Charset byte

// The character sets of the GS1 General Specifications, figures 7.11-1 and 7.11-2.
const (
	Digits Charset = 'N' // 0–9
	Text   Charset = 'X' // the 82 invariant characters of ISO/IEC 646
	Text39 Charset = 'Y' // capitals, digits and # - /
	Text64 Charset = 'Z' // base64 for URLs
)

const (
	letters  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	numerals = "0123456789"
	set82    = "!\"%&'()*+,-./" + numerals + ":;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
)

var charsets = map[Charset]*[256]bool{
	Digits: setOf(numerals),
	Text:   setOf(set82),
	Text39: setOf("#-/" + numerals + letters[:26]),
	Text64: setOf("-_=" + numerals + letters),
}

func setOf(chars string) *[256]bool {
	var set [256]bool
	for i := range len(chars) {
		set[chars[i]] = true
	}
	return &set
}

// Part is one component of an element's data: its characters, its least and greatest length, and whether it may be left out.
type Part struct {
	Set      Charset
	Min, Max int
	Optional bool
	checks   []check
}

// Definition is what the standard says of one Application Identifier, or of a range that differs in the last digit alone:
// there the last digit counts decimals.
type Definition struct {
	First string // the AI, or the first of the range
	Last  string // the last of the range, "" for a single AI
	Title string // the data title of the General Specifications
	Parts []Part
	// Predefined tells that the length is known to every reader, so that no separator follows.
	Predefined bool
	// Key tells that the element identifies a thing by itself.
	Key bool
	// needs holds alternatives separated by spaces (all must hold) of AIs separated by commas (one must), each a + list.
	needs, excludes string
}

// Length gives the least and the greatest number of characters of the data.
func (d *Definition) Length() (least, most int) {
	for _, p := range d.Parts {
		if !p.Optional {
			least += p.Min
		}
		most += p.Max
	}
	return least, most
}

// Decimals tells whether the last digit of the AI counts the decimal places of its value.
func (d *Definition) Decimals() bool {
	return d.Last != "" && d.First != "91"
}

func digits(least, most int, checks ...check) Part {
	return Part{Set: Digits, Min: least, Max: most, checks: checks}
}

func text(least, most int, checks ...check) Part {
	return Part{Set: Text, Min: least, Max: most, checks: checks}
}

func text39(least, most int, checks ...check) Part {
	return Part{Set: Text39, Min: least, Max: most, checks: checks}
}

func text64(least, most int, checks ...check) Part {
	return Part{Set: Text64, Min: least, Max: most, checks: checks}
}

func (p Part) opt() Part {
	p.Optional = true
	return p
}

// index holds the definition of every AI, and lengths the length of the AIs that begin with two given digits: no AI is the
// beginning of another, and the first two digits fix the length.
var index, lengths = buildIndex()

func buildIndex() (map[string]*Definition, *[100]uint8) {
	byAI, lengths := make(map[string]*Definition, 600), new([100]uint8)
	for i := range definitions {
		d := &definitions[i]
		last := d.First
		if d.Last != "" {
			last = d.Last
		}
		for c := d.First[len(d.First)-1]; c <= last[len(last)-1]; c++ {
			ai := d.First[:len(d.First)-1] + string(c)
			byAI[ai] = d
			lengths[number(ai[:2])] = uint8(len(ai))
		}
	}
	return byAI, lengths
}

// Lookup gives the definition of an AI such as "17" or "3103", or nil.
func Lookup(ai string) *Definition { return index[ai] }

// leading gives the AI at the beginning of s and its definition, or what stands there and nil.
func leading(s string) (string, *Definition) {
	if len(s) < 2 || !charsets[Digits][s[0]] || !charsets[Digits][s[1]] {
		return s[:min(len(s), 2)], nil
	}
	n := int(lengths[number(s[:2])])
	switch {
	case n == 0:
		return s[:2], nil
	case len(s) < n:
		return s, nil
	}
	return s[:n], index[s[:n]]
}

// matches tells whether the AI is the pattern, in which n stands for any digit.
func matches(ai, pattern string) bool {
	if len(ai) != len(pattern) {
		return false
	}
	fixed := strings.TrimRight(pattern, "n")
	return strings.HasPrefix(ai, fixed)
}
