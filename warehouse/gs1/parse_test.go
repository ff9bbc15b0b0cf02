package gs1

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"milkrun/internal/calendar"
)

var today = calendar.Date(2026, time.November, 23)

// The GTIN 09501101530003 is the one of the examples of GS1's own documentation.
const tin = "0109501101530003"

func TestParseReadsWhatHandheldsSend(t *testing.T) {
	full := "(01)09501101530003(10)AB12(17)270301"
	for _, c := range []struct{ name, scan, want string }{
		{"identifier and GS", "]C1" + tin + "10AB12\x1d17270301", full},
		{"Data Matrix", "]d2" + tin + "10AB12\x1d17270301", full},
		{"QR", "]Q3" + tin + "10AB12\x1d17270301", full},
		{"DotCode", "]J1" + tin + "10AB12\x1d17270301", full},
		{"GS for the leading FNC1", "]d2\x1d" + tin + "10AB12\x1d17270301", full},
		{"no identifier", tin + "10AB12\x1d17270301", full},
		{"CR LF", "]C1" + tin + "10AB12\x1d17270301\r\n", full},
		{"Tab", tin + "10AB12\x1d17270301\t", full},
		{"STX and ETX", "\x02" + tin + "10AB12\x1d17270301\x03", full},
		{"closing GS", tin + "10AB12\x1d17270301\x1d", full},
		{"GS behind a predefined length", tin + "\x1d10AB12\x1d17270301", full},
		{"bar for GS", tin + "10AB12|17270301", full},
		{"caret for GS", "]C1" + tin + "10AB12^17270301", full},
		{"tilde for GS", tin + "10AB12~17270301", full},
		{"RS for GS", tin + "10AB12\x1e17270301", full},
		{"picture of GS", tin + "10AB12␝17270301", full},
		{"{GS}", tin + "10AB12{GS}17270301", full},
		{"<GS>", tin + "10AB12<GS>17270301", full},
		{"escaped GS", tin + `10AB12\u001d17270301`, full},
		{"space for GS", tin + "10AB12 17270301", full},
		{"hash for GS", tin + "10AB12#17270301", full},
		{"full-width", "０１０９５０１１０１５３０００３１０ＡＢ１２\x1d１７２７０３０１", full},
		{"brackets", full, full},
		{"full-width brackets", "（01）09501101530003（10）AB12（17）270301", full},
		{"brackets in plain Code 128", "]C0" + full, full},
		{"brackets in GS1-128", "]C1" + full, full},
		{"elements in plain Data Matrix", "]d1" + tin + "10AB12\x1d17270301", full},
		{"the same lot twice", "]C1" + tin + "10AB12\x1d1727030110AB12", full},
		{"Digital Link", "https://id.gs1.org/01/9501101530003/10/AB12?17=270301", full},
		{"Digital Link in a path", "]Q1https://example.com/p/01/09501101530003/10/AB12?17=270301&utm=x", full},
		{"EAN-13", "9501101530003", "(01)09501101530003"},
		{"EAN-13 marked", "]E09501101530003", "(01)09501101530003"},
		{"EAN-13 and add-on", "]E3950110153000312", "(01)09501101530003"},
		{"EAN-13 and composite", "]E09501101530003|]e010AB12\x1d17270301", full},
		{"EAN-8", "96385074", "(01)00000096385074"},
		{"EAN-8 marked", "]E496385074", "(01)00000096385074"},
		{"UPC-A", "614141000036", "(01)00614141000036"},
		{"ITF-14", "]I119501101530000", "(01)19501101530000"},
		{"ITF-14 bare", "19501101530000", "(01)19501101530000"},
		{"EAN-13 in Code 128", "]C09501101530003", "(01)09501101530003"},
		{"SSCC", "]C100106141411234567897", "(00)106141411234567897"},
		{"SSCC typed", "106141411234567897", "(00)106141411234567897"},
		{"SSCC with AI", "00106141411234567897", "(00)106141411234567897"},
		{"second symbol of a carton", "17270301" + "10AB12", "(17)270301(10)AB12"},
		{"carton's content", "02195011015300003724", "(02)19501101530000(37)24"},
		{"weight", "]C1" + tin + "3103000750", "(01)09501101530003(3103)000750"},
		{"day 00", "]C1" + tin + "17270200", "(01)09501101530003(17)270200"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, err := Parse(c.scan)
			if err != nil {
				t.Fatal(err)
			}
			if got := Bracketed(code.Elements); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestParseRefusesAndSaysWhy(t *testing.T) {
	for _, c := range []struct {
		name, scan string
		fault      error
		ai, want   string
	}{
		{"nothing", " \r\n", ErrEmpty, "", ""},
		{"identifier alone", "]C1", ErrEmpty, "", ""},
		{"unknown identifier", "]z9123", ErrSymbology, "", ""},
		{"caps lock", "]c1" + tin, ErrSymbology, "", "]C1"},
		{"bin", "A-03-12-2", ErrNotGS1, "", ""},
		{"numeric bin", "10031204", ErrNotGS1, "", ""},
		{"order", "MR20261123000017", ErrNotGS1, "", ""},
		{"a web page", "https://example.com/about", ErrNotGS1, "", ""},
		{"Chinese", "货位", ErrNotGS1, "", ""},
		{"text in brackets", "(sample)", ErrNotGS1, "", ""},
		{"wrong check digit", "]E09501101530004", ErrCheckDigit, "01", "3"},
		{"typed wrong", "9501101530004", ErrCheckDigit, "01", "3"},
		{"wrong SSCC", "]C100106141411234567890", ErrCheckDigit, "00", "7"},
		{"wrong GTIN, bare", "0109501101530009" + "10AB12", ErrCheckDigit, "01", "3"},
		{"not a month", "]C1" + tin + "17271301", ErrDate, "17", ""},
		{"not a day", "]C1" + tin + "17270230", ErrDate, "17", ""},
		{"short date", "]C1" + tin + "172703", ErrTooShort, "17", "6"},
		{"long lot, separators work", "]C1" + tin + "21A\x1d10123456789012345678901", ErrTooLong, "10", "20"},
		{"separator lost", "]C1" + tin + "10ABCDEFGH12345671727030121XYZ", ErrSeparator, "10", "20"},
		{"two separators", tin + "10AB12|17270301^", ErrSeparator, "", ""},
		{"unknown AI", "]C1" + tin + "89ABC", ErrUnknownAI, "", ""},
		{"cut AI", "]C1" + tin + "31", ErrUnknownAI, "", ""},
		{"two lots", "]C1" + tin + "10AB12\x1d10AB13", ErrRepeated, "10", "AB12"},
		{"letters in a count", "]C1" + tin + "37AB", ErrCharacter, "37", ""},
		{"Chinese in a lot", "]C1" + tin + "10批次", ErrCharacter, "", ""},
		{"brackets open", "(01)09501101530003(10", ErrBrackets, "", ""},
		{"no such country", "]C1" + tin + "422999", ErrValue, "422", ""},
		{"ITF too short", "]I1123456", ErrTooShort, "01", "14"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.scan)
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, c.fault) {
				t.Fatalf("got %v, want %v", err, c.fault)
			}
			if e.AI != c.ai || e.Want != c.want {
				t.Errorf("got AI %q, want %q (%v); expected %q, %q", e.AI, e.Want, err, c.ai, c.want)
			}
			if c.ai != "" && e.Title == "" {
				t.Error("no title")
			}
		})
	}
}

func TestErrorPointsAtTheFault(t *testing.T) {
	_, err := Parse("]C1" + tin + "17271301")
	var e *Error
	if !errors.As(err, &e) || e.At != 3+16+2 || e.Value != "271301" || e.Title != "USE BY or EXPIRY" {
		t.Errorf("%+v", e)
	}
	if text, ok := IsNotGS1(&Error{Fault: ErrNotGS1, Value: "A-03"}); !ok || text != "A-03" {
		t.Error("the text of another code is lost")
	}
}

func TestRead(t *testing.T) {
	code, err := Parse("]C1" + tin + "11260600" + "13260701" + "15270131" + "16270101" + "10AB12\x1d17270200" + "3702\x1d3103000750" + "3302012345" + "21S1")
	if err != nil {
		t.Fatal(err)
	}
	day := func(y int, m time.Month, d int) *calendar.Day { x := calendar.Date(y, m, d); return &x }
	want := Reading{GTIN: "09501101530003", Lot: "AB12", Serial: "S1", Count: 2, NetGrams: 750, GrossGrams: 123450,
		Produced: day(2026, 6, 30), Packed: day(2026, 7, 1), BestBefore: day(2027, 1, 31), SellBy: day(2027, 1, 1), Expiry: day(2027, 2, 28)}
	got := code.Read(today)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if *got.LastDay() != *want.Expiry || got.Trade() != want.GTIN {
		t.Errorf("%v %v", got.LastDay(), got.Trade())
	}
	code, err = Parse("(02)09501101530003(37)24(7003)2703011530")
	if err != nil {
		t.Fatal(err)
	}
	if r := code.Read(today); r.Trade() != "09501101530003" || r.Count != 24 || *r.Expiry != calendar.Date(2027, 3, 1) {
		t.Errorf("%+v", r)
	}
}

// Decimal places as in the General Specifications, 3.6.2: 3103 with 001250 is 1.250 kg. A pound is 453.59237 g.
func TestWeights(t *testing.T) {
	for ai, want := range map[string]int64{"3100": 1250000, "3101": 125000, "3102": 12500, "3103": 1250, "3104": 125, "3105": 13, "3202": 5670, "3203": 567} {
		code, err := Parse("]C1" + tin + ai + "001250")
		if err != nil {
			t.Fatal(err)
		}
		if got := code.Read(today).NetGrams; got != want {
			t.Errorf("(%s)001250 is %d g, want %d", ai, got, want)
		}
	}
	if v, n := (Element{"3922", "1995"}).Decimal(); v != 1995 || n != 2 {
		t.Errorf("price %d, %d places", v, n)
	}
	if v, n := (Element{"3932", "1561995"}).Decimal(); v != 1995 || n != 2 {
		t.Errorf("price with currency %d, %d places", v, n)
	}
	if v, n := (Element{"98", "12"}).Decimal(); v != 12 || n != 0 {
		t.Errorf("internal %d, %d", v, n)
	}
}

// The century rule of the General Specifications, 7.12: for 2026, years 77 to 99 are of the last century and 00 to 76 of this.
func TestCentury(t *testing.T) {
	for _, c := range []struct{ today, yy, want int }{
		{2026, 26, 2026}, {2026, 76, 2076}, {2026, 77, 1977}, {2026, 0, 2000}, {2026, 99, 1999},
		{2049, 99, 2099}, {2049, 0, 2000}, {2050, 0, 2100}, {2050, 1, 2001}, {2099, 48, 2148}, {2099, 50, 2050},
	} {
		d, err := Day(fmt.Sprintf("%02d0615", c.yy), calendar.Date(c.today, 1, 1))
		if err != nil || d.Year() != c.want {
			t.Errorf("year %02d in %d: %v %v, want %d", c.yy, c.today, d, err, c.want)
		}
	}
	if _, err := Day("270231", today); !errors.Is(err, ErrDate) {
		t.Errorf("%v", err)
	}
	if d, err := Day("280200", today); err != nil || d != calendar.Date(2028, 2, 29) || FormatDay(d) != "280229" {
		t.Errorf("%v %v", d, err)
	}
}

func TestCheckAssociations(t *testing.T) {
	for in, want := range map[string]error{
		"(01)09501101530003(10)AB12":                     nil,
		"(10)AB12":                                       ErrMissing,
		"(02)09501101530003(37)24":                       ErrMissing, // 37 wants an SSCC beside 02
		"(00)106141411234567897(02)09501101530003(37)24": nil,
		"(00)106141411234567897(02)09501101530003":       ErrMissing,
		"(01)09501101530003(02)09501101530003(37)1":      ErrTogether,
		"(01)09501101530003(3103)000750(3102)000075":     ErrTogether,
		"(01)09501101530003(250)A":                       ErrMissing,
		"(01)09501101530003(21)1(250)A":                  nil,
	} {
		list, err := ParseBracketed(in)
		if err != nil {
			t.Fatal(err)
		}
		if err := Check(list); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", in, err, want)
		}
	}
}

func TestSuspects(t *testing.T) {
	for in, want := range map[string]string{
		tin + "10AB1217270301":         "(17)270301",
		tin + "10AB121727030121XY":     "(17)270301(21)XY",
		tin + "10AB12":                 "",
		tin + "1727030110AB12":         "",
		tin + "21S1\x1d10AB1217270301": "", // separators work
		tin + "10AB1217271301":         "", // no such month
	} {
		code, err := Parse("]C1" + in)
		if err != nil {
			t.Fatal(err)
		}
		if got := Bracketed(code.Suspects()); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestProbe(t *testing.T) {
	symbol, err := Encode(SetupElements)
	if err != nil {
		t.Fatal(err)
	}
	lost := "0109501101530003" + "10aB-12" + "17271130" + "21Zy/9"
	for _, c := range []struct {
		scan string
		want Setup
		good bool
	}{
		{"]C1" + symbol + "\r", Setup{Identifier: true, Separator: GS, Suffix: "\r"}, true},
		{symbol, Setup{Separator: GS}, true},
		{lost + "\r\n", Setup{Suffix: "\r\n"}, false},
		{"0109501101530003" + "10aB-12|17271130" + "21Zy/9", Setup{Separator: "|"}, true},
		{"0109501101530003" + "10Ab-12\x1d17271130" + "21zY/9", Setup{Separator: GS, Swapped: true}, false},
		{"0109501101530003" + "10qB-12\x1d17271130" + "21Zy/9", Setup{Garbled: true}, false},
		{"hello", Setup{Garbled: true}, false},
		{"", Setup{Garbled: true}, false},
	} {
		if got := Probe(c.scan); got != c.want || got.Good() != c.good {
			t.Errorf("%q: %+v, good %v", c.scan, got, got.Good())
		}
	}
}
