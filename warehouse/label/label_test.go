package label

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"milkrun/internal/calendar"
	"milkrun/internal/quantity"
)

func someParcel() Parcel {
	return Parcel{Number: "MR-P-2611230017", SSCC: "106141411234567897", Carrier: "顺丰速运", Route: "SH-07", HandOver: "交接 18:30", Name: "王*明",
		Phone: "138****1234", Address: "上海市浦东新区张江路 1234 弄 5 号楼 602 室", From: "上海前置仓", Order: "tmall 2026112300017", Tote: "T-03", Pieces: 5,
		Grams: 2450, No: 1, Of: 2, Cold: true, Link: "https://milkrun.example/p/2611230017"}
}

func someItem() Item {
	d := calendar.Date(2027, time.March, 1)
	return Item{GTIN: "6972048170035", Name: "启蒙幼儿配方奶粉 3 段 800g", SKU: "MR-204817", Lot: "L2611A0417", Expiry: &d}
}

func must(t *testing.T) func(Label, error) Label {
	return func(l Label, err error) Label {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
}

// The commands as the ZPL II Programming Guide writes them: ^BC with >; for code set C and >8 for FNC1, ^BX with the quality 200
// and a sign that leads in FNC1, ^BQ with the error correction before the data.
func TestZPL(t *testing.T) {
	zpl := ZPL([]Label{must(t)(someParcel().Label(Chinese))}, Printer{Copies: 2, Darkness: 15})
	for _, want := range []string{"^XA\n^CI28\n^PW800\n^LL1200\n", "~SD15\n", "^FO88,800^BY4^BCN,272,N,N,N^FD>;>800106141411234567897^FS", "^BQN,2,7^FH_^FDMA,https://milkrun.example/p/2611230017^FS",
		"^A@N,64,64,E:SIMSUN.FNT^FH_^FD顺丰速运^FS", "^FD2.450 kg^FS", "^FB240,1,0,R^FH_^FDSH-07^FS", "^PQ2\n^XZ\n"} {
		if !strings.Contains(zpl, want) {
			t.Errorf("no %q in\n%s", want, zpl)
		}
	}
	zpl = ZPL([]Label{must(t)(someItem().Label(English)), must(t)(Bin{Code: "A-03-12"}.Label())}, Printer{Chinese: "E:MSYH.TTF"})
	for _, want := range []string{"^PW320\n^LL240\n", "^BXN,6,200,,,,@^FH_^FD@101069720481700351727030110L2611A0417^FS", "E:MSYH.TTF", "^FDUse by 2027-03-01^FS", "^PW480\n^LL320\n", "^FD>:A-03-12^FS"} {
		if !strings.Contains(zpl, want) {
			t.Errorf("no %q in\n%s", want, zpl)
		}
	}
	if strings.Contains(zpl, "^PQ") || strings.Contains(zpl, "~SD") {
		t.Error("settings that nobody asked for")
	}
}

// Nothing that a person typed becomes a command.
func TestZPLEscapes(t *testing.T) {
	p := someParcel()
	p.Name, p.SSCC, p.Number = "^XZ~JR_41\\\n<b>&", "", "A>1"
	l := must(t)(p.Label(Chinese))
	zpl := ZPL([]Label{l}, Printer{})
	if !strings.Contains(zpl, "_5EXZ_7EJR_5F41_5C <b>&") || !strings.Contains(zpl, "^FD>:A>01^FS") || strings.Count(zpl, "^XZ") != 1 {
		t.Error(zpl)
	}
	svg, err := l.SVG()
	if err != nil || !strings.Contains(svg, "&lt;b&gt;&amp;") {
		t.Errorf("%v %s", err, svg)
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		label func() (Label, error)
		field string
	}{
		"no number":        {func() (Label, error) { return Parcel{}.Label(Chinese) }, "number"},
		"wrong SSCC":       {func() (Label, error) { p := someParcel(); p.SSCC = "106141411234567890"; return p.Label(Chinese) }, "sscc"},
		"Chinese number":   {func() (Label, error) { return Parcel{Number: "包裹一"}.Label(Chinese) }, "number"},
		"a long number":    {func() (Label, error) { return Parcel{Number: strings.Repeat("A", 40)}.Label(Chinese) }, "number"},
		"no bin":           {func() (Label, error) { return Bin{}.Label() }, "code"},
		"wrong GTIN":       {func() (Label, error) { i := someItem(); i.GTIN = "6972048170036"; return i.Label(Chinese) }, "gtin"},
		"a lot in Chinese": {func() (Label, error) { i := someItem(); i.Lot = "批一"; return i.Label(Chinese) }, "gtin"},
		"nothing to code":  {func() (Label, error) { return Item{Name: "x"}.Label(Chinese) }, "gtin"},
	} {
		_, err := c.label()
		var f *FieldError
		if !errors.Is(err, ErrField) || !errors.As(err, &f) || f.Field != c.field || err.Error() == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// patterns are the widths of bars and spaces of the symbols of Code 128, 0 to 105, and the stop. Source: ISO/IEC 15417, table 1.
var patterns = strings.Fields(`212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222
123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313
132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113
312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112
134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 411311 113141
114131 311141 411131 211412 211214 211232 2331112`)

// read128 reads the bars of a Code 128 in an SVG: FNC1 as ␝.
func read128(t *testing.T, svg string, module int) string {
	t.Helper()
	path := regexp.MustCompile(`d="(M[^"]*)"`).FindAllStringSubmatch(svg, -1)
	var widths []byte
	end := 0
	for _, m := range regexp.MustCompile(`M(\d+) \d+h(\d+)v`).FindAllStringSubmatch(path[len(path)-1][1], -1) {
		x, _ := strconv.Atoi(m[1])
		w, _ := strconv.Atoi(m[2])
		if end > 0 {
			widths = append(widths, byte('0'+(x-end)/module))
		}
		widths = append(widths, byte('0'+w/module))
		end = x + w
	}
	var symbols []int
	for rest := string(widths); rest != ""; {
		found := false
		for v, p := range patterns {
			if strings.HasPrefix(rest, p) && (v < 106 || rest == p) {
				symbols, rest, found = append(symbols, v), rest[len(p):], true
				break
			}
		}
		if !found {
			t.Fatalf("no symbol begins %q", rest)
		}
	}
	sum := symbols[0]
	data := symbols[1 : len(symbols)-2]
	for i, v := range data {
		sum += (i + 1) * v
	}
	if sum%103 != symbols[len(symbols)-2] || symbols[len(symbols)-1] != 106 {
		t.Fatalf("check character %d, want %d", symbols[len(symbols)-2], sum%103)
	}
	var b strings.Builder
	set := symbols[0] // 103 A, 104 B, 105 C
	for _, v := range data {
		switch {
		case v == 102:
			b.WriteString("␝")
		case v == 99 && set != 105:
			set = 105
		case v == 100 && set != 104:
			set = 104
		case v == 101 && set != 103:
			set = 103
		case set == 105:
			fmt.Fprintf(&b, "%02d", v)
		default:
			b.WriteByte(byte(v + 32))
		}
	}
	return b.String()
}

func TestBarsSayWhatTheyShould(t *testing.T) {
	for want, l := range map[string]Label{
		"␝00106141411234567897": must(t)(Parcel{SSCC: "106141411234567897"}.Label(Chinese)),
		"MR-P-2611230017":       must(t)(Parcel{Number: "MR-P-2611230017", Link: "x"}.Label(Chinese)),
		"A-03-12":               must(t)(Bin{Code: "A-03-12"}.Label()),
		"B12":                   must(t)(Bin{Code: "B12"}.Label()),
	} {
		var module int
		for _, m := range l.marks {
			if m.kind == code128Mark {
				module = m.module
			}
		}
		// The linear code is laid before the QR code.
		for i, m := range l.marks {
			if m.kind == qrMark {
				l.marks = append(l.marks[:i], l.marks[i+1:]...)
			}
		}
		svg, err := l.SVG()
		if err != nil {
			t.Fatal(err)
		}
		if got := read128(t, svg, module); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// extent gives the dots that a mark covers, the quiet zone of a code with it.
func (m mark) extent(t *rapid.T) (x, y, w, h int) {
	switch m.kind {
	case code128Mark:
		b, err := symbol128(m.text)
		if err != nil {
			t.Fatal(err)
		}
		_, modules := zpl128(m.text)
		return m.x - quiet*m.module, m.y, (max(b.Bounds().Dx(), modules) + 2*quiet) * m.module, m.h
	case textMark:
		return m.x, m.y, min(width(m.text, m.h), m.w), m.h
	}
	return m.x, m.y, m.w, m.h
}

// Whatever is printed stays on the label, texts of codes are at least 2.5 mm high, and bins' at least 14 mm.
func TestEverythingStaysOnTheLabel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("奶粉婴儿罐ABCmw 123-./，…é😀\n")), 0, 60, -1)
		code := rapid.StringMatching(`[0-9A-Z][0-9A-Z._/-]{0,23}`).Draw(t, "code")
		day := calendar.Date(2027, 3, 1)
		var labels []Label
		add := func(l Label, err error) {
			if err != nil {
				t.Fatal(err)
			}
			labels = append(labels, l)
		}
		words := rapid.SampledFrom([]Words{Chinese, English}).Draw(t, "words")
		add(Parcel{Number: code, Carrier: text.Draw(t, "carrier"), Route: text.Draw(t, "route"), HandOver: text.Draw(t, "hand-over"), Name: text.Draw(t, "name"),
			Phone: text.Draw(t, "phone"), Address: text.Draw(t, "address"), From: text.Draw(t, "from"), Order: text.Draw(t, "order"), Tote: text.Draw(t, "tote"),
			Pieces: quantity.Pieces(rapid.Int32().Draw(t, "pieces")), Grams: int64(rapid.Int32().Draw(t, "grams")), No: 1, Of: 3, Cold: true}.Label(words))
		bin, err := Bin{Code: code, Zone: text.Draw(t, "zone"), Up: rapid.Bool().Draw(t, "up")}.Label()
		add(bin, err)
		for _, m := range bin.marks {
			if m.kind == textMark && strings.Contains(code, m.text) && m.h < 14*mm && m.y < 30*mm {
				t.Fatalf("the bin's code is %d dots high", m.h)
			}
		}
		add(Item{GTIN: "6972048170035", Name: text.Draw(t, "goods"), SKU: code, Lot: code[:min(20, len(code))], Expiry: &day}.Label(words))
		add(Item{SKU: code, Name: text.Draw(t, "goods")}.Label(words))
		for _, l := range labels {
			for _, m := range l.marks {
				if x, y, w, h := m.extent(t); x < 0 || y < 0 || x+w > l.Width || y+h > l.Height {
					t.Fatalf("label %d×%d: %+v covers %d,%d %d×%d", l.Width, l.Height, m, x, y, w, h)
				}
				if m.kind == textMark && m.h < 20 {
					t.Fatalf("%q is %d dots high", m.text, m.h)
				}
			}
			svg, err := l.SVG()
			if err != nil {
				t.Fatal(err)
			}
			for d := xml.NewDecoder(strings.NewReader(svg)); ; {
				if _, err := d.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%v in %s", err, svg)
				}
			}
			if zpl := ZPL([]Label{l}, Printer{}); strings.Count(zpl, "^XA") != 1 || !strings.HasSuffix(zpl, "^XZ\n") {
				t.Fatal(zpl)
			}
		}
	})
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		in   string
		w, n int
		want string
	}{
		{"上海市浦东新区", 300, 3, "上海市|浦东新|区"},
		{"上海市浦东新区", 300, 2, "上海市|浦东…"},
		{"two words here", 400, 3, "two|words|here"},
		{"unbreakable", 200, 9, "unb|rea|kab|le"},
		{"", 100, 2, ""},
	} {
		if got := strings.Join(wrap(c.in, c.w, 100, c.n), "|"); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}
