package label

import (
	"fmt"
	"strings"
)

// Printer is what ZPL has to know of a label printer.
type Printer struct {
	// Chinese is the name of a font with Chinese letters in the printer's memory, "" for E:SIMSUN.FNT. A printer lists the fonts
	// that it has when it is sent ^XA^HWE:*.*^XZ. Without one, print through the browser.
	Chinese string
	// Copies of each label; 0 is one.
	Copies int
	// Darkness from 1 to 30; 0 leaves what is set at the printer.
	Darkness int
}

// ZPL writes labels as ZPL II for a printer of 203 dpi, in UTF-8.
func ZPL(labels []Label, p Printer) string {
	var b strings.Builder
	for i := range labels {
		labels[i].zpl(&b, p)
	}
	return b.String()
}

func (l *Label) zpl(b *strings.Builder, p Printer) {
	fmt.Fprintf(b, "^XA\n^CI28\n^PW%d\n^LL%d\n^LH0,0\n", l.Width, l.Height)
	if p.Darkness > 0 {
		fmt.Fprintf(b, "~SD%02d\n", min(p.Darkness, 30))
	}
	for _, m := range l.marks {
		switch m.kind {
		case textMark:
			m.zplText(b, p)
		case boxMark:
			line := 2
			if m.filled {
				line = min(m.w, m.h)
			}
			fmt.Fprintf(b, "^FO%d,%d^GB%d,%d,%d^FS\n", m.x, m.y, m.w, m.h, line)
		case code128Mark:
			data, _ := zpl128(m.text)
			fmt.Fprintf(b, "^FO%d,%d^BY%d^BCN,%d,N,N,N^FD%s^FS\n", m.x, m.y, m.module, m.h, data)
		case qrMark:
			// The printer leaves ten dots above a QR code.
			fmt.Fprintf(b, "^FO%d,%d^BQN,2,%d^FH_^FDMA,%s^FS\n", m.x, max(0, m.y-10), min(m.module, 10), hex(m.text))
		case dataMatrixMark:
			// @ stands in no GS1 text: it leads in FNC1.
			fmt.Fprintf(b, "^FO%d,%d^BXN,%d,200,,,,@^FH_^FD%s^FS\n", m.x, m.y, m.module, hex(strings.ReplaceAll(m.text, fnc1, "@1")))
		}
	}
	if p.Copies > 1 {
		fmt.Fprintf(b, "^PQ%d\n", p.Copies)
	}
	b.WriteString("^XZ\n")
}

// zplText writes one line of text. Bold is written twice, two dots apart, as the printer's own font has one weight.
func (m *mark) zplText(b *strings.Builder, p Printer) {
	font := fmt.Sprintf("^A0N,%d,%d", m.h, m.narrow())
	if strings.ContainsFunc(m.text, wide) {
		name := p.Chinese
		if name == "" {
			name = "E:SIMSUN.FNT"
		}
		font = fmt.Sprintf("^A@N,%d,%d,%s", m.h, m.narrow(), name)
	}
	block := ""
	if m.at != left {
		block = fmt.Sprintf("^FB%d,1,0,%s", m.w, [...]string{centre: "C", right: "R"}[m.at])
	}
	for i := range 1 + boolean(m.bold) {
		fmt.Fprintf(b, "^FO%d,%d%s%s^FH_^FD%s^FS\n", m.x+2*i, m.y, font, block, hex(m.text))
	}
}

// narrow gives the width of letters at which the text fits its box.
func (m *mark) narrow() int {
	if w := width(m.text, m.h); w > m.w {
		return max(1, m.h*m.w/w)
	}
	return m.h
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// hex writes what ZPL would read as a command by its number.
func hex(s string) string {
	return strings.NewReplacer("_", "_5F", "^", "_5E", "~", "_7E", `\`, "_5C").Replace(s)
}
