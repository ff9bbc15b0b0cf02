package gs1

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// anyElements draws elements that a warehouse's labels hold, each AI once.
func anyElements(t *rapid.T) []Element {
	text := rapid.StringOfN(rapid.RuneFrom([]rune(set82)), 1, 20, -1)
	digits := func(n int) string {
		return rapid.StringOfN(rapid.RuneFrom([]rune(numerals)), n, n, -1).Draw(t, "digits")
	}
	keyed := func(n int) string {
		body := digits(n - 1)
		return body + strconv.Itoa(CheckDigit(body))
	}
	all := map[string]func() string{
		"00": func() string { return keyed(18) }, "01": func() string { return keyed(14) }, "02": func() string { return keyed(14) },
		"10": func() string { return text.Draw(t, "lot") }, "21": func() string { return text.Draw(t, "serial") },
		"17": func() string { return rapid.SampledFrom([]string{"270301", "270200", "281231"}).Draw(t, "expiry") },
		"11": func() string { return "260601" }, "37": func() string { return "24" }, "3103": func() string { return digits(6) },
		"422": func() string { return "156" }, "98": func() string { return text.Draw(t, "internal") },
	}
	ais := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"00", "01", "02", "10", "21", "17", "11", "37", "3103", "422", "98"}), 1, 8,
		func(s string) string { return s }).Draw(t, "AIs")
	var list []Element
	for _, ai := range ais {
		list = append(list, Element{ai, all[ai]()})
	}
	return list
}

func TestEncodedReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := anyElements(t)
		s, err := Encode(list)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseElements(s)
		if diff := cmp.Diff(list, back); err != nil || diff != "" {
			t.Fatalf("%q: %v %s", s, err, diff)
		}
		bracketed, err := ParseBracketed(Bracketed(list))
		if diff := cmp.Diff(list, bracketed); err != nil || diff != "" {
			t.Fatalf("%q: %v %s", Bracketed(list), err, diff)
		}
		frame := rapid.SampledFrom([]string{"", "\r", "\r\n", "\t", GS, GS + "\r\n"}).Draw(t, "frame")
		code, err := Parse("]C1" + s + frame)
		if diff := cmp.Diff(list, code.Elements); err != nil || diff != "" {
			t.Fatalf("%q: %v %s", s+frame, err, diff)
		}
		other := rapid.SampledFrom([]string{"|", "^", "~", "@", "$", " ", "`", "\x1e", "\x1f", "{GS}", "␝", "#"}).Draw(t, "separator")
		code, err = Parse("]d2" + strings.ReplaceAll(s, GS, other))
		// An 8010 within a value makes # a character of a component identifier: refused, not misread.
		if other == "#" && strings.Contains(s, "8010") && err != nil {
			return
		}
		if diff := cmp.Diff(list, code.Elements); err != nil || diff != "" {
			t.Fatalf("%q: %v %s", strings.ReplaceAll(s, GS, other), err, diff)
		}
	})
}

// One wrong digit in a key is always found (the weights 3 and 1 are prime to 10).
func TestOneWrongDigitIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{8, 12, 13, 14, 17, 18}).Draw(t, "length")
		body := rapid.StringOfN(rapid.RuneFrom([]rune(numerals)), n-1, n-1, -1).Draw(t, "body")
		key := []byte(body + strconv.Itoa(CheckDigit(body)))
		at := rapid.IntRange(0, n-1).Draw(t, "at")
		key[at] = '0' + (key[at]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		if ValidCheckDigit(string(key)) {
			t.Fatalf("%s passes", key)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "]", "]C1", "]C1" + tin + "10AB\x1d17270301", "(01)09501101530003(10)A", "9501101530003", "]E0", "]E3",
		"https://id.gs1.org/01/9501101530003?17=270301", "]Q1http://%zz", "80101#2", "]E09501101530003|]e0", "７０", "\x1d\x1d", "7003", "]C17003", "(7003)",
		"(8001)00000000000000", "8110", "91", "(3932)15", "(4330)001234-", "]e0\x1d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		Probe(s)
		code, err := Parse(s)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Fault == nil || e.Error() == "" || e.At < 0 {
				t.Fatalf("%q: %#v", s, err)
			}
			return
		}
		if len(code.Elements) == 0 {
			t.Fatalf("%q: nothing, and no error", s)
		}
		code.Read(today)
		code.Suspects()
		_ = Check(code.Elements)
		text, err := Encode(code.Elements)
		if err != nil {
			t.Fatalf("%q was read but cannot be written: %v", s, err)
		}
		back, err := elements(text, 0)
		if diff := cmp.Diff(code.Elements, back); err != nil || diff != "" {
			t.Fatalf("%q: %v %s", s, err, diff)
		}
		if list, err := ParseBracketed(Bracketed(code.Elements)); err != nil || !cmp.Equal(list, code.Elements) {
			t.Fatalf("%q: brackets %v %v", s, list, err)
		}
	})
}
