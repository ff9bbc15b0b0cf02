package gs1

import (
	"strings"
	"unicode"
)

// SetupElements is the content of the symbol that a handheld's set-up page shows as GS1-128: scanned back, it tells what the
// device does to scans.
var SetupElements = []Element{{"01", "09501101530003"}, {"10", "aB-12"}, {"17", "271130"}, {"21", "Zy/9"}}

// Setup is what a handheld does to scans, as its set-up page finds it.
type Setup struct {
	Identifier bool   // it sends the symbology identifier, as it should
	Separator  string // what it sends for GS: GS as it should, another text, or "" when it loses it
	Suffix     string // what it adds: CR, LF, Tab …
	// Swapped: capitals come as small letters and the other way round: the keyboard's caps lock is on.
	Swapped bool
	// Garbled: other characters came than the symbol holds: another keyboard layout, or another symbol was scanned.
	Garbled bool
}

// Good tells whether every GS1 code can be read with the device.
func (s Setup) Good() bool { return !s.Swapped && !s.Garbled && s.Separator != "" }

// Probe tells from a raw scan of the symbol with SetupElements what the device does.
func Probe(scan string) Setup {
	var s Setup
	body := strings.TrimRight(scan, "\r\n\t \x03\x04")
	s.Suffix = scan[len(body):]
	body = strings.Map(half, strings.TrimLeft(body, "\r\n\t \x02"))
	head := SetupElements[0].AI + SetupElements[0].Data
	if strings.HasPrefix(body, "]") && len(body) > 3 {
		s.Identifier, body = true, body[3:]
	}
	body = strings.TrimPrefix(body, GS)
	rest, found := strings.CutPrefix(body, head)
	if !found {
		s.Garbled = true
		return s
	}
	lot, tail := "10aB-12", "17271130"+"21Zy/9"
	for _, swap := range []bool{false, true} {
		if swap {
			lot, tail = swapCase(lot), swapCase(tail)
		}
		if strings.HasPrefix(rest, lot) && strings.HasSuffix(rest, tail) && len(rest) >= len(lot)+len(tail) {
			s.Swapped = swap
			s.Separator = rest[len(lot) : len(rest)-len(tail)]
			return s
		}
	}
	s.Garbled = true
	return s
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s)
}
